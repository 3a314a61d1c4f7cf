using EventDossier.Outages;
using EventDossier.Store;

namespace EventDossier.Dossiers;

/// <summary>Carries acts out: load, decide, append; again from a fresh read when somebody else was faster.</summary>
public sealed class Desk(Database database)
{
    public const string StreamType = "dossier";
    private const int MostTries = 8;

    private readonly NpgsqlEventLog _log = database.Log;
    private readonly RecentDossiers _recent = new(most: 20_000);
    private readonly CurrentRules _rules = new(database);
    private readonly NextNumbers _numbers = new();

    /// <param name="Version">Of the dossier afterwards.</param>
    /// <param name="Position">Of the last event appended; 0 where nothing had to be.</param>
    public sealed record Result(string Code, long Version, long Position, Refusal? Refusal = null);

    /// <summary>Does something to a dossier that exists.</summary>
    public Task<Result> DoAsync<T>(string code, T act, ActContext context, CancellationToken cancel = default) where T : IAct<T> =>
        CountedAsync<T>(ContinueAsync(code, act, context, cancel));

    /// <summary>
    /// Begins a dossier under the next number of agency and day. Numbers have no holes: the next one is tried, and only one that exists is passed over.
    /// </summary>
    public Task<Result> BeginAsync<T>(T act, ActContext context, CancellationToken cancel = default) where T : IAct<T> => CountedAsync<T>(OpenAsync(act, context, cancel));

    private static async Task<Result> CountedAsync<T>(Task<Result> carriedOut) where T : IAct<T>
    {
        var result = await carriedOut;
        var act = KeyValuePair.Create<string, object?>("act", T.Rule.Name);
        if (result.Refusal is { } refusal)
            Metrics.Commands.Add(1, act, KeyValuePair.Create<string, object?>("refusal", refusal.Code));
        else
            Metrics.Commands.Add(1, act);
        return result;
    }

    private async Task<Result> ContinueAsync<T>(string code, T act, ActContext context, CancellationToken cancel) where T : IAct<T>
    {
        if (!DossierCode.IsCode(code))
            return new(code, 0, 0, NoSuch(code));
        var command = context.Command;
        var (fresh, freshRules) = (false, false);
        for (var tries = 0; tries < MostTries; tries++)
        {
            Dossier dossier;
            if (!fresh && _recent.Find(code) is { } recent)
            {
                dossier = recent;
            }
            else
            {
                (dossier, fresh) = (Dossier.Fold(code, await _log.ReadFactsAsync(code, cancel)), true);
            }

            Decision decision = !dossier.Exists ? NoSuch(code)
                : context.Unless?.Invoke(dossier) is { } refused ? refused
                : Acts.Decide(act, dossier, await SurroundAsync(act, context, freshRules, cancel));
            if (decision.Refusal is not null || decision.Events.Count == 0)
            {
                // From memory only success may come: it may be older than the log. And what a command has done itself is no ground to refuse it.
                if (fresh && freshRules)
                {
                    return await _log.FindCommandAsync(command.CommandId, cancel) is { } done
                        ? Told(done, command)
                        : new(code, dossier.Version, 0, decision.Refusal);
                }
                (fresh, freshRules) = (true, true);
                continue;
            }

            switch ((await _log.AppendAsync([new(code, StreamType, dossier.Version, command, decision.Events, context.RecordedAt)], cancel))[0])
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

    private async Task<Result> OpenAsync<T>(T act, ActContext context, CancellationToken cancel) where T : IAct<T>
    {
        if (act.Once is { } once)
            context = context with { Command = context.Command with { CommandId = OnceId(once), Request = CommandMetadata.RequestOf(once) } };
        if (await _log.FindCommandAsync(context.Command.CommandId, cancel) is { } before)
            return Told(before, context.Command);
        context = await SurroundAsync(act, context, fresh: false, cancel);
        var decision = Acts.Decide(act, new(""), context);
        if (decision.Refusal is not null)
        {
            context = await SurroundAsync(act, context, fresh: true, cancel);
            decision = Acts.Decide(act, new(""), context);
        }
        if (decision.Refusal is not null)
            return new("", 0, 0, decision.Refusal);
        var agency = decision.Events[0] switch
        {
            DossierSubmitted submitted => submitted.NumberedBy,
            DossierReceived received => received.NumberedBy!,
            var other => throw new InvalidOperationException($"no dossier begins with {other.GetType().Name}"),
        };
        return await TakeNumberAsync(agency, context.Rules.Calendar.Local(context.At), context.Command, dossier => Acts.Decide(act, dossier, context).Events, context.RecordedAt, cancel);
    }

    /// <summary>Begins a stream under the next number of an agency and a day.</summary>
    internal async Task<Result> TakeNumberAsync(
        string agency, DateTimeOffset day, CommandMetadata command, Func<Dossier, IReadOnlyList<DossierEvent>> events, DateTimeOffset? recordedAt, CancellationToken cancel)
    {
        for (var number = _numbers.Next(agency, day) ?? await FirstFreeAsync(agency, day, cancel); ; number++)
        {
            var dossier = new Dossier(DossierCode.Of(agency, day, number));
            var outcome = (await _log.AppendAsync([new(dossier.Code, StreamType, 0, command, events(dossier), recordedAt)], cancel))[0];
            if (outcome is AppendOutcome.Duplicate duplicate)
                return Told(duplicate, command);
            _numbers.Taken(agency, day, number);
            if (outcome is AppendOutcome.Appended appended)
                return new(dossier.Code, appended.Version, appended.Positions[^1]);
        }
    }

    /// <summary>A dossier as it was when something was last appended to it here, where that is remembered. Others may have gone on with it.</summary>
    internal Dossier? Recent(string code) => _recent.Find(code);

    /// <summary>The rulebook as it stands, at most a second old.</summary>
    public ValueTask<Rulebook> RulesAsync(CancellationToken cancel = default) => _rules.GetAsync(fresh: false, cancel);

    /// <summary>After a change of rules: as it is with it, from then on for everybody here.</summary>
    public ValueTask<Rulebook> FreshRulesAsync(CancellationToken cancel = default) => _rules.GetAsync(fresh: true, cancel);

    /// <summary>The act's surroundings with what it may look up.</summary>
    private async Task<ActContext> SurroundAsync<T>(T act, ActContext context, bool fresh, CancellationToken cancel) where T : IAct<T>
    {
        context = context with { Rules = await _rules.GetAsync(fresh, cancel) };
        if (act.Cites is { Length: > 0 } outage)
            context = context with { Outage = Outage.Fold(outage, await _log.ReadStreamAsync(Outage.Stream(outage), cancel: cancel)) };
        return act.Names is not { } other || !DossierCode.IsCode(other)
            ? context
            : context with { Other = Dossier.Fold(other, await _log.ReadFactsAsync(other, cancel)) };
    }

    /// <summary>The numbers of a day are 1, 2, 3, …, so the first free one is found by doubling and halving.</summary>
    private async Task<int> FirstFreeAsync(string agency, DateTimeOffset day, CancellationToken cancel)
    {
        async Task<bool> TakenAsync(int number) => (await _log.ReadStreamAsync(DossierCode.Of(agency, day, number), 1, cancel)).Count > 0;

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

    /// <summary>The command that begins what may begin only once, whoever asks for it.</summary>
    internal static Guid OnceId(string once) => Uuid.V5(_ofOnce, once);

    private static readonly Guid _ofOnce = new("c0b5a9de-0f0c-5f1e-9a31-3f6f0d6d2b8e");

    private static Refusal NoSuch(string code) => new("no-such-dossier", $"there is no dossier {code}");

    /// <summary>What the command has done before, unless its key is used again for something else.</summary>
    private static Result Told(AppendOutcome.Duplicate before, CommandMetadata command) => new(
        before.Stream, before.Version, before.Positions[^1],
        before.Request == command.Request ? null : new Refusal("key-reused", "this idempotency key was used for another request"));

    /// <summary>The number after the highest seen taken, for the days that were last numbered here. It may be behind, never ahead.</summary>
    private sealed class NextNumbers
    {
        private const int Most = 1_000;
        private readonly Lock _gate = new();
        private readonly Dictionary<(string Agency, DateTime Day), int> _taken = [];

        public int? Next(string agency, DateTimeOffset day)
        {
            lock (_gate)
                return _taken.TryGetValue((agency, day.Date), out var taken) ? taken + 1 : null;
        }

        public void Taken(string agency, DateTimeOffset day, int number)
        {
            lock (_gate)
            {
                if (_taken.Count >= Most)
                    _taken.Clear();
                _taken[(agency, day.Date)] = Math.Max(number, _taken.GetValueOrDefault((agency, day.Date)));
            }
        }
    }
}
