using EventDossier.Dossiers;

namespace EventDossier.Complaints;

/// <summary>Gives it to a unit that it is not about; that unit's supervisor gives it to somebody there.</summary>
public sealed record AssignComplaint(string Unit, string? Handler = null)
{
    public static (ComplaintEvent? Event, Refusal? Refusal) Decide(AssignComplaint act, Complaint complaint, ComplaintReader reader, ActContext context)
    {
        var organisation = context.Rules.Organisation;
        // Within the unit that has it, its supervisor names who sees to it.
        if (ComplaintActs.Refuse(complaint, reader, context, whole: complaint.Assigned?.Unit != act.Unit || reader.Role == Role.Officer) is { } refused)
            return (null, refused);
        if (complaint.Stage is not (ComplaintStage.Accepted or ComplaintStage.Assigned))
            return (null, complaint.Stage == ComplaintStage.Received ? new("not-accepted", $"{complaint.Number} is not accepted yet") : ComplaintActs.Over(complaint));
        if (context.Rules.RefuseUnit(act.Unit, context.Now) is { } noUnit)
            return (null, noUnit);
        if (complaint.Concerned.CoversUnit(act.Unit, organisation, context.Now))
            return (null, new("unit-is-concerned", $"{complaint.Number} is about {act.Unit}, or what is part of it: another unit answers it"));
        if (act.Handler is { } handler)
        {
            if (!organisation.IsEmpty && !organisation.Knows(handler))
                return (null, new("unknown-person", $"{handler} was never appointed to anything"));
            if (complaint.Concerned.Covers(handler, [], organisation, complaint.Received.OccurredAt, context.Now))
                return (null, new("handler-is-concerned", $"{complaint.Number} is about {handler} or their unit"));
        }
        return complaint is { Stage: ComplaintStage.Assigned, Assigned: { } before } && before.Unit == act.Unit && before.Handler == act.Handler
            ? (null, null)
            : (new ComplaintAssigned(context.At, context.Command.Actor, act.Unit, act.Handler), null);
    }
}
