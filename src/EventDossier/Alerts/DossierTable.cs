using System.Runtime.CompilerServices;
using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Alerts;

/// <summary>
/// A table made of whole dossiers, any number of rows for each: what a rule or a clock makes of all that happened can't be told from one event and a row. Whoever is
/// touched by a page is folded, from the log or on from what is remembered, so the rows still hang on the log alone.
/// </summary>
public abstract class DossierTable<TRow> : View where TRow : class
{
    /// <summary>So many dossiers are folded and written together.</summary>
    private const int AtOnce = 1000;

    protected abstract IReadOnlyList<Column<TRow>> Columns { get; }

    private string ColumnNames => string.Join(", ", Columns.Select(c => c.Name));

    /// <summary>What a dossier's rows are; whatever else they rest on is read from the log here.</summary>
    private protected abstract Task<Func<Dossier, IEnumerable<TRow>>> RowsAsync(NpgsqlConnection connection, CancellationToken cancel);

    /// <summary>An event that may give rows to a dossier that had none. Where it has some, any event may change them.</summary>
    private protected virtual bool Begins(StoredEvent e) => true;

    /// <summary>An event that may change whatever the rows of all dossiers rest on.</summary>
    private protected virtual bool TouchesAll(StoredEvent e) => false;

    /// <summary>Sent with rows that are written, in their transaction.</summary>
    private protected virtual NpgsqlBatchCommand? Notification(IReadOnlyList<TRow> rows) => null;

    internal override IPages Pages(string table) => new PagesInto(this, table);

    internal override async Task<IFill> FillAsync(NpgsqlConnection connection, string table, CancellationToken cancel)
    {
        var rowsOf = await RowsAsync(connection, cancel);
        return new Fill(this, rowsOf, await RowCopy.IntoAsync(connection, table, ColumnNames, cancel));
    }

    private static async Task FoldAsync(NpgsqlConnection connection, string[] codes, long upTo, Action<Dossier> take, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT {StoredEventReader.Facts} FROM dossier.mt_events e
            WHERE e.stream_id = ANY(@codes) AND e.seq_id <= @up_to AND e.type <> 'tombstone' ORDER BY e.stream_id, e.version
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string[]>("codes", codes));
        command.Parameters.Add(new NpgsqlParameter<long>("up_to", upTo));
        Dossier? dossier = null;
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
        {
            var e = StoredEventReader.ReadFacts(row, ProductEvents.Names);
            if (dossier?.Code != e.Stream)
            {
                if (dossier is not null)
                    take(dossier);
                dossier = new(e.Stream);
            }
            dossier = dossier.After((DossierEvent)e.Event, e.Version);
        }
        if (dossier is not null)
            take(dossier);
    }

    /// <summary>Which of some dossiers have rows; or the next that have, after a code.</summary>
    private static async Task<List<string>> WithRowsAsync(NpgsqlConnection connection, string table, string[]? of, string after, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand($"SELECT DISTINCT code FROM {table} WHERE {(of is null ? $"code > @after ORDER BY code LIMIT {AtOnce}" : "code = ANY(@codes)")}", connection) { CommandTimeout = 0 };
        command.Parameters.Add(of is null ? new NpgsqlParameter<string>("after", after) : new NpgsqlParameter<string[]>("codes", of));
        var codes = new List<string>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            codes.Add(row.GetString(0));
        return codes;
    }

    /// <summary>Rows that are no more. What stays is written over, and only where it changed.</summary>
    private NpgsqlBatchCommand Delete(string table, string[] codes, List<TRow> rows)
    {
        var keys = Columns.Take(KeyColumns.Length).ToList();
        var command = new NpgsqlBatchCommand(
            $"""
            DELETE FROM {table} WHERE code = ANY(@codes)
              AND ({Key}) NOT IN (SELECT * FROM unnest({string.Join(", ", keys.Select(k => $"@{k.Name}"))}))
            """);
        command.Parameters.Add(new NpgsqlParameter<string[]>("codes", codes));
        foreach (var key in keys)
            command.Parameters.Add(key.Array([.. rows]));
        return command;
    }

    private NpgsqlBatchCommand Upsert(string table, TRow[] rows)
    {
        var command = new NpgsqlBatchCommand(
            $"""
            INSERT INTO {table} AS t ({ColumnNames})
            SELECT * FROM unnest({string.Join(", ", Columns.Select(c => $"@{c.Name}"))})
            ON CONFLICT ({Key}) DO UPDATE SET ({ColumnNames}) = ROW (excluded.*) WHERE t.* IS DISTINCT FROM excluded.*
            """);
        foreach (var column in Columns)
            command.Parameters.Add(column.Array(rows));
        return command;
    }

    private string[] KeyColumns => Key.Split(", ");

    private sealed class PagesInto(DossierTable<TRow> view, string table) : IPages
    {
        private readonly Recent<Kept> _recent = new(Remembered);
        private Func<Dossier, IEnumerable<TRow>>? _rowsOf;

        /// <param name="Dossier">Null where it was not looked at, since it has no rows.</param>
        private sealed record Kept(Dossier? Dossier, IReadOnlyList<TRow> Rows);

        public async Task<IReadOnlyList<NpgsqlBatchCommand>> ChangesAsync(NpgsqlConnection connection, IReadOnlyList<StoredEvent> events, CancellationToken cancel)
        {
            foreach (var e in events)
                _ = e.Event; // One that nobody knows stops this view at it, like every other.
            if (events.Count == 0)
                return [];
            _rowsOf ??= await view.RowsAsync(connection, cancel);

            var happened = events.Where(e => DossierCode.IsCode(e.Stream)).ToLookup(e => e.Stream);
            var touched = happened.Where(of => of.Any(view.Begins) || _recent.Find(of.Key)?.Rows.Count > 0).Select(of => of.Key).ToHashSet();
            string[] unknown = [.. happened.Select(of => of.Key).Where(code => !touched.Contains(code) && _recent.Find(code) is null)];
            if (unknown.Length > 0)
                touched.UnionWith(await WithRowsAsync(connection, table, unknown, "", cancel));
            foreach (var of in happened.Where(of => !touched.Contains(of.Key)))
                _recent.Keep(of.Key, new(null, []));

            var changes = new List<NpgsqlBatchCommand>();
            foreach (var codes in touched.Chunk(AtOnce))
                await AddAsync(changes, connection, codes, happened, events[^1].Position, cancel);
            return changes;
        }

        public long? TouchesOthers(IReadOnlyList<StoredEvent> events) => events.LastOrDefault(view.TouchesAll)?.Position;

        public async IAsyncEnumerable<(string Last, IReadOnlyList<NpgsqlBatchCommand> Changes)> OthersAsync(
            NpgsqlConnection connection, IReadOnlyList<StoredEvent> events, string? after, [EnumeratorCancellation] CancellationToken cancel)
        {
            _rowsOf = await view.RowsAsync(connection, cancel);
            // As they stood before these events, which come with the page itself.
            var nothing = Array.Empty<StoredEvent>().ToLookup(e => e.Stream);
            for (var last = after ?? ""; await WithRowsAsync(connection, table, null, last, cancel) is { Count: > 0 } codes;)
            {
                var changes = new List<NpgsqlBatchCommand>();
                await AddAsync(changes, connection, [.. codes], nothing, events[0].Position - 1, cancel);
                last = codes[^1];
                yield return (last, changes);
            }
        }

        /// <summary>Those that are remembered go on with what happened; the others are read from the log. Written is what came out otherwise.</summary>
        private async Task AddAsync(
            List<NpgsqlBatchCommand> changes, NpgsqlConnection connection, string[] codes, ILookup<string, StoredEvent> happened, long upTo, CancellationToken cancel)
        {
            var (changed, rows, unknown) = (new List<string>(), new List<TRow>(), new List<string>());
            foreach (var code in codes)
            {
                if (_recent.Find(code) is { Dossier: { } dossier } kept)
                    Take(happened[code].Aggregate(dossier, (d, e) => d.After((DossierEvent)e.Event, e.Version)), kept.Rows);
                else
                    unknown.Add(code);
            }
            if (unknown.Count > 0)
                await FoldAsync(connection, [.. unknown], upTo, dossier => Take(dossier, null), cancel);
            if (changed.Count == 0)
                return;
            changes.Add(view.Delete(table, [.. changed], rows));
            if (rows.Count == 0)
                return;
            changes.Add(view.Upsert(table, [.. rows]));
            if (view.Notification(rows) is { } notification)
                changes.Add(notification);

            void Take(Dossier dossier, IReadOnlyList<TRow>? before)
            {
                var now = _rowsOf!(dossier).ToList();
                _recent.Keep(dossier.Code, new(dossier, now));
                if (before is not null && now.SequenceEqual(before))
                    return;
                changed.Add(dossier.Code);
                rows.AddRange(now);
            }
        }
    }

    private sealed class Fill(DossierTable<TRow> table, Func<Dossier, IEnumerable<TRow>> rowsOf, RowCopy copy) : IFill
    {
        private Dossier? _dossier;

        public void Add(StoredEvent e)
        {
            if (e.Event is not DossierEvent @event)
                return;
            if (_dossier?.Code != e.Stream)
            {
                Write();
                _dossier = new(e.Stream);
            }
            _dossier = _dossier.After(@event, e.Version);
        }

        public void Complete()
        {
            Write();
            copy.Complete();
        }

        public ValueTask DisposeAsync() => copy.DisposeAsync();

        private void Write()
        {
            if (_dossier is null)
                return;
            foreach (var row in rowsOf(_dossier))
            {
                copy.StartRow(table.Columns.Count);
                foreach (var column in table.Columns)
                    column.Write(copy, row);
            }
        }
    }
}
