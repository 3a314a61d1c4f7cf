using System.Collections.Immutable;
using EventDossier.Deadlines;
using EventDossier.Import;
using EventDossier.Store;

namespace EventDossier.Dossiers;

/// <summary>Something that happened to a dossier.</summary>
/// <param name="OccurredAt">Legal time: when it counts as having happened, not when it was typed in.</param>
public abstract record DossierEvent(DateTimeOffset OccurredAt)
{
    /// <summary>Who allowed the act to be dated back further than its own bound.</summary>
    public string? BackDatingApprovedBy { get; init; }
}

/// <param name="Procedure">The version in force at receipt; null for a dossier of an older system that names none.</param>
/// <param name="Channel">online, counter, post, or what the older system called it.</param>
/// <param name="Agency">The competent agency.</param>
/// <param name="Due">As promised: on the slip, or by the older system.</param>
/// <param name="Limit">What the due date was computed from; null when it was only told to us.</param>
public sealed record DossierReceived(
    DateTimeOffset OccurredAt, ProcedurePin? Procedure, string? Channel, string? Agency, string? Unit, string? Officer,
    Limit? Limit, DateTimeOffset? Due, DateTimeOffset? PlannedEnd) : DossierEvent(OccurredAt);

public sealed record DossierAssigned(DateTimeOffset OccurredAt, string Officer, string? Unit) : DossierEvent(OccurredAt);

public sealed record StepCompleted(DateTimeOffset OccurredAt, string Step, string? Officer, string? Unit) : DossierEvent(OccurredAt);

public sealed record DossierDecided(DateTimeOffset OccurredAt, DecisionOutcome Outcome, string? Reason) : DossierEvent(OccurredAt);

/// <summary>The finish that the clock is judged by; collection is another fact.</summary>
public sealed record ResultReady(DateTimeOffset OccurredAt) : DossierEvent(OccurredAt);

public sealed record ResultReturned(DateTimeOffset OccurredAt, ReturnChannel Channel) : DossierEvent(OccurredAt);

public sealed record DossierWithdrawn(DateTimeOffset OccurredAt, string Reason) : DossierEvent(OccurredAt);

/// <summary>An activity of an older system, as it told it; nobody decided it here.</summary>
/// <param name="Transition">XES lifecycle transition; null where the log has none, which means complete.</param>
public sealed record ActivityImported(
    DateTimeOffset OccurredAt, string Activity, string? Transition, string? Instance, string? Officer, string? Unit,
    IReadOnlyList<SourceAttribute>? Attributes, IReadOnlyList<SourceRelation>? Relations) : DossierEvent(OccurredAt);

/// <summary>The cut-over: what stands before it was told by an older system, what follows is ours.</summary>
/// <param name="Sha256">Of the file, lower-case hex.</param>
/// <param name="Place">Where the case stands in the file.</param>
/// <param name="Attributes">What the case had besides the facts of its receipt.</param>
public sealed record DossierImported(
    DateTimeOffset OccurredAt, string File, string Sha256, string Format, string Place,
    IReadOnlyList<SourceAttribute>? Attributes, IReadOnlyList<SourceObject>? Objects) : DossierEvent(OccurredAt);

/// <param name="Version">Of the procedure's stream.</param>
public sealed record ProcedurePin(string Code, long? Version);

public enum DecisionOutcome { Approved, Rejected }

public enum ReturnChannel { Counter, Post, Online }

public enum Stage { Unknown, Received, InProgress, Decided, ResultReady, Returned, Withdrawn }

/// <summary>
/// A dossier: the fold of its events in version order. Any subset of them folds, for as-of questions leave events out; what is then
/// not known stays null, and a stage is never taken back by an event that belongs to an earlier one.
/// </summary>
public sealed record Dossier(string Code)
{
    public long Version { get; init; }
    public Stage Stage { get; init; }
    public ProcedurePin? Procedure { get; init; }
    public string? Channel { get; init; }
    public string? Agency { get; init; }
    public string? Unit { get; init; }
    public string? Officer { get; init; }
    public Limit? Limit { get; init; }
    public DateTimeOffset? ReceivedAt { get; init; }
    public DateTimeOffset? Due { get; init; }
    public DateTimeOffset? PlannedEnd { get; init; }
    public DecisionOutcome? Outcome { get; init; }
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>When the clock stopped for good: the result was ready, or the dossier withdrawn.</summary>
    public DateTimeOffset? FinishedAt { get; init; }
    public DateTimeOffset? ReturnedAt { get; init; }
    public ReturnChannel? ReturnedBy { get; init; }
    public ImmutableList<StepDone> Steps { get; init; } = [];
    public Origin? Origin { get; init; }

    /// <param name="Transition">Null means complete.</param>
    public sealed record StepDone(string Step, DateTimeOffset At, string? Officer, string? Unit, string? Transition, string? Instance);

    public bool Exists => Version > 0;

    public static Dossier Fold(string code, IEnumerable<StoredEvent> events)
    {
        var dossier = new Dossier(code);
        foreach (var e in events)
            dossier = dossier.After((DossierEvent)e.Event, e.Version);
        return dossier;
    }

    /// <param name="version">The event's own.</param>
    public Dossier After(DossierEvent @event, long version) => @event switch
    {
        DossierReceived e => Advance(Stage.Received) with
        {
            ReceivedAt = e.OccurredAt, Procedure = e.Procedure, Channel = e.Channel, Agency = e.Agency,
            Unit = e.Unit, Officer = e.Officer, Limit = e.Limit, Due = e.Due, PlannedEnd = e.PlannedEnd,
        },
        DossierAssigned e => Advance(Stage.InProgress) with { Officer = e.Officer, Unit = e.Unit ?? Unit },
        StepCompleted e => Advance(Stage.InProgress) with { Steps = Steps.Add(new(e.Step, e.OccurredAt, e.Officer, e.Unit, null, null)) },
        ActivityImported e => Advance(Stage.InProgress) with
        {
            Steps = Steps.Add(new(e.Activity, e.OccurredAt, e.Officer, e.Unit, e.Transition, e.Instance)),
        },
        DossierDecided e => Advance(Stage.Decided) with { Outcome = e.Outcome, DecidedAt = e.OccurredAt },
        ResultReady e => Advance(Stage.ResultReady) with { FinishedAt = e.OccurredAt },
        ResultReturned e => Advance(Stage.Returned) with { ReturnedAt = e.OccurredAt, ReturnedBy = e.Channel },
        DossierWithdrawn e => Advance(Stage.Withdrawn) with { FinishedAt = e.OccurredAt },
        DossierImported e => this with { Origin = new(e.File, e.Sha256, e.Place) },
        _ => throw new InvalidOperationException($"{@event.GetType().Name} is not an event of a dossier's life"),
    } with { Version = version };

    /// <summary>Most acts are for a dossier that is received and not yet decided or withdrawn.</summary>
    public Refusal? RefuseUnlessOpen() => Stage is Stage.Received or Stage.InProgress
        ? null
        : new("not-open", $"{Code} is {StageNames.Of(Stage)}");

    private Dossier Advance(Stage to) => this with { Stage = Stage < to ? to : Stage };
}

/// <summary>The file that an imported dossier came from.</summary>
public sealed record Origin(string File, string Sha256, string Place);
