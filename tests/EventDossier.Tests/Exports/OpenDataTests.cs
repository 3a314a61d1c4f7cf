using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using EventDossier.Exports;
using EventDossier.OpenData;

namespace EventDossier.Tests.Exports;

public sealed class OpenDataTests : IDisposable
{
    private static readonly DateTimeOffset _issued = new(2026, 7, 1, 9, 0, 0, TimeSpan.FromHours(7));
    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-open-").FullName;

    private static readonly WrittenFile[] _files =
    [
        new("log.xes.gz", 1234, new('a', 64), new('b', 64)), new("events.csv", 99, new('c', 64), null), new("SHA256SUMS.sig", 64, new('d', 64), null),
    ];

    private static readonly Dataset[] _datasets =
    [
        new("2026-0001", "Quý I <2026>", "Nhật ký & \"số liệu\"", _issued, new(2026, 1, 1), new(2026, 3, 31), "Trung tâm Phục vụ hành chính công", "https://creativecommons.org/licenses/by/4.0/", _files) { ReplacedBy = "2026-0002" },
        new("2026-0002", "Quý I/2026, bản thay thế", "Nhật ký", _issued.AddDays(3), new(2026, 1, 1), new(2026, 3, 31), "Trung tâm Phục vụ hành chính công", "https://creativecommons.org/licenses/by/4.0/", _files) { Replaces = "2026-0001" },
        new("2026-0003", "Quý II/2026", "Nhật ký", _issued.AddDays(4), new(2026, 4, 1), new(2026, 6, 30), "Trung tâm Phục vụ hành chính công", "https://creativecommons.org/licenses/by/4.0/", []) { Withdrawn = new(_issued.AddDays(9), "sai kỳ <3>") },
    ];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task WriteAsync() => OpenDataFolder.WriteCatalogueAsync(_folder, "Trung tâm Phục vụ hành chính công", _datasets);

    private string Read(string name) => File.ReadAllText(Path.Combine(_folder, name));

    /// <summary>Mandatory and recommended properties of DCAT-AP 3.0.0, each on every object of its class.</summary>
    [Fact]
    public async Task The_catalogue_has_what_DCAT_AP_asks_for_and_every_prefix_is_declared()
    {
        await WriteAsync();
        var catalogue = JsonDocument.Parse(Read("catalog.jsonld")).RootElement;

        Has(catalogue, "dct:title", "dct:description", "dct:publisher", "dcat:dataset");
        var datasets = catalogue.GetProperty("dcat:dataset").EnumerateArray().ToList();
        datasets.Select(d => d.GetProperty("@type").GetString()).ShouldBe(["dcat:DatasetSeries", "dcat:Dataset", "dcat:Dataset", "dcat:Dataset"]);
        datasets.ForEach(d => Has(d, "dct:title", "dct:description", "dct:publisher"));
        datasets.Skip(1).Select(d => d.GetProperty("@id").GetString()).ShouldBe(["releases/2026-0003/", "releases/2026-0002/", "releases/2026-0001/"], "the newest first");
        foreach (var d in datasets.Skip(1))
            Has(d, "dct:temporal", "dct:issued", "dcat:inSeries", "dcat:theme", "dct:accessRights", "dct:identifier");
        datasets[1].ShouldSatisfyAllConditions(
            d => d.GetProperty("dcat:distribution").GetArrayLength().ShouldBe(0), d => d.GetProperty("adms:versionNotes").GetString().ShouldBe("sai kỳ <3>"));
        datasets[2].GetProperty("dct:replaces").GetProperty("@id").GetString().ShouldBe("releases/2026-0001/");
        datasets[3].GetProperty("dct:isReplacedBy").GetProperty("@id").GetString().ShouldBe("releases/2026-0002/");
        var packed = datasets[2].GetProperty("dcat:distribution")[0];
        Has(packed, "dcat:accessURL", "dcat:downloadURL", "dct:license", "dct:format", "dcat:mediaType", "dcat:compressFormat", "dcat:byteSize", "spdx:checksum", "dct:conformsTo");
        packed.GetProperty("dcat:accessURL").GetProperty("@id").GetString().ShouldBe("releases/2026-0002/log.xes.gz");
        packed.GetProperty("spdx:checksum").GetProperty("spdx:checksumValue").GetProperty("@value").GetString().ShouldBe(new string('a', 64));

        var prefixes = catalogue.GetProperty("@context").EnumerateObject().Select(p => p.Name).ToHashSet();
        Names(catalogue).Where(name => name.Contains(':')).ShouldAllBe(name => prefixes.Contains(name.Split(':', 2)[0]));

        static void Has(JsonElement of, params string[] names) => names.Except(of.EnumerateObject().Select(p => p.Name)).ShouldBeEmpty();
        static IEnumerable<string> Names(JsonElement of) => of.ValueKind switch
        {
            JsonValueKind.Object => of.EnumerateObject().Where(p => p.Name != "@context").SelectMany(p => Names(p.Value).Prepend(p.Name).Concat(p.Name == "@type" ? [p.Value.GetString()!] : [])),
            JsonValueKind.Array => of.EnumerateArray().SelectMany(Names),
            _ => [],
        };
    }

    [Fact]
    public void A_release_describes_itself_as_the_catalogue_does_from_where_it_stands()
    {
        using var to = new MemoryStream();
        Dcat.WriteDataset(to, _datasets[1]);
        var dataset = JsonDocument.Parse(to.ToArray()).RootElement;

        var here = new Uri("https://example.org/open-data/releases/2026-0002/dcat.jsonld");
        Address(dataset).ShouldBe("https://example.org/open-data/releases/2026-0002/");
        Address(dataset.GetProperty("dcat:inSeries")).ShouldBe("https://example.org/open-data/series");
        Address(dataset.GetProperty("dct:replaces")).ShouldBe("https://example.org/open-data/releases/2026-0001/");
        Address(dataset.GetProperty("dcat:distribution")[1].GetProperty("dcat:downloadURL")).ShouldBe("https://example.org/open-data/releases/2026-0002/events.csv");

        string Address(JsonElement of) => new Uri(here, of.GetProperty("@id").GetString()!).ToString();
    }

    [Fact]
    public async Task The_feed_and_the_page_are_well_formed_and_tell_what_was_withdrawn_and_replaced()
    {
        await WriteAsync();
        XNamespace atom = "http://www.w3.org/2005/Atom";
        var feed = XDocument.Parse(Read("feed.atom")).Root!;
        feed.Elements(atom + "entry").Select(e => e.Element(atom + "title")!.Value).ShouldBe(["2026-0003 Quý II/2026", "2026-0002 Quý I/2026, bản thay thế", "2026-0001 Quý I <2026>"]);
        feed.Element(atom + "updated")!.Value.ShouldBe("2026-07-10T02:00:00.000Z");
        feed.Elements(atom + "entry").Select(e => e.Element(atom + "id")!.Value).ShouldBeUnique();

        var page = Read("index.html");
        var body = XDocument.Parse(page[page.IndexOf("<main>", StringComparison.Ordinal)..page.IndexOf("</body>", StringComparison.Ordinal)]).Root!;
        body.Elements("section").Select(s => (string)s.Attribute("id")!).ShouldBe(["2026-0003", "2026-0002", "2026-0001"]);
        body.Elements("section").First().Value.ShouldContain("sai kỳ <3>");
        body.Descendants("a").Select(a => (string)a.Attribute("href")!).ShouldContain("releases/2026-0001/log.xes.gz");
    }

    [Fact]
    public async Task The_same_releases_give_the_same_catalogue_byte_by_byte()
    {
        await WriteAsync();
        var first = Directory.GetFiles(_folder).Order().Select(File.ReadAllBytes).ToList();
        await WriteAsync();
        Directory.GetFiles(_folder).Order().Select(File.ReadAllBytes).ShouldBe(first);
        first.Count.ShouldBe(3);
    }
}
