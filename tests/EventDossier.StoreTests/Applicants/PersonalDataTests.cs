using System.Text;
using EventDossier.Applicants;
using EventDossier.Audit;
using EventDossier.Documents;
using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.StoreTests.Applicants;

/// <summary>Nothing personal is handed out that the access log does not have.</summary>
public sealed class PersonalDataTests : IAsyncLifetime
{
    private readonly TestCentre _centre = new();
    private Sealed _hoa = null!;
    private string _code = null!;

    public async Task InitializeAsync()
    {
        await _centre.InitializeAsync();
        _hoa = await _centre.Keys.SealAsync(KeyStoreTests.Hoa, KeyStoreTests.Id(1));
        _code = await _centre.Centre.ReceiveAsync(applicant: _hoa);
    }

    public Task DisposeAsync() => _centre.DisposeAsync();

    [Fact]
    public async Task Whatever_is_opened_is_told_of_its_reader_and_what_was_erased_is_not()
    {
        var binh = await _centre.Keys.SealAsync(new Applicant("Đỗ Văn Bình"), KeyStoreTests.Id(2));
        var other = await _centre.Centre.ReceiveAsync(applicant: binh);
        var documents = new DocumentFolder(Folder, _centre.Keys);
        var stored = await documents.StoreAsync(_hoa.Applicant, new MemoryStream(Encoding.UTF8.GetBytes("bản vẽ")));
        (await _centre.Centre.Desk.DoAsync(_code, new AttachDocument("bản vẽ", stored.Sha256, stored.Size), _centre.Centre.Context())).Refusal.ShouldBeNull();

        var opened = await Personal.OpenAsync(Reader("lan", "list", "khiếu nại số 3"), [(_code, _hoa), (other, binh)]);
        opened.Select(a => a!.Name).ShouldBe([KeyStoreTests.Hoa.Name, "Đỗ Văn Bình"]);
        (await Personal.DocumentAsync(Reader("minh", "documents read"), Folder, _code, stored.Sha256)).Bytes.ShouldBe(Encoding.UTF8.GetBytes("bản vẽ"));
        await _centre.Keys.DestroyAsync([binh.Applicant], default);
        (await Personal.OpenAsync(Reader("lan", "show"), [(other, binh)])).ShouldBe([null]);
        (await Personal.TellAsync(_hoa, a => a.Phone is not null)).ShouldBe(true);

        var log = await RowsAsync();
        log.Select(r => (r.Actor, r.What, r.Where, r.Code, r.Reason)).ShouldBe(
            [("minh", "document", "documents read", _code, null), ("lan", "applicant", "list", other, "khiếu nại số 3"), ("lan", "applicant", "list", _code, "khiếu nại số 3")], ignoreOrder: true);
        log.Single(r => r.What == "document").Document.ShouldBe(stored.Sha256);
        (await AccessLog.View.FindAsync(_centre.Database.App, _code, "lan")).Count.ShouldBe(1);
        (await AccessLog.View.FindAsync(_centre.Database.App, null, null, (log[0].Position, log[0].Code))).Count.ShouldBe(2, "the next page");

        // In the log like everything else: verified, and the view is what replaying gives.
        var verification = new Verification(_centre.Database);
        await verification.StreamsAsync();
        await verification.FoldsAsync();
        await verification.ViewsAsync(ProductViews.All);
        verification.Report.Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_cannot_be_put_down_is_not_handed_out()
    {
        await _centre.Centre.AskAsync("REVOKE INSERT ON dossier.mt_events FROM dossier_app");

        await Should.ThrowAsync<PostgresException>(() => Personal.OpenAsync(Reader("lan", "show"), [(_code, _hoa)]));
        await Should.ThrowAsync<PostgresException>(async () => await Personal.OpenAsync(Reader("lan", "pack"), await _centre.Database.Log.ReadStreamAsync(_code), OpenedData.Pack));
        await Should.ThrowAsync<PostgresException>(async () => await Personal.NamesAsync(Reader("lan", "list"), [await RowAsync()]));

        await _centre.Centre.AskAsync("GRANT INSERT ON dossier.mt_events TO dossier_app");
        (await RowsAsync()).ShouldBeEmpty();
    }

    /// <summary>The programs can't go past it: what gives clear text is not theirs to call.</summary>
    [Fact]
    public void Nothing_else_that_is_public_gives_clear_text() => new[] { typeof(KeyStore), typeof(DocumentFolder) }.SelectMany(type => type.GetMethods())
        .Where(method => method.ReturnType.ToString() is var type && (type.Contains(nameof(Applicant) + "]", StringComparison.Ordinal) || type.Contains("Byte[]", StringComparison.Ordinal) || type.Contains("[System.String]", StringComparison.Ordinal)))
        .Select(method => method.Name).ShouldBeEmpty();

    private string Folder => Path.Combine(_centre.Folder, "documents");

    private PersonalData Personal => new(_centre.Database, () => Task.FromResult(_centre.Keys));

    private int _readings;

    private Reader Reader(string actor, string where, string? reason = null) => new(KeyStoreTests.Id(500 + _readings++), actor, Role.Clerk, where, reason);

    private async Task<Overview.Row> RowAsync()
    {
        await new Views(ProductViews.All, _centre.Database).CatchUpAsync(default);
        return (await Overview.View.FindAsync(_centre.Database.App, new())).Single(r => r.Code == _code);
    }

    private async Task<IReadOnlyList<AccessLog.Row>> RowsAsync()
    {
        await new Views(ProductViews.All, _centre.Database).CatchUpAsync(default);
        return await AccessLog.View.FindAsync(_centre.Database.App, null, null);
    }
}
