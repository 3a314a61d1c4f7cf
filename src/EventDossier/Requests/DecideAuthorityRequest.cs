using EventDossier.Applicants;
using EventDossier.Dossiers;

namespace EventDossier.Requests;

/// <summary>Somebody else than who entered it says that the body may have it, or why not.</summary>
/// <param name="By">Who; whoever asks for it, unless somebody else is named.</param>
/// <param name="Refused">Why not; null: it may.</param>
public sealed record DecideAuthorityRequest(string? By = null, string? Refused = null)
{
    public static (AuthorityRequestEvent? Event, Refusal? Refusal) Decide(DecideAuthorityRequest act, AuthorityRequest request, ActContext context)
    {
        if (AuthorityRequestActs.Refuse(context) is { } refused)
            return (null, refused);
        var by = string.IsNullOrWhiteSpace(act.By) ? context.Command.Actor : act.By.Trim();
        if (EraseApplicant.IsSame(by, request.Asked.By))
            return (null, new("approver-is-registrar", $"{request.Number} takes a second person"));
        if (act.Refused is not null && string.IsNullOrWhiteSpace(act.Refused))
            return (null, new Refusal("reason-missing", "a refusal says why"));
        if (request.Stage != AuthorityRequestStage.Entered)
        {
            var done = act.Refused is null ? request.Approved is { } before && EraseApplicant.IsSame(before.By, by) && !request.IsOver : request.Refused is { } no && EraseApplicant.IsSame(no.By, by);
            return (null, done ? null : new("request-decided", $"{request.Number} is decided"));
        }
        return (act.Refused is null ? new EvidenceApproved(context.At, by) : new EvidenceRefused(context.At, by, act.Refused.Trim()), null);
    }
}
