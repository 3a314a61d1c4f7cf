using System.Text;
using System.Text.Json;

namespace EventDossier.Import;

/// <summary>
/// Stages OCEL 2.0 JSON, token by token. Values are strings by the published schema; numbers and booleans, which many tools write, are kept as they are
/// spelled.
/// </summary>
internal sealed class OcelJson(LogStream input, LogPass pass, OcelStage stage)
{
    private const int MaxToken = 4 * SourceText.MaxValue;

    private byte[] _buffer = new byte[64 << 10];
    private int _start, _end;
    private bool _last;
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = XesReader.MaxDepth });

    private JsonTokenType _token;
    private string? _text;

    public void Stage()
    {
        Fill();
        if (_buffer.AsSpan(0, _end).StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) _start = 3;
        Read();
        if (_token != JsonTokenType.StartObject) throw new LogFault("file", "an OCEL is a JSON object");
        var parts = new HashSet<string>();
        while (NextKey() is { } key)
        {
            if (!parts.Add(key)) throw new LogFault(SourceText.Plain(key), "stands twice in the file");
            switch (key)
            {
                case "objectTypes": Items(key, (i, place) => ReadType(false, i, place)); break;
                case "eventTypes": Items(key, (i, place) => ReadType(true, i, place)); break;
                case "objects": Items(key, (_, place) => ReadObject(place)); break;
                case "events": Items(key, (_, place) => ReadEvent(place)); break;
                default: Unknown("file", key); break;
            }
        }
        foreach (var part in (string[])["objectTypes", "eventTypes", "objects", "events"])
            if (!parts.Contains(part)) stage.Problem("file", $"the array {part} is missing");
        if (Read()) throw new LogFault("file", "something follows the JSON object");
    }

    private void ReadType(bool ofEvents, int index, string place)
    {
        string? name = null;
        Dictionary<string, string>? attributes = null;
        Members(place, key =>
        {
            switch (key)
            {
                case "name": name = Id(place, "its name"); break;
                case "attributes":
                    attributes = [];
                    Items($"{place}.attributes", (_, at) =>
                    {
                        string? attribute = null, type = null;
                        Members(at, k =>
                        {
                            if (k == "name") attribute = Id(at, "its name");
                            else if (k == "type") type = Scalar(at, k);
                            else Unknown(at, k);
                        });
                        if (attribute is null || type is null) stage.Problem(at, "name or type is missing");
                        else if (attributes.Count >= XesReader.MaxAttributes) throw new LogFault(at, $"a type has more than {XesReader.MaxAttributes} attributes");
                        else if (!attributes.TryAdd(attribute, OcelStage.XesType(type))) stage.Problem(at, $"{SourceText.Quote(attribute)} is declared twice");
                    });
                    break;
                default: Unknown(place, key); break;
            }
        });
        if (name is null) stage.Problem(place, "name is missing");
        else if (attributes is null) stage.Problem($"{(ofEvents ? "event" : "object")} type {name}", "the array attributes is missing");
        if (name is not null) stage.AddType(ofEvents, name, attributes ?? []);
    }

    private void ReadObject(string place)
    {
        string? id = null, type = null;
        var attributes = new List<(string Name, string Value, string At)>();
        var relations = new List<(string Target, string Qualifier)>();
        Members(place, key =>
        {
            switch (key)
            {
                case "id": id = Id(place, "its id"); break;
                case "type": type = Id(place, "its type"); break;
                case "attributes":
                    Items($"{place}.attributes", (_, at) =>
                    {
                        string? name = null, value = null, time = null;
                        Members(at, k =>
                        {
                            if (k == "name") name = Id(at, "its name");
                            else if (k == "value") value = Scalar(at, k);
                            else if (k == "time") time = Scalar(at, k);
                            else Unknown(at, k);
                        });
                        if (name is null || value is null || time is null) stage.Problem(at, "name, value or time is missing");
                        else if (pass.Times.Check(time) is { } reason) stage.Problem(at, $"time: {reason}");
                        else Bounded(attributes, (name, value, time), at);
                    });
                    break;
                case "relationships": ReadRelations(place, relations); break;
                default: Unknown(place, key); break;
            }
        });
        if (id is null || type is null)
        {
            stage.Problem(id is null ? place : $"object {id}", $"{(id is null ? "id" : "type")} is missing");
            return;
        }
        var number = stage.AddObject(id, type);
        foreach (var (name, value, at) in attributes) stage.AddAttribute(number, name, value, at);
        foreach (var (target, qualifier) in relations) stage.AddRelation(number, target, qualifier);
    }

    private void ReadEvent(string place)
    {
        string? id = null, type = null, time = null;
        var attributes = new List<(string Name, string Value)>();
        var relations = new List<(string Target, string Qualifier)>();
        Members(place, key =>
        {
            switch (key)
            {
                case "id": id = Id(place, "its id"); break;
                case "type": type = Id(place, "its type"); break;
                case "time": time = Scalar(place, key); break;
                case "attributes":
                    Items($"{place}.attributes", (_, at) =>
                    {
                        string? name = null, value = null;
                        Members(at, k =>
                        {
                            if (k == "name") name = Id(at, "its name");
                            else if (k == "value") value = Scalar(at, k);
                            else Unknown(at, k);
                        });
                        if (name is null || value is null) stage.Problem(at, "name or value is missing");
                        else Bounded(attributes, (name, value), at);
                    });
                    break;
                case "relationships": ReadRelations(place, relations); break;
                default: Unknown(place, key); break;
            }
        });
        if (id is null || type is null || time is null)
        {
            stage.Problem(id is null ? place : $"event {id}", $"{(id is null ? "id" : type is null ? "type" : "time")} is missing");
            return;
        }
        var number = stage.AddEvent(id, type, time, attributes, pass.Times);
        foreach (var (target, qualifier) in relations) stage.AddEventObject(number, target, qualifier);
    }

    private void ReadRelations(string place, List<(string, string)> relations) =>
        Items($"{place}.relationships", (_, at) =>
        {
            string? target = null, qualifier = null;
            Members(at, k =>
            {
                if (k == "objectId") target = Id(at, "its objectId");
                else if (k == "qualifier") qualifier = Scalar(at, k);
                else Unknown(at, k);
            });
            if (target is null || qualifier is null) stage.Problem(at, "objectId or qualifier is missing");
            else Bounded(relations, (target, qualifier), at);
        });

    private static void Bounded<T>(List<T> list, T item, string place)
    {
        if (list.Count >= XesReader.MaxAttributes) throw new LogFault(place, $"more than {XesReader.MaxAttributes} of them");
        list.Add(item);
    }

    private void Unknown(string place, string key)
    {
        stage.Problem(place, $"{SourceText.Quote(key)} is not a key of OCEL 2.0");
        Read();
        SkipValue();
    }

    private string? Id(string place, string what)
    {
        Read();
        if (_token == JsonTokenType.String && _text!.Length > 0) return stage.Text(place, what, _text);
        stage.Problem(place, $"{what} is not a text, or is empty");
        SkipValue();
        return null;
    }

    private string? Scalar(string place, string key)
    {
        Read();
        if (_token is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False)
            return stage.Text(place, key, _text!, SourceText.MaxValue);
        stage.Problem(place, $"{key} is not a text");
        SkipValue();
        return null;
    }

    private void Items(string name, Action<int, string> item)
    {
        Read();
        if (_token != JsonTokenType.StartArray) throw new LogFault(name, "is not an array");
        for (var i = 0; Read() && _token != JsonTokenType.EndArray; i++)
        {
            input.Mark();
            item(i, $"{name}[{i}]");
        }
    }

    /// <summary>The keys of an object whose start was read; <paramref name="member"/> reads the value.</summary>
    private void Members(string place, Action<string> member)
    {
        if (_token != JsonTokenType.StartObject)
        {
            stage.Problem(place, "is not an object");
            SkipValue();
            return;
        }
        var keys = new HashSet<string>();
        while (NextKey() is { } key)
        {
            if (!keys.Add(key)) stage.Problem(place, $"{SourceText.Quote(key)} stands twice");
            member(key);
        }
    }

    private string? NextKey()
    {
        Read();
        return _token == JsonTokenType.PropertyName ? _text : null;
    }

    /// <summary>To the end of the value whose first token was read.</summary>
    private void SkipValue()
    {
        var depth = 0;
        while (true)
        {
            if (_token is JsonTokenType.StartArray or JsonTokenType.StartObject) depth++;
            else if (_token is JsonTokenType.EndArray or JsonTokenType.EndObject) depth--;
            if (depth <= 0) return;
            Read();
        }
    }

    /// <summary>One token. False at the end, where alone that is allowed.</summary>
    private bool Read()
    {
        try
        {
            while (true)
            {
                var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _last, _state);
                if (reader.Read())
                {
                    _token = reader.TokenType;
                    _text = _token switch
                    {
                        JsonTokenType.PropertyName or JsonTokenType.String => reader.GetString(),
                        JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
                        JsonTokenType.True => "true",
                        JsonTokenType.False => "false",
                        _ => null,
                    };
                    _start += (int)reader.BytesConsumed;
                    _state = reader.CurrentState;
                    return true;
                }
                _start += (int)reader.BytesConsumed;
                _state = reader.CurrentState;
                if (_last) return false;
                Fill();
            }
        }
        catch (JsonException e)
        {
            throw new LogFault($"line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}",
                _last && _start >= _end - 1 ? "the JSON ends too early: the file was cut off" : $"not JSON: {Short(e.Message)}");
        }
        catch (InvalidOperationException)
        {
            var place = stage.Events > 0 ? $"after {stage.Events} events" : $"after {stage.Objects.Count} objects";
            throw new LogFault(place, "a text contains half of a surrogate pair, or bytes that are not UTF-8");
        }
    }

    private static string Short(string message)
    {
        var end = message.IndexOf(" LineNumber", StringComparison.Ordinal);
        return LogFault.OneLine(end < 0 ? message : message[..end]);
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= MaxToken) throw new LogFault("file", $"a single value is longer than {MaxToken >> 20} MiB");
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
        var n = input.Read(_buffer.AsSpan(_end));
        _end += n;
        _last = n == 0;
    }
}
