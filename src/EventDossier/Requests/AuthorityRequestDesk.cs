using System.Text;
using EventDossier.Applicants;
using EventDossier.Audit;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Requests;

/// <summary>Carries acts on requests of courts and inspections out: load, decide, append, and hold what is in the scope.</summary>
public sealed class AuthorityRequestDesk(Database database, Desk desk)
{
    private const int MostTries = 8;
    private static readonly Guid _holds = new("b7d2f2c4-0a7e-5f58-8f53-5f1f7d0d6a35");

    /// <param name="Request">As it is afterwards; null where there is none.</param>
    public sealed record Result(AuthorityRequest? Request, Refusal? Refusal = null);

    /// <param name="Files">The packs and the minutes, by name; empty where it was refused.</param>
    public sealed record HandedOver(AuthorityRequest? Request, IReadOnlyList<(string Name, byte[] Bytes)> Files, Refusal? Refusal = null)
    {
        public byte[] ToZip() => PackZip.Write(Files);
    }

    public async Task<AuthorityRequest?> FindAsync(string number, CancellationToken cancel = default) =>
        AuthorityRequest.Fold(number, await database.Log.ReadStreamAsync(AuthorityRequest.Stream(number), cancel: cancel));

    /// <summary>Enters it, and holds its dossiers at once: what is erased while somebody thinks it over is gone.</summary>
    public async Task<Result> EnterAsync(string number, EnterAuthorityRequest act, ActContext context, CancellationToken cancel = default)
    {
        var missing = new List<string>();
        foreach (var code in act.Dossiers.Select(code => code.Trim()).Where(code => code.Length > 0).Distinct())
        {
            if (!DossierCode.IsCode(code) || (await database.Log.ReadStreamAsync(code, 1, cancel)).Count == 0)
                missing.Add(code);
        }
        var result = await DoAsync(number, context, known => EnterAuthorityRequest.Decide(act, number, known, missing, context), cancel);
        if (result is { Refusal: null, Request: { IsOver: false } request })
        {
            foreach (var code in request.Asked.Dossiers)
                await HoldAsync(code, new PlaceHold(request.Hold), number, context, cancel);
        }
        return result;
    }

    /// <summary>Approves, or refuses and lifts the holds.</summary>
    public async Task<Result> DecideAsync(string number, DecideAuthorityRequest act, ActContext context, CancellationToken cancel = default)
    {
        var result = await DoAsync(number, context, known => known is null ? NoSuch(number) : DecideAuthorityRequest.Decide(act, known, context), cancel);
        if (result is { Refusal: null, Request.Refused: { } refused })
            await LiftAsync(result.Request, refused.Reason, context, cancel);
        return result;
    }

    public async Task<Result> CloseAsync(string number, CloseAuthorityRequest act, ActContext context, CancellationToken cancel = default)
    {
        var result = await DoAsync(number, context, known => known is null ? NoSuch(number) : CloseAuthorityRequest.Decide(act, known, context), cancel);
        if (result is { Refusal: null, Request.Closed: { } closed })
            await LiftAsync(result.Request, closed.Reason, context, cancel);
        return result;
    }

    /// <summary>Makes the packs and the minutes, and puts down what goes out before it does.</summary>
    /// <param name="open">Who reads what is personal, for the access log; used where the request wants names.</param>
    public async Task<HandedOver> HandOverAsync(
        string number, HandOverEvidence act, ActContext context, (PersonalData Personal, Reader Reader) open, CancellationToken cancel = default)
    {
        if (await FindAsync(number, cancel) is not { } request)
            return new(null, [], NoSuch(number).Refusal);
        if (HandOverEvidence.Refuse(act, request, context) is { } refused)
            return new(request, [], refused);
        var (files, packs, checkpoint) = (new List<(string, byte[])>(), new List<HandedPack>(), default(string));
        foreach (var code in request.Asked.Dossiers)
        {
            var pack = await EvidencePack.OfAsync(database, code, request.Asked.Names ? open : null, cancel);
            var zip = pack.ToZip();
            files.Add(($"{code.Replace('/', '-')}.zip", zip));
            packs.Add(new(code, EvidencePack.Hash(zip), zip.Length, pack.Events[^1].Version));
            checkpoint = pack.Checkpoint ?? checkpoint;
        }
        var result = await DoAsync(number, context, known => HandOverEvidence.Decide(act, known!, packs, context), cancel);
        if (result.Refusal is not null)
            return new(result.Request, [], result.Refusal);
        var over = result.Request!.HandOvers.Single(h => h.Minutes == act.Minutes.Trim());
        files.Add(("minutes.html", Encoding.UTF8.GetBytes(Minutes.Of(result.Request, over, checkpoint?.ReplaceLineEndings(" ").Trim()).Html)));
        return new(result.Request, files);
    }

    private async Task LiftAsync(AuthorityRequest request, string reason, ActContext context, CancellationToken cancel)
    {
        foreach (var code in request.Asked.Dossiers)
            await HoldAsync(code, new LiftHold(request.Hold, $"{request.Number}: {reason}"), request.Number, context, cancel);
    }

    /// <summary>One that is held, or free, already stays so; the same again after a crash ends what was begun.</summary>
    private async Task HoldAsync<T>(string code, T act, string number, ActContext context, CancellationToken cancel) where T : IAct<T>
    {
        var command = context.Command with { CommandId = Uuid.V5(_holds, $"{number}\n{code}\n{T.Rule.Name}"), Request = null };
        var done = await desk.DoAsync(code, act, context with { Command = command, At = context.Now, ApprovedBy = null }, cancel);
        if (done.Refusal is { Code: not "no-such-hold" } refusal)
            throw new UserError(refusal.Code, $"{code}: {refusal.Reason}");
    }

    private static (AuthorityRequestEvent? Event, Refusal? Refusal) NoSuch(string number) => (null, new("no-such-request", $"no request has the number {number}"));

    private async Task<Result> DoAsync(
        string number, ActContext context, Func<AuthorityRequest?, (AuthorityRequestEvent? Event, Refusal? Refusal)> decide, CancellationToken cancel)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var known = await FindAsync(number, cancel);
            if (await database.Log.FindCommandAsync(context.Command.CommandId, cancel) is { } done)
            {
                var same = done.Request == context.Command.Request && done.Stream == AuthorityRequest.Stream(number);
                return new(known, same ? null : new("key-reused", "this idempotency key was used for another request"));
            }
            var (@event, refusal) = decide(known);
            if (@event is null)
                return new(known, refusal);
            var append = new StreamAppend(AuthorityRequest.Stream(number), AuthorityRequest.StreamType, known?.Version ?? 0, context.Command, [@event], context.RecordedAt);
            if ((await database.Log.AppendAsync([append], cancel))[0] is not AppendOutcome.Conflict)
                return new(await FindAsync(number, cancel));
        }
        throw new StreamBusyException(AuthorityRequest.Stream(number));
    }
}
