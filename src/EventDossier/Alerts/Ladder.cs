using System.Collections.Immutable;
using System.Text.RegularExpressions;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Alerts;

/// <summary>A version of a ladder was decided, in the stream <c>/ladder/default</c>, <c>/ladder/agency/CODE</c> or <c>/ladder/procedure/CODE</c>.</summary>
/// <param name="OccurredAt">From when it holds, or from its recording if that is later: what was due before is never judged anew.</param>
/// <param name="ShortUnderHours">A limit of fewer working hours is a short one, with rules of its own.</param>
public sealed record LadderDecided(DateTimeOffset OccurredAt, int ShortUnderHours, IReadOnlyList<LadderRule> Rules, string? Basis);

/// <summary>When somebody is to be told. With both a share and hours, the earlier of the two moments.</summary>
/// <param name="Name">Unique in its ladder; a rule that is to be the same in the next version keeps it.</param>
public sealed record LadderRule(string Name, AlertClock Clock, AlertLevel Level, IReadOnlyList<AlertRole> To)
{
    public LimitLength Limits { get; init; }

    /// <summary>Of the working time between the beginning of the run and its due moment.</summary>
    public int? Percent { get; init; }

    /// <summary>Working hours after the due moment; before it if negative. A day is 8.</summary>
    public int? Hours { get; init; }

    /// <summary>What follows when nobody acknowledges it.</summary>
    public LadderClimb? Climb { get; init; }
}

/// <param name="Hours">Working hours from the raising, or from the end of a snooze.</param>
public sealed record LadderClimb(int Hours, AlertLevel Level, IReadOnlyList<AlertRole> To);

public enum LimitLength { All, Short, Long }

/// <summary>Whom a rule means; who that is, the organisation tells at the due moment.</summary>
public enum AlertRole
{
    /// <summary>The clerks of the place where the submission came in, or of the agency.</summary>
    Counter,
    CounterSupervisor,
    Officer,
    Supervisor,
    UnitHead,
    AgencyHead,

    /// <summary>Of the centre.</summary>
    Director,
}

/// <summary>All ladders with all their versions, and which of them holds when.</summary>
public sealed partial class Ladders
{
    public const string StreamType = "ladder";
    public const string StreamPrefix = "/ladder/";
    public const string Default = "/ladder/default";

    /// <param name="Number">Of the stream; 0 for what comes with the product.</param>
    /// <param name="From">Since when it holds.</param>
    public sealed record Version(string Stream, long Number, DateTimeOffset From, LadderDecided Decided);

    private static readonly Guid _commands = new("b6d1f0b2-5a0f-5f0e-8c39-0d4c5a4f7c11");

    private readonly ImmutableDictionary<string, ImmutableArray<Version>> _streams;

    private Ladders(ImmutableDictionary<string, ImmutableArray<Version>> streams) => _streams = streams;

    /// <summary>What holds where nothing was decided.</summary>
    public static Version Product { get; } = new(Default, 0, DateTimeOffset.MinValue, ReadProduct());

    public static Ladders None { get; } = new(ImmutableDictionary.Create<string, ImmutableArray<Version>>(StringComparer.Ordinal));

    /// <summary>One ladder for every dossier at all times.</summary>
    public static Ladders Always(LadderDecided decided) =>
        new(None._streams.Add(Default, [new(Default, 0, DateTimeOffset.MinValue, decided)]));

    public static string OfAgency(string code) => $"{StreamPrefix}agency/{code}";

    public static string OfProcedure(string code) => $"{StreamPrefix}procedure/{code}";

    public static bool IsLadder(string stream) => stream.StartsWith(StreamPrefix, StringComparison.Ordinal);

    public IEnumerable<Version> All => _streams.Values.SelectMany(v => v);

    public static Ladders Fold(IEnumerable<StoredEvent> events) => new(events
        .Select(e => (e.Stream, e.Version, e.RecordedAt, Decided: (LadderDecided)e.Event))
        .Select(e => new Version(e.Stream, e.Version, e.RecordedAt > e.Decided.OccurredAt ? e.RecordedAt : e.Decided.OccurredAt, e.Decided))
        .GroupBy(v => v.Stream).ToImmutableDictionary(g => g.Key, g => g.OrderBy(v => v.From).ThenBy(v => v.Number).ToImmutableArray(), StringComparer.Ordinal));

    /// <summary>With one version more, as if it were decided.</summary>
    public Ladders With(string stream, LadderDecided decided)
    {
        var before = _streams.GetValueOrDefault(stream, []);
        return new(_streams.SetItem(stream, before.Add(new(stream, before.Length + 1, decided.OccurredAt, decided))));
    }

    /// <summary>The version of a stream that holds at a moment.</summary>
    public Version? At(string stream, DateTimeOffset at) => _streams.GetValueOrDefault(stream, []).LastOrDefault(v => v.From <= at);

    /// <summary>The one that a dossier goes by at a moment: its procedure's, else its agency's, else the centre's, else the product's.</summary>
    public Version Of(Dossier dossier, DateTimeOffset at) =>
        (dossier.Procedure is { } procedure ? At(OfProcedure(procedure.Code), at) : null)
        ?? (dossier.Agency is { } agency ? At(OfAgency(agency), at) : null)
        ?? At(Default, at) ?? Product;

    /// <summary>All that a dossier may ever have gone by.</summary>
    public IEnumerable<Version> Of(Dossier dossier)
    {
        if (_streams.IsEmpty)
            return [Product];
        string[] streams = [.. dossier.Procedure is { } procedure ? [OfProcedure(procedure.Code)] : Array.Empty<string>(), .. dossier.Agency is { } agency ? [OfAgency(agency)] : Array.Empty<string>(), Default];
        return streams.SelectMany(s => _streams.GetValueOrDefault(s, [])).Prepend(Product);
    }

    public static async Task<Ladders> LoadAsync(NpgsqlConnection connection, EventNames names, CancellationToken cancel = default)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT {StoredEventReader.Facts} FROM dossier.mt_events e
            WHERE e.stream_id >= '{StreamPrefix}' AND e.stream_id < '{StreamPrefix[..^1]}0' ORDER BY e.stream_id, e.version
            """, connection);
        var events = new List<StoredEvent>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            events.Add(StoredEventReader.ReadFacts(row, names));
        return Fold(events);
    }

    /// <summary>Decides a ladder as a file tells it; the same again decides nothing.</summary>
    /// <returns>The version that holds from then on.</returns>
    /// <exception cref="UserError"><c>bad-ladder</c></exception>
    public static async Task<long> DecideAsync(
        Database database, string stream, ReadOnlyMemory<byte> json, DateTimeOffset from, CommandMetadata by, DateTimeOffset? recordedAt = null, CancellationToken cancel = default)
    {
        var decided = Parse(json.Span) with { OccurredAt = from };
        while (true)
        {
            var before = await database.Log.ReadStreamAsync(stream, cancel: cancel);
            if (before.Count > 0 && Content((LadderDecided)before[^1].Event) == Content(decided))
                return before.Count;
            var command = by with { CommandId = Uuid.V5(_commands, $"{stream} {before.Count} {Content(decided)}") };
            if ((await database.Log.AppendAsync([new(stream, StreamType, before.Count, command, [decided], recordedAt)], cancel))[0] is not AppendOutcome.Conflict)
                return before.Count + 1;
        }

        string Content(LadderDecided ladder) => database.Names.Encode(ladder with { OccurredAt = default }).Json;
    }

    /// <summary>Reads the file of a ladder.</summary>
    /// <exception cref="UserError"><c>bad-ladder</c></exception>
    public static LadderDecided Parse(ReadOnlySpan<byte> json)
    {
        var contents = StrictJson.Parse<Contents>(json, "ladder", "bad-ladder");
        if (contents.Rules.Select(Fault).FirstOrDefault(f => f is not null) is { } fault)
            throw new UserError("bad-ladder", fault);
        if (contents.Rules.GroupBy(r => r.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new UserError("bad-ladder", $"rule {twice.Key}: named twice");
        return contents.ShortUnderHours is >= 0 and <= 800
            ? new(default, contents.ShortUnderHours, contents.Rules, contents.Basis)
            : throw new UserError("bad-ladder", "shortUnderHours: from 0 to 800 are possible");
    }

    private static string? Fault(LadderRule? rule) => rule switch
    {
        null => "null is no rule",
        _ when !RuleName().IsMatch(rule.Name) => $"rule '{rule.Name}': small letters, digits and hyphens make a name",
        { Percent: null, Hours: null } => $"rule {rule.Name}: neither a share of the limit (percent) nor hours after the due moment",
        { Percent: < 1 or > 100 } => $"rule {rule.Name}: percent is from 1 to 100",
        { Hours: < -2000 or > 2000 } => $"rule {rule.Name}: hours are from -2000 to 2000",
        { Clock: AlertClock.Step, Percent: not null } => $"rule {rule.Name}: a step's budget knows its end only, hence hours",
        { To.Count: 0 } or { Climb.To.Count: 0 } => $"rule {rule.Name}: it tells nobody",
        { Climb.Hours: < 1 or > 2000 } => $"rule {rule.Name}: it climbs after 1 to 2000 hours",
        _ => null,
    };

    private static LadderDecided ReadProduct() => Parse(StrictJson.Resource("alerts/ladder.json"));

    private sealed record Contents(int ShortUnderHours, IReadOnlyList<LadderRule> Rules, string? Basis = null);

    [GeneratedRegex("^[a-z][a-z0-9-]{0,39}$", RegexOptions.None, 1000)]
    private static partial Regex RuleName();
}
