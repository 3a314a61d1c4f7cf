using System.Text.RegularExpressions;
using EventDossier.Dossiers;
using EventDossier.EndToEnd.Web;
using Microsoft.Playwright;

namespace EventDossier.EndToEnd.Pages;

/// <summary>Those behind the counter who look and those who set up, and the citizen before it who signs in nowhere.</summary>
[Collection(OneBrowser.Name)]
public sealed partial class MoreStories(Browser browser)
{
    private WebServer Server => browser.Server;

    private async Task<string> DecidedAsync(object? applicant = null)
    {
        var code = await Server.ReceiveAsync(Browser.Procedure, "H49.12-01", "xd-thamdinh-1", applicant: applicant);
        foreach (var (token, act, body) in ((string, string, object)[])
        [
            (WebServer.Director, "request-supplement", new { items = new[] { "bản vẽ" }, deliveredBy = "counter" }), (WebServer.Director, "provide-supplement", new { }),
            (WebServer.Token("xd-thutruong-1", [Role.Supervisor], ["H49.12"]), "decide", new { outcome = "approved", authority = "xd-thutruong" }), (WebServer.Director, "make-ready", new { }),
        ])
        {
            var answer = await Server.PostAsync(token, $"/api/dossiers/{code}/{act}", body);
            answer.Status.ShouldBe(200, answer.Text);
        }
        return code;
    }

    private async Task<string> KeyAsync(string code)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/dossiers/{code}/slips/01-1") { Headers = { Authorization = new("Bearer", WebServer.Director) } };
        using var response = await Server.Client.SendAsync(request);
        return Key().Match(await response.Content.ReadAsStringAsync()).Groups["key"].Value;
    }

    [Fact]
    public async Task An_auditor_slides_through_a_history_compares_two_moments_keeps_the_evidence_and_verifies()
    {
        var code = await DecidedAsync();
        var page = await browser.SignInAsync(Role.Auditor, "kiem-toan-1");
        await page.GotoAsync("/audit");
        await Browser.LookAsync(page, "audit-vi");
        await page.FillAsync("#code", "H49.12-200101-9999");
        await page.PressAsync("#code", "Enter");
        (await page.TextContentAsync(".fault"))!.ShouldContain("Không có hồ sơ");
        await page.FillAsync("#code", code);
        await page.PressAsync("#code", "Enter");
        (await page.TextContentAsync("#replay dl"))!.ShouldContain("Thời điểm pháp lý");
        await Browser.LookAsync(page, "replay-vi");

        await page.FocusAsync("#step");
        await page.Keyboard.PressAsync("Home");
        await Assertions.Expect(page.Locator("#replay h2").First).ToContainTextAsync("1: Tiếp nhận");
        await page.Keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(page.Locator("#replay h2").First).ToContainTextAsync("2: Yêu cầu bổ sung");
        (await page.GetAttributeAsync("#replay svg", "aria-label"))!.ShouldStartWith("Dòng thời gian, bước 2/");
        await page.FillAsync("#from", "1");
        await page.FillAsync("#to", "3");
        await page.PressAsync("#to", "Enter");
        (await page.TextContentAsync("section[aria-labelledby=difference]"))!.ShouldContain("slips[1]");
        var pack = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("a[download]"));
        pack.SuggestedFilename.ShouldBe($"{code}.zip");

        await page.GotoAsync("/audit/verify");
        await page.ClickAsync("main form button");
        await Assertions.Expect(page.Locator(".notice.good, .notice.bad")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        (await page.TextContentAsync(".notice"))!.ShouldContain("Không phát hiện sai lệch");
        await Browser.LookAsync(page, "verify-vi");
        await page.GotoAsync("/process?procedure=" + Browser.Procedure);
        await page.ClickAsync("main form[method=post] button");
        await Assertions.Expect(page.Locator(".picture.map svg")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Browser.LookAsync(page, "process-vi");
        await page.GotoAsync("/access");
        (await page.TextContentAsync("main"))!.ShouldContain("kiem-toan-1");
        await Browser.LookAsync(page, "access-vi");
        await page.ClickAsync("a.language");
        await page.GotoAsync($"/audit/{code}?step=2");
        await Browser.LookAsync(page, "replay-en");
        browser.Complaints.ShouldBeNone();
    }

    [Fact]
    public async Task An_administrator_sees_what_a_decision_would_move_before_entering_it_and_keeps_procedures_ladder_and_jobs()
    {
        var code = await Server.ReceiveAsync(WebServer.Building);
        var due = DateTimeOffset.Parse((await Server.GetAsync(WebServer.Director, $"/api/dossiers/{code}"))["due"]!.ToString()).ToOffset(TimeSpan.FromHours(7));
        var (off, today) = (due.ToString("yyyy-MM-dd"), StoreTests.TestDatabase.Time.GetUtcNow().ToOffset(TimeSpan.FromHours(7)).ToString("yyyy-MM-dd"));
        var page = await browser.SignInAsync(Role.Administrator, "quan-tri-1");
        await page.GotoAsync("/calendar");
        await Browser.LookAsync(page, "calendar-vi");
        await page.FillAsync("#calendar-number", "TB 99/2026");
        await page.FillAsync("#calendar-announced", today);
        await page.FillAsync("#calendar-source", "thông báo thử");
        await page.FillAsync("#calendar-daysOff", "ngày mai");
        await page.ClickAsync("section[aria-labelledby=new] button");
        (await page.TextContentAsync("#calendar-daysOff-fault"))!.ShouldContain("2026-05-08");
        (await page.InputValueAsync("#calendar-number")).ShouldBe("TB 99/2026", "nothing that was entered is lost");
        await Browser.LookAsync(page, "calendar-wrong-vi");
        await page.FillAsync("#calendar-daysOff", $"{off} Exchanged | Hoán đổi");
        await page.ClickAsync("section[aria-labelledby=new] button");
        await Assertions.Expect(page.Locator("table")).ToContainTextAsync(code, new() { Timeout = 60_000 });
        await Browser.LookAsync(page, "calendar-preview-vi");
        (await Server.GetAsync(WebServer.Director, $"/api/dossiers/{code}"))["due"]!.ToString().ShouldStartWith(off, Case.Sensitive, "a preview enters nothing");
        await page.ClickAsync("main form button");
        (await page.TextContentAsync("main"))!.ShouldContain("TB 99/2026");
        await StoreTests.Centre.UntilAsync(async () => !(await Server.GetAsync(WebServer.Director, $"/api/dossiers/{code}"))["due"]!.ToString().StartsWith(off, StringComparison.Ordinal), "the job tells it its new date");

        await page.GotoAsync("/procedures");
        await page.FillAsync("#q", "nha o rieng le");
        await page.PressAsync("#q", "Enter");
        await page.ClickAsync($"text={Browser.Procedure}");
        (await page.TextContentAsync("main"))!.ShouldContain("Thẩm định hồ sơ");
        await Browser.LookAsync(page, "procedure-vi");
        await page.GotoAsync("/procedures");
        await page.ClickAsync("section[aria-labelledby=new] summary");
        await page.FillAsync("#json", "[{\"code\": \"3.001\"}]");
        await page.ClickAsync("section[aria-labelledby=new] button");
        (await page.TextContentAsync("#json-fault"))!.ShouldContain("line 1");
        await page.FillAsync("#json", "[{\"code\": \"3.001\", \"name\": \"Thử\", \"agency\": \"H49.12\", \"limit\": \"2 days\", \"inForceFrom\": \"2020-01-01T00:00:00+07:00\", \"basis\": \"QĐ 3\"}]");
        await page.ClickAsync("section[aria-labelledby=new] button");
        (await page.TextContentAsync(".notice.good"))!.ShouldContain("1");
        await Browser.LookAsync(page, "procedures-vi");

        await page.GotoAsync("/ladder");
        await Browser.LookAsync(page, "ladder-vi");
        await page.GotoAsync("/organisation?unit=H49.12");
        (await page.TextContentAsync("main"))!.ShouldContain("xd-thutruong-1");
        await Browser.LookAsync(page, "organisation-vi");
        await page.GotoAsync("/jobs");
        await page.Locator("form[action='/jobs/housekeeping/runs'] button").ClickAsync();
        await Browser.LookAsync(page, "jobs-vi");
        await page.ClickAsync("a.language");
        foreach (var path in (string[])["/calendar", "/procedures", "/ladder", "/organisation?unit=H49.12", "/jobs"])
        {
            await page.GotoAsync(path);
            await Browser.LookAsync(page, $"{path.Split('?')[0].Trim('/')}-en");
        }
        browser.Complaints.ShouldBeNone();
    }

    [Fact]
    public async Task A_citizen_looks_up_by_the_slip_sees_why_the_date_is_what_it_is_rates_and_checks_the_proof()
    {
        var code = await DecidedAsync(new { name = "Ngô Thị Sen", identityNumber = "022090008888" });
        var key = await KeyAsync(code);
        (await Server.PostAsync(WebServer.Director, $"/api/dossiers/{code}/return", new { by = "counter" })).Status.ShouldBe(200);
        var page = await browser.OpenAsync(width: 390, height: 800);
        await page.GotoAsync("/look-up");
        await Browser.LookAsync(page, "look-up-vi");
        await page.FillAsync("#code", code);
        await page.FillAsync("#slip", "0000 0000 0000");
        await page.ClickAsync("main form button");
        (await page.TextContentAsync("#look-up-fault"))!.ShouldContain("Không có phiếu");
        await page.FillAsync("#slip", key.ToLowerInvariant());
        await page.ClickAsync("main form button");
        (await page.TextContentAsync(".state"))!.ShouldContain("đã trả kết quả");
        (await page.TextContentAsync(".ledger"))!.ShouldContain("7 ngày làm việc");
        (await page.ContentAsync()).ShouldNotContain("Ngô Thị Sen");
        await Browser.LookAsync(page, "looked-up-vi");

        await page.CheckAsync("#level-4");
        await page.FillAsync("#comment", "nhanh và rõ");
        await page.ClickAsync("section[aria-labelledby=rate] button");
        (await page.TextContentAsync(".notice.good"))!.ShouldContain("Cảm ơn");
        (await Server.GetAsync(WebServer.Director, $"/api/dossiers/{code}"))["rating"]!.GetValue<int>().ShouldBe(4);

        await StoreTests.Centre.UntilAsync(async () => (await Server.GetAsync(WebServer.Director, $"/api/record/dossiers/{code}?event=7")).Status == 200, "the dossier's leaves");
        var download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("section[aria-labelledby=proof] button"));
        var file = Path.Combine(Server.Folder, "proof.json");
        await download.SaveAsAsync(file);
        await page.GotoAsync("/check-proof");
        await page.SetInputFilesAsync("#file", file);
        await page.ClickAsync("main form button");
        (await page.TextContentAsync(".notice.good"))!.ShouldContain("Bằng chứng đúng");
        await Browser.LookAsync(page, "check-proof-vi");
        await page.FillAsync("#proof", "nonsense");
        await page.ClickAsync("main form button");
        (await page.InputValueAsync("#proof")).ShouldBe("nonsense");

        await page.GotoAsync($"/look-up?code={code}&key={key}#secret=00&lang=en");
        (await page.TextContentAsync(".state"))!.ShouldContain("đã trả kết quả", Case.Sensitive, "the QR code leads there at once");
        await page.GotoAsync($"/look-up?lang=en");
        await Browser.LookAsync(page, "look-up-en");
        await page.GotoAsync("/check-proof");
        await Browser.LookAsync(page, "check-proof-en");
        browser.Complaints.ShouldBeNone();
    }

    [Fact]
    public async Task Slips_are_printed_from_the_dossiers_page_and_read_by_a_screen_reader_too()
    {
        var code = await DecidedAsync(new { name = "Ngô Thị Sen" });
        var page = await browser.SignInAsync(Role.Clerk, "xd-quay-1");
        await page.GotoAsync($"/dossiers/{code}");
        foreach (var slip in (string[])["01-1", "02-1", "06"])
        {
            await page.GotoAsync($"/dossiers/{code}/slips/{slip}");
            await Browser.LookAsync(page, $"slip-{slip}");
        }
        await page.GotoAsync("/register");
        await page.SelectOptionAsync("#agency", "H49.12");
        await page.ClickAsync("main form button");
        (await page.TextContentAsync("table"))!.ShouldContain("Ngô Thị Sen");
        await Browser.LookAsync(page, "register");
        browser.Complaints.ShouldBeNone();
    }

    [GeneratedRegex(@"<code>(?<key>[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</code>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Key();
}
