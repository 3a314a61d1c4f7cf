using EventDossier.Alerts;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Procedures;
using EventDossier.Store;
using Units = EventDossier.Organisation.Organisation;

namespace EventDossier.Audit;

/// <summary>What is to hold in the place of what held; null leaves it as it was.</summary>
/// <param name="Ladder">For every dossier, at all times.</param>
/// <param name="Decisions">Beside those that were known, each from the day of its announcement on; one with a number that was known takes its place.</param>
/// <param name="Procedures">For dossiers of these codes that were received since the version is in force; of several the latest.</param>
public sealed record OtherRules(LadderDecided? Ladder, IReadOnlyList<CalendarDecision>? Decisions, IReadOnlyList<ProcedurePublished>? Procedures);

/// <summary>How a dossier stands to its due date in the end.</summary>
public enum Lateness { NoDate, Open, Overdue, Early, OnTime, Late }

/// <param name="DueAt">Null where it did not come.</param>
/// <param name="OtherDueAt">Null where it would not have come.</param>
/// <param name="To">Who would have been told; of one that would not have come, who was.</param>
public sealed record AlertDifference(string Rule, int Cycle, AlertLevel Level, DateTimeOffset? DueAt, DateTimeOffset? OtherDueAt, IReadOnlyList<AlertRecipient> To);

/// <param name="Due">In the end, or when it was finished.</param>
public sealed record DossierDifference(
    string Code, string? Procedure, string? Agency, string? Unit, string? Officer, DateTimeOffset? Due, DateTimeOffset? OtherDue, Lateness Was, Lateness WouldBe, IReadOnlyList<AlertDifference> Alerts);

/// <param name="Position">Of the log, up to which was read.</param>
/// <param name="Counts"><c>dossiers</c>, and how many of them: <c>differing</c>, <c>dueMoved</c>, <c>becameLate</c>, <c>becameInTime</c>; and of alerts <c>alertsMore</c>, <c>alertsFewer</c>, <c>alertsOther</c>.</param>
/// <param name="Rules">Of alerts by rule: more, fewer, at another moment or to others.</param>
/// <param name="Dossiers">The first, by code.</param>
public sealed record CounterfactualReport(
    long Position, IReadOnlyDictionary<string, long> Counts, IReadOnlyDictionary<string, long[]> Rules, IReadOnlyList<DossierDifference> Dossiers);

/// <summary>
/// What other rules would have made of what happened. Every dossier is lived through twice, as it was recorded: by the rules that held and by the others, alike in all else. What people did stays as it was;
/// dates, cycles and alerts follow from it. Both lives are computed, so that nothing differs but by the rules; an alert that was raised late counts at its moment, and one that was taken back did not come.
/// </summary>
/// <param name="past">Imported dossiers are lived through by when things happened, for nothing was recorded then, and owe alerts from their receipt on.</param>
public sealed class Counterfactual(Ladders ladders, WorkCalendar calendar, Units organisation, OtherRules other, DateTimeOffset now, bool past = false)
{
    /// <summary>Whose dates have to be found again; under another ladder alone they are those of the log.</summary>
    private readonly bool _dates = other.Decisions is not null || other.Procedures is not null;
    private readonly Rules _held = new(ladders, calendar, null);
    private readonly Rules _others = new(
        other.Ladder is { } ladder ? Ladders.Always(ladder) : ladders, other.Decisions is { } decisions ? With(calendar, decisions) : calendar,
        other.Procedures?.ToLookup(p => p.Code, StringComparer.Ordinal));

    private sealed record Rules(Ladders Ladders, WorkCalendar Calendar, ILookup<string, ProcedurePublished>? Procedures)
    {
        public IReadOnlyList<DateTimeOffset> Changes { get; } =
            [.. Calendar.ChangedOn.Select(day => new DateTimeOffset(day, TimeOnly.MinValue, Calendar.Hours.UtcOffset))];
    }

    private sealed record Fallen(Alarm Alarm, Dossier Dossier);

    private sealed record Life(Dossier End, IReadOnlyDictionary<(string Rule, int Cycle), Fallen> Alerts);

    /// <param name="limit">How many differing dossiers are told; all are counted.</param>
    /// <param name="code">Only this one.</param>
    /// <exception cref="UserError"><c>bad-decision</c>, <c>no-such-dossier</c></exception>
    public static async Task<CounterfactualReport> OfAsync(
        Database database, OtherRules other, DateTimeOffset now, bool past, int limit, string? code = null, Action<long>? progress = null, CancellationToken cancel = default)
    {
        var rules = await AlertRules.LoadAsync(database, null, cancel);
        var question = new Counterfactual(rules.Ladders, rules.Calendar, rules.Organisation, other, now, past);
        var position = await database.HeadAsync(cancel);
        if (code is not null)
        {
            var sum = new Sum(limit);
            sum.Add(question.Compare(code, await History.ReadAsync(database.Log, code, new(Position: position), cancel)));
            return sum.Report(position);
        }
        var sums = await StreamOrder.StreamsAsync(database, position, () => new Sum(limit), (sum, events) =>
        {
            if (DossierCode.IsCode(events[0].Stream))
                sum.Add(question.Compare(events[0].Stream, events));
        }, progress, cancel);
        return sums.Aggregate((one, next) => one.With(next)).Report(position);
    }

    /// <summary>Null where nothing would differ. Pure.</summary>
    /// <param name="events">All of the dossier's, in version order.</param>
    public DossierDifference? Compare(string code, IReadOnlyList<StoredEvent> events)
    {
        var (was, would) = (Live(code, events, _held), Live(code, events, _others));
        var alerts = was.Alerts.Keys.Union(would.Alerts.Keys).Order()
            .Select(key => Difference(was.Alerts.GetValueOrDefault(key), would.Alerts.GetValueOrDefault(key))).OfType<AlertDifference>().OrderBy(a => a.OtherDueAt ?? a.DueAt).ToList();
        var (lateness, otherwise) = (LatenessOf(was.End, calendar), LatenessOf(would.End, _others.Calendar));
        var end = would.End;
        return alerts.Count == 0 && was.End.Due == end.Due && lateness == otherwise
            ? null
            : new(code, end.Procedure?.Code, end.Agency, end.Unit, end.Officer, was.End.Due, end.Due, lateness, otherwise, alerts);
    }

    private AlertDifference? Difference(Fallen? was, Fallen? would)
    {
        if (was is not null && would is not null && was.Alarm.DueAt == would.Alarm.DueAt && was.Alarm.Level == would.Alarm.Level && was.Alarm.To.SequenceEqual(would.Alarm.To))
            return null;
        var (alarm, dossier) = (would ?? was)!;
        return new(alarm.Rule, alarm.Cycle, alarm.Level, was?.Alarm.DueAt, would?.Alarm.DueAt, RaiseAlerts.Recipients(dossier, alarm.To, organisation, alarm.DueAt));
    }

    private Lateness LatenessOf(Dossier dossier, WorkCalendar by) => dossier switch
    {
        { ReceivedAt: null } or { Due: null, Clock: null } => Lateness.NoDate,
        { FinishedAt: { } finished, Due: { } due } => !WorkCalendar.Reaches(due) || !WorkCalendar.Reaches(finished) ? finished > due ? Lateness.Late : Lateness.OnTime
            : DueDate.Judge(finished, due, dossier.Limit?.Rule ?? CountingRule.Days, by) switch { Judgement.Early => Lateness.Early, Judgement.OnTime => Lateness.OnTime, _ => Lateness.Late },
        { FinishedAt: null, Due: { } due } when due < now => Lateness.Overdue,
        { FinishedAt: null } => Lateness.Open,
        _ => Lateness.NoDate,
    };

    private Life Live(string code, IReadOnlyList<StoredEvent> events, Rules rules)
    {
        var known = events.Where(e => e.Event is not (AlertRaised or AlertWithdrawn)).Select(e => (Stored: e, Event: (DossierEvent)e.Event, At: e.RecordedAt)).ToList();
        if (past && known.Find(k => k.Event is DossierImported).Event is { OccurredAt: var cutOver })
            known = [.. known.Select(k => k with { At = k.Event.OccurredAt < cutOver ? k.Event.OccurredAt : k.At }).OrderBy(k => k.At)];
        var (dossier, alerts) = (new Dossier(code), new Dictionary<(string, int), Fallen>());
        for (var i = 0; i < known.Count; i++)
        {
            var (stored, @event, at) = known[i];
            // Re-projections follow from the calendar; they come about below.
            if (!_dates || @event is not DueDateReprojected)
                dossier = dossier.After(_dates ? Redated(@event, dossier, stored, at, rules) : @event, stored.Version);
            TakeBack(at);
            var until = i + 1 < known.Count ? known[i + 1].At : now;
            foreach (var change in rules.Changes.Where(c => c > at && c < until))
            {
                FallDue(at, change);
                Reproject(change);
                TakeBack(change);
                at = change;
            }
            FallDue(at, until);
        }
        return new(dossier, alerts);

        void FallDue(DateTimeOffset from, DateTimeOffset until)
        {
            if (from >= until)
                return;
            var by = rules.Calendar.AsKnownOn(rules.Calendar.DayOf(from));
            while (Alarm.Of(dossier, rules.Ladders, by, past).Where(a => (a.DueAt > from ? a.DueAt : from) < until).MinBy(a => (a.DueAt, a.Rule)) is { } alarm)
            {
                alerts[(alarm.Rule, alarm.Cycle)] = new(alarm, dossier);
                dossier = dossier.After(
                    new AlertRaised(alarm.DueAt > from ? alarm.DueAt : from, alarm.Rule, alarm.Ladder.Number, alarm.Level, alarm.Cycle, alarm.DueAt, []) { Clock = alarm.Clock }, dossier.Version);
            }
        }

        void TakeBack(DateTimeOffset at)
        {
            foreach (var alert in dossier.Alerts.Where(a => a is { Void: not null, WithdrawnAt: null }))
            {
                alerts.Remove((alert.Rule, alert.Cycle));
                dossier = dossier.After(new AlertWithdrawn(at, alert.Rule, alert.Cycle, alert.Void!), dossier.Version);
            }
        }

        void Reproject(DateTimeOffset change)
        {
            if (!_dates || dossier.RefuseUnlessUnfinished() is not null || dossier.Clock is not { } clock || !WorkCalendar.Reaches(clock.Start))
                return;
            var moved = new DueDateReprojected(change, "").Dated(dossier, rules.Calendar.AsKnownOn(rules.Calendar.DayOf(change)));
            if (moved.Due != dossier.Due || moved.GeneralDue != dossier.GeneralDue)
                dossier = dossier.After(moved, dossier.Version);
        }
    }

    /// <summary>The event as it would have been written, by the calendar known then.</summary>
    private DossierEvent Redated(DossierEvent @event, Dossier before, StoredEvent stored, DateTimeOffset at, Rules rules)
    {
        var by = rules.Calendar.AsKnownOn(rules.Calendar.DayOf(at));
        switch (@event)
        {
            case DossierSubmitted e:
                return WorkCalendar.Reaches(e.OccurredAt) ? e with { AnswerDue = DueDate.Intake(e.OccurredAt, by) } : e;
            case DossierReceived e:
                var other = Other(e.Procedure, e.OccurredAt, rules);
                var received = other is null ? e : e with { Limit = other.Limit, GeneralLimit = other.GeneralLimit, SupplementRule = other.SupplementRule };
                var after = before.After(received, stored.Version);
                // What an older system promised without our counting is its own, and stays.
                if (after.Clock is not { } clock || !WorkCalendar.Reaches(clock.Start) || (other is null && e.Slip is null && e.Due != DueDate.Of(clock, calendar)))
                    return received;
                return received with { Due = DueDate.Of(clock, e.Slip is null ? rules.Calendar : by), GeneralDue = after.GeneralClock is { } general ? DueDate.Of(general, by) : null };
            case StepStarted { BudgetEnds: { } ends } e when WorkCalendar.Reaches(e.OccurredAt):
                var budget = before.ReceivedAt is { } since ? Other(before.Procedure, since, rules)?.Steps?.FirstOrDefault(s => s.Name == e.Step)?.BudgetHours * 60 : null;
                return e with { BudgetEnds = by.Shift(e.OccurredAt, budget ?? calendar.AsKnownOn(calendar.DayOf(at)).WorkingMinutes(e.OccurredAt, ends)) };
            case ProcedureCorrected e when Other(e.Procedure, before.ReceivedAt ?? e.OccurredAt, rules) is { } corrected:
                return (e with { Limit = corrected.Limit, GeneralLimit = corrected.GeneralLimit, SupplementRule = corrected.SupplementRule }).Dated(before, by);
            case ProcedureVersionChanged e when Other(e.Procedure, before.ReceivedAt ?? e.OccurredAt, rules) is { } changed:
                return (e with { Limit = changed.Limit, GeneralLimit = changed.GeneralLimit, SupplementRule = changed.SupplementRule }).Dated(before, by);
            case ClockMoved e when before.ReceivedAt is not { } start || WorkCalendar.Reaches(start):
                return e.Dated(before, by);
            default:
                return @event;
        }
    }

    private static ProcedurePublished? Other(ProcedurePin? pin, DateTimeOffset received, Rules rules) =>
        pin is null ? null : rules.Procedures?[pin.Code].Where(p => p.OccurredAt <= received).MaxBy(p => p.OccurredAt);

    private static WorkCalendar With(WorkCalendar calendar, IReadOnlyList<CalendarDecision> decisions)
    {
        try
        {
            return calendar.With(decisions);
        }
        catch (FormatException e)
        {
            throw new UserError("bad-decision", e.Message);
        }
    }

    private sealed class Sum(int limit)
    {
        private readonly SortedDictionary<string, long[]> _rules = new(StringComparer.Ordinal);
        private readonly List<DossierDifference> _first = [];
        private readonly Dictionary<string, long> _counts = new[] { "dossiers", "differing", "dueMoved", "becameLate", "becameInTime", "alertsMore", "alertsFewer", "alertsOther" }.ToDictionary(name => name, _ => 0L);

        public void Add(DossierDifference? difference)
        {
            _counts["dossiers"]++;
            if (difference is null)
                return;
            _counts["differing"]++;
            _counts["dueMoved"] += difference.Due != difference.OtherDue ? 1 : 0;
            var (was, would) = (IsLate(difference.Was), IsLate(difference.WouldBe));
            _counts["becameLate"] += would && !was ? 1 : 0;
            _counts["becameInTime"] += was && !would ? 1 : 0;
            foreach (var alert in difference.Alerts)
            {
                var kind = alert.DueAt is null ? 0 : alert.OtherDueAt is null ? 1 : 2;
                _counts[kind switch { 0 => "alertsMore", 1 => "alertsFewer", _ => "alertsOther" }]++;
                if (!_rules.TryGetValue(alert.Rule, out var counts))
                    _rules.Add(alert.Rule, counts = new long[3]);
                counts[kind]++;
            }
            if (_first.Count < limit)
                _first.Add(difference);
        }

        /// <param name="next">Of the streams that follow.</param>
        public Sum With(Sum next)
        {
            foreach (var (name, count) in next._counts)
                _counts[name] += count;
            foreach (var (rule, counts) in next._rules)
                _rules[rule] = _rules.TryGetValue(rule, out var before) ? [.. before.Zip(counts, (one, other) => one + other)] : counts;
            _first.AddRange(next._first.Take(limit - _first.Count));
            return this;
        }

        public CounterfactualReport Report(long position) => new(position, _counts, _rules, _first);

        private static bool IsLate(Lateness lateness) => lateness is Lateness.Late or Lateness.Overdue;
    }
}
