using EventDossier.Deadlines;

namespace EventDossier.Tests.Deadlines;

/// <summary>
/// The clock as someone lives through it who sits beside it with a wall calendar: forward in time, closing by closing or minute by minute, knowing
/// nothing of what comes. Slow and plain on purpose; shares nothing with the product but the facts and what a date is.
/// </summary>
internal sealed class ClockReference(ClockFacts facts, WorkCalendar calendar)
{
    private readonly TimeOnly _close = calendar.Hours.Sessions[^1].To;
    private readonly CountingRule _rule = facts.Limit.Rule;
    private readonly List<Pause> _pauses = [.. facts.Pauses.Where(p => p.To is not { } to || Local(to) >= Local(p.From))];
    private readonly List<Pause> _restarts = [.. facts.Pauses.Where(p => p.Restarts && p.To is { } to && Local(to) >= Local(p.From) && Local(to) > Local(facts.Start))];

    private DateTime _began;
    private int _left;
    private bool _ended;
    private bool _isExtended;
    private int _leftExtended;
    private bool _extensionEnded = true;

    private static DateTime Local(DateTimeOffset moment)
    {
        var local = moment.ToOffset(TimeSpan.FromHours(7)).DateTime;
        return new DateTime(local.Year, local.Month, local.Day, local.Hour, local.Minute, 0);
    }

    public DateTimeOffset? Due()
    {
        Begin(Local(facts.Start));
        for (var date = DateOnly.FromDateTime(_began); ; date = date.AddDays(1))
        {
            if (_rule == CountingRule.Hours)
            {
                for (var at = date.ToDateTime(TimeOnly.MinValue); at < date.AddDays(1).ToDateTime(TimeOnly.MinValue) && calendar[date].IsWorked; at = at.AddMinutes(1))
                {
                    if (!IsWorking(at)) continue;
                    Happens(at);
                    if (at >= _began && !Stands(at)) _left--;
                    _ended = _left <= 0;
                    if (!_extensionEnded && !Stands(at, extended: true)) _extensionEnded = --_leftExtended == 0;
                    Extend(at.AddMinutes(1));
                    if (_ended && _extensionEnded) return Moment(at.AddMinutes(1));
                    if (_pauses.Any(p => p.To is null && Local(p.From) <= at)) return null;
                }
                continue;
            }

            var close = date.ToDateTime(_close);
            Happens(close.AddMinutes(-1));
            Extend(close);
            Closes(date, close);
            if (_ended && _extensionEnded) return Moment(close);
            if (_pauses.Any(p => p.To is null && Local(p.From) < close)) return null;
        }
    }

    private static DateTimeOffset Moment(DateTime local) => new(local, TimeSpan.FromHours(7));

    private bool IsWorking(DateTime at) => calendar.Hours.Sessions.Any(s => at >= at.Date + s.From.ToTimeSpan() && at < at.Date + s.To.ToTimeSpan());

    // What has happened by now and not before: restarts in their order, and the extension.
    private void Happens(DateTime now)
    {
        Extend(now);
        foreach (var restart in _restarts.Where(r => Local(r.To!.Value) <= now).OrderBy(r => Local(r.To!.Value)).ToList())
        {
            _restarts.Remove(restart);
            Begin(Local(restart.To!.Value));
        }
    }

    private void Begin(DateTime at)
    {
        var date = DateOnly.FromDateTime(at);
        (_began, _ended) = (at, false);
        _left = _rule switch
        {
            CountingRule.Hours => facts.Limit.Amount * 60,
            CountingRule.Months => date.AddMonths(facts.Limit.Amount).DayNumber - date.DayNumber,
            _ => facts.Limit.Amount,
        };
    }

    private void Extend(DateTime now)
    {
        if (_isExtended || facts.Extension is not { } extension || Local(extension.At) > now) return;
        _isExtended = true;
        var (at, due) = (Local(extension.At), Local(extension.Due));
        if (_rule == CountingRule.Hours)
        {
            // Outside working time: closing time of that day, or of the next on which work is done.
            if (!calendar[DateOnly.FromDateTime(due)].IsWorked || !IsWorking(due.AddMinutes(-1)))
            {
                var date = DateOnly.FromDateTime(due);
                while (!calendar[date].IsWorked || date.ToDateTime(_close) < due) date = date.AddDays(1);
                due = date.ToDateTime(_close);
            }
            for (var minute = at; minute < due; minute = minute.AddMinutes(1))
                if (calendar[DateOnly.FromDateTime(minute)].IsWorked && IsWorking(minute)) _leftExtended++;
        }
        else
        {
            for (var (date, reached) = (DateOnly.FromDateTime(at), false); !reached; date = date.AddDays(1))
            {
                var counts = _rule != CountingRule.Days || calendar[date].IsWorked;
                reached = counts && date.ToDateTime(_close) >= due;
                if (counts && date.ToDateTime(_close) > at) _leftExtended++;
            }
            if (due <= at) _leftExtended = 0;
        }
        _extensionEnded = _leftExtended <= 0;
    }

    private void Closes(DateOnly date, DateTime close)
    {
        var worked = calendar[date].IsWorked;
        if (_rule == CountingRule.SameDay)
        {
            var until = date.ToDateTime(calendar.Hours.SameDayUntil);
            bool Runs(bool extended) => worked && !Stands(close.AddMinutes(-1), extended) && !Stands(until, extended);
            _ended |= _began <= until && Runs(false);
            if (!_extensionEnded) _extensionEnded = close >= Local(facts.Extension!.Due) && Runs(true);
            return;
        }
        var counts = _rule != CountingRule.Days || worked;
        if (date > DateOnly.FromDateTime(_began) && !_ended && counts && !Stands(close.AddMinutes(-1)))
            _ended = --_left <= 0 && worked;
        if (!_extensionEnded && close > Local(facts.Extension!.At) && counts && !Stands(close.AddMinutes(-1), extended: true))
            _extensionEnded = --_leftExtended <= 0 && worked;
    }

    private bool Stands(DateTime minute, bool extended = false) => _pauses.Any(p =>
        Local(p.From) <= minute && (p.To is not { } to || minute < Local(to)) && (!extended || Local(p.From) >= Local(facts.Extension!.At)));
}
