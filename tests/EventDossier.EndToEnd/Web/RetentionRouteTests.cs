using EventDossier.Dossiers;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Web;

/// <summary>Ended retention and closed years, over HTTP and by the command.</summary>
[Collection(OneServer.Name)]
public sealed class RetentionRouteTests(WebServer server)
{
    private static readonly string Registrar = WebServer.Token("tt-vanthu-1", [Role.Administrator]), Second = WebServer.Token("tt-phogiamdoc-1", ["director"]);

    [Fact]
    public async Task Who_may_be_erased_is_listed_proposed_by_one_and_erased_by_the_word_of_another()
    {
        // Nothing is kept for the sake of somebody who was named by mistake.
        var code = await server.ReceiveAsync(applicant: new { name = "Nông Thị Nhầm", identityNumber = "022090077771" });
        var corrected = await server.PostAsync(WebServer.Director, $"/api/dossiers/{code}/correct-applicant", new { applicant = new { name = "Nông Thị Đúng", identityNumber = "022090077772" }, reason = "nhầm người" });
        corrected.Status.ShouldBe(200);
        var due = await server.GetAsync(Second, $"/api/retention?limit=1&after={corrected["position"]}");
        var (count, open) = (due["counts"]!["due"]!.GetValue<long>(), due["counts"]!["open"]!.GetValue<long>());
        (count, open).ShouldSatisfyAllConditions(c => c.count.ShouldBeGreaterThan(0), c => c.open.ShouldBeGreaterThan(0));
        due["items"]!.AsArray().Count.ShouldBe(1);
        (await server.GetAsync(Second, $"/api/retention?cursor={due["next"]}&limit=500"))["items"]!.AsArray().Count.ShouldBe((int)count - 1);
        (await server.GetAsync(Second, "/api/retention?asOf=never")).Code.ShouldBe("bad-query");

        var today = TestDatabase.Time.GetUtcNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        foreach (var (body, wrong) in ((object, string)[])[(new { number = "XH-1", basis = "QĐ 12" }, "bad-field"), (new { number = "XH-1", basis = "QĐ 12", asOf = "2999-01-01" }, "in-the-future"), (new { number = "XH-1", asOf = today }, "basis-missing")])
            (await server.PostAsync(Registrar, "/api/retention/proposals", body)).Code.ShouldBe(wrong);
        var proposed = await server.PostAsync(Registrar, "/api/retention/proposals", new { number = "XH-1", basis = "QĐ 12", asOf = today });
        (proposed.Status, proposed["proposed"]!["applicants"]!.AsArray().Count).ShouldBe((200, (int)count));
        (await server.PostAsync(Registrar, "/api/retention/approvals", new { number = "XH-1" })).Code.ShouldBe("approver-is-proposer");
        (await server.PostAsync(Second, "/api/retention/erasures", new { number = "XH-1" })).Code.ShouldBe("not-approved");
        var done = await server.PostAsync(Second, "/api/retention/approvals", new { number = "XH-1" });
        (done.Status, $"{done["stage"]}", done["carriedOut"]!["erased"]!.GetValue<int>()).ShouldBe((200, "carriedOut", (int)count));
        (await server.PostAsync(Second, "/api/retention/refusals", new { number = "XH-1", reason = "chờ" })).Code.ShouldBe("proposal-decided");
        (await server.GetAsync(Second, "/api/retention"))["counts"]!["due"]!.GetValue<long>().ShouldBe(0);
        (await server.GetAsync(Registrar, "/api/retention/proposals"))["items"]!.AsArray().Select(p => $"{p!["number"]}").ShouldContain("XH-1");
        (await RunAsync("retention", "due")).Output.ShouldContain("0 applicants may be erased");
        (await RunAsync("retention", "list")).Output.ShouldContain("carried out");
        (await RunAsync("retention", "approve", "XH-9", "--approved-by", "x")).Error.ShouldContain("no proposal has the number XH-9");
    }

    [Fact]
    public async Task Closed_years_and_ended_retention_are_for_whom_the_table_says_and_no_year_is_archived_before_it_is_over()
    {
        await server.ReceiveAsync();
        var now = ThisYear();
        foreach (var role in (string[])[Role.Clerk, Role.Officer, Role.Supervisor, "director", Role.Auditor, Role.TransparencyOfficer, Role.Administrator, Role.Citizen])
        {
            var (token, sees, acts) = (WebServer.Token("x", [role]), role is "director" or Role.Auditor or Role.Administrator, role is "director" or Role.Administrator);
            foreach (var path in (string[])["/api/archives", "/api/retention", "/api/retention/proposals"])
                (await server.GetAsync(token, path)).Status.ShouldBe(sees ? 200 : 403, $"{role} {path}");
            foreach (var (act, body) in ((string, object)[])[("approvals", new { number = "none" }), ("erasures", new { number = "none" }), ("refusals", new { number = "none", reason = "x" })])
                (await server.PostAsync(token, $"/api/retention/{act}", body)).Status.ShouldBe(acts ? 404 : 403, $"{role} {act}");
            (await server.PostAsync(token, "/api/retention/proposals", new { number = "none", basis = "QĐ", asOf = "2999-01-01" })).Status.ShouldBe(acts ? 409 : 403, role);
        }
        var year = (await server.GetAsync(Second, "/api/archives"))["items"]!.AsArray().Single(y => y!["year"]!.GetValue<int>() == now)!;
        (year["over"]!.GetValue<bool>(), year["dossiers"]!.GetValue<long>() > 0, year["archives"]!.AsArray().Count).ShouldBe((false, true, 0));
        (await RunAsync("archives", "list")).Output.ShouldContain($"{now}  running");
        var folder = Path.Combine(server.Folder, "archive");
        (await RunAsync("archives", "make", $"{now}", "--out", folder, "--basis", "QĐ")).ShouldSatisfyAllConditions(run => run.Exit.ShouldBe(1), run => run.Error.ShouldContain($"{now} is not over"));
        (await RunAsync("archives", "check", folder)).ShouldSatisfyAllConditions(run => run.Exit.ShouldBe(1), run => run.Error.ShouldContain("has no manifest.json"));
        Directory.Exists(folder).ShouldBeFalse();
    }

    private static int ThisYear() => TestDatabase.Time.GetUtcNow().ToOffset(TimeSpan.FromHours(7)).Year;

    private Task<Dossier> RunAsync(params string[] arguments) => Dossier.RunAsync(arguments,
    [
        ("ConnectionStrings__EventDossier", server.Database.ConnectionString), ("ConnectionStrings__Keys", server.Keys.ConnectionString), ("EVENTDOSSIER_DATA", server.Folder),
    ]);
}
