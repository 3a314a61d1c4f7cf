using System.Diagnostics.Metrics;

namespace EventDossier;

/// <summary>Everything that the product measures of itself, each instrument here and nowhere else: <c>docs/reference/metrics.md</c> is made from this page. Whoever listens decides what becomes of it.</summary>
public static class Metrics
{
    /// <summary>The one meter of the product.</summary>
    public const string MeterName = "EventDossier";

    private static readonly Meter _meter = new(MeterName);

    public static readonly Counter<long> Commands = _meter.CreateCounter<long>(
        "dossier.commands", "{command}", "Acts that were answered, by `act`; `refusal` is the code, and absent where none stood in the way");

    public static readonly Histogram<int> AppendBatch = _meter.CreateHistogram<int>("dossier.append.batch", "{command}", "Commands that shared a transaction");

    public static readonly Histogram<double> ViewLag = _meter.CreateHistogram<double>(
        "dossier.view.lag", "s", "From the recording of an event to the view that shows it, by `view`: of the first event of each page");

    public static readonly Gauge<long> AlarmsDue = _meter.CreateGauge<long>(
        "dossier.alarms.due", "{dossier}", "Dossiers whose moment had come when the alarm clock last looked; told by the node that leads");

    public static readonly Counter<long> AlertsRaised = _meter.CreateCounter<long>("dossier.alerts.raised", "{alert}", "Alerts raised, by `level`");

    public static readonly Counter<long> AlertsWithdrawn = _meter.CreateCounter<long>("dossier.alerts.withdrawn", "{alert}", "Alerts withdrawn, since they turned out to have no reason");

    public static readonly Histogram<double> AlertLateness = _meter.CreateHistogram<double>(
        "dossier.alert.lateness", "s", "From when an alert was owed (its due moment, or what was recorded later and made it due) to its raising");

    public static readonly Gauge<long> OutboxDepth = _meter.CreateGauge<long>("dossier.outbox.depth", "{message}", "Messages by `state`: waiting, printing (letters to be printed), dead");

    public static readonly Counter<long> DeliverySent = _meter.CreateCounter<long>("dossier.delivery.sent", "{message}", "Messages that a receiver took, by `channel` and `kind`");

    public static readonly Counter<long> DeliveryFailed = _meter.CreateCounter<long>("dossier.delivery.failed", "{attempt}", "Attempts that failed, by `channel` and `kind`");

    public static readonly Counter<long> DeliveryDead = _meter.CreateCounter<long>("dossier.delivery.dead", "{message}", "Messages given up, by `channel` and `kind`");

    public static readonly Gauge<double> BackupAge = _meter.CreateGauge<double>(
        "dossier.backup.age", "s", "How old the last good backup was when the job `backup` looked, every minute; absent without a shelf, and while nothing lies on it");
}
