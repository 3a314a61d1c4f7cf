using EventDossier.Applicants;
using EventDossier.Dossiers;

namespace EventDossier.Releases;

/// <summary>A second person answers for what was checked.</summary>
/// <param name="By">Who; whoever asks for it, unless somebody else is named.</param>
public sealed record ApproveRelease(string? By = null)
{
    public static ReleaseDecision Decide(ApproveRelease act, Release release, ActContext context)
    {
        if (ReleaseActs.Refuse(context) is { } refused)
            return refused;
        var (by, drafted) = (string.IsNullOrWhiteSpace(act.By) ? context.Command.Actor : act.By.Trim(),
            release.Drafted);
        if (release.Stage >= ReleaseStage.Approved)
        {
            return release is { Stage: ReleaseStage.Approved or ReleaseStage.Published, Approved: { } before }
                && EraseApplicant.IsSame(by, before.By) ? ReleaseDecision.AlreadyDone
                : ReleaseDecision.Refuse("release-closed", $"{release.Number} is {ReleaseActs.NameOf(release.Stage)}");
        }
        if (ReleaseActs.RefuseUnchecked(release) is { } unchecked_)
            return unchecked_;
        if (EraseApplicant.IsSame(by, drafted.By))
            return ReleaseDecision.Refuse("approver-is-drafter", "a release takes a second person");
        var approved = new ReleaseApproved(context.At, by, release.Checked!.Sha256);
        if (drafted.Approver is not { } wanted || EraseApplicant.IsSame(by, wanted))
            return approved;
        var organisation = context.Rules.Organisation;
        return organisation.IsAbsent(wanted, context.At) && organisation.PostsOf(wanted, context.At)
            .Any(post => organisation.ActingHolder(post.Code, context.At) == by)
            ? approved with { InPlaceOf = wanted }
            : ReleaseDecision.Refuse("not-the-approver",
                $"{wanted} is to approve {release.Number}, or who stands in for {wanted} when absent");
    }
}
