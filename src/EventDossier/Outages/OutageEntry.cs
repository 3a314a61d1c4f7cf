using System.Text;
using CsvHelper;
using EventDossier.Applicants;
using EventDossier.Deadlines;

namespace EventDossier.Outages;

/// <summary>A slip that was filled in by hand, as it is typed in when the place is reached again.</summary>
/// <param name="ReceivedAt">On the paper: from then the limit counts.</param>
public sealed record OutageEntry(string Code, string Procedure, DateTimeOffset ReceivedAt)
{
    public string Channel { get; init; } = "counter";
    public string? Unit { get; init; }
    public string? Officer { get; init; }
    public Applicant? Applicant { get; init; }

    private static readonly List<string> _columns =
        ["code", "procedure", "receivedAt", "channel", "unit", "officer", "name", "identityNumber", "address", "phone", "mail"];

    /// <summary>Reads CSV with these names as its header; the first three are needed in every row.</summary>
    /// <exception cref="UserError"><c>bad-file</c>, with the line: then nothing of it is to be entered.</exception>
    public static IReadOnlyList<OutageEntry> Read(string path)
    {
        using var input = File.OpenRead(path);
        return Read(input, path);
    }

    /// <param name="path">As faults name it.</param>
    /// <exception cref="UserError"><c>bad-file</c></exception>
    public static IReadOnlyList<OutageEntry> Read(Stream input, string path)
    {
        using var csv = CsvReader.Create(input, new CsvReaderOptions
        {
            HasHeader = false, MalformedData = CsvMalformedDataHandling.Throw, FieldCountMismatch = CsvFieldCountHandling.Allow, TrackLineNumbers = true,
        });
        var (columns, entries) = (default(List<string>), new List<OutageEntry>());
        try
        {
            while (csv.Read())
            {
                var cells = Enumerable.Range(0, csv.FieldCount).Select(csv.GetString).ToList();
                if (columns is null)
                {
                    columns = [.. cells.Select(c => c.TrimStart('\uFEFF').Trim())];
                    if (columns.Except(_columns).FirstOrDefault() is { } strange)
                        throw new FormatException($"'{strange}' is no column; columns are {string.Join(", ", _columns)}");
                    continue;
                }
                if (cells.Count != columns.Count)
                    throw new FormatException($"{cells.Count} cells where the header has {columns.Count}");
                entries.Add(Of(columns.Zip(cells).Where(c => c.Second.Trim().Length > 0).ToDictionary(c => c.First, c => c.Second.Trim())));
            }
        }
        catch (Exception e) when (e is CsvFormatException or FormatException or DecoderFallbackException)
        {
            throw new UserError("bad-file", $"{path}: line {csv.LineNumber}: {e.Message.ReplaceLineEndings(" ")}");
        }
        if (entries.GroupBy(e => e.Code).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new UserError("bad-file", $"{path}: {twice.Key} stands there twice");
        return entries;
    }

    private static OutageEntry Of(Dictionary<string, string> cells)
    {
        string Needed(string column) => cells.GetValueOrDefault(column) ?? throw new FormatException($"{column} is missing");
        var at = Needed("receivedAt");
        return new(Needed("code"), Needed("procedure"), CentreTime.Read(at) ?? throw new FormatException($"receivedAt: '{at}' is no time such as 2026-05-06T09:10"))
        {
            Channel = cells.GetValueOrDefault("channel") ?? "counter", Unit = cells.GetValueOrDefault("unit"), Officer = cells.GetValueOrDefault("officer"),
            Applicant = cells.GetValueOrDefault("name") is not { } name ? null : new(name)
            {
                IdentityNumber = cells.GetValueOrDefault("identityNumber"), Address = cells.GetValueOrDefault("address"), Phone = cells.GetValueOrDefault("phone"),
                Mail = cells.GetValueOrDefault("mail"),
            },
        };
    }
}
