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
        var notice = dossier.Waiting("05");
        if ((pause?.Basis ?? notice?.Number) is not { } basis)
            return Decision.Refuse("not-suspended", $"{dossier.Code} is neither suspended nor stopped");
        var since = pause?.From ?? notice!.At;
        return context.At < since
            ? Decision.Refuse("before-slip", $"what is to end began on {since:yyyy-MM-dd HH:mm zzz}")
            : new DossierResumed(context.At, basis, act.Reason).Dated(dossier, context);
    }
}
