using System.Runtime.InteropServices;
using System.Text;

namespace EventDossier.Import;

/// <summary>
/// Cuts an object-centric log into cases. With a leading type (the mapping's <c>caseType</c>, or a type named <c>dossier</c>) each of its objects is a case;
/// an event belongs to the leading objects that it names, or else to the nearest ones over relations between objects. Without one, a case is what hangs
/// together over relations of both kinds, and its id is the object that its earliest event names first. Within a case: by time, then in the file's order.
/// </summary>
internal sealed class OcelReader
{
    public const string LeadingType = "dossier";

    /// <summary>What the search for the nearest cases may look at, for one event.</summary>
    private const int MaxSteps = 100_000, MaxCasesOfEvent = 1000;

    private readonly OcelStage _stage;
    private readonly LogPass _pass;
    private readonly List<int> _cases = [];
    private readonly int[][] _related;

    public static IEnumerable<ImportedCase> FromJson(LogStream input, LogPass pass)
    {
        using var stage = new OcelStage();
        new OcelJson(input, pass, stage).Stage();
        stage.Complete();
        foreach (var read in new OcelReader(stage, pass).Cases()) yield return read;
    }

    public static IEnumerable<ImportedCase> FromSqlite(LogStream input, LogPass pass)
    {
        using var stage = new OcelStage();
        // A copy: what is hashed is then what is read, whoever writes to the file meanwhile.
        var copy = stage.Database.File("source");
        using (var file = File.Create(copy))
        {
            var buffer = new byte[128 << 10];
            for (int n; (n = input.Read(buffer)) > 0; input.Mark()) file.Write(buffer.AsSpan(0, n));
        }
        using (var source = new OcelSqlite(copy, stage, pass)) source.Stage();
        File.Delete(copy);
        stage.Complete();
        foreach (var read in new OcelReader(stage, pass).Cases()) yield return read;
    }

    private OcelReader(OcelStage stage, LogPass pass)
    {
        _stage = stage;
        _pass = pass;
        var related = new List<int>?[stage.Objects.Count];
        stage.Each("SELECT source, target FROM object_object", r =>
        {
            var (source, target) = (r.GetInt32(0), stage.ObjectNumbers[r.GetString(1)]);
            (related[source] ??= []).Add(target);
            (related[target] ??= []).Add(source);
        });
        _related = Array.ConvertAll(related, r => r?.ToArray() ?? []);
    }

    private IEnumerable<ImportedCase> Cases()
    {
        _stage.Database.Run("BEGIN");
        if (_pass.Rules.Map?.CaseType is { } wanted)
        {
            if (!_stage.ObjectTypes.ContainsKey(wanted))
            {
                throw new LogFault("file", $"the mapping's caseType {SourceText.Quote(wanted)} is not an object type. "
                    + $"Types found: {SourceText.Plain(string.Join(", ", _stage.ObjectTypes.Keys), 1000)}");
            }
            AssignToLeading(wanted);
        }
        else if (_stage.ObjectTypes.ContainsKey(LeadingType)) AssignToLeading(LeadingType);
        else AssignToComponents();
        _stage.Database.Run("COMMIT");
        for (var number = 0; number < _cases.Count; number++)
            if (ReadCase(number) is { } read) yield return read;
    }

    private void EachEvent(Action<int, string, long, List<int>> act)
    {
        using var relations = _stage.Database.Prepare("SELECT object FROM event_object WHERE event = $1 ORDER BY rowid", 1);
        var objects = new List<int>();
        _stage.Each("SELECT number, id, ms FROM event ORDER BY number", r =>
        {
            objects.Clear();
            using (var named = relations.Query(r.GetInt32(0)))
                while (named.Read()) objects.Add(_stage.ObjectNumbers[named.GetString(0)]);
            if (objects.Count > 0) act(r.GetInt32(0), r.GetString(1), r.GetInt64(2), objects);
            else _pass.Report(new Fault($"event {SourceText.Plain(r.GetString(1))}", "", "names no object: it belongs to no case"));
        });
    }

    private void AssignToComponents()
    {
        var parent = new int[_stage.Objects.Count];
        for (var i = 0; i < parent.Length; i++) parent[i] = i;
        for (var i = 0; i < parent.Length; i++)
            foreach (var other in _related[i]) Union(i, other);
        EachEvent((_, _, _, objects) =>
        {
            for (var i = 1; i < objects.Count; i++) Union(objects[0], objects[i]);
        });

        var caseOf = new Dictionary<int, int>();
        var earliest = new List<long>();
        using var insert = _stage.Database.Insert("INSERT INTO case_event VALUES ($1, $2, $3)");
        EachEvent((number, _, ms, objects) =>
        {
            ref var at = ref CollectionsMarshal.GetValueRefOrAddDefault(caseOf, Find(objects[0]), out var exists);
            if (!exists)
            {
                at = _cases.Count;
                _cases.Add(objects[0]);
                earliest.Add(ms);
            }
            else if (ms < earliest[at]) (_cases[at], earliest[at]) = (objects[0], ms);
            insert.Run(at, ms, number);
        });

        using var insertObject = _stage.Database.Insert("INSERT INTO case_object VALUES ($1, $2)");
        for (var i = 0; i < parent.Length; i++)
        {
            if (caseOf.TryGetValue(Find(i), out var number)) insertObject.Run(number, i);
            else ReportLost(i, "no event reaches it: it belongs to no case");
        }

        int Find(int i)
        {
            while (parent[i] != i) i = parent[i] = parent[parent[i]];
            return i;
        }

        // The lower number is the root; halved paths keep it quick enough.
        void Union(int a, int b)
        {
            (a, b) = (Find(a), Find(b));
            if (a != b) parent[Math.Max(a, b)] = Math.Min(a, b);
        }
    }

    private void ReportLost(int number, string reason) =>
        _pass.Report(new Fault($"object {SourceText.Plain(_stage.Objects[number].Id)}", SourceText.Plain(_stage.Objects[number].Id, SourceText.MaxId), reason));

    private void AssignToLeading(string type)
    {
        // Steps to the nearest leading object, from all of them at once.
        var steps = new int[_stage.Objects.Count];
        var caseOf = new Dictionary<int, int>();
        var queue = new Queue<int>();
        for (var i = 0; i < steps.Length; i++)
        {
            steps[i] = int.MaxValue;
            if (_stage.Objects[i].Type != type) continue;
            steps[i] = 0;
            caseOf[i] = _cases.Count;
            _cases.Add(i);
            queue.Enqueue(i);
        }
        while (queue.TryDequeue(out var i))
            foreach (var other in _related[i])
                if (steps[other] == int.MaxValue)
                {
                    steps[other] = steps[i] + 1;
                    queue.Enqueue(other);
                }

        var placed = new bool[steps.Length];
        using var insert = _stage.Database.Insert("INSERT INTO case_event VALUES ($1, $2, $3)");
        using var insertObject = _stage.Database.Insert("INSERT OR IGNORE INTO case_object VALUES ($1, $2)");
        EachEvent((number, id, ms, objects) =>
        {
            if (!Nearest(objects, out var leading))
            {
                _pass.Report(new Fault($"event {SourceText.Plain(id)}", "", leading.Count > 0
                    ? $"is as near to more than {MaxCasesOfEvent} objects of type {SourceText.Quote(type)}, or they are too many to search"
                    : $"reaches no object of type {SourceText.Quote(type)}: it belongs to no case"));
                return;
            }
            foreach (var lead in leading)
            {
                insert.Run(caseOf[lead], ms, number);
                foreach (var named in objects)
                {
                    if (steps[named] == 0) continue;
                    placed[named] = true;
                    insertObject.Run(caseOf[lead], named);
                }
            }
        });
        var one = new List<int>(1);
        for (var i = 0; i < steps.Length; i++)
        {
            one.Clear();
            one.Add(i);
            if (Nearest(one, out var leading))
                foreach (var lead in leading) insertObject.Run(caseOf[lead], i);
            else if (!placed[i]) ReportLost(i, $"reaches no object of type {SourceText.Quote(type)}: it belongs to no case");
        }

        bool Nearest(List<int> from, out List<int> leading)
        {
            leading = [];
            var least = int.MaxValue;
            foreach (var i in from) least = Math.Min(least, steps[i]);
            if (least == int.MaxValue) return false;
            // Downhill by one step at a time: only shortest ways are walked.
            var seen = new HashSet<int>();
            var level = new List<int>();
            foreach (var i in from)
                if (steps[i] == least && seen.Add(i)) level.Add(i);
            var looked = 0;
            for (; least > 0; least--)
            {
                var next = new List<int>();
                foreach (var i in level)
                {
                    looked += _related[i].Length;
                    if (looked > MaxSteps)
                    {
                        leading = level;
                        return false;
                    }
                    foreach (var other in _related[i])
                        if (steps[other] == least - 1 && seen.Add(other)) next.Add(other);
                }
                level = next;
            }
            leading = level;
            return level.Count <= MaxCasesOfEvent;
        }
    }

    private ImportedCase? ReadCase(int number)
    {
        var leading = _cases[number];
        var id = _stage.Objects[leading].Id;
        var place = $"object {SourceText.Plain(id)}";
        var faults = new CaseFaults();
        if (SourceText.IdFault(id) is { } badId) faults.Add(place, $"the case id {badId}");
        var activities = ReadEvents(number, faults);
        if (activities.Count == 0 && !faults.Any) faults.Add(place, "the case has no events");
        var draft = new CaseDraft(_pass.Times);
        var objects = faults.Any ? [] : ReadObjects(number, leading, draft, faults);
        if (!faults.Any && _pass.Rules.Complete(draft, activities, objects.Find(o => o.Id == id)?.Attributes ?? []) is { } reason) faults.Add(place, reason);
        if (!faults.Any) return new ImportedCase(id, place, draft.ToFacts(), [], activities, objects);
        faults.ReportTo(_pass, id, place);
        return null;
    }

    private List<ImportedActivity> ReadEvents(int number, CaseFaults faults)
    {
        var rules = _pass.Rules;
        var activities = new List<ImportedActivity>();
        using var events = _stage.Database.Prepare(
            """
            SELECT e.number, e.id, e.type, e.ms, e.utc_offset, e.attributes, e.fault
            FROM case_event c JOIN event e ON e.number = c.event WHERE c.case_number = $1 ORDER BY c.ms, c.event
            """, 1);
        using var related = _stage.Database.Prepare("SELECT object, qualifier FROM event_object WHERE event = $1 ORDER BY rowid", 1);
        using var rows = events.Query(number);
        while (rows.Read())
        {
            var id = rows.GetString(1);
            var place = $"event {SourceText.Plain(id)}";
            if (activities.Count >= XesReader.MaxEvents)
            {
                faults.Add(place, $"the case has more than {XesReader.MaxEvents} events; name a caseType in a mapping if the whole log hangs together");
                break;
            }
            if (!rows.IsDBNull(6))
            {
                faults.Add(place, $"time: {rows.GetString(6)}");
                continue;
            }
            var type = rows.GetString(2);
            var declared = _stage.EventTypes[type];
            string? transition = null, resource = null, group = null;
            var attributes = new List<SourceAttribute>();
            using (var packed = new BinaryReader(new MemoryStream((byte[])rows.GetValue(5)), Encoding.UTF8))
            {
                while (packed.BaseStream.Position < packed.BaseStream.Length)
                {
                    var (name, value) = (packed.ReadString(), packed.ReadString());
                    if (SourceText.TypeFault(declared[name], value, _pass.Times) is { } wrong) faults.Add(place, $"{SourceText.Plain(name)}: {wrong}");
                    if (name == rules.Transition && transition is null) transition = value;
                    else if (name == rules.Resource && resource is null) resource = value;
                    else if (name == rules.Group && group is null) group = value;
                    else attributes.Add(new SourceAttribute(name, declared[name], value));
                }
            }
            var relations = new List<SourceRelation>();
            using (var named = related.Query(rows.GetInt32(0)))
                while (named.Read()) relations.Add(new SourceRelation(named.GetString(0), named.GetString(1)));
            var at = DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(3)).ToOffset(TimeSpan.FromMinutes(rows.GetInt32(4)));
            activities.Add(new ImportedActivity(type, at, transition, id, resource, group, attributes, relations, place));
        }
        return activities;
    }

    private List<SourceObject> ReadObjects(int number, int leading, CaseDraft draft, CaseFaults faults)
    {
        var objects = new List<SourceObject>();
        using var members = _stage.Database.Prepare("SELECT object FROM case_object WHERE case_number = $1 ORDER BY object", 1);
        using var attributes = _stage.Database.Prepare("SELECT name, value, at FROM attribute WHERE object = $1 ORDER BY rowid", 1);
        using var related = _stage.Database.Prepare("SELECT target, qualifier FROM object_object WHERE source = $1 ORDER BY rowid", 1);
        using var rows = members.Query(number);
        while (rows.Read())
        {
            var i = rows.GetInt32(0);
            var (id, type) = _stage.Objects[i];
            var place = $"object {SourceText.Plain(id)}";
            if (objects.Count >= XesReader.MaxEvents)
            {
                faults.Add(place, $"the case has more than {XesReader.MaxEvents} objects; name a caseType in a mapping if the whole log hangs together");
                break;
            }
            var declared = _stage.ObjectTypes[type];
            var values = new List<SourceAttribute>();
            using (var row = attributes.Query(i))
            {
                while (row.Read())
                {
                    var (name, value) = (row.GetString(0), row.GetString(1));
                    if (SourceText.TypeFault(declared[name], value, _pass.Times) is { } wrong) faults.Add(place, $"{SourceText.Plain(name)}: {wrong}");
                    values.Add(new SourceAttribute(name, declared[name], value, At: row.GetString(2)));
                    // The object keeps what becomes a fact of the case: it has a history, the fact has none. The file's last value counts.
                    if (i == leading && _pass.Rules.TryFact(name, out var fact) && draft.Set(fact, value) is { } reason)
                        faults.Add(place, $"{SourceText.Plain(name)}: {reason}");
                }
            }
            var relations = new List<SourceRelation>();
            using (var row = related.Query(i))
                while (row.Read()) relations.Add(new SourceRelation(row.GetString(0), row.GetString(1)));
            objects.Add(new SourceObject(id, type, values, relations));
        }
        return objects;
    }
}
