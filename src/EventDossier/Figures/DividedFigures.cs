using System.Globalization;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Figures;

/// <summary>What figures are divided by.</summary>
public enum Division { Agency, Procedure, Channel, Month }

/// <summary>
/// Form 06, the promises and the index of Decision 766 by agency, procedure, channel or month. Each dossier is in one
/// row, so rows sum up to the whole whatever they are divided by. A month is a Form 06 of its own, as of its end: it
/// carries over what the month before left open. The promises of a month are those made to whom it received, as kept by
/// the end of the period.
/// </summary>
/// <remarks>Where a dossier belongs is read off it as of the end of the period, for each month too.</remarks>
public sealed class DividedFigures : Tally
{
    private readonly DateTimeOffset _from, _to;
    private readonly Division _by;
    private readonly Rulebook _rules;
    private readonly string? _agency;
    private readonly Bucket? _list;
    private readonly IReadOnlyList<Month> _months;
    private readonly Form06 _form;
    private readonly Sum _all;
    private readonly SortedDictionary<string, Sum> _rows = new(StringComparer.Ordinal);
    private long _outside;

    /// <param name="from">Inclusive.</param>
    /// <param name="to">Exclusive.</param>
    /// <param name="agency">Only of this agency's dossiers.</param>
    /// <param name="list">Also the codes of the dossiers in it.</param>
    /// <param name="asOf">By what had happened, or was known, then; a moment within the period ends it.</param>
    public DividedFigures(
        DateTimeOffset from, DateTimeOffset to, Division by, Rulebook rules, string? agency = null,
        Bucket? list = null, AsOf? asOf = null)
        : this(from, to, by, rules, agency, list, asOf, MonthsOf(from, EndOf(to, asOf), by, rules))
    {
    }

    private DividedFigures(
        DateTimeOffset from, DateTimeOffset to, Division by, Rulebook rules, string? agency, Bucket? list, AsOf? asOf,
        List<Month> months)
        : base([.. months.Select(month => month.To)], asOf)
    {
        (_from, _to, _by, _rules, _agency, _list, _months) = (from, to, by, rules, agency, list, months);
        (_form, _all) = (new(from, To, Form06Definition.Current, rules), new(from, to, rules));
        foreach (var month in by == Division.Month ? months : [])
            _rows.Add(month.Key, new(from, to, rules));
    }

    /// <summary>Of a period that is not divided by months, the whole.</summary>
    private sealed record Month(string Key, DateTimeOffset From, DateTimeOffset To, Form06 Form);

    /// <param name="Key">The agency's or procedure's code, the channel, the month as 2026-05; empty where dossiers name
    /// none.</param>
    /// <param name="Counts">By bucket of Form 06.</param>
    /// <param name="Dossiers">Of the bucket asked for, by code.</param>
    public sealed record Row(
        string Key, long CameIn, long Accounted, IReadOnlyDictionary<string, long> Counts, Promises.Report Promises,
        Decision766 Index,
        IReadOnlyList<string>? Dossiers);

    /// <param name="AsOf">What was asked for besides the period; null for all that is known now.</param>
    /// <param name="Position">Of the log, up to which was read.</param>
    /// <param name="Definition">Of Form 06; the promises and the index name their own.</param>
    /// <param name="Outside">Dossiers of agencies that Form 06 leaves out; their promises are told.</param>
    /// <param name="Reconciles">What came in is accounted for in each row; rows sum up to the whole; months follow on
    /// each other.</param>
    /// <param name="Rows">By key. Months that had not begun when the last of the events happened are left out.</param>
    public sealed record Report(
        DateTimeOffset From, DateTimeOffset To, AsOf? AsOf, long Position, Division By, string Definition,
        long Outside, bool Reconciles,
        IReadOnlyList<Row> Rows, Row All);

    /// <inheritdoc cref="Form06.OfAsync"/>
    public static async Task<Report> OfAsync(
        Database database, DateTimeOffset from, DateTimeOffset to, Division by, string? agency = null,
        Bucket? list = null,
        AsOf? asOf = null, CancellationToken cancel = default)
    {
        var figures = new DividedFigures(from, to, by, await Rulebook.LoadAsync(database, asOf, cancel), agency, list,
            asOf);
        await figures.FollowAsync(database, Math.Min(asOf?.Position ?? long.MaxValue,
            await database.HeadAsync(cancel)), cancel);
        return figures.Tell();
    }

    internal Report Tell()
    {
        var begun = _months.Where(month => month.From <= Newest).Select(month => month.Key).ToHashSet();
        var rows = _rows.Where(row => _by == Division.Month ? begun.Contains(row.Key) : row.Value.Dossiers > 0)
            .ToList();
        return new(
            _from, _to, Known, Position, _by, Form06.CurrentDefinition, _outside,
            Reconciles([.. rows.Select(row => row.Value.Form)]),
            [.. rows.Select(row => Told(row.Key, row.Value))], Told("", _all));

        Row Told(string key, Sum sum)
        {
            var promises = sum.Promises.Tell() with { Position = Position };
            return new(
                key, sum.Form.CameIn, sum.Form.Accounted, sum.Form.Counts(), promises, Decision766.Of(promises),
                _list is null ? null : [.. sum.Listed]);
        }
    }

    protected override void Count(IReadOnlyList<Dossier> seen, int times)
    {
        var dossier = seen[^1];
        if (_agency is not null && dossier.Agency != _agency)
            return;
        _all.Promises.Count(dossier, times);
        var row = RowOf(dossier);
        if (row is not null)
        {
            row.Dossiers += times;
            row.Promises.Count(dossier, times);
        }
        if (_rules.Organisation.UnitAt(dossier.Agency ?? "", To) is { InForm06: false })
        {
            _outside += times;
            return;
        }
        foreach (var bucket in _form.BucketsOf(dossier))
        {
            _all.Count(bucket, dossier, _list, times);
            if (_by != Division.Month)
                row!.Count(bucket, dossier, _list, times);
        }
        for (var i = 0; i < _months.Count && _by == Division.Month; i++)
        {
            if (seen[i].Version == 0)
                continue;
            foreach (var bucket in _months[i].Form.BucketsOf(seen[i]))
                _rows[_months[i].Key].Count(bucket, dossier, _list, times);
        }
    }

    /// <summary>Null for a dossier that no month of the period received.</summary>
    private Sum? RowOf(Dossier dossier)
    {
        if (_by == Division.Month)
            return dossier.ReceivedAt is { } received && received >= _from ? _rows[KeyOf(received, _rules)] : null;
        var key = _by switch
        {
            Division.Agency => dossier.Agency,
            Division.Procedure => dossier.Procedure?.Code,
            _ => dossier.Channel,
        } ?? "";
        if (!_rows.TryGetValue(key, out var row))
            _rows.Add(key, row = new(_from, _to, _rules));
        return row;
    }

    private bool Reconciles(IReadOnlyList<Form06.Row> rows)
    {
        if (!_all.Form.Reconciles || rows.Any(row => !row.Reconciles))
            return false;
        if (_by != Division.Month)
            return Enum.GetValues<Bucket>().All(bucket => rows.Sum(row => row[bucket]) == _all.Form[bucket]);
        var (whole, open) = (_all.Form, _all.Form[Bucket.CarriedOver]);
        foreach (var month in rows)
        {
            if (month[Bucket.CarriedOver] != open)
                return false;
            open = Open(month);
        }
        return open == Open(whole)
            && Flows().All(bucket => rows.Sum(row => row[bucket]) == whole[bucket]);

        static long Open(Form06.Row row) => row.Sum(Bucket.PendingInTime, Bucket.StoppedForATime);

        static IEnumerable<Bucket> Flows() => Enum.GetValues<Bucket>().Where(bucket =>
            bucket is not (
                Bucket.CarriedOver or Bucket.AwaitingIntake or >= Bucket.PendingInTime and <= Bucket.StoppedForATime));
    }

    private static List<Month> MonthsOf(DateTimeOffset from, DateTimeOffset to, Division by, Rulebook rules)
    {
        var months = new List<Month>();
        for (var begin = from; by == Division.Month && begin < to;)
        {
            var local = rules.Calendar.Local(begin);
            var end = new DateTimeOffset(local.Year, local.Month, 1, 0, 0, 0, local.Offset).AddMonths(1);
            end = end < to ? end : to;
            months.Add(new(KeyOf(begin, rules), begin, end, new(begin, end, Form06Definition.Current, rules)));
            begin = end;
        }
        return months.Count > 0 ? months : [new("", from, to, new(from, to, Form06Definition.Current, rules))];
    }

    private static string KeyOf(DateTimeOffset at, Rulebook rules) =>
        rules.Calendar.Local(at).ToString("yyyy-MM", CultureInfo.InvariantCulture);

    private sealed class Sum(DateTimeOffset from, DateTimeOffset to, Rulebook rules)
    {
        public Form06.Row Form { get; } = new("");

        public Promises Promises { get; } = new(from, to, rules);

        public SortedSet<string> Listed { get; } = new(StringComparer.Ordinal);

        public long Dossiers { get; set; }

        public void Count(Bucket bucket, Dossier dossier, Bucket? list, int times)
        {
            Form.Count(bucket, times);
            if (bucket == list)
                _ = times > 0 ? Listed.Add(dossier.Code) : Listed.Remove(dossier.Code);
        }
    }
}
