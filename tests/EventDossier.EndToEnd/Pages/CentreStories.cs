using EventDossier.Dossiers;
using EventDossier.EndToEnd.Web;
using EventDossier.StoreTests;
using Microsoft.Playwright;

namespace EventDossier.EndToEnd.Pages;

/// <summary>What a centre's days bring besides dossiers: a place that is cut off, a court that asks, a portal.</summary>
[Collection(OneBrowser.Name)]
public sealed class CentreStories(Browser browser)
{
    private static string Form(string act) => $"form[action='{act}']";

    [Fact]
    public async Task A_supervisor_sets_numbers_aside_and_declares_an_outage_and_a_clerk_types_its_paper_in()
    {
        var page = await browser.SignInAsync(Role.Supervisor, "xd-thutruong-1");
        await page.GotoAsync("/outages");
        var reserve = page.Locator(Form("/outages/reserve"));
        await reserve.Locator("[name=name]").FillAsync("Ba Chẽ 9");
        await reserve.Locator("[name=agency]").FillAsync("H49.12");
        await reserve.Locator("[name=unit]").FillAsync("H49.77");
        await reserve.Locator("[name=day]").FillAsync(TestDatabase.Time.GetUtcNow().ToOffset(TimeSpan.FromHours(7)).ToString("yyyy-MM-dd"));
        await reserve.Locator("[name=count]").FillAsync("3");
        await reserve.Locator("button").ClickAsync();
        (await page.TextContentAsync(".field.wrong"))!.ShouldContain("Không có đơn vị này");
        (await reserve.Locator("[name=name]").InputValueAsync()).ShouldBe("Ba Chẽ 9", "what was entered is kept");
        await reserve.Locator("[name=unit]").FillAsync("H49.12-01");
        await reserve.Locator("button").ClickAsync();
        await Assertions.Expect(page.Locator("section[aria-labelledby=shown]")).ToContainTextAsync("3 còn lại");
        await Browser.LookAsync(page, "outages-vi");
        var codes = (await page.Locator("section[aria-labelledby=shown] li").AllTextContentsAsync()).Select(t => t.Trim().Split(' ')[0]).ToList();
        await page.ClickAsync("text=In phiếu");
        (await page.ContentAsync()).ShouldContain($"{codes[0]}/01-1");

        await page.GotoAsync("/outages");
        var declare = page.Locator(Form("/outages/declare"));
        await declare.Locator("[name=number]").FillAsync("SC-2026-09");
        await declare.Locator("[name=unit]").FillAsync("H49.12-01");
        await declare.Locator("[name=reason]").FillAsync("đứt cáp quang");
        await declare.Locator("[name=from]").FillAsync(Local(-5));
        await declare.Locator("button").ClickAsync();
        await page.SelectOptionAsync($"{Form("/outages/end")} [name=number]", "SC-2026-09");
        await page.Locator($"{Form("/outages/end")} button").ClickAsync();
        (await page.TextContentAsync("section[aria-labelledby=outages]"))!.ShouldNotContain("chưa hết");

        var clerk = await browser.SignInAsync(Role.Clerk, "xd-quay-1", "en");
        await clerk.GotoAsync("/outages");
        (await clerk.Locator(Form("/outages/declare")).CountAsync()).ShouldBe(0);
        await clerk.SelectOptionAsync("#entries-number", "SC-2026-09");
        await clerk.FillAsync("#entries-approvedBy", "xd-thutruong-1");
        await clerk.FillAsync("#entries-rows", $"code,procedure,receivedAt,name\n{codes[0]},{Browser.Procedure},yesterday,Đặng Thị Mùi");
        await clerk.ClickAsync($"{Form("/outages/entries")} button");
        (await clerk.TextContentAsync("#entries-rows-fault"))!.ShouldContain("line 2");
        await Browser.LookAsync(clerk, "outage-entries-en");
        await clerk.FillAsync("#entries-rows", $"code,procedure,receivedAt,name\n{codes[0]},{Browser.Procedure},{Local(-3)},Đặng Thị Mùi\n{codes[1]},{Browser.Procedure},{Local(-30)},Đặng Văn Tý");
        await clerk.ClickAsync($"{Form("/outages/entries")} button");
        var told = await clerk.Locator("ul.notice li").AllTextContentsAsync();
        (told[0], told[1].Contains("entered", StringComparison.Ordinal)).ShouldBe(($"{codes[0]}: entered", false), "one is refused, and the other stays entered");
        (await browser.Server.GetAsync(WebServer.Director, $"/api/dossiers/{codes[0]}"))["stage"]!.ToString().ShouldBe("received");

        await page.GotoAsync("/outages");
        await page.SelectOptionAsync($"{Form("/outages/void")} [name=name]", "Ba Chẽ 9");
        await page.FillAsync($"{Form("/outages/void")} [name=reason]", "hết sự cố");
        await page.Locator($"{Form("/outages/void")} button").ClickAsync();
        (await page.TextContentAsync("section[aria-labelledby=shown]"))!.ShouldContain("1 đã dùng, 0 còn lại, 2 đã hủy");
        browser.Complaints.ShouldBeNone();

        static string Local(int hours) => TestDatabase.Time.GetUtcNow().AddHours(hours).ToOffset(TimeSpan.FromHours(7)).ToString("yyyy-MM-ddTHH:mm");
    }

    [Fact]
    public async Task What_a_court_asks_for_is_entered_approved_by_another_handed_over_and_closed()
    {
        var code = await browser.Server.ReceiveAsync(Browser.Procedure, "H49.12-01", applicant: new { name = "Nông Thị Vân" });
        var registrar = await browser.SignInAsync(Role.Administrator, "tt-quantri-1");
        await registrar.GotoAsync("/authority-requests");
        var enter = registrar.Locator(Form("/authority-requests/enter"));
        await enter.Locator("button").ClickAsync();
        (await registrar.TextContentAsync(".field.wrong"))!.ShouldContain("Cần điền mục này");
        foreach (var (name, value) in ((string, string)[])[("number", "91/2026"), ("from", "Tòa án nhân dân khu vực 1"), ("letter", "91/CV-TA"), ("dossiers", code), ("basis", "Bộ luật Tố tụng dân sự, điều 106")])
            await enter.Locator($"[name={name}]").FillAsync(value);
        await enter.Locator("[name=body]").SelectOptionAsync("Court");
        await enter.Locator("[name=names]").SelectOptionAsync("yes");
        await enter.Locator("button").ClickAsync();
        (await registrar.TextContentAsync("table"))!.ShouldContain("91/CV-TA");
        await Browser.LookAsync(registrar, "authority-requests-vi");
        await registrar.SelectOptionAsync($"{Form("/authority-requests/approve")} [name=number]", "91/2026");
        await registrar.Locator($"{Form("/authority-requests/approve")} button").ClickAsync();
        (await registrar.TextContentAsync(".field.wrong"))!.ShouldContain("cần người thứ hai");

        var director = await browser.SignInAsync("director", "tt-giamdoc-1", "en");
        await director.GotoAsync("/authority-requests");
        await director.SelectOptionAsync($"{Form("/authority-requests/approve")} [name=number]", "91/2026");
        await director.Locator($"{Form("/authority-requests/approve")} button").ClickAsync();
        (await director.TextContentAsync("table"))!.ShouldContain("approved");
        var over = director.Locator(Form("/authority-requests/hand-over"));
        await over.Locator("[name=number]").SelectOptionAsync("91/2026");
        await over.Locator("[name=to]").FillAsync("Ông Trần Văn Nam, thư ký tòa");
        await over.Locator("[name=minutes]").FillAsync("91/BB");
        var zip = await director.RunAndWaitForDownloadAsync(() => over.Locator("button").ClickAsync());
        zip.SuggestedFilename.ShouldBe("91-2026.zip");
        await director.GotoAsync("/authority-requests");
        (await director.TextContentAsync("table"))!.ShouldContain("91/BB, Ông Trần Văn Nam");
        await director.SelectOptionAsync($"{Form("/authority-requests/close")} [name=number]", "91/2026");
        await director.FillAsync($"{Form("/authority-requests/close")} [name=reason]", "đã xét xử");
        await director.Locator($"{Form("/authority-requests/close")} button").ClickAsync();
        (await director.TextContentAsync("table"))!.ShouldContain("closed");
        await Browser.LookAsync(director, "authority-requests-en");
        (await browser.Server.GetAsync(WebServer.Director, $"/api/dossiers/{code}"))["holds"]!.AsArray().ShouldBeEmpty();

        await director.GotoAsync("/portal");
        (await director.TextContentAsync("main"))!.ShouldContain("What the two disagree on");
        await Browser.LookAsync(director, "portal-en");
        browser.Complaints.ShouldBeNone();
    }
}
