using EventDossier.Deadlines;
using EventDossier.Deliveries;
using EventDossier.Documents;
using EventDossier.Dossiers;
using EventDossier.Record;
using EventDossier.Store;

namespace EventDossier.Applicants;

/// <summary>That an applicant was erased, as far as the stores themselves can show it. Nothing in it is personal.</summary>
/// <param name="Position">Of the erasure's event in the log; <paramref name="Event"/> is its id.</param>
/// <param name="KeyDestroyedAt">By the key store.</param>
/// <param name="InRegister">The register that outlives both stores has it.</param>
/// <param name="Sealed">How many sealed data of the applicant stand in their dossiers: none of them opened.</param>
/// <param name="Files">Encrypted documents of theirs that still lie in the folder, which nobody can read.</param>
/// <param name="Leaf">Where the public log has the event; null while it is not sealed.</param>
/// <param name="TreeSize">Of the checkpoint that has the leaf.</param>
public sealed record ErasureCertificate(
    Guid Applicant, DateTimeOffset OccurredAt, DateTimeOffset RecordedAt, long Position, Guid Event, string By, string ApprovedBy, string Basis, IReadOnlyList<string> Dossiers,
    DateTimeOffset KeyDestroyedAt, bool InRegister, long Sealed, long Files, long? Leaf, long? TreeSize, DateTimeOffset MadeAt)
{
    /// <summary>Tries everything that is sealed under the applicant's key in their dossiers.</summary>
    /// <exception cref="UserError"><c>not-erased</c>: no such erasure, or something of it can still be opened.</exception>
    public static async Task<ErasureCertificate> OfAsync(Database database, KeyStore keys, ErasureRegister register, string documents, Guid applicant, CancellationToken cancel = default)
    {
        var e = (await database.Log.ReadStreamAsync(ApplicantRecord.Stream(applicant), cancel: cancel)).FirstOrDefault(e => e.Event is ApplicantErased)
            ?? throw new UserError("not-erased", $"the log has no erasure of {applicant}");
        var erased = (ApplicantErased)e.Event;
        var destroyed = await keys.DestroyedAtAsync(applicant, cancel) ?? throw new UserError("not-erased", $"the key store still has what finds or opens {applicant}");
        var (data, files) = (0L, 0L);
        foreach (var code in erased.Dossiers)
        {
            var dossier = new Dossier(code);
            foreach (var of in await database.Log.ReadStreamAsync(code, cancel: cancel))
            {
                if (of.Event is DossierEvent happened)
                    dossier = dossier.After(happened, of.Version);
                if (PersonalData.SealedIn(of.Event) is { } found && found.Applicant == applicant)
                {
                    data++;
                    if (await PersonalData.OpensAsync(keys, of.Event, cancel))
                        throw new UserError("not-erased", $"{code} version {of.Version} can still be opened");
                }
                if (of.Event is DocumentAttached attached && dossier.Applicant?.Applicant == applicant)
                    files += DocumentFolder.Has(documents, attached.Sha256) ? 1 : 0;
            }
        }
        var tree = new RecordTree(database.App);
        var leaf = await tree.FindAsync(e.Stream, e.Version, cancel);
        return new(
            applicant, erased.OccurredAt, e.RecordedAt, e.Position, e.Id, e.Metadata.Actor, erased.ApprovedBy, erased.Basis, erased.Dossiers, destroyed,
            (await register.ReadAsync(cancel)).Any(entry => entry.Event.Applicant == applicant), data, files, leaf?.Index, leaf is null ? null : (await tree.CurrentAsync(cancel: cancel))?.Checkpoint.Size,
            database.Clock.GetUtcNow());
    }

    /// <summary>In both languages, as text and as a page.</summary>
    public Letter ToLetter() => Letters.Compose(
        new($"Certificate of erasure {Applicant}", $"Giấy xác nhận xóa dữ liệu {Applicant}"),
        [
            new($"Certificate of erasure of an applicant's personal data, made {Letters.Time(MadeAt)}.", $"Giấy xác nhận đã xóa dữ liệu cá nhân của người nộp hồ sơ, lập lúc {Letters.Time(MadeAt)}."),
            new(
                $"The key under which everything personal of this applicant was sealed has been destroyed ({Letters.Time(KeyDestroyedAt)}). {Sealed} sealed data in {Dossiers.Count} dossiers were tried for this certificate, and none can be opened."
                    + (Files == 0 ? " No document's file is left." : $" {Files} encrypted document files are still there, which nobody can read; dossier documents sweep removes them."),
                $"Khóa niêm phong toàn bộ dữ liệu cá nhân của người này đã bị hủy ({Letters.Time(KeyDestroyedAt)}). Đã thử mở {Sealed} dữ liệu niêm phong trong {Dossiers.Count} hồ sơ, không dữ liệu nào mở được."
                    + (Files == 0 ? " Không còn tệp tài liệu nào." : $" Còn {Files} tệp tài liệu đã mã hóa, không ai đọc được; lệnh dossier documents sweep sẽ xóa các tệp này.")),
            new(
                "The dossiers' dates, decisions and figures stay; hashes and proofs are over the sealed data and hold as before.",
                "Ngày tháng, quyết định và số liệu của hồ sơ được giữ lại; mã băm và chứng minh tính trên dữ liệu niêm phong nên vẫn đúng."),
            new(
                "It does not cover what was printed or sent before, notes of persons, text that was typed elsewhere, or copies of the key store from before the erasure together with the master key of that time: changing the master key and destroying its old shares and the older backups of the keys ends those.",
                "Không bao gồm bản in, thư đã gửi trước đó, ghi chép cá nhân, nội dung nhập ở nơi khác, hoặc bản sao cũ của kho khóa cùng khóa chủ thời đó: chúng hết hiệu lực khi đổi khóa chủ và hủy các phần khóa cũ, bản sao lưu khóa cũ."),
        ],
        new(
            [new("Item", "Mục"), new("Value", "Giá trị")],
            [
                Row(new("Applicant", "Người nộp"), $"{Applicant}"), Row(new("Basis", "Căn cứ"), Basis), Row(new("Erased at", "Xóa lúc"), Letters.Time(OccurredAt)),
                Row(new("Recorded at", "Ghi nhận lúc"), Letters.Time(RecordedAt)), Row(new("Carried out by", "Người thực hiện"), By), Row(new("Approved by", "Người duyệt"), ApprovedBy),
                Row(new("Dossiers", "Hồ sơ"), string.Join(", ", Dossiers)), Row(new("Event", "Sự kiện"), $"{Event}, {Position}"),
                [new("Register of erasures", "Sổ xóa dữ liệu"), InRegister ? new("entered", "đã ghi") : new("NOT entered", "CHƯA ghi")],
                [new("Public log", "Nhật ký công khai"), Leaf is { } leaf ? new($"leaf {leaf} in the tree of {TreeSize}", $"lá {leaf} trong cây {TreeSize}") : new("not sealed yet", "chưa niêm phong")],
            ]));

    private static Wording[] Row(Wording name, string value) => [name, Letters.Same(value)];
}
