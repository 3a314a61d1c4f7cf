using System.ComponentModel;

namespace EventDossier.Dossiers;

/// <summary>A decision on the calendar became known: what is due is told anew, with its number. The printed slip keeps its date.</summary>
public sealed record ReprojectDueDate([Description("Number of the decision")] string Decision) : IAct<ReprojectDueDate>
{
    public static ActRule Rule { get; } = new("reproject", "What is due is told anew after a decision on the calendar", [Role.Administrator, Role.Supervisor], BackDating.None, "not-open");

    static Decision IAct<ReprojectDueDate>.Decide(ReprojectDueDate act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessUnfinished() is { } closed)
            return closed;
        var moved = new DueDateReprojected(context.At, act.Decision).Dated(dossier, context);
        return moved.Due == dossier.Due && moved.GeneralDue == dossier.GeneralDue ? Dossiers.Decision.AlreadyDone : moved;
    }
}
