using EventDossier.Import;
using Microsoft.Data.Sqlite;
using static EventDossier.Exports.DataDictionary;

namespace EventDossier.Exports;

/// <summary>
/// OCEL 2.0 as SQLite: the standard's six tables, one for each type of event and object, and all keys declared. Made in
/// a temporary file by one writer in one go, so the same cases give the same bytes.
/// </summary>
public static class OcelSqliteWriter
{
    public static async Task<LogCounts> WriteAsync(IAsyncEnumerable<ProcessCase> cases, Stream to,
        CancellationToken cancel = default)
    {
        using var staging = new Staging();
        // The relations of an object come before what they lead to.
        staging.Run("PRAGMA foreign_keys = OFF; BEGIN;" + Tables);
        LogCounts counts;
        using (var file = new File(staging))
            counts = await file.FillAsync(cases, cancel);
        staging.Run("COMMIT");
        staging.Connection.Close();
        await using var made = System.IO.File.OpenRead(staging.File("staged"));
        await made.CopyToAsync(to, cancel);
        return counts;
    }

    private const string Tables =
        """
        CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
        CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
        CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT, FOREIGN KEY (ocel_type) REFERENCES event_map_type (ocel_type));
        CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT, FOREIGN KEY (ocel_type) REFERENCES object_map_type (ocel_type));
        CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT,
          PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier),
          FOREIGN KEY (ocel_event_id) REFERENCES event (ocel_id), FOREIGN KEY (ocel_object_id) REFERENCES object (ocel_id));
        CREATE TABLE object_object (ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT,
          PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier),
          FOREIGN KEY (ocel_source_id) REFERENCES object (ocel_id), FOREIGN KEY (ocel_target_id) REFERENCES object (ocel_id));

        """;

    private sealed class File : IDisposable
    {
        private readonly Staging _staging;
        private readonly Statement _event, _object, _eventObject, _objectObject;
        private readonly Dictionary<string, Statement> _events = [], _objects = [];
        private readonly HashSet<string> _maps = new(StringComparer.OrdinalIgnoreCase) { "object", "map_type" };

        public File(Staging staging)
        {
            _staging = staging;
            _event = staging.Prepare("INSERT INTO event VALUES ($1, $2)", 2);
            _object = staging.Prepare("INSERT INTO object VALUES ($1, $2)", 2);
            _eventObject = staging.Prepare("INSERT INTO event_object VALUES ($1, $2, $3)", 3);
            _objectObject = staging.Prepare("INSERT INTO object_object VALUES ($1, $2, $3)", 3);
            foreach (var (type, attributes) in OcelCase.Types)
                _objects.Add(type, Type("object", type, type, "ocel_id TEXT", ["ocel_changed_field TEXT"], attributes));
        }

        public async Task<LogCounts> FillAsync(IAsyncEnumerable<ProcessCase> cases, CancellationToken cancel)
        {
            var (ocel, counts) = (new OcelCase(), new LogCounts());
            await foreach (var one in cases.WithCancellation(cancel))
            {
                var (objects, events) = ocel.Of(one);
                foreach (var o in objects)
                    Add(o);
                foreach (var e in events)
                    Add(e);
                counts = new(counts.Cases + 1, counts.Events + events.Count);
            }
            return counts;
        }

        private void Add(OcelEvent e)
        {
            if (!_events.TryGetValue(e.Type, out var insert))
                _events.Add(e.Type, insert = Type("event", e.Type, MapOf(e.Type), "ocel_id TEXT PRIMARY KEY", [],
                    OcelCase.EventAttributes));
            _event.Run(e.Id, e.Type);
            insert.Run([e.Id, Spell(e.At), .. OcelCase.EventAttributes.Select(entry =>
                Cell(e.Attributes.FirstOrDefault(a => a.Name == entry.Name).Value))]);
            foreach (var (to, qualifier) in e.Relations)
                _eventObject.Run(e.Id, to, qualifier);
        }

        /// <summary>A row for what it is at first, and one for each attribute that it gets later.</summary>
        private void Add(OcelObject o)
        {
            var (insert, entries) = (_objects[o.Type], OcelCase.Types[o.Type]);
            _object.Run(o.Id, o.Type);
            var begun = o.Attributes.Count > 0 ? o.Attributes.Min(a => a.At) : DateTimeOffset.UnixEpoch;
            insert.Run([o.Id, Spell(begun), null,
                .. entries.Select(entry => Cell(o.Attributes.FirstOrDefault(a => a.Name == entry.Name
                && a.At == begun).Value))]);
            foreach (var (name, value, at) in o.Attributes.Where(a => a.At != begun))
                insert.Run([o.Id, Spell(at), name,
                    .. entries.Select(entry => entry.Name == name ? Cell(value) : null)]);
            foreach (var (to, qualifier) in o.Relations)
                _objectObject.Run(o.Id, to, qualifier);
        }

        private static object? Cell(object? value) =>
            value switch { null => null, long whole => whole, decimal number => (double)number, _ => Spell(value) };

        private Statement Type(string kind, string type, string map, string id, string[] more,
            IReadOnlyList<Entry> attributes)
        {
            using (var insert = _staging.Prepare($"INSERT INTO {kind}_map_type VALUES ($1, $2)", 2))
                insert.Run(type, map);
            var columns = attributes.Select(a =>
                $"{Quoted(a.Name)} {a.Kind switch { Kind.Whole => "INTEGER", Kind.Number => "REAL", Kind.Moment => "TIMESTAMP", _ => "TEXT" }}");
            string[] all = [id, "ocel_time TIMESTAMP", .. more, .. columns];
            _staging.Run(
                $"CREATE TABLE {Quoted($"{kind}_{map}")} ({string.Join(", ", all)}, FOREIGN KEY (ocel_id) REFERENCES {kind} (ocel_id))");
            return _staging.Prepare(
                $"INSERT INTO {Quoted($"{kind}_{map}")} VALUES ({string.Join(", ", all.Select((_, i) => $"${i + 1}"))})", all.Length);
        }

        /// <summary>What of a type's name may stand in a table's, numbered where another type has it.</summary>
        private string MapOf(string type)
        {
            var bare = string.Concat(type.Where(c => char.IsLetterOrDigit(c) || c == '_'));
            var map = bare.Length == 0 ? "type" : bare;
            for (var n = 2; !_maps.Add(map); n++)
                map = $"{bare}_{n}";
            return map;
        }

        private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

        public void Dispose()
        {
            foreach (var statement in (IEnumerable<Statement>)[_event, _object, _eventObject, _objectObject,
                .. _events.Values, .. _objects.Values])
                statement.Dispose();
        }
    }
}
