using EventDossier.Deadlines;
using EventDossier.Procedures;
using EventDossier.Store;

namespace EventDossier.Dossiers;

/// <summary>Carries acts out: load, decide, append; again from a fresh read when somebody else was faster.</summary>
public sealed class Desk(IEventLog log, WorkCalendar calendar)
{
    public const string StreamType = "dossier";
    private const int MostTries = 8;

    private readonly RecentDossiers _recent = new(most: 20_000);

    /// <param name="Version">Of the dossier afterwards.</param>
    /// <param name="Position">Of the last event appended; 0 where nothing had to be.</param>
    public sealed record Result(string Code, long Version, long Position, Refusal? Refusal = null);

    /// <param name="decide">Pure: the dossier as it stands, to a decision.</param>
    public async Task<Result> DoAsync(string code, CommandMetadata command, Func<Dossier, Decision> decide, CancellationToken cancel = default)
    {
        if (!DossierCode.IsCode(code))
            return new(code, 0, 0, NoSuch(code));
        var fresh = false;
        for (var tries = 0; tries < MostTries; tries++)
        {
            Dossier dossier;
            if (!fresh && _recent.Find(code) is { } recent)
            {
                dossier = recent;
            }
            else
            {
                var events = await log.ReadStreamAsync(code, cancel: cancel);
                var done = Uuid.V5(command.CommandId, 0);
                if (events.Any(e => e.Id == done))
                    return Told((await log.FindCommandAsync(command.CommandId, cancel))!, command);
                (dossier, fresh) = (Dossier.Fold(code, events), true);
            }

            var decision = dossier.Exists ? decide(dossier) : NoSuch(code);
            if (decision.Refusal is not null || decision.Events.Count == 0)
            {
                // From memory only success may come: it may be older than the log.
                if (fresh)
                    return new(code, dossier.Version, 0, decision.Refusal);
                fresh = true;
                continue;
            }

            switch ((await log.AppendAsync([new(code, StreamType, dossier.Version, command, decision.Events)], cancel))[0])
            {
                case AppendOutcome.Appended appended:
                    _recent.Keep(decision.Events.Index().Aggregate(dossier, (d, e) => d.After(e.Item, dossier.Version + e.Index + 1)));
                    return new(code, appended.Version, appended.Positions[^1]);
                case AppendOutcome.Duplicate duplicate:
                    return Told(duplicate, command);
                case AppendOutcome.Conflict:
                    _recent.Forget(code);
                    fresh = true;
                    break;
            }
        }
        return new(code, 0, 0, new("busy", $"{code} is being changed by others all the time; try again"));
    }

    /// <summary>
    /// Receives a dossier under the next number of agency and day. Numbers have no holes: the next one is tried, and only one that exists is passed over.
    /// </summary>
    public async Task<Result> ReceiveAsync(ReceiveDossier act, ActContext context, CancellationToken cancel = default)
    {
        if (await log.FindCommandAsync(context.Command.CommandId, cancel) is { } before)
            return Told(before, context.Command);
        var versions = await log.ReadStreamAsync(Procedure.Stream(act.Procedure), cancel: cancel);
        var decision = ReceiveDossier.Decide(act, Procedure.InForce(versions, context.At), calendar, context);
        if (decision.Refusal is not null)
            return new("", 0, 0, decision.Refusal);
        var day = calendar.Local(context.At);
        for (var number = await FirstFreeAsync(act.Agency, day, cancel); ; number++)
        {
            var code = DossierCode.Of(act.Agency, day, number);
            switch ((await log.AppendAsync([new(code, StreamType, 0, context.Command, decision.Events)], cancel))[0])
            {
                case AppendOutcome.Appended appended:
                    return new(code, appended.Version, appended.Positions[^1]);
                case AppendOutcome.Duplicate duplicate:
                    return Told(duplicate, context.Command);
            }
        }
    }

    /// <summary>The numbers of a day are 1, 2, 3, …, so the first free one is found by doubling and halving.</summary>
    private async Task<int> FirstFreeAsync(string agency, DateTimeOffset day, CancellationToken cancel)
    {
        async Task<bool> TakenAsync(int number) => (await log.ReadStreamAsync(DossierCode.Of(agency, day, number), 1, cancel)).Count > 0;

        var (taken, free) = (0, 1);
        while (await TakenAsync(free))
            (taken, free) = (free, free * 2);
        while (free - taken > 1)
        {
            var middle = (taken + free) / 2;
            (taken, free) = await TakenAsync(middle) ? (middle, free) : (taken, middle);
        }
        return free;
    }

    private static Refusal NoSuch(string code) => new("no-such-dossier", $"there is no dossier {code}");

    /// <summary>What the command has done before, unless its key is used again for something else.</summary>
    private static Result Told(AppendOutcome.Duplicate before, CommandMetadata command) => new(
        before.Stream, before.Version, before.Positions[^1],
        before.Request == command.Request ? null : new Refusal("key-reused", "this idempotency key was used for another request"));
}
