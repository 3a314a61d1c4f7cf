using Npgsql;
using NpgsqlTypes;

namespace EventDossier.Store;

/// <summary>Many new streams in one transaction by binary COPY, under the same lock and with the same outcomes as a batch.</summary>
internal static class BulkAppend
{
    public static async Task<IReadOnlyList<AppendOutcome>> RunAsync(NpgsqlConnection connection, IReadOnlyList<EncodedAppend> items)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        var outcomes = await DecideAsync(connection, transaction, items);
        var accepted = items.Index().Where(i => outcomes[i.Index] is null).ToList();
        if (accepted.Count > 0)
        {
            var (positions, at) = await PositionsAsync(connection, transaction, accepted.Sum(i => i.Item.Events.Length));
            await CopyStreamsAsync(connection, accepted.Select(i => i.Item), at);
            await CopyEventsAsync(connection, accepted.Select(i => i.Item), positions, at);
            var next = 0;
            foreach (var (i, item) in accepted)
            {
                outcomes[i] = new AppendOutcome.Appended(item.Events.Length, new ArraySegment<long>(positions, next, item.Events.Length));
                next += item.Events.Length;
            }
            await using var notify = new NpgsqlCommand($"SELECT {AppendBatch.Notify}", connection, transaction);
            await notify.ExecuteNonQueryAsync();
        }
        await transaction.CommitAsync();

        await AppendBatch.TellDuplicatesAsync(connection, items, outcomes);
        return outcomes!;
    }

    /// <summary>Under the lock: what is a duplicate or a conflict; null for what can be appended.</summary>
    private static async Task<AppendOutcome?[]> DecideAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<EncodedAppend> items)
    {
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(new(AppendBatch.Lock));
        batch.BatchCommands.Add(new(
            """
            SELECT i.n, d.stream_id IS NOT NULL, s.version
            FROM unnest(@stream, @first_id) WITH ORDINALITY AS i (stream, first_id, n)
            LEFT JOIN dossier.mt_streams s ON s.id = i.stream
            LEFT JOIN dossier.mt_events d ON d.id = i.first_id
            WHERE s.id IS NOT NULL OR d.id IS NOT NULL
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<string[]>("stream", [.. items.Select(i => i.Item.Stream)]),
                new NpgsqlParameter<Guid[]>("first_id", [.. items.Select(i => i.FirstEventId)]),
            },
        });
        var outcomes = new AppendOutcome?[items.Count];
        await using (var reader = await batch.ExecuteReaderAsync())
        {
            await reader.NextResultAsync();
            while (await reader.ReadAsync())
            {
                var i = (int)reader.GetInt64(0) - 1;
                outcomes[i] = reader.GetBoolean(1)
                    ? AppendBatch.ToBeTold
                    : new AppendOutcome.Conflict(reader.GetInt64(2));
            }
        }

        // Within the call too, a stream begins once.
        var begun = new Dictionary<string, EncodedAppend>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            if (outcomes[i] is null && !begun.TryAdd(items[i].Item.Stream, items[i]))
            {
                var first = begun[items[i].Item.Stream];
                outcomes[i] = first.FirstEventId == items[i].FirstEventId
                    ? AppendBatch.ToBeTold
                    : new AppendOutcome.Conflict(first.Events.Length);
            }
        }
        return outcomes;
    }

    private static async Task<(long[] Positions, DateTime At)> PositionsAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, int count)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT array_agg(nextval('dossier.mt_events_sequence')), date_trunc('milliseconds', clock_timestamp())
            FROM generate_series(1, @count)
            """, connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<int>("count", count));
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetFieldValue<long[]>(0), reader.GetDateTime(1));
    }

    private static async Task CopyStreamsAsync(NpgsqlConnection connection, IEnumerable<EncodedAppend> items, DateTime at)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "COPY dossier.mt_streams (id, type, version, timestamp, created, tenant_id, is_archived) FROM STDIN (FORMAT binary)");
        foreach (var item in items)
        {
            var recorded = item.Item.RecordedAt?.UtcDateTime ?? at;
            await copy.StartRowAsync();
            await copy.WriteAsync(item.Item.Stream, NpgsqlDbType.Varchar);
            await copy.WriteAsync(item.Item.StreamType, NpgsqlDbType.Varchar);
            await copy.WriteAsync((long)item.Events.Length, NpgsqlDbType.Bigint);
            await copy.WriteAsync(recorded, NpgsqlDbType.TimestampTz);
            await copy.WriteAsync(recorded, NpgsqlDbType.TimestampTz);
            await copy.WriteAsync("*DEFAULT*", NpgsqlDbType.Varchar);
            await copy.WriteAsync(false, NpgsqlDbType.Boolean);
        }
        await copy.CompleteAsync();
    }

    private static async Task CopyEventsAsync(NpgsqlConnection connection, IEnumerable<EncodedAppend> items, long[] positions, DateTime at)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            """
            COPY dossier.mt_events
                (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, correlation_id, causation_id, headers, is_archived)
            FROM STDIN (FORMAT binary)
            """);
        var next = 0;
        foreach (var item in items)
        {
            var recorded = item.Item.RecordedAt?.UtcDateTime ?? at;
            for (var k = 0; k < item.Events.Length; k++)
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(positions[next++], NpgsqlDbType.Bigint);
                await copy.WriteAsync(item.IdOf(k), NpgsqlDbType.Uuid);
                await copy.WriteAsync(item.Item.Stream, NpgsqlDbType.Varchar);
                await copy.WriteAsync((long)k + 1, NpgsqlDbType.Bigint);
                await copy.WriteAsync(item.Events[k].Json, NpgsqlDbType.Jsonb);
                await copy.WriteAsync(item.Events[k].Name, NpgsqlDbType.Varchar);
                await copy.WriteAsync(recorded, NpgsqlDbType.TimestampTz);
                await copy.WriteAsync("*DEFAULT*", NpgsqlDbType.Varchar);
                await copy.WriteAsync(item.Events[k].DotNetType, NpgsqlDbType.Varchar);
                await OptionalAsync(copy, item.Item.Command.Correlation);
                await OptionalAsync(copy, item.Item.Command.Causation);
                await copy.WriteAsync(item.Headers, NpgsqlDbType.Jsonb);
                await copy.WriteAsync(false, NpgsqlDbType.Boolean);
            }
        }
        await copy.CompleteAsync();

        static Task OptionalAsync(NpgsqlBinaryImporter copy, string? text) =>
            text is null ? copy.WriteNullAsync() : copy.WriteAsync(text, NpgsqlDbType.Varchar);
    }
}
