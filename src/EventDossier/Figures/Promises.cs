using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Procedures;
using EventDossier.Store;

namespace EventDossier.Figures;

/// <summary>
/// What the centre promised and what came of it, over the dossiers received in a period that were resolved by its end;
/// and the index of Decision 766 as far as its facts are recorded.
/// </summary>
/// <param name="from">Inclusive.</param>
/// <param name="to">Exclusive.</param>
/// <param name="isCounted">Which dossiers; all where null.</param>
/// <param name="asOf">By what had happened, or was known, then; a moment within the period ends it.</param>
public sealed class Promises(
    DateTimeOffset from, DateTimeOffset to, Rulebook rules, Func<Dossier, bool>? isCounted = null, AsOf? asOf = null)
    : Tally(EndOf(to, asOf), asOf)
{
    public const string Definition = "promises/1";
    public const int Levels = 5;

    private readonly SortedDictionary<int, long> _promised = [], _achieved = [];
    private readonly long[] _rated = new long[Levels + 1];
    private readonly Dictionary<ServiceGrade, (long Online, long All)> _grades = [];
    private long _received, _online, _resolved, _early, _onTime, _sameDay, _returned;

    /// <summary>A part of something; null for both where it is protected.</summary>
    public sealed record Share(long? Part, long? Of)
    {
        /// <summary>In percent, to a tenth.</summary>
        public decimal? Percent => this is { Part: { } part, Of: > 0 and var all } ? Math.Round(100m * part / all, 1)
            : null;
    }

    /// <param name="ReductionPromised">Median, in percent of the general limit, by which the committed one is shorter;
    /// null without any.</param>
    /// <param name="ReductionAchieved">The same of the working time that it took.</param>
    /// <param name="AheadOfSchedule">Finished early, of those resolved.</param>
    /// <param name="Satisfaction">How many gave each level, from 1 to 5.</param>
    /// <param name="Responses">Rated, of those whose result was returned.</param>
    /// <param name="OnlineByGrade">Of those received under procedures of each grade.</param>
    public sealed record Report(
        DateTimeOffset From, DateTimeOffset To, long Position, string Definition, int? ReductionPromised,
        int? ReductionAchieved,
        Share SameDay, Share AheadOfSchedule, Share InTime, IReadOnlyList<long?> Satisfaction, Share Satisfied,
        Share Responses,
        Share Online, IReadOnlyDictionary<string, Share> OnlineByGrade);

    /// <inheritdoc cref="Form06.OfAsync"/>
    public static async Task<Report> OfAsync(
        Database database, DateTimeOffset from, DateTimeOffset to, string? agency = null, AsOf? asOf = null,
        CancellationToken cancel = default)
    {
        var rules = await Rulebook.LoadAsync(database, asOf, cancel);
        var promises = new Promises(from, to, rules, agency is null ? null : dossier => dossier.Agency == agency, asOf);
        await promises.FollowAsync(database, Math.Min(asOf?.Position ?? long.MaxValue,
            await database.HeadAsync(cancel)), cancel);
        return promises.Tell();
    }

    public Report Tell() => new(
        from, to, Position, Definition, Median(_promised), Median(_achieved), new(_sameDay, _resolved),
        new(_early, _resolved),
        new(_early + _onTime, _resolved), [.. _rated.Skip(1).Select(count => (long?)count)],
        new(_rated[4] + _rated[5], _rated.Sum()),
        new(_rated.Sum(), _returned), new(_online, _received),
        _grades.Where(g => g.Value.All > 0).OrderBy(g => g.Key)
            .ToDictionary(g => $"{g.Key}".ToLowerInvariant(), g => new Share(g.Value.Online, g.Value.All)));

    protected override void Count(IReadOnlyList<Dossier> seen, int times) => Count(seen[^1], times);

    /// <param name="dossier">As of the end of the period.</param>
    /// <param name="times">1, or -1 for what it counted as before.</param>
    public void Count(Dossier dossier, int times)
    {
        if (dossier.ReceivedAt is not { } received || received < from || dossier.Stage == Stage.Voided
            || isCounted?.Invoke(dossier) == false)
        {
            return;
        }
        var online = Form06Definition.Current.Channels.GetValueOrDefault(dossier.Channel ?? "") == "receivedOnline"
            ? times : 0;
        _received += times;
        _online += online;
        if (rules.Procedure(dossier.Procedure)?.Published.Grade is { } grade)
            _grades[grade] = (_grades.GetValueOrDefault(grade).Online + online,
                _grades.GetValueOrDefault(grade).All + times);
        if (dossier.ReturnedAt is not null)
            _returned += times;
        if (dossier.Rating is >= 1 and <= Levels and var level)
            _rated[level] += times;
        if (dossier is not { Stage: Stage.ResultReady or Stage.Returned, FinishedAt: { } finished })
            return;
        _resolved += times;
        var judgement = Form06.Judged(dossier, rules.Calendar);
        _early += judgement == Judgement.Early ? times : 0;
        _onTime += judgement == Judgement.OnTime ? times : 0;
        if (rules.Calendar.DayOf(received) == rules.Calendar.DayOf(finished))
            _sameDay += times;
        if (dossier.GeneralLimit is { } limit && dossier.Promised is { } promised)
        {
            var general = rules.Calendar.WorkingMinutes(received, DueDate.Of(received, limit, rules.Calendar));
            Reduced(_promised, rules.Calendar.WorkingMinutes(received, promised), general, times);
            Reduced(_achieved, rules.Calendar.WorkingMinutes(received, finished), general, times);
        }
    }

    private static void Reduced(SortedDictionary<int, long> sums, int minutes, int of, int times)
    {
        if (of <= 0)
            return;
        var percent = 100 - (int)Math.Round(100m * minutes / of);
        sums[percent] = sums.GetValueOrDefault(percent) + times;
    }

    private static int? Median(SortedDictionary<int, long> of)
    {
        var before = (of.Values.Sum() + 1) / 2;
        foreach (var (percent, count) in of)
        {
            if (count > 0 && (before -= count) <= 0)
                return percent;
        }
        return null;
    }
}
