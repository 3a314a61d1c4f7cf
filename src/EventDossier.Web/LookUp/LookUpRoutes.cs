using System.Globalization;
using System.Text.Json.Serialization;
using System.Threading.RateLimiting;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Record;
using EventDossier.Store;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.RateLimiting;

namespace EventDossier.Web.LookUp;

/// <summary>What citizens may do without signing in, by the code and the key on their slip; and checking a proof, which anybody may.</summary>
internal static class LookUpRoutes
{
    public const string Limited = "look-up";
    public const int MostOfComment = 2_000;
    private const int MostBytesOfProof = 1 << 20;

    public static void AddLookUp(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(services => LookUps.Of(services.GetRequiredService<Database>()));
        // Enough for a family with its slips; for guessing one of 2^60 keys, nothing.
        var perMinute = builder.Configuration["LookUp:PerMinute"] is not { Length: > 0 } text ? 20
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given is > 0 and <= 10_000 ? given
            : throw new UserError("bad-setting", "LookUp__PerMinute is not a whole number from 1 to 10000");
        builder.Services.AddRateLimiter(limits =>
        {
            limits.AddPolicy(Limited, http => RateLimitPartition.GetTokenBucketLimiter($"{http.Connection.RemoteIpAddress}", _ => new()
            {
                TokenLimit = perMinute, TokensPerPeriod = perMinute, ReplenishmentPeriod = TimeSpan.FromMinutes(1), AutoReplenishment = true,
            }));
        });
    }

    public static void MapLookUp(this WebApplication app)
    {
        var lookUp = app.MapGroup("/api/look-up").WithTags("look-up").AllowAnonymous().RequireRateLimiting(Limited);
        lookUp.MapPost("", ShowAsync).WithSummary("Where a dossier stands, for whoever holds its slip 01: by the code and the key on it").Takes("lang").Needs(Examples.Holder).Answers(Examples.LookedUp);
        lookUp.MapPost("/rating", RateAsync).WithSummary("The holder of the slip says how it was, once the result is back").Needs(Examples.Rating).Answers(Examples.Done);
        lookUp.MapPost("/proof", ProveAsync).WithSummary("That the dossier's events stand in the public log, each opened: a file for `dossier proof check`").Needs(Examples.Holder).Answers(Examples.EventProofs);
        app.MapPost("/api/record/check", CheckAsync).WithTags("record").WithSummary("Checks a proof, or several, as `dossier proof check` does").Needs(Examples.ToCheck).Answers(Examples.Checked).AllowAnonymous().RequireRateLimiting(Limited)
            .WithMetadata(new RequestSizeLimitAttribute(MostBytesOfProof));
    }

    private static async Task<IResult> ShowAsync(HttpContext http, SlipHolder holder, LookUps lookUps, Centre centre) => await FindAsync(http, holder, lookUps) is { } events
        ? Results.Ok(LookedUp.Of(events, await centre.Desk.RulesAsync(http.RequestAborted), centre.Now, Asked.Word<Language>(http.Request, "lang") ?? Language.Vi))
        : Unknown();

    private static async Task<IResult> RateAsync(HttpContext http, SlipHolderRating rating, LookUps lookUps, Centre centre)
    {
        if (rating.Comment?.Length > MostOfComment)
            throw new UserError("bad-field", $"$.comment: at most {MostOfComment} characters");
        if (await FindAsync(http, new(rating.Code, rating.Key), lookUps) is not { } events)
            return Unknown();
        var result = await CarryOutAsync(events[0].Stream, rating.Level, rating.Comment, http, centre);
        return result.Refusal is { } refusal ? Problems.Of(refusal) : Results.Ok(new Done(result.Code, result.Version, result.Position));
    }

    /// <summary>As a citizen's act. The right to it is the slip; there is nobody to name but its number.</summary>
    public static async Task<Desk.Result> CarryOutAsync(string code, int level, string? comment, HttpContext http, Centre centre)
    {
        // The same rating of one dossier is the same command: a double click, or a page that is sent again, rates once.
        var (actor, now) = ($"slip:{code}", centre.Now);
        var command = CommandMetadata.IdOf(actor, string.Create(CultureInfo.InvariantCulture, $"rate {level} {comment}"));
        var sealedComment = string.IsNullOrWhiteSpace(comment) ? null : await new Sealer(centre.Database, () => Task.FromResult(centre.Keys), code, command).SealAsync(comment, http.RequestAborted);
        return await ServerEdition.Current.DeliverAsync(
            new("rate", code, new RateDossier(level, sealedComment), new(actor, [Role.Citizen], [], null), Reach.All, new CommandMetadata(command, actor, Role.Citizen), now, now, null, null),
            http.RequestServices, http.RequestAborted);
    }

    private static async Task<IResult> ProveAsync(HttpContext http, SlipHolder holder, LookUps lookUps, RecordProofs proofs) =>
        await FindAsync(http, holder, lookUps) is { } events ? Results.Ok(await proofs.OfEventsAsync(events, null, http.RequestAborted)) : Unknown();

    private static async Task<IResult> CheckAsync(ProofToCheck asked, Centre centre, CancellationToken cancel) => Results.Ok(new CheckedProofs(await CheckProofsAsync(asked, centre.Database, cancel)));

    /// <exception cref="UserError"><c>bad-proof</c>, <c>bad-checkpoint</c>, <c>bad-field</c></exception>
    public static async Task<IReadOnlyList<CheckedProof>> CheckProofsAsync(ProofToCheck asked, Database database, CancellationToken cancel)
    {
        var secret = asked.Secret is not { Length: > 0 } hex ? null
            : hex.Length == 2 * Commitment.SecretBytes && hex.All(char.IsAsciiHexDigit) ? Convert.FromHexString(hex) : throw new UserError("bad-field", "$.secret: 64 hexadecimal digits, as in the slip's QR code");
        var ours = (await RecordKeys.LoadAsync(database, cancel)).Known;
        var proofs = ProofFile.Check(asked.Proof, asked.Proof.StartsWith("c2sp.org/", StringComparison.Ordinal) ? ours.LastOrDefault() : null, [], secret: secret);
        return [.. proofs.Select(proof => proof with { KeyKnown = ours.Any(key => $"{key}" == proof.Vkey) })];
    }

    private static Task<IReadOnlyList<StoredEvent>?> FindAsync(HttpContext http, SlipHolder holder, LookUps lookUps)
    {
        http.Response.Headers.CacheControl = "no-store";
        return lookUps.FindAsync(holder.Code.Trim(), holder.Key, http.RequestAborted);
    }

    /// <summary>Whatever was wrong, code or key, it is the same answer.</summary>
    public static IResult Unknown() => Problems.Of(404, "look-up-failed", "no slip in force has this code and this key");
}

/// <summary>Who holds a slip 01.</summary>
/// <param name="Key">Printed on it.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SlipHolder(string Code, string Key);

/// <param name="Level">1, very dissatisfied, to 5, very satisfied.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SlipHolderRating(string Code, string Key, int Level, string? Comment = null);

/// <param name="Proof">The file's text: JSON, or a C2SP tlog-proof.</param>
/// <param name="Secret">The dossier's, in hex, from the QR code of its slip: the salts must be made of it.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ProofToCheck(string Proof, string? Secret = null);
