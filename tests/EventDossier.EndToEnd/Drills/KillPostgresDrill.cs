using System.Diagnostics;
using EventDossier.Store;

namespace EventDossier.EndToEnd.Drills;

[Collection(Drill.OneAtATime)]
public sealed class KillPostgresDrill : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("eventdossier-drill-").FullName;
    private readonly Random random = new(20260426);
    private string Data => Path.Combine(folder, "data");

    public Task InitializeAsync()
    {
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await Dossier.RunAsync("db", "stop", "--data", Data);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Callers_outlive_a_killed_server_and_what_was_acknowledged_to_them_is_in_the_log_once()
    {
        var here = ("EVENTDOSSIER_DATA", Data);
        (await Dossier.RunAsync(["db", "start"], here)).Exit.ShouldBe(0);
        (await Dossier.RunAsync(["migrate"], here)).Exit.ShouldBe(0);
        var load = new Callers(folder, 0, 32, here);
        using var follower = load.StartFollower();
        using var callers = load.Start();
        for (var round = 0; round < Drill.Rounds(inTests: 1); round++)
        {
            await load.MoreAsync(callers, random.Next(1, 100_000));
            await KillServerAsync();
            var started = await Dossier.RunAsync(["db", "start"], here);
            started.Exit.ShouldBe(0, started.Error);
        }
        await load.MoreAsync(callers, 10_000);
        await Callers.EndAsync(callers);

        follower.HasExited.ShouldBeFalse("it follows whatever happens to the server");
        await Drill.UntilAsync("the follower has caught up all views by itself", async () =>
            await Drill.AskAsync<long>(await ServerAsync(), "SELECT (SELECT max(seq_id) FROM dossier.mt_events) - min(last_seq_id) FROM dossier.mt_event_progression WHERE name <> 'dossier:outbox'") == 0);
        await Drill.KillAsync(follower);
        await load.CheckAsync(await ServerAsync());
    }

    private async Task<string> ServerAsync()
    {
        await using var cluster = (await Cluster.JoinAsync(Data))!;
        return cluster.ConnectionString + ";Pooling=false";
    }

    /// <summary>The postmaster and its children, found before the first dies; nobody gets to say goodbye.</summary>
    private async Task KillServerAsync()
    {
        string server;
        await using (var cluster = (await Cluster.JoinAsync(Data))!) server = cluster.Folder;
        var postmaster = int.Parse(File.ReadLines(Path.Combine(server, "data", "postmaster.pid")).First());
        var all = Process.GetProcesses().Where(p => p.Id == postmaster || ParentOf(p.Id) == postmaster).OrderBy(p => p.Id != postmaster).ToList();
        foreach (var process in all)
        {
            process.Kill();
            process.Dispose();
        }
    }

    private static int ParentOf(int process)
    {
        try
        {
            // pid (name) state parent …; the name may hold anything.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1]);
        }
        catch (IOException)
        {
            return 0; // It ended while we looked.
        }
    }
}
