using System.Runtime.CompilerServices;
using Npgsql;

namespace EventDossier.Store;

/// <summary>The whole log stream by stream, each in version order: what folds everything once.</summary>
internal static class StreamOrder
{
    /// <param name="upTo">A settled position.</param>
    public static async IAsyncEnumerable<StoredEvent> ReadAsync(
        NpgsqlDataSource database, EventNames names, long upTo, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var command = new NpgsqlCommand(
            $"""
            SELECT {StoredEventReader.Columns} FROM dossier.mt_events e
            WHERE e.seq_id <= @up_to AND e.type <> 'tombstone'
            ORDER BY e.stream_id, e.version
            """, connection) { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter<long>("up_to", upTo));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            yield return StoredEventReader.Read(reader, 0, names);
    }
}
