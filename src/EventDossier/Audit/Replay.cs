using System.Text.Json.Serialization;
using EventDossier.Alerts;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Audit;

/// <summary>A dossier just after one of its events: what that changed, and what then hung on it.</summary>
/// <param name="State">Not in JSON: the changes add up to it.</param>
public sealed record ReplayStep(Told Event, [property: JsonIgnore] Dossier State, IReadOnlyList<Change> Changed)
{
    public Stage Stage => State.Stage;
    public string? Unit => State.Unit;
    public string? Officer => State.Officer;

    /// <summary>Null before receipt.</summary>
    public required RunClock? Clock { get; init; }

    public required DueThen Due { get; init; }

    /// <summary>Of every level, by their due moment: raised by then, or falling due if nothing more had happened.</summary>
    public required IReadOnlyList<ReplayAlert> Alerts { get; init; }
}

/// <summary>The handling clock up to a step.</summary>
/// <param name="Limit">Null where an older system told a date without it.</param>
/// <param name="Ran">Working minutes in which it ran.</param>
/// <param name="Stretches">From receipt on, in order and without a gap; the last one is open until the dossier is finished.</param>
public sealed record RunClock(Limit? Limit, int Cycle, int Ran, IReadOnlyList<ClockStretch> Stretches);

/// <param name="Minutes">Working minutes of it.</param>
/// <param name="StoodBy">The slips or provisions that let the clock stand; empty while it runs.</param>
public sealed record ClockStretch(DateTimeOffset From, DateTimeOffset To, int Minutes, IReadOnlyList<string> StoodBy);

/// <summary>Each null while the clock stands, and where there is none.</summary>
/// <param name="Answer">End of the intake clock.</param>
/// <param name="Promised">On the slip.</param>
/// <param name="KnownThen">As the log tells it, by the decisions on the calendar known then.</param>
/// <param name="KnownNow">From the same facts, by the decisions known now.</param>
public sealed record DueThen(DateTimeOffset? Answer, DateTimeOffset? Promised, DateTimeOffset? KnownThen, DateTimeOffset? KnownNow, DateTimeOffset? GeneralThen, DateTimeOffset? GeneralNow);

public enum AlertStanding
{
    /// <summary>Would fall due at its moment, but something else happened before.</summary>
    Ahead,

    /// <summary>Fell due before the next event was recorded, or earlier, and is not raised yet.</summary>
    Due,
    Raised,
    Acknowledged,
    Withdrawn,

    /// <summary>What it warned of had come to its end.</summary>
    Over,
}

/// <param name="RaisedAt">Null for what was not raised yet.</param>
public sealed record ReplayAlert(string Rule, int Cycle, AlertLevel Level, DateTimeOffset DueAt, DateTimeOffset? RaisedAt, AlertStanding Standing);

/// <summary>What lies between two moments of a dossier, whichever comes first.</summary>
/// <param name="Came">Events of the second moment that are not in the first.</param>
/// <param name="Gone">The other way round: what stepping back takes away.</param>
public sealed record ReplayDifference(AsOf From, AsOf To, IReadOnlyList<Change> Changed, IReadOnlyList<Told> Came, IReadOnlyList<Told> Gone);

/// <summary>The history of a dossier, event by event. Pure but for <see cref="OfAsync"/>.</summary>
public static class Replay
{
    /// <exception cref="UserError"><c>no-such-dossier</c></exception>
    public static async Task<IReadOnlyList<ReplayStep>> OfAsync(Database database, string code, DateTimeOffset now, CancellationToken cancel = default)
    {
        var events = await History.ReadAsync(database.Log, code, new(), cancel);
        var rules = await AlertRules.LoadAsync(database, null, cancel);
        return [.. Steps(code, events, rules.Ladders, rules.Calendar, now)];
    }

    /// <param name="events">In version order.</param>
    /// <param name="calendar">With every decision there is; it tells itself what was known when.</param>
    /// <param name="now">Until when alerts may have fallen due after the last event.</param>
    public static IEnumerable<ReplayStep> Steps(string code, IReadOnlyList<StoredEvent> events, Ladders ladders, WorkCalendar calendar, DateTimeOffset now)
    {
        var (dossier, reached, due) = (new Dossier(code), DateTimeOffset.MinValue, new HashSet<(string, int, DateTimeOffset)>());
        for (var i = 0; i < events.Count; i++)
        {
            var (before, @event) = (dossier, (DossierEvent)events[i].Event);
            dossier = dossier.After(@event, events[i].Version);
            reached = @event.OccurredAt > reached ? @event.OccurredAt : reached;
            yield return new(Told.Of(events[i]), dossier, Change.Between(before, dossier))
            {
                Clock = ClockOf(dossier, reached, calendar),
                Due = DueOf(dossier, calendar),
                Alerts = AlertsOf(dossier, ladders, calendar.AsKnownOn(calendar.DayOf(events[i].RecordedAt)),
                    events[i].RecordedAt, i + 1 < events.Count ? events[i + 1].RecordedAt : now, due),
            };
        }
    }

    public static ReplayDifference Between(string code, IReadOnlyList<StoredEvent> events, AsOf from, AsOf to)
    {
        var (one, other) = (events.Where(from.Includes).ToList(), events.Where(to.Includes).ToList());
        return new(from, to, Change.Between(Dossier.Fold(code, one), Dossier.Fold(code, other)), [.. other.Except(one).Select(Told.Of)], [.. one.Except(other).Select(Told.Of)]);
    }

    private static RunClock? ClockOf(Dossier dossier, DateTimeOffset reached, WorkCalendar calendar)
    {
        if (dossier.ReceivedAt is not { } received || dossier.Cycle is not { } cycle)
            return null;
        var end = dossier.FinishedAt ?? (reached > received ? reached : received);
        if (end < received || !WorkCalendar.Reaches(received) || !WorkCalendar.Reaches(end))
            return new(dossier.Limit, cycle.Number, 0, []);
        var cuts = dossier.Pauses.SelectMany(p => new[] { p.From, p.To ?? end }).Where(at => at > received && at < end).Append(received).Append(end).Distinct().Order().ToList();
        var stretches = new List<ClockStretch>();
        for (var i = 0; i + 1 < cuts.Count; i++)
        {
            var (from, to) = (cuts[i], cuts[i + 1]);
            List<string> stoodBy = [.. dossier.Pauses.Where(p => p.From <= from && !(p.To <= from)).Select(p => p.Basis)];
            if (stretches is [.., { } last] && last.StoodBy.SequenceEqual(stoodBy))
                stretches[^1] = last with { To = to, Minutes = last.Minutes + calendar.WorkingMinutes(from, to) };
            else
                stretches.Add(new(from, to, calendar.WorkingMinutes(from, to), stoodBy));
        }
        return new(dossier.Limit, cycle.Number, stretches.Where(s => s.StoodBy.Count == 0).Sum(s => s.Minutes), stretches);
    }

    private static DueThen DueOf(Dossier dossier, WorkCalendar calendar)
    {
        // A date that an older system told without its limit is not ours to compute.
        DateTimeOffset? Now(ClockFacts? clock, DateTimeOffset? told) => clock is null ? told : !WorkCalendar.Reaches(clock.Start) ? null : DueDate.Of(clock, calendar);
        return new(
            dossier.ReceivedAt is null ? dossier.AnswerDue : null, dossier.Promised, dossier.Due, Now(dossier.Clock, dossier.Due), dossier.GeneralDue, Now(dossier.GeneralClock, dossier.GeneralDue));
    }

    /// <param name="due">What fell due at an earlier step; added to.</param>
    private static IReadOnlyList<ReplayAlert> AlertsOf(
        Dossier dossier, Ladders ladders, WorkCalendar calendar, DateTimeOffset from, DateTimeOffset until, HashSet<(string, int, DateTimeOffset)> due) =>
    [
        .. dossier.Alerts.Select(a => new ReplayAlert(a.Rule, a.Cycle, a.Level, a.DueAt, a.RaisedAt,
                a.WithdrawnAt is not null ? AlertStanding.Withdrawn : a.ClosedAt is not null ? AlertStanding.Over : a.AcknowledgedAt is not null ? AlertStanding.Acknowledged : AlertStanding.Raised))
            // Nothing falls due between events that were recorded together.
            .Concat(Alarm.Of(dossier, ladders, calendar).Select(a => new ReplayAlert(a.Rule, a.Cycle, a.Level, a.DueAt, null,
                due.Contains((a.Rule, a.Cycle, a.DueAt)) || ((a.DueAt > from ? a.DueAt : from) < until && due.Add((a.Rule, a.Cycle, a.DueAt))) ? AlertStanding.Due : AlertStanding.Ahead)))
            .OrderBy(a => a.DueAt).ThenBy(a => a.Rule, StringComparer.Ordinal),
    ];
}
