using System.Text.RegularExpressions;
using EventDossier.Dossiers;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Web;

/// <summary>From the older system's file to the clerk's search and the citizen's look-up, by programs and by people.</summary>
[Collection(OneServer.Name)]
public sealed partial class CutOverTests(WebServer server)
{
    private Task<Dossier> RunAsync(params string[] arguments) => Dossier.RunAsync(arguments,
    [
        ("ConnectionStrings__EventDossier", server.Database.ConnectionString), ("ConnectionStrings__Keys", server.Keys.ConnectionString), ("EVENTDOSSIER_DATA", server.Folder),
    ]);

    [Fact]
    public async Task A_dossier_of_an_older_system_is_found_by_its_old_code_and_its_backlog_told_to_whom_it_concerns()
    {
        var (file, map) = (Path.Combine(server.Folder, "older.csv"), Path.Combine(server.Folder, "older.map.json"));
        await File.WriteAllTextAsync(map,
            """
            { "caseId": "code", "activity": "step", "time": "at", "receivedAt": "received", "limit": "limit", "aliases": "old", "pausedBy": {"Chờ bổ sung": "supplement"},
              "agency": {"value": "H49.12"}, "officer": {"value": "older-lan"} }
            """);
        await File.WriteAllTextAsync(file, "code,old,received,limit,step,at\nCU-0001,SO-CU/77,2026-04-17T10:00,5 days,Thụ lý,2026-04-17T10:30\n");
        (await RunAsync("import", file, "--map", map)).ShouldSatisfyAllConditions(r => r.Exit.ShouldBe(0, r.Error), r => r.Output.ShouldContain("1 dossier late or due already, told in"));

        (await RunAsync("show", "SO-CU/77")).Output.ShouldContain("CU-0001");
        var shown = await server.GetAsync(WebServer.Director, $"/api/dossiers/{Uri.EscapeDataString("SO-CU/77")}");
        (shown.Status, shown["code"]?.ToString(), shown["aliases"]?[0]?.ToString()).ShouldBe((200, "CU-0001", "SO-CU/77"), shown.Text);
        (await server.GetAsync(WebServer.Director, $"/api/deadlines/{Uri.EscapeDataString("SO-CU/77")}")).Status.ShouldBe(200);

        var mine = await server.GetAsync(WebServer.Token("older-lan", [Role.Officer]), "/api/cut-over");
        mine["items"]!.AsArray().Single(i => i!["file"]!.ToString() == "older.csv")!["backlog"]!.AsArray().ShouldHaveSingleItem()!["to"]!["person"]!.ToString().ShouldBe("older-lan");
        (await server.GetAsync(WebServer.Token("someone-else", [Role.Officer]), "/api/cut-over")).Text.ShouldNotContain("CU-0001");
        (await server.GetAsync(WebServer.Token("dan-1", [Role.Citizen]), "/api/cut-over")).Status.ShouldBe(403);

        var items = new[] { new { code = "SO-CU/77", due = "2026-04-27" }, new { code = "khong-co", due = "2026-04-27" } };
        (await server.PostAsync(WebServer.Token("older-lan", [Role.Officer]), "/api/cut-over/comparisons", new { items })).Status.ShouldBe(403);
        var compared = await server.PostAsync(WebServer.Director, "/api/cut-over/comparisons", new { items });
        compared["rows"]!.AsArray().Select(r => r!["agreement"]!.ToString()).ShouldBe(["differ", "unknown"], compared.Text);
        (await server.PostAsync(WebServer.Director, "/api/cut-over/comparisons", new { items = new[] { new { code = "x", due = "mai" } } })).ShouldSatisfyAllConditions(
            a => a.Code.ShouldBe("bad-field"), a => a.Text.ShouldContain("items[0]"));

        var dates = Path.Combine(server.Folder, "dates.csv");
        await File.WriteAllTextAsync(dates, "code,due\nSO-CU/77,2026-04-24\n");
        (await RunAsync("cut-over", "compare", dates)).ShouldSatisfyAllConditions(r => r.Exit.ShouldBe(0, r.Output), r => r.Output.ShouldContain("1 agree, 0 differ"));
        await File.WriteAllTextAsync(dates, "code,due\nSO-CU/77,2026-04-28\n");
        (await RunAsync("cut-over", "compare", dates)).ShouldSatisfyAllConditions(r => r.Exit.ShouldBe(1), r => r.Output.ShouldContain("Mon 2026-04-27"));
        await File.WriteAllTextAsync(dates, "code,due\nSO-CU/77,hôm kia\n");
        (await RunAsync("cut-over", "compare", dates)).ShouldSatisfyAllConditions(r => r.Exit.ShouldBe(1), r => r.Error.ShouldContain("line 2"));
        (await RunAsync("cut-over", "list")).Output.ShouldContain("older-lan");

        var slip = (await server.GetAsync(WebServer.Director, "/api/dossiers/CU-0001/slips/01-1")).Text;
        var key = Key().Match(slip).Value;
        (await server.PostAsync("", "/api/look-up", new { code = "SO-CU/77", key })).ShouldSatisfyAllConditions(a => a.Status.ShouldBe(200, a.Text), a => a["code"]!.ToString().ShouldBe("CU-0001"));
        (await server.PostAsync("", "/api/look-up", new { code = "SO-CU/77", key = "7K2M-9QXT-04WB" })).Status.ShouldBe(404);
    }

    [GeneratedRegex("(?<=<strong><code>)[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}(?=</code>)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Key();
}
