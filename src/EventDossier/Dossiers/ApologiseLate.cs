using System.ComponentModel;
using EventDossier.Deadlines;

namespace EventDossier.Dossiers;

/// <summary>An apology when the date has passed, form 04: it names a day, and moves no due date.</summary>
public sealed record ApologiseLate(
    [Description("The day named in it; a date alone is its closing time")] DateTimeOffset Appointment,
    [Description("Why it is late")] string Reason) : IAct<ApologiseLate>
{
    public static ActRule Rule { get; } = new("apologise-late", "An apology when the date has passed, once; it moves no due date", [Role.Officer, Role.Supervisor], BackDating.None,
        "not-open", "reason-missing", "not-overdue", "apologised-already");

    public static Decision Decide(ApologiseLate act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (string.IsNullOrWhiteSpace(act.Reason))
            return Decision.Refuse("reason-missing", "an apology says why");
        var appointment = context.Rules.Known(context.Now).Appointment(act.Appointment);
        if (dossier.ApologisedAt is { } at)
            return dossier.ApologisedUntil == appointment ? Decision.AlreadyDone : Decision.Refuse("apologised-already", $"{dossier.Code} has had its apology on {at:yyyy-MM-dd HH:mm zzz}; a date is named anew once");
        return dossier.Due is not { } due || context.At <= due
            ? Decision.Refuse("not-overdue", $"{dossier.Code} is not overdue; before its date passes it can be extended")
            : new LateApology(context.At, dossier.NextSlip("04"), appointment, act.Reason);
    }
}
