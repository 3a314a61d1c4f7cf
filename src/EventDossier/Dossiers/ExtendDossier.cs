using System.ComponentModel;
using EventDossier.Deadlines;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>A new appointment with an apology, form 04: before the date has passed, and once.</summary>
public sealed record ExtendDossier(
    [Description("The new date; a date alone is its closing time")] DateTimeOffset Until,
    [Description("Why")] string Reason) : IAct<ExtendDossier>
{
    public static ActRule Rule { get; } = new("extend", "A new appointment with an apology, form 04, once and before the date has passed", [Role.Officer, Role.Supervisor], BackDating.None,
        "not-open", "reason-missing", "extended-already", "no-due-date", "clock-stands", "expired", "not-later", "not-worked")
    {
        Of = OwnedStage.Handling,
    };

    public static Decision Decide(ExtendDossier act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (string.IsNullOrWhiteSpace(act.Reason))
            return Decision.Refuse("reason-missing", "form 04 says why");
        var calendar = context.Rules.Known(context.Now);
        var until = calendar.Appointment(act.Until);
        if (dossier.Extension is { } before)
            return before.Due == until ? Decision.AlreadyDone : Decision.Refuse("extended-already", $"{dossier.Code} was extended with {before.Slip}; a dossier is extended once");
        if (dossier.Clock is null)
            return Decision.Refuse("no-due-date", $"{dossier.Code} has no limit to extend");
        if (dossier.Due is not { } due)
            return Decision.Refuse("clock-stands", $"the clock of {dossier.Code} stands: {dossier.Standing?.Basis}");
        if (context.At > due)
            return Decision.Refuse("expired", $"{dossier.Code} was due on {due:yyyy-MM-dd HH:mm zzz}; after that there is the late apology");
        if (until <= due)
            return Decision.Refuse("not-later", $"{dossier.Code} is due on {due:yyyy-MM-dd HH:mm zzz}; an extension is later");
        if (DateOnly.FromDateTime(until.DateTime) is var day && (day > WorkCalendar.Last || !calendar.IsWorked(day)))
            return Decision.Refuse("not-worked", $"{until:yyyy-MM-dd} is no working day");
        return new DossierExtended(context.At, dossier.NextSlip("04"), until, act.Reason).Dated(dossier, context);
    }
}
