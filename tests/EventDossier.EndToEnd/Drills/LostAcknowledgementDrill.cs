using EventDossier.Dossiers;
using EventDossier.Store;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Drills;

[Collection(Drill.OneAtATime)]
public sealed class LostAcknowledgementDrill(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const int Callers = 8, Steps = 25, Bulks = 10, StreamsOfABulk = 50;
    private static readonly DateTimeOffset At = new(2026, 4, 24, 16, 10, 0, TimeSpan.FromHours(7));

    [Fact]
    public async Task A_caller_whose_acknowledgement_is_lost_gets_its_outcome_and_its_command_is_there_once()
    {
        (await Dossier.RunAsync(database, "migrate")).Exit.ShouldBe(0);
        var rounds = Drill.Rounds(inTests: 1);
        for (var round = 0; round < rounds; round++)
        {
            await using var proxy = new CuttingProxy(database.ConnectionString, seed: round);
            await using var open = await Database.OpenAsync(proxy.ConnectionString, ProductEvents.Names, TestDatabase.Time);
            proxy.Armed = true;
            var callers = Enumerable.Range(0, Callers).Select(caller => Task.Run(() => TakeStepsAsync(open.Log, $"LOST-{round}-{caller}"))).ToList();
            callers.Add(Task.Run(() => ReceiveManyAsync(open.Log, $"BULK-{round}")));

            var foundDone = (await Task.WhenAll(callers)).Sum();

            proxy.Cuts.ShouldBeGreaterThan(10);
            foundDone.ShouldBeGreaterThan(0, "commands that were committed though their acknowledgement was lost");
        }

        // Marten puts a tombstone in the place of an append that failed.
        (await Drill.AskAsync<long>(database.ConnectionString, "SELECT count(*) FROM dossier.mt_events WHERE type <> 'tombstone'"))
            .ShouldBe(rounds * ((Callers * (1 + Steps)) + (Bulks * StreamsOfABulk * 2)), "events, each once");
        await Drill.VerifyAsync(Dossier.On(database));
    }

    /// <summary>One dossier, step by step, each read back; returns how many commands had been carried out before the log got to know.</summary>
    private static async Task<int> TakeStepsAsync(NpgsqlEventLog log, string code)
    {
        var foundDone = 0;
        for (var version = 1; version <= 1 + Steps; version++)
        {
            var command = Command($"{code} {version}");
            DossierEvent step = version == 1 ? Received() : new StepCompleted(At, $"step {version}", null, null);

            var outcome = (await log.AppendAsync([new(code, Desk.StreamType, version - 1, command, [step])])).Single();

            foundDone += Told(outcome, code, version);
            (await log.ReadStreamAsync(code)).Count.ShouldBe(version);
            (await log.FindCommandAsync(command.CommandId)).ShouldNotBeNull().Version.ShouldBe(version);
        }
        return foundDone;
    }

    private static async Task<int> ReceiveManyAsync(NpgsqlEventLog log, string prefix)
    {
        var foundDone = 0;
        for (var bulk = 0; bulk < Bulks; bulk++)
        {
            var codes = Enumerable.Range(0, StreamsOfABulk).Select(i => $"{prefix}-{bulk}-{i}").ToList();
            var outcomes = await log.AppendManyNewAsync(
                [.. codes.Select(code => new StreamAppend(code, Desk.StreamType, 0, Command(code), [Received(), new DossierAssigned(At, "officer-1", null)]))]);
            foundDone += codes.Zip(outcomes).Sum(o => Told(o.Second, o.First, 2));
        }
        return foundDone;
    }

    private static int Told(AppendOutcome outcome, string code, int version)
    {
        switch (outcome)
        {
            case AppendOutcome.Appended appended:
                appended.Version.ShouldBe(version);
                return 0;
            case AppendOutcome.Duplicate duplicate:
                (duplicate.Stream, duplicate.Version).ShouldBe((code, version));
                return 1;
            default:
                throw new InvalidOperationException($"{code} version {version}: {outcome}");
        }
    }

    private static DossierReceived Received() => new(At, null, "counter", "DRILL", null, null, null, null, null);

    private static CommandMetadata Command(string name) => new(Uuid.V5(new Guid("6c9a3c0e-0c5e-5d0e-8f5b-0a3f5c1d7e42"), name), "drill", "clerk");
}
