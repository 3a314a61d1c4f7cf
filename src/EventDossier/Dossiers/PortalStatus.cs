using EventDossier.Deadlines;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>The national portal's numbers for where a dossier stands.</summary>
public enum PortalStatus
{
    NewlyRegistered = 1,
    Accepted = 2,
    NotAccepted = 3,
    Processing = 4,
    SupplementRequested = 5,
    FinancialObligation = 6,
    WithdrawnByCitizen = 7,
    Stopped = 8,
    Processed = 9,
    ResultReturned = 10,
}

public static class PortalStatuses
{
    /// <summary>
    /// What the portal is told: what <see cref="Of"/> says, and of a void receipt that nothing goes on. What the owner of a stage says goes before what we could tell of it.
    /// </summary>
    public static PortalStatus? Told(Dossier dossier) => dossier.Stage switch
    {
        Stage.Voided => dossier.ReceivedAt is null ? null : PortalStatus.Stopped, // a number that was never used was never told
        Stage.Submitted or Stage.Received or Stage.InProgress when dossier is { Tracked: { } told, Owners: { } owners } && StageOf(told.Status) is { } stage
            && owners.Of(stage) == told.System && told.Status is PortalStatus.Processing or PortalStatus.SupplementRequested or PortalStatus.FinancialObligation
                or PortalStatus.Stopped => dossier.Tracked.Status,
        _ => Of(dossier),
    };

    /// <summary>Whose word a status is: of the intake, the handling or the return. Null for the applicant's own: that they apply, and that they withdraw.</summary>
    public static OwnedStage? StageOf(PortalStatus status) => status switch
    {
        PortalStatus.NewlyRegistered or PortalStatus.WithdrawnByCitizen => null,
        PortalStatus.Accepted or PortalStatus.NotAccepted => OwnedStage.Intake,
        PortalStatus.ResultReturned => OwnedStage.Return,
        _ => OwnedStage.Handling,
    };

    /// <summary>Derived: the portal knows one status where we keep several facts. Null before anything is known, and for a receipt that was void.</summary>
    public static PortalStatus? Of(Dossier dossier) => dossier.Stage switch
    {
        Stage.Submitted => PortalStatus.NewlyRegistered,
        Stage.Refused => PortalStatus.NotAccepted,
        Stage.Withdrawn => PortalStatus.WithdrawnByCitizen,
        Stage.Terminated => PortalStatus.Stopped,
        Stage.Decided or Stage.ResultReady => PortalStatus.Processed,
        Stage.Returned => PortalStatus.ResultReturned,
        Stage.Received or Stage.InProgress => dossier.Waiting("05") is not null || dossier.Standing is { Kind: PauseKind.Provision or PauseKind.Stop } ? PortalStatus.Stopped
            : dossier.Waiting("02") is not null ? PortalStatus.SupplementRequested
            : dossier.Waiting("fee") is not null ? PortalStatus.FinancialObligation
            : dossier.Stage == Stage.Received ? PortalStatus.Accepted
            : PortalStatus.Processing,
        _ => null,
    };
}
