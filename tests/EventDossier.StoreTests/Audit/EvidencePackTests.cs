using System.IO.Compression;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using EventDossier.Applicants;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Record;
using EventDossier.Store;
using EventDossier.StoreTests.Applicants;

namespace EventDossier.StoreTests.Audit;

/// <summary>A pack stands by itself, and whoever changes anything in it is found.</summary>
public sealed class EvidencePackTests : IAsyncLifetime
{
    private readonly TestCentre _centre = new();
    private string _code = null!;

    public async Task InitializeAsync()
    {
        await _centre.InitializeAsync();
        var centre = _centre.Centre;
        await Calendars.EnterAsync(_centre.Database, [new("QĐ 9/2026", new(2026, 4, 1), null, [new(new(2026, 5, 6), new("Local day", "Ngày của tỉnh"))], [], "công báo")], TestDatabase.Time.GetUtcNow(), Centre.Command());
        _code = await centre.ReceiveAsync(unit: "u1", officer: "minh", applicant: await _centre.Keys.SealAsync(KeyStoreTests.Hoa, KeyStoreTests.Id(1)));
        await centre.Desk.DoAsync(_code, new RequestSupplement(["bản vẽ <b>"], Delivery.Counter), centre.Context<RequestSupplement>());
        await centre.Desk.DoAsync(_code, new ProvideSupplement(), centre.Context<ProvideSupplement>());
        await SealAsync();
    }

    public Task DisposeAsync() => _centre.DisposeAsync();

    [Fact]
    public async Task The_same_dossier_by_the_same_checkpoint_is_the_same_bytes_and_checks_with_nothing_else()
    {
        var zip = await MakeAsync();
        (await MakeAsync()).ShouldBe(zip);

        var report = PackCheck.Check(zip);
        report.Findings.ShouldBeEmpty();
        (report.Code, report.Events, report.Proved, report.Names, report.KeyKnown).ShouldBe((_code, 4, 4, false, false));
        var key = NoteKey.Parse(report.Vkey!)!;
        PackCheck.Check(zip, key).ShouldSatisfyAllConditions(known => known.KeyKnown.ShouldBeTrue(), known => known.Findings.ShouldBeEmpty());
        PackCheck.Check(zip, NoteSigner.New(key.Name).Key).Findings.ShouldNotBeEmpty("another's key");

        // Any program opens it, and its proofs are proofs.
        using var archive = new ZipArchive(new MemoryStream(zip));
        archive.Entries.Select(e => e.FullName).ShouldBe(["index.html", "manifest.json", "events.jsonl", "rules.jsonl", "dossier.json", "deadline.json", "proofs.json", "checkpoint"]);
        using var proofs = new StreamReader(archive.GetEntry("proofs.json")!.Open());
        ProofFile.Check(await proofs.ReadToEndAsync(), key, []).Count.ShouldBe(4 + 3, "the decision on the calendar and the versions of the procedure too");

        var page = Text(zip, "index.html");
        page.ShouldContain("QĐ 9/2026");
        page.ShouldContain("&lt;b&gt;");
        page.ShouldNotContain("<script", Case.Insensitive);
        Encoding.UTF8.GetString(zip).ShouldNotContain("Hoà");
    }

    [Fact]
    public async Task With_names_it_tells_them_and_the_access_log_tells_of_it_until_they_are_erased()
    {
        var zip = await MakeAsync(names: true);
        Text(zip, "names.json").ShouldContain(KeyStoreTests.Hoa.IdentityNumber!);
        PackCheck.Check(zip).Findings.ShouldBeEmpty();
        await new Views(ProductViews.All, _centre.Database).CatchUpAsync(default);
        (await AccessLog.View.FindAsync(_centre.Database.App, _code, null)).ShouldHaveSingleItem().What.ShouldBe("pack");

        await _centre.Keys.DestroyAsync([KeyStoreTests.Id(1)], default);
        var later = await MakeAsync(names: true);
        PackCheck.Check(later).Findings.ShouldBeEmpty();
        Encoding.UTF8.GetString(later).ShouldNotContain(KeyStoreTests.Hoa.IdentityNumber!);
        (PackCheck.Check(zip).Proved, PackCheck.Check(later).Proved).ShouldBe((4, 4), "what was proved before still is");
    }

    [Fact]
    public async Task Events_that_are_not_sealed_yet_are_told_as_not_proved()
    {
        await _centre.Centre.Desk.DoAsync(_code, new PlaceHold("Công văn 12"), _centre.Centre.Context<PlaceHold>());
        var report = PackCheck.Check(await MakeAsync());
        (report.Events, report.Proved, report.Findings.Count).ShouldBe((5, 4, 0));
        report.Notices.ShouldBe(["events.jsonl line 5 is not proved to stand in the public log"]);
    }

    [Fact]
    public async Task Every_change_is_named_even_where_the_manifest_was_made_to_fit()
    {
        var zip = await MakeAsync(names: true);
        Found(Forge(zip, "events.jsonl", text => text.Replace("\"clerk-7\"", "\"clerk-8\"", StringComparison.Ordinal))).ShouldContain(f => f.Place == "events.jsonl line 1" && f.What.Contains("public log", StringComparison.Ordinal));
        Found(Forge(zip, "events.jsonl", text => text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..])).ShouldContain(f => f.What.StartsWith("version 1 is missing", StringComparison.Ordinal));
        Found(Forge(zip, "events.jsonl", text => text + "{}\n")).ShouldContain(f => f.What.StartsWith("line 5 is no event", StringComparison.Ordinal));
        Found(Forge(zip, "rules.jsonl", text => text.Replace("2026-05-06", "2026-05-07", StringComparison.Ordinal))).ShouldContain(f => f.Place == "rules.jsonl line 1");
        Found(Forge(zip, "proofs.json", text => text.Replace("\"index\":", "\"index\":1", StringComparison.Ordinal))).ShouldContain(f => f.Place.StartsWith("proofs.json number", StringComparison.Ordinal));
        Found(Forge(zip, "proofs.json", _ => "[null]")).ShouldContain(f => f.Place == "proofs.json");
        Found(Forge(zip, "checkpoint", text => string.Concat(text.Select(c => char.IsAsciiLetter(c) ? (char)(c ^ 32) : c)))).ShouldNotBeEmpty();
        foreach (var derived in (string[])["index.html", "dossier.json", "deadline.json"])
            Found(Forge(zip, derived, text => text.Replace("05", "06", StringComparison.Ordinal))).ShouldContain(f => f.Place.StartsWith($"{derived} byte ", StringComparison.Ordinal), derived);
        Found(Forge(zip, "events.jsonl", text => text + " ", fit: false)).ShouldContain(f => f.Place == "events.jsonl" && f.What.Contains("SHA-256", StringComparison.Ordinal));
        Found(PackZip.Write([.. PackZip.Read(zip).Where(f => f.Name != "rules.jsonl")])).ShouldContain(f => f.Place == "rules.jsonl");
        Found(PackZip.Write([.. PackZip.Read(zip), ("../../etc/passwd", [1])])).ShouldContain(f => f.Place == "../../etc/passwd");

        PackCheck.Check(PackCheck.Attach(zip, [1, 2], [3])).ShouldSatisfyAllConditions(
            slots => slots.Findings.ShouldBeEmpty(), slots => slots.Slots.ShouldBe(["signature/manifest.p7s", "signature/manifest.tsr"]));
        var trust = new PackTrust([], [], TestDatabase.Time.GetUtcNow());
        PackCheck.Check(PackCheck.Attach(zip, [1, 2], null), trust: trust).ShouldSatisfyAllConditions(
            slots => slots.Findings.Select(f => f.Place).ShouldBe(["signature/manifest.p7s", "signature/manifest.tsr"]),
            slots => slots.Findings[0].What.ShouldStartWith("it does not hold: "), slots => slots.Findings[1].What.ShouldBe("it was to be verified, and is not there"));
        using var key = ECDsa.Create();
        var agency = new CertificateRequest("CN=agency", key, HashAlgorithmName.SHA256).CreateSelfSigned(trust.Now.AddDays(-2), trust.Now.AddDays(-1));
        var cms = new SignedCms(new ContentInfo(Encoding.UTF8.GetBytes(Text(zip, "manifest.json"))), detached: true);
        cms.ComputeSignature(new(SubjectIdentifierType.IssuerAndSerialNumber, agency) { SignedAttributes = { new Pkcs9SigningTime(trust.Now.AddDays(-1.5).UtcDateTime) } });
        PackCheck.Check(PackCheck.Attach(zip, cms.Encode(), null), trust: new([agency], null, trust.Now)).ShouldSatisfyAllConditions(
            slots => slots.Findings.ShouldBeEmpty(), slots => slots.Signatures.ShouldHaveSingleItem().By.ShouldBe("CN=agency"), slots => slots.Notices.ShouldHaveSingleItem().ShouldContain("ended at"));
    }

    [Fact]
    public async Task No_byte_of_the_zip_may_differ_and_hostile_ones_get_one_clear_error()
    {
        var zip = await MakeAsync();
        for (var i = 0; i < zip.Length; i += i < 200 || i > zip.Length - 600 ? 1 : 97)
        {
            var changed = zip.ToArray();
            changed[i] ^= 0x20;
            Should.Throw<UserError>(() => PackCheck.Check(changed), $"byte {i}").Code.ShouldBe("bad-pack");
        }
        for (var length = 0; length < zip.Length; length += 1 + (zip.Length / 50))
            Should.Throw<UserError>(() => PackCheck.Check(zip[..length])).Code.ShouldBe("bad-pack");
        Should.Throw<UserError>(() => PackCheck.Check([.. zip, 0])).Message.ShouldContain("follows its end");
        Should.Throw<UserError>(() => PackCheck.Check(PackZip.Write([("manifest.json", "{}"u8.ToArray()), ("manifest.json", "{}"u8.ToArray())]))).Message.ShouldContain("twice");
        Should.Throw<UserError>(() => PackCheck.Check(PackZip.Write([("manifest.json", "[]"u8.ToArray())]))).Message.ShouldContain("no manifest");

        var bomb = new MemoryStream();
        using (var archive = new ZipArchive(bomb, ZipArchiveMode.Create, leaveOpen: true))
        using (var entry = archive.CreateEntry("manifest.json").Open())
            entry.Write(new byte[1 << 20]);
        Should.Throw<UserError>(() => PackCheck.Check(bomb.ToArray())).Message.ShouldContain("packed");

        // Whatever stands in its files, the check says so and does not fall over.
        var random = new Random(26);
        var files = PackZip.Read(zip);
        for (var round = 0; round < 60; round++)
        {
            var at = random.Next(files.Count);
            var bytes = files[at].Bytes.ToArray();
            bytes[random.Next(bytes.Length)] = (byte)random.Next(32, 127);
            if (bytes.AsSpan().SequenceEqual(files[at].Bytes))
                continue;
            var forged = PackZip.Write([.. files.Select((file, i) => i == at ? (file.Name, bytes) : file)]);
            try
            {
                PackCheck.Check(forged).Findings.ShouldNotBeEmpty();
            }
            catch (UserError e)
            {
                e.Code.ShouldBe("bad-pack");
            }
        }
    }

    private static IReadOnlyList<PackFinding> Found(byte[] zip) => PackCheck.Check(zip).Findings;

    private static string Text(byte[] zip, string name) => Encoding.UTF8.GetString(PackZip.Read(zip).Single(f => f.Name == name).Bytes);

    /// <summary>A file changed, and the manifest with it.</summary>
    private static byte[] Forge(byte[] zip, string name, Func<string, string> change, bool fit = true)
    {
        var files = PackZip.Read(zip).ToDictionary(f => f.Name, f => f.Bytes);
        var before = Encoding.UTF8.GetString(files[name]);
        files[name] = Encoding.UTF8.GetBytes(change(before));
        files[name].ShouldNotBe(Encoding.UTF8.GetBytes(before), $"{name} was to be changed");
        var manifest = JsonNode.Parse(files["manifest.json"])!;
        var entry = manifest["files"]!.AsArray().Single(f => f!["name"]!.ToString() == name)!;
        if (fit)
            (entry["sha256"], entry["size"]) = (EvidencePack.Hash(files[name]), files[name].Length);
        files["manifest.json"] = EvidencePack.Canonical(manifest);
        return PackZip.Write([.. files.Select(f => (f.Key, f.Value))]);
    }

    private async Task<byte[]> MakeAsync(bool names = false)
    {
        var open = names ? (new PersonalData(_centre.Database, () => Task.FromResult(_centre.Keys)), new Reader(KeyStoreTests.Id(700 + _made++), "lan", Role.Supervisor, "pack")) : default((PersonalData, Reader)?);
        return (await EvidencePack.OfAsync(_centre.Database, _code, open)).ToZip();
    }

    private int _made;

    private async Task SealAsync() => await new RecordSealer(_centre.Database, Path.Combine(_centre.Folder, "keys", "signing.key")).CatchUpAsync();
}
