using System.Text;
using static EventDossier.Exports.DataDictionary;

namespace EventDossier.Exports;

/// <summary>
/// XES, IEEE 1849-2016, as its strict schema has it: extensions, globals, classifiers, attributes, traces. Times are in
/// UTC, for some readers drop offsets.
/// </summary>
public static class XesWriter
{
    public const string Namespace = "http://www.xes-standard.org/";

    private const string Header =
        """
        <?xml version="1.0" encoding="utf-8"?>
        <log xes.version="1849.2016" xmlns="http://www.xes-standard.org/">
        <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
        <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
        <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
        <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
        <extension name="Cost" prefix="cost" uri="http://www.xes-standard.org/cost.xesext"/>
        <global scope="trace"><string key="concept:name" value="-"/></global>
        <global scope="event"><string key="concept:name" value="-"/><string key="lifecycle:transition" value="complete"/><date key="time:timestamp" value="1970-01-01T00:00:00.000Z"/></global>
        <classifier name="Activity" scope="event" keys="concept:name"/>
        <classifier name="ActivityLifecycle" scope="event" keys="concept:name lifecycle:transition"/>
        <string key="lifecycle:model" value="standard"/>

        """;

    private static readonly Begun[] _ofCases = [.. OfCases.Select(Begin)], _ofEvents = [.. OfEvents.Select(Begin)];

    /// <summary>The beginning of an attribute, up to the value.</summary>
    private sealed record Begun(string Name, byte[] Xml);

    /// <param name="name">Of the log.</param>
    /// <param name="use">What the log may be used for, also among its own attributes; null where nothing is to be
    /// said.</param>
    public static TextFormat Format(string name, string? use)
    {
        var begins = new Utf8Text();
        begins.Raw(Encoding.UTF8.GetBytes(Header));
        Write(begins, "<string key=\"concept:name\" value=\""u8, name);
        if (use is not null)
            Write(begins, _ofCases.First(entry => entry.Name == Use).Xml, use);
        return new(begins.Spelled.ToArray(), "</log>\n"u8.ToArray(), Spell, (text, key) => text.Xml(key));
    }

    private static void Spell(Utf8Text text, ProcessCase one)
    {
        text.Raw("<trace>\n<string key=\"concept:name\" value=\""u8);
        text.Key();
        text.Raw("\"/>\n"u8);
        Write(text, one.Key, one.Attributes, _ofCases);
        foreach (var e in one.Events)
        {
            text.Raw("<event>\n"u8);
            Write(text, "<string key=\"concept:name\" value=\""u8, e.Activity);
            Write(text, "<string key=\"lifecycle:transition\" value=\""u8, e.Lifecycle);
            text.Raw("<date key=\"time:timestamp\" value=\""u8);
            text.Moment(e.At);
            text.Raw("\"/>\n"u8);
            Write(text, one.Key, e.Attributes, _ofEvents);
            text.Raw("</event>\n"u8);
        }
        text.Raw("</trace>\n"u8);
    }

    /// <param name="attributes">In the order of <paramref name="entries"/>.</param>
    private static void Write(Utf8Text text, string key, IReadOnlyList<ProcessAttribute> attributes, Begun[] entries)
    {
        for (int i = 0, entry = 0; i < attributes.Count; i++, entry++)
        {
            var (name, value) = attributes[i];
            while (entry < entries.Length && entries[entry].Name != name)
                entry++;
            if (entry == entries.Length)
                throw Unknown(key, name);
            text.Raw(entries[entry].Xml);
            switch (value)
            {
                case long whole:
                    text.Whole(whole);
                    break;
                case DateTimeOffset at:
                    text.Moment(at);
                    break;
                default:
                    text.Xml(DataDictionary.Spell(value));
                    break;
            }
            text.Raw("\"/>\n"u8);
        }
    }

    private static void Write(Utf8Text text, ReadOnlySpan<byte> begun, string value)
    {
        text.Raw(begun);
        text.Xml(value);
        text.Raw("\"/>\n"u8);
    }

    private static Begun Begin(Entry entry)
    {
        var element = entry.Kind switch { Kind.Whole => "int", Kind.Number => "float", Kind.Moment => "date", _ =>
            "string" };
        return new(entry.Name, Encoding.UTF8.GetBytes($"<{element} key=\"{entry.Name}\" value=\""));
    }
}
