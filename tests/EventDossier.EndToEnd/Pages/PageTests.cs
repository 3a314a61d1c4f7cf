using EventDossier.Dossiers;
using EventDossier.EndToEnd.Web;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Pages;

/// <summary>What holds for all pages: who comes in, what a form may do, and what is kept of what was entered.</summary>
[Collection(OneBrowser.Name)]
public sealed class PageTests(Browser browser)
{
    private WebServer Server => browser.Server;

    [Fact]
    public async Task Who_has_not_signed_in_is_asked_to_and_comes_back_to_where_they_wanted()
    {
        using var visitor = new Visitor(Server);
        var asked = await visitor.GetAsync("/work?officer=x");
        (asked.Status, asked.Location).ShouldBe((302, $"{Server.Client.BaseAddress}sign-in?to=%2Fwork%3Fofficer%3Dx"));
        var form = await visitor.GetAsync("/sign-in?to=%2Falerts");
        (await visitor.PostAsync("/sign-in/development", form, ("person", "xd-thamdinh-1"), ("role", Role.Officer))).Location.ShouldBe("/alerts");
        (await visitor.GetAsync("/work")).Status.ShouldBe(200);
        (await visitor.PostAsync("/sign-out", await visitor.GetAsync("/work"))).Location.ShouldBe("/sign-in");
        (await visitor.GetAsync("/work")).Status.ShouldBe(302);
        foreach (var elsewhere in (string[])["https://evil.example/", "//evil.example", "/\\evil.example"])
            (await visitor.PostAsync("/sign-in/development", await visitor.GetAsync("/sign-in"), ("person", "x"), ("role", Role.Officer), ("to", elsewhere))).Location.ShouldBe("/", elsewhere);
        var access = await Server.GetAsync(WebServer.Token("a", [Role.Auditor]), "/api/access?actor=xd-thamdinh-1&limit=1");
        $"{access["items"]![0]!["what"]} {access["items"]![0]!["role"]} {access["items"]![0]!["where"]}".ShouldBe("signIn officer development");
    }

    [Fact]
    public async Task A_page_takes_no_bearer_token_the_API_no_cookie_and_nothing_a_form_that_was_not_made_here()
    {
        var code = await Server.ReceiveAsync(Browser.Procedure, "H49.12-01", "xd-thamdinh-2");
        using var officer = await Visitor.OfAsync(Server, Role.Officer, "xd-thamdinh-2");
        (await officer.GetAsync($"/api/dossiers/{code}")).Status.ShouldBe(401);
        using var bearer = new HttpRequestMessage(HttpMethod.Get, $"/dossiers/{code}") { Headers = { Authorization = new("Bearer", WebServer.Director) } };
        using (var response = await Server.Client.SendAsync(bearer))
            response.RequestMessage!.RequestUri!.AbsolutePath.ShouldBe("/sign-in");
        var forged = await officer.PostBareAsync($"/dossiers/{code}/act/complete-step", ("step", "Thẩm định hồ sơ"), ("version", "1"), ("key", "k"));
        (forged.Status, forged.Html.Contains("form-expired", StringComparison.Ordinal)).ShouldBe((400, true), forged.Html);

        var headers = (await officer.GetAsync("/work")).Response.Headers;
        headers.GetValues("Content-Security-Policy").Single().ShouldContain("default-src 'none'");
        headers.GetValues("X-Content-Type-Options").Single().ShouldBe("nosniff");
        headers.CacheControl!.NoStore.ShouldBeTrue();
        officer.Cookies.GetAllCookies().ShouldAllBe(cookie => cookie.HttpOnly);
    }

    [Fact]
    public async Task Every_page_opens_for_the_roles_that_the_reference_names_and_for_no_other()
    {
        var code = await Server.ReceiveAsync(Browser.Procedure, "H49.12-01", "xd-thamdinh-2");
        var pages = (await PageRoutes.OfAsync()).Select(route => route with { Path = PageRoutes.Filled(route.Path, code) }).ToList();
        pages.Count.ShouldBeGreaterThan(15);
        var wrong = new List<string>();
        foreach (var (role, person) in PageRoutes.People.Where(p => p.Role is not null))
        {
            using var visitor = await Visitor.OfAsync(Server, role!, person);
            foreach (var (method, path, @for) in pages.Where(p => p.For != "everybody"))
            {
                // Who is let in may still be told that something is missing, or, of a form, that it is not theirs.
                async Task<int> AskAsync() => method == "POST" ? (await visitor.PostBareAsync(path)).Status : await visitor.KnockAsync(path);
                var status = await AskAsync();
                // Nobody turns pages as fast as this.
                while (status == 429)
                {
                    await Task.Delay(TimeSpan.FromSeconds(1), TestDatabase.Time);
                    status = await AskAsync();
                }
                var let = @for.Split(", ").Contains(role);
                // Of what a citizen's right reaches nothing here is theirs; and the page of an act is for those of the act.
                if (let && method == "GET" && (role == Role.Citizen || path.EndsWith("/complete-step", StringComparison.Ordinal)))
                    continue;
                if (let ? status is not (200 or 400 or 404) : status != 403)
                    wrong.Add($"{role} {method} {path}: {status}");
            }
        }
        wrong.ShouldBeEmpty();
        using var nobody = new Visitor(Server);
        foreach (var (method, path, _) in pages.Where(p => p.For != "everybody"))
            (method == "POST" ? (await nobody.PostBareAsync(path)).Status : await nobody.KnockAsync(path)).ShouldBe(302, path);
    }

    [Fact]
    public async Task A_form_that_is_sent_twice_is_one_act_and_one_used_again_for_something_else_is_refused()
    {
        var (code, officer) = (await Server.ReceiveAsync(Browser.Procedure, "H49.12-01", "xd-thamdinh-2"), await Visitor.OfAsync(Server, Role.Officer, "xd-thamdinh-2"));
        using (officer)
        {
            var (page, action) = (await officer.GetAsync($"/dossiers/{code}"), $"/dossiers/{code}/act/complete-step");
            var both = await Task.WhenAll(officer.PostAsync(action, page, ("step", "Trình ký")), officer.PostAsync(action, page, ("step", "Trình ký")));
            both.ShouldAllBe(seen => seen.Status == 302);
            (await Server.GetAsync(WebServer.Director, $"/api/dossiers/{code}"))["steps"]!.AsArray().Count.ShouldBe(1);
            (await officer.PostAsync(action, page, ("step", "Khác"))).Html.ShouldContain("This idempotency key was used for another request");
        }
    }

    [Fact]
    public async Task The_second_of_two_people_is_told_what_the_first_did_and_keeps_their_text()
    {
        var code = await Server.ReceiveAsync(Browser.Procedure, "H49.12-01", "xd-thamdinh-2");
        using var second = await Visitor.OfAsync(Server, Role.Supervisor, "xd-thamdinh-truong");
        using var first = await Visitor.OfAsync(Server, Role.Officer, "xd-thamdinh-2");
        var action = $"/dossiers/{code}/act/request-supplement";
        var page = await second.GetAsync(action);
        (await first.PostAsync($"/dossiers/{code}/act/complete-step", await first.GetAsync($"/dossiers/{code}"), ("step", "Thẩm định hồ sơ"))).Status.ShouldBe(302);

        var told = await second.PostAsync(action, page, ("items", "Bản vẽ <thiết kế>"));
        told.Status.ShouldBe(422);
        told.Html.ShouldContain("xd-thamdinh-2: Step done: Thẩm định hồ sơ");
        told.Html.ShouldContain("Bản vẽ <thiết kế></textarea>");
        (await second.PostAsync(action, told, ("items", "Bản vẽ <thiết kế>"))).Status.ShouldBe(302);
    }

    [Fact]
    public async Task What_is_outside_ones_units_is_shown_on_no_page()
    {
        var code = await Server.ReceiveAsync(WebServer.Land, "H49.08-02", "nnmt-trongtrot-3");
        using var officer = await Visitor.OfAsync(Server, Role.Officer, "xd-thamdinh-2");
        foreach (var path in (string[])[$"/dossiers/{code}", $"/dossiers/{code}/act/complete-step", "/work?officer=nnmt-trongtrot-3"])
        {
            var seen = await officer.GetAsync(path);
            seen.Status.ShouldBe(403, path);
        }
        (await officer.GetAsync($"/dossiers?search={code[..6]}")).Html.ShouldNotContain(code);
        using var supervisor = await Visitor.OfAsync(Server, Role.Supervisor, "xd-thamdinh-truong");
        foreach (var path in (string[])["/board?unit=H49.08-02", "/alerts?acknowledged=", "/workload", "/coming"])
            (await supervisor.GetAsync(path)).Html.ShouldNotContain("nnmt-trongtrot-3", customMessage: path);
    }

    [Fact]
    public async Task A_session_and_a_form_that_is_open_outlive_the_server()
    {
        var code = await Server.ReceiveAsync(Browser.Procedure, "H49.12-01", "xd-thamdinh-2");
        var settings = Server.Settings.Append(("Jwt__Key", WebServer.Secret)).ToArray();
        using var officer = await Visitor.OfAsync(Server, Role.Officer, "xd-thamdinh-2");
        var page = await officer.GetAsync($"/dossiers/{code}");
        // Another process on the same data folder, as after a restart.
        var (process, client) = await WebServer.StartAsync(Server.Database, Server.Keys, Server.Folder, settings);
        using (client)
        {
            using var again = new HttpClient(new SocketsHttpHandler { CookieContainer = Copy(officer, client.BaseAddress!), AllowAutoRedirect = false }) { BaseAddress = client.BaseAddress };
            var action = $"/dossiers/{code}/act/complete-step";
            using var content = new FormUrlEncodedContent([.. page.Hidden(action), KeyValuePair.Create("step", "Trình ký")]);
            using var response = await again.PostAsync(action, content);
            $"{(int)response.StatusCode} {response.Headers.Location}".ShouldBe($"302 /dossiers/{code}?done=complete-step");
        }
        (await WebServer.StopAsync(process)).ShouldBe(0);
    }

    [Fact]
    public async Task The_development_sign_in_does_not_start_outside_development()
    {
        using var refused = WebServer.Launch([("SignIn__Development", "true"), ("ASPNETCORE_ENVIRONMENT", "Production"), ("Jwt__Key", WebServer.Secret)], ["--urls", "http://127.0.0.1:0", "--data", Server.Folder],
            ("ConnectionStrings__EventDossier", Server.Database.ConnectionString), ("ConnectionStrings__Keys", Server.Keys.ConnectionString));
        var error = await refused.StandardError.ReadToEndAsync();
        await refused.WaitForExitAsync();
        (refused.ExitCode, error).ShouldBe((1, "dossier-web: SignIn__Development lets anybody in as anybody: it is for ASPNETCORE_ENVIRONMENT=Development alone\n"));
    }

    private static System.Net.CookieContainer Copy(Visitor of, Uri to)
    {
        var cookies = new System.Net.CookieContainer();
        foreach (System.Net.Cookie cookie in of.Cookies.GetAllCookies())
            cookies.Add(to, new System.Net.Cookie(cookie.Name, cookie.Value));
        return cookies;
    }
}
