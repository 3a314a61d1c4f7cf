using System.CommandLine;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Cli;

/// <summary>Each family of verbs is a static class with one method, Commands(); a new one is a line here.</summary>
internal static class Verbs
{
    public static IEnumerable<Command> All() =>
    [
        .. DbVerbs.Commands(),
        .. ReferenceVerbs.Commands(),
        .. SchemaVerbs.Commands(),
        .. ProcedureVerbs.Commands(),
        .. CalendarVerbs.Commands(),
        .. OrganisationVerbs.Commands(),
        .. ImportVerbs.Commands(),
        .. ExportVerbs.Commands(),
        .. ActVerbs.Commands(),
        .. DossierVerbs.Commands(),
        .. DeadlineVerbs.Commands(),
        .. AlertVerbs.Commands(),
        .. AuditVerbs.Commands(),
        .. ReplayVerbs.Commands(),
        .. ProcessVerbs.Commands(),
        .. RecordVerbs.Commands(),
        .. PackVerbs.Commands(),
        .. FiguresVerbs.Commands(),
        .. ReleaseVerbs.Commands(),
        .. SimulateVerbs.Commands(),
        .. ApplicantVerbs.Commands(),
        .. BackupVerbs.Commands(),
        .. ArchiveVerbs.Commands(),
        .. RetentionVerbs.Commands(),
        .. DoctorVerbs.Commands(),
        .. DeliveryVerbs.Commands(),
        .. PortalVerbs.Commands(),
        .. OutageVerbs.Commands(),
        .. CutOverVerbs.Commands(),
        .. PeakVerbs.Commands(),
        .. AuthorityRequestVerbs.Commands(),
        .. ComplaintVerbs.Commands(),
        .. QuestionnaireVerbs.Commands(),
        .. Bench.BenchVerbs.Commands(),
        .. DrillVerbs.Commands(),
    ];
}

/// <summary>A migrated database in use by a verb.</summary>
internal sealed class OpenDatabase(DatabaseLease lease, Database database) : IAsyncDisposable
{
    public Database Database => database;

    public static async Task<OpenDatabase> OfAsync(Run run)
    {
        var lease = await run.OpenDatabaseAsync();
        try
        {
            var database = await Database.OpenAsync(lease.ConnectionString, ProductEvents.Names, run.Time, run.Cancel);
            if (database.IsSample)
                await Console.Error.WriteLineAsync("SAMPLE: simulated dossiers, not the centre's");
            return new(lease, database);
        }
        catch
        {
            await lease.DisposeAsync();
            throw;
        }
    }

    /// <summary>The views have taken everything that the log holds now.</summary>
    public async Task CatchUpAsync(CancellationToken cancel) =>
        await new Views(ProductViews.All, database).CatchUpAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        await lease.DisposeAsync();
    }
}

/// <summary>The key store of a database in use by a verb.</summary>
internal sealed class OpenKeys(DatabaseLease lease, KeyStore keys) : IAsyncDisposable
{
    public KeyStore Keys => keys;

    public static async Task<OpenKeys> OfAsync(Run run, Database database, byte[]? sampleSeed = null)
    {
        var lease = await DatabaseLease.OpenKeysAsync(run.Data, run.Sample, run.Time, run.Cancel);
        try
        {
            return new(lease, await KeyStore.OpenAsync(lease.ConnectionString, Cluster.DataFolder(run.Data), database, sampleSeed, run.Cancel));
        }
        catch
        {
            await lease.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await keys.DisposeAsync();
        await lease.DisposeAsync();
    }
}

/// <summary>The key store, opened when it is first asked for.</summary>
internal sealed class KeysOnDemand(Run run, Database database) : IAsyncDisposable
{
    private OpenKeys? _keys;

    public async Task<KeyStore> OpenAsync() => (_keys ??= await OpenKeys.OfAsync(run, database)).Keys;

    public ValueTask DisposeAsync() => _keys?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>Times as people type them.</summary>
internal static class Moments
{
    /// <summary>RFC 3339, or a date or local time of the centre: <c>2026-05-06</c> is its beginning.</summary>
    public static DateTimeOffset Parse(string text, string option) => CentreTime.Read(text)
        ?? throw new WrongUseException($"{option}: '{text}' is not a time; write 2026-05-06, 2026-05-06T17:00 (the centre's time) or 2026-05-06T17:00:00+07:00");

    public static DateTimeOffset? Parse(Run run, Option<string?> option) =>
        run.Arguments.GetValue(option) is { } text ? Parse(text, option.Name) : null;

    /// <summary>In the centre's own time.</summary>
    public static DateTimeOffset Now(Run run) => WorkCalendar.Vietnam.Local(run.Time.GetUtcNow());

    /// <summary>As a table shows it, in the centre's time.</summary>
    public static string Show(DateTimeOffset? at) => at is { } moment ? CentreTime.Show(moment) : "";
}

/// <summary>The options of a question about the past, and how it is asked.</summary>
internal static class Past
{
    public static readonly Option<string?> AsOf = new("--as-of") { Description = "Only what had happened by then (legal time)", HelpName = "T" };
    public static readonly Option<string?> KnownAt = new("--known-at") { Description = "Only what was recorded by then", HelpName = "K" };
    public static readonly Option<long?> Position = new("--position") { Description = "Only the log up to this position", HelpName = "P" };

    /// <summary>Null where nothing of the kind is asked.</summary>
    public static AsOf? Of(Run run, Option<string?>? asOf = null) =>
        new AsOf(Moments.Parse(run, asOf ?? AsOf), Moments.Parse(run, KnownAt), Position: run.Arguments.GetValue(Position)) is var past && past == new AsOf() ? null : past;
}

/// <summary>The arguments are understood, but make no sense: exit 2.</summary>
internal sealed class WrongUseException(string message) : Exception(message);
