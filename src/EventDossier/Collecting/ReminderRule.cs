using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Collecting;

/// <summary>When applicants are reminded of a result that nobody fetched, decided in the stream <c>/collection-rule</c>.</summary>
/// <param name="OccurredAt">From when it holds, or from its recording if that is later.</param>
/// <param name="AfterWorkingDays">Of the first reminder, the second, and so on: working days after the result was ready.</param>
public sealed record ReminderRuleDecided(DateTimeOffset OccurredAt, IReadOnlyList<int> AfterWorkingDays, string Basis);

/// <summary>A version of the rule.</summary>
/// <param name="Version">Of its stream; 0 for what comes with the product.</param>
public sealed record ReminderRule(long Version, IReadOnlyList<int> AfterWorkingDays, string Basis)
{
    public const string Stream = "/collection-rule";
    public const string StreamType = "collection rule";
    private const int Most = 10, MostDays = 1_000;

    private static readonly Guid _commands = new("2c7d95e1-64a5-5e37-9c61-1f0a4b8f7d20");

    private sealed record Contents(IReadOnlyList<int> AfterWorkingDays, string Basis);

    public static ReminderRule Product { get; } = ReadProduct();

    /// <summary>The one that holds at a moment.</summary>
    public static async Task<ReminderRule> AtAsync(Database database, DateTimeOffset at, CancellationToken cancel = default) =>
        (await database.Log.ReadStreamAsync(Stream, cancel: cancel)).Select(e => (e.Version, e.RecordedAt, Decided: (ReminderRuleDecided)e.Event))
            .Where(v => v.Decided.OccurredAt <= at && v.RecordedAt <= at).Select(v => new ReminderRule(v.Version, v.Decided.AfterWorkingDays, v.Decided.Basis)).LastOrDefault() ?? Product;

    /// <summary>How many reminders a result owes that was ready at a moment and still lies there.</summary>
    public int Owed(DateTimeOffset ready, DateTimeOffset now, WorkCalendar calendar) =>
        AfterWorkingDays.Count(days => WorkCalendar.Reaches(ready) && DueDate.Of(ready, new(days, CountingRule.Days), calendar) <= now);

    /// <summary>Decides the rule; the same again decides nothing.</summary>
    /// <returns>The version that holds from then on.</returns>
    /// <exception cref="UserError"><c>bad-rule</c></exception>
    public static async Task<long> DecideAsync(Database database, ReadOnlyMemory<byte> json, DateTimeOffset from, CommandMetadata by, CancellationToken cancel = default)
    {
        var read = Parse(json.Span);
        while (true)
        {
            var before = await database.Log.ReadStreamAsync(Stream, cancel: cancel);
            if (before.Count > 0 && (ReminderRuleDecided)before[^1].Event is var last && last.AfterWorkingDays.SequenceEqual(read.AfterWorkingDays) && last.Basis == read.Basis)
                return before.Count;
            var command = by with { CommandId = Uuid.V5(_commands, $"{before.Count} {string.Join(' ', read.AfterWorkingDays)} {read.Basis}") };
            var append = new StreamAppend(Stream, StreamType, before.Count, command, [new ReminderRuleDecided(from, read.AfterWorkingDays, read.Basis)]);
            if ((await database.Log.AppendAsync([append], cancel))[0] is not AppendOutcome.Conflict)
                return before.Count + 1;
        }
    }

    private static ReminderRule Parse(ReadOnlySpan<byte> json)
    {
        var read = StrictJson.Parse<Contents>(json, "rule", "bad-rule");
        if (read.AfterWorkingDays is not { Count: > 0 and <= Most } days || days.Any(d => d is < 1 or > MostDays))
            throw new UserError("bad-rule", $"afterWorkingDays: 1 to {Most} numbers from 1 to {MostDays}");
        if (days.Zip(days.Skip(1)).Any(pair => pair.First >= pair.Second))
            throw new UserError("bad-rule", "afterWorkingDays: each is more than the one before");
        return string.IsNullOrWhiteSpace(read.Basis) ? throw new UserError("bad-rule", "basis: a rule names what it rests on") : new(0, days, read.Basis.Trim());
    }

    private static ReminderRule ReadProduct() => Parse(StrictJson.Resource("collecting/reminders.json"));
}
