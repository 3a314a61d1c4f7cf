using EventDossier.Dossiers;

namespace EventDossier.Releases;

/// <summary>
/// Takes down what the gate said of the files. Checking anew takes an approval back: what was approved is what was
/// checked.
/// </summary>
public sealed record CheckRelease(ReleaseBuild Build)
{
    public static ReleaseDecision Decide(CheckRelease act, Release release, ActContext context)
    {
        if (ReleaseActs.Refuse(context) is { } refused)
            return refused;
        if (release.Stage >= ReleaseStage.Published)
            return ReleaseDecision.Refuse("release-closed", $"{release.Number} is {ReleaseActs.NameOf(release.Stage)}");
        var build = act.Build;
        return release.Checked is { } last && last.Sha256 == build.Sha256
            && last.Findings.SequenceEqual(build.Findings) ? ReleaseDecision.AlreadyDone
            : new ReleaseChecked(
                context.At, context.Command.Actor, build.Sha256, build.Findings, build.Cases, build.Kept, build.Events,
                build.Checkpoint, build.Earlier);
    }
}
