using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace EventDossier.Deadlines;

/// <summary>How a finish compares with its due moment.</summary>
public enum Judgement
{
    Early,
    OnTime,
    Late,
}

/// <summary>When a dossier is due, why, and what a finish is worth. Pure.</summary>
public static class DueDate
{
    // Later than every minute: the clock stands.
    private const int Never = int.MaxValue;

    /// <summary>The time in which a submission is to be answered.</summary>
    public static Limit IntakeLimit { get; } = new(8, CountingRule.Hours);

    /// <summary>When a submission is to be answered.</summary>
    public static DateTimeOffset Intake(DateTimeOffset submitted, WorkCalendar calendar) => Of(submitted, IntakeLimit, calendar);

    /// <summary>The due moment by arithmetic, for the millions. <see cref="Compute(DateTimeOffset, Limit, WorkCalendar)"/> finds the same by walking.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Receipt or due moment is outside the calendar.</exception>
    public static DateTimeOffset Of(DateTimeOffset received, Limit limit, WorkCalendar calendar) =>
        calendar.Moment(Run(limit, calendar.Minute(received), [], calendar));

    /// <summary>The same with all that happened to the clock; null while it stands. Allocates nothing for up to 16 pauses.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A moment of it is outside the calendar.</exception>
    public static DateTimeOffset? Of(ClockFacts facts, WorkCalendar calendar)
    {
        if (facts.Pauses.IsEmpty && facts.Extension is null) return Of(facts.Start, facts.Limit, calendar);
        var due = Latest(facts, null, calendar);
        if (facts.Extension is { } extension && calendar.Minute(extension.At) <= due) due = Latest(facts, extension, calendar);
        return due == Never ? null : calendar.Moment(due);
    }

    /// <summary>The due moment, found day by day as a citizen would, with each day's line.</summary>
    /// <exception cref="ArgumentOutOfRangeException">As <see cref="Of(DateTimeOffset, Limit, WorkCalendar)"/>.</exception>
    public static Ledger Compute(DateTimeOffset received, Limit limit, WorkCalendar calendar) => Compute(new ClockFacts(received, limit), calendar);

    /// <summary>The same with all that happened to the clock.</summary>
    /// <exception cref="ArgumentOutOfRangeException">As <see cref="Of(ClockFacts, WorkCalendar)"/>.</exception>
    public static Ledger Compute(ClockFacts facts, WorkCalendar calendar) => Walk.Through(facts, calendar);

    /// <summary>The decisions known only after the day of receipt that moved the due date, each against what was known the day before.</summary>
    public static IReadOnlyList<CalendarDecision> MovedBy(ClockFacts facts, WorkCalendar calendar)
    {
        var received = DateOnly.FromDateTime(calendar.Local(facts.Start).DateTime);
        return [.. calendar.Decisions.Where(d => d.KnownFrom() is var known && known > received
            && Of(facts, calendar.AsKnownOn(known)) != Of(facts, calendar.AsKnownOn(known.AddDays(-1))))];
    }

    /// <summary>
    /// The one definition of early, on time and late. Late: after the due moment. Early: on a day before the due day; under <c>hours</c> and
    /// <c>sameDay</c>, whose limits may begin and end on one day, more than one working hour before the due moment. On time: in between.
    /// </summary>
    public static Judgement Judge(DateTimeOffset finished, DateTimeOffset due, CountingRule rule, WorkCalendar calendar) =>
        finished > due ? Judgement.Late
        : (rule is CountingRule.Hours or CountingRule.SameDay
            ? calendar.WorkingMinutes(finished, due) > 60
            : calendar.Local(finished).Date < calendar.Local(due).Date) ? Judgement.Early
        : Judgement.OnTime;

    /// <summary>Working minutes from the start to a moment in which the clock ran.</summary>
    public static int Ran(ClockFacts facts, DateTimeOffset to, WorkCalendar calendar)
    {
        var (from, until) = (calendar.Minute(facts.Start), calendar.Minute(to));
        var ran = calendar.Worked(until) - calendar.Worked(from);
        foreach (var stand in Merged(facts.Pauses, 0, new Stand[facts.Pauses.Count], calendar))
            ran -= Math.Max(0, calendar.Worked(Math.Clamp(stand.To, from, until)) - calendar.Worked(Math.Clamp(stand.From, from, until)));
        return ran;
    }

    // A stretch in which the clock stands, in minutes; To may be Never.
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Stand(int From, int To);

    // The later of what the last run of the limit gives and what the extension gives.
    private static int Latest(ClockFacts facts, Extension? extension, WorkCalendar calendar)
    {
        var buffer = facts.Pauses.Count <= 16 ? stackalloc Stand[16] : new Stand[facts.Pauses.Count];
        var extended = 0;
        if (extension is not null)
        {
            // Earlier pauses are in the new date already.
            var later = Merged(facts.Pauses, calendar.Minute(extension.At), buffer, calendar);
            extended = Extended(extension, facts.Limit.Rule, later, calendar);
        }

        var all = Merged(facts.Pauses, 0, buffer, calendar);
        for (var from = calendar.Minute(facts.Start); ;)
        {
            var due = Math.Max(extended, Run(facts.Limit, from, all, calendar));
            if (due == Never || NextRestart(facts.Pauses, from, calendar) is not { } next || next.From >= due) return due;
            from = next.To;
        }
    }

    /// <summary>The pauses that begin at a minute or later, in order, those that touch made one.</summary>
    private static ReadOnlySpan<Stand> Merged(ImmutableList<Pause> pauses, int since, Span<Stand> stands, WorkCalendar calendar)
    {
        var count = 0;
        for (var i = 0; i < pauses.Count; i++)
        {
            var stand = StandOf(pauses[i], calendar);
            if (stand.From < since || stand.To <= stand.From) continue;
            var at = count++;
            for (; at > 0 && stands[at - 1].From > stand.From; at--) stands[at] = stands[at - 1];
            stands[at] = stand;
        }
        var last = 0;
        for (var i = 1; i < count; i++)
        {
            if (stands[i].From > stands[last].To) stands[++last] = stands[i];
            else if (stands[i].To > stands[last].To) stands[last] = stands[last] with { To = stands[i].To };
        }
        return stands[..Math.Min(count, last + 1)];
    }

    // The next to end after the minute. If it began after the due moment, so did every other that is still to end: one that began before it
    // and ends after it would have kept the limit from ending in between.
    private static Stand? NextRestart(ImmutableList<Pause> pauses, int after, WorkCalendar calendar)
    {
        Stand? next = null;
        for (var i = 0; i < pauses.Count; i++)
        {
            if (!pauses[i].Restarts || pauses[i].To is null) continue;
            var stand = StandOf(pauses[i], calendar);
            if (stand.To > after && stand.To >= stand.From && (next is not { } known || stand.To < known.To)) next = stand;
        }
        return next;
    }

    private static Stand StandOf(Pause pause, WorkCalendar calendar) =>
        new(calendar.Minute(pause.From), pause.To is { } to ? calendar.Minute(to) : Never);

    /// <summary>Where the full limit ends that runs from a minute.</summary>
    private static int Run(Limit limit, int from, ReadOnlySpan<Stand> stands, WorkCalendar calendar)
    {
        var day = WorkCalendar.DayOfMinute(from);
        var tomorrow = WorkCalendar.Midnight(day + 1);
        var (target, since) = limit.Rule switch
        {
            CountingRule.Days => (calendar.WorkedDaysBefore(day + 1) + limit.Amount - 1, tomorrow),
            CountingRule.Hours => (calendar.Worked(from) + (limit.Amount * 60), from),
            CountingRule.SameDay => (from <= calendar.SameDayUntil(day) ? day : day + 1, from),
            CountingRule.CalendarDays => (day + limit.Amount, tomorrow),
            CountingRule.Months => (WorkCalendar.Day(WorkCalendar.Date(day).AddMonths(limit.Amount)), tomorrow),
            _ => throw new ArgumentOutOfRangeException(nameof(limit), limit.Rule, "unknown counting rule"),
        };
        return Settle(limit.Rule, target, since, stands, calendar);
    }

    /// <summary>Where the extension's appointment ends: in working time under <c>hours</c>, otherwise the first closing time from it on.</summary>
    private static int Extended(Extension extension, CountingRule rule, ReadOnlySpan<Stand> stands, WorkCalendar calendar)
    {
        var due = calendar.Minute(extension.Due);
        var day = calendar.DayClosingAfter(due - 1);
        var target = rule switch
        {
            CountingRule.Days => calendar.WorkedDaysBefore(day),
            CountingRule.Hours => calendar.Worked(calendar.IsWorkedUpTo(due) ? due : calendar.Close(calendar.WorkedDayOnOrAfter(day))),
            _ => day,
        };
        return Settle(rule, target, 0, stands, calendar);
    }

    /// <summary>Moves a target on by what of the stands lies after a minute and before the due moment.</summary>
    private static int Settle(CountingRule rule, int target, int since, ReadOnlySpan<Stand> stands, WorkCalendar calendar) => rule switch
    {
        CountingRule.Days => Days(target, since, stands, calendar),
        CountingRule.Hours => Hours(target, since, stands, calendar),
        CountingRule.SameDay => SameDay(target, stands, calendar),
        _ => CalendarDays(target, since, stands, calendar),
    };

    // The target is a number of working days, its last the day due. A stand takes away the working days whose closing time lies in it.
    private static int Days(int target, int since, ReadOnlySpan<Stand> stands, WorkCalendar calendar)
    {
        foreach (var (from, to) in stands)
        {
            if (to <= since) continue;
            var stood = calendar.WorkedDaysBefore(calendar.DayClosingAfter(Math.Max(from, since)));
            if (stood > target) break;
            if (to == Never) return Never;
            target += calendar.WorkedDaysBefore(calendar.DayClosingAfter(to)) - stood;
        }
        return calendar.Close(calendar.WorkedDay(target));
    }

    // The target is so much working time.
    private static int Hours(int target, int since, ReadOnlySpan<Stand> stands, WorkCalendar calendar)
    {
        var due = calendar.MinuteWhenWorked(target);
        foreach (var (from, to) in stands)
        {
            if (to <= since) continue;
            if (from >= due) break;
            if (to == Never) return Never;
            due = calendar.MinuteWhenWorked(target += calendar.Worked(to) - calendar.Worked(Math.Max(from, since)));
        }
        return due;
    }

    // The target is the first day that may be the one: work is done on it, and the clock runs at the last minute of receipt and at closing time.
    private static int SameDay(int target, ReadOnlySpan<Stand> stands, WorkCalendar calendar)
    {
        var day = calendar.WorkedDayOnOrAfter(target);
        foreach (var (from, to) in stands)
        {
            while ((from < calendar.Close(day) && to >= calendar.Close(day)) || (from <= calendar.SameDayUntil(day) && to > calendar.SameDayUntil(day)))
            {
                if (to == Never) return Never;
                day = calendar.WorkedDayOnOrAfter(Math.Max(day + 1, WorkCalendar.DayOfMinute(to)));
            }
        }
        return calendar.Close(day);
    }

    // The target is a day of any kind. What stands up to it is added; what stands on the way from there to a working day only puts that off.
    private static int CalendarDays(int target, int since, ReadOnlySpan<Stand> stands, WorkCalendar calendar)
    {
        foreach (var (from, to) in stands)
        {
            if (to <= since) continue;
            var first = calendar.DayClosingAfter(Math.Max(from, since));
            var due = calendar.WorkedDayOnOrAfter(target);
            if (first > due) break;
            if (to == Never) return Never;
            var next = calendar.DayClosingAfter(to);
            if (first <= target) target += next - first;
            else if (next > due) target = next;
        }
        return calendar.Close(calendar.WorkedDayOnOrAfter(target));
    }
}
