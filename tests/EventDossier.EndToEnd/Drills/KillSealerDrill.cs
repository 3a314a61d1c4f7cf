using EventDossier.Record;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Drills;

[Collection(Drill.OneAtATime)]
public sealed class KillSealerDrill(TestDatabase database) : IClassFixture<TestDatabase>, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("eventdossier-drill-").FullName;
    private readonly Random random = new(20261122);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Sealers_killed_at_any_moment_under_load_leave_one_history_that_only_grew()
    {
        var here = Dossier.On(database);
        (await Dossier.RunAsync(database, "migrate")).Exit.ShouldBe(0);
        var load = new Callers(folder, 0, 32, here);
        using var callers = load.Start();
        // One seals, and the other waits for its lock.
        var sealers = Enumerable.Range(0, 2).Select(_ => Dossier.Start(["seal"], here)).ToArray();
        var published = new List<string>();
        for (var round = 0; round < Drill.Rounds(inTests: 4); round++)
        {
            var before = await LeavesAsync();
            await Drill.UntilAsync("something is sealed", async () => sealers.All(sealer => sealer.HasExited)
                ? throw new InvalidOperationException($"the sealers gave up: {await sealers[0].StandardError.ReadToEndAsync()}") : await LeavesAsync() > before);
            var victim = round % 2;
            await Drill.KillAfterAsync(sealers[victim], TimeSpan.FromMilliseconds(random.Next(400)));
            sealers[victim].Dispose();
            published.Add(await KeepAsync(round));
            sealers[victim] = Dossier.Start(["seal"], here);
        }

        await load.MoreAsync(callers, 1);
        await Callers.EndAsync(callers);
        foreach (var sealer in sealers)
        {
            await Drill.KillAsync(sealer);
            sealer.Dispose();
        }
        (await Dossier.RunAsync(database, "seal", "--once")).ShouldSatisfyAllConditions(seal => seal.Exit.ShouldBe(0, seal.Error));
        (await LeavesAsync()).ShouldBe(await Drill.AskAsync<long>(database.ConnectionString, "SELECT count(*) FROM dossier.mt_events"), "a leaf for every event");
        await load.CheckAsync(database.ConnectionString);
        // What was the newest checkpoint as each was killed, in the database and beside the key, is borne out by the tree of the end.
        var verify = await Dossier.RunAsync(database, ["verify", "--tree", .. published.SelectMany(file => (string[])["--checkpoint", file])]);
        verify.Exit.ShouldBe(0, verify.Output + verify.Error);
        verify.Output.ShouldContain("nothing found");
    }

    private Task<long> LeavesAsync() => Drill.AskAsync<long>(database.ConnectionString, "SELECT count(*) FROM dossier_record.leaf");

    private async Task<string> KeepAsync(int round)
    {
        var file = Path.Combine(folder, $"checkpoint {round}");
        await File.WriteAllTextAsync(file, await Drill.AskAsync<string>(database.ConnectionString, "SELECT note FROM dossier_record.checkpoint ORDER BY size DESC LIMIT 1"));
        var kept = await RecordSealer.KeptAsync(TestDatabase.SigningKeyFile(database.Name));
        (kept?.Checkpoint.Size ?? 0).ShouldBeLessThanOrEqualTo(await LeavesAsync(), "nothing is published before it is written");
        return file;
    }
}
