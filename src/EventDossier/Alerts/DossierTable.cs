using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Alerts;

/// <summary>
/// A table made of whole dossiers, any number of rows for each: what a rule or a clock makes of all that happened can't be told from one event and a row. Whoever is
/// touched by a page is read again and folded, so the rows still hang on the log alone.
/// </summary>
public abstract class DossierTable<TRow> : View where TRow : class
{
    protected abstract IReadOnlyList<Column<TRow>> Columns { get; }

    private string ColumnNames => string.Join(", ", Columns.Select(c => c.Name));

    /// <summary>What a dossier's rows are; whatever else they rest on is read from the log here.</summary>
    private protected abstract Task<Func<Dossier, IEnumerable<TRow>>> RowsAsync(NpgsqlConnection connection, CancellationToken cancel);

    /// <summary>The dossiers whose rows may be others after these events.</summary>
    private protected abstract Task<IReadOnlyCollection<string>> TouchedAsync(NpgsqlConnection connection, string table, IReadOnlyList<StoredEvent> events, CancellationToken cancel);

    /// <summary>Told what was written, in its transaction.</summary>
    private protected virtual Task WrittenAsync(NpgsqlConnection connection, IReadOnlyList<TRow> rows, CancellationToken cancel) => Task.CompletedTask;

    internal override async Task ApplyAsync(NpgsqlConnection connection, string table, IReadOnlyList<StoredEvent> events, CancellationToken cancel)
    {
        foreach (var e in events)
            _ = e.Event; // One that nobody knows stops this view at it, like every other.
        if (events.Count == 0)
            return;
        var touched = await TouchedAsync(connection, table, events, cancel);
        if (touched.Count == 0)
            return;
        var rowsOf = await RowsAsync(connection, cancel);
        foreach (var codes in touched.Chunk(1000))
        {
            var rows = await RowsAsync(connection, codes, events[^1].Position, rowsOf, cancel);
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(Delete(table, codes, rows));
            if (rows.Count > 0)
                batch.BatchCommands.Add(Upsert(table, [.. rows]));
            await batch.ExecuteNonQueryAsync(cancel);
            await WrittenAsync(connection, rows, cancel);
        }
    }

    internal override async Task<IFill> FillAsync(NpgsqlConnection connection, string table, CancellationToken cancel)
    {
        var rowsOf = await RowsAsync(connection, cancel);
        return new Fill(this, rowsOf, await connection.BeginBinaryImportAsync($"COPY {table} ({ColumnNames}) FROM STDIN (FORMAT binary)", cancel));
    }

    private static async Task<List<TRow>> RowsAsync(NpgsqlConnection connection, string[] codes, long upTo, Func<Dossier, IEnumerable<TRow>> rowsOf, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT {StoredEventReader.Facts} FROM dossier.mt_events e
            WHERE e.stream_id = ANY(@codes) AND e.seq_id <= @up_to AND e.type <> 'tombstone' ORDER BY e.stream_id, e.version
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string[]>("codes", codes));
        command.Parameters.Add(new NpgsqlParameter<long>("up_to", upTo));
        var rows = new List<TRow>();
        Dossier? dossier = null;
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
        {
            var e = StoredEventReader.ReadFacts(row, ProductEvents.Names);
            if (dossier?.Code != e.Stream)
            {
                if (dossier is not null)
                    rows.AddRange(rowsOf(dossier));
                dossier = new(e.Stream);
            }
            dossier = dossier.After((DossierEvent)e.Event, e.Version);
        }
        if (dossier is not null)
            rows.AddRange(rowsOf(dossier));
        return rows;
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

    private sealed class Fill(DossierTable<TRow> table, Func<Dossier, IEnumerable<TRow>> rowsOf, NpgsqlBinaryImporter copy) : IFill
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
                copy.StartRow();
                foreach (var column in table.Columns)
                    column.Write(copy, row);
            }
        }
    }
}
