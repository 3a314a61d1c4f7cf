using System.Globalization;
using System.Text.Json;
using EventDossier.Record;
using EventDossier.Store;

namespace EventDossier.Backups;

/// <summary>What is promised of backups, and where they lie.</summary>
/// <param name="Point">Recovery point: no older may the last good backup be, for so much work is lost with the machine.</param>
/// <param name="Time">Recovery time: no longer may a restore take.</param>
/// <param name="Days">So many days keep their last backup.</param>
/// <param name="Months">So many months keep their last backup.</param>
public sealed record BackupPlan(string Folder, TimeSpan Point, TimeSpan Time, int Days, int Months)
{
    /// <summary>All of these are kept.</summary>
    public static readonly TimeSpan All = TimeSpan.FromDays(2);

    /// <summary>A restore that was never tried, or that long ago, is a hope.</summary>
    public static readonly TimeSpan Rehearsed = TimeSpan.FromDays(92);

    /// <param name="get">A setting by its name in the environment.</param>
    /// <returns>Null where no folder is set: then nothing is promised here.</returns>
    /// <exception cref="UserError"><c>bad-setting</c></exception>
    public static BackupPlan? Read(Func<string, string?> get)
    {
        return get("Backup__Folder") is not { Length: > 0 } folder ? null : new(
            Path.GetFullPath(folder), TimeSpan.FromMinutes(Number("Backup__PointMinutes", 60)), TimeSpan.FromMinutes(Number("Backup__TimeMinutes", 240)),
            Number("Backup__Days", 30), Number("Backup__Months", 12));

        int Number(string name, int otherwise) => get(name) is not { Length: > 0 } text ? otherwise
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 525_600 ? number
            : throw new UserError("bad-setting", $"{name} is not a whole number from 1 to 525600");
    }
}

/// <summary>
/// The backups of a centre, each in a folder that is named by its moment, <c>20260504T013000Z</c>. One that is being made has another name, so what has such a name is whole. A good one was read through and hashed as it was made.
/// </summary>
public sealed class BackupShelf(BackupPlan plan, TimeProvider clock)
{
    private const string Names = "yyyyMMdd'T'HHmmss'Z'", Unfinished = "making-", CheckpointFile = "checkpoint", RehearsalFile = "rehearsal.json";
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public BackupPlan Plan => plan;

    /// <param name="At">When it was begun: what was recorded by then is in it.</param>
    public sealed record Entry(DateTimeOffset At, string Folder)
    {
        /// <summary>The last checkpoint that was published when it was begun; null where none was.</summary>
        public string? Checkpoint => File.Exists(Path.Combine(Folder, CheckpointFile)) ? Path.Combine(Folder, CheckpointFile) : null;
    }

    /// <summary>How the last rehearsal of a restore went.</summary>
    /// <param name="Of">The moment of the backup.</param>
    /// <param name="Findings">Of verify, and what kept it from getting so far.</param>
    public sealed record Rehearsal(DateTimeOffset At, DateTimeOffset Of, TimeSpan Took, int Findings);

    /// <summary>The newest first.</summary>
    public IReadOnlyList<Entry> List() => [.. Named("").Where(e => Backup.IsWhole(e.Folder)).OrderByDescending(e => e.At)];

    /// <summary>Of the last good one; null while there is none.</summary>
    public TimeSpan? Age => List() is [var last, ..] ? clock.GetUtcNow() - last.At : null;

    /// <summary>The last is half the recovery point old, so that one that fails can be tried again in time; one that somebody is making counts.</summary>
    public bool IsDue() => List().Concat(Named(Unfinished)).MaxBy(e => e.At) is not { } last || clock.GetUtcNow() - last.At >= plan.Point / 2;

    private IEnumerable<Entry> Named(string prefix) => !Directory.Exists(plan.Folder) ? [] :
        Directory.EnumerateDirectories(plan.Folder, $"{prefix}*").Select(folder => DateTimeOffset.TryParseExact(
            Path.GetFileName(folder)[prefix.Length..], Names, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? new Entry(at, folder) : null).OfType<Entry>();

    /// <summary>What is promised and does not hold; null while all does.</summary>
    public async Task<string?> FaultAsync(CancellationToken cancel = default)
    {
        if (List() is not [var last, ..])
            return $"there is no backup in {plan.Folder}";
        if (clock.GetUtcNow() - last.At is var age && age > plan.Point)
            return string.Create(CultureInfo.InvariantCulture, $"the last good backup is of {last.At:yyyy-MM-dd HH:mm} UTC, {age.TotalMinutes:0} minutes old; {plan.Point.TotalMinutes:0} are promised");
        return await RehearsalAsync(cancel) switch
        {
            null => "no restore was rehearsed yet",
            { Findings: > 0 } failed => $"the rehearsal of {failed.At:yyyy-MM-dd HH:mm} UTC found something",
            var old when clock.GetUtcNow() - old.At > BackupPlan.Rehearsed => $"a restore was last rehearsed on {old.At:yyyy-MM-dd}",
            var slow when slow.Took > plan.Time => string.Create(CultureInfo.InvariantCulture, $"the last restore took {slow.Took.TotalMinutes:0} minutes; {plan.Time.TotalMinutes:0} are promised"),
            _ => null,
        };
    }

    /// <summary>Makes one and takes away what need not be kept any more.</summary>
    /// <param name="signingKeyFile">Beside it stands the last published checkpoint.</param>
    /// <returns>The new one, and how many were taken away.</returns>
    public async Task<(Entry Made, BackupManifest Events, int Removed)> MakeAsync(BackupPlace from, string signingKeyFile, CancellationToken cancel = default)
    {
        Directory.CreateDirectory(plan.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var at = clock.GetUtcNow();
        var name = at.ToString(Names, CultureInfo.InvariantCulture);
        var (making, made) = (Path.Combine(plan.Folder, Unfinished + name), Path.Combine(plan.Folder, name));
        try
        {
            // Read first: whatever was published by now is in the backup.
            var published = await RecordSealer.KeptAsync(signingKeyFile, cancel);
            var (events, _) = await Backup.MakeAsync(from, making, clock, cancel);
            if (published is not null)
                await DurableFile.WriteAsync(Path.Combine(making, CheckpointFile), System.Text.Encoding.UTF8.GetBytes($"{published}"), cancel);
            Directory.Move(making, made);
            DurableFile.FlushFolder(plan.Folder);
            return (List().First(e => e.Folder == made), events, Prune());
        }
        catch
        {
            if (Directory.Exists(making))
                Directory.Delete(making, recursive: true);
            throw;
        }
    }

    /// <summary>Those that no rule keeps: all of two days, the last of each of some days and months, and always the last good one.</summary>
    public static IReadOnlyList<Entry> ToRemove(IReadOnlyList<Entry> newestFirst, BackupPlan plan, DateTimeOffset now)
    {
        var kept = newestFirst.Take(1).Concat(newestFirst.Where(e => now - e.At <= BackupPlan.All))
            .Concat(newestFirst.GroupBy(e => e.At.UtcDateTime.Date).Take(plan.Days).Select(day => day.First()))
            .Concat(newestFirst.GroupBy(e => (e.At.UtcDateTime.Year, e.At.UtcDateTime.Month)).Take(plan.Months).Select(month => month.First())).ToHashSet();
        return [.. newestFirst.Where(e => !kept.Contains(e))];
    }

    public async Task<Rehearsal?> RehearsalAsync(CancellationToken cancel = default) => Path.Combine(plan.Folder, RehearsalFile) is var file && File.Exists(file)
        ? JsonSerializer.Deserialize<Rehearsal>(await File.ReadAllBytesAsync(file, cancel), _json) : null;

    public Task RehearsedAsync(Rehearsal rehearsal, CancellationToken cancel = default) =>
        DurableFile.WriteAsync(Path.Combine(plan.Folder, RehearsalFile), JsonSerializer.SerializeToUtf8Bytes(rehearsal, _json), cancel);

    private int Prune()
    {
        var old = ToRemove(List(), plan, clock.GetUtcNow());
        foreach (var entry in old)
            Directory.Delete(entry.Folder, recursive: true);
        // What a process that died left unfinished is in nobody's way for two days.
        foreach (var left in Directory.EnumerateDirectories(plan.Folder, $"{Unfinished}*").Where(f => clock.GetUtcNow().UtcDateTime - Directory.GetLastWriteTimeUtc(f) > BackupPlan.All).ToList())
            Directory.Delete(left, recursive: true);
        return old.Count;
    }
}
