using Npgsql;

namespace EventDossier.Store;

/// <summary>Reads rows of <c>mt_events e</c>.</summary>
internal static class StoredEventReader
{
    /// <summary>What views and folds see: no id and no metadata.</summary>
    public const string Facts = "e.seq_id, e.stream_id, e.version, e.type, e.data, e.timestamp";

    public const string All = Facts + ", e.id, e.headers, e.correlation_id, e.causation_id";

    public static StoredEvent ReadFacts(NpgsqlDataReader row, EventNames names, int from = 0) =>
        Read(row, from, names, Guid.Empty, null, null, null);

    public static StoredEvent ReadAll(NpgsqlDataReader row, EventNames names, int from = 0) => Read(
        row, from, names, row.GetGuid(from + 6),
        row.IsDBNull(from + 7) ? [] : row.GetFieldValue<byte[]>(from + 7),
        row.TextOrNull(from + 8),
        row.TextOrNull(from + 9));

    private static StoredEvent Read(NpgsqlDataReader row, int from, EventNames names, Guid id, byte[]? headers, string? correlation, string? causation) => new(
        row.GetInt64(from),
        id,
        row.GetString(from + 1),
        row.GetInt64(from + 2),
        row.GetString(from + 3),
        row.GetFieldValue<byte[]>(from + 4),
        new DateTimeOffset(row.GetDateTime(from + 5)),
        headers,
        correlation,
        causation,
        names);
}
