using System.ComponentModel;

namespace EventDossier.Dossiers;

/// <summary>The receipt was a mistake. Its number stays taken: a register without a hole shows that nothing vanished.</summary>
public sealed record VoidReceipt([Description("What was wrong")] string Reason) : IAct<VoidReceipt>
{
    public static ActRule Rule { get; } = new("void-receipt", "A receipt was a mistake; its number stays taken",
        [Role.Supervisor], BackDating.None, "not-open", "reason-missing");

    public static Decision Decide(VoidReceipt act, Dossier dossier, ActContext context)
    {
        if (dossier.Stage == Stage.Voided)
            return Decision.AlreadyDone;
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (string.IsNullOrWhiteSpace(act.Reason))
            return Decision.Refuse("reason-missing", "voiding a receipt says what was wrong");
        return new ReceiptVoided(context.At, act.Reason);
    }
}
