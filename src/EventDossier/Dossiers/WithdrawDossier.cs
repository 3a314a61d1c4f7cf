using System.ComponentModel;

namespace EventDossier.Dossiers;

/// <summary>The applicant takes the dossier back, at any time before the decision.</summary>
public sealed record WithdrawDossier([Description("Why")] string Reason) : IAct<WithdrawDossier>
{
    public static ActRule Rule { get; } = new("withdraw", "The applicant takes the dossier back before the decision", [Role.Citizen, Role.Clerk], BackDating.Day, "not-open");

    public static Decision Decide(WithdrawDossier act, Dossier dossier, ActContext context)
    {
        if (dossier.Stage == Stage.Withdrawn)
            return Decision.AlreadyDone;
        if (dossier.Stage != Stage.Submitted && dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        return new DossierWithdrawn(context.At, act.Reason);
    }
}
