using System.Text.Json;
using System.Text.Json.Nodes;
using EventDossier.Alerts;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Import;
using EventDossier.Store;

namespace EventDossier.StoreTests.Audit;

/// <summary>A published log of 1,434 applications at a Dutch municipality, replayed step by step.</summary>
public sealed class ReceiptReplayTests
{
    private const int Dossiers = 200;

    [Fact]
    public async Task The_state_at_every_step_of_200_random_dossiers_is_that_of_a_naive_fold()
    {
        await using var centre = await Centre.OpenAsync();
        var file = Path.Combine(TestDatabase.RepositoryRoot, "..", "shared", "data", "receipt.xes");
        var scan = LogFile.Open(file, null, null, TimeZoneInfo.Utc);
        await new LogImport(centre.Database, WorkCalendar.Vietnam).RunAsync(new(file, scan, null, "UTC", Centre.Command(), centre.Now));
        var events = (await centre.Database.Log.ReadAllAsync(0, 100_000)).Events.Where(e => DossierCode.IsCode(e.Stream)).GroupBy(e => e.Stream).ToDictionary(g => g.Key, g => g.ToList());
        events.Count.ShouldBe(1434);
        var codes = events.Keys.Order(StringComparer.Ordinal).ToArray();
        new Random(4).Shuffle(codes);

        var compared = 0;
        foreach (var code in codes[..Dossiers])
        {
            var steps = Replay.Steps(code, await centre.Database.Log.ReadStreamAsync(code), Ladders.None, WorkCalendar.Vietnam, centre.Now).ToList();
            steps.Count.ShouldBe(events[code].Count);
            foreach (var (i, step) in steps.Index())
            {
                JsonNode.DeepEquals(Facts(step.State), Facts(NaiveDossier.Fold(code, events[code].Take(i + 1)))).ShouldBeTrue($"{code} step {i + 1}: {Facts(step.State)}");
                (step.Due.Promised, step.Due.KnownThen).ShouldBe((step.State.Promised, step.State.Due));
                compared++;
            }
        }
        compared.ShouldBe(codes[..Dossiers].Sum(code => events[code].Count));
        compared.ShouldBeGreaterThan(1000);
    }

    private static JsonNode? Facts(Dossier dossier) => JsonSerializer.SerializeToNode(dossier, JsonSerializerOptions.Web);

    /// <summary>A dossier of which nothing else is known.</summary>
    private static JsonNode? Facts(NaiveDossier naive)
    {
        var dossier = new Dossier(naive.Code)
        {
            Version = naive.Version, Stage = StageNames.Parse(naive.Stage), Channel = naive.Channel, Agency = naive.Agency, Unit = naive.Unit, Officer = naive.Officer,
            ReceivedAt = naive.Received, Promised = naive.Promised, Due = naive.Due, PlannedEnd = naive.PlannedEnd, FinishedAt = naive.Finished,
            Cycle = naive.Received is { } received ? new(1, received, received) : null,
            Steps = [.. naive.Steps.Select(s => new Dossier.StepDone(s.Name, s.At, s.Officer, s.Unit, s.Transition, s.Instance))],
            Origin = naive.Imported is { } import ? new(import.File, import.Sha256, import.Place) : null, ImportedAt = naive.Imported?.At,
        };
        return Facts(dossier);
    }
}
