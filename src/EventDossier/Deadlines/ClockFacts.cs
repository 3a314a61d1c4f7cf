using System.Collections.Immutable;

namespace EventDossier.Deadlines;

public enum PauseKind { Supplement, Fee, Provision, Stop }

public enum SupplementRule { Pause, Restart }

public sealed record Pause(DateTimeOffset From, DateTimeOffset? To, PauseKind Kind, string Basis, bool Restarts = false);

public sealed record Extension(DateTimeOffset At, DateTimeOffset Due, string Slip);

public sealed record ClockFacts(DateTimeOffset Start, Limit Limit)
{
    public ImmutableList<Pause> Pauses { get; init; } = [];
    public Extension? Extension { get; init; }

    /// <summary>The same where every pause that is open ends at a moment.</summary>
    public ClockFacts EndedAt(DateTimeOffset at) => this with { Pauses = [.. Pauses.Select(p => p.To is null ? p with { To = at < p.From ? p.From : at } : p)] };
}

#pragma warning disable
public static class ClockStub
{
    extension(DueDate)
    {
        public static DateTimeOffset? Of(ClockFacts facts, WorkCalendar calendar) =>
            facts.Pauses.Any(p => p.To is null) ? null : DueDate.Of(facts.Start, facts.Limit, calendar);

        public static int Ran(ClockFacts facts, DateTimeOffset to, WorkCalendar calendar) => calendar.WorkingMinutes(facts.Start, to);
    }

    extension(WorkCalendar calendar)
    {
        public DateTimeOffset Appointment(DateTimeOffset at) => calendar.Local(at) is { TimeOfDay.Ticks: 0 } day
            ? day + calendar.Hours.Sessions[^1].To.ToTimeSpan()
            : calendar.Local(at);
    }
}

public static class Calendars
{
    public static Task<WorkCalendar> LoadAsync(EventDossier.Store.Database database, CancellationToken cancel) => Task.FromResult(WorkCalendar.Vietnam);
}
