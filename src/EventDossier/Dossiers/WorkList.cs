using EventDossier.Store;
using Npgsql;

namespace EventDossier.Dossiers;

/// <summary>One row per dossier that somebody still has to work on, with whom it lies; the row goes when the result is ready.</summary>
public sealed class WorkList : View<WorkList.Row>
{
    public static readonly WorkList View = new();

    /// <param name="Since">When it came to the officer.</param>
    /// <param name="LastStep">What was done last.</param>
    public sealed record Row(string Code, long Version)
    {
        public string? Unit { get; init; }
        public string? Officer { get; init; }
        public string? Procedure { get; init; }
        public DateTimeOffset? Since { get; init; }
        public DateTimeOffset? Due { get; init; }
        public string? LastStep { get; init; }

        /// <summary>The unit that it is offered to and that has not answered.</summary>
        public string? OfferedTo { get; init; }
    }

    public override string Name => "work_list";

    protected override string TableBody =>
        "code text NOT NULL PRIMARY KEY, version bigint NOT NULL, unit text, officer text, procedure text, since timestamptz, due timestamptz, last_step text, offered_to text";

    protected override IReadOnlyList<string> Indexes => ["(officer, due, code)", "(unit, due, code)", "(offered_to) WHERE offered_to IS NOT NULL"];

    protected override IReadOnlyList<Column<Row>> Columns { get; } =
    [
        Column<Row>.Text("code", r => r.Code),
        Column<Row>.Number("version", r => r.Version),
        Column<Row>.Text("unit", r => r.Unit),
        Column<Row>.Text("officer", r => r.Officer),
        Column<Row>.Text("procedure", r => r.Procedure),
        Column<Row>.Time("since", r => r.Since),
        Column<Row>.Time("due", r => r.Due),
        Column<Row>.Text("last_step", r => r.LastStep),
        Column<Row>.Text("offered_to", r => r.OfferedTo),
    ];

    protected override Row ReadRow(NpgsqlDataReader row) => new(row.GetString(0), row.GetInt64(1))
    {
        Unit = row.TextOrNull(2),
        Officer = row.TextOrNull(3),
        Procedure = row.TextOrNull(4),
        Since = row.TimeOrNull(5),
        Due = row.TimeOrNull(6),
        LastStep = row.TextOrNull(7),
        OfferedTo = row.TextOrNull(8),
    };

    public override Row? Apply(Row? row, StoredEvent e) => e.Event switch
    {
        // What is submitted waits for its answer at the counter.
        DossierSubmitted r => new(e.Stream, e.Version) { Procedure = r.Procedure.Code, Since = r.OccurredAt, Due = r.AnswerDue },
        DossierReceived r => new(e.Stream, e.Version)
        {
            Unit = r.Unit, Officer = r.Officer, Procedure = r.Procedure?.Code, Since = r.OccurredAt, Due = r.Due,
        },
        ResultReady or ResultReturned or DossierRated or DossierWithdrawn or DossierTerminated or SubmissionRefused or ReceiptVoided => null,
        NumberReserved or NumberVoided => null,
        DossierEvent when row is null => null,
        DossierAssigned a => row with { Version = e.Version, Officer = a.Officer, Unit = a.Unit ?? row.Unit, Since = a.OccurredAt },
        HandOverOffered o => row with { Version = e.Version, OfferedTo = o.ToUnit },
        HandOverSentBack => row with { Version = e.Version, OfferedTo = null },
        HandOverAccepted a => row with { Version = e.Version, Officer = a.Officer, Unit = a.Unit, Since = a.OccurredAt, OfferedTo = null },
        StepCompleted s => row with { Version = e.Version, LastStep = s.Step },
        ActivityImported s => row with { Version = e.Version, LastStep = s.Activity },
        ProcedureCorrected c => row with { Version = e.Version, Procedure = c.Procedure.Code, Due = c.Due },
        ClockMoved c => row with { Version = e.Version, Due = c.Due },
        StepStarted or ConsultationAsked or ConsultationAnswered or DossierLinked or DocumentAttached or SupplementRequested
            or FeeAsked or DossierStopped or LateApology or ApplicantCorrected or SlipReissued or DossierDecided or DossierImported
            or AlertRaised or AlertWithdrawn or AlertAcknowledged or AlertSnoozed or NoticeSent or CollectionReminded or ProgressTracked or DossierHeld or DossierHoldLifted => row with { Version = e.Version },
        DossierEvent other => throw new InvalidOperationException($"{other.GetType().Name} is not known to the work list"),
        _ => row,
    };

    /// <summary>What lies with an officer or a unit, by due date; what has none comes last.</summary>
    /// <param name="after">Due date and code of the last row of the page before, which may be gone by now.</param>
    public async Task<IReadOnlyList<Row>> OfAsync(
        NpgsqlDataSource database, string? officer, string? unit, (DateTimeOffset? Due, string Code)? after = null, int limit = 50, CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(
            $"""
            SELECT * FROM {Table}
            WHERE (@officer IS NULL OR officer = @officer) AND (@unit IS NULL OR unit = @unit)
              AND (@after_code IS NULL OR (coalesce(due, 'infinity'), code) > (coalesce(@after_due, 'infinity'), @after_code))
            ORDER BY due NULLS LAST, code LIMIT @limit
            """);
        command.Parameters.AddText("officer", officer);
        command.Parameters.AddText("unit", unit);
        command.Parameters.AddTime("after_due", after?.Due);
        command.Parameters.AddText("after_code", after?.Code);
        command.Parameters.AddWithValue("limit", limit);
        var rows = new List<Row>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            rows.Add(ReadRow(reader));
        return rows;
    }

    /// <summary>What is offered to units and waits for their answer, by due date.</summary>
    public async Task<IReadOnlyList<Row>> OfferedAsync(NpgsqlDataSource database, IReadOnlyCollection<string> units, int limit = 50, CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand($"SELECT * FROM {Table} WHERE offered_to = ANY(@units) ORDER BY due NULLS LAST, code LIMIT @limit");
        command.Parameters.AddTexts("units", units);
        command.Parameters.AddWithValue("limit", limit);
        var rows = new List<Row>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            rows.Add(ReadRow(reader));
        return rows;
    }

    /// <summary>The officer with whom the most lies; null where nothing lies with anybody.</summary>
    public async Task<string?> BusiestAsync(NpgsqlDataSource database, CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand($"SELECT officer FROM {Table} WHERE officer IS NOT NULL GROUP BY officer ORDER BY count(*) DESC, officer LIMIT 1");
        return (string?)await command.ExecuteScalarAsync(cancel);
    }

    /// <summary>The same as it stood at a moment that has passed.</summary>
    /// <param name="visible">Told every event of the dossier.</param>
    public Task<PastRows<Row>> ThenAsync(
        Database database, AsOf asOf, string? officer, string? unit, (DateTimeOffset? Due, string Code)? after = null, int limit = 50,
        Func<IReadOnlyList<StoredEvent>, bool>? visible = null, CancellationToken cancel = default) => ThenAsync(database, asOf.Includes, (row, events) =>
            (officer is null || row.Officer == officer) && (unit is null || row.Unit == unit)
            && (after is not var (due, code) || _order.Compare(row, new(code, 0) { Due = due }) > 0) && visible?.Invoke(events) is not false, _order, limit, cancel);

    private static readonly Comparer<Row> _order = Comparer<Row>.Create((one, other) =>
        (one.Due ?? DateTimeOffset.MaxValue).CompareTo(other.Due ?? DateTimeOffset.MaxValue) is not 0 and var due ? due : string.CompareOrdinal(one.Code, other.Code));
}
