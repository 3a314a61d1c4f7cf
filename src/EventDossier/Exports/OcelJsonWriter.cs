using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
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
        using var waiting = new FileStream(Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite,
            FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        using (var events = new Items(to))
        using (var objects = new Items(waiting))
        {
            to.Write("{\"events\":["u8);
            await foreach (var one in cases.WithCancellation(cancel))
            {
                var (found, happened) = ocel.Of(one);
                foreach (var e in happened)
                {
                    if (!met.TryGetValue(e.Type, out var names))
                        met.Add(e.Type, names = []);
                    foreach (var attribute in e.Attributes)
                        names.Add(attribute.Name);
                    events.Write(json => Write(json, e));
                }
                foreach (var o in found)
                    objects.Write(json => Write(json, o));
                counts = new(counts.Cases + 1, counts.Events + happened.Count);
            }
        }
        to.Write("\n],\"objects\":["u8);
        waiting.Position = 0;
        await waiting.CopyToAsync(to, cancel);
        to.Write("\n],\"eventTypes\":["u8);
        using (var types = new Items(to))
        {
            foreach (var (type, names) in met)
                types.Write(json => WriteType(json, type, OcelCase.EventAttributes.Where(a => names.Contains(a.Name))));
        }
        to.Write("\n],\"objectTypes\":["u8);
        using (var types = new Items(to))
        {
            foreach (var (type, attributes) in OcelCase.Types)
                types.Write(json => WriteType(json, type, attributes));
        }
        to.Write("\n]}\n"u8);
        return counts;
    }

    private static void Write(Utf8JsonWriter json, OcelEvent e)
    {
        json.WriteString("id", e.Id);
        json.WriteString("type", e.Type);
        json.WriteString("time", Spell(e.At));
        json.WriteStartArray("attributes");
        foreach (var (name, value) in e.Attributes)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("value", Spell(value));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        Write(json, e.Relations);
    }

    private static void Write(Utf8JsonWriter json, OcelObject o)
    {
        json.WriteString("id", o.Id);
        json.WriteString("type", o.Type);
        json.WriteStartArray("attributes");
        foreach (var (name, value, at) in o.Attributes)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("value", Spell(value));
            json.WriteString("time", Spell(at));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        Write(json, o.Relations);
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<OcelRelation> relations)
    {
        json.WriteStartArray("relationships");
        foreach (var (to, qualifier) in relations)
        {
            json.WriteStartObject();
            json.WriteString("objectId", to);
            json.WriteString("qualifier", qualifier);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteType(Utf8JsonWriter json, string name, IEnumerable<Entry> attributes)
    {
        json.WriteString("name", name);
        json.WriteStartArray("attributes");
        foreach (var attribute in attributes)
        {
            json.WriteStartObject();
            json.WriteString("name", attribute.Name);
            json.WriteString("type", attribute.Kind switch { Kind.Whole => "integer", Kind.Number => "float",
                Kind.Moment => "time", _ => "string" });
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>The items of an array, each on a line of its own.</summary>
    private sealed class Items(Stream to) : IDisposable
    {
        private static readonly JsonWriterOptions _options =
            new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        private readonly ArrayBufferWriter<byte> _line = new();
        private readonly Utf8JsonWriter _json = new(Stream.Null, _options);
        private bool _more;

        public void Write(Action<Utf8JsonWriter> members)
        {
            _line.ResetWrittenCount();
            _json.Reset(_line);
            _json.WriteStartObject();
            members(_json);
            _json.WriteEndObject();
            _json.Flush();
            to.Write(_more ? ",\n"u8 : "\n"u8);
            to.Write(_line.WrittenSpan);
            _more = true;
        }

        public void Dispose() => _json.Dispose();
    }
}
