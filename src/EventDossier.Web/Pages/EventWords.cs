using EventDossier.Dossiers;

namespace EventDossier.Web.Pages;

/// <summary>What an event says happened, in one line. Nothing personal is in it.</summary>
internal static class EventWords
{
    /// <summary>Of the clockwork, not of a person: nobody's work is overtaken by it.</summary>
    public static bool IsByMachine(DossierEvent e) => e is AlertRaised or AlertWithdrawn or NoticeSent;

    public static string Happened(this Words say, DossierEvent @event) => @event switch
    {
        DossierSubmitted e => With(say["submitted", "nộp hồ sơ"], say.Channel(e.Channel)),
        SubmissionRefused e => With(say["refused, form 03", "từ chối tiếp nhận, mẫu 03"], e.Reason),
        DossierReceived e => With(say["received", "tiếp nhận"], say.Channel(e.Channel), e.Due is { } due ? say[$"due {say.Moment(due)}", $"hẹn {say.Moment(due)}"] : null),
        ReceiptVoided e => With(say["receipt voided", "hủy tiếp nhận"], e.Reason),
        ApplicantCorrected e => With(say["applicant corrected", "sửa người nộp"], e.Reason),
        ProcedureCorrected e => With(say["procedure corrected", "sửa thủ tục"], e.Procedure.Code, e.Reason),
        ProcedureVersionChanged e => With(say["procedure version changed", "chuyển phiên bản thủ tục"], e.Provision),
        SlipReissued e => With(say["slip issued again", "cấp lại phiếu"], e.Slip, e.Reason),
        SlipDelivered e => With(say["slip delivered", "đã giao phiếu"], e.Slip, say[ActWords.Choices[Name(e.By)]]),
        DossierAssigned e => With(say["assigned", "phân công"], e.Officer, e.Reason),
        StepStarted e => With(say["step begun", "bắt đầu bước"], e.Step),
        StepCompleted e => With(say["step completed", "hoàn thành bước"], e.Step),
        HandOverOffered e => With(say["hand-over offered", "chuyển đơn vị"], e.ToUnit, e.ToOfficer),
        HandOverAccepted e => With(say["hand-over accepted", "nhận bàn giao"], e.Unit, e.Officer),
        HandOverSentBack e => With(say["sent back", "trả lại bên giao"], e.Reason),
        ConsultationAsked e => With(say["opinion asked", "lấy ý kiến"], e.Unit, e.Question),
        ConsultationAnswered e => With(say["opinion given", "trả lời ý kiến"], e.Answer),
        DossierLinked e => With(say["linked", "liên kết"], e.Other),
        DocumentAttached e => With(say["document attached", "đính kèm giấy tờ"], e.Kind),
        DossierHeld e => With(say["legal hold", "lệnh lưu giữ"], e.Basis),
        DossierHoldLifted e => With(say["legal hold lifted", "gỡ lệnh lưu giữ"], e.Basis),
        SupplementRequested e => With(say["supplement asked, form 02", "yêu cầu bổ sung, mẫu 02"], string.Join("; ", e.Items)),
        SupplementProvided e => With(say["supplement arrived", "đã bổ sung"], e.Slip),
        FeeAsked e => With(say["fee asked", "yêu cầu nộp phí"], say.Money(e.Amount)),
        FeePaid e => With(say["fee paid", "đã nộp phí"], say.Money(e.Amount)),
        DossierSuspended e => With(say["suspended", "tạm dừng"], e.Provision, e.Reason),
        DossierStopped e => With(say["stopped, form 05", "dừng giải quyết, mẫu 05"], e.Provision, e.Reason),
        DossierResumed e => With(say["resumed", "tiếp tục"], e.Reason),
        DossierExtended e => With(say["extended, form 04", "gia hạn, mẫu 04"], say.Moment(e.Until), e.Reason),
        LateApology e => With(say["late apology, form 04", "xin lỗi muộn, mẫu 04"], say.Moment(e.Appointment), e.Reason),
        DueDateReprojected e => With(say["due date told anew", "tính lại hạn"], e.Decision),
        DossierDecided e => With(say["decided", "quyết định"], say[ActWords.Choices[Name(e.Outcome)]], e.Reason),
        ResultReady e => With(say["result ready", "đã có kết quả"], e.Judgement is { } judged ? say.Judged(judged) : null),
        ResultReturned e => With(say["result returned", "trả kết quả"], say[ActWords.Choices[Name(e.Channel)]]),
        DossierWithdrawn e => With(say["withdrawn", "rút hồ sơ"], e.Reason),
        DossierTerminated e => With(say["ended", "chấm dứt"], e.Provision, e.Reason),
        DossierRated e => With(say["rated", "đánh giá"], $"{e.Level}/5"),
        AlertRaised e => With(say["alert", "cảnh báo"], say.Level(e.Level), string.Join(", ", e.To.Select(to => to.Person).OfType<string>())),
        AlertWithdrawn e => With(say["alert withdrawn", "rút cảnh báo"], e.Reason),
        AlertAcknowledged e => With(say["alert acknowledged", "nhận xử lý cảnh báo"], e.By),
        AlertSnoozed e => With(say["alert put off", "hoãn cảnh báo"], say.Moment(e.Until), e.Reason),
        NoticeSent => say["applicant notified", "đã báo người nộp"],
        ActivityImported e => With(say["activity of the older system", "việc ở hệ thống cũ"], e.Activity),
        DossierImported e => With(say["imported", "nhập từ hệ thống cũ"], e.File),
        _ => throw new InvalidOperationException($"the pages have no words for {@event.GetType().Name}"),
    };

    private static string Name<T>(T word) where T : struct, Enum => word.ToString().ToLowerInvariant();

    private static string With(string what, params string?[] details) =>
        string.Join(": ", new[] { what, string.Join(", ", details.Where(detail => !string.IsNullOrWhiteSpace(detail))) }.Where(part => part.Length > 0));
}
