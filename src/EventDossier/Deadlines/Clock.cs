using System.Collections.Immutable;

namespace EventDossier.Deadlines;

/// <summary>Why a clock stands. Nothing else stops one: no slip, no pause.</summary>
public enum PauseKind
{
    /// <summary>A supplement was requested, form 02.</summary>
    Supplement,

    /// <summary>A fee notice.</summary>
    Fee,

    /// <summary>A named provision.</summary>
    Provision,

    /// <summary>Processing was stopped for a time, form 05.</summary>
    Stop,
}

/// <summary>What a supplement at appraisal does to the clock.</summary>
public enum SupplementRule
{
    /// <summary>The waiting time is left out.</summary>
    Pause,

    /// <summary>The full limit again on completion.</summary>
    Restart,
}

/// <summary>A stretch in which the clock stands: from the delivery of the slip to the arrival of the answer.</summary>
/// <param name="To">Null: still standing. Before <paramref name="From"/>: no pause at all.</param>
/// <param name="Basis">Number of the slip, or the provision.</param>
/// <param name="Restarts">On its end the full limit runs again from <paramref name="To"/>.</param>
public sealed record Pause(DateTimeOffset From, DateTimeOffset? To, PauseKind Kind, string Basis, bool Restarts = false);

/// <summary>A new appointment with form 04: the date never comes nearer by it.</summary>
public sealed record Extension(DateTimeOffset At, DateTimeOffset Due, string Slip);

/// <summary>
/// All that a due date hangs on besides the calendar. The general and the committed limit of a dossier are two of these, which differ in the limit.
/// </summary>
/// <remarks>
/// One principle holds for pause, restart and extension: what begins after the due moment changes nothing, for lateness has already happened.
/// Moments count from their minute, and a pause runs from its first minute up to, and without, its last.
/// </remarks>
public sealed record ClockFacts(DateTimeOffset Start, Limit Limit)
{
    /// <summary>In any order; where they overlap, the clock stands once.</summary>
    public ImmutableList<Pause> Pauses { get; init; } = [];

    public Extension? Extension { get; init; }

    /// <summary>The same where every pause that is open ends at a moment.</summary>
    public ClockFacts EndedAt(DateTimeOffset at) => this with { Pauses = [.. Pauses.Select(p => p.To is null ? p with { To = at } : p)] };
}
