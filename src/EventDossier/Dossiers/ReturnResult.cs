using System.ComponentModel;
using EventDossier.Applicants;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>The result is handed back, to the applicant or to an agent with a power of attorney. Being overdue never stands in its way.</summary>
public sealed record ReturnResult(
    [Description("counter, post or online")] ReturnChannel By = ReturnChannel.Counter,
    [Description("Who takes it in the applicant's place")] Sealed? Agent = null,
    [Description("Number of the agent's power of attorney")] string? PowerOfAttorney = null) : IAct<ReturnResult>
{
    public static ActRule Rule { get; } = new("return", "The result is handed back", [Role.Clerk, Role.Officer], BackDating.Days3, "no-result", "out-of-order", "returned-otherwise", "no-power-of-attorney")
    {
        Of = OwnedStage.Return,
    };

    public static Decision Decide(ReturnResult act, Dossier dossier, ActContext context)
    {
        if (dossier.Stage == Stage.Returned)
        {
            return dossier.ReturnedBy == act.By
                ? Decision.AlreadyDone
                : Decision.Refuse("returned-otherwise", $"{dossier.Code} was returned already, by {dossier.ReturnedBy.ToString()!.ToLowerInvariant()}");
        }
        if (dossier.Stage != Stage.ResultReady)
            return Decision.Refuse("no-result", $"{dossier.Code} is {StageNames.Of(dossier.Stage)}: there is no result to return yet");
        if (context.At < dossier.FinishedAt)
            return Decision.Refuse("out-of-order", $"the result was ready on {dossier.FinishedAt:yyyy-MM-dd HH:mm zzz}");
        if ((act.Agent is null) != string.IsNullOrWhiteSpace(act.PowerOfAttorney))
            return Decision.Refuse("no-power-of-attorney", "an agent and the number of a power of attorney go together");
        return new ResultReturned(context.At, act.By) { Agent = act.Agent, PowerOfAttorney = act.PowerOfAttorney };
    }
}
