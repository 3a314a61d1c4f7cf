using System.Security.Claims;
using EventDossier.Applicants;
using EventDossier.Audit;
using EventDossier.Store;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.DataProtection;

namespace EventDossier.Web.Pages;

/// <summary>
/// Who visits a page: a cookie, given after signing in with the OpenID provider or, in development, by picking a person. The API takes no cookie, and pages take no bearer token, so that no other
/// site can have a browser write here.
/// </summary>
internal static class Session
{
    public const string RateLimit = "sign-in";
    private const string ByRoute = "by route";

    /// <summary>A working day.</summary>
    private static readonly TimeSpan _lasts = TimeSpan.FromHours(10);

    /// <summary>How one can sign in here.</summary>
    public sealed record Ways(bool Provider, bool Development);

    /// <exception cref="UserError"><c>development-only</c></exception>
    public static void Add(WebApplicationBuilder builder, string? keysFolder)
    {
        var ways = new Ways(builder.Configuration["Oidc:Authority"] is not null, builder.Configuration["SignIn:Development"] == "true");
        if (ways.Development && !builder.Environment.IsDevelopment())
            throw new UserError("development-only", "SignIn__Development lets anybody in as anybody: it is for ASPNETCORE_ENVIRONMENT=Development alone");
        builder.Services.AddSingleton(ways);
        var authentication = builder.Services.AddAuthentication(ByRoute)
            .AddPolicyScheme(ByRoute, null, scheme => scheme.ForwardDefaultSelector = http =>
                IsPage(http) ? CookieAuthenticationDefaults.AuthenticationScheme : JwtBearerDefaults.AuthenticationScheme)
            .AddCookie(cookie =>
            {
                cookie.Cookie.Name = builder.Environment.IsDevelopment() ? "session" : "__Host-session";
                cookie.Cookie.SameSite = SameSiteMode.Strict;
                cookie.Cookie.SecurePolicy = Secure(builder.Environment);
                (cookie.LoginPath, cookie.ReturnUrlParameter, cookie.ExpireTimeSpan, cookie.SlidingExpiration) = ("/sign-in", "to", _lasts, true);
                // Whom a page is for is asked at its entry.
                cookie.Events.OnRedirectToLogin = challenged => ComeInAsync(challenged.HttpContext, challenged.RedirectUri);
            });
        if (ways.Provider)
            OpenId.Add(authentication, builder);
        // Sessions and open forms outlive the server.
        var protection = builder.Services.AddDataProtection().SetApplicationName("eventdossier");
        if (keysFolder is null)
            protection.UseEphemeralDataProtectionProvider();
        else
            protection.PersistKeysToFileSystem(Directory.CreateDirectory(keysFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    public static CookieSecurePolicy Secure(IHostEnvironment environment) => environment.IsDevelopment() ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;

    /// <summary>For whom the limit of requests is counted.</summary>
    public static string Who(HttpContext http) => http.User.FindFirstValue("sub") ?? $"{http.Connection.RemoteIpAddress}";

    /// <summary>Whether what is asked for is for people.</summary>
    public static bool IsPage(HttpContext http) => http.GetEndpoint() is { } endpoint
        ? endpoint.Metadata.GetMetadata<PageRoute>() is not null
        : http.Request.GetTypedHeaders().Accept.Any(type => type.MediaType == "text/html");

    /// <summary>Signs somebody in, and puts it down. Only what we use of the claims goes into the cookie.</summary>
    /// <param name="provider">Who vouches for it.</param>
    public static async Task EnterAsync(HttpContext http, Caller who, string provider)
    {
        var centre = http.RequestServices.GetRequiredService<Centre>();
        await RecordAsync(centre, who, provider, http.RequestAborted);
        await http.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, new(Identity(who)), new() { AllowRefresh = true });
    }

    public static ClaimsIdentity Identity(Caller who) => new(
        [
            new("sub", who.Actor), .. who.Roles.Select(role => new Claim("roles", role)), .. who.Units.Select(unit => new Claim("units", unit)),
            .. who.Applicant is { } applicant ? [new Claim("applicant", $"{applicant}")] : Array.Empty<Claim>(),
        ], "session", "sub", "roles");

    private static async Task RecordAsync(Centre centre, Caller who, string provider, CancellationToken cancel)
    {
#pragma warning disable RS0030 // Composition: here a sign-in gets its id.
        var command = new CommandMetadata(Guid.NewGuid(), who.Actor, who.Roles.Count == 0 ? "none" : who.Roles[0]);
#pragma warning restore RS0030
        var outcome = (await centre.Database.Log.AppendAsync(
            [new(PersonalDataOpened.Stream(centre.Now), PersonalDataOpened.StreamType, StreamAppend.Any, command, [new SignedIn(centre.Now, who.Actor, who.Roles, provider)])], cancel))[0];
        if (outcome is AppendOutcome.Conflict)
            throw new InvalidOperationException("the access log takes any version");
    }

    /// <summary>
    /// A link from a mail comes without the strict cookie. So it is followed once more from here, and only who is still unknown then is asked to sign in.
    /// </summary>
    private static Task ComeInAsync(HttpContext http, string signIn)
    {
        if (HttpMethods.IsGet(http.Request.Method) && http.Request.Headers["Sec-Fetch-Site"] == "cross-site")
            return GoOnAsync(http, http.Request.Path + http.Request.QueryString);
        http.Response.Redirect(signIn);
        return Task.CompletedTask;
    }

    /// <summary>Sends the browser on from a page of ours, so that our strict cookies go with it.</summary>
    public static Task GoOnAsync(HttpContext http, string path)
    {
        Site.Protect(http);
        http.Response.ContentType = "text/html; charset=utf-8";
        var to = System.Text.Encodings.Web.HtmlEncoder.Default.Encode(path);
        return http.Response.WriteAsync($"""<!DOCTYPE html><html lang="vi"><title>EventDossier</title><meta http-equiv="refresh" content="0;url={to}"><a href="{to}">EventDossier</a></html>""");
    }

    /// <summary>Within this site; the beginning where it would lead elsewhere.</summary>
    public static string Local(string? path) => path is ['/', ..] and not ['/', '/' or '\\', ..] && Uri.IsWellFormedUriString(path, UriKind.Relative) ? path : "/";

}
