using EventDossier.Organisation;

namespace EventDossier.Tests.Organisation;

using Organisation = EventDossier.Organisation.Organisation;

/// <summary>Organisations that came about by random proposals, as far as the rules let them.</summary>
internal static class RandomOrganisation
{
    public static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.FromHours(7));
    public static readonly string[] Units = [.. Enumerable.Range(0, 8).Select(i => $"u-{i}")];
    public static readonly string[] Posts = [.. Enumerable.Range(0, 10).Select(i => $"p-{i}")];
    public static readonly string[] People = [.. Enumerable.Range(0, 8).Select(i => $"person-{i}")];

    /// <param name="tries">Proposals made; those refused leave nothing.</param>
    public static IReadOnlyList<OrganisationEvent> Events(Random random, int tries)
    {
        var (organisation, events) = (Organisation.Empty, new List<OrganisationEvent>());
        for (var i = 0; i < tries; i++)
        {
            // Mostly forward in time, sometimes told late or ahead.
            if (OrganisationRules.Decide(Proposal(random, Start.AddDays(i + random.Next(-30, 60))), organisation).Event is not { } e)
                continue;
            organisation = organisation.After(e);
            events.Add(e);
        }
        return events;
    }

    private static OrganisationEvent Proposal(Random random, DateTimeOffset at)
    {
        DateTimeOffset? to = random.Next(3) == 0 ? null : at.AddDays(random.Next(1, 60));
        return random.Next(14) switch
        {
            0 or 1 => new UnitOpened(at, One(Units), new("Unit", "Đơn vị"), (UnitKind)random.Next(6), random.Next(2) == 0 ? One(Units) : null, Numbering.Local, true),
            2 => new UnitRenamed(at, One(Units), new($"Unit {random.Next(9)}", "Đơn vị")),
            3 => new UnitClosed(at, One(Units), One(Units)),
            4 or 5 => new PostCreated(at, One(Posts), One(Units), new("Post", "Vị trí"), (PostRole)random.Next(6), null),
            6 => new PostAbolished(at, One(Posts)),
            7 or 8 => new HolderAppointed(at, One(Posts), One(People)),
            9 => new HolderRelieved(at, One(Posts), One(People)),
            10 => new DeputyNamed(at, One(Posts), One(People), to),
            11 => new AbsenceReported(at, One(People), to),
            12 => new AbsenceEnded(at, One(People)),
            _ => new DelegationGiven(at, $"{random.Next(5)}/UQ", One(Posts), One(People), to ?? at.AddDays(5), null, null),
        };

        string One(string[] of) => of[random.Next(of.Length)];
    }
}
