using System.Text.Json;
using EventDossier.Applicants;
using EventDossier.Store;
using Npgsql;
using NpgsqlTypes;

namespace EventDossier.Audit;

/// <summary>Who signed in, and who was handed personal data of which dossier: one row for each dossier of each opening.</summary>
public sealed class AccessLog : View
{
    public static readonly AccessLog View = new();

    /// <param name="Code">Empty for a sign-in.</param>
    /// <param name="Position">Of the opening's event.</param>
    public sealed record Row(string Code, long Position, DateTimeOffset At, DateTimeOffset RecordedAt, string Actor, string Role, string What, string Where, string? Document, string? Reason);

    private const string ColumnNames = "code, position, at, recorded_at, actor, role, what, place, document, reason";

    public override string Name => "access";

    internal override string Key => "code, position";

    protected override string TableBody =>
        """
        code text NOT NULL, position bigint NOT NULL, at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, actor text NOT NULL, role text NOT NULL,
        what text NOT NULL, place text NOT NULL, document text, reason text,
        PRIMARY KEY (code, position)
        """;

    protected override IReadOnlyList<string> Indexes => ["(actor, position)"];

    internal static IEnumerable<Row> RowsOf(StoredEvent e) => e.Event switch
    {
        PersonalDataOpened opened => opened.Dossiers.Select(code => new Row(
            code, e.Position, opened.OccurredAt, e.RecordedAt, opened.By, opened.Role, JsonNamingPolicy.CamelCase.ConvertName($"{opened.What}"), opened.Where, opened.Document, opened.Reason)),
        SignedIn signed => [new("", e.Position, signed.OccurredAt, e.RecordedAt, signed.By, string.Join(", ", signed.Roles), "signIn", signed.Provider, null, null)],
        _ => [],
    };

    internal override IPages Pages(string table) => new PagesInto(table);

    internal override async Task<IFill> FillAsync(NpgsqlConnection connection, string table, CancellationToken cancel) =>
        new Fill(await RowCopy.IntoAsync(connection, table, ColumnNames, cancel));

    /// <summary>The newest first.</summary>
    /// <param name="code">Only of this dossier.</param>
    /// <param name="actor">Only what this person saw.</param>
    /// <param name="before">Position and code of the last row of the page before.</param>
    public async Task<IReadOnlyList<Row>> FindAsync(
        NpgsqlDataSource database, string? code, string? actor, (long Position, string Code)? before = null, int limit = 50, CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(
            $"""
            SELECT {ColumnNames} FROM {Table}
            WHERE (@code IS NULL OR code = @code) AND (@actor IS NULL OR actor = @actor) AND (@position IS NULL OR (position, code) < (@position, @before))
            ORDER BY position DESC, code DESC LIMIT @limit
            """);
        command.Parameters.AddText("code", code);
        command.Parameters.AddText("actor", actor);
        command.Parameters.Add(new NpgsqlParameter("position", NpgsqlDbType.Bigint) { Value = before?.Position ?? (object)DBNull.Value });
        command.Parameters.AddText("before", before?.Code);
        command.Parameters.AddWithValue("limit", limit);
        var rows = new List<Row>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
        {
            rows.Add(new(
                row.GetString(0), row.GetInt64(1), row.TimeOrNull(2)!.Value, row.TimeOrNull(3)!.Value, row.GetString(4), row.GetString(5), row.GetString(6), row.GetString(7),
                row.TextOrNull(8), row.TextOrNull(9)));
        }
        return rows;
    }

    private static void Write(RowCopy copy, Row row)
    {
        string?[] texts = [row.Actor, row.Role, row.What, row.Where, row.Document, row.Reason];
        copy.StartRow(4 + texts.Length);
        copy.Write(row.Code);
        copy.Write(row.Position);
        copy.Write(row.At.UtcDateTime);
        copy.Write(row.RecordedAt.UtcDateTime);
        foreach (var text in texts)
            copy.Write(text);
    }

    private sealed class PagesInto(string table) : IPages
    {
        public Task<IReadOnlyList<NpgsqlBatchCommand>> ChangesAsync(NpgsqlConnection connection, IReadOnlyList<StoredEvent> events, CancellationToken cancel)
        {
            var rows = events.SelectMany(RowsOf).ToList();
            if (rows.Count == 0)
                return Task.FromResult<IReadOnlyList<NpgsqlBatchCommand>>([]);
            var insert = new NpgsqlBatchCommand(
                $"""
                INSERT INTO {table} ({ColumnNames})
                SELECT * FROM unnest(@code, @position, @at, @recorded_at, @actor, @role, @what, @place, @document, @reason)
                ON CONFLICT DO NOTHING
                """);
            insert.Parameters.Add(new NpgsqlParameter<long[]>("position", [.. rows.Select(r => r.Position)]));
            Times("at", r => r.At);
            Times("recorded_at", r => r.RecordedAt);
            Texts("code", r => r.Code);
            Texts("actor", r => r.Actor);
            Texts("role", r => r.Role);
            Texts("what", r => r.What);
            Texts("place", r => r.Where);
            Texts("document", r => r.Document);
            Texts("reason", r => r.Reason);
            return Task.FromResult<IReadOnlyList<NpgsqlBatchCommand>>([insert]);

            void Times(string name, Func<Row, DateTimeOffset> value) => insert.Parameters.Add(new NpgsqlParameter<DateTime[]>(name, [.. rows.Select(r => value(r).UtcDateTime)]));
            void Texts(string name, Func<Row, string?> value) => insert.Parameters.Add(new NpgsqlParameter<string?[]>(name, [.. rows.Select(value)]));
        }
    }

    private sealed class Fill(RowCopy copy) : IFill
    {
        public void Add(StoredEvent e)
        {
            foreach (var row in RowsOf(e))
                Write(copy, row);
        }

        public void Complete() => copy.Complete();

        public ValueTask DisposeAsync() => copy.DisposeAsync();
    }
}
