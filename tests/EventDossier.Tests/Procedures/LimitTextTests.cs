using EventDossier.Procedures;

namespace EventDossier.Tests.Procedures;

public sealed class LimitTextTests
{
    [Theory]
    [InlineData("30 Ngày làm việc", "30 days")]
    [InlineData("05 ngày", "5 calendar days")]
    [InlineData("1 Tháng", "1 month")]
    [InlineData("02 Giờ", "2 hours")]
    [InlineData("16 giờ làm việc", "16 hours")]
    [InlineData("Trong ngày", "same day")]
    [InlineData("Ngay trong ngày làm việc", "same day")]
    [InlineData("Không quá 15 ngày", "15 calendar days")]
    [InlineData("30 ngày làm việc kể từ ngày nhận đủ hồ sơ hợp lệ", "30 days")]
    [InlineData("Tối đa 6 ngày làm việc kể từ ngày cơ quan BHXH nhận đủ hồ sơ theo quy định.", "6 days")]
    [InlineData("Trong thời hạn 10 ngày làm việc, kể từ ngày nhận được hồ sơ hợp lệ", "10 days")]
    [InlineData("Ngay trong ngày tiếp nhận yêu cầu, trường hợp nhận hồ sơ sau 15 giờ mà không giải quyết được ngay thì trả kết quả trong ngày làm việc tiếp theo.", "same day")]
    public void A_text_that_means_one_thing_is_read(string text, string limit)
    {
        LimitText.TryRead(text, "", "", out var read, out var why).ShouldBeTrue(why);
        read!.ToString().ShouldBe(limit);
        LimitText.TryRead(text.Normalize(System.Text.NormalizationForm.FormD), "", "", out read, out _).ShouldBeTrue("decomposed");
        read!.ToString().ShouldBe(limit);
    }

    [Theory]
    [InlineData("", "no limit is told")]
    [InlineData("30", "a figure without a unit")]
    [InlineData("0 Giờ", "an amount that is no limit")]
    [InlineData("0.5 Giờ", "not a limit that starts with the receipt")]
    [InlineData("10-25", "not a limit that starts with the receipt")]
    [InlineData("10-15 ngày", "not a limit that starts with the receipt")]
    [InlineData("Không quy định", "not a limit that starts with the receipt")]
    [InlineData("14 Giờ", "more than eight hours: whether by the clock or of working time is not told")]
    [InlineData("30 ngày kể từ ngày hết hạn nhận hồ sơ", "not a limit that starts with the receipt")]
    [InlineData("20 ngày kể từ ngày người có công từ trần", "not a limit that starts with the receipt")]
    [InlineData("Ngay trong ngày; trường hợp phức tạp thì ngày làm việc tiếp theo", "not a limit that starts with the receipt")]
    [InlineData("Ngay trong ngày tiếp nhận hồ sơ, trường hợp nhận hồ sơ sau 16 giờ mà không giải quyết được ngay thì trả kết quả trong ngày làm việc tiếp theo.", "not a limit that starts with the receipt")]
    [InlineData("03 ngày làm việc, trường hợp phải xác minh thì không quá 08 ngày làm việc.", "several limits in one text")]
    [InlineData("15 ngày làm việc kể từ ngày nhận đủ hồ sơ; nơi xa là 20 ngày làm việc", "several limits in one text")]
    public void A_text_that_could_mean_two_things_is_given_back(string text, string why)
    {
        LimitText.TryRead(text, "", "", out _, out var told).ShouldBeFalse();
        told.ShouldBe(why);
    }

    [Theory]
    [InlineData("Không quá 05 ngày làm việc (kể từ khi nhận được hồ sơ đầy đủ)", "its description counts the same number in other days")]
    [InlineData("05 ngày, kể từ ngày phát hiện có dấu hiệu khai man", "its description counts from something else than the receipt")]
    [InlineData("05 ngày; phức tạp thì 14 ngày", "its description tells a longer limit too")]
    [InlineData("Trong 3 ngày", "its description tells other limits")]
    [InlineData("2 ngày, hoặc 3 ngày nếu cần kiểm tra thực tế", "its description tells other limits")]
    [InlineData("05 ngày (thuộc trách nhiệm của Bộ), kể từ ngày nhận được hồ sơ do Ủy ban nhân dân chuyển đến", "its description counts from something else than the receipt")]
    [InlineData("05 ngày kể từ khi nhận được yêu cầu sửa đổi, bổ sung", "its description counts from something else than the receipt")]
    [InlineData("Tổng thời gian không quá 4 ngày; từ nước ngoài 5 ngày", "its description tells another limit of the whole")]
    [InlineData("Báo trước ngày thi ít nhất 5 ngày", "its description means a notice ahead of something")]
    [InlineData("05 ngày; phức tạp thì 1 tháng", "its description tells a longer limit too")]
    [InlineData("05 ngày (không tính thời gian ở cấp xã)", "its description leaves some time out of the limit")]
    [InlineData("05 ngày, kể từ ngày nhận đủ hồ sơ hợp lệ", null)]
    [InlineData("Nộp trước ngày 25 tháng 4 hằng năm", null)]
    public void A_description_may_not_contradict_the_figure(string description, string? why)
    {
        LimitText.TryRead("5 Ngày", description, "", out _, out var told).ShouldBe(why is null);
        told.ShouldBe(why);
    }

    [Fact]
    public void Steps_may_not_count_the_same_number_in_other_days()
    {
        LimitText.TryRead("5 Ngày", "", "Bước 2: trong 05 ngày làm việc, Sở trả lời", out _, out var why).ShouldBeFalse();
        why.ShouldBe("its course counts the same number in other days");
        LimitText.TryRead("5 Ngày", "", "Bước 1: 05 ngày làm việc. Cả thảy 05 ngày", out _, out _).ShouldBeTrue();
    }
}
