using System.Globalization;
using System.Text;
using System.Text.Json;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;
using Microsoft.AspNetCore.WebUtilities;

namespace EventDossier.Web;

/// <summary>What a request asks for in its query and headers. Each fault is a <see cref="UserError"/> that names the place.</summary>
internal static class Asked
{
    private const int MostRows = 500;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    public static string? Text(HttpRequest request, string name) => request.Query[name] switch
    {
        { Count: 0 } => null,
        [{ Length: > 0 and <= 500 } text] => text,
        _ => throw Bad(name, "one value of at most 500 characters"),
    };

    public static DateTimeOffset? Moment(HttpRequest request, string name) =>
        Text(request, name) is not { } text ? null : CentreTime.Read(Offset(text)) ?? throw Bad(name, "a time such as 2026-05-06T17:00:00+07:00");

    /// <summary>A version, a legal time, a recorded one, or both; as <see cref="Dossiers.AsOf.Read"/>.</summary>
    public static AsOf? AsOf(HttpRequest request, string name) =>
        Text(request, name) is not { } text ? null : Dossiers.AsOf.Read(string.Join('@', text.Split('@').Select(Offset))) ?? throw Bad(name, "a version, 2026-05-06T17:00:00+07:00, @ and a recorded time, or both");

    /// <summary>What <c>asOf</c>, <c>knownAt</c> and <c>position</c> ask of the past; null where nothing.</summary>
    public static AsOf? Past(HttpRequest request) =>
        new AsOf(Moment(request, "asOf"), Moment(request, "knownAt"), Position: Number(request, "position")) is var past && past == new AsOf() ? null : past;

    public static long? Number(HttpRequest request, string name) => Text(request, name) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Bad(name, "a whole number");

    public static bool? Flag(HttpRequest request, string name) => Text(request, name) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        _ => throw Bad(name, "true or false"),
    };

    public static T? Word<T>(HttpRequest request, string name) where T : struct, Enum => Text(request, name) is not { } text ? null
        : !char.IsAsciiDigit(text[0]) && Enum.TryParse<T>(text, ignoreCase: true, out var value) ? value
        : throw Bad(name, string.Join(", ", Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName)));

    public static int Limit(HttpRequest request) => Number(request, "limit") switch
    {
        null => 50,
        >= 1 and <= MostRows and var limit => (int)limit,
        _ => throw Bad("limit", $"from 1 to {MostRows}"),
    };

    /// <summary>Where the page before ended: what <see cref="Page"/> made of the keys of its last row.</summary>
    public static string[]? Cursor(HttpRequest request, int keys)
    {
        if (Text(request, "cursor") is not { } text)
            return null;
        try
        {
            if (JsonSerializer.Deserialize<string[]>(WebEncoders.Base64UrlDecode(text)) is { } found && found.Length == keys && found.All(key => key is not null))
                return found;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
        }
        throw Bad("cursor", "the next of a page before");
    }

    /// <summary>A page of rows, and how to ask for the next one where there may be more.</summary>
    public static Page<T> Page<T>(IReadOnlyList<T> rows, int limit, Func<T, string[]> keys) =>
        new(rows, rows.Count < limit ? null : WebEncoders.Base64UrlEncode(JsonSerializer.SerializeToUtf8Bytes(keys(rows[^1]))));

    public static string Key(DateTimeOffset at) => at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    public static DateTimeOffset Key(string key) => DateTimeOffset.TryParse(key, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : throw Bad("cursor", "the next of a page before");

    /// <summary>A whole number in a cursor.</summary>
    public static long Whole(string key) => long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Bad("cursor", "the next of a page before");

    /// <summary>A dossier's code. One of an older system may hold a slash, which the router leaves escaped.</summary>
    public static string Code(string code) => code.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    /// <summary>Waits until a view has taken what <c>?after=</c> names: the position that a write was answered with.</summary>
    /// <exception cref="UserError"><c>views-behind</c>: not within five seconds.</exception>
    public static async Task AfterAsync(HttpRequest request, View view, Database database)
    {
        if (Number(request, "after") is not { } position)
            return;
        using var patience = new CancellationTokenSource(_patience, database.Clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, request.HttpContext.RequestAborted);
        try
        {
            await new ViewFollower(view, database.App, database.Names, database.Clock).CatchUpAsync(position, stop.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new UserError("views-behind", $"the view {view.Name} has not reached position {position} yet");
        }
    }

    /// <summary>The version that the caller last saw; null for any.</summary>
    public static long? IfMatch(HttpRequest request) => request.Headers.IfMatch.ToString() switch
    {
        "" or "*" => null,
        ['"', .. var digits, '"'] when long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var version) => version,
        _ => throw new UserError("bad-header", "If-Match: a version as an ETag gave it, such as \"7\""),
    };

    public static string? IdempotencyKey(HttpRequest request) => request.Headers["Idempotency-Key"] switch
    {
        { Count: 0 } => null,
        [{ Length: > 0 and <= 200 } key] => key,
        _ => throw new UserError("bad-header", "Idempotency-Key: one of at most 200 characters"),
    };

    /// <summary>Who asks for personal data, in the role that may.</summary>
    public static Reader Reader(HttpContext http, Caller caller, string resource)
    {
#pragma warning disable RS0030 // Composition: here a request gets its id.
        return new(Guid.NewGuid(), caller.Actor, caller.Roles.MaxBy(role => Rights.Of(caller with { Roles = [role] }, resource)) ?? "",
            $"GET {(http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText}", Text(http.Request, "reason"));
#pragma warning restore RS0030
    }

    public static string ETag(long version) => $"\"{version}\"";

    /// <summary>The + of an offset that was not escaped arrives as a blank.</summary>
    private static string Offset(string text) => text.Length > 17 && text[^6] == ' ' ? $"{text[..^6]}+{text[^5..]}" : text;

    private static UserError Bad(string name, string wanted) => new("bad-query", $"{name}: {wanted}");
}

/// <summary>A part of a list.</summary>
/// <param name="Next">What <c>cursor=</c> takes for the part after it; null where there is none.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
