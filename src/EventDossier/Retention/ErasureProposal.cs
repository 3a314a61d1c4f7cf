using EventDossier.Store;

namespace EventDossier.Retention;

/// <summary>Something that happened to a proposal to erase whose retention has ended, in the stream <c>/erasure-proposal/NUMBER</c>. Nothing in it is personal.</summary>
public abstract record ErasureProposalEvent(DateTimeOffset OccurredAt, string By);

/// <param name="AsOf">Their retention had ended by then.</param>
/// <param name="Basis">The provision or decision that the erasures rest on.</param>
/// <param name="Applicants">Ids; the whole list.</param>
/// <param name="Left">How many more were due, for another proposal.</param>
public sealed record ErasuresProposed(DateTimeOffset OccurredAt, string By, DateTimeOffset AsOf, string Basis, IReadOnlyList<Guid> Applicants, long Left) : ErasureProposalEvent(OccurredAt, By);

/// <summary>The second person; the erasures may begin.</summary>
public sealed record ErasuresApproved(DateTimeOffset OccurredAt, string By) : ErasureProposalEvent(OccurredAt, By);

public sealed record ErasuresRefused(DateTimeOffset OccurredAt, string By, string Reason) : ErasureProposalEvent(OccurredAt, By);

/// <summary>Every applicant of the list was erased, or could not be by then.</summary>
public sealed record ErasuresCarriedOut(DateTimeOffset OccurredAt, string By, int Erased, IReadOnlyList<SkippedErasure> Skipped) : ErasureProposalEvent(OccurredAt, By);

/// <param name="Code">Of the refusal: a hold or a new dossier since.</param>
public sealed record SkippedErasure(Guid Applicant, string Code, string Reason);

public enum ErasureProposalStage { Proposed, Approved, Refused, CarriedOut }

/// <summary>A list of applicants to be erased, which one proposes and another approves: the fold of its events.</summary>
public sealed record ErasureProposal(string Number, long Version, ErasuresProposed Proposed)
{
    public const string StreamType = "erasure proposal";
    public const string StreamPrefix = "/erasure-proposal/";

    /// <summary>Of one proposal: as many as somebody can answer for, and as are erased within a minute.</summary>
    public const int MostApplicants = 500;

    public ErasureProposalStage Stage { get; init; }
    public ErasuresApproved? Approved { get; init; }
    public ErasuresRefused? Refused { get; init; }
    public ErasuresCarriedOut? CarriedOut { get; init; }

    public static string Stream(string number) => StreamPrefix + number;

    /// <summary>Null where there is none.</summary>
    public static ErasureProposal? Fold(string number, IEnumerable<StoredEvent> events) => events.Aggregate(default(ErasureProposal), (proposal, e) => (e.Event switch
    {
        ErasuresProposed proposed => new ErasureProposal(number, e.Version, proposed),
        ErasuresApproved approved => proposal! with { Stage = ErasureProposalStage.Approved, Approved = approved },
        ErasuresRefused refused => proposal! with { Stage = ErasureProposalStage.Refused, Refused = refused },
        ErasuresCarriedOut done => proposal! with { Stage = ErasureProposalStage.CarriedOut, CarriedOut = done },
        _ => throw new InvalidOperationException($"{e.Name} is not known to a proposal of erasures"),
    }) with { Version = e.Version });

    /// <summary>By number.</summary>
    public static async Task<IReadOnlyList<ErasureProposal>> AllAsync(Database database, CancellationToken cancel = default) =>
        [.. (await StreamOrder.BelowAsync(database, StreamPrefix, cancel)).Select(s => Fold(s.Key, s)!)];
}
