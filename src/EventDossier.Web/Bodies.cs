using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Web;

/// <summary>Bodies of routes that are not acts on a dossier: read whole and strictly, and each fault names its place.</summary>
internal static class Bodies
{
    private static readonly JsonSerializerOptions _strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false, RespectNullableAnnotations = true, MaxDepth = 8,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <exception cref="UserError"><c>bad-json</c></exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request)
    {
        var text = await TextAsync(request);
        try
        {
            return JsonSerializer.Deserialize<T>(text, _strict) ?? throw new UserError("bad-json", "$: an object is wanted");
        }
        catch (JsonException e)
        {
            throw new UserError("bad-json", $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {e.Message.Split(" Path:")[0].Split(" LineNumber:")[0].TrimEnd('.')}");
        }
    }

    /// <summary>For whoever reads it in another way.</summary>
    /// <exception cref="UserError"><c>bad-json</c></exception>
    public static async Task<string> TextAsync(HttpRequest request)
    {
        if (!request.HasJsonContentType())
            throw new BadHttpRequestException("the body is to be application/json", 415);
        using var body = new StreamReader(request.Body, new UTF8Encoding(false, throwOnInvalidBytes: true));
        try
        {
            var text = await body.ReadToEndAsync(request.HttpContext.RequestAborted);
            // The same key with another body is another request.
            request.HttpContext.Items[nameof(Bodies)] = text;
            return text;
        }
        catch (DecoderFallbackException)
        {
            throw new UserError("bad-json", "$: the body is not UTF-8");
        }
    }

    /// <summary>Who asks, under the key that they chose, for what the body says.</summary>
    public static ActContext Context(HttpContext http, Caller caller, Centre centre, string role, DateTimeOffset? at = null)
    {
        var (key, now) = (Asked.IdempotencyKey(http.Request), centre.Now);
#pragma warning disable RS0030 // Composition: here a new command gets its id.
        var command = key is null ? Guid.NewGuid() : CommandMetadata.IdOf(caller.Actor, key);
#pragma warning restore RS0030
        return new(now, new(command, caller.Actor, role, Request: key is null ? null : CommandMetadata.RequestOf(http.Request.Path, http.Items[nameof(Bodies)] as string)), at ?? now);
    }

    /// <exception cref="UserError"><c>bad-field</c></exception>
    public static string Text(string name, string? text) => text is { Length: > 0 and <= 200 } ? text : throw Bad(name, "1 to 200 characters");

    /// <exception cref="UserError"><c>bad-field</c></exception>
    public static DateTimeOffset? Moment(string name, string? text, bool optional = false) => text is null && optional ? null
        : text is not null && CentreTime.Read(text) is { } at ? at : throw Bad(name, "a time such as 2026-05-06T17:00:00+07:00");

    public static UserError Bad(string name, string wanted) => new("bad-field", $"$.{name}: {wanted}");
}
