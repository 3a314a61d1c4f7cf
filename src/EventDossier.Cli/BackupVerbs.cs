using System.CommandLine;
using System.Text;
using EventDossier.Applicants;
using EventDossier.Backups;
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

    public static IEnumerable<Command> Commands() =>
    [
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
