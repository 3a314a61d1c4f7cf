using System.ComponentModel;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>The other unit takes the dossier: from now the clock is at its door.</summary>
public sealed record AcceptHandOver([Description("Who goes on")] string Officer) : IAct<AcceptHandOver>
{
    public static ActRule Rule { get; } = new("accept-hand-over", "The other unit takes the dossier", [Role.Officer, Role.Clerk, Role.Supervisor], BackDating.Day, "not-open", "not-offered", "before-offer")
    {
        Of = OwnedStage.Handling, InBatches = true,
    };

    public static Decision Decide(AcceptHandOver act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (dossier.Offered is not { } offer)
        {
            return dossier.HandOvers is [.., { AcceptedAt: not null } last] && last.ToOfficer == act.Officer && dossier.Officer == act.Officer
                ? Decision.AlreadyDone
                : Decision.Refuse("not-offered", $"{dossier.Code} is not offered to anybody");
        }
        return context.At < offer.OfferedAt
            ? Decision.Refuse("before-offer", $"it was offered on {offer.OfferedAt:yyyy-MM-dd HH:mm zzz}")
            : new HandOverAccepted(context.At, offer.ToUnit, act.Officer);
    }
}
