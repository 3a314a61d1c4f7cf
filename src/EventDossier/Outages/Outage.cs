using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Outages;

/// <summary>Something that happened to an outage, in the stream <c>/outage/NUMBER</c>.</summary>
public abstract record OutageEvent(DateTimeOffset OccurredAt, string By);

/// <summary>A place could not reach the centre, and went on with paper.</summary>
/// <param name="OccurredAt">When it began.</param>
/// <param name="Unit">The place: what is entered later under this outage was received there.</param>
public sealed record OutageDeclared(DateTimeOffset OccurredAt, string By, string Unit, string Reason) : OutageEvent(OccurredAt, By);

/// <param name="OccurredAt">When it was over.</param>
public sealed record OutageEnded(DateTimeOffset OccurredAt, string By) : OutageEvent(OccurredAt, By);

/// <summary>An outage: the fold of its events.</summary>
/// <param name="To">Null while it lasts.</param>
public sealed record Outage(string Number, long Version, string Unit, string Reason, DateTimeOffset From, DateTimeOffset? To)
{
    public const string StreamType = "outage";
    public const string StreamPrefix = "/outage/";

    public static string Stream(string number) => StreamPrefix + number;

    /// <summary>Whether paper of a moment can be of it.</summary>
    public bool Covers(DateTimeOffset at) => at >= From && !(at > To);

    /// <summary>Null where there is none.</summary>
    public static Outage? Fold(string number, IEnumerable<StoredEvent> events) => events.Aggregate(default(Outage), (outage, e) => e.Event switch
    {
        OutageDeclared declared => new(number, e.Version, declared.Unit, declared.Reason, declared.OccurredAt, null),
        OutageEnded ended => outage! with { Version = e.Version, To = ended.OccurredAt },
        _ => throw new InvalidOperationException($"{e.Name} is not known to an outage"),
    });
}

/// <summary>Says that a place is cut off, and since when.</summary>
public sealed record DeclareOutage(string Unit, string Reason)
{
    public static (OutageEvent? Event, Refusal? Refusal) Decide(DeclareOutage act, string number, Outage? known, ActContext context) =>
        OutageActs.Refuse(context) is { } refused ? (null, refused)
        : known is not null ? (null, known.Unit == act.Unit && known.From == context.At ? null : new("outage-known", $"{number} is another outage"))
        : string.IsNullOrWhiteSpace(act.Reason) ? (null, new Refusal("reason-missing", "an outage is declared with its reason"))
        : context.Rules.RefuseUnit(act.Unit, context.At) is { } unknown ? (null, unknown)
        : (new OutageDeclared(context.At, context.Command.Actor, act.Unit, act.Reason.Trim()), null);
}

/// <summary>Says that the place is reached again, and since when.</summary>
public sealed record EndOutage
{
    public static (OutageEvent? Event, Refusal? Refusal) Decide(Outage? known, ActContext context) =>
        OutageActs.Refuse(context) is { } refused ? (null, refused)
        : known is null ? (null, new Refusal("no-such-outage", "there is no such outage"))
        : known.To is { } ended ? (null, ended == context.At ? null : new("outage-over", $"{known.Number} ended at {ended:yyyy-MM-dd HH:mm zzz}"))
        : context.At < known.From ? (null, new("out-of-order", $"{known.Number} began at {known.From:yyyy-MM-dd HH:mm zzz}"))
        : (new OutageEnded(context.At, context.Command.Actor), null);
}

/// <summary>What holds for all that is done about outages.</summary>
internal static class OutageActs
{
    public static IReadOnlyList<string> By { get; } = [Role.Supervisor, Role.Administrator];

    public static Refusal? Refuse(ActContext context) =>
        !By.Contains(context.Command.Role) ? new("not-allowed", $"outages are for {string.Join(" and ", By)}, not for {context.Command.Role}")
        : context.At > context.Now ? new("in-the-future", $"{context.At:yyyy-MM-dd HH:mm zzz} has not come yet")
        : null;
}
