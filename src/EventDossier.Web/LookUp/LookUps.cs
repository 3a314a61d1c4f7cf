using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Record;
using EventDossier.Store;

namespace EventDossier.Web.LookUp;

/// <summary>Dossiers for whoever holds their slip 01.</summary>
/// <param name="secret">Whose keys are made of it.</param>
/// <param name="read">The events of a dossier; none where there is no such one.</param>
internal sealed class LookUps(Func<CancellationToken, Task<byte[]>> secret, Func<string, CancellationToken, Task<IReadOnlyList<StoredEvent>>> read)
{
    private byte[]? _secret;

    public static LookUps Of(Database database) =>
        new(cancel => new RecordTree(database.App).SecretAsync(LookUpKey.Secret, cancel), (code, cancel) => database.Log.ReadStreamAsync(code, cancel: cancel));

    public async ValueTask<string> KeyAsync(string slip, CancellationToken cancel) => LookUpKey.Of(await SecretAsync(cancel), slip);

    /// <summary>
    /// The events of a dossier, by its code or the one that it had in an older system; null where the key is none of it, or of a slip that was cancelled. Without a key nothing of a dossier is
    /// read, and whether a code is an older one is asked of any, so a guess takes as long for any code.
    /// </summary>
    public async Task<IReadOnlyList<StoredEvent>?> FindAsync(string code, string key, CancellationToken cancel)
    {
        var former = code.Length is > 0 and <= Aliases.MostCharacters && DossierCode.IsCode(code) ? Aliases.CodeIn(await read(Aliases.Stream(code), cancel)) : null;
        var (own, older) = (LookUpKey.Slip(await SecretAsync(cancel), code, key), LookUpKey.Slip(await SecretAsync(cancel), former ?? "", key));
        if (own is null && former is not null)
            code = former;
        if ((own ?? older) is not { } number)
            return null;
        var events = DossierCode.IsCode(code) ? await read(code, cancel) : [];
        return Dossier.Fold(code, events).Slips.Exists(slip => slip.Number == number && !slip.Cancelled) ? events : null;
    }

    private async ValueTask<byte[]> SecretAsync(CancellationToken cancel) => _secret ??= await secret(cancel);
}

/// <summary>What the holder of a slip is told: where the dossier stands and what became of it, of nobody's person.</summary>
/// <param name="Due">As known now; null while the clock stands.</param>
/// <param name="WaitsFor">The slip that the holder is to answer.</param>
/// <param name="Steps">What happened, the first first.</param>
/// <param name="Explanation">How the due date was found, day by day.</param>
public sealed record LookedUp(
    string Code, string? Procedure, Wording? Agency, Stage Stage, PortalStatus? PortalStatus, DateTimeOffset? ReceivedAt, DateTimeOffset? Promised, DateTimeOffset? Due, bool Stands, string? WaitsFor,
    DateTimeOffset? FinishedAt, Judgement? Judgement, DateTimeOffset? ReturnedAt, int? Rating, IReadOnlyList<LookedUp.Step> Steps, IReadOnlyList<string> Explanation)
{
    public sealed record Step(DateTimeOffset At, Wording What);

    public bool MayRate => Stage == Stage.Returned && Rating is null;

    public static LookedUp Of(IReadOnlyList<StoredEvent> events, Rulebook rules, DateTimeOffset now, Language language)
    {
        var dossier = Dossier.Fold(events[0].Stream, events);
        return new(
            dossier.Code, rules.Procedure(dossier.Procedure)?.Published.Name ?? dossier.Procedure?.Code, dossier.Agency is { } agency ? rules.Organisation.UnitAt(agency, now)?.Name ?? new(agency, agency) : null,
            dossier.Stage, PortalStatuses.Of(dossier), dossier.ReceivedAt, dossier.Promised, dossier.Due, dossier.Standing is not null,
            (dossier.Waiting("02") ?? dossier.Waiting("fee"))?.Number, dossier.FinishedAt, dossier.Judgement, dossier.ReturnedAt, dossier.Rating,
            [.. events.Where(e => IsTold(e.Event)).Select(e => new Step(((DossierEvent)e.Event).OccurredAt, EventWording.Of(e.Name)))],
            ExplainedDate.Of(dossier, rules.Calendar)?.ToLines(language) ?? []);
    }

    /// <summary>What concerns the applicant; how the office shares out its work does not.</summary>
    private static bool IsTold(object @event) => @event is DossierSubmitted or DossierReceived or ReceiptVoided or ApplicantCorrected or ProcedureCorrected or ProcedureVersionChanged or SlipReissued or SlipDelivered
        or DocumentAttached or SupplementRequested or SupplementProvided or FeeAsked or FeePaid or DossierSuspended or DossierStopped or DossierResumed or DossierExtended or LateApology or DueDateReprojected
        or DossierDecided or ResultReady or ResultReturned or DossierWithdrawn or DossierTerminated or DossierRated;
}
