using EventDossier.Dossiers;

namespace EventDossier.EndToEnd.Web;

/// <summary>Releases over HTTP and at the terminal: who may, and that neither way goes round the gate.</summary>
[Collection(OneServer.Name)]
public sealed class ReleaseRouteTests(WebServer server)
{
    private static readonly string Officer = WebServer.Token("minh-bach", [Role.TransparencyOfficer]);

    [Fact]
    public async Task A_release_that_the_gate_stops_is_published_neither_here_nor_at_the_terminal()
    {
        await server.ReceiveAsync(officer: "release");
        var drafted = await server.PostAsync(Officer, "/api/releases", new { from = "2024-01-01", to = "2024-02-01", k = 1000 });
        drafted.Status.ShouldBe(201, drafted.Text);
        var (number, path) = (drafted["number"]!.ToString(), $"/api/releases/{drafted["number"]}");
        (await server.PostAsync(Officer, $"{path}/publish")).Code.ShouldBe("not-checked");

        var judged = await server.PostAsync(Officer, $"{path}/check");
        (judged.Status, judged["stage"]!.ToString()).ShouldBe((200, "failed"), judged.Text);
        judged["checked"]!["findings"]![0]!["kind"]!.ToString().ShouldBe("kept-too-few");
        (await server.GetAsync(Officer, $"{path}/disclosure"))["passed"]!.GetValue<bool>().ShouldBeFalse();
        (await server.PostAsync(WebServer.Director, $"{path}/approve")).Code.ShouldBe("gate-failed");
        (await server.PostAsync(WebServer.Director, $"{path}/publish")).Code.ShouldBe("gate-failed");
        (await server.GetAsync(null, $"/open-data/releases/{number}/disclosure.json")).Status.ShouldBe(404);

        foreach (var verb in (string[][])[["approve", number, "--approved-by", "hoa"], ["publish", number]])
        {
            var refused = await Dossier.RunAsync(["release", .. verb, "--data", server.Folder], Dossier.On(server.Database));
            (refused.Exit, refused.Error).ShouldBe((1, "dossier: kept-too-few: 0 of 0 cases are left, and 60 % are wanted\n"));
        }
        (await server.PostAsync(Officer, $"{path}/withdraw", new { reason = "a trial" }))["stage"]!.ToString().ShouldBe("withdrawn");
        (await server.GetAsync(WebServer.Token("kiem-toan", [Role.Auditor]), "/api/releases"))["items"]!.AsArray().ShouldContain(r => r!["number"]!.ToString() == number);
    }

    [Fact]
    public async Task Acts_on_releases_are_for_two_roles_and_a_body_that_makes_no_sense_names_its_place()
    {
        foreach (var role in (string[])[Role.Clerk, Role.Officer, Role.Supervisor, Role.Auditor, Role.Administrator, Role.Citizen])
            (await server.PostAsync(WebServer.Token("x", [role], ["H49.12"]), "/api/releases", new { period = "2024-01" })).Code.ShouldBe("not-allowed", role);
        foreach (var role in (string[])[Role.Clerk, Role.Officer, Role.Supervisor, Role.Administrator, Role.Citizen])
            (await server.GetAsync(WebServer.Token("x", [role], ["H49.12"]), "/api/releases")).Code.ShouldBe("not-allowed", role);

        (await server.PostAsync(Officer, "/api/releases", new { period = "next year" })).Code.ShouldBe("bad-field");
        (await server.PostAsync(Officer, "/api/releases", new { period = "2024-01", agnecy = "H49.12" })).Code.ShouldBe("bad-json");
        (await server.PostAsync(Officer, "/api/releases", new { period = "2024-01", agency = "nowhere" })).Code.ShouldBe("no-such-agency");
        (await server.PostAsync(Officer, "/api/releases", new { period = "2090" })).Code.ShouldBe("period-not-over");
        (await server.GetAsync(Officer, "/api/releases/2020-0001")).Status.ShouldBe(404);
        (await server.PostAsync(Officer, "/api/releases/2020-0001/check")).Code.ShouldBe("no-such-release");
    }

    [Fact]
    public async Task The_register_and_the_timetable_are_kept()
    {
        (await server.PostAsync(Officer, "/api/releases/requests", new { number = "12/YCTT", requester = "journalist", scope = "land", basis = "Law 104" })).Status.ShouldBe(200);
        (await server.PostAsync(Officer, "/api/releases/requests/answers", new { number = "12/YCTT", release = "2020-0001" })).Code.ShouldBe("not-published");
        (await server.PostAsync(Officer, "/api/releases/requests/answers", new { number = "12/YCTT", refused = "it is in the gazette" }))["answer"]!["refused"]!.ToString().ShouldBe("it is in the gazette");
        (await server.GetAsync(Officer, "/api/releases/requests"))["items"]!.AsArray().Count.ShouldBe(1);

        var planned = await server.PostAsync(Officer, "/api/releases/timetable", new { period = "2023-Q1", dueAt = "2023-05-01" });
        planned["items"]!.AsArray().ShouldHaveSingleItem()!["late"]!.GetValue<bool>().ShouldBeTrue(planned.Text);
    }
}
