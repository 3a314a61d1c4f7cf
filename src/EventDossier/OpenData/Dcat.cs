using System.Text.Encodings.Web;
using System.Text.Json;
using EventDossier.Exports;

namespace EventDossier.OpenData;

/// <summary>
/// DCAT-AP 3 as JSON-LD. Addresses are relative to the file, so a catalogue may be served, or mirrored, anywhere.
/// </summary>
public static class Dcat
{
    private const string Types = "http://publications.europa.eu/resource/authority/file-type/";
    private const string Series = "series";

    private static readonly JsonWriterOptions _options = new() { Indented = true, NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary><c>dcat.jsonld</c> of a release, to stand among its files.</summary>
    public static void WriteDataset(Stream to, Dataset dataset)
    {
        using var json = new Utf8JsonWriter(to, _options);
        json.WriteStartObject();
        WriteContext(json);
        WriteMembers(json, dataset, "./", "../");
        json.WriteEndObject();
    }

    /// <summary><c>catalog.jsonld</c> of all releases; one that was withdrawn stays, without files.</summary>
    public static void WriteCatalogue(Stream to, string title, string publisher, IReadOnlyList<Dataset> datasets)
    {
        using var json = new Utf8JsonWriter(to, _options);
        json.WriteStartObject();
        WriteContext(json);
        json.WriteString("@id", "./");
        json.WriteString("@type", "dcat:Catalog");
        json.WriteString("dct:title", title);
        json.WriteString("dct:description", $"Process logs released by {publisher}");
        WritePublisher(json, publisher);
        WriteId(json, "foaf:homepage", "index.html");
        if (datasets.Count > 0)
        {
            WriteTime(json, "dct:issued", datasets.Min(d => d.Issued));
            WriteTime(json, "dct:modified", datasets.Max(d => d.Modified));
        }
        json.WriteStartArray("dcat:dataset");
        json.WriteStartObject();
        json.WriteString("@id", Series);
        json.WriteString("@type", "dcat:DatasetSeries");
        json.WriteString("dct:title", title);
        json.WriteString("dct:description",
            "Each period has a release; a mistake is mended by one that takes its place");
        WritePublisher(json, publisher);
        json.WriteEndObject();
        foreach (var dataset in datasets)
        {
            json.WriteStartObject();
            WriteMembers(json, dataset, $"releases/{dataset.Id}/", "releases/", Series);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteContext(Utf8JsonWriter json)
    {
        json.WriteStartObject("@context");
        foreach (var (prefix, address) in ((string, string)[])
        [
            ("adms", "http://www.w3.org/ns/adms#"), ("dcat", "http://www.w3.org/ns/dcat#"),
            ("dct", "http://purl.org/dc/terms/"),
            ("foaf", "http://xmlns.com/foaf/0.1/"), ("spdx", "http://spdx.org/rdf/terms#"),
            ("xsd", "http://www.w3.org/2001/XMLSchema#"),
        ])
            json.WriteString(prefix, address);
        json.WriteEndObject();
    }

    /// <param name="folder">Of the release, from where the description stands.</param>
    /// <param name="releases">Of all of them.</param>
    private static void WriteMembers(Utf8JsonWriter json, Dataset dataset, string folder, string releases,
        string series = $"../../{Series}")
    {
        json.WriteString("@id", folder);
        json.WriteString("@type", "dcat:Dataset");
        json.WriteString("dct:identifier", dataset.Id);
        json.WriteString("dct:title", dataset.Title);
        json.WriteString("dct:description", dataset.Description);
        WritePublisher(json, dataset.Publisher);
        WriteTime(json, "dct:issued", dataset.Issued);
        WriteTime(json, "dct:modified", dataset.Modified);
        json.WriteStartObject("dct:temporal");
        json.WriteString("@type", "dct:PeriodOfTime");
        WriteTyped(json, "dcat:startDate", "xsd:date", $"{dataset.From:yyyy-MM-dd}");
        WriteTyped(json, "dcat:endDate", "xsd:date", $"{dataset.To:yyyy-MM-dd}");
        json.WriteEndObject();
        WriteId(json, "dcat:inSeries", series);
        WriteId(json, "dcat:theme", "http://publications.europa.eu/resource/authority/data-theme/GOVE");
        WriteId(json, "dct:accessRights", "http://publications.europa.eu/resource/authority/access-right/PUBLIC");
        if (dataset.Replaces is { } replaced)
            WriteId(json, "dct:replaces", $"{releases}{replaced}/");
        if (dataset.ReplacedBy is { } replacing)
            WriteId(json, "dct:isReplacedBy", $"{releases}{replacing}/");
        if (dataset.Withdrawn is { } withdrawn)
        {
            WriteId(json, "adms:status", "http://purl.org/adms/status/Withdrawn");
            json.WriteString("adms:versionNotes", withdrawn.Reason);
        }
        json.WriteStartArray("dcat:distribution");
        foreach (var file in dataset.Files)
            WriteDistribution(json, file, $"{(folder == "./" ? "" : folder)}{file.Name}", dataset);
        json.WriteEndArray();
    }

    private static void WriteDistribution(Utf8JsonWriter json, WrittenFile file, string address, Dataset dataset)
    {
        var kind = FileKind.Of(file.Name);
        json.WriteStartObject();
        json.WriteString("@type", "dcat:Distribution");
        json.WriteString("dct:title", file.Name);
        json.WriteString("dct:description", kind.Meaning);
        WriteId(json, "dcat:accessURL", address);
        WriteId(json, "dcat:downloadURL", address);
        WriteId(json, "dcat:mediaType", $"https://www.iana.org/assignments/media-types/{kind.MediaType}");
        if (kind.Format is { } format)
            WriteId(json, "dct:format", $"{Types}{format}");
        if (file.UnpackedSha256 is not null)
            WriteId(json, "dcat:compressFormat", "https://www.iana.org/assignments/media-types/application/gzip");
        if (kind.ConformsTo is { } standard)
            WriteId(json, "dct:conformsTo", standard);
        WriteTyped(json, "dcat:byteSize", "xsd:nonNegativeInteger", $"{file.Bytes}");
        json.WriteStartObject("spdx:checksum");
        json.WriteString("@type", "spdx:Checksum");
        WriteId(json, "spdx:algorithm", "http://spdx.org/rdf/terms#checksumAlgorithm_sha256");
        WriteTyped(json, "spdx:checksumValue", "xsd:hexBinary", file.Sha256);
        json.WriteEndObject();
        WriteId(json, "dct:license", dataset.Licence);
        WriteTime(json, "dct:issued", dataset.Issued);
        json.WriteEndObject();
    }

    private static void WritePublisher(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject("dct:publisher");
        json.WriteString("@type", "foaf:Agent");
        json.WriteString("foaf:name", name);
        json.WriteEndObject();
    }

    private static void WriteId(Utf8JsonWriter json, string name, string address)
    {
        json.WriteStartObject(name);
        json.WriteString("@id", address);
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset at) =>
        WriteTyped(json, name, "xsd:dateTime", DataDictionary.Spell(at));

    private static void WriteTyped(Utf8JsonWriter json, string name, string type, string value)
    {
        json.WriteStartObject(name);
        json.WriteString("@type", type);
        json.WriteString("@value", value);
        json.WriteEndObject();
    }
}
