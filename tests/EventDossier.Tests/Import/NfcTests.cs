using EventDossier.Import;

namespace EventDossier.Tests.Import;

public sealed class NfcTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("e\u0301", "\u00E9")]
    [InlineData("Tie\u0302\u0301p", "Ti\u1EBFp")]
    [InlineData("nha\u0323\u0302n", "nh\u1EADn")]
    [InlineData("nha\u0302\u0323n", "nh\u1EADn")]
    [InlineData("\u00E2\u0323", "\u1EAD")]
    [InlineData("o\u031B\u0300", "\u1EDD")]
    [InlineData("\u212B", "\u00C5")]
    [InlineData("\u1100\u1161\u11A8", "\uAC01")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("\u0344", "\u0308\u0301")]
    [InlineData("a\u0315\u0300\u05AE\u0062", "\u00E0\u05AE\u0315\u0062")]
    [InlineData("\U0001D15E", "\U0001D157\U0001D165")]
    [InlineData("\u0301e", "\u0301e")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("a\u0305\u0301", "a\u0305\u0301")]
    [InlineData("\u1100\u0300\u1161", "\u1100\u0300\u1161")]
    public void Text_is_composed_as_Unicode_says(string written, string composed)
    {
        SourceText.Nfc(written).ShouldBe(composed);
        SourceText.Nfc(composed).ShouldBe(composed);
    }

    [Fact]
    public void Composed_text_comes_back_as_it_is()
    {
        const string text = "Trung tâm Phục vụ hành chính công tỉnh Quảng Ninh";
        SourceText.Nfc(text).ShouldBeSameAs(text);
    }

    [Fact]
    public void A_long_run_of_marks_is_refused_before_anything_sorts_it()
    {
        var marks = "a" + string.Concat(Enumerable.Repeat("\u0301\u0323", 100_000));

        SourceText.Fault(marks).ShouldBe("has more than a hundred combining marks in a row");
        SourceText.Nfc(marks).ShouldBeSameAs(marks);
        SourceText.Fault(marks[..101]).ShouldBeNull();
    }
}
