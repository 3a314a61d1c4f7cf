using System.Text;
using System.Xml;
using static EventDossier.Exports.DataDictionary;

namespace EventDossier.Exports;

/// <summary>How many cases and events a file has.</summary>
public readonly record struct LogCounts(long Cases, long Events);

/// <summary>
/// XES, IEEE 1849-2016, as its strict schema has it: extensions, globals, classifiers, attributes, traces. Times are in UTC,
/// for some readers drop offsets.
/// </summary>
public static class XesWriter
{
    public const string Namespace = "http://www.xes-standard.org/";

    private static readonly (string Name, string Prefix)[] _extensions =
        [("Concept", "concept"), ("Lifecycle", "lifecycle"), ("Organizational", "org"), ("Time", "time"), ("Cost", "cost")];

    /// <param name="name">Of the log.</param>
    /// <param name="use">What the log may be used for, also among its own attributes; null where nothing is to be said.</param>
    public static async Task<LogCounts> WriteAsync(
        IAsyncEnumerable<ProcessCase> cases, string name, string? use, Stream to, CancellationToken cancel = default)
    {
        var (traces, events) = (0L, 0L);
        using var xml = XmlWriter.Create(to, new()
        {
            Encoding = new UTF8Encoding(false), Indent = true, IndentChars = " ", NewLineChars = "\n", CheckCharacters = false, CloseOutput = false,
        });
        WriteHeader(xml, name, use);
        await foreach (var one in cases.WithCancellation(cancel))
        {
            Check(one);
            xml.WriteStartElement("trace", Namespace);
            WriteText(xml, "string", "concept:name", one.Key);
            WriteAttributes(xml, one.Attributes);
            foreach (var e in one.Events)
            {
                xml.WriteStartElement("event", Namespace);
                WriteText(xml, "string", "concept:name", e.Activity);
                WriteText(xml, "string", "lifecycle:transition", e.Lifecycle);
                WriteText(xml, "date", "time:timestamp", Spell(e.At));
                WriteAttributes(xml, e.Attributes);
                xml.WriteEndElement();
            }
            xml.WriteEndElement();
            traces++;
            events += one.Events.Count;
        }
        xml.WriteEndElement();
        xml.WriteEndDocument();
        return new(traces, events);
    }

    private static void WriteHeader(XmlWriter xml, string name, string? use)
    {
        xml.WriteStartDocument();
        xml.WriteStartElement("log", Namespace);
        xml.WriteAttributeString("xes.version", "1849.2016");
        foreach (var (extension, prefix) in _extensions)
        {
            xml.WriteStartElement("extension", Namespace);
            xml.WriteAttributeString("name", extension);
            xml.WriteAttributeString("prefix", prefix);
            xml.WriteAttributeString("uri", $"{Namespace}{prefix}.xesext");
            xml.WriteEndElement();
        }
        WriteGlobal("trace", ("string", "concept:name", "-"));
        WriteGlobal("event", ("string", "concept:name", "-"), ("string", "lifecycle:transition", Lifecycle.Complete), ("date", "time:timestamp", "1970-01-01T00:00:00.000Z"));
        WriteClassifier("Activity", "concept:name");
        WriteClassifier("ActivityLifecycle", "concept:name lifecycle:transition");
        WriteText(xml, "string", "concept:name", name);
        WriteText(xml, "string", "lifecycle:model", "standard");
        if (use is not null)
            WriteText(xml, "string", Use, use);

        void WriteGlobal(string scope, params (string Type, string Key, string Value)[] attributes)
        {
            xml.WriteStartElement("global", Namespace);
            xml.WriteAttributeString("scope", scope);
            foreach (var (type, key, value) in attributes)
                WriteText(xml, type, key, value);
            xml.WriteEndElement();
        }

        void WriteClassifier(string classifier, string keys)
        {
            xml.WriteStartElement("classifier", Namespace);
            xml.WriteAttributeString("name", classifier);
            xml.WriteAttributeString("scope", "event");
            xml.WriteAttributeString("keys", keys);
            xml.WriteEndElement();
        }
    }

    private static void WriteAttributes(XmlWriter xml, IReadOnlyList<ProcessAttribute> attributes)
    {
        foreach (var attribute in attributes)
        {
            var type = attribute.Value switch { long => "int", decimal => "float", bool => "boolean", DateTimeOffset => "date", _ => "string" };
            WriteText(xml, type, attribute.Name, Spell(attribute.Value));
        }
    }

    private static void WriteText(XmlWriter xml, string type, string key, string value)
    {
        xml.WriteStartElement(type, Namespace);
        xml.WriteAttributeString("key", key);
        xml.WriteAttributeString("value", Sound(value));
        xml.WriteEndElement();
    }

    /// <summary>XML has no way to say some characters, escaped or not.</summary>
    private static string Sound(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!XmlConvert.IsXmlChar(text[i]) && !char.IsSurrogate(text[i]))
                return string.Concat(text.Select(c => XmlConvert.IsXmlChar(c) || char.IsSurrogate(c) ? c : '\uFFFD'));
        }
        return text;
    }
}
