using EventDossier.Alerts;
using EventDossier.Deadlines;
using EventDossier.Organisation;
using Units = EventDossier.Organisation.Organisation;

namespace EventDossier.Complaints;

/// <summary>What is owed and late, for who must see to it: the head of the unit that has it, else the director; where it is about them, the auditors.</summary>
public static class RaiseOverdue
{
    public static ComplaintOverdue? Decide(Complaint complaint, WorkCalendar calendar, Units organisation, DateTimeOffset now)
    {
        if (complaint.Owed(calendar) is not var (duty, dueAt) || now <= dueAt || complaint.Overdue.Exists(o => o.Duty == duty))
            return null;
        var head = complaint is { Stage: ComplaintStage.Assigned, Assigned: { } assigned } ? organisation.HeadOf(assigned.Unit, dueAt) : null;
        List<AlertRecipient> to = Left(head is null ? [] : [head]);
        if (to.Count == 0)
            to = Left(Posts(PostRole.Director));
        if (to.Count == 0)
            to = [.. Posts(PostRole.Auditor).Select(Of).Where(r => r.Person is not { } person || !complaint.Concerned.IsPerson(person))];
        return new(now, "eventdossier", duty, dueAt, to);

        IEnumerable<Post> Posts(PostRole role) => organisation.UnitsAt(dueAt).SelectMany(u => organisation.PostsOfUnit(u.Code, dueAt)).Where(p => p.Role == role);

        AlertRecipient Of(Post post) => new(post.Code, post.Unit, organisation.ActingHolder(post.Code, dueAt));

        List<AlertRecipient> Left(IEnumerable<Post> posts) =>
        [
            .. posts.Where(p => !complaint.Concerned.CoversUnit(p.Unit, organisation, dueAt)).Select(Of)
                .Where(r => r.Person is not { } person || !complaint.Concerned.Covers(person, [], organisation, complaint.Received.OccurredAt, dueAt)),
        ];
    }
}
