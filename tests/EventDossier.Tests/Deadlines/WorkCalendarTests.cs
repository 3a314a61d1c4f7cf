using System.Globalization;
using System.Text;
using System.Text.Json;
using EventDossier.Deadlines;

namespace EventDossier.Tests.Deadlines;

public sealed class WorkCalendarTests
{
    private static readonly WorkCalendar Vietnam = WorkCalendar.Vietnam;

    private static DateOnly On(string date) => DateOnly.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static DateTimeOffset At(string moment) => DateTimeOffset.ParseExact(moment + " +07:00", "yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture);

    private static IEnumerable<DateOnly> Year(int year) =>
        Enumerable.Range(0, DateTime.IsLeapYear(year) ? 366 : 365).Select(i => new DateOnly(year, 1, 1).AddDays(i));

    private static IEnumerable<(DateOnly Date, string Name)> Published() =>
        File.ReadLines(Shared.Path("vn", "vacanza-2007-2030.tsv")).Select(l => l.Split('\t'))
            .Where(f => f.Length == 3 && char.IsAsciiDigit(f[0][0]))
            .Select(f => (On(f[0]), f[2]));

    [Fact]
    public void The_holidays_and_Saturdays_of_2025_are_the_decided_ones()
    {
        Year(2025).Where(d => Vietnam[d].Kind == DayKind.Holiday).ShouldBe(new[]
        {
            "2025-01-01", "2025-01-27", "2025-01-28", "2025-01-29", "2025-01-30", "2025-01-31", "2025-04-07", "2025-04-30", "2025-05-01",
            "2025-05-02", "2025-09-01", "2025-09-02",
        }.Select(On));
        Year(2025).Where(d => Vietnam[d].Kind == DayKind.MakeUp).ShouldBe([On("2025-04-26")]);
    }

    [Fact]
    public void The_holidays_and_Saturdays_of_2026_are_the_decided_ones()
    {
        Year(2026).Where(d => Vietnam[d].Kind == DayKind.Holiday).ShouldBe(new[]
        {
            "2026-01-01", "2026-01-02", "2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20", "2026-04-27", "2026-04-30",
            "2026-05-01", "2026-08-31", "2026-09-01", "2026-09-02",
        }.Select(On));
        Year(2026).Where(d => Vietnam[d].Kind == DayKind.MakeUp).ShouldBe([On("2026-01-10"), On("2026-08-22")]);
        Vietnam[On("2026-01-10")].ShouldBe(
            new CalendarDay(On("2026-01-10"), DayKind.MakeUp, Basis: new Wording("12729/VPCP-KGVX", "12729/VPCP-KGVX"), StandsFor: On("2026-01-02")));
    }

    [Fact]
    public void A_decision_is_unknown_before_it_is_announced()
    {
        Vietnam.AsKnownOn(On("2025-12-24"))[On("2026-01-02")].Kind.ShouldBe(DayKind.Working);
        Vietnam.AsKnownOn(On("2025-12-25"))[On("2026-01-02")].Kind.ShouldBe(DayKind.Holiday);
        Vietnam.AsKnownOn(On("2025-12-24")).Decisions.Count.ShouldBe(4);
        Vietnam.AsKnownOn(On("2000-01-01")).Decisions.ShouldBeEmpty();
    }

    [Fact]
    public void A_calendar_as_known_on_a_day_is_made_once()
    {
        Vietnam.AsKnownOn(On("2025-11-01")).ShouldBeSameAs(Vietnam.AsKnownOn(On("2025-12-24")));
        Vietnam.AsKnownOn(On("2025-11-01")).AsKnownOn(DateOnly.MaxValue).ShouldBeSameAs(Vietnam);
    }

    [Fact]
    public void A_year_is_provisional_until_a_decision_settles_it()
    {
        Vietnam[On("2026-03-03")].Provisional.ShouldBeFalse();
        Vietnam[On("2027-03-03")].Provisional.ShouldBeTrue();
        Vietnam.AsKnownOn(On("2025-10-15"))[On("2026-03-03")].Provisional.ShouldBeTrue();
        Vietnam.AsKnownOn(On("2025-10-15"))[On("2026-02-17")].Basis!.En.ShouldBe("Labour Code 45/2019/QH14, art. 112");
    }

    [Fact]
    public void An_exchange_alone_settles_nothing()
    {
        var exchange = new CalendarDecision("1", On("2026-11-01"), null, [new DayOff(On("2027-09-01"), new Wording("x", "x"))], [], "test");
        Vietnam.With(exchange)[On("2027-09-01")].Provisional.ShouldBeTrue();
    }

    [Fact]
    public void Lunar_dates_agree_with_the_published_ones()
    {
        var published = Published().ToList();
        foreach (var (year, tet, hungKings) in CalendarData.Vietnam.LunarYears)
        {
            published.ShouldContain((tet, "Lunar New Year"), $"{year}");
            published.ShouldContain((hungKings, "Hung Kings' Commemoration Day"), $"{year}");
        }
        CalendarData.Vietnam.LunarYears.Single(y => y.Year == 2030).Tet.ShouldBe(On("2030-02-02"));
    }

    [Fact]
    public void Holidays_outside_Tet_agree_with_the_published_ones_save_for_exchanged_days()
    {
        bool AtTet(DateOnly d) => d.Month is 1 or 2 && d.Day + (d.Month * 100) > 110;
        for (var year = 2021; year <= 2030; year++)
        {
            var ours = Year(year).Where(d => Vietnam[d].Kind == DayKind.Holiday && !AtTet(d) && Vietnam[d].Reason!.En.StartsWith("exchanged", StringComparison.Ordinal) is false);
            var theirs = Published().Where(p => p.Date.Year == year && !AtTet(p.Date) && !p.Name.Contains("substituted", StringComparison.Ordinal))
                .Select(p => p.Date).Where(d => d.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)).Distinct();
            ours.ShouldBe(theirs, $"{year}");
        }
    }

    [Fact]
    public void The_offset_is_the_zones_whatever_the_year()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(Vietnam.Hours.Zone);
        for (var year = WorkCalendar.First.Year; year <= WorkCalendar.Last.Year; year++)
            zone.GetUtcOffset(new DateTimeOffset(year, 6, 1, 0, 0, 0, TimeSpan.Zero)).ShouldBe(Vietnam.Hours.UtcOffset);
    }

    [Theory]
    [InlineData("2026-04-24 16:10", "2026-04-24 16:40", 30)]
    [InlineData("2026-04-24 16:10", "2026-04-28 07:40", 60)]
    [InlineData("2026-04-24 11:00", "2026-04-24 13:30", 60)]
    [InlineData("2026-04-24 00:00", "2026-04-25 00:00", 480)]
    [InlineData("2026-04-25 00:00", "2026-04-28 00:00", 0)]
    [InlineData("2026-04-28 07:40", "2026-04-24 16:10", -60)]
    public void Working_minutes_are_those_of_open_hours(string from, string to, int minutes) =>
        Vietnam.WorkingMinutes(At(from), At(to)).ShouldBe(minutes);

    [Theory]
    [InlineData("2026-05-06 17:00", "2026-05-07 16:59", 0)]
    [InlineData("2026-05-06 17:00", "2026-05-07 17:00", 1)]
    [InlineData("2026-04-24 17:00", "2026-04-28 17:00", 1)]
    [InlineData("2026-05-06 10:00", "2026-05-08 10:00", 2)]
    [InlineData("2026-05-08 10:00", "2026-05-06 10:00", 0)]
    public void Working_days_late_are_whole_ones(string due, string now, int days) => Vietnam.WorkingDays(At(due), At(now)).ShouldBe(days);

    [Theory]
    [InlineData("2026-05-06 17:00", -960, "2026-05-04 17:00")]
    [InlineData("2026-05-06 17:00", 480, "2026-05-07 17:00")]
    [InlineData("2026-04-24 16:10", 60, "2026-04-28 07:40")]
    [InlineData("2026-04-24 11:00", 30, "2026-04-24 11:30")]
    public void A_moment_is_shifted_by_working_time(string from, int minutes, string to) => Vietnam.Shift(At(from), minutes).ShouldBe(At(to));

    [Fact]
    public void What_lies_outside_the_calendar_is_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Vietnam.WorkingMinutes(DateTimeOffset.MinValue, At("2026-01-01 00:00")));
        Should.Throw<ArgumentOutOfRangeException>(() => Vietnam.WorkingMinutes(DateTimeOffset.MaxValue, At("2026-01-01 00:00")));
        Should.Throw<ArgumentOutOfRangeException>(() => Vietnam.Shift(At("2099-12-30 10:00"), 48_000));
        Should.Throw<ArgumentOutOfRangeException>(() => Vietnam[new DateOnly(1999, 12, 31)]);
        foreach (var rule in Enum.GetValues<CountingRule>())
        {
            var limit = new Limit(rule == CountingRule.SameDay ? 1 : 120, rule);
            var late = At("2099-12-31 20:00");
            Should.Throw<ArgumentOutOfRangeException>(() => DueDate.Of(late, limit, Vietnam), rule.ToString());
            Should.Throw<ArgumentOutOfRangeException>(() => DueDate.Compute(late, limit, Vietnam), rule.ToString());
        }
    }

    [Fact]
    public void A_decision_that_names_a_date_twice_is_refused_by_its_number()
    {
        var twice = new CalendarDecision("77/QD", On("2026-01-01"), null, [new DayOff(On("2026-03-03"), new Wording("x", "x"))],
            [new MakeUpDay(On("2026-03-03"), On("2026-03-04"))], "test");
        Should.Throw<FormatException>(() => Vietnam.With(twice)).Message.ShouldBe("decision 77/QD: 2026-03-03 is named twice");
    }

    [Theory]
    [InlineData("[{}]")]
    [InlineData("null")]
    [InlineData("""[{"number":"1","announced":"2026-13-01","settles":null,"daysOff":[],"makeUpDays":[],"source":""}]""")]
    [InlineData("""[{"number":"1","announced":"2026-12-01","settles":null,"daysOff":[],"makeUpDays":[],"source":"","extra":1}]""")]
    [InlineData("""[{"number":null,"announced":"2026-12-01","settles":null,"daysOff":[],"makeUpDays":[],"source":""}]""")]
    public void Decisions_that_are_not_whole_are_refused(string json) =>
        Should.Throw<JsonException>(() => CalendarData.ParseDecisions(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void A_later_decision_overrules_an_earlier_one()
    {
        var worked = new CalendarDecision("2", On("2026-08-01"), null, [], [new MakeUpDay(On("2026-08-31"), On("2026-08-24"))], "test");
        Vietnam.With(worked)[On("2026-08-31")].Kind.ShouldBe(DayKind.MakeUp);
        Vietnam.With(worked with { Announced = On("2025-01-01") })[On("2026-08-31")].Kind.ShouldBe(DayKind.Holiday);
    }
}
