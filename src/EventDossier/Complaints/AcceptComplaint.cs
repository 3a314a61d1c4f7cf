using EventDossier.Dossiers;

namespace EventDossier.Complaints;

/// <summary>It will be answered. Once it is read, who it is about may turn out: they are hidden from then on, and who was to answer it is named anew.</summary>
/// <param name="Unit">That it is also about.</param>
/// <param name="Person">Id of a member of staff that it is also about.</param>
public sealed record AcceptComplaint(string? Unit = null, string? Person = null)
{
    public static (ComplaintEvent? Event, Refusal? Refusal) Decide(AcceptComplaint act, Complaint complaint, ComplaintReader reader, ActContext context)
    {
        if (ComplaintActs.Refuse(complaint, reader, context, whole: true) is { } refused)
            return (null, refused);
        if (act.Unit is { } unit && context.Rules.RefuseUnit(unit, context.At) is { } noUnit)
            return (null, noUnit);
        if (act.Person is { } person && !context.Rules.Organisation.IsEmpty && !context.Rules.Organisation.Knows(person))
            return (null, new("unknown-person", $"{person} was never appointed to anything"));
        var concerned = new Concerned(act.Unit is null ? [] : [act.Unit], act.Person is null ? [] : [act.Person]);
        var isNew = concerned.Units.Except(complaint.Concerned.Units).Any() || concerned.Persons.Except(complaint.Concerned.Persons).Any();
        if (complaint.AcceptedAt is not null && !isNew)
            return (null, null);
        return complaint.IsOver || complaint.Stage == ComplaintStage.Answered
            ? (null, ComplaintActs.Over(complaint))
            : (new ComplaintAccepted(complaint.AcceptedAt ?? context.At, context.Command.Actor, concerned), null);
    }
}
