using System.Security.Cryptography;
using System.Text.Json;
using EventDossier.Applicants;
using EventDossier.Documents;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Backups;

/// <summary>What is backed up, or restored to.</summary>
/// <param name="Events">Connection string of the events' owner.</param>
/// <param name="Keys">Of the key store's owner.</param>
/// <param name="DataFolder">Holds register, master key and documents, as far as they are not named elsewhere.</param>
public sealed record BackupPlace(string Events, string Keys, string DataFolder, bool Sample);

/// <summary>What a folder of a backup holds. Written last: a folder without one is no backup.</summary>
/// <param name="Store"><c>events</c> or <c>keys</c>.</param>
/// <param name="At">Of the snapshot, by the clock of the program that made it: two servers may disagree.</param>
/// <param name="Fingerprint">Of the master key, which is not in the backup.</param>
public sealed record BackupManifest(
    int Format, string Store, string Kind, DateTimeOffset At, string? Fingerprint, long LastPosition,
    IReadOnlyDictionary<string, long> Counts, IReadOnlyList<BackupFile> Files);

/// <param name="Sha256">Lower-case hex.</param>
public sealed record BackupFile(string Name, long Size, string Sha256);

/// <summary>
/// Both stores and the documents, in two folders that can be kept apart: <c>events</c> (what stays unreadable without keys) and <c>keys</c> (what the master key is needed for).
/// Each is consistent in itself. The events are taken first: a key is stored before the event that needs it, so the keys taken after them are all that the events need; and the register of erasures
/// is taken last, so an erasure that happens meanwhile is in it.
/// </summary>
public static class Backup
{
    private const string Timetable = "--exclude-schema=dossier_jobs", OutboxPlace = "outbox";
    private const string Manifest = "manifest.json", Register = "erasures.log", EventsDump = "events.dump", KeysDump = "keys.dump", DocumentsFolder = "documents";
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true,
    };

    public static string EventsIn(string folder) => Path.Combine(folder, "events");

    public static string KeysIn(string folder) => Path.Combine(folder, "keys");

    /// <returns>The two manifests. The folders are flushed to disk.</returns>
    /// <exception cref="UserError"><c>not-empty</c>, <c>tool-missing</c>, <c>tool-failed</c>, <c>document-damaged</c>.</exception>
    public static async Task<(BackupManifest Events, BackupManifest Keys)> MakeAsync(BackupPlace from, string folder, TimeProvider clock, CancellationToken cancel = default)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new UserError("not-empty", $"{folder} is not empty: a backup gets a folder of its own");
        var (events, keys) = (EventsIn(folder), KeysIn(folder));
        foreach (var each in (string[])[events, keys])
            Directory.CreateDirectory(each, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        // What is derived is left out: views, their checkpoints, what migrate writes, and the timetable, which the server makes anew. Where the outbox stands is no derived fact: it goes along with the counts.
        var eventsManifest = await DumpAsync(from.Events, Path.Combine(events, EventsDump),
            "SELECT (SELECT kind FROM dossier_meta.database), NULL::bytea, coalesce((SELECT max(seq_id) FROM dossier.mt_events), 0), (SELECT count(*) FROM dossier.mt_streams), (SELECT count(*) FROM dossier.mt_events), coalesce((SELECT last_seq_id FROM dossier.mt_event_progression WHERE name = 'dossier:outbox'), (SELECT max(seq_id) FROM dossier.mt_events), 0)",
            ["streams", "events", OutboxPlace], ["--data-only", "--exclude-schema=dossier_views", "--exclude-schema=dossier_meta", "--exclude-schema=dossier_acts", Timetable, "--exclude-table=dossier.mt_event_progression"], clock, cancel);
        var documents = await CopyDocumentsAsync(DocumentFolder.FolderIn(from.DataFolder, from.Sample), Path.Combine(events, DocumentsFolder), cancel);
        var keysManifest = await DumpAsync(from.Keys, Path.Combine(keys, KeysDump),
            "SELECT s.kind, s.fingerprint, 0::bigint, (SELECT count(*) FROM dossier_keys.applicant), (SELECT count(*) FROM dossier_keys.applicant WHERE erased_at IS NOT NULL) FROM dossier_keys.store s",
            ["applicants", "erased"], ["--schema=dossier_keys", "--no-owner", "--no-acl"], clock, cancel);
        var register = ErasureRegister.In(from.DataFolder, from.Sample).Path;
        var erasures = File.Exists(register) ? await File.ReadAllBytesAsync(register, cancel) : [];
        foreach (var each in (string[])[events, keys])
            await DurableFile.WriteAsync(Path.Combine(each, Register), erasures, cancel);

        eventsManifest = eventsManifest with
        {
            Counts = new Dictionary<string, long>(eventsManifest.Counts) { ["documents"] = documents.Count },
            Files = [await DescribeAsync(events, EventsDump, cancel), await DescribeAsync(events, Register, cancel), .. documents],
        };
        keysManifest = keysManifest with { Files = [await DescribeAsync(keys, KeysDump, cancel), await DescribeAsync(keys, Register, cancel)] };
        await DurableFile.WriteAsync(Path.Combine(events, Manifest), JsonSerializer.SerializeToUtf8Bytes(eventsManifest, _json), cancel);
        await DurableFile.WriteAsync(Path.Combine(keys, Manifest), JsonSerializer.SerializeToUtf8Bytes(keysManifest, _json), cancel);
        return (eventsManifest, keysManifest);
    }

    /// <summary>Whether one was ended here: manifests are written last.</summary>
    public static bool IsWhole(string folder) => File.Exists(Path.Combine(EventsIn(folder), Manifest)) && File.Exists(Path.Combine(KeysIn(folder), Manifest));

    /// <summary>Every file is there, whole, and none besides.</summary>
    /// <exception cref="UserError"><c>bad-backup</c>, naming the file.</exception>
    public static async Task<BackupManifest> VerifyAsync(string folder, string store, CancellationToken cancel = default)
    {
        var path = Path.Combine(folder, Manifest);
        if (!File.Exists(path))
            throw Bad($"{folder} has no {Manifest}: it is no backup, or one that was cut off");
        BackupManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<BackupManifest>(await File.ReadAllBytesAsync(path, cancel), _json)!;
        }
        catch (JsonException e)
        {
            throw Bad($"{path}: {e.Message}");
        }
        if (manifest.Format != 1 || manifest.Store != store)
            throw Bad($"{path} describes {manifest.Store} in format {manifest.Format}; {store} in format 1 is wanted");
        foreach (var file in manifest.Files)
        {
            if (!File.Exists(Path.Combine(folder, file.Name)))
                throw Bad($"{file.Name} is missing in {folder}");
            if (await DescribeAsync(folder, file.Name, cancel) != file)
                throw Bad($"{file.Name} in {folder} is not what was backed up: its hash differs");
        }
        return manifest;
    }

    /// <summary>
    /// Restores both stores, each into an empty database. The backup is verified before anything is written; then come keys, documents and events, each in one step; then every erasure that any
    /// copy of the register knows is carried out before the store opens.
    /// </summary>
    /// <exception cref="UserError"><c>bad-backup</c>, <c>not-empty</c>, <c>other-order</c>, <c>keys-older</c>, <c>kind-mismatch</c>, <c>master-key-missing</c>, <c>master-key-wrong</c>, <c>tool-failed</c>.</exception>
    public static async Task<(BackupManifest Events, BackupManifest Keys)> RestoreAsync(
        BackupPlace to, string eventsFolder, string keysFolder, TimeProvider clock, CancellationToken cancel = default)
    {
        var (events, keys) = (await VerifyAsync(eventsFolder, "events", cancel), await VerifyAsync(keysFolder, "keys", cancel));
        if (keys.At < events.At)
            throw new UserError("keys-older", $"the keys were backed up at {keys.At:O}, before the events ({events.At:O}), and may lack some that these need: take keys as new or newer");
        var kind = to.Sample ? "sample" : "live";
        if (events.Kind != kind || keys.Kind != kind)
            throw new UserError("kind-mismatch", $"the backup is of {events.Kind} events and {keys.Kind} keys, and {kind} databases are to be restored");
        var masterFile = MasterKey.FileIn(to.DataFolder, to.Sample);
        var master = MasterKey.Load(masterFile) ?? throw new UserError("master-key-missing", $"{masterFile} is missing: put it back, or join the two custodians' shares with dossier keys join");
        if (Convert.ToHexStringLower(master.Fingerprint) != keys.Fingerprint)
            throw new UserError("master-key-wrong", $"{masterFile} is not the master key of this backup, whose fingerprint is {keys.Fingerprint}");
        await RefuseUnlessEmptyAsync(to.Keys, "dossier_keys.applicant", cancel);
        await RefuseUnlessEmptyAsync(to.Events, "dossier.mt_streams", cancel);
        await using (var target = new NpgsqlConnection(to.Events))
        {
            await target.OpenAsync(cancel);
            await Migration.RefuseOtherOrderAsync(target, cancel);
        }

        await AskAsync(to.Keys, "DROP SCHEMA IF EXISTS dossier_keys CASCADE", cancel);
        await PostgresTool.RunAsync("pg_restore", to.Keys, "--single-transaction", "--exit-on-error", "--no-owner", "--no-acl", "--dbname", DatabaseOf(to.Keys), Path.Combine(keysFolder, KeysDump));
        await CopyDocumentsAsync(Path.Combine(eventsFolder, DocumentsFolder), DocumentFolder.FolderIn(to.DataFolder, to.Sample), cancel);
        var register = ErasureRegister.In(to.DataFolder, to.Sample);
        foreach (var copy in (string[])[eventsFolder, keysFolder])
            await register.AddAsync(await new ErasureRegister(Path.Combine(copy, Register)).ReadAsync(cancel), cancel);
        await Migration.RunAsync(to.Events, to.Sample, ProductViews.All, cancel);
        await PostgresTool.RunAsync("pg_restore", to.Events, "--single-transaction", "--exit-on-error", "--data-only", Timetable, "--dbname", DatabaseOf(to.Events), Path.Combine(eventsFolder, EventsDump));
        await CheckAsync(to.Events, "SELECT (SELECT count(*) FROM dossier.mt_streams), (SELECT count(*) FROM dossier.mt_events), coalesce((SELECT max(seq_id) FROM dossier.mt_events), 0)",
            [events.Counts["streams"], events.Counts["events"], events.LastPosition], cancel);
        // What was told before the backup is not told again; a backup that does not say how far that went is taken to have told everything.
        await AskAsync(to.Events, $"UPDATE dossier.mt_event_progression SET last_seq_id = {events.Counts.GetValueOrDefault(OutboxPlace, events.LastPosition)} WHERE name = 'dossier:outbox'", cancel);
        await CheckAsync(to.Keys, "SELECT count(*), count(*) FILTER (WHERE erased_at IS NOT NULL) FROM dossier_keys.applicant", [keys.Counts["applicants"], keys.Counts["erased"]], cancel);

        await using var database = await Database.OpenAsync(to.Events, ProductEvents.Names, clock, cancel);
        await using (await KeyStore.OpenAsync(to.Keys, to.DataFolder, database, cancel: cancel))
            await new Views(ProductViews.All, database).CatchUpAsync(cancel);
        return (events, keys);
    }

    private static async Task<BackupManifest> DumpAsync(
        string connectionString, string file, string facts, string[] counts, string[] what, TimeProvider clock, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancel);
        // The counts are of the very snapshot that is dumped.
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancel);
        await using var stay = new NpgsqlCommand("SET LOCAL idle_in_transaction_session_timeout = 0", connection);
        await stay.ExecuteNonQueryAsync(cancel);
        BackupManifest manifest;
        await using (var command = new NpgsqlCommand(facts, connection) { CommandTimeout = 0 })
        await using (var row = await command.ExecuteReaderAsync(cancel))
        {
            await row.ReadAsync(cancel);
            manifest = new(1, Path.GetFileNameWithoutExtension(file), row.GetString(0), clock.GetUtcNow(),
                row.IsDBNull(1) ? null : Convert.ToHexStringLower(row.GetFieldValue<byte[]>(1)), row.GetInt64(2),
                counts.Index().ToDictionary(c => c.Item, c => row.GetInt64(3 + c.Index)), []);
        }
        await using var export = new NpgsqlCommand("SELECT pg_export_snapshot()", connection);
        var name = (string)(await export.ExecuteScalarAsync(cancel))!;
        await PostgresTool.RunAsync("pg_dump", connectionString, ["--format=custom", $"--snapshot={name}", $"--file={file}", .. what]);
        // Read once through, as a restore would.
        await PostgresTool.RunAsync("pg_restore", connectionString, "--file=/dev/null", file);
        return manifest;
    }

    private static async Task<IReadOnlyList<BackupFile>> CopyDocumentsAsync(string from, string to, CancellationToken cancel)
    {
        var files = new List<BackupFile>();
        foreach (var file in DocumentFolder.FilesIn(from))
        {
            var hash = DocumentFolder.HashOf(file)!;
            var bytes = await File.ReadAllBytesAsync(file, cancel);
            if (!DocumentFolder.IsWhole(bytes, hash))
                throw new UserError("document-damaged", $"{file} is not what its name says: put it back from an older backup, or move it away if no event names it");
            var name = Path.Combine(hash[..2], hash[2..]);
            var path = Path.Combine(to, name);
            if (!File.Exists(path))
            {
                DocumentFolder.MakeFolder(Path.GetDirectoryName(path)!);
                await DurableFile.WriteAsync(path, bytes, cancel);
            }
            files.Add(new(Path.Combine(DocumentsFolder, name), bytes.Length, hash));
        }
        return files;
    }

    private static async Task<BackupFile> DescribeAsync(string folder, string name, CancellationToken cancel)
    {
        await using var file = File.OpenRead(Path.Combine(folder, name));
        return new(name, file.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel)));
    }

    private static async Task RefuseUnlessEmptyAsync(string connectionString, string table, CancellationToken cancel)
    {
        if ((bool)(await AskAsync(connectionString, $"SELECT to_regclass('{table}') IS NOT NULL", cancel))! && (bool)(await AskAsync(connectionString, $"SELECT EXISTS (SELECT FROM {table})", cancel))!)
            throw new UserError("not-empty", $"the database {DatabaseOf(connectionString)} is not empty: restore into a new one");
    }

    private static async Task CheckAsync(string connectionString, string sql, long[] expected, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancel);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await using var row = await command.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        var found = Enumerable.Range(0, expected.Length).Select(row.GetInt64).ToArray();
        if (!found.SequenceEqual(expected))
            throw Bad($"restored to {DatabaseOf(connectionString)} were {string.Join(", ", found)}, where the manifest says {string.Join(", ", expected)}");
    }

    private static async Task<object?> AskAsync(string connectionString, string sql, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancel);
    }

    private static string DatabaseOf(string connectionString) => new NpgsqlConnection(connectionString).Database;

    private static UserError Bad(string message) => new UserError("bad-backup", message);
}
