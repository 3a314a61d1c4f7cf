using Npgsql;
using NpgsqlTypes;

namespace EventDossier.Store;

/// <summary>Many new streams in one transaction by binary COPY, under the same lock and with the same outcomes as a batch.</summary>
internal static class BulkAppend
{
    public static async Task<AppendOutcome[]> RunAsync(NpgsqlConnection connection, IReadOnlyList<EncodedAppend> items)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        var decision = await BatchDecision.MakeAsync(connection, transaction, [.. items.Select(i => i with { Item = i.Item with { ExpectedVersion = 0 } })]);
        var (outcomes, at) = (decision.Outcomes, decision.Now.UtcDateTime);
        var accepted = decision.Streams.Values.Select(s => s.Accepted.Single()).ToList();
        if (accepted.Count > 0)
        {
            var positions = await PositionsAsync(connection, transaction, accepted.Sum(i => i.Item.Events.Length));
            await CopyStreamsAsync(connection, accepted.Select(i => i.Item), at);
            await CopyEventsAsync(connection, accepted.Select(i => i.Item), positions, at);
            var next = 0;
            foreach (var (i, item) in accepted)
            {
                outcomes[i] = new AppendOutcome.Appended(item.Events.Length, new ArraySegment<long>(positions, next, item.Events.Length));
                next += item.Events.Length;
            }
        }
        await transaction.CommitAsync();

        await AppendBatch.TellRestAsync(connection, items, outcomes);
        return outcomes!;
    }

    private static async Task<long[]> PositionsAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, int count)
    {
        await using var command = new NpgsqlCommand("SELECT array_agg(nextval('dossier.mt_events_sequence')) FROM generate_series(1, @count)", connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<int>("count", count));
        return (long[])(await command.ExecuteScalarAsync())!;
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
