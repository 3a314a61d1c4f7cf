using System.Text.RegularExpressions;
using EventDossier.Dossiers;
using EventDossier.EndToEnd.Pages;

namespace EventDossier.EndToEnd.Web;

/// <summary>Who had a result returned is asked, answers by the slip, once, and is counted.</summary>
[Collection(OneBrowser.Name)]
public sealed partial class QuestionnaireTests(Browser browser)
{
    private const string Code = "hai-long-2026";
    private static readonly string Head = WebServer.Token("nnmt-thutruong-1", [Role.Supervisor]), Transparency = WebServer.Token("tt-congkhai-1", [Role.TransparencyOfficer]),
        Clerk = WebServer.Token("nnmt-quay-1", [Role.Clerk]);

    private static readonly object Satisfaction = new
    {
        title = new { en = "Satisfaction 2026", vi = "Khảo sát hài lòng 2026" }, basis = "KH 12/2026",
        questions = new[] { new { id = "friendly", text = new { en = "How friendly were we?", vi = "Thái độ phục vụ?" } }, new { id = "clear", text = new { en = "Was it clear?", vi = "Hướng dẫn rõ ràng?" } } },
    };

    private WebServer Server => browser.Server;

    private async Task<(string Code, string Key)> ReturnedAsync()
    {
        var code = await Server.ReceiveAsync(WebServer.Land, officer: "nnmt-trongtrot-3", applicant: new { name = "Lò Văn Pha" });
        (await Server.PostAsync(Head, $"/api/dossiers/{code}/decide", new { outcome = "approved", authority = "nnmt-thutruong" })).Status.ShouldBe(200);
        (await Server.PostAsync(Head, $"/api/dossiers/{code}/make-ready")).Status.ShouldBe(200);
        var done = await Server.PostAsync(Clerk, $"/api/dossiers/{code}/return", new { by = "counter" });
        done.Status.ShouldBe(200, done.Text);
        // The list of results has it in.
        (await Server.GetAsync(WebServer.Director, $"/api/dossiers?after={done["position"]}&limit=1")).Status.ShouldBe(200);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/dossiers/{code}/slips/01-1") { Headers = { Authorization = new("Bearer", WebServer.Director) } };
        using var response = await Server.Client.SendAsync(request);
        return (code, Key().Match(await response.Content.ReadAsStringAsync()).Groups["key"].Value);
    }

    [Fact]
    public async Task A_questionnaire_is_decided_asked_answered_once_by_the_slip_and_told_beside_its_target()
    {
        var (code, key) = await ReturnedAsync();
        (await Server.PostAsync(Head, $"/api/questionnaires/{Code}", Satisfaction)).Code.ShouldBe("not-allowed");
        (await Server.PostAsync(Transparency, $"/api/questionnaires/{Code}", new { title = new { en = "x", vi = "x" }, basis = "x", questions = Array.Empty<object>() })).Code.ShouldBe("bad-questionnaire");
        var version = (await Server.PostAsync(Transparency, $"/api/questionnaires/{Code}", Satisfaction))["version"]!.GetValue<long>();
        (await Server.PostAsync(Transparency, $"/api/questionnaires/{Code}", Satisfaction))["version"]!.GetValue<long>().ShouldBe(version, "the same again decides nothing");

        (await Server.PostAsync(null!, "/api/look-up/questionnaires", new { code, key }))["items"]!.AsArray().ShouldBeEmpty("not asked yet");
        (await Server.PostAsync(Transparency, "/api/questionnaires/none/invitations", new { })).Code.ShouldBe("no-such-questionnaire");
        var invited = await Server.PostAsync(Transparency, $"/api/questionnaires/{Code}/invitations", new { agency = "H49.08" });
        invited["invited"]!.GetValue<int>().ShouldBeGreaterThan(0);
        (await Server.PostAsync(Transparency, $"/api/questionnaires/{Code}/invitations", new { agency = "H49.08" }))["invited"]!.GetValue<int>().ShouldBe(0, "nobody is asked twice");

        async Task<string?> AnswerAsync(object answers, string? with = null) => (await Server.PostAsync(null!, "/api/look-up/answers", new { code, key = with ?? key, questionnaire = Code, answers })).Code;
        (await AnswerAsync(new[] { new { question = "friendly", level = 5 } })).ShouldBe("answer-missing");
        (await AnswerAsync(new[] { new { question = "friendly", level = 6 }, new { question = "clear", level = 4 } })).ShouldBe("answer-missing");
        (await AnswerAsync(Array.Empty<object>(), "7K2M-9QXT-04WB")).ShouldBe("look-up-failed");

        var page = await browser.OpenAsync();
        await page.GotoAsync($"/look-up?code={code}&key={key}");
        await page.CheckAsync($"#{Code}-friendly-5");
        await page.CheckAsync($"#{Code}-clear-4");
        await Browser.LookAsync(page, "asked-vi");
        await page.ClickAsync("form[action='/look-up/answers'] button");
        (await page.TextContentAsync(".notice.good"))!.ShouldContain("đã được ghi nhận");
        (await page.Locator("form[action='/look-up/answers']").CountAsync()).ShouldBe(0, "once");
        (await AnswerAsync(new[] { new { question = "friendly", level = 5 }, new { question = "clear", level = 4 } })).ShouldBeNull("the same again");
        (await AnswerAsync(new[] { new { question = "friendly", level = 1 }, new { question = "clear", level = 4 } })).ShouldBe("answered-before");

        (await Server.GetAsync(Head, $"/api/questionnaires/{Code}/figures")).Code.ShouldBe("not-allowed");
        var row = (await Server.GetAsync(Head, $"/api/questionnaires/{Code}/figures?agency=H49.08"))["rows"]!.AsArray()[1]!;
        (row["asked"], row["met"], row["target"]!["percent"]!.GetValue<long>()).ShouldBe((null, null, 96L), "few were asked: who answered what is nobody's");
        var officer = await browser.SignInAsync(Role.TransparencyOfficer, "tt-congkhai-1", "en");
        await officer.GotoAsync("/questionnaires");
        (await officer.TextContentAsync("main"))!.ShouldContain("96 %");
        await Browser.LookAsync(officer, "questionnaires-en");
        await officer.SelectOptionAsync("form.act [name=questionnaire]", Code);
        await officer.FillAsync("form.act [name=every]", "0");
        await officer.ClickAsync("form.act button");
        (await officer.TextContentAsync(".field.wrong"))!.ShouldContain("from 1 to 1000");
        await officer.FillAsync("form.act [name=every]", "1");
        await officer.ClickAsync("form.act button");
        (await officer.TextContentAsync(".notice.good"))!.ShouldContain("Asked now about");
        browser.Complaints.ShouldBeNone();
    }

    [GeneratedRegex(@"<code>(?<key>[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</code>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Key();
}
