using System.ComponentModel;
using EventDossier.Deadlines;

namespace EventDossier.Dossiers;

/// <summary>What let the clock stand by a provision or by form 05 is over.</summary>
public sealed record ResumeDossier([Description("What has happened")] string Reason) : IAct<ResumeDossier>
{
    public static ActRule Rule { get; } = new("resume", "What a suspended or stopped dossier waited for has happened", [Role.Officer, Role.Supervisor], BackDating.Day, "not-open", "not-suspended", "before-slip");

    public static Decision Decide(ResumeDossier act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        var pause = dossier.Pauses.FindLast(p => p is { To: null, Kind: PauseKind.Provision or PauseKind.Stop });
        if ((pause?.Basis ?? dossier.Waiting("05")?.Number) is not { } basis)
            return Decision.Refuse("not-suspended", $"{dossier.Code} is neither suspended nor stopped");
        return pause is not null && context.At < pause.From
            ? Decision.Refuse("before-slip", $"the clock stands since {pause.From:yyyy-MM-dd HH:mm zzz}")
            : new DossierResumed(context.At, basis, act.Reason).Dated(dossier, context);
    }
}
