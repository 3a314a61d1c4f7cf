using EventDossier.Deadlines;
using EventDossier.Deliveries;

namespace EventDossier.Requests;

/// <summary>The minutes of a hand-over, to be printed and signed by both: what went over, by which checksums it is known again, who gave and who took it.</summary>
internal static class Minutes
{
    private static readonly Wording _sign = new("Given by: ……………………    Taken by: ……………………", "Bên giao: ……………………    Bên nhận: ……………………");

    public static Letter Of(AuthorityRequest request, EvidenceHandedOver over, string? checkpoint) => Letters.Compose(
        new($"Minutes {over.Minutes}: evidence of {over.Packs.Count} dossiers", $"Biên bản {over.Minutes}: bàn giao chứng cứ của {over.Packs.Count} hồ sơ"),
        [
            new($"On {Letters.Time(over.OccurredAt)} these evidence packs were handed over:", $"Lúc {Letters.Time(over.OccurredAt)} đã bàn giao các gói chứng cứ sau:"),
            new($"To: {over.To}, for {request.Asked.From}, letter {request.Asked.Letter}. Basis: {request.Asked.Basis}.",
                $"Bên nhận: {over.To}, thay mặt {request.Asked.From}, công văn số {request.Asked.Letter}. Căn cứ: {request.Asked.Basis}."),
            new($"Request {request.Number}, entered by {request.Asked.By}, approved by {request.Approved!.By}; handed over by {over.By}. Names of applicants are {(request.Asked.Names ? "in" : "not in")} the packs.",
                $"Yêu cầu số {request.Number}, người vào sổ {request.Asked.By}, người duyệt {request.Approved.By}, người bàn giao {over.By}. Gói {(request.Asked.Names ? "có" : "không có")} thông tin người nộp."),
            new("Whoever holds a pack checks it without us: `dossier pack check FILE`. Its SHA-256 tells whether it is the one that was handed over.",
                "Bên nhận tự kiểm tra gói bằng lệnh: `dossier pack check TỆP`. Mã SHA-256 cho biết gói có đúng là gói đã bàn giao."),
            .. checkpoint is null ? Array.Empty<Wording>() : [new Wording($"The public log then: {checkpoint}", $"Nhật ký công khai khi đó: {checkpoint}")],
            _sign,
        ],
        new(
            [new("Dossier", "Mã hồ sơ"), new("Events", "Số sự kiện"), new("Bytes", "Số byte"), new("SHA-256", "SHA-256")],
            [.. over.Packs.Select(p => (IReadOnlyList<Wording>)[Letters.Same(p.Code), Letters.Same($"{p.LastVersion}"), Letters.Same($"{p.Size}"), Letters.Same(p.Sha256)])]));
}
