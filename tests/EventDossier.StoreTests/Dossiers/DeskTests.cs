using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.StoreTests.Dossiers;

public sealed class DeskTests : IAsyncLifetime
{
    private Centre _centre = null!;

    public async Task InitializeAsync() => _centre = await Centre.OpenAsync();

    public Task DisposeAsync() => _centre.DisposeAsync().AsTask();

    private Desk AnotherDesk() => new(_centre.Database);

    private async Task<Dossier> DossierAsync(string code) => Dossier.Fold(code, await _centre.Database.Log.ReadStreamAsync(code));

    [Fact]
    public async Task A_refusal_from_a_stale_memory_is_decided_again_on_a_fresh_read()
    {
        var code = await _centre.ReceiveAsync();
        await _centre.StepAsync(code, "remembered here");
        await AnotherDesk().DoAsync(code, new DecideDossier(DecisionOutcome.Approved), _centre.Context<DecideDossier>());

        (await _centre.DoAsync(code, new MakeResultReady())).Refusal.ShouldBeNull("here it was not decided yet, in the log it is");
        (await DossierAsync(code)).Stage.ShouldBe(Stage.ResultReady);
    }

    [Fact]
    public async Task An_already_done_from_a_stale_memory_is_decided_again_on_a_fresh_read()
    {
        var code = await _centre.ReceiveAsync();
        await _centre.DoAsync(code, new AssignDossier("officer-1"));
        await AnotherDesk().DoAsync(code, new AssignDossier("officer-2"), _centre.Context<AssignDossier>());

        var back = await _centre.DoAsync(code, new AssignDossier("officer-1"));
        back.Position.ShouldBeGreaterThan(0);
        (await DossierAsync(code)).Officer.ShouldBe("officer-1");
    }

    [Fact]
    public async Task A_conflict_is_decided_again_on_what_the_other_wrote()
    {
        var code = await _centre.ReceiveAsync();
        await _centre.StepAsync(code, "one");
        await AnotherDesk().DoAsync(code, new AssignDossier("officer-2"), _centre.Context<AssignDossier>());

        (await _centre.StepAsync(code, "two")).Version.ShouldBe(4);
        (await DossierAsync(code)).Steps[^1].Officer.ShouldBe("officer-2");

        await AnotherDesk().DoAsync(code, new WithdrawDossier("đổi ý"), _centre.Context<WithdrawDossier>());
        (await _centre.StepAsync(code, "three")).Refusal!.Code.ShouldBe("not-open");
        (await DossierAsync(code)).Version.ShouldBe(5);
    }

    [Fact]
    public async Task Two_desks_at_one_dossier_lose_and_double_nothing()
    {
        var code = await _centre.ReceiveAsync();
        Desk[] desks = [_centre.Desk, AnotherDesk()];
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
            await desks[i % 2].DoAsync(code, new CompleteStep($"{i}"), _centre.Context())));

        var done = results.Where(r => r.Refusal is null).ToList();
        results.Where(r => r.Refusal is not null).ShouldAllBe(r => r.Refusal!.Code == "busy");
        done.Select(r => r.Version).ShouldBeUnique();
        (await DossierAsync(code)).Steps.Count.ShouldBe(done.Count);
    }

    [Fact]
    public async Task The_same_command_twice_is_done_once_and_answered_alike_on_any_desk()
    {
        var code = await _centre.ReceiveAsync();
        var (step, context) = (new CompleteStep("once"), _centre.Context());

        var first = await _centre.Desk.DoAsync(code, step, context);
        await _centre.StepAsync(code, "later");
        (await _centre.Desk.DoAsync(code, step, context)).ShouldBe(first);
        (await AnotherDesk().DoAsync(code, step, context)).ShouldBe(first);
        (await DossierAsync(code)).Steps.Select(s => s.Step).ShouldBe(["once", "later"]);
    }

    [Fact]
    public async Task A_key_used_again_for_another_request_is_refused()
    {
        var code = await _centre.ReceiveAsync();
        var context = _centre.Context();
        ActContext Asking(string request) => context with { Command = context.Command with { Request = request } };
        await _centre.Desk.DoAsync(code, new CompleteStep("one"), Asking("complete one"));

        (await _centre.Desk.DoAsync(code, new CompleteStep("one"), Asking("complete one"))).Refusal.ShouldBeNull();
        foreach (var desk in new[] { _centre.Desk, AnotherDesk() })
        {
            var other = await desk.DoAsync(code, new CompleteStep("two"), Asking("complete two"));
            other.Refusal!.Code.ShouldBe("key-reused");
        }
        (await DossierAsync(code)).Steps.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_key_sent_at_once_with_two_requests_does_one_and_refuses_the_other()
    {
        var (code, other) = (await _centre.ReceiveAsync(), await _centre.ReceiveAsync());
        var context = _centre.Context();
        Task<Desk.Result> AskAsync(string step) => _centre.Desk.DoAsync(code, new CompleteStep(step), context with { Command = context.Command with { Request = step } });

        // While the first is written the two gather.
        var results = await Task.WhenAll(_centre.StepAsync(other, "first"), AskAsync("one"), AskAsync("two"));

        results.ShouldAllBe(r => r.Refusal == null || r.Refusal.Code == "key-reused");
        results.Skip(1).Count(r => r.Refusal is null).ShouldBe(1);
        (await DossierAsync(code)).Steps.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_command_that_its_own_effect_would_refuse_is_still_answered_as_done()
    {
        var code = await _centre.ReceiveAsync();
        var (decide, context) = (new DecideDossier(DecisionOutcome.Approved), _centre.Context<DecideDossier>());
        var first = await _centre.Desk.DoAsync(code, decide, context);
        await _centre.DoAsync(code, new MakeResultReady());
        await _centre.DoAsync(code, new ReturnResult(ReturnChannel.Post));

        (await AnotherDesk().DoAsync(code, decide, context)).ShouldBe(first);
        (await AnotherDesk().DoAsync(code, new MakeResultReady(), _centre.Context())).ShouldSatisfyAllConditions(
            r => r.Refusal.ShouldBeNull(), r => r.Position.ShouldBe(0), r => r.Version.ShouldBe(4));
    }

    [Theory, InlineData("H49.12-260504-0099"), InlineData("/procedure/P-1")]
    public async Task What_is_no_dossier_is_refused(string code) =>
        (await _centre.StepAsync(code, "step")).Refusal!.Code.ShouldBe("no-such-dossier");

    [Fact]
    public async Task Numbers_of_an_agency_have_no_holes_under_32_callers_at_four_desks()
    {
        Desk[] desks = [_centre.Desk, AnotherDesk(), AnotherDesk(), AnotherDesk()];
        var codes = await Task.WhenAll(Enumerable.Range(0, 32).Select(caller => Task.Run(async () =>
        {
            var mine = new List<string>();
            for (var i = 0; i < 4; i++)
                mine.Add((await desks[caller % 4].BeginAsync(new ReceiveDossier(Centre.Procedure, Agency: i == 3 ? "H49.13" : Centre.Agency), _centre.Context())).Code);
            return mine;
        })));

        codes.SelectMany(c => c).Order(StringComparer.Ordinal).ShouldBe(
            Enumerable.Range(1, 96).Select(n => $"H49.12-260504-{n:0000}").Concat(Enumerable.Range(1, 32).Select(n => $"H49.13-260504-{n:0000}")));
        _centre.Now = _centre.Now.AddDays(1);
        (await _centre.ReceiveAsync()).ShouldBe("H49.12-260505-0001");
    }

    [Fact]
    public async Task A_refused_receipt_takes_no_number()
    {
        var refused = await _centre.Desk.BeginAsync(new ReceiveDossier("no such procedure"), _centre.Context());
        refused.Refusal!.Code.ShouldBe("no-such-procedure");
        (await _centre.ReceiveAsync()).ShouldBe("H49.12-260504-0001");
    }

    [Fact]
    public async Task Receiving_again_under_the_same_command_gives_the_same_code()
    {
        var context = _centre.Context();
        var act = new ReceiveDossier(Centre.Procedure);
        var first = await _centre.Desk.BeginAsync(act, context);
        await _centre.ReceiveAsync();

        (await _centre.Desk.BeginAsync(act, context)).ShouldBe(first);
        var atOnce = _centre.Context();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? _centre.Desk : AnotherDesk()).BeginAsync(act, atOnce)));
        answers.Distinct().ShouldHaveSingleItem().Code.ShouldBe("H49.12-260504-0003");
    }

    [Fact]
    public async Task The_day_in_a_code_is_the_centres_whatever_offset_the_time_came_in()
    {
        _centre.Now = new(2026, 5, 4, 17, 30, 0, TimeSpan.Zero);
        (await _centre.ReceiveAsync()).ShouldBe("H49.12-260505-0001");
    }
}
