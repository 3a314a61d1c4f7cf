using System.ComponentModel;

namespace EventDossier.Dossiers;

/// <summary>The fee arrived, in whole.</summary>
public sealed record RecordFee(
    [Description("In đồng")] long Amount,
    [Description("Number of the receipt or of the transfer")] string Receipt) : IAct<RecordFee>
{
    public static ActRule Rule { get; } = new("record-fee", "The fee arrived", [Role.Clerk, Role.Officer], BackDating.Days3, "not-open", "not-asked", "other-amount", "before-slip", "receipt-missing");

    public static Decision Decide(RecordFee act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (dossier.Waiting("fee") is not { } notice)
            return dossier.Slips.Exists(s => s.Form == "fee" && s.Answered is not null) ? Decision.AlreadyDone : Decision.Refuse("not-asked", $"{dossier.Code} owes no fee");
        // An older system's notice is known without its amount.
        if (notice.Amount is not null && act.Amount != notice.Amount)
            return Decision.Refuse("other-amount", $"{notice.Number} asks for {notice.Amount:N0} đồng, not {act.Amount:N0}");
        if (string.IsNullOrWhiteSpace(act.Receipt))
            return Decision.Refuse("receipt-missing", "a payment has the number of its receipt or transfer");
        return context.At < (notice.DeliveredAt ?? notice.At)
            ? Decision.Refuse("before-slip", $"{notice.Number} reached the applicant on {notice.DeliveredAt ?? notice.At:yyyy-MM-dd HH:mm zzz}")
            : new FeePaid(context.At, notice.Number, act.Amount, act.Receipt).Dated(dossier, context);
    }
}
