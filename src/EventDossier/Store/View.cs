using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace EventDossier.Store;

/// <summary>
/// A table derived from the log: at most one row for each stream, made from the stream's events alone and in order, so that dropping and replaying
/// gives identical rows. A view is one file: its row, its columns, how an event changes the row, and its queries.
/// </summary>
public abstract class View
{
    /// <summary>Of the table in schema <c>dossier_views</c>.</summary>
    public abstract string Name { get; }

    public string Table => $"dossier_views.{Name}";

    /// <summary>The row in <c>mt_event_progression</c> that says how far the view has followed.</summary>
    public string Checkpoint => $"dossier:{Name}";

    /// <summary>What <c>CREATE TABLE</c> has between its parentheses. The first column is the key, and holds the stream's name.</summary>
    protected abstract string TableBody { get; }

    /// <summary>Index definitions from the column list on, e.g. <c>(due) WHERE finished_at IS NULL</c>.</summary>
    protected abstract IReadOnlyList<string> Indexes { get; }

    /// <summary>The columns that name a row.</summary>
    internal virtual string Key => "code";

    internal string CreateTable(string table) => $"CREATE TABLE {table} ({TableBody})";

    /// <summary>
    /// In parts that may be made side by side. Those of one kind are one part, for PostgreSQL makes up their names, and would give two that it makes at once on the same columns the same one.
    /// </summary>
    internal IReadOnlyList<string> CreateIndexes(string table) =>
        [.. Indexes.GroupBy(index => index[..index.IndexOf('(')], index => $"CREATE INDEX ON {table} {index};\n", (_, indexes) => string.Concat(indexes))];

    /// <summary>Carries pages of events into a table.</summary>
    internal abstract IPages Pages(string table);

    /// <summary>Fills an empty table with rows, stream by stream.</summary>
    internal abstract Task<IFill> FillAsync(NpgsqlConnection connection, string table, CancellationToken cancel);

    /// <summary>Takes events stream by stream, in version order.</summary>
    internal interface IFill : IAsyncDisposable
    {
        void Add(StoredEvent e);
        void Complete();
    }

    /// <summary>Takes pages in position order, each where the one before ended, and remembers rows from one to the next: a page that was not written, or not by us, ends it.</summary>
    internal interface IPages
    {
        /// <summary>
        /// What to write in the transaction that moves the checkpoint past these events. Where the checkpoint turns out to be elsewhere it is rolled back, so rows that are there already must not stop it.
        /// </summary>
        Task<IReadOnlyList<NpgsqlBatchCommand>> ChangesAsync(NpgsqlConnection connection, IReadOnlyList<StoredEvent> events, CancellationToken cancel);

        /// <summary>The position of the last event that changes rows of streams that these events don't touch; null for none.</summary>
        long? TouchesOthers(IReadOnlyList<StoredEvent> events) => null;

        /// <summary>
        /// These other rows, in parts that are each written before the next is asked for, and before <see cref="ChangesAsync"/>. A part may be committed by itself while the checkpoint stays: made again
        /// from the log, the rows are the same.
        /// </summary>
        /// <param name="after">Stream up to which they are written already; null for none.</param>
        /// <returns>Each part, and the last stream of it.</returns>
        IAsyncEnumerable<(string Last, IReadOnlyList<NpgsqlBatchCommand> Changes)> OthersAsync(NpgsqlConnection connection, IReadOnlyList<StoredEvent> events, string? after, CancellationToken cancel) =>
            AsyncEnumerable.Empty<(string, IReadOnlyList<NpgsqlBatchCommand>)>();
    }

    /// <summary>So many streams are remembered: about as many dossiers as a large centre has open.</summary>
    private protected const int Remembered = 40_000;

    internal string Definition => CreateTable(Table) + ";\n" + string.Concat(Indexes.Select(index => $"CREATE INDEX ON {Table} {index};\n"));

    /// <summary>Lower-case hex, as <see cref="StoredHash"/>.</summary>
    internal string DefinitionHash => _definitionHash ??= Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Definition)));

    /// <summary>Of the column <c>dossier_meta.view.definition</c>.</summary>
    internal const string StoredHash = "encode(sha256(convert_to(definition, 'UTF8')), 'hex')";

    private string? _definitionHash;

    /// <summary>Creates the table and the checkpoint where there are none. A table of another definition stays until <see cref="ViewUpgrade"/>. True when it did anything.</summary>
    internal async Task<bool> DefineAsync(NpgsqlConnection owner, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("INSERT INTO dossier_meta.view (name, definition) VALUES (@name, @definition) ON CONFLICT (name) DO NOTHING", owner);
        command.Parameters.AddWithValue("name", Name);
        command.Parameters.AddWithValue("definition", Definition);
        if (await command.ExecuteNonQueryAsync(cancel) == 0)
            return false;
        await using var define = new NpgsqlCommand(
            $"""
            SET LOCAL ROLE dossier_app;
            INSERT INTO dossier.mt_event_progression (name, last_seq_id) VALUES ('{Checkpoint}', 0)
            ON CONFLICT (name) DO UPDATE SET last_seq_id = 0, last_updated = clock_timestamp();
            DELETE FROM dossier_views.replanning WHERE name = '{Name}';
            DROP TABLE IF EXISTS {Table};
            {Definition}
            RESET ROLE;
            """, owner);
        await define.ExecuteNonQueryAsync(cancel);
        return true;
    }
}

/// <inheritdoc/>
/// <typeparam name="TRow">Immutable; compared by value, so a row that an event leaves as it was is not written.</typeparam>
public abstract class View<TRow> : View where TRow : class, IEquatable<TRow>
{
    /// <summary>In the table's order; the first is the key.</summary>
    protected abstract IReadOnlyList<Column<TRow>> Columns { get; }

    protected abstract TRow ReadRow(NpgsqlDataReader row);

    /// <summary>Whether an event can change a row; for others no row is looked up.</summary>
    private protected virtual bool Takes(StoredEvent e) => true;

    /// <summary>The row after an event; null for no row. Pure: no clock, no new ids, nothing but the event and the row.</summary>
    public abstract TRow? Apply(TRow? row, StoredEvent e);

    private string ColumnNames => string.Join(", ", Columns.Select(c => c.Name));

    internal override IPages Pages(string table) => new PagesInto(this, table);

    /// <summary>
    /// The rows as some of the events alone make them, which is how they stood at a moment that has passed: from the log, for the table holds the present. Reads the whole log, and
    /// holds no more than the rows that it returns.
    /// </summary>
    /// <param name="includes">The events of that moment.</param>
    /// <param name="where">Told a row, and every event of its stream, those of later too.</param>
    /// <param name="limit">How many of the first in <paramref name="order"/>.</param>
    internal async Task<PastRows<TRow>> ThenAsync(
        Database database, Func<StoredEvent, bool> includes, Func<TRow, IReadOnlyList<StoredEvent>, bool> where, IComparer<TRow> order, int limit, CancellationToken cancel)
    {
        var found = await StreamOrder.StreamsAsync(database, await database.HeadAsync(cancel), () => (Rows: new SortedSet<TRow>(order), Count: new long[1]), (sum, events) =>
        {
            if (events.Where(includes).Aggregate((TRow?)null, Apply) is not { } row || !where(row, events))
                return;
            sum.Count[0]++;
            if (sum.Rows.Add(row) && sum.Rows.Count > limit)
                sum.Rows.Remove(sum.Rows.Max!);
        }, null, cancel);
        return new([.. found.SelectMany(f => f.Rows).Order(order).Take(limit)], found.Sum(f => f.Count[0]));
    }

    internal override async Task<IFill> FillAsync(NpgsqlConnection connection, string table, CancellationToken cancel) =>
        new Fill(this, await RowCopy.IntoAsync(connection, table, ColumnNames, cancel));

    private async Task<Dictionary<string, TRow>> LoadAsync(NpgsqlConnection connection, string table, string[] streams, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand($"SELECT {ColumnNames} FROM {table} WHERE {Columns[0].Name} = ANY(@streams)", connection);
        command.Parameters.Add(new NpgsqlParameter<string[]>("streams", streams));
        var rows = new Dictionary<string, TRow>(streams.Length);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            rows.Add(reader.GetString(0), ReadRow(reader));
        return rows;
    }

    private NpgsqlBatchCommand Upsert(string table, TRow[] rows)
    {
        var command = new NpgsqlBatchCommand(
            $"""
            INSERT INTO {table} ({ColumnNames})
            SELECT * FROM unnest({string.Join(", ", Columns.Select(c => $"@{c.Name}"))})
            ON CONFLICT ({Columns[0].Name}) DO UPDATE SET ({ColumnNames}) = ROW (excluded.*)
            """);
        foreach (var column in Columns)
            command.Parameters.Add(column.Array(rows));
        return command;
    }

    private sealed class PagesInto(View<TRow> view, string table) : IPages
    {
        private readonly Recent<Kept> _recent = new(Remembered);

        /// <param name="Row">Null where the stream has none.</param>
        private sealed record Kept(TRow? Row);

        public async Task<IReadOnlyList<NpgsqlBatchCommand>> ChangesAsync(NpgsqlConnection connection, IReadOnlyList<StoredEvent> events, CancellationToken cancel)
        {
            events = [.. events.Where(view.Takes)];
            if (events.Count == 0)
                return [];
            var before = events.Select(e => e.Stream).Distinct().ToDictionary(stream => stream, stream => _recent.Find(stream));
            string[] unknown = [.. before.Where(b => b.Value is null).Select(b => b.Key)];
            var loaded = unknown.Length == 0 ? [] : await view.LoadAsync(connection, table, unknown, cancel);
            foreach (var stream in unknown)
                before[stream] = new(loaded.GetValueOrDefault(stream));
            var after = new Dictionary<string, TRow?>(before.Count);
            foreach (var e in events)
                after[e.Stream] = view.Apply(after.TryGetValue(e.Stream, out var row) ? row : before[e.Stream]!.Row, e);

            var changed = after.Where(r => r.Value is not null && !r.Value.Equals(before[r.Key]!.Row)).Select(r => r.Value!).ToArray();
            var gone = after.Where(r => r.Value is null && before[r.Key]!.Row is not null).Select(r => r.Key).ToArray();
            var changes = new List<NpgsqlBatchCommand>();
            if (changed.Length > 0)
                changes.Add(view.Upsert(table, changed));
            if (gone.Length > 0)
            {
                changes.Add(new($"DELETE FROM {table} WHERE {view.Columns[0].Name} = ANY(@gone)")
                {
                    Parameters = { new NpgsqlParameter<string[]>("gone", gone) },
                });
            }
            foreach (var (stream, row) in after)
                _recent.Keep(stream, new(row));
            return changes;
        }
    }

    private sealed class Fill(View<TRow> view, RowCopy copy) : IFill
    {
        private string? _stream;
        private TRow? _row;

        public void Add(StoredEvent e)
        {
            if (e.Stream != _stream)
            {
                Write();
                _stream = e.Stream;
            }
            _row = view.Apply(_row, e);
        }

        public void Complete()
        {
            Write();
            copy.Complete();
        }

        public ValueTask DisposeAsync() => copy.DisposeAsync();

        private void Write()
        {
            if (_row is null)
                return;
            copy.StartRow(view.Columns.Count);
            foreach (var column in view.Columns)
                column.Write(copy, _row);
            _row = null;
        }
    }
}

/// <summary>Of a view at a moment that has passed.</summary>
/// <param name="Rows">The first of them.</param>
/// <param name="Count">Of all.</param>
public sealed record PastRows<TRow>(IReadOnlyList<TRow> Rows, long Count);

/// <summary>A column of a view's table and where its value stands in the row.</summary>
public abstract class Column<TRow>(string name)
{
    public string Name => name;

    internal abstract NpgsqlParameter Array(TRow[] rows);
    internal abstract void Write(RowCopy copy, TRow row);

    public static Column<TRow> Text(string name, Func<TRow, string?> value) =>
        new Typed<string?>(name, NpgsqlDbType.Text, value, (copy, text) => copy.Write(text));

    public static Column<TRow> Number(string name, Func<TRow, long?> value) =>
        new Typed<long?>(name, NpgsqlDbType.Bigint, value, (copy, number) => copy.Write(number));

    public static Column<TRow> Time(string name, Func<TRow, DateTimeOffset?> value) =>
        new Typed<DateTime?>(name, NpgsqlDbType.TimestampTz, row => value(row)?.UtcDateTime, (copy, time) => copy.Write(time));

    private sealed class Typed<T>(string name, NpgsqlDbType type, Func<TRow, T> value, Action<RowCopy, T> write) : Column<TRow>(name)
    {
        internal override NpgsqlParameter Array(TRow[] rows) =>
            new NpgsqlParameter<T[]>(Name, System.Array.ConvertAll(rows, row => value(row))) { NpgsqlDbType = NpgsqlDbType.Array | type };

        internal override void Write(RowCopy copy, TRow row) => write(copy, value(row));
    }
}
