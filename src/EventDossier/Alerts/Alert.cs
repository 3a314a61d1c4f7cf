using System.Collections.Immutable;

namespace EventDossier.Alerts;

/// <summary>How grave it is. Each level is somebody else's, from the unit's head to the director of the centre.</summary>
public enum AlertLevel
{
    /// <summary>A step's own budget is used up; no legal limit.</summary>
    L0,
    Warning,

    /// <summary>The applicant is owed an apology with a new date, unless the result comes in time.</summary>
    ApologyDuty,
    L1,
    L2,
    L3,
}

/// <summary>Which clock an alert goes by.</summary>
public enum AlertClock
{
    /// <summary>From receipt to the result.</summary>
    Handling,

    /// <summary>From submission to the answer.</summary>
    Intake,

    /// <summary>A step's budget.</summary>
    Step,
}

/// <summary>Who is told.</summary>
/// <param name="Post">Null where the officer in charge has none that is known.</param>
/// <param name="Person">Who acted for the post at the due moment, absences and deputies seen to; null where nobody did.</param>
public sealed record AlertRecipient(string? Post, string? Unit, string? Person);

/// <summary>An alert as it stands in its dossier. Rule and cycle name it.</summary>
/// <param name="RaisedAt">The latest time, where it was raised again after a withdrawal.</param>
public sealed record Alert(string Rule, int Cycle, AlertClock Clock, AlertLevel Level, DateTimeOffset DueAt, DateTimeOffset RaisedAt, ImmutableArray<AlertRecipient> To)
{
    /// <summary>How often it was raised: once more than it was withdrawn.</summary>
    public int Times { get; init; } = 1;
    public DateTimeOffset? AcknowledgedAt { get; init; }
    public string? AcknowledgedBy { get; init; }
    public int Snoozes { get; init; }
    public DateTimeOffset? SnoozedUntil { get; init; }

    /// <summary>Why it turned out to have no reason; it is still to be withdrawn.</summary>
    public string? Void { get; init; }
    public DateTimeOffset? WithdrawnAt { get; init; }

    /// <summary>When what it warned of came to its end.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    public bool IsOpen => WithdrawnAt is null && ClosedAt is null;

    public bool Is(string rule, int cycle) => Rule == rule && Cycle == cycle;

    /// <summary>Its clock came to an end: what was due by then had its reason and is over, what was due later had none.</summary>
    public Alert EndedAt(DateTimeOffset at, string reason) => !IsOpen || Void is not null ? this : DueAt >= at ? this with { Void = reason } : this with { ClosedAt = at };
}

/// <summary>What happens to the alerts of a dossier as its clocks move.</summary>
internal static class AlertList
{
    public static ImmutableList<Alert> Ended(this ImmutableList<Alert> alerts, AlertClock? clock, DateTimeOffset at, string reason) =>
        alerts.Changed(a => clock is null || a.Clock == clock, a => a.EndedAt(at, reason));

    /// <summary>The clock has stood since a moment: what was due later had no reason.</summary>
    public static ImmutableList<Alert> Stood(this ImmutableList<Alert> alerts, DateTimeOffset since) =>
        alerts.Changed(a => a.Clock == AlertClock.Handling && a.IsOpen && a.DueAt > since, a => a with { Void = "paused" });

    public static ImmutableList<Alert> NewCycle(this ImmutableList<Alert> alerts) =>
        alerts.Changed(a => a.Clock == AlertClock.Handling && a.IsOpen, a => a with { Void = a.Void ?? "new cycle" });

    public static ImmutableList<Alert> On(this ImmutableList<Alert> alerts, string rule, int cycle, Func<Alert, Alert> change) =>
        alerts.Changed(a => a.Is(rule, cycle), change);

    private static ImmutableList<Alert> Changed(this ImmutableList<Alert> alerts, Predicate<Alert> which, Func<Alert, Alert> change) =>
        alerts.FindIndex(which) < 0 ? alerts : [.. alerts.Select(a => which(a) ? change(a) : a)];
}
