using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Organisation;

namespace EventDossier.Deliveries;

/// <summary>What applicants are told, by mail, text message or letter. A notice rests on an event; whether it is still true is looked at when it is sent.</summary>
public static class Notices
{
    /// <summary>The events that applicants are told of.</summary>
    internal static IReadOnlyList<Type> Events { get; } =
    [
        typeof(DossierReceived), typeof(SupplementRequested), typeof(SubmissionRefused), typeof(FeeAsked), typeof(DueDateReprojected), typeof(ProcedureCorrected),
        typeof(DossierExtended), typeof(LateApology), typeof(ResultReady), typeof(CollectionReminded),
    ];

    /// <summary>Null where there is nothing to tell.</summary>
    public static NoticeKind? Of(object @event) => @event switch
    {
        DossierReceived { Slip: not null } => NoticeKind.Received, // without a slip an older system received it
        SupplementRequested => NoticeKind.SupplementWanted,
        SubmissionRefused => NoticeKind.Refused,
        FeeAsked => NoticeKind.FeeDue,
        DueDateReprojected { Due: not null } or ProcedureCorrected => NoticeKind.DateMoved,
        DossierExtended or LateApology => NoticeKind.Apology,
        ResultReady => NoticeKind.ResultReady,
        CollectionReminded => NoticeKind.ResultWaiting,
        _ => null,
    };

    public static string? SlipOf(DossierEvent @event) => @event switch
    {
        DossierReceived e => e.Slip,
        SupplementRequested e => e.Slip,
        SubmissionRefused e => e.Slip,
        FeeAsked e => e.Slip,
        ProcedureCorrected e => e.Slip,
        DossierExtended e => e.Slip,
        LateApology e => e.Slip,
        _ => null,
    };

    /// <summary>Why a notice is no longer to be sent; null while it is.</summary>
    public static string? Outdated(DossierEvent @event, Dossier now) => @event switch
    {
        _ when now.Stage is Stage.Voided or Stage.Withdrawn => StageNames.Of(now.Stage),
        SupplementRequested or FeeAsked when now.Slips.Find(s => s.Number == SlipOf(@event)) is { } slip && (slip.Answered is not null || slip.Cancelled) => "answered",
        DossierReceived or DueDateReprojected or ProcedureCorrected or DossierExtended or LateApology when now.FinishedAt is not null => "finished",
        ResultReady or CollectionReminded when now.ReturnedAt is not null => "returned",
        _ => null,
    };

    /// <summary>How it goes: by mail, else by text message, else by letter, as far as the applicant and the centre have it.</summary>
    public static NoticeChannel Choose(Applicant applicant, DeliverySettings settings) =>
        applicant.Mail is { } mail && OrganisationRules.IsMail(mail) && settings.Smtp is not null ? NoticeChannel.Mail
        : applicant.Phone is { Length: > 0 } && settings is { Sms: not null, WebhookSecret: not null } ? NoticeChannel.Sms
        : NoticeChannel.Letter;

    /// <param name="procedure">Its name; null where none is known.</param>
    public static Letter Letter(Applicant applicant, DossierEvent @event, Dossier dossier, string? procedure)
    {
        var (subject, tells) = Told(@event, dossier);
        return Letters.Compose(
            new($"{subject.En}: {dossier.Code}", $"{subject.Vi}: {dossier.Code}"),
            [
                new($"Dear {applicant.Name},", $"Kính gửi ông/bà {applicant.Name},"),
                new($"Dossier {dossier.Code}{(procedure is null ? "" : $" ({procedure})")}.", $"Hồ sơ mã số {dossier.Code}{(procedure is null ? "" : $" ({procedure})")}."),
                tells,
                .. applicant.Address is { } address ? [Letters.Same(address)] : Array.Empty<Wording>(),
            ]);
    }

    /// <summary>One short message, in Vietnamese.</summary>
    public static string Text(DossierEvent @event, Dossier dossier)
    {
        var (subject, tells) = Told(@event, dossier);
        return $"{subject.Vi}: {dossier.Code}. {tells.Vi}";
    }

    private static (Wording Subject, Wording Tells) Told(DossierEvent @event, Dossier dossier) => @event switch
    {
        DossierReceived e => (
            new("Your dossier was received", "Đã tiếp nhận hồ sơ"),
            new($"It was received at {Letters.Time(e.OccurredAt)}. The result is promised by {Letters.Time(e.Due)}. Slip {e.Slip}.",
                $"Hồ sơ được tiếp nhận lúc {Letters.Time(e.OccurredAt)}, hẹn trả kết quả {Letters.Time(e.Due)}. Số phiếu {e.Slip}.")),
        SupplementRequested e => (
            new("Something is missing in your dossier", "Yêu cầu bổ sung hồ sơ"),
            new($"Please bring or send: {string.Join("; ", e.Items)}. Slip {e.Slip}.", $"Đề nghị bổ sung: {string.Join("; ", e.Items)}. Số phiếu {e.Slip}.")),
        SubmissionRefused e => (
            new("Your dossier was not accepted", "Từ chối tiếp nhận hồ sơ"),
            new($"Reason: {e.Reason}. Slip {e.Slip}.", $"Lý do: {e.Reason}. Số phiếu {e.Slip}.")),
        FeeAsked e => (
            new("A fee is due", "Thông báo nộp phí, lệ phí"),
            new($"Amount: {e.Amount:N0} đồng, under {e.Provision}. Notice {e.Slip}.", $"Số tiền: {e.Amount.ToString("N0", Vietnamese)} đồng, theo {e.Provision}. Số thông báo {e.Slip}.")),
        DossierExtended e => (
            new("We apologise: a new date for your result", "Xin lỗi và hẹn lại ngày trả kết quả"),
            new($"Reason: {e.Reason}. The result is now promised by {Letters.Time(e.Until)}. Slip {e.Slip}.",
                $"Lý do: {e.Reason}. Hẹn trả kết quả {Letters.Time(e.Until)}. Số phiếu {e.Slip}.")),
        LateApology e => (
            new("We apologise: your result is late", "Xin lỗi vì trễ hạn trả kết quả"),
            new($"Reason: {e.Reason}. We expect it by {Letters.Time(e.Appointment)}. Slip {e.Slip}.",
                $"Lý do: {e.Reason}. Dự kiến trả kết quả {Letters.Time(e.Appointment)}. Số phiếu {e.Slip}.")),
        DueDateReprojected or ProcedureCorrected => (
            new("The date of your result has changed", "Thay đổi ngày hẹn trả kết quả"),
            new($"The result is now due by {Letters.Time(((ClockMoved)@event).Due ?? dossier.Due)}.", $"Hạn trả kết quả nay là {Letters.Time(((ClockMoved)@event).Due ?? dossier.Due)}.")),
        ResultReady => (
            new("Your result is ready", "Đã có kết quả"),
            new("The result lies ready. Please bring your receipt and a proof of identity.", "Kết quả đã sẵn sàng. Khi đến nhận, đề nghị mang theo giấy tiếp nhận và giấy tờ tùy thân.")),
        CollectionReminded => (
            new("Your result still lies ready", "Kết quả đang chờ ông/bà đến nhận"),
            new($"The result has been ready since {Letters.Time(dossier.FinishedAt)}. Please bring your receipt and a proof of identity.",
                $"Kết quả đã sẵn sàng từ {Letters.Time(dossier.FinishedAt)}. Khi đến nhận, đề nghị mang theo giấy tiếp nhận và giấy tờ tùy thân.")),
        _ => throw new InvalidOperationException($"applicants are not told of {@event.GetType().Name}"),
    };

    /// <summary>1.250.000 đồng.</summary>
    private static readonly System.Globalization.NumberFormatInfo Vietnamese = new() { NumberGroupSeparator = "." };
}
