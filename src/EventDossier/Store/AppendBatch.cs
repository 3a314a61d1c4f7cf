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
/// and each command id at most once; what comes again waits for the next wave, whose statement sees the one before. What most lone callers
/// append, one event to a stream that there is, is one short statement instead.
/// </summary>
internal static class AppendBatch
{
    /// <summary>
    /// The lock that makes commit order reading order, waited for without bound; any writer that keeps the rule takes it before nextval. After it, and only then,
    /// row locks are waited for but a moment: a foreign uncommitted append to one of our streams would hold every writer under the lock.
    /// </summary>
    public const string Lock = "SELECT pg_advisory_xact_lock(7261435), set_config('lock_timeout', '50ms', true)";

    public const string Notify = $"pg_notify('{NpgsqlEventLog.Channel}', '')";

    /// <summary>
    /// Moving the version on is the check: only a stream that stands where the item expects is opened or advanced, and only its events are written. That a command
    /// is done already shows by the unique id of its first event.
    /// </summary>
    private const string Wave =
        $"""
        WITH event AS MATERIALIZED (
            SELECT e.*, coalesce(recorded, clock.now) AS at
            FROM unnest(@stream, @stream_type, @expected, @count, @recorded, @headers, @correlation, @causation, @index, @id, @data, @type, @dotnet_type)
                 WITH ORDINALITY AS e (stream, stream_type, expected, count, recorded, headers, correlation, causation, index, id, data, type, dotnet_type, n),
                 (SELECT date_trunc('milliseconds', clock_timestamp()) OFFSET 0) AS clock (now)
        ), opened AS (
            INSERT INTO dossier.mt_streams (id, type, version, timestamp, created, tenant_id, is_archived)
            SELECT stream, stream_type, count, at, at, '*DEFAULT*', false FROM event WHERE index = 1 AND expected <= 0
            ON CONFLICT DO NOTHING
            RETURNING id, 0 AS before
        ), advanced AS (
            UPDATE dossier.mt_streams s SET version = s.version + e.count, timestamp = e.at
            FROM event e WHERE e.index = 1 AND s.id = e.stream AND e.expected IN (-1, s.version)
            RETURNING s.id, s.version - e.count AS before
        ), written AS (
            INSERT INTO dossier.mt_events
                (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, correlation_id, causation_id, headers, is_archived)
            SELECT nextval('dossier.mt_events_sequence'), e.*, false FROM (
                SELECT e.id, stream, before + index, data, type, at, '*DEFAULT*', dotnet_type, correlation, causation, headers
                FROM event e JOIN (TABLE opened UNION ALL TABLE advanced) taken ON taken.id = stream ORDER BY n) e
            RETURNING seq_id, id, version
        )
        SELECT seq_id, id, version, (SELECT {Notify}) FROM written ORDER BY seq_id
        """;

    /// <summary>
    /// The same for one event. The lock may stand in the statement, since nothing here rests on what it reads before the lock is given: an update that finds its row
    /// changed meanwhile looks at the version again, and time and position are taken for the row that it has moved on.
    /// </summary>
    private const string Lone =
        $"""
        WITH locked AS MATERIALIZED ({Lock}), advanced AS (
            UPDATE dossier.mt_streams SET version = version + 1, timestamp = coalesce(@recorded, date_trunc('milliseconds', clock_timestamp()))
            FROM locked WHERE id = @stream AND version = @expected
            RETURNING id, version, timestamp
        )
        INSERT INTO dossier.mt_events
            (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, correlation_id, causation_id, headers, is_archived)
        SELECT nextval('dossier.mt_events_sequence'), @id, id, version, @data, @type, timestamp, '*DEFAULT*', @dotnet_type, @correlation, @causation, @headers, false
        FROM advanced
        RETURNING seq_id, version, {Notify}
        """;

    public static async Task<AppendOutcome[]> RunAsync(NpgsqlConnection connection, IReadOnlyList<EncodedAppend> items)
    {
        var outcomes = new AppendOutcome?[items.Count];
        try
        {
            await WriteAsync(connection, items, outcomes);
        }
        catch (PostgresException e) when (e.ConstraintName == "idx_mt_events_event_id")
        {
            Array.Clear(outcomes);
            if (!await TellDuplicatesAsync(connection, items, outcomes))
                throw;
            await WriteAsync(connection, items, outcomes);
        }
        await TellRestAsync(connection, items, outcomes);
        return outcomes!;
    }

    /// <summary>After the commit, of every item without outcome: what its command has done, earlier or by an item before it, or what its stream is at.</summary>
    public static async Task TellRestAsync(NpgsqlConnection connection, IReadOnlyList<EncodedAppend> items, AppendOutcome?[] outcomes)
    {
        if (!outcomes.Contains(null))
            return;
        await TellDuplicatesAsync(connection, items, outcomes);
        await TellConflictsAsync(connection, items, outcomes);
    }

    /// <summary>Appends the items that have no outcome yet; those whose stream does not stand where they expect, and commands that come a second time, are left without.</summary>
    private static async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<EncodedAppend> items, AppendOutcome?[] outcomes)
    {
        if (items is [{ Events.Length: 1, Item.ExpectedVersion: > 0 } lone] && outcomes[0] is null)
        {
            outcomes[0] = await WriteLoneAsync(connection, lone);
            return;
        }
        var waves = Waves(items, outcomes);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new(Lock));
        foreach (var wave in waves)
            batch.BatchCommands.Add(WaveCommand(items, wave));

        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        foreach (var wave in waves)
        {
            await reader.NextResultAsync();
            // Rows come in the order of the items, and an item has a row for each of its events or none.
            var there = await reader.ReadAsync();
            foreach (var i in wave)
            {
                if (!there || reader.GetGuid(1) != items[i].FirstEventId)
                    continue;
                var positions = new long[items[i].Events.Length];
                var version = reader.GetInt64(2) + positions.Length - 1;
                for (var k = 0; k < positions.Length; k++)
                {
                    positions[k] = reader.GetInt64(0);
                    there = await reader.ReadAsync();
                }
                outcomes[i] = new AppendOutcome.Appended(version, positions);
            }
        }
        while (await reader.NextResultAsync()) { }
    }

    private static async Task<AppendOutcome?> WriteLoneAsync(NpgsqlConnection connection, EncodedAppend lone)
    {
        var (item, e) = (lone.Item, lone.Events[0]);
        await using var command = new NpgsqlCommand(Lone, connection)
        {
            Parameters =
            {
                new NpgsqlParameter("recorded", NpgsqlDbType.TimestampTz) { Value = item.RecordedAt?.UtcDateTime ?? (object)DBNull.Value },
                new NpgsqlParameter<string>("stream", NpgsqlDbType.Varchar) { TypedValue = item.Stream },
                new NpgsqlParameter<long>("expected", item.ExpectedVersion),
                new NpgsqlParameter<Guid>("id", lone.FirstEventId),
                new NpgsqlParameter<string>("data", NpgsqlDbType.Jsonb) { TypedValue = e.Json },
                new NpgsqlParameter<string>("type", NpgsqlDbType.Varchar) { TypedValue = e.Name },
                new NpgsqlParameter<string>("dotnet_type", NpgsqlDbType.Varchar) { TypedValue = e.DotNetType },
                new NpgsqlParameter("correlation", NpgsqlDbType.Varchar) { Value = item.Command.Correlation ?? (object)DBNull.Value },
                new NpgsqlParameter("causation", NpgsqlDbType.Varchar) { Value = item.Command.Causation ?? (object)DBNull.Value },
                new NpgsqlParameter<string>("headers", NpgsqlDbType.Jsonb) { TypedValue = lone.Headers },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
        AppendOutcome? outcome = await reader.ReadAsync() ? new AppendOutcome.Appended(reader.GetInt64(1), [reader.GetInt64(0)]) : null;
        while (await reader.NextResultAsync()) { } // The commit comes after the row.
        return outcome;
    }

    /// <summary>Tells of every item without outcome whose command has been done what it did. False where there is none.</summary>
    private static async Task<bool> TellDuplicatesAsync(NpgsqlConnection connection, IReadOnlyList<EncodedAppend> items, AppendOutcome?[] outcomes)
    {
        if (Untold(outcomes) is [])
            return false;
        var found = await FindAsync(connection, [.. Untold(outcomes).Select(i => items[i].FirstEventId)]);
        foreach (var i in Untold(outcomes))
            outcomes[i] = found.GetValueOrDefault(items[i].FirstEventId);
        return found.Count > 0;
    }

    private static async Task TellConflictsAsync(NpgsqlConnection connection, IReadOnlyList<EncodedAppend> items, AppendOutcome?[] outcomes)
    {
        if (Untold(outcomes) is [])
            return;
        await using var command = new NpgsqlCommand("SELECT id, version FROM dossier.mt_streams WHERE id = ANY(@streams)", connection);
        command.Parameters.Add(new NpgsqlParameter<string[]>("streams", [.. Untold(outcomes).Select(i => items[i].Item.Stream)]));
        var versions = new Dictionary<string, long>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            versions.Add(reader.GetString(0), reader.GetInt64(1));
        foreach (var i in Untold(outcomes))
            outcomes[i] = new AppendOutcome.Conflict(versions.GetValueOrDefault(items[i].Item.Stream));
    }

    private static int[] Untold(AppendOutcome?[] outcomes) => [.. outcomes.Index().Where(o => o.Item is null).Select(o => o.Index)];

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

    /// <summary>Indexes of the items of each wave. An item whose command id came before in the batch is in none: only one of them does it.</summary>
    private static List<List<int>> Waves(IReadOnlyList<EncodedAppend> items, AppendOutcome?[] outcomes)
    {
        var waves = new List<List<int>>();
        var commands = new HashSet<Guid>(items.Count);
        var nextWave = new Dictionary<string, int>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            if (outcomes[i] is not null || !commands.Add(items[i].FirstEventId))
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
