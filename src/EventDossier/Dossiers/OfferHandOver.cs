using System.ComponentModel;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>A dossier is offered to another unit. Until it accepts, dossier and clock stay with the giver.</summary>
public sealed record OfferHandOver(
    [Description("The unit that is to go on")] string To,
    [Description("The officer that is to go on, if one is meant")] string? Officer = null) : IAct<OfferHandOver>
{
    public static ActRule Rule { get; } = new("hand-over", "A dossier is offered to another unit", [Role.Officer, Role.Clerk, Role.Supervisor], BackDating.Day,
        "not-open", "no-such-unit", "already-offered", "same-unit")
    {
        Of = OwnedStage.Handling, InBatches = true,
    };

    public static Decision Decide(OfferHandOver act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (context.Rules.RefuseUnit(act.To, context.At) is { } refused)
            return refused;
        if (dossier.Offered is { } open)
            return open.ToUnit == act.To ? Decision.AlreadyDone : Decision.Refuse("already-offered", $"{dossier.Code} is offered to {open.ToUnit}, which has not answered");
        if (dossier.Unit == act.To)
            return Decision.Refuse("same-unit", $"{dossier.Code} lies with {act.To} already");
        return new HandOverOffered(context.At, dossier.Unit, dossier.Officer, act.To, act.Officer, dossier.Running?.BudgetEnds);
    }
}
