using System.Globalization;
using System.Xml.Linq;
using EventDossier.Alerts;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Tests.Dossiers;
using EventDossier.Web.Pictures;

namespace EventDossier.Tests.Web;

/// <summary>What pictures show, and tell to whoever does not see them. That they look well is for eyes.</summary>
public sealed class PictureTests
{
    private static readonly XNamespace _svg = "http://www.w3.org/2000/svg";

    private static DateTimeOffset On(int month, int day, int hour = 9, int minute = 0) => Lives.On(month, day, hour, minute);

    private static XElement Parsed(Picture picture)
    {
        var root = XDocument.Parse(picture.Svg.Text).Root!;
        root.Name.ShouldBe(_svg + "svg");
        ((string?)root.Attribute("role"), (string?)root.Attribute("aria-label")).ShouldBe(("img", $"{picture.Title}. {picture.Words}"));
        root.DescendantsAndSelf().ShouldNotContain(e => e.Attribute("style") != null || e.Attribute("id") != null || e.Name.LocalName == "script", "a page's policy forbids the one, and two pictures of one page the other");
        foreach (var number in root.Descendants().Where(e => e.Name != _svg + "path").SelectMany(e => e.Attributes()).Where(a => a.Name.LocalName is "x" or "y" or "width" or "height" or "cx" or "cy"))
            double.Parse(number.Value, CultureInfo.InvariantCulture).ShouldBeInRange(-10, 10_000, $"{number.Parent}");
        return root;
    }

    private static List<string> Texts(Picture picture) => [.. Parsed(picture).Descendants(_svg + "text").Select(t => t.Value)];

    [Fact]
    public void The_clock_shows_every_day_with_what_it_did_for_the_count()
    {
        var ledger = DueDate.Compute(On(4, 24, 16, 10), Limit.Parse("5 days"), WorkCalendar.Vietnam);
        var picture = ClockBar.Of(ledger, On(4, 29, 18), null, Language.En);
        var texts = Texts(picture);
        foreach (var line in ledger.Lines)
            texts.ShouldContain($"{line.Day.Date.Day}/{line.Day.Date.Month}");
        texts.ShouldContain("2 of 5 working days used");
        texts.SkipWhile(t => t != "6/5").Skip(1).First().ShouldBe("5", "the fifth day that counts");
        texts.SkipWhile(t => t != "27/4").Skip(1).First().ShouldBe("–", "Hùng Kings");
        picture.Words.ShouldBe("Received 24 Apr 2026 16:10; 2 of 5 working days used; due 6 May 2026 17:00.");
        ClockBar.Of(ledger, On(4, 29, 18), null, Language.Vi).Words.ShouldBe("Tiếp nhận 16:10 ngày 24/04/2026; đã dùng 2/5 ngày làm việc; hạn trả 17:00 ngày 06/05/2026.");
    }

    [Theory]
    [InlineData("16 hours", 4, 24, 17, "0.8 of 16 working hours used")]
    [InlineData("16 hours", 4, 28, 10, "3.3 of 16 working hours used")]
    [InlineData("16 hours", 12, 1, 9, "16 of 16 working hours used")]
    [InlineData("2 months", 6, 25, 9, "2 of 2 months passed")]
    [InlineData("30 calendar days", 4, 30, 9, "5 of 30 days used")]
    public void How_much_of_the_limit_is_used_is_told_in_its_own_unit(string limit, int month, int day, int hour, string told) =>
        Texts(ClockBar.Of(DueDate.Compute(On(4, 24, 16, 10), Limit.Parse(limit), WorkCalendar.Vietnam), On(month, day, hour), null, Language.En)).ShouldContain(told);

    [Fact]
    public void A_clock_that_stands_and_one_that_is_late_say_so()
    {
        var facts = Lives.Waiting.Clock!;
        var standing = ClockBar.Of(DueDate.Compute(facts, WorkCalendar.Vietnam), On(4, 24), null, Language.Vi);
        Texts(standing).ShouldContain("đang tạm dừng");
        standing.Words.ShouldContain("chưa xác định khi đang tạm dừng");
        var ledger = DueDate.Compute(On(4, 20), Limit.Parse("2 days"), WorkCalendar.Vietnam);
        Texts(ClockBar.Of(ledger, On(5, 4), null, Language.En)).ShouldContain("overdue");
        Texts(ClockBar.Of(ledger, On(5, 4), finished: On(4, 21), Language.En)).ShouldNotContain("overdue", "it was finished in time");
    }

    [Fact]
    public void Of_a_limit_of_years_the_weeks_at_both_ends_are_drawn()
    {
        var texts = Texts(ClockBar.Of(DueDate.Compute(On(4, 24), Limit.Parse("24 months"), WorkCalendar.Vietnam), On(5, 4), null, Language.En));
        texts.ShouldContain(t => t.EndsWith(" weeks …", StringComparison.Ordinal));
        texts.Count.ShouldBeLessThan(30 * 14 + 40);
    }

    [Fact]
    public void Whatever_a_dossier_went_through_its_clock_and_timeline_can_be_drawn_at_every_step()
    {
        foreach (var seed in Enumerable.Range(1, 40))
        {
            var events = RandomLife.Of(new Random(seed), alerts: true);
            if (events.Count == 0)
                continue;
            IReadOnlyList<ReplayStep> steps = [.. Replay.Steps("D-1", events, Ladders.None, WorkCalendar.Vietnam, events[^1].RecordedAt.AddDays(3))];
            foreach (var step in steps)
            {
                var picture = Timeline.Of(steps, step.Event.Version, seed % 2 == 0 ? Language.En : Language.Vi);
                var texts = Texts(picture);
                foreach (var each in steps)
                    texts.ShouldContain($"{each.Event.Version}");
                picture.Words.ShouldContain($"{events.Count}: ");
                foreach (var text in Parsed(picture).Descendants(_svg + "text").Where(t => (string?)t.Attribute("text-anchor") is "start" or "end"))
                {
                    var (x, wide) = ((double)text.Attribute("x")!, text.Value.Length * 6.4 * ((string?)text.Attribute("text-anchor") == "start" ? 1 : -1));
                    (x + wide).ShouldBeInRange(0, 966, $"'{text.Value}' is cut at the edge");
                }
            }
            if (steps[^1].State.Clock is { } clock)
                Parsed(ClockBar.Of(DueDate.Compute(clock, WorkCalendar.Vietnam), events[^1].RecordedAt, steps[^1].State.FinishedAt, Language.En));
        }
    }

    [Fact]
    public void A_heat_map_has_every_count_its_sum_and_the_same_in_words()
    {
        var picture = HeatMap.Of(new("Work", "Công việc"), ["W18", "W19", "W20"], [new("xd-thamdinh-1", [0, 3, 12], "/work?officer=xd-thamdinh-1&x=\"<"), new("<script>", [1, 0, 0])], Language.En);
        Texts(picture).ShouldBe(["Work", "W18", "W19", "W20", "total", "xd-thamdinh-1", "0", "3", "12", "15", "<script>", "1", "0", "0", "1"]);
        picture.Words.ShouldBe("xd-thamdinh-1: W19 3, W20 12. <script>: W18 1.");
        ((string?)Parsed(picture).Descendants(_svg + "a").Single().Attribute("href")).ShouldBe("/work?officer=xd-thamdinh-1&x=\"<");
        HeatMap.Of(new("Work", "Công việc"), ["W18"], [], Language.Vi).Words.ShouldBe("Không có dữ liệu.");
    }

    [Fact]
    public void A_trend_keeps_every_value_within_its_frame_and_leaves_out_what_was_not_measured()
    {
        var random = new Random(7);
        foreach (var scale in (double[])[0, 0.01, 1, 97, 1_234, 5_000_000])
        {
            double?[] values = [.. Enumerable.Range(0, 24).Select(i => i == 5 ? (double?)null : random.NextDouble() * scale), scale];
            var picture = Trend.Of(new("Received", "Tiếp nhận"), [.. Enumerable.Range(1, 25).Select(i => $"{i}/26")], [new(new("all", "tất cả"), values)], Language.En);
            var marks = Parsed(picture).Descendants(_svg + "circle").Select(c => double.Parse(c.Attribute("cy")!.Value, CultureInfo.InvariantCulture)).ToList();
            marks.Count.ShouldBe(25, "24 values, and the mark beside the name");
            marks.ShouldAllBe(y => y >= 39.9 && y <= 240.1);
            if (scale > 0)
                marks.Min().ShouldBeLessThan(100, "the highest value reaches into the upper third");
            picture.Words.ShouldNotContain("6/26 ,");
            picture.Words.ShouldContain("1/26 ");
        }
    }
}
