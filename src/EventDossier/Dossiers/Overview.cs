using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using EventDossier.Applicants;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Dossiers;

/// <summary>One row per dossier: where it stands, and the words by which it is found.</summary>
public sealed class Overview : View<Overview.Row>
{
    public static readonly Overview View = new();

    /// <param name="Version">Of the last event, as is <paramref name="Position"/>: an event missing in the log shows here.</param>
    public sealed record Row(string Code, long Version, long Position, Stage Stage)
    {
        public string? Procedure { get; init; }
        public long? ProcedureVersion { get; init; }
        public string? Channel { get; init; }
        public string? Agency { get; init; }
        public string? Unit { get; init; }
        public string? Officer { get; init; }

        /// <summary>Whose keys the dossier's personal data lies under.</summary>
        public string? Applicant { get; init; }

        /// <summary>Who applies, sealed: a list opens a page of them in one go, and an erased applicant's no more. For no reader of the list.</summary>
        [JsonIgnore]
        public string? Sealed { get; init; }

        /// <summary>Whom it named by mistake, apart by blanks: their data stands in its events as before.</summary>
        public string? Former { get; init; }

        /// <summary>Orders that forbid erasing any of them.</summary>
        public long Holds { get; init; }
        public DateTimeOffset? SubmittedAt { get; init; }
        public DateTimeOffset? ReceivedAt { get; init; }
        public DateTimeOffset? Due { get; init; }
        public DateTimeOffset? PlannedEnd { get; init; }
        public DateTimeOffset? FinishedAt { get; init; }
        public DateTimeOffset? ReturnedAt { get; init; }
        public long Steps { get; init; }
        public string? LastStep { get; init; }
        public DateTimeOffset? LastStepAt { get; init; }
        public string? Source { get; init; }

        /// <summary>Codes that it had in older systems, apart by a line's end.</summary>
        public string? Aliases { get; init; }
    }

    public override string Name => "overview";

    /// <summary>The words are made here already, so nothing is left for PostgreSQL to parse.</summary>
    private const string Lexemes = "array_to_tsvector(string_to_array(words, ' '))";

    protected override string TableBody =>
        """
        code text NOT NULL PRIMARY KEY, version bigint NOT NULL, position bigint NOT NULL, stage text NOT NULL,
        procedure text, procedure_version bigint, channel text, agency text, unit text, officer text,
        received_at timestamptz, due timestamptz, planned_end timestamptz, finished_at timestamptz, returned_at timestamptz,
        steps bigint NOT NULL, last_step text, last_step_at timestamptz, source text, applicant text, submitted_at timestamptz, sealed text, former text, holds bigint NOT NULL, aliases text,
        words text NOT NULL
        """;

    protected override IReadOnlyList<string> Indexes => [$"USING gin ({Lexemes})", "(applicant) WHERE applicant IS NOT NULL", "(finished_at, code) WHERE stage = 'resultReady'", "USING gin (string_to_array(former, ' ')) WHERE former IS NOT NULL"];

    protected override IReadOnlyList<Column<Row>> Columns { get; } =
    [
        Column<Row>.Text("code", r => r.Code),
        Column<Row>.Number("version", r => r.Version),
        Column<Row>.Number("position", r => r.Position),
        Column<Row>.Text("stage", r => StageNames.Of(r.Stage)),
        Column<Row>.Text("procedure", r => r.Procedure),
        Column<Row>.Number("procedure_version", r => r.ProcedureVersion),
        Column<Row>.Text("channel", r => r.Channel),
        Column<Row>.Text("agency", r => r.Agency),
        Column<Row>.Text("unit", r => r.Unit),
        Column<Row>.Text("officer", r => r.Officer),
        Column<Row>.Time("received_at", r => r.ReceivedAt),
        Column<Row>.Time("due", r => r.Due),
        Column<Row>.Time("planned_end", r => r.PlannedEnd),
        Column<Row>.Time("finished_at", r => r.FinishedAt),
        Column<Row>.Time("returned_at", r => r.ReturnedAt),
        Column<Row>.Number("steps", r => r.Steps),
        Column<Row>.Text("last_step", r => r.LastStep),
        Column<Row>.Time("last_step_at", r => r.LastStepAt),
        Column<Row>.Text("source", r => r.Source),
        Column<Row>.Text("applicant", r => r.Applicant),
        Column<Row>.Time("submitted_at", r => r.SubmittedAt),
        Column<Row>.Text("sealed", r => r.Sealed),
        Column<Row>.Text("former", r => r.Former),
        Column<Row>.Number("holds", r => r.Holds),
        Column<Row>.Text("aliases", r => r.Aliases),
        Column<Row>.Text("words", SearchWords),
    ];

    protected override Row ReadRow(NpgsqlDataReader row) => new(row.GetString(0), row.GetInt64(1), row.GetInt64(2), StageNames.Parse(row.GetString(3)))
    {
        Procedure = row.TextOrNull(4),
        ProcedureVersion = row.NumberOrNull(5),
        Channel = row.TextOrNull(6),
        Agency = row.TextOrNull(7),
        Unit = row.TextOrNull(8),
        Officer = row.TextOrNull(9),
        ReceivedAt = row.TimeOrNull(10),
        Due = row.TimeOrNull(11),
        PlannedEnd = row.TimeOrNull(12),
        FinishedAt = row.TimeOrNull(13),
        ReturnedAt = row.TimeOrNull(14),
        Steps = row.GetInt64(15),
        LastStep = row.TextOrNull(16),
        LastStepAt = row.TimeOrNull(17),
        Source = row.TextOrNull(18),
        Applicant = row.TextOrNull(19),
        SubmittedAt = row.TimeOrNull(20),
        Sealed = row.TextOrNull(21),
        Former = row.TextOrNull(22),
        Holds = row.GetInt64(23),
        Aliases = row.TextOrNull(24),
    };

    public override Row? Apply(Row? row, StoredEvent e)
    {
        if (e.Event is not DossierEvent @event)
            return row;
        row = (row ?? new(e.Stream, 0, 0, Stage.Unknown)) with { Version = e.Version, Position = e.Position };
        return @event switch
        {
            NumberReserved or NumberVoided => null, // nobody's dossier
            DossierSubmitted r => row with
            {
                Stage = row.UpTo(Stage.Submitted), Procedure = r.Procedure.Code, ProcedureVersion = r.Procedure.Version, Channel = r.Channel, Agency = r.Agency, Applicant = Id(r.Applicant), Sealed = r.Applicant?.Data, SubmittedAt = r.OccurredAt,
            },
            DossierReceived r => row with
            {
                Stage = row.UpTo(Stage.Received), Procedure = r.Procedure?.Code, ProcedureVersion = r.Procedure?.Version, Channel = r.Channel, Agency = r.Agency, Unit = r.Unit,
                Officer = r.Officer, ReceivedAt = r.OccurredAt, Due = r.Due, PlannedEnd = r.PlannedEnd, Applicant = Id(r.Applicant) ?? row.Applicant,
                Sealed = r.Applicant?.Data ?? row.Sealed,
            },
            SubmissionRefused f => row with { Stage = row.UpTo(Stage.Refused), FinishedAt = f.OccurredAt },
            ReceiptVoided f => row with { Stage = row.UpTo(Stage.Voided), FinishedAt = f.OccurredAt },
            ApplicantCorrected c => row with { Applicant = Id(c.Applicant), Sealed = c.Applicant.Data, Former = Formerly(row, Id(c.Applicant)!) },
            DossierHeld => row with { Holds = row.Holds + 1 },
            DossierHoldLifted => row with { Holds = row.Holds - 1 },
            ProcedureCorrected c => row with { Procedure = c.Procedure.Code, ProcedureVersion = c.Procedure.Version, Due = c.Due },
            ProcedureVersionChanged c => row with { ProcedureVersion = c.Procedure.Version, Due = c.Due },
            DossierAssigned a => row with { Stage = row.UpTo(Stage.InProgress), Officer = a.Officer, Unit = a.Unit ?? row.Unit },
            HandOverAccepted a => row with { Stage = row.UpTo(Stage.InProgress), Officer = a.Officer, Unit = a.Unit },
            StepCompleted s => row with { Stage = row.UpTo(Stage.InProgress), Steps = row.Steps + 1, LastStep = s.Step, LastStepAt = s.OccurredAt },
            ActivityImported s => row with { Stage = row.UpTo(Stage.InProgress), Steps = row.Steps + 1, LastStep = s.Activity, LastStepAt = s.OccurredAt },
            StepStarted or HandOverOffered or HandOverSentBack or ConsultationAsked or SupplementRequested or FeeAsked => row.Advance(Stage.InProgress),
            ClockMoved c => row with { Due = c.Due },
            DossierDecided => row.Advance(Stage.Decided),
            ResultReady f => row with { Stage = row.UpTo(Stage.ResultReady), FinishedAt = f.OccurredAt },
            ResultReturned f => row with { Stage = row.UpTo(Stage.Returned), ReturnedAt = f.OccurredAt },
            DossierWithdrawn f => row with { Stage = row.UpTo(Stage.Withdrawn), FinishedAt = f.OccurredAt },
            DossierTerminated f => row with { Stage = row.UpTo(Stage.Terminated), FinishedAt = f.OccurredAt },
            SlipReissued or ConsultationAnswered or DossierLinked or DocumentAttached or DossierStopped or LateApology or DossierRated
                or AlertRaised or AlertWithdrawn or AlertAcknowledged or AlertSnoozed or NoticeSent or CollectionReminded or ProgressTracked => row,
            DossierImported i => row with { Source = i.Sha256, Aliases = i.Aliases is { } old ? string.Join('\n', old) : null },
            _ => throw new InvalidOperationException($"{@event.GetType().Name} is not known to the overview"),
        };
    }

    /// <param name="Search">Words, each of which must begin a word of the dossier's code or an older one, procedure, agency, unit, officer or channel; diacritics don't matter.</param>
    /// <param name="After">The code of the last row of the page before.</param>
    public sealed record Query(string? Search = null, string? Agency = null, string? Unit = null, string? Officer = null, Stage? Stage = null, string? After = null, int Limit = 50)
    {
        /// <summary>Only what lies with one of these units, or whose agency is one of them; null for all.</summary>
        public IReadOnlyCollection<string>? Units { get; init; }

        /// <summary>Only this applicant's.</summary>
        public string? Applicant { get; init; }
    }

    /// <summary>By code.</summary>
    public async Task<IReadOnlyList<Row>> FindAsync(NpgsqlDataSource database, Query query, CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(
            $"""
            SELECT * FROM {Table}
            WHERE (@search IS NULL OR {Lexemes} @@ to_tsquery('simple', @search))
              AND (@agency IS NULL OR agency = @agency) AND (@unit IS NULL OR unit = @unit) AND (@officer IS NULL OR officer = @officer)
              AND (@stage IS NULL OR stage = @stage) AND (@after IS NULL OR code > @after) AND (@applicant IS NULL OR applicant = @applicant)
              AND (@units::text[] IS NULL OR agency = ANY(@units) OR unit = ANY(@units))
            ORDER BY code LIMIT @limit
            """);
        var words = query.Search is null ? [] : Words(query.Search);
        command.Parameters.AddText("search", words.Length == 0 ? null : string.Join(" & ", words.Select(w => $"{w}:*")));
        command.Parameters.AddText("agency", query.Agency);
        command.Parameters.AddText("unit", query.Unit);
        command.Parameters.AddText("officer", query.Officer);
        command.Parameters.AddText("stage", query.Stage is { } stage ? StageNames.Of(stage) : null);
        command.Parameters.AddText("after", query.After);
        command.Parameters.AddText("applicant", query.Applicant);
        command.Parameters.AddTexts("units", query.Units);
        command.Parameters.AddWithValue("limit", query.Limit);
        var rows = new List<Row>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            rows.Add(ReadRow(reader));
        return rows;
    }

    /// <summary>Whose result is ready and not returned, the longest first.</summary>
    /// <param name="units">Only what lies with one of these units, or whose agency is one of them; null for all.</param>
    public async Task<IReadOnlyList<Row>> UncollectedAsync(
        NpgsqlDataSource database, IReadOnlyCollection<string>? units, (DateTimeOffset ReadyAt, string Code)? after, int limit, CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(
            $"""
            SELECT * FROM {Table}
            WHERE stage = 'resultReady' AND (@after_code IS NULL OR (finished_at, code) > (@after_at, @after_code))
              AND (@units::text[] IS NULL OR agency = ANY(@units) OR unit = ANY(@units))
            ORDER BY finished_at, code LIMIT @limit
            """);
        command.Parameters.AddTime("after_at", after?.ReadyAt);
        command.Parameters.AddText("after_code", after?.Code);
        command.Parameters.AddTexts("units", units);
        command.Parameters.AddWithValue("limit", limit);
        var rows = new List<Row>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            rows.Add(ReadRow(reader));
        return rows;
    }

    /// <summary>How many of some dossiers are of a procedure and came in a way.</summary>
    public sealed record Part(string? Procedure, string? Channel, long Dossiers);

    /// <summary>What some dossiers are made of, the most first.</summary>
    public async Task<IReadOnlyList<Part>> PartsAsync(NpgsqlDataSource database, IReadOnlyCollection<string> codes, CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(
            $"SELECT procedure, channel, count(*) FROM {Table} WHERE code = ANY(@codes) GROUP BY procedure, channel ORDER BY count(*) DESC, procedure, channel");
        command.Parameters.AddTexts("codes", codes);
        var parts = new List<Part>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            parts.Add(new(reader.IsDBNull(0) ? null : reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetInt64(2)));
        return parts;
    }

    private static string? Formerly(Row row, string now) => row.Applicant is not { } before || before == now ? row.Former
        : string.Join(' ', (row.Former?.Split(' ') ?? []).Append(before).Distinct());

    /// <summary>The same as it stood at a moment that has passed.</summary>
    /// <param name="visible">Told every event of the dossier; in the place of the query's units and applicant, which are about now.</param>
    public Task<PastRows<Row>> ThenAsync(Database database, AsOf asOf, Query query, Func<IReadOnlyList<StoredEvent>, bool>? visible = null, CancellationToken cancel = default)
    {
        var words = query.Search is null ? [] : Words(query.Search);
        return ThenAsync(database, asOf.Includes, (row, events) =>
            (query.Agency is null || row.Agency == query.Agency) && (query.Unit is null || row.Unit == query.Unit) && (query.Officer is null || row.Officer == query.Officer)
            && (query.Stage is null || row.Stage == query.Stage) && (query.After is null || string.CompareOrdinal(row.Code, query.After) > 0)
            && (words.Length == 0 || (SearchWords(row).Split(' ') is var held && words.All(word => held.Any(h => h.StartsWith(word, StringComparison.Ordinal)))))
            && visible?.Invoke(events) is not false, _order, query.Limit, cancel);
    }

    private static readonly Comparer<Row> _order = Comparer<Row>.Create((one, other) => string.CompareOrdinal(one.Code, other.Code));

    private static string? Id(Sealed? applicant) => applicant?.Applicant.ToString();

    private static string SearchWords(Row row) =>
        string.Join(' ', Words(string.Join(' ', row.Code, row.Procedure, row.Agency, row.Unit, row.Officer, row.Channel, row.Aliases)).Distinct());

    /// <summary>The words by which something is found: lower-case, without diacritics.</summary>
    public static string[] Words(string text) => Plain(text).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Lower-case letters and digits without diacritics, words apart by blanks: <c>Đăng ký H49.12</c> is <c>dang ky h49 12</c>.</summary>
    internal static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var c in Ascii.IsValid(text) ? text : text.Normalize(NormalizationForm.FormD))
        {
            if (char.IsLetterOrDigit(c))
                plain.Append(c is 'Đ' or 'đ' ? 'd' : char.ToLowerInvariant(c));
            else if (char.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark)
                plain.Append(' ');
        }
        return plain.ToString();
    }
}

internal static class OverviewRow
{
    public static Overview.Row Advance(this Overview.Row row, Stage to) => row.Stage < to ? row with { Stage = to } : row;

    public static Stage UpTo(this Overview.Row row, Stage to) => row.Stage < to ? to : row.Stage;
}
