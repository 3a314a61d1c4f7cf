using System.Text.Json.Nodes;
using EventDossier.Dossiers;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Web;

/// <summary>What helps at peaks, over HTTP and at a terminal: the queue, batches, slips of many, and results that nobody fetches.</summary>
[Collection(OneServer.Name)]
public sealed class PeakTests(WebServer server)
{
    private static readonly string Clerk = WebServer.Token("quay-07", [Role.Clerk]);

    private Task<Dossier> RunAsync(params string[] arguments) => Dossier.RunAsync(arguments,
    [
        ("ConnectionStrings__EventDossier", server.Database.ConnectionString), ("ConnectionStrings__Keys", server.Keys.ConnectionString), ("EVENTDOSSIER_DATA", server.Folder),
    ]);

    [Fact]
    public async Task A_number_is_drawn_called_and_served_and_the_figure_leads_to_its_ticket()
    {
        const string Place = "H49.08";
        var drawn = await server.PostAsync(Clerk, "/api/queue/tickets", new { place = Place, service = "đất đai" }, key: "peak-1");
        drawn.Status.ShouldBe(200, drawn.Text);
        (await server.PostAsync(Clerk, "/api/queue/tickets", new { place = Place, service = "đất đai" }, key: "peak-1")).Text.ShouldBe(drawn.Text);
        var id = drawn["id"]!.ToString();
        var called = await server.PostAsync(Clerk, "/api/queue/calls", new { place = Place, counter = "4" });
        (called["id"]!.ToString(), called["state"]!.ToString()).ShouldBe((id, "called"));
        (await server.PostAsync(Clerk, "/api/queue/calls", new { place = Place, counter = "4" })).ShouldSatisfyAllConditions(a => a.Status.ShouldBe(409), a => a.Code.ShouldBe("nobody-waits"));
        (await server.PostAsync(Clerk, "/api/queue/services", new { ticket = $"{id}9" })).Status.ShouldBe(404);
        (await server.PostAsync(Clerk, "/api/queue/services", new { ticket = id }))["state"]!.ToString().ShouldBe("served");
        (await server.GetAsync(Clerk, $"/api/queue?unit={Place}"))["items"]!.AsArray().ShouldHaveSingleItem();
        var figures = await server.GetAsync(WebServer.Director, $"/api/figures/counter-time?unit={Place}");
        (figures["served"]!.GetValue<int>(), figures["wait"]!["percent"]!.GetValue<decimal>(), figures["definition"]!["targetMinutes"]!.GetValue<int>(), figures["tickets"]![0]!["id"]!.ToString())
            .ShouldBe((1, 100m, 15, id), figures.Text);
        (await server.GetAsync(Clerk, "/api/figures/counter-time")).Status.ShouldBe(403);
        (await server.PostAsync(WebServer.Token("xd-9", [Role.Officer]), "/api/queue/tickets", new { place = Place })).Status.ShouldBe(403);

        var taken = JsonNode.Parse((await RunAsync("queue", "take", "H49.09", "--json")).Output)!["id"]!.ToString();
        (await RunAsync("queue", "call", "H49.09", "--counter", "2")).Output.ShouldContain($"{taken} called to 2");
        (await RunAsync("queue", "leave", taken, "--reason", "không đến")).Exit.ShouldBe(0);
        (await RunAsync("queue", "serve", taken)).ShouldSatisfyAllConditions(r => r.Exit.ShouldBe(1), r => r.Error.ShouldContain(taken));
        (await RunAsync("queue", "list", "H49.09")).Output.ShouldContain("left");
        (await RunAsync("queue", "figures", "--place", "H49.09", "--list")).Output.ShouldContain("1 taken, 0 served, 1 left");
    }

    [Fact]
    public async Task In_a_batch_one_bad_row_is_named_and_loses_none_of_the_others_and_sent_again_nothing_is_done_twice()
    {
        var codes = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var submitted = await server.PostAsync(Clerk, "/api/dossiers/submissions", new { procedure = WebServer.Building, channel = "online", applicant = new { name = $"Vi Văn {i}" } });
            submitted.Status.ShouldBe(201, submitted.Text);
            codes.Add(submitted["code"]!.ToString());
        }
        var items = new[] { codes[0], "khong-co", codes[1], codes[2] }.Select(code => new { code }).ToArray();
        async Task<List<string>> BatchAsync(string act, object body, string key) =>
            [.. (await server.PostAsync(WebServer.Director, $"/api/batch/{act}", body, key: key))["items"]!.AsArray().Select(i => i!["refusal"]?["code"]?.ToString() ?? "")];

        (await BatchAsync("receive-submission", new { items }, "peak-batch")).ShouldBe(["", "no-such-dossier", "", ""]);
        (await BatchAsync("receive-submission", new { items }, "peak-batch")).ShouldBe(["", "no-such-dossier", "", ""]);
        (await server.GetAsync(WebServer.Director, $"/api/dossiers/{codes[0]}"))["version"]!.GetValue<int>().ShouldBe(2, "received once");
        (await BatchAsync("hand-over", new { items = codes.Select(code => new { code, to = "H49.12-01" }) }, "peak-over")).ShouldBe(["", "", ""]);
        (await BatchAsync("accept-hand-over", new { items = codes.Take(2).Select(code => new { code, officer = "xd-thamdinh-1" }) }, "peak-accept")).ShouldBe(["", ""]);
        (await RunAsync("accept-hand-over", codes[2], "khong-co", "--officer", "xd-thamdinh-1")).ShouldSatisfyAllConditions(r => r.Exit.ShouldBe(1), r => r.Output.ShouldContain("khong-co no-such-dossier"), r => r.Output.ShouldContain($"{codes[2]} version 4"));

        var sheet = (await server.PostAsync(Clerk, "/api/batch/slips", new { codes = codes.Append("khong-co") })).Text;
        codes.ShouldAllBe(code => sheet.Contains($"{code}/01-1", StringComparison.Ordinal));
        (sheet.Contains("khong-co", StringComparison.Ordinal), sheet.Contains("Vi Văn 2", StringComparison.Ordinal), sheet.Split("<section class=\"each\">").Length).ShouldBe((true, true, 4));
        (await server.PostAsync(WebServer.Token("kiemtoan", [Role.Auditor]), "/api/batch/slips", new { codes })).Status.ShouldBe(403);
    }

    [Fact]
    public async Task Results_that_nobody_fetched_are_listed_and_the_rule_is_told_and_decided_by_administrators()
    {
        var code = await server.ReceiveAsync();
        var head = WebServer.Token("xd-thutruong-1", [Role.Supervisor], ["H49.12"]);
        (await server.PostAsync(head, $"/api/dossiers/{code}/decide", new { outcome = "approved", authority = "xd-thutruong" })).Status.ShouldBe(200);
        (await server.PostAsync(WebServer.Director, $"/api/dossiers/{code}/make-ready", new { })).Status.ShouldBe(200);
        (await RunAsync("uncollected", "list", "--limit", "500")).Output.ShouldContain(code);
        var listed = await server.GetAsync(WebServer.Director, "/api/uncollected?limit=100");
        listed["items"]!.AsArray().Select(i => i!["code"]!.ToString()).ShouldContain(code, listed.Text);
        (await server.GetAsync(WebServer.Token("dan", [Role.Citizen]), "/api/uncollected")).Status.ShouldBe(403);

        (await server.PostAsync(Clerk, "/api/uncollected/rule", new { afterWorkingDays = new[] { 7 }, basis = "QĐ 1" })).Status.ShouldBe(403);
        var administrator = WebServer.Token("quan-tri", [Role.Administrator]);
        (await server.PostAsync(administrator, "/api/uncollected/rule", new { afterWorkingDays = new[] { 7, 7 }, basis = "QĐ 1" })).ShouldSatisfyAllConditions(a => a.Status.ShouldBe(400), a => a.Code.ShouldBe("bad-rule"));
        (await server.PostAsync(administrator, "/api/uncollected/rule", new { afterWorkingDays = new[] { 7, 20 }, basis = "QĐ 1" }))["version"]!.ToString().ShouldBe("1");
        (await RunAsync("uncollected", "rule")).Output.ShouldContain("version 1: 7, 20 working days");
        var file = Path.Combine(server.Folder, "rule.json");
        await File.WriteAllTextAsync(file, """{"afterWorkingDays": [], "basis": "x"}""");
        (await RunAsync("uncollected", "decide", file)).ShouldSatisfyAllConditions(r => r.Exit.ShouldBe(1), r => r.Error.ShouldContain("rule.json: afterWorkingDays"));
        (await RunAsync("uncollected", "remind")).Output.ShouldContain("0 applicants reminded");
    }
}
