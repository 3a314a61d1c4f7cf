using System.Globalization;
using EventDossier.Dossiers;
using EventDossier.Outages;
using static EventDossier.Web.Slips.SlipSheet;

namespace EventDossier.Web.Slips;

/// <summary>
/// Slips 01 printed before anybody has come, for a place that may be cut off: number, key and secret stand on them, the rest is filled in by hand. The key opens from the moment that the slip is typed in.
/// </summary>
internal static class SlipAhead
{
    private const string Blank = "……………………………………………";

    /// <param name="numbers">Those that are not used yet, each with what looks it up.</param>
    public static Markup Of(NumberBlock block, IReadOnlyList<(string Code, LookUpOnSlip LookUp)> numbers, Rulebook rules, DateTimeOffset now, bool sample)
    {
        var agency = rules.Organisation.UnitAt(block.Reserved.Agency, now)?.Name ?? new(block.Reserved.Agency, block.Reserved.Agency);
        var marks = sample ? [new Deadlines.Wording("Sample: not a slip of any authority.", "MẪU THỬ: không có giá trị pháp lý.")] : Array.Empty<Deadlines.Wording>();
        var count = numbers.Count.ToString(CultureInfo.InvariantCulture);
        return SlipSheet.Of(block.Name, Slip.Title("01"), agency, marks, Markup.Of(
        [
            Says($"{count} phiếu in sẵn cho {block.Reserved.Unit}, dùng khi mất kết nối. Phiếu không dùng đến phải nộp lại để hủy số.",
                $"{count} slips printed ahead for {block.Reserved.Unit}, for use while it is cut off. What is not used is handed back, and its number is voided."),
            .. numbers.Select(n => Markup.Of($"<section class=\"each\"><h2>{n.Code}/01-1</h2>\n{Form(block, n.Code)}{n.LookUp.Print()}{Signed(new Deadlines.Wording("Who receives it", "Người tiếp nhận"), new Deadlines.Wording("Who applies", "Người nộp hồ sơ"))}</section>\n")),
        ]));
    }

    private static Markup Form(NumberBlock block, string code) => Rows(
        Row("Mã hồ sơ", "Dossier", code), Row("Nơi nhận", "Place", block.Reserved.Unit), Row("Hồ sơ của", "Applicant", Blank), Row("Số định danh", "Identity number", Blank),
        Row("Điện thoại", "Phone", Blank), Row("Thủ tục", "Procedure", Blank), Row("Giấy tờ đã nộp", "Documents handed in", Blank), Row("Thời gian nhận hồ sơ", "Received", "……:…… ngày ……/……/………"),
        Row("Thời gian trả kết quả", "The result is due by", "……:…… ngày ……/……/………"));
}
