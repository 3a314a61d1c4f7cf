using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace EventDossier.Web.Pages;

/// <summary>
/// Signing in with an OpenID provider: the framework's code flow with PKCE and state, its endpoints and keys by discovery, and the id token checked as OpenID Connect Core 1.0, 3.1.3.7 asks.
/// Claims: <c>sub</c>, <c>roles</c>, <c>units</c>, <c>applicant</c>, as in bearer tokens.
/// </summary>
internal sealed class OpenId(IOptionsMonitor<OpenId.Settings> options, ILoggerFactory logs, System.Text.Encodings.Web.UrlEncoder encoder) : OAuthHandler<OpenId.Settings>(options, logs, encoder)
{
    public const string SchemeName = "openid";
    private const string Nonce = "nonce";

    public sealed class Settings : OAuthOptions
    {
        public ConfigurationManager<OpenIdConnectConfiguration> Discovery { get; set; } = null!;
    }

    public static void Add(AuthenticationBuilder authentication, WebApplicationBuilder builder)
    {
        var authority = builder.Configuration["Oidc:Authority"]!;
        var (client, secret, scope) = (builder.Configuration["Oidc:ClientId"], builder.Configuration["Oidc:ClientSecret"], builder.Configuration["Oidc:Scope"]);
        if (client is null)
            throw new UserError("client-missing", "Oidc__Authority is set, but Oidc__ClientId, under which the provider knows us, is not");
        authentication.AddOAuth<Settings, OpenId>(SchemeName, settings =>
        {
            settings.Discovery = new(
                $"{authority.TrimEnd('/')}/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(), new HttpDocumentRetriever { RequireHttps = !new Uri(authority).IsLoopback });
            (settings.ClientId, settings.ClientSecret, settings.UsePkce) = (client, secret ?? "", true);
            settings.CallbackPath = "/sign-in/callback";
            // The framework wants some; those that are used come from the provider.
            (settings.AuthorizationEndpoint, settings.TokenEndpoint) = (authority, authority);
            settings.Scope.Add("openid");
            foreach (var more in (scope ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                settings.Scope.Add(more);
            settings.CorrelationCookie.SecurePolicy = Session.Secure(builder.Environment);
            settings.CorrelationCookie.SameSite = SameSiteMode.Lax;
            settings.Events.OnTicketReceived = ReceivedAsync;
            settings.Events.OnRemoteFailure = failed =>
            {
                failed.HandleResponse();
                failed.Response.Redirect("/sign-in?failed=provider");
                return Task.CompletedTask;
            };
        });
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var found = await FindAsync();
        Options.AuthorizationEndpoint = found.AuthorizationEndpoint;
        properties.Items[Nonce] = Base64UrlEncoder.Encode(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
        await base.HandleChallengeAsync(properties);
    }

    protected override string BuildChallengeUrl(AuthenticationProperties properties, string redirectUri) =>
        $"{base.BuildChallengeUrl(properties, redirectUri)}&nonce={properties.Items[Nonce]}";

    protected override async Task<OAuthTokenResponse> ExchangeCodeAsync(OAuthCodeExchangeContext context)
    {
        Options.TokenEndpoint = (await FindAsync()).TokenEndpoint;
        return await base.ExchangeCodeAsync(context);
    }

    protected override async Task<AuthenticationTicket> CreateTicketAsync(ClaimsIdentity identity, AuthenticationProperties properties, OAuthTokenResponse tokens)
    {
        var found = await FindAsync();
        var checkedToken = await new JsonWebTokenHandler { MapInboundClaims = false }.ValidateTokenAsync(
            tokens.Response?.RootElement is { } answer && answer.TryGetProperty("id_token", out var token) && token.ValueKind == JsonValueKind.String ? token.GetString() : null, new()
        {
            ValidIssuer = found.Issuer, ValidAudience = Options.ClientId, IssuerSigningKeys = found.SigningKeys, ClockSkew = TimeSpan.FromMinutes(1),
            RequireSignedTokens = true, RequireExpirationTime = true, NameClaimType = "sub", RoleClaimType = "roles",
        });
        if (!checkedToken.IsValid)
            throw new AuthenticationFailureException($"the provider's id token is not good: {checkedToken.Exception.Message}");
        var told = new ClaimsPrincipal(checkedToken.ClaimsIdentity);
        if (told.FindFirstValue(Nonce) != properties.Items[Nonce])
            throw new AuthenticationFailureException("the provider's id token answers another request");
        var who = Caller.Of(told);
        return who.Actor.Length == 0
            ? throw new AuthenticationFailureException("the provider's id token names nobody")
            : new(new(Session.Identity(who)), properties, SchemeName);
    }

    /// <summary>The callback is a visit from the provider's site; so the way goes on from a page of ours.</summary>
    private static async Task ReceivedAsync(TicketReceivedContext received)
    {
        await Session.EnterAsync(received.HttpContext, Caller.Of(received.Principal!), "openid");
        received.HandleResponse();
        await Session.GoOnAsync(received.HttpContext, Session.Local(received.ReturnUri));
    }

    private Task<OpenIdConnectConfiguration> FindAsync() => Options.Discovery.GetConfigurationAsync(Context.RequestAborted);
}
