using System.Text.RegularExpressions;
using EventDossier.Dossiers;
using EventDossier.EndToEnd.Pages;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Web;

/// <summary>Somebody complains, somebody else answers, and whom it is about learn nothing of it.</summary>
[Collection(OneBrowser.Name)]
public sealed partial class ComplaintTests(Browser browser)
{
    private const string Text = "Cán bộ yêu cầu nộp bản vẽ ba lần", Name = "Vi Thị Sao", Concerned = "xd-thamdinh-2", Handler = "vp-kstt-1";
    private static readonly string[] Staff = [Role.Clerk, Role.Officer, Role.Supervisor, "director", Role.Auditor, Role.TransparencyOfficer, Role.Administrator];
    private static readonly string Director = WebServer.Token("tt-giamdoc-1", ["director"]), Answerer = WebServer.Token(Handler, [Role.Officer]),
        Head = WebServer.Token("vp-truong-1", [Role.Supervisor], ["H49.01"]), Everything = WebServer.Token(Concerned, Staff);

    private WebServer Server => browser.Server;

    private async Task<(string Number, string Key)> SendAsync(object? body = null)
    {
        var sent = await Server.PostAsync(null!, "/api/complaints", body ?? new { kind = "feedback", text = Text, unit = "H49.12-01", name = Name, phone = "0913000111" });
        // Ten a minute of one address.
        while (sent.Code == "too-many")
        {
            await Task.Delay(TimeSpan.FromSeconds(2), TestDatabase.Time);
            sent = await Server.PostAsync(null!, "/api/complaints", body ?? new { kind = "feedback", text = Text, unit = "H49.12-01", name = Name, phone = "0913000111" });
        }
        sent.Status.ShouldBe(200, sent.Text);
        return ($"{sent["number"]}", $"{sent["key"]}");
    }

    [Fact]
    public async Task A_complaint_goes_its_way_from_anybody_to_the_answer_that_only_its_key_opens()
    {
        var (number, key) = await SendAsync();
        var told = await FollowAsync(number, key);
        ($"{told["stage"]}", $"{told["owed"]}").ShouldBe(("received", "accept"));
        foreach (var (wrong, with) in ((string, string)[])[(number, "7K2M-9QXT-04WB"), ("PA-00000000", key), (number, "")])
            (await FollowAsync(wrong, with)).Code.ShouldBe("follow-failed");

        (await Server.PostAsync(Answerer, $"/api/complaints/{number}/answer", new { text = "x" })).Code.ShouldBe("no-such-complaint", "not given to them yet");
        (await Server.PostAsync(Director, $"/api/complaints/{number}/assign", new { unit = "H49.01" })).Code.ShouldBe("not-accepted");
        (await Server.PostAsync(Director, $"/api/complaints/{number}/accept", new { }))["stage"]!.ToString().ShouldBe("accepted");
        (await Server.PostAsync(Director, $"/api/complaints/{number}/accept", new { })).Status.ShouldBe(200, "the same again");
        (await Server.PostAsync(Director, $"/api/complaints/{number}/assign", new { unit = "H49.12-01" })).Code.ShouldBe("unit-is-concerned");
        (await Server.PostAsync(Director, $"/api/complaints/{number}/assign", new { unit = "H49.01", handler = Concerned })).Code.ShouldBe("handler-is-concerned");
        (await Server.PostAsync(Director, $"/api/complaints/{number}/assign", new { unit = "H49.01" }))["unit"]!.ToString().ShouldBe("H49.01");
        (await Server.PostAsync(Head, $"/api/complaints/{number}/assign", new { unit = "H49.05" })).Code.ShouldBe("not-allowed");
        (await Server.PostAsync(Head, $"/api/complaints/{number}/assign", new { unit = "H49.01", handler = Handler }))["handler"]!.ToString().ShouldBe(Handler);

        var opened = await Server.GetAsync(Answerer, $"/api/complaints/{number}");
        ($"{opened["statement"]!["text"]}", $"{opened["statement"]!["name"]}").ShouldBe((Text, Name));
        opened["readings"]!.AsArray().Select(r => $"{r!["by"]}").ShouldBe([Handler], "that they read it stays with it");
        (await Server.PostAsync(Answerer, $"/api/complaints/{number}/close", new { outcome = "upheld" })).Code.ShouldBe("not-allowed");
        (await Server.PostAsync(Director, $"/api/complaints/{number}/close", new { outcome = "upheld" })).Code.ShouldBe("not-answered");
        (await Server.PostAsync(Answerer, $"/api/complaints/{number}/answer", new { text = "Trung tâm xin lỗi" }))["stage"]!.ToString().ShouldBe("answered");
        (await Server.PostAsync(Answerer, $"/api/complaints/{number}/answer", new { text = "khác" })).Code.ShouldBe("answered-already");
        (await Server.PostAsync(Director, $"/api/complaints/{number}/close", new { outcome = "upheld" }))["outcome"]!.ToString().ShouldBe("upheld");
        told = await FollowAsync(number.ToLowerInvariant(), key.Replace("-", " ", StringComparison.Ordinal));
        ($"{told["stage"]}", $"{told["answer"]}", $"{told["outcome"]}").ShouldBe(("closed", "Trung tâm xin lỗi", "upheld"));

        // Nothing personal stands in the log.
        (await TextOfLogAsync()).ShouldSatisfyAllConditions(log => log.ShouldContain(number), log => log.ShouldNotContain(Name), log => log.ShouldNotContain("ba lần"), log => log.ShouldNotContain("xin lỗi"));
    }

    [Fact]
    public async Task Whom_it_is_about_finds_it_by_no_list_page_export_search_or_guess_of_an_address_whatever_they_may_else()
    {
        var dossier = await Server.ReceiveAsync(Browser.Procedure, "H49.12-01", Concerned);
        var (number, key) = await SendAsync(new { kind = "complaint", text = Text, dossier, name = Name, address = "12 Lê Lợi" });
        var (absent, _) = ("PA-00000000", key);
        await Server.PostAsync(WebServer.Token("tt-kiemtra-1", [Role.Auditor]), $"/api/complaints/{number}/accept", new { });

        // Somebody with the same rights, whom it is not about, does find it: the walk below could see it.
        var other = WebServer.Token("tt-phogiamdoc-1", Staff);
        (await Server.GetAsync(other, "/api/complaints")).Text.ShouldContain(number);
        (await Server.GetAsync(other, $"/api/complaints/{number}")).Text.ShouldContain(Name);

        // What was asked for may be told again; more than of what there is not may not.
        var asked = 0;
        (string Number, string Name) real = (number, Name), none = (absent, "Lò Thị Mỷ");
        async Task HiddenAsync(string what, Func<(string Number, string Name), Task<string>> ask)
        {
            asked++;
            var text = await ask(real);
            text.ShouldNotContain(Text, customMessage: what);
            if (Count(text, number) + Count(text, Name) == 0)
                return;
            var control = await ask(none);
            (Count(text, number), Count(text, Name)).ShouldBe((Count(control, absent), Count(control, none.Name)), what);
        }

        static int Count(string text, string of) => Regex.Count(text, Regex.Escape(of), RegexOptions.IgnoreCase, TimeSpan.FromSeconds(5));
        static string Stream(string number) => Uri.EscapeDataString($"/complaint/{number}");
        Func<(string Number, string Name), string>[] queries =
        [
            _ => "", of => $"?search={of.Number}", of => $"?search={Uri.EscapeDataString(of.Name)}", of => $"?code={of.Number}", of => $"?code={Stream(of.Number)}", _ => "?all=true", _ => "?limit=500&names=true",
            _ => "?actor=citizen&limit=500", _ => "?unit=H49.12-01&limit=500",
        ];

        var description = (await Server.SendAsync(null, new(HttpMethod.Get, "/openapi/v1.json"))).Json!;
        foreach (var (path, _) in description["paths"]!.AsObject().Where(p => p.Key != "/api/alerts/stream" && p.Value!["get"] is not null))
        {
            Func<string, string>[] guesses = path.Contains('{', StringComparison.Ordinal) ? [n => n, Stream] : [n => n];
            foreach (var guess in guesses)
            {
                foreach (var query in queries)
                    await HiddenAsync($"{path} {query(real)}", async of => (await AskAsync(() => Server.GetAsync(Everything, Parameter().Replace(path, guess(of.Number)) + query(of)))).Text);
            }
        }
        foreach (var (act, body) in ((string, object)[])[("accept", new { }), ("decline", new { reason = "x" }), ("assign", new { unit = "H49.01" }), ("answer", new { text = "x" }), ("close", new { outcome = "withdrawn" })])
        {
            var (hidden, noneSuch) = (await Server.PostAsync(Everything, $"/api/complaints/{number}/{act}", body), await Server.PostAsync(Everything, $"/api/complaints/{absent}/{act}", body));
            (hidden.Status, hidden.Text.Replace(number, absent, StringComparison.Ordinal)).ShouldBe((noneSuch.Status, noneSuch.Text), "as if there were none");
            hidden.Code.ShouldBe("no-such-complaint");
        }
        foreach (var role in (string[])[Role.Clerk, "director", Role.Auditor])
        {
            using var visitor = await Visitor.OfAsync(Server, role, Concerned);
            foreach (var page in (Func<string, string>[])
            [
                _ => "/", _ => "/complaints", n => $"/complaints/{n}", _ => "/work", _ => "/board", _ => "/alerts", _ => "/dossiers", n => $"/dossiers/{Stream(n)}", _ => $"/dossiers/{dossier}", _ => "/register",
                _ => "/access", _ => "/audit", n => $"/audit/{Stream(n)}", _ => "/jobs", _ => "/releases", _ => "/figures",
            ])
            {
                foreach (var query in queries[1..4])
                {
                    await HiddenAsync($"{role} {page(number)}{query(real)}", async of =>
                    {
                        var seen = await visitor.GetAsync(page(of.Number) + query(of));
                        for (; seen.Status == 429; seen = await visitor.GetAsync(page(of.Number) + query(of)))
                            await Task.Delay(TimeSpan.FromSeconds(1), TestDatabase.Time);
                        return seen.Html;
                    });
                }
            }
        }
        asked.ShouldBeGreaterThan(500);

        var file = Path.Combine(Server.Folder, "all.csv");
        (await RunAsync("export", "csv", "-o", file)).Exit.ShouldBe(0);
        File.ReadAllText(file).ShouldNotContain(number);
        foreach (var verb in (string[][])[["show", $"/complaint/{number}"], ["history", $"/complaint/{number}"], ["replay", $"/complaint/{number}"], ["pack", $"/complaint/{number}", "-o", file + ".2"]])
            (await RunAsync(verb)).ShouldSatisfyAllConditions(r => r.Exit.ShouldNotBe(0, string.Join(' ', verb)), r => r.Output.ShouldNotContain("complaint_received"));
        (await RunAsync("applicants", "find", Name)).Output.Trim().ShouldBeEmpty("no search for a name leads to who complained");
    }

    [Fact]
    public async Task Paper_is_taken_by_a_clerk_whom_it_is_not_about_and_who_turns_out_to_be_meant_is_hidden_from_then_on()
    {
        var paper = new { kind = "complaint", text = Text, name = Name, address = "12 Lê Lợi", person = "xd-thamdinh-3", unit = "H49.12" };
        (await Server.PostAsync(WebServer.Token("xd-quay-1", [Role.Clerk]), "/api/complaints/paper", paper)).Code.ShouldBe("clerk-is-concerned");
        (await Server.PostAsync(WebServer.Token("quay-01", [Role.Officer]), "/api/complaints/paper", paper)).Code.ShouldBe("not-allowed");
        (await Server.PostAsync(WebServer.Token("quay-01", [Role.Clerk]), "/api/complaints/paper", paper with { address = " " })).Code.ShouldBe("complainant-missing");
        (await Server.PostAsync(WebServer.Token("quay-01", [Role.Clerk]), "/api/complaints/paper", paper with { person = "nobody" })).Code.ShouldBe("unknown-person");
        var entered = await Server.PostAsync(WebServer.Token("quay-01", [Role.Clerk]), "/api/complaints/paper", paper, key: "paper-1");
        (await Server.PostAsync(WebServer.Token("quay-01", [Role.Clerk]), "/api/complaints/paper", paper, key: "paper-1")).Text.ShouldBe(entered.Text, "the same command");
        var number = $"{entered["number"]}";
        (await Server.GetAsync(WebServer.Token("quay-01", [Role.Clerk]), $"/api/complaints/{number}")).Code.ShouldBe("not-allowed", "clerks see to none");

        var director = WebServer.Token("tt-giamdoc-1", ["director"]);
        (await Server.GetAsync(director, $"/api/complaints/{number}")).Status.ShouldBe(200);
        (await Server.PostAsync(WebServer.Token("tt-kiemtra-1", [Role.Auditor]), $"/api/complaints/{number}/accept", new { person = "tt-giamdoc-1" })).Status.ShouldBe(200);
        (await Server.GetAsync(director, $"/api/complaints/{number}")).Code.ShouldBe("no-such-complaint");
        (await Server.GetAsync(director, "/api/complaints?all=true")).Text.ShouldNotContain(number);
        (await Server.GetAsync(WebServer.Token("tt-kiemtra-1", [Role.Auditor]), "/api/complaints")).Text.ShouldContain(number);
    }

    [Fact]
    public async Task Anybody_sends_one_on_the_page_and_who_sees_to_it_answers_on_theirs()
    {
        var page = await browser.OpenAsync();
        await page.GotoAsync("/complain");
        await Browser.LookAsync(page, "complain-vi");
        await page.SelectOptionAsync("[name=kind]", "Complaint");
        await page.FillAsync("[name=text]", Text);
        await page.ClickAsync("form[action='/complain'] button");
        (await page.TextContentAsync(".field.wrong"))!.ShouldContain("Khiếu nại phải ghi họ tên và địa chỉ");
        (await page.InputValueAsync("[name=text]")).ShouldBe(Text, "what was entered is kept");
        await page.FillAsync("[name=name]", Name);
        await page.FillAsync("[name=address]", "12 Lê Lợi");
        await page.SelectOptionAsync("[name=unit]", "H49.12");
        await page.ClickAsync("form[action='/complain'] button");
        var (number, key) = (await page.Locator(".notice.good strong").Nth(0).TextContentAsync(), await page.Locator(".notice.good strong").Nth(1).TextContentAsync());

        var director = await browser.SignInAsync("director", "tt-giamdoc-1");
        await director.GotoAsync("/complaints");
        await Browser.LookAsync(director, "complaints-vi");
        await director.ClickAsync($"text={number}");
        await Browser.LookAsync(director, "complaint-vi");
        (await director.TextContentAsync("main"))!.ShouldContain(Text);
        await director.ClickAsync("form[action$='/accept'] button");
        await director.SelectOptionAsync("form[action$='/assign'] [name=unit]", "H49.01");
        await director.FillAsync("form[action$='/assign'] [name=handler]", "xd-thamdinh-1");
        await director.ClickAsync("form[action$='/assign'] button");
        (await director.TextContentAsync(".field.wrong"))!.ShouldContain("Nội dung về người này");
        await director.FillAsync("form[action$='/assign'] [name=handler]", Handler);
        await director.ClickAsync("form[action$='/assign'] button");

        var handler = await browser.SignInAsync(Role.Officer, Handler, "en");
        await handler.GotoAsync("/complaints");
        await handler.ClickAsync($"text={number}");
        await handler.FillAsync("form[action$='/answer'] [name=text]", "Trung tâm xin lỗi");
        await handler.ClickAsync("form[action$='/answer'] button");
        await Browser.LookAsync(handler, "complaint-en");

        await page.GotoAsync("/complain");
        await page.FillAsync("[name=number]", number!);
        await page.FillAsync("[name=secret]", key!);
        await page.ClickAsync("form[action='/complain/follow'] button");
        (await page.TextContentAsync("main"))!.ShouldContain("Trung tâm xin lỗi");
        await Browser.LookAsync(page, "followed-vi");

        var clerk = await browser.SignInAsync(Role.Clerk, "quay-02", "en");
        await clerk.GotoAsync("/complaints/paper");
        await Browser.LookAsync(clerk, "complaint-paper-en");
        await clerk.SelectOptionAsync("[name=kind]", "Suggestion");
        await clerk.FillAsync("[name=text]", "Thêm ghế ở sảnh");
        await clerk.ClickAsync("main form.act button");
        (await clerk.TextContentAsync(".notice.good"))!.ShouldContain("PA-");
        browser.Complaints.ShouldBeNone();
    }

    private async Task<Answer> FollowAsync(string number, string key) => await AskAsync(() => Server.PostAsync(null!, "/api/complaints/follow", new { number, key }));

    private static async Task<Answer> AskAsync(Func<Task<Answer>> ask)
    {
        var answer = await ask();
        for (; answer.Code == "too-many"; answer = await ask())
            await Task.Delay(TimeSpan.FromSeconds(1), TestDatabase.Time);
        return answer;
    }

    private async Task<string> TextOfLogAsync()
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(Server.Database.ConnectionString);
        await using var command = source.CreateCommand("SELECT string_agg(stream_id || data::text || coalesce(headers::text, ''), ' ') FROM dossier.mt_events WHERE stream_id LIKE '/complaint/%'");
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private Task<Dossier> RunAsync(params string[] arguments) => Dossier.RunAsync(arguments,
    [
        ("ConnectionStrings__EventDossier", Server.Database.ConnectionString), ("ConnectionStrings__Keys", Server.Keys.ConnectionString), ("EVENTDOSSIER_DATA", Server.Folder),
    ]);

    [GeneratedRegex("""\{[a-zA-Z]+\}""", RegexOptions.None, 1000)]
    private static partial Regex Parameter();
}
