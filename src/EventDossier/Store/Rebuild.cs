using System.Collections.Concurrent;
using Npgsql;

namespace EventDossier.Store;

/// <summary>
/// Makes views anew from the log while the old tables serve. One pass over the log in stream order, a range of streams to each core, fills all of them, one row per stream and in the
/// end, instead of one change per event; then, for each, a short transaction locks the checkpoint, catches up what came meanwhile and swaps the tables.
/// </summary>
public static class Rebuild
{
    private const int PageSize = 5000;
    private const int RangesPerCore = 16;

    /// <param name="progress">Told the number of events read, now and then.</param>
    /// <param name="atSwap">What else is done in the transaction that swaps a view's tables.</param>
    /// <returns>Events read.</returns>
    public static async Task<long> RunAsync(
        IReadOnlyList<View> views, NpgsqlDataSource database, EventNames names, TimeProvider clock, Action<long>? progress = null,
        Func<View, NpgsqlBatchCommand[]>? atSwap = null, CancellationToken cancel = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await AloneAsync(connection, views, NewTable, cancel);
        var settled = await CommitOrder.SettledAsync(connection, clock, cancel);
        foreach (var view in views)
            await ExecuteAsync(connection, $"DROP TABLE IF EXISTS {NewTable(view)}; {view.CreateTable(NewTable(view))}", cancel);
        try
        {
            var read = await FillAsync(views, NewTable, settled, database, names, progress, cancel);
            await IndexAsync(views, database, cancel);
            foreach (var view in views)
                await SwapAsync(view, settled, connection, names, clock, atSwap?.Invoke(view) ?? [], cancel);
            return read;
        }
        finally
        {
            foreach (var view in views)
                await ExecuteAsync(connection, $"DROP TABLE IF EXISTS {NewTable(view)}", CancellationToken.None);
            await ExecuteAsync(connection, "SELECT pg_advisory_unlock_all()", CancellationToken.None);
        }
    }

    /// <summary>Two that fill a table of one name take turns. The lock is the session's: a process that dies leaves none.</summary>
    private static async Task AloneAsync(NpgsqlConnection connection, IEnumerable<View> views, Func<View, string> table, CancellationToken cancel)
    {
        foreach (var name in views.Select(table).Order(StringComparer.Ordinal))
            await ExecuteAsync(connection, $"SELECT pg_advisory_lock(hashtextextended('{name}', 0))", cancel);
    }

    private static string NewTable(View view) => view.Table + "_new";

    /// <param name="Ahead">Where the view says it is, when that is beyond the log's end.</param>
    /// <param name="Streams">The first thousand rows that differ, as JSON; null where one side has no row.</param>
    internal sealed record Difference(long Rows, long? Ahead, IReadOnlyList<(string Stream, string? Replayed, string? Served)> Streams);

    /// <summary>Replays a view beside the one that serves and compares them in one snapshot; neither writers nor readers wait.</summary>
    internal static async Task<Difference> CompareAsync(View view, NpgsqlDataSource database, EventNames names, TimeProvider clock, CancellationToken cancel)
    {
        var table = view.Table + "_check";
        await using var connection = await database.OpenConnectionAsync(cancel);
        await AloneAsync(connection, [view], _ => table, cancel);
        var settled = await CommitOrder.SettledAsync(connection, clock, cancel);
        await using var at = new NpgsqlCommand("SELECT last_seq_id FROM dossier.mt_event_progression WHERE name = @checkpoint", connection);
        at.Parameters.AddWithValue("checkpoint", view.Checkpoint);
        var filled = Math.Min(settled, (long)(await at.ExecuteScalarAsync(cancel))!);
        await ExecuteAsync(connection, $"DROP TABLE IF EXISTS {table}; {view.CreateTable(table)}", cancel);
        try
        {
            await FillAsync([view], _ => table, filled, database, names, null, cancel);
            await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancel);
            // Before the snapshot is taken, or a rebuild that swaps the tables in between would show an empty one.
            await ExecuteAsync(connection, $"LOCK TABLE {view.Table} IN ACCESS SHARE MODE", cancel);
            var served = (long)(await at.ExecuteScalarAsync(cancel))!;
            await using var end = new NpgsqlCommand("SELECT coalesce(max(seq_id), 0) FROM dossier.mt_events", connection);
            var head = (long)(await end.ExecuteScalarAsync(cancel))!;
            await CatchUpAsync(view, table, filled, served, connection, names, clock, cancel);
            await using var compare = new NpgsqlCommand(
                $"""
                SELECT code, to_jsonb(r)::text, to_jsonb(s)::text
                FROM {table} r FULL JOIN {view.Table} s USING ({view.Key})
                WHERE to_jsonb(r) IS DISTINCT FROM to_jsonb(s) ORDER BY 1 LIMIT 1000;
                SELECT count(*) FROM {table};
                """, connection) { CommandTimeout = 0 };
            var streams = new List<(string, string?, string?)>();
            await using var row = await compare.ExecuteReaderAsync(cancel);
            while (await row.ReadAsync(cancel))
                streams.Add((row.GetString(0), row.TextOrNull(1), row.TextOrNull(2)));
            await row.NextResultAsync(cancel);
            await row.ReadAsync(cancel);
            return new(row.GetInt64(0), served > head ? served : null, streams);
        }
        finally
        {
            await ExecuteAsync(connection, $"DROP TABLE IF EXISTS {table}; SELECT pg_advisory_unlock_all()", CancellationToken.None);
        }
    }

    /// <summary>Fills tables from all events up to a settled position. Every core takes one range of streams after the other, small ones, so that none is left alone at the end.</summary>
    internal static async Task<long> FillAsync(
        IReadOnlyList<View> views, Func<View, string> table, long settled, NpgsqlDataSource database, EventNames names, Action<long>? progress, CancellationToken cancel)
    {
        long read = 0;
        var cores = Environment.ProcessorCount;
        var ranges = new ConcurrentQueue<StreamOrder.Range>(await StreamOrder.RangesAsync(database, cores * RangesPerCore, cancel));
        await Parallel.ForAsync(0, cores, new ParallelOptions { MaxDegreeOfParallelism = cores, CancellationToken = cancel }, async (_, cancel) =>
        {
            var connections = new List<NpgsqlConnection>();
            var fills = new List<View.IFill>();
            try
            {
                foreach (var view in views)
                {
                    connections.Add(await database.OpenConnectionAsync(cancel));
                    fills.Add(await view.FillAsync(connections[^1], table(view), cancel));
                }
                await using var reader = await database.OpenConnectionAsync(cancel);
                while (ranges.TryDequeue(out var range))
                    StreamOrder.Read(reader, names, range, settled, metadata: false, e => fills.ForEach(fill => fill.Add(e)), Tell, cancel);
                fills.ForEach(fill => fill.Complete());
            }
            finally
            {
                foreach (var fill in fills)
                    await fill.DisposeAsync();
                foreach (var connection in connections)
                    await connection.DisposeAsync();
            }
        });
        return read;

        void Tell(int more)
        {
            var total = Interlocked.Add(ref read, more);
            progress?.Invoke(total);
        }
    }

    /// <summary>Every core makes one index after the other: the one for searching takes longer than all others together.</summary>
    private static Task IndexAsync(IReadOnlyList<View> views, NpgsqlDataSource database, CancellationToken cancel) => Parallel.ForEachAsync(
        views.SelectMany(view => view.CreateIndexes(NewTable(view))),
        new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel },
        async (indexes, cancel) =>
        {
            await using var connection = await database.OpenConnectionAsync(cancel);
            await ExecuteAsync(connection, $"SET maintenance_work_mem = '256MB'; {indexes} RESET maintenance_work_mem", cancel);
        });

    private static async Task SwapAsync(View view, long filledTo, NpgsqlConnection connection, EventNames names, TimeProvider clock, NpgsqlBatchCommand[] more, CancellationToken cancel)
    {
        // Most of what came meanwhile is caught up before anyone is made to wait.
        var at = await CatchUpAsync(view, NewTable(view), filledTo, await CommitOrder.SettledAsync(connection, clock, cancel), connection, names, clock, cancel);

        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using var locking = new NpgsqlCommand(
            "SELECT last_seq_id FROM dossier.mt_event_progression WHERE name = @checkpoint FOR UPDATE", connection, transaction);
        locking.Parameters.AddWithValue("checkpoint", view.Checkpoint);
        var served = (long)(await locking.ExecuteScalarAsync(cancel))!;
        at = await CatchUpAsync(view, NewTable(view), at, served, connection, names, clock, cancel);
        if (at != served)
            await ViewFollower.WriteAsync(connection, view, served, at, [], cancel, defined: false);
        await ExecuteAsync(connection,
            $"""
            DELETE FROM dossier_views.health WHERE name = '{view.Name}';
            DELETE FROM dossier_views.replanning WHERE name = '{view.Name}';
            DROP TABLE {view.Table};
            ALTER TABLE {NewTable(view)} RENAME TO {view.Name};
            """, cancel);
        await WriteAsync(connection, more, cancel);
        await transaction.CommitAsync(cancel);
    }

    private static async Task<long> CatchUpAsync(
        View view, string table, long at, long until, NpgsqlConnection connection, EventNames names, TimeProvider clock, CancellationToken cancel)
    {
        var pages = view.Pages(table);
        while (at < until)
        {
            var page = await CommitOrder.ReadAsync(connection, names, clock, metadata: false, at, (int)Math.Min(PageSize, until - at), cancel);
            var upTo = Math.Min(page.Position, until);
            StoredEvent[] events = [.. page.Events.Where(e => e.Position <= upTo)];
            if (pages.TouchesOthers(events) is not null)
            {
                await foreach (var (_, others) in pages.OthersAsync(connection, events, null, cancel))
                    await WriteAsync(connection, others, cancel);
            }
            await WriteAsync(connection, await pages.ChangesAsync(connection, events, cancel), cancel);
            at = page.Position > at ? upTo : until;
        }
        return at;
    }

    private static async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<NpgsqlBatchCommand> changes, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        foreach (var change in changes)
            batch.BatchCommands.Add(change);
        if (batch.BatchCommands.Count > 0)
            await batch.ExecuteNonQueryAsync(cancel);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancel);
    }
}
