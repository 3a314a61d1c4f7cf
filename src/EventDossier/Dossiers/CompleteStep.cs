using System.ComponentModel;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>A step of the handling is done. A step may be done again: that is rework, and shows.</summary>
public sealed record CompleteStep([Description("Which step")] string Step) : IAct<CompleteStep>
{
    public static ActRule Rule { get; } = new("complete-step", "A step of the handling is done", [Role.Officer, Role.Clerk, Role.Supervisor], BackDating.Day, "not-open")
    {
        Of = OwnedStage.Handling,
    };

    public static Decision Decide(CompleteStep act, Dossier dossier, ActContext context) =>
        dossier.RefuseUnlessOpen() is { } closed ? closed : new StepCompleted(context.At, act.Step, dossier.Officer, dossier.Unit);
}
