using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace EventDossier.Import;

/// <summary>Checks an OCEL 2.0 SQLite file against the rules of the standard, and stages it. The file is a private copy, opened read-only.</summary>
internal sealed class OcelSqlite : IDisposable
{
    private const int MaxTables = 20_000, MaxCell = 16 << 20;

    private sealed record Table(string Name, List<(string Name, string Type)> Columns, List<string> Key, List<(string From, string Table, string? To)> References)
    {
        public string Place => $"table {Name}";
        public bool Has(string column) => Columns.Any(c => Is(c.Name, column));
    }

    private readonly SqliteConnection _connection;
    private readonly OcelStage _stage;
    private readonly LogPass _pass;
    private readonly HashSet<string> _byKey = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Table> _tables = new(StringComparer.OrdinalIgnoreCase);

    public OcelSqlite(string file, OcelStage stage, LogPass pass)
    {
        _stage = stage;
        _pass = pass;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = $"file:{Uri.EscapeDataString(file).Replace("%2F", "/", StringComparison.Ordinal)}?immutable=1",
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        }.ToString());
        try
        {
            _connection.Open();
            raw.sqlite3_limit(_connection.Handle, raw.SQLITE_LIMIT_LENGTH, MaxCell);
            using var command = _connection.CreateCommand();
            command.CommandText = "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;";
            command.ExecuteNonQuery();
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public void Stage()
    {
        ReadSchema();
        CheckCore();
        var events = CheckTypes("event");
        var objects = CheckTypes("object");
        CheckRows(events, objects);
        _stage.ThrowProblems();
        StageObjects(objects);
        StageEvents(events);
    }

    private static bool Is(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private static string Q(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private void Each(string sql, Action<SqliteDataReader> row)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        using var rows = command.ExecuteReader();
        while (rows.Read()) row(rows);
    }

    /// <summary>Rows as they came; those of a table without row numbers lie by their key.</summary>
    private string AsTheyCame(string table) => _byKey.Contains(table) ? "" : " ORDER BY rowid";

    private void ReadSchema()
    {
        var names = new List<string>();
        Each("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY rowid", r =>
        {
            if (names.Count >= MaxTables) throw new LogFault("file", $"more than {MaxTables} tables");
            names.Add(r.GetString(0));
        });
        Each("SELECT name FROM pragma_table_list WHERE wr", r => _byKey.Add(r.GetString(0)));
        foreach (var name in names)
        {
            var table = new Table(name, [], [], []);
            var key = new SortedDictionary<int, string>();
            Each($"SELECT name, type, pk FROM pragma_table_info('{name.Replace("'", "''", StringComparison.Ordinal)}')", r =>
            {
                table.Columns.Add((r.GetString(0), r.GetString(1)));
                if (r.GetInt32(2) > 0) key[r.GetInt32(2)] = r.GetString(0);
            });
            table.Key.AddRange(key.Values);
            Each($"SELECT \"from\", \"table\", \"to\" FROM pragma_foreign_key_list('{name.Replace("'", "''", StringComparison.Ordinal)}')",
                r => table.References.Add((r.GetString(0), r.GetString(1), r.IsDBNull(2) ? null : r.GetString(2))));
            _tables[name] = table;
        }
    }

    private void CheckCore()
    {
        Core("event_map_type", ["ocel_type", "ocel_type_map"], ["ocel_type"]);
        Core("object_map_type", ["ocel_type", "ocel_type_map"], ["ocel_type"]);
        Core("event", ["ocel_id", "ocel_type"], ["ocel_id"], ("ocel_type", "event_map_type", "ocel_type"));
        Core("object", ["ocel_id", "ocel_type"], ["ocel_id"], ("ocel_type", "object_map_type", "ocel_type"));
        Core("event_object", ["ocel_event_id", "ocel_object_id", "ocel_qualifier"], ["ocel_event_id", "ocel_object_id", "ocel_qualifier"],
            ("ocel_event_id", "event", "ocel_id"), ("ocel_object_id", "object", "ocel_id"));
        Core("object_object", ["ocel_source_id", "ocel_target_id", "ocel_qualifier"], ["ocel_source_id", "ocel_target_id", "ocel_qualifier"],
            ("ocel_source_id", "object", "ocel_id"), ("ocel_target_id", "object", "ocel_id"));
    }

    private void Core(string name, string[] columns, string[] key, params (string From, string Table, string To)[] references)
    {
        if (!_tables.TryGetValue(name, out var table))
        {
            _stage.Problem($"table {name}", "is missing");
            return;
        }
        foreach (var column in columns) Column(table, column, "TEXT");
        foreach (var (column, _) in table.Columns)
            if (!columns.Contains(column, StringComparer.OrdinalIgnoreCase))
                _stage.Problem(table.Place, $"{SourceText.Plain(column)} is not a column of OCEL 2.0");
        Key(table, key);
        foreach (var (from, to, column) in references) Reference(table, from, to, column);
    }

    private void Column(Table table, string name, string type)
    {
        var declared = table.Columns.Find(c => Is(c.Name, name));
        if (declared.Name is null) _stage.Problem(table.Place, $"the column {name} is missing");
        else if (!Is(declared.Type, type))
            _stage.Problem(table.Place, $"{name} is declared {(declared.Type.Length == 0 ? "without a type" : SourceText.Plain(declared.Type))}, not {type}");
    }

    private void Key(Table table, string[] key)
    {
        if (!table.Key.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(key))
            _stage.Problem(table.Place, $"{string.Join(", ", key)} {(key.Length == 1 ? "is" : "are")} not declared PRIMARY KEY");
    }

    private void Reference(Table table, string from, string to, string column)
    {
        if (!table.References.Exists(r => Is(r.From, from) && Is(r.Table, to) && (r.To is null || Is(r.To, column))))
            _stage.Problem(table.Place, $"{from} is not declared FOREIGN KEY to {to}({column})");
    }

    /// <summary>One table for each type, and no other so prefixed.</summary>
    private List<(string Type, Table Table)> CheckTypes(string kind)
    {
        var types = new List<(string, Table)>();
        var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { $"{kind}_map_type", $"{kind}_object" };
        var ofEvents = kind == "event";
        if (!Readable($"{kind}_map_type", "ocel_type", "ocel_type_map")) return types;
        Each($"SELECT ocel_type, ocel_type_map FROM {kind}_map_type{AsTheyCame($"{kind}_map_type")}", r =>
        {
            if (r.GetValue(0) is not string { Length: > 0 } type || r.GetValue(1) is not string { Length: > 0 } map)
            {
                _stage.Problem($"table {kind}_map_type", "a type or its map is empty or not a text");
                return;
            }
            var name = $"{kind}_{map}";
            if (!known.Add(name)) _stage.Problem($"table {kind}_map_type", $"two types are mapped to {SourceText.Quote(map)}");
            else if (!_tables.TryGetValue(name, out var table)) _stage.Problem($"table {name}", $"is missing, for the {kind} type {SourceText.Quote(type)}");
            else
            {
                CheckTypeTable(table, kind);
                types.Add((type, table));
                var attributes = new Dictionary<string, string>();
                foreach (var (column, declared) in table.Columns.Where(c => !IsOwn(c.Name)))
                {
                    if (!attributes.TryAdd(_stage.Text(table.Place, "a column's name", column), OcelStage.XesType(declared)))
                        _stage.Problem(table.Place, $"two columns are named {SourceText.Quote(column)} once composed");
                }
                _stage.AddType(ofEvents, _stage.Text($"table {kind}_map_type", "a type", type), attributes);
            }
        });
        foreach (var table in _tables.Values)
            if (table.Name.StartsWith(kind + "_", StringComparison.OrdinalIgnoreCase) && !known.Contains(table.Name))
                _stage.Problem(table.Place, $"is so named but belongs to no {kind} type");
        return types;
    }

    private static bool IsOwn(string column) => Is(column, "ocel_id") || Is(column, "ocel_time") || Is(column, "ocel_changed_field");

    private void CheckTypeTable(Table table, string kind)
    {
        Column(table, "ocel_id", "TEXT");
        Column(table, "ocel_time", "TIMESTAMP");
        if (kind == "event") Key(table, ["ocel_id"]);
        // Optional where an object type never changes.
        if (kind == "object" && table.Has("ocel_changed_field")) Column(table, "ocel_changed_field", "TEXT");
        Reference(table, "ocel_id", kind, "ocel_id");
    }

    private bool Readable(string table, params string[] columns) => _tables.TryGetValue(table, out var found) && columns.All(found.Has);

    /// <summary>What declared keys would have kept out: a writer may have switched them off. Checked as far as the tables go.</summary>
    private void CheckRows(List<(string Type, Table Table)> events, List<(string Type, Table Table)> objects)
    {
        foreach (var (kind, types) in new[] { ("event", events), ("object", objects) })
        {
            if (!Readable(kind, "ocel_id", "ocel_type")) continue;
            var place = $"table {kind}";
            Some($"SELECT ocel_id FROM {kind} WHERE typeof(ocel_id) <> 'text' OR ocel_id = '' OR typeof(ocel_type) <> 'text'",
                place, "a row has no id or type of text: {0}");
            Some($"SELECT ocel_id FROM {kind} GROUP BY ocel_id HAVING count(*) > 1", place, "{0} stands in it more than once");
            if (Readable($"{kind}_map_type", "ocel_type"))
            {
                Some($"SELECT DISTINCT ocel_type FROM {kind} WHERE ocel_type NOT IN (SELECT ocel_type FROM {kind}_map_type)",
                    place, $"the type {{0}} is not in {kind}_map_type");
            }
            foreach (var (type, table) in types)
            {
                if (!table.Has("ocel_id")) continue;
                var name = Q(table.Name);
                var ids = $"SELECT ocel_id FROM {kind} WHERE ocel_type = '{type.Replace("'", "''", StringComparison.Ordinal)}'";
                Some($"SELECT ocel_id FROM {name} WHERE ocel_id IS NULL OR ocel_id NOT IN ({ids})", table.Place, $"{{0}} is no {kind} of this type");
                if (kind == "event")
                {
                    Some($"{ids} AND ocel_id NOT IN (SELECT ocel_id FROM {name} WHERE ocel_id IS NOT NULL)",
                        table.Place, "the event {0} is missing");
                    Some($"SELECT ocel_id FROM {name} GROUP BY ocel_id HAVING count(*) > 1", table.Place, "{0} stands in it more than once");
                }
            }
        }
        foreach (var (table, column, target) in new[]
        {
            ("event_object", "ocel_event_id", "event"), ("event_object", "ocel_object_id", "object"),
            ("object_object", "ocel_source_id", "object"), ("object_object", "ocel_target_id", "object"),
        })
        {
            if (Readable(table, column) && Readable(target, "ocel_id"))
            {
                Some($"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NULL OR {column} NOT IN (SELECT ocel_id FROM {target})",
                    $"table {table}", $"{column} {{0}} is not in {target}");
            }
        }
        if (Readable("event_object", "ocel_event_id", "ocel_qualifier"))
            Some("SELECT ocel_event_id FROM event_object WHERE ocel_qualifier IS NULL", "table event_object", "a relation of {0} has no qualifier");
        if (Readable("object_object", "ocel_source_id", "ocel_qualifier"))
            Some("SELECT ocel_source_id FROM object_object WHERE ocel_qualifier IS NULL", "table object_object", "a relation of {0} has no qualifier");
    }

    private void Some(string sql, string place, string reason) =>
        Each($"{sql} LIMIT 10", r =>
        {
            var what = r.IsDBNull(0) ? "NULL" : SourceText.Quote(Convert.ToString(r.GetValue(0)));
            _stage.Problem(place, reason.Replace("{0}", what, StringComparison.Ordinal));
        });

    private void StageObjects(List<(string Type, Table Table)> types)
    {
        Each($"SELECT ocel_id, ocel_type FROM object{AsTheyCame("object")}", r =>
            _stage.AddObject(_stage.Text("table object", "an id", r.GetString(0)), _stage.Text("table object", "a type", r.GetString(1))));
        foreach (var (_, table) in types)
        {
            var names = AttributesOf(table);
            var changed = table.Has("ocel_changed_field") ? "CAST(ocel_changed_field AS TEXT)" : "NULL";
            Each($"SELECT ocel_id, CAST(ocel_time AS TEXT), {changed}{Cells(names)} FROM {Q(table.Name)}{AsTheyCame(table.Name)}", r =>
            {
                var id = _stage.Text(table.Place, "an id", r.GetString(0));
                var place = $"{table.Place}, object {SourceText.Plain(id)}";
                var only = r.IsDBNull(2) ? null : r.GetString(2);
                if (only is not null && !names.Contains(only))
                    _stage.Problem(place, $"ocel_changed_field {SourceText.Quote(only)} is not a column of the table");
                if (r.IsDBNull(1)) _stage.Problem(place, "ocel_time is empty");
                else if (_pass.Times.Check(r.GetString(1)) is { } reason) _stage.Problem(place, $"ocel_time: {reason}");
                else
                {
                    for (var i = 0; i < names.Count; i++)
                    {
                        if (r.IsDBNull(i + 3) || only is not null && only != names[i]) continue;
                        var value = _stage.Text(place, names[i], r.GetString(i + 3), SourceText.MaxValue);
                        _stage.AddAttribute(_stage.ObjectNumbers[id], SourceText.Nfc(names[i]), value, r.GetString(1));
                    }
                }
            });
        }
        Each($"SELECT ocel_source_id, ocel_target_id, ocel_qualifier FROM object_object{AsTheyCame("object_object")}", r =>
        {
            var qualifier = _stage.Text("table object_object", "a qualifier", r.GetString(2));
            _stage.AddRelation(_stage.ObjectNumbers[SourceText.Nfc(r.GetString(0))], SourceText.Nfc(r.GetString(1)), qualifier);
        });
    }

    private void StageEvents(List<(string Type, Table Table)> types)
    {
        // The order of the table event is the file's; the rows of the type tables are looked up by their key.
        var lookups = new Dictionary<string, (SqliteCommand Command, List<string> Names)>();
        try
        {
            foreach (var (type, table) in types)
            {
                var names = AttributesOf(table);
                var command = _connection.CreateCommand();
                command.CommandText = $"SELECT CAST(ocel_time AS TEXT){Cells(names)} FROM {Q(table.Name)} WHERE ocel_id = $1";
                command.Parameters.Add(new SqliteParameter("$1", null));
                lookups[type] = (command, names);
            }
            using var relations = _connection.CreateCommand();
            relations.CommandText = $"SELECT ocel_object_id, ocel_qualifier FROM event_object WHERE ocel_event_id = $1{AsTheyCame("event_object")}";
            relations.Parameters.Add(new SqliteParameter("$1", null));
            Each($"SELECT ocel_id, ocel_type FROM event{AsTheyCame("event")}", r =>
            {
                var (id, type) = (r.GetString(0), r.GetString(1));
                var (command, names) = lookups[type];
                command.Parameters[0].Value = id;
                var place = $"table event, event {SourceText.Plain(id)}";
                var number = -1;
                using (var row = command.ExecuteReader())
                {
                    row.Read();
                    var attributes = new List<(string, string)>();
                    for (var i = 0; i < names.Count; i++)
                    {
                        if (!row.IsDBNull(i + 1))
                            attributes.Add((SourceText.Nfc(names[i]), _stage.Text(place, names[i], row.GetString(i + 1), SourceText.MaxValue)));
                    }
                    var time = row.IsDBNull(0) ? "" : row.GetString(0);
                    number = _stage.AddEvent(_stage.Text(place, "its id", id), _stage.Text(place, "its type", type), time, attributes, _pass.Times);
                }
                relations.Parameters[0].Value = id;
                using var objects = relations.ExecuteReader();
                while (objects.Read()) _stage.AddEventObject(number, SourceText.Nfc(objects.GetString(0)), _stage.Text(place, "a qualifier", objects.GetString(1)));
            });
        }
        finally
        {
            foreach (var (command, _) in lookups.Values) command.Dispose();
        }
    }

    private static List<string> AttributesOf(Table table) => table.Columns.Select(c => c.Name).Where(c => !IsOwn(c)).ToList();

    private static string Cells(List<string> names) => string.Concat(names.Select(n => $", CAST({Q(n)} AS TEXT)"));

    public void Dispose() => _connection.Dispose();
}
