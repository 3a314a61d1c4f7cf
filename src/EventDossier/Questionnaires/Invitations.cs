using EventDossier.Store;
using Npgsql;

namespace EventDossier.Questionnaires;

/// <summary>Who was asked and what they answered, one row for each invitation: what the figures of questionnaires are counted from.</summary>
public sealed class Invitations : View<Invitations.Row>
{
    public static readonly Invitations View = new();

    /// <param name="Code">Its stream.</param>
    /// <param name="Questions">How many were answered; null while none is.</param>
    /// <param name="Levels">The sum of their levels.</param>
    public sealed record Row(string Code, string Questionnaire, DateTimeOffset InvitedAt, string? Agency, ServiceLevel Level, long? Questions = null, long? Levels = null);

    public override string Name => "invitations";

    protected override string TableBody =>
        "code text NOT NULL PRIMARY KEY, questionnaire text NOT NULL, invited_at timestamptz NOT NULL, agency text, level text NOT NULL, questions bigint, levels bigint";

    protected override IReadOnlyList<string> Indexes => ["(questionnaire, invited_at) INCLUDE (agency, level, questions, levels)"];

    protected override IReadOnlyList<Column<Row>> Columns { get; } =
    [
        Column<Row>.Text("code", r => r.Code),
        Column<Row>.Text("questionnaire", r => r.Questionnaire),
        Column<Row>.Time("invited_at", r => r.InvitedAt),
        Column<Row>.Text("agency", r => r.Agency),
        Column<Row>.Text("level", r => $"{r.Level}"),
        Column<Row>.Number("questions", r => r.Questions),
        Column<Row>.Number("levels", r => r.Levels),
    ];

    protected override Row ReadRow(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.TimeOrNull(2)!.Value, row.TextOrNull(3), Enum.Parse<ServiceLevel>(row.GetString(4)), row.NumberOrNull(5), row.NumberOrNull(6));

    private protected override bool Takes(StoredEvent e) => e.Stream.StartsWith(Questionnaire.InvitationPrefix, StringComparison.Ordinal);

    public override Row? Apply(Row? row, StoredEvent e) => !Takes(e) ? row : e.Event switch
    {
        QuestionnaireInvited invited => new(e.Stream, invited.Questionnaire, invited.OccurredAt, invited.Agency, invited.Level),
        QuestionnaireAnswered answered => row is null ? null : row with { Questions = answered.Answers.Count, Levels = answered.Answers.Sum(a => a.Level) },
        _ => row,
    };

    /// <summary>Of those invited in a period, by level: satisfied, dissatisfied, and without an answer; and the position of the log that it was counted at.</summary>
    /// <param name="from">Inclusive.</param>
    /// <param name="to">Exclusive.</param>
    /// <param name="satisfied">The least average level of who is.</param>
    public async Task<(long Position, IReadOnlyDictionary<ServiceLevel, long[]> Counts)> CountAsync(
        NpgsqlDataSource database, string questionnaire, DateTimeOffset from, DateTimeOffset to, string? agency, int satisfied, CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(
            $"""
            SELECT p.last_seq_id, i.level, i.satisfied, i.dissatisfied, i.silent FROM dossier.mt_event_progression p LEFT JOIN (
              SELECT level, count(*) FILTER (WHERE levels >= @satisfied * questions) AS satisfied, count(*) FILTER (WHERE levels < @satisfied * questions) AS dissatisfied,
                count(*) FILTER (WHERE questions IS NULL) AS silent
              FROM {Table}
              WHERE questionnaire = @questionnaire AND invited_at >= @from AND invited_at < @to AND (@agency IS NULL OR agency = @agency) GROUP BY level) i ON TRUE
            WHERE p.name = '{Checkpoint}'
            """);
        command.Parameters.AddWithValue("satisfied", satisfied);
        command.Parameters.AddWithValue("questionnaire", questionnaire);
        command.Parameters.AddTime("from", from);
        command.Parameters.AddTime("to", to);
        command.Parameters.AddText("agency", agency);
        var (position, counts) = (0L, Enum.GetValues<ServiceLevel>().ToDictionary(level => level, _ => new long[3]));
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
        {
            position = row.GetInt64(0);
            if (row.TextOrNull(1) is { } level)
                counts[Enum.Parse<ServiceLevel>(level)] = [row.GetInt64(2), row.GetInt64(3), row.GetInt64(4)];
        }
        return (position, counts);
    }
}
