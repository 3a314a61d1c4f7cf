namespace EventDossier.Dossiers;

/// <summary>The competent agency approves or rejects. A rejection says why.</summary>
public sealed record DecideDossier(DecisionOutcome Outcome, string? Reason = null)
{
    /// <summary>A signed decision carries its own date; entering it later than the next day needs an answer.</summary>
    private static readonly TimeSpan _backDating = TimeSpan.FromDays(1);

    public static Decision Decide(DecideDossier act, Dossier dossier, ActContext context)
    {
        if (dossier.Stage >= Stage.Decided && dossier.Outcome == act.Outcome)
            return Decision.AlreadyDone;
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (act.Outcome == DecisionOutcome.Rejected && string.IsNullOrWhiteSpace(act.Reason))
            return Decision.Refuse("reason-missing", "a rejection says why");
        if (context.RefuseTime(_backDating) is { } refused)
            return refused;
        return new DossierDecided(context.At, act.Outcome, act.Reason) { BackDatingApprovedBy = context.ApproverOf(_backDating) };
    }
}
