using EventDossier.Dossiers;

namespace EventDossier.Releases;

/// <summary>Takes a release back, published or not.</summary>
public sealed record WithdrawRelease(string Reason)
{
    public static ReleaseDecision Decide(WithdrawRelease act, Release release, ActContext context) =>
        ReleaseActs.Refuse(context) is { } refused ? refused
        : string.IsNullOrWhiteSpace(act.Reason) ? ReleaseDecision.Refuse("reason-missing", "a withdrawal says why")
        : release.Stage == ReleaseStage.Withdrawn ? ReleaseDecision.AlreadyDone
        : release.Stage == ReleaseStage.Superseded
        ? ReleaseDecision.Refuse("release-closed", $"{release.Number} is superseded")
        : new ReleaseWithdrawn(context.At, context.Command.Actor, act.Reason.Trim());
}
