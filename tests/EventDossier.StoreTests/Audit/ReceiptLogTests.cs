using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using EventDossier.Alerts;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Import;
using EventDossier.Store;

namespace EventDossier.StoreTests.Audit;

/// <summary>A published log of 1,434 applications at a Dutch municipality, replayed step by step and discovered as a process, beside folds and counts that share nothing with the product.</summary>
public sealed class ReceiptLogTests(ReceiptLogTests.Imported log) : IClassFixture<ReceiptLogTests.Imported>
{
    private const int Dossiers = 200;

    public sealed class Imported : IAsyncLifetime
    {
        internal Centre Centre { get; private set; } = null!;

        internal string File { get; } = Path.Combine(TestDatabase.RepositoryRoot, "..", "shared", "data", "receipt.xes");

        public async Task InitializeAsync()
        {
            Centre = await Centre.OpenAsync();
            var scan = LogFile.Open(File, null, null, TimeZoneInfo.Utc);
            await new LogImport(Centre.Database, WorkCalendar.Vietnam).RunAsync(new(File, scan, null, "UTC", Centre.Command(), Centre.Now));
        }

        async Task IAsyncLifetime.DisposeAsync() => await Centre.DisposeAsync();
    }

    [Fact]
    public async Task The_state_at_every_step_of_200_random_dossiers_is_that_of_a_naive_fold()
    {
        var events = (await log.Centre.Database.Log.ReadAllAsync(0, 100_000)).Events.Where(e => DossierCode.IsCode(e.Stream)).GroupBy(e => e.Stream).ToDictionary(g => g.Key, g => g.ToList());
        events.Count.ShouldBe(1434);
        var codes = events.Keys.Order(StringComparer.Ordinal).ToArray();
        new Random(4).Shuffle(codes);

        var compared = 0;
        foreach (var code in codes[..Dossiers])
        {
            var steps = Replay.Steps(code, await log.Centre.Database.Log.ReadStreamAsync(code), Ladders.None, WorkCalendar.Vietnam, log.Centre.Now).ToList();
            steps.Count.ShouldBe(events[code].Count);
            foreach (var (i, step) in steps.Index())
            {
                JsonNode.DeepEquals(Facts(step.State), Facts(NaiveDossier.Fold(code, events[code].Take(i + 1)))).ShouldBeTrue($"{code} step {i + 1}: {Facts(step.State)}");
                compared++;
            }
        }
        compared.ShouldBeGreaterThan(1000);
    }

    [Fact]
    public async Task The_process_is_what_counting_the_file_gives()
    {
        var report = await ProcessView.OfAsync(log.Centre.Database, new());
        var traces = Traces();
        var pairs = traces.SelectMany(t => t.Zip(t.Skip(1))).ToLookup(p => (p.First.Activity, p.Second.Activity), p => WorkCalendar.Vietnam.WorkingMinutes(p.First.At, p.Second.At));

        report.Dossiers.ShouldBe(1434);
        report.Activities.ShouldBe(8577);
        report.Nodes.ToDictionary(n => n.Activity, n => (n.Count, n.Dossiers)).ShouldBe(
            traces.SelectMany(t => t.Select(e => e.Activity)).Distinct().ToDictionary(a => a, a => ((long)traces.Sum(t => t.Count(e => e.Activity == a)), (long)traces.Count(t => t.Exists(e => e.Activity == a)))), ignoreOrder: true);
        report.Edges.ToDictionary(e => (e.From, e.To), e => (e.Count, e.Median, e.Total)).ShouldBe(
            pairs.ToDictionary(p => p.Key, p => ((long)p.Count(), (int?)p.Order().ElementAt((p.Count() - 1) / 2), p.Sum(m => (long)m))), ignoreOrder: true);
        report.Edges.Count.ShouldBe(99);
        report.Starts.ShouldBe(traces.CountBy(t => t[0].Activity).ToDictionary(c => c.Key, c => (long)c.Value), ignoreOrder: true);
        report.Ends.ShouldBe(traces.CountBy(t => t[^1].Activity).ToDictionary(c => c.Key, c => (long)c.Value), ignoreOrder: true);
        var variants = traces.CountBy(t => string.Join('|', t.Select(e => e.Activity))).ToDictionary();
        report.VariantCount.ShouldBe(variants.Count);
        report.Variants[0].ShouldSatisfyAllConditions(v => v.Dossiers.ShouldBe(variants.Values.Max()), v => variants[string.Join('|', v.Activities)].ShouldBe((int)v.Dossiers));
        report.Officers.Sum(f => f.Count).ShouldBeGreaterThan(300);
    }

    [Fact]
    public async Task Of_a_stretch_of_time_only_the_cases_count_that_began_in_it()
    {
        var (from, to) = (new DateTimeOffset(2011, 3, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2011, 4, 1, 0, 0, 0, TimeSpan.Zero));
        var expected = Traces().Where(t => t[0].At >= from && t[0].At < to).ToList();
        var report = await ProcessView.OfAsync(log.Centre.Database, new(From: from, To: to));
        (report.Dossiers, report.Activities).ShouldBe((expected.Count, expected.Sum(t => t.Count)));
        expected.Count.ShouldBeInRange(50, 300);
        (await ProcessView.OfAsync(log.Centre.Database, new(Unit: "Group 4"))).Dossiers.ShouldBe(Traces().Count(t => t.Exists(e => e.Group == "Group 4")));
    }

    /// <summary>As the file has them, each by time.</summary>
    private List<List<(string Activity, DateTimeOffset At, string? Group)>> Traces()
    {
        var xes = XDocument.Load(log.File).Root!;
        string? Value(XElement e, string key) => e.Elements().FirstOrDefault(a => a.Attribute("key")?.Value == key)?.Attribute("value")?.Value;
        return
        [
            .. xes.Elements().Where(t => t.Name.LocalName == "trace").Select(t => t.Elements().Where(e => e.Name.LocalName == "event")
                .Select(e => (Value(e, "concept:name")!, DateTimeOffset.Parse(Value(e, "time:timestamp")!), Value(e, "org:group"))).OrderBy(e => e.Item2.ToUnixTimeMilliseconds()).ToList()),
        ];
    }

    private static JsonNode? Facts(Dossier dossier) => JsonSerializer.SerializeToNode(dossier, JsonSerializerOptions.Web);

    /// <summary>A dossier of which nothing else is known.</summary>
    private static JsonNode? Facts(NaiveDossier naive) => Facts(new Dossier(naive.Code)
    {
        Version = naive.Version, Stage = StageNames.Parse(naive.Stage), Channel = naive.Channel, Agency = naive.Agency, Unit = naive.Unit, Officer = naive.Officer,
        ReceivedAt = naive.Received, Promised = naive.Promised, Due = naive.Due, PlannedEnd = naive.PlannedEnd, FinishedAt = naive.Finished,
        Cycle = naive.Received is { } received ? new(1, received, received) : null,
        Steps = [.. naive.Steps.Select(s => new Dossier.StepDone(s.Name, s.At, s.Officer, s.Unit, s.Transition, s.Instance))],
        Origin = naive.Imported is { } import ? new(import.File, import.Sha256, import.Place) : null, ImportedAt = naive.Imported?.At,
    });
}
