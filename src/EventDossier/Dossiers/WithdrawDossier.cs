namespace EventDossier.Dossiers;

/// <summary>The applicant takes the dossier back, at any time before the decision.</summary>
public sealed record WithdrawDossier(string Reason)
{
    private static readonly TimeSpan _backDating = TimeSpan.FromDays(1);

    public static Decision Decide(WithdrawDossier act, Dossier dossier, ActContext context)
    {
        if (dossier.Stage == Stage.Withdrawn)
            return Decision.AlreadyDone;
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (context.RefuseTime(_backDating) is { } refused)
            return refused;
        return new DossierWithdrawn(context.At, act.Reason) { BackDatingApprovedBy = context.ApproverOf(_backDating) };
    }
}
