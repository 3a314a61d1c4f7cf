using System.Net;
using EventDossier.Documents;
using EventDossier.Dossiers;
using EventDossier.EndToEnd.Web;

namespace EventDossier.EndToEnd.Pages;

/// <summary>What the pages take, how often, and what they tell a browser to hold to.</summary>
public sealed class LimitTests(LimitTests.Servers servers) : IClassFixture<LimitTests.Servers>
{
    /// <summary>A server of its own, so that nobody else's requests are counted.</summary>
    public sealed class Servers : IAsyncLifetime
    {
        public WebServer Development { get; } = new() { Settings = [("SignIn__Development", "true"), ("ASPNETCORE_ENVIRONMENT", "Development")] };

        public Task InitializeAsync() => Development.InitializeAsync();

        public Task DisposeAsync() => Development.DisposeAsync();
    }

    private WebServer Server => servers.Development;

    [Fact]
    public async Task Signing_in_is_limited_for_an_address_and_the_rest_goes_on()
    {
        using var visitor = new Visitor(Server);
        var answers = new List<Visitor.Seen>();
        for (var i = 0; i < 31; i++)
            answers.Add(await visitor.GetAsync("/sign-in/provider"));
        answers.Take(30).ShouldAllBe(seen => seen.Status == 404, "no provider is named here, and thirty may ask in a minute");
        (answers[30].Status, answers[30].Html.Contains("Too many requests", StringComparison.Ordinal)).ShouldBe((429, true), answers[30].Html);
        answers[30].Response.Headers.RetryAfter.ShouldNotBeNull();
        (await visitor.GetAsync("/sign-in")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Looking_up_on_the_page_counts_with_looking_up_over_the_API_and_answers_every_guess_alike()
    {
        var code = await Server.ReceiveAsync();
        using var visitor = new Visitor(Server);
        var form = await visitor.GetAsync("/look-up");
        var answers = new List<Visitor.Seen>();
        // One of twenty was the form itself.
        for (var i = 0; i < 10; i++)
            answers.Add(await visitor.PostAsync("/look-up", form, ("code", i % 2 == 0 ? code : "H49.12-200101-9999"), ("key", "0000-0000-0000")));
        for (var i = 0; i < 9; i++)
            (await Server.SendAsync(null, new(HttpMethod.Post, "/api/look-up") { Content = System.Net.Http.Json.JsonContent.Create(new { code, key = "0000-0000-0000" }) })).Status.ShouldBe(404);
        answers.ShouldAllBe(seen => seen.Status == 404 || seen.Status == 422);
        static string Alike(Visitor.Seen seen, string code) => System.Text.RegularExpressions.Regex.Replace(
            seen.Html.Replace(code, "CODE", StringComparison.Ordinal), """value="(CfDJ8[^"]*|[0-9a-f]{32})" """.Trim(), "", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5));
        Alike(answers[0], code).ShouldBe(Alike(answers[1], "H49.12-200101-9999"), "but for what was typed, a dossier that is there answers as one that is not");
        (await visitor.PostAsync("/look-up", form, ("code", code), ("key", "0000-0000-0000"))).Status.ShouldBe(429);
        (await Server.SendAsync(null, new(HttpMethod.Post, "/api/look-up") { Content = System.Net.Http.Json.JsonContent.Create(new { code, key = "0000-0000-0000" }) })).Code.ShouldBe("too-many");
    }

    [Fact]
    public async Task Whoever_asks_for_pages_without_end_is_told_to_wait_and_nobody_else_is()
    {
        using var restless = await Visitor.OfAsync(Server, Role.Auditor, "kiem-toan-1");
        using var another = await Visitor.OfAsync(Server, Role.Auditor, "kiem-toan-2");
        var told = 0;
        for (var i = 0; i < 2_000 && told == 0; i += 100)
            told = (await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => restless.KnockAsync("/audit")))).Count(status => status == 429);
        told.ShouldBeGreaterThan(0);
        (await another.GetAsync("/audit")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_document_that_is_too_large_is_refused_from_the_form_and_nothing_is_kept()
    {
        var code = await Server.ReceiveAsync(officer: "xd-thamdinh-1", unit: "H49.12-01", applicant: new { name = "Hà Văn Tả" });
        using var officer = await Visitor.OfAsync(Server, Role.Officer, "xd-thamdinh-1");
        var action = $"/dossiers/{code}/act/attach";
        var form = await officer.GetAsync(action);
        (await officer.UploadAsync(action, form, new byte[DocumentFolder.MostBytes + (1 << 17)], ("kind", "bản vẽ"))).Status.ShouldBe(413);
        (await Server.GetAsync(WebServer.Director, $"/api/dossiers/{code}"))["documents"]!.AsArray().ShouldBeEmpty();
        (await officer.UploadAsync(action, form, "bản vẽ"u8.ToArray(), ("kind", "bản vẽ"))).Status.ShouldBe(302);
        (await Server.GetAsync(WebServer.Director, $"/api/dossiers/{code}"))["documents"]!.AsArray().Count.ShouldBe(1);
        (await officer.PostBareAsync($"/dossiers/{code}/act/complete-step", ("step", new string('x', 200_000)))).Status.ShouldBeOneOf(400, 413);
    }

    [Fact]
    public async Task Outside_development_a_browser_is_held_to_TLS_and_no_cookie_goes_without()
    {
        using var client = new HttpClient { BaseAddress = Server.Client.BaseAddress };
        (await HeadersAsync(client)).Contains("Strict-Transport-Security").ShouldBeFalse("in development there is no TLS");
        var (process, production) = await WebServer.StartAsync(Server.Database, Server.Keys, Server.Folder, ("ASPNETCORE_ENVIRONMENT", "Production"), ("ASPNETCORE_FORWARDEDHEADERS_ENABLED", "true"), ("Jwt__Key", WebServer.Secret));
        using (production)
        {
            var headers = await HeadersAsync(production);
            headers.GetValues("Strict-Transport-Security").ShouldBe(["max-age=31536000; includeSubDomains"]);
            // TLS ends at the proxy, which says so.
            using var request = new HttpRequestMessage(HttpMethod.Get, "/look-up") { Headers = { { "X-Forwarded-Proto", "https" } } };
            using var asked = await production.SendAsync(request);
            asked.StatusCode.ShouldBe(HttpStatusCode.OK, await asked.Content.ReadAsStringAsync());
            asked.Headers.GetValues("Set-Cookie").ShouldAllBe(cookie => cookie.Contains("secure", StringComparison.OrdinalIgnoreCase) && cookie.Contains("samesite=strict", StringComparison.OrdinalIgnoreCase)
                && cookie.Contains("httponly", StringComparison.OrdinalIgnoreCase));
        }
        (await WebServer.StopAsync(process)).ShouldBe(0);

        static async Task<System.Net.Http.Headers.HttpResponseHeaders> HeadersAsync(HttpClient client)
        {
            using var response = await client.GetAsync("/sign-in");
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            return response.Headers;
        }
    }
}
