using EventDossier.Audit;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Web.Pages;

/// <summary>What an event says happened, in one line. Nothing personal is in it.</summary>
internal static class EventWords
{
    /// <summary>Of the clockwork, not of a person: nobody's work is overtaken by it.</summary>
    public static bool IsByMachine(DossierEvent e) => e is AlertRaised or AlertWithdrawn or NoticeSent;

    public static string Happened(this Words say, StoredEvent e) => With(say[EventWording.Of(e.Name)], say.Details((DossierEvent)e.Event));

    private static string?[] Details(this Words say, DossierEvent @event) => @event switch
    {
        DossierSubmitted e => [say.Channel(e.Channel)],
        SubmissionRefused e => [e.Reason],
        DossierReceived e => [say.Channel(e.Channel), e.Due is { } due ? say[$"due {say.Moment(due)}", $"hẹn {say.Moment(due)}"] : null],
        ReceiptVoided e => [e.Reason],
        ApplicantCorrected e => [e.Reason],
        ProcedureCorrected e => [e.Procedure.Code, e.Reason],
        ProcedureVersionChanged e => [e.Provision],
        SlipReissued e => [e.Slip, e.Reason],
        SlipDelivered e => [e.Slip, say.Choice(e.By)],
        DossierAssigned e => [e.Officer, e.Reason],
        StepStarted e => [e.Step],
        StepCompleted e => [e.Step],
        HandOverOffered e => [e.ToUnit, e.ToOfficer],
        HandOverAccepted e => [e.Unit, e.Officer],
        HandOverSentBack e => [e.Reason],
        ConsultationAsked e => [e.Unit, e.Question],
        ConsultationAnswered e => [e.Answer],
        DossierLinked e => [e.Other],
        DocumentAttached e => [e.Kind],
        DossierHeld e => [e.Basis],
        DossierHoldLifted e => [e.Basis],
        SupplementRequested e => [string.Join("; ", e.Items)],
        SupplementProvided e => [e.Slip],
        FeeAsked e => [say.Money(e.Amount)],
        FeePaid e => [say.Money(e.Amount)],
        DossierSuspended e => [e.Provision, e.Reason],
        DossierStopped e => [e.Provision, e.Reason],
        DossierResumed e => [e.Reason],
        DossierExtended e => [say.Moment(e.Until), e.Reason],
        LateApology e => [say.Moment(e.Appointment), e.Reason],
        DueDateReprojected e => [e.Decision],
        DossierDecided e => [say.Choice(e.Outcome), e.Reason],
        ResultReady e => [e.Judgement is { } judged ? say.Judged(judged) : null],
        ResultReturned e => [say.Choice(e.Channel)],
        DossierWithdrawn e => [e.Reason],
        DossierTerminated e => [e.Provision, e.Reason],
        DossierRated e => [$"{e.Level}/5"],
        AlertRaised e => [say.Level(e.Level), string.Join(", ", e.To.Select(to => to.Person).OfType<string>())],
        AlertWithdrawn e => [e.Reason],
        AlertAcknowledged e => [e.By],
        AlertSnoozed e => [say.Moment(e.Until), e.Reason],
        NoticeSent e => [e.Slip],
        NumberReserved e => [e.Block],
        NumberVoided e => [e.Reason],
        ProgressTracked e => [e.System, $"{(int)e.Status}/10", e.Reason],
        ActivityImported e => [e.Activity],
        ClockCarriedOver e => [e.Used is { } used ? say[$"used {used} by the older system", $"hệ thống cũ ghi đã dùng {used}"] : null, say[$"{e.Minutes} working minutes by our clock", $"theo đồng hồ: {e.Minutes} phút làm việc"]],
        DossierImported e => [e.File, .. e.Aliases ?? []],
        _ => throw new InvalidOperationException($"the pages have no words for {@event.GetType().Name}"),
    };

    private static string Choice<T>(this Words say, T word) where T : struct, Enum => say[ActWords.Choices[word.ToString().ToLowerInvariant()]];

    private static string With(string what, string?[] details) =>
        string.Join(": ", new[] { what, string.Join(", ", details.Where(detail => !string.IsNullOrWhiteSpace(detail))) }.Where(part => part.Length > 0));
}
