using EventDossier.Store;

namespace EventDossier.Questionnaires;

/// <summary>What share is to be satisfied at each level was decided, in the stream <c>/satisfaction-targets</c>.</summary>
public sealed record SatisfactionTargetsDecided(DateTimeOffset OccurredAt, IReadOnlyList<SatisfactionTarget> Targets);

/// <param name="Percent">Of those who answered.</param>
/// <param name="Basis">Who promised it, and where.</param>
public sealed record SatisfactionTarget(ServiceLevel Level, long Percent, string Basis);

/// <summary>The targets with their versions.</summary>
public static class SatisfactionTargets
{
    public const string Stream = "/satisfaction-targets";
    public const string StreamType = "satisfaction targets";

    private static readonly Guid _commands = new("4e7a2c19-8d35-5f60-b1c4-93a0d7e6f258");

    /// <summary>What holds where nothing was decided.</summary>
    public static IReadOnlyList<SatisfactionTarget> Product { get; } =
        StrictJson.Parse<IReadOnlyList<SatisfactionTarget>>(StrictJson.Resource("questionnaires/targets.json"), "list of targets", "bad-questionnaire");

    /// <summary>In force at a moment.</summary>
    public static async Task<IReadOnlyList<SatisfactionTarget>> AtAsync(Database database, DateTimeOffset at, CancellationToken cancel = default) =>
        (await database.Log.ReadStreamAsync(Stream, cancel: cancel)).Select(e => (SatisfactionTargetsDecided)e.Event)
            .LastOrDefault(decided => decided.OccurredAt <= at)?.Targets ?? Product;

    /// <summary>Decides them as a file tells them; the same again decides nothing.</summary>
    /// <returns>The version that holds from then on.</returns>
    /// <exception cref="UserError"><c>bad-questionnaire</c></exception>
    public static async Task<long> DecideAsync(
        Database database, ReadOnlyMemory<byte> json, DateTimeOffset from, CommandMetadata by, CancellationToken cancel = default)
    {
        var targets = StrictJson.Parse<IReadOnlyList<SatisfactionTarget>>(json.Span, "list of targets", "bad-questionnaire");
        if (targets.Count == 0 || targets.DistinctBy(t => t.Level).Count() != targets.Count)
            throw new UserError("bad-questionnaire", "a list of targets is wanted, one for each level");
        if (targets.FirstOrDefault(t => t.Percent is < 0 or > 100 || string.IsNullOrWhiteSpace(t.Basis)) is { } bad)
            throw new UserError("bad-questionnaire", $"{bad.Level}: a target is from 0 to 100 percent and names its basis");
        while (true)
        {
            var before = (await database.Log.ReadStreamAsync(Stream, cancel: cancel)).Select(e => (SatisfactionTargetsDecided)e.Event).ToList();
            if (before.Count > 0 && before[^1].Targets.SequenceEqual(targets))
                return before.Count;
            if (before.Count > 0 && before[^1].OccurredAt > from)
                throw new UserError("bad-questionnaire", $"targets were decided for a later day already");
            var decided = new SatisfactionTargetsDecided(from, targets);
            var command = by with { CommandId = Uuid.V5(_commands, $"{before.Count} {database.Names.Encode(decided).Json}") };
            if ((await database.Log.AppendAsync([new(Stream, StreamType, before.Count, command, [decided])], cancel))[0] is not AppendOutcome.Conflict)
                return before.Count + 1;
        }
    }
}
