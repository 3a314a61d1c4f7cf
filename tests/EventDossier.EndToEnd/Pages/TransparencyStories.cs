using EventDossier.Dossiers;
using EventDossier.EndToEnd.Web;
using Microsoft.Playwright;

namespace EventDossier.EndToEnd.Pages;

/// <summary>Those who tell the public: from the draft to the files, by two persons, over a published log of 1,434 applications.</summary>
public sealed class TransparencyStories(Browser browser) : IClassFixture<Browser>
{
    private const string Drafter = "tt-congkhai-1";

    private WebServer Server => browser.Server;

    /// <summary>Once.</summary>
    private async Task ImportAsync()
    {
        var run = await Dossier.RunAsync(Server.Database, "import", Path.Combine(StoreTests.TestDatabase.RepositoryRoot, "..", "shared", "data", "receipt.xes"));
        run.Exit.ShouldBe(0, run.Error);
    }

    private static async Task DraftAsync(IPage page, string from, string to)
    {
        await page.FillAsync("#release-from", from);
        await page.FillAsync("#release-to", to);
        await page.ClickAsync("section[aria-labelledby=new] button");
    }

    [Fact]
    public async Task A_transparency_officer_drafts_and_publishes_what_a_second_person_read_and_approved()
    {
        await ImportAsync();
        var page = await browser.SignInAsync(Role.TransparencyOfficer, Drafter);
        await page.ClickAsync("nav.menu a[href='/releases']");
        await Browser.LookAsync(page, "releases-vi");
        await page.FillAsync("#release-period", "năm ngoái");
        await page.FillAsync("#release-approver", "tt-giamdoc-1");
        await page.ClickAsync("section[aria-labelledby=new] button");
        (await page.TextContentAsync("#release-period-fault"))!.ShouldContain("2026-Q1");
        (await page.InputValueAsync("#release-period"), await page.InputValueAsync("#release-approver")).ShouldBe(("năm ngoái", "tt-giamdoc-1"), "nothing that was entered is lost");
        await Browser.LookAsync(page, "releases-wrong-vi");
        await page.FillAsync("#release-period", "");
        await DraftAsync(page, "2010-10-01", "2012-04-01");
        await Assertions.Expect(page.Locator(".badge")).ToHaveTextAsync("đã soạn");
        var path = new Uri(page.Url).AbsolutePath;

        await page.ClickAsync($"form[action='{path}/check'] button");
        await Assertions.Expect(page.Locator(".badge")).ToHaveTextAsync("đã kiểm tra, chờ phê duyệt", new() { Timeout = 60_000 });
        (await page.TextContentAsync("section[aria-labelledby=disclosure]"))!.ShouldContain("/1,434 hồ sơ");
        (await page.TextContentAsync("section[aria-labelledby=next]"))!.ShouldContain("tt-giamdoc-1");
        (await page.Locator($"form[action='{path}/approve']").CountAsync()).ShouldBe(0, "nobody approves their own");
        await Browser.LookAsync(page, "release-checked-vi");
        using (var drafter = await Visitor.OfAsync(Server, Role.TransparencyOfficer, Drafter))
        {
            var forced = await drafter.PostBareAsync($"{path}/approve", [.. (await drafter.GetAsync(path)).Hidden($"{path}/withdraw").Select(h => (h.Key, h.Value))]);
            (forced.Status, forced.Html.Contains("A release takes a second person", StringComparison.Ordinal)).ShouldBe((422, true), forced.Html);
        }

        var second = await browser.SignInAsync("director", "tt-giamdoc-1", "en");
        await second.GotoAsync(path);
        (await second.TextContentAsync("section[aria-labelledby=disclosure]"))!.ShouldContain("The gate lets it through.");
        await Browser.LookAsync(second, "release-to-approve-en");
        await second.ClickAsync($"form[action='{path}/approve'] button");
        (await second.TextContentAsync("section[aria-labelledby=settled]"))!.ShouldContain("tt-giamdoc-1");

        await page.ReloadAsync();
        await page.ClickAsync($"form[action='{path}/publish'] button");
        await Assertions.Expect(page.Locator(".badge")).ToHaveTextAsync("đã công bố", new() { Timeout = 60_000 });
        await page.ClickAsync("a[href$='verify=yes']");
        (await page.TextContentAsync(".notice.good"))!.ShouldContain("còn nguyên");
        await Browser.LookAsync(page, "release-published-vi");
        (await Server.SendAsync(null, new(HttpMethod.Get, $"/open-data{path}/dossiers.csv"))).Status.ShouldBe(200, "anybody fetches the files");

        await page.GotoAsync("/releases/requests");
        await page.FillAsync("#request-number", "12/YCTT");
        await page.SelectOptionAsync("#request-requester", "Journalist");
        await page.FillAsync("#request-scope", "Thời gian cấp phép");
        await page.ClickAsync("section[aria-labelledby=enter] button");
        (await page.TextContentAsync("#request-basis-fault"))!.ShouldContain("căn cứ");
        (await page.InputValueAsync("#request-scope")).ShouldBe("Thời gian cấp phép");
        await page.FillAsync("#request-basis", "Luật Tiếp cận thông tin");
        await page.ClickAsync("section[aria-labelledby=enter] button");
        await page.SelectOptionAsync("#answer-request-number", "12/YCTT");
        await page.ClickAsync("section[aria-labelledby=answer] button");
        (await page.TextContentAsync(".fault"))!.ShouldContain("lý do");
        await page.SelectOptionAsync("#answer-request-number", "12/YCTT");
        await page.SelectOptionAsync("#answer-request-release", path[10..]);
        await page.ClickAsync("section[aria-labelledby=answer] button");
        (await page.TextContentAsync("tbody tr"))!.ShouldContain(path[10..]);
        await Browser.LookAsync(page, "requests-vi");

        await page.GotoAsync($"/releases?supersedes={path[10..]}");
        await DraftAsync(page, "2010-10-01", "2012-04-01");
        (await page.TextContentAsync("#release-reason-fault"))!.ShouldContain("lý do");
        (await page.InputValueAsync("#release-from")).ShouldBe("2010-10-01");
        await page.FillAsync("#release-reason", "thiếu một tháng");
        await page.ClickAsync("section[aria-labelledby=new] button");
        await Assertions.Expect(page.Locator(".badge")).ToHaveTextAsync("đã soạn");
        await page.ClickAsync("details summary");
        await page.ClickAsync("details button");
        (await page.TextContentAsync("#withdraw-release-reason-fault"))!.ShouldContain("lý do");
        await page.FillAsync("#withdraw-release-reason", "soạn nhầm");
        await page.ClickAsync("details button");
        await Assertions.Expect(page.Locator(".badge")).ToHaveTextAsync("đã thu hồi");

        await page.GotoAsync("/releases");
        await page.ClickAsync("section[aria-labelledby=timetable] summary");
        await page.FillAsync("#plan-period", "2025");
        await page.ClickAsync("section[aria-labelledby=timetable] button");
        (await page.InputValueAsync("#plan-period")).ShouldBe("2025");
        await page.FillAsync("#plan-dueAt", "2026-02-01");
        await page.ClickAsync("section[aria-labelledby=timetable] button");
        (await page.TextContentAsync("section[aria-labelledby=timetable]"))!.ShouldContain("quá hạn");
        await page.ClickAsync("a.language");
        foreach (var (address, name) in ((string, string)[])[("/releases", "releases-en"), ("/releases/requests", "requests-en"), (path, "release-published-en")])
        {
            await page.GotoAsync(address);
            await Browser.LookAsync(page, name);
        }
        using var auditor = await Visitor.OfAsync(Server, Role.Auditor, "kiem-toan-1");
        foreach (var address in (string[])["/releases", path, "/releases/requests"])
            (await auditor.GetAsync(address)).Html.Contains("action=\"/releases", StringComparison.Ordinal).ShouldBeFalse($"an auditor looks: {address}");
        browser.Complaints.ShouldBeNone();
    }

    [Fact]
    public async Task Figures_lead_down_from_a_month_to_the_dossiers_that_one_is_made_of_as_far_as_the_visitor_reaches()
    {
        var (own, other) = (await Server.ReceiveAsync(WebServer.Building), await Server.ReceiveAsync(WebServer.Land));
        var page = await browser.SignInAsync(Role.TransparencyOfficer, Drafter);
        await page.ClickAsync("nav.menu a[href='/figures']");
        await Assertions.Expect(page.Locator("section[aria-labelledby=form06]")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await page.ClickAsync("tbody a[href*='agency=H49.12']:not([href*=bucket])");
        await Assertions.Expect(page.Locator("section[aria-labelledby=index]")).ToContainTextAsync("chưa đo", new() { Timeout = 60_000 });
        await page.ClickAsync("a[href*='agency=H49.12'][href*='bucket=PendingInTime']");
        await Assertions.Expect(page.Locator("section[aria-labelledby=parts]")).ToContainTextAsync(WebServer.Building, new() { Timeout = 60_000 });
        (await page.ContentAsync()).ShouldNotContain(own, customMessage: "whose role reaches no dossiers is told numbers alone");
        await Browser.LookAsync(page, "figures-vi");
        await page.ClickAsync("a.language");
        await Browser.LookAsync(page, "figures-en");

        using var supervisor = await Visitor.OfAsync(Server, Role.Supervisor, "xd-thutruong-1");
        Visitor.Seen seen = null!;
        await StoreTests.Centre.UntilAsync(async () => (seen = await supervisor.GetAsync("/figures?agency=H49.12&bucket=PendingInTime")).Html.Contains(own, StringComparison.Ordinal), "the figures are counted");
        seen.Html.ShouldNotContain(other);
        (await supervisor.GetAsync("/figures?agency=H49.08&bucket=PendingInTime")).Status.ShouldBe(403);
        (await supervisor.GetAsync("/figures?period=soon")).Status.ShouldBe(400);
        var task = $"/api/tasks/figures/{StoreTests.TestDatabase.Time.GetUtcNow().ToOffset(TimeSpan.FromHours(7)):yyyy-MM}/H49.12/PendingInTime";
        foreach (var role in (string[])[Role.Supervisor, Role.Administrator, Role.Auditor])
            (await Server.GetAsync(WebServer.Token("x", [role], ["H49.08"]), task)).Status.ShouldBeOneOf(403, 404);
        browser.Complaints.ShouldBeNone();
    }
}
