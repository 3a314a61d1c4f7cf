using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace EventDossier.Store;

/// <summary>One stored name: what it decodes to, and, for a retired version, how its JSON becomes the current one.</summary>
/// <param name="Name">Snake case, as in the <c>type</c> column; a later version of the same event ends in <c>_v2</c>, <c>_v3</c>, …</param>
/// <param name="Upcast">Null for the version that is written today.</param>
public sealed record EventName(string Name, Type Event, Func<JsonObject, JsonObject>? Upcast)
{
    /// <summary>The name under which <typeparamref name="T"/> is written today.</summary>
    public static EventName Of<T>(string name) => new(name, typeof(T), null);

    /// <summary>A name under which <typeparamref name="T"/> was written once. It is read for ever.</summary>
    public static EventName Was<T>(string name, Func<JsonObject, JsonObject> upcast) => new(name, typeof(T), upcast);
}

/// <summary>The map between stored names and event records. A name that it lacks is an error, never skipped.</summary>
public sealed class EventNames
{
    private readonly Dictionary<string, (EventName Name, JsonTypeInfo Json)> _byName = [];
    private readonly Dictionary<Type, (string Name, string DotNetType, JsonTypeInfo Json)> _byType = [];

    public EventNames(IJsonTypeInfoResolver json, params IReadOnlyList<EventName> names)
    {
        var options = Json = StoreJson.ForEvents(json);
        foreach (var name in names)
        {
            var info = options.GetTypeInfo(name.Event);
            _byName.Add(name.Name, (name, info));
            if (name.Upcast is null)
                _byType.Add(name.Event, (name.Name, $"{name.Event.FullName}, {name.Event.Assembly.GetName().Name}", info));
        }
        All = names;
    }

    public IReadOnlyList<EventName> All { get; }

    /// <summary>How the events are spelled.</summary>
    public JsonSerializerOptions Json { get; }

    /// <param name="DotNetType">For Marten, which keeps it beside the name.</param>
    public readonly record struct Encoded(string Name, string DotNetType, string Json);

    /// <exception cref="NotStorableException">The type has no name, or a text in it can't be stored.</exception>
    public Encoded Encode(object @event)
    {
        if (!_byType.TryGetValue(@event.GetType(), out var known))
            throw new NotStorableException($"{@event.GetType().Name} has no name in the names map");
        return new(known.Name, known.DotNetType, JsonSerializer.Serialize(@event, known.Json));
    }

    /// <exception cref="UnknownEventNameException"/>
    /// <exception cref="JsonException">The data is not the JSON of that event.</exception>
    public object Decode(string name, ReadOnlySpan<byte> json)
    {
        if (!_byName.TryGetValue(name, out var known))
            throw new UnknownEventNameException(name);
        if (known.Name.Upcast is null)
            return JsonSerializer.Deserialize(json, known.Json)!;
        return known.Name.Upcast(JsonNode.Parse(json)!.AsObject()).Deserialize(known.Json)!;
    }
}
