using EventDossier.Alerts;
using EventDossier.Dossiers;
using EventDossier.Import;
using EventDossier.Store;

namespace EventDossier.Audit;

/// <summary>
/// Whether everything that was late or due at a cut-over was told: by each whole import to each recipient once, every dossier owed and none that was not. What had fallen due, and to
/// whom it falls, the caller derives from the log.
/// </summary>
internal sealed class BacklogVerification
{
    private readonly Dictionary<string, Import> _imports;
    private readonly Action<string, StoredEvent, string, string> _find;

    /// <param name="Whole">The import's own event; null for one that was cut off.</param>
    private sealed record Import(StoredEvent? Whole, IReadOnlyList<StoredEvent> Told)
    {
        public Dictionary<(AlertRecipient To, string Code), AlertLevel> Owed { get; } = [];
    }

    private BacklogVerification(Dictionary<string, Import> imports, Action<string, StoredEvent, string, string> find) => (_imports, _find) = (imports, find);

    /// <summary>Dossiers that were told of, each once for a recipient.</summary>
    public long Checked { get; private set; }

    public static async Task<BacklogVerification> BeginAsync(Database database, Action<string, StoredEvent, string, string> find, CancellationToken cancel) => new(
        (await StreamOrder.BelowAsync(database, LogImported.StreamPrefix, cancel)).ToDictionary(
            s => LogImported.StreamPrefix + s.Key, s => new Import(s.FirstOrDefault(e => e.Event is LogImported), [.. s.Where(e => e.Event is BacklogTold)])),
        find);

    /// <summary>The digests themselves.</summary>
    public IEnumerable<StoredEvent> Told => _imports.Values.SelectMany(i => i.Told);

    /// <summary>When what a dossier's import owes was told: by the event that ended it. Null where it was cut off.</summary>
    public StoredEvent? WholeOf(DossierImported imported) => imported.Import is { } import ? _imports.GetValueOrDefault(import)?.Whole : null;

    /// <param name="due">What had fallen due by the cut-over: how grave, and to whom by the posts as it was told.</param>
    public void Owe(string code, DossierImported imported, IEnumerable<(AlertLevel Level, IReadOnlyList<AlertRecipient> To)> due)
    {
        var owed = _imports[imported.Import!].Owed;
        foreach (var (level, recipients) in due)
        {
            foreach (var to in recipients)
                owed[(to, code)] = owed.TryGetValue((to, code), out var graver) && graver > level ? graver : level;
        }
    }

    /// <summary>An import that was cut off has told nobody, and is to be run again.</summary>
    public void CutOff(StoredEvent dossier) => Find("backlog-missing", dossier, "the backlog told when its import was whole", "the import was never finished: run it again");

    /// <summary><c>backlog-missing</c>, <c>backlog-unfounded</c>, <c>backlog-duplicate</c>.</summary>
    public void Complete()
    {
        foreach (var import in _imports.Values)
        {
            var told = new Dictionary<(AlertRecipient To, string Code), (StoredEvent By, AlertLevel Level)>();
            foreach (var e in import.Told)
            {
                var digest = (BacklogTold)e.Event;
                foreach (var line in digest.Dossiers)
                {
                    Checked++;
                    if (!told.TryAdd((digest.To, line.Code), (e, line.Level)))
                        Find("backlog-duplicate", e, $"{line.Code} told once to {Text(digest.To)}", "once more");
                }
            }
            foreach (var ((to, code), level) in import.Owed)
            {
                if (!told.Remove((to, code), out var by))
                    Find("backlog-missing", import.Whole!, $"{code} told to {Text(to)}, {level}", "not told");
                else if (by.Level != level)
                    Find("backlog-unfounded", by.By, $"{code} told to {Text(to)}, {level}", $"{by.Level}");
            }
            foreach (var ((to, code), (by, _)) in told)
                Find("backlog-unfounded", by, $"nothing of {code} to {Text(to)}", "told");
        }
    }

    private void Find(string kind, StoredEvent e, string expected, string actual) => _find(kind, e, expected, actual);

    private static string Text(AlertRecipient to) => $"{to.Post ?? to.Unit} ({to.Person ?? "nobody"})";
}
