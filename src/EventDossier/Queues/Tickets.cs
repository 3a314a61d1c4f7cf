using System.Globalization;
using EventDossier.Deadlines;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Queues;

/// <summary>One row for each number drawn at a counter: what the time at the counter is counted from.</summary>
public sealed class Tickets : View<Ticket>
{
    public static readonly Tickets View = new();

    public override string Name => "tickets";

    protected override string TableBody =>
        """
        code text NOT NULL PRIMARY KEY, version bigint NOT NULL, place text NOT NULL, day text NOT NULL, number bigint NOT NULL, service text, taken_at timestamptz NOT NULL,
        state text NOT NULL, called_at timestamptz, come_at timestamptz, counter text, served_by text, ended_at timestamptz, dossier text
        """;

    protected override IReadOnlyList<string> Indexes => ["(taken_at)", "(place, taken_at)"];

    protected override IReadOnlyList<Column<Ticket>> Columns { get; } =
    [
        Column<Ticket>.Text("code", t => Ticket.Stream(t.Id)),
        Column<Ticket>.Number("version", t => t.Version),
        Column<Ticket>.Text("place", t => t.Place),
        Column<Ticket>.Text("day", t => t.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        Column<Ticket>.Number("number", t => t.Number),
        Column<Ticket>.Text("service", t => t.Service),
        Column<Ticket>.Time("taken_at", t => t.TakenAt),
        Column<Ticket>.Text("state", t => $"{t.State}"),
        Column<Ticket>.Time("called_at", t => t.CalledAt),
        Column<Ticket>.Time("come_at", t => t.ComeAt),
        Column<Ticket>.Text("counter", t => t.Counter),
        Column<Ticket>.Text("served_by", t => t.ServedBy),
        Column<Ticket>.Time("ended_at", t => t.EndedAt),
        Column<Ticket>.Text("dossier", t => t.Dossier),
    ];

    protected override Ticket ReadRow(NpgsqlDataReader row) => new(
        row.GetString(0)[Ticket.StreamPrefix.Length..], row.GetInt64(1), row.GetString(2), DateOnly.Parse(row.GetString(3), CultureInfo.InvariantCulture), (int)row.GetInt64(4), row.TextOrNull(5),
        Local(row, 6)!.Value)
    {
        State = Enum.Parse<TicketState>(row.GetString(7)), CalledAt = Local(row, 8), ComeAt = Local(row, 9), Counter = row.TextOrNull(10), ServedBy = row.TextOrNull(11), EndedAt = Local(row, 12),
        Dossier = row.TextOrNull(13),
    };

    private static DateTimeOffset? Local(NpgsqlDataReader row, int column) => row.TimeOrNull(column) is { } at ? WorkCalendar.Vietnam.Local(at) : null;

    private protected override bool Takes(StoredEvent e) => e.Stream.StartsWith(Ticket.StreamPrefix, StringComparison.Ordinal);

    public override Ticket? Apply(Ticket? row, StoredEvent e) => Takes(e) && (row is not null || e.Event is TicketTaken) ? Ticket.After(row, e) : row;

    private const string Asked = "taken_at >= @from AND taken_at < @to AND (@place IS NULL OR place = @place)";

    /// <summary>Those taken in a period, by place, day and number.</summary>
    /// <param name="after">Id of the last of the page before.</param>
    public async Task<IReadOnlyList<Ticket>> OfAsync(
        NpgsqlDataSource database, DateTimeOffset from, DateTimeOffset to, string? place, string? after, int limit, CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand($"SELECT * FROM {Table} WHERE {Asked} AND (@after IS NULL OR code > @after) ORDER BY code LIMIT @limit");
        Ask(command, from, to, place);
        command.Parameters.AddText("after", after is null ? null : Ticket.Stream(after));
        command.Parameters.AddWithValue("limit", limit);
        var tickets = new List<Ticket>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            tickets.Add(ReadRow(row));
        return tickets;
    }

    /// <summary>The figures of those taken in a period, without the tickets themselves.</summary>
    internal async Task<CounterTime> CountAsync(
        NpgsqlDataSource database, DateTimeOffset from, DateTimeOffset to, string? place, CounterTimeDefinition definition, CancellationToken cancel = default)
    {
        static string Measure(string minutes) =>
            $"""
            count(*) FILTER (WHERE {minutes} <= @target), count({minutes}),
            (percentile_disc(0.5) WITHIN GROUP (ORDER BY {minutes}))::float8, (percentile_disc(0.95) WITHIN GROUP (ORDER BY {minutes}))::float8
            """;
        await using var command = database.CreateCommand(
            $"""
            SELECT (SELECT last_seq_id FROM dossier.mt_event_progression WHERE name = '{Checkpoint}'), count(*),
              count(*) FILTER (WHERE state = 'Served'), count(*) FILTER (WHERE state = 'Left'), count(*) FILTER (WHERE state = 'Left' AND called_at IS NULL), count(*) FILTER (WHERE state = 'Waiting'),
              {Measure("wait")}, {Measure("service")}
            FROM (
              SELECT state, called_at, round(extract(epoch FROM called_at - taken_at) / 60, 1) AS wait,
                CASE WHEN state = 'Served' THEN round(extract(epoch FROM ended_at - come_at) / 60, 1) END AS service
              FROM {Table} WHERE {Asked}) t
            """);
        Ask(command, from, to, place);
        command.Parameters.AddWithValue("target", definition.TargetMinutes);
        await using var row = await command.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        int Count(int column) => (int)row.GetInt64(column);
        CounterTime.Measure Read(int column) => new(Count(column), Count(column + 1), Double(column + 2), Double(column + 3));
        double? Double(int column) => row.IsDBNull(column) ? null : row.GetDouble(column);
        return new(from, to, place, row.GetInt64(0), definition, Count(1), Count(2), Count(3), Count(4), Count(5), Read(6), Read(10), []);
    }

    private static void Ask(NpgsqlCommand command, DateTimeOffset from, DateTimeOffset to, string? place)
    {
        command.Parameters.AddTime("from", from);
        command.Parameters.AddTime("to", to);
        command.Parameters.AddText("place", place);
    }
}
