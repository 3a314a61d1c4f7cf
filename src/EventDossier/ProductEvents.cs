using System.Text.Json.Serialization;
using EventDossier.Alerts;
using EventDossier.Applicants;
using EventDossier.Archives;
using EventDossier.Audit;
using EventDossier.Complaints;
using EventDossier.Collecting;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Import;
using EventDossier.Organisation;
using EventDossier.Outages;
using EventDossier.Procedures;
using EventDossier.Questionnaires;
using EventDossier.Queues;
using EventDossier.Record;
using EventDossier.Releases;
using EventDossier.Requests;
using EventDossier.Retention;
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
        EventName.Of<DossierSubmitted>("dossier_submitted"),
        EventName.Of<SubmissionRefused>("submission_refused"),
        EventName.Of<ReceiptVoided>("receipt_voided"),
        EventName.Of<ApplicantCorrected>("applicant_corrected"),
        EventName.Of<ProcedureCorrected>("procedure_corrected"),
        EventName.Of<ProcedureVersionChanged>("procedure_version_changed"),
        EventName.Of<SlipReissued>("slip_reissued"),
        EventName.Of<SlipDelivered>("slip_delivered"),
        EventName.Of<StepStarted>("step_started"),
        EventName.Of<HandOverOffered>("hand_over_offered"),
        EventName.Of<HandOverAccepted>("hand_over_accepted"),
        EventName.Of<HandOverSentBack>("hand_over_sent_back"),
        EventName.Of<ConsultationAsked>("consultation_asked"),
        EventName.Of<ConsultationAnswered>("consultation_answered"),
        EventName.Of<DossierLinked>("dossier_linked"),
        EventName.Of<DocumentAttached>("document_attached"),
        EventName.Of<SupplementRequested>("supplement_requested"),
        EventName.Of<SupplementProvided>("supplement_provided"),
        EventName.Of<FeeAsked>("fee_asked"),
        EventName.Of<FeePaid>("fee_paid"),
        EventName.Of<DossierSuspended>("dossier_suspended"),
        EventName.Of<DossierStopped>("dossier_stopped"),
        EventName.Of<DossierResumed>("dossier_resumed"),
        EventName.Of<DossierExtended>("dossier_extended"),
        EventName.Of<LateApology>("late_apology"),
        EventName.Of<DueDateReprojected>("due_date_reprojected"),
        EventName.Of<DossierTerminated>("dossier_terminated"),
        EventName.Of<DossierRated>("dossier_rated"),
        EventName.Of<ActivityImported>("activity_imported"),
        EventName.Of<DossierImported>("dossier_imported"),
        EventName.Of<ClockCarriedOver>("clock_carried_over"),
        EventName.Of<CodeAliased>("code_aliased"),
        EventName.Of<BacklogTold>("backlog_told"),
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
        EventName.Of<DelegationRevoked>("delegation_revoked"),
        EventName.Of<CalendarDecided>("calendar_decided"),
        EventName.Of<ApplicantErased>("applicant_erased"),
        EventName.Of<LegalHoldPlaced>("legal_hold_placed"),
        EventName.Of<LegalHoldLifted>("legal_hold_lifted"),
        EventName.Of<DossierHeld>("dossier_held"),
        EventName.Of<DossierHoldLifted>("dossier_hold_lifted"),
        EventName.Of<PersonalDataOpened>("personal_data_opened"),
        EventName.Of<SignedIn>("signed_in"),
        EventName.Of<AlertRaised>("alert_raised"),
        EventName.Of<AlertWithdrawn>("alert_withdrawn"),
        EventName.Of<AlertAcknowledged>("alert_acknowledged"),
        EventName.Of<AlertSnoozed>("alert_snoozed"),
        EventName.Of<LadderDecided>("ladder_decided"),
        EventName.Of<NoticeSent>("notice_sent"),
        EventName.Of<ProgressTracked>("progress_tracked"),
        EventName.Of<CollectionReminded>("collection_reminded"),
        EventName.Of<ReminderRuleDecided>("reminder_rule_decided"),
        EventName.Of<TicketTaken>("ticket_taken"),
        EventName.Of<TicketCalled>("ticket_called"),
        EventName.Of<TicketServed>("ticket_served"),
        EventName.Of<TicketLeft>("ticket_left"),
        EventName.Of<NumberReserved>("number_reserved"),
        EventName.Of<NumberVoided>("number_voided"),
        EventName.Of<NumberBlockReserved>("number_block_reserved"),
        EventName.Of<OutageDeclared>("outage_declared"),
        EventName.Of<OutageEnded>("outage_ended"),
        EventName.Of<EvidenceRequested>("evidence_requested"),
        EventName.Of<EvidenceApproved>("evidence_approved"),
        EventName.Of<EvidenceRefused>("evidence_refused"),
        EventName.Of<EvidenceHandedOver>("evidence_handed_over"),
        EventName.Of<EvidenceRequestClosed>("evidence_request_closed"),
        EventName.Of<ComplaintReceived>("complaint_received"),
        EventName.Of<ComplaintAccepted>("complaint_accepted"),
        EventName.Of<ComplaintDeclined>("complaint_declined"),
        EventName.Of<ComplaintAssigned>("complaint_assigned"),
        EventName.Of<ComplaintAnswered>("complaint_answered"),
        EventName.Of<ComplaintClosed>("complaint_closed"),
        EventName.Of<ComplaintRead>("complaint_read"),
        EventName.Of<ComplaintOverdue>("complaint_overdue"),
        EventName.Of<ComplaintLimitsDecided>("complaint_limits_decided"),
        EventName.Of<QuestionnaireDecided>("questionnaire_decided"),
        EventName.Of<QuestionnaireInvited>("questionnaire_invited"),
        EventName.Of<QuestionnaireAnswered>("questionnaire_answered"),
        EventName.Of<SatisfactionTargetsDecided>("satisfaction_targets_decided"),
        EventName.Of<ContactGiven>("contact_given"),
        EventName.Of<ErasuresProposed>("erasures_proposed"),
        EventName.Of<ErasuresApproved>("erasures_approved"),
        EventName.Of<ErasuresRefused>("erasures_refused"),
        EventName.Of<ErasuresCarriedOut>("erasures_carried_out"),
        EventName.Of<ArchiveMade>("archive_made"),
        EventName.Of<RecordKeyIntroduced>("record_key_introduced"),
        EventName.Of<ReleaseDrafted>("release_drafted"),
        EventName.Of<ReleaseChecked>("release_checked"),
        EventName.Of<ReleaseApproved>("release_approved"),
        EventName.Of<ReleasePublished>("release_published"),
        EventName.Of<ReleaseSuperseded>("release_superseded"),
        EventName.Of<ReleaseWithdrawn>("release_withdrawn"),
        EventName.Of<InformationRequested>("information_requested"),
        EventName.Of<InformationAnswered>("information_answered"),
        EventName.Of<PublicationPlanned>("publication_planned"),
        EventName.Of<PublicationLate>("publication_late"));
}

[JsonSerializable(typeof(DossierReceived))]
[JsonSerializable(typeof(DossierAssigned))]
[JsonSerializable(typeof(StepCompleted))]
[JsonSerializable(typeof(DossierDecided))]
[JsonSerializable(typeof(ResultReady))]
[JsonSerializable(typeof(ResultReturned))]
[JsonSerializable(typeof(DossierWithdrawn))]
[JsonSerializable(typeof(DossierSubmitted))]
[JsonSerializable(typeof(SubmissionRefused))]
[JsonSerializable(typeof(ReceiptVoided))]
[JsonSerializable(typeof(ApplicantCorrected))]
[JsonSerializable(typeof(ProcedureCorrected))]
[JsonSerializable(typeof(ProcedureVersionChanged))]
[JsonSerializable(typeof(SlipReissued))]
[JsonSerializable(typeof(SlipDelivered))]
[JsonSerializable(typeof(StepStarted))]
[JsonSerializable(typeof(HandOverOffered))]
[JsonSerializable(typeof(HandOverAccepted))]
[JsonSerializable(typeof(HandOverSentBack))]
[JsonSerializable(typeof(ConsultationAsked))]
[JsonSerializable(typeof(ConsultationAnswered))]
[JsonSerializable(typeof(DossierLinked))]
[JsonSerializable(typeof(DocumentAttached))]
[JsonSerializable(typeof(SupplementRequested))]
[JsonSerializable(typeof(SupplementProvided))]
[JsonSerializable(typeof(FeeAsked))]
[JsonSerializable(typeof(FeePaid))]
[JsonSerializable(typeof(DossierSuspended))]
[JsonSerializable(typeof(DossierStopped))]
[JsonSerializable(typeof(DossierResumed))]
[JsonSerializable(typeof(DossierExtended))]
[JsonSerializable(typeof(LateApology))]
[JsonSerializable(typeof(DueDateReprojected))]
[JsonSerializable(typeof(DossierTerminated))]
[JsonSerializable(typeof(DossierRated))]
[JsonSerializable(typeof(ActivityImported))]
[JsonSerializable(typeof(DossierImported))]
[JsonSerializable(typeof(ClockCarriedOver))]
[JsonSerializable(typeof(CodeAliased))]
[JsonSerializable(typeof(BacklogTold))]
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
[JsonSerializable(typeof(CalendarDecided))]
[JsonSerializable(typeof(ApplicantErased))]
[JsonSerializable(typeof(LegalHoldPlaced))]
[JsonSerializable(typeof(LegalHoldLifted))]
[JsonSerializable(typeof(DossierHeld))]
[JsonSerializable(typeof(DossierHoldLifted))]
[JsonSerializable(typeof(PersonalDataOpened))]
[JsonSerializable(typeof(SignedIn))]
[JsonSerializable(typeof(AlertRaised))]
[JsonSerializable(typeof(AlertWithdrawn))]
[JsonSerializable(typeof(AlertAcknowledged))]
[JsonSerializable(typeof(AlertSnoozed))]
[JsonSerializable(typeof(LadderDecided))]
[JsonSerializable(typeof(NoticeSent))]
[JsonSerializable(typeof(ProgressTracked))]
[JsonSerializable(typeof(CollectionReminded))]
[JsonSerializable(typeof(ReminderRuleDecided))]
[JsonSerializable(typeof(TicketTaken))]
[JsonSerializable(typeof(TicketCalled))]
[JsonSerializable(typeof(TicketServed))]
[JsonSerializable(typeof(TicketLeft))]
[JsonSerializable(typeof(NumberReserved))]
[JsonSerializable(typeof(NumberVoided))]
[JsonSerializable(typeof(NumberBlockReserved))]
[JsonSerializable(typeof(OutageDeclared))]
[JsonSerializable(typeof(OutageEnded))]
[JsonSerializable(typeof(EvidenceRequested))]
[JsonSerializable(typeof(EvidenceApproved))]
[JsonSerializable(typeof(EvidenceRefused))]
[JsonSerializable(typeof(EvidenceHandedOver))]
[JsonSerializable(typeof(EvidenceRequestClosed))]
[JsonSerializable(typeof(ComplaintReceived))]
[JsonSerializable(typeof(ComplaintAccepted))]
[JsonSerializable(typeof(ComplaintDeclined))]
[JsonSerializable(typeof(ComplaintAssigned))]
[JsonSerializable(typeof(ComplaintAnswered))]
[JsonSerializable(typeof(ComplaintClosed))]
[JsonSerializable(typeof(ComplaintRead))]
[JsonSerializable(typeof(ComplaintOverdue))]
[JsonSerializable(typeof(ComplaintLimitsDecided))]
[JsonSerializable(typeof(QuestionnaireDecided))]
[JsonSerializable(typeof(QuestionnaireInvited))]
[JsonSerializable(typeof(QuestionnaireAnswered))]
[JsonSerializable(typeof(SatisfactionTargetsDecided))]
[JsonSerializable(typeof(ContactGiven))]
[JsonSerializable(typeof(ErasuresProposed))]
[JsonSerializable(typeof(ErasuresApproved))]
[JsonSerializable(typeof(ErasuresRefused))]
[JsonSerializable(typeof(ErasuresCarriedOut))]
[JsonSerializable(typeof(ArchiveMade))]
[JsonSerializable(typeof(RecordKeyIntroduced))]
[JsonSerializable(typeof(ReleaseDrafted))]
[JsonSerializable(typeof(ReleaseChecked))]
[JsonSerializable(typeof(ReleaseApproved))]
[JsonSerializable(typeof(ReleasePublished))]
[JsonSerializable(typeof(ReleaseSuperseded))]
[JsonSerializable(typeof(ReleaseWithdrawn))]
[JsonSerializable(typeof(InformationRequested))]
[JsonSerializable(typeof(InformationAnswered))]
[JsonSerializable(typeof(PublicationPlanned))]
[JsonSerializable(typeof(PublicationLate))]
internal sealed partial class ProductEventsJson : JsonSerializerContext;
