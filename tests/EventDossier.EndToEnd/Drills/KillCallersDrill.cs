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
        var load = new Callers(folder, Dossier.On(database));
        var follower = load.StartFollower();
        for (var round = 0; round < Drill.Rounds(inTests: 2); round++)
        {
            using var callers = load.Start();
            await load.MoreAsync(callers, random.Next(1, 100_000));
            await Drill.KillAsync(callers);
            if (round % 2 == 0)
            {
                await Drill.KillAsync(follower);
                follower.Dispose();
                follower = load.StartFollower();
            }
        }

        using var last = load.Start();
        await load.MoreAsync(last, 1);
        await Callers.EndAsync(last);
        await Drill.KillAsync(follower);
        follower.Dispose();
        await load.CheckAsync(database.ConnectionString);
    }
}
