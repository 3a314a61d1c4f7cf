using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EventDossier.Alerts;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;
using EventDossier.Tests.Dossiers;

namespace EventDossier.Tests.Audit;

public sealed class ReplayTests
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    private static IEnumerable<(IReadOnlyList<StoredEvent> Events, IReadOnlyList<ReplayStep> Steps)> Lives(int count) => Enumerable.Range(1, count)
        .Select(seed => RandomLife.Of(new Random(seed), alerts: true)).Where(events => events.Count > 0)
        .Select(events => (events, (IReadOnlyList<ReplayStep>)[.. Replay.Steps("D-1", events, Ladders.None, WorkCalendar.Vietnam, events[^1].RecordedAt.AddDays(30))]));

    [Fact]
    public void The_changes_of_the_steps_add_up_to_the_state_forwards_and_back_to_nothing()
    {
        var nothing = Facts(new Dossier("D-1"));
        foreach (var (events, steps) in Lives(120))
        {
            var facts = Facts(new Dossier("D-1"));
            foreach (var (i, step) in steps.Index())
            {
                Apply(facts, step.Changed, forwards: true);
                JsonNode.DeepEquals(facts, Facts(Dossier.Fold("D-1", events.Take(i + 1)))).ShouldBeTrue($"{step.Event.Name}: {facts}");
            }
            foreach (var step in steps.Reverse())
                Apply(facts, step.Changed, forwards: false);
            JsonNode.DeepEquals(facts, nothing).ShouldBeTrue($"{facts}");
        }
    }

    [Fact]
    public void Between_any_two_moments_lies_what_turns_the_one_state_into_the_other()
    {
        foreach (var (events, _) in Lives(50))
        {
            var random = new Random(events.Count);
            DateTimeOffset Time() => events[random.Next(events.Count)].RecordedAt;
            AsOf Moment() => random.Next(3) switch { 0 => new(Version: random.Next(events.Count + 1)), 1 => new(Time().AddHours(-random.Next(100))), _ => new(Time(), Time()) };
            for (var i = 0; i < 10; i++)
            {
                var (from, to) = (Moment(), Moment());
                var difference = Replay.Between("D-1", events, from, to);
                var facts = Facts(Dossier.Fold("D-1", events.Where(from.Includes)));
                Apply(facts, difference.Changed, forwards: true);
                JsonNode.DeepEquals(facts, Facts(Dossier.Fold("D-1", events.Where(to.Includes)))).ShouldBeTrue($"{from} {to}");
                difference.Came.Select(e => e.Version).ShouldBe(events.Where(e => to.Includes(e) && !from.Includes(e)).Select(e => e.Version));
                difference.Gone.Select(e => e.Version).ShouldBe(events.Where(e => from.Includes(e) && !to.Includes(e)).Select(e => e.Version));
            }
        }
    }

    [Fact]
    public void The_ledger_of_the_clock_has_no_gap_and_what_it_ran_is_what_judgement_counts()
    {
        var stood = 0;
        foreach (var (_, steps) in Lives(120))
        {
            foreach (var step in steps.Where(s => s.Clock is { Stretches.Count: > 0 }))
            {
                var (clock, facts) = (step.Clock!, step.State.Clock!);
                clock.Stretches[0].From.ShouldBe(facts.Start);
                clock.Stretches.Zip(clock.Stretches.Skip(1)).ShouldAllBe(pair => pair.First.To == pair.Second.From && !pair.First.StoodBy.SequenceEqual(pair.Second.StoodBy));
                clock.Ran.ShouldBe(DueDate.Ran(facts, clock.Stretches[^1].To, WorkCalendar.Vietnam), $"{step.Event.Name}");
                stood += clock.Stretches.Count(s => s.StoodBy.Count > 0);
            }
        }
        stood.ShouldBeGreaterThan(50);
    }

    [Fact]
    public void What_is_raised_was_shown_as_due_and_what_is_shown_as_due_is_raised_next()
    {
        var raised = 0;
        foreach (var (events, steps) in Lives(120))
        {
            for (var i = 1; i < steps.Count; i++)
            {
                // Raising comes before the act of the same moment, so all that has fallen due is raised in a row from here.
                if (events[i - 1].RecordedAt == events[i].RecordedAt)
                    continue;
                var due = steps[i - 1].Alerts.Where(a => a.Standing == AlertStanding.Due).Select(a => (a.Rule, a.Cycle, a.DueAt));
                var came = events.Skip(i).TakeWhile(e => e.RecordedAt == events[i].RecordedAt).Select(e => e.Event).OfType<AlertRaised>().ToList();
                due.ShouldBe(came.Where(a => a.DueAt < events[i].RecordedAt).Select(a => (a.Rule, a.Cycle, a.DueAt)), ignoreOrder: true, $"step {i}");
                raised += came.Count;
            }
        }
        raised.ShouldBeGreaterThan(50);
    }

    [Fact]
    public void A_date_shows_what_was_promised_what_was_known_then_and_what_is_known_now()
    {
        var received = new DateTimeOffset(2026, 4, 24, 16, 10, 0, TimeSpan.FromHours(7));
        var told = RandomLife.Stored("D-1", 1, new DossierReceived(received, null, "counter", "H49.12", null, null, Limit.Parse("5 days"), received.AddDays(12), null), received);
        var typhoon = new CalendarDecision("77", new(2026, 5, 5), null, [new(new(2026, 5, 6), new("typhoon", "bão"))], [], "test");
        var due = Replay.Steps("D-1", [told], Ladders.None, WorkCalendar.Vietnam.With(typhoon), received).Single().Due;
        (due.Promised, due.KnownThen).ShouldBe((received.AddDays(12), received.AddDays(12)));
        due.KnownNow.ShouldBe(new DateTimeOffset(2026, 5, 7, 17, 0, 0, TimeSpan.FromHours(7)));
    }

    [Theory]
    [InlineData("7", null, null, 7L)]
    [InlineData("2026-05-06", "2026-05-06T00:00+07:00", null, null)]
    [InlineData("@2026-05-07T09:00", null, "2026-05-07T09:00+07:00", null)]
    [InlineData("2026-05-06@2026-05-07", "2026-05-06T00:00+07:00", "2026-05-07T00:00+07:00", null)]
    public void A_moment_is_a_version_a_legal_time_a_recorded_one_or_both(string text, string? legal, string? recorded, long? version) =>
        AsOf.Read(text).ShouldBe(new AsOf(legal is null ? null : DateTimeOffset.Parse(legal), recorded is null ? null : DateTimeOffset.Parse(recorded), version));

    [Theory]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("tomorrow")]
    [InlineData("2026-05-06@")]
    [InlineData("2026-05-06@soon")]
    [InlineData("1@2@3")]
    public void Anything_else_is_no_moment(string text) => AsOf.Read(text).ShouldBeNull();

    private static JsonObject Facts(Dossier dossier)
    {
        var facts = JsonSerializer.SerializeToNode(dossier, _json)!.AsObject();
        foreach (var derived in typeof(Dossier).GetProperties().Where(p => !p.CanWrite).Select(p => p.Name).Append(nameof(Dossier.Version)))
            facts.Remove(JsonNamingPolicy.CamelCase.ConvertName(derived));
        return facts;
    }

    private static void Apply(JsonObject facts, IReadOnlyList<Change> changes, bool forwards)
    {
        foreach (var (fact, from, to) in forwards ? changes : changes.Reverse())
        {
            var (before, after) = forwards ? (from, to) : (to, from);
            if (fact.Split('[', ']') is not [var list, var index, ""])
            {
                JsonNode.DeepEquals(facts[fact], before).ShouldBeTrue(fact);
                facts[fact] = after?.DeepClone();
                continue;
            }
            var (entries, at) = (facts[list]!.AsArray(), int.Parse(index));
            JsonNode.DeepEquals(at < entries.Count ? entries[at] : null, before).ShouldBeTrue(fact);
            if (at == entries.Count)
                entries.Add(after!.DeepClone());
            else if (after is null)
                entries[at] = null;
            else
                entries[at] = after.DeepClone();
        }
        foreach (var entries in facts.Select(f => f.Value).OfType<JsonArray>())
        {
            while (entries.Count > 0 && entries[^1] is null)
                entries.RemoveAt(entries.Count - 1);
        }
    }
}
