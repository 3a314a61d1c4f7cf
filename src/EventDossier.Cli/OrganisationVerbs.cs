using System.CommandLine;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using EventDossier.Store;

namespace EventDossier.Cli;

using Organisation = EventDossier.Organisation.Organisation;

/// <summary><c>organisation</c>: units, posts, who holds them, who is away, and who may sign for whom.</summary>
internal static class OrganisationVerbs
{
    private static readonly Argument<string> File = new("FILE") { Description = "JSON with units, posts, absences and delegations; \"sample\" is the imagined centre that comes with the product" };
    private static readonly Argument<string> Unit = new("UNIT") { Description = "Its code" };
    private static readonly Argument<string> Post = new("POST") { Description = "Its code" };
    private static readonly Argument<string> Person = new("PERSON") { Description = "Id of a member of staff" };
    private static readonly Argument<string> Number = new("NUMBER") { Description = "Of the written delegation" };
    private static readonly Option<string?> At = new("--at") { Description = "At this moment instead of now", HelpName = "T" };
    private static readonly Option<string?> On = new("--at") { Description = "From when it holds, if not from now; may lie ahead", HelpName = "T" };
    private static readonly Option<string> From = new("--from") { Description = "From when", HelpName = "T", Required = true };
    private static readonly Option<string> Until = new("--to") { Description = "When it is over", HelpName = "T", Required = true };
    private static readonly Option<string?> Back = new("--to") { Description = "The moment of return, if it is known", HelpName = "T" };
    private static readonly Option<string?> Deputy = new("--deputy") { Description = "Who stands in meanwhile, in every post of that person", HelpName = "PERSON" };
    private static readonly Option<string> Successor = new("--successor") { Description = "The unit that takes over what is open", HelpName = "UNIT", Required = true };
    private static readonly Option<string[]> Agencies = new("--agency") { Description = "Whose dossiers it covers, if not the post's own; may be repeated", HelpName = "A" };
    private static readonly Option<string[]> Acts = new("--act") { Description = "An act it covers, such as decide; may be repeated. Without it all that the post may do", HelpName = "ACT" };
    private static readonly Option<string?> Mail = new("--mail") { Description = "Mail address", HelpName = "ADDRESS" };
    private static readonly Option<string?> Webhook = new("--webhook") { Description = "https address", HelpName = "URL" };
    private static readonly Option<string?> Basis = new("--basis") { Description = "The decision it rests on", HelpName = "TEXT" };

    private static readonly Option<string?> FromOfficer = new("--from") { Description = "Who leaves", HelpName = "PERSON" };
    private static readonly Option<string?> FromUnit = new("--from-unit") { Description = "The closed unit; the dossiers go to its successor", HelpName = "UNIT" };
    private static readonly Option<string> ToOfficer = new("--to") { Description = "Who goes on", HelpName = "PERSON", Required = true };
    private static readonly Option<string> Why = new("--reason") { Description = "As it stands in each dossier", HelpName = "TEXT", Required = true };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("organisation", "Units, posts, holders, absences and delegations, as dated events")
        {
            new Command("import", "Adds what a file tells and is not known yet; closes nothing that the file leaves out") { File }.Does(ImportAsync),
            new Command("list", "Every unit that is open, with its head") { At }.Does(ListAsync),
            new Command("show", "A unit: its posts, their holders, and who acts for them") { Unit, At }.Does(ShowAsync),
            new Command("appoint", "A member of staff gets a post") { Post, Person, On, Basis }.Does(run => DoAsync(run, (_, at) =>
                [new HolderAppointed(at, Value(run, Post), Value(run, Person))])),
            new Command("relieve", "The holder of a post gives it up") { Post, Person, On, Basis }.Does(run => DoAsync(run, (_, at) =>
                [new HolderRelieved(at, Value(run, Post), Value(run, Person))])),
            new Command("absent", "A member of staff is away") { Person, From, Back, Deputy, Basis }.Does(run => DoAsync(run, (organisation, _) => Absent(run, organisation))),
            new Command("back", "A member of staff is back, or will be earlier than was said") { Person, On, Basis }.Does(run => DoAsync(run, (_, at) => [new AbsenceEnded(at, Value(run, Person))])),
            new Command("contact", "Where messages to a member of staff go; what is not named is not written to") { Person, Mail, Webhook, On, Basis }.Does(run => DoAsync(run, (_, at) =>
                [new ContactGiven(at, Value(run, Person), run.Arguments.GetValue(Mail), run.Arguments.GetValue(Webhook))])),
            new Command("delegate", "A post delegates in writing") { Number, Post, Person, From, Until, Agencies, Acts, Basis }.Does(run => DoAsync(run, (_, _) =>
                [new DelegationGiven(Time(run, From), Value(run, Number), Value(run, Post), Value(run, Person), Time(run, Until), Several(run, Agencies), Several(run, Acts))])),
            new Command("revoke", "A delegation ends before its time") { Number, On, Basis }.Does(run => DoAsync(run, (_, at) => [new DelegationRevoked(at, Value(run, Number))])),
            new Command("close-unit", "A unit is closed; its successor takes over") { Unit, Successor, On, Basis }.Does(run => DoAsync(run, (_, at) =>
                [new UnitClosed(at, Value(run, Unit), run.Arguments.GetValue(Successor)!)])),
            new Command("transfer-work", "Open dossiers of somebody who leaves, or of a unit that was closed, go to another officer") { FromOfficer, FromUnit, ToOfficer, Why }.Does(TransferAsync),
        },
    ];

    private static async Task<int> TransferAsync(Run run)
    {
        var (from, unit, to, why) = (run.Arguments.GetValue(FromOfficer), run.Arguments.GetValue(FromUnit), run.Arguments.GetValue(ToOfficer)!, run.Arguments.GetValue(Why)!);
        if ((from is null) == (unit is null))
            throw new WrongUseException("transfer-work takes --from or --from-unit");
        await using var open = await OpenDatabase.OfAsync(run);
        await open.CatchUpAsync(run.Cancel);
        var moved = from is not null
            ? await WorkTransfer.OfOfficerAsync(open.Database, from, to, why, Who(run), Moments.Now(run), run.Cancel)
            : await WorkTransfer.OfUnitAsync(open.Database, unit!, to, why, Who(run), Moments.Now(run), run.Cancel);
        await open.CatchUpAsync(run.Cancel);
        run.Output.Answer(new { moved }, () => run.Output.Line($"{Output.Count(moved.Count, "dossier")} went to {to}"));
        return 0;
    }

    private static IReadOnlyList<OrganisationEvent> Absent(Run run, Organisation organisation)
    {
        var (person, from, to) = (Value(run, Person), Time(run, From), Moments.Parse(run, Back));
        return
        [
            new AbsenceReported(from, person, to),
            .. run.Arguments.GetValue(Deputy) is { } deputy ? organisation.PostsOf(person, from).Select(post => new DeputyNamed(from, post.Code, deputy, to)) : [],
        ];
    }

    private static async Task<int> DoAsync(Run run, Func<Organisation, DateTimeOffset, IReadOnlyList<OrganisationEvent>> propose)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var at = Moments.Parse(run, On) ?? Moments.Now(run);
        var result = await new OrganisationRegister(open.Database).DoAsync(
            organisation => [.. propose(organisation, at).Select(e => e with { Basis = run.Arguments.GetValue(Basis) })], Who(run), cancel: run.Cancel);
        if (result.Refusal is { } refusal)
            return run.Output.Fail(1, refusal.Code, refusal.Reason);
        run.Output.Answer(new { added = result.Events.Count }, () => run.Output.Line(result.Events.Count == 0 ? "it was so already" : $"{Output.Count(result.Events.Count, "event")} added"));
        return 0;
    }

    private static async Task<int> ImportAsync(Run run)
    {
        var path = Value(run, File);
        var file = path == "sample" ? OrganisationFile.Sample() : OrganisationFile.Parse(await System.IO.File.ReadAllBytesAsync(path, run.Cancel), path);
        await using var open = await OpenDatabase.OfAsync(run);
        var result = await new OrganisationRegister(open.Database).ImportAsync(file, Who(run), cancel: run.Cancel);
        run.Output.Answer(result, () =>
        {
            run.Output.Line($"{Output.Count(result.Added, "event")} added, {Output.Count(result.Unchanged, "fact")} unchanged");
            if (result.NotInFile.Count > 0)
                run.Output.Line($"open, but not in the file, and left as they are: {string.Join(", ", result.NotInFile)}");
        });
        return 0;
    }

    private static async Task<int> ListAsync(Run run)
    {
        var (organisation, at) = await LoadAsync(run);
        var units = organisation.UnitsAt(at).Select(unit => (unit, head: organisation.PostsOfUnit(unit.Code, at).FirstOrDefault(p => p.Role is PostRole.Head or PostRole.Director))).ToList();
        run.Output.Answer(units.Select(u => new { u.unit.Code, u.unit.Name, u.unit.Kind, u.unit.Parent, u.unit.Numbering, u.unit.InForm06, head = u.head?.Code }), () => run.Output.Table(
            ["unit", "kind", "part of", "head", "name"],
            units.Select(u => new[] { u.unit.Code, Word(u.unit.Kind), u.unit.Parent ?? "", u.head is { } post ? organisation.HolderOf(post.Code, at) ?? "vacant" : "", u.unit.Name.Vi })));
        return 0;
    }

    private static async Task<int> ShowAsync(Run run)
    {
        var (organisation, at) = await LoadAsync(run);
        var code = Value(run, Unit);
        if (organisation.UnitAt(code, at) is not { } unit)
        {
            if (organisation.SuccessorOf(code, at) is not { } successor)
                throw new UserError("no-such-unit", $"there is no unit {code} at {Moments.Show(at)}");
            run.Output.Answer(new { code, successor }, () => run.Output.Line($"{code} is closed; {successor} stands in its place"));
            return 0;
        }
        var posts = organisation.PostsOfUnit(code, at).Select(p => new
        {
            p.Code, p.Role, p.Title, p.Level, holder = organisation.HolderOf(p.Code, at), deputies = organisation.DeputiesOf(p.Code, at), acting = organisation.ActingHolder(p.Code, at),
        }).ToList();
        run.Output.Answer(new { unit.Code, unit.Name, unit.Kind, unit.Parent, unit.Numbering, unit.InForm06, posts }, () =>
        {
            run.Output.Line($"{unit.Code}  {unit.Name.Vi} ({unit.Name.En})");
            run.Output.Line($"{Word(unit.Kind)}{(unit.Parent is { } parent ? $", part of {parent}" : "")}{(unit.InForm06 ? "" : ", outside Form 06")}");
            if (posts.Count > 0)
                run.Output.Line();
            run.Output.Table(
                ["post", "role", "holder", "acting", "deputies"],
                posts.Select(p => new[] { p.Code, Word(p.Role), p.holder ?? "vacant", p.acting ?? "nobody", string.Join(", ", p.deputies) }));
        });
        return 0;
    }

    private static async Task<(Organisation Organisation, DateTimeOffset At)> LoadAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        return (await Organisation.LoadAsync(open.Database, run.Cancel), Moments.Parse(run, At) ?? Moments.Now(run));
    }

    private static CommandMetadata Who(Run run) => ActVerbs.Who(Guid.Empty, Dossiers.Role.Administrator);

    private static string Value(Run run, Argument<string> argument) => run.Arguments.GetValue(argument)!;

    private static DateTimeOffset Time(Run run, Option<string> option) => Moments.Parse(run.Arguments.GetValue(option)!, option.Name);

    private static string[]? Several(Run run, Option<string[]> option) => run.Arguments.GetValue(option) is { Length: > 0 } values ? values : null;

    /// <summary><c>DistrictCentre</c> as <c>district centre</c>.</summary>
    private static string Word<T>(T value) where T : struct, Enum => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName($"{value}").Replace('-', ' ');
}
