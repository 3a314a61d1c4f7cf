using System.Xml.Linq;
using EventDossier.Exports;
using EventDossier.Releases;

namespace EventDossier.Tests.Releases;

/// <summary>The gate on a published log of 1,434 applications, read here without the product.</summary>
public sealed class ReceiptLogGateTests(ReceiptLogGateTests.Gated gated) : IClassFixture<ReceiptLogGateTests.Gated>
{
    public sealed class Gated : IAsyncLifetime
    {
        internal List<ProcessCase> Cases { get; } = Read();

        internal GatedLog Log { get; private set; } = null!;

        public async Task InitializeAsync() => Log = GateTests.Gate(Cases);

        public Task DisposeAsync()
        {
            Log.Dispose();
            return Task.CompletedTask;
        }
    }

    [Fact]
    public void Nine_tenths_of_the_cases_are_kept_and_none_is_told_apart_from_four_others()
    {
        var published = gated.Log.Published().ToList();
        gated.Log.Cases.ShouldBe(1434);
        published.Count.ShouldBeInRange(1434 * 9 / 10, 1434);
        published.CountBy(GateTests.Spelt).Min(c => c.Value).ShouldBeGreaterThanOrEqualTo(5);
        GateTests.Judge(published, 1434).ShouldBeEmpty();
        // What the design counted: classes of variant, month, department and channel, with nothing coarsened.
        gated.Cases.CountBy(c => (string.Join(',', c.Events.Select(e => e.Activity)), $"{c.Events[0].At:yyyy-MM}", c.Attributes[0].Value, c.Attributes[1].Value))
            .Where(c => c.Value >= 5).Sum(c => c.Value).ShouldBe(969);
    }

    [Fact]
    public void Who_knows_the_days_of_every_event_of_somebody_finds_nobody()
    {
        // The attacker holds the whole true case: department, channel, activities and the day of each.
        static string Known(ProcessCase c) => string.Join('|', c.Events.Select(e => $"{e.Activity} {AllowList.Day(e.At):yyyy-MM-dd}"));
        var published = gated.Log.Published().CountBy(Known).ToDictionary();
        var found = gated.Cases.Select(c => published.GetValueOrDefault(Known(c))).Where(n => n > 0).ToList();
        found.ShouldAllBe(n => n >= 5);
        // The true days would have found more than half of them.
        gated.Cases.CountBy(Known).Count(c => c.Value == 1).ShouldBe(767);
    }

    [Fact]
    public async Task Throwing_data_away_is_a_finding()
    {
        using var strict = GateTests.Gate(gated.Cases, k: 400);
        GateTests.Judge(strict.Published(), strict.Cases, k: 400).Select(f => f.Kind).ShouldContain("kept-too-few");
    }

    [Fact]
    public void How_long_cases_took_is_kept()
    {
        static int Median(IEnumerable<ProcessCase> cases) => cases.Select(c => (c.Events[^1].At.UtcDateTime.Date - c.Events[0].At.UtcDateTime.Date).Days).Order().ToList() is var d ? d[d.Count / 2] : 0;
        Median(gated.Log.Published()).ShouldBe(Median(gated.Cases));
        gated.Log.DaysOff.ShouldBeLessThan(20);
    }

    private static List<ProcessCase> Read()
    {
        string? Value(XElement of, string key) => of.Elements().FirstOrDefault(a => a.Attribute("key")?.Value == key)?.Attribute("value")?.Value;
        return
        [
            .. XDocument.Load(Shared.Path("receipt.xes")).Root!.Elements().Where(t => t.Name.LocalName == "trace").Select(t => new ProcessCase(
                Value(t, "concept:name")!, [new("agency", Value(t, "department")!), new("channel", Value(t, "channel")!)],
                [
                    .. t.Elements().Where(e => e.Name.LocalName == "event")
                        .Select(e => new ProcessEvent(Value(e, "concept:name")!, "complete", DateTimeOffset.Parse(Value(e, "time:timestamp")!), [new("org:group", Value(e, "org:group")!)]))
                        .OrderBy(e => e.At),
                ])),
        ];
    }
}
