using Npgsql;

namespace EventDossier.Store;

/// <summary>What each edition does in its own way, beneath what all have in common; this one is the default edition. A program built with another names it before anything else runs (ADR 23).</summary>
public class Edition
{
    /// <summary>The edition of this process.</summary>
    public static Edition Current { get; set; } = new();

    public virtual string Name => "default";

    /// <param name="sample">The database takes simulated recorded times.</param>
    public virtual NpgsqlEventLog OpenLog(NpgsqlDataSource log, EventNames names, TimeProvider clock, bool sample) => new(log, names, clock, sample);

    /// <summary>Adds what the edition's libraries need beside our tables, as the database's owner. Safe to run twice, and by two at once.</summary>
    public virtual Task MigrateAsync(string ownerConnection, CancellationToken cancel) => Task.CompletedTask;
}
