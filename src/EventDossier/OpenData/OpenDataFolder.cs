using System.Globalization;
using System.Net;
using System.Text;
using EventDossier.Exports;
using EventDossier.Store;

namespace EventDossier.OpenData;

/// <summary>
/// What the public may fetch, as a folder that any web server can serve as it is: a catalogue for people, for programs
/// and for feed readers, and a folder for each release.
/// </summary>
public static class OpenDataFolder
{
    private static readonly Guid _feed = new("5a0f5c4e-5d0f-5b8e-9c55-0d9d9b0e8a41");

    /// <summary>
    /// <c>EVENTDOSSIER_OPEN_DATA</c>, else <c>open-data</c> in the data folder. Samples have one of their own beside
    /// it.
    /// </summary>
    public static string FolderIn(string dataFolder, bool sample) =>
        (Environment.GetEnvironmentVariable("EVENTDOSSIER_OPEN_DATA") is { Length: > 0 } named
            ? Path.GetFullPath(named) : Path.Combine(dataFolder, "open-data"))
        + (sample ? "_sample" : "");

    public static string ReleaseIn(string folder, string id) => Path.Combine(folder, "releases", id);

    /// <summary>Writes the catalogue anew; the releases' folders stay as they are.</summary>
    /// <param name="datasets">All that were ever published.</param>
    public static async Task WriteCatalogueAsync(string folder, string publisher, IReadOnlyList<Dataset> datasets,
        CancellationToken cancel = default)
    {
        Directory.CreateDirectory(folder);
        var newest = datasets.OrderByDescending(d => d.Issued).ThenByDescending(d => d.Id, StringComparer.Ordinal)
            .ToList();
        await ExportFile.WriteAsync(Path.Combine(folder, "catalog.jsonld"), to =>
        {
            Dcat.WriteCatalogue(to, Title(publisher), publisher, newest);
            return Task.CompletedTask;
        }, cancel);
        await WriteTextAsync("feed.atom", Feed(publisher, newest));
        await WriteTextAsync("index.html", Page(publisher, newest));

        Task WriteTextAsync(string name, string text) =>
            ExportFile.WriteAsync(Path.Combine(folder, name), to => to.WriteAsync(Encoding.UTF8.GetBytes(text), cancel)
                .AsTask(), cancel);
    }

    private static string Title(string publisher) => $"Dữ liệu mở – Open data: {publisher}";

    private static string Feed(string publisher, List<Dataset> datasets)
    {
        var feed = new StringBuilder();
        feed.Append(CultureInfo.InvariantCulture, $"""
            <?xml version="1.0" encoding="utf-8"?>
            <feed xmlns="http://www.w3.org/2005/Atom">
            <id>urn:uuid:{Uuid.V5(_feed, publisher)}</id>
            <title>{Escaped(Title(publisher))}</title>
            <updated>{DataDictionary.Spell(datasets.Select(d => d.Modified).DefaultIfEmpty(DateTimeOffset.UnixEpoch).Max())}</updated>
            <author><name>{Escaped(publisher)}</name></author>
            <link rel="alternate" type="text/html" href="index.html"/>
            <link rel="self" type="application/atom+xml" href="feed.atom"/>

            """);
        foreach (var d in datasets)
        {
            feed.Append(CultureInfo.InvariantCulture, $"""
                <entry>
                <id>urn:uuid:{Uuid.V5(_feed, $"{publisher} {d.Id}")}</id>
                <title>{Escaped($"{d.Id} {d.Title}")}</title>
                <published>{DataDictionary.Spell(d.Issued)}</published>
                <updated>{DataDictionary.Spell(d.Modified)}</updated>
                <link rel="alternate" type="text/html" href="index.html#{Escaped(d.Id)}"/>
                <summary>{Escaped(d.Withdrawn is { } withdrawn ? $"Đã thu hồi – withdrawn: {withdrawn.Reason}" : d.Description)}</summary>
                </entry>

                """);
        }
        return feed.Append("</feed>\n").ToString();
    }

    private static string Page(string publisher, List<Dataset> datasets)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $$"""
            <!DOCTYPE html>
            <html lang="vi">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{{Escaped(Title(publisher))}}</title>
            <link rel="alternate" type="application/atom+xml" href="feed.atom">
            <link rel="describedby" type="application/ld+json" href="catalog.jsonld">
            <style>body{font-family:system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;line-height:1.5}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #ccc;vertical-align:top}td.n{text-align:right}code{overflow-wrap:anywhere;font-size:.8em}</style>
            </head>
            <body>
            <main>
            <h1>{{Escaped(Title(publisher))}}</h1>
            <p>Nhật ký xử lý hồ sơ, không có dữ liệu cá nhân. <span lang="en">How dossiers were handled, without personal data.</span> <a href="catalog.jsonld">DCAT</a> · <a href="feed.atom">Atom</a></p>

            """);
        foreach (var d in datasets)
        {
            page.Append(CultureInfo.InvariantCulture, $"""
                <section id="{Escaped(d.Id)}">
                <h2>{Escaped(d.Id)} · {Escaped(d.Title)}</h2>
                <p>{Escaped(d.Description)} <time datetime="{d.From:yyyy-MM-dd}">{d.From:dd/MM/yyyy}</time> – <time datetime="{d.To:yyyy-MM-dd}">{d.To:dd/MM/yyyy}</time></p>

                """);
            if (d.Withdrawn is { } withdrawn)
                page.Append(CultureInfo.InvariantCulture,
                    $"<p><strong>Đã thu hồi – <span lang=\"en\">withdrawn</span></strong> {withdrawn.At:dd/MM/yyyy}: {Escaped(withdrawn.Reason)}</p>\n");
            if (d.ReplacedBy is { } by)
                page.Append(CultureInfo.InvariantCulture,
                    $"<p>Được thay bằng – <span lang=\"en\">superseded by</span> <a href=\"#{Escaped(by)}\">{Escaped(by)}</a></p>\n");
            if (d.Files.Count > 0)
            {
                page.Append("<table>\n<thead><tr><th scope=\"col\">Tệp – <span lang=\"en\">file</span></th><th scope=\"col\">Byte</th><th scope=\"col\">SHA-256</th></tr></thead>\n<tbody>\n");
                foreach (var file in d.Files)
                    page.Append(CultureInfo.InvariantCulture,
                        $"<tr><td><a href=\"releases/{Escaped(d.Id)}/{Escaped(file.Name)}\">{Escaped(file.Name)}</a><br/><span lang=\"en\">{Escaped(FileKind.Of(file.Name).Meaning)}</span></td><td class=\"n\">{file.Bytes:N0}</td><td><code>{file.Sha256}</code></td></tr>\n");
                page.Append(CultureInfo.InvariantCulture,
                    $"</tbody>\n</table>\n<p>{Escaped(d.Publisher)}, {d.Issued:dd/MM/yyyy} · <a rel=\"license\" href=\"{Escaped(d.Licence)}\">{Escaped(d.Licence)}</a></p>\n");
            }
            page.Append("</section>\n");
        }
        return page.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static string Escaped(string text) => WebUtility.HtmlEncode(text);
}
