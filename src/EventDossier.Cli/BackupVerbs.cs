using System.CommandLine;
using System.Globalization;
using System.Text;
using EventDossier.Applicants;
using EventDossier.Backups;
using EventDossier.Record;
using EventDossier.Store;

namespace EventDossier.Cli;

/// <summary><c>backup</c>, <c>restore</c> and <c>keys</c>: what must not be lost, and who keeps it.</summary>
internal static class BackupVerbs
{
    private static readonly Argument<string> To = new("DIR") { Description = "A new or empty folder; gets the folders events and keys" };
    private static readonly Argument<string> From = new("DIR") { Description = "The folder that holds the folders events and keys" };
    private static readonly Option<string?> KeysFrom = new("--keys") { Description = "Where the folder keys is, if it is kept apart", HelpName = "DIR" };
    private static readonly Argument<string> FirstShare = new("SHARE1") { Description = "File of one custodian" };
    private static readonly Argument<string> SecondShare = new("SHARE2") { Description = "File of the other" };

    private static readonly Option<bool> IfDue = new("--if-due") { Description = "Only where the last one is half as old as the stated recovery point" };
    private static readonly Argument<string?> Rehearsed = new("DIR") { Description = "The backup; else the newest of the shelf", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string[]> Published = new("--checkpoint") { Description = "A checkpoint that was published, besides the one in the backup; again for more of them", HelpName = "FILE" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("backups", "The shelf of backups that Backup__Folder names, as the timetable keeps it")
        {
            new Command("list", "What lies there, and whether what is promised holds (exit 1 if not)").Does(ListAsync),
            new Command("make", "Makes one, and takes away what no rule keeps; the server does it too") { IfDue }.Does(MakeAsync),
            new Command("rehearse", "Restores one on clusters of its own, times it, and verifies it with the checkpoints that were published (exit 1 for a finding)") { Rehearsed, Published }.Does(RehearseAsync),
        },
        new Command("backup", "Copies events, documents and keys into a folder, with a manifest of hashes; the master key is not in it") { To }.Does(BackupAsync),
        new Command("restore", "Restores both stores into empty databases, verified, with every erasure known since carried out") { From, KeysFrom }.Does(RestoreAsync),
        new Command("keys", "The master key, which wraps every applicant's key")
        {
            new Command("split", "Writes the master key as two shares for two custodians; one alone says nothing") { FirstShare, SecondShare }.Does(SplitAsync),
            new Command("join", "Makes the master key's file from the two shares") { FirstShare, SecondShare }.Does(JoinAsync),
            new Command("change", "Wraps every key under a new master key: what was erased is then closed to old copies too. Split the new one").Does(ChangeAsync),
        },
    ];

    private static async Task<int> BackupAsync(Run run)
    {
        await using var events = await run.OpenDatabaseAsync();
        await using var keys = await DatabaseLease.OpenKeysAsync(run.Data, run.Sample, run.Time, run.Cancel);
        await OpenedOnceAsync(run);
        var (e, k) = await Backup.MakeAsync(PlaceOf(run, events, keys), Path.GetFullPath(run.Arguments.GetValue(To)!), run.Time, run.Cancel);
        Answer(run, e, k, "backed up");
        return 0;
    }

    /// <summary>A key store that nobody has used yet has no tables to back up.</summary>
    private static async Task OpenedOnceAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = await OpenKeys.OfAsync(run, open.Database);
    }

    private static async Task<int> RestoreAsync(Run run)
    {
        var from = Path.GetFullPath(run.Arguments.GetValue(From)!);
        var keysFrom = run.Arguments.GetValue(KeysFrom) is { } apart ? Path.GetFullPath(apart) : Backup.KeysIn(from);
        await using var events = await run.OpenDatabaseAsync();
        await using var keys = await DatabaseLease.OpenKeysAsync(run.Data, run.Sample, run.Time, run.Cancel);
        var (e, k) = await Backup.RestoreAsync(PlaceOf(run, events, keys), Backup.EventsIn(from), keysFrom, run.Time, run.Cancel);
        Answer(run, e, k, "restored");
        return 0;
    }

    private static BackupShelf Shelf(Run run) => new(BackupPlan.Read(Environment.GetEnvironmentVariable)
        ?? throw new UserError("no-shelf", "Backup__Folder is not set: there is no shelf of backups"), run.Time);

    private static async Task<int> ListAsync(Run run)
    {
        var shelf = Shelf(run);
        var (entries, fault, rehearsal) = (shelf.List(), await shelf.FaultAsync(run.Cancel), await shelf.RehearsalAsync(run.Cancel));
        run.Output.Answer(new { backups = entries.Select(e => new { e.At, e.Folder, checkpoint = e.Checkpoint is not null }), rehearsal, fault }, () =>
        {
            run.Output.Table(["begun", "folder", "checkpoint"], entries.Select(e => new[] { Moments.Show(e.At), e.Folder, e.Checkpoint is null ? "" : "yes" }));
            if (rehearsal is { } r)
                run.Output.Line(string.Create(CultureInfo.InvariantCulture, $"restore rehearsed {Moments.Show(r.At)}: {r.Took.TotalSeconds:0} s, {Output.Count(r.Findings, "finding")}"));
            run.Output.Line(fault ?? "what is promised holds");
        });
        return fault is null ? 0 : 1;
    }

    private static async Task<int> MakeAsync(Run run)
    {
        var shelf = Shelf(run);
        if (run.Arguments.GetValue(IfDue) && !shelf.IsDue())
        {
            run.Output.Answer(new { made = (string?)null, removed = 0 }, () => run.Output.Line("the last one is young enough"));
            return 0;
        }
        await using var events = await run.OpenDatabaseAsync();
        await using var keys = await DatabaseLease.OpenKeysAsync(run.Data, run.Sample, run.Time, run.Cancel);
        await OpenedOnceAsync(run);
        var (made, manifest, removed) = await shelf.MakeAsync(PlaceOf(run, events, keys), RecordKeys.FileIn(Cluster.DataFolder(run.Data), run.Sample), run.Cancel);
        run.Output.Answer(new { made = made.Folder, events = manifest, removed }, () => run.Output.Line(
            $"{made.Folder}: {Output.Count(manifest.Counts["events"], "event")} up to position {manifest.LastPosition}; {Output.Count(removed, "older backup")} removed"));
        return 0;
    }

    /// <summary>As on a machine that has the backup, the master key and nothing else.</summary>
    private static async Task<int> RehearseAsync(Run run)
    {
        var (shelf, named) = (BackupPlan.Read(Environment.GetEnvironmentVariable) is { } plan ? new BackupShelf(plan, run.Time) : null, run.Arguments.GetValue(Rehearsed));
        var entry = named is not null ? new BackupShelf.Entry(default, Path.GetFullPath(named)) : Shelf(run).List() is [var newest, ..] ? newest : throw new UserError("no-backup", "the shelf is empty");
        var master = MasterKey.Load(MasterKeyFile(run)) ?? throw new UserError("master-key-missing", $"{MasterKeyFile(run)} is missing");
        var published = new List<(SignedCheckpoint, string)>();
        foreach (var file in (string[])[.. entry.Checkpoint is { } own ? [own] : (string[])[], .. run.Arguments.GetValue(Published) ?? []])
            published.Add((SignedCheckpoint.Parse(await File.ReadAllTextAsync(file, run.Cancel), file), file));
        // These name places of this machine, and a rehearsal keeps to its own.
        foreach (var own in (string[])["EVENTDOSSIER_MASTER_KEY_FILE", "EVENTDOSSIER_DOCUMENTS", "EVENTDOSSIER_SIGNING_KEY_FILE"])
            Environment.SetEnvironmentVariable(own, null);
        var scratch = Path.Combine(Path.GetTempPath(), $"eventdossier-rehearsal-{Environment.ProcessId}");
        var result = await RestoreRehearsal.RunAsync(
            Backup.EventsIn(entry.Folder), Backup.KeysIn(entry.Folder), master, scratch, run.Sample, published, run.Time,
            step => { if (!run.Arguments.GetValue(CommandLine.Json)) Say(step); }, run.Cancel);
        if (named is null)
            await shelf!.RehearsedAsync(new(run.Time.GetUtcNow(), entry.At, result.Took, result.Findings.Count), run.Cancel);
        run.Output.Answer(new { backup = entry.Folder, seconds = result.Took.TotalSeconds, steps = result.Steps.Select(s => new { s.Name, seconds = s.Took.TotalSeconds }), checkpoints = published.Count, result.Findings }, () =>
        {
            foreach (var f in result.Findings)
                run.Output.Line($"{f.Kind}: expected {f.Expected}, found {f.Actual}");
            run.Output.Line(string.Create(CultureInfo.InvariantCulture,
                $"{entry.Folder}: {Output.Count(result.Events.Counts["events"], "event")} restored and verified with {Output.Count(published.Count, "checkpoint")} in {result.Took.TotalSeconds:0.0} s: {(result.Findings.Count == 0 ? "nothing found" : Output.Count(result.Findings.Count, "finding"))}"));
        });
        return result.Findings.Count == 0 ? 0 : 1;

        void Say(RestoreRehearsal.Step step) => run.Output.Line(string.Create(CultureInfo.InvariantCulture, $"{step.Took.TotalSeconds,8:0.0} s  {step.Name}"));
    }

    private static async Task<int> SplitAsync(Run run)
    {
        var file = MasterKeyFile(run);
        var key = MasterKey.Load(file) ?? throw new UserError("master-key-missing", $"{file} is missing");
        var (first, second) = KeyShares.Split(key);
        foreach (var (argument, share) in ((Argument<string>, string)[])[(FirstShare, first), (SecondShare, second)])
        {
            // A share of the key in force before may be the last one of its kind.
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
            await using var to = new FileStream(run.Arguments.GetValue(argument)!, options);
            await to.WriteAsync(Encoding.ASCII.GetBytes(share), run.Cancel);
            to.Flush(flushToDisk: true);
        }
        Fingerprint(run, key);
        return 0;
    }

    private static async Task<int> JoinAsync(Run run)
    {
        var file = MasterKeyFile(run);
        var key = KeyShares.Join(
            await File.ReadAllTextAsync(run.Arguments.GetValue(FirstShare)!, run.Cancel), await File.ReadAllTextAsync(run.Arguments.GetValue(SecondShare)!, run.Cancel));
        if (File.Exists(file))
            throw new UserError("master-key-exists", $"{file} exists: move it away first, unless it is the one that is needed");
        await key.SaveAsync(file);
        Fingerprint(run, key);
        return 0;
    }

    private static async Task<int> ChangeAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = await OpenKeys.OfAsync(run, open.Database);
        var changed = await keys.Keys.ChangeMasterKeyAsync(run.Cancel);
        run.Output.Answer(new { keys = changed }, () => run.Output.Line(
            $"{Output.Count(changed, "key")} under a new master key: split it for the custodians, make a backup, then destroy the old shares and the older backups of the keys"));
        return 0;
    }

    private static void Fingerprint(Run run, MasterKey key)
    {
        var fingerprint = Convert.ToHexStringLower(key.Fingerprint);
        run.Output.Answer(new { fingerprint }, () => run.Output.Line($"master key {fingerprint}"));
    }

    private static string MasterKeyFile(Run run) => MasterKey.FileIn(Cluster.DataFolder(run.Data), run.Sample);

    private static BackupPlace PlaceOf(Run run, DatabaseLease events, DatabaseLease keys) =>
        new(events.ConnectionString, keys.ConnectionString, Cluster.DataFolder(run.Data), run.Sample);

    private static void Answer(Run run, BackupManifest events, BackupManifest keys, string done) => run.Output.Answer(new { events, keys }, () => run.Output.Line(
        $"{done} and verified: {Output.Count(events.Counts["events"], "event")} up to position {events.LastPosition}, {Output.Count(events.Counts["documents"], "document")}, {Output.Count(keys.Counts["applicants"], "applicant")} (erased: {keys.Counts["erased"]})"));
}
