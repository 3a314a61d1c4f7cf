using System.Text.Json.Serialization;
using EventDossier.Applicants;
using EventDossier.Dossiers;
using EventDossier.Import;
using EventDossier.Procedures;
using EventDossier.Store;

namespace EventDossier;

/// <summary>
/// Every event name of the product. A name once written is read for ever: it may become a <see cref="EventName.Was{T}"/>, it never goes. One sample of each
/// name stands in the tests and must still fold.
/// </summary>
public static class ProductEvents
{
    public static EventNames Names { get; } = new(
        ProductEventsJson.Default,
        EventName.Of<DossierReceived>("dossier_received"),
        EventName.Of<DossierAssigned>("dossier_assigned"),
        EventName.Of<StepCompleted>("step_completed"),
        EventName.Of<DossierDecided>("dossier_decided"),
        EventName.Of<ResultReady>("result_ready"),
        EventName.Of<ResultReturned>("result_returned"),
        EventName.Of<DossierWithdrawn>("dossier_withdrawn"),
        EventName.Of<ActivityImported>("activity_imported"),
        EventName.Of<DossierImported>("dossier_imported"),
        EventName.Of<LogImported>("log_imported"),
        EventName.Of<ProcedurePublished>("procedure_published"),
        EventName.Of<ApplicantErased>("applicant_erased"),
        EventName.Of<LegalHoldPlaced>("legal_hold_placed"),
        EventName.Of<LegalHoldLifted>("legal_hold_lifted"));
}

[JsonSerializable(typeof(DossierReceived))]
[JsonSerializable(typeof(DossierAssigned))]
[JsonSerializable(typeof(StepCompleted))]
[JsonSerializable(typeof(DossierDecided))]
[JsonSerializable(typeof(ResultReady))]
[JsonSerializable(typeof(ResultReturned))]
[JsonSerializable(typeof(DossierWithdrawn))]
[JsonSerializable(typeof(ActivityImported))]
[JsonSerializable(typeof(DossierImported))]
[JsonSerializable(typeof(LogImported))]
[JsonSerializable(typeof(ProcedurePublished))]
[JsonSerializable(typeof(ApplicantErased))]
[JsonSerializable(typeof(LegalHoldPlaced))]
[JsonSerializable(typeof(LegalHoldLifted))]
internal sealed partial class ProductEventsJson : JsonSerializerContext;
