using System.Globalization;
using EventDossier.Alerts;
using EventDossier.Deadlines;
using EventDossier.Dossiers;

namespace EventDossier.Web.Pages;

/// <summary>
/// What pages say, in the reader's language. A text that stands in one place is told there in both languages; what comes up in many (stages, levels, roles, acts and
/// their fields, refusals) stands here and in <see cref="ActWords"/>.
/// </summary>
internal sealed class Words(Language language)
{
    private static readonly string[] _months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    public Language Language => language;

    /// <summary>As the attribute <c>lang</c> has it.</summary>
    public string Tag => language == Language.Vi ? "vi" : "en";

    public string this[string en, string vi] => language == Language.Vi ? vi : en;

    public string this[Wording wording] => language == Language.Vi ? wording.Vi : wording.En;

    /// <summary>To the minute, in the centre's time.</summary>
    public string Moment(DateTimeOffset at) => WorkCalendar.Vietnam.Local(at) is var local && language == Language.Vi
        ? $"{local:HH:mm dd/MM/yyyy}" : $"{Day(at)} {local:HH:mm}";

    public string Day(DateTimeOffset at) => WorkCalendar.Vietnam.Local(at) is var local && language == Language.Vi
        ? $"{local:dd/MM/yyyy}" : $"{local.Day} {_months[local.Month - 1]} {local.Year}";

    /// <summary>Working time in days of the centre, hours and minutes, of which the two greatest are told.</summary>
    public string Duration(int workingMinutes)
    {
        var (days, rest) = Math.DivRem(Math.Abs(workingMinutes), WorkCalendar.Vietnam.WorkdayMinutes);
        var parts = new List<string>();
        if (days > 0) parts.Add(this[$"{days} d", $"{days} ngày"]);
        if (rest >= 60) parts.Add(this[$"{rest / 60} h", $"{rest / 60} giờ"]);
        if (days == 0 && rest % 60 > 0) parts.Add(this[$"{rest % 60} min", $"{rest % 60} phút"]);
        return parts.Count == 0 ? this["0 min", "0 phút"] : string.Join(' ', parts);
    }

    /// <summary>In đồng.</summary>
    public string Money(long amount) => amount.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', language == Language.Vi ? '.' : ',') + " ₫";

    public string Stage(Stage stage) => stage switch
    {
        Dossiers.Stage.Submitted => this["submitted", "mới đăng ký"],
        Dossiers.Stage.Received => this["received", "đã tiếp nhận"],
        Dossiers.Stage.InProgress => this["in progress", "đang xử lý"],
        Dossiers.Stage.Decided => this["decided", "đã quyết định"],
        Dossiers.Stage.ResultReady => this["result ready", "đã có kết quả"],
        Dossiers.Stage.Returned => this["result returned", "đã trả kết quả"],
        Dossiers.Stage.Withdrawn => this["withdrawn", "công dân đã rút"],
        Dossiers.Stage.Terminated => this["ended", "đã chấm dứt"],
        Dossiers.Stage.Refused => this["refused", "từ chối tiếp nhận"],
        Dossiers.Stage.Voided => this["receipt voided", "hủy tiếp nhận"],
        _ => this["not known", "chưa rõ"],
    };

    public string Level(AlertLevel level) => level switch
    {
        AlertLevel.L0 => this["step late", "bước xử lý chậm"],
        AlertLevel.Warning => this["warning", "sắp đến hạn"],
        AlertLevel.ApologyDuty => this["apology due", "phải xin lỗi"],
        AlertLevel.L1 => this["overdue, level 1", "quá hạn, cấp 1"],
        AlertLevel.L2 => this["overdue, level 2", "quá hạn, cấp 2"],
        _ => this["overdue, level 3", "quá hạn, cấp 3"],
    };

    /// <summary>Of a slip's form.</summary>
    public string Form(string form) => form switch
    {
        "01" => this["receipt and appointment", "giấy tiếp nhận hồ sơ và hẹn trả kết quả"],
        "02" => this["request for supplement", "yêu cầu bổ sung, hoàn thiện hồ sơ"],
        "03" => this["refusal", "từ chối giải quyết hồ sơ"],
        "04" => this["apology and new appointment", "xin lỗi và hẹn lại ngày trả kết quả"],
        "05" => this["notice of stopping", "thông báo dừng giải quyết hồ sơ"],
        "fee" => this["fee notice", "thông báo phí, lệ phí"],
        _ => form,
    };

    public string Role(string role) => role switch
    {
        Dossiers.Role.Clerk => this["counter clerk", "cán bộ tiếp nhận"],
        Dossiers.Role.Officer => this["officer", "cán bộ thụ lý"],
        Dossiers.Role.Supervisor => this["supervisor", "lãnh đạo phòng"],
        Rights.Director => this["director", "giám đốc trung tâm"],
        Dossiers.Role.Auditor => this["auditor", "kiểm tra viên"],
        Dossiers.Role.TransparencyOfficer => this["transparency officer", "cán bộ công khai"],
        Dossiers.Role.Administrator => this["administrator", "quản trị viên"],
        Dossiers.Role.Citizen => this["citizen", "người dân"],
        _ => role,
    };

    public string Channel(string? channel) => channel switch
    {
        "online" => this["online", "trực tuyến"],
        "counter" => this["counter", "tại quầy"],
        "post" => this["post", "bưu chính"],
        _ => channel ?? "",
    };

    public string Limit(Limit limit) => limit.Rule switch
    {
        CountingRule.Days => this[$"{limit.Amount} working days", $"{limit.Amount} ngày làm việc"],
        CountingRule.Hours => this[$"{limit.Amount} working hours", $"{limit.Amount} giờ làm việc"],
        CountingRule.SameDay => this["the same day", "trong ngày"],
        CountingRule.CalendarDays => this[$"{limit.Amount} days", $"{limit.Amount} ngày"],
        _ => this[$"{limit.Amount} months", $"{limit.Amount} tháng"],
    };

    public string Judged(Judgement judgement) => judgement switch
    {
        Judgement.Early => this["early", "trước hạn"],
        Judgement.OnTime => this["on time", "đúng hạn"],
        _ => this["late", "quá hạn"],
    };
}
