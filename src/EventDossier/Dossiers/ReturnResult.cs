namespace EventDossier.Dossiers;

/// <summary>The result is handed back. Being overdue never stands in its way.</summary>
public sealed record ReturnResult(ReturnChannel Channel)
{
    private static readonly TimeSpan _backDating = TimeSpan.FromDays(3);

    public static Decision Decide(ReturnResult act, Dossier dossier, ActContext context)
    {
        if (dossier.Stage == Stage.Returned)
            return dossier.ReturnedBy == act.Channel
                ? Decision.AlreadyDone
                : Decision.Refuse("returned-otherwise", $"{dossier.Code} was returned already, by {dossier.ReturnedBy.ToString()!.ToLowerInvariant()}");
        if (dossier.Stage != Stage.ResultReady)
            return Decision.Refuse("no-result", $"{dossier.Code} is {StageNames.Of(dossier.Stage)}: there is no result to return yet");
        if (context.RefuseTime(_backDating) is { } refused)
            return refused;
        return new ResultReturned(context.At, act.Channel) { BackDatingApprovedBy = context.ApproverOf(_backDating) };
    }
}
