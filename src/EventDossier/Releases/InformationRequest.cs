using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Releases;

/// <summary>
/// Something that happened to a request for information, in the stream <c>/information-request/NUMBER</c>.
/// </summary>
public abstract record InformationRequestEvent(DateTimeOffset OccurredAt, string By);

/// <summary>Somebody asked for information. Who that is stays in their letter.</summary>
/// <param name="OccurredAt">When it came in.</param>
/// <param name="Scope">What they want to know.</param>
/// <param name="Basis">The provision that they rest on.</param>
public sealed record InformationRequested(DateTimeOffset OccurredAt, string By, Requester Requester, string Scope,
    string Basis, DateTimeOffset? AnswerBy)
    : InformationRequestEvent(OccurredAt, By);

/// <summary>With a release, or with the reason why not.</summary>
public sealed record InformationAnswered(DateTimeOffset OccurredAt, string By, string? Release, string? Refused)
    : InformationRequestEvent(OccurredAt, By);

public enum Requester { Citizen, Journalist, Researcher, Court, Inspection, Police, Authority }

/// <summary>An entry of the register of requests: the fold of its events.</summary>
public sealed record InformationRequest(string Number, long Version, InformationRequested Asked,
    InformationAnswered? Answer)
{
    public const string StreamType = "information request";
    public const string StreamPrefix = "/information-request/";

    public static string Stream(string number) => StreamPrefix + number;

    /// <summary>Null where there is none.</summary>
    public static InformationRequest? Fold(string number, IEnumerable<StoredEvent> events) =>
        events.Aggregate(default(InformationRequest), (request, e) => e.Event switch
    {
        InformationRequested asked => new(number, e.Version, asked, null),
        InformationAnswered answer => request! with { Version = e.Version, Answer = answer },
        _ => throw new InvalidOperationException($"{e.Name} is not known to a request"),
    });

    /// <summary>The register, by number.</summary>
    public static async Task<IReadOnlyList<InformationRequest>> AllAsync(Database database,
        CancellationToken cancel = default) =>
        [.. (await StreamOrder.BelowAsync(database, StreamPrefix, cancel)).Select(s => Fold(s.Key, s)!)];
}

/// <summary>Enters a request in the register.</summary>
public sealed record EnterRequest(Requester Requester, string Scope, string Basis, DateTimeOffset? AnswerBy)
{
    public static (InformationRequestEvent? Event, Refusal? Refusal) Decide(EnterRequest act, string number,
        InformationRequest? known, ActContext context) =>
        ReleaseActs.Refuse(context) is { } refused ? (null, refused)
        : known is not null ? (null, known.Asked.Scope == act.Scope.Trim() ? null
        : new("request-known", $"{number} is another request"))
        : string.IsNullOrWhiteSpace(act.Scope) ? (null, new("scope-missing", "a request says what it wants to know"))
        : string.IsNullOrWhiteSpace(act.Basis) ? (null,
        new("basis-missing", "a request names the provision that it rests on"))
        : context.At > context.Now ? (null, new("in-the-future", $"{context.At:yyyy-MM-dd HH:mm zzz} has not come yet"))
        : (new InformationRequested(context.At, context.Command.Actor, act.Requester, act.Scope.Trim(),
            act.Basis.Trim(), act.AnswerBy), null);
}

/// <summary>Answers a request with a release that is out, or says why not.</summary>
public sealed record AnswerRequest(string? Release, string? Refused)
{
    /// <param name="release">The one that it names.</param>
    public static (InformationRequestEvent? Event, Refusal? Refusal) Decide(AnswerRequest act, string number,
        InformationRequest? known, Release? release, ActContext context) =>
        ReleaseActs.Refuse(context) is { } refused ? (null, refused)
        : known is null ? (null, new("no-such-request", $"no request has the number {number}"))
        : known.Answer is { } before ? (null, before.Release == act.Release ? null
        : new("request-answered", $"{number} is answered"))
        : act.Release is null == string.IsNullOrWhiteSpace(act.Refused)
        ? (null, new("reason-missing", "an answer is a release, or the reason why not"))
        : act.Release is not null && release is not { IsCurrent: true }
        ? (null, new("not-published", $"{act.Release} is no release that is out"))
        : (new InformationAnswered(context.At, context.Command.Actor, act.Release, act.Refused?.Trim()), null);
}
