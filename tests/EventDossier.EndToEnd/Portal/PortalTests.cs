using System.Text.Json.Nodes;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Deliveries;
using EventDossier.Dossiers;
using EventDossier.EndToEnd.Pages;
using EventDossier.EndToEnd.Web;
using EventDossier.Portal;
using EventDossier.Procedures;
using EventDossier.Store;
using EventDossier.StoreTests;
using EventDossier.StoreTests.Applicants;

namespace EventDossier.EndToEnd.Portal;

/// <summary>The national portal and the centre, over real HTTP against a stand-in that loses and repeats answers.</summary>
public sealed class PortalTests : IAsyncLifetime
{
    private const string Tax = "P-tax", Police = "P-police";

    private readonly TestCentre _centre = new();
    private StandIn _portal = null!;

    private Centre Centre => _centre.Centre;

    private Database Database => _centre.Database;

    private DeliverySettings Settings => new() { Portal = new(_portal.Url, "H49", "s3cret"), Backoff = TimeSpan.Zero, Timeout = TimeSpan.FromSeconds(5) };

    private static DateTimeOffset Now => WorkCalendar.Vietnam.Local(TestDatabase.Time.GetUtcNow());

    public async Task InitializeAsync()
    {
        await _centre.InitializeAsync();
        _portal = await StandIn.StartAsync();
        var from = new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.FromHours(7));
        await new Catalogue(Database).PublishAsync(
        [
            new(from, Tax, "Chuyển mục đích sử dụng đất", "H49.12", Limit.Parse("10 days"), null) { Owners = new(Handling: "thue") },
            new(from, Police, "Cấp hộ chiếu", "H49.01", Limit.Parse("8 days"), null) { Owners = new("congan", "congan", "congan") },
        ], Centre.Command("procedures of others"));
        Centre.Now = Now;
    }

    public async Task DisposeAsync()
    {
        await _portal.DisposeAsync();
        await _centre.DisposeAsync();
    }

    [Fact]
    public async Task What_is_submitted_there_comes_in_once_and_every_change_goes_back_in_order()
    {
        await _portal.SubmitAsync("G22.99.08-0001", RandomActs.One, Now.AddDays(-3), new { name = "Đỗ Thị Hoà", identityNumber = "022090001234" });
        (await SyncAsync()).ShouldSatisfyAllConditions(r => r.Taken.New.ShouldBe(1), r => r.Left.ShouldBeEmpty());
        (await SyncAsync()).Taken.New.ShouldBe(0, "once");

        var code = (await PortalIntake.FindAsync(Database, "G22.99.08-0001")).ShouldNotBeNull();
        var dossier = await FoldAsync(code);
        (dossier.ExternalCode, dossier.Channel, dossier.Stage).ShouldBe(("G22.99.08-0001", "online", Stage.Submitted));
        dossier.SubmittedAt!.Value.ShouldBe(Now.AddDays(-3), TimeSpan.FromMinutes(2), "the intake clock runs from when they applied");
        (await _centre.Keys.FindAsync("022090001234")).ShouldHaveSingleItem().ShouldBe(dossier.Applicant!.Applicant);
        // A clerk with the applicant's print-out is told of the dossier that there is.
        (await Centre.Desk.BeginAsync(new SubmitDossier(RandomActs.Two, "post", ExternalCode: "G22.99.08-0001"), Centre.Context())).ShouldSatisfyAllConditions(
            r => r.Code.ShouldBe(code), r => r.Refusal.ShouldBeNull());

        await DoAsync(code, new ReceiveSubmission("unit-1", "lan"));
        await DoAsync(code, new AssignDossier("minh"));
        await DoAsync(code, new CompleteStep("Thẩm định"));
        await DoAsync(code, new RequestSupplement(["bản vẽ"], Delivery.Counter));
        await DoAsync(code, new ProvideSupplement());
        await Centre.FinishAsync(code);
        await DoAsync(code, new ReturnResult());
        (await SyncAsync()).Left.ShouldBeEmpty();

        (await _portal.ToldAsync("G22.99.08-0001")).ShouldBe(
            "1:newlyRegistered 2:accepted 3:processing 4:processing 5:supplementRequested 6:supplementRequested 7:processing 8:processed 10:resultReturned");
        var told = (await _portal.OfAsync("G22.99.08-0001"))["told"]!;
        (told[3]!["step"]!.ToString(), told[3]!["officer"]!.ToString(), told[3]!["unit"]!.ToString(), told[3]!["due"]!.GetValue<DateTimeOffset>()).ShouldBe(
            ("Thẩm định", "minh", "unit-1", (await FoldAsync(code, 4)).Due!.Value));
        told.ToJsonString().ShouldNotContain("Hoà");
        await _portal.ShouldBeInOrderAsync();
    }

    [Fact]
    public async Task Lost_and_repeated_answers_double_no_code_lose_no_step_and_mix_up_nothing()
    {
        await _portal.PlayAsync("mode", new { lose = 5, repeat = 3 });
        for (var i = 0; i < 20; i++)
            await _portal.SubmitAsync($"G22-{i:0000}", i % 2 == 0 ? RandomActs.One : RandomActs.Two, Now.AddMinutes(-i));
        for (var round = 0; round < 20 && (await CountAsync("dossier_submitted")) < 20; round++)
            await TryAsync(() => SyncAsync());
        await Centre.LiveAsync(seed: 3, dossiers: 10, acts: 120);
        for (var round = 0; round < 40; round++)
            await Using(delivery => delivery.SendOnceAsync());

        // The network is well again, and the two sides come together by themselves.
        var lost = (await _portal.PlayAsync("mode", new { lose = 0 }))["calls"]!;
        lost["lost after"]!.GetValue<int>().ShouldBeGreaterThan(3, "done, and not known to be");
        lost["lost before"]!.GetValue<int>().ShouldBeGreaterThan(3);
        (await SyncAsync()).Left.ShouldBeEmpty();

        (await CountAsync("dossier_submitted where data ? 'externalCode'")).ShouldBe(20);
        var codes = (await _portal.PlayAsync("state"))["dossiers"]!.AsObject().Select(d => $"{d.Value!["code"]}").ToList();
        codes.Count.ShouldBeGreaterThanOrEqualTo(25);
        codes.ShouldBeUnique();
        foreach (var (external, has) in (await _portal.PlayAsync("state"))["dossiers"]!.AsObject())
        {
            var dossier = await FoldAsync($"{has!["code"]}");
            has["status"]!.GetValue<int>().ShouldBe((int)PortalStatuses.Told(dossier)!, external);
        }
        await _portal.ShouldBeInOrderAsync();
        (await Centre.VerifyAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_dead_letter_holds_up_its_own_dossier_alone_and_goes_out_again_with_what_came_after_it()
    {
        var (one, two) = (await Centre.ReceiveAsync(), await Centre.ReceiveAsync());
        await _portal.PlayAsync("mode", new { refuse = new[] { one } });
        (await SyncAsync()).Left.ShouldHaveSingleItem().ShouldSatisfyAllConditions(d => d.Kind.ShouldBe("missing-there"), d => d.Code.ShouldBe(one));
        foreach (var code in (string[])[one, two])
            await DoAsync(code, new AssignDossier("minh"));
        using (var delivery = new DeliveryService(Database, _centre.Keys, Settings))
            await delivery.SendOnceAsync();
        (await _portal.ToldAsync(two)).ShouldBe("1:accepted 2:processing");
        var outbox = new Outbox(Database.App, TestDatabase.Time);
        (await outbox.ListAsync(stream: one)).OrderBy(m => m.Version).Select(m => m.State).ShouldBe(["dead", "waiting"]);

        await _portal.PlayAsync("mode", new { refuse = Array.Empty<string>() });
        (await SyncAsync()).ShouldSatisfyAllConditions(r => r.ToldAnew.ShouldBe(1), r => r.Left.ShouldBeEmpty());
        (await _portal.ToldAsync(one)).ShouldBe("1:accepted 2:processing");
        await _portal.ShouldBeInOrderAsync();
    }

    [Fact]
    public async Task What_the_sides_disagree_on_is_listed_and_mended_where_it_is_ours_to_mend()
    {
        var (lost, old, changed, due) = (await Centre.ReceiveAsync(), await Centre.ReceiveAsync(), await Centre.ReceiveAsync(), await Centre.ReceiveAsync());
        await DoAsync(old, new AssignDossier("minh"));
        (await SyncAsync()).Left.ShouldBeEmpty();
        await _portal.PlayAsync("forget", new { externalCode = lost });
        await _portal.PlayAsync("set", new { externalCode = old, to = new { status = 2, number = 1, told = Array.Empty<int>() } });
        await _portal.PlayAsync("set", new { externalCode = changed, to = new { status = 8 } });
        await _portal.PlayAsync("set", new { externalCode = due, to = new { code = "H49.99-000000-0001" } });
        await _portal.SubmitAsync("G22-9999", RandomActs.One, Now);
        await _portal.SubmitAsync("G22-9998", "no-such-procedure", Now);

        var found = await PortalSync.CompareAsync(Database, Settings, Now.AddDays(-30));
        found.Select(d => $"{d.Kind} {d.ExternalCode} {d.Remedy}").ShouldBe(
        [
            $"missing-there {lost} tell", $"status {old} tell", $"status {changed} ", $"code {due} ",
            "missing-here G22-9998 take", "missing-here G22-9999 take",
        ], ignoreOrder: true);
        var result = await SyncAsync();
        result.Taken.Refused.ShouldHaveSingleItem().ShouldSatisfyAllConditions(r => r.ExternalCode.ShouldBe("G22-9998"), r => r.Code.ShouldBe("no-such-procedure"));
        result.Left.Where(d => d.ExternalCode != "G22-9998").Select(d => $"{d.Kind} {d.ExternalCode}").ShouldBe([$"status {changed}", $"code {due}"], ignoreOrder: true);
    }

    [Fact]
    public async Task What_lies_with_the_tax_authority_or_the_police_is_followed_and_not_told_back()
    {
        await _portal.SubmitAsync("G01-0001", Police, Now.AddHours(-2));
        await _portal.SubmitAsync("G14-0001", Tax, Now.AddHours(-2));
        await SyncAsync();
        var (police, tax) = ((await PortalIntake.FindAsync(Database, "G01-0001"))!, (await PortalIntake.FindAsync(Database, "G14-0001"))!);
        (await DoAsync(police, new ReceiveSubmission(), expect: "foreign-stage")).Refusal.ShouldNotBeNull();
        await DoAsync(tax, new ReceiveSubmission("unit-1", "lan"));
        await DoAsync(tax, new DecideDossier(DecisionOutcome.Approved), expect: "foreign-stage");

        await _portal.TrackAsync("G01-0001", "congan", 4, 1, Now.AddMinutes(-50), "Tra cứu");
        await _portal.TrackAsync("G14-0001", "thue", 4, 1, Now, "Tính thuế");
        await _portal.TrackAsync("G01-0001", "congan", 10, 2, Now.AddMinutes(-1));
        await _portal.TrackAsync("G14-0001", "thue", 9, 2, Now);
        var result = await SyncAsync();
        (result.Taken.Followed, result.Taken.Refused.Count).ShouldBe((4, 0));
        result.Left.ShouldBeEmpty();
        (await SyncAsync()).Taken.Followed.ShouldBe(0, "each word counts once, however often it is read");

        var (done, decided) = (await FoldAsync(police), await FoldAsync(tax));
        (done.Stage, done.Authority).ShouldBe((Stage.Returned, "congan"));
        (decided.Stage, decided.Authority, decided.Steps.Single().Step).ShouldBe((Stage.Decided, "thue", "Tính thuế"));
        (await _portal.ToldAsync("G01-0001")).ShouldBe("1:newlyRegistered", "the police tell the portal themselves");
        await DoAsync(tax, new MakeResultReady());
        await DoAsync(tax, new ReturnResult());
        (await SyncAsync()).Left.ShouldBeEmpty();
        (await _portal.ToldAsync("G14-0001")).ShouldEndWith("resultReturned");
        (await Centre.VerifyAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_command_syncs_and_says_what_is_left_and_names_a_setting_that_is_missing()
    {
        await _portal.SubmitAsync("G22-0001", RandomActs.One, Now);
        var run = await RunAsync(["sync", "--json"]);
        (run.Exit, JsonNode.Parse(run.Output)!["taken"]!["begun"]!.GetValue<int>(), JsonNode.Parse(run.Output)!["left"]!.AsArray().Count).ShouldBe((0, 1, 0), run.Error);
        (await RunAsync(["portal", "find", "G22-0001"])).Output.Trim().ShouldBe(await PortalIntake.FindAsync(Database, "G22-0001"));
        await _portal.PlayAsync("set", new { externalCode = "G22-0001", to = new { status = 8 } });
        (await RunAsync(["portal", "compare"])).ShouldSatisfyAllConditions(r => r.Exit.ShouldBe(1), r => r.Output.ShouldContain("8 Stopped"));
        await _portal.PlayAsync("sign-out");
        (await RunAsync(["portal", "take"])).Exit.ShouldBe(0, "it signs in again");

        (await RunAsync(["sync", "--json"], ("Portal__Secret", "wrong"))).Error.ShouldContain("portal-unreachable");
        (await RunAsync(["sync", "--json"], ("Portal__Secret", ""))).Error.ShouldContain("Portal__Secret");
        (await RunAsync(["sync", "--json"], ("Portal__Url", ""))).Error.ShouldContain("no-portal");
    }

    private Task<PortalSync.Result> SyncAsync() => Using(async delivery =>
        await PortalSync.RunAsync(Database, Centre.Desk, () => Task.FromResult(_centre.Keys), delivery, Settings, Now.AddDays(-30)));

    private async Task<T> Using<T>(Func<DeliveryService, Task<T>> work)
    {
        using var delivery = new DeliveryService(Database, _centre.Keys, Settings);
        return await work(delivery);
    }

    private static async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (UserError e) when (e.Code == "portal-unreachable")
        {
            // An answer was lost while asking.
        }
    }

    private async Task<Desk.Result> DoAsync<T>(string code, T act, string? expect = null) where T : IAct<T>
    {
        Centre.Now = Now;
        var result = await Centre.DoAsync(code, act);
        result.Refusal?.Code.ShouldBe(expect, result.Refusal.Reason);
        return result;
    }

    private async Task<EventDossier.Dossiers.Dossier> FoldAsync(string code, long version = long.MaxValue) =>
        EventDossier.Dossiers.Dossier.Fold(code, await Database.Log.ReadStreamAsync(code, version));

    private async Task<long> CountAsync(string what) => (long)(await Centre.AskAsync(
        $"SELECT count(*) FROM dossier.mt_events WHERE type = '{what.Replace(" where ", "' AND ", StringComparison.Ordinal)}{(what.Contains(" where ", StringComparison.Ordinal) ? "" : "'")}"))!;

    private Task<Dossier> RunAsync(string[] arguments, params (string, string)[] more) => Dossier.RunAsync(arguments,
    [
        ("ConnectionStrings__EventDossier", Centre.ConnectionString), ("ConnectionStrings__Keys", _centre.KeysConnection), ("EVENTDOSSIER_DATA", _centre.Folder), .. _portal.Settings, .. more,
    ]);
}

/// <summary>The portal through the server: taken by itself, told by itself, and compared by whom the table of rights lets.</summary>
public sealed class PortalRouteTests : IAsyncLifetime
{
    private StandIn _portal = null!;
    private WebServer _server = null!;

    public async Task InitializeAsync()
    {
        _portal = await StandIn.StartAsync();
        _server = new() { Settings = [.. _portal.Settings, ("SignIn__Development", "true"), ("ASPNETCORE_ENVIRONMENT", "Development")] };
        await _server.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _portal.DisposeAsync();
    }

    [Fact]
    public async Task The_server_takes_and_tells_by_itself_and_answers_what_the_sides_disagree_on()
    {
        await _portal.SubmitAsync("G22-0007", WebServer.Building, TestDatabase.Time.GetUtcNow());
        var code = "";
        await Centre.UntilAsync(async () => (code = (await _portal.OfAsync("G22-0007"))["code"]?.ToString() ?? "").Length > 0, "the portal was told our code");
        (await _server.PostAsync(WebServer.Director, $"/api/dossiers/{code}/receive-submission", new { unit = "H49.12-01" })).Status.ShouldBe(200);
        await Centre.UntilAsync(async () => (await _portal.OfAsync("G22-0007"))["status"]!.GetValue<int>() == 2, "the portal was told that it is accepted");

        string[] roles = [Role.Clerk, Role.Officer, Role.Supervisor, "director", Role.Auditor, Role.TransparencyOfficer, Role.Administrator, Role.Citizen];
        foreach (var role in roles)
        {
            var token = WebServer.Token("x", [role]);
            (await _server.GetAsync(token, "/api/portal/disagreements")).Status.ShouldBe(role is "director" or Role.Auditor or Role.Administrator ? 200 : 403, role);
            (await _server.PostAsync(token, "/api/portal/sync")).Status.ShouldBe(role is "director" or Role.Administrator ? 200 : 403, role);
        }
        await _portal.PlayAsync("set", new { externalCode = "G22-0007", to = new { status = 8 } });
        (await _server.GetAsync(WebServer.Director, "/api/portal/disagreements"))["items"]!.AsArray().ShouldHaveSingleItem()!["theirs"]!.ToString().ShouldBe("8 Stopped");

        using var administrator = await Visitor.OfAsync(_server, Role.Administrator, "tt-quantri-1");
        (await administrator.GetAsync("/")).Html.ShouldContain("href=\"/portal\"");
        (await administrator.GetAsync("/portal")).Html.ShouldNotContain("8 Stopped", customMessage: "the portal is asked only where somebody wants it");
        (await administrator.GetAsync("/portal?compare=true")).Html.ShouldContain("8 Stopped");
        var synced = await administrator.PostAsync("/portal/sync", await administrator.GetAsync("/portal"));
        synced.Html.ShouldContain("Told 0, 0 of them anew; 0 failed; 1 left.", customMessage: "what was stopped there a person must look at");
        synced.Html.ShouldContain("a person must look");
        using var auditor = await Visitor.OfAsync(_server, Role.Auditor, "tt-kiemtra-1", "vi");
        (await auditor.GetAsync("/portal")).Html.ShouldNotContain("/portal/sync", customMessage: "they look");

        // A message that the portal would not have is dead, stands there, and goes out again.
        await using (var source = Npgsql.NpgsqlDataSource.Create(_server.Database.ConnectionString))
        await using (var die = source.CreateCommand("UPDATE dossier_outbox.message SET state = 'dead', error = 'wrong status' WHERE id = (SELECT id FROM dossier_outbox.message WHERE kind = 'portal' ORDER BY made_at DESC LIMIT 1) RETURNING id"))
        {
            var dead = await die.ExecuteScalarAsync();
            var page = await administrator.GetAsync("/portal");
            page.Html.ShouldContain("wrong status");
            (await administrator.PostAsync($"/portal/outbox/{dead}", page)).Location.ShouldBe("/portal");
            (await administrator.GetAsync("/portal")).Html.ShouldNotContain("wrong status");
        }

        (await _server.GetAsync(null, "/health/ready")).Text.ShouldContain("\"portal\"");
        await _portal.PlayAsync("mode", new { down = true });
        (await _server.GetAsync(WebServer.Director, "/api/portal/disagreements")).ShouldSatisfyAllConditions(a => a.Status.ShouldBe(503), a => a.Code.ShouldBe("portal-unreachable"));
        (await administrator.GetAsync("/portal?compare=true")).ShouldSatisfyAllConditions(p => p.Status.ShouldBe(503), p => p.Html.ShouldContain("can’t be reached"));
    }
}
