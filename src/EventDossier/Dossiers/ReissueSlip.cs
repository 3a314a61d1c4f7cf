using System.ComponentModel;

namespace EventDossier.Dossiers;

/// <summary>A slip was wrong or lost: it is cancelled, and another of its form takes its place. What the first one did to the clock stays.</summary>
public sealed record ReissueSlip(
    [Description("Number of the slip to cancel")] string Slip,
    [Description("Why")] string Reason) : IAct<ReissueSlip>
{
    public static ActRule Rule { get; } = new("reissue-slip", "A slip is cancelled and issued again", [Role.Clerk, Role.Officer, Role.Supervisor], BackDating.Day,
        "no-such-slip", "slip-delivered", "reason-missing");

    public static Decision Decide(ReissueSlip act, Dossier dossier, ActContext context)
    {
        if (dossier.Slips.Find(s => s.Number == act.Slip) is not { } slip)
            return Decision.Refuse("no-such-slip", $"{dossier.Code} has no slip {act.Slip}");
        if (slip.Cancelled)
            return Decision.AlreadyDone;
        if ((slip.DeliveredAt ?? slip.Answered) is not null && slip.Form != "01")
            return Decision.Refuse("slip-delivered", $"{act.Slip} has had its effect: it reached the applicant, or was answered");
        if (string.IsNullOrWhiteSpace(act.Reason))
            return Decision.Refuse("reason-missing", "cancelling a slip says why");
        return new SlipReissued(context.At, act.Slip, dossier.NextSlip(slip.Form), act.Reason);
    }
}
