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

    private static DateTimeOffset At(string moment) => DateTimeOffset.ParseExact(moment + " +07:00", "yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture);

    private static string Explain(ClockFacts facts, Language language = Language.En) =>
        string.Join('\n', Explanation.ToLines(DueDate.Compute(facts, WorkCalendar.Vietnam), language));

    private static readonly ClockFacts Supplemented = new(At("2026-04-28 09:00"), Limit.Parse("3 days"))
    {
        Pauses = [new(At("2026-04-29 10:00"), At("2026-05-05 09:15"), PauseKind.Supplement, "02-17")],
    };

    [Fact]
    public void A_pause_is_told_with_its_slip_and_on_each_day_it_takes() =>
        Explain(Supplemented).ShouldBe("""
            Received: Tue 28 Apr 2026 09:00
            Limit: 3 working days
            Rule: the day of receipt is not counted; working days are counted after it; due at closing time, 17:00, of the last
            Pause: Wed 29 Apr 2026 10:00 to Tue 5 May 2026 09:15, supplement requested, slip 02-17
            While paused: a day does not count if the clock stands at its closing time, 17:00
              Tue 28 Apr 2026  day of receipt, not counted
              Wed 29 Apr 2026  not counted, the clock stood, slip 02-17
              Thu 30 Apr 2026  skipped: holiday, Reunification Day (Labour Code 45/2019/QH14, art. 112)
              Fri 1 May 2026  skipped: holiday, International Labour Day (Labour Code 45/2019/QH14, art. 112)
              Sat 2 May 2026  skipped: weekend
              Sun 3 May 2026  skipped: weekend
              Mon 4 May 2026  not counted, the clock stood, slip 02-17
              Tue 5 May 2026  counted, 1 of 3
              Wed 6 May 2026  counted, 2 of 3
              Thu 7 May 2026  counted, 3 of 3
            Total: 10 days = 1 day of receipt + 3 counted + 2 paused + 4 skipped
            Due: Thu 7 May 2026 17:00
            """);

    [Fact]
    public void A_restart_keeps_the_earlier_run_in_sight_and_says_that_it_no_longer_counts()
    {
        var facts = Supplemented with { Start = At("2026-04-27 09:00"), Limit = Limit.Parse("2 days"), Pauses = [Supplemented.Pauses[0] with { Restarts = true }] };
        Explain(facts).ShouldEndWith("""
              Tue 28 Apr 2026  counted, 1 of 2
              Wed 29 Apr 2026  not counted, the clock stood, slip 02-17
            Begun again: Tue 5 May 2026 09:15, slip 02-17; nothing above counts
              Tue 5 May 2026  begun again, day not counted
              Wed 6 May 2026  counted, 1 of 2
              Thu 7 May 2026  counted, 2 of 2
            Total: 3 days = 1 day begun again + 2 counted
            Due: Thu 7 May 2026 17:00
            """);
        Explain(facts, Language.Vi).ShouldContain("Tính lại từ đầu: Thứ Ba 05/05/2026 09:15, phiếu 02-17; phần trên không được tính\n");
    }

    [Fact]
    public void An_extension_is_told_with_its_slip_and_what_moved_it_on()
    {
        var facts = new ClockFacts(At("2026-05-06 09:00"), Limit.Parse("2 days")) { Extension = new(At("2026-05-07 10:00"), At("2026-05-12 17:00"), "04-3") };
        Explain(facts).ShouldEndWith("""
            Total: 3 days = 1 day of receipt + 2 counted
            Without extension: Fri 8 May 2026 17:00
            Extended: Thu 7 May 2026 10:00, form 04 slip 04-3, to Tue 12 May 2026 17:00
            Due: Tue 12 May 2026 17:00
            """);
        Explain(facts with { Pauses = [new(At("2026-05-11 08:00"), At("2026-05-12 08:00"), PauseKind.Provision, "Law 1, art. 2")] }).ShouldEndWith("""
            Extended: Thu 7 May 2026 10:00, form 04 slip 04-3, to Tue 12 May 2026 17:00
            Pauses since: 4 working days from the extension to that date, counted again with them
              Thu 7 May 2026  counted, 1 of 4
              Fri 8 May 2026  counted, 2 of 4
              Sat 9 May 2026  skipped: weekend
              Sun 10 May 2026  skipped: weekend
              Mon 11 May 2026  not counted, the clock stood, Law 1, art. 2
              Tue 12 May 2026  counted, 3 of 4
              Wed 13 May 2026  counted, 4 of 4
            Due: Wed 13 May 2026 17:00
            """);
        Explain(facts with { Extension = facts.Extension! with { At = At("2026-05-08 17:01") } }).ShouldContain("; given after the due moment, it changes nothing\nDue: Fri 8 May");
        Explain(facts with { Extension = facts.Extension! with { Due = At("2026-05-10 09:00") } }).ShouldContain("; that is not working time: the next closing time, Mon 11 May 2026 17:00\n");
        Explain(facts with { Extension = facts.Extension! with { Due = At("2026-05-08 17:00") } }).ShouldContain("; the limit ends no sooner without it\n");
    }

    [Fact]
    public void Under_hours_the_minutes_of_a_pause_are_shown_beside_those_counted()
    {
        var facts = new ClockFacts(At("2026-05-06 09:00"), Limit.Parse("8 hours")) { Pauses = [new(At("2026-05-06 11:00"), At("2026-05-06 14:00"), PauseKind.Fee, "P-5")] };
        Explain(facts).ShouldContain("  Wed 6 May 2026  counted 09:00–11:00, 14:00–17:00: 300 min, 300 of 480; the clock stood 11:00–11:30, 13:00–14:00, slip P-5\n");
        Explain(facts, Language.Vi).ShouldContain("tính 09:00–11:00, 14:00–17:00: 300 phút, 300/480; tạm dừng 11:00–11:30, 13:00–14:00, phiếu P-5\n");
    }

    [Fact]
    public void While_the_clock_stands_the_days_so_far_are_told_and_no_date() =>
        Explain(Supplemented with { Pauses = [Supplemented.Pauses[0] with { To = null }] }).ShouldEndWith("""
            Pause: since Wed 29 Apr 2026 10:00, still standing, supplement requested, slip 02-17
            While paused: a day does not count if the clock stands at its closing time, 17:00
              Tue 28 Apr 2026  day of receipt, not counted
              Wed 29 Apr 2026  not counted, the clock stood, slip 02-17
            Due: not known while the clock stands
            """);

    [Fact]
    public void A_pause_after_the_due_moment_is_listed_as_changing_nothing() =>
        Explain(Supplemented with { Pauses = [Supplemented.Pauses[0] with { From = At("2026-05-06 09:00"), To = null }], Limit = Limit.Parse("1 day") })
            .ShouldContain("slip 02-17; it began after the due moment and changes nothing\n");

    [Fact]
    public void The_promised_date_stays_on_the_slip_and_the_decision_that_moved_the_due_date_is_named()
    {
        var facts = new ClockFacts(At("2025-12-24 09:00"), Limit.Parse("7 days"));
        var promised = DueDate.Of(facts, WorkCalendar.Vietnam.AsKnownOn(new(2025, 12, 24)));
        string.Join('\n', Explanation.ToLines(DueDate.Compute(facts, WorkCalendar.Vietnam), Language.En, promised, DueDate.MovedBy(facts, WorkCalendar.Vietnam))).ShouldEndWith("""
            Due: Tue 6 Jan 2026 17:00
            Promised: Mon 5 Jan 2026 17:00; that date stands on the slip and stays there
            Moved by decision 12729/VPCP-KGVX, announced Thu 25 Dec 2025, after receipt.
            """);
        Explanation.ToLines(DueDate.Compute(facts, WorkCalendar.Vietnam), Language.En, DueDate.Of(facts, WorkCalendar.Vietnam))[^1].ShouldStartWith("Due");
    }
}
