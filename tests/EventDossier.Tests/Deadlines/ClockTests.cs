using System.Globalization;
using EventDossier.Deadlines;

namespace EventDossier.Tests.Deadlines;

/// <summary>Pauses, restarts and extensions: known answers, and laws over seeded random cases.</summary>
public sealed class ClockTests
{
    private static readonly WorkCalendar Vietnam = WorkCalendar.Vietnam;
    private static readonly Wording Any = new("a day off", "một ngày nghỉ");
    private static readonly ClockFacts April = new(At("2026-04-24 16:10"), Limit.Parse("5 days"));

    private static DateTimeOffset At(string moment) => DateTimeOffset.ParseExact(moment + " +07:00", "yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture);

    private static DateOnly On(string date) => DateOnly.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static Pause Supplement(string from, string? to, bool restarts = false) =>
        new(At(from), to is null ? null : At(to), PauseKind.Supplement, "02-17", restarts);

    private static void IsDue(ClockFacts facts, string? due, WorkCalendar? calendar = null)
    {
        DateTimeOffset? expected = due is null ? null : At(due);
        DueDate.Of(facts, calendar ?? Vietnam).ShouldBe(expected);
        DueDate.Compute(facts, calendar ?? Vietnam).Due.ShouldBe(expected);
    }

    [Fact]
    public void Five_working_days_over_the_April_holidays_with_a_supplement_a_late_decision_and_an_extension()
    {
        IsDue(April, "2026-05-06 17:00");
        IsDue(April with { Pauses = [Supplement("2026-04-28 09:00", "2026-05-05 09:00")] }, "2026-05-11 17:00"); // 28, 29 April, 4 May
        IsDue(April, "2026-05-07 17:00", Vietnam.With(new CalendarDecision("15/QĐ", On("2026-04-29"), null, [new DayOff(On("2026-05-05"), Any)], [], "test")));
        IsDue(April with { Extension = new(At("2026-05-05 10:00"), At("2026-05-14 17:00"), "04-3") }, "2026-05-14 17:00");
    }

    [Theory]
    [InlineData("2026-04-28 16:59", "2026-04-28 17:00", "2026-05-07 17:00")] // stands in the day's last minute
    [InlineData("2026-04-28 07:30", "2026-04-28 16:59", "2026-05-06 17:00")] // does not
    [InlineData("2026-04-28 17:00", "2026-04-29 07:30", "2026-05-06 17:00")] // no working minute of it
    [InlineData("2026-04-28 17:00", "2026-04-29 17:00", "2026-05-07 17:00")]
    [InlineData("2026-04-24 16:20", "2026-04-28 09:00", "2026-05-06 17:00")] // the day of receipt did not count anyway
    [InlineData("2026-04-30 09:00", "2026-05-03 17:00", "2026-05-06 17:00")] // days of rest
    [InlineData("2026-05-06 16:59", "2026-05-07 08:00", "2026-05-07 17:00")]
    [InlineData("2026-05-06 17:00", "2026-05-20 08:00", "2026-05-06 17:00")] // late already
    [InlineData("2026-05-06 17:00", null, "2026-05-06 17:00")]
    [InlineData("2026-05-06 16:59", null, null)]
    [InlineData("2026-04-28 09:00", "2026-04-28 08:00", "2026-05-06 17:00")] // ends before it begins
    public void A_working_day_counts_unless_the_clock_stands_at_its_closing_time(string from, string? to, string? due) =>
        IsDue(April with { Pauses = [Supplement(from, to)] }, due);

    [Theory]
    [InlineData("2026-04-24 16:30", "2026-04-28 07:50", "2026-04-29 08:20")] // 30 and 20 minutes
    [InlineData("2026-04-28 11:00", "2026-04-28 13:30", "2026-04-29 08:30")]
    [InlineData("2026-04-28 11:30", "2026-04-28 13:00", "2026-04-28 17:00")]
    [InlineData("2026-04-25 08:00", "2026-04-27 16:00", "2026-04-28 17:00")]
    [InlineData("2026-04-28 17:00", "2026-04-29 09:00", "2026-04-28 17:00")] // late already
    public void Under_hours_the_working_minutes_of_a_pause_are_added(string from, string to, string due) =>
        IsDue(new ClockFacts(At("2026-04-24 16:00"), new Limit(9, CountingRule.Hours)) { Pauses = [Supplement(from, to)] }, due);

    [Theory]
    [InlineData("2026-04-24 10:00", "2026-04-24 15:00", "2026-04-24 17:00")] // as received at 15:00
    [InlineData("2026-04-24 10:00", "2026-04-24 15:01", "2026-04-28 17:00")] // as received at 15:01
    [InlineData("2026-04-24 15:10", "2026-04-24 16:00", "2026-04-24 17:00")]
    [InlineData("2026-04-24 16:00", "2026-04-24 17:00", "2026-04-28 17:00")]
    [InlineData("2026-04-24 16:00", "2026-04-28 15:30", "2026-04-29 17:00")]
    public void The_same_day_counts_when_the_clock_runs_at_15_00_and_at_closing_time(string from, string to, string due) =>
        IsDue(new ClockFacts(At("2026-04-24 09:00"), Limit.Parse("same day")) { Pauses = [Supplement(from, to)] }, due);

    [Theory]
    [InlineData("5 calendar days", "2026-04-25 09:00", "2026-04-26 18:00", "2026-05-04 17:00")] // 29 April and two more: 1 May, rolled
    [InlineData("8 calendar days", "2026-05-04 10:00", "2026-05-06 10:00", "2026-05-06 17:00")] // over on Sat 2 May, due only on Mon 4: nothing is due while the clock stands
    [InlineData("8 calendar days", "2026-05-02 18:00", "2026-05-03 18:00", "2026-05-04 17:00")]
    [InlineData("1 month", "2026-05-04 09:00", "2026-05-07 09:00", "2026-05-27 17:00")]
    public void Calendar_days_and_months_are_moved_on_by_the_days_that_the_clock_stood(string limit, string from, string to, string due) =>
        IsDue(new ClockFacts(At("2026-04-24 16:10"), Limit.Parse(limit)) { Pauses = [Supplement(from, to)] }, due);

    [Fact]
    public void A_fee_and_a_supplement_at_once_stop_the_clock_once() => IsDue(
        April with
        {
            Pauses = [Supplement("2026-04-28 09:00", "2026-05-04 18:00"), new(At("2026-04-29 09:00"), At("2026-05-05 18:00"), PauseKind.Fee, "P-1")],
        },
        "2026-05-12 17:00");

    [Fact]
    public void A_restart_gives_the_full_limit_from_the_answer_as_from_a_receipt()
    {
        IsDue(April with { Pauses = [Supplement("2026-05-05 09:00", "2026-05-11 09:00", restarts: true)] }, "2026-05-18 17:00");
        IsDue(April with { Pauses = [Supplement("2026-05-05 09:00", null, restarts: true)] }, null);
        IsDue(new ClockFacts(At("2026-04-24 09:00"), Limit.Parse("same day")) { Pauses = [Supplement("2026-04-24 10:00", "2026-04-28 15:01", true)] }, "2026-04-29 17:00");

        var ledger = DueDate.Compute(April with { Pauses = [Supplement("2026-05-05 09:00", "2026-05-11 09:00", restarts: true)] }, Vietnam);
        ledger.Earlier.ShouldHaveSingleItem().Lines.Sum(l => l.Counted).ShouldBe(3);
        ledger.Lines[0].Kind.ShouldBe(LineKind.Restart);
        ledger.Lines.Sum(l => l.Counted).ShouldBe(5);
    }

    [Fact]
    public void A_restart_does_not_rescue_what_is_late() =>
        IsDue(April with { Pauses = [Supplement("2026-05-06 17:00", "2026-05-11 09:00", restarts: true)] }, "2026-05-06 17:00");

    [Theory]
    [InlineData("2026-05-05 10:00", "2026-05-14 17:00", "2026-05-14 17:00")]
    [InlineData("2026-05-05 10:00", "2026-05-16 17:00", "2026-05-18 17:00")] // a Saturday
    [InlineData("2026-05-05 10:00", "2026-05-05 17:00", "2026-05-06 17:00")] // never nearer
    [InlineData("2026-05-06 17:00", "2026-05-14 17:00", "2026-05-14 17:00")]
    [InlineData("2026-05-06 17:01", "2026-05-14 17:00", "2026-05-06 17:00")] // a late apology moves nothing
    public void An_extension_sets_the_date_and_never_brings_it_nearer(string at, string to, string due) =>
        IsDue(April with { Extension = new(At(at), At(to), "04-3") }, due);

    [Fact]
    public void Pauses_after_an_extension_move_its_date_on_and_those_before_it_are_in_it_already()
    {
        var extended = April with { Extension = new(At("2026-05-05 10:00"), At("2026-05-14 17:00"), "04-3") };
        IsDue(extended with { Pauses = [Supplement("2026-05-05 11:00", "2026-05-08 09:00")] }, "2026-05-19 17:00"); // 5, 6, 7 May
        IsDue(extended with { Pauses = [Supplement("2026-04-28 11:00", "2026-04-29 18:00")] }, "2026-05-14 17:00");
        IsDue(extended with { Pauses = [Supplement("2026-05-13 11:00", "2026-05-20 09:00", restarts: true)] }, "2026-05-27 17:00");
        IsDue(extended with { Pauses = [Supplement("2026-05-06 11:00", "2026-05-06 14:00", restarts: true)] }, "2026-05-14 17:00");
    }

    [Fact]
    public void A_submission_is_to_be_answered_within_eight_working_hours() =>
        DueDate.Intake(At("2026-04-24 20:00"), Vietnam).ShouldBe(At("2026-04-28 17:00"));

    [Fact]
    public void The_decisions_that_moved_a_date_are_those_announced_after_receipt_that_made_a_difference()
    {
        var facts = new ClockFacts(At("2025-12-24 09:00"), Limit.Parse("7 days"));
        DueDate.MovedBy(facts, Vietnam).Select(d => d.Number).ShouldBe(["12729/VPCP-KGVX"]);
        DueDate.MovedBy(facts with { Start = At("2025-12-25 09:00") }, Vietnam).ShouldBeEmpty();
        DueDate.MovedBy(facts with { Limit = Limit.Parse("2 days") }, Vietnam).ShouldBeEmpty();
    }

    // From here on: laws, over seeded cases around 15:00, closing time, weekends, Tết, exchanged days and the turn of the year.

    private static readonly WorkCalendar[] Calendars =
    [
        Vietnam,
        .. new[] { "2020-01-01", "2025-01-01", "2025-11-01" }.Select(d => Vietnam.AsKnownOn(On(d))),
        Vietnam.With(
            new CalendarDecision("A", On("2026-05-01"), null,
                [.. Enumerable.Range(0, 20).Select(i => new DayOff(On("2026-06-01").AddDays(i), Any))],
                [.. Enumerable.Range(0, 12).Select(i => new MakeUpDay(On("2026-07-04").AddDays(7 * i), On("2026-06-01")))], "test")),
        new(CalendarData.Vietnam with
        {
            Hours = Vietnam.Hours with
            {
                Weekdays = [DayOfWeek.Saturday, DayOfWeek.Monday, DayOfWeek.Wednesday],
                Sessions = [new(new(6, 0), new(6, 1)), new(new(9, 17), new(12, 0)), new(new(12, 0), new(15, 33)), new(new(20, 0), new(23, 59))],
            },
        }),
    ];

    private static readonly string[] Seasons = ["2026-02-10", "2026-04-20", "2025-04-20", "2025-12-22", "2026-01-03", "2026-08-17", "2026-06-10", "2024-12-27", "2024-02-25"];
    private static readonly int[] Times = [0, 361, 449, 450, 451, 690, 700, 780, 899, 900, 901, 932, 1019, 1020, 1021, 1439];

    private static DateTimeOffset Moment(Random random, DateTimeOffset around, int days) =>
        around.AddMinutes(-(around.Hour * 60) - around.Minute).AddDays(random.Next(days)).AddMinutes(random.Next(3) == 0 ? random.Next(1440) : Times[random.Next(Times.Length)]);

    private static Pause RandomPause(Random random, DateTimeOffset start)
    {
        var from = Moment(random, start.AddDays(random.Next(8) == 0 ? -5 : 0), 20);
        var to = random.Next(5) switch
        {
            0 => from.AddMinutes(random.Next(-2, 200)),
            1 => Moment(random, from, 2),
            2 => Moment(random, from, 30),
            _ => Moment(random, from, 7),
        };
        return new(from, random.Next(25) == 0 ? null : to, (PauseKind)random.Next(4), $"S-{random.Next(100)}", random.Next(5) == 0);
    }

    private static ClockFacts RandomFacts(Random random) =>
        RandomFacts(random, Moment(random, At(Seasons[random.Next(Seasons.Length)] + " 00:00"), 16).AddSeconds(random.Next(60)));

    private static ClockFacts RandomFacts(Random random, DateTimeOffset start)
    {
        var rule = (CountingRule)random.Next(5);
        var limit = new Limit(rule switch { CountingRule.SameDay => 1, CountingRule.Months => random.Next(1, 4), _ => random.Next(3) == 0 ? random.Next(1, 40) : random.Next(1, 9) }, rule);
        var facts = new ClockFacts(start, limit) { Pauses = [.. Enumerable.Range(0, random.Next(5)).Select(_ => RandomPause(random, start))] };
        if (random.Next(3) > 0) return facts;
        var at = Moment(random, start, 10);
        if (random.Next(4) == 0) facts = facts with { Pauses = facts.Pauses.Add(new(at.AddSeconds(random.Next(60)), Moment(random, at.AddDays(1), 7), PauseKind.Stop, "05-1")) };
        return facts with { Extension = new(at, Moment(random, at.AddDays(random.Next(8) == 0 ? -3 : 0), 20), "04-1") };
    }

    private static void Holds(int cases, int seed, Action<Random, ClockFacts, WorkCalendar> law)
    {
        for (var i = 0; i < cases; i++)
        {
            var random = new Random(seed + i);
            var (facts, calendar) = (RandomFacts(random), Calendars[random.Next(Calendars.Length)]);
            try
            {
                law(random, facts, calendar);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(
                    $"seed {seed + i}, calendar {Array.IndexOf(Calendars, calendar)}: {facts.Start} {facts.Limit}, {string.Join("; ", facts.Pauses)}, {facts.Extension}", e);
            }
        }
    }

    private static DateTimeOffset OrNever(DateTimeOffset? due) => due ?? DateTimeOffset.MaxValue;

    [Fact]
    public void Arithmetic_walk_and_someone_beside_the_clock_agree() => Holds(10_000, 1, (_, facts, calendar) =>
    {
        var due = DueDate.Of(facts, calendar);
        DueDate.Compute(facts, calendar).Due.ShouldBe(due);
        new ClockReference(facts, calendar).Due().ShouldBe(due);
    });

    [Fact]
    public void The_lines_add_up_to_the_due_date() => Holds(5_000, 20_001, (_, facts, calendar) =>
    {
        var ledger = DueDate.Compute(facts, calendar);
        var minutes = facts.Limit.Rule == CountingRule.Hours;
        foreach (var lines in ledger.Earlier.Select(r => r.Lines).Append(ledger.Lines).Append(ledger.Extension?.Lines ?? []))
        {
            var (total, date) = (0, lines.Count == 0 ? default : lines[0].Day.Date);
            foreach (var line in lines)
            {
                (line.Day.Date == date && line.Total == total + line.Counted).ShouldBeTrue();
                line.Stretches.Sum(s => s.Minutes).ShouldBe(minutes ? line.Counted : 0);
                (line.Kind == LineKind.Paused ? line.Counted == 0 && line.Pauses.Count > 0 : line.Pauses.Count == 0 || line.Stood.Count > 0).ShouldBeTrue();
                (line.Kind == LineKind.Skipped && line.Day.IsWorked && !minutes).ShouldBeFalse();
                (date, total) = (date.AddDays(1), line.Total);
            }
        }
        ledger.Due.ShouldBe(ledger.Extension is { Effect: ExtensionEffect.Moves } moved ? moved.Due : ledger.Ends);
        if (ledger.Ends is { } ends)
        {
            ledger.Lines[^1].Total.ShouldBe(facts.Limit.Amount * (minutes ? 60 : 1));
            ledger.Lines[^1].Day.Date.ShouldBe(DateOnly.FromDateTime(ends.DateTime));
        }
        else
        {
            ledger.Lines[^1].Pauses.ShouldContain(p => p.To == null);
        }
        if (ledger.Extension is { Lines: [.., var last], Due: { } extended } extension)
        {
            last.Total.ShouldBe(extension.Amount);
            last.Day.Date.ShouldBe(DateOnly.FromDateTime(extended.DateTime));
        }
        foreach (var language in Enum.GetValues<Language>())
            Explanation.ToLines(ledger, language).ShouldNotBeEmpty();
    });

    [Fact]
    public void A_pause_of_n_working_minutes_moves_a_date_of_hours_by_n() => Holds(10_000, 30_001, (random, facts, calendar) =>
    {
        var plain = new ClockFacts(facts.Start, new Limit(facts.Limit.Rule == CountingRule.Months ? 50 : facts.Limit.Amount, CountingRule.Hours));
        var due = DueDate.Of(plain, calendar)!.Value;
        var from = plain.Start.AddMinutes(random.Next((int)(due - plain.Start).TotalMinutes));
        if (from.AddTicks(-(from.Ticks % TimeSpan.TicksPerMinute)) >= due) return;
        var to = Moment(random, from, 12);
        if (to < from) return;
        DueDate.Of(plain with { Pauses = [new(from, to, PauseKind.Fee, "P")] }, calendar).ShouldBe(calendar.Shift(due, calendar.WorkingMinutes(from, to)));
    });

    [Fact]
    public void Without_a_working_minute_no_pause_moves_a_date_of_days_or_hours() => Holds(5_000, 40_001, (random, facts, calendar) =>
    {
        if (facts.Limit.Rule is not (CountingRule.Days or CountingRule.Hours)) return;
        var from = Moment(random, facts.Start, 20);
        for (var to = from; to < from.AddDays(3); to = to.AddMinutes(97))
        {
            if (calendar.WorkingMinutes(from, to) > 0) break;
            DueDate.Of(facts with { Pauses = facts.Pauses.Add(new(from, to, PauseKind.Fee, "P")) }, calendar).ShouldBe(DueDate.Of(facts, calendar));
        }
    });

    // Months differ in length: a restart of a month's limit on 1 February instead of 1 January, both with January paused, runs three days less.
    [Fact]
    public void A_longer_pause_never_brings_a_date_nearer() => Holds(20_000, 50_001, (random, facts, calendar) =>
    {
        if (facts.Pauses.IsEmpty || (facts.Limit.Rule == CountingRule.Months && facts.Pauses.Any(p => p.Restarts))) return;
        var pause = facts.Pauses[random.Next(facts.Pauses.Count)];
        if (pause.To is not { } to || to < pause.From) return;
        // From the other end only without extension: what began before one is in its date already.
        var longer = facts.Extension is null && random.Next(2) == 0
            ? pause with { From = pause.From.AddMinutes(-random.Next(5000)) }
            : pause with { To = random.Next(10) == 0 ? null : to.AddMinutes(random.Next(10_000)) };
        OrNever(DueDate.Of(facts with { Pauses = facts.Pauses.Replace(pause, longer) }, calendar)).ShouldBeGreaterThanOrEqualTo(OrNever(DueDate.Of(facts, calendar)));
        OrNever(DueDate.Of(facts, calendar)).ShouldBeGreaterThanOrEqualTo(OrNever(DueDate.Of(facts with { Pauses = facts.Pauses.Remove(pause) }, calendar)));
    });

    [Fact]
    public void An_extension_never_brings_a_date_nearer() => Holds(10_000, 80_001, (_, facts, calendar) =>
        OrNever(DueDate.Of(facts, calendar)).ShouldBeGreaterThanOrEqualTo(OrNever(DueDate.Of(facts with { Extension = null }, calendar))));

    // The date of an extension is fixed, and later pauses move it on by the working time in them, of which a holiday leaves less: in such a pause,
    // and only there, a holiday may bring a date nearer.
    private static bool IsPausedAfterAnExtension(DateOnly date, ClockFacts facts) =>
        facts.Limit.Rule is CountingRule.Days or CountingRule.Hours && facts.Extension is { } e
        && facts.Pauses.Any(p => p.From >= e.At.AddMinutes(-1) && DateOnly.FromDateTime(p.From.DateTime) <= date && (p.To is not { } to || date <= DateOnly.FromDateTime(to.DateTime)));

    [Fact]
    public void A_holiday_more_never_brings_a_date_nearer_and_a_day_made_up_never_moves_it_away()
    {
        for (var seed = 90_001; seed < 90_061; seed++)
        {
            var random = new Random(seed);
            var all = Calendars[random.Next(Calendars.Length)].AsKnownOn(DateOnly.MaxValue);
            var date = On(Seasons[random.Next(Seasons.Length)]).AddDays(random.Next(40));
            var holiday = all.With(new CalendarDecision("H", On("2027-01-01"), null, [new DayOff(date, Any)], [], "test"));
            var makeUp = all.With(new CalendarDecision("M", On("2027-01-01"), null, [], [new MakeUpDay(date, On("2026-01-01"))], "test"));
            for (var i = 0; i < 2_000; i++)
            {
                var facts = RandomFacts(random, Moment(random, At($"{date.AddDays(-25):yyyy-MM-dd} 00:00"), 27));
                if (IsPausedAfterAnExtension(date, facts)) continue;
                var due = OrNever(DueDate.Of(facts, all));
                (OrNever(DueDate.Of(facts, holiday)) >= due && OrNever(DueDate.Of(facts, makeUp)) <= due).ShouldBeTrue($"seed {seed}, {date}: {facts.Start} {facts.Limit}, {string.Join("; ", facts.Pauses)}, {facts.Extension}");
            }
        }
    }

    [Fact]
    public void A_date_given_stays_a_pause_is_worth_its_working_days_and_so_a_holiday_in_it_brings_the_date_nearer()
    {
        var extended = April with { Extension = new(At("2026-05-05 10:00"), At("2026-05-14 17:00"), "04-3") };
        var paused = extended with { Pauses = [Supplement("2026-05-11 17:00", "2026-05-12 17:00")] };
        var holiday = Vietnam.With(new CalendarDecision("H", On("2026-05-06"), null, [new DayOff(On("2026-05-12"), Any)], [], "test"));

        IsDue(extended, "2026-05-14 17:00");
        IsDue(extended, "2026-05-14 17:00", holiday);
        IsDue(paused, "2026-05-15 17:00");
        IsDue(paused, "2026-05-14 17:00", holiday);
    }

    [Fact]
    public void The_arithmetic_allocates_nothing()
    {
        var random = new Random(7);
        var facts = Enumerable.Range(0, 500).Select(_ => RandomFacts(random)).ToList();
        foreach (var f in facts) DueDate.Of(f, Vietnam);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var f in facts) DueDate.Of(f, Vietnam);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(200);
    }
}
