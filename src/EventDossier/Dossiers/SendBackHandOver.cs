using System.ComponentModel;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>The other unit does not take the dossier, and says why.</summary>
public sealed record SendBackHandOver([Description("Why")] string Reason) : IAct<SendBackHandOver>
{
    public static ActRule Rule { get; } = new("send-back", "The other unit does not take the dossier", [Role.Officer, Role.Clerk, Role.Supervisor], BackDating.Day,
        "not-open", "not-offered", "before-offer", "reason-missing")
    {
        Of = OwnedStage.Handling,
    };

    public static Decision Decide(SendBackHandOver act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (dossier.Offered is not { } offer)
            return dossier.HandOvers is [.., { SentBackAt: not null }] ? Decision.AlreadyDone : Decision.Refuse("not-offered", $"{dossier.Code} is not offered to anybody");
        if (context.At < offer.OfferedAt)
            return Decision.Refuse("before-offer", $"it was offered on {offer.OfferedAt:yyyy-MM-dd HH:mm zzz}");
        return string.IsNullOrWhiteSpace(act.Reason)
            ? Decision.Refuse("reason-missing", "sending back says why")
            : new HandOverSentBack(context.At, act.Reason);
    }
}
