using System.Text;
using EventDossier.Applicants;
using EventDossier.Backups;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.StoreTests.Applicants;

/// <summary>What a thief of files gets: every byte of both clusters is searched for what was sealed.</summary>
public sealed class ByteSearchTests : IDisposable
{
    private const string Control = "quay-tiep-nhan-doi-chung";
    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-bytes-").FullName;

    public ByteSearchTests() => File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private sealed record SealedReceipt(DateTimeOffset OccurredAt, Sealed Applicant, string Counter);

    [Fact]
    public async Task No_name_or_number_stands_in_any_file_of_either_cluster_and_an_erased_key_in_none_once_the_master_key_is_changed()
    {
        var names = new EventNames(ProductEventsJson.Default, [.. ProductEvents.Names.All, EventName.Of<SealedReceipt>("sealed_receipt")]);
        string[] personal = [KeyStoreTests.Hoa.Name, "Hoà", "hoa@example", KeyStoreTests.Hoa.IdentityNumber!, "345 678", "Lê Lợi", "do thi hoa"];
        Dictionary<string, string> small = new() { ["shared_buffers"] = "16MB", ["max_connections"] = "20", ["wal_compression"] = "off", ["fsync"] = "off" };
        byte[] wrapped, wrappedAgain;
        Sealed data;
        await using (var events = await Cluster.OpenAsync(_folder, TestDatabase.Time, settings: small))
        await using (var keys = await Cluster.OpenAsync(Cluster.KeysFolder(_folder), TestDatabase.Time,
            settings: new Dictionary<string, string>(Cluster.KeySettings) { ["shared_buffers"] = "16MB", ["wal_compression"] = "off", ["fsync"] = "off" }))
        {
            await Migration.RunAsync(events.ConnectionString, sample: false, ProductViews.All);
            await using var database = await Database.OpenAsync(events.ConnectionString, names, TestDatabase.Time);
            await using var store = await KeyStore.OpenAsync(keys.ConnectionString, _folder, database);
            data = await store.SealAsync(KeyStoreTests.Hoa, KeyStoreTests.Id(1));
            await database.Log.AppendAsync([new("H49.12-260504-0001", "dossier", 0, Centre.Command(), [new SealedReceipt(new(2026, 5, 4, 9, 0, 0, TimeSpan.FromHours(7)), data, Control)])]);
            wrapped = await WrappedAsync();

            // As whoever holds a physical backup of the events sees them.
            var copy = Path.Combine(_folder, "copy");
            await PostgresTool.RunAsync("pg_basebackup", events.ConnectionString, $"--pgdata={copy}", "--checkpoint=fast");
            Found(copy, Control).ShouldBeTrue("what is not personal is found, so the search searches");
            personal.Where(text => Found(copy, text)).ShouldBeEmpty();
            BackupTests.Holds(copy, wrapped).ShouldBeFalse("no key either");

            await AskAsync("CHECKPOINT");
            BackupTests.Holds(keys.Folder, wrapped).ShouldBeTrue();
            personal.Where(text => Found(keys.Folder, text)).ShouldBeEmpty("the index holds hashes");

            await new Erasures(database, store, ErasureRegister.In(_folder, false)).EraseAsync(
                new("Đơn số 17", "truong-phong"), data.Applicant, [], new(new(2026, 5, 4, 9, 0, 0, TimeSpan.FromHours(7)), Centre.Command(), new(2026, 5, 4, 9, 0, 0, TimeSpan.FromHours(7))));
            (await store.OpenAsync(data)).ShouldBeNull();
            await AskAsync("CHECKPOINT");
            BackupTests.Holds(keys.Folder, wrapped).ShouldBeTrue("this is what ADR 13 warns of: the dead row, still wrapped");

            var other = await store.SealAsync(new Applicant("Đỗ Văn Bình"), KeyStoreTests.Id(2));
            await store.ChangeMasterKeyAsync();
            (await store.OpenAsync(other))!.Name.ShouldBe("Đỗ Văn Bình");
            BackupTests.Holds(keys.Folder, wrapped).ShouldBeFalse("gone from table and write-ahead log; and the master key that it was wrapped under is gone too");
            wrappedAgain = await WrappedAsync();
            BackupTests.Holds(keys.Folder, wrappedAgain).ShouldBeTrue();

            async Task<byte[]> WrappedAsync() => (byte[])(await AskAsync("SELECT wrapped FROM dossier_keys.applicant WHERE wrapped IS NOT NULL"))!;

            async Task<object?> AskAsync(string sql)
            {
                await using var connection = new NpgsqlConnection(keys.ConnectionString);
                await connection.OpenAsync();
                await using var command = new NpgsqlCommand(sql, connection);
                return await command.ExecuteScalarAsync();
            }
        }
        // Stopped, with everything written out: also the clusters' own folders, wherever they stand.
        personal.Where(text => Found(_folder, text)).ShouldBeEmpty();
    }

    private static bool Found(string folder, string text) => BackupTests.Holds(folder, Encoding.UTF8.GetBytes(text));
}
