using System.Collections.Concurrent;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Applicants;

/// <summary>
/// The applicants' keys, in a database of its own: seals and opens what is personal, finds applicants, destroys keys. Who wants to read goes through <see cref="PersonalData"/>.
/// <para><b>Durable first.</b> A key is committed before <c>SealAsync</c> gives back what was sealed with it, so no event ever rests on a key that a crash takes away.</para>
/// <para><b>Erased is erased.</b> It does not open before every erasure that the log or the register knows is done here too, so an older copy of the store brings nobody
/// back; and within a second of an erasure by any process, every other has forgotten the key.</para>
/// </summary>
public sealed class KeyStore : IAsyncDisposable
{
    private const string Purpose = "applicant";
    private const int MostCached = 50_000;
    private static readonly TimeSpan _checkEvery = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource _database;
    private readonly string _masterFile;
    private readonly TimeProvider _clock;
    private readonly byte[]? _seed;
    private readonly byte[] _indexKey;
    private MasterKey _master;
    private Cache _cache = new(-1, []);
    private long _checked;

    private KeyStore(NpgsqlDataSource database, string masterFile, MasterKey master, byte[] indexKey, TimeProvider clock, byte[]? seed) =>
        (_database, _masterFile, _master, _indexKey, _clock, _seed) = (database, masterFile, master, indexKey, clock, seed);

    /// <summary>Keys that were not erased when the store had counted so many erasures.</summary>
    private sealed record Cache(long Erasures, ConcurrentDictionary<Guid, ApplicantKey> Keys);

    /// <param name="Key">Null when erased.</param>
    private sealed record Row(Guid Id, ApplicantKey? Key, byte[]? Identity, long[] Words);

    /// <summary>Opens the store, making its tables and its master key at first, and finishes every erasure that is known but not done here.</summary>
    /// <param name="connectionString">Of the database's owner: the store has no other role.</param>
    /// <param name="dataFolder">Holds the master key, unless that is named, and the register of erasures.</param>
    /// <param name="database">The events that these are the keys of.</param>
    /// <param name="sampleSeed">In a sample database only: keys are made from it, so that one simulation run twice gives the same bytes.</param>
    /// <exception cref="UserError"><c>master-key-missing</c>, <c>master-key-wrong</c>, <c>master-key-unusable</c>, <c>kind-mismatch</c>, <c>not-owner</c>.</exception>
    public static async Task<KeyStore> OpenAsync(
        string connectionString, string dataFolder, Database database, byte[]? sampleSeed = null, CancellationToken cancel = default)
    {
        if (sampleSeed is not null && !database.IsSample)
            throw new InvalidOperationException("only the keys of samples may come from a seed");
        var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
        {
            Options = "-c synchronous_commit=on -c idle_in_transaction_session_timeout=30s -c timezone=UTC",
            ApplicationName = "eventdossier",
            NoResetOnClose = true,
            MaxAutoPrepare = 20,
        });
        try
        {
            var masterFile = MasterKey.FileIn(dataFolder, database.IsSample);
            var (master, indexKey) = await EnterAsync(source, masterFile, database.IsSample, cancel);
            var store = new KeyStore(source, masterFile, master, indexKey, database.Clock, sampleSeed);
            await Erasures.ReplayAsync(database, store, ErasureRegister.In(dataFolder, database.IsSample), cancel);
            return store;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            await source.DisposeAsync();
            throw new UserError("not-owner", $"the key store's login must own its database: {e.MessageText}");
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    /// <summary>Seals under the applicant's key. Whoever is known by the identity number keeps the key they have.</summary>
    /// <param name="newId">For an applicant not known yet: made from the command (<see cref="Uuid.V5(Guid, string)"/>), so that the command sent again seals the same.</param>
    /// <exception cref="UserError"><c>applicant-erased</c>: the command was carried out before, and its applicant erased since.</exception>
    /// <exception cref="NotStorableException">A text can't be stored.</exception>
    public async Task<Sealed> SealAsync(Applicant applicant, Guid newId, CancellationToken cancel = default) =>
        (await SealAsync([(applicant, newId)], cancel))[0];

    /// <summary>The same for thousands, in two or three round trips.</summary>
    public async Task<IReadOnlyList<Sealed>> SealAsync(IReadOnlyList<(Applicant Applicant, Guid NewId)> many, CancellationToken cancel = default)
    {
        var asked = many.Select(m => (
            m.Applicant, m.NewId, Text: m.Applicant.ToBytes(), Identity: IdentityOf(m.Applicant), Words: WordsOf(m.Applicant))).ToList();
        while (true)
        {
            var rows = await FetchAsync([.. asked.Select(a => a.NewId).Distinct()], [.. asked.Select(a => a.Identity).OfType<byte[]>()], cancel);
            var byId = rows.ToDictionary(r => r.Id);
            var byIdentity = rows.Where(r => r.Identity is not null).ToDictionary(r => Convert.ToHexString(r.Identity!));
            var (made, grown) = (new Dictionary<Guid, Row>(), new Dictionary<Guid, Row>());
            var found = asked.Select(a =>
            {
                var row = (a.Identity is { } identity ? byIdentity.GetValueOrDefault(Convert.ToHexString(identity)) : null) ?? byId.GetValueOrDefault(a.NewId);
                if (row is null)
                {
                    var key = _seed is null ? RandomNumberGenerator.GetBytes(32) : HMACSHA256.HashData(_seed, a.NewId.ToByteArray(bigEndian: true));
                    row = new(a.NewId, new(a.NewId, key), a.Identity, a.Words);
                    made.Add(row.Id, row);
                }
                else if (row.Key is null)
                {
                    throw new UserError("applicant-erased", $"the applicant {row.Id} of this command was erased");
                }
                else if ((row.Identity is null && a.Identity is not null) || a.Words.Except(row.Words).Any())
                {
                    // A new phone, another name: found by the old ones too.
                    row = row with { Identity = row.Identity ?? a.Identity, Words = [.. row.Words.Union(a.Words)] };
                    (made.ContainsKey(row.Id) ? made : grown)[row.Id] = row;
                }
                byId[row.Id] = row;
                if (row.Identity is not null)
                    byIdentity[Convert.ToHexString(row.Identity)] = row;
                return row;
            }).ToList();

            try
            {
                // Somebody else may make the same applicant at this moment, or change the master key: then what they made is fetched. In one order, so that two batches don't wait for each other.
                if (made.Count > 0 && await InsertAsync([.. made.Values.OrderBy(r => r.Identity is null ? null : Convert.ToHexString(r.Identity), StringComparer.Ordinal).ThenBy(r => r.Id)], cancel) < made.Count)
                    continue;
                if (grown.Count > 0)
                    await GrowAsync([.. grown.Values], cancel);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation)
            {
                continue;
            }
            return [.. asked.Zip(found, (a, row) => new Sealed(row.Id, Convert.ToBase64String(row.Key!.Seal(Purpose, a.Text))))];
        }
    }

    /// <summary>A text that is personal, under the key of an applicant that the store knows.</summary>
    /// <exception cref="UserError"><c>applicant-erased</c>, <c>key-missing</c>.</exception>
    public async Task<Sealed> SealTextAsync(Guid applicant, string text, CancellationToken cancel = default) => (await KeysAsync([applicant], cancel))[applicant] is { } key
        ? new(applicant, Convert.ToBase64String(key.Seal("text", Encoding.UTF8.GetBytes(StoreJson.Text(text)))))
        : throw new UserError("applicant-erased", $"the applicant {applicant} was erased");

    /// <summary>Null when the applicant was erased.</summary>
    /// <exception cref="UserError"><c>sealed-damaged</c>, <c>key-missing</c>.</exception>
    internal async Task<string?> OpenTextAsync(Sealed data, CancellationToken cancel = default) => (await KeysAsync([data.Applicant], cancel))[data.Applicant] is { } key
        ? Encoding.UTF8.GetString(key.Open("text", Bytes(data)) ?? throw Damaged(data.Applicant))
        : null;

    /// <summary>Null when the applicant was erased.</summary>
    /// <exception cref="UserError"><c>sealed-damaged</c>: not one bit may differ; <c>key-missing</c>: the store knows neither the key nor an erasure.</exception>
    internal async Task<Applicant?> OpenAsync(Sealed data, CancellationToken cancel = default) => (await OpenAsync([data], cancel))[0];

    /// <summary>The same for a page, in one round trip at most.</summary>
    internal async Task<IReadOnlyList<Applicant?>> OpenAsync(IReadOnlyList<Sealed> many, CancellationToken cancel = default)
    {
        var keys = await KeysAsync([.. many.Select(m => m.Applicant).Distinct()], cancel);
        return [.. many.Select(data => keys[data.Applicant] is { } key ? Applicant.Of(key.Open(Purpose, Bytes(data)) ?? throw Damaged(data.Applicant)) : null)];
    }

    private static byte[] Bytes(Sealed data)
    {
        var bytes = new byte[data.Data.Length / 4 * 3];
        return Convert.TryFromBase64String(data.Data, bytes, out var length) ? bytes[..length] : throw Damaged(data.Applicant);
    }

    private static UserError Damaged(Guid applicant) => new("sealed-damaged", $"sealed data of applicant {applicant} was changed, or belongs to another");

    /// <summary>
    /// Applicants by name (all its words, in any order, diacritics or not), identity number or phone. Erased ones are found by nothing.
    /// </summary>
    public async Task<IReadOnlyList<Guid>> FindAsync(string text, int limit = 50, CancellationToken cancel = default)
    {
        var words = SearchTerms.Words(text).Select(word => Word("name", word)).ToArray();
        if (words.Length == 0)
            return [];
        await using var command = _database.CreateCommand(
            "SELECT id FROM dossier_keys.applicant WHERE words @> @words OR words && @numbers ORDER BY created_at, id LIMIT @limit");
        command.Parameters.AddWithValue("words", words);
        command.Parameters.AddWithValue("numbers", NumbersOf(text, text).ToArray());
        command.Parameters.AddWithValue("limit", limit);
        var found = new List<Guid>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            found.Add(row.GetGuid(0));
        return found;
    }

    /// <summary>Whether the store has, or had, a key of this applicant.</summary>
    public async Task<bool> KnowsAsync(Guid applicant, CancellationToken cancel = default) => (await FetchAsync([applicant], [], cancel)).Count > 0;

    /// <summary>When the applicant's key was destroyed here; null while it is not.</summary>
    public async Task<DateTimeOffset?> DestroyedAtAsync(Guid applicant, CancellationToken cancel = default)
    {
        await using var command = _database.CreateCommand("SELECT erased_at FROM dossier_keys.applicant WHERE id = @id AND wrapped IS NULL AND identity IS NULL AND words = '{}'");
        command.Parameters.AddWithValue("id", applicant);
        return await command.ExecuteScalarAsync(cancel) is DateTime at ? new DateTimeOffset(at) : null;
    }

    /// <summary>Those of the applicants who were erased.</summary>
    internal async Task<IReadOnlySet<Guid>> ErasedAsync(IReadOnlyCollection<Guid> applicants, CancellationToken cancel) =>
        (await FetchAsync([.. applicants], [], cancel)).Where(row => row.Key is null).Select(row => row.Id).ToHashSet();

    /// <summary>The keys of the applicants, null for an erased one.</summary>
    internal async Task<IReadOnlyDictionary<Guid, ApplicantKey?>> KeysAsync(IReadOnlyCollection<Guid> applicants, CancellationToken cancel)
    {
        var (cache, now) = (_cache, _clock.GetTimestamp());
        var keys = new Dictionary<Guid, ApplicantKey?>();
        foreach (var id in applicants)
        {
            if (cache.Keys.TryGetValue(id, out var key))
                keys.Add(id, key);
        }
        // Other processes erase too: that is asked with what is fetched, and at least once a second.
        if (keys.Count == applicants.Count && _clock.GetElapsedTime(Volatile.Read(ref _checked), now) < _checkEvery)
            return keys;
        var rows = await FetchAsync([.. applicants.Where(id => !keys.ContainsKey(id))], [], cancel);
        if (_cache != cache && keys.Count > 0)
        {
            // Somebody was erased since the others were kept.
            keys.Clear();
            rows = await FetchAsync([.. applicants], [], cancel);
        }
        Volatile.Write(ref _checked, now);
        foreach (var row in rows)
            keys.Add(row.Id, row.Key);
        var missing = applicants.FirstOrDefault(id => !keys.ContainsKey(id));
        return missing == default ? keys
            : throw new UserError("key-missing", $"the key store has no key of applicant {missing} and knows of no erasure: it is older than the log, or another's");
    }

    /// <summary>Destroys keys and everything that finds their applicants; done already is done. An id without a key is kept from ever getting one.</summary>
    internal async Task DestroyAsync(IReadOnlyCollection<Guid> applicants, CancellationToken cancel)
    {
        if (applicants.Count == 0)
            return;
        await using var command = _database.CreateCommand(
            """
            WITH todo AS (
                SELECT asked.id FROM unnest(@ids) asked (id) WHERE NOT EXISTS (SELECT FROM dossier_keys.applicant a WHERE a.id = asked.id AND a.erased_at IS NOT NULL)
            ), done AS (
                INSERT INTO dossier_keys.applicant (id, words, erased_at) SELECT id, '{}', clock_timestamp() FROM todo
                ON CONFLICT (id) DO UPDATE SET wrapped = NULL, identity = NULL, words = '{}', erased_at = excluded.erased_at
                RETURNING id
            )
            UPDATE dossier_keys.store SET erasures = erasures + 1 WHERE EXISTS (SELECT FROM done)
            """);
        command.Parameters.AddWithValue("ids", applicants.ToArray());
        await command.ExecuteNonQueryAsync(cancel);
        _cache = new(-1, []);
    }

    /// <summary>
    /// Wraps every key under a new master key, and lets nothing of the old rows stay in the store's files as far as PostgreSQL can see to it. What an erasure left behind (dead rows, old
    /// write-ahead log, backups) is wrapped under the old one, so it ends with the last copy of that.
    /// </summary>
    /// <returns>How many keys.</returns>
    public async Task<long> ChangeMasterKeyAsync(CancellationToken cancel = default)
    {
        var next = MasterKey.New();
        long count;
        await using var connection = await _database.OpenConnectionAsync(cancel);
        await using (var change = await connection.BeginTransactionAsync(cancel))
        {
            // Whoever adds a key waits here, and then sees that its wrapping is no longer the store's.
            await using (var alone = new NpgsqlCommand("LOCK TABLE dossier_keys.store, dossier_keys.applicant IN EXCLUSIVE MODE", connection))
                await alone.ExecuteNonQueryAsync(cancel);
            await FetchAsync([], [], cancel);
            await next.SaveAsync(_masterFile + ".next");
            var (ids, wrapped) = (new List<Guid>(), new List<byte[]>());
            await using (var read = new NpgsqlCommand("SELECT id, wrapped FROM dossier_keys.applicant WHERE wrapped IS NOT NULL", connection) { CommandTimeout = 0 })
            await using (var row = await read.ExecuteReaderAsync(cancel))
            {
                while (await row.ReadAsync(cancel))
                {
                    ids.Add(row.GetGuid(0));
                    wrapped.Add(next.Wrap(row.GetGuid(0), _master.Unwrap(row.GetGuid(0), row.GetFieldValue<byte[]>(1))));
                }
            }
            await using (var write = new NpgsqlCommand(
                "UPDATE dossier_keys.applicant a SET wrapped = r.wrapped FROM unnest(@ids, @wrapped) r (id, wrapped) WHERE a.id = r.id", connection) { CommandTimeout = 0 })
            {
                write.Parameters.AddWithValue("ids", ids.ToArray());
                write.Parameters.AddWithValue("wrapped", wrapped.ToArray());
                count = await write.ExecuteNonQueryAsync(cancel);
            }
            await using (var write = new NpgsqlCommand("UPDATE dossier_keys.store SET fingerprint = @fingerprint, index_key = @key", connection))
            {
                write.Parameters.AddWithValue("fingerprint", next.Fingerprint);
                write.Parameters.AddWithValue("key", next.Wrap(Guid.Empty, _indexKey));
                await write.ExecuteNonQueryAsync(cancel);
            }
            await change.CommitAsync(cancel);
        }
        TakeNext(_masterFile);
        _master = next;
        foreach (var sql in (string[])["VACUUM FULL dossier_keys.applicant", "VACUUM FULL dossier_keys.store", "CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT"])
        {
            try
            {
                await using var clean = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
                await clean.ExecuteNonQueryAsync(cancel);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                // A server of the centre's own lets only its administrator end a write-ahead log; it ends by itself later.
            }
        }
        return count;
    }

    private Cache Keep(long erasures)
    {
        var cache = _cache;
        return cache.Erasures == erasures && cache.Keys.Count < MostCached ? cache : _cache = new(erasures, []);
    }

    /// <summary>Applicants by id or identity. What was fetched is kept, unless an erasure came between.</summary>
    private async Task<List<Row>> FetchAsync(Guid[] ids, byte[][] identities, CancellationToken cancel)
    {
        await using var command = _database.CreateCommand(
            """
            SELECT s.fingerprint, s.erasures, a.id, a.wrapped, a.identity, a.words
            FROM dossier_keys.store s LEFT JOIN dossier_keys.applicant a ON a.id = ANY(@ids) OR a.identity = ANY(@identities)
            """);
        command.Parameters.AddWithValue("ids", ids);
        command.Parameters.AddWithValue("identities", identities);
        var rows = new List<Row>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        var (master, cache) = (_master, (Cache?)null);
        while (await row.ReadAsync(cancel))
        {
            if (cache is null)
            {
                if (!master.Fingerprint.AsSpan().SequenceEqual(row.GetFieldValue<byte[]>(0)))
                    _master = master = Matching(_masterFile, row.GetFieldValue<byte[]>(0));
                cache = Keep(row.GetInt64(1));
            }
            if (row.IsDBNull(2))
                break;
            var id = row.GetGuid(2);
            var key = row.IsDBNull(3) ? null : cache.Keys.GetOrAdd(id, _ => new(id, master.Unwrap(id, row.GetFieldValue<byte[]>(3))));
            rows.Add(new(id, key, row.IsDBNull(4) ? null : row.GetFieldValue<byte[]>(4), row.GetFieldValue<long[]>(5)));
        }
        return rows;
    }

    /// <returns>How many were new; none when the master key has been changed meanwhile.</returns>
    private async Task<int> InsertAsync(IReadOnlyList<Row> rows, CancellationToken cancel)
    {
        var master = _master;
        await using var command = _database.CreateCommand(
            """
            INSERT INTO dossier_keys.applicant (id, wrapped, identity, words)
            SELECT r.id, r.wrapped, r.identity, r.words::bigint[]
            FROM unnest(@ids, @wrapped, @identities, @words) r (id, wrapped, identity, words)
            JOIN dossier_keys.store s ON s.fingerprint = @fingerprint
            ON CONFLICT DO NOTHING
            """);
        AddRows(command, rows);
        command.Parameters.AddWithValue("wrapped", rows.Select(r => master.Wrap(r.Id, r.Key!.Secret)).ToArray());
        command.Parameters.AddWithValue("fingerprint", master.Fingerprint);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    private async Task GrowAsync(IReadOnlyList<Row> rows, CancellationToken cancel)
    {
        await using var command = _database.CreateCommand(
            """
            WITH locked AS (SELECT id FROM dossier_keys.applicant WHERE id = ANY(@ids) ORDER BY id FOR UPDATE)
            UPDATE dossier_keys.applicant a
            SET identity = coalesce(a.identity, r.identity), words = ARRAY(SELECT unnest(a.words) UNION SELECT unnest(r.words::bigint[]))
            FROM unnest(@ids, @identities, @words) r (id, identity, words) JOIN locked ON locked.id = r.id
            WHERE a.id = r.id AND a.erased_at IS NULL
            """);
        AddRows(command, rows);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static void AddRows(NpgsqlCommand command, IReadOnlyList<Row> rows)
    {
        command.Parameters.AddWithValue("ids", rows.Select(r => r.Id).ToArray());
        command.Parameters.Add(new NpgsqlParameter("identities", NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Bytea) { Value = rows.Select(r => r.Identity).ToArray() });
        // An array of arrays must be a rectangle; these have a length each.
        command.Parameters.AddWithValue("words", rows.Select(r => $"{{{string.Join(',', r.Words)}}}").ToArray());
    }

    private byte[]? IdentityOf(Applicant applicant) =>
        SearchTerms.Number(applicant.IdentityNumber) is { } number ? Hash("identity", number)[..16] : null;

    private long[] WordsOf(Applicant applicant) =>
        [.. SearchTerms.Words(applicant.Name).Select(word => Word("name", word)).Concat(NumbersOf(applicant.IdentityNumber, applicant.Phone)).Distinct()];

    private IEnumerable<long> NumbersOf(string? identity, string? phone)
    {
        if (SearchTerms.Number(identity) is { } number)
            yield return Word("number", number);
        if (SearchTerms.Phone(phone) is { } called)
            yield return Word("phone", called);
    }

    private long Word(string kind, string word) => BitConverter.ToInt64(Hash(kind, word));

    private byte[] Hash(string kind, string text) => HMACSHA256.HashData(_indexKey, Encoding.UTF8.GetBytes($"{kind}\n{text}"));

    private static async Task<(MasterKey Master, byte[] IndexKey)> EnterAsync(NpgsqlDataSource source, string masterFile, bool sample, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using (var begin = await connection.BeginTransactionAsync(cancel))
        {
            // Two that open a new store at once would each make a master key.
            await ExecuteAsync("SELECT pg_advisory_xact_lock(72614352)");
            await ExecuteAsync(Tables);
            await using var count = new NpgsqlCommand("SELECT count(*) FROM dossier_keys.store", connection);
            if ((long)(await count.ExecuteScalarAsync(cancel))! == 0)
            {
                var master = MasterKey.Load(masterFile) ?? MasterKey.New();
                // On disk before anything that needs it.
                if (!File.Exists(masterFile))
                    await master.SaveAsync(masterFile);
                await ExecuteAsync(
                    "INSERT INTO dossier_keys.store (kind, fingerprint, index_key) VALUES (@kind, @fingerprint, @key)",
                    ("kind", sample ? "sample" : "live"), ("fingerprint", master.Fingerprint), ("key", master.Wrap(Guid.Empty, RandomNumberGenerator.GetBytes(32))));
            }
            await begin.CommitAsync(cancel);
        }

        await using var command = new NpgsqlCommand("SELECT kind = 'sample', fingerprint, index_key FROM dossier_keys.store", connection);
        await using var row = await command.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        if (row.GetBoolean(0) != sample)
            throw new UserError("kind-mismatch", $"the key store {connection.Database} does not hold the keys of {(sample ? "samples" : "live dossiers")}");
        var key = Matching(masterFile, row.GetFieldValue<byte[]>(1));
        return (key, key.Unwrap(Guid.Empty, row.GetFieldValue<byte[]>(2)));

        async Task ExecuteAsync(string sql, params (string Name, object Value)[] parameters)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            foreach (var (name, value) in parameters)
                command.Parameters.AddWithValue(name, value);
            await command.ExecuteNonQueryAsync(cancel);
        }
    }

    /// <summary>The master key of a fingerprint: in its file, or beside it where a change of keys was cut off after its commit; then it is put in its place.</summary>
    private static MasterKey Matching(string file, byte[] fingerprint)
    {
        var (now, next) = (MasterKey.Load(file), MasterKey.Load(file + ".next"));
        if (IsIt(now))
            return now!;
        if (IsIt(next))
        {
            TakeNext(file);
            return next!;
        }
        throw now is null
            ? new UserError("master-key-missing", $"{file} is missing: put it back, or join the two custodians' shares with dossier keys join")
            : new UserError("master-key-wrong", $"{file} is not the master key of this key store, whose fingerprint is {Convert.ToHexStringLower(fingerprint)}");

        bool IsIt(MasterKey? key) => key is not null && key.Fingerprint.AsSpan().SequenceEqual(fingerprint);
    }

    private static void TakeNext(string file)
    {
        try
        {
            DurableFile.Move(file + ".next", file);
        }
        catch (FileNotFoundException)
        {
            // Another process that saw it was faster.
        }
    }

    private static string Tables { get; } = ReadTables();

    private static string ReadTables()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("keys/000-keys.sql")!);
        return reader.ReadToEnd();
    }
}
