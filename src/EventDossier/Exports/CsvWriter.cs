using System.Text;
using System.Text.Json;
using static EventDossier.Exports.DataDictionary;

namespace EventDossier.Exports;

/// <summary>
/// RFC 4180 in UTF-8, with the mark that spreadsheets know it by, and the columns that readers of process logs look
/// for; those of the case begin with <c>case:</c>. The data dictionary beside it is W3C's <c>csv-metadata.json</c>.
/// </summary>
public static class CsvWriter
{
    private const string CaseId = "case:concept:name";

    private static readonly Entry _id = new(CaseId, Kind.Text,
        "Code of the dossier, or what a release puts in its place");

    private static readonly Entry[] _ofEvent =
    [
        _id, new("concept:name", Kind.Text, "What was done: a step's own name, else the name of the event"),
        new("time:timestamp", Kind.Moment,
            "When it counts as having happened; events of one time stand in their order"),
        new("lifecycle:transition", Kind.Text, "The transition of the standard lifecycle", Values: Lifecycle.All),
        .. OfEvents,
    ];

    private static readonly Entry[] _ofCase = [.. OfCases.Select(entry => entry with { Name = $"case:{entry.Name}" })];

    /// <summary>One event a row, each with all of its case, so that the file is read alone.</summary>
    public static TextFormat Events { get; } = Format([.. _ofEvent, .. _ofCase], (rows, one) =>
    {
        foreach (var e in one.Events)
        {
            rows.Key();
            Add(rows, e.Activity);
            Add(rows, Spell(e.At));
            Add(rows, e.Lifecycle);
            Add(rows, e.Attributes, OfEvents);
            Add(rows, one.Attributes, OfCases);
            rows.Raw("\r\n"u8);
        }
    });

    /// <summary>One case a row.</summary>
    public static TextFormat Cases { get; } = Format([_id, .. _ofCase], (rows, one) =>
    {
        rows.Key();
        Add(rows, one.Attributes, OfCases);
        rows.Raw("\r\n"u8);
    });

    private static TextFormat Format(Entry[] columns, Action<Utf8Text, ProcessCase> spell) => new(
        Encoding.UTF8.GetBytes($"\uFEFF{string.Join(',', columns.Select(c => c.Name))}\r\n"), [], (rows, one) =>
        {
            Check(one);
            spell(rows, one);
        }, (text, key) => text.Csv(key));

    /// <summary>The data dictionary, by W3C's Metadata Vocabulary for Tabular Data.</summary>
    /// <param name="events">Name of the file of events; null where there is none.</param>
    /// <param name="cases">Name of the file of cases; null where there is none.</param>
    public static void WriteDictionary(Stream to, string? events, string? cases)
    {
        using var json = new Utf8JsonWriter(to, new() { Indented = true, NewLine = "\n",
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("@context", "http://www.w3.org/ns/csvw");
        json.WriteStartArray("tables");
        if (events is not null)
            Table(events, [.. _ofEvent, .. _ofCase]);
        if (cases is not null)
            Table(cases, [_id, .. _ofCase]);
        json.WriteEndArray();
        json.WriteEndObject();

        void Table(string url, IEnumerable<Entry> columns)
        {
            json.WriteStartObject();
            json.WriteString("url", url);
            json.WriteStartObject("tableSchema");
            json.WriteStartArray("columns");
            foreach (var column in columns)
            {
                json.WriteStartObject();
                json.WriteString("name", column.Name.Replace(':', '_'));
                json.WriteString("titles", column.Name);
                json.WriteString("dc:description", column.Values is null ? column.Meaning
                    : $"{column.Meaning}: {string.Join(", ", column.Values)}");
                json.WriteString("datatype", column.Kind switch { Kind.Whole => "integer", Kind.Number => "decimal",
                    Kind.Moment => "dateTimeStamp", _ => "string" });
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }
    }

    /// <summary>In the dictionary's order, empty where there is none.</summary>
    private static void Add(Utf8Text row, IReadOnlyList<ProcessAttribute> attributes, IReadOnlyList<Entry> entries)
    {
        for (int i = 0, next = 0; i < entries.Count; i++)
            Add(row, next < attributes.Count && attributes[next].Name == entries[i].Name
                ? Spell(attributes[next++].Value) : "");
    }

    private static void Add(Utf8Text row, string cell)
    {
        row.Raw(","u8);
        row.Csv(cell);
    }
}
