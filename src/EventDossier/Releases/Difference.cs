using System.Globalization;

namespace EventDossier.Releases;

/// <summary>Why a release may not be published.</summary>
/// <param name="Kind">Stable, for programs.</param>
/// <param name="What">In words, naming the place and never a dossier.</param>
public sealed record GateFinding(string Kind, string What);

/// <summary>
/// What two releases tell together. Whoever knows that somebody is in a class of each has narrowed them down to those
/// in both; whoever subtracts one from the other has those in one alone. Either must be nobody, or at least k.
/// </summary>
public static class Difference
{
    public const string Kind = "difference";

    /// <param name="told">Of each case published now: the class that told it before, null for none, and the one that
    /// tells it now.</param>
    public static IEnumerable<GateFinding> Find(EarlierRelease earlier,
        IEnumerable<(UInt128? Before, UInt128 Now)> told, int k)
    {
        var both = told.CountBy(t => t).ToList();
        foreach (var ((before, now), count) in both.Where(t => t.Value < k).OrderBy(t => t.Key.Before)
            .ThenBy(t => t.Key.Now))
        {
            yield return new(Kind, before is null
                ? $"{Count(count)} of class {Name(now)} would be new beside release {earlier.Number}"
                : $"{Count(count)} would be told in class {Name(before.Value)} of release {earlier.Number} and in class {Name(now)} of this one");
        }
        var seen = both.Where(t => t.Key.Before is not null).GroupBy(t => t.Key.Before!.Value)
            .ToDictionary(g => g.Key, g => g.Sum(t => t.Value));
        foreach (var (before, count) in earlier.Classes.OrderBy(c => c.Key))
        {
            if (count - seen.GetValueOrDefault(before) is var missing && missing > 0 && missing < k)
                yield return new(Kind,
                    $"{Count(missing)} of class {Name(before)} of release {earlier.Number} would be missing");
        }
    }

    private static string Count(int count) => count == 1 ? "1 case"
        : string.Create(CultureInfo.InvariantCulture, $"{count} cases");

    private static string Name(UInt128 of) => of.ToString("x32", CultureInfo.InvariantCulture)[..8];
}
