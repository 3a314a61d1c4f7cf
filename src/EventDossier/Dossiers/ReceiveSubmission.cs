using System.ComponentModel;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>A submitted application is complete and valid: it is received, and the handling clock starts.</summary>
public sealed record ReceiveSubmission(
    [Description("The unit that handles it")] string? Unit = null,
    [Description("Who handles it")] string? Officer = null) : IAct<ReceiveSubmission>
{
    public static ActRule Rule { get; } = new("receive-submission", "A submitted application is received", [Role.Clerk], BackDating.Day, "not-submitted", "no-such-procedure", "no-such-unit")
    {
        Of = OwnedStage.Intake, InBatches = true,
    };

    public static Decision Decide(ReceiveSubmission act, Dossier dossier, ActContext context)
    {
        if (dossier is { SubmittedAt: not null, ReceivedAt: not null, Stage: < Stage.Refused })
            return Decision.AlreadyDone;
        if (dossier.Stage != Stage.Submitted)
            return Decision.Refuse("not-submitted", $"{dossier.Code} is {StageNames.Of(dossier.Stage)}");
        if (act.Unit is { } unit && context.Rules.RefuseUnit(unit, context.At) is { } refused)
            return refused;
        // The version at receipt counts, not the one at submission.
        if (context.Rules.Procedure(dossier.Procedure!.Code, context.At) is not { } procedure)
            return Decision.Refuse("no-such-procedure", $"no version of procedure {dossier.Procedure.Code} is in force on {context.At:yyyy-MM-dd}");
        return ReceiveDossier.Receipt(dossier.Code, procedure, dossier.Channel, dossier.Agency, act.Unit, act.Officer, context);
    }
}
