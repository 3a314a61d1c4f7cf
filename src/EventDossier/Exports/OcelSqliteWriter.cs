using EventDossier.Import;
using Microsoft.Data.Sqlite;
using static EventDossier.Exports.DataDictionary;

namespace EventDossier.Exports;

/// <summary>
/// OCEL 2.0 as SQLite: the standard's six tables, one for each type of event and object, and all keys declared. Made in
/// one go by one writer, so the same cases give the same bytes.
/// </summary>
public static class OcelSqliteWriter
{
    /// <exception cref="IOException"/>
    public static async Task<(WrittenFile File, LogCounts Counts)> WriteAsync(
        IAsyncEnumerable<ProcessCase> cases, string path, CancellationToken cancel = default)
    {
        var counts = new LogCounts();
        var file = await ExportFile.MakeAsync(path, async beside =>
        {
            counts = await FillAsync(cases, beside, cancel);
            return null;
        }, cancel);
        return (file, counts);
    }

    /// <summary>
    /// Relations are as many as all other rows together, so they are filled into a file beside by a thread of their own. SQLite
    /// takes over whole tables of the same definition, keys and all, page by page.
    /// </summary>
    private static async Task<LogCounts> FillAsync(IAsyncEnumerable<ProcessCase> cases, string path,
        CancellationToken cancel)
    {
        var beside = path + ".relations";
        try
        {
            System.IO.File.Delete(beside);
            using var staging = new Staging(path);
            // The relations of an object come before what they lead to.
            staging.Run("PRAGMA page_size = 16384; PRAGMA foreign_keys = OFF; BEGIN;" + Tables + Relations);
            LogCounts counts;
            using (var relations = new Staging(beside))
            {
                relations.Run("PRAGMA page_size = 16384; PRAGMA foreign_keys = OFF; BEGIN;" + Relations);
                using (var file = new File(staging, relations))
                    counts = await file.FillAsync(cases, cancel);
                relations.Run("COMMIT");
            }
            using (var attach = staging.Prepare("ATTACH $1 AS beside", 1))
            {
                staging.Run("COMMIT");
                attach.Query(beside).Dispose();
            }
            staging.Run("""
                BEGIN;
                INSERT INTO event_object SELECT * FROM beside.event_object;
                INSERT INTO object_object SELECT * FROM beside.object_object;
                COMMIT;
                DETACH beside;
                """);
            return counts;
        }
        finally
        {
            System.IO.File.Delete(beside);
        }
    }

    private const int CasesAtOnce = 64;

    private const string Tables =
        """
        CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
        CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
        CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT, FOREIGN KEY (ocel_type) REFERENCES event_map_type (ocel_type));
        CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT, FOREIGN KEY (ocel_type) REFERENCES object_map_type (ocel_type));

        """;

    private const string Relations =
        """
        CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT,
          PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier),
          FOREIGN KEY (ocel_event_id) REFERENCES event (ocel_id), FOREIGN KEY (ocel_object_id) REFERENCES object (ocel_id));
        CREATE TABLE object_object (ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT,
          PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier),
          FOREIGN KEY (ocel_source_id) REFERENCES object (ocel_id), FOREIGN KEY (ocel_target_id) REFERENCES object (ocel_id));

        """;

    /// <summary>A table's statement, made when its first row comes.</summary>
    private sealed class Table(Func<Insert> open, bool ofRelations = false) : IDisposable
    {
        private Insert? _insert;

        public bool OfRelations => ofRelations;

        public Insert Insert => _insert ??= open();

        public void Dispose() => _insert?.Dispose();
    }

    /// <summary>Stands in a row for the id whose text is at this place among a case's own.</summary>
    private sealed record Id(int Place);

    private sealed class File : IDisposable
    {
        private readonly Staging _staging;
        private readonly Table _event, _object, _eventObject, _objectObject;
        private readonly Dictionary<string, Table> _events = [], _objects = [];
        private readonly HashSet<string> _maps = new(StringComparer.OrdinalIgnoreCase) { "object", "map_type" };
        private readonly List<Id> _places = [];
        private List<(Table Into, object?[] Values)> _rows = [];
        private Dictionary<OcelId, Id> _ids = [];

        public File(Staging staging, Staging relations)
        {
            _staging = staging;
            _event = new(() => staging.Insert("INSERT INTO event VALUES ($1, $2)"));
            _object = new(() => staging.Insert("INSERT INTO object VALUES ($1, $2)"));
            _eventObject = new(() => relations.Insert("INSERT INTO event_object VALUES ($1, $2, $3)"), ofRelations: true);
            _objectObject = new(() => relations.Insert("INSERT INTO object_object VALUES ($1, $2, $3)"), ofRelations: true);
            foreach (var (type, attributes) in OcelCase.Types)
            {
                var table = new Table(() => Type("object", type, type, "ocel_id TEXT", ["ocel_changed_field TEXT"], attributes));
                // A type is there without a row of it, too.
                _ = table.Insert;
                _objects.Add(type, table);
            }
        }

        /// <summary>While SQLite takes in the rows of one case, those of the next are made.</summary>
        public async Task<LogCounts> FillAsync(IAsyncEnumerable<ProcessCase> cases, CancellationToken cancel)
        {
            var counts = new LogCounts();
            await foreach (var some in RowsAsync(cases).Chunk(CasesAtOnce).Ahead(2, cancel))
            {
                var relating = Task.Run(() => Insert(some, relations: true), CancellationToken.None);
                try
                {
                    Insert(some, relations: false);
                }
                finally
                {
                    await relating;
                }
                counts = new(counts.Cases + some.Count(one => one.Events > 0), counts.Events + some.Sum(one => one.Events));
            }
            return counts;
        }

        private static void Insert((IReadOnlyList<(Table Into, object?[] Values)> Rows, string[] Ids, int Events)[] cases, bool relations)
        {
            Span<object?> room = new object?[3 + Math.Max(OfCases.Count, OcelCase.EventAttributes.Count)];
            foreach (var (rows, ids, _) in cases)
            {
                foreach (var (into, values) in rows)
                {
                    if (into.OfRelations != relations)
                        continue;
                    var row = room[..values.Length];
                    for (var i = 0; i < row.Length; i++)
                        row[i] = values[i] is Id id ? ids[id.Place] : values[i];
                    into.Insert.Run(row);
                }
            }
        }

        /// <summary>Of each case its rows, which are the same for its twins, its ids and how many events it has; 0 for
        /// objects that come with it and belong to many.</summary>
        private async IAsyncEnumerable<(IReadOnlyList<(Table Into, object?[] Values)> Rows, string[] Ids, int Events)>
            RowsAsync(IAsyncEnumerable<ProcessCase> cases)
        {
            var (ocel, last) = (new OcelCase(), (ProcessCase?)null);
            await foreach (var one in cases)
            {
                if (!one.IsTwinOf(last))
                {
                    var (shared, own, events) = ocel.Of(one);
                    (_rows, _ids) = ([], []);
                    foreach (var o in shared)
                        Add(o);
                    if (shared.Count > 0)
                        yield return (_rows, IdsOf(""), 0);
                    (_rows, _ids) = ([], []);
                    foreach (var o in own)
                        Add(o);
                    foreach (var e in events)
                        Add(e);
                }
                last = one;
                yield return (_rows, IdsOf(one.Key), one.Events.Count);
            }
        }

        private string[] IdsOf(string key)
        {
            var ids = new string[_ids.Count];
            foreach (var (id, known) in _ids)
                ids[known.Place] = id.IsOwn ? key + id.Name : id.Name;
            return ids;
        }

        private Id IdOf(OcelId id)
        {
            if (!_ids.TryGetValue(id, out var known))
            {
                if (_ids.Count == _places.Count)
                    _places.Add(new(_places.Count));
                _ids.Add(id, known = _places[_ids.Count]);
            }
            return known;
        }

        private void Add(OcelEvent e)
        {
            if (!_events.TryGetValue(e.Type, out var table))
                _events.Add(e.Type, table = new(() => Type("event", e.Type, MapOf(e.Type),
                    "ocel_id TEXT PRIMARY KEY", [], OcelCase.EventAttributes)));
            var id = IdOf(e.Id);
            _rows.Add((_event, [id, e.Type]));
            var row = new object?[2 + OcelCase.EventAttributes.Count];
            (row[0], row[1]) = (id, Spell(e.At));
            // In the order of the columns, as was checked.
            for (int i = 0, column = 0; i < e.Attributes.Count; i++)
            {
                while (OcelCase.EventAttributes[column].Name != e.Attributes[i].Name)
                    column++;
                row[2 + column] = Cell(e.Attributes[i].Value);
            }
            _rows.Add((table, row));
            foreach (var (to, qualifier) in e.Relations)
                _rows.Add((_eventObject, [id, IdOf(to), qualifier]));
        }

        /// <summary>A row for what it is at first, and one for each attribute that it gets later.</summary>
        private void Add(OcelObject o)
        {
            var (table, entries, id) = (_objects[o.Type], OcelCase.Types[o.Type], IdOf(o.Id));
            _rows.Add((_object, [id, o.Type]));
            var begun = o.Attributes.Count > 0 ? o.Attributes.Min(a => a.At) : DateTimeOffset.UnixEpoch;
            _rows.Add((table, [id, Spell(begun), null,
                .. entries.Select(entry => Cell(o.Attributes.FirstOrDefault(a => a.Name == entry.Name
                && a.At == begun).Value))]));
            foreach (var (name, value, at) in o.Attributes.Where(a => a.At != begun))
                _rows.Add((table, [id, Spell(at), name,
                    .. entries.Select(entry => entry.Name == name ? Cell(value) : null)]));
            foreach (var (to, qualifier) in o.Relations)
                _rows.Add((_objectObject, [id, IdOf(to), qualifier]));
        }

        private static object? Cell(object? value) =>
            value switch { null => null, long whole => whole, decimal number => (double)number, _ => Spell(value) };

        private Insert Type(string kind, string type, string map, string id, string[] more,
            IReadOnlyList<Entry> attributes)
        {
            using (var insert = _staging.Insert($"INSERT INTO {kind}_map_type VALUES ($1, $2)"))
                insert.Run(type, map);
            var columns = attributes.Select(a =>
                $"{Quoted(a.Name)} {a.Kind switch { Kind.Whole => "INTEGER", Kind.Number => "REAL", Kind.Moment => "TIMESTAMP", _ => "TEXT" }}");
            string[] all = [id, "ocel_time TIMESTAMP", .. more, .. columns];
            _staging.Run(
                $"CREATE TABLE {Quoted($"{kind}_{map}")} ({string.Join(", ", all)}, FOREIGN KEY (ocel_id) REFERENCES {kind} (ocel_id))");
            return _staging.Insert($"INSERT INTO {Quoted($"{kind}_{map}")} VALUES ({string.Join(", ", all.Select((_, i) => $"${i + 1}"))})");
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
            foreach (var table in (IEnumerable<Table>)[_event, _object, _eventObject, _objectObject,
                .. _events.Values, .. _objects.Values])
                table.Dispose();
        }
    }
}
