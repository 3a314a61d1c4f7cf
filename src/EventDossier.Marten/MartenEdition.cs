using EventDossier.Store;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Weasel.Core.Migrations;
using Weasel.Postgresql;
using Weasel.Postgresql.Functions;
using Wolverine;
using Wolverine.Marten;
using Wolverine.Persistence.Durability;

namespace EventDossier.Marten;

/// <summary>The edition on Marten: the same tables and the same behaviour, written by Marten.</summary>
public sealed class MartenEdition : Edition
{
    /// <summary>Of Wolverine's tables: acts that were taken in, and those given up.</summary>
    public const string Acts = "dossier_acts";

    public override string Name => "Marten";

    public override NpgsqlEventLog OpenLog(NpgsqlDataSource log, EventNames names, TimeProvider clock, bool sample) =>
        new MartenEventLog(log, names, clock, sample);

    /// <summary>Marten's functions. Our tables are as it wants them, and its others the product doesn't need.</summary>
    public override async Task MigrateAsync(string ownerConnection, CancellationToken cancel)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMarten(options =>
        {
            options.Connection(ownerConnection);
            options.UseEventDossier(ProductEvents.Names);
        }).IntegrateWithWolverine(wolverine => wolverine.MessageStorageSchemaName = Acts);
        builder.Services.AddWolverine(ExtensionDiscovery.ManualOnly, o => o.Discovery.DisableConventionalDiscovery());
        using var libraries = builder.Build(); // asked what they want, and not started
        await libraries.Services.GetRequiredService<IMessageStore>().Admin.MigrateAsync();

        await using var text = new StringWriter { NewLine = "\n" };
        await text.WriteLineAsync(
            $"""
            SELECT pg_advisory_xact_lock(72614351); -- two that create one function at once fail
            GRANT USAGE ON SCHEMA {Acts} TO dossier_app;
            GRANT INSERT, SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {Acts} TO dossier_app;
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA {Acts} TO dossier_app;
            """);
        var store = (DocumentStore)libraries.Services.GetRequiredService<IDocumentStore>();
        foreach (var function in ((IFeatureSchema)store.Options.Events).Objects.OfType<Function>())
            function.WriteCreateStatement(new PostgresqlMigrator(), text);
        await using var owner = NpgsqlDataSource.Create(ownerConnection);
        await using var command = owner.CreateCommand(text.ToString());
        await command.ExecuteNonQueryAsync(cancel);
    }
}
