using Npgsql;
using NpgsqlTypes;

namespace EventDossier.Store;

/// <summary>An item ready to be sent: checked and spelled as JSON on the caller's thread, before it joins a batch.</summary>
internal sealed record EncodedAppend(StreamAppend Item, Guid FirstEventId, string Headers, EventNames.Encoded[] Events)
{
    /// <exception cref="NotStorableException"/>
    public static EncodedAppend From(StreamAppend item, EventNames names, bool sample)
    {
        if (item.Stream.Length is 0 or > 200 || item.Stream.Any(char.IsControl))
            throw new NotStorableException($"stream name '{item.Stream}' is empty, longer than 200 characters or has control characters");
        if (item.Command.CommandId == Guid.Empty)
            throw new NotStorableException($"stream {item.Stream}: the command id is empty");
        if (item.Events.Count == 0)
            throw new NotStorableException($"stream {item.Stream}: a command without events is not appended");
        if (item.RecordedAt is not null && !sample)
            throw new NotStorableException($"stream {item.Stream}: only a sample database takes a recorded time");
        return new(
            item with { Stream = StoreJson.Text(item.Stream) },
            Uuid.V5(item.Command.CommandId, 0),
            StoreJson.Headers(item.Command),
            [.. item.Events.Select(names.Encode)]);
    }
}

/// <summary>
/// One batch as one round trip and one transaction: lock, waves, notification. A wave is one statement that takes each stream
/// and each command id at most once; what comes again waits for the next wave, whose statement sees the one before.
/// </summary>
internal static class AppendBatch
{
    /// <summary>
    /// The lock that makes commit order reading order, waited for without bound; any writer that keeps the rule takes it before nextval. After it, and only then,
    /// row locks are waited for but a moment: a foreign uncommitted append to one of our streams would hold every writer under the lock.
    /// And the next statement's plan is made once, perhaps on an empty table that then grows fast.
    /// </summary>
    public const string Lock = "SELECT pg_advisory_xact_lock(7261435), set_config('lock_timeout', '50ms', true), set_config('enable_seqscan', 'off', true)";

    public const string Notify = $"pg_notify('{NpgsqlEventLog.Channel}', '')";

    private const string Wave =
        $"""
        WITH item AS MATERIALIZED (
            SELECT i.*, d.stream_id AS done_on, d.version AS done_at, s.id IS NOT NULL AS known, coalesce(s.version, 0) AS version,
                   coalesce(i.recorded, date_trunc('milliseconds', clock_timestamp())) AS at
            FROM unnest(@stream, @stream_type, @expected, @first_id, @count, @recorded, @headers, @correlation, @causation)
                 WITH ORDINALITY AS i (stream, stream_type, expected, first_id, count, recorded, headers, correlation, causation, n)
            LEFT JOIN dossier.mt_streams s ON s.id = i.stream
            LEFT JOIN dossier.mt_events d ON d.id = i.first_id
        ), accepted AS MATERIALIZED (
            SELECT * FROM item WHERE done_on IS NULL AND expected IN (-1, version)
        ), opened AS (
            INSERT INTO dossier.mt_streams (id, type, version, timestamp, created, tenant_id, is_archived)
            SELECT stream, stream_type, count, at, at, '*DEFAULT*', false FROM accepted WHERE NOT known
        ), advanced AS (
            UPDATE dossier.mt_streams s SET version = a.version + a.count, timestamp = a.at
            FROM accepted a WHERE a.known AND s.id = a.stream
        ), written AS (
            INSERT INTO dossier.mt_events
                (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, correlation_id, causation_id, headers, is_archived)
            SELECT nextval('dossier.mt_events_sequence'), e.*, false FROM (
                SELECT e.id, a.stream, a.version + e.index, e.data, e.type, a.at, '*DEFAULT*', e.dotnet_type, a.correlation, a.causation, a.headers
                FROM unnest(@item, @index, @id, @data, @type, @dotnet_type) WITH ORDINALITY AS e (item, index, id, data, type, dotnet_type, n)
                JOIN accepted a ON a.n = e.item
                ORDER BY e.n) e
            RETURNING seq_id, stream_id, version
        )
        SELECT i.version, i.done_on, i.done_at, w.positions, (SELECT {Notify})
        FROM item i
        LEFT JOIN (SELECT stream_id, array_agg(seq_id ORDER BY version) AS positions FROM written GROUP BY stream_id) w
               ON w.stream_id = i.stream AND i.done_on IS NULL
        ORDER BY i.n
        """;

    public static async Task<AppendOutcome[]> RunAsync(NpgsqlConnection connection, IReadOnlyList<EncodedAppend> items)
    {
        var waves = Waves(items);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new(Lock));
        foreach (var wave in waves)
            batch.BatchCommands.Add(WaveCommand(items, wave));

        var outcomes = new AppendOutcome[items.Count];
        await using (var reader = await batch.ExecuteReaderAsync(CancellationToken.None))
        {
            foreach (var wave in waves)
            {
                await reader.NextResultAsync();
                foreach (var i in wave)
                {
                    await reader.ReadAsync();
                    var version = reader.GetInt64(0);
                    outcomes[i] = !reader.IsDBNull(1) ? new AppendOutcome.Duplicate(reader.GetString(1), reader.GetInt64(2), [], null)
                        : reader.IsDBNull(3) ? new AppendOutcome.Conflict(version)
                        : new AppendOutcome.Appended(version + items[i].Events.Length, reader.GetFieldValue<long[]>(3));
                }
            }
            while (await reader.NextResultAsync()) { }
        }

        await TellDuplicatesAsync(connection, items, outcomes);
        for (var i = 0; i < items.Count; i++)
        {
            outcomes[i] ??= outcomes[items.Index().First(other => other.Item.FirstEventId == items[i].FirstEventId).Index];
        }
        return outcomes;
    }

    /// <summary>Puts what was done before in the place of every duplicate.</summary>
    public static async Task TellDuplicatesAsync(NpgsqlConnection connection, IReadOnlyList<EncodedAppend> items, AppendOutcome?[] outcomes)
    {
        var duplicates = items.Index().Where(i => outcomes[i.Index] is AppendOutcome.Duplicate).ToList();
        if (duplicates.Count == 0)
            return;
        var found = await FindAsync(connection, [.. duplicates.Select(i => i.Item.FirstEventId)]);
        foreach (var (i, item) in duplicates)
            outcomes[i] = found[item.FirstEventId];
    }

    /// <summary>What the commands have done, of those that are known, by the id of their first event. The later events of a command follow it in the stream.</summary>
    public static async Task<Dictionary<Guid, AppendOutcome.Duplicate>> FindAsync(NpgsqlConnection connection, Guid[] firstEventIds)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT f.id, e.stream_id, max(e.version), array_agg(e.seq_id ORDER BY e.version), min(f.headers->>'request')
            FROM dossier.mt_events f
            JOIN dossier.mt_events e ON e.stream_id = f.stream_id AND e.version >= f.version
                 AND (e.id = f.id OR e.headers->>'commandId' = f.headers->>'commandId')
            WHERE f.id = ANY(@first_ids)
            GROUP BY f.id, e.stream_id
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid[]>("first_ids", firstEventIds));
        var found = new Dictionary<Guid, AppendOutcome.Duplicate>(firstEventIds.Length);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            found.Add(reader.GetGuid(0), new(reader.GetString(1), reader.GetInt64(2), reader.GetFieldValue<long[]>(3), reader.TextOrNull(4)));
        return found;
    }

    /// <summary>Indexes of the items of each wave. An item whose command id came before in the batch is in none: it shares that outcome.</summary>
    private static List<List<int>> Waves(IReadOnlyList<EncodedAppend> items)
    {
        var waves = new List<List<int>>();
        var commands = new HashSet<Guid>(items.Count);
        var nextWave = new Dictionary<string, int>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            if (!commands.Add(items[i].FirstEventId))
                continue;
            var wave = nextWave.GetValueOrDefault(items[i].Item.Stream);
            nextWave[items[i].Item.Stream] = wave + 1;
            if (wave == waves.Count)
                waves.Add([]);
            waves[wave].Add(i);
        }
        return waves;
    }

    private static NpgsqlBatchCommand WaveCommand(IReadOnlyList<EncodedAppend> items, List<int> wave)
    {
        var count = wave.Sum(i => items[i].Events.Length);
        var (item, index, id) = (new int[count], new int[count], new Guid[count]);
        var (data, type, dotNetType) = (new string[count], new string[count], new string[count]);
        var e = 0;
        for (var n = 0; n < wave.Count; n++)
        {
            var append = items[wave[n]];
            for (var k = 0; k < append.Events.Length; k++, e++)
            {
                (item[e], index[e]) = (n + 1, k + 1);
                id[e] = k == 0 ? append.FirstEventId : Uuid.V5(append.Item.Command.CommandId, k);
                (type[e], dotNetType[e], data[e]) = append.Events[k];
            }
        }
        T[] Each<T>(Func<EncodedAppend, T> value) => [.. wave.Select(i => value(items[i]))];
        return new(Wave)
        {
            Parameters =
            {
                Array("stream", NpgsqlDbType.Varchar, Each(a => a.Item.Stream)),
                Array("stream_type", NpgsqlDbType.Varchar, Each(a => a.Item.StreamType)),
                Array("expected", NpgsqlDbType.Bigint, Each(a => a.Item.ExpectedVersion)),
                Array("first_id", NpgsqlDbType.Uuid, Each(a => a.FirstEventId)),
                Array("count", NpgsqlDbType.Integer, Each(a => a.Events.Length)),
                Array("recorded", NpgsqlDbType.TimestampTz, Each(a => a.Item.RecordedAt?.ToUniversalTime())),
                Array("headers", NpgsqlDbType.Jsonb, Each(a => a.Headers)),
                Array("correlation", NpgsqlDbType.Varchar, Each(a => a.Item.Command.Correlation)),
                Array("causation", NpgsqlDbType.Varchar, Each(a => a.Item.Command.Causation)),
                Array("item", NpgsqlDbType.Integer, item),
                Array("index", NpgsqlDbType.Integer, index),
                Array("id", NpgsqlDbType.Uuid, id),
                Array("data", NpgsqlDbType.Jsonb, data),
                Array("type", NpgsqlDbType.Varchar, type),
                Array("dotnet_type", NpgsqlDbType.Varchar, dotNetType),
            },
        };

        static NpgsqlParameter Array<T>(string name, NpgsqlDbType element, T[] values) =>
            new NpgsqlParameter<T[]>(name, values) { NpgsqlDbType = NpgsqlDbType.Array | element };
    }
}
