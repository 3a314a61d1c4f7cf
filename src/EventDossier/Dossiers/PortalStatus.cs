using EventDossier.Deadlines;

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
