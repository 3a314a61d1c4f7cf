namespace EventDossier.Deadlines;

/// <summary>How a finish compares with its due moment.</summary>
public enum Judgement
{
    Early,
    OnTime,
    Late,
}

/// <summary>What a day of a ledger did for the count.</summary>
public enum LineKind
{
    /// <summary>Day of receipt, nothing of it counted.</summary>
    Receipt,

    /// <summary>Counted: a day, working minutes of it, or the completion of a month.</summary>
    Counted,

    /// <summary>Not worked, not counted.</summary>
    Skipped,

    /// <summary>Within a month that is not complete yet.</summary>
    Passed,

    /// <summary>The limit had ended on a day of rest; this is the next working day, on which it is due.</summary>
    Due,
}

/// <summary>One day of a ledger.</summary>
/// <param name="Counted">What the day adds, in the ledger's unit: minutes under <c>hours</c>, otherwise days or months.</param>
/// <param name="Total">The sum of <paramref name="Counted"/> up to and with this day.</param>
/// <param name="Stretches">Under <c>hours</c>, the working time counted; otherwise empty.</param>
public sealed record LedgerLine(CalendarDay Day, LineKind Kind, int Counted, int Total, IReadOnlyList<Session> Stretches);

/// <summary>A due moment with every day from receipt to it, in order and without a gap.</summary>
public sealed record Ledger(
    DateTimeOffset Received, Limit Limit, DateTimeOffset Due, WorkingHours Hours, IReadOnlyList<LedgerLine> Lines)
{
    /// <summary>A day of it lies in a year whose holidays were not decided, so the due moment may still move.</summary>
    public bool Provisional => Lines.Any(line => line.Day.Provisional);
}

/// <summary>When a dossier is due, why, and what a finish is worth. Pure.</summary>
public static class DueDate
{
    /// <summary>The due moment by arithmetic, for the millions. <see cref="Compute"/> finds the same by walking.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Receipt or due moment is outside the calendar.</exception>
    public static DateTimeOffset Of(DateTimeOffset received, Limit limit, WorkCalendar calendar)
    {
        var minute = calendar.Minute(received);
        var day = WorkCalendar.DayOfMinute(minute);
        return calendar.Moment(limit.Rule switch
        {
            CountingRule.Days => calendar.Close(calendar.WorkedDayAfter(day, limit.Amount)),
            CountingRule.Hours => calendar.MinuteWhenWorked(calendar.Worked(minute) + (limit.Amount * 60)),
            CountingRule.SameDay => calendar.Close(calendar.WorkedDayOnOrAfter(calendar.IsInTime(minute) ? day : day + 1)),
            CountingRule.CalendarDays => calendar.Close(calendar.WorkedDayOnOrAfter(day + limit.Amount)),
            CountingRule.Months => calendar.Close(calendar.WorkedDayOnOrAfter(
                WorkCalendar.Day(WorkCalendar.Date(day).AddMonths(limit.Amount)))),
            _ => throw Unknown(limit.Rule),
        });
    }

    /// <summary>The due moment, found day by day as a citizen would, with each day's line.</summary>
    /// <exception cref="ArgumentOutOfRangeException">As <see cref="Of"/>.</exception>
    public static Ledger Compute(DateTimeOffset received, Limit limit, WorkCalendar calendar)
    {
        var minute = calendar.Minute(received);
        var walk = new Walk(calendar, WorkCalendar.Date(WorkCalendar.DayOfMinute(minute)));
        var due = limit.Rule switch
        {
            CountingRule.Days => walk.WorkingDays(limit.Amount),
            CountingRule.Hours => walk.Hours(limit.Amount, TimeOnly.FromDateTime(calendar.Moment(minute).DateTime)),
            CountingRule.SameDay => walk.SameDay(calendar.IsInTime(minute)),
            CountingRule.CalendarDays => walk.CalendarDays(limit.Amount),
            CountingRule.Months => walk.Months(limit.Amount),
            _ => throw Unknown(limit.Rule),
        };
        return new Ledger(
            calendar.Local(received), limit, new DateTimeOffset(walk.Date.ToDateTime(due), calendar.Hours.UtcOffset), calendar.Hours, walk.Lines);
    }

    /// <summary>
    /// The one definition of early, on time and late. Late: after the due moment. Early: on a day before the due day; under <c>hours</c> and
    /// <c>sameDay</c>, whose limits may begin and end on one day, more than one working hour before the due moment. On time: in between.
    /// </summary>
    public static Judgement Judge(DateTimeOffset finished, DateTimeOffset due, CountingRule rule, WorkCalendar calendar) =>
        finished > due ? Judgement.Late
        : (rule is CountingRule.Hours or CountingRule.SameDay
            ? calendar.WorkingMinutes(finished, due) > 60
            : calendar.Local(finished).Date < calendar.Local(due).Date) ? Judgement.Early
        : Judgement.OnTime;

    private static ArgumentOutOfRangeException Unknown(CountingRule rule) => new(nameof(rule), rule, "unknown counting rule");

    // Looks only at what each date is, never at the calendar's arrays: that it agrees with Of is then worth something.
    private sealed class Walk
    {
        private readonly WorkCalendar _calendar;
        private readonly DateOnly _received;
        private int _total;

        public Walk(WorkCalendar calendar, DateOnly received) => (_calendar, _received, Date) = (calendar, received, received);

        public List<LedgerLine> Lines { get; } = [];

        public DateOnly Date { get; private set; }

        private CalendarDay Day => _calendar[Date];

        private TimeOnly Close => _calendar.Hours.Sessions[^1].To;

        public TimeOnly WorkingDays(int limit)
        {
            Add(LineKind.Receipt);
            while (_total < limit) CountIfWorked();
            return Close;
        }

        public TimeOnly SameDay(bool inTime)
        {
            if (inTime && Day.IsWorked) Add(LineKind.Counted, 1);
            else Add(LineKind.Receipt);
            while (_total < 1) CountIfWorked();
            return Close;
        }

        public TimeOnly CalendarDays(int limit)
        {
            Add(LineKind.Receipt);
            while (_total < limit)
            {
                Date = Date.AddDays(1);
                Add(LineKind.Counted, 1);
            }
            return RollToWorked();
        }

        public TimeOnly Months(int limit)
        {
            Add(LineKind.Receipt);
            while (_total < limit)
            {
                Date = Date.AddDays(1);
                if (Date == _received.AddMonths(_total + 1)) Add(LineKind.Counted, 1);
                else Add(LineKind.Passed);
            }
            return RollToWorked();
        }

        public TimeOnly Hours(int hours, TimeOnly from)
        {
            for (var left = hours * 60; ; Date = Date.AddDays(1), from = TimeOnly.MinValue)
            {
                var stretches = new List<Session>();
                foreach (var session in Day.IsWorked ? _calendar.Hours.Sessions : [])
                {
                    var start = session.From > from ? session.From : from;
                    if (left == 0 || start >= session.To) continue;
                    var whole = new Session(start, session.To);
                    var stretch = whole.Minutes <= left ? whole : new Session(start, start.AddMinutes(left));
                    stretches.Add(stretch);
                    left -= stretch.Minutes;
                }
                var counted = stretches.Sum(s => s.Minutes);
                Add(counted > 0 ? LineKind.Counted : Date == _received ? LineKind.Receipt : LineKind.Skipped, counted, stretches);
                if (left == 0) return stretches[^1].To;
            }
        }

        private void CountIfWorked()
        {
            Date = Date.AddDays(1);
            if (Day.IsWorked) Add(LineKind.Counted, 1);
            else Add(LineKind.Skipped);
        }

        private TimeOnly RollToWorked()
        {
            while (!Day.IsWorked)
            {
                Date = Date.AddDays(1);
                Add(Day.IsWorked ? LineKind.Due : LineKind.Skipped);
            }
            return Close;
        }

        private void Add(LineKind kind, int counted = 0, IReadOnlyList<Session>? stretches = null) =>
            Lines.Add(new LedgerLine(Day, kind, counted, _total += counted, stretches ?? []));
    }
}
