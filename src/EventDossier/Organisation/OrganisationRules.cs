using System.Net.Mail;
using EventDossier.Dossiers;

namespace EventDossier.Organisation;

/// <summary>What an act of the organisation comes to: its event, nothing when it is so already, or a refusal.</summary>
public sealed record OrganisationDecision(OrganisationEvent? Event, Refusal? Refusal)
{
    public static readonly OrganisationDecision AlreadySo = new(null, null);

    public static implicit operator OrganisationDecision(OrganisationEvent e) => new(e, null);

    public static implicit operator OrganisationDecision(Refusal refusal) => new(null, refusal);
}

/// <summary>
/// Whether something may become so. An act of the organisation says no more than its event does, so the event is the proposal. Each is judged by the organisation as it is at
/// the proposal's own date, and what is dated later may not be contradicted.
/// </summary>
public static class OrganisationRules
{
    /// <param name="proposal">The event as it would be appended.</param>
    /// <param name="now">All that is known.</param>
    public static OrganisationDecision Decide(OrganisationEvent proposal, Organisation now) =>
        now.History(Organisation.StreamOf(proposal)).Any(e => Same(e, proposal)) ? OrganisationDecision.AlreadySo : proposal switch
        {
            UnitOpened e => Open(e, now),
            UnitRenamed e => Rename(e, now),
            UnitClosed e => Close(e, now),
            PostCreated e => Create(e, now),
            PostAbolished e => Abolish(e, now),
            HolderAppointed e => Appoint(e, now),
            HolderRelieved e => Relieve(e, now),
            DeputyNamed e => NameDeputy(e, now),
            DeputyRelieved e => RelieveDeputy(e, now),
            AbsenceReported e => ReportAbsence(e, now),
            AbsenceEnded e => EndAbsence(e, now),
            ContactGiven e => GiveContact(e, now),
            DelegationGiven e => Delegate(e, now),
            DelegationRevoked e => Revoke(e, now),
            _ => throw new InvalidOperationException($"{proposal.GetType().Name} is not an event of the organisation"),
        };

    private static OrganisationDecision Open(UnitOpened e, Organisation now) =>
        !DossierCode.IsAgency(e.Code) ? Refuse("bad-unit", $"'{e.Code}' can't be a unit's code: letters, digits, dots and hyphens, at most 50")
        : now.History(Organisation.OfUnit(e.Code)).Count > 0 ? Refuse("unit-exists", $"{e.Code} has been opened otherwise; a new name is a renaming, and a closed unit's code is not given again")
        : e.Parent is not null && now.UnitAt(e.Parent, e.OccurredAt) is null ? NoSuchUnit(e.Parent, e.OccurredAt)
        : e;

    private static OrganisationDecision Rename(UnitRenamed e, Organisation now) =>
        now.UnitAt(e.Code, e.OccurredAt) is not { } unit ? NoSuchUnit(e.Code, e.OccurredAt)
        : unit.Name == e.Name ? OrganisationDecision.AlreadySo
        : e;

    private static OrganisationDecision Close(UnitClosed e, Organisation now)
    {
        if (now.History(Organisation.OfUnit(e.Code)).OfType<UnitClosed>().FirstOrDefault() is { } closed)
            return closed.Successor == e.Successor ? OrganisationDecision.AlreadySo : Refuse("unit-closed", $"{e.Code} was closed on {closed.OccurredAt:yyyy-MM-dd} in favour of {closed.Successor}");
        if (now.UnitAt(e.Code, e.OccurredAt) is null)
            return NoSuchUnit(e.Code, e.OccurredAt);
        if (e.Successor == e.Code || now.SuccessorOf(e.Successor, DateTimeOffset.MaxValue) == e.Code)
            return Refuse("successor-circle", $"{e.Successor} can't take over from {e.Code}: that unit takes over from it");
        if (now.UnitAt(e.Successor, e.OccurredAt) is null)
            return now.SuccessorOf(e.Successor, e.OccurredAt) is { } then
                ? Refuse("successor-closed", $"{e.Successor} is closed at {e.OccurredAt:yyyy-MM-dd HH:mm} itself; {then} stands in its place")
                : NoSuchUnit(e.Successor, e.OccurredAt);
        return e;
    }

    private static OrganisationDecision Create(PostCreated e, Organisation now) =>
        !DossierCode.IsAgency(e.Code) ? Refuse("bad-post", $"'{e.Code}' can't be a post's code: letters, digits, dots and hyphens, at most 50")
        : now.History(Organisation.OfPost(e.Code)).Count > 0 ? Refuse("post-exists", $"the post {e.Code} has been created otherwise; a code is given once")
        : now.UnitAt(e.Unit, e.OccurredAt) is null ? NoSuchUnit(e.Unit, e.OccurredAt)
        : e;

    private static OrganisationDecision Abolish(PostAbolished e, Organisation now) =>
        now.PostAt(e.Code, e.OccurredAt) is null ? UnknownPost(e.Code, e.OccurredAt)
        : now.HolderOf(e.Code, e.OccurredAt) is { } holder ? Held(e.Code, holder)
        : LaterHolder(e.Code, e.OccurredAt, now) is { } later ? later
        : e;

    private static OrganisationDecision Appoint(HolderAppointed e, Organisation now)
    {
        if (!IsPerson(e.Person))
            return Refuse("bad-person", $"'{e.Person}' can't be the id of a member of staff: small letters, digits, dots and hyphens, 2 to 50");
        if (now.PostAt(e.Post, e.OccurredAt) is null)
            return UnknownPost(e.Post, e.OccurredAt);
        if (now.HolderOf(e.Post, e.OccurredAt) is { } holder)
            return holder == e.Person ? OrganisationDecision.AlreadySo : Held(e.Post, holder);
        return LaterHolder(e.Post, e.OccurredAt, now) is { } later ? later : e;
    }

    private static OrganisationDecision Relieve(HolderRelieved e, Organisation now) =>
        now.PostAt(e.Post, e.OccurredAt) is null ? UnknownPost(e.Post, e.OccurredAt)
        : now.HolderOf(e.Post, e.OccurredAt) != e.Person ? Refuse("not-holder", $"{e.Person} does not hold {e.Post} at {e.OccurredAt:yyyy-MM-dd HH:mm}")
        : LaterHolder(e.Post, e.OccurredAt, now) is { } later ? later
        : e;

    private static OrganisationDecision NameDeputy(DeputyNamed e, Organisation now) =>
        e.To <= e.OccurredAt ? BadPeriod()
        : now.PostAt(e.Post, e.OccurredAt) is null ? UnknownPost(e.Post, e.OccurredAt)
        : !now.Knows(e.Person) ? UnknownPerson(e.Person)
        : now.HolderOf(e.Post, e.OccurredAt) == e.Person ? Refuse("deputy-is-holder", $"{e.Person} holds {e.Post}, and can't stand in for nobody but oneself")
        : e;

    private static OrganisationDecision RelieveDeputy(DeputyRelieved e, Organisation now) =>
        now.DeputiesOf(e.Post, e.OccurredAt).Contains(e.Person) ? e : Refuse("not-deputy", $"{e.Person} is not a deputy for {e.Post} at {e.OccurredAt:yyyy-MM-dd HH:mm}");

    private static OrganisationDecision ReportAbsence(AbsenceReported e, Organisation now) =>
        e.To <= e.OccurredAt ? BadPeriod()
        : !now.Knows(e.Person) ? UnknownPerson(e.Person)
        : e;

    private static OrganisationDecision EndAbsence(AbsenceEnded e, Organisation now) =>
        now.IsAbsent(e.Person, e.OccurredAt) ? e : Refuse("not-absent", $"{e.Person} is not absent at {e.OccurredAt:yyyy-MM-dd HH:mm}");

    private static OrganisationDecision GiveContact(ContactGiven e, Organisation now) =>
        !now.Knows(e.Person) ? UnknownPerson(e.Person)
        : e.Mail is not null && !IsMail(e.Mail) ? Refuse("bad-mail", $"'{e.Mail}' is no mail address")
        : e.Webhook is not null && !IsWebhook(e.Webhook) ? Refuse("bad-webhook", $"'{e.Webhook}' is no https address")
        : now.ContactOf(e.Person, e.OccurredAt) is { } known && known.Mail == e.Mail && known.Webhook == e.Webhook ? OrganisationDecision.AlreadySo
        : e;

    private static OrganisationDecision Delegate(DelegationGiven e, Organisation now)
    {
        if (e.To <= e.OccurredAt)
            return BadPeriod();
        if (e.Number.Length is 0 or > 100 || e.Number.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) || !e.Number.IsNormalized())
            return Refuse("bad-number", "a delegation has a number of at most 100 characters, in NFC and without blanks");
        if (now.History(Organisation.OfDelegation(e.Number)).Count > 0)
            return Refuse("delegation-exists", $"the delegation {e.Number} has been given otherwise; a number is given once");
        if (now.PostAt(e.Post, e.OccurredAt) is not { } post)
            return UnknownPost(e.Post, e.OccurredAt);
        if (now.PostAt(e.Number, e.OccurredAt) is not null)
            return Refuse("bad-number", $"{e.Number} is a post's code");
        if (!now.Knows(e.Person))
            return UnknownPerson(e.Person);
        if (now.HolderOf(post.Code, e.OccurredAt) == e.Person)
            return Refuse("delegate-is-holder", $"{e.Person} holds {e.Post}, and needs no delegation of it");
        return (e.Agencies ?? []).FirstOrDefault(agency => now.UnitAt(agency, e.OccurredAt) is null) is { } unknown ? NoSuchUnit(unknown, e.OccurredAt) : e;
    }

    private static OrganisationDecision Revoke(DelegationRevoked e, Organisation now) =>
        now.History(Organisation.OfDelegation(e.Number)).Count == 0 ? Refuse("unknown-delegation", $"there is no delegation {e.Number}")
        : now.DelegationAt(e.Number, e.OccurredAt) is null ? Refuse("not-in-force", $"the delegation {e.Number} is not in force at {e.OccurredAt:yyyy-MM-dd HH:mm}")
        : e;

    /// <summary>An appointment dated later would be contradicted unseen.</summary>
    private static Refusal? LaterHolder(string post, DateTimeOffset at, Organisation now) =>
        now.History(Organisation.OfPost(post)).FirstOrDefault(e => e.OccurredAt > at && e is HolderAppointed or HolderRelieved) is { } later
            ? Refuse("later-holder", $"who holds {post} is told for {later.OccurredAt:yyyy-MM-dd HH:mm} already; tell it in the order of its dates")
            : null;

    /// <summary>The same fact; what it rests on may be worded anew.</summary>
    private static bool Same(OrganisationEvent a, OrganisationEvent b) =>
        a.GetType() == b.GetType() && a.OccurredAt == b.OccurredAt
        && ProductEvents.Names.Encode(a with { Basis = null, OccurredAt = default }).Json == ProductEvents.Names.Encode(b with { Basis = null, OccurredAt = default }).Json;

    private static bool IsPerson(string id) => id.Length is >= 2 and <= 50 && id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.');

    /// <summary>A bare address: what else a header can hold would be read as more than one.</summary>
    internal static bool IsMail(string text) =>
        text.Length <= 254 && MailAddress.TryCreate(text, out var mail) && mail.Address == text && text.All(c => c is > ' ' and < (char)127 and not (',' or ';' or '<' or '>' or '"'));

    /// <summary>Without encryption only to this machine itself.</summary>
    private static bool IsWebhook(string text) =>
        text.Length <= 500 && Uri.TryCreate(text, UriKind.Absolute, out var to) && to.UserInfo is "" && (to.Scheme == Uri.UriSchemeHttps || (to.Scheme == Uri.UriSchemeHttp && to.IsLoopback));

    private static Refusal BadPeriod() => Refuse("bad-period", "the end of the period lies before its beginning");

    private static Refusal Held(string post, string holder) => Refuse("post-held", $"{holder} holds {post}; relieve first");

    private static Refusal NoSuchUnit(string unit, DateTimeOffset at) => Refuse("no-such-unit", $"there is no unit {unit} at {at:yyyy-MM-dd HH:mm}");

    private static Refusal UnknownPost(string post, DateTimeOffset at) => Refuse("unknown-post", $"there is no post {post} at {at:yyyy-MM-dd HH:mm}");

    private static Refusal UnknownPerson(string person) => Refuse("unknown-person", $"{person} was never appointed to anything");

    private static Refusal Refuse(string code, string reason) => new(code, reason);
}
