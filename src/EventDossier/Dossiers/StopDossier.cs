using System.ComponentModel;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>Handling is stopped for a time, with form 05. The clock stands from the moment the notice is delivered.</summary>
public sealed record StopDossier(
    [Description("The provision it is stopped under")] string Provision,
    [Description("Why")] string Reason,
    [Description("counter or online, where the notice is handed over at once")] Delivery? DeliveredBy = null,
    [Description("Number of the message or of the signed copy")] string? Proof = null) : IAct<StopDossier>
{
    public static ActRule Rule { get; } = new("stop", "Handling is stopped for a time, with form 05", [Role.Officer, Role.Supervisor], BackDating.None,
        "not-open", "basis-missing", "reason-missing", "not-delivered-yet")
    {
        Of = OwnedStage.Handling,
    };

    public static Decision Decide(StopDossier act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (string.IsNullOrWhiteSpace(act.Provision))
            return Decision.Refuse("basis-missing", "form 05 names the provision that handling is stopped under");
        if (string.IsNullOrWhiteSpace(act.Reason))
            return Decision.Refuse("reason-missing", "form 05 says why");
        if (dossier.Waiting("05") is not null)
            return Decision.AlreadyDone;
        var slip = dossier.NextSlip("05");
        return DeliverSlip.Issue(new DossierStopped(context.At, slip, act.Provision, act.Reason), slip, act.DeliveredBy, act.Proof, dossier, context);
    }
}
