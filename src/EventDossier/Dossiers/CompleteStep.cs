namespace EventDossier.Dossiers;

/// <summary>A step of the handling is done. A step may be done again: that is rework, and shows.</summary>
public sealed record CompleteStep(string Step)
{
    private static readonly TimeSpan _backDating = TimeSpan.FromDays(1);

    public static Decision Decide(CompleteStep act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (context.RefuseTime(_backDating) is { } refused)
            return refused;
        return new StepCompleted(context.At, act.Step, dossier.Officer, dossier.Unit) { BackDatingApprovedBy = context.ApproverOf(_backDating) };
    }
}
