using EventDossier.Dossiers;

namespace EventDossier.Releases;

/// <summary>
/// Publishes what was checked and approved, and nothing else: the files were made anew, and judged anew.
/// </summary>
/// <param name="Build">The files as they are to go out.</param>
/// <param name="Sign">Signs their list of checksums.</param>
public sealed record PublishRelease(ReleaseBuild Build, Func<string, string> Sign)
{
    /// <param name="releases">All there are.</param>
    public static ReleaseDecision Decide(PublishRelease act, Release release, IReadOnlyList<Release> releases,
        ActContext context)
    {
        if (ReleaseActs.Refuse(context) is { } refused)
            return refused;
        if (release.Stage == ReleaseStage.Published)
            return ReleaseDecision.AlreadyDone;
        if (release.Stage > ReleaseStage.Published)
            return ReleaseDecision.Refuse("release-closed", $"{release.Number} is {ReleaseActs.NameOf(release.Stage)}");
        if (ReleaseActs.RefuseUnchecked(release) is { } unready)
            return unready;
        if (act.Build.Findings is [var finding, ..])
            return ReleaseDecision.Refuse("gate-failed", $"{finding.Kind}: {finding.What}");
        if (release.Approved is not { } approved)
            return ReleaseDecision.Refuse("not-approved", $"{release.Number} is not approved");
        if (approved.Sha256 != release.Checked!.Sha256 || approved.Sha256 != act.Build.Sha256)
            return ReleaseDecision.Refuse("files-changed",
                $"{release.Number} would not be what was checked and approved: check it again");
        if (ReleaseActs.RefuseOverlap(release.Drafted, releases) is { } overlap)
            return overlap;
        return new ReleasePublished(context.At, context.Command.Actor, act.Build.Sha256, act.Sign(act.Build.Sums));
    }
}
