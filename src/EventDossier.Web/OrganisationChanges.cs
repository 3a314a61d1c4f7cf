using System.Reflection;
using System.Text.Json;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using EventDossier.Store;

namespace EventDossier.Web;

/// <summary>What somebody tells of the organisation; which of it is wanted, the change says.</summary>
/// <param name="Unit">Its code.</param>
/// <param name="Level">Of the ladder of alerts, that a post stands for.</param>
/// <param name="Heir">Who goes on with the work of somebody who leaves, or of a closed unit.</param>
/// <param name="From">From when it holds, if not from now.</param>
/// <param name="Basis">The decision it rests on.</param>
internal sealed record OrganisationFact(
    string? Unit = null, string? NameVi = null, string? NameEn = null, UnitKind? Kind = null, string? Parent = null, Numbering? Numbering = null, bool? InForm06 = null, string? Successor = null,
    string? Post = null, string? TitleVi = null, string? TitleEn = null, PostRole? Role = null, long? Level = null, string? Person = null, string? Deputy = null, string? Heir = null,
    string? Number = null, IReadOnlyList<string>? Agencies = null, IReadOnlyList<string>? Acts = null, string? Mail = null, string? Webhook = null, string? From = null, string? To = null,
    string? Reason = null, string? Basis = null);

/// <param name="Moved">Codes of the dossiers that went to somebody else.</param>
internal sealed record OrganisationTold(int Added, IReadOnlyList<string> Moved);

/// <summary>The ways in which people and units change: route and form are made from this list. The rules are <see cref="OrganisationRules"/>.</summary>
internal static class OrganisationChanges
{
    /// <param name="Name">Of the route, and of the verb below <c>dossier organisation</c> where there is one.</param>
    /// <param name="Needed">Fields of the fact, by their names in JSON.</param>
    /// <param name="Events">What it comes to; pure. Null for handing work over, which is no fact of the organisation.</param>
    public sealed record Change(
        string Name, Wording Title, IReadOnlyList<string> Needed, IReadOnlyList<string> Optional,
        Func<OrganisationFact, Organisation.Organisation, DateTimeOffset, IReadOnlyList<OrganisationEvent>>? Events);

    public static IReadOnlyList<Change> All { get; } =
    [
        new("open-unit", new("Open a unit", "Thành lập đơn vị"), ["unit", "nameVi", "nameEn", "kind", "numbering", "inForm06"], ["parent", "from", "basis"], (f, _, now) =>
            [new UnitOpened(At(f, now), f.Unit!, new(f.NameEn!, f.NameVi!), f.Kind!.Value, f.Parent, f.Numbering!.Value, f.InForm06!.Value)]),
        new("rename-unit", new("Rename a unit", "Đổi tên đơn vị"), ["unit", "nameVi", "nameEn"], ["from", "basis"], (f, _, now) => [new UnitRenamed(At(f, now), f.Unit!, new(f.NameEn!, f.NameVi!))]),
        new("close-unit", new("Close a unit", "Giải thể, sáp nhập đơn vị"), ["unit", "successor"], ["from", "basis"], (f, _, now) => [new UnitClosed(At(f, now), f.Unit!, f.Successor!)]),
        new("create-post", new("Create a post", "Lập chức vụ"), ["post", "unit", "titleVi", "titleEn", "role"], ["level", "from", "basis"], (f, _, now) =>
            [new PostCreated(At(f, now), f.Post!, f.Unit!, new(f.TitleEn!, f.TitleVi!), f.Role!.Value, f.Level)]),
        new("abolish-post", new("Abolish a post", "Bỏ chức vụ"), ["post"], ["from", "basis"], (f, _, now) => [new PostAbolished(At(f, now), f.Post!)]),
        new("appoint", new("Appoint", "Bổ nhiệm"), ["post", "person"], ["from", "basis"], (f, _, now) => [new HolderAppointed(At(f, now), f.Post!, f.Person!)]),
        new("relieve", new("Relieve", "Miễn nhiệm"), ["post", "person"], ["from", "basis"], (f, _, now) => [new HolderRelieved(At(f, now), f.Post!, f.Person!)]),
        new("name-deputy", new("Name a deputy", "Cử người thay"), ["post", "person"], ["from", "to", "basis"], (f, _, now) => [new DeputyNamed(At(f, now), f.Post!, f.Person!, Until(f))]),
        new("relieve-deputy", new("Relieve a deputy", "Thôi cử người thay"), ["post", "person"], ["from", "basis"], (f, _, now) => [new DeputyRelieved(At(f, now), f.Post!, f.Person!)]),
        new("absent", new("Report an absence", "Báo vắng mặt"), ["person"], ["from", "to", "deputy", "basis"], (f, organisation, now) =>
        [
            new AbsenceReported(At(f, now), f.Person!, Until(f)),
            .. f.Deputy is { } deputy ? organisation.PostsOf(f.Person!, At(f, now)).Select(post => new DeputyNamed(At(f, now), post.Code, deputy, Until(f))) : [],
        ]),
        new("back", new("Report a return", "Báo có mặt lại"), ["person"], ["from", "basis"], (f, _, now) => [new AbsenceEnded(At(f, now), f.Person!)]),
        new("contact", new("Where messages go", "Nơi nhận thông báo"), ["person"], ["mail", "webhook", "from", "basis"], (f, _, now) => [new ContactGiven(At(f, now), f.Person!, f.Mail, f.Webhook)]),
        new("delegate", new("Delegate in writing", "Ủy quyền bằng văn bản"), ["number", "post", "person", "to"], ["from", "agencies", "acts", "basis"], (f, _, now) =>
            [new DelegationGiven(At(f, now), f.Number!, f.Post!, f.Person!, Until(f)!.Value, f.Agencies, f.Acts)]),
        new("revoke", new("Revoke a delegation", "Thu hồi ủy quyền"), ["number"], ["from", "basis"], (f, _, now) => [new DelegationRevoked(At(f, now), f.Number!)]),
        new("transfer-work", new("Hand work over", "Bàn giao công việc"), ["heir", "reason"], ["person", "unit"], null),
    ];

    public static Change Of(string name) => All.FirstOrDefault(change => change.Name == name) ?? throw new UserError("no-such-route", $"the organisation knows no change {name}");

    /// <exception cref="UserError"><c>bad-field</c></exception>
    public static async Task<(OrganisationTold Told, Refusal? Refusal)> DoAsync(Change change, OrganisationFact fact, CommandMetadata by, Centre centre, CancellationToken cancel)
    {
        fact = Checked(change, fact);
        var now = centre.Now;
        if (change.Events is null)
            return await TransferAsync(fact, by, centre, now, cancel);
        _ = (At(fact, now), Until(fact));
        var result = await new OrganisationRegister(centre.Database).DoAsync(organisation => [.. change.Events(fact, organisation, now).Select(e => e with { Basis = fact.Basis })], by, cancel: cancel);
        await centre.Desk.FreshRulesAsync(cancel);
        return (new(result.Events.Count, []), result.Refusal);
    }

    /// <summary>Of all open dossiers, each with the reason in its own history. What was opened a moment ago is waited for.</summary>
    private static async Task<(OrganisationTold, Refusal?)> TransferAsync(OrganisationFact fact, CommandMetadata by, Centre centre, DateTimeOffset now, CancellationToken cancel)
    {
        if (fact.Person is null == fact.Unit is null)
            throw Bad("person", "somebody who leaves, or a closed unit");
        if (!(await centre.Desk.RulesAsync(cancel)).Organisation.Knows(fact.Heir!))
            throw Bad("heir", "somebody who was appointed to a post");
        var database = centre.Database;
        await new ViewFollower(WorkList.View, database.App, database.Names, database.Clock).CatchUpAsync(await database.HeadAsync(cancel), cancel);
        try
        {
            return (new(0, fact.Person is { } person
                ? await WorkTransfer.OfOfficerAsync(database, person, fact.Heir!, fact.Reason!, by, now, cancel)
                : await WorkTransfer.OfUnitAsync(database, fact.Unit!, fact.Heir!, fact.Reason!, by, now, cancel)), null);
        }
        catch (UserError e)
        {
            return (new(0, []), new(e.Code, e.Message));
        }
    }

    /// <summary>Every field that is needed, and none that means nothing here; texts without blanks around them.</summary>
    private static OrganisationFact Checked(Change change, OrganisationFact fact)
    {
        var trimmed = fact with { };
        foreach (var property in typeof(OrganisationFact).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            var told = property.GetValue(fact) switch
            {
                string text => text.Trim() is { Length: > 0 } given ? given : null,
                IReadOnlyList<string> { Count: 0 } => null,
                var other => other,
            };
            property.SetValue(trimmed, told);
            if (told is null && change.Needed.Contains(name))
                throw Bad(name, "missing");
            if (told is not null && !change.Needed.Contains(name) && !change.Optional.Contains(name))
                throw Bad(name, $"{change.Name} takes {string.Join(", ", change.Needed.Concat(change.Optional))}");
        }
        return trimmed;
    }

    private static DateTimeOffset At(OrganisationFact fact, DateTimeOffset now) => fact.From is { } from ? Moment("from", from) : now;

    private static DateTimeOffset? Until(OrganisationFact fact) => fact.To is { } to ? Moment("to", to) : null;

    private static DateTimeOffset Moment(string name, string text) => CentreTime.Read(text) ?? throw Bad(name, "a time such as 2026-05-06T17:00:00+07:00");

    private static UserError Bad(string name, string wanted) => new("bad-field", $"$.{name}: {wanted}");
}
