using System.Text.Json;
using EventDossier.Deadlines;

namespace EventDossier.Tests.Deadlines;

public sealed class LimitTests
{
    [Theory]
    [InlineData("5 days", 5, CountingRule.Days)]
    [InlineData("5 working days", 5, CountingRule.Days)]
    [InlineData("1 day", 1, CountingRule.Days)]
    [InlineData(" 05  Working   Days ", 5, CountingRule.Days)]
    [InlineData("16 hours", 16, CountingRule.Hours)]
    [InlineData("same day", 1, CountingRule.SameDay)]
    [InlineData("Same Day", 1, CountingRule.SameDay)]
    [InlineData("30 calendar days", 30, CountingRule.CalendarDays)]
    [InlineData("2 months", 2, CountingRule.Months)]
    [InlineData("5 ngày làm việc", 5, CountingRule.Days)]
    [InlineData("07 Ngày làm việc", 7, CountingRule.Days)]
    [InlineData("30 ngày", 30, CountingRule.CalendarDays)]
    [InlineData("30 NGÀY", 30, CountingRule.CalendarDays)]
    [InlineData("8 giờ làm việc", 8, CountingRule.Hours)]
    [InlineData("01 Giờ", 1, CountingRule.Hours)]
    [InlineData("2 tháng", 2, CountingRule.Months)]
    [InlineData("trong ngày", 1, CountingRule.SameDay)]
    [InlineData("30 nga\u0300y", 30, CountingRule.CalendarDays)]
    [InlineData("8 gio\u031B\u0300 la\u0300m vie\u0323\u0302c", 8, CountingRule.Hours)]
    [InlineData("5\u00A0ngày làm vi\u1EC7c", 5, CountingRule.Days)]
    public void A_limit_is_read_as_sheets_write_it(string text, int amount, CountingRule rule) =>
        Limit.Parse(text).ShouldBe(new Limit(amount, rule));

    [Theory]
    [InlineData("")]
    [InlineData("days")]
    [InlineData("five days")]
    [InlineData("0 days")]
    [InlineData("0 Giờ")]
    [InlineData("-1 days")]
    [InlineData("1.5 days")]
    [InlineData("5days")]
    [InlineData("5 weeks")]
    [InlineData("5 days 3 hours")]
    [InlineData("3661 days")]
    [InlineData("121 months")]
    [InlineData("99999999999999999999 days")]
    [InlineData("٥ days")]
    [InlineData("15 ngày, kể từ ngày nhận được hồ sơ hợp lệ; trường hợp phức tạp thì 30 ngày")]
    public void What_is_no_limit_is_refused_with_a_sentence(string text)
    {
        Limit.TryParse(text, out var limit, out var why).ShouldBeFalse();
        limit.ShouldBeNull();
        why.ShouldContain("is no time limit");
        why.Length.ShouldBeLessThan(300);
        Should.Throw<FormatException>(() => Limit.Parse(text));
    }

    [Theory]
    [InlineData(5, CountingRule.Days, "5 days")]
    [InlineData(1, CountingRule.Days, "1 day")]
    [InlineData(16, CountingRule.Hours, "16 hours")]
    [InlineData(1, CountingRule.SameDay, "same day")]
    [InlineData(30, CountingRule.CalendarDays, "30 calendar days")]
    [InlineData(1, CountingRule.Months, "1 month")]
    public void In_JSON_a_limit_is_its_spelling(int amount, CountingRule rule, string spelling)
    {
        var limit = new Limit(amount, rule);
        JsonSerializer.Serialize(limit).ShouldBe($"\"{spelling}\"");
        JsonSerializer.Deserialize<Limit>($"\"{spelling}\"").ShouldBe(limit);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("\"5\"")]
    [InlineData("{}")]
    public void JSON_that_is_no_limit_is_refused(string json) => Should.Throw<JsonException>(() => JsonSerializer.Deserialize<Limit>(json));

    [Fact]
    public void A_limit_of_nothing_cannot_be_made() => Should.Throw<ArgumentOutOfRangeException>(() => new Limit(0, CountingRule.Days));
}
