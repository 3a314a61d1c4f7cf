using System.Security.Claims;
using System.Security.Cryptography;
using EventDossier.Dossiers;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace EventDossier.Web;

/// <summary>Who asks, from the token alone: never from what the request says.</summary>
/// <param name="Actor">Claim <c>sub</c>; for staff the id by which the organisation knows them.</param>
/// <param name="Roles">Claim <c>roles</c>.</param>
/// <param name="Units">Claim <c>units</c>; empty where the organisation is to be asked.</param>
/// <param name="Applicant">Claim <c>applicant</c>: of a citizen, the id under which the key store knows them.</param>
internal sealed record Caller(string Actor, IReadOnlyList<string> Roles, IReadOnlyList<string> Units, Guid? Applicant)
{
    public static ValueTask<Caller> BindAsync(HttpContext http) => ValueTask.FromResult(Of(http.User));

    public static Caller Of(ClaimsPrincipal user) => new(
        user.FindFirstValue("sub") ?? "", All(user, "roles"), All(user, "units"), Guid.TryParse(user.FindFirstValue("applicant"), out var applicant) ? applicant : null);

    private static string[] All(ClaimsPrincipal user, string type) => [.. user.FindAll(type).Select(claim => claim.Value)];
}

/// <summary>JWT bearer tokens of an OpenID provider, or, in a closed network, under a key that is set here.</summary>
internal static class SignIn
{
    private const string Audience = "eventdossier";

    /// <summary>The key of the sample's own tokens, where nothing is set and only samples can be seen.</summary>
    /// <exception cref="UserError"><c>sign-in-missing</c>: the centre's real dossiers are served to nobody by default; <c>bad-key</c>.</exception>
    public static byte[]? AddSignIn(this WebApplicationBuilder builder, bool sample)
    {
        var configuration = builder.Configuration;
        var authority = configuration["Jwt:Authority"] ?? configuration["Oidc:Authority"];
        var (key, file) = (configuration["Jwt:Key"], configuration["Jwt:KeyFile"]);
        byte[]? own = null;
        if (authority is null && key is null && file is null)
        {
            own = sample || configuration["SignIn:Development"] == "true" ? RandomNumberGenerator.GetBytes(32)
                : throw new UserError("sign-in-missing", "nobody could sign in: name an OpenID provider in Jwt__Authority, or a key in Jwt__Key or Jwt__KeyFile");
        }
        // Now, and not at the first request: a bad key is told at the start.
        (SecurityKey Key, string[] Algorithms)? known = authority is not null ? null
            : own is not null || key is not null ? (new SymmetricSecurityKey(own ?? Secret(key!)), [SecurityAlgorithms.HmacSha256])
            : PublicKey(file!);
        builder.Services.AddAuthentication().AddJwtBearer(jwt =>
        {
            jwt.Authority = authority;
            jwt.MapInboundClaims = false;
            jwt.RequireHttpsMetadata = authority is not null && !new Uri(authority).IsLoopback;
            jwt.TokenValidationParameters = new()
            {
                NameClaimType = "sub", RoleClaimType = "roles",
                ValidAudience = configuration["Jwt:Audience"] ?? Audience,
                ValidateIssuer = authority is not null || configuration["Jwt:Issuer"] is not null,
                ValidIssuer = configuration["Jwt:Issuer"],
                ClockSkew = TimeSpan.FromMinutes(1),
            };
            if (known is var (signing, algorithms))
                (jwt.TokenValidationParameters.IssuerSigningKey, jwt.TokenValidationParameters.ValidAlgorithms) = (signing, algorithms);
            jwt.Events = new()
            {
                OnTokenValidated = validated =>
                {
                    if (string.IsNullOrWhiteSpace(validated.Principal?.FindFirstValue("sub")))
                        validated.Fail("the token names nobody: it has no sub");
                    return Task.CompletedTask;
                },
            };
        });
        // What says nothing else is for those who have signed in.
        builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        return own;
    }

    /// <summary>For looking around in a sample: the director, who may also do what clerks, officers and administrators do. Good for a day.</summary>
    public static string SampleToken(byte[] key, string director, DateTimeOffset now) => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
    {
        Audience = Audience,
        Claims = new Dictionary<string, object> { ["sub"] = director, ["roles"] = (string[])[Rights.Director, Role.Clerk, Role.Officer, Role.Administrator] },
        Expires = now.UtcDateTime.AddDays(1),
        SigningCredentials = new(new SymmetricSecurityKey(key), SecurityAlgorithms.HmacSha256),
    });

    private static byte[] Secret(string key)
    {
        var bytes = new byte[key.Length];
        return Convert.TryFromBase64String(key, bytes, out var length) && length >= 32
            ? bytes[..length]
            : throw new UserError("bad-key", "Jwt__Key is not 32 bytes or more in base64");
    }

    private static (SecurityKey Key, string[] Algorithms) PublicKey(string file)
    {
        try
        {
            var pem = File.ReadAllText(file);
            if (!pem.Contains("EC ", StringComparison.Ordinal) && TryImport(RSA.Create(), pem) is { } rsa)
                return (new RsaSecurityKey(rsa), [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSsaPssSha256]);
            if (TryImport(ECDsa.Create(), pem) is { } ec)
                return (new ECDsaSecurityKey(ec), [SecurityAlgorithms.EcdsaSha256]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError("bad-key", $"Jwt__KeyFile: {e.Message}");
        }
        throw new UserError("bad-key", $"Jwt__KeyFile: {file} holds no public key of RSA or ECDSA in PEM");
    }

    private static T? TryImport<T>(T algorithm, string pem) where T : AsymmetricAlgorithm
    {
        try
        {
            algorithm.ImportFromPem(pem);
            return algorithm;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            algorithm.Dispose();
            return null;
        }
    }
}
