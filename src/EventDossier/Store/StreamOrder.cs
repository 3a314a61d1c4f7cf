using Npgsql;

namespace EventDossier.Store;

/// <summary>The whole log stream by stream, each in version order: what folds everything once.</summary>
internal static class StreamOrder
{
    /// <summary>Streams from a name on, up to but not with another; null is open.</summary>
    public sealed record Range(string? From, string? Before)
    {
        public static readonly Range All = new(null, null);
    }

    /// <summary>Ranges of about as many streams each.</summary>
    public static async Task<IReadOnlyList<Range>> RangesAsync(NpgsqlDataSource database, int parts, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            """
            SELECT min(id) FROM (SELECT id, ntile(@parts) OVER (ORDER BY id) AS part FROM dossier.mt_streams) s
            WHERE part > 1 GROUP BY part ORDER BY part
            """);
        command.CommandTimeout = 0;
        command.Parameters.AddWithValue("parts", parts);
        return await BetweenAsync(command, cancel);
    }

    private static async Task<IReadOnlyList<Range>> BetweenAsync(NpgsqlCommand command, CancellationToken cancel)
    {
        var bounds = new List<string?> { null };
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            bounds.Add(row.GetString(0));
        return [.. bounds.Select((from, i) => new Range(from, i + 1 < bounds.Count ? bounds[i + 1] : null))];
    }

    /// <summary>Ranges of so many streams each.</summary>
    public static async Task<IReadOnlyList<Range>> RangesOfAsync(NpgsqlDataSource database, int streams, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            "SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM dossier.mt_streams) s WHERE n > 1 AND n % @each = 1 ORDER BY n");
        command.CommandTimeout = 0;
        command.Parameters.AddWithValue("each", streams);
        return await BetweenAsync(command, cancel);
    }

    /// <summary>Calls <paramref name="each"/> for every event of a range up to a settled position, on the calling thread and without waits between them.</summary>
    /// <param name="metadata">Whether id and metadata are read too; views do without.</param>
    /// <param name="more">Told how many were read since the last time.</param>
    public static void Read(
        NpgsqlDataSource database, EventNames names, Range range, long upTo, bool metadata, Action<StoredEvent> each, Action<int> more, CancellationToken cancel)
    {
        using var connection = database.OpenConnection();
        Read(connection, names, range, upTo, metadata, each, more, cancel);
    }

    /// <summary>The same on one connection, for who reads many ranges: each of the server's processes has to find the log's pages in shared memory anew.</summary>
    public static void Read(
        NpgsqlConnection connection, EventNames names, Range range, long upTo, bool metadata, Action<StoredEvent> each, Action<int> more, CancellationToken cancel)
    {
        using var command = new NpgsqlCommand(
            $"""
            SELECT {(metadata ? StoredEventReader.All : StoredEventReader.Facts)} FROM dossier.mt_events e
            WHERE e.seq_id <= @up_to AND e.type <> 'tombstone'
              {(range.From is null ? "" : "AND e.stream_id >= @from")} {(range.Before is null ? "" : "AND e.stream_id < @before")}
            ORDER BY e.stream_id, e.version
            """, connection) { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter<long>("up_to", upTo));
        if (range.From is not null)
            command.Parameters.AddWithValue("from", range.From);
        if (range.Before is not null)
            command.Parameters.AddWithValue("before", range.Before);
        using var row = command.ExecuteReader();
        var read = 0;
        while (row.Read())
        {
            each(metadata ? StoredEventReader.ReadAll(row, names) : StoredEventReader.ReadFacts(row, names));
            if (++read == 10_000)
            {
                cancel.ThrowIfCancellationRequested();
                more(read);
                read = 0;
            }
        }
        more(read);
    }

    /// <summary>All streams whose names begin with a prefix such as <c>/release/</c>, where there are few: events by what follows it, in order.</summary>
    public static async Task<IReadOnlyList<IGrouping<string, StoredEvent>>> BelowAsync(Database database, string prefix, CancellationToken cancel)
    {
        // The character after the slash that it ends with is a nought.
        await using var command = database.App.CreateCommand(
            $"""
            SELECT {StoredEventReader.Facts} FROM dossier.mt_events e
            WHERE e.stream_id >= @prefix AND e.stream_id < @beyond AND e.type <> 'tombstone' ORDER BY e.stream_id, e.version
            """);
        command.Parameters.AddWithValue("prefix", prefix);
        command.Parameters.AddWithValue("beyond", $"{prefix[..^1]}0");
        var events = new List<StoredEvent>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            events.Add(StoredEventReader.ReadFacts(row, database.Names));
        return [.. events.GroupBy(e => e.Stream[prefix.Length..]).OrderBy(s => s.Key, StringComparer.Ordinal)];
    }

    /// <summary>Every stream whole, one after the other; every core takes a range of them.</summary>
    /// <param name="begin">What a range adds up to.</param>
    /// <param name="add">Told the events of a stream; the list is used again for the next.</param>
    /// <param name="progress">Told how many events were read in all.</param>
    /// <returns>One of each range, in the order of the streams.</returns>
    public static async Task<IReadOnlyList<T>> StreamsAsync<T>(
        Database database, long upTo, Func<T> begin, Action<T, List<StoredEvent>> add, Action<long>? progress, CancellationToken cancel)
    {
        long read = 0;
        return await Task.WhenAll((await RangesAsync(database.App, Environment.ProcessorCount, cancel)).Select(range => Task.Run(() =>
        {
            var (sum, events) = (begin(), new List<StoredEvent>());
            Read(database.App, database.Names, range, upTo, metadata: false, Gather, more => progress?.Invoke(Interlocked.Add(ref read, more)), cancel);
            if (events.Count > 0)
                add(sum, events);
            return sum;

            void Gather(StoredEvent e)
            {
                if (events.Count > 0 && events[0].Stream != e.Stream)
                {
                    add(sum, events);
                    events.Clear();
                }
                events.Add(e);
            }
        }, cancel)));
    }
}
