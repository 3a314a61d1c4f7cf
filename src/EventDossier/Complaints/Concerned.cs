using EventDossier.Applicants;
using EventDossier.Dossiers;
using EventDossier.Store;
using Units = EventDossier.Organisation.Organisation;

namespace EventDossier.Complaints;

/// <summary>Whom a complaint is about.</summary>
/// <param name="Units">With what is part of them, and what took them over.</param>
/// <param name="Persons">Ids of members of staff.</param>
public sealed record Concerned(IReadOnlyList<string> Units, IReadOnlyList<string> Persons)
{
    public static readonly Concerned Nobody = new([], []);

    public Concerned With(Concerned other) => new([.. Units.Union(other.Units)], [.. Persons.Union(other.Persons)]);

    /// <summary>What was told, and of a dossier every unit that it lay with, and who dealt with it or decided it.</summary>
    /// <param name="events">Of the dossier; none where there is no such one.</param>
    public static Concerned Of(ComplaintSubject about, IReadOnlyList<StoredEvent> events)
    {
        var (units, persons) = (new SortedSet<string>(StringComparer.Ordinal), new SortedSet<string>(StringComparer.Ordinal));
        var dossier = new Dossier(about.Dossier ?? "");
        foreach (var e in events)
        {
            dossier = dossier.After((DossierEvent)e.Event, e.Version);
            Add(units, dossier.Unit);
            Add(persons, dossier.Officer);
            if (e.Metadata.Role is Role.Clerk or Role.Officer || e.Event is DossierDecided)
                Add(persons, e.Metadata.Actor);
        }
        if (units.Count == 0)
            Add(units, dossier.Agency);
        Add(units, about.Unit);
        Add(persons, about.Person);
        return new([.. units], [.. persons]);

        static void Add(SortedSet<string> to, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                to.Add(value);
        }
    }

    public bool IsPerson(string person) => Persons.Any(p => EraseApplicant.IsSame(p, person));

    /// <summary>
    /// Whether somebody is of them: named, or with a post of such a unit at one of the moments, one that they hold or stand in for, or with a delegation from one.
    /// </summary>
    /// <param name="claimed">Units that their sign-in names.</param>
    public bool Covers(string person, IEnumerable<string> claimed, Units organisation, params IReadOnlyList<DateTimeOffset> moments) =>
        IsPerson(person) || (Units.Count > 0 && moments.Any(at =>
        {
            var under = Under(organisation, at);
            return claimed.Any(under.Contains)
                || organisation.PostsOf(person, at).Any(post => under.Contains(post.Unit))
                || under.SelectMany(unit => organisation.PostsOfUnit(unit, at))
                    .Any(post => organisation.ActingHolder(post.Code, at) == person || organisation.DeputiesOf(post.Code, at).Contains(person))
                || organisation.DelegationsAt(at).Any(given => given.Person == person && organisation.PostAt(given.Post, at) is { } from && under.Contains(from.Unit));
        }));

    public bool CoversUnit(string unit, Units organisation, DateTimeOffset at) => Units.Count > 0 && Under(organisation, at).Contains(unit);

    private IReadOnlySet<string> Under(Units organisation, DateTimeOffset at) =>
        organisation.Under([.. Units, .. Units.Select(unit => organisation.SuccessorOf(unit, at)).OfType<string>()], at);
}
