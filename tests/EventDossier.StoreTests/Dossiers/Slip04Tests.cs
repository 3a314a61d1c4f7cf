using EventDossier.Deliveries;
using EventDossier.Dossiers;

namespace EventDossier.StoreTests.Dossiers;

public sealed class Slip04Tests : IAsyncLifetime
{
    private Centre _centre = null!;

    public async Task InitializeAsync() => _centre = await Centre.OpenAsync();

    public Task DisposeAsync() => _centre.DisposeAsync().AsTask();

    private async Task<Slip04> SlipAsync(string code) => Slip04.Of(code, await _centre.Database.Log.ReadStreamAsync(code), await Rulebook.LoadAsync(_centre.Database), _centre.Now);

    [Fact]
    public async Task A_draft_proposes_a_working_day_that_the_act_takes_and_what_was_issued_is_told_until_the_next_is_due()
    {
        var code = await _centre.ReceiveAsync();
        var due = (await DossierAsync(code)).Due!.Value;
        var draft = await SlipAsync(code);
        (draft.IsDraft, draft.Late, draft.Number, draft.Due, draft.Reason).ShouldBe((true, false, $"{code}/04-1", due, null));
        draft.Until.ShouldBeGreaterThan(due);

        // Not only possible: the act takes the proposal as it is.
        (await _centre.DoAsync(code, new ExtendDossier(draft.Until, "chờ đo đạc"))).Refusal.ShouldBeNull();
        var issued = await SlipAsync(code);
        (issued.IsDraft, issued.Late, issued.Number, issued.IssuedAt, issued.Due, issued.Until, issued.Reason).ShouldBe((false, false, $"{code}/04-1", _centre.Now, due, draft.Until, "chờ đo đạc"));

        _centre.Now = draft.Until.AddDays(3);
        var late = await SlipAsync(code);
        (late.IsDraft, late.Late, late.Number, late.Due).ShouldBe((true, true, $"{code}/04-2", draft.Until));
        late.Until.ShouldBeGreaterThan(_centre.Now);
        (await _centre.DoAsync(code, new ApologiseLate(late.Until, "chờ ý kiến"))).Refusal.ShouldBeNull();
        (await _centre.DoAsync(code, new ApologiseLate(late.Until.AddDays(1), "lần nữa"))).Refusal!.Code.ShouldBe("apologised-already");
        var apology = await SlipAsync(code);
        (apology.IsDraft, apology.Late, apology.Number, apology.Until, apology.Reason).ShouldBe((false, true, $"{code}/04-2", late.Until, "chờ ý kiến"));
        (await DossierAsync(code)).Due.ShouldBe(draft.Until, "a late apology moves nothing");
    }

    [Fact]
    public async Task What_ended_without_a_slip_04_has_none_to_draft()
    {
        var code = await _centre.ReceiveAsync();
        await _centre.FinishAsync(code);
        (await Should.ThrowAsync<UserError>(() => SlipAsync(code))).Code.ShouldBe("no-such-slip");
    }

    private async Task<Dossier> DossierAsync(string code) => Dossier.Fold(code, await _centre.Database.Log.ReadStreamAsync(code));
}
