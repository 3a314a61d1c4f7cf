using Npgsql;
using NpgsqlTypes;

namespace EventDossier.Store;

/// <summary>An item ready to be sent: checked and spelled as JSON on the caller's thread, before it joins a batch.</summary>
internal sealed record EncodedAppend(StreamAppend Item, Guid FirstEventId, string Headers, EventNames.Encoded[] Events)
{
    public Guid IdOf(int index) => index == 0 ? FirstEventId : Uuid.V5(Item.Command.CommandId, index);

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
    /// </summary>
    public const string Lock = "SELECT pg_advisory_xact_lock(7261435), set_config('lock_timeout', '50ms', true)";

    public const string Notify = $"pg_notify('{NpgsqlEventLog.Channel}', '')";

    private const string Wave =
        $"""
        WITH event AS MATERIALIZED (
            SELECT e.*, d.stream_id AS done_on, s.id IS NOT NULL AS known, coalesce(s.version, 0) AS at_version
            FROM unnest(@stream, @stream_type, @expected, @first_id, @count, @recorded, @headers, @correlation, @causation, @index, @id, @data, @type, @dotnet_type)
                 WITH ORDINALITY AS e (stream, stream_type, expected, first_id, count, recorded, headers, correlation, causation, index, id, data, type, dotnet_type, n)
            LEFT JOIN dossier.mt_streams s ON s.id = e.stream
            LEFT JOIN dossier.mt_events d ON d.id = e.first_id
        ), accepted AS MATERIALIZED (
            SELECT event.*, coalesce(recorded, clock.now) AS at
            FROM event, (SELECT date_trunc('milliseconds', clock_timestamp()) OFFSET 0) AS clock (now)
            WHERE done_on IS NULL AND expected IN (-1, at_version)
        ), opened AS (
            INSERT INTO dossier.mt_streams (id, type, version, timestamp, created, tenant_id, is_archived)
            SELECT stream, stream_type, count, at, at, '*DEFAULT*', false FROM accepted WHERE index = 1 AND NOT known
        ), advanced AS (
            UPDATE dossier.mt_streams s SET version = a.at_version + a.count, timestamp = a.at
            FROM accepted a WHERE a.index = 1 AND a.known AND s.id = a.stream
        ), written AS (
            INSERT INTO dossier.mt_events
                (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, correlation_id, causation_id, headers, is_archived)
            SELECT nextval('dossier.mt_events_sequence'), e.*, false FROM (
                SELECT id, stream, at_version + index, data, type, at, '*DEFAULT*', dotnet_type, correlation, causation, headers FROM accepted ORDER BY n) e
            RETURNING seq_id, id
        )
        SELECT e.at_version, e.done_on, w.seq_id, (SELECT {Notify})
        FROM event e LEFT JOIN written w ON w.id = e.id AND e.done_on IS NULL
        ORDER BY e.n
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
                    outcomes[i] = await OutcomeAsync(reader, items[i].Events.Length);
            }
            while (await reader.NextResultAsync()) { }
        }

        await TellDuplicatesAsync(connection, items, outcomes);
        return outcomes;
    }

    /// <summary>An item has a row for each of its events.</summary>
    private static async Task<AppendOutcome> OutcomeAsync(NpgsqlDataReader reader, int events)
    {
        var positions = new long[events];
        AppendOutcome outcome = null!;
        for (var k = 0; k < events; k++)
        {
            await reader.ReadAsync();
            var version = reader.GetInt64(0);
            if (!reader.IsDBNull(2))
                positions[k] = reader.GetInt64(2);
            outcome = !reader.IsDBNull(1) ? new AppendOutcome.Duplicate(reader.GetString(1), 0, [], null)
                : reader.IsDBNull(2) ? new AppendOutcome.Conflict(version)
                : new AppendOutcome.Appended(version + events, positions);
        }
        return outcome;
    }

    /// <summary>Puts what was done before in the place of every duplicate, and the outcome that is shared where there is none.</summary>
    public static async Task TellDuplicatesAsync(NpgsqlConnection connection, IReadOnlyList<EncodedAppend> items, AppendOutcome?[] outcomes)
    {
        var duplicates = items.Index().Where(i => outcomes[i.Index] is AppendOutcome.Duplicate).ToList();
        if (duplicates.Count > 0)
        {
            var found = await FindAsync(connection, [.. duplicates.Select(i => i.Item.FirstEventId)]);
            foreach (var (i, item) in duplicates)
                outcomes[i] = found[item.FirstEventId];
        }
        for (var i = 0; i < items.Count; i++)
        {
            outcomes[i] ??= outcomes[items.Index().First(other => other.Item.FirstEventId == items[i].FirstEventId).Index];
        }
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
        var events = new List<(EncodedAppend Of, int Index)>(wave.Count);
        foreach (var i in wave)
        {
            for (var k = 0; k < items[i].Events.Length; k++)
                events.Add((items[i], k));
        }
        return new(Wave)
        {
            Parameters =
            {
                Array("stream", NpgsqlDbType.Varchar, e => e.Of.Item.Stream),
                Array("stream_type", NpgsqlDbType.Varchar, e => e.Of.Item.StreamType),
                Array("expected", NpgsqlDbType.Bigint, e => e.Of.Item.ExpectedVersion),
                Array("first_id", NpgsqlDbType.Uuid, e => e.Of.FirstEventId),
                Array("count", NpgsqlDbType.Integer, e => e.Of.Events.Length),
                Array("recorded", NpgsqlDbType.TimestampTz, e => e.Of.Item.RecordedAt?.ToUniversalTime()),
                Array("headers", NpgsqlDbType.Jsonb, e => e.Of.Headers),
                Array("correlation", NpgsqlDbType.Varchar, e => e.Of.Item.Command.Correlation),
                Array("causation", NpgsqlDbType.Varchar, e => e.Of.Item.Command.Causation),
                Array("index", NpgsqlDbType.Integer, e => e.Index + 1),
                Array("id", NpgsqlDbType.Uuid, e => e.Of.IdOf(e.Index)),
                Array("data", NpgsqlDbType.Jsonb, e => e.Of.Events[e.Index].Json),
                Array("type", NpgsqlDbType.Varchar, e => e.Of.Events[e.Index].Name),
                Array("dotnet_type", NpgsqlDbType.Varchar, e => e.Of.Events[e.Index].DotNetType),
            },
        };

        NpgsqlParameter Array<T>(string name, NpgsqlDbType element, Func<(EncodedAppend Of, int Index), T> value)
        {
            var values = new T[events.Count];
            for (var n = 0; n < values.Length; n++)
                values[n] = value(events[n]);
            return new NpgsqlParameter<T[]>(name, values) { NpgsqlDbType = NpgsqlDbType.Array | element };
        }
    }
}
