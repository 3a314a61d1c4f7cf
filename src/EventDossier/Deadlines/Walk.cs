namespace EventDossier.Deadlines;

/// <summary>Finds a due moment day by day. Looks only at what each date is, never at the calendar's arrays: that it agrees with the arithmetic is then worth something.</summary>
internal sealed class Walk
{
    private readonly WorkCalendar _calendar;
    private readonly CountingRule _rule;
    private readonly IReadOnlyList<Stand> _stands;
    private readonly DateTime _from;
    private readonly List<LedgerLine> _lines = [];
    private DateOnly _date;
    private int _total;
    private bool _standsStill;

    // Local time, to the minute.
    private sealed record Stand(DateTime From, DateTime To, Pause Pause)
    {
        public static readonly DateTime Open = DateTime.MaxValue;
    }

    private sealed record Result(DateTime? Due, IReadOnlyList<LedgerLine> Lines);

    private Walk(WorkCalendar calendar, CountingRule rule, IReadOnlyList<Stand> stands, DateTime from)
    {
        (_calendar, _rule, _stands, _from, _date) = (calendar, rule, stands, from, DateOnly.FromDateTime(from));
    }

    private CalendarDay Day => _calendar[_date];

    private DateTime Close => CloseOf(_calendar, _date);

    public static Ledger Through(ClockFacts facts, WorkCalendar calendar)
    {
        var ledger = Through(facts, null, calendar);
        if (facts.Extension is not { } given) return ledger;
        var appointed = Appointed(given, facts.Limit.Rule, calendar);
        if (ledger.Due is { } due && Minute(given.At, calendar) > due.DateTime)
            return ledger with { Extension = new(given, ExtensionEffect.TooLate, At(appointed, calendar), ledger.Due, 0, []) };
        return Through(facts, given, calendar);
    }

    private static Ledger Through(ClockFacts facts, Extension? given, WorkCalendar calendar)
    {
        var stands = facts.Pauses
            .Select(p => new Stand(Minute(p.From, calendar), p.To is { } to ? Minute(to, calendar) : Stand.Open, p))
            .Where(s => s.From <= s.To).OrderBy(s => s.From).ToList();
        var (extended, amount, appointed) = given is null ? (null, 0, default) : Extend(given, facts.Limit.Rule, stands, calendar);

        var earlier = new List<EarlierRun>();
        var from = Minute(facts.Start, calendar);
        for (; ; )
        {
            var run = new Walk(calendar, facts.Limit.Rule, stands, from).Run(facts.Limit, earlier.Count == 0 ? LineKind.Receipt : LineKind.Restart);
            var due = extended is null || (run.Due is { } own && extended.Due is { } other && own >= other) || run.Due is null ? run.Due : extended.Due;
            var restart = stands.Where(s => s.Pause.Restarts && s.To > from && s.To != Stand.Open).MinBy(s => s.To);
            if (due is not null && restart is not null && restart.From < due)
            {
                // Told as it looked while that answer was awaited.
                var awaited = stands.Select(s => s == restart ? s with { To = Stand.Open } : s).ToList();
                var lines = new Walk(calendar, facts.Limit.Rule, awaited, from).Run(facts.Limit, earlier.Count == 0 ? LineKind.Receipt : LineKind.Restart).Lines;
                earlier.Add(new(At(from, calendar), lines, restart.Pause));
                from = restart.To;
                continue;
            }
            return new Ledger(calendar.Local(facts.Start), facts.Limit, At(due, calendar), calendar.Hours, run.Lines)
            {
                Pauses = [.. facts.Pauses.OrderBy(p => p.From)],
                Earlier = earlier,
                Ends = At(run.Due, calendar),
                Extension = given is null ? null : new(
                    given,
                    extended is not null && (extended.Due is null || extended.Due > run.Due) ? ExtensionEffect.Moves : ExtensionEffect.NotLater,
                    At(appointed, calendar), At(extended is null ? appointed : extended.Due, calendar), amount, extended?.Lines ?? []),
            };
        }
    }

    // As many days, or working minutes, as lie between extension and appointment are walked again with the pauses since. Null: the appointment
    // lies before the extension, and so before the due moment.
    private static (Result? Extended, int Amount, DateTime Appointed) Extend(Extension given, CountingRule rule, IReadOnlyList<Stand> stands, WorkCalendar calendar)
    {
        var at = Minute(given.At, calendar);
        var appointed = Appointed(given, rule, calendar);
        var till = rule is CountingRule.Days or CountingRule.Hours ? appointed : FirstClosing(Minute(given.Due, calendar), calendar);
        if (till <= at) return (null, 0, appointed);

        var later = stands.Where(s => s.From >= at).ToList();
        var walk = new Walk(calendar, rule == CountingRule.Months ? CountingRule.CalendarDays : rule, later, rule == CountingRule.SameDay ? till.Date : at);
        var amount = rule == CountingRule.SameDay ? 1 : Between(at, till, rule, calendar);
        return (walk.Count(amount, at < walk.Close ? null : LineKind.Extension), amount, appointed);
    }

    private static int Between(DateTime from, DateTime to, CountingRule rule, WorkCalendar calendar)
    {
        var amount = 0;
        for (var date = DateOnly.FromDateTime(from); date <= DateOnly.FromDateTime(to); date = date.AddDays(1))
        {
            if (rule == CountingRule.Hours)
            {
                foreach (var session in calendar[date].IsWorked ? calendar.Hours.Sessions : [])
                {
                    var begin = date.ToDateTime(session.From) > from ? date.ToDateTime(session.From) : from;
                    var end = date.ToDateTime(session.To) < to ? date.ToDateTime(session.To) : to;
                    if (end > begin) amount += (int)(end - begin).TotalMinutes;
                }
            }
            else if (CloseOf(calendar, date) > from && (rule != CountingRule.Days || calendar[date].IsWorked)) amount++;
        }
        return amount;
    }

    // Under hours any moment within working time is one to be due at; otherwise, and outside it, closing time of a working day.
    private static DateTime Appointed(Extension given, CountingRule rule, WorkCalendar calendar)
    {
        var due = Minute(given.Due, calendar);
        var date = DateOnly.FromDateTime(due);
        var time = TimeOnly.FromDateTime(due);
        if (rule == CountingRule.Hours && calendar[date].IsWorked && calendar.Hours.Sessions.Any(s => s.From < time && time <= s.To)) return due;
        date = DateOnly.FromDateTime(FirstClosing(due, calendar));
        while (!calendar[date].IsWorked) date = date.AddDays(1);
        return CloseOf(calendar, date);
    }

    private static DateTime FirstClosing(DateTime from, WorkCalendar calendar)
    {
        var close = CloseOf(calendar, DateOnly.FromDateTime(from));
        return close >= from ? close : close.AddDays(1);
    }

    private static DateTime CloseOf(WorkCalendar calendar, DateOnly date) => date.ToDateTime(calendar.Hours.Sessions[^1].To);

    private static DateTime Minute(DateTimeOffset moment, WorkCalendar calendar)
    {
        var local = calendar.Local(moment).DateTime;
        return local.AddTicks(-(local.Ticks % TimeSpan.TicksPerMinute));
    }

    private static DateTimeOffset At(DateTime moment, WorkCalendar calendar) => new(moment, calendar.Hours.UtcOffset);

    private static DateTimeOffset? At(DateTime? moment, WorkCalendar calendar) => moment is { } known ? At(known, calendar) : null;

    private Result Run(Limit limit, LineKind first) => _rule switch
    {
        CountingRule.Hours => Hours(limit.Amount * 60, first),
        CountingRule.Months => Months(limit.Amount, first),
        CountingRule.SameDay => Count(1, TimeOnly.FromDateTime(_from) <= _calendar.Hours.SameDayUntil && Day.IsWorked ? null : first),
        _ => Count(limit.Amount, first),
    };

    /// <param name="first">What the first day is called that can't count; null when it can.</param>
    private Result Count(int amount, LineKind? first)
    {
        if (_rule == CountingRule.Hours) return Hours(amount, first ?? LineKind.Extension);
        if (first is { } kind) Add(kind);
        else Step();
        while (_total < amount && !_standsStill)
        {
            _date = _date.AddDays(1);
            Step();
        }
        return RollToWorked();
    }

    private void Step()
    {
        if (_rule != CountingRule.CalendarDays && !Day.IsWorked) Add(LineKind.Skipped);
        else if (!Stands()) Add(LineKind.Counted, 1);
    }

    private Result Months(int limit, LineKind first)
    {
        Add(first);
        var received = _date;
        for (var running = 0; _total < limit && !_standsStill;)
        {
            _date = _date.AddDays(1);
            if (Stands()) continue;
            if (received.AddDays(++running) == received.AddMonths(_total + 1)) Add(LineKind.Counted, 1);
            else Add(LineKind.Passed);
        }
        return RollToWorked();
    }

    private Result RollToWorked()
    {
        while (!_standsStill && (!Day.IsWorked || _lines[^1].Kind == LineKind.Paused))
        {
            _date = _date.AddDays(1);
            if (!Day.IsWorked) Add(LineKind.Skipped);
            else if (!Stands()) Add(LineKind.Due);
        }
        return new(_standsStill ? null : Close, _lines);
    }

    private Result Hours(int limit, LineKind first)
    {
        var date = _date;
        for (var left = limit; ; _date = _date.AddDays(1))
        {
            List<Session> counted = [], stood = [];
            var pauses = new List<Pause>();
            foreach (var session in Day.IsWorked ? _calendar.Hours.Sessions : [])
            {
                var end = _date.ToDateTime(session.To);
                for (var at = Later(_from, _date.ToDateTime(session.From)); at < end && left > 0;)
                {
                    var (from, standing) = (at, _stands.Where(s => s.From <= at && at < s.To).ToList());
                    if (standing.Count > 0)
                    {
                        at = Earlier(end, standing.Max(s => s.To));
                        stood.Add(new(TimeOnly.FromDateTime(from), TimeOnly.FromDateTime(at)));
                        pauses.AddRange(standing.Select(s => s.Pause).Except(pauses));
                        _standsStill |= standing.Any(s => s.To == Stand.Open);
                    }
                    else
                    {
                        at = _stands.Where(s => s.From > from && s.To > s.From).Select(s => s.From).Append(from.AddMinutes(left)).Append(end).Min();
                        left -= (int)(at - from).TotalMinutes;
                        counted.Add(new(TimeOnly.FromDateTime(from), TimeOnly.FromDateTime(at)));
                    }
                }
            }
            var minutes = counted.Sum(s => s.Minutes);
            var kind = minutes > 0 ? LineKind.Counted : stood.Count > 0 ? LineKind.Paused : _date == date ? first : LineKind.Skipped;
            _lines.Add(new LedgerLine(Day, kind, minutes, _total += minutes, counted) { Stood = stood, Pauses = pauses });
            if (left == 0) return new(_date.ToDateTime(counted[^1].To), _lines);
            if (_standsStill) return new(null, _lines);
        }
    }

    // A pause that ends as the day closes has stood in its last minute; one that begins then has not.
    private bool Stands()
    {
        var until = _date.ToDateTime(_calendar.Hours.SameDayUntil);
        var standing = _stands.Where(s => (s.From < Close && Close <= s.To) || (_rule == CountingRule.SameDay && s.From <= until && until < s.To)).ToList();
        if (standing.Count == 0) return false;
        _lines.Add(new LedgerLine(Day, LineKind.Paused, 0, _total, []) { Pauses = [.. standing.Select(s => s.Pause)] });
        _standsStill = standing.Any(s => s.To == Stand.Open);
        return true;
    }

    private void Add(LineKind kind, int counted = 0) => _lines.Add(new LedgerLine(Day, kind, counted, _total += counted, []));

    private static DateTime Later(DateTime a, DateTime b) => a > b ? a : b;

    private static DateTime Earlier(DateTime a, DateTime b) => a < b ? a : b;
}
