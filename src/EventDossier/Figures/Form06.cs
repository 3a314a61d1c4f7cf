using System.Text.Json;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Figures;

/// <summary>Where a dossier stands in Form 06. Those of one line are disjoint.</summary>
public enum Bucket
{
    // What came in.
    CarriedOver, ReceivedOnline, ReceivedAtCounter, ReceivedByPost, ReceivedOtherwise,

    // What became of it by the end of the period.
    ResolvedEarly, ResolvedOnTime, ResolvedLate, PendingInTime, PendingOverdue, SuspendedForSupplement,
        SuspendedForFee, StoppedForATime,
    Withdrawn, Terminated, Voided,

    // Never received: counted beside.
    RefusedAtIntake, AwaitingIntake,
}

/// <summary>Which states count as what: data, with a version of its own.</summary>
public sealed record Form06Definition(
    string Version, string Source, IReadOnlyDictionary<string, string> States, IReadOnlyDictionary<string,
    string> Pauses,
    IReadOnlyDictionary<string, string> Channels)
{
    /// <summary>The one that comes with the product.</summary>
    public static Form06Definition Current { get; } = Read();

    private static Form06Definition Read()
    {
        using var stream = typeof(Form06Definition).Assembly.GetManifestResourceStream("figures/form06.json")!;
        return JsonSerializer.Deserialize<Form06Definition>(stream, JsonSerializerOptions.Web)!;
    }
}

/// <summary>
/// Form 06: what came in and what became of it, from the log alone. Each dossier is folded as of the end of the period
/// by legal time, so figures of a period that has passed change only by what is dated back into it.
/// </summary>
/// <param name="from">Inclusive.</param>
/// <param name="to">Exclusive.</param>
/// <param name="list">Also the codes of the dossiers in it: what a figure is made of.</param>
/// <param name="asOf">By what had happened, or was known, then; a moment within the period ends it.</param>
public sealed class Form06(
    DateTimeOffset from, DateTimeOffset to, Form06Definition definition, Rulebook rules, Bucket? list = null,
    AsOf? asOf = null)
    : Tally(EndOf(to, asOf), asOf)
{
    private readonly SortedDictionary<string, Row> _rows = new(StringComparer.Ordinal);
    private readonly SortedSet<(string Agency, string Code)> _listed =
        new(Comparer<(string Agency, string Code)>.Create((one, other) => string.CompareOrdinal(one.Code, other.Code)));

    public static readonly string CurrentDefinition = $"form06/{Form06Definition.Current.Version}";

    /// <summary>Counts of one agency.</summary>
    public sealed class Row(string agency)
    {
        private readonly long[] _counts = new long[Enum.GetValues<Bucket>().Length];

        public string Agency => agency;

        /// <summary>All dossiers, of which those before the period are in no bucket.</summary>
        internal long Dossiers { get; set; }

        public long this[Bucket bucket] => _counts[(int)bucket];

        /// <summary>All of them by name, as JSON has them.</summary>
        public Dictionary<string, long> Counts() =>
            Enum.GetValues<Bucket>().ToDictionary(b => JsonNamingPolicy.CamelCase.ConvertName(b.ToString()), b =>
                this[b]);

        public long CameIn => Sum(Bucket.CarriedOver, Bucket.ReceivedOtherwise);

        public long Accounted => Sum(Bucket.ResolvedEarly, Bucket.Voided);

        /// <summary>What came in is what was resolved, is pending, stands, was withdrawn, ended or voided.</summary>
        public bool Reconciles => CameIn == Accounted;

        internal void Count(Bucket bucket, int times) => _counts[(int)bucket] += times;

        internal Row Add(Row other)
        {
            for (var i = 0; i < _counts.Length; i++)
                _counts[i] += other._counts[i];
            return this;
        }

        internal long Sum(Bucket first, Bucket last) => _counts.AsSpan()[(int)first..((int)last + 1)].ToArray().Sum();
    }

    /// <param name="Position">Of the log, up to which was read.</param>
    /// <param name="AsOf">What was asked for besides the period; null for all that is known now.</param>
    /// <param name="Outside">Dossiers of agencies that Form 06 leaves out.</param>
    /// <param name="Rows">By agency.</param>
    /// <param name="Dossiers">Of the bucket asked for, by code.</param>
    public sealed record Report(
        DateTimeOffset From, DateTimeOffset To, AsOf? AsOf, long Position, string Definition, long Outside,
        IReadOnlyList<Row> Rows,
        Row Total, IReadOnlyList<string> Dossiers);

    /// <summary>
    /// Of the log as it stands; <see cref="KeptFigures"/> tells the same without reading it all again.
    /// </summary>
    /// <param name="agency">Only this one.</param>
    /// <param name="asOf"> As the report would have come out then: by what had happened, what was recorded, or the log
    /// up to a position. A moment within the period ends it. </param>
    public static async Task<Report> OfAsync(
        Database database, DateTimeOffset from, DateTimeOffset to, string? agency = null, Bucket? list = null,
        AsOf? asOf = null,
        CancellationToken cancel = default)
    {
        var rules = await Rulebook.LoadAsync(database, asOf, cancel);
        var form = new Form06(from, to, Form06Definition.Current, rules, list, asOf);
        await form.FollowAsync(database, Math.Min(asOf?.Position ?? long.MaxValue, await database.HeadAsync(cancel)),
            cancel);
        return form.Tell(agency);
    }

    /// <param name="agency">Only this one.</param>
    internal Report Tell(string? agency)
    {
        var asked = _rows.Values.Where(r => r.Dossiers > 0 && (agency is null || r.Agency == agency))
            .ToLookup(r => IsInForm(r.Agency));
        return new(
            from, to, Known, Position, $"form06/{definition.Version}", asked[false].Sum(r => r.Dossiers),
            [.. asked[true].Select(r => new Row(r.Agency).Add(r))], asked[true]
            .Aggregate(new Row(""), (sum, row) => sum.Add(row)),
            [.. _listed.Where(l => (agency is null || l.Agency == agency) && IsInForm(l.Agency)).Select(l => l.Code)]);
    }

    private bool IsInForm(string agency) => rules.Organisation.UnitAt(agency, To) is not { InForm06: false };

    protected override void Count(IReadOnlyList<Dossier> seen, int times)
    {
        var dossier = seen[^1];
        var agency = dossier.Agency ?? "";
        if (!_rows.TryGetValue(agency, out var row))
            _rows.Add(agency, row = new(agency));
        row.Dossiers += times;
        foreach (var bucket in BucketsOf(dossier))
        {
            row.Count(bucket, times);
            if (bucket == list)
                _ = times > 0 ? _listed.Add((agency, dossier.Code)) : _listed.Remove((agency, dossier.Code));
        }
    }

    /// <summary>
    /// How it came in and what became of it; or the one beside; or none, where the period has nothing to do with it.
    /// </summary>
    /// <param name="dossier">As of the end of the period.</param>
    public IEnumerable<Bucket> BucketsOf(Dossier dossier)
    {
        var state = definition.States[StageNames.Of(dossier.Stage)];
        if (dossier.ReceivedAt is not { } received)
        {
            return state == "refusedAtIntake" && dossier.FinishedAt >= from ? [Bucket.RefusedAtIntake]
                : state == "awaitingIntake" ? [Bucket.AwaitingIntake] : [];
        }
        if (dossier.FinishedAt < from)
            return [];
        return [received < from ? Bucket.CarriedOver : CameIn(dossier.Channel), WhatBecame(dossier, state)];
    }

    private Bucket CameIn(string? channel) =>
        channel is not null && definition.Channels.TryGetValue(channel, out var bucket) ? Named(bucket)
            : Bucket.ReceivedOtherwise;

    private Bucket WhatBecame(Dossier dossier, string state) => state switch
    {
        "resolved" => Judged(dossier, rules.Calendar) switch
        {
            Judgement.Early => Bucket.ResolvedEarly,
            Judgement.OnTime => Bucket.ResolvedOnTime,
            _ => Bucket.ResolvedLate,
        },
        // Late before it stood is late.
        "pending" => dossier.Due < To ? Bucket.PendingOverdue
            : dossier.Standing is { } standing ? Named(
            definition.Pauses[JsonNamingPolicy.CamelCase.ConvertName(standing.Kind.ToString())])
            : Bucket.PendingInTime,
        _ => Named(state),
    };

    /// <summary>
    /// As judged at the finish; what an older system finished is judged here. Without a due date nothing can be late.
    /// </summary>
    internal static Judgement Judged(Dossier dossier, WorkCalendar calendar) => dossier.Judgement
        ?? (dossier is { Due: { } due, FinishedAt: { } finished }
            ? DueDate.Judge(finished, due, dossier.Limit?.Rule ?? CountingRule.Days, calendar) : Judgement.OnTime);

    private static Bucket Named(string name) => Enum.Parse<Bucket>(name, ignoreCase: true);
}
