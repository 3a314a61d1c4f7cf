using EventDossier.Dossiers;

namespace EventDossier.Complaints;

/// <summary>What holds for all acts on complaints, once it is clear that who does them may see the complaint.</summary>
internal static class ComplaintActs
{
    /// <param name="whole">It takes somebody who sees to all complaints, and not one unit's.</param>
    public static Refusal? Refuse(Complaint complaint, ComplaintReader reader, ActContext context, bool whole) =>
        whole && reader.Units is not null ? new("not-allowed", "that is for who sees to all complaints")
        : context.At > context.Now ? new("in-the-future", $"{context.At:yyyy-MM-dd HH:mm zzz} has not come yet")
        : context.At < complaint.Received.OccurredAt ? new("before-beginning", $"{complaint.Number} had not come in by then")
        : null;

    public static Refusal Over(Complaint complaint) => new("complaint-over", $"{complaint.Number} is closed or declined");
}
