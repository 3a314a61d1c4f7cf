using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using EventDossier.Exports;
using EventDossier.OpenData;

namespace EventDossier.EndToEnd.Web;

/// <summary>The open-data folder as anybody's browser, feed reader or download manager sees it.</summary>
[Collection(OneServer.Name)]
public sealed class OpenDataTests(WebServer server)
{
    [Fact]
    public async Task A_release_is_fetched_whole_in_parts_or_not_again_and_nothing_beside_the_folder_is()
    {
        var folder = Path.Combine(server.Folder, "open-data");
        var release = OpenDataFolder.ReleaseIn(folder, "2026-0001");
        Directory.CreateDirectory(release);
        var bytes = RandomNumberGenerator.GetBytes(5_000);
        var file = await ExportFile.WriteAsync(Path.Combine(release, "log.xes.gz"), to => to.WriteAsync(bytes).AsTask());
        await OpenDataFolder.WriteCatalogueAsync(folder, "Trung tâm", [new("2026-0001", "Quý I", "Nhật ký", new(2026, 4, 1, 9, 0, 0, TimeSpan.FromHours(7)), new(2026, 1, 1), new(2026, 3, 31), "Trung tâm", "https://creativecommons.org/licenses/by/4.0/", [file])]);
        await File.WriteAllTextAsync(Path.Combine(folder, ".secret"), "x");
        await File.WriteAllTextAsync(Path.Combine(server.Folder, "beside"), "x");

        using var page = await GetAsync("/open-data/");
        (page.StatusCode, page.Content.Headers.ContentType!.ToString()).ShouldBe((HttpStatusCode.OK, "text/html; charset=utf-8"));
        page.Headers.CacheControl!.NoCache.ShouldBeTrue();
        foreach (var (name, type) in new[] { ("catalog.jsonld", "application/ld+json"), ("feed.atom", "application/atom+xml") })
        {
            using var found = await GetAsync($"/open-data/{name}");
            found.Content.Headers.ContentType!.MediaType.ShouldBe(type);
        }

        const string Log = "/open-data/releases/2026-0001/log.xes.gz";
        using var whole = await GetAsync(Log);
        whole.Headers.CacheControl!.ToString().ShouldBe("public, max-age=31536000, immutable");
        whole.Content.Headers.ContentType!.MediaType.ShouldBe("application/gzip");
        var packed = await whole.Content.ReadAsByteArrayAsync();
        packed.ShouldBe(await File.ReadAllBytesAsync(Path.Combine(release, "log.xes.gz")));
        whole.Headers.ETag!.Tag.Trim('"').ShouldBe(file.Sha256[..32]);

        using var part = await GetAsync(Log, r => r.Headers.Range = new(100, 199));
        (part.StatusCode, part.Content.Headers.ContentRange!.ToString()).ShouldBe((HttpStatusCode.PartialContent, $"bytes 100-199/{packed.Length}"));
        (await part.Content.ReadAsByteArrayAsync()).ShouldBe(packed[100..200]);
        using var again = await GetAsync(Log, r => r.Headers.IfNoneMatch.Add(whole.Headers.ETag));
        again.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        using var changed = await GetAsync(Log, r => { r.Headers.Range = new(0, 9); r.Headers.IfRange = new RangeConditionHeaderValue(new EntityTagHeaderValue("\"other\"")); });
        changed.StatusCode.ShouldBe(HttpStatusCode.OK, "a part of another file is of no use");
        using var beyond = await GetAsync(Log, r => r.Headers.Range = new(1_000_000, null));
        beyond.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
        using var head = await server.Client.SendAsync(new(HttpMethod.Head, Log));
        (head.StatusCode, head.Content.Headers.ContentLength).ShouldBe((HttpStatusCode.OK, packed.Length));

        foreach (var none in (string[])["/open-data/.secret", "/open-data/..%2Fbeside", "/open-data/releases%2F..%2F..%2Fbeside", "/open-data/releases", "/open-data/releases/2026-0001/none", "/open-data//etc/passwd"])
            (await server.SendAsync(null, new(HttpMethod.Get, none))).Status.ShouldBe(404, none);
    }

    private async Task<HttpResponseMessage> GetAsync(string path, Action<HttpRequestMessage>? with = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        with?.Invoke(request);
        return await server.Client.SendAsync(request);
    }
}
