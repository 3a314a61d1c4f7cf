using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using EventDossier.Store;

namespace EventDossier.Deliveries;

/// <summary>The morning's mail to each supervisor: what of their unit is overdue, and what soon will be.</summary>
public static class Digest
{
    private const int MostListed = 200;
    private const int DaysAhead = 2;
    private static readonly Guid _digests = new("b1a0f2b0-6c1f-5a43-9d0e-6f1f0c7f2a55");

    /// <param name="Dossiers">The first of them by due date.</param>
    public sealed record Facts(DateOnly Day, long Overdue, long Endangered, IReadOnlyList<Line> Dossiers);

    public sealed record Line(string Code, DateTimeOffset Due, string? Officer, bool Late);

    /// <summary>
    /// Puts the day's digests into the outbox: one for each person who acts for a supervisor's post as office hours begin, and has something to read. Made again, for the same day, it adds nothing.
    /// </summary>
    /// <returns>How many messages were added.</returns>
    public static async Task<int> MakeAsync(Database database, DeliverySettings settings, DateOnly day, CancellationToken cancel = default)
    {
        var rules = await Rulebook.LoadAsync(database, cancel);
        var at = new DateTimeOffset(day.ToDateTime(rules.Calendar.Hours.Sessions[0].From), rules.Calendar.Hours.UtcOffset);
        var calendar = rules.Known(at);
        var organisation = rules.Organisation;
        var units = organisation.UnitsAt(at);
        var posts = units.SelectMany(u => organisation.PostsOfUnit(u.Code, at)).Where(p => p.Role == PostRole.Supervisor)
            .Select(p => (p.Unit, Person: organisation.ActingHolder(p.Code, at))).Where(p => p.Person is not null);

        var messages = new List<Message>();
        foreach (var supervisor in posts.GroupBy(p => p.Person!))
        {
            var of = supervisor.SelectMany(p => Below(p.Unit)).Distinct().ToArray();
            var facts = await FactsAsync(database, of, day, at, calendar.Shift(at, DaysAhead * calendar.WorkdayMinutes), cancel);
            if (facts.Dossiers.Count > 0)
            {
                messages.AddRange(Receivers.Messages(
                    Uuid.V5(_digests, $"{day:yyyy-MM-dd}"), "digest", [supervisor.Key], organisation, settings, at, at, urgent: false, null, null, OutboxJson.Write(facts)));
            }
        }
        if (messages.Count == 0)
            return 0;
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        return await Outbox.AddAsync(connection, messages, database.Clock.GetUtcNow(), cancel);

        IEnumerable<string> Below(string unit) => units.Where(u => u.Parent == unit && u.Kind == UnitKind.Division).SelectMany(u => Below(u.Code)).Prepend(unit);
    }

    private static async Task<Facts> FactsAsync(Database database, string[] units, DateOnly day, DateTimeOffset now, DateTimeOffset until, CancellationToken cancel)
    {
        // A unit's dossiers are those that lie with it, and while nobody in particular has them, those of the agency.
        await using var command = database.App.CreateCommand(
            $"""
            SELECT code, due, officer, due < @now, count(*) FILTER (WHERE due < @now) OVER (), count(*) FILTER (WHERE due >= @now) OVER ()
            FROM {DeadlineBoard.View.Table}
            WHERE finished_at IS NULL AND due <= @until AND coalesce(unit, agency) = ANY(@units)
            ORDER BY due, code LIMIT {MostListed}
            """);
        command.Parameters.AddTime("now", now);
        command.Parameters.AddTime("until", until);
        command.Parameters.AddWithValue("units", units);
        var (overdue, endangered, lines) = (0L, 0L, new List<Line>());
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
        {
            lines.Add(new(row.GetString(0), row.TimeOrNull(1)!.Value, row.TextOrNull(2), row.GetBoolean(3)));
            (overdue, endangered) = (row.GetInt64(4), row.GetInt64(5));
        }
        return new(day, overdue, endangered, lines);
    }
}
