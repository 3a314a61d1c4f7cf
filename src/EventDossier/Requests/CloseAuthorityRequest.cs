using EventDossier.Dossiers;

namespace EventDossier.Requests;

/// <summary>The body's matter is over, as it has let us know: the holds end.</summary>
public sealed record CloseAuthorityRequest(string Reason)
{
    public static (AuthorityRequestEvent? Event, Refusal? Refusal) Decide(CloseAuthorityRequest act, AuthorityRequest request, ActContext context) =>
        AuthorityRequestActs.Refuse(context) is { } refused ? (null, refused)
        : string.IsNullOrWhiteSpace(act.Reason) ? (null, new Refusal("reason-missing", "the end of a request says why"))
        : request.Closed is { } before ? (null, before.Reason == act.Reason.Trim() ? null : new("request-decided", $"{request.Number} is over"))
        : request.IsOver ? (null, new("request-decided", $"{request.Number} was refused"))
        : (new EvidenceRequestClosed(context.At, context.Command.Actor, act.Reason.Trim()), null);
}
