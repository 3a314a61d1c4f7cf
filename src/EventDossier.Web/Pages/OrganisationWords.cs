using EventDossier.Deadlines;

namespace EventDossier.Web.Pages;

/// <summary>Fields and choices of the forms about people and units. A test holds it complete.</summary>
internal static class OrganisationWords
{
    private static readonly Dictionary<string, Wording> _fields = new(StringComparer.Ordinal)
    {
        ["unit"] = new("Code of the unit", "Mã đơn vị"),
        ["transfer-work.unit"] = new("Or the closed unit whose work goes on", "Hoặc đơn vị đã giải thể có việc cần bàn giao"),
        ["transfer-work.person"] = new("Who leaves", "Người thôi việc"),
        ["nameVi"] = new("Name in Vietnamese", "Tên tiếng Việt"),
        ["nameEn"] = new("Name in English", "Tên tiếng Anh"),
        ["kind"] = new("Kind", "Loại đơn vị"),
        ["parent"] = new("Part of", "Trực thuộc"),
        ["numbering"] = new("Whose code it is", "Loại mã"),
        ["inForm06"] = new("Counted in Form 06", "Tính vào Biểu 06"),
        ["successor"] = new("Who takes over what is open", "Đơn vị tiếp nhận hồ sơ dở dang"),
        ["post"] = new("Code of the post", "Mã chức vụ"),
        ["titleVi"] = new("Title in Vietnamese", "Tên chức vụ tiếng Việt"),
        ["titleEn"] = new("Title in English", "Tên chức vụ tiếng Anh"),
        ["role"] = new("Role", "Vai trò"),
        ["level"] = new("Level of the ladder that it stands for", "Cấp cảnh báo đảm nhiệm"),
        ["person"] = new("Person", "Người"),
        ["deputy"] = new("Who stands in, in every post", "Người thay, ở mọi chức vụ"),
        ["heir"] = new("Who goes on with the work", "Người tiếp nhận công việc"),
        ["number"] = new("Number of the delegation", "Số văn bản ủy quyền"),
        ["agencies"] = new("Whose dossiers it covers, one agency a line; else the post’s own", "Hồ sơ của cơ quan nào, mỗi dòng một mã; để trống là của chính chức vụ"),
        ["acts"] = new("Which acts it covers, one a line, such as decide; else all", "Việc được ủy quyền, mỗi dòng một việc, ví dụ decide; để trống là tất cả"),
        ["mail"] = new("Mail address", "Thư điện tử"),
        ["webhook"] = new("https address", "Địa chỉ https"),
        ["from"] = new("From when, if not from now", "Từ lúc nào, nếu không phải bây giờ"),
        ["to"] = new("Until", "Đến lúc"),
        ["reason"] = new("Reason, as it stands in each dossier", "Lý do, ghi vào từng hồ sơ"),
        ["basis"] = new("Decision that it rests on", "Quyết định làm căn cứ"),
    };

    public static IReadOnlyDictionary<string, Wording> Choices { get; } = new Dictionary<string, Wording>(StringComparer.Ordinal)
    {
        ["department"] = new("department", "sở, ngành"),
        ["stateCompany"] = new("state company", "doanh nghiệp nhà nước"),
        ["districtCentre"] = new("district centre", "trung tâm cấp huyện"),
        ["communeCentre"] = new("commune centre", "trung tâm cấp xã"),
        ["office"] = new("office", "văn phòng"),
        ["division"] = new("division", "phòng, bộ phận"),
        ["qcvn102"] = new("QCVN 102", "QCVN 102"),
        ["local"] = new("the centre’s own", "mã riêng của trung tâm"),
        ["clerk"] = new("counter clerk", "cán bộ tiếp nhận"),
        ["officer"] = new("officer", "cán bộ thụ lý"),
        ["supervisor"] = new("supervisor", "lãnh đạo phòng"),
        ["deputyHead"] = new("deputy head", "cấp phó"),
        ["head"] = new("head", "thủ trưởng"),
        ["director"] = new("director", "giám đốc trung tâm"),
        ["auditor"] = new("auditor", "kiểm tra viên"),
        ["transparencyOfficer"] = new("transparency officer", "cán bộ công khai"),
        ["administrator"] = new("administrator", "quản trị viên"),
    };

    public static Wording Field(string change, string field) => _fields.GetValueOrDefault($"{change}.{field}") ?? _fields[field];
}
