using System.Text.Json;
using EventDossier.Store;

namespace EventDossier.Deadlines;

/// <summary>A decision on days off and days worked instead was entered. One with a number entered before corrects it.</summary>
/// <param name="OccurredAt">The beginning of the day it was announced. It is reckoned with from the later of that day and its recording.</param>
public sealed record CalendarDecided(DateTimeOffset OccurredAt, CalendarDecision Decision);

/// <summary>The calendar of a centre: the product's data and the decisions entered here, in the stream <c>/calendar</c>.</summary>
public static class Calendars
{
    public const string Stream = "/calendar";
    public const string StreamType = "calendar";

    private static readonly Guid _commands = new("0d9f7c53-6a0a-5c1b-9a51-54a1be0cf2f6");

    public static async Task<WorkCalendar> LoadAsync(Database database, CancellationToken cancel = default) =>
        Of(await database.Log.ReadStreamAsync(Stream, cancel: cancel));

    public static WorkCalendar Of(IEnumerable<StoredEvent> decided) => WorkCalendar.Vietnam.With(decided.Select(
        e => ((CalendarDecided)e.Event).Decision with { Recorded = Day(e.RecordedAt) }));

    /// <summary>Enters what is new or corrected, all of it or nothing. Returns how many decisions that were.</summary>
    /// <param name="now">Nothing announced after it can be entered.</param>
    /// <exception cref="UserError"><c>bad-decision</c>: a decision contradicts itself or another; its number is named.</exception>
    public static async Task<int> EnterAsync(
        Database database, IReadOnlyList<CalendarDecision> decisions, DateTimeOffset now, CommandMetadata by, CancellationToken cancel = default)
    {
        while (true)
        {
            var before = await database.Log.ReadStreamAsync(Stream, cancel: cancel);
            var events = Decide(decisions, Of(before), Day(now)).Select(d => new CalendarDecided(
                new(d.Announced, TimeOnly.MinValue, CalendarData.Vietnam.Hours.UtcOffset), d)).ToList();
            if (events.Count == 0)
                return 0;
            var command = by with { CommandId = Uuid.V5(_commands, $"{before.Count} {string.Concat(events.Select(e => database.Names.Encode(e).Json))}") };
            var outcome = (await database.Log.AppendAsync([new(Stream, StreamType, before.Count, command, events)], cancel))[0];
            if (outcome is not AppendOutcome.Conflict)
                return events.Count;
        }
    }

    /// <summary>Which of them say something new. Pure.</summary>
    /// <exception cref="UserError"><c>bad-decision</c></exception>
    public static IReadOnlyList<CalendarDecision> Decide(IReadOnlyList<CalendarDecision> decisions, WorkCalendar known, DateOnly today)
    {
        if (decisions.GroupBy(d => d.Number).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new UserError("bad-decision", $"decision {twice.Key}: named twice");
        var told = new List<CalendarDecision>();
        foreach (var decision in decisions)
        {
            var others = known.Decisions.Where(d => d.Number != decision.Number).ToList();
            if (Fault(decision, known, others, today) is { } fault)
                throw new UserError("bad-decision", $"decision {decision.Number}: {fault}");
            if (known.Decisions.Any(d => Same(d, decision)))
                continue;
            try
            {
                known = known.With(decision with { Recorded = today });
            }
            catch (FormatException e)
            {
                throw new UserError("bad-decision", e.Message);
            }
            told.Add(decision);
        }
        return told;
    }

    /// <summary>The calendar as it would be with them.</summary>
    /// <exception cref="UserError"><c>bad-decision</c></exception>
    public static WorkCalendar Assume(IReadOnlyList<CalendarDecision> decisions, WorkCalendar known, DateOnly today) =>
        known.With(Decide(decisions, known, today).Select(d => d with { Recorded = today }));

    private static string? Fault(CalendarDecision decision, WorkCalendar known, List<CalendarDecision> others, DateOnly today)
    {
        if (string.IsNullOrWhiteSpace(decision.Number) || string.IsNullOrWhiteSpace(decision.Source))
            return "a decision has a number and a source";
        if (decision.Announced > today)
            return $"announced on {decision.Announced:yyyy-MM-dd}, which has not come yet";
        if (decision.Settles is { } year && others.Find(d => d.Settles == year) is { } settled)
            return $"{year} is settled by {settled.Number} already: a correction bears that number, and a decision that only exchanges days settles nothing";
        if (decision.Settles is { } settles && !decision.DaysOff.Any(d => d.Date.Year == settles))
            return $"it settles {settles} and names no day off in it";
        foreach (var (date, @for) in decision.MakeUpDays)
        {
            if (!decision.DaysOff.Any(d => d.Date == @for))
                return $"{date:yyyy-MM-dd} makes up for {@for:yyyy-MM-dd}, which it does not take off";
            if (known.Hours.Weekdays.Contains(date.DayOfWeek) && known[date] is { IsWorked: true })
                return $"{date:yyyy-MM-dd} is a working day anyway and makes up for nothing";
        }
        // The later announced one overrules; of two from one day nobody could say which that is.
        return others.Where(d => d.Announced >= decision.Announced).Select(d => (d.Number, Date: Opposed(d, decision) ?? Opposed(decision, d)))
            .FirstOrDefault(o => o.Date is not null) is { Date: { } opposed } other
            ? $"{other.Number}, not announced before it, says the opposite of {opposed:yyyy-MM-dd}"
            : null;
    }

    private static DateOnly? Opposed(CalendarDecision off, CalendarDecision worked) => off.DaysOff.Select(d => (DateOnly?)d.Date)
        .FirstOrDefault(d => worked.MakeUpDays.Any(m => m.Date == d));

    private static bool Same(CalendarDecision one, CalendarDecision other) => JsonSerializer.Serialize(one) == JsonSerializer.Serialize(other);

    private static DateOnly Day(DateTimeOffset moment) => DateOnly.FromDateTime(WorkCalendar.Vietnam.Local(moment).DateTime);
}
