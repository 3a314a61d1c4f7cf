using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Web;

/// <summary>A place that is cut off for a day: slips printed ahead, paper, and what is typed in afterwards.</summary>
[Collection(OneServer.Name)]
public sealed partial class OutageTests(WebServer server)
{
    private const string Place = "H49.12-01";
    private static readonly string Clerk = WebServer.Token("quay-04", [Role.Clerk]), Supervisor = WebServer.Token("truong-phong-12", [Role.Supervisor]);

    private static DateTimeOffset Now => WorkCalendar.Vietnam.Local(TestDatabase.Time.GetUtcNow());

    [Fact]
    public async Task Slips_printed_ahead_are_handed_out_typed_in_with_their_own_times_and_looked_up_by_their_own_keys()
    {
        var (block, outage) = ("Ba Chẽ 1", "SC-2026-01");
        var reserved = await server.PostAsync(Supervisor, "/api/number-blocks", new { name = block, agency = "H49.12", unit = Place, count = 4 });
        reserved.Status.ShouldBe(200, reserved.Text);
        var codes = reserved["numbers"]!.AsArray().Select(n => n!["code"]!.ToString()).ToList();
        codes.Select(c => int.Parse(c[^4..])).ShouldBe(Enumerable.Range(int.Parse(codes[0][^4..]), 4), "one after the other");
        (await server.PostAsync(Supervisor, "/api/number-blocks", new { name = block, agency = "H49.12", unit = Place, count = 4 })).Text.ShouldBe(reserved.Text, "the same again is the same block");
        (await server.PostAsync(Supervisor, "/api/number-blocks", new { name = block, agency = "H49.12", unit = Place, count = 5 })).Code.ShouldBe("block-known");
        (await server.ReceiveAsync()).ShouldNotBeOneOf([.. codes], "a number that is set aside is nobody else's");

        var sheet = (await server.GetAsync(Supervisor, $"/api/number-blocks/slips?block={Uri.EscapeDataString(block)}")).Text;
        var keys = Key().Matches(sheet).Select(m => m.Value).ToList();
        (keys.Count, keys.Distinct().Count()).ShouldBe((4, 4));
        codes.ShouldAllBe(code => sheet.Contains($"{code}/01-1", StringComparison.Ordinal));
        (await LookUpAsync(codes[0], keys[0])).Status.ShouldBe(404, "nobody applied under it yet");
        (await server.PostAsync(Clerk, $"/api/dossiers/{codes[0]}/place-hold", new { basis = "x", role = Role.Clerk })).Status.ShouldBe(403);
        (await server.PostAsync(WebServer.Director, $"/api/dossiers/{codes[0]}/assign", new { to = "lan" })).Code.ShouldBe("no-such-dossier");

        var (from, to) = (Now.AddHours(-30), Now.AddHours(-2));
        (await server.PostAsync(Supervisor, "/api/outages", new { number = outage, unit = Place, reason = "đứt cáp quang", from })).Status.ShouldBe(200);
        (await server.PostAsync(Supervisor, "/api/outages", new { number = "SC-key", unit = Place, reason = "thử" }, key: "outage-1")).Status.ShouldBe(200);
        (await server.PostAsync(Supervisor, "/api/outages", new { number = "SC-other", unit = Place, reason = "thử" }, key: "outage-1")).Code.ShouldBe("key-reused");
        (await server.PostAsync(Supervisor, "/api/number-blocks", new { name = "khác", agency = "H49.12", unit = Place, count = 1 }, key: "outage-1")).Code.ShouldBe("key-reused");
        (await server.PostAsync(Supervisor, "/api/outages/ends", new { number = outage, to })).Status.ShouldBe(200);
        (await server.PostAsync(Supervisor, "/api/outages/ends", new { number = outage, to = to.AddMinutes(1) })).Code.ShouldBe("outage-over");
        object Slip(int i, DateTimeOffset at) => new { code = codes[i], procedure = WebServer.Building, receivedAt = at, applicant = new { name = "Lý A Sử", identityNumber = "022090005555" } };
        object[] items = [Slip(0, from.AddHours(1)), Slip(1, from.AddHours(1)), Slip(2, to.AddHours(1))];

        (await RefusalsAsync(Clerk, new { number = outage, items })).ShouldBe(["back-dated-too-far", "back-dated-too-far", "outside-outage"], "somebody answers for it");
        (await RefusalsAsync(Clerk, new { number = outage, approvedBy = "quay-04", items })).ShouldBe(["approver-is-actor", "approver-is-actor", "outside-outage"]);
        (await RefusalsAsync(Clerk, new { number = "SC-none", approvedBy = "truong-phong-12", items })).ShouldAllBe(code => code == "no-such-outage");
        (await RefusalsAsync(Clerk, new { number = outage, approvedBy = "truong-phong-12", items })).ShouldBe(["", "", "outside-outage"]);
        (await RefusalsAsync(Clerk, new { number = outage, approvedBy = "truong-phong-12", items })).ShouldBe(["", "", "outside-outage"], "sent again, it is found done");

        var dossier = await server.GetAsync(WebServer.Director, $"/api/dossiers/{codes[0]}");
        (dossier["version"]!.GetValue<int>(), dossier["outage"]!.ToString(), dossier["place"]!.ToString()).ShouldBe((2, outage, Place));
        dossier["receivedAt"]!.GetValue<DateTimeOffset>().ShouldBe(from.AddHours(1), TimeSpan.FromMilliseconds(1));
        dossier["due"]!.GetValue<DateTimeOffset>().ShouldBe(DueDate.Of(from.AddHours(1), Limit.Parse("5 days"), WorkCalendar.Vietnam), "counted from the paper's time");
        (await server.GetAsync(WebServer.Director, $"/api/dossiers/{codes[0]}/history")).Text.ShouldContain("truong-phong-12");
        (await LookUpAsync(codes[0], keys[0])).Status.ShouldBe(200, "the key on the slip opens");
        (await LookUpAsync(codes[0], keys[1])).Status.ShouldBe(404);

        var ended = await server.PostAsync(Supervisor, "/api/number-blocks/voids", new { name = block, reason = "hết sự cố" });
        ended["numbers"]!.AsArray().Select(n => n!["state"]!.ToString()).ShouldBe(["used", "used", "void", "void"]);
        (await RefusalsAsync(Clerk, new { number = outage, approvedBy = "truong-phong-12", items = new[] { Slip(3, from.AddHours(2)) } })).ShouldBe(["not-reserved"]);
        (await Dossier.RunAsync(server.Database, ["verify"])).Exit.ShouldBe(0);
    }

    [Fact]
    public async Task Outages_and_blocks_are_for_whom_the_table_says()
    {
        string[] roles = [Role.Clerk, Role.Officer, Role.Supervisor, "director", Role.Auditor, Role.TransparencyOfficer, Role.Administrator, Role.Citizen];
        foreach (var role in roles)
        {
            var token = WebServer.Token($"x-{role.Replace(' ', '-')}", [role]);
            (await server.GetAsync(token, "/api/outages")).Status.ShouldBe(role is Role.Clerk or Role.Supervisor or "director" or Role.Auditor or Role.Administrator ? 200 : 403, role);
            var acts = role is Role.Supervisor or "director" or Role.Administrator;
            (await server.PostAsync(token, "/api/outages", new { number = $"SC-{role}", unit = Place, reason = "thử" })).Status.ShouldBe(acts ? 200 : 403, role);
            (await server.PostAsync(token, "/api/number-blocks", new { name = role, agency = "H49.12", unit = Place, count = 1 })).Status.ShouldBe(acts ? 200 : 403, role);
            (await server.PostAsync(token, "/api/number-blocks/voids", new { name = "none", reason = "thử" })).Status.ShouldBe(acts ? 404 : 403, role);
            (await server.PostAsync(token, "/api/outages/entries", new { number = "SC-none", items = new[] { new { code = "H49.12-260101-0001", procedure = "x", receivedAt = Now } } })).Status
                .ShouldBe(role is Role.Clerk ? 200 : 403, role);
        }
    }

    [Fact]
    public async Task A_file_of_slips_with_a_fault_names_the_line_and_enters_nothing_and_a_good_one_enters_each()
    {
        (await RunAsync("numbers", "reserve", "tệp", "--agency", "H49.08", "--unit", Place, "--count", "2")).Exit.ShouldBe(0);
        var codes = JsonNode.Parse((await RunAsync("numbers", "show", "tệp", "--json")).Output)!["numbers"]!.AsArray().Select(n => n!["code"]!.ToString()).ToList();
        (await RunAsync("outage", "declare", "SC-file", "--unit", Place, "--reason", "mất điện", "--from", $"{Now.AddHours(-3):O}")).Exit.ShouldBe(0);
        var file = Path.Combine(server.Folder, "slips.csv");
        var at = $"{Now.AddHours(-2):yyyy-MM-ddTHH:mm}";

        await File.WriteAllTextAsync(file, $"code,procedure,receivedAt,name\n{codes[0]},{WebServer.Land},{at},Hà Thị Lan\n{codes[1]},{WebServer.Land},hôm qua,Vi Văn Tư\n");
        (await RunAsync("outage", "enter", "SC-file", file, "--approved-by", "truong-phong-12")).ShouldSatisfyAllConditions(r => r.Exit.ShouldBe(1), r => r.Error.ShouldContain("line 3"), r => r.Error.ShouldContain("hôm qua"));
        (await RunAsync("numbers", "show", "tệp")).Output.ShouldNotContain("used");

        await File.WriteAllTextAsync(file, $"code,procedure,receivedAt,name\n{codes[0]},{WebServer.Land},{at},Hà Thị Lan\n{codes[1]},{WebServer.Land},{at},Vi Văn Tư\n");
        (await RunAsync("outage", "enter", "SC-file", file, "--approved-by", "truong-phong-12")).Output.ShouldContain("2 slips entered, 0 refused");
        (await RunAsync("numbers", "void", "tệp", "--reason", "không còn")).Output.ShouldNotContain("void");
        (await RunAsync("outage", "end", "SC-file")).Output.ShouldContain("SC-file");
        (await RunAsync("outage", "list")).Output.ShouldContain("mất điện");
    }

    private Task<Dossier> RunAsync(params string[] arguments) => Dossier.RunAsync(arguments,
    [
        ("ConnectionStrings__EventDossier", server.Database.ConnectionString), ("ConnectionStrings__Keys", server.Keys.ConnectionString), ("EVENTDOSSIER_DATA", server.Folder),
    ]);

    private async Task<List<string>> RefusalsAsync(string token, object body)
    {
        var answer = await server.PostAsync(token, "/api/outages/entries", body);
        answer.Status.ShouldBe(200, answer.Text);
        return [.. answer["items"]!.AsArray().Select(item => item!["refusal"]?["code"]?.ToString() ?? "")];
    }

    private Task<Answer> LookUpAsync(string code, string key) => server.PostAsync("", "/api/look-up", new { code, key });

    [GeneratedRegex("(?<=<strong><code>)[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}(?=</code>)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Key();
}
