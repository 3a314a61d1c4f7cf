using EventDossier.Applicants;
using EventDossier.Dossiers;

namespace EventDossier.Complaints;

/// <summary>What whoever made it reads, by its number and key.</summary>
public sealed record AnswerComplaint(string Text)
{
    public static (ComplaintEvent? Event, Refusal? Refusal) Decide(AnswerComplaint act, Sealed answer, Complaint complaint, ComplaintReader reader, ActContext context) =>
        ComplaintActs.Refuse(complaint, reader, context, whole: false) is { } refused ? (null, refused)
        : string.IsNullOrWhiteSpace(act.Text) || act.Text.Length > RegisterComplaint.MostText
            ? (null, new("text-missing", $"an answer has 1 to {RegisterComplaint.MostText} characters"))
        : complaint.Stage == ComplaintStage.Received ? (null, new("not-accepted", $"{complaint.Number} is not accepted yet"))
        : complaint.Answered is { } before ? (null, before.Answer == answer ? null : new("answered-already", $"{complaint.Number} is answered"))
        : complaint.IsOver ? (null, ComplaintActs.Over(complaint))
        : (new ComplaintAnswered(context.At, context.Command.Actor, answer), null);
}
