using EventDossier.Dossiers;
using EventDossier.EndToEnd.Web;
using Microsoft.Playwright;

namespace EventDossier.EndToEnd.Pages;

/// <summary>A story of each role, from the sign-in to what came of it.</summary>
[Collection(OneBrowser.Name)]
public sealed class Stories(Browser browser)
{
    [Fact]
    public async Task An_officer_finds_their_work_completes_a_step_and_asks_for_what_is_missing()
    {
        var code = await browser.Server.ReceiveAsync(Browser.Procedure, "H49.12-01", "xd-thamdinh-1", applicant: new { name = "Phạm Thị Hiên" });
        var page = await browser.SignInAsync(Role.Officer, "xd-thamdinh-1");
        await page.GotoAsync($"/work?after={browser.Server.Position}");
        (await page.TextContentAsync("h1")).ShouldBe("Việc của tôi");
        await Browser.LookAsync(page, "work-vi");
        await page.ClickAsync($"text={code}");
        await Browser.LookAsync(page, "dossier-vi");

        await page.ClickAsync(".do[open] button");
        (await page.TextContentAsync(".notice.good"))!.ShouldContain("Hoàn thành bước");
        (await page.TextContentAsync(".timeline"))!.ShouldContain("Hoàn thành bước: Thẩm định hồ sơ");

        var ask = page.Locator(".do", new() { HasText = "Yêu cầu bổ sung" });
        await ask.Locator("summary").First.ClickAsync();
        await ask.Locator("button").ClickAsync();
        (await page.TextContentAsync(".field.wrong"))!.ShouldContain("Cần điền mục này");
        await Browser.LookAsync(page, "wrong-input-vi");
        await page.FillAsync("textarea[name=items]", "Bản vẽ thiết kế\nHợp đồng");
        await page.SelectOptionAsync("select[name=deliveredBy]", "counter");
        await page.ClickAsync("main form.act button");
        (await page.TextContentAsync(".state"))!.ShouldContain("đang tạm dừng");

        var dossier = await browser.Server.GetAsync(WebServer.Director, $"/api/dossiers/{code}");
        dossier["steps"]!.AsArray().Select(s => $"{s!["step"]}").ShouldBe(["Thẩm định hồ sơ"]);
        dossier["slips"]!.AsArray().Select(s => $"{s!["form"]}").ShouldBe(["01", "02"]);
        await page.ClickAsync("a.language");
        (await page.TextContentAsync(".state"))!.ShouldContain("clock stands");
        await Browser.LookAsync(page, "dossier-en");
        browser.Complaints.ShouldBeNone();
    }

    [Fact]
    public async Task A_clerk_receives_by_the_keyboard_alone_and_the_next_dossier_keeps_the_applicant()
    {
        var page = await browser.SignInAsync(Role.Clerk, "xd-quay-1");
        await page.GotoAsync("/receive");
        await Browser.LookAsync(page, "receive-vi");
        // The cursor stands in the first field; words of the procedure's name will do.
        await page.Keyboard.TypeAsync("nha o rieng le");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("Công ty Hạ Long");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("5700123456");
        await page.Keyboard.PressAsync("Enter");
        var first = (await page.TextContentAsync(".notice.good strong"))!;
        first.ShouldStartWith("H49.12-");
        (await page.InputValueAsync("[name='applicant.name']")).ShouldBe("Công ty Hạ Long");
        await Browser.LookAsync(page, "received-vi");

        // The same procedure again is asked about, another is not.
        await page.FocusAsync("[name=procedure]");
        await page.Keyboard.TypeAsync(WebServer.Land);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".notice.good strong")).Not.ToHaveTextAsync(first);
        await page.FocusAsync("[name=procedure]");
        await page.Keyboard.TypeAsync(Browser.Procedure);
        await page.Keyboard.PressAsync("Enter");
        (await page.TextContentAsync(".notice.warn"))!.ShouldContain(first);
        await Browser.LookAsync(page, "duplicate-vi");
        await page.Keyboard.PressAsync("Space");
        await page.Keyboard.PressAsync("Enter");
        var third = (await page.TextContentAsync(".notice.good strong"))!;
        third.ShouldStartWith("H49.12-");
        third.ShouldNotBe(first);
        browser.Complaints.ShouldBeNone();
    }

    [Fact]
    public async Task A_hand_over_is_offered_and_the_other_unit_accepts_it()
    {
        var code = await browser.Server.ReceiveAsync(Browser.Procedure, "H49.12-01", "xd-thamdinh-3");
        var giver = await browser.SignInAsync(Role.Officer, "xd-thamdinh-3", "en");
        await giver.GotoAsync($"/dossiers/{code}/act/hand-over");
        await giver.FillAsync("[name=to]", "H49.77");
        await giver.ClickAsync("main form.act button");
        (await giver.TextContentAsync(".field.wrong"))!.ShouldContain("There is no unit H49.77");
        (await giver.InputValueAsync("[name=to]")).ShouldBe("H49.77", "what was entered is kept");
        await giver.FillAsync("[name=to]", "H49.08-01");
        await giver.ClickAsync("main form.act button");
        await Assertions.Expect(giver.Locator(".timeline")).ToContainTextAsync("Hand-over offered: H49.08-01");

        var taker = await browser.SignInAsync(Role.Officer, "nnmt-datdai-2", "en", scripts: false);
        await Waiting.UntilAsync(async () =>
        {
            await taker.GotoAsync("/work");
            return (await taker.TextContentAsync("main"))!.Contains(code, StringComparison.Ordinal);
        }, "it is offered");
        await taker.ClickAsync($"text={code}");
        await taker.ClickAsync(".do[open] button");
        (await taker.TextContentAsync(".timeline"))!.ShouldContain("Hand-over accepted: H49.08-01, nnmt-datdai-2");
        browser.Complaints.ShouldBeNone();
    }

    [Fact]
    public async Task A_clerk_finds_a_dossier_by_the_applicants_name_and_returns_the_result()
    {
        var code = await browser.Server.ReceiveAsync(WebServer.Land, officer: "nnmt-trongtrot-3", applicant: new { name = "Đinh Thị Khuê", identityNumber = "022090004321" });
        var head = WebServer.Token("nnmt-thutruong-1", [Role.Supervisor]);
        (await browser.Server.PostAsync(head, $"/api/dossiers/{code}/decide", new { outcome = "approved", authority = "nnmt-thutruong" })).Status.ShouldBe(200);
        var ready = await browser.Server.PostAsync(head, $"/api/dossiers/{code}/make-ready");
        ready.Status.ShouldBe(200, ready.Text);
        var page = await browser.SignInAsync(Role.Clerk, "nnmt-quay-1", "en");
        await page.FillAsync("#search", "dinh khue");
        await page.PressAsync("#search", "Enter");
        (await page.TextContentAsync("main"))!.ShouldContain("Đinh Thị Khuê");
        await Browser.LookAsync(page, "search-en");
        await page.ClickAsync($"text={code}");
        await page.ClickAsync(".do[open] button");
        (await page.TextContentAsync(".state"))!.ShouldContain("result returned");
        (await browser.Server.GetAsync(WebServer.Director, $"/api/dossiers/{code}"))["returnedBy"]!.ToString().ShouldBe("counter");
        browser.Complaints.ShouldBeNone();
    }

    [Fact]
    public async Task A_supervisor_sees_what_is_late_as_it_becomes_late_and_sees_to_the_alert()
    {
        var page = await browser.SignInAsync(Role.Supervisor, "xd-vantai-truong", "en");
        await page.GotoAsync("/board");
        // It is entered while the board is open, which draws itself anew.
        var code = await browser.Server.ReceiveAsync(WebServer.Building, "H49.12-02", "xd-vantai-1", "2026-05-04T09:00:00+07:00");
        await Assertions.Expect(page.Locator("#board")).ToContainTextAsync(code);
        await Browser.LookAsync(page, "board-en");

        await page.GotoAsync("/alerts");
        var row = page.Locator("tr", new() { HasText = code }).Filter(new() { HasText = "xd-vantai-truong" });
        await row.First.Locator("input").CheckAsync();
        await page.ClickAsync("button[value=snooze]");
        (await page.TextContentAsync(".field.wrong"))!.ShouldContain("Please fill this in");
        (await page.Locator("tr", new() { HasText = code }).Filter(new() { HasText = "xd-vantai-truong" }).First.Locator("input").IsCheckedAsync()).ShouldBeTrue("what was chosen is kept");
        await Browser.LookAsync(page, "alerts-en");
        await page.ClickAsync("button[value=acknowledge]");
        await Assertions.Expect(page.Locator("main .notice")).ToContainTextAsync("1 of 1 done");

        await page.GotoAsync("/workload");
        (await page.TextContentAsync("main"))!.ShouldContain("xd-vantai-1");
        await Browser.LookAsync(page, "workload-en");
        await page.GotoAsync("/coming");
        await Browser.LookAsync(page, "coming-en");
        (await browser.Server.GetAsync(WebServer.Director, $"/api/dossiers/{code}"))["alerts"]!.AsArray().Count(a => $"{a!["acknowledgedBy"]}" == "xd-vantai-truong").ShouldBe(1);
        browser.Complaints.ShouldBeNone();
    }

    [Fact]
    public async Task Every_page_is_good_for_all_in_both_languages_from_a_telephone_to_a_wall()
    {
        var code = await browser.Server.ReceiveAsync(Browser.Procedure, "H49.12-01", "xd-thamdinh-1");
        // What is live has no end, and a download is no page.
        var pages = (await PageRoutes.OfAsync()).Where(p => p.Method == "GET" && p.Path is not ("/alerts/live" or "/audit/{code}/pack" or "/sign-in/provider"))
            .Append(new("GET", "/no-such-page", "director")).ToList();
        var (seen, faults) = (new HashSet<string>(), new List<string>());
        foreach (var (role, person) in PageRoutes.People.Reverse())
        {
            var theirs = pages.Where(p => role is null ? p.For == "everybody" : p.For.Split(", ").Contains(role)).Where(p => seen.Add(p.Path)).ToList();
            foreach (var (language, width) in theirs.Count == 0 ? [] : ((string, int)[])[("vi", 320), ("en", 3840)])
            {
                var page = role is null ? await browser.OpenAsync(language, width) : await browser.SignInAsync(role, person, language, width);
                foreach (var route in theirs)
                {
                    await page.GotoAsync(PageRoutes.Filled(route.Path, code));
                    (await page.GetAttributeAsync("html", "lang")).ShouldBe(language, route.Path);
                    faults.AddRange(await Browser.FaultsAsync(page, $"{role ?? "anybody"} {route.Path.Replace('/', ' ').Trim()} {language} {width}".Replace("  ", " home ", StringComparison.Ordinal).Replace(' ', '-')));
                }
                await page.Context.DisposeAsync();
            }
        }
        faults.ShouldBeEmpty();
        seen.Count.ShouldBeGreaterThan(30);
    }
}
