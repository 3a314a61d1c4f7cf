using EventDossier.Alerts;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Import;

/// <summary>
/// What had fallen due in imported dossiers by their cut-over, gathered for whom it falls to. Alerts owe nothing of it (ADR 5, 17); it is told once, when the import is whole.
/// </summary>
internal sealed class Backlog
{
    private readonly AlertRules _rules;
    private readonly WorkCalendar _calendar;
    private readonly DateTimeOffset _at;
    private readonly Dictionary<AlertRecipient, Dictionary<string, BacklogLine>> _lines = [];
    private readonly HashSet<string> _late = [];

    private Backlog(AlertRules rules, WorkCalendar calendar, DateTimeOffset at) => (_rules, _calendar, _at) = (rules, calendar, at);

    /// <param name="at">When it is told: whose posts they are then.</param>
    public static async Task<Backlog> OpenAsync(Database database, DateTimeOffset at, CancellationToken cancel)
    {
        var rules = await AlertRules.LoadAsync(database, null, cancel);
        return new(rules, rules.Known(database.Clock.GetUtcNow()), at);
    }

    /// <param name="events">Of one dossier, up to its cut-over.</param>
    public void Add(string code, IEnumerable<DossierEvent> events)
    {
        var dossier = new Dossier(code);
        foreach (var e in events)
            dossier = dossier.After(e, dossier.Version + 1);
        if (dossier is not { FinishedAt: null, Due: { } due, ImportedAt: { } cutOver })
            return;
        foreach (var alarm in Alarm.Of(dossier, _rules.Ladders, _calendar, past: true).Where(a => a.DueAt <= cutOver))
        {
            foreach (var to in RaiseAlerts.Recipients(dossier, alarm.To, _rules.Organisation, _at))
            {
                if (!_lines.TryGetValue(to, out var lines))
                    _lines.Add(to, lines = []);
                if (!lines.TryGetValue(code, out var line) || line.Level < alarm.Level)
                    lines[code] = new(code, due, alarm.Level);
            }
        }
        if (due < cutOver)
            _late.Add(code);
    }

    /// <summary>One for each recipient.</summary>
    public IReadOnlyList<BacklogTold> Told() =>
    [
        .. _lines.OrderBy(l => l.Key.Post, StringComparer.Ordinal).ThenBy(l => l.Key.Unit, StringComparer.Ordinal).ThenBy(l => l.Key.Person, StringComparer.Ordinal).Select(l => new BacklogTold(
            _at, l.Key, l.Value.Keys.Count(_late.Contains), [.. l.Value.Values.OrderBy(d => d.Due).ThenBy(d => d.Code, StringComparer.Ordinal)])),
    ];
}
