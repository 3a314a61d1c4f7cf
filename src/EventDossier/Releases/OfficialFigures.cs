using System.Globalization;
using System.Text.Json;
using EventDossier.Dossiers;
using EventDossier.Exports;
using EventDossier.Figures;
using EventDossier.Store;

namespace EventDossier.Releases;

/// <summary>
/// The official figures of a release's period, over all its dossiers whose procedures may be published, and not only
/// those that are told one by one: Form 06 by agency with its procedures and by channel, what came in and was resolved
/// by month, and the promises. They are exact; small counts are hidden so that nothing gives them back: no sum of the
/// tables, no count of the release's own cases, and no figure of an earlier release.
/// </summary>
/// <param name="levelOf">How far a dossier of the period is coarsened in the release; 0 for exactly told.</param>
public sealed class OfficialFigures(ReleaseDrafted drafted, Rulebook rules, Func<string, int> levelOf)
    : Tally(drafted.To, new AsOf(Position: drafted.Position))
{
    private const string All = "all";
    private static readonly Bucket[] _buckets = [.. Enum.GetValues<Bucket>().Where(b => b <= Bucket.Voided)];
    private static readonly Bucket[] _flows = [.. _buckets.Where(b => b is not Bucket.CarriedOver
        && (b < Bucket.PendingInTime || b > Bucket.StoppedForATime))];

    private readonly Form06 _form = new(drafted.From, drafted.To, Form06Definition.Current, rules);
    private readonly Promises _promises = new(drafted.From, drafted.To, rules);
    private readonly Table _agencies = new(_buckets, true), _channels = new(_buckets, true),
        _months = new(_flows, false);

    /// <param name="Key">Empty where the dossiers name none; <c>all</c> for the sum.</param>
    /// <param name="Of">Key of the row that it is a part of.</param>
    /// <param name="Counts">By bucket; null where hidden.</param>
    public sealed record Row(string Key, string? Of, IReadOnlyDictionary<string, long?> Counts);

    /// <param name="Outside">Dossiers of agencies that Form 06 leaves out; null where hidden.</param>
    /// <param name="Hidden">How many counts are hidden.</param>
    public sealed record Report(
        string Definition, long Position, long? Outside, IReadOnlyList<Row> Agencies, IReadOnlyList<Row> Channels,
        IReadOnlyList<Row> Months, Promises.Report Promises,
        Decision766 Index, int Hidden);

    private long _outside;

    /// <param name="earlier">By name of the count, each number that was published for it.</param>
    public Report Tell(int k, ILookup<string, long> earlier)
    {
        // A sum that one table hides no other may tell; hiding it there may hide more.
        var sums = new HashSet<string>();
        while (true)
        {
            var (agencies, channels, months) = (_agencies.Tell("agency", k, earlier, sums),
                _channels.Tell("channel", k, earlier, sums), _months.Tell("month", k, earlier, sums));
            var hidden = agencies.Concat(channels).Concat(months).Where(row => row.Key == All)
                .SelectMany(row => row.Counts.Where(c => c.Value is null).Select(c => c.Key)).ToList();
            var known = sums.Count;
            sums.UnionWith(hidden);
            if (sums.Count > known)
                continue;
            var promises = Protected(_promises.Tell() with { Position = drafted.Position }, k);
            return new(
                Form06.CurrentDefinition, drafted.Position, _outside > 0 && _outside < k ? null : _outside, agencies,
                channels, months, promises, Decision766.Of(promises),
                agencies.Concat(channels).Concat(months).Sum(row => row.Counts.Values.Count(count => count is null)));
        }
    }

    /// <summary>Each count under its name, to be compared with by later releases.</summary>
    public static IEnumerable<(string Cell, long? Count)> Cells(Report report) =>
        from table in new[] { (Name: "agency", Rows: report.Agencies), (Name: "channel", Rows: report.Channels),
            (Name: "month", Rows: report.Months) }
        from row in table.Rows
        from count in row.Counts
        select ($"{table.Name} {row.Of} {row.Key} {count.Key}", count.Value);

    /// <summary>
    /// Whether a count of an earlier release is the same figure as that of this one; months are, whatever the period.
    /// </summary>
    public static bool IsSame(string cell, ReleaseDrafted earlier, ReleaseDrafted now) =>
        (earlier.Agency, earlier.Procedure) == (now.Agency, now.Procedure)
        && ((earlier.From, earlier.To) == (now.From, now.To)
            || cell.StartsWith($"month {All} ", StringComparison.Ordinal));

    protected override void Count(IReadOnlyList<Dossier> seen, int times)
    {
        var dossier = seen[^1];
        if ((drafted.Agency ?? dossier.Agency) != dossier.Agency
            || (drafted.Procedure ?? dossier.Procedure?.Code) != dossier.Procedure?.Code
            || !ReleaseBuilder.IsPublishable(rules, dossier.Procedure?.Code))
        {
            return;
        }
        if (rules.Organisation.UnitAt(dossier.Agency ?? "", To) is { InForm06: false })
        {
            _outside += times;
            return;
        }
        var begun = dossier.ReceivedAt ?? dossier.SubmittedAt;
        // What the release's own log tells of it, as far as it does, may be subtracted.
        var level = begun >= drafted.From && begun < drafted.To ? levelOf(dossier.Code) : int.MaxValue;
        var (agency, procedure, channel) = (dossier.Agency ?? "", $"{dossier.Agency} {dossier.Procedure?.Code}",
            dossier.Channel ?? "");
        foreach (var bucket in _form.BucketsOf(dossier).Where(b => b <= Bucket.Voided))
        {
            _agencies.Add(All, null, bucket, level < int.MaxValue);
            _agencies.Add(agency, All, bucket, level < Coarsening.GoneFrom(DataDictionary.Agency));
            _agencies.Add(procedure, agency, bucket, level < Coarsening.GoneFrom(DataDictionary.Procedure));
            _channels.Add(All, null, bucket, level < int.MaxValue);
            _channels.Add(channel, All, bucket, level < Coarsening.GoneFrom(DataDictionary.Channel));
            if (_flows.Contains(bucket))
            {
                var at = bucket <= Bucket.ReceivedOtherwise ? dossier.ReceivedAt : dossier.FinishedAt;
                _months.Add(All, null, bucket, level < int.MaxValue);
                _months.Add(at is { } day ? rules.Calendar.Local(day).ToString("yyyy-MM", CultureInfo.InvariantCulture)
                    : "", All, bucket, level < Coarsening.MonthGoneFrom);
            }
        }
        _promises.Count(dossier, times);
    }

    /// <summary>A share tells its part and the rest: both are nobody, or at least k.</summary>
    private static Promises.Report Protected(Promises.Report report, int k)
    {
        Promises.Share Share(Promises.Share of) => Small(of.Part) || Small(of.Of) || Small(of.Of - of.Part)
            ? new(null, null) : of;
        bool Small(long? count) => count > 0 && count < k;
        var levels = report.Satisfaction.Any(Small) ? [.. report.Satisfaction.Select(_ => default(long?))]
            : report.Satisfaction;
        return report with
        {
            SameDay = Share(report.SameDay), AheadOfSchedule = Share(report.AheadOfSchedule),
                InTime = Share(report.InTime), Satisfaction = levels, Satisfied = Share(report.Satisfied),
            Responses = Share(report.Responses), Online = Share(report.Online),
            OnlineByGrade = report.OnlineByGrade.ToDictionary(g => g.Key, g => Share(g.Value)),
            ReductionPromised = Small(report.SameDay.Of) ? null : report.ReductionPromised,
            ReductionAchieved = Small(report.SameDay.Of) ? null : report.ReductionAchieved,
        };
    }

    private sealed class Table(Bucket[] buckets, bool reconciles)
    {
        private readonly SortedDictionary<string,
            (string? Parent, long[] Counts, long[] Told)> _rows = new(StringComparer.Ordinal);

        public void Add(string key, string? parent, Bucket bucket, bool told)
        {
            if (!_rows.TryGetValue(key, out var row))
                _rows.Add(key, row = (parent, new long[buckets.Length], new long[buckets.Length]));
            var column = Array.IndexOf(buckets, bucket);
            row.Counts[column]++;
            row.Told[column] += told ? 1 : 0;
        }

        public List<Row> Tell(string name, int k, ILookup<string, long> earlier, HashSet<string> hiddenSums)
        {
            var rows = _rows.ToList();
            var told = ProtectedTable.Protect(
                [.. rows.Select(row => new ProtectedTable.Row(row.Key, row.Value.Parent, row.Value.Counts))],
                [.. buckets.Select(b => b <= Bucket.ReceivedOtherwise)], reconciles, k,
                (r, c) => Differs(rows[r].Value.Counts[c] - rows[r].Value.Told[c])
                    || (rows[r].Key == All && hiddenSums.Contains(NameOf(buckets[c])))
                    || earlier[$"{name} {rows[r].Value.Parent} {Short(rows[r].Key, rows[r].Value.Parent)} {NameOf(buckets[c])}"].Any(before => Differs(Math.Abs(rows[r].Value.Counts[c] - before))));
            return [.. rows.Select((row, r) => new Row(Short(row.Key, row.Value.Parent), row.Value.Parent,
                buckets.Select((bucket, c) => (NameOf(bucket), told[r][c])).ToDictionary(c => c.Item1, c => c.Item2)))];

            bool Differs(long by) => by > 0 && by < k;
        }

        /// <summary>A procedure's row is known by its agency too; two may have the same.</summary>
        private static string Short(string key, string? parent) => parent is null or All ? key
            : key[(parent.Length + 1)..];

        private static string NameOf(Bucket bucket) => JsonNamingPolicy.CamelCase.ConvertName($"{bucket}");
    }
}
