using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using EventDossier.Dossiers;

namespace EventDossier.EndToEnd.Web;

/// <summary>The inbox over HTTP, and the stream that goes on where a listener left it.</summary>
[Collection(OneServer.Name)]
public sealed class AlertTests(WebServer server)
{
    private static readonly string Supervisor = WebServer.Token("truong-phong-12", [Role.Supervisor], ["H49.12"]);

    [Fact]
    public async Task An_alert_comes_to_those_it_is_for_and_is_acknowledged()
    {
        var (code, other) = (await server.ReceiveAsync(WebServer.Building, "H49.12-01", "xd-thamdinh-1", "2026-05-04T09:00:00+07:00"),
            await server.ReceiveAsync(WebServer.Land, "H49.08-02", "nnmt-trongtrot-3", "2026-05-04T09:00:00+07:00"));
        var rows = new List<JsonNode>();
        await Waiting.UntilAsync(async () => (rows = await InboxAsync(WebServer.Director, code, other)).Any(r => $"{r["code"]}" == code) && rows.Any(r => $"{r["code"]}" == other), "both are raised");

        (await InboxAsync(Supervisor, code, other)).Select(r => $"{r["code"]}").Distinct().ShouldBe([code]);
        var officer = WebServer.Token("xd-thamdinh-1", [Role.Officer]);
        (await InboxAsync(officer, code, other)).ShouldAllBe(r => $"{r["person"]}" == "xd-thamdinh-1");
        (await server.GetAsync(officer, "/api/alerts?person=somebody")).Code.ShouldBe("not-allowed");
        (await server.GetAsync(WebServer.Token("admin", [Role.Administrator]), "/api/alerts")).Code.ShouldBe("not-allowed");

        var rule = rows.First(r => $"{r["code"]}" == code)["rule"]!.ToString();
        (await server.PostAsync(WebServer.Token("p", [Role.Supervisor], ["H49.08"]), $"/api/dossiers/{code}/acknowledge", new { alert = rule })).Code.ShouldBe("not-allowed");
        var done = await server.PostAsync(Supervisor, $"/api/dossiers/{code}/acknowledge", new { alert = rule });
        done.Status.ShouldBe(200, done.Text);
        var acknowledged = (await server.GetAsync(Supervisor, $"/api/alerts?acknowledged=true&limit=500&after={done["position"]}"))["items"]!.AsArray();
        acknowledged.ShouldContain(r => $"{r!["code"]}" == code && $"{r["rule"]}" == rule);
    }

    [Fact]
    public async Task Many_alerts_are_acknowledged_snoozed_or_passed_on_at_once_and_each_is_answered_on_its_own()
    {
        var (code, other) = (await server.ReceiveAsync(WebServer.Building, "H49.12-01", "xd-thamdinh-3", "2026-05-04T09:00:00+07:00"),
            await server.ReceiveAsync(WebServer.Land, "H49.08-02", "nnmt-trongtrot-3", "2026-05-04T09:00:00+07:00"));
        var rules = new List<string>();
        await Waiting.UntilAsync(async () => (rules = [.. (await InboxAsync(WebServer.Director, code)).Select(r => $"{r["rule"]}").Distinct()]).Count > 1, "two are raised");

        object[] items = [new { code, alert = rules[0] }, new { code, alert = "nonsense" }, new { code = other, alert = rules[0] }, new { code, alert = rules[1] }];
        foreach (var time in (string[])["first", "again"])
        {
            var done = await server.PostAsync(Supervisor, "/api/alerts/acknowledge", new { items }, key: "batch-1");
            done.Status.ShouldBe(200, done.Text);
            var answers = done["items"]!.AsArray();
            answers.Select(a => $"{a!["code"]}").ShouldBe([code, code, other, code]);
            answers.Select(a => $"{a!["refusal"]?["code"]}").ShouldBe(["", "no-such-alert", "not-allowed", ""], time);
            answers.Select(a => a!["position"]!.GetValue<long>() > 0).ShouldBe([true, false, false, true], time);
        }
        var history = (await server.GetAsync(WebServer.Director, $"/api/dossiers/{code}/history")).Json!.AsArray();
        history.Count(e => $"{e!["name"]}" == "alert_acknowledged").ShouldBe(2, "and once each");
        (await server.PostAsync(Supervisor, "/api/alerts/acknowledge", new { items = (object[])[new { code, alert = rules[1] }] }, key: "batch-1"))["items"]![0]!["refusal"]!["code"]!.ToString().ShouldBe("key-reused");

        var assigned = await server.PostAsync(WebServer.Director, "/api/alerts/assign", new { items = (object[])[new { code, to = "xd-thamdinh-2" }, new { code = other, to = "nnmt-trongtrot-2" }] });
        assigned["items"]!.AsArray().ShouldAllBe(a => a!["refusal"] == null);
        var faulty = await server.PostAsync(WebServer.Director, "/api/alerts/snooze", new { items = (object[])[new { code, alert = rules[0], until = "2030-01-02", reason = "x" }, new { code, until = "2030-01-02", reason = "x" }] });
        (faulty.Code, faulty.Text.Contains("$.items[1].alert")).ShouldBe(("bad-field", true), faulty.Text);

        // What an apology is owed for opens its draft.
        var draft = await server.GetAsync(Supervisor, $"/api/dossiers/{code}/slips/04");
        draft.Status.ShouldBe(200, draft.Text);
        (draft["slip"]!["isDraft"]!.GetValue<bool>(), draft["slip"]!["late"]!.GetValue<bool>()).ShouldBe((true, true));
        $"{draft["letter"]!["text"]}".ShouldContain("PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ");
        (await InboxAsync(WebServer.Director, code)).Where(r => $"{r["level"]}" == "apologyDuty").ShouldAllBe(r => $"{r["draft"]}" == $"/api/dossiers/{code}/slips/04");

        var figures = await server.GetAsync(WebServer.Director, "/api/figures/alerts");
        figures["people"]!.AsArray().Single(p => $"{p!["person"]}" == "xd-thamdinh-3")!["told"]!.GetValue<int>().ShouldBeGreaterThan(0);
        (await server.GetAsync(Supervisor, "/api/figures/alerts")).Code.ShouldBe("not-allowed");
    }

    [Fact]
    public async Task Cut_after_any_event_the_stream_goes_on_without_a_hole_or_a_double()
    {
        var code = await server.ReceiveAsync(WebServer.Building, "H49.12-01", "xd-thamdinh-2", "2026-05-04T09:00:00+07:00");
        await Waiting.UntilAsync(async () => (await InboxAsync(WebServer.Director, code)).Count > 0, "something is raised");
        var history = (await server.GetAsync(WebServer.Director, $"/api/dossiers/{code}/history")).Json!.AsArray();
        var raised = history.Where(e => $"{e!["name"]}" == "alert_raised").Select(e => $"{e!["position"]}").ToList();
        raised.Count.ShouldBeGreaterThan(1);

        for (var i = 0; i < raised.Count; i++)
            (await ListenAsync(Supervisor, i == 0 ? $"{history[0]!["position"]}" : raised[i - 1], code, raised.Count - i)).ShouldBe(raised[i..]);

        // A listener from now on hears of what comes, and of nothing that lies outside their units.
        var heard = ListenAsync(Supervisor, null, code, 1, async () =>
        {
            var other = await server.ReceiveAsync(WebServer.Land, "H49.08-02", "nnmt-trongtrot-3", "2026-05-04T09:00:00+07:00");
            await Waiting.UntilAsync(async () => (await InboxAsync(WebServer.Director, other)).Count > 0, "the other's is raised");
            var rule = $"{history.First(e => $"{e!["name"]}" == "alert_raised")!["data"]!["rule"]}";
            (await server.PostAsync(Supervisor, $"/api/dossiers/{code}/acknowledge", new { alert = rule })).Status.ShouldBe(200);
        }, outside: "H49.08");
        (await heard).Count.ShouldBe(1);
    }

    /// <summary>Ids of the next events of one dossier, and that of another agency none came before them.</summary>
    private async Task<List<string>> ListenAsync(string token, string? after, string code, int count, Func<Task>? once = null, string? outside = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/alerts/stream");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (after is not null)
            request.Headers.Add("Last-Event-ID", after);
        using var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        (await reader.ReadLineAsync()).ShouldBe(": listening");
        if (once is not null)
            await once();
        var (ids, id) = (new List<string>(), "");
        while (ids.Count < count && await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = line[4..];
            if (!line.StartsWith("data: ", StringComparison.Ordinal))
                continue;
            var told = $"{JsonNode.Parse(line[6..])!["code"]}";
            if (outside is not null)
                told.ShouldNotStartWith(outside);
            if (told == code)
                ids.Add(id);
        }
        return ids;
    }

    private async Task<List<JsonNode>> InboxAsync(string token, params string[] codes) =>
        [.. (await server.GetAsync(token, "/api/alerts?limit=500"))["items"]!.AsArray().Select(row => row!).Where(row => codes.Contains($"{row["code"]}"))];
}
