using System.Text;
using System.Xml.Linq;
using EventDossier.Alerts;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Import;
using EventDossier.Store;

namespace EventDossier.StoreTests.Alerts;

/// <summary>A published log of 1,434 applications at a Dutch municipality, imported at its real dates and ticked through its months, beside a reference that knows nothing of the product but which days are worked.</summary>
public sealed class ReceiptLogTests
{
    private static readonly TimeSpan _offset = TimeSpan.FromHours(7);

    private sealed record Case(string Code, DateTimeOffset From, DateTimeOffset? Due, DateTimeOffset? End);

    [Fact]
    public async Task Ticked_through_its_months_it_raises_exactly_the_alerts_of_the_naive_reference()
    {
        await using var centre = await Centre.OpenAsync(sample: true);
        var file = Path.Combine(TestDatabase.RepositoryRoot, "..", "shared", "data", "receipt.xes");
        var scan = LogFile.Open(file, null, null, TimeZoneInfo.Utc);
        // The product's rules, but for climbing, which hangs on when nobody acknowledged.
        var ladder = Encoding.UTF8.GetBytes(
            """
            {"shortUnderHours":32,"rules":[
              {"name":"warning","clock":"handling","level":"warning","limits":"long","percent":75,"hours":-16,"to":["officer"]},
              {"name":"apology","clock":"handling","level":"apologyDuty","limits":"long","hours":-16,"to":["officer","unitHead"]},
              {"name":"short-warning","clock":"handling","level":"warning","limits":"short","percent":50,"to":["officer"]},
              {"name":"short-apology","clock":"handling","level":"apologyDuty","limits":"short","percent":75,"to":["officer","unitHead"]},
              {"name":"overdue","clock":"handling","level":"l1","hours":0,"to":["officer","supervisor"]},
              {"name":"overdue-1","clock":"handling","level":"l2","hours":8,"to":["agencyHead"]},
              {"name":"overdue-3","clock":"handling","level":"l3","hours":24,"to":["director"]}]}
            """);
        var first = new DateTimeOffset(2005, 1, 1, 0, 0, 0, _offset);
        await Ladders.DecideAsync(centre.Database, Ladders.Default, ladder, first, Centre.Command(), recordedAt: first);
        (await new LogImport(centre.Database, WorkCalendar.Vietnam).RunAsync(new(file, scan, null, "UTC", Centre.Command(), new(2013, 2, 1, 9, 0, 0, _offset)))).Added.ShouldBe(1434);

        var last = new DateTimeOffset(2013, 1, 31, 0, 0, 0, _offset);
        var (waker, ticks) = (new Waker(centre.Database), new List<int>());
        for (var now = new DateTimeOffset(2010, 10, 31, 0, 0, 0, _offset); now <= last; now = now.AddMonths(1))
            ticks.Add((await waker.TickAsync(now, past: true)).Raised);
        (await waker.TickAsync(last, past: true)).Raised.ShouldBe(0, "all of it was raised");

        var raised = (await StoredAsync(centre)).Select(e => $"{e.Stream} {((AlertRaised)e.Event).Rule} {((AlertRaised)e.Event).DueAt.ToUniversalTime():yyyy-MM-dd HH:mm:ss.fff}").ToList();
        var expected = Cases(file).SelectMany(c => Reference(c, last).Select(a => $"{c.Code} {a.Rule} {a.At.ToUniversalTime():yyyy-MM-dd HH:mm:ss.fff}")).ToList();
        raised.Order(StringComparer.Ordinal).ShouldBe(expected.Order(StringComparer.Ordinal));
        raised.Count.ShouldBeGreaterThan(100);
        ticks.Count(t => t > 0).ShouldBeGreaterThan(6, "they fall due over the months");
        (await new AlertVerification(centre.Database, last, TimeSpan.FromSeconds(1), past: true).RunAsync()).Findings.ShouldBeEmpty();
    }

    private static async Task<List<StoredEvent>> StoredAsync(Centre centre)
    {
        var found = new List<StoredEvent>();
        for (long at = 0; ;)
        {
            var page = await centre.Database.Log.ReadAllAsync(at, 10_000);
            found.AddRange(page.Events.Where(e => e.Event is AlertRaised));
            if (page.Position == at)
                return found;
            at = page.Position;
        }
    }

    private static IEnumerable<Case> Cases(string file)
    {
        foreach (var trace in XDocument.Load(file).Root!.Elements().Where(e => e.Name.LocalName == "trace"))
        {
            string? Value(string key) => trace.Elements().FirstOrDefault(e => (string?)e.Attribute("key") == key)?.Attribute("value")?.Value;
            DateTimeOffset? Time(string key) => Value(key) is { } text ? DateTimeOffset.Parse(text) : null;
            yield return new(Value("concept:name")!, Time("startdate")!.Value, Time("deadline"), Time("enddate"));
        }
    }

    private static IEnumerable<(string Rule, DateTimeOffset At)> Reference(Case c, DateTimeOffset last)
    {
        if (c.Due is not { } due)
            return [];
        var minutes = new List<DateTimeOffset>(); // Every minute of work between receipt and due, in order.
        for (var at = Floor(c.From); at < Floor(due); at = at.AddMinutes(1))
        {
            if (IsWorked(at))
                minutes.Add(at);
        }
        DateTimeOffset Used(int percent) => minutes.Count == 0 ? c.From : minutes[((minutes.Count * percent) + 99) / 100 - 1].AddMinutes(1);
        var before = Before(due, 960);
        (string Rule, DateTimeOffset At)[] all =
        [
            .. minutes.Count / 60 < 32
                ? new[] { ("short-warning", Used(50)), ("short-apology", Used(75)) }
                : [("warning", Used(75) < before ? Used(75) : before), ("apology", before)],
            ("overdue", due), ("overdue-1", After(due, 480)), ("overdue-3", After(due, 1440)),
        ];
        return all.Select(a => (a.Rule, At: a.At < c.From ? c.From : a.At)).Where(a => (c.End is null || a.At < c.End) && a.At <= last);
    }

    private static DateTimeOffset After(DateTimeOffset from, int minutes)
    {
        var at = Floor(from);
        for (var worked = 0; worked < minutes; at = at.AddMinutes(1))
            worked += IsWorked(at) ? 1 : 0;
        return at;
    }

    /// <summary>The earliest minute from which as much work remains.</summary>
    private static DateTimeOffset Before(DateTimeOffset to, int minutes)
    {
        var at = Floor(to);
        for (var worked = 0; worked < minutes;)
            worked += IsWorked(at = at.AddMinutes(-1)) ? 1 : 0;
        while (!IsWorked(at.AddMinutes(-1)))
            at = at.AddMinutes(-1);
        return at;
    }

    private static bool IsWorked(DateTimeOffset at) =>
        (at.Hour * 60) + at.Minute is (>= 450 and < 690) or (>= 780 and < 1020) && WorkCalendar.Vietnam.IsWorked(DateOnly.FromDateTime(at.DateTime));

    private static DateTimeOffset Floor(DateTimeOffset at) => at.ToOffset(_offset).AddTicks(-(at.Ticks % TimeSpan.TicksPerMinute));
}
