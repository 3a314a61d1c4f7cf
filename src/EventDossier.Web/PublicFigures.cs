using EventDossier.Deadlines;
using EventDossier.Figures;

namespace EventDossier.Web;

/// <summary>
/// Form 06 of the whole centre for anybody, by the quarters that have ended, counted again each day. Every figure is rounded to tens by itself, sums too: so taking one from another, or today's
/// from yesterday's, tells of no single dossier.
/// </summary>
internal sealed class PublicFigures(Centre centre, LongTasks tasks)
{
    private const int Quarters = 8;
    private const string Name = "public-figures";
    private static readonly TimeSpan _good = TimeSpan.FromDays(1);
    private volatile PublicForm06? _latest;

    /// <summary>The last that were counted; null where they are being counted for the first time.</summary>
    public PublicForm06? Latest()
    {
        var now = centre.Now;
        if (_latest is not { } latest || now - latest.CountedAt > _good)
            tasks.Begin(Name, "eventdossier", async (progress, stop) => _latest = await CountAsync(now, progress, stop));
        return _latest;
    }

    private async Task<PublicForm06> CountAsync(DateTimeOffset now, Action<long, long?> progress, CancellationToken stop)
    {
        var rows = new List<PublicForm06.Quarter>();
        for (var back = Quarters; back > 0; back--)
        {
            var (name, from, to) = Quarter(now, back);
            var total = (await centre.Figures.Form06Async(from, to, cancel: stop)).Total;
            rows.Add(new(name, Enum.GetValues<Bucket>().ToDictionary(b => b, b => Rounded(total[b])), Rounded(total.CameIn)));
            progress(rows.Count, Quarters);
        }
        return new(now, $"form06/{Form06Definition.Current.Version}", rows);
    }

    /// <summary>To tens, a half up.</summary>
    internal static long Rounded(long count) => (count + 5) / 10 * 10;

    /// <summary>The quarter so many before the one that a moment lies in.</summary>
    internal static (string Name, DateTimeOffset From, DateTimeOffset To) Quarter(DateTimeOffset now, int back)
    {
        var first = new DateTime(now.Year, ((now.Month - 1) / 3 * 3) + 1, 1).AddMonths(-3 * back);
        var name = $"{first:yyyy}-Q{((first.Month - 1) / 3) + 1}";
        return CentreTime.ReadPeriod(name) is var (from, to) ? (name, from, to) : throw new InvalidOperationException($"{name} is no period");
    }
}

/// <param name="Definition">Which states count as what.</param>
/// <param name="Quarters">The oldest first.</param>
public sealed record PublicForm06(DateTimeOffset CountedAt, string Definition, IReadOnlyList<PublicForm06.Quarter> Quarters)
{
    /// <param name="Counts">In tens.</param>
    /// <param name="CameIn">In tens; not the sum of what is rounded.</param>
    public sealed record Quarter(string Name, IReadOnlyDictionary<Bucket, long> Counts, long CameIn);
}
