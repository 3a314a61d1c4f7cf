using System.Text.Json;
using EventDossier.Deadlines;

namespace EventDossier.Import;

/// <summary>A fact of <see cref="CaseFacts"/>. The first four are times.</summary>
public enum Fact { ReceivedAt, PromisedDue, PlannedEnd, FinishedAt, Channel, Agency, Unit, Officer, Procedure, Limit, Aliases, Used }

/// <summary>Where a fact comes from: a column or attribute, or the same <paramref name="Value"/> for every case. Neither: it is not looked for.</summary>
public sealed record FactSource(string? Column, string? Value);

/// <summary>
/// Tells which columns or attributes of a foreign log mean what. What it does not name keeps its usual name (<c>concept:name</c>, <c>startdate</c> and so
/// on); <c>null</c> switches a usual name off.
/// <code>
/// { "caseId": "Zaak", "activity": "Stap", "time": "Tijdstip", "transition": null, "instance": "Taak", "resource": "Medewerker", "group": "Team",
///   "receivedAt": "Ontvangen", "promisedDue": "Uiterlijk", "plannedEnd": null, "finishedAt": "Klaar", "channel": "Kanaal", "agency": "Afdeling",
///   "unit": "Team", "officer": "Behandelaar", "procedure": {"value": "1.004"}, "limit": {"value": "5 days"},
///   "aliases": "Oude code", "used": "Gebruikte tijd",
///   "pausedBy": {"Aanvulling gevraagd": "supplement"}, "resumedBy": ["Aanvulling ontvangen"],
///   "finishedBy": ["Archive"], "timeZone": "Europe/Amsterdam", "dateFormats": ["dd-MM-yyyy HH:mm"], "delimiter": ";", "types": {"Kosten": "int"},
///   "caseType": "Order" }
/// </code>
/// </summary>
public sealed class ImportMapping
{
    public string? CaseId { get; private set; }
    public string? Activity { get; private set; }
    public string? Time { get; private set; }

    /// <summary>An empty string switches the usual name off, here and in the next three.</summary>
    public string? Transition { get; private set; }
    public string? Instance { get; private set; }
    public string? Resource { get; private set; }
    public string? Group { get; private set; }

    public IReadOnlyDictionary<Fact, FactSource> Facts => _facts;

    /// <summary>Activities whose last occurrence finishes a case that has no finishedAt of its own.</summary>
    public IReadOnlyList<string> FinishedBy { get; private set; } = [];

    /// <summary>Activities from which the clock stands, and why: the clocks of open cases are then carried over.</summary>
    public IReadOnlyDictionary<string, PauseKind> PausedBy => _pausedBy;

    /// <summary>Activities at which it runs again.</summary>
    public IReadOnlyList<string> ResumedBy { get; private set; } = [];

    public TimeZoneInfo? TimeZone { get; private set; }

    /// <summary>.NET date formats, tried in turn before ISO 8601. With them a time may also stand in a <c>&lt;string&gt;</c> of a XES file.</summary>
    public IReadOnlyList<string> DateFormats { get; private set; } = [];

    public char? Delimiter { get; private set; }

    /// <summary>XES types of CSV columns; string where none is named.</summary>
    public IReadOnlyDictionary<string, string> Types => _types;

    /// <summary>The object type of an OCEL whose objects are the cases.</summary>
    public string? CaseType { get; private set; }

    private readonly Dictionary<Fact, FactSource> _facts = [];
    private readonly Dictionary<string, string> _types = [];
    private readonly Dictionary<string, PauseKind> _pausedBy = [];

    /// <exception cref="FormatException">One line: what is wrong, and where.</exception>
    public static ImportMapping Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new FormatException("a mapping is a JSON object");
            var mapping = new ImportMapping();
            foreach (var property in document.RootElement.EnumerateObject()) mapping.Set(property.Name, property.Value);
            if (mapping.ResumedBy.FirstOrDefault(mapping._pausedBy.ContainsKey) is { } both)
                throw new FormatException($"resumedBy: {SourceText.Quote(both)} stands in pausedBy too");
            foreach (var same in mapping._facts.Where(f => f.Value.Column is not null).GroupBy(f => f.Value.Column).Where(g => g.Count() > 1))
                throw new FormatException($"{string.Join(" and ", same.Select(f => NameOf(f.Key)))} both name {SourceText.Quote(same.Key)}");
            return mapping;
        }
        catch (JsonException e)
        {
            throw new FormatException($"the mapping is not JSON: {LogFault.OneLine(e.Message)}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException("the mapping contains text that is not Unicode", e);
        }
    }

    private void Set(string key, JsonElement value)
    {
        switch (key)
        {
            case "caseId": CaseId = Text(key, value); break;
            case "activity": Activity = Text(key, value); break;
            case "time": Time = Text(key, value); break;
            case "transition": Transition = Optional(key, value); break;
            case "instance": Instance = Optional(key, value); break;
            case "resource": Resource = Optional(key, value); break;
            case "group": Group = Optional(key, value); break;
            case "finishedBy": FinishedBy = Texts(key, value).Select(SourceText.Nfc).ToList(); break;
            case "resumedBy": ResumedBy = Texts(key, value).Select(SourceText.Nfc).ToList(); break;
            case "pausedBy":
                if (value.ValueKind != JsonValueKind.Object) throw new FormatException("pausedBy: an object of activities and what they wait for is wanted");
                foreach (var p in value.EnumerateObject())
                {
                    var kind = Text($"pausedBy.{p.Name}", p.Value);
                    if (kind is not ("supplement" or "fee" or "provision" or "stop"))
                        throw new FormatException($"pausedBy.{SourceText.Plain(p.Name)}: {SourceText.Quote(kind)} is none of supplement, fee, provision, stop");
                    _pausedBy[SourceText.Nfc(p.Name)] = Enum.Parse<PauseKind>(kind, ignoreCase: true);
                }
                break;
            case "timeZone": TimeZone = Zone(Text(key, value)); break;
            case "dateFormats": DateFormats = Texts(key, value).Select(DateFormat).ToList(); break;
            case "delimiter":
                Delimiter = Text(key, value) switch
                {
                    "," => ',',
                    ";" => ';',
                    "\t" => '\t',
                    var other => throw new FormatException($"delimiter: {SourceText.Quote(other)} is none of ',', ';' and tab"),
                };
                break;
            case "types":
                if (value.ValueKind != JsonValueKind.Object) throw new FormatException("types: an object of column names and types is wanted");
                foreach (var p in value.EnumerateObject())
                {
                    var type = Text($"types.{p.Name}", p.Value);
                    if (type is not ("string" or "date" or "int" or "float" or "boolean" or "id"))
                        throw new FormatException($"types.{SourceText.Plain(p.Name)}: {SourceText.Quote(type)} is none of string, date, int, float, boolean, id");
                    _types[SourceText.Nfc(p.Name)] = type;
                }
                break;
            case "caseType": CaseType = Text(key, value); break;
            default:
                if (!Enum.TryParse<Fact>(key, ignoreCase: true, out var fact) || NameOf(fact) != key)
                    throw new FormatException($"unknown key {SourceText.Quote(key)}");
                _facts[fact] = Source(key, value);
                break;
        }
    }

    private static string NameOf(Fact fact) => JsonNamingPolicy.CamelCase.ConvertName(fact.ToString());

    private static FactSource Source(string key, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null: return new FactSource(null, null);
            case JsonValueKind.String: return new FactSource(Text(key, value), null);
            case JsonValueKind.Object:
                string? constant = null;
                foreach (var p in value.EnumerateObject())
                {
                    if (p.Name != "value") throw new FormatException($"unknown key {SourceText.Quote($"{key}.{p.Name}")}");
                    constant = Text($"{key}.value", p.Value);
                }
                return new FactSource(null, constant ?? throw new FormatException($"{key}: \"value\" is missing"));
            default: throw new FormatException($"{key}: a column name, null or {{\"value\": \"…\"}} is wanted");
        }
    }

    private static string Text(string key, JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text && SourceText.Fault(text) is null
            ? SourceText.Nfc(text)
            : throw new FormatException($"{SourceText.Plain(key)}: a text is wanted");

    private static string Optional(string key, JsonElement value) => value.ValueKind == JsonValueKind.Null ? "" : Text(key, value);

    private static IEnumerable<string> Texts(string key, JsonElement value) =>
        value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Select(item => Text(key, item))
            : throw new FormatException($"{key}: a list of texts is wanted");

    private static TimeZoneInfo Zone(string id) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone : throw new FormatException($"timeZone: {SourceText.Quote(id)} is not known here");

    private static string DateFormat(string format)
    {
        try
        {
            _ = new DateTimeOffset(2000, 1, 2, 3, 4, 5, TimeSpan.Zero).ToString(format);
            return format;
        }
        catch (FormatException e)
        {
            throw new FormatException($"dateFormats: {SourceText.Quote(format)} is not a date format", e);
        }
    }
}
