using static EventDossier.Exports.DataDictionary;

namespace EventDossier.Exports;

/// <summary>
/// OCEL 2.0 as JSON, one event or object a line, every value a text as the published schema wants it. Objects wait in a
/// temporary file until the last event is written, and the types that were met come at the end.
/// </summary>
public static class OcelJsonWriter
{
    public static async Task<LogCounts> WriteAsync(IAsyncEnumerable<ProcessCase> cases, Stream to,
        CancellationToken cancel = default)
    {
        var (ocel, met, counts) = (new OcelCase(), new SortedDictionary<string,
            HashSet<string>>(StringComparer.Ordinal), new LogCounts());
        var (events, objects, key, last) = (new Utf8Text(), new Utf8Text(), new Utf8Text(), (ProcessCase?)null);
        using var waiting = new FileStream(Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite,
            FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        to.Write("{\"events\":["u8);
        var spelled = new Utf8Text();
        // Every item begins with a comma, which the first of an array has no use for.
        var (firstEvent, firstObject) = (1, 1);
        await foreach (var one in cases.WithCancellation(cancel))
        {
            if (!one.IsTwinOf(last))
            {
                var (shared, own, happened) = ocel.Of(one);
                objects.Clear();
                foreach (var o in shared)
                    Add(objects, o);
                Send(objects, waiting, ref firstObject);
                objects.Clear();
                foreach (var o in own)
                    Add(objects, o);
                events.Clear();
                foreach (var e in happened)
                {
                    if (!met.TryGetValue(e.Type, out var names))
                        met.Add(e.Type, names = []);
                    foreach (var attribute in e.Attributes)
                        names.Add(attribute.Name);
                    Add(events, e);
                }
            }
            last = one;
            key.Clear();
            key.Json(one.Key);
            Send(events, to, ref firstEvent);
            Send(objects, waiting, ref firstObject);
            counts = new(counts.Cases + 1, counts.Events + one.Events.Count);
        }
        to.Write("\n],\"objects\":["u8);
        waiting.Position = 0;
        await waiting.CopyToAsync(to, cancel);
        to.Write("\n],\"eventTypes\":["u8);
        Types(met.Select(type => (type.Key, OcelCase.EventAttributes.Where(a => type.Value.Contains(a.Name)))));
        to.Write("\n],\"objectTypes\":["u8);
        Types(OcelCase.Types.Select(type => (type.Key, (IEnumerable<Entry>)type.Value)));
        to.Write("\n]}\n"u8);
        return counts;

        void Types(IEnumerable<(string Name, IEnumerable<Entry> Attributes)> types)
        {
            var (all, first) = (new Utf8Text(), 1);
            foreach (var (name, attributes) in types)
                Add(all, name, attributes);
            Send(all, to, ref first);
        }

        void Send(Utf8Text items, Stream there, ref int first)
        {
            if (items.Spelled.Length == 0)
                return;
            items.AddTo(spelled, key.Spelled, first);
            spelled.MoveTo(there);
            first = 0;
        }
    }

    private static void Add(Utf8Text json, OcelEvent e)
    {
        Begin(json, e.Id, e.Type);
        json.Raw("\",\"time\":\""u8);
        json.Moment(e.At);
        json.Raw("\",\"attributes\":["u8);
        for (var i = 0; i < e.Attributes.Count; i++)
        {
            Begin(json, i, e.Attributes[i].Name, e.Attributes[i].Value);
            json.Raw("\"}"u8);
        }
        End(json, e.Relations);
    }

    private static void Add(Utf8Text json, OcelObject o)
    {
        Begin(json, o.Id, o.Type);
        json.Raw("\",\"attributes\":["u8);
        for (var i = 0; i < o.Attributes.Count; i++)
        {
            Begin(json, i, o.Attributes[i].Name, o.Attributes[i].Value);
            json.Raw("\",\"time\":\""u8);
            json.Moment(o.Attributes[i].At);
            json.Raw("\"}"u8);
        }
        End(json, o.Relations);
    }

    private static void Add(Utf8Text json, string type, IEnumerable<Entry> attributes)
    {
        json.Raw(",\n{\"name\":\""u8);
        json.Json(type);
        json.Raw("\",\"attributes\":["u8);
        foreach (var (i, attribute) in attributes.Index())
        {
            json.Raw(i == 0 ? "{\"name\":\""u8 : ",{\"name\":\""u8);
            json.Json(attribute.Name);
            json.Raw("\",\"type\":\""u8);
            json.Raw(attribute.Kind switch { Kind.Whole => "integer"u8, Kind.Number => "float"u8, Kind.Moment => "time"u8,
                _ => "string"u8 });
            json.Raw("\"}"u8);
        }
        json.Raw("]}"u8);
    }

    private static void Begin(Utf8Text json, OcelId id, string type)
    {
        json.Raw(",\n{\"id\":\""u8);
        Id(json, id);
        json.Raw("\",\"type\":\""u8);
        json.Json(type);
    }

    private static void Begin(Utf8Text json, int attribute, string name, object value)
    {
        json.Raw(attribute == 0 ? "{\"name\":\""u8 : ",{\"name\":\""u8);
        json.Json(name);
        json.Raw("\",\"value\":\""u8);
        json.Json(Spell(value));
    }

    private static void End(Utf8Text json, IReadOnlyList<OcelRelation> relations)
    {
        json.Raw("],\"relationships\":["u8);
        for (var i = 0; i < relations.Count; i++)
        {
            json.Raw(i == 0 ? "{\"objectId\":\""u8 : ",{\"objectId\":\""u8);
            Id(json, relations[i].To);
            json.Raw("\",\"qualifier\":\""u8);
            json.Json(relations[i].Qualifier);
            json.Raw("\"}"u8);
        }
        json.Raw("]}"u8);
    }

    private static void Id(Utf8Text json, OcelId id)
    {
        if (id.IsOwn)
            json.Key();
        json.Json(id.Name);
    }
}
