using System.Diagnostics;
using EventDossier.Store;

namespace EventDossier.EndToEnd.Drills;

/// <summary>A process of callers that carry out acts, and one that follows the views; and what was acknowledged to the callers, over all runs.</summary>
/// <param name="first">Number of the first caller; no two processes have one in common.</param>
internal sealed class Callers(string folder, int first, int callers, params (string Name, string Value)[] environment)
{
    private readonly string _acknowledged = Path.Combine(folder, $"acknowledged by {first}");

    public Process Start() => Dossier.Start(["drill", "callers", "--callers", $"{callers}", "--first", $"{first}", "--ack", _acknowledged], environment);

    public Process StartFollower() => Dossier.Start(["follow"], environment);

    /// <summary>Waits until so much more has been acknowledged; a line has some 80 bytes.</summary>
    public async Task MoreAsync(Process callers, int bytes)
    {
        var enough = Size() + bytes;
        await Drill.UntilAsync($"{bytes} bytes more acknowledged", () => callers.HasExited
            ? throw new InvalidOperationException($"the callers gave up: {callers.StandardError.ReadToEnd()}")
            : Task.FromResult(Size() >= enough));
    }

    /// <summary>Lets every caller end what it has begun.</summary>
    public static async Task EndAsync(Process callers)
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{callers.Id}"])) await kill.WaitForExitAsync();
        var ended = await Dossier.EndAsync(callers);
        (ended.Exit, ended.Error).ShouldBe((0, ""));
    }

    /// <summary>Once <see cref="EndAsync"/> has returned for all that acknowledge into the folder: everything acknowledged is in the log where it was said to be, once, and nothing else is.</summary>
    public async Task CheckAsync(string connectionString)
    {
        var all = Directory.EnumerateFiles(folder, "acknowledged by *").SelectMany(File.ReadLines).Select(line => line.Split(' ')).ToList();
        foreach (var caller in all.GroupBy(field => field[0]))
            caller.Select(field => int.Parse(field[1])).ShouldBe(Enumerable.Range(0, caller.Count()), $"the commands of caller {caller.Key}");

        // Of the six acts of a life, the first is the receipt.
        all.Where(field => int.Parse(field[1]) % 6 == 0).Select(field => field[3]).ShouldBeUnique();
        (await Drill.AskAsync<long>(
            connectionString,
            """
            SELECT count(*) FROM unnest(@ids, @codes, @versions, @positions) AS a (id, code, version, position)
            JOIN dossier.mt_events e ON e.id = a.id AND e.stream_id = a.code AND e.version = a.version AND e.seq_id = a.position
            """,
            ("ids", all.Select(field => Uuid.V5(Guid.Parse(field[2]), 0)).ToArray()), ("codes", all.Select(field => field[3]).ToArray()),
            ("versions", all.Select(field => long.Parse(field[4])).ToArray()), ("positions", all.Select(field => long.Parse(field[5])).ToArray())))
            .ShouldBe(all.Count, "acknowledged commands that are in the log");
        (await Drill.AskAsync<long>(connectionString, "SELECT count(*) FROM dossier.mt_events WHERE stream_id NOT LIKE '/%'"))
            .ShouldBe(all.Count, "events in the log, each act having one");
        (await Drill.AskAsync<long>(
            connectionString,
            """
            SELECT count(*) FROM (
                SELECT FROM dossier.mt_streams WHERE type = 'dossier'
                GROUP BY split_part(id, '-', 2) HAVING count(*) <> max(split_part(id, '-', 3)::int)) days
            """)).ShouldBe(0, "days whose numbers have holes");
        await Drill.VerifyAsync(environment);
    }

    private long Size() => new FileInfo(_acknowledged) is { Exists: true } file ? file.Length : 0;
}
