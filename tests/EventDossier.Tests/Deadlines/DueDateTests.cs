using System.Globalization;
using EventDossier.Deadlines;
using FsCheck;
using FsCheck.Fluent;

namespace EventDossier.Tests.Deadlines;

public sealed class DueDateTests
{
    private static readonly WorkCalendar Vietnam = WorkCalendar.Vietnam;
    private static readonly Wording Any = new("a day off", "một ngày nghỉ");

    private static DateTimeOffset At(string moment) => DateTimeOffset.ParseExact(moment + " +07:00", "yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture);

    private static DateOnly On(string date) => DateOnly.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    [Theory]
    // days
    [InlineData("2026-04-24 16:10", "5 days", "2026-05-06 17:00")]
    [InlineData("2026-04-24 17:30", "5 days", "2026-05-06 17:00")] // after closing: the next working day is the first counted
    [InlineData("2026-04-25 10:00", "5 days", "2026-05-06 17:00")] // on a day of rest, likewise
    [InlineData("2026-04-27 10:00", "1 day", "2026-04-28 17:00")]
    [InlineData("2026-04-24 00:00", "1 day", "2026-04-28 17:00")]
    [InlineData("2025-04-25 09:00", "1 day", "2025-04-26 17:00")] // a Saturday worked
    [InlineData("2025-12-31 09:00", "1 day", "2026-01-05 17:00")]
    // hours
    [InlineData("2026-04-24 16:10", "8 hours", "2026-04-28 16:10")]
    [InlineData("2026-04-24 13:00", "4 hours", "2026-04-24 17:00")] // closing time, never 07:30 of the next day
    [InlineData("2026-04-24 07:30", "4 hours", "2026-04-24 11:30")]
    [InlineData("2026-04-24 17:00", "8 hours", "2026-04-28 17:00")]
    [InlineData("2026-04-24 03:00", "8 hours", "2026-04-24 17:00")]
    [InlineData("2026-04-25 12:00", "1 hour", "2026-04-28 08:30")]
    [InlineData("2026-04-24 12:00", "1 hour", "2026-04-24 14:00")]
    // the same day
    [InlineData("2026-04-24 15:00", "same day", "2026-04-24 17:00")]
    [InlineData("2026-04-24 15:01", "same day", "2026-04-28 17:00")]
    [InlineData("2026-04-25 09:00", "same day", "2026-04-28 17:00")]
    [InlineData("2025-04-26 09:00", "same day", "2025-04-26 17:00")]
    // calendar days and months
    [InlineData("2026-04-24 16:10", "5 calendar days", "2026-04-29 17:00")]
    [InlineData("2026-04-24 16:10", "7 calendar days", "2026-05-04 17:00")]
    [InlineData("2026-04-24 16:10", "30 calendar days", "2026-05-25 17:00")]
    [InlineData("2026-01-31 10:00", "1 month", "2026-03-02 17:00")]
    [InlineData("2026-03-30 10:00", "1 month", "2026-05-04 17:00")]
    [InlineData("2026-08-22 10:00", "2 months", "2026-10-22 17:00")]
    public void A_due_date_is_as_the_rule_has_it(string received, string limit, string due)
    {
        DueDate.Of(At(received), Limit.Parse(limit), Vietnam).ShouldBe(At(due));
        DueDate.Compute(At(received), Limit.Parse(limit), Vietnam).Due.ShouldBe(At(due));
    }

    [Fact]
    public void Receipt_in_another_offset_is_counted_in_local_time()
    {
        var utc = At("2026-04-24 16:10").ToUniversalTime();
        DueDate.Of(utc, Limit.Parse("5 days"), Vietnam).ShouldBe(At("2026-05-06 17:00"));
        DueDate.Of(utc, Limit.Parse("5 days"), Vietnam).Offset.ShouldBe(TimeSpan.FromHours(7));
        DueDate.Compute(utc, Limit.Parse("5 days"), Vietnam).Lines[0].Day.Date.ShouldBe(On("2026-04-24"));
    }

    [Fact]
    public void Seconds_of_receipt_are_not_counted_for_slips_print_minutes()
    {
        DueDate.Of(At("2026-04-24 15:00").AddSeconds(59), Limit.Parse("same day"), Vietnam).ShouldBe(At("2026-04-24 17:00"));
        DueDate.Of(At("2026-04-24 16:10").AddSeconds(59), Limit.Parse("8 hours"), Vietnam).ShouldBe(At("2026-04-28 16:10"));
    }

    [Theory]
    [InlineData("5 days", "2026-05-05 23:59", Judgement.Early)]
    [InlineData("5 days", "2026-05-06 00:00", Judgement.OnTime)]
    [InlineData("5 days", "2026-05-06 17:00", Judgement.OnTime)]
    [InlineData("5 days", "2026-05-06 17:01", Judgement.Late)]
    [InlineData("8 hours", "2026-04-28 14:09", Judgement.Early)]
    [InlineData("8 hours", "2026-04-28 15:10", Judgement.OnTime)]
    [InlineData("8 hours", "2026-04-28 15:09", Judgement.Early)]
    [InlineData("8 hours", "2026-04-28 16:10", Judgement.OnTime)]
    [InlineData("8 hours", "2026-04-28 16:11", Judgement.Late)]
    [InlineData("same day", "2026-04-28 15:59", Judgement.Early)]
    [InlineData("same day", "2026-04-28 16:00", Judgement.OnTime)]
    [InlineData("30 calendar days", "2026-05-24 10:00", Judgement.Early)]
    [InlineData("30 calendar days", "2026-05-25 10:00", Judgement.OnTime)]
    public void Early_on_time_and_late_are_told_by_one_definition(string limit, string finished, Judgement expected)
    {
        var parsed = Limit.Parse(limit);
        var due = DueDate.Of(At("2026-04-24 16:10"), parsed, Vietnam);
        DueDate.Judge(At(finished), due, parsed.Rule, Vietnam).ShouldBe(expected);
    }

    [Fact]
    public void A_second_after_the_due_moment_is_late() =>
        DueDate.Judge(At("2026-05-06 17:00").AddSeconds(1), At("2026-05-06 17:00"), CountingRule.Days, Vietnam).ShouldBe(Judgement.Late);

    [Fact]
    public void A_decision_announced_late_moves_only_what_is_computed_after_it()
    {
        var received = At("2025-12-31 09:00");
        DueDate.Of(received, Limit.Parse("1 day"), Vietnam.AsKnownOn(On("2025-12-24"))).ShouldBe(At("2026-01-02 17:00"));
        DueDate.Of(received, Limit.Parse("1 day"), Vietnam.AsKnownOn(On("2025-12-25"))).ShouldBe(At("2026-01-05 17:00"));
    }

    // From here on: laws, over any receipt, limit and calendar.

    private sealed record Case(DateTimeOffset Received, Limit Limit, WorkCalendar Calendar);

    private static readonly WorkCalendar[] Calendars =
    [
        .. new[] { "2020-01-01", "2025-01-01", "2025-11-01", "2026-01-01" }.Select(d => Vietnam.AsKnownOn(On(d))),
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

    private static Gen<DateTimeOffset> Moments => Gen.OneOf(
        Gen.Choose(0, 4 * 366 * 24 * 60).Select(m => At("2024-01-01 00:00").AddMinutes(m)),
        from day in Gen.Choose(0, 3 * 366) from time in Gen.Elements(0, 449, 450, 451, 690, 780, 900, 901, 1019, 1020, 1021, 1439)
        select At("2024-06-01 00:00").AddDays(day).AddMinutes(time));

    private static Gen<Limit> Limits =>
        from rule in Gen.Elements(Enum.GetValues<CountingRule>())
        from amount in rule switch { CountingRule.SameDay => Gen.Constant(1), CountingRule.Months => Gen.Choose(1, 14), _ => Gen.Choose(1, 90) }
        select new Limit(amount, rule);

    private static Gen<Case> Cases =>
        from received in Moments from limit in Limits from calendar in Gen.Elements(Calendars) select new Case(received, limit, calendar);

    private static void Holds<T>(Gen<T> gen, Func<T, bool> law, int cases = 3000) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(cases), Prop.ForAll(gen.ToArbitrary(), law));

    [Fact]
    public void The_arithmetic_and_the_walk_agree() =>
        Holds(Cases, c => DueDate.Of(c.Received, c.Limit, c.Calendar) == DueDate.Compute(c.Received, c.Limit, c.Calendar).Due, 10_000);

    [Fact]
    public void The_lines_add_up_to_the_limit_and_run_from_receipt_to_due_without_a_gap() => Holds(Cases, c =>
    {
        var ledger = DueDate.Compute(c.Received, c.Limit, c.Calendar);
        var first = DateOnly.FromDateTime(ledger.Received.DateTime);
        var whole = c.Limit.Rule == CountingRule.Hours ? c.Limit.Amount * 60 : c.Limit.Amount;
        return ledger.Lines.Sum(l => l.Counted) == whole
            && ledger.Lines[^1].Total == whole
            && ledger.Lines[^1].Day.Date == DateOnly.FromDateTime(ledger.Due!.Value.DateTime)
            && ledger.Lines[^1].Day.IsWorked
            && ledger.Lines.Select((l, i) => l.Day.Date == first.AddDays(i)).All(x => x)
            && ledger.Lines.All(l => l.Stretches.Sum(s => s.Minutes) == (c.Limit.Rule == CountingRule.Hours ? l.Counted : 0))
            && ledger.Lines.All(l => l.Kind != LineKind.Skipped || !l.Day.IsWorked);
    });

    [Fact]
    public void A_limit_in_hours_is_the_working_time_from_receipt_to_due() => Holds(Cases.Where(c => c.Limit.Rule == CountingRule.Hours), c =>
        c.Calendar.WorkingMinutes(c.Received, DueDate.Of(c.Received, c.Limit, c.Calendar)) == c.Limit.Amount * 60);

    [Fact]
    public void A_later_receipt_is_never_due_sooner() =>
        Holds(from c in Cases from minutes in Gen.OneOf(Gen.Choose(0, 3000), Gen.Choose(0, 100_000)) select (c, minutes), x =>
            DueDate.Of(x.c.Received, x.c.Limit, x.c.Calendar) <= DueDate.Of(x.c.Received.AddMinutes(x.minutes), x.c.Limit, x.c.Calendar));

    [Fact]
    public void A_longer_limit_is_never_due_sooner() =>
        Holds(from c in Cases.Where(c => c.Limit.Rule != CountingRule.SameDay) from more in Gen.Choose(0, 20) select (c, more), x =>
            DueDate.Of(x.c.Received, x.c.Limit, x.c.Calendar)
            <= DueDate.Of(x.c.Received, new Limit(x.c.Limit.Amount + x.more, x.c.Limit.Rule), x.c.Calendar));

    [Fact]
    public void A_due_moment_comes_after_receipt() =>
        Holds(Cases, c => DueDate.Of(c.Received, c.Limit, c.Calendar) > c.Received);

    private static Gen<(Case Case, DateOnly Date)> NearbyDates =>
        from c in Cases from days in Gen.Choose(0, 40)
        select (c, DateOnly.FromDateTime(c.Received.DateTime).AddDays(days));

    [Fact]
    public void A_holiday_more_never_brings_a_due_date_nearer() => Holds(NearbyDates, x =>
    {
        var more = x.Case.Calendar.AsKnownOn(DateOnly.MaxValue);
        var with = more.With(new CalendarDecision("H", On("2027-01-01"), null, [new DayOff(x.Date, Any)], [], "test"));
        return DueDate.Of(x.Case.Received, x.Case.Limit, with) >= DueDate.Of(x.Case.Received, x.Case.Limit, more);
    }, 300);

    [Fact]
    public void A_day_made_up_never_moves_a_due_date_away() => Holds(NearbyDates, x =>
    {
        var more = x.Case.Calendar.AsKnownOn(DateOnly.MaxValue);
        var with = more.With(new CalendarDecision("M", On("2027-01-01"), null, [], [new MakeUpDay(x.Date, On("2026-01-01"))], "test"));
        return DueDate.Of(x.Case.Received, x.Case.Limit, with) <= DueDate.Of(x.Case.Received, x.Case.Limit, more);
    }, 300);

    [Fact]
    public void Working_time_adds_up_and_shifting_is_its_inverse() =>
        Holds(from a in Moments from b in Moments from c in Moments from k in Gen.Elements(Calendars) select (a, b, c, k), x =>
            x.k.WorkingMinutes(x.a, x.b) + x.k.WorkingMinutes(x.b, x.c) == x.k.WorkingMinutes(x.a, x.c)
            && x.k.WorkingMinutes(x.a, x.k.Shift(x.a, x.k.WorkingMinutes(x.a, x.b))) == x.k.WorkingMinutes(x.a, x.b)
            && x.k.Shift(x.a, x.k.WorkingMinutes(x.a, x.b)) <= x.b);

    [Fact]
    public void Working_minutes_are_those_a_clock_on_the_wall_would_count() =>
        Holds(from a in Moments from m in Gen.Choose(0, 6000) from k in Gen.Elements(Calendars) select (a, m, k), x =>
        {
            var counted = 0;
            for (var i = 0; i < x.m; i++)
            {
                var at = x.a.AddMinutes(i).DateTime;
                var time = TimeOnly.FromDateTime(at);
                if (x.k[DateOnly.FromDateTime(at)].IsWorked && x.k.Hours.Sessions.Any(s => time >= s.From && time < s.To)) counted++;
            }
            return x.k.WorkingMinutes(x.a, x.a.AddMinutes(x.m)) == counted;
        }, 200);
}
