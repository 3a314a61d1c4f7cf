using System.ComponentModel;
using EventDossier.Dossiers;

namespace EventDossier.Alerts;

/// <summary>Somebody puts an alert off, with a reason, and at most twice.</summary>
public sealed record SnoozeAlert(
    [Description("The rule it was raised by")] string Alert,
    [Description("Until when")] DateTimeOffset Until,
    [Description("Why")] string Reason,
    [Description("The cycle, if not the latest")] int? Cycle = null) : IAct<SnoozeAlert>
{
    private const int Most = 2;

    public static ActRule Rule { get; } = new("snooze", "Somebody puts an alert off, at most twice", [Role.Officer, Role.Clerk, Role.Supervisor], TimeSpan.Zero,
        "no-such-alert", "alert-over", "acknowledged-already", "reason-missing", "not-later", "snoozed-twice") { InBatches = true };

    public static Decision Decide(SnoozeAlert act, Dossier dossier, ActContext context)
    {
        if (dossier.FindAlert(act.Alert, act.Cycle) is not { } alert)
            return Decision.Refuse("no-such-alert", $"{dossier.Code} has no alert {act.Alert}");
        if (dossier.RefuseUnlessOpen(alert) is { } over)
            return over;
        if (alert.AcknowledgedAt is { } acknowledged)
            return Decision.Refuse("acknowledged-already", $"{alert.AcknowledgedBy} has seen to it since {acknowledged:yyyy-MM-dd HH:mm zzz}");
        if (string.IsNullOrWhiteSpace(act.Reason))
            return Decision.Refuse("reason-missing", "who puts an alert off says why");
        var until = context.Rules.Calendar.Appointment(act.Until);
        if (alert.SnoozedUntil == until)
            return Decision.AlreadyDone;
        if (until <= context.At)
            return Decision.Refuse("not-later", $"{until:yyyy-MM-dd HH:mm zzz} has passed");
        return alert.Snoozes >= Most
            ? Decision.Refuse("snoozed-twice", "an alert is put off twice at most")
            : new AlertSnoozed(context.At, alert.Rule, alert.Cycle, context.Command.Actor, until, act.Reason);
    }
}
