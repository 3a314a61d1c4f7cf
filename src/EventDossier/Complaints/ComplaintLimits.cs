using EventDossier.Deadlines;
using EventDossier.Store;

namespace EventDossier.Complaints;

/// <summary>How long complaints may take was decided, in the stream <c>/complaint-limits</c>. What had come in before keeps what it came in under.</summary>
public sealed record ComplaintLimitsDecided(DateTimeOffset OccurredAt, IReadOnlyList<ComplaintLimit> Limits);

/// <param name="Accept">From coming in until it is accepted or declined.</param>
/// <param name="Answer">From being accepted until it is answered.</param>
/// <param name="RetentionYears">From its end; before that, whoever made it is not erased.</param>
/// <param name="Basis">The provision.</param>
public sealed record ComplaintLimit(ComplaintKind Kind, Limit Accept, Limit Answer, int RetentionYears, string Basis);

/// <summary>The limits of complaints with their versions.</summary>
public static class ComplaintLimits
{
    public const string Stream = "/complaint-limits";
    public const string StreamType = "complaint limits";

    private static readonly Guid _commands = new("9a1c3f0e-5b7d-5c86-9d1e-2f4a6b8c0d13");

    /// <summary>What holds where nothing was decided.</summary>
    public static IReadOnlyList<ComplaintLimit> Product { get; } = ReadProduct();

    /// <summary>In force at a moment, one for each kind.</summary>
    public static async Task<IReadOnlyList<ComplaintLimit>> AtAsync(Database database, DateTimeOffset at, CancellationToken cancel = default) =>
        (await database.Log.ReadStreamAsync(Stream, cancel: cancel)).Select(e => (ComplaintLimitsDecided)e.Event)
            .LastOrDefault(decided => decided.OccurredAt <= at)?.Limits ?? Product;

    /// <summary>Decides them as a file tells them; the same again decides nothing.</summary>
    /// <returns>The version that holds from then on.</returns>
    /// <exception cref="UserError"><c>bad-limits</c></exception>
    public static async Task<long> DecideAsync(
        Database database, ReadOnlyMemory<byte> json, DateTimeOffset from, CommandMetadata by, CancellationToken cancel = default)
    {
        var limits = Parse(json.Span);
        while (true)
        {
            var before = await database.Log.ReadStreamAsync(Stream, cancel: cancel);
            if (before.Count > 0 && ((ComplaintLimitsDecided)before[^1].Event).Limits.SequenceEqual(limits))
                return before.Count;
            if (before.Count > 0 && ((ComplaintLimitsDecided)before[^1].Event).OccurredAt > from)
                throw new UserError("bad-limits", $"limits were decided for a later day already");
            var decided = new ComplaintLimitsDecided(from, limits);
            var command = by with { CommandId = Uuid.V5(_commands, $"{before.Count} {database.Names.Encode(decided).Json}") };
            if ((await database.Log.AppendAsync([new(Stream, StreamType, before.Count, command, [decided])], cancel))[0] is not AppendOutcome.Conflict)
                return before.Count + 1;
        }
    }

    /// <summary>Reads a file of limits: a list with one for each kind.</summary>
    /// <exception cref="UserError"><c>bad-limits</c></exception>
    public static IReadOnlyList<ComplaintLimit> Parse(ReadOnlySpan<byte> json)
    {
        var limits = StrictJson.Parse<IReadOnlyList<ComplaintLimit>>(json, "list of limits", "bad-limits");
        foreach (var kind in Enum.GetValues<ComplaintKind>())
        {
            if (limits.Count(limit => limit?.Kind == kind) != 1)
                throw new UserError("bad-limits", $"{kind}: one limit for each kind is wanted");
        }
        return limits.FirstOrDefault(limit => string.IsNullOrWhiteSpace(limit.Basis) || limit.RetentionYears is < 1 or > 100) is { } bad
            ? throw new UserError("bad-limits", $"{bad.Kind}: a limit names its basis, and keeps what it is about for 1 to 100 years")
            : limits;
    }

    private static IReadOnlyList<ComplaintLimit> ReadProduct() => Parse(StrictJson.Resource("complaints/limits.json"));
}
