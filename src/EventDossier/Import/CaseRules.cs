using EventDossier.Deadlines;
using EventDossier.Exports;

namespace EventDossier.Import;

/// <summary>What the attributes of a log mean: a mapping over the usual names.</summary>
internal sealed class CaseRules
{
    private static readonly Dictionary<Fact, string> UsualNames = new()
    {
        [Fact.ReceivedAt] = "startdate",
        [Fact.PromisedDue] = "deadline",
        [Fact.PlannedEnd] = "enddate_planned",
        [Fact.FinishedAt] = "enddate",
        [Fact.Channel] = "channel",
        [Fact.Agency] = "department",
        [Fact.Unit] = "group",
        [Fact.Officer] = "responsible",
    };

    /// <summary>Facts by the names of our own exports. They stay attributes beside, to be exported again as they were told.</summary>
    private static readonly (Fact Fact, string Name)[] _ours =
    [
        (Fact.Procedure, DataDictionary.Procedure), (Fact.Agency, DataDictionary.Agency), (Fact.Unit, DataDictionary.Unit),
        (Fact.Limit, DataDictionary.Limit), (Fact.ReceivedAt, DataDictionary.Received),
        (Fact.PromisedDue, DataDictionary.Promised), (Fact.FinishedAt, DataDictionary.Finished),
    ];

    private readonly Dictionary<string, Fact> _facts = [];
    private readonly List<(Fact Fact, string Value)> _constants = [];
    private readonly HashSet<string> _finishedBy, _resumedBy;

    public CaseRules(ImportMapping? map, TimeZoneInfo zone)
    {
        Map = map;
        Activity = map?.Activity ?? "concept:name";
        Time = map?.Time ?? "time:timestamp";
        Transition = map?.Transition ?? "lifecycle:transition";
        Instance = map?.Instance ?? "concept:instance";
        Resource = map?.Resource ?? "org:resource";
        Group = map?.Group ?? "org:group";
        Zone = map?.TimeZone ?? zone;
        _finishedBy = [.. map?.FinishedBy ?? []];
        _resumedBy = [.. map?.ResumedBy ?? []];
        foreach (var fact in Enum.GetValues<Fact>())
        {
            if (map is not null && map.Facts.TryGetValue(fact, out var source))
            {
                if (source.Column is { } column) _facts[column] = fact;
                if (source.Value is { } value) _constants.Add((fact, value));
            }
            else if (UsualNames.TryGetValue(fact, out var name)) _facts.TryAdd(name, fact);
        }
    }

    public ImportMapping? Map { get; }
    public string Activity { get; }
    public string Time { get; }
    public string Transition { get; }
    public string Instance { get; }
    public string Resource { get; }
    public string Group { get; }
    public TimeZoneInfo Zone { get; }

    public bool TryFact(string key, out Fact fact) => _facts.TryGetValue(key, out fact);

    /// <param name="given">What the case itself tells; it goes before <c>finishedBy</c>.</param>
    /// <param name="attributes">Of the case.</param>
    /// <returns>Null, or why a constant of the mapping, or an attribute of our own export, can't be used.</returns>
    public string? Complete(CaseDraft given, IReadOnlyList<ImportedActivity> activities, IReadOnlyList<SourceAttribute> attributes)
    {
        foreach (var (fact, value) in _constants)
            if (given.Set(fact, value) is { } reason) return $"the mapping's {fact}: {reason}";
        if (Map is null && attributes.FirstOrDefault(a => a.Key == DataDictionary.Stage)?.Value is { } stage && DataDictionary.IsOurs(stage))
        {
            foreach (var (fact, name) in _ours.Where(o => !given.Has(o.Fact)))
            {
                // A dossier that ended without a result has none that was ready.
                if (fact == Fact.FinishedAt && stage is not ("resultReady" or "returned"))
                    continue;
                if (attributes.FirstOrDefault(a => a.Key == name)?.Value is { } value && given.Set(fact, value) is { } reason)
                    return $"{name}: {reason}";
            }
        }
        if (_finishedBy.Count > 0 && !given.Has(Fact.FinishedAt) && activities.LastOrDefault(a => _finishedBy.Contains(a.Name)) is { } last)
            given.SetTime(Fact.FinishedAt, last.At);
        if (Map is { PausedBy.Count: > 0 })
            given.Pauses = PausesOf(Map.PausedBy, activities);
        return null;
    }

    /// <summary>Each from an activity that lets the clock stand to the next that lets it run again, which ends all that stand.</summary>
    private List<Pause> PausesOf(IReadOnlyDictionary<string, PauseKind> pausedBy, IReadOnlyList<ImportedActivity> activities)
    {
        var pauses = new List<Pause>();
        foreach (var a in activities.OrderBy(a => a.At))
        {
            if (_resumedBy.Contains(a.Name))
                pauses = [.. pauses.Select(p => p.To is null ? p with { To = a.At } : p)];
            else if (pausedBy.TryGetValue(a.Name, out var kind))
                pauses.Add(new(a.At, null, kind, a.Instance ?? a.Name));
        }
        return pauses;
    }
}

/// <summary>The facts of one case while it is read.</summary>
internal sealed class CaseDraft(Timestamps times)
{
    private readonly DateTimeOffset?[] _times = new DateTimeOffset?[4];
    private readonly string?[] _texts = new string?[8];

    public IReadOnlyList<Pause>? Pauses { get; set; }

    public static bool IsTime(Fact fact) => fact <= Fact.FinishedAt;

    public bool Has(Fact fact) => IsTime(fact) ? _times[(int)fact].HasValue : _texts[(int)fact - 4] is not null;

    public void SetTime(Fact fact, DateTimeOffset at) => _times[(int)fact] = at;

    /// <returns>Null, or why the value is unusable.</returns>
    public string? Set(Fact fact, string value)
    {
        if (IsTime(fact))
        {
            if (times.Read(value, out var at) is { } reason) return reason;
            _times[(int)fact] = at;
            return null;
        }
        if (value.Length == 0) return null;
        if (value.Length > SourceText.MaxName) return $"is longer than {SourceText.MaxName} characters";
        if (value.AsSpan().IndexOfAnyInRange('\u0001', '\u001F') >= 0) return $"{SourceText.Quote(value)} contains control characters";
        _texts[(int)fact - 4] = value;
        return null;
    }

    public CaseFacts ToFacts() => new(_times[0], _times[1], _times[2], _times[3], _texts[0], _texts[1], _texts[2], _texts[3], _texts[4], _texts[5], _texts[6], _texts[7])
    {
        Pauses = Pauses,
    };
}
