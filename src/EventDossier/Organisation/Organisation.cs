using System.Collections.Immutable;
using EventDossier.Deadlines;
using EventDossier.Store;

namespace EventDossier.Organisation;

/// <summary>Something that became so in the organisation.</summary>
/// <param name="OccurredAt">From when it holds. May lie ahead: a merger is decided before it takes effect. When it was decided on is the recorded time.</param>
public abstract record OrganisationEvent(DateTimeOffset OccurredAt)
{
    /// <summary>The decision it rests on, or where the fact is from.</summary>
    public string? Basis { get; init; }
}

/// <summary>Stream <c>/organisation/unit/CODE</c>. A code is given once, and not again after the unit is closed.</summary>
/// <param name="Parent">The unit that this one is part of or reports to.</param>
/// <param name="InForm06">Whether its dossiers are counted in Form 06; those of companies with a local code are not.</param>
public sealed record UnitOpened(
    DateTimeOffset OccurredAt, string Code, Wording Name, UnitKind Kind, string? Parent, Numbering Numbering, bool InForm06) : OrganisationEvent(OccurredAt);

public sealed record UnitRenamed(DateTimeOffset OccurredAt, string Code, Wording Name) : OrganisationEvent(OccurredAt);

/// <param name="Successor">Takes over what is open: no dossier is ever left with nobody.</param>
public sealed record UnitClosed(DateTimeOffset OccurredAt, string Code, string Successor) : OrganisationEvent(OccurredAt);

/// <summary>Stream <c>/organisation/post/CODE</c>, with its holders and deputies: so one stream decides that nobody holds it twice.</summary>
/// <param name="Level">Of the ladder of alerts, that this post stands for: 1 supervisor, 2 head of agency, 3 director of the centre.</param>
public sealed record PostCreated(DateTimeOffset OccurredAt, string Code, string Unit, Wording Title, PostRole Role, long? Level) : OrganisationEvent(OccurredAt);

public sealed record PostAbolished(DateTimeOffset OccurredAt, string Code) : OrganisationEvent(OccurredAt);

/// <param name="Person">The id of a member of staff, such as <c>stc-thanhpv</c>.</param>
public sealed record HolderAppointed(DateTimeOffset OccurredAt, string Post, string Person) : OrganisationEvent(OccurredAt);

public sealed record HolderRelieved(DateTimeOffset OccurredAt, string Post, string Person) : OrganisationEvent(OccurredAt);

/// <summary>Stands in for the holder while that one is absent, or while there is none.</summary>
/// <param name="To">Not from this moment on; null for as long as nothing else is said.</param>
public sealed record DeputyNamed(DateTimeOffset OccurredAt, string Post, string Person, DateTimeOffset? To) : OrganisationEvent(OccurredAt);

public sealed record DeputyRelieved(DateTimeOffset OccurredAt, string Post, string Person) : OrganisationEvent(OccurredAt);

/// <summary>Stream <c>/organisation/person/ID</c>.</summary>
/// <param name="To">The moment of return; null while it is not known.</param>
public sealed record AbsenceReported(DateTimeOffset OccurredAt, string Person, DateTimeOffset? To) : OrganisationEvent(OccurredAt);

/// <summary>Back earlier than was said, or back at all where nothing was.</summary>
public sealed record AbsenceEnded(DateTimeOffset OccurredAt, string Person) : OrganisationEvent(OccurredAt);

/// <summary>Where messages to a member of staff go from then on. What is absent is not written to; the inbox always is.</summary>
/// <param name="Webhook">An https address.</param>
public sealed record ContactGiven(DateTimeOffset OccurredAt, string Person, string? Mail, string? Webhook) : OrganisationEvent(OccurredAt);

/// <summary>Stream <c>/organisation/delegation/NUMBER</c>. A written one, always with an end.</summary>
/// <param name="Post">That gives it; the delegation outlives a change of its holder, not its abolition.</param>
/// <param name="Agencies">Whose dossiers it covers; null for the post's own agency.</param>
/// <param name="Acts">Names of acts, such as <c>decide</c>; null for all that the post may do.</param>
public sealed record DelegationGiven(
    DateTimeOffset OccurredAt, string Number, string Post, string Person, DateTimeOffset To,
    IReadOnlyList<string>? Agencies, IReadOnlyList<string>? Acts) : OrganisationEvent(OccurredAt);

public sealed record DelegationRevoked(DateTimeOffset OccurredAt, string Number) : OrganisationEvent(OccurredAt);

public enum UnitKind { Department, StateCompany, DistrictCentre, CommuneCentre, Office, Division }

/// <summary>QCVN 102 (<c>H49.12</c>), or the centre's own for those who have no such code.</summary>
public enum Numbering { Qcvn102, Local }

public enum PostRole { Clerk, Officer, Supervisor, DeputyHead, Head, Director, Auditor, TransparencyOfficer, Administrator }

public sealed record Unit(string Code, Wording Name, UnitKind Kind, string? Parent, Numbering Numbering, bool InForm06);

public sealed record Post(string Code, string Unit, Wording Title, PostRole Role, long? Level);

/// <summary>What a person may act under.</summary>
/// <param name="Under">Code of the post, or number of the delegation.</param>
/// <param name="Post">The post itself, or the one that delegated.</param>
/// <param name="AsDeputy">The holder was absent, or there was none.</param>
/// <param name="Acts">Null for all that the post may do.</param>
public sealed record Authority(string Under, string Person, Post Post, bool AsDeputy, IReadOnlyList<string>? Acts)
{
    public bool Allows(string act) => Acts is null || Acts.Contains(act);
}

/// <summary>
/// The organisation as far as some of its events tell: what each unit, post, person and delegation is comes from its own events, and is asked for with a
/// moment of legal time. Any subset of the events folds, so what was known at a moment is the fold of what was recorded by then.
/// </summary>
#pragma warning disable MA0049 // The folder is named for its one great noun.
public sealed class Organisation
#pragma warning restore MA0049
{
    public const string StreamType = "organisation";

    public static readonly Organisation Empty = new();

    /// <summary>By stream, each in order of legal time, and where that is the same, of recording.</summary>
    private ImmutableDictionary<string, ImmutableArray<OrganisationEvent>> _streams = ImmutableDictionary.Create<string, ImmutableArray<OrganisationEvent>>(StringComparer.Ordinal);

    private ImmutableSortedSet<string> _units = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Posts that ever were of a unit, or ever held by a person; which of them are is asked with a moment.</summary>
    private ImmutableDictionary<string, ImmutableSortedSet<string>> _postsOfUnit = ImmutableDictionary.Create<string, ImmutableSortedSet<string>>(StringComparer.Ordinal);
    private ImmutableDictionary<string, ImmutableSortedSet<string>> _postsOfPerson = ImmutableDictionary.Create<string, ImmutableSortedSet<string>>(StringComparer.Ordinal);

    private Organisation() { }

    public bool IsEmpty => _streams.IsEmpty;

    public static Organisation Fold(IEnumerable<OrganisationEvent> events) => events.Aggregate(Empty, (organisation, e) => organisation.After(e));

    public static Organisation Fold(IEnumerable<StoredEvent> events) => Fold(events.Select(e => (OrganisationEvent)e.Event));

    /// <summary>The stream that an event belongs to.</summary>
    public static string StreamOf(OrganisationEvent @event) => @event switch
    {
        UnitOpened e => OfUnit(e.Code),
        UnitRenamed e => OfUnit(e.Code),
        UnitClosed e => OfUnit(e.Code),
        PostCreated e => OfPost(e.Code),
        PostAbolished e => OfPost(e.Code),
        HolderAppointed e => OfPost(e.Post),
        HolderRelieved e => OfPost(e.Post),
        DeputyNamed e => OfPost(e.Post),
        DeputyRelieved e => OfPost(e.Post),
        AbsenceReported e => OfPerson(e.Person),
        AbsenceEnded e => OfPerson(e.Person),
        ContactGiven e => OfPerson(e.Person),
        DelegationGiven e => OfDelegation(e.Number),
        DelegationRevoked e => OfDelegation(e.Number),
        _ => throw new InvalidOperationException($"{@event.GetType().Name} is not an event of the organisation"),
    };

    public Organisation After(OrganisationEvent e)
    {
        var stream = StreamOf(e);
        var before = _streams.GetValueOrDefault(stream, []);
        var place = before.Length;
        while (place > 0 && before[place - 1].OccurredAt > e.OccurredAt)
            place--;
        var after = (Organisation)MemberwiseClone();
        after._streams = _streams.SetItem(stream, before.Insert(place, e));
        switch (e)
        {
            case UnitOpened opened:
                after._units = _units.Add(opened.Code);
                break;
            case PostCreated created:
                after._postsOfUnit = With(_postsOfUnit, created.Unit, created.Code);
                break;
            case HolderAppointed appointed:
                after._postsOfPerson = With(_postsOfPerson, appointed.Person, appointed.Post);
                break;
        }
        return after;
    }

    /// <summary>How many events of a stream were folded; of a whole fold, its version.</summary>
    public long VersionOf(string stream) => _streams.GetValueOrDefault(stream, []).Length;

    /// <summary>All events of a unit's, post's, person's or delegation's stream, by legal time.</summary>
    public IReadOnlyList<OrganisationEvent> History(string stream) => _streams.GetValueOrDefault(stream, []);

    public static string OfUnit(string code) => $"/organisation/unit/{code}";

    public static string OfPost(string code) => $"/organisation/post/{code}";

    public static string OfPerson(string person) => $"/organisation/person/{person}";

    public static string OfDelegation(string number) => $"/organisation/delegation/{number}";

    /// <summary>Null before it opens, and from its closing on.</summary>
    public Unit? UnitAt(string code, DateTimeOffset at)
    {
        Unit? unit = null;
        foreach (var @event in Until(OfUnit(code), at))
        {
            unit = @event switch
            {
                UnitOpened e => new(e.Code, e.Name, e.Kind, e.Parent, e.Numbering, e.InForm06),
                UnitRenamed e when unit is not null => unit with { Name = e.Name },
                UnitClosed => null,
                _ => unit,
            };
        }
        return unit;
    }

    /// <summary>Of every unit that ever was.</summary>
    public IReadOnlyCollection<string> UnitCodes => _units;

    public IReadOnlyList<Unit> UnitsAt(DateTimeOffset at) => [.. _units.Select(code => UnitAt(code, at)).OfType<Unit>()];

    /// <summary>Who has taken over from a unit that is closed at the moment, however many mergers later. Null while it is open, unknown, or told in a circle.</summary>
    public string? SuccessorOf(string unit, DateTimeOffset at)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { unit };
        var now = unit;
        while (Until(OfUnit(now), at).OfType<UnitClosed>().LastOrDefault() is { } closed)
        {
            if (!seen.Add(now = closed.Successor))
                return null;
        }
        return now == unit ? null : now;
    }

    /// <summary>The department, company or office that a unit is a division of; itself where it is none. A closed unit's successor is asked.</summary>
    public string AgencyOf(string unit, DateTimeOffset at)
    {
        var agency = SuccessorOf(unit, at) ?? unit;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (seen.Add(agency) && UnitAt(agency, at) is { Kind: UnitKind.Division, Parent: { } parent })
            agency = SuccessorOf(parent, at) ?? parent;
        return agency;
    }

    /// <summary>The units, closed ones too, that are now what is named or part of it, or whose successor is.</summary>
    public IReadOnlySet<string> Under(IReadOnlyCollection<string> named, DateTimeOffset at)
    {
        bool IsUnder(string code)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            for (var now = SuccessorOf(code, at) ?? code; now is not null && seen.Add(now); now = UnitAt(now, at)?.Parent)
            {
                if (named.Contains(now))
                    return true;
            }
            return false;
        }
        return _units.Where(IsUnder).Concat(named).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Null before it is created, from its abolition on, and once its unit is closed.</summary>
    public Post? PostAt(string code, DateTimeOffset at)
    {
        Post? post = null;
        foreach (var @event in Until(OfPost(code), at))
        {
            post = @event switch
            {
                PostCreated e => new(e.Code, e.Unit, e.Title, e.Role, e.Level),
                PostAbolished => null,
                _ => post,
            };
        }
        return post is not null && UnitAt(post.Unit, at) is not null ? post : null;
    }

    public IReadOnlyList<Post> PostsOfUnit(string unit, DateTimeOffset at) =>
        [.. _postsOfUnit.GetValueOrDefault(unit, []).Select(code => PostAt(code, at)).OfType<Post>().Where(p => p.Unit == unit)];

    /// <summary>The posts of an agency and of all its divisions.</summary>
    public IReadOnlyList<Post> PostsOfAgency(string agency, DateTimeOffset at) =>
        [.. UnitsAt(at).Where(u => AgencyOf(u.Code, at) == agency).SelectMany(u => PostsOfUnit(u.Code, at))];

    /// <summary>What a person holds, absent or not; not what that person stands in for.</summary>
    public IReadOnlyList<Post> PostsOf(string person, DateTimeOffset at) =>
        [.. _postsOfPerson.GetValueOrDefault(person, []).Where(code => HolderOf(code, at) == person).Select(code => PostAt(code, at)!)];

    /// <summary>Whether somebody was ever appointed to anything.</summary>
    public bool Knows(string person) => _postsOfPerson.ContainsKey(person);

    /// <summary>Null where the post is vacant or there is no such post.</summary>
    public string? HolderOf(string post, DateTimeOffset at)
    {
        if (PostAt(post, at) is null)
            return null;
        string? holder = null;
        foreach (var @event in Until(OfPost(post), at))
        {
            holder = @event switch
            {
                HolderAppointed e => e.Person,
                HolderRelieved or PostAbolished => null,
                _ => holder,
            };
        }
        return holder;
    }

    /// <summary>Who stands in, in this order: the last named first.</summary>
    public IReadOnlyList<string> DeputiesOf(string post, DateTimeOffset at)
    {
        var named = new List<DeputyNamed>();
        foreach (var @event in Until(OfPost(post), at))
        {
            if (@event is DeputyNamed name)
                named.Insert(0, name);
            else if (@event is DeputyRelieved relieved)
                named.RemoveAll(n => n.Person == relieved.Person);
        }
        return [.. named.Where(n => n.To is not { } to || at < to).Select(n => n.Person).Distinct()];
    }

    public bool IsAbsent(string person, DateTimeOffset at)
    {
        var until = DateTimeOffset.MinValue;
        foreach (var @event in Until(OfPerson(person), at))
        {
            until = @event switch
            {
                AbsenceReported e when (e.To ?? DateTimeOffset.MaxValue) > until => e.To ?? DateTimeOffset.MaxValue,
                AbsenceEnded e => e.OccurredAt,
                _ => until,
            };
        }
        return at < until;
    }

    /// <summary>Null where none was given.</summary>
    public ContactGiven? ContactOf(string person, DateTimeOffset at) => Until(OfPerson(person), at).OfType<ContactGiven>().LastOrDefault();

    /// <summary>
    /// Who acts for a post: its holder; while that one is absent or there is none, the first of its deputies who is there; where none is, whoever acts for the deputies'
    /// own posts. Null when nobody is left. Who has left the service stands in for nobody.
    /// </summary>
    public string? ActingHolder(string post, DateTimeOffset at) => ActingHolder(post, at, new(StringComparer.Ordinal));

    private string? ActingHolder(string post, DateTimeOffset at, HashSet<string> seen)
    {
        if (!seen.Add(post) || PostAt(post, at) is null)
            return null;
        if (HolderOf(post, at) is { } holder && !IsAbsent(holder, at))
            return holder;
        var deputies = DeputiesOf(post, at).Select(d => (Person: d, Posts: PostsOf(d, at))).Where(d => d.Posts.Count > 0).ToList();
        return deputies.Select(d => d.Person).FirstOrDefault(person => !IsAbsent(person, at))
            ?? deputies.SelectMany(d => d.Posts).Select(p => ActingHolder(p.Code, at, seen)).FirstOrDefault(person => person is not null);
    }

    /// <summary>The post of a role in a unit, or in the nearest above it that has one. The first by code where it has several.</summary>
    public Post? NearestPost(string unit, DateTimeOffset at, params IReadOnlyList<PostRole> roles)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var here = SuccessorOf(unit, at) ?? unit; here is not null && seen.Add(here); here = UnitAt(here, at)?.Parent)
        {
            if (PostsOfUnit(here, at).FirstOrDefault(p => roles.Contains(p.Role)) is { } post)
                return post;
        }
        return null;
    }

    public Post? HeadOf(string unit, DateTimeOffset at) => NearestPost(unit, at, PostRole.Head, PostRole.Director);

    public Post? SupervisorOf(string unit, DateTimeOffset at) => NearestPost(unit, at, PostRole.Supervisor);

    /// <summary>
    /// What lets a person act for an agency's dossiers: a post that person holds or stands in for, or a delegation in force. Null when that person
    /// has it not, or it does not cover the agency. A closed agency's dossiers are its successor's.
    /// </summary>
    public Authority? AuthorityOf(string person, string postOrDelegation, string agency, DateTimeOffset at)
    {
        agency = AgencyOf(agency, at);
        if (PostAt(postOrDelegation, at) is { } post)
        {
            var holds = HolderOf(post.Code, at) == person;
            return AgencyOf(post.Unit, at) == agency && (holds || ActingHolder(post.Code, at) == person)
                ? new(post.Code, person, post, AsDeputy: !holds, Acts: null)
                : null;
        }
        return DelegationAt(postOrDelegation, at) is { } given && given.Person == person && PostAt(given.Post, at) is { } from
            && (given.Agencies ?? [from.Unit]).Any(covered => AgencyOf(covered, at) == agency)
            ? new(given.Number, person, from, AsDeputy: false, given.Acts)
            : null;
    }

    /// <summary>Null before it begins, after its end, and once it is revoked.</summary>
    public DelegationGiven? DelegationAt(string number, DateTimeOffset at) =>
        Until(OfDelegation(number), at).LastOrDefault() is DelegationGiven given && at < given.To ? given : null;

    public IReadOnlyList<DelegationGiven> DelegationsAt(DateTimeOffset at) =>
        [.. _streams.Keys.Where(s => s.StartsWith(OfDelegation(""), StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(s => DelegationAt(s[OfDelegation("").Length..], at)).OfType<DelegationGiven>()];

    private IEnumerable<OrganisationEvent> Until(string stream, DateTimeOffset at) =>
        _streams.GetValueOrDefault(stream, []).TakeWhile(e => e.OccurredAt <= at);

    private static ImmutableDictionary<string, ImmutableSortedSet<string>> With(
        ImmutableDictionary<string, ImmutableSortedSet<string>> index, string key, string value) =>
        index.SetItem(key, index.GetValueOrDefault(key, ImmutableSortedSet.Create<string>(StringComparer.Ordinal)).Add(value));

    /// <summary>Everything, in one round trip.</summary>
    public static Task<Organisation> LoadAsync(Database database, CancellationToken cancel = default) => LoadAsync(database, _ => true, cancel);

    /// <summary>By some of its events only.</summary>
    internal static async Task<Organisation> LoadAsync(Database database, Func<StoredEvent, bool> includes, CancellationToken cancel)
    {
        await using var command = database.App.CreateCommand(
            $"""
            SELECT {StoredEventReader.Facts} FROM dossier.mt_events e
            WHERE e.stream_id >= '/organisation/' AND e.stream_id < '/organisation0' -- 0 is what follows the slash
            ORDER BY e.stream_id, e.version
            """);
        var events = new List<StoredEvent>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            events.Add(StoredEventReader.ReadFacts(row, database.Names));
        return Fold(events.Where(includes));
    }

    /// <summary>Grows with every event: who keeps a snapshot loads again when it has changed.</summary>
    public static async Task<long> VersionAsync(Database database, CancellationToken cancel = default)
    {
        await using var command = database.App.CreateCommand(
            "SELECT coalesce(sum(version), 0)::bigint FROM dossier.mt_streams WHERE id >= '/organisation/' AND id < '/organisation0'");
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }
}
