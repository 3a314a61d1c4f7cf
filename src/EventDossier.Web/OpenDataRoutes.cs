using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace EventDossier.Web;

/// <summary>
/// The open-data folder for anybody: whole files or ranges of them. A released file never changes; the catalogue is asked
/// for again by its tag.
/// </summary>
internal static class OpenDataRoutes
{
    private static readonly ConcurrentDictionary<(string Path, long Length, DateTime Written), string> _tags = [];

    public static void MapOpenData(this WebApplication app)
    {
        app.MapGet("/open-data/{**path}", FileAsync).WithTags("open data")
            .WithSummary("Releases: the catalogue as a page, `catalog.jsonld` by DCAT-AP, `feed.atom`, and `releases/ID/FILE`").AnswersWith("application/octet-stream").AllowAnonymous();
        app.MapMethods("/open-data/{**path}", ["HEAD"], FileAsync).WithTags("open data").WithSummary("The same without the file").AnswersWith("application/octet-stream").AllowAnonymous();
    }

    private static async Task<IResult> FileAsync(string? path, HttpContext http, Centre centre)
    {
        if (path is null && http.Request.Path.Value?.EndsWith('/') != true)
            return Results.Redirect("open-data/");
        var name = path is null ? "index.html" : path;
        if (Find(centre.OpenDataFolder, name) is not { } file)
            return Problems.Of(404, "no-such-file", $"nothing is published at open-data/{path}");
        http.Response.Headers.CacheControl = name.StartsWith("releases/", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
        return Results.File(
            file.FullName, OpenData.FileKind.TypeOf(file.Name) ?? "application/octet-stream", lastModified: file.LastWriteTimeUtc,
            entityTag: new EntityTagHeaderValue($"\"{await TagAsync(file, http.RequestAborted)}\""), enableRangeProcessing: true);
    }

    /// <summary>A file of the folder, by names alone: no step up, nothing hidden, nothing that is still being written.</summary>
    private static FileInfo? Find(string folder, string path)
    {
        var names = path.Split('/');
        if (names.Any(name => name.Length == 0 || name[0] == '.' || name.Contains('\\') || name.Contains('\0') || name.EndsWith(".new", StringComparison.Ordinal)))
            return null;
        var file = new FileInfo(Path.Combine([folder, .. names]));
        return file.Exists ? file : null;
    }

    private static async Task<string> TagAsync(FileInfo file, CancellationToken cancel)
    {
        var key = (file.FullName, file.Length, file.LastWriteTimeUtc);
        if (_tags.TryGetValue(key, out var known))
            return known;
        await using var content = file.OpenRead();
        return _tags[key] = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancel))[..32];
    }
}
