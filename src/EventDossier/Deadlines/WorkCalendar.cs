namespace EventDossier.Deadlines;

public enum DayKind
{
    Working,
    Weekend,
    Holiday,

    /// <summary>Worked in exchange for a day off.</summary>
    MakeUp,
}

/// <summary>What a date is, and why.</summary>
/// <param name="Reason">Of a holiday.</param>
/// <param name="Basis">Of a holiday or make-up day: the decision's number, or the article of the law.</param>
/// <param name="StandsFor">Of a make-up day, the day off it makes up for; of a holiday in lieu, the holiday that fell on a day of rest.</param>
/// <param name="Provisional">No decision on this year's holidays was known.</param>
public sealed record CalendarDay(
    DateOnly Date, DayKind Kind, Wording? Reason = null, Wording? Basis = null, DateOnly? StandsFor = null, bool Provisional = false)
{
    public bool IsWorked => Kind is DayKind.Working or DayKind.MakeUp;
}

/// <summary>
/// The working days from <see cref="First"/> to <see cref="Last"/>, by the decisions that were known. Immutable.
/// </summary>
/// <remarks>
/// The arithmetic is on two integers: a <i>day</i>, counted from <see cref="First"/>, and a <i>minute</i>, counted from its midnight, local time.
/// Two arrays, working days before a day and the day of a working day, are each other's inverse; all due dates are look-ups in them.
/// Working time is one function of the minute, <see cref="Worked"/>, with <see cref="MinuteWhenWorked"/> as inverse: a limit in hours, a
/// pause, a step budget or a rung of a ladder is an addition between the two.
/// A moment counts from its minute: slips print minutes, and a citizen must be able to recompute what is printed.
/// A moment outside the calendar throws <see cref="ArgumentOutOfRangeException"/>.
/// </remarks>
public sealed class WorkCalendar
{
    public static readonly DateOnly First = new(2000, 1, 1);
    public static readonly DateOnly Last = new(2099, 12, 31);
    private const int DayMinutes = 24 * 60;
    private static readonly int Days = Last.DayNumber - First.DayNumber + 1;

    private readonly CalendarData _data;
    private readonly WorkCalendar?[] _family;
    private readonly DayKind[] _weekly;
    private readonly Dictionary<int, CalendarDay> _special = [];
    private readonly HashSet<int> _settled = [];
    private readonly int[] _before = new int[Days + 1];
    private readonly int[] _dayOf;
    private readonly int[] _workedByMinute = new int[DayMinutes];
    private readonly int[] _minuteByWorked;
    private readonly int _workdayMinutes;
    private readonly int _close;
    private readonly int _sameDayUntil;
    private readonly long _originTicks;

    /// <param name="data">Decisions in any order. Those of one day keep theirs; a later announced one overrules an earlier one on the same date, and one
    /// with a number that was known already replaces it.</param>
    /// <exception cref="FormatException">Hours or a decision contradict themselves; the message says which.</exception>
    public WorkCalendar(CalendarData data)
        : this(
            Checked(data) with { Decisions = [.. data.Decisions.OrderBy(d => d.KnownFrom())] },
            data.Decisions.Count,
            new WorkCalendar?[data.Decisions.Count + 1])
    {
    }

    private WorkCalendar(CalendarData data, int known, WorkCalendar?[] family)
    {
        _data = data;
        _family = family;
        _originTicks = First.ToDateTime(TimeOnly.MinValue).Ticks - data.Hours.UtcOffset.Ticks;
        Decisions = [.. data.Decisions.Take(known).GroupBy(d => d.Number).Select(d => d.Last()).OrderBy(d => d.Announced)];
        _weekly = [.. Enum.GetValues<DayOfWeek>().Select(d => data.Hours.Weekdays.Contains(d) ? DayKind.Working : DayKind.Weekend)];
        Mark();

        var worked = new List<int>(Days);
        for (var day = 0; day < Days; day++)
        {
            _before[day] = worked.Count;
            if (KindOf(day) is DayKind.Working or DayKind.MakeUp) worked.Add(day);
        }
        _before[Days] = worked.Count;
        _dayOf = [.. worked];

        _workdayMinutes = data.Hours.Sessions.Sum(s => s.Minutes);
        _close = MinuteOfDay(data.Hours.Sessions[^1].To);
        _minuteByWorked = new int[_workdayMinutes + 1];
        for (int minute = 0, count = 0, session = 0; minute < DayMinutes; minute++)
        {
            _workedByMinute[minute] = count;
            if (session < data.Hours.Sessions.Count && minute >= MinuteOfDay(data.Hours.Sessions[session].To)) session++;
            if (session == data.Hours.Sessions.Count || minute < MinuteOfDay(data.Hours.Sessions[session].From)) continue;
            _minuteByWorked[++count] = minute + 1;
        }
        _sameDayUntil = MinuteOfDay(data.Hours.SameDayUntil);
        Volatile.Write(ref family[known], this);
    }

    /// <summary>The product's own data, all its decisions known.</summary>
    public static WorkCalendar Vietnam { get; } = new(CalendarData.Vietnam);

    public WorkingHours Hours => _data.Hours;

    /// <summary>The decisions known to this calendar, in the order of their announcement.</summary>
    public IReadOnlyList<CalendarDecision> Decisions { get; }

    /// <summary>The days from which on another calendar is known than before, in order; of all the data's decisions.</summary>
    internal IEnumerable<DateOnly> ChangedOn => _data.Decisions.Select(d => d.KnownFrom()).Distinct();

    /// <summary>Minutes of a working day.</summary>
    public int WorkdayMinutes => _workdayMinutes;

    /// <summary>What the date is by the decisions known.</summary>
    public CalendarDay this[DateOnly date]
    {
        get
        {
            var day = Day(date);
            return (_special.GetValueOrDefault(day) ?? new CalendarDay(date, KindOf(day))) with { Provisional = !_settled.Contains(date.Year) };
        }
    }

    public bool IsWorked(DateOnly date) => IsWorked(Day(date));

    /// <summary>
    /// The calendar as it was known at the end of <paramref name="day"/>: without decisions announced or entered later. Chosen from all decisions of the data,
    /// also those this calendar does not know. Calendars are made once each and shared.
    /// </summary>
    public WorkCalendar AsKnownOn(DateOnly day)
    {
        var known = _data.Decisions.Count;
        while (known > 0 && _data.Decisions[known - 1].KnownFrom() > day) known--;
        return Volatile.Read(ref _family[known]) ?? new WorkCalendar(_data, known, _family);
    }

    /// <summary>A calendar that knows these decisions as well as all of the data's.</summary>
    public WorkCalendar With(params IEnumerable<CalendarDecision> decisions) => new(_data with { Decisions = [.. _data.Decisions, .. decisions] });

    /// <summary>Working minutes from one moment to another; negative when <paramref name="to"/> is the earlier one.</summary>
    public int WorkingMinutes(DateTimeOffset from, DateTimeOffset to) => Worked(Minute(to)) - Worked(Minute(from));

    /// <summary>Whole working days, of eight hours of working time, from one moment to another; 0 when <paramref name="to"/> is the earlier one.</summary>
    public int WorkingDays(DateTimeOffset from, DateTimeOffset to) => Math.Max(0, WorkingMinutes(from, to)) / _workdayMinutes;

    /// <summary>
    /// The earliest moment that has so many working minutes more (or, negative, fewer) behind it than <paramref name="moment"/>. It is
    /// always in working time or at its end: a closing time, never the next day's opening.
    /// </summary>
    public DateTimeOffset Shift(DateTimeOffset moment, int workingMinutes) => Moment(MinuteWhenWorked(Worked(Minute(moment)) + workingMinutes));

    /// <summary>The moment that an appointment ends with: a date alone is its closing time.</summary>
    public DateTimeOffset Appointment(DateTimeOffset at) => Local(at) is { TimeOfDay.Ticks: 0 } day ? day + _data.Hours.Sessions[^1].To.ToTimeSpan() : Local(at);

    /// <summary>The moment in the calendar's own offset.</summary>
    public DateTimeOffset Local(DateTimeOffset moment) => moment.ToOffset(_data.Hours.UtcOffset);

    /// <summary>The day of a moment in the calendar's own offset.</summary>
    public DateOnly DayOf(DateTimeOffset moment) => DateOnly.FromDateTime(Local(moment).DateTime);

    /// <summary>Whether a moment, and any limit from it on, lies where calendars reach.</summary>
    public static bool Reaches(DateTimeOffset moment) => moment.Year > First.Year && moment.Year < Last.Year - 11;

    internal int Minute(DateTimeOffset moment)
    {
        var ticks = moment.UtcTicks - _originTicks;
        if ((ulong)ticks >= (ulong)Days * TimeSpan.TicksPerDay) throw Outside();
        return (int)(ticks / TimeSpan.TicksPerMinute);
    }

    internal DateTimeOffset Moment(int minute) =>
        new(_originTicks + _data.Hours.UtcOffset.Ticks + (minute * TimeSpan.TicksPerMinute), _data.Hours.UtcOffset);

    internal static int Day(DateOnly date) => date >= First && date <= Last ? date.DayNumber - First.DayNumber : throw Outside();

    internal static int DayOfMinute(int minute) => minute / DayMinutes;

    internal static DateOnly Date(int day) => First.AddDays(day);

    internal bool IsWorked(int day) => day < Days ? _before[day + 1] > _before[day] : throw Outside();

    /// <summary>How many working days lie before the day.</summary>
    internal int WorkedDaysBefore(int day) => day <= Days ? _before[day] : throw Outside();

    /// <summary>The working day with so many working days before it.</summary>
    internal int WorkedDay(int ordinal) => (uint)ordinal < (uint)_dayOf.Length ? _dayOf[ordinal] : throw Outside();

    internal int WorkedDayOnOrAfter(int day) => day < Days ? WorkedDay(_before[day]) : throw Outside();

    /// <summary>The minute at which the day closes.</summary>
    internal int Close(int day) => (day * DayMinutes) + _close;

    /// <summary>The first day, of work or of rest, whose closing time comes after the minute.</summary>
    internal int DayClosingAfter(int minute)
    {
        var (day, rest) = Math.DivRem(minute, DayMinutes);
        return rest < _close ? day : day + 1;
    }

    /// <summary>The last minute of the day at which a <c>sameDay</c> dossier is received in time.</summary>
    internal int SameDayUntil(int day) => (day * DayMinutes) + _sameDayUntil;

    /// <summary>Work is done in the minute before this one.</summary>
    internal bool IsWorkedUpTo(int minute) => minute > 0 && Worked(minute) > Worked(minute - 1);

    internal static int Midnight(int day) => day * DayMinutes;

    /// <summary>Working minutes from <see cref="First"/> to the minute.</summary>
    internal int Worked(int minute)
    {
        var (day, rest) = Math.DivRem(minute, DayMinutes);
        return (_before[day] * _workdayMinutes) + (_before[day + 1] > _before[day] ? _workedByMinute[rest] : 0);
    }

    /// <summary>The earliest minute with so much working time behind it.</summary>
    internal int MinuteWhenWorked(int worked)
    {
        if (worked <= 0) throw Outside();
        var (ordinal, rest) = Math.DivRem(worked - 1, _workdayMinutes);
        return (WorkedDay(ordinal) * DayMinutes) + _minuteByWorked[rest + 1];
    }

    private static int MinuteOfDay(TimeOnly time) => (time.Hour * 60) + time.Minute;

    private static ArgumentOutOfRangeException Outside() => new(null, $"outside the calendar, {First:yyyy-MM-dd} to {Last:yyyy-MM-dd}");

    private DayKind KindOf(int day) => _special.TryGetValue(day, out var special) ? special.Kind : WeeklyKind(Date(day));

    private DayKind WeeklyKind(DateOnly date) => _weekly[(int)date.DayOfWeek];

    private void Mark()
    {
        foreach (var year in Decisions.Select(d => d.Settles).OfType<int>()) _settled.Add(year);
        for (var year = First.Year; year <= Last.Year; year++) MarkStatute(year);
        foreach (var decision in Decisions)
        {
            var number = new Wording(decision.Number, decision.Number);
            foreach (var (date, reason) in decision.DaysOff) MarkOff(new CalendarDay(date, DayKind.Holiday, reason, number));
            foreach (var (date, @for) in decision.MakeUpDays) _special[Day(date)] = new CalendarDay(date, DayKind.MakeUp, null, number, @for);
        }
    }

    // A day off on a day of rest takes nothing away; only a working or made-up day becomes a holiday.
    private void MarkOff(CalendarDay off)
    {
        var day = Day(off.Date);
        if (KindOf(day) != DayKind.Weekend) _special[day] = off;
    }

    private void MarkStatute(int year)
    {
        var (basis, inLieuBasis, @fixed, hungKings, open) = _data.Statute;
        var lunar = _data.LunarYears.FirstOrDefault(l => l.Year == year);
        var holidays = new SortedDictionary<DateOnly, Wording>();
        foreach (var (month, day, reason) in @fixed) holidays.TryAdd(new DateOnly(year, month, day), reason);
        if (lunar is not null) holidays.TryAdd(lunar.HungKings, hungKings);
        if (!_settled.Contains(year))
        {
            for (var i = 0; lunar is not null && i < open.TetDays; i++) holidays.TryAdd(lunar.Tet.AddDays(open.TetFrom + i), open.Tet);
            var nationalDay = new DateOnly(year, 9, 2);
            holidays.TryAdd(nationalDay.AddDays(open.NationalDayOffset[nationalDay.DayOfWeek]), open.NationalDaySecond);
        }

        foreach (var (date, reason) in holidays) MarkOff(new CalendarDay(date, DayKind.Holiday, reason, basis));
        foreach (var (date, reason) in holidays.Where(h => WeeklyKind(h.Key) == DayKind.Weekend))
        {
            var inLieu = date.AddDays(1);
            while (inLieu <= Last && KindOf(Day(inLieu)) != DayKind.Working) inLieu = inLieu.AddDays(1);
            if (inLieu <= Last) MarkOff(new CalendarDay(inLieu, DayKind.Holiday, reason, inLieuBasis, date));
        }
    }

    private static CalendarData Checked(CalendarData data)
    {
        var hours = data.Hours;
        var end = TimeOnly.MinValue;
        foreach (var (from, to) in hours.Sessions)
        {
            if (from < end || to <= from || !WholeMinute(from) || !WholeMinute(to))
                throw new FormatException($"session {from:HH:mm:ss}–{to:HH:mm:ss}: sessions are whole minutes, in order, and do not overlap");
            end = to;
        }
        if (hours.Sessions.Count == 0 || hours.Weekdays.Count == 0) throw new FormatException("no working hours");
        foreach (var decision in data.Decisions)
        {
            var dates = decision.DaysOff.Select(d => d.Date).Concat(decision.MakeUpDays.Select(d => d.Date)).ToList();
            if (dates.FirstOrDefault(d => d < First || d > Last) is var far && far != default)
                throw new FormatException($"decision {decision.Number}: {far:yyyy-MM-dd} is outside the calendar");
            if (dates.GroupBy(d => d).FirstOrDefault(g => g.Count() > 1) is { } twice)
                throw new FormatException($"decision {decision.Number}: {twice.Key:yyyy-MM-dd} is named twice");
        }
        return data;
    }

    private static bool WholeMinute(TimeOnly time) => time.Ticks % TimeSpan.TicksPerMinute == 0;
}
