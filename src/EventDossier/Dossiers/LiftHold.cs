using System.ComponentModel;

namespace EventDossier.Dossiers;

/// <summary>Such an order has ended.</summary>
public sealed record LiftHold(
    [Description("The order that the hold rests on")] string Basis,
    [Description("Why it ends")] string Reason) : IAct<LiftHold>
{
    public static ActRule Rule { get; } = new("lift-hold", "An order that forbids the erasure of whoever this dossier names has ended", [Role.Supervisor, Role.Administrator], BackDating.None, "no-such-hold", "reason-missing");

    public static Decision Decide(LiftHold act, Dossier dossier, ActContext context) =>
        string.IsNullOrWhiteSpace(act.Reason) ? Decision.Refuse("reason-missing", "the lifting of a hold says why")
        : !dossier.Holds.Exists(hold => hold.Basis == act.Basis.Trim()) ? Decision.Refuse("no-such-hold", $"no hold on {dossier.Code} rests on {act.Basis}")
        : new DossierHoldLifted(context.At, act.Basis.Trim(), act.Reason.Trim());
}
