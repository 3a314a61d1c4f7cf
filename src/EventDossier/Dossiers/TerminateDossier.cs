using System.ComponentModel;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>The dossier ends for good without a decision, on a legal basis: the applicant has died, or what was asked for never came.</summary>
public sealed record TerminateDossier(
    [Description("The provision that it ends under")] string Provision,
    [Description("What has happened")] string Reason) : IAct<TerminateDossier>
{
    public static ActRule Rule { get; } = new("terminate", "A dossier ends for good without a decision, on a legal basis", [Role.Supervisor], BackDating.None, "not-open", "basis-missing", "reason-missing")
    {
        Of = OwnedStage.Handling,
    };

    public static Decision Decide(TerminateDossier act, Dossier dossier, ActContext context)
    {
        if (dossier.Stage == Stage.Terminated)
            return Decision.AlreadyDone;
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (string.IsNullOrWhiteSpace(act.Provision))
            return Decision.Refuse("basis-missing", "only a named provision ends a dossier without a decision");
        if (string.IsNullOrWhiteSpace(act.Reason))
            return Decision.Refuse("reason-missing", "it says what has happened");
        return new DossierTerminated(context.At, act.Provision, act.Reason);
    }
}
