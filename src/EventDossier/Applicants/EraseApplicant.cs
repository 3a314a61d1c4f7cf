using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Applicants;

/// <summary>An event, a refusal, or neither: done already.</summary>
public sealed record ApplicantDecision(ApplicantEvent? Event, Refusal? Refusal)
{
    public static readonly ApplicantDecision AlreadyDone = new(null, null);

    public static implicit operator ApplicantDecision(ApplicantEvent e) => new(e, null);

    public static implicit operator ApplicantDecision(Refusal refusal) => new(null, refusal);
}

/// <summary>A dossier of the applicant, as far as erasure asks.</summary>
/// <param name="FinishedAt">Null while it is open.</param>
/// <param name="RetentionYears">Of its procedure; null when no version states one.</param>
public sealed record HeldDossier(string Code, DateTimeOffset? FinishedAt, int? RetentionYears)
{
    /// <summary>An order stands that forbids erasing whom it names.</summary>
    public bool IsHeld { get; init; }

    /// <summary>It names another applicant by now: what it says of this one was a mistake, and is not kept for its sake.</summary>
    public bool IsFormer { get; init; }

    /// <summary>
    /// From the overview, which must have caught up; retention as the procedure's newest version that states one has it. A complaint, which has an applicant of its own, is told by its stream.
    /// </summary>
    public static async Task<IReadOnlyList<HeldDossier>> OfAsync(Database database, Guid applicant, CancellationToken cancel = default)
    {
        await using var command = database.App.CreateCommand(
            $$"""
            SELECT o.code, o.finished_at, (
                SELECT (e.data ->> 'retentionYears')::int FROM dossier.mt_events e
                WHERE e.stream_id = '/procedure/' || o.procedure AND e.data ? 'retentionYears' ORDER BY e.version DESC LIMIT 1),
                o.holds > 0, o.applicant IS DISTINCT FROM @applicant
            FROM {{Overview.View.Table}} o
            WHERE o.applicant = @applicant OR (o.former IS NOT NULL AND string_to_array(o.former, ' ') @> ARRAY[@applicant])
            UNION ALL
            SELECT r.stream_id, (
                SELECT (c.data ->> 'occurredAt')::timestamptz FROM dossier.mt_events c
                WHERE c.stream_id = r.stream_id AND c.type IN ('complaint_closed', 'complaint_declined') ORDER BY c.version LIMIT 1),
                (r.data #>> '{limit,retentionYears}')::int, false, false
            FROM dossier.mt_events r
            WHERE r.stream_id >= '/complaint/' AND r.stream_id < '/complaint0' AND r.version = 1 AND r.data #>> '{statement,applicant}' = @applicant
            ORDER BY 1
            """);
        command.Parameters.AddWithValue("applicant", applicant.ToString());
        var dossiers = new List<HeldDossier>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            dossiers.Add(new(row.GetString(0), row.TimeOrNull(1), row.IsDBNull(2) ? null : row.GetInt32(2)) { IsHeld = row.GetBoolean(3), IsFormer = row.GetBoolean(4) });
        return dossiers;
    }
}

/// <summary>Ends the keeping of an applicant's data: on a basis, by two persons, and not before the law lets go of it.</summary>
public sealed record EraseApplicant(string Basis, string ApprovedBy)
{
    /// <param name="isKnown">The key store has, or had, the applicant's key.</param>
    public static ApplicantDecision Decide(
        EraseApplicant act, Guid applicant, bool isKnown, ApplicantRecord record, IReadOnlyList<HeldDossier> dossiers, ActContext context)
    {
        if (!isKnown)
            return new Refusal("no-such-applicant", $"there is no applicant {applicant}");
        if (record.Erased is not null)
            return ApplicantDecision.AlreadyDone;
        if (string.IsNullOrWhiteSpace(act.Basis))
            return new Refusal("basis-missing", "an erasure names the request or provision that it rests on");
        if (string.IsNullOrWhiteSpace(act.ApprovedBy) || IsSame(act.ApprovedBy, context.Command.Actor))
            return new Refusal("approver-is-actor", "an erasure takes a second person");
        if (context.RefuseTime(TimeSpan.Zero) is { } refused)
            return refused;
        if (record.Holds is [var hold, ..])
            return new Refusal("legal-hold", $"a legal hold stands: {hold.Basis}");
        if (dossiers.FirstOrDefault(d => d.IsHeld) is { } held)
            return new Refusal("legal-hold", $"a legal hold stands on {held.Code}");
        if (dossiers.FirstOrDefault(d => d is { FinishedAt: null, IsFormer: false }) is { } open)
            return new Refusal("open-dossier", $"{open.Code} is still open");
        foreach (var dossier in dossiers.Where(d => !d.IsFormer))
        {
            if (dossier.RetentionYears is not { } years)
                return new Refusal("retention-not-ended", $"{dossier.Code}: its procedure states no retention, so nothing says that it has ended");
            if (dossier.FinishedAt!.Value.AddYears(years) > context.At)
                return new Refusal("retention-not-ended", $"{dossier.Code} is kept until {dossier.FinishedAt.Value.ToOffset(context.At.Offset).AddYears(years):yyyy-MM-dd}");
        }
        return new ApplicantErased(context.At, applicant, act.Basis.Trim(), act.ApprovedBy.Trim(), [.. dossiers.Select(d => d.Code)]);
    }

    /// <summary>The system's user <c>lan</c> is the actor <c>os:lan</c>.</summary>
    public static bool IsSame(string person, string actor) =>
        string.Equals(Bare(person), Bare(actor), StringComparison.OrdinalIgnoreCase);

    private static string Bare(string person) => person.Trim() is var name && name.StartsWith("os:", StringComparison.OrdinalIgnoreCase) ? name[3..] : name;
}

/// <summary>Nothing of the applicant may be erased until the hold is lifted.</summary>
public sealed record PlaceLegalHold(string Basis)
{
    public static ApplicantDecision Decide(PlaceLegalHold act, Guid applicant, bool isKnown, ApplicantRecord record, ActContext context) =>
        !isKnown ? new Refusal("no-such-applicant", $"there is no applicant {applicant}")
        : record.Erased is not null ? new Refusal("applicant-erased", "the applicant was erased: nothing is left to hold")
        : string.IsNullOrWhiteSpace(act.Basis) ? new Refusal("basis-missing", "a hold names the order that it rests on")
        : context.RefuseTime(TimeSpan.Zero) is { } refused ? refused
        : record.Holds.Exists(h => h.Basis == act.Basis.Trim()) ? ApplicantDecision.AlreadyDone
        : new LegalHoldPlaced(context.At, applicant, act.Basis.Trim());
}

/// <param name="Basis">Of the hold.</param>
public sealed record LiftLegalHold(string Basis, string Reason)
{
    public static ApplicantDecision Decide(LiftLegalHold act, Guid applicant, ApplicantRecord record, ActContext context) =>
        string.IsNullOrWhiteSpace(act.Reason) ? new Refusal("reason-missing", "the lifting of a hold says why")
        : context.RefuseTime(TimeSpan.Zero) is { } refused ? refused
        : !record.Holds.Exists(h => h.Basis == act.Basis.Trim()) ? new Refusal("no-such-hold", $"no hold on {applicant} rests on {act.Basis}")
        : new LegalHoldLifted(context.At, applicant, act.Basis.Trim(), act.Reason.Trim());
}
