using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Collecting;

/// <summary>A result that is ready and that nobody fetched.</summary>
/// <param name="Reminders">How many the applicant was sent.</param>
/// <param name="WorkingDays">Whole ones since it was ready; null outside the calendar.</param>
public sealed record UncollectedResult(string Code, DateTimeOffset ReadyAt, int? WorkingDays, string? Agency, string? Unit, string? Procedure, int Reminders, DateTimeOffset? RemindedAt);

/// <summary>Results that nobody fetched, and the reminders they come to.</summary>
public static class Uncollected
{
    private const int PageSize = 500;
    private static readonly Guid _commands = new("e0b8f7c2-7f2b-5f0c-8f1e-0a6a5b3c9d41");

    /// <summary>The longest waiting first.</summary>
    /// <param name="units">Only what lies with one of these units, or whose agency is one of them; null for all.</param>
    /// <param name="after">Of the last of the page before.</param>
    public static async Task<IReadOnlyList<UncollectedResult>> ListAsync(
        Database database, WorkCalendar calendar, DateTimeOffset now, IReadOnlyCollection<string>? units = null, (DateTimeOffset ReadyAt, string Code)? after = null, int limit = 50,
        CancellationToken cancel = default)
    {
        var results = new List<UncollectedResult>();
        var rows = await Overview.View.UncollectedAsync(database.App, units, after, limit, cancel);
        // The reminders stand in the streams; asked for at once, they are read in one go.
        var streams = await Task.WhenAll(rows.Select(row => database.Log.ReadFactsAsync(row.Code, cancel)));
        foreach (var (row, events) in rows.Zip(streams))
        {
            var dossier = Dossier.Fold(row.Code, events);
            var ready = calendar.Local(row.FinishedAt!.Value);
            results.Add(new(row.Code, ready, WorkCalendar.Reaches(ready) ? calendar.WorkingDays(ready, now) : null, row.Agency, row.Unit, row.Procedure, dossier.Reminders, dossier.RemindedAt));
        }
        return results;
    }

    /// <summary>Raises what is due of the rule that holds now: one reminder for a dossier at a time, each once, whoever runs it and however often.</summary>
    /// <returns>The dossiers.</returns>
    public static async Task<IReadOnlyList<string>> RemindAsync(Database database, DateTimeOffset now, CommandMetadata by, CancellationToken cancel = default)
    {
        await new Views([Overview.View], database).CatchUpAsync(cancel);
        var (rule, rules, reminded) = (await ReminderRule.AtAsync(database, now, cancel), await Rulebook.LoadAsync(database, cancel), new List<string>());
        var calendar = rules.Known(now);
        for ((DateTimeOffset, string)? last = null; ;)
        {
            var page = await Overview.View.UncollectedAsync(database.App, null, last, PageSize, cancel);
            foreach (var row in page)
            {
                if (await RemindAsync(database, row.Code, rule, calendar, now, by, cancel))
                    reminded.Add(row.Code);
            }
            if (page.Count < PageSize)
                return reminded;
            last = (page[^1].FinishedAt!.Value, page[^1].Code);
        }
    }

    private static async Task<bool> RemindAsync(Database database, string code, ReminderRule rule, WorkCalendar calendar, DateTimeOffset now, CommandMetadata by, CancellationToken cancel)
    {
        var dossier = Dossier.Fold(code, await database.Log.ReadFactsAsync(code, cancel));
        if (Decide(dossier, rule, calendar, now) is not { } reminded)
            return false;
        var command = by with { CommandId = Uuid.V5(_commands, $"{code}\n{reminded.Number}") };
        // Somebody who does something to it just now may have returned it: the next run asks again.
        return (await database.Log.AppendAsync([new(code, Desk.StreamType, dossier.Version, command, [reminded])], cancel))[0] is AppendOutcome.Appended;
    }

    /// <summary>Null where nothing is owed. Where several were missed, the latest alone is sent. Pure.</summary>
    public static CollectionReminded? Decide(Dossier dossier, ReminderRule rule, WorkCalendar calendar, DateTimeOffset now) =>
        dossier is { Stage: Stage.ResultReady, FinishedAt: { } ready, Applicant: not null, ImportedAt: null } && rule.Owed(ready, now, calendar) is var owed && owed > dossier.Reminders
            ? new(now, owed, rule.Version) : null;
}
