using System.Text.Json.Nodes;
using EventDossier.Dossiers;
using EventDossier.EndToEnd.Pages;

namespace EventDossier.EndToEnd.Web;

/// <summary>A supervisor and another unit's dossier: by every route there is, every list, every guess of an address.</summary>
[Collection(OneBrowser.Name)]
public sealed class UnitWallTests(Browser browser)
{
    private const string Name = "Triệu Thị Khuất", Officer = "nnmt-trongtrot-3";
    private static readonly string Supervisor = WebServer.Token("xd-thutruong-1", [Role.Supervisor], ["H49.12"]);

    private WebServer Server => browser.Server;

    private async Task<string> OfAnotherUnitAsync()
    {
        var code = await Server.ReceiveAsync(WebServer.Land, "H49.08-02", Officer, "2026-05-04T09:00:00+07:00", new { name = Name, identityNumber = "022090005555" });
        (await Server.PostAsync(WebServer.Director, $"/api/dossiers/{code}/request-supplement", new { items = new[] { "bản vẽ" }, deliveredBy = "counter" })).Status.ShouldBe(200);
        return code;
    }

    [Fact]
    public async Task No_operation_of_the_API_tells_of_it_or_touches_it()
    {
        var code = await OfAnotherUnitAsync();
        var before = await Server.GetAsync(WebServer.Director, $"/api/dossiers/{code}");
        var description = (await Server.SendAsync(null, new(HttpMethod.Get, "/openapi/v1.json"))).Json!;
        var (asked, aimed) = (0, 0);
        foreach (var (path, operations) in description["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                // What has no end is listened to by a test of its own.
                if (path == "/api/alerts/stream")
                    continue;
                var address = path.Replace("{code}", path.Contains("procedures", StringComparison.Ordinal) ? WebServer.Land : code, StringComparison.Ordinal)
                    .Replace("{slip}", "02-1", StringComparison.Ordinal).Replace("{sha256}", new string('a', 64), StringComparison.Ordinal);
                foreach (var query in method == "get" ? Queries(code) : [""])
                {
                    var answer = method == "get" ? await Server.GetAsync(Supervisor, address + query)
                        : await Server.PostAsync(Supervisor, address, operation!["requestBody"]?["content"]?["application/json"]?["example"] is { } example ? Aimed(example, code) : null);
                    asked++;
                    var what = $"{method} {address}{query}: {answer.Status} {answer.Text}";
                    answer.Text.ShouldNotContain(Name, customMessage: what);
                    answer.Text.ShouldNotContain("022090005555", customMessage: what);
                    // Who works where is no secret.
                    if (path != "/api/organisation")
                        answer.Text.ShouldNotContain(Officer, customMessage: what);
                    if (path.Contains("{code}", StringComparison.Ordinal) && !path.Contains("procedures", StringComparison.Ordinal))
                    {
                        aimed++;
                        answer.Code.ShouldBeOneOf("not-allowed", "bad-query", "bad-field", "bad-json", "bad-request", "no-such-file");
                        answer.Status.ShouldBeGreaterThanOrEqualTo(400, what);
                    }
                    else if (answer.Status < 400 && !Refused(answer).Contains(code) && !answer.Text.Contains("it lies outside your units", StringComparison.Ordinal))
                    {
                        answer.Text.ShouldNotContain(code, customMessage: what);
                    }
                }
            }
        }
        (asked, aimed).ShouldSatisfyAllConditions(n => n.asked.ShouldBeGreaterThan(300), n => n.aimed.ShouldBeGreaterThan(60));
        var after = await Server.GetAsync(WebServer.Director, $"/api/dossiers/{code}");
        after["officer"]!.ToString().ShouldBe(before["officer"]!.ToString());
        (await Server.GetAsync(WebServer.Director, $"/api/dossiers/{code}/history")).Text.ShouldNotContain("xd-thutruong-1", customMessage: "nothing of it is theirs");
    }

    [Fact]
    public async Task No_page_shows_it_and_no_form_reaches_it()
    {
        var code = await OfAnotherUnitAsync();
        using var supervisor = await Visitor.OfAsync(Server, Role.Supervisor, "xd-thutruong-1");
        foreach (var path in (string[])
        [
            "", "/act/assign", "/act/decide", "/act/attach", "/slips/01-1", "/slips/02-1", "/slips/04", "/slips/06", "/slips/99-9",
        ])
        {
            var seen = await supervisor.GetAsync($"/dossiers/{code}{path}");
            seen.Status.ShouldBeOneOf(403, 404);
            seen.Html.ShouldNotContain(Name, customMessage: path);
        }
        foreach (var query in Queries(code).Append("?bucket=PendingOverdue&agency=H49.08"))
        {
            foreach (var page in (string[])["/", "/work", "/board", "/alerts", "/workload", "/coming", "/dossiers", "/register", "/figures", "/procedures", "/organisation", "/public", "/look-up"])
            {
                var seen = await supervisor.GetAsync(page + query);
                // What was searched for stands in its own field.
                var html = seen.Html.Replace($"value=\"{code}\"", "", StringComparison.Ordinal).Replace($"search={code}", "", StringComparison.Ordinal).Replace($"code={code}", "", StringComparison.Ordinal);
                html.ShouldNotContain(Name, customMessage: page + query);
                html.ShouldNotContain(code, customMessage: page + query);
            }
        }
        var own = await Server.ReceiveAsync(Browser.Procedure, "H49.12-01", "xd-thamdinh-1");
        var form = (await supervisor.GetAsync($"/dossiers/{own}/act/assign")).Hidden($"/dossiers/{own}/act/assign");
        foreach (var act in (string[])["assign", "decide", "withdraw", "acknowledge", "complete-step"])
            (await supervisor.PostBareAsync($"/dossiers/{code}/act/{act}", [.. form.Select(h => (h.Key, h.Value)), ("to", "xd-thamdinh-1")])).Status.ShouldBe(403, act);
        var batch = (await supervisor.GetAsync("/alerts?acknowledged=")).Html;
        batch.ShouldNotContain(code);
    }

    private static string[] Queries(string code) =>
    [
        "", $"?search={code}", $"?officer={Officer}", "?unit=H49.08-02", "?agency=H49.08", "?agency=H49.08&period=2026&list=pendingOverdue", $"?code={code}", $"?code={code}&asOf=2030-01-01", "?names=true&limit=500",
        "?asOf=2030-01-01&limit=500", "?knownAt=2030-01-01&limit=500", $"?person={Officer}", "?acknowledged=false&limit=500", $"?procedure={WebServer.Land}",
    ];

    /// <summary>The same body about the other unit's dossier.</summary>
    private static JsonNode Aimed(JsonNode example, string code) => JsonNode.Parse(example.ToJsonString().Replace("H49.12-260424-0001", code, StringComparison.Ordinal))!;

    /// <summary>Codes that an answer about many only names to refuse them.</summary>
    private static HashSet<string> Refused(Answer answer) => answer.Json is JsonObject o && o["items"] is JsonArray items
        ? [.. items.OfType<JsonObject>().Where(item => item["refusal"]?["code"]?.ToString() == "not-allowed").Select(item => $"{item["code"]}")] : [];
}
