using System.Globalization;

namespace EventDossier.Releases;

/// <summary>
/// The disclosure report: what was done to the cases so that none is recognised, in numbers and in words.
/// </summary>
/// <param name="Coarsened">Cases by what was taken from them; those further down have also lost what stands
/// above.</param>
/// <param name="LeftOut">Cases that even so resembled too few others, or that the procedure keeps out of public; one
/// number for all.</param>
/// <param name="Fewest">The fewest cases that look the same in every file.</param>
/// <param name="DaysOff">By how many days an event's published day is off its own, in the mean.</param>
/// <param name="Texts">Every text that is not the centre's own.</param>
/// <param name="ComparedWith">Earlier releases that tell of the same time.</param>
/// <param name="Findings">Why it may not be published.</param>
public sealed record Disclosure(
    string Release, DateTimeOffset From, DateTimeOffset To, string? Agency, string? Procedure, long Position, int K,
    IReadOnlyList<string> Definitions,
    int Cases, int Kept, long Events, int Variants, IReadOnlyList<Disclosure.Step> Coarsened, int LeftOut,
    int RareActivities, int Fewest,
    decimal DaysOff, IReadOnlyList<Disclosure.Text> Texts, IReadOnlyList<string> ComparedWith,
    IReadOnlyList<GateFinding> Findings)
{
    public sealed record Step(string Name, string Meaning, int Cases);

    public sealed record Text(string Place, string Value, int Cases);

    public bool Passed => Findings.Count == 0;

    public IReadOnlyList<string> InWords =>
    [
        $"{N(Kept)} of {N(Cases)} cases are published, {Share(Kept, Cases)}; {N(LeftOut)} are left out.",
        $"Whoever knows of somebody every attribute and every day finds at least {N(Fewest)} cases that look the same; {N(K)} are wanted.",
        "Times are cut to the day. Cases of one class carry the median of their days and measures, in sets of "
            + $"{N(K)} to {N((2 * K) - 1)} that took about as long as each other; a published day is {DaysOff.ToString(CultureInfo.InvariantCulture)} days off in the mean. The order of events is kept.",
        .. Coarsened.Where(step => step.Cases > 0).Select(step => $"In {N(step.Cases)} cases {step.Meaning}."),
        RareActivities == 0 ? "No activity is rare." : $"{N(RareActivities)} activities are rare.",
        "Of attributes only those on the list leave; names, reasons, comments and free text do not. Codes are made anew for each release.",
        ComparedWith.Count == 0 ? "No earlier release tells of the same time."
            : $"Together with {string.Join(", ", ComparedWith)} it tells of nobody, or of at least {N(K)}, whatever is subtracted or compared.",
        "What the cases that look the same have in common, the files do tell: who knows that somebody is among them learns it.",
        Passed ? "The gate lets it through."
        : $"The gate does not let it through: {string.Join("; ", Findings.Select(f => f.What))}.",
    ];

    private static string N(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Share(long part, long of) => of == 0 ? "0 %"
        : string.Create(CultureInfo.InvariantCulture, $"{100m * part / of:0.0} %");
}
