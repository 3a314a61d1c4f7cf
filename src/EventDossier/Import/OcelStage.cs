using System.Text;

namespace EventDossier.Import;

/// <summary>
/// An OCEL on its way into cases, whichever format it came in. Not the tables of the OCEL standard: those are one per type, with names and columns
/// from the file. Ids and types of objects are in memory, events are not.
/// </summary>
internal sealed class OcelStage : IDisposable
{
    private const int MostProblems = 100, MaxTypes = 10_000, MaxPairs = 100_000;

    private readonly Staging _staging = new();
    private readonly Insert _attribute, _objectObject, _event, _eventObject;
    private readonly List<Fault> _problems = [];
    private readonly HashSet<(bool OfEvents, string Type, string Name)> _used = [];
    private readonly MemoryStream _buffer = new();

    public OcelStage()
    {
        _staging.Run("""
            CREATE TABLE attribute (object INTEGER, name TEXT, value TEXT, at TEXT);
            CREATE TABLE object_object (source INTEGER, target TEXT, qualifier TEXT);
            CREATE TABLE event (number INTEGER PRIMARY KEY, id TEXT, type TEXT, ms INTEGER, utc_offset INTEGER, attributes BLOB, fault TEXT);
            CREATE TABLE event_object (event INTEGER, object TEXT, qualifier TEXT);
            CREATE TABLE case_event (case_number INTEGER, ms INTEGER, event INTEGER, PRIMARY KEY (case_number, ms, event)) WITHOUT ROWID;
            CREATE TABLE case_object (case_number INTEGER, object INTEGER, PRIMARY KEY (case_number, object)) WITHOUT ROWID;
            BEGIN;
            """);
        _attribute = _staging.Insert("INSERT INTO attribute VALUES ($1, $2, $3, $4)");
        _objectObject = _staging.Insert("INSERT INTO object_object VALUES ($1, $2, $3)");
        _event = _staging.Insert("INSERT INTO event VALUES ($1, $2, $3, $4, $5, $6, $7)");
        _eventObject = _staging.Insert("INSERT INTO event_object VALUES ($1, $2, $3)");
    }

    public Staging Database => _staging;

    /// <summary>Attribute name to XES type, for each type. Types of objects and of events may have the same name.</summary>
    public Dictionary<string, Dictionary<string, string>> ObjectTypes { get; } = [];
    public Dictionary<string, Dictionary<string, string>> EventTypes { get; } = [];

    public List<(string Id, string Type)> Objects { get; } = [];
    public Dictionary<string, int> ObjectNumbers { get; } = [];
    public int Events { get; private set; }

    /// <summary>A rule of the standard is broken. All are told at once, before any case.</summary>
    public void Problem(string place, string reason)
    {
        _problems.Add(new Fault(SourceText.Plain(place, 250), null, reason));
        if (_problems.Count < MostProblems) return;
        _problems.Add(new Fault("file", null, $"more than {MostProblems} rules of OCEL 2.0 are broken; the rest is not told"));
        throw new LogFault(_problems);
    }

    public void ThrowProblems()
    {
        if (_problems.Count > 0) throw new LogFault(_problems);
    }

    /// <returns>NFC; faulty text is a problem, and comes back harmless.</returns>
    public string Text(string place, string what, string text, int max = SourceText.MaxName)
    {
        var reason = text.Length > max ? $"is longer than {max} characters" : SourceText.Fault(text);
        if (reason is null) return SourceText.Nfc(text);
        Problem(place, $"{what} {reason}");
        return SourceText.Plain(text);
    }

    public void AddType(bool ofEvents, string name, Dictionary<string, string> attributes)
    {
        var types = ofEvents ? EventTypes : ObjectTypes;
        var place = $"{(ofEvents ? "event" : "object")} type {name}";
        if (types.Count >= MaxTypes) throw new LogFault(place, $"more than {MaxTypes} types");
        if (!types.TryAdd(name, attributes)) Problem(place, "is declared twice");
    }

    public int AddObject(string id, string type)
    {
        var number = Objects.Count;
        if (!ObjectNumbers.TryAdd(id, number)) Problem($"object {id}", "its id stands in the file already");
        Objects.Add((id, type));
        return number;
    }

    public void AddAttribute(int owner, string name, string value, string at)
    {
        Use(ofEvents: false, Objects[owner].Type, name);
        _attribute.Run(owner, name, value, at);
    }

    public void AddRelation(int source, string target, string qualifier) => _objectObject.Run(source, target, qualifier);

    public int AddEvent(string id, string type, string time, List<(string Name, string Value)> attributes, Timestamps times)
    {
        var fault = times.Read(time, out var at);
        _buffer.SetLength(0);
        using (var writer = new BinaryWriter(_buffer, Encoding.UTF8, leaveOpen: true))
        {
            foreach (var (name, value) in attributes)
            {
                Use(ofEvents: true, type, name);
                writer.Write(name);
                writer.Write(value);
            }
        }
        _event.Run(Events, id, type, at.ToUnixTimeMilliseconds(), (int)at.Offset.TotalMinutes, _buffer.ToArray(), fault);
        return Events++;
    }

    public void AddEventObject(int number, string id, string qualifier) => _eventObject.Run(number, id, qualifier);

    private void Use(bool ofEvents, string type, string name)
    {
        if (_used.Add((ofEvents, type, name)) && _used.Count > MaxPairs)
            throw new LogFault($"attribute {SourceText.Plain(name)}", $"more than {MaxPairs} kinds of attributes");
    }

    /// <summary>All is in: the rules that need the whole file.</summary>
    public void Complete()
    {
        _staging.Run("""
            COMMIT;
            CREATE INDEX attribute_by_object ON attribute (object);
            CREATE INDEX object_object_by_source ON object_object (source);
            CREATE INDEX event_object_by_event ON event_object (event);
            CREATE INDEX event_by_id ON event (id);
            """);
        foreach (var type in Objects.Select(o => o.Type).Distinct())
            if (!ObjectTypes.ContainsKey(type)) Problem($"object type {type}", "is used but not declared");
        Each("SELECT DISTINCT type FROM event", r =>
        {
            if (!EventTypes.ContainsKey(r.GetString(0))) Problem($"event type {r.GetString(0)}", "is used but not declared");
        });
        foreach (var (ofEvents, type, name) in _used)
        {
            if ((ofEvents ? EventTypes : ObjectTypes).TryGetValue(type, out var declared) && !declared.ContainsKey(name))
                Problem($"{(ofEvents ? "event" : "object")} type {type}", $"its attribute {SourceText.Quote(name)} is used but not declared");
        }
        Each("SELECT id FROM event GROUP BY id HAVING count(*) > 1", r => Problem($"event {r.GetString(0)}", "its id stands in the file already"));
        Each("SELECT e.id, o.object FROM event_object o JOIN event e ON e.number = o.event ORDER BY e.number", r =>
        {
            if (!ObjectNumbers.ContainsKey(r.GetString(1)))
                Problem($"event {r.GetString(0)}", $"names the object {SourceText.Quote(r.GetString(1))}, which the file does not have");
        });
        Each("SELECT source, target FROM object_object", r =>
        {
            if (!ObjectNumbers.ContainsKey(r.GetString(1)))
                Problem($"object {Objects[r.GetInt32(0)].Id}", $"is related to the object {SourceText.Quote(r.GetString(1))}, which the file does not have");
        });
        ThrowProblems();
    }

    public void Each(string sql, Action<Microsoft.Data.Sqlite.SqliteDataReader> row)
    {
        using var statement = _staging.Prepare(sql, 0);
        using var rows = statement.Query();
        while (rows.Read()) row(rows);
    }

    /// <summary>Types of OCEL and column types of SQLite, as XES types.</summary>
    public static string XesType(string type) => type.ToUpperInvariant() switch
    {
        "INTEGER" or "INT" or "BIGINT" => "int",
        "FLOAT" or "REAL" or "DOUBLE" => "float",
        "BOOLEAN" or "BOOL" => "boolean",
        "TIME" or "TIMESTAMP" or "DATE" or "DATETIME" => "date",
        _ => "string",
    };

    public void Dispose()
    {
        _attribute?.Dispose();
        _objectObject?.Dispose();
        _event?.Dispose();
        _eventObject?.Dispose();
        _buffer.Dispose();
        _staging.Dispose();
    }
}
