using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Applicants;

/// <summary>
/// Carries erasures and holds out. An erasure is three writes in three places: the event, the register, and the destruction of the key. The event comes first, and each later step is
/// taken again by whoever comes next, here or on opening the key store; so a crash between them delays an erasure and never loses one.
/// </summary>
public sealed class Erasures(Database database, KeyStore keys, ErasureRegister register)
{
    /// <param name="Version">Of the applicant's stream.</param>
    public sealed record Result(long Version, Refusal? Refusal = null);

    public async Task<Result> EraseAsync(EraseApplicant act, Guid applicant, IReadOnlyList<HeldDossier> dossiers, ActContext context, CancellationToken cancel = default)
    {
        var result = await PutDownAsync(act, applicant, dossiers, context, cancel);
        if (result.Refusal is null)
            await FinishAsync(cancel);
        return result;
    }

    /// <summary>The event alone, for who erases many: what follows from it is done for all of them by <see cref="FinishAsync"/>.</summary>
    internal async Task<Result> PutDownAsync(EraseApplicant act, Guid applicant, IReadOnlyList<HeldDossier> dossiers, ActContext context, CancellationToken cancel)
    {
        var known = await keys.KnowsAsync(applicant, cancel);
        return await DoAsync(applicant, context, record => EraseApplicant.Decide(act, applicant, known, record, dossiers, context), cancel);
    }

    internal Task FinishAsync(CancellationToken cancel) => ReplayAsync(database, keys, register, cancel);

    public async Task<Result> PlaceHoldAsync(PlaceLegalHold act, Guid applicant, ActContext context, CancellationToken cancel = default)
    {
        var known = await keys.KnowsAsync(applicant, cancel);
        return await DoAsync(applicant, context, record => PlaceLegalHold.Decide(act, applicant, known, record, context), cancel);
    }

    public Task<Result> LiftHoldAsync(LiftLegalHold act, Guid applicant, ActContext context, CancellationToken cancel = default) =>
        DoAsync(applicant, context, record => LiftLegalHold.Decide(act, applicant, record, context), cancel);

    /// <summary>Brings log, register and key store to one state: what any of them knows to be erased is erased in all.</summary>
    internal static async Task ReplayAsync(Database database, KeyStore keys, ErasureRegister register, CancellationToken cancel)
    {
        var inLog = await ErasedInLogAsync(database, cancel);
        var inRegister = (await register.ReadAsync(cancel)).ToDictionary(e => e.Event.Applicant);
        foreach (var lost in inRegister.Values.Where(e => !inLog.Contains(e.Event.Applicant)))
        {
            // The log is an older copy: it gets its event back, under the command that it had.
            var stream = ApplicantRecord.Stream(lost.Event.Applicant);
            await database.Log.AppendAsync([new(stream, ApplicantRecord.StreamType, StreamAppend.Any, lost.Command, [lost.Event])], cancel);
        }
        var missing = new List<ErasureRegister.Entry>();
        foreach (var applicant in inLog.Where(id => !inRegister.ContainsKey(id)))
        {
            var erased = (await database.Log.ReadStreamAsync(ApplicantRecord.Stream(applicant), cancel: cancel)).First(e => e.Event is ApplicantErased);
            missing.Add(new((ApplicantErased)erased.Event, erased.Metadata));
        }
        await register.AddAsync(missing, cancel);
        await keys.DestroyAsync([.. inLog.Union(inRegister.Keys)], cancel);
    }

    private async Task<Result> DoAsync(Guid applicant, ActContext context, Func<ApplicantRecord, ApplicantDecision> decide, CancellationToken cancel)
    {
        var stream = ApplicantRecord.Stream(applicant);
        while (true)
        {
            var events = await database.Log.ReadStreamAsync(stream, cancel: cancel);
            if (events.FirstOrDefault(e => e.Id == Uuid.V5(context.Command.CommandId, 0)) is { } done)
                return new(done.Version, done.Metadata.Request == context.Command.Request ? null : KeyReused);
            var record = ApplicantRecord.Fold(events);
            var decision = decide(record);
            if (decision.Event is null)
                return new(record.Version, decision.Refusal);
            switch ((await database.Log.AppendAsync([new(stream, ApplicantRecord.StreamType, record.Version, context.Command, [decision.Event])], cancel))[0])
            {
                case AppendOutcome.Appended appended:
                    return new(appended.Version);
                case AppendOutcome.Duplicate before:
                    return new(before.Version, before.Stream == stream && before.Request == context.Command.Request ? null : KeyReused);
            }
        }
    }

    private static Refusal KeyReused => new("key-reused", "this idempotency key was used for another request");

    /// <summary>Few streams are an applicant's, and they stand together in the order of keys.</summary>
    private static async Task<IReadOnlySet<Guid>> ErasedInLogAsync(Database database, CancellationToken cancel)
    {
        var erased = new HashSet<Guid>();
        await using var command = database.App.CreateCommand(
            """
            SELECT s.id FROM dossier.mt_streams s
            WHERE s.id LIKE '/applicant/%' AND EXISTS (SELECT FROM dossier.mt_events e WHERE e.stream_id = s.id AND e.type = 'applicant_erased')
            """);
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            erased.Add(Guid.Parse(row.GetString(0)["/applicant/".Length..]));
        return erased;
    }
}
