using EventDossier.Dossiers;
using EventDossier.EndToEnd.Web;

namespace EventDossier.EndToEnd.Pages;

/// <summary>The pages for peaks, without scripts.</summary>
[Collection(OneBrowser.Name)]
public sealed class PeakPageTests(Browser browser)
{
    [Fact]
    public async Task A_clerk_draws_calls_and_serves_a_number_and_is_told_when_nobody_waits()
    {
        using var clerk = await Visitor.OfAsync(browser.Server, Role.Clerk, "quay-04", "vi");
        var page = await clerk.GetAsync("/queue?unit=H49.12");
        var drawn = await clerk.PostAsync("/queue/tickets", page, ("place", "H49.12"), ("service", "cấp phép"));
        (drawn.Status, drawn.Html.Contains("cấp phép", StringComparison.Ordinal)).ShouldBe((200, true), drawn.Html);
        var called = await clerk.PostAsync("/queue/calls", drawn, ("place", "H49.12"), ("counter", "4"));
        called.Html.ShouldContain("đã gọi 4");
        var again = await clerk.PostAsync("/queue/calls", await clerk.GetAsync("/queue?unit=H49.12"), ("place", "H49.12"), ("counter", "quầy 9"));
        (again.Status, again.Html.Contains("Không còn ai chờ", StringComparison.Ordinal), again.Html.Contains("quầy 9", StringComparison.Ordinal)).ShouldBe((422, true, true));
        var id = called.Html.Split("role=\"status\">")[1].Split(':')[0];
        (await clerk.PostAsync("/queue/ends", called, ("place", "H49.12"), ("ticket", id), ("how", "served"))).Html.ShouldContain("đã phục vụ");
    }

    [Fact]
    public async Task A_batch_keeps_what_could_not_be_done_and_says_why_and_prints_the_slips_of_many()
    {
        var code = await browser.Server.ReceiveAsync(Browser.Procedure, "H49.12-01", "xd-thamdinh-1");
        using var director = await Visitor.OfAsync(browser.Server, Role.Officer, "xd-thamdinh-1", "vi");
        var page = await director.GetAsync("/batch");
        var done = await director.PostAsync("/batch", page, ("codes", $"{code}\nkhong-co"), ("do", "assign"), ("to", "xd-thamdinh-2"));
        (done.Status, done.Html.Contains("Đã xong 1/2", StringComparison.Ordinal), done.Html.Contains("khong-co</a>: Không có hồ sơ này", StringComparison.Ordinal)).ShouldBe((422, true, true), done.Html);
        (await director.PostAsync("/batch", page, ("codes", ""), ("do", "assign"))).Status.ShouldBe(422);
        (await director.PostAsync("/batch/slips", page, ("codes", code))).Html.ShouldContain($"{code}/01-1");
        (await director.GetAsync("/uncollected")).Html.ShouldContain("ngày làm việc");
    }
}
