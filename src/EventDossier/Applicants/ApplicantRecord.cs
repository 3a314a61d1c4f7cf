using System.Collections.Immutable;
using EventDossier.Store;

namespace EventDossier.Applicants;

/// <summary>Something that happened to what is kept of an applicant, in the stream <c>/applicant/ID</c>. Nothing in it is personal.</summary>
public abstract record ApplicantEvent(DateTimeOffset OccurredAt, Guid Applicant);

/// <summary>The key is destroyed by whoever comes by after this event; from here on nobody can open what it sealed.</summary>
/// <param name="Basis">The request or provision that the erasure rests on.</param>
/// <param name="ApprovedBy">The second person.</param>
/// <param name="Dossiers">Whose applicant it was.</param>
public sealed record ApplicantErased(
    DateTimeOffset OccurredAt, Guid Applicant, string Basis, string ApprovedBy, IReadOnlyList<string> Dossiers) : ApplicantEvent(OccurredAt, Applicant);

/// <param name="Basis">The order that forbids erasure; by it the hold is lifted.</param>
public sealed record LegalHoldPlaced(DateTimeOffset OccurredAt, Guid Applicant, string Basis) : ApplicantEvent(OccurredAt, Applicant);

/// <param name="Basis">Of the hold.</param>
/// <param name="Reason">Why it ends.</param>
public sealed record LegalHoldLifted(DateTimeOffset OccurredAt, Guid Applicant, string Basis, string Reason) : ApplicantEvent(OccurredAt, Applicant);

/// <summary>What binds the keeping of an applicant's data: the fold of the stream.</summary>
public sealed record ApplicantRecord(long Version, ApplicantErased? Erased, ImmutableList<LegalHoldPlaced> Holds)
{
    public const string StreamType = "applicant";
    public static readonly ApplicantRecord New = new(0, null, []);

    public static string Stream(Guid applicant) => $"/applicant/{applicant}";

    public static ApplicantRecord Fold(IEnumerable<StoredEvent> events) => events.Aggregate(New, (record, e) => record.After((ApplicantEvent)e.Event, e.Version));

    public ApplicantRecord After(ApplicantEvent e, long version) => e switch
    {
        ApplicantErased erased => this with { Version = version, Erased = erased },
        LegalHoldPlaced placed => this with { Version = version, Holds = Holds.Add(placed) },
        LegalHoldLifted lifted => this with { Version = version, Holds = Holds.RemoveAll(h => h.Basis == lifted.Basis) },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is not known to an applicant's record"),
    };
}
