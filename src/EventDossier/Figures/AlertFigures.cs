using EventDossier.Alerts;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Figures;

/// <summary>
/// How many alerts reach each person, and how long it takes until they see to them: who is told too much sees to
/// nothing. Counted are the alerts raised in the period, as they stand at its end; an alert that was withdrawn and
/// raised again counts once, as raised last.
/// </summary>
/// <param name="from">Inclusive.</param>
/// <param name="to">Exclusive.</param>
/// <param name="agency">Only of this agency's dossiers.</param>
public sealed class AlertFigures(DateTimeOffset from, DateTimeOffset to, Rulebook rules, string? agency = null)
    : Tally(to)
{
    public const string Definition = "alert-fatigue/1";

    private readonly SortedDictionary<string, Sum> _people = new(StringComparer.Ordinal);
    private readonly Sum _all = new();

    /// <param name="Position">Of the log, up to which was read.</param>
    /// <param name="WorkingDays">Of the period, as far as it has gone.</param>
    /// <param name="All">Each alert once, however many were told; acknowledged by whomever.</param>
    public sealed record Report(DateTimeOffset From, DateTimeOffset To, long Position, string Definition,
        decimal WorkingDays, Row All, IReadOnlyList<Row> People);

    /// <param name="ADay">Told, for each working day.</param>
    /// <param name="Acknowledged">By this person.</param>
    /// <param name="ByOthers">Acknowledged by somebody else.</param>
    /// <param name="Over">Withdrawn, or its clock had come to its end, before anybody acknowledged it.</param>
    /// <param name="Open">Nobody has acknowledged it.</param>
    /// <param name="Median">Working minutes from the raising to the person's acknowledgement: the least that half of
    /// them took at most. Null without any.</param>
    /// <param name="P90">The least that nine in ten took at most.</param>
    public sealed record Row(string? Person, long Told, decimal ADay, long Acknowledged, long ByOthers, long Over,
        long Open, int? Median, int? P90);

    /// <summary>Of the log as it stands.</summary>
    public static async Task<Report> OfAsync(Database database, DateTimeOffset from, DateTimeOffset to,
        DateTimeOffset now, string? agency = null, CancellationToken cancel = default)
    {
        var figures = new AlertFigures(from, to, await Rulebook.LoadAsync(database, cancel), agency);
        await figures.FollowAsync(database, await database.HeadAsync(cancel), cancel);
        return figures.Tell(now);
    }

    /// <param name="now">A period that still goes on has had as many working days as until then.</param>
    internal Report Tell(DateTimeOffset now)
    {
        var (calendar, end) = (rules.Calendar, now < To ? now : To);
        var days = end <= from ? 0 : Math.Round((decimal)calendar.WorkingMinutes(from, end) / calendar.WorkdayMinutes,
            2);
        return new(from, To, Position, Definition, days, _all.Row(null, days),
            [.. _people.Where(p => p.Value.Told > 0).Select(p => p.Value.Row(p.Key, days))]);
    }

    protected override void Count(IReadOnlyList<Dossier> seen, int times)
    {
        var dossier = seen[^1];
        if (agency is not null && dossier.Agency != agency)
            return;
        foreach (var alert in dossier.Alerts.Where(a => a.RaisedAt >= from && a.RaisedAt < To))
        {
            int? minutes = alert.AcknowledgedAt is { } at ? rules.Calendar.WorkingMinutes(alert.RaisedAt, at) : null;
            _all.Count(alert, minutes, isTheirs: true, times);
            foreach (var person in alert.To.Select(told => told.Person).OfType<string>().Distinct())
            {
                if (!_people.TryGetValue(person, out var sum))
                    _people.Add(person, sum = new());
                sum.Count(alert, minutes, alert.AcknowledgedBy == person, times);
            }
        }
    }

    private sealed class Sum
    {
        private readonly SortedDictionary<int, long> _minutes = [];
        private long _byOthers, _over, _open;

        public long Told { get; private set; }

        public void Count(Alert alert, int? minutes, bool isTheirs, int times)
        {
            Told += times;
            if (minutes is not { } took)
                _ = alert.IsOpen ? _open += times : _over += times;
            else if (!isTheirs)
                _byOthers += times;
            else
                _minutes[took] = _minutes.GetValueOrDefault(took) + times;
        }

        public Row Row(string? person, decimal days) => new(
            person, Told, days == 0 ? 0 : Math.Round(Told / days, 2), _minutes.Values.Sum(), _byOthers, _over, _open,
            Share(50), Share(90));

        private int? Share(int percent)
        {
            var wanted = ((_minutes.Values.Sum() * percent) + 99) / 100;
            foreach (var (minutes, count) in _minutes)
            {
                if ((wanted -= count) <= 0 && count > 0)
                    return minutes;
            }
            return null;
        }
    }
}
