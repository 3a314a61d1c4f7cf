using EventDossier.Deadlines;
using EventDossier.Dossiers;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EventDossier.Web.Pages;

/// <summary>One request for a page: who asks, in what language, and what every page needs.</summary>
internal sealed class Visit(IHttpContextAccessor accessor, Centre centre, IAntiforgery antiforgery)
{
    public const string LanguageCookie = "lang";
    private const int ShortMenu = 8;

    private Words? _say;
    private Caller? _caller;
    private CurrentMenu? _menu;

    public HttpContext Http => accessor.HttpContext!;
    public Centre Centre => centre;
    public CancellationToken Cancel => Http.RequestAborted;
    public DateTimeOffset Now => centre.Now;
    public bool IsSample => centre.Database.IsSample;
    public Caller Caller => _caller ??= Caller.Of(Http.User);
    public bool IsSignedIn => Http.User.Identity?.IsAuthenticated is true;

    /// <summary>Chosen once by a link and kept in a cookie; else what the browser asks for; else Vietnamese.</summary>
    public Words Say => _say ??= new(Http.Request.Cookies[LanguageCookie] switch
    {
        "en" => Language.En,
        "vi" => Language.Vi,
        _ => Http.Request.GetTypedHeaders().AcceptLanguage.OrderByDescending(l => l.Quality ?? 1).Select(l => l.Value.ToString().Split('-')[0])
            .FirstOrDefault(tag => tag is "en" or "vi") == "en" ? Language.En : Language.Vi,
    });

    /// <summary>What a form of the kind that only asks says; null where it says nothing.</summary>
    public string? Query(string name) => Http.Request.Query[name] is [{ Length: > 0 and <= 500 } text] ? text : null;

    /// <summary>Of the page that is shown.</summary>
    public string Title { get; private set; } = "";

    public IReadOnlyList<MenuEntry> Menu => (_menu ??= new(this)).Entries;

    /// <summary>The same by groups, where it is too long to be read at a glance; else one group without words.</summary>
    public IReadOnlyList<IGrouping<Wording, MenuEntry>> MenuGroups => [.. Menu.GroupBy(entry => Menu.Count > ShortMenu ? entry.Group : new("", ""))];

    /// <summary>Goes into each form: with it the form was made here, for this visitor.</summary>
    public (string Name, string Value) Token => antiforgery.GetAndStoreTokens(Http) is var tokens ? (tokens.FormFieldName, tokens.RequestToken!) : default;

    /// <summary>Goes into each form: whoever sends it twice has sent one command.</summary>
#pragma warning disable RS0030 // Composition: here a new command gets its key.
    public static string NewKey() => Guid.NewGuid().ToString("N");
#pragma warning restore RS0030

    /// <param name="parameters">The component's, by name, as an anonymous object.</param>
    public RazorComponentResult<TPage> Page<TPage>(string title, object parameters, int status = 200) where TPage : IComponent
    {
        Title = title;
        return new(parameters) { StatusCode = status, PreventStreamingRendering = true };
    }

    /// <summary>How far the visitor reaches what the page shows.</summary>
    /// <exception cref="UserError"><c>not-allowed</c></exception>
    public Task<Scope> ScopeAsync(string resource) => Scope.OfAsync(Caller, resource, centre, Cancel);

    /// <summary>A dossier that the visitor may see, as it stands, with its events.</summary>
    /// <exception cref="UserError"><c>not-allowed</c>, <c>no-such-dossier</c></exception>
    public async Task<(Dossier Dossier, IReadOnlyList<Store.StoredEvent> Events)> DossierAsync(string code, string resource = Rights.Dossiers)
    {
        var scope = await ScopeAsync(resource);
        var events = await History.ReadAsync(centre.Database.Log, code, new(), Cancel);
        var dossier = Dossier.Fold(code, events);
        return scope.Right(dossier) is { } refused ? throw new UserError("not-allowed", refused.Reason) : (dossier, events);
    }

    public ValueTask<Rulebook> RulesAsync() => centre.Desk.RulesAsync(Cancel);

    /// <summary>Working minutes until a moment, negative when it has passed; null outside the calendar's years.</summary>
    public static int? MinutesLeft(WorkCalendar calendar, DateTimeOffset now, DateTimeOffset due)
    {
        try
        {
            return calendar.WorkingMinutes(now, due);
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>Waits a little until a list has taken in what was just done, or what <c>?after=</c> names; where it takes longer the list is shown as it is.</summary>
    public async Task CatchUpAsync(Store.View view, long? position = null)
    {
        if (position is > 0)
            Http.Request.QueryString = QueryString.Create("after", $"{position}");
        try
        {
            await Asked.AfterAsync(Http.Request, view, centre.Database);
        }
        catch (UserError e) when (e.Code == "views-behind")
        {
            // What was done is done, and told.
        }
    }

    public static string PathOf(string code) => $"/dossiers/{Uri.EscapeDataString(code)}";

    private sealed class CurrentMenu(Visit visit)
    {
        public IReadOnlyList<MenuEntry> Entries { get; } =
        [
            .. visit.Http.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.Select(e => e.Metadata.GetMetadata<MenuEntry>()).OfType<MenuEntry>()
                .Where(entry => entry.For(visit.Caller)),
        ];
    }
}

/// <summary>A page that the menu leads to.</summary>
/// <param name="For">Whom it is shown to.</param>
internal sealed record MenuEntry(string Path, Wording Name, Wording Group, Func<Caller, bool> For);
