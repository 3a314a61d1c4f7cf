using System.Net;
using System.Net.Http.Headers;
using EventDossier.Dossiers;
using EventDossier.EndToEnd.Drills;
using EventDossier.EndToEnd.Web;
using EventDossier.StoreTests;

namespace EventDossier.Marten.Tests;

/// <summary>Servers of both editions on one database: the lead, pending alerts, timetable and outbox go from one to the other with each kill.</summary>
[Collection(Drill.OneAtATime)]
public sealed class TwoEditionsDrill : TwoServersDrill;

/// <summary>What the edition's server has of its own: acts that were given up, and the timetable's dashboard.</summary>
public sealed class ServerTests : IAsyncLifetime
{
    // The dashboard's forms carry a cookie that goes over TLS alone, but in Development.
    private readonly WebServer server = new() { Settings = [("ASPNETCORE_ENVIRONMENT", "Development")] };

    public Task InitializeAsync() => server.InitializeAsync();

    public Task DisposeAsync() => server.DisposeAsync();

    private static string Administrator => WebServer.Token("tt-quantri-1", [Role.Administrator]);

    [Fact]
    public async Task An_act_that_fails_every_time_is_given_up_and_the_administrator_sees_why()
    {
        var code = await server.ReceiveAsync();
        (await server.GetAsync(Administrator, "/api/jobs/undelivered"))["items"]!.AsArray().ShouldBeEmpty();
        await Drill.AskAsync<object?>(server.Database.ConnectionString,
            """
            CREATE FUNCTION public.refuse_steps() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk of steps is full' USING ERRCODE = 'XX000'; END $$;
            CREATE TRIGGER refuse_steps BEFORE INSERT ON dossier.mt_events FOR EACH ROW WHEN (NEW.type = 'step_completed') EXECUTE FUNCTION public.refuse_steps()
            """);
        (await server.PostAsync(WebServer.Director, $"/api/dossiers/{code}/complete-step", new { step = "Thẩm định" }, key: "step 1")).Status.ShouldBe(500);

        await Drill.UntilAsync("it is given up", async () => (await server.GetAsync(Administrator, "/api/jobs/undelivered"))["items"]!.AsArray().Count > 0);
        var given = (await server.GetAsync(Administrator, "/api/jobs/undelivered"))["items"]!.AsArray();
        given.Single()!["message"]!.ToString().ShouldContain("the disk of steps is full");
        (await server.GetAsync(WebServer.Token("quay-1", [Role.Clerk]), "/api/jobs/undelivered")).Status.ShouldBe(403);

        await Drill.AskAsync<object?>(server.Database.ConnectionString, "DROP TRIGGER refuse_steps ON dossier.mt_events");
        var again = await server.PostAsync(WebServer.Director, $"/api/dossiers/{code}/complete-step", new { step = "Thẩm định" }, key: "step 1");
        (again.Status, again["version"]!.GetValue<long>()).ShouldBe((200, 2L), "nothing of the first try was kept");
    }

    [Fact]
    public async Task The_dashboard_is_for_the_administrator()
    {
        async Task<(HttpStatusCode Status, string Text)> LookAsync(string? token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/hangfire/recurring");
            if (token is not null)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await server.Client.SendAsync(request);
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }

        (await LookAsync(null)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        foreach (var role in (string[])[Role.Clerk, Role.Officer, Role.Supervisor, "director", Role.Auditor, Role.TransparencyOfficer, Role.Citizen])
            (await LookAsync(WebServer.Token("x", [role]))).Status.ShouldBeOneOf(HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized);
        var (status, text) = await LookAsync(Administrator);
        status.ShouldBe(HttpStatusCode.OK);
        text.ShouldContain("daily-digest");
    }
}
