using System.Globalization;
using EventDossier.Exports;

namespace EventDossier.Releases;

/// <summary>
/// The figures of a release's own cases, which anybody can count again from the files beside them. Each case is in one
/// row of each division; no count is below k, for no case is told apart from k-1 others.
/// </summary>
public sealed class ReleaseFigures
{
    public const string Definition = "release/1";

    private readonly Dictionary<string, SortedDictionary<string, Sum>> _by = new()
    {
        ["month"] = new(StringComparer.Ordinal), [DataDictionary.Agency] = new(StringComparer.Ordinal),
        [DataDictionary.Procedure] = new(StringComparer.Ordinal),
        [DataDictionary.Channel] = new(StringComparer.Ordinal),
    };

    private readonly Sum _all = new();

    /// <param name="Key">Month of the first event, or the attribute's value; empty for cases that do not tell
    /// it.</param>
    /// <param name="MedianWorkingMinutes">From receipt to finish, the lower of two; null where none tells it.</param>
    public sealed record Row(
        string Key, long Cases, long Events, long Finished, long Early, long OnTime, long Late, long Approved,
        long Rejected,
        long WithSupplement, long? MedianWorkingMinutes);

    /// <param name="By">Rows by division.</param>
    public sealed record Report(string Definition, Row All, IReadOnlyDictionary<string, IReadOnlyList<Row>> By);

    public void Take(ProcessCase of)
    {
        _all.Take(of);
        foreach (var (division, rows) in _by)
        {
            var key = division == "month" ? of.Events[0].At.ToString("yyyy-MM", CultureInfo.InvariantCulture)
                : Value(of, division) as string ?? "";
            if (!rows.TryGetValue(key, out var sum))
                rows.Add(key, sum = new());
            sum.Take(of);
        }
    }

    public Report Tell() => new(
        Definition, _all.Row(""), _by.ToDictionary(d => d.Key, d =>
        (IReadOnlyList<Row>)[.. d.Value.Select(row => row.Value.Row(row.Key))]));

    private static object? Value(ProcessCase of, string name)
    {
        foreach (var attribute in of.Attributes)
        {
            if (attribute.Name == name)
                return attribute.Value;
        }
        return null;
    }

    private sealed class Sum
    {
        private readonly SortedDictionary<long, long> _minutes = [];
        private readonly long[] _counts = new long[9];

        public void Take(ProcessCase of)
        {
            var (judgement, result) = (Value(of, DataDictionary.Judgement), Value(of, DataDictionary.Result));
            Count(0, true);
            _counts[1] += of.Events.Count;
            Count(2, Value(of, DataDictionary.Finished) is not null);
            Count(3, judgement is "early");
            Count(4, judgement is "onTime");
            Count(5, judgement is "late");
            Count(6, result is "approved");
            Count(7, result is "rejected");
            Count(8, Value(of, DataDictionary.Supplements) is not null);
            if (Value(of, DataDictionary.WorkingMinutes) is long minutes)
                _minutes[minutes] = _minutes.GetValueOrDefault(minutes) + 1;
        }

        public Row Row(string key) => new(
            key, _counts[0], _counts[1], _counts[2], _counts[3], _counts[4], _counts[5], _counts[6], _counts[7],
            _counts[8], Median());

        private void Count(int what, bool is_) => _counts[what] += is_ ? 1 : 0;

        private long? Median()
        {
            var before = (_minutes.Values.Sum() + 1) / 2;
            foreach (var (minutes, count) in _minutes)
            {
                if ((before -= count) <= 0)
                    return minutes;
            }
            return null;
        }
    }
}
