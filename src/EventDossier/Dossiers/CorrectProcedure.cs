using System.ComponentModel;

namespace EventDossier.Dossiers;

/// <summary>Received under the wrong procedure: the right one counts from the receipt on, and a new slip promises its date.</summary>
public sealed record CorrectProcedure(
    [Description("Code of the right procedure")] string Procedure,
    [Description("What was wrong")] string Reason) : IAct<CorrectProcedure>
{
    public static ActRule Rule { get; } = new("correct-procedure", "The right procedure counts from the receipt on; the slip is issued again",
        [Role.Supervisor], BackDating.None, "not-open", "reason-missing", "no-such-procedure");

    public static Decision Decide(CorrectProcedure act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (string.IsNullOrWhiteSpace(act.Reason))
            return Decision.Refuse("reason-missing", "a correction says what was wrong");
        if (dossier.Procedure?.Code == act.Procedure)
            return Decision.AlreadyDone;
        if (context.Rules.Procedure(act.Procedure, dossier.ReceivedAt ?? context.At) is not { } right)
            return Decision.Refuse("no-such-procedure", $"no version of procedure {act.Procedure} was in force at the receipt");
        var version = right.Published;
        return new ProcedureCorrected(
            context.At, new(act.Procedure, right.Number), version.Limit, version.GeneralLimit, version.SupplementRule, act.Reason, dossier.NextSlip("01"))
        {
            Owners = version.Owners,
        }.Dated(dossier, context);
    }
}
