using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventDossier;

/// <summary>JSON that people write: rules, catalogues, organisations. A field that is misspelt, missing or told twice is a fault, never a default.</summary>
internal static class StrictJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <param name="what">It is to be, for who gave nothing.</param>
    /// <exception cref="UserError">With this code; names the line.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> json, string what, string code)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options) ?? throw new JsonException($"null is no {what}");
        }
        catch (JsonException e)
        {
            throw new UserError(code, $"line {(e.LineNumber ?? 0) + 1}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>A file that comes with the product.</summary>
    public static byte[] Resource(string name)
    {
        using var stream = typeof(StrictJson).Assembly.GetManifestResourceStream(name)!;
        var json = new byte[stream.Length];
        stream.ReadExactly(json);
        return json;
    }
}
