using EventDossier.Dossiers;
using Units = EventDossier.Organisation.Organisation;

namespace EventDossier.Complaints;

/// <summary>Who wants to see complaints. What is about them they don't see, and are told that there is no such complaint.</summary>
/// <param name="Claimed">Units that their sign-in names.</param>
/// <param name="Units">Whose complaints they see, where that is not all; those given to them by name they see anyway.</param>
public sealed record ComplaintReader(string Person, string Role, IReadOnlyCollection<string> Claimed, IReadOnlySet<string>? Units)
{
    public bool Sees(Complaint complaint, Units organisation, DateTimeOffset now) =>
        !IsConcerned(complaint.Concerned, organisation, complaint.Received.OccurredAt, now)
        && (Units is null || complaint.Assigned is { } assigned && (Units.Contains(assigned.Unit) || assigned.Handler == Person));

    /// <summary>An auditor has no desk that could be complained of: of one who is nothing else only the person counts, or nobody would be left to read what is about the whole centre.</summary>
    public bool IsConcerned(Concerned concerned, Units organisation, params IReadOnlyList<DateTimeOffset> moments) =>
        Role == Dossiers.Role.Auditor ? concerned.IsPerson(Person) : concerned.Covers(Person, Claimed, organisation, moments);
}
