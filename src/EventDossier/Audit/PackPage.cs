using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Record;
using EventDossier.Store;

namespace EventDossier.Audit;

/// <summary>The page of an evidence pack: one file without scripts or anything from elsewhere, Vietnamese before English, to be read and printed by people.</summary>
internal static class PackPage
{
    /// <summary>What happened, as people call it.</summary>
    private static readonly Dictionary<string, Wording> _events = new(StringComparer.Ordinal)
    {
        ["dossier_submitted"] = new("Submitted", "Nộp hồ sơ"),
        ["submission_refused"] = new("Refused at intake", "Từ chối tiếp nhận"),
        ["dossier_received"] = new("Received", "Tiếp nhận"),
        ["receipt_voided"] = new("Receipt voided", "Hủy tiếp nhận"),
        ["applicant_corrected"] = new("Applicant corrected", "Sửa người nộp"),
        ["procedure_corrected"] = new("Procedure corrected", "Sửa thủ tục"),
        ["procedure_version_changed"] = new("Moved to another version of the procedure", "Chuyển phiên bản thủ tục"),
        ["slip_reissued"] = new("Slip issued again", "Cấp lại phiếu"),
        ["slip_delivered"] = new("Slip delivered", "Giao phiếu"),
        ["dossier_assigned"] = new("Assigned", "Phân công"),
        ["step_started"] = new("Step begun", "Bắt đầu bước"),
        ["step_completed"] = new("Step done", "Hoàn thành bước"),
        ["hand_over_offered"] = new("Hand-over offered", "Chuyển hồ sơ"),
        ["hand_over_accepted"] = new("Hand-over accepted", "Nhận hồ sơ chuyển"),
        ["hand_over_sent_back"] = new("Hand-over sent back", "Trả lại hồ sơ chuyển"),
        ["consultation_asked"] = new("Opinion asked", "Lấy ý kiến"),
        ["consultation_answered"] = new("Opinion given", "Cho ý kiến"),
        ["dossier_linked"] = new("Linked", "Liên kết hồ sơ"),
        ["document_attached"] = new("Document attached", "Đính kèm tài liệu"),
        ["dossier_held"] = new("Legal hold", "Lệnh lưu giữ"),
        ["dossier_hold_lifted"] = new("Legal hold lifted", "Hết lệnh lưu giữ"),
        ["supplement_requested"] = new("Supplement requested", "Yêu cầu bổ sung"),
        ["supplement_provided"] = new("Supplement provided", "Nộp bổ sung"),
        ["fee_asked"] = new("Fee asked", "Thông báo phí"),
        ["fee_paid"] = new("Fee paid", "Nộp phí"),
        ["dossier_suspended"] = new("Suspended", "Tạm dừng theo quy định"),
        ["dossier_stopped"] = new("Stopped", "Dừng xử lý"),
        ["dossier_resumed"] = new("Resumed", "Tiếp tục xử lý"),
        ["dossier_extended"] = new("Extended, with an apology", "Gia hạn, xin lỗi"),
        ["late_apology"] = new("Late apology", "Xin lỗi muộn"),
        ["due_date_reprojected"] = new("Due date told anew", "Tính lại hạn trả"),
        ["dossier_decided"] = new("Decided", "Quyết định"),
        ["result_ready"] = new("Result ready", "Có kết quả"),
        ["result_returned"] = new("Result returned", "Trả kết quả"),
        ["dossier_withdrawn"] = new("Withdrawn", "Rút hồ sơ"),
        ["dossier_terminated"] = new("Terminated", "Chấm dứt"),
        ["dossier_rated"] = new("Rated", "Đánh giá"),
        ["alert_raised"] = new("Alert raised", "Cảnh báo"),
        ["alert_withdrawn"] = new("Alert withdrawn", "Thu hồi cảnh báo"),
        ["alert_acknowledged"] = new("Alert acknowledged", "Xác nhận cảnh báo"),
        ["alert_snoozed"] = new("Alert put off", "Hoãn cảnh báo"),
        ["notice_sent"] = new("Notice sent", "Gửi thông báo"),
        ["activity_imported"] = new("Activity of an older system", "Hoạt động từ hệ thống cũ"),
        ["dossier_imported"] = new("Taken over from an older system", "Chuyển từ hệ thống cũ"),
    };

    private static readonly Wording[] _notProved =
    [
        new("that what an event says is true: it shows who recorded it, and when, and that it was not changed since", "nội dung sự kiện là đúng sự thật: chỉ chứng minh ai đã ghi, khi nào, và sau đó không bị sửa"),
        new("that nothing was left out of the record, or happened to the dossier after the last event shown", "không có việc gì bị bỏ ngoài sổ, hoặc xảy ra sau sự kiện cuối cùng trong gói"),
        new("whose key signed the checkpoint: compare it with the key that the centre publishes", "khóa ký điểm kiểm là của ai: phải so với khóa mà trung tâm công bố"),
        new("that the log was shown to everyone alike, unless witnesses have cosigned the checkpoint", "mọi người đều được xem cùng một nhật ký, trừ khi có bên chứng kiến đồng ký"),
        new("names and texts in clear, where the pack has them: the events hold them sealed", "tên và nội dung đã mở, nếu có: trong sự kiện chúng được niêm phong"),
        new("a signature or time stamp put into the pack: it holds by certificates that you trust yourself, and whether one was revoked is to be asked of who issued it",
            "chữ ký số, dấu thời gian kèm theo: chỉ có giá trị theo chứng thư mà người kiểm tra tin cậy; việc thu hồi phải hỏi bên cấp"),
    ];

    public static string Of(EvidencePack pack)
    {
        var (html, dossier) = (new StringBuilder(), pack.Dossier);
        html.Append(
            $$"""
            <!doctype html>
            <html lang="vi"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1"><title>{{Html(pack.Code)}}</title>
            <style>
            body { font: 15px/1.45 "Noto Sans", "DejaVu Sans", Arial, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #111; }
            h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; border-bottom: 1px solid #999; } [lang=en] { color: #444; } i { font-style: normal; }
            table { border-collapse: collapse; width: 100%; font-size: .9rem; } th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; border: 1px solid #bbb; overflow-wrap: anywhere; }
            th { background: #eee; } thead { display: table-header-group; } tr { break-inside: avoid; } pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; background: #f6f6f6; padding: .7rem; }
            .sign { height: 6rem; border: 1px dashed #777; padding: .5rem; } dt { font-weight: bold; } .two { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
            @media (max-width: 45rem) { .two { grid-template-columns: 1fr; } } @media print { body { margin: 0; max-width: none; font-size: 11px; } .two { grid-template-columns: 1fr 1fr; } }
            </style></head><body>

            """);
        html.Append($"<h1>{Html(pack.Code)}<br>{Both(new("Evidence pack", "Gói chứng cứ"))}</h1>\n");
        Facts(html, pack, dossier);
        Proofs(html, pack);
        History(html, pack);
        Slips(html, dossier);
        Documents(html, dossier);
        Date(html, pack);
        Names(html, pack);
        html.Append($"<h2>{Both(new("Checking it", "Cách kiểm tra"))}</h2>\n<p>{Both(new(
            "On any machine, with neither database nor network:", "Trên máy bất kỳ, không cần cơ sở dữ liệu hay mạng:"))}</p>\n<pre>dossier pack check FILE.zip --vkey {Html(Vkey(pack) ?? "VKEY")}\nsha256sum FILES   # manifest.json\ndossier proof check proofs.json</pre>\n");
        html.Append($"<p>{Both(new(
            "A signature over manifest.json by the agency's certificate (CMS, detached) belongs at signature/manifest.p7s, a time stamp of it (RFC 3161) at signature/manifest.tsr.",
            "Chữ ký số của cơ quan trên manifest.json (CMS, tách rời) đặt tại signature/manifest.p7s, dấu thời gian (RFC 3161) tại signature/manifest.tsr."))}</p>\n");
        html.Append("<pre>dossier pack check FILE.zip --signature-ca CA.pem --timestamp-ca TSA.pem\nopenssl cms -verify -binary -inform DER -in signature/manifest.p7s -content manifest.json -CAfile CA.pem\nopenssl ts -verify -data manifest.json -in signature/manifest.tsr -CAfile TSA.pem</pre>\n");
        html.Append($"<div class=\"two\"><div class=\"sign\">{Both(new("Made by (name, date, signature)", "Người lập (họ tên, ngày, chữ ký)"))}</div><div class=\"sign\">{Both(new("Received by (name, date, signature)", "Người nhận (họ tên, ngày, chữ ký)"))}</div></div>\n");
        return html.Append("</body></html>\n").ToString();
    }

    private static void Facts(StringBuilder html, EvidencePack pack, Dossier d)
    {
        var procedure = pack.Rules.Select(e => (e.Version, e.Event)).LastOrDefault(e => e.Event is Procedures.ProcedurePublished && e.Version == d.Procedure?.Version).Event as Procedures.ProcedurePublished;
        Rows(html, [new("", ""), new("", "")],
        [
            .. Row(new("Procedure", "Thủ tục"), d.Procedure is { } p ? $"{procedure?.Name} ({p.Code}{(p.Version is { } v ? $", {v}" : "")})" : null),
            .. Row(new("Agency, unit, officer", "Cơ quan, đơn vị, cán bộ"), string.Join(" · ", new[] { d.Agency, d.Unit, d.Officer }.OfType<string>())),
            .. Row(new("Stage", "Trạng thái"), StageNames.Of(d.Stage)),
            .. Row(new("Submitted", "Nộp"), Time(d.SubmittedAt)), .. Row(new("Received", "Tiếp nhận"), Time(d.ReceivedAt)),
            .. Row(new("Promised on the slip", "Hẹn trả trên phiếu"), Time(d.Promised)), .. Row(new("Due, as known at last", "Hạn trả hiện tại"), Time(d.Due)),
            .. Row(new("Finished", "Có kết quả"), Time(d.FinishedAt)), .. Row(new("Judged", "Kết luận hạn"), d.Judgement switch
            {
                Judgement.Early => "sớm hạn / early", Judgement.OnTime => "đúng hạn / on time", Judgement.Late => "quá hạn / late", _ => null,
            }),
            .. Row(new("Returned", "Trả kết quả"), Time(d.ReturnedAt)), .. Row(new("Legal holds", "Lệnh lưu giữ"), d.Holds.Count == 0 ? null : string.Join("; ", d.Holds.Select(h => h.Basis))),
        ]);

        static IEnumerable<string[]> Row(Wording name, string? value) => string.IsNullOrEmpty(value) ? [] : [[Both(name), Html(value)]];
    }

    private static void Proofs(StringBuilder html, EvidencePack pack)
    {
        var proved = pack.Events.Count(e => pack.ProofOf(e) is not null);
        html.Append($"<h2>{Both(new("What it proves", "Điều gói này chứng minh"))}</h2>\n");
        html.Append(proved == 0
            ? $"<p>{Both(new("Nothing yet: none of the events is sealed in the public log.", "Chưa chứng minh được: chưa sự kiện nào được niêm phong trong nhật ký công khai."))}</p>\n"
            : $"<p>{Both(new(
                $"{proved} of {pack.Events.Count} events stand, exactly as shown, in the public log whose signed checkpoint is below: nobody has changed, moved or deleted them since it was signed.",
                $"{proved}/{pack.Events.Count} sự kiện có mặt, đúng như hiển thị, trong nhật ký công khai có điểm kiểm đã ký dưới đây: không ai sửa, dời hay xóa chúng kể từ khi ký."))}</p>\n");
        if (pack.Checkpoint is { } checkpoint)
            html.Append($"<pre>{Html(checkpoint)}</pre>\n<p>{Both(new("Key", "Khóa"))}: <code>{Html(Vkey(pack) ?? "")}</code></p>\n");
        html.Append($"<h2>{Both(new("What it does not prove", "Điều gói này không chứng minh"))}</h2>\n<ul>\n");
        foreach (var not in _notProved)
            html.Append($"<li>{Both(not)}</li>\n");
        html.Append("</ul>\n");
    }

    private static void History(StringBuilder html, EvidencePack pack)
    {
        html.Append($"<h2>{Both(new("History", "Lịch sử"))}</h2>\n<p>{Both(new(
            "Two times: when it counts as having happened, and when it was recorded.", "Hai thời điểm: thời điểm pháp lý và thời điểm ghi nhận."))}</p>\n");
        var dossier = new Dossier(pack.Code);
        var rows = new List<string[]>();
        foreach (var e in pack.Events)
        {
            dossier = dossier.After((DossierEvent)e.Event, e.Version);
            var who = e.Metadata;
            rows.Add([
                $"{e.Version}", Html(Time(((DossierEvent)e.Event).OccurredAt)!), Html(Time(e.RecordedAt)!),
                _events.TryGetValue(e.Name, out var wording) ? Both(wording) : Html(e.Name), Html($"{who.Actor}{(who.Role.Length > 0 ? $" ({who.Role})" : "")}{(who.Authority is { } a ? $", {a}" : "")}"),
                Details(e), Html(Time(dossier.Due) ?? ""), pack.ProofOf(e)?.Index.ToString(CultureInfo.InvariantCulture) ?? "–"]);
        }
        Rows(html,
        [
            new("No.", "Số"), new("Happened", "Thời điểm pháp lý"), new("Recorded", "Ghi nhận"), new("Event", "Sự kiện"), new("By", "Người thực hiện"), new("Data", "Dữ liệu"), new("Due then", "Hạn trả khi đó"),
            new("Leaf", "Lá"),
        ], rows);
    }

    /// <summary>What the event holds besides its time; what is sealed stays so.</summary>
    private static string Details(StoredEvent e)
    {
        using var json = JsonDocument.Parse(e.Data);
        return string.Join("<br>", json.RootElement.EnumerateObject().Where(p => p.Name != "occurredAt").OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{Html(p.Name)}: {Html(p.Value switch
        {
            { ValueKind: JsonValueKind.Object } value when value.TryGetProperty("data", out _) && value.TryGetProperty("applicant", out _) => "••• (niêm phong / sealed)",
            { ValueKind: JsonValueKind.String } value => value.GetString()!,
            var value => Encoding.UTF8.GetString(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(value.GetRawText()))),
        })}"));
    }

    private static void Slips(StringBuilder html, Dossier dossier)
    {
        if (dossier.Slips.Count == 0)
            return;
        html.Append($"<h2>{Both(new("Slips", "Các phiếu"))}</h2>\n");
        Rows(html, [new("Number", "Số phiếu"), new("Issued", "Lập"), new("Delivered", "Giao"), new("Answered", "Đáp ứng"), new("Cancelled", "Hủy")], dossier.Slips.Select(s => (string[])
            [Html(s.Number), Html(Time(s.At)!), Html(Time(s.DeliveredAt) ?? ""), Html(Time(s.Answered) ?? ""), s.Cancelled ? "×" : ""]));
    }

    private static void Documents(StringBuilder html, Dossier dossier)
    {
        if (dossier.Documents.Count == 0)
            return;
        html.Append($"<h2>{Both(new("Documents", "Tài liệu"))}</h2>\n<p>{Both(new(
            "The hash is of the encrypted file; the documents themselves are not in the pack.", "Mã băm là của tệp đã mã hóa; gói không chứa bản thân tài liệu."))}</p>\n");
        Rows(html, [new("Document", "Tài liệu"), new("Attached", "Đính kèm"), new("Bytes", "Số byte"), new("SHA-256", "SHA-256")], dossier.Documents.Select(d => (string[])
            [Html(d.Kind), Html(Time(d.At)!), d.Size.ToString(CultureInfo.InvariantCulture), $"<code>{Html(d.Sha256)}</code>"]));
    }

    private static void Date(StringBuilder html, EvidencePack pack)
    {
        if (pack.Date is not { } date)
            return;
        html.Append($"<h2>{Both(new("Why it was due then", "Vì sao có hạn trả này"))}</h2>\n<div class=\"two\"><pre>{Html(string.Join('\n', date.ToLines(Language.Vi)))}</pre>"
            + $"<pre lang=\"en\">{Html(string.Join('\n', date.ToLines(Language.En)))}</pre></div>\n");
    }

    private static void Names(StringBuilder html, EvidencePack pack)
    {
        if (pack.Names is not { Count: > 0 } names)
            return;
        html.Append($"<h2>{Both(new("Personal data, opened for this pack", "Dữ liệu cá nhân, mở cho gói này"))}</h2>\n");
        Rows(html, [new("Event", "Sự kiện"), new("Data", "Dữ liệu")], names.Select(n => (string[])
        [
            $"{n.Version}",
            n is { Applicant: null, Text: null } ? Both(new("erased", "đã xóa"))
                : Html(n.Text ?? string.Join(", ", new[] { n.Applicant!.Name, n.Applicant.IdentityNumber, n.Applicant.Address, n.Applicant.Phone, n.Applicant.Mail }.OfType<string>())),
        ]));
    }

    private static string? Vkey(EvidencePack pack) => pack.Proofs.Count > 0 ? pack.Proofs[0].Vkey : null;

    /// <param name="rows">HTML.</param>
    private static void Rows(StringBuilder html, IReadOnlyList<Wording> head, IEnumerable<string[]> rows)
    {
        html.Append("<table>\n");
        if (head[0].Vi.Length > 0)
            html.Append("<thead><tr>").AppendJoin("", head.Select(h => $"<th>{Both(h)}</th>")).Append("</tr></thead>\n");
        foreach (var row in rows)
            html.Append("<tr>").AppendJoin("", row.Select(cell => $"<td>{cell}</td>")).Append("</tr>\n");
        html.Append("</table>\n");
    }

    private static string Both(Wording text) => text.Vi == text.En ? Html(text.Vi) : $"<i>{Html(text.Vi)}</i> <i lang=\"en\">/ {Html(text.En)}</i>";

    private static string? Time(DateTimeOffset? at) => at is { } moment ? WorkCalendar.Vietnam.Local(moment).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : null;

    private static string Html(string text) => WebUtility.HtmlEncode(text);
}
