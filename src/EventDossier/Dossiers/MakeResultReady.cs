namespace EventDossier.Dossiers;

/// <summary>The result lies at the counter: the clock stops for good. It moves lateness, so it is not dated back without an answer.</summary>
public sealed record MakeResultReady
{
    private static readonly TimeSpan _backDating = TimeSpan.Zero;

    public static Decision Decide(Dossier dossier, ActContext context)
    {
        if (dossier.Stage is Stage.ResultReady or Stage.Returned)
            return Decision.AlreadyDone;
        if (dossier.Stage != Stage.Decided)
            return Decision.Refuse("not-decided", $"{dossier.Code} is {StageNames.Of(dossier.Stage)}: a result needs a decision");
        if (context.RefuseTime(_backDating) is { } refused)
            return refused;
        return new ResultReady(context.At) { BackDatingApprovedBy = context.ApproverOf(_backDating) };
    }
}
