using System.Runtime.InteropServices;

namespace EventDossier.Releases;

/// <summary>
/// A table of exact counts in which small ones are hidden together with as many others as it takes, so that no
/// subtraction gives them back. Rows stand in a tree, each the sum of those below it; in a lowest row, and so in every
/// one, what came in is what became of it.
/// </summary>
/// <remarks>
/// Seen as a network each count is an arc and each sum a node: of what came in the total flows down the tree into the
/// lowest rows, of what became of it back up. Whatever satisfies all sums is a circulation, and a hidden count can be
/// raised or lowered just as far as there is a way round through other hidden ones. So for each count to be protected a
/// way round is sought that lets it be k more, and one that lets it be nothing, or k less; what lies on it is hidden
/// too, the least first.
/// </remarks>
public static class ProtectedTable
{
    private const int Root = 0;

    /// <param name="Parent">Key of the row above; null at the top.</param>
    /// <param name="Counts">By column.</param>
    public sealed record Row(string Key, string? Parent, IReadOnlyList<long> Counts);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Arc(int From, int To, long Count);

    /// <param name="cameIn">Of each column, whether it tells what came in, or what became of it.</param>
    /// <param name="reconciles">Whether both are equal in each row; if not, columns have nothing to do with each
    /// other.</param>
    /// <param name="isSensitive">By row and column: what is to be hidden besides counts below
    /// <paramref name="k"/>.</param>
    /// <returns>The rows' counts, null where hidden; all null where a count can't be protected.</returns>
    public static IReadOnlyList<IReadOnlyList<long?>> Protect(
        IReadOnlyList<Row> rows, IReadOnlyList<bool> cameIn, bool reconciles, int k, Func<int, int,
        bool>? isSensitive = null)
    {
        var arcs = ArcsOf(rows, cameIn, reconciles, out var nodes);
        var sensitive = Enumerable.Range(0, arcs.Length).Where(i => arcs[i].Count > 0
            && (arcs[i].Count < k || isSensitive?.Invoke(i / cameIn.Count, i % cameIn.Count) == true)).ToList();
        var hidden = new bool[arcs.Length];
        foreach (var i in sensitive)
            hidden[i] = true;
        var at = ByNode(arcs, nodes);
        foreach (var i in sensitive.OrderBy(i => arcs[i].Count).ThenBy(i => i))
        {
            if (!Hide(i, up: true, k) || !Hide(i, up: false, Math.Min(k, arcs[i].Count)))
                return [.. rows.Select(row => row.Counts.Select(_ => default(long?)).ToList())];
        }
        return [.. rows.Select((row, r) => row.Counts.Select((count, c) => hidden[(r * cameIn.Count) + c]
            ? default(long?) : count).ToList())];

        // Ways round for so much in all: forward along an arc adds to its count, backward takes away, and no count falls below nothing.
        bool Hide(int which, bool up, long by)
        {
            var (from, to) = up ? (arcs[which].To, arcs[which].From) : (arcs[which].From, arcs[which].To);
            var moved = new Dictionary<int, long>();
            while (from != to && by > 0)
            {
                var through = Cheapest(which, from, to, moved);
                if (through.Count == 0)
                    return false;
                var most = through.Where(step => !step.Forward).Select(step => Left(step.Arc, moved)).Append(by).Min();
                foreach (var (arc, forward) in through)
                {
                    hidden[arc] = true;
                    moved[arc] = moved.GetValueOrDefault(arc) + (forward ? most : -most);
                }
                by -= most;
            }
            return true;
        }

        long Left(int arc, Dictionary<int, long> moved) => arcs[arc].Count + moved.GetValueOrDefault(arc);

        List<(int Arc, bool Forward)> Cheapest(int but, int from, int to, Dictionary<int, long> moved)
        {
            var (cost, through) = (new Dictionary<int, long> { [from] = 0 }, new Dictionary<int,
                (int Arc, bool Forward)>());
            var next = new PriorityQueue<int, long>([(from, 0)]);
            while (next.TryDequeue(out var node, out var soFar) && node != to)
            {
                if (soFar > cost[node])
                    continue;
                foreach (var i in at[node])
                {
                    var forward = arcs[i].From == node;
                    // A count of nothing stays told: everybody knows of many that they can't be more.
                    if (i == but || (!hidden[i] && arcs[i].Count == 0) || (!forward && Left(i, moved) <= 0))
                        continue;
                    var (other, sum) = (forward ? arcs[i].To : arcs[i].From,
                        soFar + (hidden[i] ? 0 : 1 + arcs[i].Count));
                    if (cost.TryGetValue(other, out var known) && known <= sum)
                        continue;
                    (cost[other], through[other]) = (sum, (i, forward));
                    next.Enqueue(other, sum);
                }
            }
            var way = new List<(int, bool)>();
            for (var node = to; through.TryGetValue(node, out var step) && node != from; node = step.Forward
                ? arcs[step.Arc].From : arcs[step.Arc].To)
                way.Add(step);
            return way;
        }
    }

    private static Arc[] ArcsOf(IReadOnlyList<Row> rows, IReadOnlyList<bool> cameIn, bool reconciles, out int nodes)
    {
        var (columns, inner) = (cameIn.Count, rows.Select(row => row.Parent).OfType<string>().Distinct().Index()
            .ToDictionary(p => p.Item, p => 1 + (p.Index * cameIn.Count)));
        var leaves = 1 + (inner.Count * columns);
        nodes = leaves + rows.Count;
        return
        [
            .. rows.SelectMany((row, r) => row.Counts.Select((count, c) =>
            {
                var above = row.Parent is null ? Root : inner[row.Parent] + c;
                var below = inner.TryGetValue(row.Key, out var own) ? own + c : reconciles ? leaves + r : Root;
                return cameIn[c] ? new Arc(above, below, count) : new Arc(below, above, count);
            })),
        ];
    }

    private static List<int>[] ByNode(Arc[] arcs, int nodes)
    {
        var at = new List<int>[nodes];
        for (var node = 0; node < nodes; node++)
            at[node] = [];
        for (var i = 0; i < arcs.Length; i++)
        {
            at[arcs[i].From].Add(i);
            if (arcs[i].To != arcs[i].From)
                at[arcs[i].To].Add(i);
        }
        return at;
    }
}
