namespace EventDossier.Dossiers;

/// <summary>An officer takes charge.</summary>
public sealed record AssignDossier(string Officer, string? Unit = null)
{
    private static readonly TimeSpan _backDating = TimeSpan.FromDays(1);

    public static Decision Decide(AssignDossier act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (context.RefuseTime(_backDating) is { } refused)
            return refused;
        if (dossier.Stage == Stage.InProgress && dossier.Officer == act.Officer && (act.Unit is null || act.Unit == dossier.Unit))
            return Decision.AlreadyDone;
        return new DossierAssigned(context.At, act.Officer, act.Unit) { BackDatingApprovedBy = context.ApproverOf(_backDating) };
    }
}
