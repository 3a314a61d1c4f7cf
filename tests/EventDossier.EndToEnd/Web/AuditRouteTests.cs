using System.Xml.Linq;
using EventDossier.Dossiers;

namespace EventDossier.EndToEnd.Web;

/// <summary>What an auditor asks over HTTP, and who else may.</summary>
[Collection(OneServer.Name)]
public sealed class AuditRouteTests(WebServer server)
{
    private static readonly string Auditor = WebServer.Token("auditor-1", [Role.Auditor]);

    [Fact]
    public async Task An_auditor_steps_through_any_history_and_others_do_not()
    {
        var code = await server.ReceiveAsync(officer: "audited");
        await server.PostAsync(WebServer.Director, $"/api/dossiers/{code}/assign", new { to = "xd-thamdinh-1", unit = "H49.12-01" });
        var steps = (await server.GetAsync(Auditor, $"/api/audit/{code}"))["steps"]!.AsArray();
        steps.Select(s => s!["event"]!["name"]!.ToString()).ShouldBe(["dossier_received", "dossier_assigned"]);
        (steps[1]!["event"]!["actor"]!.ToString(), steps[1]!["officer"]!.ToString()).ShouldBe(("tt-giamdoc-1", "xd-thamdinh-1"));
        steps[1]!["changed"]!.AsArray().Select(c => c!["fact"]!.ToString()).ShouldBe(["stage", "unit", "officer"], ignoreOrder: true);
        steps[1]!["clock"]!["limit"]!.ToString().ShouldBe("5 days");
        steps[1]!["alerts"]!.AsArray().Select(a => a!["standing"]!.ToString()).ShouldContain("ahead");

        var difference = await server.GetAsync(Auditor, $"/api/audit/{code}?from=1&to=2");
        difference["came"]!.AsArray().Single()!["version"]!.GetValue<long>().ShouldBe(2);
        (await server.GetAsync(Auditor, $"/api/audit/{code}?from=yesterday")).Code.ShouldBe("bad-query");
        (await server.GetAsync(Auditor, "/api/audit/H49.12-260504-9999")).Code.ShouldBe("no-such-dossier");
        foreach (var role in (string[])[Role.Clerk, Role.Officer, Role.Supervisor, Role.Administrator, Role.TransparencyOfficer, Role.Citizen])
        {
            foreach (var path in (string[])[$"/api/audit/{code}", "/api/process", "/api/process/map.svg"])
                (await server.GetAsync(WebServer.Token("somebody", [role], ["H49.12"]), path)).Code.ShouldBe("not-allowed", $"{role} {path}");
        }
    }

    [Fact]
    public async Task What_would_differ_under_other_rules_is_told_and_nothing_is_written()
    {
        var code = await server.ReceiveAsync(unit: "H49.12-01", officer: "counterfactual", at: "2026-05-04T08:00:00+07:00");
        var storm = new { number = "77", announced = "2026-05-05", settles = (int?)null, daysOff = new[] { new { date = "2026-05-11", reason = new { en = "storm", vi = "bão" } } }, makeUpDays = Array.Empty<object>(), source = "test" };
        var director = new { shortUnderHours = 32, rules = new[] { new { name = "overdue", clock = "handling", level = "l2", hours = 0, to = new[] { "director" } } } };
        var path = $"/api/audit/counterfactual?code={code}";

        var moved = await server.PostAsync(Auditor, path, new { calendar = new[] { storm } });
        moved.Status.ShouldBe(200, moved.Text);
        (moved["dossiers"]![0]!["due"]!.ToString()[..10], moved["dossiers"]![0]!["otherDue"]!.ToString()[..10]).ShouldBe(("2026-05-11", "2026-05-12"));
        var told = (await server.PostAsync(Auditor, path, new { ladder = director }))["dossiers"]![0]!["alerts"]!.AsArray();
        told.ShouldContain(a => a!["rule"]!.ToString() == "overdue" && a["level"]!.ToString() == "l2");
        var shorter = new { code = WebServer.Building, name = "Cấp giấy phép xây dựng", agency = "H49.12", limit = "2 days", inForceFrom = "2020-01-01T00:00:00+07:00", basis = "QĐ 3" };
        (await server.PostAsync(Auditor, path, new { procedures = new[] { shorter } }))["dossiers"]![0]!["otherDue"]!.ToString()[..10].ShouldBe("2026-05-06");
        (await server.PostAsync(Auditor, "/api/audit/counterfactual?limit=1", new { ladder = director }))["counts"]!["dossiers"]!.GetValue<long>().ShouldBeGreaterThan(0);
        // But for what the alarm clock raises meanwhile.
        (await server.GetAsync(Auditor, $"/api/dossiers/{code}/history")).Json!.AsArray().Select(e => $"{e!["name"]}").Where(name => name != "alert_raised").ShouldBe(["dossier_received"]);

        foreach (var (body, place) in ((object, string)[])
            [(new { }, "$:"), (new { calender = storm }, "$.calender"), (new { calendar = storm }, "$.calendar"), (new { ladder = new { rules = 1 } }, "$.ladder"), (new { procedures = new[] { new { code = "1" } } }, "$.procedures")])
        {
            var refused = await server.PostAsync(Auditor, path, body);
            (refused.Status, refused.Code).ShouldBe((400, "bad-field"), refused.Text);
            refused["detail"]!.ToString().ShouldStartWith(place);
        }
        (await server.PostAsync(Auditor, path, new { calendar = new[] { storm with { daysOff = [.. storm.daysOff, .. storm.daysOff] } } })).Code.ShouldBe("bad-decision");
        (await server.PostAsync(Auditor, "/api/audit/counterfactual?code=H49.12-260504-9999", new { ladder = director })).Code.ShouldBe("no-such-dossier");
        foreach (var role in (string[])[Role.Clerk, Role.Officer, Role.Supervisor, Role.Administrator, Role.TransparencyOfficer, Role.Citizen])
            (await server.PostAsync(WebServer.Token("somebody", [role], ["H49.12"]), path, new { ladder = director })).Code.ShouldBe("not-allowed", role);
    }

    [Fact]
    public async Task The_process_is_told_in_numbers_and_drawn()
    {
        await server.ReceiveAsync();
        var report = await server.GetAsync(Auditor, $"/api/process?procedure={WebServer.Building}");
        report["dossiers"]!.GetValue<long>().ShouldBeGreaterThan(0);
        report["starts"]!.AsObject().Select(s => s.Key).ShouldContain("dossier_received");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/process/map.svg") { Headers = { Authorization = new("Bearer", Auditor) } };
        using var response = await server.Client.SendAsync(request);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("image/svg+xml");
        XDocument.Parse(await response.Content.ReadAsStringAsync()).Root!.Value.ShouldContain("dossier received");
    }

    [Fact]
    public async Task Lists_of_the_past_show_what_one_may_see_today()
    {
        var (kept, left) = (await server.ReceiveAsync(unit: "H49.12-01", officer: "past"), await server.ReceiveAsync(WebServer.Land, unit: "H49.08-02", officer: "past"));
        var before = (await server.GetAsync(WebServer.Director, $"/api/dossiers/{left}/history")).Json!.AsArray()[0]!["position"]!.GetValue<long>();
        await server.PostAsync(WebServer.Director, $"/api/dossiers/{kept}/assign", new { to = "someone-else", unit = "H49.12-01" });
        await server.PostAsync(WebServer.Director, $"/api/dossiers/{left}/assign", new { to = "someone-else", unit = "H49.08-02" });

        async Task<string[]> CodesAsync(string token, string path) => [.. (await server.GetAsync(token, path))["items"]!.AsArray().Select(d => d!["code"]!.ToString())];
        var supervisor = WebServer.Token("truong-phong-12", [Role.Supervisor], ["H49.12-01"]);
        foreach (var list in (string[])["/api/dossiers?officer=past", "/api/deadlines?officer=past&asOf=2030-01-01"])
        {
            (await CodesAsync(Auditor, $"{list}&position={before}")).ShouldBe([kept, left], ignoreOrder: true, list);
            (await CodesAsync(supervisor, $"{list}&position={before}")).ShouldBe([kept], list);
            (await CodesAsync(Auditor, $"{list}&after={before + 2}")).ShouldBeEmpty(list);
        }
        (await CodesAsync(Auditor, $"/api/work?officer=past&position={before}")).ShouldBe([kept, left], ignoreOrder: true);
        (await CodesAsync(supervisor, $"/api/work?unit=H49.12-01&position={before}")).ShouldContain(kept);
        (await server.GetAsync(supervisor, "/api/work?unit=H49.08-02")).Code.ShouldBe("not-allowed");
        (await server.GetAsync(supervisor, "/api/work")).Code.ShouldBe("not-allowed");
        (await CodesAsync(WebServer.Token("someone-else", [Role.Officer], []), $"/api/work?officer=someone-else&after={before + 2}")).ShouldBe([kept, left], ignoreOrder: true, "one's own work");
        (await server.GetAsync(Auditor, $"/api/figures?period=2026&position={before}"))["position"]!.GetValue<long>().ShouldBe(before);
    }
}
