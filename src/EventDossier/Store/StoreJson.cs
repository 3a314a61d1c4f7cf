using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace EventDossier.Store;

/// <summary>
/// How events are spelled as JSON, so that what is stored can be hashed and any JSON reader gets the same values: text in NFC without U+0000,
/// times with an offset and whole milliseconds, integers beyond ±2⁵³−1 as strings, absent for null, camel case.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventHeaders))]
internal sealed partial class StoreJson : JsonSerializerContext
{
    private const long LargestExact = (1L << 53) - 1;

    /// <summary>Options for events. The generated metadata of <paramref name="known"/> is used first, reflection for other types (test events).</summary>
    public static JsonSerializerOptions ForEvents(IJsonTypeInfoResolver known) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = JsonTypeInfoResolver.Combine(known, new DefaultJsonTypeInfoResolver()),
        Converters = { new TextConverter(), new TimeConverter(), new LongConverter(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static string Headers(CommandMetadata command) => JsonSerializer.Serialize(
        new EventHeaders(command.CommandId, Text(command.Actor), Text(command.Role), command.Authority is null ? null : Text(command.Authority), command.Request),
        Default.EventHeaders);

    /// <summary>Text as it is stored.</summary>
    /// <exception cref="NotStorableException">U+0000, U+FFFE, half a surrogate pair, or a long run of combining marks.</exception>
    public static string Text(string value)
    {
        if (value.Contains('\0'))
            throw new NotStorableException("a text contains U+0000");
        if (Ascii.IsValid(value))
            return value;
        if (HasLongRunOfMarks(value))
            throw new NotStorableException("a text has more than a hundred combining marks in a row");
        try
        {
            return value.IsNormalized() ? value : value.Normalize();
        }
        catch (ArgumentException)
        {
            throw new NotStorableException("a text has half a surrogate pair or U+FFFE");
        }
    }

    /// <summary>Sorting a run of marks takes normalisation quadratic time, and no language stacks them by the hundred.</summary>
    public static bool HasLongRunOfMarks(string text)
    {
        var run = 0;
        foreach (var c in text)
        {
            // No mark stands below U+0300.
            run = c >= 0x300 && char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark ? run + 1 : 0;
            if (run > 100)
                return true;
        }
        return false;
    }

    public static DateTimeOffset Time(DateTimeOffset value) => value.AddTicks(-(value.Ticks % TimeSpan.TicksPerMillisecond));

    private sealed class TextConverter : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => reader.GetString();
        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(Text(value));
    }

    private sealed class TimeConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => reader.GetDateTimeOffset();
        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Time(value));
    }

    private sealed class LongConverter : JsonConverter<long>
    {
        public override long Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            reader.TokenType != JsonTokenType.String ? reader.GetInt64()
            : long.TryParse(reader.GetString(), CultureInfo.InvariantCulture, out var value) ? value
            : throw new JsonException("not a whole number");

        public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options)
        {
            if (value is > LargestExact or < -LargestExact)
                writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
            else
                writer.WriteNumberValue(value);
        }
    }
}
