using System.Collections;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EventDossier.Dossiers;

namespace EventDossier.Audit;

/// <summary>A fact of a dossier that is another than before.</summary>
/// <param name="Fact">As in the dossier's JSON; of a list, one entry: <c>due</c>, <c>slips[1]</c>.</param>
/// <param name="From">Null where there was nothing.</param>
public sealed record Change(string Fact, JsonNode? From, JsonNode? To)
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>What is told, not what follows from it; the version counts events and is no fact of the dossier.</summary>
    private static readonly (string Name, PropertyInfo Property)[] _facts =
    [
        .. typeof(Dossier).GetProperties().Where(p => p.CanWrite && p.Name is not (nameof(Dossier.Code) or nameof(Dossier.Version)))
            .Select(p => (JsonNamingPolicy.CamelCase.ConvertName(p.Name), p)),
    ];

    /// <summary>Every fact that differs, in the order in which a dossier tells them.</summary>
    public static IReadOnlyList<Change> Between(Dossier before, Dossier after) =>
        [.. _facts.SelectMany(f => Between(f.Name, f.Property.GetValue(before), f.Property.GetValue(after)))];

    private static IEnumerable<Change> Between(string fact, object? before, object? after)
    {
        if (Equals(before, after))
            return [];
        return before is IList one && after is IList other
            ? Enumerable.Range(0, Math.Max(one.Count, other.Count)).SelectMany(i => Between($"{fact}[{i}]", At(one, i), At(other, i)))
            : [new(fact, JsonSerializer.SerializeToNode(before, _json), JsonSerializer.SerializeToNode(after, _json))];
    }

    private static object? At(IList list, int index) => index < list.Count ? list[index] : null;

    /// <summary>For people: of an entry that changed in part, that part.</summary>
    public override string ToString()
    {
        if (From is not JsonObject before || To is not JsonObject after)
            return To is null ? $"{Fact}: {Text(From)} → nothing" : From is null ? $"{Fact}: {Text(To)}" : $"{Fact}: {Text(From)} → {Text(To)}";
        var parts = before.Where(p => !JsonNode.DeepEquals(p.Value, after[p.Key])).Select(p => $"{p.Key} {(p.Value is null ? "" : $"{Text(p.Value)} → ")}{Text(after[p.Key])}");
        return $"{Fact}: {string.Join(", ", parts)}";
    }

    private static string Text(JsonNode? value) => value switch
    {
        null => "nothing",
        JsonObject parts => string.Join(", ", parts.Where(p => p.Value is JsonValue v && v.GetValueKind() is not (JsonValueKind.False or JsonValueKind.Null)).Select(p => $"{p.Key} {Text(p.Value)}")),
        JsonValue text when text.GetValueKind() == JsonValueKind.String && DateTimeOffset.TryParse(text.ToString(), out var at) && text.ToString().Length > 18 => Deadlines.CentreTime.Show(at),
        _ => value.ToJsonString(_json).Trim('"') is var plain && plain.Length > 60 ? plain[..60] + "…" : plain,
    };
}
