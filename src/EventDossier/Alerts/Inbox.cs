using System.Text.Json;
using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Alerts;

/// <summary>The open alerts, one row for each and each of those told. A row goes when the alert is withdrawn, or when what it warned of has come to its end.</summary>
public sealed class Inbox : DossierTable<Inbox.Row>
{
    public static readonly Inbox View = new();

    /// <param name="Recipient">Which of those told, from 0.</param>
    public sealed record Row(string Code, string Rule, long Cycle, long Recipient, AlertLevel Level, DateTimeOffset DueAt, DateTimeOffset RaisedAt)
    {
        public string? Person { get; init; }
        public string? Post { get; init; }
        public string? Unit { get; init; }
        public string? Agency { get; init; }
        public string? Procedure { get; init; }

        /// <summary>Of the dossier.</summary>
        public DateTimeOffset? Due { get; init; }
        public DateTimeOffset? AcknowledgedAt { get; init; }
        public DateTimeOffset? SnoozedUntil { get; init; }
    }

    private static readonly string[] _levels = [.. Enum.GetNames<AlertLevel>().Select(JsonNamingPolicy.CamelCase.ConvertName)];

    public override string Name => "inbox";

    internal override string Key => "code, rule, cycle, recipient";

    protected override string TableBody =>
        """
        code text NOT NULL, rule text NOT NULL, cycle bigint NOT NULL, recipient bigint NOT NULL, level text NOT NULL, due_at timestamptz NOT NULL, raised_at timestamptz NOT NULL,
        person text, post text, unit text, agency text, procedure text, due timestamptz, acknowledged_at timestamptz, snoozed_until timestamptz,
        PRIMARY KEY (code, rule, cycle, recipient)
        """;

    protected override IReadOnlyList<string> Indexes => 
    [
        "(due_at, code)", "(person, due_at, code)", "(unit, due_at, code)", "(agency, due_at, code)", "(level, due_at, code)",
        "(due_at, code) WHERE acknowledged_at IS NULL", "(due_at, code) WHERE acknowledged_at IS NOT NULL",
    ];

    protected override IReadOnlyList<Column<Row>> Columns { get; } =
    [
        Column<Row>.Text("code", r => r.Code),
        Column<Row>.Text("rule", r => r.Rule),
        Column<Row>.Number("cycle", r => r.Cycle),
        Column<Row>.Number("recipient", r => r.Recipient),
        Column<Row>.Text("level", r => NameOf(r.Level)),
        Column<Row>.Time("due_at", r => r.DueAt),
        Column<Row>.Time("raised_at", r => r.RaisedAt),
        Column<Row>.Text("person", r => r.Person),
        Column<Row>.Text("post", r => r.Post),
        Column<Row>.Text("unit", r => r.Unit),
        Column<Row>.Text("agency", r => r.Agency),
        Column<Row>.Text("procedure", r => r.Procedure),
        Column<Row>.Time("due", r => r.Due),
        Column<Row>.Time("acknowledged_at", r => r.AcknowledgedAt),
        Column<Row>.Time("snoozed_until", r => r.SnoozedUntil),
    ];

    /// <summary>As tables and answers spell it: <c>apologyDuty</c>.</summary>
    public static string NameOf(AlertLevel level) => _levels[(int)level];

    private protected override Task<Func<Dossier, IEnumerable<Row>>> RowsAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        Task.FromResult<Func<Dossier, IEnumerable<Row>>>(RowsOf);

    /// <summary>Most events are of dossiers that nobody was warned of.</summary>
    private protected override bool Begins(StoredEvent e) => e.Name.StartsWith("alert_", StringComparison.Ordinal);

    private static IEnumerable<Row> RowsOf(Dossier dossier) =>
        from alert in dossier.Alerts
        where alert.IsOpen
        from told in alert.To.Index()
        select new Row(dossier.Code, alert.Rule, alert.Cycle, told.Index, alert.Level, alert.DueAt, alert.RaisedAt)
        {
            Person = told.Item.Person, Post = told.Item.Post, Unit = told.Item.Unit ?? dossier.Unit, Agency = dossier.Agency, Procedure = dossier.Procedure?.Code,
            Due = alert.Clock == AlertClock.Intake ? dossier.AnswerDue : dossier.Due, AcknowledgedAt = alert.AcknowledgedAt, SnoozedUntil = alert.SnoozedUntil,
        };

    /// <param name="After">The last row of the page before.</param>
    public sealed record Query(
        string? Person = null, string? Unit = null, string? Agency = null, AlertLevel? Level = null, bool? Acknowledged = null, Row? After = null, int Limit = 50)
    {
        /// <summary>Only what lies with one of these units or agencies; null for all. With <see cref="Self"/>, what is told to that person besides.</summary>
        public IReadOnlyCollection<string>? Units { get; init; }
        public string? Self { get; init; }

        /// <summary>What is asked for lies within that anyway.</summary>
        internal bool IsWithin => Units is null || Units.Contains(Agency ?? "") || Units.Contains(Unit ?? "") || (Self is not null && Person == Self);
    }

    /// <summary>The longest due first.</summary>
    public async Task<IReadOnlyList<Row>> FindAsync(NpgsqlDataSource database, Query query, CancellationToken cancel = default)
    {
        // Only what is asked for: one text for all cases would be planned for none of them.
        string?[] asked =
        [
            query.Person is null ? null : "person = @person", query.Unit is null ? null : "unit = @unit", query.Agency is null ? null : "agency = @agency",
            query.Level is null ? null : "level = @level", query.Acknowledged switch { null => null, true => "acknowledged_at IS NOT NULL", false => "acknowledged_at IS NULL" },
            query.After is null ? null : "(due_at, code, rule, cycle, recipient) > (@after_due, @after_code, @after_rule, @after_cycle, @after_recipient)",
        ];
        const string Order = "ORDER BY due_at, code, rule, cycle, recipient LIMIT @limit";
        string Page(string which) => $"SELECT * FROM {Table} WHERE {string.Join(" AND ", asked.Append(which).Where(part => part is not null))} {Order}";
        // For somebody's units, the first of each, and of what is told to them besides.
        await using var command = database.CreateCommand(query.IsWithin ? Page("true")
            : query is not { Person: null, Unit: null, Agency: null } ? Page("(unit = ANY(@units) OR agency = ANY(@units) OR person = @self)")
            : $"""
               SELECT a.* FROM unnest(@units) AS own (name) CROSS JOIN LATERAL ({Page("unit = own.name")}) a
               UNION SELECT a.* FROM unnest(@units) AS own (name) CROSS JOIN LATERAL ({Page("agency = own.name")}) a
               UNION ({Page("person = @self")}) {Order}
               """);
        command.Parameters.AddText("person", query.Person);
        command.Parameters.AddText("unit", query.Unit);
        command.Parameters.AddText("agency", query.Agency);
        command.Parameters.AddTexts("units", query.Units);
        command.Parameters.AddText("self", query.Self);
        command.Parameters.AddText("level", query.Level is { } level ? NameOf(level) : null);
        command.Parameters.AddTime("after_due", query.After?.DueAt);
        command.Parameters.AddText("after_code", query.After?.Code);
        command.Parameters.AddText("after_rule", query.After?.Rule);
        command.Parameters.AddWithValue("after_cycle", query.After?.Cycle ?? 0);
        command.Parameters.AddWithValue("after_recipient", query.After?.Recipient ?? 0);
        command.Parameters.AddWithValue("limit", query.Limit);
        var rows = new List<Row>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            rows.Add(ReadRow(row));
        return rows;
    }

    /// <summary>The same as it stood at a moment that has passed: what was open then, acknowledged only where it had been by then.</summary>
    /// <param name="visible">Told a row and every event of its dossier; in the place of the query's units, which are about now.</param>
    public async Task<PastRows<Row>> ThenAsync(
        Database database, AsOf asOf, Query query, Func<Row, IReadOnlyList<StoredEvent>, bool>? visible = null, CancellationToken cancel = default)
    {
        var found = await StreamOrder.StreamsAsync(database, await database.HeadAsync(cancel), () => (Rows: new SortedSet<Row>(_order), Count: new long[1]), (sum, events) =>
        {
            // Most dossiers never had an alert, and need not be folded.
            if (!events.Exists(Begins))
                return;
            foreach (var row in RowsOf(Dossier.Fold(events[0].Stream, events.Where(asOf.Includes))).Where(row => Matches(query, row) && visible?.Invoke(row, events) is not false))
            {
                sum.Count[0]++;
                if (sum.Rows.Add(row) && sum.Rows.Count > query.Limit)
                    sum.Rows.Remove(sum.Rows.Max!);
            }
        }, null, cancel);
        return new([.. found.SelectMany(f => f.Rows).Order(_order).Take(query.Limit)], found.Sum(f => f.Count[0]));
    }

    private static bool Matches(Query query, Row row) =>
        (query.Person is null || row.Person == query.Person) && (query.Unit is null || row.Unit == query.Unit) && (query.Agency is null || row.Agency == query.Agency)
        && (query.Level is null || row.Level == query.Level) && (query.Acknowledged is null || row.AcknowledgedAt is not null == query.Acknowledged)
        && (query.After is null || _order.Compare(row, query.After) > 0);

    private static readonly Comparer<Row> _order = Comparer<Row>.Create((one, other) =>
        one.DueAt.CompareTo(other.DueAt) is not 0 and var due ? due
        : string.CompareOrdinal(one.Code, other.Code) is not 0 and var code ? code
        : string.CompareOrdinal(one.Rule, other.Rule) is not 0 and var rule ? rule
        : one.Cycle.CompareTo(other.Cycle) is not 0 and var cycle ? cycle : one.Recipient.CompareTo(other.Recipient));

    private static Row ReadRow(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), (AlertLevel)Array.IndexOf(_levels, row.GetString(4)), row.TimeOrNull(5)!.Value, row.TimeOrNull(6)!.Value)
    {
        Person = row.TextOrNull(7),
        Post = row.TextOrNull(8),
        Unit = row.TextOrNull(9),
        Agency = row.TextOrNull(10),
        Procedure = row.TextOrNull(11),
        Due = row.TimeOrNull(12),
        AcknowledgedAt = row.TimeOrNull(13),
        SnoozedUntil = row.TimeOrNull(14),
    };
}
