using System.ComponentModel;

namespace EventDossier.Dossiers;

/// <summary>A slip reached the applicant. One that asks for something, or says that nothing goes on, lets the clock stand from then.</summary>
public sealed record DeliverSlip(
    [Description("Number of the slip")] string Slip,
    [Description("counter, post or online")] Delivery By,
    [Description("Number of the postal item or message, or of the signed copy")] string? Proof = null) : IAct<DeliverSlip>
{
    public static ActRule Rule { get; } = new("deliver-slip", "A slip reached the applicant: one that asks for something stops the clock",
        [Role.Clerk, Role.Officer, Role.Supervisor], BackDating.Days3, "not-open", "no-such-slip", "slip-cancelled", "before-slip", "proof-missing");

    public static Decision Decide(DeliverSlip act, Dossier dossier, ActContext context)
    {
        if (dossier.Slips.Find(s => s.Number == act.Slip) is not { } slip)
            return Decision.Refuse("no-such-slip", $"{dossier.Code} has no slip {act.Slip}");
        if (slip.DeliveredAt is not null)
            return Decision.AlreadyDone;
        if (slip.Cancelled)
            return Decision.Refuse("slip-cancelled", $"{act.Slip} was cancelled");
        // What would let the clock stand does so only while it runs.
        if (slip.Form is "02" or "fee" or "05" && dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (context.At < slip.At)
            return Decision.Refuse("before-slip", $"{act.Slip} was issued on {slip.At:yyyy-MM-dd HH:mm zzz}");
        if (act.By == Delivery.Post && string.IsNullOrWhiteSpace(act.Proof))
            return Decision.Refuse("proof-missing", "delivery by post has a proof: the number of the item");
        return new SlipDelivered(context.At, act.Slip, act.By, act.Proof).Dated(dossier, context);
    }

    /// <summary>A slip that is issued, and at once delivered where it can be.</summary>
    internal static Decision Issue(DossierEvent issued, string slip, Delivery? by, string? proof, Dossier dossier, ActContext context)
    {
        if (by is null)
            return issued;
        if (by == Delivery.Post)
            return Decision.Refuse("not-delivered-yet", "what goes by post is delivered when it arrives: record that with deliver-slip");
        var with = dossier.After(issued, dossier.Version + 1);
        return new List<DossierEvent> { issued, new SlipDelivered(context.At, slip, by.Value, proof).Dated(with, context) };
    }
}
