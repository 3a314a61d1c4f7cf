namespace EventDossier.EndToEnd.Pages;

/// <summary>The page after a cut-over, for who sees the whole centre and for who sees a part.</summary>
[Collection(OneBrowser.Name)]
public sealed class CutOverPageTests(Browser browser)
{
    [Fact]
    public async Task The_page_compares_what_is_pasted_and_keeps_it_where_a_line_is_wrong()
    {
        using var director = await Visitor.OfAsync(browser.Server, "director", "tt-giamdoc-1", "vi");
        var page = await director.GetAsync("/cut-over");
        page.Html.ShouldContain("Đối chiếu hạn trả");
        var wrong = await director.PostAsync("/cut-over", page, ("dates", "A-1, 2026-04-24\nB-1 hôm qua"));
        (wrong.Status, wrong.Html.Contains("line 2", StringComparison.Ordinal), wrong.Html.Contains("B-1 hôm qua", StringComparison.Ordinal)).ShouldBe((422, true, true));
        (await director.PostAsync("/cut-over", page, ("dates", "khong-co, 2026-04-24"))).Html.ShouldContain("không có hồ sơ này");
        using var officer = await Visitor.OfAsync(browser.Server, "officer", "xd-thamdinh-1", "vi");
        (await officer.GetAsync("/cut-over")).Html.ShouldNotContain("Đối chiếu hạn trả");
    }
}
