using System.Collections.Immutable;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Requests;

/// <summary>Something that happened to a request of a court or an inspection, in the stream <c>/authority-request/NUMBER</c>.</summary>
public abstract record AuthorityRequestEvent(DateTimeOffset OccurredAt, string By);

/// <summary>A body that may ask for evidence asked. The dossiers in its scope are held from then on.</summary>
/// <param name="OccurredAt">When it came in.</param>
/// <param name="From">The body's name.</param>
/// <param name="Letter">Number of its letter: what the holds rest on.</param>
/// <param name="Dossiers">Codes; the whole scope.</param>
/// <param name="Basis">The provision that it rests on.</param>
/// <param name="Names">It wants to know who applied.</param>
public sealed record EvidenceRequested(
    DateTimeOffset OccurredAt, string By, AuthorityBody Body, string From, string Letter, IReadOnlyList<string> Dossiers, string Basis, bool Names, DateTimeOffset? AnswerBy)
    : AuthorityRequestEvent(OccurredAt, By);

public sealed record EvidenceApproved(DateTimeOffset OccurredAt, string By) : AuthorityRequestEvent(OccurredAt, By);

/// <summary>It is not met; the holds end.</summary>
public sealed record EvidenceRefused(DateTimeOffset OccurredAt, string By, string Reason) : AuthorityRequestEvent(OccurredAt, By);

/// <summary>Evidence packs went to the body, with minutes that both sign.</summary>
/// <param name="To">Who took them: name and office.</param>
/// <param name="Minutes">Number of the minutes.</param>
public sealed record EvidenceHandedOver(DateTimeOffset OccurredAt, string By, string To, string Minutes, IReadOnlyList<HandedPack> Packs) : AuthorityRequestEvent(OccurredAt, By);

/// <summary>The body's matter is over; the holds end.</summary>
public sealed record EvidenceRequestClosed(DateTimeOffset OccurredAt, string By, string Reason) : AuthorityRequestEvent(OccurredAt, By);

/// <param name="Sha256">Of the zip, lower-case hex.</param>
/// <param name="LastVersion">Of the dossier, as the pack has it.</param>
public sealed record HandedPack(string Code, string Sha256, long Size, long LastVersion);

public enum AuthorityBody { Court, Procuracy, Police, Inspection, Audit }

public enum AuthorityRequestStage { Entered, Approved, HandedOver, Refused, Closed }

/// <summary>An entry of the register of requests of courts and inspections: the fold of its events.</summary>
public sealed record AuthorityRequest(string Number, long Version, EvidenceRequested Asked)
{
    public const string StreamType = "authority request";
    public const string StreamPrefix = "/authority-request/";

    /// <summary>Dossiers of one request: their packs go out in one zip.</summary>
    public const int MostDossiers = 90;

    public AuthorityRequestStage Stage { get; init; }
    public EvidenceApproved? Approved { get; init; }
    public EvidenceRefused? Refused { get; init; }
    public EvidenceRequestClosed? Closed { get; init; }
    public ImmutableList<EvidenceHandedOver> HandOvers { get; init; } = [];

    /// <summary>What the holds on its dossiers rest on.</summary>
    public string Hold => $"{Asked.From}, {Asked.Letter}";

    /// <summary>It was refused, or is over.</summary>
    public bool IsOver => Stage >= AuthorityRequestStage.Refused;

    public static string Stream(string number) => StreamPrefix + number;

    /// <summary>Null where there is none.</summary>
    public static AuthorityRequest? Fold(string number, IEnumerable<StoredEvent> events) => events.Aggregate(default(AuthorityRequest), (request, e) => (e.Event switch
    {
        EvidenceRequested asked => new AuthorityRequest(number, e.Version, asked),
        EvidenceApproved approved => request! with { Stage = AuthorityRequestStage.Approved, Approved = approved },
        EvidenceRefused refused => request! with { Stage = AuthorityRequestStage.Refused, Refused = refused },
        EvidenceHandedOver over => request! with { Stage = AuthorityRequestStage.HandedOver, HandOvers = request.HandOvers.Add(over) },
        EvidenceRequestClosed closed => request! with { Stage = AuthorityRequestStage.Closed, Closed = closed },
        _ => throw new InvalidOperationException($"{e.Name} is not known to a request of an authority"),
    }) with { Version = e.Version });

    /// <summary>The register, by number.</summary>
    public static async Task<IReadOnlyList<AuthorityRequest>> AllAsync(Database database, CancellationToken cancel = default) =>
        [.. (await StreamOrder.BelowAsync(database, StreamPrefix, cancel)).Select(s => Fold(s.Key, s)!)];
}

/// <summary>What holds for all acts on such requests.</summary>
internal static class AuthorityRequestActs
{
    public static IReadOnlyList<string> By { get; } = [Role.Supervisor, Role.Administrator];

    public static Refusal? Refuse(ActContext context) =>
        !By.Contains(context.Command.Role) ? new("not-allowed", $"requests of authorities are for {string.Join(" and ", By)}, not for {context.Command.Role}")
        : context.At > context.Now ? new("in-the-future", $"{context.At:yyyy-MM-dd HH:mm zzz} has not come yet")
        : null;
}
