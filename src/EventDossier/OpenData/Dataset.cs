using EventDossier.Exports;

namespace EventDossier.OpenData;

/// <summary>A release as the public finds it.</summary>
/// <param name="Id">Number of the release, and the name of its folder: <c>2026-0001</c>.</param>
/// <param name="From">First day of the period.</param>
/// <param name="To">Its last day.</param>
/// <param name="Publisher">Name of the centre.</param>
/// <param name="Licence">An address that says what may be done with it.</param>
/// <param name="Files">Beside the description; empty once it is withdrawn.</param>
public sealed record Dataset(
    string Id, string Title, string Description, DateTimeOffset Issued, DateOnly From, DateOnly To, string Publisher,
    string Licence, IReadOnlyList<WrittenFile> Files)
{
    /// <summary>The release whose place it took.</summary>
    public string? Replaces { get; init; }

    public string? ReplacedBy { get; init; }

    public Withdrawal? Withdrawn { get; init; }

    public DateTimeOffset Modified => Withdrawn?.At ?? Issued;
}

public sealed record Withdrawal(DateTimeOffset At, string Reason);

/// <summary>What a file of a release is, told from its name.</summary>
/// <param name="MediaType">Of what is in it, where it is packed.</param>
/// <param name="Format">In the file types of the Publications Office of the EU; null where it has none.</param>
/// <param name="ConformsTo">Address of a standard.</param>
public sealed record FileKind(string Meaning, string MediaType, string? Format = null, string? ConformsTo = null)
{
    private static readonly (string Name, FileKind Kind)[] _known =
    [
        ("log.xes.gz", new("The process log as XES", "application/xml", "XML", "https://www.xes-standard.org/")),
        ("log.jsonocel", new("The process log as OCEL 2.0, JSON", "application/json", "JSON",
            "https://www.ocel-standard.org/")),
        ("log.sqlite", new("The process log as OCEL 2.0, SQLite", "application/vnd.sqlite3", null,
            "https://www.ocel-standard.org/")),
        ("events.csv", new("The process log as a table, one event a row", "text/csv", "CSV",
            "https://www.rfc-editor.org/rfc/rfc4180")),
        ("dossiers.csv", new("Dossiers as a table, one a row", "text/csv", "CSV",
            "https://www.rfc-editor.org/rfc/rfc4180")),
        ("csv-metadata.json", new("Data dictionary of the tables", "application/csvm+json", "JSON",
            "https://www.w3.org/TR/tabular-metadata/")),
        ("figures.json", new("Figures, with log position and versions of their definitions", "application/json",
            "JSON")),
        ("disclosure.json", new("What was coarsened or left out so that nobody is disclosed", "application/json",
            "JSON")),
        ("checkpoint", new("The public log at the release", "text/plain", "TXT", "https://c2sp.org/tlog-checkpoint")),
        ("dcat.jsonld", new("This description", "application/ld+json", "JSON_LD", "http://data.europa.eu/r5r")),
        ("SHA256SUMS", new("Checksums of the files", "text/plain", "TXT")),
        ("SHA256SUMS.sig", new("Signature of the checksums", "text/plain", "TXT")),
    ];

    public static FileKind Of(string name) =>
        _known.FirstOrDefault(known => known.Name == name).Kind ?? new(name,
            TypeOf(name) ?? "application/octet-stream");

    /// <summary>The Content-Type of any file in the open-data folder; null where its name tells none.</summary>
    public static string? TypeOf(string name) => _known.FirstOrDefault(known =>
        known.Name == name).Kind?.MediaType is { } known && !name.EndsWith(".gz", StringComparison.Ordinal)
        ? known
        : Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".jsonld" => "application/ld+json",
            ".atom" => "application/atom+xml",
            ".json" => "application/json",
            ".csv" => "text/csv; charset=utf-8",
            ".gz" => "application/gzip",
            _ => null,
        };
}
