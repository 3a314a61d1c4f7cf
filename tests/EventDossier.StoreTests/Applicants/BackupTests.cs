using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EventDossier.Applicants;
using EventDossier.Audit;
using EventDossier.Backups;
using EventDossier.Documents;
using EventDossier.Record;
using EventDossier.Store;

namespace EventDossier.StoreTests.Applicants;

public sealed class BackupTests : IAsyncLifetime
{
    private readonly TestCentre _centre = new();
    private Sealed _hoa = null!;
    private StoredDocument _document = null!;

    private string Folder => Path.Combine(_centre.Folder, "backup");

    public async Task InitializeAsync()
    {
        await _centre.InitializeAsync();
        await _centre.Centre.LiveAsync(seed: 1, dossiers: 5, acts: 20);
        await _centre.Centre.CatchUpAsync();
        _hoa = await _centre.Keys.SealAsync(KeyStoreTests.Hoa, KeyStoreTests.Id(1));
        _document = await new DocumentFolder(DocumentFolder.FolderIn(_centre.Folder, false), _centre.Keys).StoreAsync(_hoa.Applicant, new MemoryStream("Giấy khai sinh"u8.ToArray()));
    }

    public Task DisposeAsync() => _centre.DisposeAsync();

    [Fact]
    public async Task What_was_backed_up_is_restored_on_another_machine_and_verifies()
    {
        var published = (await new RecordSealer(_centre.Database, Path.Combine(_centre.Folder, "signing.key")).CatchUpAsync())!;
        var (events, keys) = await MakeAsync();
        events.LastPosition.ShouldBe(await _centre.Centre.HeadAsync());
        (events.Counts["documents"], keys.Counts["applicants"]).ShouldBe((1, 1));
        Holds(Folder, Convert.FromHexString(File.ReadAllText(MasterKey.FileIn(_centre.Folder, false)).Trim())).ShouldBeFalse("the master key is not in the backup");
        Holds(Folder, File.ReadAllBytes(MasterKey.FileIn(_centre.Folder, false))).ShouldBeFalse();

        await using var there = await Elsewhere.MakeAsync(_centre);
        await there.RestoreAsync(Folder);

        await using var database = await there.OpenAsync();
        await using var store = await KeyStore.OpenAsync(there.Place.Keys, there.Place.DataFolder, database);
        (await store.OpenAsync(_hoa)).ShouldBe(KeyStoreTests.Hoa);
        (await store.FindAsync("hoa")).ShouldBe([_hoa.Applicant]);
        (await new DocumentFolder(DocumentFolder.FolderIn(there.Place.DataFolder, false), store).ReadAsync(_hoa.Applicant, _document.Sha256)).ShouldBe("Giấy khai sinh"u8.ToArray());
        var verification = new Verification(database);
        await verification.StreamsAsync();
        await verification.FoldsAsync();
        await verification.ViewsAsync(ProductViews.All);
        verification.Report.Findings.ShouldBeEmpty();
        verification.Report.Checked["events"].ShouldBe(events.Counts["events"]);
        var record = await new RecordVerification(database, [(published, "the published checkpoint")]).RunAsync();
        record.Findings.ShouldBeEmpty("nothing that was published is missing");
        record.Checked["leaves"].ShouldBe(published.Checkpoint.Size);
        (await database.Log.AppendAsync([new("/test/1", "test", 0, Centre.Command(), [new LegalHoldPlaced(_centre.Centre.Now, _hoa.Applicant, "x")])]))[0]
            .ShouldBeOfType<AppendOutcome.Appended>().Positions[0].ShouldBeGreaterThan(events.LastPosition);
    }

    [Fact]
    public async Task A_timetable_that_the_new_database_lacks_stops_no_restore_and_nothing_that_was_told_is_told_again()
    {
        // As a server makes it when it first runs; the tables are not there where none has run yet.
        await _centre.Centre.AskAsync("CREATE TABLE dossier_jobs.qrtz_locks (name text); INSERT INTO dossier_jobs.qrtz_locks VALUES ('x')");
        var told = await _centre.Centre.HeadAsync() - 3;
        await _centre.Centre.AskAsync($"UPDATE dossier.mt_event_progression SET last_seq_id = {told} WHERE name = 'dossier:outbox'");
        await MakeAsync();
        await using (var there = await Elsewhere.MakeAsync(_centre))
        {
            await there.RestoreAsync(Folder);
            (await there.OutboxAsync()).ShouldBe(told, "the rest is still to be told");
        }

        // A backup of before held the timetable, and said nothing of the outbox.
        var (dump, manifest) = (Path.Combine(Folder, "events", "events.dump"), Path.Combine(Folder, "events", "manifest.json"));
        await PostgresTool.RunAsync("pg_dump", _centre.Centre.ConnectionString, "--format=custom", $"--file={dump}", "--data-only", "--exclude-schema=dossier_views", "--exclude-schema=dossier_meta", "--exclude-table=dossier.mt_event_progression");
        var of = JsonNode.Parse(await File.ReadAllTextAsync(manifest))!;
        of["counts"]!.AsObject().Remove("outbox");
        var file = of["files"]!.AsArray().Single(f => f!["name"]!.ToString() == "events.dump")!;
        var bytes = await File.ReadAllBytesAsync(dump);
        (file["size"], file["sha256"]) = (bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        await File.WriteAllTextAsync(manifest, of.ToJsonString());
        await using var later = await Elsewhere.MakeAsync(_centre);
        await later.RestoreAsync(Folder);
        (await later.OutboxAsync()).ShouldBe(of["lastPosition"]!.GetValue<long>());
    }

    [Fact]
    public async Task An_erasure_made_after_the_backup_wins_over_both_restored_stores()
    {
        var published = (await new RecordSealer(_centre.Database, Path.Combine(_centre.Folder, "signing.key")).CatchUpAsync())!;
        await MakeAsync();
        await new Erasures(_centre.Database, _centre.Keys, ErasureRegister.In(_centre.Folder, false))
            .EraseAsync(new("Đơn", "truong-phong"), _hoa.Applicant, [], new(_centre.Centre.Now, Centre.Command(), _centre.Centre.Now));

        await using var there = await Elsewhere.MakeAsync(_centre);
        File.Copy(ErasureRegister.In(_centre.Folder, false).Path, ErasureRegister.In(there.Place.DataFolder, false).Path);
        await there.RestoreAsync(Folder);

        await using var database = await there.OpenAsync();
        await using var store = await KeyStore.OpenAsync(there.Place.Keys, there.Place.DataFolder, database);
        (await store.OpenAsync(_hoa)).ShouldBeNull();
        (await store.FindAsync("hoa")).ShouldBeEmpty();
        (await database.Log.ReadStreamAsync(ApplicantRecord.Stream(_hoa.Applicant))).ShouldHaveSingleItem().Event.ShouldBeOfType<ApplicantErased>();
        (await new RecordVerification(database, [(published, "the published checkpoint")]).RunAsync()).Findings.ShouldBeEmpty("what was sealed is the ciphertext");
    }

    [Theory]
    [InlineData("events/events.dump")]
    [InlineData("events/erasures.log")]
    [InlineData("keys/keys.dump")]
    [InlineData("document")]
    public async Task A_changed_or_missing_file_is_found_before_anything_is_written(string file)
    {
        await MakeAsync();
        var path = file == "document" ? Path.Combine(Folder, "events", "documents", _document.Sha256[..2], _document.Sha256[2..]) : Path.Combine(Folder, file);
        await using var there = await Elsewhere.MakeAsync(_centre);

        var bytes = await File.ReadAllBytesAsync(path);
        await File.WriteAllBytesAsync(path, bytes is [] ? [0] : [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]);
        (await CodeAsync(() => there.RestoreAsync(Folder))).ShouldBe("bad-backup");
        File.Delete(path);
        (await CodeAsync(() => there.RestoreAsync(Folder))).ShouldBe("bad-backup");

        await File.WriteAllBytesAsync(path, bytes);
        await there.RestoreAsync(Folder);
    }

    [Fact]
    public async Task Nothing_is_restored_over_something_or_without_the_key_of_the_backup()
    {
        await MakeAsync();
        (await CodeAsync(MakeAsync)).ShouldBe("not-empty");
        (await CodeAsync(() => Backup.RestoreAsync(PlaceOf(_centre), Backup.EventsIn(Folder), Backup.KeysIn(Folder), TestDatabase.Time))).ShouldBe("not-empty");

        await using var there = await Elsewhere.MakeAsync(_centre);
        (await CodeAsync(() => Backup.RestoreAsync(there.Place with { Sample = true }, Backup.EventsIn(Folder), Backup.KeysIn(Folder), TestDatabase.Time))).ShouldBe("kind-mismatch");
        (await CodeAsync(() => Backup.RestoreAsync(there.Place, Backup.KeysIn(Folder), Backup.KeysIn(Folder), TestDatabase.Time))).ShouldBe("bad-backup");
        var master = MasterKey.FileIn(there.Place.DataFolder, false);
        await MasterKey.New().SaveAsync(master);
        (await CodeAsync(() => there.RestoreAsync(Folder))).ShouldBe("master-key-wrong");
        File.Delete(master);
        (await CodeAsync(() => there.RestoreAsync(Folder))).ShouldBe("master-key-missing");

        var later = Path.Combine(_centre.Folder, "later");
        await Backup.MakeAsync(PlaceOf(_centre), later, TestDatabase.Time);
        (await CodeAsync(() => Backup.RestoreAsync(there.Place, Backup.EventsIn(later), Backup.KeysIn(Folder), TestDatabase.Time))).ShouldBe("keys-older");
    }

    [Fact]
    public async Task The_shelf_takes_whole_backups_with_the_checkpoint_published_before_and_one_that_fails_leaves_nothing_and_removes_nothing()
    {
        var (clock, key) = (new SteppedClock { Now = new(2026, 5, 4, 9, 0, 0, TimeSpan.Zero) }, Path.Combine(_centre.Folder, "signing.key"));
        var published = (await new RecordSealer(_centre.Database, key).CatchUpAsync())!;
        var shelf = new BackupShelf(new(Path.Combine(_centre.Folder, "shelf"), TimeSpan.FromHours(1), TimeSpan.FromHours(4), Days: 1, Months: 1), clock);
        var (first, events, removed) = await shelf.MakeAsync(PlaceOf(_centre), key);
        (events.LastPosition, removed, shelf.IsDue()).ShouldBe((await _centre.Centre.HeadAsync(), 0, false));
        (await File.ReadAllTextAsync(first.Checkpoint!)).ShouldBe($"{published}");

        // Days later, with a document that is not what it was: no backup, and the old one stays, however old.
        clock.Now = clock.Now.AddDays(40);
        var document = Path.Combine(DocumentFolder.FolderIn(_centre.Folder, false), _document.Sha256[..2], _document.Sha256[2..]);
        var bytes = await File.ReadAllBytesAsync(document);
        await File.WriteAllBytesAsync(document, [.. bytes, 0]);
        (await CodeAsync(() => shelf.MakeAsync(PlaceOf(_centre), key))).ShouldBe("document-damaged");
        Directory.EnumerateDirectories(shelf.Plan.Folder).ShouldBe([first.Folder]);
        (await shelf.FaultAsync())!.ShouldContain("minutes old; 60 are promised");

        await File.WriteAllBytesAsync(document, bytes);
        var second = await shelf.MakeAsync(PlaceOf(_centre), key);
        (second.Removed, shelf.List().Select(e => e.Folder)).ShouldSatisfyAllConditions(s => s.Removed.ShouldBe(1), s => s.Item2.ShouldBe([second.Made.Folder]));
        await using var there = await Elsewhere.MakeAsync(_centre);
        await there.RestoreAsync(second.Made.Folder);
    }

    private Task<(BackupManifest Events, BackupManifest Keys)> MakeAsync() => Backup.MakeAsync(PlaceOf(_centre), Folder, TestDatabase.Time);

    private static BackupPlace PlaceOf(TestCentre centre) => new(centre.Centre.ConnectionString, centre.KeysConnection, centre.Folder, Sample: false);

    private static async Task<string> CodeAsync(Func<Task> act) => (await Should.ThrowAsync<UserError>(act)).Code;

    internal static bool Holds(string folder, byte[] wanted) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any(file =>
    {
        try
        {
            // A running server's socket is no file to read.
            return !Path.GetFileName(file).StartsWith(".s.", StringComparison.Ordinal) && File.ReadAllBytes(file).AsSpan().IndexOf(wanted) >= 0;
        }
        catch (FileNotFoundException)
        {
            return false; // A running server removed it.
        }
    });

    /// <summary>Another machine: two empty databases, and a data folder with nothing but the master key.</summary>
    private sealed class Elsewhere : IAsyncDisposable
    {
        private readonly TestDatabase _events, _keys;

        private Elsewhere(TestDatabase events, TestDatabase keys, string folder) =>
            (_events, _keys, Place) = (events, keys, new(events.ConnectionString, keys.ConnectionString, folder, Sample: false));

        public BackupPlace Place { get; }

        public static async Task<Elsewhere> MakeAsync(TestCentre centre)
        {
            var there = new Elsewhere(await TestDatabase.CreateAsync(), await TestDatabase.CreateAsync(), Directory.CreateTempSubdirectory("eventdossier-there-").FullName);
            await MasterKey.Load(MasterKey.FileIn(centre.Folder, false))!.SaveAsync(MasterKey.FileIn(there.Place.DataFolder, false));
            return there;
        }

        public async Task RestoreAsync(string folder) => await Backup.RestoreAsync(Place, Backup.EventsIn(folder), Backup.KeysIn(folder), TestDatabase.Time);

        /// <summary>Up to where the log was told.</summary>
        public async Task<long> OutboxAsync()
        {
            await using var database = await OpenAsync();
            await using var command = database.App.CreateCommand("SELECT last_seq_id FROM dossier.mt_event_progression WHERE name = 'dossier:outbox'");
            return (long)(await command.ExecuteScalarAsync())!;
        }

        public Task<Database> OpenAsync() => Database.OpenAsync(Place.Events, ProductEvents.Names, TestDatabase.Time);

        public async ValueTask DisposeAsync()
        {
            await _events.DisposeAsync();
            await _keys.DisposeAsync();
            Directory.Delete(Place.DataFolder, recursive: true);
        }
    }
}
