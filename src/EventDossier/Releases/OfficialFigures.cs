using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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
public sealed class OfficialFigures(ReleaseDrafted drafted, Rulebook rules)
    : Tally(drafted.To, new AsOf(Position: drafted.Position))
{
    private const string All = "all";
    private static readonly Bucket[] _buckets = [.. Enum.GetValues<Bucket>().Where(b => b <= Bucket.Voided)];
    private static readonly Bucket[] _flows = [.. _buckets.Where(b => b is not Bucket.CarriedOver
        && (b < Bucket.PendingInTime || b > Bucket.StoppedForATime))];

    private readonly Form06 _form = new(drafted.From, drafted.To, Form06Definition.Current, rules);
    private readonly Promises _promises = new(drafted.From, drafted.To, rules);
    private readonly Dictionary<Counted, int> _others = [];
    private readonly Dictionary<string, (Counted Counted, int Level)> _ofPeriod = [];

    /// <summary>What the tables count of a dossier; most are like many others.</summary>
    /// <param name="Received">Its month; empty where it was not.</param>
    /// <param name="Finished">Its month; empty where it is not.</param>
    /// <param name="Buckets">A bit each.</param>
    private sealed record Counted(
        string Agency, string? Procedure, string Channel, string Received, string Finished, int Buckets);

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

    /// <summary>
    /// A dossier of the period is told one by one in the release; whose turn never comes is left out there.
    /// </summary>
    /// <param name="level">How far it is coarsened; 0 for exactly told.</param>
    public void Tells(string code, int level)
    {
        ref var told = ref CollectionsMarshal.GetValueRefOrNullRef(_ofPeriod, code);
        if (!Unsafe.IsNullRef(ref told))
            told.Level = level;
    }

    /// <param name="earlier">By name of the count, each number that was published for it.</param>
    public Report Tell(int k, ILookup<string, long> earlier)
    {
        var tables = (Agencies: new Table(_buckets, true), Channels: new Table(_buckets, true),
            Months: new Table(_flows, false));
        foreach (var (counted, times) in _others)
            Add(counted, int.MaxValue, times);
        // What the release's own log tells of them, as far as it does, may be subtracted.
        foreach (var (counted, level) in _ofPeriod.Values)
            Add(counted, level, 1);

        // A sum that one table hides no other may tell; hiding it there may hide more.
        var sums = new HashSet<string>();
        while (true)
        {
            var (agencies, channels, months) = (tables.Agencies.Tell("agency", k, earlier, sums),
                tables.Channels.Tell("channel", k, earlier, sums), tables.Months.Tell("month", k, earlier, sums));
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

        void Add(Counted of, int level, int times)
        {
            foreach (var bucket in _buckets.Where(b => (of.Buckets & (1 << (int)b)) != 0))
            {
                tables.Agencies.Add(All, null, bucket, times, level < int.MaxValue);
                tables.Agencies.Add(of.Agency, All, bucket, times,
                    level < Coarsening.GoneFrom(DataDictionary.Agency));
                tables.Agencies.Add($"{of.Agency} {of.Procedure}", of.Agency, bucket, times,
                    level < Coarsening.GoneFrom(DataDictionary.Procedure));
                tables.Channels.Add(All, null, bucket, times, level < int.MaxValue);
                tables.Channels.Add(of.Channel, All, bucket, times,
                    level < Coarsening.GoneFrom(DataDictionary.Channel));
                if (_flows.Contains(bucket))
                {
                    tables.Months.Add(All, null, bucket, times, level < int.MaxValue);
                    tables.Months.Add(bucket <= Bucket.ReceivedOtherwise ? of.Received : of.Finished, All, bucket,
                        times, level < Coarsening.MonthGoneFrom);
                }
            }
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
        var counted = new Counted(dossier.Agency ?? "", dossier.Procedure?.Code, dossier.Channel ?? "",
            Month(dossier.ReceivedAt), Month(dossier.FinishedAt),
            _form.BucketsOf(dossier).Where(b => b <= Bucket.Voided).Aggregate(0, (all, b) => all | (1 << (int)b)));
        if ((dossier.ReceivedAt ?? dossier.SubmittedAt) is { } begun && begun >= drafted.From && begun < drafted.To)
            _ofPeriod.Add(dossier.Code, (counted, int.MaxValue));
        else
            _others[counted] = _others.GetValueOrDefault(counted) + 1;
        _promises.Count(dossier, times);

        string Month(DateTimeOffset? at) =>
            at is { } day ? rules.Calendar.Local(day).ToString("yyyy-MM", CultureInfo.InvariantCulture) : "";
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

        public void Add(string key, string? parent, Bucket bucket, int times, bool told)
        {
            if (!_rows.TryGetValue(key, out var row))
                _rows.Add(key, row = (parent, new long[buckets.Length], new long[buckets.Length]));
            var column = Array.IndexOf(buckets, bucket);
            row.Counts[column] += times;
            row.Told[column] += told ? times : 0;
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
