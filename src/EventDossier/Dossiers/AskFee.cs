using System.ComponentModel;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>A fee is due. The clock stands from the moment the notice is delivered until the money is there.</summary>
public sealed record AskFee(
    [Description("In đồng")] long Amount,
    [Description("What it is charged under")] string Provision,
    [Description("counter or online, where the notice is handed over at once")] Delivery? DeliveredBy = null,
    [Description("Number of the message or of the signed copy")] string? Proof = null) : IAct<AskFee>
{
    public static ActRule Rule { get; } = new("ask-fee", "A fee is due: the notice stops the clock once it is delivered", [Role.Officer, Role.Clerk, Role.Supervisor], BackDating.Day,
        "not-open", "bad-amount", "basis-missing", "already-asked", "not-delivered-yet")
    {
        Of = OwnedStage.Handling,
    };

    public static Decision Decide(AskFee act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (act.Amount <= 0)
            return Decision.Refuse("bad-amount", "a fee is a number of đồng above 0");
        if (string.IsNullOrWhiteSpace(act.Provision))
            return Decision.Refuse("basis-missing", "a fee names the provision it is charged under");
        if (dossier.Waiting("fee") is { } waiting)
            return Decision.Refuse("already-asked", $"{waiting.Number} is not paid yet");
        var slip = dossier.NextSlip("fee");
        return DeliverSlip.Issue(new FeeAsked(context.At, slip, act.Amount, act.Provision), slip, act.DeliveredBy, act.Proof, dossier, context);
    }
}
