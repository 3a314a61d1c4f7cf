using System.ComponentModel;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>The applicant is asked, with form 02, for what is missing. No slip, no pause: the clock stands from the moment the slip is delivered.</summary>
public sealed record RequestSupplement(
    [Description("What is missing; may be repeated")] IReadOnlyList<string> Items,
    [Description("counter or online, where the slip is handed over at once")] Delivery? DeliveredBy = null,
    [Description("Number of the message or of the signed copy")] string? Proof = null) : IAct<RequestSupplement>
{
    public static ActRule Rule { get; } = new("request-supplement", "The applicant is asked, with form 02, for what is missing", [Role.Officer, Role.Clerk, Role.Supervisor], BackDating.Day,
        "not-open", "items-missing", "already-asked", "not-delivered-yet")
    {
        Of = OwnedStage.Handling,
    };

    public static Decision Decide(RequestSupplement act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (act.Items.Count == 0 || act.Items.Any(string.IsNullOrWhiteSpace))
            return Decision.Refuse("items-missing", "form 02 says what is missing");
        if (dossier.Waiting("02") is { } waiting)
            return Decision.Refuse("already-asked", $"{waiting.Number} is not answered yet");
        var slip = dossier.NextSlip("02");
        return DeliverSlip.Issue(new SupplementRequested(context.At, slip, act.Items), slip, act.DeliveredBy, act.Proof, dossier, context);
    }
}
