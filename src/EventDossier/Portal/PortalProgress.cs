using EventDossier.Deliveries;
using EventDossier.Dossiers;

namespace EventDossier.Portal;

/// <summary>What the national portal is told of a dossier: where it stands just after one of its events. Nothing of the applicant is in it.</summary>
/// <param name="ExternalCode">By which the portal knows it; of a dossier that did not come from there, our own.</param>
/// <param name="Number">Version of the dossier: what has a lower one came before, and what has the same is the same.</param>
/// <param name="Step">That was begun or done; null where something else happened.</param>
/// <param name="Due">Null while the clock stands.</param>
public sealed record PortalProgress(
    string ExternalCode, string Code, long Number, PortalStatus Status, string? Procedure, string? Agency, string? Step, string? Officer, string? Unit, DateTimeOffset At,
    DateTimeOffset? ReceivedAt, DateTimeOffset? Due)
{
    /// <summary>
    /// Null where the portal learns nothing new; where the stage lies with another system, which tells the portal itself; and of what an older system did and told of.
    /// </summary>
    public static PortalProgress? Of(Dossier before, Dossier after, DossierEvent @event)
    {
        if (@event is ProgressTracked or ActivityImported or ClockCarriedOver or DossierImported or DossierReceived { Slip: null } || PortalStatuses.Told(after) is not { } status)
            return null;
        if (PortalStatuses.StageOf(status) is { } stage ? after.Owners?.Of(stage) is not null : after.Tracked?.Status == status)
            return null;
        var step = @event switch { StepStarted e => e.Step, StepCompleted e => e.Step, _ => null };
        var told = step is not null || PortalStatuses.Told(before) != status || before.Officer != after.Officer || before.Unit != after.Unit || before.Due != after.Due;
        return told ? Of(after, status, step, @event.OccurredAt) : null;
    }

    /// <summary>As it stands; null where nothing is known of it.</summary>
    public static PortalProgress? Of(Dossier dossier, DateTimeOffset at) => PortalStatuses.Told(dossier) is { } status ? Of(dossier, status, null, at) : null;

    private static PortalProgress Of(Dossier dossier, PortalStatus status, string? step, DateTimeOffset at) => new(
        dossier.ExternalCode ?? dossier.Code, dossier.Code, dossier.Version, status, dossier.Procedure?.Code, dossier.Agency, step, dossier.Officer, dossier.Unit, at,
        dossier.ReceivedAt, dossier.Due);

    /// <param name="of">The event that it is told of.</param>
    internal Message Message(Guid of, DateTimeOffset now) => new(
        Store.Uuid.V5(of, "portal"), "portal", "portal", ExternalCode, Receivers.Portal, Urgent: true, Code, Number, OutboxJson.Write(this), now);
}
