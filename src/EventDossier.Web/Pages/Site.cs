using System.IO.Compression;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using System.Threading.RateLimiting;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.ResponseCompression;

namespace EventDossier.Web.Pages;

/// <summary>What a page's route says of itself.</summary>
/// <param name="Right">The row of <see cref="Rights"/> that is asked; null for everybody, without sign-in.</param>
/// <param name="Act">Instead, the act that it is for.</param>
internal sealed record PageRoute(string? Right, ActRule? Act = null)
{
    /// <summary>Of the menu, under which the page stands there.</summary>
    public Wording Group { get; init; } = new("", "");

    public bool IsFor(Caller caller) => Act is { } act ? Rights.For(caller, act) is not null : Right is null || Rights.Of(caller, Right) > Reach.Nothing;
}

/// <summary>
/// The pages: made by the server, whole without JavaScript. To add one:
/// <list type="number">
/// <item><c>Name.razor</c>, markup alone: what it shows are its <c>[Parameter]</c>s. It stands in <see cref="Layout"/>, which prints title, menu and banner. No <c>style</c> attribute and no
/// inline script: the browser is told to run neither.</item>
/// <item><c>Name.razor.cs</c> beside it: the parameters, <c>internal static void Map(Site site)</c> with its routes, and their handlers, which take <see cref="Visit"/> and answer with
/// <c>visit.Page&lt;Name&gt;(title, new { … })</c>. What a page shows it reads by the same calls as the API; what it changes is an act, by <see cref="ActForms.SendAsync"/>.</item>
/// <item>A line in <see cref="Map"/>. The order is the menu's, and so are the groups.</item>
/// </list>
/// A route names its right (a row of <see cref="Rights"/>, an act, or null for everybody); session, right, CSRF token, language, headers and limits are seen to here, for all alike. Which dossiers
/// of it a visitor reaches is the handler's to ask: <see cref="Visit.ScopeAsync"/>, <see cref="Visit.DossierAsync"/>. Texts stand where they are used, in both languages:
/// <c>@Say["My work", "Việc của tôi"]</c>. A form posts with <c>&lt;Hidden /&gt;</c> inside. Faults are thrown as <see cref="UserError"/>, and become a page.
/// </summary>
internal sealed class Site
{
    private const string RateLimit = "pages";
    private readonly RouteGroupBuilder _pages;
    private Wording _group = new("", "");

    private Site(WebApplication app)
    {
        _pages = app.MapGroup("").WithTags("pages").ExcludeFromDescription().RequireRateLimiting(RateLimit);
        _pages.AddEndpointFilter(EnterAsync);
    }

    public static void Map(WebApplication app)
    {
        var site = new Site(app);
        Home.Map(site);
        SignInPage.Map(site);
        site.Group("Dossiers", "Hồ sơ");
        WorkPage.Map(site);
        ReceivePage.Map(site);
        SearchPage.Map(site);
        DossierPage.Map(site);
        ActForms.Map(site);
        BatchPage.Map(site);
        QueuePage.Map(site);
        UncollectedPage.Map(site);
        RegisterPage.Map(site);
        site.Group("Deadlines", "Thời hạn");
        AlertsPage.Map(site);
        BoardPage.Map(site);
        ComingPage.Map(site);
        WorkloadPage.Map(site);
        site.Group("Citizens", "Người dân");
        ComplaintsPage.Map(site);
        ComplainPage.Map(site);
        ComplaintPage.Map(site);
        QuestionnairesPage.Map(site);
        site.Group("Audit", "Kiểm tra");
        AuditPage.Map(site);
        ReplayPage.Map(site);
        VerifyPage.Map(site);
        ProcessPage.Map(site);
        AccessPage.Map(site);
        AuthorityRequestsPage.Map(site);
        site.Group("Figures", "Số liệu");
        FiguresPage.Map(site);
        ReleasesPage.Map(site);
        site.Group("Rules", "Quy định");
        ProceduresPage.Map(site);
        CalendarPage.Map(site);
        LadderPage.Map(site);
        OrganisationPage.Map(site);
        site.Group("Operation", "Vận hành");
        PortalPage.Map(site);
        OutagesPage.Map(site);
        CutOverPage.Map(site);
        ArchivesPage.Map(site);
        RetentionPage.Map(site);
        JobsPage.Map(site);
        site.Group("For anybody", "Công khai");
        LookUpPage.Map(site);
        ProofPage.Map(site);
        PublicPage.Map(site);
        foreach (var name in _files.Keys)
            MapFile(app, name);
    }

    /// <summary>What is mapped from here on stands under these words in the menu.</summary>
    private void Group(string en, string vi) => _group = new(en, vi);

    /// <summary>A page that is looked at.</summary>
    public RouteHandlerBuilder Get(string path, string? right, Delegate handler, string summary) => Add(_pages.MapGet(path, handler), new(right), summary);

    /// <summary>What a form is sent to.</summary>
    public RouteHandlerBuilder Post(string path, string? right, Delegate handler, string summary) => Add(_pages.MapPost(path, handler), new(right), summary);

    /// <summary>The same for those who may do an act.</summary>
    public RouteHandlerBuilder Get(string path, ActRule act, Delegate handler, string summary) => Add(_pages.MapGet(path, handler), new(null, act), summary);

    public RouteHandlerBuilder Post(string path, ActRule act, Delegate handler, string summary) => Add(_pages.MapPost(path, handler), new(null, act), summary);

    private RouteHandlerBuilder Add(RouteHandlerBuilder route, PageRoute page, string summary)
    {
        route.WithSummary(summary).WithMetadata(page with { Group = _group });
        return page is { Right: null, Act: null } ? route.AllowAnonymous() : route;
    }

    /// <summary>The address of a file of <see cref="MapFile"/>, which changes with what is in it: a browser may keep it for ever.</summary>
    public static string File(string name) => $"/site/{name}?v={_files[name].Version}";

    private static readonly Dictionary<string, (byte[] Bytes, string Version)> _files = ((string[])["site.css", "site.js"]).ToDictionary(name => name, Read);

    private static (byte[] Bytes, string Version) Read(string name)
    {
        using var stream = typeof(Site).Assembly.GetManifestResourceStream($"site/{name}")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return (bytes, Convert.ToHexStringLower(SHA256.HashData(bytes))[..12]);
    }

    private static void MapFile(WebApplication app, string name) => app.MapGet($"/site/{name}", (HttpContext http) =>
    {
        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Bytes(_files[name].Bytes, name.EndsWith(".css", StringComparison.Ordinal) ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8");
    }).WithTags("pages").WithSummary($"What every page loads: {name}").ExcludeFromDescription().AllowAnonymous();

    /// <summary>Every visit begins here.</summary>
    private static async ValueTask<object?> EnterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (HttpMethods.IsGet(http.Request.Method) && http.Request.Query["lang"] is [("vi" or "en") and { } language])
            return Speak(http, language);
        var visit = http.RequestServices.GetRequiredService<Visit>();
        var page = http.GetEndpoint()!.Metadata.GetRequiredMetadata<PageRoute>();
        if (!page.IsFor(visit.Caller))
            throw new UserError("not-allowed", "this page is not for your role");
        if (!HttpMethods.IsGet(http.Request.Method) && !await IsOursAsync(http))
            throw new UserError("form-expired", "this form was not made here for you, or is too old: open the page again");
        Protect(http);
        return await next(context);
    }

    /// <exception cref="BadHttpRequestException">It is larger than the route takes.</exception>
    private static async Task<bool> IsOursAsync(HttpContext http)
    {
        try
        {
            return await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http);
        }
        catch (AntiforgeryValidationException e) when (e.InnerException is BadHttpRequestException bad)
        {
            ExceptionDispatchInfo.Throw(bad);
            throw;
        }
    }

    private static RedirectHttpResult Speak(HttpContext http, string language)
    {
        http.Response.Cookies.Append(Visit.LanguageCookie, language, new()
        {
            SameSite = SameSiteMode.Strict, HttpOnly = true, Secure = http.Request.IsHttps, IsEssential = true, MaxAge = TimeSpan.FromDays(365),
        });
        var rest = QueryString.Create(http.Request.Query.Where(q => q.Key != "lang"));
        return TypedResults.LocalRedirect(http.Request.Path + rest);
    }

    /// <summary>Nothing but our own files runs or is shown, and nobody frames us.</summary>
    public static void Protect(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        // TLS is the proxy's, so it can't be told from the request; a browser heeds this over TLS alone.
        if (!http.RequestServices.GetRequiredService<IHostEnvironment>().IsDevelopment())
            headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
    }

    public static void Add(WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddRazorComponents();
        services.AddHttpContextAccessor().AddScoped<Visit>();
        // Vietnamese is written as it is, not as entities.
        services.AddSingleton(HtmlEncoder.Create(UnicodeRanges.All));
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = "form";
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
            antiforgery.Cookie.SecurePolicy = Session.Secure(builder.Environment);
        });
        services.AddResponseCompression(compression =>
        {
            compression.MimeTypes = ["text/html", "text/css", "text/javascript", "image/svg+xml"];
            compression.Providers.Add<BrotliCompressionProvider>();
            compression.Providers.Add<GzipCompressionProvider>();
        });
        services.Configure<BrotliCompressionProviderOptions>(brotli => brotli.Level = CompressionLevel.Fastest);
        services.AddRateLimiter(limits =>
        {
            limits.RejectionStatusCode = 429;
            limits.AddPolicy(RateLimit, http => RateLimitPartition.GetTokenBucketLimiter(Session.Who(http), _ => new()
            {
                TokenLimit = 300, TokensPerPeriod = 30, ReplenishmentPeriod = TimeSpan.FromSeconds(1), AutoReplenishment = true,
            }));
            limits.AddPolicy(Session.RateLimit, http => RateLimitPartition.GetFixedWindowLimiter($"{http.Connection.RemoteIpAddress}", _ => new()
            {
                PermitLimit = 30, Window = TimeSpan.FromMinutes(1),
            }));
        });
    }
}

internal static class MenuRoutes
{
    /// <summary>Puts a page into the menu of those whom it is for.</summary>
    public static RouteHandlerBuilder InMenu(this RouteHandlerBuilder route, string en, string vi, Func<Caller, bool>? but = null)
    {
        route.Finally(endpoint =>
        {
            var page = endpoint.Metadata.OfType<PageRoute>().Single();
            endpoint.Metadata.Add(new MenuEntry(((RouteEndpointBuilder)endpoint).RoutePattern.RawText!, new Wording(en, vi), page.Group, caller => page.IsFor(caller) && but?.Invoke(caller) is not false));
        });
        return route;
    }
}
