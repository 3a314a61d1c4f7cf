using System.Text.Json.Serialization;
using EventDossier.Dossiers;
using EventDossier.Import;
using EventDossier.Organisation;
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
        EventName.Of<UnitOpened>("unit_opened"),
        EventName.Of<UnitRenamed>("unit_renamed"),
        EventName.Of<UnitClosed>("unit_closed"),
        EventName.Of<PostCreated>("post_created"),
        EventName.Of<PostAbolished>("post_abolished"),
        EventName.Of<HolderAppointed>("holder_appointed"),
        EventName.Of<HolderRelieved>("holder_relieved"),
        EventName.Of<DeputyNamed>("deputy_named"),
        EventName.Of<DeputyRelieved>("deputy_relieved"),
        EventName.Of<AbsenceReported>("absence_reported"),
        EventName.Of<AbsenceEnded>("absence_ended"),
        EventName.Of<DelegationGiven>("delegation_given"),
        EventName.Of<DelegationRevoked>("delegation_revoked"));
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
[JsonSerializable(typeof(UnitOpened))]
[JsonSerializable(typeof(UnitRenamed))]
[JsonSerializable(typeof(UnitClosed))]
[JsonSerializable(typeof(PostCreated))]
[JsonSerializable(typeof(PostAbolished))]
[JsonSerializable(typeof(HolderAppointed))]
[JsonSerializable(typeof(HolderRelieved))]
[JsonSerializable(typeof(DeputyNamed))]
[JsonSerializable(typeof(DeputyRelieved))]
[JsonSerializable(typeof(AbsenceReported))]
[JsonSerializable(typeof(AbsenceEnded))]
[JsonSerializable(typeof(DelegationGiven))]
[JsonSerializable(typeof(DelegationRevoked))]
internal sealed partial class ProductEventsJson : JsonSerializerContext;
