using EventDossier.Applicants;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Retention;

/// <summary>Carries out what is done about ended retention: a proposal, the second person's word, and each erasure of the list as the act that it always is.</summary>
/// <param name="erasures">Opened only where somebody is erased.</param>
public sealed class RetentionDesk(Database database, Func<Task<Erasures>> erasures)
{
    private const int MostTries = 8, KeysAtOnce = 50;
    private static readonly Guid _commands = new("0d7d5d6d-2f6e-5f2c-9d3c-0f4e8d1b7a62");

    /// <param name="Proposal">As it is afterwards; null where there is none.</param>
    public sealed record Result(ErasureProposal? Proposal, Refusal? Refusal = null);

    public async Task<ErasureProposal?> FindAsync(string number, CancellationToken cancel = default) =>
        ErasureProposal.Fold(number, await database.Log.ReadStreamAsync(ErasureProposal.Stream(number), cancel: cancel));

    public async Task<Result> ProposeAsync(string number, ProposeErasures act, ActContext context, CancellationToken cancel = default)
    {
        await CatchUpAsync(cancel);
        var due = await RetentionDue.ListAsync(database, act.AsOf, null, ErasureProposal.MostApplicants, cancel);
        var all = due.Count < ErasureProposal.MostApplicants ? due.Count : (await RetentionDue.CountAsync(database, act.AsOf, cancel)).Due;
        return await DoAsync(number, context, known => ProposeErasures.Decide(act, number, known, due, all, context), cancel);
    }

    /// <summary>Refuses it; or approves it and carries it out.</summary>
    /// <param name="progress">Told how many of the list are through.</param>
    public async Task<Result> DecideAsync(string number, DecideErasures act, ActContext context, Action<int>? progress = null, CancellationToken cancel = default)
    {
        var result = await DoAsync(number, context, known => known is null ? NoSuch(number) : DecideErasures.Decide(act, known, context), cancel);
        return result.Refusal is null && act.Refused is null ? await CarryOutAsync(number, context, progress, cancel) : result;
    }

    /// <summary>
    /// Erases who is on an approved list, one after the other, by whom it was proposed and approved. Who came under a hold since, or has a new dossier, is skipped and told. Broken off in between it is called again: who
    /// is erased already stays so.
    /// </summary>
    public async Task<Result> CarryOutAsync(string number, ActContext context, Action<int>? progress = null, CancellationToken cancel = default)
    {
        if (ErasureProposalActs.Refuse(context) is { } refused)
            return new(null, refused);
        if (await FindAsync(number, cancel) is not { } proposal)
            return new(null, NoSuch(number).Refusal);
        if (proposal.Stage == ErasureProposalStage.CarriedOut)
            return new(proposal);
        if (proposal.Approved is not { } approved)
            return new(proposal, new("not-approved", $"{number} is not approved"));
        var (through, skipped, opened) = (0, new List<SkippedErasure>(), await erasures());
        var act = new EraseApplicant($"{proposal.Proposed.Basis} ({number})", approved.By);
        foreach (var applicant in proposal.Proposed.Applicants)
        {
            // A dossier received a moment ago counts.
            await CatchUpAsync(cancel);
            var by = new CommandMetadata(Uuid.V5(_commands, $"{number}\n{applicant}"), proposal.Proposed.By, context.Command.Role);
            var done = await opened.PutDownAsync(act, applicant, await HeldDossier.OfAsync(database, applicant, cancel), context with { Command = by, At = context.Now }, cancel);
            if (done.Refusal is { } refusal)
                skipped.Add(new(applicant, refusal.Code, refusal.Reason));
            if (++through % KeysAtOnce == 0)
                await opened.FinishAsync(cancel);
            progress?.Invoke(through);
        }
        await opened.FinishAsync(cancel);
        var command = context.Command with { CommandId = Uuid.V5(_commands, number), Request = null };
        return await DoAsync(number, context with { Command = command }, known => known!.CarriedOut is not null ? default
            : (new ErasuresCarriedOut(context.Now, context.Command.Actor, through - skipped.Count, skipped), null), cancel);
    }

    private async Task CatchUpAsync(CancellationToken cancel) =>
        await new ViewFollower(Overview.View, database.App, database.Names, database.Clock).CatchUpAsync(await database.HeadAsync(cancel), cancel);

    private static (ErasureProposalEvent? Event, Refusal? Refusal) NoSuch(string number) => (null, new("no-such-proposal", $"no proposal has the number {number}"));

    private async Task<Result> DoAsync(
        string number, ActContext context, Func<ErasureProposal?, (ErasureProposalEvent? Event, Refusal? Refusal)> decide, CancellationToken cancel)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var known = await FindAsync(number, cancel);
            if (await database.Log.FindCommandAsync(context.Command.CommandId, cancel) is { } done)
            {
                var same = done.Request == context.Command.Request && done.Stream == ErasureProposal.Stream(number);
                return new(known, same ? null : new("key-reused", "this idempotency key was used for another request"));
            }
            var (@event, refusal) = decide(known);
            if (@event is null)
                return new(known, refusal);
            var append = new StreamAppend(ErasureProposal.Stream(number), ErasureProposal.StreamType, known?.Version ?? 0, context.Command, [@event], context.RecordedAt);
            if ((await database.Log.AppendAsync([append], cancel))[0] is not AppendOutcome.Conflict)
                return new(await FindAsync(number, cancel));
        }
        throw new StreamBusyException(ErasureProposal.Stream(number));
    }
}
