using System.Globalization;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Deliveries;
using EventDossier.Dossiers;
using EventDossier.Procedures;
using EventDossier.Store;
using EventDossier.Web.Pages;
using static EventDossier.Web.Slips.SlipSheet;

namespace EventDossier.Web.Slips;

/// <summary>A slip that was issued, with what it was made of: what it said then it says whenever it is printed.</summary>
/// <param name="Event">That gave it its number.</param>
/// <param name="Content">That it tells of: another where it was issued again in the place of one before.</param>
/// <param name="Before">The dossier just before <paramref name="Event"/>.</param>
/// <param name="Then">And just after.</param>
/// <param name="Issued">As the dossier has it now: delivered, cancelled.</param>
internal sealed record Slip(StoredEvent Event, DossierEvent Content, Dossier Before, Dossier Then, Dossier.Slip Issued)
{
    private static readonly Words _vi = new(Language.Vi), _en = new(Language.En);

    public string Number => Issued.Number;

    /// <summary>Not issued yet.</summary>
    public bool IsDraft { get; init; }

    public static Wording Title(string form) => form switch
    {
        "01" => new("Receipt of the dossier and appointment for the result", "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ"),
        "02" => new("Request to supplement the dossier", "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ"),
        "03" => new("Refusal to receive the dossier", "PHIẾU TỪ CHỐI TIẾP NHẬN HỒ SƠ"),
        "04" => new("Apology and new appointment for the result", "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ"),
        "05" => new("Notice that handling is stopped", "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ"),
        "06" => new("Control slip", "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ"),
        "07" => new("Register of dossiers", "SỔ THEO DÕI HỒ SƠ"),
        "fee" => new("Fee notice", "THÔNG BÁO NỘP PHÍ, LỆ PHÍ"),
        _ => throw new InvalidOperationException($"there is no form {form}"),
    };

    /// <summary>Null where the dossier has no slip of that number.</summary>
    public static Slip? Find(string number, IReadOnlyList<StoredEvent> events)
    {
        var (then, issued) = (new Dossier(events[0].Stream), default(Slip));
        var contents = new Dictionary<string, DossierEvent>(StringComparer.Ordinal);
        foreach (var e in events)
        {
            var (before, @event) = (then, (DossierEvent)e.Event);
            then = then.After(@event, e.Version);
            for (var i = before.Slips.Count; i < then.Slips.Count; i++)
            {
                var slip = then.Slips[i];
                contents[slip.Number] = @event is SlipReissued again ? contents.GetValueOrDefault(again.Cancelled, @event) : @event;
                if (slip.Number == number)
                    issued = new(e, contents[number], before, then, slip);
            }
        }
        return issued is null ? null : issued with { Issued = then.Slips.Find(s => s.Number == number)! };
    }

    /// <param name="applicant">Null where erased, or never named.</param>
    /// <param name="lookUp">On form 01, where and how the applicant looks the dossier up; null for one that was cancelled.</param>
    public Markup Print(Rulebook rules, Applicant? applicant, LookUpOnSlip? lookUp, bool sample)
    {
        var at = Issued.At;
        var agency = Then.Agency is { } code ? rules.Organisation.UnitAt(code, at)?.Name ?? new(code, code) : new Wording("Public Administration Service Centre", "Trung tâm Phục vụ hành chính công");
        var procedure = rules.Procedure(Then.Procedure)?.Published;
        var marks = new List<Wording>();
        if (sample)
            marks.Add(new("Sample: not a slip of any authority.", "MẪU THỬ: không có giá trị pháp lý."));
        if (IsDraft)
            marks.Add(new("Draft: the date is a proposal, the reason is to be written in.", "DỰ THẢO: ngày hẹn là đề xuất, cần ghi lý do."));
        if (Issued.Cancelled)
            marks.Add(new("Cancelled: another slip has taken its place.", "ĐÃ HỦY: đã được thay bằng phiếu khác."));
        return SlipSheet.Of(Number, Title(Issued.Form), agency, marks, Markup.Of([Addressed(applicant, procedure), Body(rules, procedure), lookUp?.Print() ?? Markup.Nothing, Ended(agency)]));
    }

    private Markup Addressed(Applicant? applicant, ProcedurePublished? procedure) => Rows(
        Row("Hồ sơ của", "Applicant", applicant?.Name ?? "……………………………"), Row("Địa chỉ", "Address", applicant?.Address),
        Row("Điện thoại, thư điện tử", "Phone, mail", string.Join(", ", new[] { applicant?.Phone, applicant?.Mail }.OfType<string>())),
        Row("Mã hồ sơ", "Dossier", Then.Code), Row("Nội dung yêu cầu giải quyết", "Matter", procedure is null ? Then.Procedure?.Code : $"{procedure.Name} ({procedure.Code})"));

    private Markup Body(Rulebook rules, ProcedurePublished? procedure) => Content switch
    {
        DossierReceived or ApplicantCorrected or ProcedureCorrected or SlipReissued or ClockCarriedOver => Receipt(rules, procedure),
        SupplementRequested e => Markup.Of(
        [
            Says("Để giải quyết hồ sơ, đề nghị ông/bà bổ sung, hoàn thiện:", "To go on, we need from you:"), Numbered(e.Items),
            Says("Thời hạn giải quyết tạm dừng từ khi phiếu này được giao đến khi giấy tờ bổ sung được nộp.", "The time limit stands from the delivery of this slip until what is missing arrives."),
        ]),
        SubmissionRefused e => Markup.Of([Rows(Row("Lý do từ chối tiếp nhận", "Why it is not received", e.Reason)), Says("Hồ sơ này chưa được tiếp nhận và không tính thời hạn giải quyết.", "The dossier was not received, and no time limit runs.")]),
        DossierStopped e => Rows(Row("Căn cứ", "Legal basis", e.Provision), Row("Lý do", "Reason", e.Reason),
            Row("Thời hạn", "Time limit", new Wording("stands from the delivery of this slip until handling is resumed", "tạm dừng từ khi phiếu này được giao đến khi tiếp tục giải quyết"))),
        FeeAsked e => Rows(Row("Số tiền", "Amount", $"{e.Amount.ToString("N0", CultureInfo.InvariantCulture).Replace(',', '.')} đồng"), Row("Căn cứ", "Legal basis", e.Provision),
            Row("Thời hạn", "Time limit", new Wording("stands from the delivery of this notice until the payment", "tạm dừng từ khi thông báo này được giao đến khi nộp tiền"))),
        DossierExtended e => Apology(e.Reason, e.Until, late: false),
        LateApology e => Apology(e.Reason, e.Appointment, late: true),
        _ => throw new InvalidOperationException($"{Content.GetType().Name} issues no slip"),
    };

    private Markup Receipt(Rulebook rules, ProcedurePublished? procedure)
    {
        var known = rules.Known(Event.RecordedAt);
        var ledger = Then.Clock is { } clock && WorkCalendar.Reaches(clock.Start) ? DueDate.Compute(clock.Start, clock.Limit, known) : null;
        return Markup.Of(
        [
            Rows(
                procedure?.Documents is { Count: > 0 } documents ? Row("Thành phần hồ sơ theo quy định", "Documents that belong to it", Numbered(documents)) : Markup.Nothing,
                Then.Documents.Count > 0 ? Row("Giấy tờ đã nộp", "Documents handed in", Numbered(Then.Documents.Select(d => d.Kind))) : Markup.Nothing,
                Row("Cách nộp", "Channel", Both(say => say.Channel(Then.Channel))),
                Row("Nơi nhận", "Place", Then.Place ?? (Then.Unit is { } unit ? rules.Organisation.UnitAt(unit, Issued.At)?.Name.Vi ?? unit : null)),
                Row("Thời hạn giải quyết", "Time limit", Then.Limit is { } limit ? Both(say => say.Limit(limit)) : new("", "")),
                Row("Thời gian nhận hồ sơ", "Received", Moment(Then.ReceivedAt)),
                Row("Thời gian trả kết quả", "The result is due by", Moment(Then.Promised)),
                procedure?.Fee is { } fee ? Row("Phí, lệ phí", "Fee", $"{fee.ToString("N0", CultureInfo.InvariantCulture).Replace(',', '.')} đồng") : Markup.Nothing),
            ledger is { Provisional: true }
                ? Says("Ngày hẹn là tạm tính: chưa có quyết định về ngày nghỉ lễ của năm liên quan, ngày hẹn có thể thay đổi.", "The date is provisional: the holidays of that year are not decided yet, and it may move.") : Markup.Nothing,
        ]);
    }

    private static Wording Both(Func<Words, string> tell) => new(tell(_en), tell(_vi));

    private Markup Apology(string reason, DateTimeOffset until, bool late) => Markup.Of(
    [
        Rows(Row("Đã hẹn trả kết quả", "The result was due by", Moment(Before.Due ?? Before.Promised)), Row("Lý do", "Reason", reason), Row("Hẹn lại ngày trả kết quả", "New date for the result", Moment(until))),
        Says("Chúng tôi xin lỗi vì sự chậm trễ và những phiền hà gây ra cho ông/bà.", "We apologise for the delay and the trouble it causes you."),
        late ? Says("Hồ sơ vẫn được tính là quá hạn theo ngày hẹn cũ.", "The dossier counts as late by the former date.") : Markup.Nothing,
    ]);

    private Markup Ended(Wording agency) => Markup.Of(
    [
        Markup.Of($"<p>{agency.Vi}, {Day(Issued.At)}</p>\n"),
        Signed(Issued.Form is "01" ? [new("Applicant", "Người nộp hồ sơ"), new("Received by", "Người tiếp nhận")] : [new("Received by the applicant", "Người nhận phiếu"), new("For the agency", "Đại diện cơ quan")]),
        Markup.Of($"<p class=\"small\">Lập bởi / made by: {Event.Metadata.Actor}</p>\n"),
    ]);

    public static string Moment(DateTimeOffset? at) => at is { } moment ? WorkCalendar.Vietnam.Local(moment).ToString("HH:mm 'ngày' dd/MM/yyyy", CultureInfo.InvariantCulture) : "";

    public static string Day(DateTimeOffset? at) => at is { } moment ? WorkCalendar.Vietnam.Local(moment).ToString("'ngày' dd 'tháng' MM 'năm' yyyy", CultureInfo.InvariantCulture) : "";
}

/// <summary>What form 01 says of looking the dossier up, and of proving its history.</summary>
/// <param name="Address">Of the page.</param>
/// <param name="Key">Until the slip is cancelled.</param>
/// <param name="Secret">The dossier's in the public log, which stays good for ever.</param>
internal sealed record LookUpOnSlip(Uri Address, string Code, string Key, byte[] Secret)
{
    /// <summary>The secret stands behind #, where browsers keep it to themselves.</summary>
    private string Link => $"{Address}?code={Uri.EscapeDataString(Code)}&key={Key}#secret={Convert.ToHexStringLower(Secret)}";

    public Markup Print() => Markup.Of(
        $"""
        <div class="look">{Qr(Link, new("QR code for looking the dossier up", "Mã QR tra cứu hồ sơ"))}
        <div><p>Tra cứu hồ sơ tại <code>{Address}</code> bằng mã hồ sơ và mã tra cứu:<i lang="en">Look the dossier up there by its code and the key:</i></p><p><strong><code>{Key}</code></strong></p>
        <p class="small">Mất phiếu: báo trung tâm để hủy và cấp mã mới. Mã QR còn giữ bí mật của hồ sơ trong nhật ký công khai: ai giữ phiếu hoặc bản sao đều có thể chứng minh lịch sử hồ sơ, kể cả sau khi phiếu bị hủy.
        <i lang="en">Lost slip: tell the centre, which cancels the key and issues another. The QR code also holds the dossier's secret in the public log: whoever has this slip, or a copy, can prove its history, even after it was cancelled.</i></p></div></div>

        """);
}
