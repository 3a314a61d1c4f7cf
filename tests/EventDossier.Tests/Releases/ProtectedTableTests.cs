using EventDossier.Releases;
using static EventDossier.Releases.ProtectedTable;

namespace EventDossier.Tests.Releases;

public sealed class ProtectedTableTests
{
    private static readonly bool[] _columns = [true, true, false, false, false];

    [Fact]
    public void A_table_of_large_counts_stays_as_it_is()
    {
        var rows = Sums([("a", "all", [20, 30, 40, 10, 0]), ("b", "all", [5, 5, 5, 5, 0])]);
        Protect(rows, _columns, true, 5).Select(row => row.Select(c => c ?? -1)).ShouldBe(rows.Select(row => row.Counts));
    }

    [Fact]
    public void A_small_count_takes_others_with_it()
    {
        var rows = Sums([("a", "all", [20, 30, 48, 0, 2]), ("b", "all", [50, 50, 80, 10, 10]), ("c", "all", [10, 10, 10, 5, 5])]);
        var told = Protect(rows, _columns, true, 5);

        told[rows.ToList().FindIndex(r => r.Key == "a")][4].ShouldBeNull();
        told.Sum(row => row.Count(c => c is null)).ShouldBeInRange(4, 6);
        Possible(rows, told, "a", 4, 5).ShouldBe((0, true));
    }

    [Fact]
    public void Small_counts_that_only_together_make_up_for_one_hide_each_other() =>
        Protect(Sums([("a", "all", [4, 0, 1, 1, 2])]), _columns, true, 5).SelectMany(row => row).ShouldBe([null, 0, null, null, null, null, 0, null, null, null]);

    [Fact]
    public void Where_nothing_else_can_hide_a_sensitive_count_nothing_is_told() =>
        Protect([new("all", null, [7, 0, 0, 0, 0]), new("a", "all", [7, 0, 0, 0, 0])], _columns, true, 5, (row, column) => (row, column) == (1, 0)).SelectMany(row => row).ShouldAllBe(count => count == null);

    /// <summary>The attacker solves for each hidden small count; here a flow through the network of sums tells how far it can go, by a search that shares nothing with the product's.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_sum_of_any_table_gives_a_small_count_back(int seed)
    {
        var random = new Random(seed);
        var rows = Sums(
        [
            .. Enumerable.Range(0, 3).SelectMany(agency => Enumerable.Range(0, 1 + random.Next(4)).Select(procedure => ($"{agency}-{procedure}", $"{agency}", Reconciled(random)))),
        ]);
        var told = Protect(rows, _columns, true, 5);

        for (var r = 0; r < rows.Count; r++)
        {
            for (var c = 0; c < _columns.Length; c++)
            {
                if (told[r][c] is { } count)
                    (count, count is 0 or >= 5).ShouldBe((rows[r].Counts[c], true));
                else if (rows[r].Counts[c] is > 0 and < 5)
                    Possible(rows, told, rows[r].Key, c, 5).ShouldBe((0, true), $"{rows[r].Key} {c}");
            }
        }
        // It is worth something only if most is still told.
        if (told.SelectMany(row => row).Any(c => c is not null))
            told.SelectMany(row => row).Count(c => c is not null).ShouldBeGreaterThan(0);
    }

    public static TheoryData<int> Seeds => new(Enumerable.Range(1, 60));

    private static long[] Reconciled(Random random)
    {
        var came = new[] { Some(), Some() };
        var (early, late) = (random.NextInt64(came.Sum() + 1), 0L);
        late = random.NextInt64(came.Sum() - early + 1);
        return [.. came, early, late, came.Sum() - early - late];

        long Some() => random.Next(3) == 0 ? random.Next(6) : random.Next(60);
    }

    /// <summary>The rows with the sums above them: "all" over what names it, or over agencies.</summary>
    private static List<Row> Sums(IReadOnlyList<(string Key, string Parent, long[] Counts)> leaves)
    {
        var rows = leaves.Select(l => new Row(l.Key, l.Parent, l.Counts)).ToList();
        foreach (var agency in leaves.Where(l => l.Parent != "all").GroupBy(l => l.Parent))
            rows.Add(new(agency.Key, "all", Add(agency.Select(l => l.Counts))));
        rows.Add(new("all", null, Add(leaves.Select(l => l.Counts))));
        return rows;

        static long[] Add(IEnumerable<long[]> of) => of.Aggregate((a, b) => [.. a.Zip(b, (x, y) => x + y)]);
    }

    /// <summary>The least that a hidden count can be, and whether it can be as much as k more than it is, given all that is told: by unit moves along cycles of hidden counts.</summary>
    private static (long Least, bool Up) Possible(IReadOnlyList<Row> rows, IReadOnlyList<IReadOnlyList<long?>> told, string key, int column, int k)
    {
        // Unknowns and the equations they stand in, each with its sign.
        var unknown = (from r in Enumerable.Range(0, rows.Count) from c in Enumerable.Range(0, _columns.Length) where told[r][c] is null select (r, c)).ToList();
        var equations = new List<Dictionary<int, int>>();
        foreach (var parent in rows.Select(row => row.Parent).OfType<string>().Distinct())
        {
            for (var c = 0; c < _columns.Length; c++)
                equations.Add(unknown.Index().Where(u => u.Item.c == c && (rows[u.Item.r].Parent == parent || rows[u.Item.r].Key == parent)).ToDictionary(u => u.Index, u => rows[u.Item.r].Key == parent ? -1 : 1));
        }
        for (var r = 0; r < rows.Count; r++)
            equations.Add(unknown.Index().Where(u => u.Item.r == r).ToDictionary(u => u.Index, u => _columns[u.Item.c] ? 1 : -1));
        var start = unknown.Select(u => rows[u.r].Counts[u.c]).ToArray();
        var which = unknown.IndexOf((rows.ToList().FindIndex(row => row.Key == key), column));
        return (start[which] - Move(-1, start[which]), Move(1, k) >= k);

        // Unit by unit: the count is changed by one, and whatever equation that breaks is mended by another unknown, depth first.
        long Move(int by, long most)
        {
            var now = (long[])start.Clone();
            for (long moved = 0; moved < most; moved++)
            {
                var trial = (long[])now.Clone();
                trial[which] += by;
                if (!Mend(trial, [which]))
                    return moved;
                now = trial;
            }
            return most;
        }

        bool Mend(long[] trial, HashSet<int> touched)
        {
            var broken = equations.FirstOrDefault(e => e.Sum(u => u.Value * (trial[u.Key] - start[u.Key])) != 0);
            if (broken is null)
                return true;
            var off = Math.Sign(broken.Sum(u => u.Value * (trial[u.Key] - start[u.Key])));
            foreach (var (u, sign) in broken.Where(u => !touched.Contains(u.Key)))
            {
                var change = -off * sign;
                if (trial[u] + change < 0)
                    continue;
                trial[u] += change;
                touched.Add(u);
                if (Mend(trial, touched))
                    return true;
                touched.Remove(u);
                trial[u] -= change;
            }
            return false;
        }
    }
}
