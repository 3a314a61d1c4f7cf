using System.ComponentModel;
using EventDossier.Dossiers;

namespace EventDossier.Alerts;

/// <summary>Somebody sees to an alert: it does not climb the ladder any more.</summary>
public sealed record AcknowledgeAlert(
    [Description("The rule it was raised by")] string Alert,
    [Description("The cycle, if not the latest")] int? Cycle = null) : IAct<AcknowledgeAlert>
{
    public static ActRule Rule { get; } = new("acknowledge", "Somebody sees to an alert", [Role.Officer, Role.Clerk, Role.Supervisor], TimeSpan.Zero, "no-such-alert", "alert-over") { InBatches = true };

    public static Decision Decide(AcknowledgeAlert act, Dossier dossier, ActContext context)
    {
        if (dossier.FindAlert(act.Alert, act.Cycle) is not { } alert)
            return Decision.Refuse("no-such-alert", $"{dossier.Code} has no alert {act.Alert}");
        if (alert.AcknowledgedAt is not null)
            return Decision.AlreadyDone;
        return dossier.RefuseUnlessOpen(alert) is { } over ? over : new AlertAcknowledged(context.At, alert.Rule, alert.Cycle, context.Command.Actor);
    }
}
