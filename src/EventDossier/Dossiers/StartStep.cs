using System.ComponentModel;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>A step of the handling begins, and with it the step's own budget of working hours.</summary>
public sealed record StartStep([Description("Which step")] string Step) : IAct<StartStep>
{
    public static ActRule Rule { get; } = new("start-step", "A step of the handling begins", [Role.Officer, Role.Clerk, Role.Supervisor], BackDating.Day, "not-open", "step-running")
    {
        Of = OwnedStage.Handling,
    };

    public static Decision Decide(StartStep act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (dossier.Running is { } running)
            return running.Step == act.Step ? Decision.AlreadyDone : Decision.Refuse("step-running", $"step {running.Step} is not completed yet");
        var budget = context.Rules.Procedure(dossier.Procedure)?.Published.Steps?.FirstOrDefault(s => s.Name == act.Step)?.BudgetHours;
        return new StepStarted(
            context.At, act.Step, dossier.Officer, dossier.Unit,
            budget is { } hours ? context.Rules.Known(context.Now).Shift(context.At, hours * 60) : null);
    }
}
