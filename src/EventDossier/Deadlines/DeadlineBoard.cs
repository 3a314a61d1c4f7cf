using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Deadlines;

/// <summary>One row per dossier that has a due date: what is late now, or was or will be at any moment asked for.</summary>
public sealed class DeadlineBoard : View<DeadlineBoard.Row>
{
    public static readonly DeadlineBoard View = new();

    /// <param name="Due">Null until the receipt is known, and while the clock stands.</param>
    /// <param name="FinishedAt">When the clock stopped for good; null while it can still be late.</param>
    public sealed record Row(string Code, long Version, DateTimeOffset? Due)
    {
        public DateTimeOffset? ReceivedAt { get; init; }
        public DateTimeOffset? FinishedAt { get; init; }
        public string? Agency { get; init; }
        public string? Unit { get; init; }
        public string? Officer { get; init; }
        public string? Procedure { get; init; }
    }

    /// <summary>How long a dossier was late that was finished late; empty for any other, which a recheck may meet.</summary>
    private const string LateFor = "tstzrange(due, greatest(due, finished_at), '()')";

    public override string Name => "deadlines";

    protected override string TableBody =>
        """
        code text NOT NULL PRIMARY KEY, version bigint NOT NULL, due timestamptz, received_at timestamptz, finished_at timestamptz,
        agency text, unit text, officer text, procedure text
        """;

    protected override IReadOnlyList<string> Indexes =>
    [
        "(due, code) WHERE finished_at IS NULL",
        "(agency, due, code) WHERE finished_at IS NULL",
        "(unit, due, code) WHERE finished_at IS NULL",
        "(officer, due, code) WHERE finished_at IS NULL",
        // By the moment that lies between, so that the late ones of all years are not walked to find those of one day.
        $"USING gist ({LateFor}) WHERE finished_at > due",
    ];

    protected override IReadOnlyList<Column<Row>> Columns { get; } =
    [
        Column<Row>.Text("code", r => r.Code),
        Column<Row>.Number("version", r => r.Version),
        Column<Row>.Time("due", r => r.Due),
        Column<Row>.Time("received_at", r => r.ReceivedAt),
        Column<Row>.Time("finished_at", r => r.FinishedAt),
        Column<Row>.Text("agency", r => r.Agency),
        Column<Row>.Text("unit", r => r.Unit),
        Column<Row>.Text("officer", r => r.Officer),
        Column<Row>.Text("procedure", r => r.Procedure),
    ];

    protected override Row ReadRow(NpgsqlDataReader row) => new(row.GetString(0), row.GetInt64(1), row.TimeOrNull(2))
    {
        ReceivedAt = row.TimeOrNull(3),
        FinishedAt = row.TimeOrNull(4),
        Agency = row.TextOrNull(5),
        Unit = row.TextOrNull(6),
        Officer = row.TextOrNull(7),
        Procedure = row.TextOrNull(8),
    };

    public override Row? Apply(Row? row, StoredEvent e)
    {
        if (e.Event is not DossierEvent @event)
            return row;
        row = (row ?? new(e.Stream, 0, null)) with { Version = e.Version };
        return @event switch
        {
            NumberReserved or NumberVoided => null,
            DossierReceived r => row with
            {
                Due = r.Due, ReceivedAt = r.OccurredAt, Agency = r.Agency, Unit = r.Unit, Officer = r.Officer, Procedure = r.Procedure?.Code,
            },
            DossierSubmitted r => row with { Agency = r.Agency, Procedure = r.Procedure.Code },
            DossierAssigned a => row with { Officer = a.Officer, Unit = a.Unit ?? row.Unit },
            HandOverAccepted a => row with { Officer = a.Officer, Unit = a.Unit },
            ProcedureCorrected c => row with { Procedure = c.Procedure.Code, Due = c.Due },
            ClockMoved c => row with { Due = c.Due },
            ResultReady or DossierWithdrawn or DossierTerminated or SubmissionRefused or ReceiptVoided => row with { FinishedAt = @event.OccurredAt },
            StepStarted or StepCompleted or HandOverOffered or HandOverSentBack or ConsultationAsked or ConsultationAnswered or DossierLinked or DocumentAttached
                or SupplementRequested or FeeAsked or DossierStopped or LateApology or ApplicantCorrected or SlipReissued
                or ActivityImported or DossierDecided or ResultReturned or DossierRated or DossierImported
                or AlertRaised or AlertWithdrawn or AlertAcknowledged or AlertSnoozed or NoticeSent or ProgressTracked or DossierHeld or DossierHoldLifted => row,
            _ => throw new InvalidOperationException($"{@event.GetType().Name} is not known to the deadlines"),
        };
    }

    /// <param name="After">The due moment and code of the last row of the page before.</param>
    public sealed record Query(string? Agency = null, string? Unit = null, string? Officer = null, (DateTimeOffset Due, string Code)? After = null, int Limit = 50)
    {
        /// <summary>Only what lies with one of these units, or whose agency is one of them; null for all.</summary>
        public IReadOnlyCollection<string>? Units { get; init; }

        /// <summary>What is asked for lies within the units anyway.</summary>
        internal bool IsWithin => Units is null || Units.Contains(Agency ?? "") || Units.Contains(Unit ?? "");
    }

    /// <summary>Dossiers that are due before a moment and not finished by then, the longest overdue first.</summary>
    public async Task<IReadOnlyList<Row>> OverdueAsync(NpgsqlDataSource database, DateTimeOffset at, Query query, CancellationToken cancel = default)
    {
        // An arm for each index that serves. For somebody's units, the first of each: their dossiers are few in the whole, and the index by due date would be walked far for them.
        var (filter, among) = (Filter(query), query.IsWithin ? "" : " AND (agency = ANY(@units) OR unit = ANY(@units))");
        var open = query is { Units: not null, IsWithin: false, Agency: null, Unit: null, Officer: null }
            ? from column in (string[])["agency", "unit"]
              select $"SELECT d.* FROM unnest(@units) AS own (name) CROSS JOIN LATERAL (SELECT * FROM {Table} WHERE finished_at IS NULL AND {column} = own.name AND {filter} ORDER BY due, code LIMIT @limit) d"
            : [$"(SELECT * FROM {Table} WHERE finished_at IS NULL{among} AND {filter} ORDER BY due, code LIMIT @limit)"];
        await using var command = database.CreateCommand(
            $"""
            {string.Join(" UNION ", open)}
            UNION (SELECT * FROM {Table} WHERE finished_at > due AND {LateFor} @> @at::timestamptz{among} AND {filter} ORDER BY due, code LIMIT @limit)
            ORDER BY due, code LIMIT @limit
            """);
        AddFilter(command, at, query);
        var rows = new List<Row>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            rows.Add(ReadRow(reader));
        return rows;
    }

    /// <summary>The same by what had happened, or was known, at a moment that has passed: a date that has moved since stands as it stood.</summary>
    /// <param name="visible">Told every event of the dossier.</param>
    public Task<PastRows<Row>> OverdueThenAsync(
        Database database, DateTimeOffset at, AsOf asOf, Query query, Func<IReadOnlyList<StoredEvent>, bool>? visible = null, CancellationToken cancel = default) =>
        ThenAsync(database, asOf.Includes, (row, events) =>
            row.Due < at && row.ReceivedAt <= at && (row.FinishedAt is null || row.FinishedAt > at)
            && (query.Agency is null || row.Agency == query.Agency) && (query.Unit is null || row.Unit == query.Unit) && (query.Officer is null || row.Officer == query.Officer)
            && (query.After is not var (due, code) || _order.Compare(row, new(code, 0, due)) > 0) && visible?.Invoke(events) is not false, _order, query.Limit, cancel);

    private static readonly Comparer<Row> _order = Comparer<Row>.Create((one, other) =>
        one.Due!.Value.CompareTo(other.Due!.Value) is not 0 and var due ? due : string.CompareOrdinal(one.Code, other.Code));

    /// <summary>Codes of dossiers that are not finished, by code, after one of them.</summary>
    /// <param name="procedure">Only of this one.</param>
    public async Task<IReadOnlyList<string>> OpenAsync(NpgsqlDataSource database, string? after, string? procedure, int limit, CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(
            $"""
            SELECT code FROM {Table}
            WHERE finished_at IS NULL AND received_at IS NOT NULL AND (@after IS NULL OR code > @after) AND (@procedure IS NULL OR procedure = @procedure)
            ORDER BY code LIMIT @limit
            """);
        command.Parameters.AddText("after", after);
        command.Parameters.AddText("procedure", procedure);
        command.Parameters.AddWithValue("limit", limit);
        var codes = new List<string>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            codes.Add(row.GetString(0));
        return codes;
    }

    /// <summary>How many <see cref="OverdueAsync"/> would list in all.</summary>
    public async Task<long> CountOverdueAsync(NpgsqlDataSource database, DateTimeOffset at, Query query, CancellationToken cancel = default)
    {
        var among = query.IsWithin ? "" : " AND (agency = ANY(@units) OR unit = ANY(@units))";
        await using var command = database.CreateCommand(
            $"""
            SELECT (SELECT count(*) FROM {Table} WHERE finished_at IS NULL AND {Filter(query)}{among})
                 + (SELECT count(*) FROM {Table} WHERE finished_at > due AND {LateFor} @> @at::timestamptz AND {Filter(query)}{among})
            """);
        AddFilter(command, at, query);
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <param name="Counts">Of dossiers whose clock stands; then of those due before each boundary, and after the last.</param>
    public sealed record Load(string? Unit, string? Officer, IReadOnlyList<long> Counts);

    /// <summary>How much lies with whom, by when it is due.</summary>
    /// <param name="boundaries">Ascending.</param>
    public async Task<IReadOnlyList<Load>> LoadsAsync(
        NpgsqlDataSource database, IReadOnlyList<DateTimeOffset> boundaries, IReadOnlyCollection<string>? units, CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(
            $"""
            SELECT unit, officer, coalesce(width_bucket(due, @boundaries::timestamptz[]) + 1, 0), count(*) FROM {Table}
            WHERE finished_at IS NULL AND received_at IS NOT NULL AND (@units::text[] IS NULL OR agency = ANY(@units) OR unit = ANY(@units))
            GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """);
        command.Parameters.Add(new NpgsqlParameter<DateTime[]>("boundaries", [.. boundaries.Select(b => b.UtcDateTime)]));
        command.Parameters.AddTexts("units", units);
        var loads = new List<Load>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
        {
            var (unit, officer) = (row.TextOrNull(0), row.TextOrNull(1));
            if (loads is not [.., var last] || (last.Unit, last.Officer) != (unit, officer))
                loads.Add(new(unit, officer, new long[boundaries.Count + 2]));
            ((long[])loads[^1].Counts)[row.GetInt32(2)] = row.GetInt64(3);
        }
        return loads;
    }

    /// <summary>Only what is asked for: one text for all cases would be planned for none of them.</summary>
    private static string Filter(Query query) => string.Join(" AND ", ((string?[])
    [
        "due < @at AND received_at <= @at", query.Agency is null ? null : "agency = @agency", query.Unit is null ? null : "unit = @unit",
        query.Officer is null ? null : "officer = @officer", query.After is null ? null : "(due, code) > (@after_due, @after_code)",
    ]).Where(part => part is not null));

    private static void AddFilter(NpgsqlCommand command, DateTimeOffset at, Query query)
    {
        command.Parameters.AddTime("at", at);
        command.Parameters.AddText("agency", query.Agency);
        command.Parameters.AddText("unit", query.Unit);
        command.Parameters.AddText("officer", query.Officer);
        command.Parameters.AddTime("after_due", query.After?.Due);
        command.Parameters.AddText("after_code", query.After?.Code);
        command.Parameters.AddTexts("units", query.Units);
        command.Parameters.AddWithValue("limit", query.Limit);
    }
}
