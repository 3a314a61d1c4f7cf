using EventDossier.Dossiers;

namespace EventDossier.Complaints;

/// <summary>What came of it. Unanswered, only one that was withdrawn is closed.</summary>
public sealed record CloseComplaint(ComplaintOutcome Outcome)
{
    public static (ComplaintEvent? Event, Refusal? Refusal) Decide(CloseComplaint act, Complaint complaint, ComplaintReader reader, ActContext context) =>
        ComplaintActs.Refuse(complaint, reader, context, whole: true) is { } refused ? (null, refused)
        : complaint.Closed is { } before ? (null, before.Outcome == act.Outcome ? null : ComplaintActs.Over(complaint))
        : complaint.IsOver ? (null, ComplaintActs.Over(complaint))
        : complaint.Answered is null && act.Outcome != ComplaintOutcome.Withdrawn ? (null, new("not-answered", $"{complaint.Number} is not answered yet"))
        : (new ComplaintClosed(context.At, context.Command.Actor, act.Outcome), null);
}
