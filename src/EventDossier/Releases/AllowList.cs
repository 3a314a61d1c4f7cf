using System.Text.Json;
using System.Text.Json.Serialization;
using EventDossier.Deadlines;
using EventDossier.Exports;

namespace EventDossier.Releases;

/// <summary>How a published attribute is protected.</summary>
public enum Treatment
{
    /// <summary>
    /// Part of what the cases of a class have in common: coarsened or left out where too few share it.
    /// </summary>
    Key,

    /// <summary>
    /// A number or a day: each of the cases that are published as one another's doubles carries their median.
    /// </summary>
    Measure,
}

/// <summary>
/// What may leave in a release: attributes of the case, and of each event by the event's name. What does not stand
/// here is private, a new event or attribute too until somebody lists it. Named steps stand under <c>step</c>.
/// </summary>
public sealed class AllowList
{
    private const string Step = "step";
    private static readonly HashSet<string> _eventNames = [.. ProductEvents.Names.All.Select(name => name.Name)];

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>The one that comes with the product.</summary>
    public static AllowList Current { get; } = Read();

    private readonly Dictionary<string, Dictionary<string, Treatment>> _events;

    private AllowList(Contents contents)
    {
        (Version, Case) = (contents.Version, contents.Case);
        _events = contents.Events.ToDictionary(e => e.Key, e => e.Value.Union(contents.EveryEvent).ToDictionary());
    }

    public string Version { get; }

    public IReadOnlyDictionary<string, Treatment> Case { get; }

    /// <summary>A step's own name, which somebody made up, and not that of an event of ours.</summary>
    public static bool IsStep(string activity) => !_eventNames.Contains(activity);

    /// <summary>What of an event may leave; null where the event itself may not.</summary>
    public IReadOnlyDictionary<string, Treatment>? Of(string activity) =>
        _events.GetValueOrDefault(IsStep(activity) ? Step : activity);

    /// <summary>Only what may leave, every time cut to its day. Null where no event is left.</summary>
    public ProcessCase? Project(ProcessCase of)
    {
        var events = new List<ProcessEvent>(of.Events.Count);
        foreach (var e in of.Events)
        {
            if (Of(e.Activity) is { } allowed)
                events.Add(e with { At = Day(e.At), Attributes = Only(e.Attributes, allowed) });
        }
        return events.Count == 0 ? null : of with { Attributes = Only(of.Attributes, Case), Events = events };
    }

    /// <summary>
    /// Midnight UTC of the day by the clock on the wall; files tell times in UTC, and the day is to be read off them.
    /// </summary>
    public static DateTimeOffset Day(DateTimeOffset at) =>
        new((at.Offset == TimeSpan.Zero ? WorkCalendar.Vietnam.Local(at) : at).Date, TimeSpan.Zero);

    private static List<ProcessAttribute> Only(
        IReadOnlyList<ProcessAttribute> attributes, IReadOnlyDictionary<string, Treatment> allowed)
    {
        var kept = new List<ProcessAttribute>(attributes.Count);
        foreach (var attribute in attributes)
        {
            if (allowed.ContainsKey(attribute.Name))
                kept.Add(attribute.Value is DateTimeOffset at ? attribute with { Value = Day(at) } : attribute);
        }
        return kept;
    }

    private static AllowList Read()
    {
        using var stream = typeof(AllowList).Assembly.GetManifestResourceStream("releases/allowed.json")!;
        return new(JsonSerializer.Deserialize<Contents>(stream, _json)!);
    }

    private sealed record Contents(
        string Version, Dictionary<string, Treatment> Case, Dictionary<string, Treatment> EveryEvent,
        Dictionary<string, Dictionary<string, Treatment>> Events);
}
