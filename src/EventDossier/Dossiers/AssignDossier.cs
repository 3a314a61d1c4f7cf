using System.ComponentModel;

namespace EventDossier.Dossiers;

/// <summary>An officer takes charge.</summary>
public sealed record AssignDossier(
    [Description("Who takes charge")] string To,
    [Description("The officer's unit, if it changes")] string? Unit = null,
    [Description("Why it goes from one to another")] string? Reason = null) : IAct<AssignDossier>
{
    public static ActRule Rule { get; } = new("assign", "An officer takes charge", [Role.Clerk, Role.Officer, Role.Supervisor, Role.Administrator], BackDating.Day, "not-open", "no-such-unit") { InBatches = true };

    public static Decision Decide(AssignDossier act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessUnfinished() is { } closed)
            return closed;
        if (act.Unit is { } unit && context.Rules.RefuseUnit(unit, context.At) is { } refused)
            return refused;
        if (dossier.Stage is Stage.InProgress or Stage.Decided && dossier.Officer == act.To && (act.Unit is null || act.Unit == dossier.Unit))
            return Decision.AlreadyDone;
        return new DossierAssigned(context.At, act.To, act.Unit) { Reason = act.Reason };
    }
}
