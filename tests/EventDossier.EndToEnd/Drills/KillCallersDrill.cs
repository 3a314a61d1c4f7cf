using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Drills;

[Collection(Drill.OneAtATime)]
public sealed class KillCallersDrill(TestDatabase database) : IClassFixture<TestDatabase>, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("eventdossier-drill-").FullName;
    private readonly Random random = new(20260425);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task What_was_acknowledged_to_callers_killed_at_any_moment_is_in_the_log_once()
    {
        (await Dossier.RunAsync(database, "migrate")).Exit.ShouldBe(0);
        // Two processes number the dossiers of one agency, and one goes on while the other is killed.
        Callers[] loads = [new(folder, 0, 16, Dossier.On(database)), new(folder, 16, 16, Dossier.On(database))];
        var callers = loads.Select(load => load.Start()).ToArray();
        var follower = loads[0].StartFollower();
        for (var round = 0; round < Drill.Rounds(inTests: 2); round++)
        {
            var victim = round % 2;
            await loads[victim].MoreAsync(callers[victim], random.Next(1, 100_000));
            await Drill.KillAsync(callers[victim]);
            callers[victim].Dispose();
            callers[victim] = loads[victim].Start();
            if (round % 2 == 0)
            {
                await Drill.KillAsync(follower);
                follower.Dispose();
                follower = loads[0].StartFollower();
            }
        }

        foreach (var (load, last) in loads.Zip(callers))
        {
            await load.MoreAsync(last, 1);
            await Callers.EndAsync(last);
            last.Dispose();
        }
        await Drill.KillAsync(follower);
        follower.Dispose();
        await loads[0].CheckAsync(database.ConnectionString);
    }
}
