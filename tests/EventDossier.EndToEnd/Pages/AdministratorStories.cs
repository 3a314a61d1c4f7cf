using EventDossier.Dossiers;
using EventDossier.EndToEnd.Web;
using Microsoft.Playwright;

namespace EventDossier.EndToEnd.Pages;

/// <summary>Those who keep people, units, procedures and ladders: every fact is entered in a field, and what it would move is seen before.</summary>
public sealed class AdministratorStories(Browser browser) : IClassFixture<Browser>
{
    private WebServer Server => browser.Server;

    private static async Task SendAsync(IPage page, params (string Field, string Value)[] filled)
    {
        foreach (var (field, value) in filled)
        {
            if (await page.EvaluateAsync<bool>("id => document.getElementById(id).tagName === 'SELECT'", field))
                await page.SelectOptionAsync($"#{field}", value);
            else
                await page.FillAsync($"#{field}", value);
        }
        await page.ClickAsync("main form button:not([name])");
    }

    [Fact]
    public async Task What_goes_through_every_dossier_is_asked_for_and_shown_when_it_is_there()
    {
        await Server.ReceiveAsync(WebServer.Building, "H49.12-01", "xd-thamdinh-1");
        var page = await browser.SignInAsync(Role.Administrator, "quan-tri-1", width: 320);
        await page.GotoAsync("/archives");
        (await page.TextContentAsync("main"))!.ShouldNotContain("Năm tiếp nhận");
        await page.ClickAsync("main form button");
        await Assertions.Expect(page.GetByText("Năm tiếp nhận")).ToBeVisibleAsync();
        await Browser.LookAsync(page, "archives-counted-vi");

        await page.GotoAsync("/retention");
        (await page.Locator("#due").CountAsync()).ShouldBe(0);
        await page.FillAsync("#asOf", "2031-06-01");
        await page.ClickAsync("main form.filter button");
        await Assertions.Expect(page.Locator("#due")).ToBeVisibleAsync();
        (await page.InputValueAsync("#asOf")).ShouldBe("2031-06-01");
        await Browser.LookAsync(page, "retention-due-vi");

        await page.GotoAsync("/retention?asOf=yesterday");
        (await page.TextContentAsync("main"))!.ShouldContain("asOf");
    }

    [Fact]
    public async Task People_and_units_change_on_pages_and_what_is_refused_is_told_at_its_field_with_all_that_was_entered()
    {
        var code = await Server.ReceiveAsync(WebServer.Building, "H49.12-01", "xd-thamdinh-1");
        var page = await browser.SignInAsync(Role.Administrator, "quan-tri-1");
        await page.GotoAsync("/organisation/open-unit");
        await Browser.LookAsync(page, "organisation-open-unit-vi");
        await SendAsync(page, ("open-unit-unit", "H49.12-09"), ("open-unit-nameVi", "Phòng Thử nghiệm"));
        (await page.TextContentAsync("#open-unit-nameEn-fault"))!.ShouldContain("Cần điền");
        (await page.InputValueAsync("#open-unit-nameVi")).ShouldBe("Phòng Thử nghiệm", "nothing that was entered is lost");
        await SendAsync(page, ("open-unit-nameEn", "Trials"), ("open-unit-kind", "division"), ("open-unit-numbering", "qcvn102"), ("open-unit-inForm06", "true"), ("open-unit-parent", "H49.99"));
        (await page.TextContentAsync(".fault"))!.ShouldContain("Không có đơn vị này");
        (await page.InputValueAsync("#open-unit-kind")).ShouldBe("division");
        await SendAsync(page, ("open-unit-parent", "H49.12"));
        (await page.TextContentAsync(".notice.good"))!.ShouldContain("Thành lập đơn vị");
        (await page.TextContentAsync("main"))!.ShouldContain("Phòng Thử nghiệm");

        await page.ClickAsync("a[href='/organisation/create-post?unit=H49.12-09']");
        (await page.InputValueAsync("#create-post-unit")).ShouldBe("H49.12-09");
        await SendAsync(page, ("create-post-post", "xd-thu-1"), ("create-post-titleVi", "Chuyên viên"), ("create-post-titleEn", "Officer"), ("create-post-role", "officer"));
        await page.ClickAsync("a[href='/organisation/appoint?post=xd-thu-1']");
        await SendAsync(page, ("appoint-person", "Nguyễn Văn A"));
        (await page.TextContentAsync("#appoint-person-fault"))!.ShouldContain("chữ thường");
        (await page.InputValueAsync("#appoint-person")).ShouldBe("Nguyễn Văn A");
        await Browser.LookAsync(page, "organisation-wrong-vi");
        await SendAsync(page, ("appoint-person", "xd-thu-1"));
        (await page.TextContentAsync("tbody"))!.ShouldContain("xd-thu-1");
        await Browser.LookAsync(page, "organisation-unit-vi");

        await page.ClickAsync("a[href='/organisation/name-deputy?post=xd-thu-1']");
        await SendAsync(page, ("name-deputy-person", "xd-thamdinh-2"));
        (await page.TextContentAsync("tbody"))!.ShouldContain("xd-thamdinh-2");
        await page.ClickAsync("a[href='/organisation/absent?person=xd-thu-1']");
        await SendAsync(page, ("absent-from", "2026-01-05T08:00"), ("absent-to", "2026-01-04T08:00"));
        (await page.TextContentAsync("#absent-to-fault"))!.ShouldContain("sau bắt đầu");
        await page.GotoAsync("/organisation/delegate");
        await SendAsync(page, ("delegate-number", "UQ/01"), ("delegate-post", "xd-thutruong"), ("delegate-person", "xd-thamdinh-truong"), ("delegate-to", "2030-01-01T00:00"), ("delegate-acts", "decide"));
        (await page.TextContentAsync("section[aria-labelledby=delegations]"))!.ShouldContain("UQ/01");

        await page.GotoAsync("/organisation/transfer-work?person=xd-thamdinh-1");
        await SendAsync(page, ("transfer-work-heir", "nobody-known"), ("transfer-work-reason", "thôi việc"));
        (await page.TextContentAsync("#transfer-work-heir-fault"))!.ShouldContain("appointed");
        await SendAsync(page, ("transfer-work-heir", "xd-thu-1"));
        (await page.TextContentAsync(".notice.good"))!.ShouldContain("1");
        (await Server.GetAsync(WebServer.Director, $"/api/dossiers/{code}"))["officer"]!.ToString().ShouldBe("xd-thu-1");

        await page.GotoAsync("/organisation/close-unit?unit=H49.12-09");
        await SendAsync(page, ("close-unit-successor", "H49.12-09"));
        (await page.TextContentAsync("#close-unit-successor-fault"))!.ShouldContain("lẫn nhau");
        await SendAsync(page, ("close-unit-successor", "H49.12-01"));
        await page.GotoAsync("/organisation/transfer-work?unit=H49.12-01&lang=en");
        await SendAsync(page, ("transfer-work-heir", "xd-thamdinh-2"), ("transfer-work-reason", "merged"));
        (await page.TextContentAsync("#transfer-work-unit-fault"))!.ShouldContain("not a closed unit");
        await Browser.LookAsync(page, "organisation-transfer-en");

        (await Server.PostAsync(WebServer.Token("qt", [Role.Administrator]), "/api/organisation/contact", new { person = "xd-thu-1", mail = "x y" })).Code.ShouldBe("bad-mail");
        (await Server.PostAsync(WebServer.Token("qt", [Role.Administrator]), "/api/organisation/contact", new { person = "xd-thu-1", unit = "H49.12" })).Code.ShouldBe("bad-field");
        (await Server.PostAsync(WebServer.Token("qt", [Role.Administrator]), "/api/organisation/contact", new { person = "xd-thu-1", mail = "a@b.example" }))["added"]!.GetValue<int>().ShouldBe(1);
        (await Server.PostAsync(WebServer.Token("sv", [Role.Supervisor], ["H49.12"]), "/api/organisation/contact", new { person = "xd-thu-1" })).Code.ShouldBe("not-allowed");
        browser.Complaints.ShouldBeNone();
    }

    [Fact]
    public async Task A_version_of_a_procedure_is_entered_in_fields_and_shows_whom_it_would_move_before_it_does()
    {
        var code = await Server.ReceiveAsync(Browser.Procedure, "H49.12-01");
        var due = (await Server.GetAsync(WebServer.Director, $"/api/dossiers/{code}"))["due"]!.ToString();
        var page = await browser.SignInAsync(Role.Administrator, "quan-tri-1");
        await page.GotoAsync($"/procedures/{Browser.Procedure}");
        await page.ClickAsync("a.button[href*='/procedures/edit']");
        (await page.InputValueAsync("#step-0-name")).ShouldBe("Thẩm định hồ sơ");
        await Browser.LookAsync(page, "procedure-edit-vi");
        await page.FillAsync("#inForceFrom", "2026-01-01");
        await page.FillAsync("#limit", "20");
        await page.ClickAsync("main form button:not([name])");
        (await page.TextContentAsync("#limit-fault"))!.ShouldContain("15 days");
        await page.FillAsync("#limit", "ba");
        await page.ClickAsync("main form button:not([name])");
        (await page.TextContentAsync("#limit-fault"))!.ShouldContain("số nguyên");
        (await page.InputValueAsync("#limit"), await page.InputValueAsync("#inForceFrom")).ShouldBe(("ba", "2026-01-01"), "nothing that was entered is lost");
        await page.FillAsync("#limit", "10");
        await page.ClickAsync("button[name=more]");
        await page.FillAsync("#step-5-name", "Lưu hồ sơ");
        await page.ClickAsync("main form button:not([name])");
        (await page.TextContentAsync("#step-5-hours-fault"))!.ShouldContain("Cần điền");
        await page.FillAsync("#step-5-hours", "2");
        await page.CheckAsync("#channels-online");
        await Browser.LookAsync(page, "procedure-edit-wrong-vi");
        await page.ClickAsync("main form button:not([name])");
        await Assertions.Expect(page.Locator("table")).ToContainTextAsync(code, new() { Timeout = 60_000 });
        await Browser.LookAsync(page, "procedure-preview-vi");
        (await Server.GetAsync(WebServer.Director, $"/api/dossiers/{code}"))["due"]!.ToString().ShouldBe(due, "a preview publishes nothing");
        await page.ClickAsync("section[aria-labelledby=correct] button");
        (await page.TextContentAsync("#correction-provision-fault"))!.ShouldContain("Cần điền");
        await page.FillAsync("#correction-provision", "QĐ 9, Điều 2");
        await page.ClickAsync("section[aria-labelledby=correct] button");
        (await page.TextContentAsync(".notice.good"))!.ShouldContain("Đã chuyển 1 hồ sơ");
        (await Server.GetAsync(WebServer.Director, $"/api/dossiers/{code}"))["due"]!.ToString().ShouldNotBe(due);
        var version = (await Server.GetAsync(WebServer.Director, $"/api/procedures/{Browser.Procedure}")).Json!.AsArray()[^1]!["published"]!;
        $"{version["limit"]} {version["generalLimit"]} {version["steps"]!.AsArray().Count} {version["channels"]![0]} {version["documents"]!.AsArray().Count}".ShouldBe("10 days 15 days 4 online 2");

        await page.GotoAsync("/procedures/edit?lang=en");
        await Browser.LookAsync(page, "procedure-new-en");
        (await Server.PostAsync(WebServer.Token("qt", [Role.Administrator]), "/api/procedures/preview", new object[] { new { code = "9", name = "x", agency = "H49.12", limit = "2 days", inForceFrom = "2026-01-01T00:00:00+07:00", basis = "QĐ" } }))
            .Status.ShouldBe(202);
        using var administrator = await Visitor.OfAsync(Server, Role.Administrator, "quan-tri-1");
        (await administrator.GetAsync("/procedures/preview?p=nonsense")).Status.ShouldBe(400);
        (await administrator.GetAsync("/ladder/preview?p=nonsense")).Status.ShouldBe(400);
        browser.Complaints.ShouldBeNone();
    }

    [Fact]
    public async Task A_ladder_is_entered_rule_by_rule_and_shows_whom_it_would_alert_otherwise()
    {
        var code = await Server.ReceiveAsync(WebServer.Building);
        var page = await browser.SignInAsync(Role.Administrator, "quan-tri-1");
        await page.GotoAsync("/ladder");
        (await page.InputValueAsync("#rule-0-name")).ShouldBe("intake-half");
        var overdue = await page.EvaluateAsync<string>("() => [...document.querySelectorAll('input[name$=-name]')].find(i => i.value === 'overdue').name.split('-')[1]");
        await page.FillAsync($"#rule-{overdue}-hours", "một");
        await page.FillAsync("#basis", "QĐ 15");
        await page.ClickAsync("main form button:not([name])");
        (await page.TextContentAsync($"#rule-{overdue}-hours-fault"))!.ShouldContain("số nguyên");
        (await page.InputValueAsync($"#rule-{overdue}-hours"), await page.InputValueAsync("#basis")).ShouldBe(("một", "QĐ 15"), "nothing that was entered is lost");
        await page.FillAsync($"#rule-{overdue}-hours", "0");
        await page.UncheckAsync($"#rule-{overdue}-to-officer");
        await page.UncheckAsync($"#rule-{overdue}-to-supervisor");
        await page.ClickAsync("main form button:not([name])");
        (await page.TextContentAsync($"#rule-{overdue}-to-fault"))!.ShouldContain("chưa báo cho ai");
        await Browser.LookAsync(page, "ladder-wrong-vi");
        await page.CheckAsync($"#rule-{overdue}-to-director");
        await page.ClickAsync("main form button:not([name])");
        await Assertions.Expect(page.Locator("table")).ToContainTextAsync(code, new() { Timeout = 60_000 });
        (await page.TextContentAsync("tbody"))!.ShouldContain("giám đốc trung tâm");
        await Browser.LookAsync(page, "ladder-preview-vi");
        (await Server.GetAsync(WebServer.Director, "/api/ladders")).Json!.AsArray().Count.ShouldBe(1, "a preview decides nothing");

        // Another process on the same data folder, as after a restart: the address holds all.
        var (process, client) = await WebServer.StartAsync(Server.Database, Server.Keys, Server.Folder, [.. Server.Settings, ("Jwt__Key", WebServer.Secret)]);
        using (client)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(page.Url).PathAndQuery);
            request.Headers.Add("Cookie", string.Join("; ", (await page.Context.CookiesAsync()).Select(c => $"{c.Name}={c.Value}")));
            using var response = await client.SendAsync(request);
            response.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
        }
        (await WebServer.StopAsync(process)).ShouldBe(0);

        await page.ClickAsync("main form button");
        var ladders = (await Server.GetAsync(WebServer.Director, "/api/ladders")).Json!.AsArray();
        (ladders.Count, ladders[^1]!["decided"]!["basis"]!.ToString(), ladders[^1]!["decided"]!["rules"]!.AsArray().Count).ShouldBe((2, "QĐ 15", 10));
        ladders[^1]!["decided"]!["rules"]!.ToJsonString().ShouldBe(ladders[0]!["decided"]!["rules"]!.ToJsonString().Replace("""["officer","supervisor"]""", """["director"]""", StringComparison.Ordinal));
        await page.GotoAsync("/ladder?lang=en");
        await page.ClickAsync("button[name=more]");
        (await page.Locator("input[name$=-name]").CountAsync()).ShouldBe(15, "ten rules, two spare rows and three more");
        await page.GotoAsync("/ladder");
        await Browser.LookAsync(page, "ladder-en");
        browser.Complaints.ShouldBeNone();
    }
}
