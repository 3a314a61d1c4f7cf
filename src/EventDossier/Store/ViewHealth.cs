using Npgsql;

namespace EventDossier.Store;

/// <summary>How far a view has followed, and what stopped it.</summary>
/// <param name="Position">The last position it has taken.</param>
/// <param name="Behind">How many positions the log is ahead.</param>
/// <param name="StoppedAt">The position it could not take; null while all is well.</param>
public sealed record ViewHealth(string Name, long Position, long Behind, long? StoppedAt, string? Stream, string? Error, DateTimeOffset? Since)
{
    public static async Task<IReadOnlyList<ViewHealth>> AllAsync(NpgsqlDataSource database, CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(
            """
            SELECT v.name, p.last_seq_id, greatest(0, (SELECT coalesce(max(seq_id), 0) FROM dossier.mt_events) - p.last_seq_id),
                   h.position, h.stream, h.error, h.since
            FROM dossier_meta.view v
            JOIN dossier.mt_event_progression p ON p.name = 'dossier:' || v.name
            LEFT JOIN dossier_views.health h ON h.name = v.name
            ORDER BY v.name
            """);
        var all = new List<ViewHealth>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
        {
            all.Add(new(
                row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.IsDBNull(3) ? null : row.GetInt64(3),
                row.IsDBNull(4) ? null : row.GetString(4), row.IsDBNull(5) ? null : row.GetString(5),
                row.IsDBNull(6) ? null : row.GetFieldValue<DateTimeOffset>(6)));
        }
        return all;
    }

    internal static async Task StoppedAsync(NpgsqlConnection connection, View view, StoredEvent at, Exception fault, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO dossier_views.health (name, position, stream, error, since) VALUES (@name, @position, @stream, @error, clock_timestamp())
            ON CONFLICT (name) DO UPDATE SET position = excluded.position, stream = excluded.stream, error = excluded.error
            """, connection);
        command.Parameters.AddWithValue("name", view.Name);
        command.Parameters.AddWithValue("position", at.Position);
        command.Parameters.AddWithValue("stream", at.Stream);
        command.Parameters.AddWithValue("error", fault.Message);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
