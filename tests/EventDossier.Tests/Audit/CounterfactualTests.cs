using EventDossier.Alerts;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Procedures;
using EventDossier.Store;
using EventDossier.Tests.Dossiers;
using Units = EventDossier.Organisation.Organisation;

namespace EventDossier.Tests.Audit;

/// <summary>What other rules would have made of a life is compared with the same acts done in a world where the others held.</summary>
public sealed class CounterfactualTests
{
    private static readonly DateTimeOffset _start = new(2026, 5, 4, 9, 0, 0, TimeSpan.FromHours(7));

    private static readonly LadderDecided _early = Ladders.Parse(
        """
        {"shortUnderHours":32,"rules":[
          {"name":"warning","clock":"handling","level":"warning","limits":"long","percent":30,"to":["officer"],"climb":{"hours":4,"level":"l0","to":["unitHead"]}},
          {"name":"overdue","clock":"handling","level":"l2","hours":0,"to":["officer","supervisor"]},
          {"name":"soon","clock":"intake","level":"warning","percent":25,"to":["counter"]}]}
        """u8);

    private static readonly CalendarDecision _typhoon = new("77/CĐ", new(2026, 5, 7), null, [new(new(2026, 5, 8), new("typhoon", "bão")), new(new(2026, 5, 14), new("typhoon", "bão"))], [], "test");

    private static readonly ProcedurePublished[] _tighter =
    [
        new(new(2025, 1, 1, 0, 0, 0, TimeSpan.FromHours(7)), RandomActs.One, "Đăng ký biến động", "H49.12", Limit.Parse("2 days"), null) { SupplementRule = SupplementRule.Restart },
        new(new(2025, 1, 1, 0, 0, 0, TimeSpan.FromHours(7)), RandomActs.Two, "Cấp lại", "H49.12", Limit.Parse("20 hours"), null) { GeneralLimit = Limit.Parse("6 days"), Steps = [new("step 1", null, 9)] },
        new(new(2025, 1, 1, 0, 0, 0, TimeSpan.FromHours(7)), RandomActs.Tracked, "Cấp hộ chiếu", "H49.12", Limit.Parse("3 days"), null) { Owners = new("congan", "congan", "congan") },
    ];

    private sealed record World(Ladders Ladders, WorkCalendar Calendar, Rulebook Rules)
    {
        public static readonly World Real = new(Ladders.None, WorkCalendar.Vietnam, RandomActs.Rules);
    }

    public static TheoryData<string> Kinds => ["ladder", "calendar", "procedure", "all"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_would_differ_is_what_differs_in_a_world_where_the_other_rules_held(string kind)
    {
        var (ladder, calendar, procedures) = (kind is "ladder" or "all" ? _early : null, kind is "calendar" or "all" ? _typhoon : null, kind is "procedure" or "all" ? _tighter : null);
        var other = new World(
            ladder is null ? Ladders.None : Ladders.Always(ladder),
            calendar is null ? WorkCalendar.Vietnam : WorkCalendar.Vietnam.With(calendar),
            procedures is null ? RandomActs.Rules : RandomActs.Rules with
            {
                Procedures = RandomActs.Rules.Procedures.ToDictionary(p => p.Key, IReadOnlyList<Procedure.Version> (p) =>
                    [.. p.Value.Select(v => v with { Published = procedures.Single(o => o.Code == p.Key) with { OccurredAt = v.Published.OccurredAt } })]),
            });
        var (differing, alerts, late) = (0, 0, 0);
        for (var seed = 0; seed < 160; seed++)
        {
            var (events, end) = Live(seed, World.Real);
            var (was, would) = (Dossier.Fold("D-1", events), Dossier.Fold("D-1", Live(seed, other).Events));
            var question = new Counterfactual(Ladders.None, WorkCalendar.Vietnam, Units.Empty, new(ladder, calendar is null ? null : [calendar], procedures), end);

            var difference = question.Compare("D-1", events);
            var expected = Standing(was).ToDictionary(a => (a.Rule, a.Cycle));
            foreach (var alert in difference?.Alerts ?? [])
            {
                if (alert.DueAt is { } due)
                    expected[(alert.Rule, alert.Cycle)].DueAt.ShouldBe(due, $"seed {seed}");
                expected.Remove((alert.Rule, alert.Cycle));
                if (alert.OtherDueAt is { } otherDue)
                    expected[(alert.Rule, alert.Cycle)] = (alert.Rule, alert.Cycle, alert.Level, otherDue);
            }
            expected.Values.ShouldBe(Standing(would), ignoreOrder: true, $"seed {seed}");
            (difference is null ? was.Due : difference.OtherDue).ShouldBe(would.Due, $"seed {seed}");
            if (difference is null)
                continue;
            (difference.Due, IsLate(difference.Was), IsLate(difference.WouldBe)).ShouldBe((was.Due, Late(was, end), Late(would, end)), $"seed {seed}");
            (differing, alerts, late) = (differing + 1, alerts + difference.Alerts.Count, late + (Late(was, end) != Late(would, end) ? 1 : 0));
        }
        differing.ShouldBeGreaterThan(20);
        alerts.ShouldBeGreaterThan(20);
        if (procedures is not null)
            late.ShouldBeGreaterThan(3);
    }

    [Fact]
    public void Under_the_same_rules_nothing_would_differ()
    {
        var product = Ladders.Product.Decided;
        for (var seed = 0; seed < 50; seed++)
        {
            var (events, end) = Live(seed, World.Real);
            new Counterfactual(Ladders.None, WorkCalendar.Vietnam, Units.Empty, new(product, [], []), end).Compare("D-1", events).ShouldBeNull($"seed {seed}");
        }
    }

    [Fact]
    public void A_date_that_an_older_system_promised_stays_and_its_past_owes_alerts_only_when_it_is_asked_for()
    {
        var received = new DateTimeOffset(2026, 4, 1, 9, 0, 0, TimeSpan.FromHours(7));
        StoredEvent[] events =
        [
            RandomLife.Stored("D-1", 1, new DossierReceived(received, null, "Internet", "General", null, "Resource21", null, received.AddDays(12), null), _start),
            RandomLife.Stored("D-1", 2, new ActivityImported(received.AddDays(20), "Advice", null, null, null, null, null, null), _start),
            RandomLife.Stored("D-1", 3, new ResultReady(received.AddDays(20)), _start),
            RandomLife.Stored("D-1", 4, new DossierImported(_start, "log.xes", "ab", "xes", "line 1", null, null), _start),
        ];
        var other = new OtherRules(_early, null, null);
        new Counterfactual(Ladders.None, WorkCalendar.Vietnam, Units.Empty, other, _start.AddDays(9)).Compare("D-1", events).ShouldBeNull();
        var past = new Counterfactual(Ladders.None, WorkCalendar.Vietnam, Units.Empty, other, _start.AddDays(9), past: true).Compare("D-1", events)!;
        (past.Was, past.WouldBe, past.Due, past.OtherDue).ShouldBe((Lateness.Late, Lateness.Late, received.AddDays(12), received.AddDays(12)));
        past.Alerts.Where(a => a.OtherDueAt is null).Select(a => a.Rule).ShouldContain("overdue-3");
        past.Alerts.Single(a => a.Rule == "warning").ShouldSatisfyAllConditions(a => a.OtherDueAt.ShouldNotBeNull(), a => a.OtherDueAt!.Value.ShouldBeLessThan(a.DueAt!.Value));
        new Counterfactual(Ladders.None, WorkCalendar.Vietnam, Units.Empty, new(null, [_typhoon], null), _start.AddDays(9), past: true).Compare("D-1", events).ShouldBeNull("its date was promised, not counted");
    }

    private static IEnumerable<(string Rule, int Cycle, AlertLevel Level, DateTimeOffset DueAt)> Standing(Dossier dossier) =>
        dossier.Alerts.Where(a => a is { WithdrawnAt: null, Void: null }).Select(a => (a.Rule, a.Cycle, a.Level, a.DueAt));

    private static bool Late(Dossier dossier, DateTimeOffset now) => dossier.ReceivedAt is not null && dossier.Due < (dossier.FinishedAt ?? now);

    private static bool IsLate(Lateness lateness) => lateness is Lateness.Late or Lateness.Overdue;

    /// <summary>Random acts by the rules of a world, in which every alert is raised at its moment and a decision on the calendar tells the dossier its new date. Acts that hang on a date or an alert are left out, for people do the same in all worlds.</summary>
    private static (IReadOnlyList<StoredEvent> Events, DateTimeOffset End) Live(int seed, World world)
    {
        var (random, dossier, events) = (new Random(seed), new Dossier("D-1"), new List<StoredEvent>());
        var now = _start;
        for (var act = 0; act < 24; act++)
        {
            var (kind, request) = act == 0 ? RandomActs.Begin(random) : RandomActs.Next(random, "D-1");
            var context = new ActContext(now, RandomActs.By(random, kind, Guid.Empty), RandomActs.DatedBack(random, now), "supervisor") { Rules = world.Rules with { Calendar = world.Calendar }, Other = new("D-2") { Version = 1 } };
            if (request is not (ExtendDossier or ApologiseLate or AcknowledgeAlert or SnoozeAlert or ReprojectDueDate))
                Add(now, kind.Decide(request, dossier, context).Events);
            var until = act == 23 ? now.AddDays(30) : now.AddMinutes(random.Next(900));
            Pass(now, until);
            now = until;
        }
        return (events, now);

        void Pass(DateTimeOffset from, DateTimeOffset until)
        {
            foreach (var change in world.Calendar.Decisions.Select(d => new DateTimeOffset(d.KnownFrom(), TimeOnly.MinValue, from.Offset)).Where(c => c > from && c < until).Append(until))
            {
                Raise(from, change);
                from = change;
                if (change < until)
                {
                    var context = new ActContext(change, new(Guid.Empty, "office", Role.Administrator), change) { Rules = world.Rules with { Calendar = world.Calendar } };
                    Add(change, Acts.Decide(new ReprojectDueDate("77"), dossier, context).Events);
                }
            }
        }

        void Raise(DateTimeOffset from, DateTimeOffset until)
        {
            var calendar = world.Calendar.AsKnownOn(world.Calendar.DayOf(from));
            while (Alarm.Next(dossier, world.Ladders, calendar) is { } next && (next > from ? next : from) < until)
            {
                var at = next > from ? next : from;
                Add(at, RaiseAlerts.Decide(dossier, world.Ladders, calendar, Units.Empty, at));
            }
        }

        void Add(DateTimeOffset at, IReadOnlyList<DossierEvent> more)
        {
            foreach (var e in more)
            {
                dossier = dossier.After(e, dossier.Version + 1);
                events.Add(RandomLife.Stored("D-1", dossier.Version, e, at));
            }
        }
    }
}
