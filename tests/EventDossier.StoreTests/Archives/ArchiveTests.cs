using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventDossier.Applicants;
using EventDossier.Archives;
using EventDossier.Audit;
using EventDossier.Dossiers;
using EventDossier.Record;
using EventDossier.Store;
using EventDossier.StoreTests.Applicants;

namespace EventDossier.StoreTests.Archives;

/// <summary>An archive stands by itself, misses nothing that is finished, and whoever changes anything in it is found.</summary>
public sealed class ArchiveTests : IAsyncLifetime
{
    private static readonly TimeSpan _offset = TimeSpan.FromHours(7);
    private readonly TestCentre _centre = new();
    private readonly SteppedClock _clock = new() { Now = new(2026, 2, 2, 9, 0, 0, TimeSpan.FromHours(7)) };
    private readonly Dictionary<string, string> _codes = [];
    private Database _database = null!;
    private Sealed _hoa = null!;

    public async Task InitializeAsync()
    {
        await _centre.InitializeAsync();
        _database = await Database.OpenAsync(_centre.Centre.ConnectionString, ProductEvents.Names, _clock);
        _hoa = await _centre.Keys.SealAsync(KeyStoreTests.Hoa, KeyStoreTests.Id(1));
        var centre = _centre.Centre;
        await ReceiveAsync("march", new(2025, 3, 3, 9, 0, 0, _offset), finish: true, _hoa);
        await ReceiveAsync("april", new(2025, 4, 1, 9, 0, 0, _offset), finish: true);
        await ReceiveAsync("april too", new(2025, 4, 2, 9, 0, 0, _offset), finish: true);
        await ReceiveAsync("open", new(2025, 12, 30, 9, 0, 0, _offset), finish: false);
        // In Greenwich it is still the old year.
        await ReceiveAsync("next year", new(2026, 1, 1, 0, 30, 0, _offset), finish: true);
        centre.Now = new(2025, 5, 5, 9, 0, 0, _offset);
        var submitted = await centre.Desk.BeginAsync(new SubmitDossier(Centre.Procedure, "online"), centre.Context(role: Role.Citizen));
        (await centre.DoAsync(submitted.Code, new RefuseSubmission("thiếu đơn"))).Refusal.ShouldBeNull();
        _codes["refused"] = submitted.Code;
        await SealAsync();
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        await _centre.DisposeAsync();
    }

    [Fact]
    public async Task A_year_is_archived_whole_byte_for_byte_the_same_and_still_checks_when_an_applicant_is_erased()
    {
        var (made, isNew) = await MakeAsync("first");
        (made.Number, made.Dossiers, made.Continued, made.Open, isNew).ShouldBe((1, 4, 0, 1, true));
        (await Archive.ListAsync(_database, 2025)).ShouldBe([made]);
        (await MakeAsync("first")).ShouldBe(new(made, New: false), "the same again");
        await ArchiveMaker.MakeAgainAsync(_database, 2025, 1, Folder("again"));
        Bytes("again").ShouldBe(Bytes("first"));

        Directory.GetFiles(Folder("first")).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(
            ["2025-03-001.jsonl.gz", "2025-04-001.jsonl.gz", "2025-05-001.jsonl.gz", "checkpoint", "index.tsv.gz", "manifest.json", "open.tsv", "rules.jsonl.gz", "tiles"]);
        (await File.ReadAllTextAsync(Path.Combine(Folder("first"), Archive.OpenFile))).ShouldBe($"{_codes["open"]}\t2025-12\treceived\t1\n");
        foreach (var name in (string[])["march", "april", "april too", "refused"])
        {
            var (archived, logged) = (await ArchiveFile.FindAsync([Folder("first")], _codes[name]), await _database.Log.ReadStreamAsync(_codes[name]));
            EvidencePack.Lines(archived).ShouldBe(EvidencePack.Lines(logged), name);
        }
        (await CodeAsync(() => ArchiveFile.FindAsync([Folder("first")], _codes["next year"]))).ShouldBe("no-such-dossier");
        Unpacked("first").ShouldNotContain("Hoà");

        var report = await CheckAsync("first", sha256: made.Sha256);
        report.Findings.ShouldBeEmpty();
        (report.Dossiers, report.Events, report.Open).ShouldBe((4, made.Events, 1));
        report.Proved.ShouldBe(made.Events + RandomActs.Catalogue.Count, "the catalogue too");
        await HoldAgainstAsync();

        await new Erasures(_centre.Database, _centre.Keys, ErasureRegister.In(_centre.Folder, sample: false)).EraseAsync(
            new("Đơn", "truong-phong"), _hoa.Applicant, [], new(_centre.Centre.Now, Centre.Command(role: Role.Administrator), _centre.Centre.Now));
        (await CheckAsync("first", sha256: made.Sha256)).Findings.ShouldBeEmpty("only ciphertext is in it");
        var sealedThere = ((DossierReceived)(await ArchiveFile.FindAsync([Folder("first")], _codes["march"]))[0].Event).Applicant!;
        sealedThere.ShouldBe(_hoa);
        (await _centre.Keys.OpenAsync(sealedThere)).ShouldBeNull();
        await ArchiveMaker.MakeAgainAsync(_database, 2025, 1, Folder("after the erasure"));
        Bytes("after the erasure").ShouldBe(Bytes("first"));
    }

    [Fact]
    public async Task What_was_still_open_or_went_on_comes_into_a_supplement_and_nothing_is_archived_twice()
    {
        var centre = _centre.Centre;
        var first = (await MakeAsync("first")).Made;
        centre.Now = new(2026, 2, 3, 9, 0, 0, _offset);
        await centre.FinishAsync(_codes["open"]);
        (await centre.DoAsync(_codes["march"], new ReturnResult(ReturnChannel.Counter))).Refusal.ShouldBeNull();
        (await CodeAsync(() => MakeAsync("second"))).ShouldBe("not-sealed");
        await SealAsync();
        await _centre.Centre.CatchUpAsync();
        (await ArchiveYear.AllAsync(_database)).ShouldContain(y => y.Year == 2025 && y.Over && y.Dossiers == 5 && y.Open == 0 && y.ToArchive == 2 && y.Archives.Count == 1);
        var second = (await MakeAsync("second")).Made;
        (second.Number, second.Dossiers, second.Continued, second.Open).ShouldBe((2, 1, 1, 0));
        (await CheckAsync("second", sha256: second.Sha256)).Findings.ShouldBeEmpty();
        await ArchiveMaker.MakeAgainAsync(_database, 2025, 1, Folder("first again"));
        await ArchiveMaker.MakeAgainAsync(_database, 2025, 2, Folder("second again"));
        (Bytes("first again"), Bytes("second again")).ShouldSatisfyAllConditions(both => both.Item1.ShouldBe(Bytes("first")), both => both.Item2.ShouldBe(Bytes("second")));

        // Whoever has the second alone sees that something comes before.
        var (from, events) = await ArchiveFile.FindAsync(Folder("second"), _codes["march"]);
        (from, events.Count).ShouldBe((4, 1));
        EvidencePack.Lines(await ArchiveFile.FindAsync([Folder("second"), Folder("first")], _codes["march"])).ShouldBe(EvidencePack.Lines(await _database.Log.ReadStreamAsync(_codes["march"])));
        (await CodeAsync(() => MakeAsync("third"))).ShouldBe("nothing-to-archive");
        Directory.Exists(Folder("third")).ShouldBeFalse();
        (await ArchiveYear.AllAsync(_database)).ShouldContain(y => y.Year == 2025 && y.ToArchive == 0 && y.Archives.Count == 2);

        // Broken off between the folder and the event: the same command again ends it.
        await centre.TamperAsync($"DELETE FROM dossier.mt_events WHERE stream_id = '/archive/2025' AND version = 2; UPDATE dossier.mt_streams SET version = 1 WHERE id = '/archive/2025'");
        (await MakeAsync("second")).ShouldSatisfyAllConditions(result => result.New.ShouldBeTrue(), result => result.Made.ShouldBe(second));
        (await CodeAsync(() => ArchiveMaker.MakeAsync(_database, 2026, Folder("first"), "QĐ", Centre.Command()))).ShouldBe("year-not-over");
        first.Position.ShouldBeLessThan(second.Position);
    }

    [Fact]
    public async Task Every_change_is_named_even_where_the_manifest_was_made_to_fit()
    {
        var made = (await MakeAsync("first")).Made;
        const string april = "2025-04-001.jsonl.gz";

        (await FoundAsync(april, text => text.Replace("clerk-7", "clerk-8", StringComparison.Ordinal), fit: false)).ShouldContain(f => f.Place == april && f.What.Contains("SHA-256", StringComparison.Ordinal));
        (await FoundAsync(april, text => ReplaceFirst(text, "clerk-7", "clerk-8"))).ShouldHaveSingleItem()
            .ShouldBe(new($"{april} line 2", $"{_codes["april"]} version 1 is not the event that stands in the public log"));
        // An event is taken out, and its leaf with it.
        (await FoundAsync(april, text => WithoutLine(text, 3))).ShouldContain(f => f.Place == $"{april} line 3" && f.What.Contains("version 2 is missing; 3 stands", StringComparison.Ordinal));
        (await FoundAsync(april, text => string.Concat(text.Split('\n')[..4].Select(l => $"{l}\n")))).ShouldContain(f => f.Place == Archive.ManifestFile && f.What.Contains("dossiers", StringComparison.Ordinal));
        // What is left fits together: only the record of the manifest tells.
        (await CheckAsync("forged", sha256: made.Sha256)).Findings.ShouldContain(f => f.Place == Archive.ManifestFile && f.What.Contains("on record", StringComparison.Ordinal));
        (await FoundAsync(april, text => text.Replace("{\"from\":1", "{\"from\":0", StringComparison.Ordinal))).ShouldContain(f => f.What.Contains("begins no stream", StringComparison.Ordinal));
        (await FoundAsync(Archive.RulesFile, text => text.Replace("5 days", "6 days", StringComparison.Ordinal))).ShouldContain(f => f.Place.StartsWith("rules.jsonl.gz line ", StringComparison.Ordinal));
        (await FoundAsync(Archive.IndexFile, text => text.Replace(_codes["april"], "X", StringComparison.Ordinal))).ShouldBe([new(Archive.IndexFile, "it does not tell what the files hold")]);
        (await FoundAsync(Archive.OpenFile, _ => "")).ShouldBe([new(Archive.ManifestFile, "it tells of 1 open dossiers, and the files hold 0")]);
        (await FoundAsync(Archive.CheckpointFile, text => text.Replace("\n\n", "\n\n\n", StringComparison.Ordinal))).ShouldContain(f => f.Place == Archive.CheckpointFile);
        foreach (var (at, bytes) in ((int, byte)[])[(60, 1), (3, (byte)'9')])
        {
            Copy();
            var tiles = await File.ReadAllBytesAsync(Path.Combine(Folder("forged"), Archive.TilesFile));
            tiles[at] ^= bytes;
            await File.WriteAllBytesAsync(Path.Combine(Folder("forged"), Archive.TilesFile), tiles);
            await FitAsync(Archive.TilesFile);
            (await CheckAsync("forged")).Findings.ShouldContain(f => f.Place == Archive.TilesFile);
        }
        Copy();
        await File.WriteAllTextAsync(Path.Combine(Folder("forged"), "more"), "");
        (await CheckAsync("forged")).Findings.ShouldBe([new("more", "it does not belong to the archive")]);
        File.Delete(Path.Combine(Folder("forged"), "more"));
        File.Delete(Path.Combine(Folder("forged"), april));
        (await CheckAsync("forged")).Findings.ShouldContain(f => f.Place == april && f.What.EndsWith("it is not there", StringComparison.Ordinal));
        (await CodeAsync(() => ArchiveCheck.CheckAsync(_centre.Folder))).ShouldBe("bad-archive");
        (await CheckAsync("first", NoteSigner.New("other").Key)).Findings.ShouldContain(f => f.Place == Archive.CheckpointFile, "another's key");

        // What the log itself has lost or holds otherwise is not archived.
        await _centre.Centre.TamperAsync($"UPDATE dossier.mt_events SET data = jsonb_set(data, '{{channel}}', '\"post\"') WHERE stream_id = '{_codes["april"]}' AND version = 1");
        (await CodeAsync(() => ArchiveMaker.MakeAgainAsync(_database, 2025, 1, Folder("damaged")))).ShouldBe("log-damaged");
        Directory.Exists(Folder("damaged")).ShouldBeFalse();
        await _centre.Centre.TamperAsync($"DELETE FROM dossier.mt_events WHERE stream_id = '{_codes["april"]}' AND version = 1");
        (await CodeAsync(() => ArchiveMaker.MakeAgainAsync(_database, 2025, 1, Folder("damaged")))).ShouldBe("log-damaged");

        async Task<IReadOnlyList<PackFinding>> FoundAsync(string name, Func<string, string> change, bool fit = true)
        {
            Copy();
            var path = Path.Combine(Folder("forged"), name);
            var text = change(Text(path));
            text.ShouldNotBe(Text(path), $"{name} was to be changed");
            await using (var file = File.Create(path))
            {
                await using var to = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Optimal) : (Stream)file;
                await to.WriteAsync(Encoding.UTF8.GetBytes(text));
            }
            if (fit)
                await FitAsync(name);
            return (await CheckAsync("forged")).Findings;
        }

        void Copy()
        {
            if (Directory.Exists(Folder("forged")))
                Directory.Delete(Folder("forged"), recursive: true);
            Directory.CreateDirectory(Folder("forged"));
            foreach (var path in Directory.GetFiles(Folder("first")))
                File.Copy(path, Path.Combine(Folder("forged"), Path.GetFileName(path)));
        }

        // But for the counts of the whole.
        async Task FitAsync(string name)
        {
            var (path, manifest) = (Path.Combine(Folder("forged"), name), Path.Combine(Folder("forged"), Archive.ManifestFile));
            var contents = JsonNode.Parse(await File.ReadAllTextAsync(manifest))!;
            var entry = contents["files"]!.AsArray().Single(f => f!["name"]!.ToString() == name)!;
            var bytes = await File.ReadAllBytesAsync(path);
            (entry["sha256"], entry["size"]) = (EvidencePack.Hash(bytes), bytes.Length);
            if (name.EndsWith(".gz", StringComparison.Ordinal))
                entry["unpackedSha256"] = EvidencePack.Hash(Encoding.UTF8.GetBytes(Text(path)));
            await File.WriteAllBytesAsync(manifest, EvidencePack.Canonical(contents));
        }
    }

    [Fact]
    public async Task What_can_not_be_archived_is_refused_with_the_reason()
    {
        (await CodeAsync(() => ArchiveMaker.MakeAsync(_database, 2026, Folder("x"), "QĐ", Centre.Command()))).ShouldBe("year-not-over");
        (await CodeAsync(() => ArchiveMaker.MakeAsync(_database, 1999, Folder("x"), "QĐ", Centre.Command()))).ShouldBe("no-such-year");
        (await CodeAsync(() => ArchiveMaker.MakeAsync(_database, 2025, Folder("x"), " ", Centre.Command()))).ShouldBe("basis-missing");
        (await CodeAsync(() => ArchiveMaker.MakeAsync(_database, 2024, Folder("x"), "QĐ", Centre.Command()))).ShouldBe("nothing-to-archive");
        (await CodeAsync(() => ArchiveMaker.MakeAgainAsync(_database, 2025, 1, Folder("x")))).ShouldBe("no-such-archive");
        Directory.Exists(Folder("x")).ShouldBeFalse("nothing is left of what was refused");
        (await CodeAsync(() => ArchiveMaker.MakeAsync(_database, 2025, _centre.Folder, "QĐ", Centre.Command()))).ShouldBe("not-empty");

        await _centre.Centre.DoAsync(_codes["april"], new ReturnResult(ReturnChannel.Post));
        (await CodeAsync(() => MakeAsync("x"))).ShouldBe("not-sealed");
        await _centre.Centre.TamperAsync("DELETE FROM dossier_record.checkpoint");
        (await CodeAsync(() => MakeAsync("x"))).ShouldBe("not-sealed");
        (await Archive.ListAsync(_database)).ShouldBeEmpty();
    }

    /// <summary>The archive is held against a checkpoint that somebody kept.</summary>
    private async Task HoldAgainstAsync()
    {
        var proofs = new RecordProofs(_database, KeyFile);
        var (then, key) = await proofs.CurrentAsync();
        (await CheckAsync("first", key, $"{then}")).ShouldSatisfyAllConditions(r => r.Findings.ShouldBeEmpty(), r => (r.KeyKnown, r.Kept).ShouldBe((true, true)));
        await SealAsync();
        var (now, _) = await proofs.CurrentAsync();
        now.Checkpoint.Size.ShouldBeGreaterThan(then.Checkpoint.Size);
        (await CodeAsync(() => CheckAsync("first", key, $"{now}"))).ShouldBe("bad-checkpoint");
        var growth = JsonSerializer.Serialize(await proofs.OfGrowthAsync(then.Checkpoint.Size), ProofFile.Json);
        (await CheckAsync("first", key, growth)).Findings.ShouldBeEmpty();
        var other = JsonSerializer.Serialize(await proofs.OfGrowthAsync(3), ProofFile.Json);
        (await CheckAsync("first", key, other)).Findings.ShouldContain(f => f.Place == Archive.CheckpointFile);
    }

    private string KeyFile => Path.Combine(_centre.Folder, "keys", "signing.key");

    private string Folder(string name) => Path.Combine(_centre.Folder, name);

    private Task<ArchiveMaker.Result> MakeAsync(string folder) => ArchiveMaker.MakeAsync(_database, 2025, Folder(folder), "QĐ 12/QĐ-TTPVHCC", Centre.Command(role: Role.Administrator));

    private Task<ArchiveReport> CheckAsync(string folder, NoteKey? key = null, string? kept = null, string? sha256 = null) => ArchiveCheck.CheckAsync(Folder(folder), key, kept, sha256);

    private Dictionary<string, string> Bytes(string folder) => Directory.GetFiles(Folder(folder)).ToDictionary(path => Path.GetFileName(path)!, path => EvidencePack.Hash(File.ReadAllBytes(path)));

    private string Unpacked(string folder) => string.Concat(Directory.GetFiles(Folder(folder)).Where(path => !path.EndsWith(Archive.TilesFile, StringComparison.Ordinal)).Select(Text));

    private static string Text(string path)
    {
        using var text = new StreamReader(path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(File.OpenRead(path), CompressionMode.Decompress) : File.OpenRead(path));
        return text.ReadToEnd();
    }

    private static string ReplaceFirst(string text, string what, string with) => text.IndexOf(what, StringComparison.Ordinal) is var at ? $"{text[..at]}{with}{text[(at + what.Length)..]}" : text;

    private static string WithoutLine(string text, int number)
    {
        var lines = text.Split('\n').ToList();
        lines.RemoveAt(number - 1);
        var head = JsonNode.Parse(lines[0])!;
        head["leaves"]!.AsArray().RemoveAt(number - 2);
        lines[0] = Encoding.UTF8.GetString(EvidencePack.Canonical(head));
        return string.Join('\n', lines);
    }

    private static async Task<string> CodeAsync(Func<Task> act) => (await Should.ThrowAsync<UserError>(act)).Code;

    private async Task ReceiveAsync(string name, DateTimeOffset at, bool finish, Sealed? applicant = null)
    {
        _centre.Centre.Now = at;
        _codes[name] = await _centre.Centre.ReceiveAsync(applicant: applicant);
        if (finish)
            await _centre.Centre.FinishAsync(_codes[name]);
    }

    private async Task SealAsync() => await new RecordSealer(_centre.Database, KeyFile).CatchUpAsync();
}
