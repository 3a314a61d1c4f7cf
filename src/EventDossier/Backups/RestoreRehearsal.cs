using EventDossier.Applicants;
using EventDossier.Audit;
using EventDossier.Documents;
using EventDossier.Record;
using EventDossier.Store;

namespace EventDossier.Backups;

/// <summary>
/// A restore on databases of its own that nobody else knows, from a backup alone and the master key, timed step by step, and held against what was published. What is made for it is taken away again.
/// </summary>
public static class RestoreRehearsal
{
    /// <param name="Findings">Of <c>verify</c> with the checkpoints given; empty where all is there.</param>
    public sealed record Result(IReadOnlyList<Step> Steps, TimeSpan Took, BackupManifest Events, IReadOnlyList<Finding> Findings);

    public sealed record Step(string Name, TimeSpan Took);

    /// <param name="master">Of the backup: from the machine, or joined by the custodians.</param>
    /// <param name="scratch">Gets two private clusters, and is removed.</param>
    /// <param name="published">Checkpoints that were published, each with the place it was found.</param>
    /// <param name="told">Told of each step as it is done.</param>
    /// <exception cref="UserError">As <see cref="Backup.RestoreAsync"/>.</exception>
    public static async Task<Result> RunAsync(
        string eventsFolder, string keysFolder, MasterKey master, string scratch, bool sample, IReadOnlyList<(SignedCheckpoint Checkpoint, string Place)> published, TimeProvider clock,
        Action<Step>? told = null, CancellationToken cancel = default)
    {
        var (steps, began) = (new List<Step>(), clock.GetTimestamp());
        var masterFile = MasterKey.FileIn(scratch, sample);
        if (!masterFile.StartsWith(scratch, StringComparison.Ordinal) || !DocumentFolder.FolderIn(scratch, sample).StartsWith(scratch, StringComparison.Ordinal))
            throw new InvalidOperationException("a rehearsal would write into the machine's own folders, which settings name");
        Directory.CreateDirectory(scratch, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            var name = sample ? Cluster.SampleDatabase : Cluster.DefaultDatabase;
            await using var events = await StepAsync("events cluster", () => Cluster.OpenAsync(scratch, clock, name, cancel: cancel));
            await using var keys = await StepAsync("keys cluster", () => Cluster.OpenAsync(Cluster.KeysFolder(scratch), clock, name, Cluster.KeySettings, cancel));
            await master.SaveAsync(masterFile);
            var place = new BackupPlace(events.ConnectionString, keys.ConnectionString, scratch, sample);
            var (manifest, _) = await StepAsync("restore", () => Backup.RestoreAsync(place, eventsFolder, keysFolder, clock, cancel));
            await using var database = await Database.OpenAsync(events.ConnectionString, ProductEvents.Names, clock, cancel);
            var findings = await StepAsync("verify", () => VerifyAsync(database, published, cancel));
            Npgsql.NpgsqlConnection.ClearAllPools();
            return new(steps, clock.GetElapsedTime(began), manifest, findings);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }

        async Task<T> StepAsync<T>(string step, Func<Task<T>> work)
        {
            var from = clock.GetTimestamp();
            var done = await work();
            steps.Add(new(step, clock.GetElapsedTime(from)));
            told?.Invoke(steps[^1]);
            return done;
        }
    }

    private static async Task<IReadOnlyList<Finding>> VerifyAsync(Database database, IReadOnlyList<(SignedCheckpoint, string)> published, CancellationToken cancel)
    {
        var verification = new Verification(database);
        await verification.StreamsAsync(cancel);
        await verification.FoldsAsync(cancel: cancel);
        await verification.ViewsAsync(ProductViews.All, cancel);
        return [.. verification.Report.Findings, .. (await new RecordVerification(database, published).RunAsync(cancel: cancel)).Findings];
    }
}
