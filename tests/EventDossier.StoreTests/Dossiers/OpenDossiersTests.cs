using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using EventDossier.Procedures;
using EventDossier.Store;

namespace EventDossier.StoreTests.Dossiers;

/// <summary>What comes over all open dossiers at once: a decision on the calendar, a correction of a limit, a leaver's work.</summary>
public sealed class OpenDossiersTests : IAsyncLifetime
{
    private static readonly CommandMetadata _by = Centre.Command() with { Role = Role.Administrator };
    private Centre _centre = null!;

    public async Task InitializeAsync() => _centre = await Centre.OpenAsync();

    public Task DisposeAsync() => _centre.DisposeAsync().AsTask();

    private async Task<Dossier> DossierAsync(string code) => Dossier.Fold(code, await _centre.Database.Log.ReadStreamAsync(code));

    private Task<IReadOnlyList<Reprojection.Move>> ReprojectAsync(bool preview = false) =>
        Reprojection.RunAsync(_centre.Database, "99/TB", _by, _centre.Now, preview);

    [Fact]
    public async Task A_late_decision_moves_open_dossiers_once_and_leaves_the_promise_and_what_is_finished()
    {
        var (open, finished, slow) = (await _centre.ReceiveAsync(), await _centre.ReceiveAsync(), await _centre.ReceiveAsync());
        await _centre.FinishAsync(finished);
        await _centre.DoAsync(slow, new SuspendDossier("Điều 26", "giám định"));
        var promised = (await DossierAsync(open)).Due;
        await _centre.CatchUpAsync();
        (await ReprojectAsync()).ShouldBeEmpty();

        var today = DateOnly.FromDateTime(TestDatabase.Time.GetUtcNow().AddHours(7).DateTime);
        var off = DateOnly.FromDateTime(promised!.Value.DateTime);
        await Calendars.EnterAsync(
            _centre.Database, [new("99/TB", today, null, [new(off, new("storm", "bão"))], [], "test")], TestDatabase.Time.GetUtcNow(), _by);
        _centre.Now = TestDatabase.Time.GetUtcNow();

        (await ReprojectAsync(preview: true)).ShouldHaveSingleItem();
        (await DossierAsync(open)).Due.ShouldBe(promised, "a preview changes nothing");
        var move = (await ReprojectAsync()).ShouldHaveSingleItem();
        (move.Code, move.From).ShouldBe((open, promised));
        var moved = await DossierAsync(open);
        (moved.Due, moved.Promised).ShouldBe((move.To, promised));
        moved.Due!.Value.ShouldBeGreaterThan(promised.Value);
        (await DossierAsync(slow)).Due.ShouldBeNull();
        (await ReprojectAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_correction_shows_what_it_moves_before_it_is_done_and_then_takes_the_open_dossiers_along()
    {
        var (open, finished) = (await _centre.ReceiveAsync(), await _centre.ReceiveAsync());
        await _centre.FinishAsync(finished);
        await _centre.CatchUpAsync();
        var inForce = (await Rulebook.LoadAsync(_centre.Database)).Procedure(Centre.Procedure, _centre.Now)!;
        var corrected = new ProcedureFile([inForce.Published with { OccurredAt = inForce.Published.OccurredAt.AddDays(1), Limit = Limit.Parse("9 days") }], [], [], Dated: true);
        var correction = await Correction.OfAsync(_centre.Database, _centre.Now);

        var plan = (await correction.PlanAsync(corrected)).ShouldHaveSingleItem();
        plan.Change.Fields().ShouldContain("limit");
        plan.Open.ShouldBe([open]);
        var before = await DossierAsync(open);
        var move = plan.Moves.ShouldHaveSingleItem();
        (move.Dossier, move.From).ShouldBe((open, before.Due));
        before.Version.ShouldBe(1);

        (await correction.DoAsync(corrected, "Quyết định đính chính 12", _by)).ShouldBe(1);
        (await correction.DoAsync(corrected, "Quyết định đính chính 12", _by)).ShouldBe(0);
        var after = await DossierAsync(open);
        (after.Due, after.Promised, after.Limit).ShouldBe((move.To, before.Promised, Limit.Parse("9 days")));
        (await DossierAsync(finished)).Limit.ShouldBe(before.Limit);
        (await _centre.VerifyAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_leavers_open_dossiers_go_to_another_once_and_a_closed_units_to_its_successor()
    {
        var decided = await _centre.ReceiveAsync(officer: "leaver");
        (await _centre.DoAsync(decided, new DecideDossier(DecisionOutcome.Approved))).Refusal.ShouldBeNull();
        UnitOpened Unit(string code) => new(_centre.Now.AddYears(-2), code, new(code, code), UnitKind.Division, null, Numbering.Local, true);
        var events = (OrganisationEvent[])[Unit("Q1"), Unit("Q2"), new UnitClosed(_centre.Now.AddMonths(-1), "Q1", "Q2")];
        await new OrganisationRegister(_centre.Database).DoAsync(_ => events, _by);
        var (theirs, of) = (await _centre.ReceiveAsync(officer: "leaver"), await _centre.ReceiveAsync(officer: "somebody"));
        foreach (var code in (string[])[theirs, decided])
            await _centre.DoAsync(code, new AssignDossier("leaver"));
        await _centre.CatchUpAsync();

        (await WorkTransfer.OfOfficerAsync(_centre.Database, "leaver", "heir", "thôi việc", _by, _centre.Now)).ShouldBe([theirs, decided], ignoreOrder: true, "also what waits for its result");
        await _centre.CatchUpAsync();
        (await WorkTransfer.OfOfficerAsync(_centre.Database, "leaver", "heir", "thôi việc", _by, _centre.Now)).ShouldBeEmpty();
        (await DossierAsync(theirs)).Officer.ShouldBe("heir");
        (await DossierAsync(decided)).ShouldSatisfyAllConditions(d => d.Officer.ShouldBe("heir"), d => d.Stage.ShouldBe(Stage.Decided));
        (await DossierAsync(of)).Officer.ShouldBe("somebody");

        var old = await _centre.ReceiveBeforeAsync("Q1");
        await _centre.CatchUpAsync();
        (await WorkTransfer.OfUnitAsync(_centre.Database, "Q1", "heir", "sáp nhập", _by, _centre.Now)).ShouldBe([old]);
        var moved = await DossierAsync(old);
        (moved.Unit, moved.Officer).ShouldBe(("Q2", "heir"));
        (await Should.ThrowAsync<UserError>(() => WorkTransfer.OfUnitAsync(_centre.Database, "Q2", "heir", "sáp nhập", _by, _centre.Now))).Code.ShouldBe("unit-open");
    }
}
