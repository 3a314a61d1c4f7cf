using EventDossier.Applicants;
using EventDossier.Documents;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.StoreTests.Applicants;

public sealed class ErasureTests : IAsyncLifetime
{
    private static readonly EraseApplicant Erase = new("Đơn số 17/2026", "truong-phong");
    private readonly TestCentre _centre = new();

    public Task InitializeAsync() => _centre.InitializeAsync();

    public Task DisposeAsync() => _centre.DisposeAsync();

    [Fact]
    public async Task Whoever_is_erased_cannot_be_opened_found_or_sealed_again_under_the_old_id()
    {
        var data = await _centre.Keys.SealAsync(KeyStoreTests.Hoa, KeyStoreTests.Id(1));
        (await _centre.Keys.OpenAsync(data)).ShouldNotBeNull();

        (await EraseAsync(data.Applicant)).Refusal.ShouldBeNull();

        (await _centre.Keys.OpenAsync(data)).ShouldBeNull();
        (await _centre.Keys.FindAsync("Hoà")).ShouldBeEmpty();
        (await _centre.Keys.FindAsync(KeyStoreTests.Hoa.IdentityNumber!)).ShouldBeEmpty();
        (await Should.ThrowAsync<UserError>(() => _centre.Keys.SealAsync(KeyStoreTests.Hoa, KeyStoreTests.Id(1)))).Code.ShouldBe("applicant-erased");
        (await _centre.Keys.SealAsync(KeyStoreTests.Hoa, KeyStoreTests.Id(2))).Applicant.ShouldBe(KeyStoreTests.Id(2), "who comes again begins anew");
        (await _centre.Database.Log.ReadStreamAsync(ApplicantRecord.Stream(data.Applicant))).ShouldHaveSingleItem().Event.ShouldBeOfType<ApplicantErased>().Basis.ShouldBe(Erase.Basis);
    }

    [Fact]
    public async Task Erased_twice_is_erased_once_and_a_refusal_leaves_all_as_it_was()
    {
        var data = await SealAsync();
        (await EraseAsync(data.Applicant, new HeldDossier("X-1", null, 5))).Refusal!.Code.ShouldBe("open-dossier");
        (await EraseAsync(KeyStoreTests.Id(99))).Refusal!.Code.ShouldBe("no-such-applicant");
        (await _centre.Keys.OpenAsync(data)).ShouldBe(KeyStoreTests.Hoa);

        (await EraseAsync(data.Applicant)).ShouldBe(new(1));
        (await EraseAsync(data.Applicant)).ShouldBe(new(1));
        (await ErasureRegister.In(_centre.Folder, sample: false).ReadAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_hold_stops_an_erasure_until_it_is_lifted()
    {
        var data = await SealAsync();
        var erasures = Erasures(_centre.Keys);
        await erasures.PlaceHoldAsync(new("Công văn 12"), data.Applicant, Context());
        (await EraseAsync(data.Applicant)).Refusal!.Code.ShouldBe("legal-hold");
        await erasures.LiftHoldAsync(new("Công văn 12", "hết hạn"), data.Applicant, Context());
        (await EraseAsync(data.Applicant)).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task A_hold_on_a_dossier_stops_the_erasure_of_whom_it_names_and_of_whom_it_named_by_mistake()
    {
        var (mistaken, right) = (await SealAsync(), await _centre.Keys.SealAsync(new Applicant("Đỗ Văn Bình"), KeyStoreTests.Id(5)));
        var (centre, desk) = (_centre.Centre, _centre.Centre.Desk);
        var code = await centre.ReceiveAsync(applicant: mistaken);
        (await desk.DoAsync(code, new CorrectApplicant(right, "nhầm người"), centre.Context<CorrectApplicant>())).Refusal.ShouldBeNull();
        (await desk.DoAsync(code, new PlaceHold("Công văn 12"), centre.Context<PlaceHold>())).Refusal.ShouldBeNull();
        (await ErasedOrWhyAsync(mistaken)).ShouldBe("legal-hold");
        (await ErasedOrWhyAsync(right)).ShouldBe("legal-hold");

        (await desk.DoAsync(code, new LiftHold("Công văn 12", "án đã xử"), centre.Context<LiftHold>())).Refusal.ShouldBeNull();
        (await ErasedOrWhyAsync(right)).ShouldBe("open-dossier");
        (await ErasedOrWhyAsync(mistaken)).ShouldBe("erased", "the dossier is another's");
        (await _centre.Keys.OpenAsync(mistaken)).ShouldBeNull();
        (await _centre.Keys.OpenAsync(right)).ShouldNotBeNull();

        async Task<string> ErasedOrWhyAsync(Sealed whom)
        {
            await new Views(ProductViews.All, _centre.Database).CatchUpAsync(default);
            return (await EraseAsync(whom.Applicant, [.. await HeldDossier.OfAsync(_centre.Database, whom.Applicant)])).Refusal?.Code ?? "erased";
        }
    }

    [Fact]
    public async Task A_certificate_tries_everything_that_was_sealed_and_is_not_given_while_any_of_it_opens()
    {
        var data = await SealAsync();
        var (centre, folder) = (_centre.Centre, Path.Combine(_centre.Folder, "documents"));
        var code = await centre.ReceiveAsync(applicant: data);
        var stored = await new DocumentFolder(folder, _centre.Keys).StoreAsync(data.Applicant, new MemoryStream([1, 2, 3]));
        await centre.Desk.DoAsync(code, new AttachDocument("đơn", stored.Sha256, stored.Size), centre.Context());
        (await Should.ThrowAsync<UserError>(CertifyAsync)).Code.ShouldBe("not-erased");
        var erased = new ApplicantErased(centre.Now, data.Applicant, "Đơn 17", "truong-phong", [code]);
        await _centre.Database.Log.AppendAsync([new(ApplicantRecord.Stream(data.Applicant), ApplicantRecord.StreamType, 0, Centre.Command(), [erased])]);
        (await Should.ThrowAsync<UserError>(CertifyAsync)).Code.ShouldBe("not-erased", "the key is still there");

        await EraseAsync(data.Applicant);
        await using (await _centre.OpenKeysAsync())
        {
        }
        var certificate = await CertifyAsync();
        (certificate.Sealed, certificate.Files, certificate.InRegister, certificate.Leaf).ShouldBe((1, 1, true, null));
        certificate.Dossiers.ShouldBe([code]);
        var letter = certificate.ToLetter();
        foreach (var text in (string[])[letter.Text, letter.Html])
            text.ShouldSatisfyAllConditions(t => t.ShouldContain(code), t => t.ShouldContain("Certificate of erasure"), t => t.ShouldNotContain(KeyStoreTests.Hoa.Name));

        Task<ErasureCertificate> CertifyAsync() => ErasureCertificate.OfAsync(_centre.Database, _centre.Keys, ErasureRegister.In(_centre.Folder, sample: false), folder, data.Applicant);
    }

    [Fact]
    public async Task Another_process_forgets_a_key_within_a_second()
    {
        var data = await SealAsync();
        await using var other = await _centre.OpenKeysAsync();
        (await other.OpenAsync(data)).ShouldNotBeNull();

        await EraseAsync(data.Applicant);

        await Centre.UntilAsync(async () => await other.OpenAsync(data) is null, "the key is forgotten", seconds: 3);
    }

    [Fact]
    public async Task An_erasure_cut_off_after_its_event_is_finished_by_whoever_opens_the_store()
    {
        var data = await SealAsync();
        var erased = new ApplicantErased(_centre.Centre.Now, data.Applicant, "Đơn", "x", []);
        await _centre.Database.Log.AppendAsync([new(ApplicantRecord.Stream(data.Applicant), ApplicantRecord.StreamType, 0, Centre.Command(), [erased])]);
        (await _centre.Keys.OpenAsync(data)).ShouldNotBeNull("the crash");

        await using var next = await _centre.OpenKeysAsync();

        (await next.OpenAsync(data)).ShouldBeNull();
        (await ErasureRegister.In(_centre.Folder, sample: false).ReadAsync()).ShouldHaveSingleItem().Event.Applicant.ShouldBe(data.Applicant);
    }

    [Fact]
    public async Task Older_copies_of_the_keys_or_of_both_stores_bring_nobody_back()
    {
        var data = await SealAsync();
        await using var olderKeys = new TestCentre();
        await olderKeys.InitializeAsync();
        var row = (string)(await _centre.AskKeysAsync("SELECT to_jsonb(a)::text FROM dossier_keys.applicant a"))!;
        await EraseAsync(data.Applicant);

        // The keys alone: the log knows better.
        await PutBackAsync(_centre);
        await using (var keys = await _centre.OpenKeysAsync())
            (await keys.OpenAsync(data)).ShouldBeNull();

        // Both, in a log that has no such event: the register knows.
        await PutBackAsync(olderKeys);
        File.Copy(MasterKey.FileIn(_centre.Folder, false), MasterKey.FileIn(olderKeys.Folder, false), overwrite: true);
        await olderKeys.AskKeysAsync("DELETE FROM dossier_keys.store");
        File.Copy(ErasureRegister.In(_centre.Folder, false).Path, ErasureRegister.In(olderKeys.Folder, false).Path);
        await using (var keys = await olderKeys.OpenKeysAsync())
            (await keys.OpenAsync(data)).ShouldBeNull();
        (await olderKeys.Database.Log.ReadStreamAsync(ApplicantRecord.Stream(data.Applicant))).ShouldHaveSingleItem("the log has its event again").Metadata.Actor.ShouldBe("os:lan");

        async Task PutBackAsync(TestCentre centre) => await centre.AskKeysAsync(
            $"DELETE FROM dossier_keys.applicant; INSERT INTO dossier_keys.applicant SELECT * FROM jsonb_populate_record(NULL::dossier_keys.applicant, '{row}')");
    }

    [Fact]
    public async Task The_register_outlives_a_torn_line_and_tells_of_a_damaged_one()
    {
        var data = await SealAsync();
        await EraseAsync(data.Applicant);
        var register = ErasureRegister.In(_centre.Folder, sample: false);
        await File.AppendAllTextAsync(register.Path, "{\"event\":{\"appl");
        (await register.ReadAsync()).ShouldHaveSingleItem();

        var other = await _centre.Keys.SealAsync(new Applicant("Đỗ Văn Bình"), KeyStoreTests.Id(5));
        await EraseAsync(other.Applicant);
        (await register.ReadAsync()).Select(e => e.Event.Applicant).ShouldBe([data.Applicant, other.Applicant]);

        await File.WriteAllTextAsync(register.Path, "{\"event\":{\"appl\n" + await File.ReadAllTextAsync(register.Path));
        (await Should.ThrowAsync<UserError>(() => _centre.OpenKeysAsync())).Code.ShouldBe("register-damaged");
    }

    [Fact]
    public async Task Under_a_changed_master_key_all_opens_as_before_and_the_old_key_opens_nothing()
    {
        var data = await SealAsync();
        await using var other = await _centre.OpenKeysAsync();
        var file = MasterKey.FileIn(_centre.Folder, sample: false);
        var old = await File.ReadAllTextAsync(file);

        (await _centre.Keys.ChangeMasterKeyAsync()).ShouldBe(1);

        (await _centre.Keys.OpenAsync(data)).ShouldBe(KeyStoreTests.Hoa);
        (await other.SealAsync(KeyStoreTests.Hoa, KeyStoreTests.Id(9))).ShouldBe(data, "another process goes on");
        await other.SealAsync(new Applicant("Đỗ Văn Bình"), KeyStoreTests.Id(5));
        await using (var fresh = await _centre.OpenKeysAsync())
            (await fresh.OpenAsync(data)).ShouldBe(KeyStoreTests.Hoa);

        // Cut off between its commit and the renaming of the file.
        File.Move(file, file + ".next");
        await File.WriteAllTextAsync(file, old);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using (var fresh = await _centre.OpenKeysAsync())
            (await fresh.OpenAsync(data)).ShouldBe(KeyStoreTests.Hoa);
        File.Exists(file + ".next").ShouldBeFalse();

        await File.WriteAllTextAsync(file, old);
        (await Should.ThrowAsync<UserError>(() => _centre.OpenKeysAsync())).Code.ShouldBe("master-key-wrong");
    }

    [Fact]
    public async Task The_dossiers_of_an_applicant_are_found_with_the_retention_of_their_procedure()
    {
        await _centre.Centre.InsertAsync($"/procedure/{Centre.Procedure}", "procedure_published",
            """{"occurredAt": "2025-01-02T00:00:00+07:00", "code": "P-1", "name": "Đăng ký biến động", "agency": "H49.12", "limit": "5 days", "retentionYears": 7}""");
        var applicant = new Sealed(KeyStoreTests.Id(1), "c2VhbGVk");
        var code = await _centre.Centre.ReceiveAsync(applicant: applicant);
        var other = await _centre.Centre.ReceiveAsync(applicant: applicant);
        await _centre.Centre.FinishAsync(other);
        await _centre.Centre.CatchUpAsync();

        (await HeldDossier.OfAsync(_centre.Database, KeyStoreTests.Id(1))).ShouldBe([new(code, null, 7), new(other, _centre.Centre.Now, 7)]);
        (await HeldDossier.OfAsync(_centre.Database, KeyStoreTests.Id(2))).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_document_is_read_again_by_its_hash_until_its_applicant_is_erased()
    {
        var data = await SealAsync();
        var folder = Path.Combine(_centre.Folder, "documents");
        var documents = new DocumentFolder(folder, _centre.Keys);
        var text = "Giấy khai sinh của Đỗ Thị Hoà"u8.ToArray();

        var stored = await documents.StoreAsync(data.Applicant, new MemoryStream(text));
        (await documents.StoreAsync(data.Applicant, new MemoryStream(text))).ShouldBe(stored);
        stored.Size.ShouldBe(text.Length);
        (await documents.ReadAsync(data.Applicant, stored.Sha256)).ShouldBe(text);
        var file = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ShouldHaveSingleItem();
        (await File.ReadAllBytesAsync(file)).AsSpan().IndexOf("sinh"u8).ShouldBe(-1);

        (await CodeAsync(() => documents.ReadAsync(data.Applicant, new string('0', 64)))).ShouldBe("no-such-document");
        (await CodeAsync(() => documents.ReadAsync(data.Applicant, "../../keys/master.key"))).ShouldBe("no-such-document");
        var other = await _centre.Keys.SealAsync(new Applicant("Đỗ Văn Bình"), KeyStoreTests.Id(5));
        (await CodeAsync(() => documents.ReadAsync(other.Applicant, stored.Sha256))).ShouldBe("document-damaged");
        (await CodeAsync(() => documents.StoreAsync(data.Applicant, new MemoryStream(new byte[DocumentFolder.MostBytes + 1])))).ShouldBe("document-too-large");
        await using (var spoil = File.Open(file, FileMode.Open))
        {
            spoil.Seek(-1, SeekOrigin.End);
            spoil.WriteByte(0);
        }
        (await CodeAsync(() => documents.ReadAsync(data.Applicant, stored.Sha256))).ShouldBe("document-damaged");
        await documents.StoreAsync(data.Applicant, new MemoryStream(text));
        (await documents.ReadAsync(data.Applicant, stored.Sha256)).ShouldBe(text, "stored again, it is whole again");

        var kept = await documents.StoreAsync(other.Applicant, new MemoryStream(text));
        await EraseAsync(data.Applicant);
        (await documents.ReadAsync(data.Applicant, stored.Sha256)).ShouldBeNull();
        (await documents.SweepAsync()).ShouldBe(1);
        File.Exists(file).ShouldBeFalse();
        (await documents.ReadAsync(other.Applicant, kept.Sha256)).ShouldBe(text);

        static async Task<string> CodeAsync(Func<Task> act) => (await Should.ThrowAsync<UserError>(act)).Code;
    }

    private Task<Sealed> SealAsync() => _centre.Keys.SealAsync(KeyStoreTests.Hoa, KeyStoreTests.Id(1));

    private Erasures Erasures(KeyStore keys) => new(_centre.Database, keys, ErasureRegister.In(_centre.Folder, sample: false));

    private ActContext Context() => new(_centre.Centre.Now, Centre.Command() with { Actor = "os:lan" }, _centre.Centre.Now);

    private Task<Erasures.Result> EraseAsync(Guid applicant, params HeldDossier[] dossiers) => Erasures(_centre.Keys).EraseAsync(Erase, applicant, dossiers, Context());
}
