using System.Text.Json;

namespace EventDossier.Figures;

/// <summary>
/// The index of Decision 766: parts with weights, which are data. A part whose facts are not recorded has no score, and
/// none is made up.
/// </summary>
/// <param name="Score">The sum of the parts that are measured.</param>
/// <param name="OutOf">The sum of their weights.</param>
public sealed record Decision766(string Definition, IReadOnlyList<Decision766.Part> Parts, decimal Score, int OutOf)
{
    private static readonly Contents _contents = Read();

    /// <param name="Score">Null: not measured.</param>
    public sealed record Part(string Name, int Weight, decimal? Score);

    public static Decision766 Of(Promises.Report report)
    {
        List<Part> parts =
        [
            .. _contents.Parts.Select(part => new Part(part.Name, part.Weight, part.Fact switch
            {
                "inTime" => report.InTime.Percent,
                "online" => report.Online.Percent,
                "satisfied" => report.Satisfied.Percent,
                null => null,
                _ => throw new InvalidOperationException($"{part.Fact} is no fact of the index"),
            } is { } percent ? Math.Round(part.Weight * percent / 100, 2) : null)),
        ];
        return new($"decision766/{_contents.Version}", parts, parts.Sum(p => p.Score ?? 0),
            parts.Where(p => p.Score is not null).Sum(p => p.Weight));
    }

    private static Contents Read()
    {
        using var stream = typeof(Decision766).Assembly.GetManifestResourceStream("figures/decision766.json")!;
        return JsonSerializer.Deserialize<Contents>(stream, JsonSerializerOptions.Web)!;
    }

    private sealed record Contents(string Version, string Source, IReadOnlyList<Entry> Parts);

    private sealed record Entry(string Name, int Weight, string? Fact);
}
