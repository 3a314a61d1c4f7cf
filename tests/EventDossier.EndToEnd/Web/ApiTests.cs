using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using EventDossier.Dossiers;
using EventDossier.StoreTests;
using Npgsql;

namespace EventDossier.EndToEnd.Web;

/// <summary>Acts and questions over HTTP, against the real process.</summary>
[Collection(OneServer.Name)]
public sealed class ApiTests(WebServer server)
{
    private static string Director => WebServer.Director;

    [Fact]
    public async Task A_dossier_lives_and_is_found_at_once_by_who_waits_for_it()
    {
        var code = await server.ReceiveAsync();
        (string Act, object Body)[] acts =
        [
            ("assign", new { to = "xd-thamdinh-1", unit = "H49.12-01" }), ("complete-step", new { step = "Thẩm định" }), ("link", new { other = code, kind = "related" }),
        ];
        var version = 1;
        long position = 0;
        foreach (var (act, body) in acts[..2])
        {
            var done = await server.PostAsync(Director, $"/api/dossiers/{code}/{act}", body, match: $"\"{version}\"");
            (done.Status, done.ETag).ShouldBe((200, $"\"{++version}\""), done.Text);
            position = done["position"]!.GetValue<long>();
        }
        (await server.PostAsync(Director, $"/api/dossiers/{code}/{acts[2].Act}", acts[2].Body)).Status.ShouldBe(409);

        var found = (await server.GetAsync(Director, $"/api/dossiers?search={code}&after={position}"))["items"]!.AsArray().Single()!;
        (found["stage"]!.ToString(), found["officer"]!.ToString(), found["version"]!.GetValue<long>()).ShouldBe(("inProgress", "xd-thamdinh-1", version));
        var now = await server.GetAsync(Director, $"/api/dossiers/{code}");
        (now.ETag, now["unit"]!.ToString()).ShouldBe(($"\"{version}\"", "H49.12-01"));
        (await server.GetAsync(Director, $"/api/dossiers/{code}?version=1"))["stage"]!.ToString().ShouldBe("received");
        var history = (await server.GetAsync(Director, $"/api/dossiers/{code}/history")).Json!.AsArray();
        history.Select(e => (e!["name"]!.ToString(), e["actor"]!.ToString(), e["role"]!.ToString())).ShouldBe(
            [("dossier_received", "tt-giamdoc-1", "clerk"), ("dossier_assigned", "tt-giamdoc-1", "supervisor"), ("step_completed", "tt-giamdoc-1", "supervisor")]);
        (await server.GetAsync(Director, $"/api/dossiers/{code}?asOf=2020-01-01")).Code.ShouldBe("not-yet");
        var recorded = history[1]!["recordedAt"]!.ToString();
        // Two acts may be recorded in one millisecond: then both were known.
        var known = history.Count(e => e!["recordedAt"]!.GetValue<DateTimeOffset>() <= history[1]!["recordedAt"]!.GetValue<DateTimeOffset>());
        (await server.GetAsync(Director, $"/api/dossiers/{code}?knownAt={Uri.EscapeDataString(recorded)}"))["version"]!.GetValue<long>().ShouldBe(known);
        (await server.GetAsync(Director, $"/api/dossiers/{code}?knownAt={recorded}"))["version"]!.GetValue<long>().ShouldBe(known, "a + that was not escaped");
        (await server.GetAsync(Director, $"/api/deadlines/{code}?lang=vi"))["lines"]!.AsArray().Select(l => $"{l}").ShouldContain(l => l.Contains("5 ngày làm việc", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_same_key_is_the_same_command_of_the_same_sender_and_takes_no_other_body()
    {
        var body = new { procedure = WebServer.Building, applicant = new { name = "Đỗ Thị Hoà", identityNumber = "022090001234" } };
        var first = await server.PostAsync(Director, "/api/dossiers", body, key: "form 17");
        var again = await server.PostAsync(Director, "/api/dossiers", body, key: "form 17");
        (again.Status, again.Text).ShouldBe((201, first.Text));
        var other = await server.PostAsync(Director, "/api/dossiers", new { procedure = WebServer.Land }, key: "form 17");
        (other.Status, other.Code).ShouldBe((422, "key-reused"));
        var colleague = await server.PostAsync(WebServer.Token("quay-2", [Role.Clerk]), "/api/dossiers", body, key: "form 17");
        colleague["code"]!.ToString().ShouldNotBe(first["code"]!.ToString());

        var path = $"/api/dossiers/{first["code"]}/assign";
        (await server.PostAsync(Director, path, new { to = "a" }, "assign", "\"1\"")).ETag.ShouldBe("\"2\"");
        (await server.PostAsync(Director, path, new { to = "a" }, "assign", "\"1\"")).ETag.ShouldBe("\"2\"", "what was done is answered again, though the version has moved on");
        (await server.PostAsync(Director, path, new { to = "b" }, "assign", "\"1\"")).Code.ShouldBe("key-reused");
        (await server.PostAsync(Director, $"/api/dossiers/{colleague["code"]}/assign", new { to = "a" }, "assign")).Code.ShouldBe("key-reused", "another dossier is another request");
    }

    [Fact]
    public async Task A_version_that_is_no_longer_the_last_is_refused_and_nothing_is_written()
    {
        var code = await server.ReceiveAsync();
        (await server.PostAsync(Director, $"/api/dossiers/{code}/assign", new { to = "a" })).Status.ShouldBe(200);
        var late = await server.PostAsync(Director, $"/api/dossiers/{code}/assign", new { to = "b" }, match: "\"1\"");
        (late.Status, late.Code).ShouldBe((412, "version-mismatch"));
        (await server.GetAsync(Director, $"/api/dossiers/{code}"))["officer"]!.ToString().ShouldBe("a");
    }

    [Theory]
    [InlineData(401, "not-signed-in", "GET", "/api/dossiers", null, null, false)]
    [InlineData(404, "no-such-route", "GET", "/api/nothing", null, null, true)]
    [InlineData(404, "no-such-dossier", "GET", "/api/dossiers/nobody", null, null, true)]
    [InlineData(404, "no-such-dossier", "POST", "/api/dossiers/nobody/assign", "application/json", """{"to": "a"}""", true)]
    [InlineData(405, "method-not-allowed", "DELETE", "/api/dossiers", null, null, true)]
    [InlineData(415, "not-json", "POST", "/api/dossiers", "text/plain", "procedure", true)]
    [InlineData(400, "bad-json", "POST", "/api/dossiers", "application/json", """{"procedure": "1", "procedure": "2"}""", true)]
    [InlineData(400, "bad-json", "POST", "/api/dossiers", "application/json", "[]", true)]
    [InlineData(400, "bad-json", "POST", "/api/dossiers", "application/json", "{", true)]
    [InlineData(400, "bad-field", "POST", "/api/dossiers", "application/json", """{"procedure": 7}""", true)]
    [InlineData(400, "bad-field", "POST", "/api/dossiers", "application/json", "{}", true)]
    [InlineData(400, "bad-field", "POST", "/api/dossiers", "application/json", """{"procedure": "1.004", "actor": "somebody else"}""", true)]
    [InlineData(400, "bad-field", "POST", "/api/dossiers", "application/json", """{"procedure": "1.004", "applicant": {"name": 1}}""", true)]
    [InlineData(400, "bad-field", "POST", "/api/dossiers", "application/json", """{"procedure": "1.004", "at": "soon"}""", true)]
    [InlineData(400, "not-storable", "POST", "/api/dossiers", "application/json", """{"procedure": "1.004", "place": "a\u0000b"}""", true)]
    [InlineData(409, "no-such-procedure", "POST", "/api/dossiers", "application/json", """{"procedure": "none"}""", true)]
    [InlineData(409, "in-the-future", "POST", "/api/dossiers", "application/json", """{"procedure": "1.004", "at": "2090-01-05T09:00:00+07:00"}""", true)]
    [InlineData(400, "bad-query", "GET", "/api/dossiers?limit=0", null, null, true)]
    [InlineData(400, "bad-query", "GET", "/api/dossiers?cursor=x", null, null, true)]
    [InlineData(400, "bad-query", "GET", "/api/deadlines?asOf=soon", null, null, true)]
    [InlineData(400, "bad-query", "GET", "/api/figures?period=often", null, null, true)]
    [InlineData(400, "unknown-stage", "GET", "/api/dossiers?stage=lost", null, null, true)]
    [InlineData(503, "views-behind", "GET", "/api/dossiers?after=999999999", null, null, true)]
    public async Task What_goes_wrong_is_a_problem_with_its_code(int status, string code, string method, string path, string? type, string? body, bool signedIn)
    {
        var request = new HttpRequestMessage(new(method), path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(type!));
        var answer = await server.SendAsync(signedIn ? Director : null, request);
        (answer.Status, answer.Code).ShouldBe((status, code), answer.Text);
    }

    [Fact]
    public async Task A_body_without_end_is_refused()
    {
        var answer = await server.PostAsync(Director, "/api/dossiers", new { procedure = new string('x', 100_000) });
        (answer.Status, answer.Code).ShouldBe((413, "too-large"));
    }

    [Fact]
    public async Task What_is_personal_reaches_no_table_in_clear()
    {
        var code = await server.ReceiveAsync(applicant: new { name = "Nguyễn Văn Bí Mật", phone = "0912000111" });
        (await server.PostAsync(Director, $"/api/dossiers/{code}/correct-applicant", new { applicant = new { name = "Nguyễn Thị Kín Đáo" }, reason = "nhầm" })).Status.ShouldBe(200);
        using (var document = new HttpRequestMessage(HttpMethod.Post, $"/api/dossiers/{code}/attach?kind=form") { Content = new StringContent("Bí Mật", Encoding.UTF8, "text/plain") })
            (await server.SendAsync(Director, document)).Status.ShouldBe(200);

        (await server.GetAsync(Director, $"/api/dossiers/{code}/history")).Text.ShouldNotContain("Bí Mật");
        await using var connection = new NpgsqlConnection(server.Database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT count(*) FROM dossier.mt_events WHERE data::text ~ 'Bí Mật|Kín Đáo|0912000111'", connection);
        (await command.ExecuteScalarAsync()).ShouldBe(0L);
    }

    [Fact]
    public async Task Pages_by_their_cursors_tell_everything_once()
    {
        for (var i = 0; i < 5; i++)
            await server.ReceiveAsync(WebServer.Land, officer: "paging", at: $"2026-0{i + 1}-05T09:00:00+07:00");
        foreach (var path in (string[])["/api/dossiers?officer=paging", "/api/deadlines?officer=paging&asOf=2026-12-31"])
        {
            var (codes, cursor) = (new List<string>(), "");
            do
            {
                var page = await server.GetAsync(Director, $"{path}&limit=2&after={server.Position}&{cursor}");
                codes.AddRange(page["items"]!.AsArray().Select(d => d!["code"]!.ToString()));
                cursor = $"cursor={page["next"]}";
            }
            while (cursor != "cursor=");
            codes.Count.ShouldBe(5, path);
            codes.ShouldBe(codes.Order().Distinct(), path);
        }
        (await server.GetAsync(Director, "/api/deadlines?officer=paging&asOf=2026-02-20"))["items"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task It_is_ready_and_says_of_what()
    {
        await Waiting.UntilAsync(async () => (await server.SendAsync(null, new(HttpMethod.Get, "/health/live"))).Status == 200, "live");
        using var response = await server.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        var ready = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        ready["checks"]!.AsArray().Select(c => c!["name"]!.ToString()).ShouldBe(
            ["database", .. ProductViews.All.Select(v => $"view {v.Name}").Order(StringComparer.Ordinal), "outbox", "public log", "alarm clock"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_job_runs_when_asked_for_and_its_history_tells_of_it()
    {
        (await server.PostAsync(Director, "/api/jobs/housekeeping/runs")).Code.ShouldBe("not-allowed");
        var administrator = WebServer.Token("admin", [Role.Administrator]);
        (await server.PostAsync(administrator, "/api/jobs/none/runs")).Code.ShouldBe("no-such-job");
        foreach (var job in (string[])["housekeeping", "reproject", "daily-digest", "publications", "backup", "uncollected"])
            (await server.PostAsync(administrator, $"/api/jobs/{job}/runs")).Status.ShouldBe(202);
        JsonArray? jobs = null;
        await Waiting.UntilAsync(async () => (jobs = (await server.GetAsync(administrator, "/api/jobs"))["jobs"]!.AsArray()).All(j => j!["runs"]!.AsArray().Count > 0), "each job has run");
        jobs!.Select(j => j!["name"]!.ToString()).ShouldBe(["daily-digest", "reproject", "housekeeping", "publications", "backup", "uncollected"]);
        jobs!.SelectMany(j => j!["runs"]!.AsArray()).ShouldAllBe(run => run!["succeeded"]!.GetValue<bool>());
    }
}

internal static class Waiting
{
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, int seconds = 30)
    {
        var began = TestDatabase.Time.GetTimestamp();
        while (!await condition())
        {
            if (TestDatabase.Time.GetElapsedTime(began) > TimeSpan.FromSeconds(seconds))
                throw new TimeoutException($"after {seconds} s still not: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TestDatabase.Time);
        }
    }
}
