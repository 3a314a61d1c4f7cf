using System.Text.Json;
using EventDossier.Deadlines;
using EventDossier.Dossiers;

namespace EventDossier.Alerts;

/// <summary>An alert that falls due at a moment unless something comes before.</summary>
/// <param name="Rule">Name; of a climb, with the level it climbs to: <c>warning>l1</c>.</param>
public sealed record Alarm(string Rule, int Cycle, AlertClock Clock, AlertLevel Level, DateTimeOffset DueAt, IReadOnlyList<AlertRole> To, Ladders.Version Ladder)
{
    /// <summary>
    /// What is still to be raised in a dossier as it stands, at whatever moment. A ladder rules what falls due while it holds, so that a change of it raises nothing anew.
    /// </summary>
    /// <param name="past">Also what fell due before an older system handed the dossier over.</param>
    public static IEnumerable<Alarm> Of(Dossier dossier, Ladders ladders, WorkCalendar calendar, bool past = false)
    {
        foreach (var ladder in ladders.Of(dossier))
        {
            foreach (var alarm in Of(dossier, ladder, calendar))
            {
                if (ladders.Of(dossier, alarm.DueAt) == ladder
                    && (past || dossier.ImportedAt is not { } imported || alarm.DueAt > imported)
                    && !dossier.Alerts.Exists(a => a.Is(alarm.Rule, alarm.Cycle) && a.WithdrawnAt is null))
                {
                    yield return alarm;
                }
            }
        }
    }

    /// <summary>The next moment at which a dossier must be looked at; null where nothing lies ahead.</summary>
    public static DateTimeOffset? Next(Dossier dossier, Ladders ladders, WorkCalendar calendar)
    {
        DateTimeOffset? next = dossier.Alerts.Find(a => a is { Void: not null, WithdrawnAt: null })?.DueAt;
        foreach (var alarm in Of(dossier, ladders, calendar))
        {
            if (next is null || alarm.DueAt < next)
                next = alarm.DueAt;
        }
        return next;
    }

    private static IEnumerable<Alarm> Of(Dossier dossier, Ladders.Version ladder, WorkCalendar calendar)
    {
        if (dossier.Stage is Stage.Unknown || !IsReckoned(dossier.SubmittedAt) || !IsReckoned(dossier.AnswerDue) || !IsReckoned(dossier.Cycle?.From) || !IsReckoned(dossier.Due)
            || !IsReckoned(dossier.Running?.BudgetEnds))
        {
            yield break;
        }
        foreach (var rule in ladder.Decided.Rules)
        {
            if (Moment(rule, dossier, ladder, calendar) is { } at && !(End(rule.Clock, dossier) <= at))
                yield return new(rule.Name, CycleOf(rule.Clock, dossier), rule.Clock, rule.Level, at, rule.To, ladder);
            if (rule.Climb is not { } climb)
                continue;
            foreach (var alert in dossier.Alerts.FindAll(a => a.Rule == rule.Name && a is { IsOpen: true, Void: null, AcknowledgedAt: null }))
            {
                var since = alert.SnoozedUntil > alert.RaisedAt ? alert.SnoozedUntil.Value : alert.RaisedAt;
                yield return new(
                    $"{rule.Name}>{JsonNamingPolicy.CamelCase.ConvertName($"{climb.Level}")}", alert.Cycle, rule.Clock, climb.Level,
                    calendar.Shift(since, climb.Hours * 60), climb.To, ladder);
            }
        }
    }

    /// <summary>An imported date may lie where no calendar reaches, and then nothing falls due by it.</summary>
    private static bool IsReckoned(DateTimeOffset? at) => at is not { } moment || (moment.Year > WorkCalendar.First.Year + 1 && moment.Year < WorkCalendar.Last.Year - 1);

    private static int CycleOf(AlertClock clock, Dossier dossier) => clock switch
    {
        AlertClock.Handling => dossier.Cycle!.Number,
        AlertClock.Step => dossier.StepsStarted,
        _ => 1,
    };

    /// <summary>When the clock stopped for good: what falls due then or later does not fall due.</summary>
    private static DateTimeOffset? End(AlertClock clock, Dossier dossier) => clock == AlertClock.Intake ? dossier.ReceivedAt ?? dossier.FinishedAt : dossier.FinishedAt;

    private static DateTimeOffset? Moment(LadderRule rule, Dossier dossier, Ladders.Version ladder, WorkCalendar calendar)
    {
        switch (rule.Clock)
        {
            case AlertClock.Intake:
                return dossier is { SubmittedAt: { } submitted, AnswerDue: { } answer } ? Earlier(rule, new(submitted, DueDate.IntakeLimit), answer, calendar) : null;
            case AlertClock.Step:
                return dossier.Running?.BudgetEnds is { } ends ? Earlier(rule, null, ends, calendar) : null;
            default:
                if (dossier is not { Cycle: { } cycle, Due: { } due })
                    return null;
                var run = new ClockFacts(cycle.From, dossier.Limit ?? DueDate.IntakeLimit) { Pauses = dossier.Pauses };
                if (rule.Limits != LimitLength.All && IsShort(dossier.Limit, run, due, ladder, calendar) != (rule.Limits == LimitLength.Short))
                    return null;
                var at = Earlier(rule, run, due, calendar);
                // A cycle begins with what is due in it already.
                return at < cycle.At ? calendar.Local(cycle.At) : at;
        }
    }

    private static DateTimeOffset Earlier(LadderRule rule, ClockFacts? run, DateTimeOffset due, WorkCalendar calendar)
    {
        var byHours = rule.Hours is { } hours ? hours == 0 ? due : calendar.Shift(due, hours * 60) : DateTimeOffset.MaxValue;
        var byShare = rule.Percent is { } percent && run is not null ? Used(run, due, percent, calendar) : DateTimeOffset.MaxValue;
        return byShare < byHours ? byShare : byHours;
    }

    /// <summary>The first minute at which the clock has run that share of what it runs in all.</summary>
    private static DateTimeOffset Used(ClockFacts run, DateTimeOffset due, int percent, WorkCalendar calendar)
    {
        if (due <= run.Start)
            return run.Start;
        var used = (int)((((long)DueDate.Ran(run, due, calendar) * percent) + 99) / 100);
        if (used <= 0)
            return run.Start;
        // What stood up to a moment puts it off, and with that more may have stood: until nothing is added.
        for (DateTimeOffset at = calendar.Shift(run.Start, used); ;)
        {
            var stood = calendar.WorkingMinutes(run.Start, at) - DueDate.Ran(run, at, calendar);
            var next = calendar.Shift(run.Start, used + stood);
            if (next <= at)
                return at;
            at = next;
        }
    }

    private static bool IsShort(Limit? limit, ClockFacts run, DateTimeOffset due, Ladders.Version ladder, WorkCalendar calendar)
    {
        var hours = limit switch
        {
            { Rule: CountingRule.Hours } => limit.Amount,
            { Rule: CountingRule.Months } => int.MaxValue,
            not null => limit.Amount * (calendar.WorkdayMinutes / 60),
            null => due <= run.Start ? 0 : DueDate.Ran(run, due, calendar) / 60,
        };
        return hours < ladder.Decided.ShortUnderHours;
    }
}
