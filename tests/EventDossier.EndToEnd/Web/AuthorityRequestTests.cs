using System.IO.Compression;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EventDossier.Audit;
using EventDossier.Dossiers;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Web;

/// <summary>A court asks, somebody enters it, somebody else approves it, and the packs go out with minutes.</summary>
[Collection(OneServer.Name)]
public sealed class AuthorityRequestTests(WebServer server)
{
    private const string Court = "Tòa án nhân dân khu vực 1";
    private static readonly string Registrar = WebServer.Token("tt-vanthu-1", [Role.Administrator]), Second = WebServer.Token("tt-phogiamdoc-1", ["director"]);

    private static object Asking(string number, bool names, params string[] codes) => new
    {
        number, body = "court", from = Court, letter = $"{number}/CV-TA", dossiers = codes, basis = "Bộ luật Tố tụng dân sự, điều 106", names,
    };

    [Fact]
    public async Task What_a_court_asks_for_is_held_approved_by_another_handed_over_with_minutes_and_let_go()
    {
        var codes = new[] { await ReceiveAsync("022090011111"), await ReceiveAsync("022090022222") };
        const string Number = "05-2026", Hold = $"{Court}, {Number}/CV-TA";
        (await server.PostAsync(Registrar, "/api/authority-requests", Asking(Number, true, [.. codes, "H49.12-200101-9999"]))).Code.ShouldBe("no-such-dossier");
        (await HoldsAsync(codes[0])).ShouldBeEmpty("nothing half done");
        (await server.PostAsync(Registrar, "/api/authority-requests", Asking(Number, true, codes))).Status.ShouldBe(200);
        (await server.PostAsync(Registrar, "/api/authority-requests", Asking(Number, true, codes))).Status.ShouldBe(200, "the same again");
        (await server.PostAsync(Registrar, "/api/authority-requests", Asking(Number, false, codes))).Code.ShouldBe("request-known");
        foreach (var code in codes)
            (await HoldsAsync(code)).ShouldBe([Hold], "held as soon as it is entered");

        (await HandOverAsync(Second, Number, "01/BB")).Code.ShouldBe("not-approved");
        (await server.PostAsync(Registrar, "/api/authority-requests/approvals", new { number = Number })).Code.ShouldBe("approver-is-registrar");
        (await server.PostAsync(Second, "/api/authority-requests/approvals", new { number = Number }))["stage"]!.ToString().ShouldBe("approved");
        (await HandOverAsync(Registrar, Number, "01/BB")).Code.ShouldBe("not-allowed", "an administrator may not know who applies");
        (await HandOverAsync(Second, Number, " ")).Code.ShouldBe("receiver-missing");

        var folder = await ZipAsync(Second, Number, "01/BB");
        var request = (await server.GetAsync(Second, "/api/authority-requests"))["items"]!.AsArray().Single(r => $"{r!["number"]}" == Number)!;
        var packs = request["handOvers"]![0]!["packs"]!.AsArray();
        foreach (var (code, pack) in codes.Zip(packs))
        {
            var zip = folder[$"{code}.zip"];
            (pack!["code"]!.ToString(), pack["sha256"]!.ToString(), pack["size"]!.GetValue<long>()).ShouldBe((code, Convert.ToHexStringLower(SHA256.HashData(zip)), zip.Length));
            PackCheck.Check(zip).Findings.ShouldBeEmpty("whoever has it checks it without us");
        }
        var minutes = System.Text.Encoding.UTF8.GetString(folder["minutes.html"]);
        foreach (var told in (string[])["01/BB", "tt-vanthu-1", "tt-phogiamdoc-1", packs[0]!["sha256"]!.ToString(), packs[1]!["sha256"]!.ToString()])
            minutes.ShouldContain(told);
        System.Text.Encoding.UTF8.GetString(folder[$"{codes[0]}.zip"]).ShouldContain("Nông Thị Vân");
        (await HandOverAsync(Second, Number, "01/BB")).Code.ShouldBe("minutes-known");
        var head = (await server.PostAsync(WebServer.Director, $"/api/dossiers/{codes[0]}/assign", new { to = "lan" }))["position"];
        (await server.GetAsync(Second, $"/api/access?code={codes[0]}&after={head}"))["items"]!.AsArray().Select(row => $"{row!["actor"]} {row["what"]} {row["reason"]}").ShouldContain($"tt-phogiamdoc-1 pack {Number}");

        (await server.PostAsync(Registrar, "/api/authority-requests/closures", new { number = Number, reason = "đã xét xử" })).Status.ShouldBe(200);
        (await server.PostAsync(Registrar, "/api/authority-requests/closures", new { number = Number, reason = "đã xét xử" })).Status.ShouldBe(200, "the same again");
        (await HoldsAsync(codes[1])).ShouldBeEmpty();
        (await HandOverAsync(Second, Number, "02/BB")).Code.ShouldBe("not-approved", "it is over");
        (await Dossier.RunAsync(server.Database, ["verify"])).Exit.ShouldBe(0);
    }

    [Fact]
    public async Task One_that_is_refused_lets_go_and_a_hold_of_another_stays()
    {
        var code = await ReceiveAsync("022090033333");
        await server.PostAsync(Registrar, "/api/authority-requests", Asking("06-2026", false, code));
        await server.PostAsync(Registrar, "/api/authority-requests", Asking("07-2026", false, code));
        (await server.PostAsync(Second, "/api/authority-requests/refusals", new { number = "06-2026", reason = " " })).Code.ShouldBe("reason-missing");
        (await server.PostAsync(Second, "/api/authority-requests/refusals", new { number = "06-2026", reason = "không đúng thẩm quyền" }))["stage"]!.ToString().ShouldBe("refused");
        (await server.PostAsync(Second, "/api/authority-requests/approvals", new { number = "06-2026" })).Code.ShouldBe("request-decided");
        (await HoldsAsync(code)).ShouldBe([$"{Court}, 07-2026/CV-TA"]);
        (await server.PostAsync(Second, "/api/authority-requests/approvals", new { number = "none" })).ShouldSatisfyAllConditions(a => a.Status.ShouldBe(404), a => a.Code.ShouldBe("no-such-request"));
        foreach (var (field, code2) in ((object, string)[])[
            (new { number = "08", body = "court", from = "", letter = "x", dossiers = new[] { code }, basis = "x" }, "body-missing"),
            (new { number = "08", body = "court", from = "x", letter = "x", dossiers = new[] { code }, basis = "" }, "basis-missing"),
            (new { number = "08", body = "court", from = "x", letter = "x", dossiers = Array.Empty<string>(), basis = "x" }, "scope-missing"),
            (new { number = "08", body = "king", from = "x", letter = "x", dossiers = new[] { code }, basis = "x" }, "bad-json")])
            (await server.PostAsync(Registrar, "/api/authority-requests", field)).Code.ShouldBe(code2);
    }

    [Fact]
    public async Task Requests_of_authorities_are_for_whom_the_table_says()
    {
        string[] roles = [Role.Clerk, Role.Officer, Role.Supervisor, "director", Role.Auditor, Role.TransparencyOfficer, Role.Administrator, Role.Citizen];
        foreach (var role in roles)
        {
            var token = WebServer.Token("x", [role]);
            (await server.GetAsync(token, "/api/authority-requests")).Status.ShouldBe(role is "director" or Role.Auditor or Role.Administrator ? 200 : 403, role);
            foreach (var act in (string[])["approvals", "refusals", "closures", "hand-overs"])
                (await server.PostAsync(token, $"/api/authority-requests/{act}", new { number = "none" })).Status.ShouldBe(role is "director" or Role.Administrator ? 404 : 403, $"{role} {act}");
            (await server.PostAsync(token, "/api/authority-requests", Asking("x", false))).Status.ShouldBe(role is "director" or Role.Administrator ? 409 : 403, role);
        }
    }

    [Fact]
    public async Task The_command_does_the_same_into_a_folder()
    {
        var code = await ReceiveAsync("022090044444");
        (await RunAsync("authority-request", "enter", "09-2026", "--body", "inspection", "--from-whom", "Thanh tra tỉnh", "--letter", "9/TTr", "--dossier", code, "--basis", "Luật Thanh tra")).Exit.ShouldBe(0);
        (await RunAsync("authority-request", "approve", "09-2026")).Error.ShouldContain("a second person");
        (await RunAsync("authority-request", "approve", "09-2026", "--approved-by", "tt-giamdoc-1")).Output.ShouldContain("09-2026 is approved");
        var folder = Path.Combine(server.Folder, "handed");
        (await RunAsync("authority-request", "hand-over", "09-2026", "--to", "Bà Lê Thị Hạnh, thanh tra viên", "--minutes", "02/BB", "-o", folder)).Output.ShouldContain("1 pack and minutes.html");
        Directory.EnumerateFiles(folder).Select(Path.GetFileName).ShouldBe([$"{code}.zip", "minutes.html"], ignoreOrder: true);
        (await RunAsync("pack", "check", Path.Combine(folder, $"{code}.zip"))).Exit.ShouldBe(0);
        (await RunAsync("authority-request", "list")).Output.ShouldContain("handed over");
    }

    private Task<string> ReceiveAsync(string identity) => server.ReceiveAsync(applicant: new { name = "Nông Thị Vân", identityNumber = identity });

    private async Task<List<string>> HoldsAsync(string code) => [.. (await server.GetAsync(WebServer.Director, $"/api/dossiers/{code}"))["holds"]!.AsArray().Select(h => $"{h!["basis"]}")];

    private Task<Answer> HandOverAsync(string token, string number, string minutes) =>
        server.PostAsync(token, "/api/authority-requests/hand-overs", new { number, to = "Ông Trần Văn Nam, thư ký tòa", minutes });

    private async Task<Dictionary<string, byte[]>> ZipAsync(string token, string number, string minutes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/authority-requests/hand-overs") { Content = JsonContent.Create(new { number, to = "Ông Trần Văn Nam, thư ký tòa", minutes }) };
        request.Headers.Authorization = new("Bearer", token);
        using var response = await server.Client.SendAsync(request);
        ((int)response.StatusCode).ShouldBe(200);
        using var zip = new ZipArchive(new MemoryStream(await response.Content.ReadAsByteArrayAsync()));
        return zip.Entries.ToDictionary(e => e.FullName, e =>
        {
            using var bytes = new MemoryStream();
            using var entry = e.Open();
            entry.CopyTo(bytes);
            return bytes.ToArray();
        });
    }

    private Task<Dossier> RunAsync(params string[] arguments) => Dossier.RunAsync(arguments,
    [
        ("ConnectionStrings__EventDossier", server.Database.ConnectionString), ("ConnectionStrings__Keys", server.Keys.ConnectionString), ("EVENTDOSSIER_DATA", server.Folder),
    ]);
}
