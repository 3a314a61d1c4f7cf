using Npgsql;
using NpgsqlTypes;

namespace EventDossier.Store;

/// <summary>What of a batch can be appended, decided under the lock, for writers that can't decide in the statement that writes. Whoever has it must write in the same transaction.</summary>
/// <param name="Outcomes">Conflicts; null for what is accepted, and for a command that is done already or came before in the batch (<see cref="AppendBatch.TellRestAsync"/>).</param>
/// <param name="Streams">What is accepted, by stream, in the order of the batch.</param>
/// <param name="Now">The server's time after the lock, whole milliseconds.</param>
internal sealed record BatchDecision(AppendOutcome?[] Outcomes, IReadOnlyDictionary<string, BatchDecision.Growth> Streams, DateTimeOffset Now)
{
    /// <param name="Before">The stream's version; 0 when it is new.</param>
    public sealed record Growth(long Before, List<(int Index, EncodedAppend Item)> Accepted)
    {
        public long After => Before + Accepted.Sum(a => (long)a.Item.Events.Length);
    }

    public static async Task<BatchDecision> MakeAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<EncodedAppend> items)
    {
        await using var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                new(AppendBatch.Lock),
                new("SELECT id, coalesce(version, 0) FROM dossier.mt_streams WHERE id = ANY(@streams)")
                {
                    Parameters = { new NpgsqlParameter<string[]>("streams", [.. items.Select(i => i.Item.Stream)]) },
                },
                new("SELECT id FROM dossier.mt_events WHERE id = ANY(@first_ids)")
                {
                    Parameters = { new NpgsqlParameter<Guid[]>("first_ids", [.. items.Select(i => i.FirstEventId)]) },
                },
                new($"SELECT date_trunc('milliseconds', clock_timestamp()), {AppendBatch.Notify}"),
            },
        };
        var (versions, done) = (new Dictionary<string, long>(items.Count), new HashSet<Guid>());
        await using var row = await batch.ExecuteReaderAsync();
        await row.NextResultAsync();
        while (await row.ReadAsync())
            versions.Add(row.GetString(0), row.GetInt64(1));
        await row.NextResultAsync();
        while (await row.ReadAsync())
            done.Add(row.GetGuid(0));
        await row.NextResultAsync();
        await row.ReadAsync();
        return Make(items, versions, done, new(row.GetDateTime(0)));
    }

    private static BatchDecision Make(IReadOnlyList<EncodedAppend> items, Dictionary<string, long> versions, HashSet<Guid> done, DateTimeOffset now)
    {
        var outcomes = new AppendOutcome?[items.Count];
        var (streams, commands) = (new Dictionary<string, Growth>(items.Count), new HashSet<Guid>(items.Count));
        foreach (var (i, item) in items.Index())
        {
            var (stream, expected) = (item.Item.Stream, item.Item.ExpectedVersion);
            var growth = streams.GetValueOrDefault(stream);
            var version = growth?.After ?? versions.GetValueOrDefault(stream);
            if (done.Contains(item.FirstEventId) || !commands.Add(item.FirstEventId))
                continue;
            else if (expected != StreamAppend.Any && expected != version)
                outcomes[i] = new AppendOutcome.Conflict(version);
            else if (growth is not null)
                growth.Accepted.Add((i, item));
            else
                streams.Add(stream, new(version, [(i, item)]));
        }
        return new(outcomes, streams, now);
    }

    /// <summary>
    /// Opens the new streams, empty yet, for a writer that can't give them our types and times. One that somebody without the lock opens meanwhile is left to that
    /// writer's own check of versions.
    /// </summary>
    public async Task OpenAsync(NpgsqlTransaction transaction)
    {
        var opened = Streams.Values.Where(s => s.Before == 0).Select(s => s.Accepted[0].Item.Item).ToList();
        if (opened.Count == 0)
            return;
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO dossier.mt_streams (id, type, version, timestamp, created, tenant_id, is_archived)
            SELECT stream, type, 0, at, at, '*DEFAULT*', false FROM unnest(@stream, @type, @at) AS opened (stream, type, at)
            ON CONFLICT (id) DO NOTHING
            """, transaction.Connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<string[]>("stream", [.. opened.Select(s => s.Stream)]));
        command.Parameters.Add(new NpgsqlParameter<string[]>("type", [.. opened.Select(s => s.StreamType)]));
        command.Parameters.Add(new NpgsqlParameter("at", NpgsqlDbType.Array | NpgsqlDbType.TimestampTz)
        {
            Value = opened.Select(s => (s.RecordedAt ?? Now).UtcDateTime).ToArray(),
        });
        await command.ExecuteNonQueryAsync();
    }
}
