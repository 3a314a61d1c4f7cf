using System.Net;
using System.Text;
using EventDossier.Alerts;
using EventDossier.Deadlines;

namespace EventDossier.Deliveries;

/// <summary>What people read: everything in Vietnamese, then everything in English.</summary>
internal static class Letters
{
    public static readonly Wording Centre = new("Public Administration Service Centre", "Trung tâm Phục vụ hành chính công");

    /// <param name="Head">Of each column.</param>
    public sealed record Table(IReadOnlyList<Wording> Head, IReadOnlyList<IReadOnlyList<Wording>> Rows);

    public static Letter Compose(Wording subject, IReadOnlyList<Wording> paragraphs, Table? table = null)
    {
        Func<Wording, string>[] languages = [w => w.Vi, w => w.En];
        var (text, html) = (new StringBuilder(), new StringBuilder());
        html.Append("<!doctype html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\"><title>").Append(Html(subject.Vi)).Append("</title></head><body>\n");
        foreach (var (i, language) in languages.Index())
        {
            if (i > 0)
                text.Append("\n----\n\n");
            html.Append(i == 0 ? "<div lang=\"vi\">\n" : "<hr>\n<div lang=\"en\">\n");
            foreach (var (at, paragraph) in paragraphs.Append(Centre).Index())
            {
                text.Append(language(paragraph)).Append("\n\n");
                html.Append("<p>").Append(Html(language(paragraph))).Append("</p>\n");
                if (at == 0 && table is not null)
                    Rows(table, language, text, html);
            }
            html.Append("</div>\n");
        }
        html.Append("</body></html>\n");
        return new($"{subject.Vi} / {subject.En}", text.ToString().TrimEnd() + "\n", html.ToString());
    }

    private static void Rows(Table table, Func<Wording, string> language, StringBuilder text, StringBuilder html)
    {
        html.Append("<table border=\"1\" cellpadding=\"4\" cellspacing=\"0\">\n<tr>");
        foreach (var head in table.Head)
            html.Append("<th>").Append(Html(language(head))).Append("</th>");
        html.Append("</tr>\n");
        foreach (var row in table.Rows)
        {
            text.Append("- ").AppendJoin("; ", row.Select(language).Where(cell => cell.Length > 0)).Append('\n');
            html.Append("<tr>").AppendJoin("", row.Select(cell => $"<td>{Html(language(cell))}</td>")).Append("</tr>\n");
        }
        text.Append('\n');
        html.Append("</table>\n");
    }

    /// <param name="due">What is due by now, of those dossiers that still are.</param>
    public static Letter Of(IReadOnlyList<AlertFacts> alerts, IReadOnlyDictionary<string, DateTimeOffset?> due)
    {
        var gravest = alerts.MaxBy(a => a.Level)!;
        return Compose(
            alerts.Count == 1
                ? new($"{Word(gravest.Level).En}: {gravest.Code}", $"{Word(gravest.Level).Vi}: {gravest.Code}")
                : new($"{alerts.Count} dossiers need you", $"{alerts.Count} hồ sơ cần ông/bà xử lý"),
            [
                new("These dossiers are in danger or late, and it falls to you to see to them:", "Các hồ sơ sau sắp hoặc đã quá hạn, đề nghị ông/bà xem xét, xử lý:"),
                .. alerts.Any(a => a.Level == AlertLevel.ApologyDuty)
                    ? [new Wording("Where an apology is owed, a draft of slip 04 with a proposed date is ready; its reason is yours to write.", "Với hồ sơ phải xin lỗi, dự thảo phiếu 04 kèm ngày hẹn đề xuất đã sẵn sàng; đề nghị ông/bà ghi lý do.")]
                    : Array.Empty<Wording>(),
                new("Please acknowledge them in your inbox. What nobody acknowledges goes up.", "Đề nghị xác nhận trong hộp cảnh báo. Cảnh báo không được xác nhận sẽ chuyển lên cấp trên."),
            ],
            new(
                [new("Dossier", "Mã hồ sơ"), new("Alert", "Cảnh báo"), new("Due", "Hạn trả")],
                [.. alerts.OrderByDescending(a => a.Level).ThenBy(a => a.DueAt).ThenBy(a => a.Code, StringComparer.Ordinal).Select(a => (IReadOnlyList<Wording>)
                    [Same(a.Code), Word(a.Level), Same(Time(due.GetValueOrDefault(a.Code)))])]));
    }

    public static Letter Of(Digest.Facts digest) => Compose(
        new(
            $"Morning of {digest.Day:dd/MM/yyyy}: {digest.Overdue} overdue, {digest.Endangered} in danger",
            $"Sáng {digest.Day:dd/MM/yyyy}: {digest.Overdue} hồ sơ quá hạn, {digest.Endangered} hồ sơ sắp đến hạn"),
        [
            new("Of your unit's dossiers these are overdue, or due within two working days:", "Hồ sơ của đơn vị đã quá hạn hoặc đến hạn trong hai ngày làm việc tới:"),
            .. digest.Overdue + digest.Endangered > digest.Dossiers.Count
                ? [new Wording($"The first {digest.Dossiers.Count} are listed.", $"Danh sách trên gồm {digest.Dossiers.Count} hồ sơ đầu tiên.")]
                : Array.Empty<Wording>(),
        ],
        new(
            [new("Dossier", "Mã hồ sơ"), new("Due", "Hạn trả"), new("Officer", "Cán bộ"), new("", "")],
            [.. digest.Dossiers.Select(d => (IReadOnlyList<Wording>)[Same(d.Code), Same(Time(d.Due)), Same(d.Officer ?? ""), d.Late ? new("overdue", "quá hạn") : new("in danger", "sắp đến hạn")])]));

    public static Letter Of(BacklogFacts backlog) => Compose(
        new(
            $"Taken over: {backlog.Count} dossiers late or due, {backlog.Late} of them overdue",
            $"Hồ sơ chuyển từ hệ thống cũ: {backlog.Count} hồ sơ đến hạn hoặc quá hạn, trong đó {backlog.Late} quá hạn"),
        [
            new("These dossiers were late or due already when they were taken over from the older system. They are told this once; what falls due from now on is told as it does:",
                "Các hồ sơ sau đã đến hạn hoặc quá hạn khi chuyển từ hệ thống cũ. Danh sách này chỉ gửi một lần; hồ sơ đến hạn sau thời điểm chuyển được cảnh báo như thường lệ:"),
            .. backlog.Count > backlog.Dossiers.Count
                ? [new Wording($"The first {backlog.Dossiers.Count} are listed.", $"Danh sách trên gồm {backlog.Dossiers.Count} hồ sơ đầu tiên.")]
                : Array.Empty<Wording>(),
        ],
        new(
            [new("Dossier", "Mã hồ sơ"), new("Alert", "Cảnh báo"), new("Due", "Hạn trả")],
            [.. backlog.Dossiers.Select(d => (IReadOnlyList<Wording>)[Same(d.Code), Word(d.Level), Same(Time(d.Due))])]));

    public static Letter Of(PublicationFacts late)
    {
        var (from, to) = (WorkCalendar.Vietnam.Local(late.From), WorkCalendar.Vietnam.Local(late.To.AddTicks(-1)));
        var (period, due) = ($"{from:dd/MM/yyyy} – {to:dd/MM/yyyy}", Time(late.DueAt));
        return Compose(
            new($"Publication is late: {period}", $"Chậm công bố dữ liệu: {period}"),
            [
                new($"By the timetable a release of {period} was to be out by {due}. None is.", $"Theo kế hoạch, dữ liệu kỳ {period} phải được công bố trước {due}, nhưng đến nay chưa công bố."),
                new("It is listed as late until a release of the period is out.", "Kỳ này còn được ghi là chậm cho đến khi dữ liệu được công bố."),
            ]);
    }

    public static string Time(DateTimeOffset? at) => at is { } moment ? WorkCalendar.Vietnam.Local(moment).ToString("HH:mm dd/MM/yyyy") : "";

    public static Wording Same(string text) => new(text, text);

    private static Wording Word(AlertLevel level) => level switch
    {
        AlertLevel.L0 => new("A step's budget is used up", "Bước xử lý quá thời gian quy định"),
        AlertLevel.Warning => new("Soon due", "Sắp đến hạn"),
        AlertLevel.ApologyDuty => new("An apology is owed unless it is ready in time", "Phải xin lỗi, hẹn lại nếu không kịp hạn"),
        AlertLevel.L1 => new("Overdue", "Quá hạn"),
        AlertLevel.L2 => new("Overdue, level 2", "Quá hạn, cấp 2"),
        AlertLevel.L3 => new("Overdue, level 3", "Quá hạn, cấp 3"),
        _ => throw new InvalidOperationException($"no words for {level}"),
    };

    private static string Html(string text) => WebUtility.HtmlEncode(text);
}
