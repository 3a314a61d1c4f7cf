using System.Globalization;
using EventDossier.Deadlines;

namespace EventDossier.Tests.Deadlines;

public sealed class ExplanationTests
{
    private static string Explain(string received, string limit, Language language = Language.En, string knownOn = "2026-04-24")
    {
        var at = DateTimeOffset.ParseExact(received + " +07:00", "yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture);
        var calendar = WorkCalendar.Vietnam.AsKnownOn(DateOnly.ParseExact(knownOn, "yyyy-MM-dd", CultureInfo.InvariantCulture));
        return string.Join('\n', Explanation.ToLines(DueDate.Compute(at, Limit.Parse(limit), calendar), language));
    }

    [Fact]
    public void Five_working_days_over_the_April_holidays_are_explained_to_the_line() =>
        Explain("2026-04-24 16:10", "5 days").ShouldBe("""
            Received: Fri 24 Apr 2026 16:10
            Limit: 5 working days
            Rule: the day of receipt is not counted; working days are counted after it; due at closing time, 17:00, of the last
              Fri 24 Apr 2026  day of receipt, not counted
              Sat 25 Apr 2026  skipped: weekend
              Sun 26 Apr 2026  skipped: weekend
              Mon 27 Apr 2026  skipped: holiday, Hùng Kings' Commemoration Day, in lieu of Sun 26 Apr 2026 (Labour Code 45/2019/QH14, art. 111(3))
              Tue 28 Apr 2026  counted, 1 of 5
              Wed 29 Apr 2026  counted, 2 of 5
              Thu 30 Apr 2026  skipped: holiday, Reunification Day (Labour Code 45/2019/QH14, art. 112)
              Fri 1 May 2026  skipped: holiday, International Labour Day (Labour Code 45/2019/QH14, art. 112)
              Sat 2 May 2026  skipped: weekend
              Sun 3 May 2026  skipped: weekend
              Mon 4 May 2026  counted, 3 of 5
              Tue 5 May 2026  counted, 4 of 5
              Wed 6 May 2026  counted, 5 of 5
            Total: 13 days = 1 day of receipt + 5 counted + 7 skipped
            Due: Wed 6 May 2026 17:00
            """);

    [Fact]
    public void The_same_is_said_in_Vietnamese() =>
        Explain("2026-04-24 16:10", "2 days", Language.Vi).ShouldBe("""
            Tiếp nhận: Thứ Sáu 24/04/2026 16:10
            Thời hạn: 2 ngày làm việc
            Cách tính: không tính ngày tiếp nhận; tính các ngày làm việc sau đó; hạn là giờ đóng cửa 17:00 của ngày cuối cùng
              Thứ Sáu 24/04/2026  ngày tiếp nhận, không tính
              Thứ Bảy 25/04/2026  không tính: ngày nghỉ hằng tuần
              Chủ Nhật 26/04/2026  không tính: ngày nghỉ hằng tuần
              Thứ Hai 27/04/2026  không tính: ngày nghỉ lễ, Giỗ Tổ Hùng Vương, nghỉ bù Chủ Nhật 26/04/2026 (Bộ luật Lao động 45/2019/QH14, khoản 3 Điều 111)
              Thứ Ba 28/04/2026  tính, 1/2
              Thứ Tư 29/04/2026  tính, 2/2
            Tổng cộng: 6 ngày = 1 ngày tiếp nhận + 2 được tính + 3 không tính
            Hạn trả kết quả: Thứ Tư 29/04/2026 17:00
            """);

    [Fact]
    public void Hours_are_shown_as_stretches_whose_minutes_add_up() =>
        Explain("2026-04-24 10:50", "16 hours").ShouldBe("""
            Received: Fri 24 Apr 2026 10:50
            Limit: 16 working hours
            Rule: working time (07:30–11:30, 13:00–17:00) is counted to the minute from the moment of receipt
              Fri 24 Apr 2026  counted 10:50–11:30, 13:00–17:00: 280 min, 280 of 960
              Sat 25 Apr 2026  skipped: weekend
              Sun 26 Apr 2026  skipped: weekend
              Mon 27 Apr 2026  skipped: holiday, Hùng Kings' Commemoration Day, in lieu of Sun 26 Apr 2026 (Labour Code 45/2019/QH14, art. 111(3))
              Tue 28 Apr 2026  counted 07:30–11:30, 13:00–17:00: 480 min, 760 of 960
              Wed 29 Apr 2026  counted 07:30–10:50: 200 min, 960 of 960
            Total: 280 + 480 + 200 = 960 minutes = 16 working hours
            Due: Wed 29 Apr 2026 10:50
            """);

    [Fact]
    public void A_decision_is_cited_for_the_day_it_takes_off_and_the_day_it_makes_up()
    {
        var explained = Explain("2025-04-25 09:00", "5 days");
        explained.ShouldContain("Sat 26 Apr 2025  counted, 1 of 5: make-up day for Fri 2 May 2025 (6150/TB-BLĐTBXH)\n");
        explained.ShouldContain("Fri 2 May 2025  skipped: holiday, exchanged for Sat 26 Apr 2025 (6150/TB-BLĐTBXH)\n");
    }

    [Fact]
    public void Calendar_days_that_end_on_a_day_of_rest_are_shown_to_roll() =>
        Explain("2026-04-24 16:10", "8 calendar days").ShouldEndWith("""
              Thu 30 Apr 2026  counted, 6 of 8: holiday, Reunification Day (Labour Code 45/2019/QH14, art. 112)
              Fri 1 May 2026  counted, 7 of 8: holiday, International Labour Day (Labour Code 45/2019/QH14, art. 112)
              Sat 2 May 2026  counted, 8 of 8: weekend
              Sun 3 May 2026  skipped: weekend
              Mon 4 May 2026  next working day: due
            Total: 11 days = 1 day of receipt + 8 counted + 1 skipped + 1 next working day
            Due: Mon 4 May 2026 17:00
            """);

    [Fact]
    public void Months_are_told_from_the_days_within_them()
    {
        var explained = Explain("2026-01-31 10:00", "2 months");
        explained.ShouldContain("Sat 28 Feb 2026  month 1 of 2 complete: weekend\n");
        explained.ShouldContain("Tue 31 Mar 2026  month 2 of 2 complete\n");
        explained.ShouldEndWith("Total: 60 days = 1 day of receipt + 57 within a month + 2 completing a month\nDue: Tue 31 Mar 2026 17:00");
    }

    [Fact]
    public void A_year_without_a_decision_is_marked_on_each_day_and_said_below()
    {
        var explained = Explain("2025-12-31 09:00", "1 day", knownOn: "2025-10-01");
        explained.ShouldContain("Wed 31 Dec 2025  day of receipt, not counted\n");
        explained.ShouldContain("Fri 2 Jan 2026  counted, 1 of 1 (provisional)\n");
        explained.ShouldEndWith("Provisional: no decision on the holidays of 2026 was known when this was computed; the date may move.");
    }
}
