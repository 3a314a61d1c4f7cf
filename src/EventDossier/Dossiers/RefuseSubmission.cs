using System.ComponentModel;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>An application is not taken: form 03 says why. It was never received.</summary>
public sealed record RefuseSubmission([Description("Why it is not taken")] string Reason) : IAct<RefuseSubmission>
{
    public static ActRule Rule { get; } = new("refuse", "A submitted application is refused at intake, with form 03",
        [Role.Clerk, Role.Supervisor], BackDating.Day, "not-submitted", "reason-missing")
    {
        Of = OwnedStage.Intake,
    };

    public static Decision Decide(RefuseSubmission act, Dossier dossier, ActContext context)
    {
        if (dossier.Stage == Stage.Refused)
            return Decision.AlreadyDone;
        if (dossier.Stage != Stage.Submitted)
            return Decision.Refuse("not-submitted", $"{dossier.Code} is {StageNames.Of(dossier.Stage)}");
        if (string.IsNullOrWhiteSpace(act.Reason))
            return Decision.Refuse("reason-missing", "form 03 says why an application is refused");
        return new SubmissionRefused(context.At, dossier.NextSlip("03"), act.Reason);
    }
}
