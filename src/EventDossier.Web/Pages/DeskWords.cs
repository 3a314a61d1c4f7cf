namespace EventDossier.Web.Pages;

/// <summary>Why acts on releases, the register of requests and the organisation are refused, in Vietnamese, and beside which field that is told. A test holds it complete.</summary>
internal static class DeskWords
{
    public static IReadOnlyDictionary<string, string> Refusals { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["approver-is-drafter"] = "Người soạn không tự phê duyệt: cần người thứ hai",
        ["bad-k"] = "k từ 3 đến 1000",
        ["bad-mail"] = "Không phải địa chỉ thư điện tử",
        ["bad-number"] = "Số văn bản không hợp lệ: tối đa 100 ký tự, không có khoảng trắng, không trùng mã chức vụ",
        ["bad-period"] = "Kết thúc phải sau bắt đầu",
        ["bad-person"] = "Mã cán bộ không hợp lệ: chữ thường, số, dấu chấm, gạch nối, 2 đến 50 ký tự",
        ["bad-post"] = "Mã chức vụ không hợp lệ: chữ, số, dấu chấm, gạch nối, tối đa 50 ký tự",
        ["bad-unit"] = "Mã đơn vị không hợp lệ: chữ, số, dấu chấm, gạch nối, tối đa 50 ký tự",
        ["bad-webhook"] = "Không phải địa chỉ https",
        ["counter-missing"] = "Cần nêu quầy gọi số",
        ["delegate-is-holder"] = "Người này đang giữ chức vụ đó, không cần ủy quyền",
        ["delegation-exists"] = "Số văn bản ủy quyền này đã có",
        ["deputy-is-holder"] = "Người này đang giữ chức vụ đó, không thể tự thay mình",
        ["files-changed"] = "Tệp không còn như lúc kiểm tra và phê duyệt; hãy kiểm tra lại",
        ["gate-failed"] = "Chưa qua cổng kiểm tra",
        ["later-holder"] = "Đã có ghi nhận về chức vụ này vào ngày sau đó; hãy ghi theo thứ tự thời gian",
        ["no-number-left"] = "Đã hết số của ngày này",
        ["no-such-agency"] = "Không có cơ quan này",
        ["no-such-release"] = "Không có bản công bố này",
        ["no-such-request"] = "Không có yêu cầu mang số này",
        ["no-such-ticket"] = "Không có số này",
        ["nobody-waits"] = "Không còn ai chờ",
        ["not-absent"] = "Người này không vắng mặt vào lúc đó",
        ["not-approved"] = "Chưa được phê duyệt",
        ["not-called"] = "Số này chưa được gọi",
        ["not-checked"] = "Chưa kiểm tra",
        ["not-deputy"] = "Người này không phải người thay vào lúc đó",
        ["not-holder"] = "Người này không giữ chức vụ vào lúc đó",
        ["not-in-force"] = "Ủy quyền không có hiệu lực vào lúc đó",
        ["not-publishable"] = "Thủ tục này không được công bố",
        ["not-published"] = "Không phải bản đang công bố",
        ["not-the-approver"] = "Bản này do người được nêu tên phê duyệt, hoặc người thay khi người đó vắng",
        ["overlaps-published"] = "Đã có bản công bố của thời gian này: hãy nêu bản được thay thế và lý do",
        ["period-not-over"] = "Thời gian này chưa kết thúc",
        ["post-exists"] = "Mã chức vụ này đã có",
        ["post-held"] = "Chức vụ đang có người giữ; hãy miễn nhiệm trước",
        ["release-closed"] = "Bản công bố đã khép lại",
        ["request-answered"] = "Yêu cầu đã được trả lời",
        ["request-known"] = "Số này là của yêu cầu khác",
        ["scope-missing"] = "Cần ghi nội dung yêu cầu",
        ["successor-circle"] = "Hai đơn vị không thể tiếp nhận lẫn nhau",
        ["successor-closed"] = "Đơn vị tiếp nhận cũng đã giải thể vào lúc đó",
        ["ticket-over"] = "Số này đã xong",
        ["unit-closed"] = "Đơn vị đã giải thể",
        ["unit-exists"] = "Mã đơn vị này đã có",
        ["unit-open"] = "Đơn vị chưa giải thể",
        ["unknown-delegation"] = "Không có ủy quyền này",
        ["unknown-person"] = "Người này chưa từng được bổ nhiệm",
        ["unknown-post"] = "Không có chức vụ này vào lúc đó",
    };

    /// <summary>As <see cref="ActWords.Places"/>.</summary>
    public static IReadOnlyDictionary<string, string[]> Places { get; } = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["approver-is-drafter"] = ["approver"], ["bad-k"] = ["k"], ["bad-mail"] = ["mail"], ["bad-number"] = ["number"], ["bad-period"] = ["to", "dueAt", "period"], ["bad-person"] = ["person"],
        ["bad-post"] = ["post"], ["bad-unit"] = ["unit"], ["bad-webhook"] = ["webhook"], ["delegate-is-holder"] = ["person"], ["delegation-exists"] = ["number"], ["deputy-is-holder"] = ["person", "deputy"],
        ["later-holder"] = ["from"], ["no-such-agency"] = ["agency"], ["no-such-request"] = ["request", "number"], ["not-absent"] = ["person"], ["not-deputy"] = ["person"], ["not-holder"] = ["person"],
        ["not-in-force"] = ["number"], ["not-publishable"] = ["procedure"], ["not-published"] = ["release", "supersedes"], ["overlaps-published"] = ["supersedes"], ["period-not-over"] = ["period"], ["post-exists"] = ["post"], ["post-held"] = ["post"],
        ["request-answered"] = ["request", "number"], ["request-known"] = ["number"], ["scope-missing"] = ["scope"], ["successor-circle"] = ["successor"], ["successor-closed"] = ["successor"],
        ["unit-closed"] = ["unit"], ["unit-exists"] = ["unit"], ["unit-open"] = ["unit"], ["unknown-delegation"] = ["number"], ["unknown-person"] = ["person", "deputy"], ["unknown-post"] = ["post"],
    };
}
