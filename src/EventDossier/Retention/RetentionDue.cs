using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Retention;

/// <summary>Somebody whose data may be erased.</summary>
/// <param name="Dossiers">That name them, complaints included, and those that did by mistake.</param>
/// <param name="KeptUntil">When the last retention ended; null where none was owed.</param>
public sealed record DueApplicant(Guid Applicant, long Dossiers, DateTimeOffset? KeptUntil);

/// <summary>How many applicants may be erased, and what stands in the way of the rest: the first of these that does.</summary>
/// <param name="Held">An order forbids it, for them or one of their dossiers.</param>
/// <param name="Open">A dossier is not finished.</param>
/// <param name="NoRetention">A procedure states no retention.</param>
/// <param name="NotYet">A retention has not ended.</param>
/// <param name="Erased">Done.</param>
public sealed record RetentionCounts(long Due, long Held, long Open, long NoRetention, long NotYet, long Erased);

/// <summary>
/// Who may be erased at a moment, by what an erasure itself asks: every dossier and complaint finished and past the retention that its procedure states now, and no hold. Asked of all at once in SQL; the erasure decides for
/// each again.
/// </summary>
public static class RetentionDue
{
    /// <summary>A row for each applicant with <c>standing</c>: due, held, open, noRetention, notYet or erased.</summary>
    private static readonly string _standing =
        $$"""
        WITH retention AS (
            SELECT DISTINCT ON (e.stream_id) substr(e.stream_id, 12) AS procedure, (e.data ->> 'retentionYears')::int AS years FROM dossier.mt_events e
            WHERE e.stream_id >= '/procedure/' AND e.stream_id < '/procedure0' AND e.data ? 'retentionYears' ORDER BY e.stream_id, e.version DESC
        ), told AS (
            SELECT o.applicant, o.finished_at, r.years, o.holds > 0 AS held, false AS former FROM {{Overview.View.Table}} o LEFT JOIN retention r ON r.procedure = o.procedure
            WHERE o.applicant > @after
            UNION ALL
            SELECT f.applicant, NULL, NULL, o.holds > 0, true FROM {{Overview.View.Table}} o CROSS JOIN LATERAL unnest(string_to_array(o.former, ' ')) AS f (applicant)
            WHERE o.former IS NOT NULL AND f.applicant > @after AND f.applicant IS DISTINCT FROM o.applicant
            UNION ALL
            SELECT r.data #>> '{statement,applicant}', (
                SELECT (c.data ->> 'occurredAt')::timestamptz FROM dossier.mt_events c
                WHERE c.stream_id = r.stream_id AND c.type IN ('complaint_closed', 'complaint_declined') ORDER BY c.version LIMIT 1),
                (r.data #>> '{limit,retentionYears}')::int, false, false
            FROM dossier.mt_events r
            WHERE r.stream_id >= '/complaint/' AND r.stream_id < '/complaint0' AND r.version = 1 AND r.data #>> '{statement,applicant}' > @after
        ), record AS (
            SELECT substr(e.stream_id, 12) AS applicant, bool_or(e.type = 'applicant_erased') AS erased,
                count(*) FILTER (WHERE e.type = 'legal_hold_placed') > count(*) FILTER (WHERE e.type = 'legal_hold_lifted') AS held
            FROM dossier.mt_events e WHERE e.stream_id >= '/applicant/' AND e.stream_id < '/applicant0' GROUP BY e.stream_id
        ), standing AS (
            SELECT t.applicant, count(*) AS dossiers, max(t.finished_at + make_interval(years => t.years)) FILTER (WHERE NOT t.former) AS kept_until,
                CASE WHEN bool_or(r.erased) THEN 'erased'
                    WHEN bool_or(r.held OR t.held) THEN 'held'
                    WHEN bool_or(t.finished_at IS NULL AND NOT t.former) THEN 'open'
                    WHEN bool_or(t.years IS NULL AND NOT t.former) THEN 'noRetention'
                    WHEN bool_or(t.finished_at + make_interval(years => t.years) > @as_of AND NOT t.former) THEN 'notYet'
                    ELSE 'due' END AS standing
            FROM told t LEFT JOIN record r ON r.applicant = t.applicant GROUP BY t.applicant
        )
        """;

    /// <summary>A page of who may be erased, by id. The overview must have caught up.</summary>
    public static async Task<IReadOnlyList<DueApplicant>> ListAsync(Database database, DateTimeOffset asOf, Guid? after, int limit, CancellationToken cancel = default)
    {
        await using var command = Ask(database, asOf, after, "SELECT applicant, dossiers, kept_until FROM standing WHERE standing = 'due' ORDER BY applicant LIMIT @limit");
        command.Parameters.AddWithValue("limit", limit);
        var due = new List<DueApplicant>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            due.Add(new(Guid.Parse(row.GetString(0)), row.GetInt64(1), row.TimeOrNull(2)));
        return due;
    }

    public static async Task<RetentionCounts> CountAsync(Database database, DateTimeOffset asOf, CancellationToken cancel = default)
    {
        await using var command = Ask(database, asOf, null, "SELECT standing, count(*) FROM standing GROUP BY standing");
        var counts = new Dictionary<string, long>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            counts.Add(row.GetString(0), row.GetInt64(1));
        long Of(string standing) => counts.GetValueOrDefault(standing);
        return new(Of("due"), Of("held"), Of("open"), Of("noRetention"), Of("notYet"), Of("erased"));
    }

    private static NpgsqlCommand Ask(Database database, DateTimeOffset asOf, Guid? after, string question)
    {
        var command = database.App.CreateCommand($"{_standing}\n{question}");
        command.CommandTimeout = 0;
        command.Parameters.AddWithValue("as_of", asOf.ToUniversalTime());
        command.Parameters.AddText("after", after?.ToString() ?? "");
        return command;
    }
}
