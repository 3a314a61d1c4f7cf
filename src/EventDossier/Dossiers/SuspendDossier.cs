using System.ComponentModel;
using EventDossier.Deadlines;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>A named provision lets the clock stand until something else has happened. An outage or a missing signature is none.</summary>
public sealed record SuspendDossier(
    [Description("The provision that lets the clock stand")] string Provision,
    [Description("What is waited for")] string Reason) : IAct<SuspendDossier>
{
    public static ActRule Rule { get; } = new("suspend", "A named provision lets the clock stand", [Role.Officer, Role.Supervisor], BackDating.None, "not-open", "basis-missing", "reason-missing", "suspended-already")
    {
        Of = OwnedStage.Handling,
    };

    public static Decision Decide(SuspendDossier act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (string.IsNullOrWhiteSpace(act.Provision))
            return Decision.Refuse("basis-missing", "no slip, no pause: without a slip only a named provision lets the clock stand");
        if (string.IsNullOrWhiteSpace(act.Reason))
            return Decision.Refuse("reason-missing", "a suspension says what is waited for");
        if (dossier.Pauses.FindLast(p => p is { Kind: PauseKind.Provision, To: null }) is { } open)
            return open.Basis == act.Provision ? Decision.AlreadyDone : Decision.Refuse("suspended-already", $"{dossier.Code} is suspended under {open.Basis}");
        return new DossierSuspended(context.At, act.Provision, act.Reason).Dated(dossier, context);
    }
}
