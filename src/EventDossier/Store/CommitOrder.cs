using Npgsql;

namespace EventDossier.Store;

/// <summary>
/// Reading the log so that commit order is reading order, whoever writes. Positions come from a sequence before their
/// transaction commits, so a missing number may still be filled, but only by a transaction that holds a lock on the sequence: nextval
/// takes it, and it is kept to the transaction's end, even past a rollback to a savepoint. So at a hole: note who holds the
/// sequence, wait until each of those has ended (later ones can only get later numbers), read again, and what is missing then stays missing.
/// </summary>
internal static class CommitOrder
{
    /// <summary>Marten writes these into numbers that a failed append of its left behind.</summary>
    private const string Tombstone = "tombstone";

    private static readonly TimeSpan _pollHolders = TimeSpan.FromMilliseconds(5);

    /// <param name="metadata">Whether id and metadata are read too; views do without.</param>
    public static async Task<LogPage> ReadAsync(
        NpgsqlConnection connection, EventNames names, TimeProvider clock, bool metadata, long after, int max, CancellationToken cancel)
    {
        var rows = await RowsAsync(connection, names, metadata, after, long.MaxValue, max, cancel);
        if (HasHole(rows, after))
        {
            var upTo = rows[^1].Position;
            await HoldersGoneAsync(connection, clock, cancel);
            rows = await RowsAsync(connection, names, metadata, after, upTo, int.MaxValue, cancel);
        }
        return new(rows.FindAll(e => e.Name != Tombstone), rows.Count == 0 ? after : rows[^1].Position);
    }

    /// <summary>The highest position below which nothing can appear any more.</summary>
    public static async Task<long> SettledAsync(NpgsqlConnection connection, TimeProvider clock, CancellationToken cancel)
    {
        await using var head = new NpgsqlCommand("SELECT coalesce(max(seq_id), 0) FROM dossier.mt_events", connection);
        var position = (long)(await head.ExecuteScalarAsync(cancel))!;
        await HoldersGoneAsync(connection, clock, cancel);
        return position;
    }

    private static bool HasHole(List<StoredEvent> rows, long after) => rows.Count > 0 && rows[^1].Position - after != rows.Count;

    private static async Task<List<StoredEvent>> RowsAsync(
        NpgsqlConnection connection, EventNames names, bool metadata, long after, long upTo, int max, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT {(metadata ? StoredEventReader.All : StoredEventReader.Facts)} FROM dossier.mt_events e
            WHERE e.seq_id > @after AND e.seq_id <= @up_to
            ORDER BY e.seq_id LIMIT @max
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<long>("after", after));
        command.Parameters.Add(new NpgsqlParameter<long>("up_to", upTo));
        command.Parameters.Add(new NpgsqlParameter<int>("max", max));
        var rows = new List<StoredEvent>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            rows.Add(metadata ? StoredEventReader.ReadAll(reader, names) : StoredEventReader.ReadFacts(reader, names));
        return rows;
    }

    private static async Task HoldersGoneAsync(NpgsqlConnection connection, TimeProvider clock, CancellationToken cancel)
    {
        for (var holders = await HoldersAsync(connection, cancel); holders.Count > 0; holders.IntersectWith(await HoldersAsync(connection, cancel)))
            await Task.Delay(_pollHolders, clock, cancel);
    }

    private static async Task<HashSet<string>> HoldersAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT coalesce(array_agg(l.virtualtransaction), '{}') FROM pg_locks l
            WHERE l.locktype = 'relation' AND l.granted
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND l.relation = 'dossier.mt_events_sequence'::regclass
            """, connection);
        return [.. (string[])(await command.ExecuteScalarAsync(cancel))!];
    }
}
