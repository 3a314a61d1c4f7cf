using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Alerts;

/// <summary>
/// One row for each dossier whose clocks still run: when it has to be looked at next. It hangs on the dossier, the ladders and the calendar, all of them streams, so the same log gives
/// the same rows; a decision on ladder or calendar plans every dossier anew. See ADR 0017.
/// </summary>
public sealed class Alarms : DossierTable<Alarms.Row>
{
    /// <summary>Notified when something is planned for the next seconds.</summary>
    public const string Channel = "dossier_alarms";

    public static readonly Alarms View = new();

    /// <param name="NextAt">Null where nothing lies ahead as things stand.</param>
    public sealed record Row(string Code, DateTimeOffset? NextAt);

    private static KnownCalendar? _known;

    private sealed record KnownCalendar(string Decided, DecidedCalendar Calendar);

    public override string Name => "alarms";

    protected override string TableBody => "code text NOT NULL PRIMARY KEY, next_at timestamptz";

    protected override IReadOnlyList<string> Indexes => ["(next_at, code) WHERE next_at IS NOT NULL"];

    protected override IReadOnlyList<Column<Row>> Columns { get; } = [Column<Row>.Text("code", r => r.Code), Column<Row>.Time("next_at", r => r.NextAt)];

    private protected override async Task<Func<Dossier, IEnumerable<Row>>> RowsAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var (ladders, calendar) = (await Ladders.LoadAsync(connection, ProductEvents.Names, cancel), await CalendarAsync(connection, cancel));
        return dossier =>
        {
            var next = Alarm.Next(dossier, ladders, calendar.Of(dossier));
            return next is null && dossier.FinishedAt is not null ? [] : [new(dossier.Code, next)];
        };
    }

    private protected override bool TouchesAll(StoredEvent e) => e.Stream == Calendars.Stream || Ladders.IsLadder(e.Stream);

    private protected override NpgsqlBatchCommand? Notification(IReadOnlyList<Row> rows)
    {
        if (rows.Min(r => r.NextAt) is not { } first)
            return null;
        var notify = new NpgsqlBatchCommand($"SELECT pg_notify('{Channel}', '') WHERE @first < clock_timestamp() + interval '2 s'");
        notify.Parameters.AddTime("first", first);
        return notify;
    }

    /// <summary>The dossiers to be looked at by a moment, page by page, the longest due first.</summary>
    public async Task<IReadOnlyList<Row>> DueAsync(NpgsqlConnection connection, DateTimeOffset now, Row? after, int limit, CancellationToken cancel = default)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT code, next_at FROM {Table}
            WHERE next_at <= @now AND (next_at, code) > (@after_at, @after_code) ORDER BY next_at, code LIMIT @limit
            """, connection);
        command.Parameters.AddTime("now", now);
        command.Parameters.AddTime("after_at", after?.NextAt ?? DateTimeOffset.MinValue);
        command.Parameters.AddText("after_code", after?.Code ?? "");
        command.Parameters.AddWithValue("limit", limit);
        var rows = new List<Row>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            rows.Add(new(row.GetString(0), row.TimeOrNull(1)));
        return rows;
    }

    internal static async Task<DecidedCalendar> CalendarAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            $"SELECT {StoredEventReader.Facts} FROM dossier.mt_events e WHERE e.stream_id = '{Calendars.Stream}' ORDER BY e.version", connection);
        var events = new List<StoredEvent>();
        await using (var row = await command.ExecuteReaderAsync(cancel))
        {
            while (await row.ReadAsync(cancel))
                events.Add(StoredEventReader.ReadFacts(row, ProductEvents.Names));
        }
        // A calendar is a hundred years of days, and asked for with every page.
        var decided = string.Concat(events.Select(e => $"{e.RecordedAt:O} {Convert.ToHexString(e.Data.Span)} "));
        var known = _known;
        if (known?.Decided != decided)
            _known = known = new(decided, new(events));
        return known.Calendar;
    }
}
