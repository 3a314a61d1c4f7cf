using EventDossier.Dossiers;
using EventDossier.Organisation;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.RateLimiting;

namespace EventDossier.Web.Pages;

/// <summary>Signing in with the provider, or in development as anybody; and out.</summary>
public sealed partial class SignInPage
{
    /// <summary>Who is suggested, one of each role.</summary>
    private static readonly (string Role, PostRole Post)[] _suggested =
    [
        (Role.Clerk, PostRole.Clerk), (Role.Officer, PostRole.Officer), (Role.Supervisor, PostRole.Supervisor), (Rights.Director, PostRole.Director),
        (Role.Auditor, PostRole.Auditor), (Role.TransparencyOfficer, PostRole.TransparencyOfficer), (Role.Administrator, PostRole.Administrator),
    ];

    private sealed record Busiest(DateTimeOffset At, string? Officer);

    /// <summary>For this is only a suggestion, and every work list is looked at for it.</summary>
    private static volatile Busiest? _busiest;

    [Parameter, EditorRequired] public string To { get; set; } = "/";
    [Parameter] public bool Failed { get; set; }
    [Parameter] public IReadOnlyList<(string Role, string Person, string Unit)> Suggested { get; set; } = [];
    [Parameter] public IReadOnlyList<string> People { get; set; } = [];

    /// <summary>What was entered of somebody else, and what was wrong with it.</summary>
    [Parameter] public string? Person { get; set; }
    [Parameter] public string? Chosen { get; set; }
    [Parameter] public string? Fault { get; set; }

    [Inject] private Session.Ways Ways { get; set; } = null!;

    internal static void Map(Site site)
    {
        site.Get("/sign-in", (string?)null, ShowAsync, "Signing in");
        site.Get("/sign-in/provider", (string?)null, Provider, "On to the OpenID provider").RequireRateLimiting(Session.RateLimit);
        // Nobody has to guess here, and tests sign in quickly.
        site.Post("/sign-in/development", (string?)null, PickAsync, "In development, signing in as anybody");
        site.Post("/sign-out", (string?)null, LeaveAsync, "Signing out");
    }

    private static Task<IResult> ShowAsync(Visit visit, Session.Ways ways, string? to, string? failed) => PageAsync(visit, ways, to, failed: failed is not null);

    private static async Task<IResult> PageAsync(
        Visit visit, Session.Ways ways, string? to, bool failed = false, string? person = null, string? role = null, string? fault = null)
    {
        var (suggested, people) = ways.Development ? await PeopleAsync(visit) : ([], []);
        return visit.Page<SignInPage>(visit.Say["Sign in", "Đăng nhập"],
            new { To = Session.Local(to), Failed = failed, Suggested = suggested, People = people, Person = person, Chosen = role, Fault = fault },
            fault is null ? 200 : 422);
    }

    private static IResult Provider(Session.Ways ways, string? to) => ways.Provider
        ? Results.Challenge(new() { RedirectUri = Session.Local(to) }, [OpenId.SchemeName])
        : throw new UserError("no-such-route", "no OpenID provider is named");

    private static async Task<IResult> PickAsync(Visit visit, Session.Ways ways)
    {
        var http = visit.Http;
        if (!ways.Development)
            throw new UserError("not-allowed", "the development sign-in is not switched on");
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var (person, role) = (form["person"].ToString().Trim(), form["role"].ToString());
        if (person.Length is 0 or > 100 || !Rights.Roles.Contains(role))
            return await PageAsync(visit, ways, form["to"], person: person, role: role, fault: visit.Say["Name a person, in at most 100 characters, and a role.", "Cần ghi người (tối đa 100 ký tự) và chọn vai trò."]);
        await Session.EnterAsync(http, new(person, [role], [], null), "development");
        return Results.LocalRedirect(Session.Local(form["to"]));
    }

    private static async Task<IResult> LeaveAsync(HttpContext http)
    {
        await http.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return Results.LocalRedirect("/sign-in");
    }

    /// <summary>Of each role somebody; of officers the one with the most work, and of supervisors that one's.</summary>
    private static async Task<(List<(string, string, string)> Suggested, List<string> All)> PeopleAsync(Visit visit)
    {
        var (organisation, now, say) = ((await visit.RulesAsync()).Organisation, visit.Now, visit.Say);
        var posts = organisation.UnitsAt(now).SelectMany(unit => organisation.PostsOfUnit(unit.Code, now))
            .Select(post => (post.Role, post.Unit, Person: organisation.HolderOf(post.Code, now))).Where(post => post.Person is not null).ToList();
        if (_busiest is not var (at, busiest) || now - at > TimeSpan.FromMinutes(1))
            _busiest = new(now, busiest = await WorkList.View.BusiestAsync(visit.Centre.Database.App, visit.Cancel));
        var division = posts.FirstOrDefault(post => post.Person == busiest).Unit;
        (string Role, string Person, string Unit) Of(string role, PostRole wanted)
        {
            var held = posts.Where(post => post.Role == wanted).OrderByDescending(post => post.Person == busiest).ThenByDescending(post => post.Unit == division).FirstOrDefault();
            return held.Person is { } person ? (role, person, say[organisation.UnitAt(held.Unit, now)!.Name]) : (role, role.Replace(' ', '-'), "");
        }
        return ([.. _suggested.Select(s => Of(s.Role, s.Post))], [.. posts.Select(post => post.Person!).Distinct().Order(StringComparer.Ordinal)]);
    }
}
