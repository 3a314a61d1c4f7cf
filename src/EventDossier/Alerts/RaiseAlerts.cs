using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using Units = EventDossier.Organisation.Organisation;

namespace EventDossier.Alerts;

/// <summary>What an alarm comes to once the dossier is read again: alerts that are due and not raised, and those that must be taken back. A stale alarm comes to nothing.</summary>
public static class RaiseAlerts
{
    /// <param name="calendar">With every decision known at <paramref name="now"/>.</param>
    public static IReadOnlyList<DossierEvent> Decide(Dossier dossier, Ladders ladders, WorkCalendar calendar, Units organisation, DateTimeOffset now, bool past = false) =>
    [
        .. dossier.Alerts.Where(a => a is { Void: not null, WithdrawnAt: null }).Select(a => new AlertWithdrawn(now, a.Rule, a.Cycle, a.Void!)),
        .. Alarm.Of(dossier, ladders, calendar, past).Where(a => a.DueAt <= now).OrderBy(a => a.DueAt).ThenBy(a => a.Rule, StringComparer.Ordinal).DistinctBy(a => (a.Rule, a.Cycle))
            .Select(a => new AlertRaised(now, a.Rule, a.Ladder.Number, a.Level, a.Cycle, a.DueAt, Recipients(dossier, a.To, organisation, a.DueAt))
            {
                Clock = a.Clock, Ladder = a.Ladder.Stream,
            }),
    ];

    /// <summary>Whom a rule's words mean at a moment: the posts, and who acts for each of them then. Nobody is named twice.</summary>
    public static IReadOnlyList<AlertRecipient> Recipients(Dossier dossier, IReadOnlyList<AlertRole> roles, Units organisation, DateTimeOffset at)
    {
        var found = roles.SelectMany(role => Recipients(dossier, role, organisation, at)).Distinct().ToList();
        // Where the ladder's words mean no post, the agency is told as such rather than nobody.
        return found.Count > 0 ? found : [new(null, dossier.Unit ?? dossier.Agency, null)];
    }

    private static IEnumerable<AlertRecipient> Recipients(Dossier dossier, AlertRole role, Units organisation, DateTimeOffset at)
    {
        var agency = dossier.Agency ?? dossier.NumberedBy ?? "";
        var unit = dossier.Unit ?? agency;
        var counter = dossier.Place is { } place && organisation.UnitAt(place, at) is not null ? place : agency;
        return role switch
        {
            AlertRole.Counter => Clerks(organisation, counter, at) is { Count: > 0 } clerks ? clerks.Select(Of) : Posts(organisation.NearestPost(counter, at, PostRole.Supervisor, PostRole.Head)),
            AlertRole.CounterSupervisor => Posts(organisation.SupervisorOf(counter, at) ?? organisation.HeadOf(counter, at)),
            AlertRole.Officer => Officer(),
            AlertRole.Supervisor or AlertRole.UnitHead => Posts(organisation.NearestPost(unit, at, PostRole.Supervisor, PostRole.Head, PostRole.Director)),
            AlertRole.AgencyHead => Posts(organisation.HeadOf(organisation.AgencyOf(unit, at), at)),
            AlertRole.Director => organisation.UnitsAt(at).SelectMany(u => organisation.PostsOfUnit(u.Code, at)).Where(p => p.Role == PostRole.Director).Select(Of),
            _ => throw new ArgumentOutOfRangeException(nameof(role), role, null),
        };

        AlertRecipient Of(Post post) => new(post.Code, post.Unit, organisation.ActingHolder(post.Code, at));

        IEnumerable<AlertRecipient> Posts(Post? post) => post is null ? [] : [Of(post)];

        IEnumerable<AlertRecipient> Officer()
        {
            if (dossier.Officer is not { } officer)
                return Posts(organisation.NearestPost(unit, at, PostRole.Supervisor, PostRole.Head, PostRole.Director));
            var posts = organisation.PostsOf(officer, at);
            var post = posts.FirstOrDefault(p => p.Unit == unit) ?? posts.FirstOrDefault(p => p.Role == PostRole.Officer) ?? (posts.Count > 0 ? posts[0] : null);
            return post is null ? [new(null, dossier.Unit, officer)] : [Of(post)];
        }
    }

    private static List<Post> Clerks(Units organisation, string counter, DateTimeOffset at)
    {
        var here = organisation.PostsOfUnit(counter, at).Where(p => p.Role == PostRole.Clerk).ToList();
        return here.Count > 0 ? here : [.. organisation.PostsOfAgency(organisation.AgencyOf(counter, at), at).Where(p => p.Role == PostRole.Clerk)];
    }
}
