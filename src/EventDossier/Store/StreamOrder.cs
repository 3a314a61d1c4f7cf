using Npgsql;

namespace EventDossier.Store;

/// <summary>The whole log stream by stream, each in version order: what folds everything once.</summary>
internal static class StreamOrder
{
    /// <summary>Calls <paramref name="each"/> for every event up to a settled position, on the calling thread and without waits between them.</summary>
    /// <param name="metadata">Whether id and metadata are read too; views do without.</param>
    /// <returns>How many.</returns>
    public static long Read(
        NpgsqlDataSource database, EventNames names, long upTo, bool metadata, Action<StoredEvent> each, Action<long>? progress, CancellationToken cancel)
    {
        using var connection = database.OpenConnection();
        using var command = new NpgsqlCommand(
            $"""
            SELECT {(metadata ? StoredEventReader.All : StoredEventReader.Facts)} FROM dossier.mt_events e
            WHERE e.seq_id <= @up_to AND e.type <> 'tombstone'
            ORDER BY e.stream_id, e.version
            """, connection) { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter<long>("up_to", upTo));
        using var row = command.ExecuteReader();
        long read = 0;
        while (row.Read())
        {
            each(metadata ? StoredEventReader.ReadAll(row, names) : StoredEventReader.ReadFacts(row, names));
            if (++read % 10_000 == 0)
            {
                cancel.ThrowIfCancellationRequested();
                progress?.Invoke(read);
            }
        }
        return read;
    }
}
