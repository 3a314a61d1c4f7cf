using EventDossier.Applicants;
using EventDossier.Dossiers;

namespace EventDossier.Complaints;

/// <summary>It is not for this centre to answer: whoever made it is told why, and by whom it would be.</summary>
public sealed record DeclineComplaint(string Reason)
{
    public static (ComplaintEvent? Event, Refusal? Refusal) Decide(DeclineComplaint act, Sealed reason, Complaint complaint, ComplaintReader reader, ActContext context) =>
        ComplaintActs.Refuse(complaint, reader, context, whole: true) is { } refused ? (null, refused)
        : string.IsNullOrWhiteSpace(act.Reason) ? (null, new("reason-missing", "whoever is declined is told why"))
        : complaint.Stage != ComplaintStage.Received ? (null, complaint.IsOver ? ComplaintActs.Over(complaint) : new("complaint-accepted", $"{complaint.Number} is accepted"))
        : (new ComplaintDeclined(context.At, context.Command.Actor, reason), null);
}
