using Npgsql;

namespace EventDossier.Store;

/// <summary>Reads rows of <c>mt_events e</c>.</summary>
internal static class StoredEventReader
{
    public const string Columns = "e.seq_id, e.id, e.stream_id, e.version, e.type, e.data, e.timestamp, e.headers, e.correlation_id, e.causation_id";

    public static StoredEvent Read(NpgsqlDataReader row, int from, EventNames names) => new(
        row.GetInt64(from),
        row.GetGuid(from + 1),
        row.GetString(from + 2),
        row.GetInt64(from + 3),
        row.GetString(from + 4),
        row.GetFieldValue<byte[]>(from + 5),
        new DateTimeOffset(row.GetDateTime(from + 6)),
        row.IsDBNull(from + 7) ? default(ReadOnlyMemory<byte>) : row.GetFieldValue<byte[]>(from + 7),
        row.IsDBNull(from + 8) ? null : row.GetString(from + 8),
        row.IsDBNull(from + 9) ? null : row.GetString(from + 9),
        names);
}
