using EventDossier.Alerts;
using EventDossier.Applicants;
using EventDossier.Documents;
using EventDossier.Dossiers;
using EventDossier.Store;
using Microsoft.AspNetCore.Mvc;

namespace EventDossier.Web;

/// <summary>A route for each act, made from its rule: what a verb does at a terminal, a POST does here.</summary>
internal static class ActRoutes
{
    private const int MostBytesOfMany = 512 << 10;

    /// <summary>An act on many dossiers.</summary>
    public sealed record Many(Acts.Kind Kind);

    /// <summary>Where the act is posted.</summary>
    public static string Path(Acts.Kind kind) => kind.Request == typeof(ReceiveDossier) ? "/api/dossiers"
        : kind.Rule.Begins ? "/api/dossiers/submissions"
        : $"/api/dossiers/{{code}}/{kind.Rule.Name}";

    /// <summary>Where it is posted for many dossiers at once.</summary>
    public static string BatchPath(Acts.Kind kind) => $"/api/batch/{kind.Rule.Name}";

    /// <summary>In batches, and on dossiers as such, not on their alerts.</summary>
    public static bool IsOfDossiers(Acts.Kind kind) => kind.Rule.InBatches && kind.Request != typeof(AcknowledgeAlert) && kind.Request != typeof(SnoozeAlert);

    public static void MapActs(this WebApplication app)
    {
        foreach (var kind in Acts.All)
        {
            var route = kind switch
            {
                { Rule.Begins: true } => app.MapPost(Path(kind), (HttpContext http, Caller caller, Centre centre) => DoAsync(kind, null, http, caller, centre)),
                _ when kind.Request == typeof(AttachDocument) => app.MapPost(Path(kind), AttachAsync).WithMetadata(new RequestSizeLimitAttribute(DocumentFolder.MostBytes)),
                _ => app.MapPost(Path(kind), (string code, HttpContext http, Caller caller, Centre centre) => DoAsync(kind, Asked.Code(code), http, caller, centre)),
            };
            route.WithName(kind.Rule.Name).WithSummary(kind.Rule.Summary).WithTags("acts").WithMetadata(kind).Answers(Examples.Done, kind.Rule.Begins ? 201 : 200);
        }
        foreach (var kind in Acts.All.Where(IsOfDossiers))
        {
            app.MapPost(BatchPath(kind), (HttpContext http, Caller caller, Centre centre) => DoManyAsync(kind, http, caller, centre))
                .WithName($"{kind.Rule.Name}-batch").WithSummary($"{kind.Rule.Summary}: on many dossiers at once, each answered on its own").WithTags("batch")
                .WithMetadata(new Many(kind), new RequestSizeLimitAttribute(MostBytesOfMany)).Answers(Examples.DoneMany);
        }
        foreach (var kind in Acts.All.Where(k => k.Rule.InBatches && (k.Request == typeof(AssignDossier) || !IsOfDossiers(k))))
        {
            app.MapPost($"/api/alerts/{kind.Rule.Name}", (HttpContext http, Caller caller, Centre centre) => DoManyAsync(kind, http, caller, centre))
                .WithName($"{kind.Rule.Name}-many").WithSummary($"{kind.Rule.Summary}: on many dossiers at once, each answered on its own").WithTags("alerts").WithMetadata(new Many(kind), new RequestSizeLimitAttribute(MostBytesOfMany)).Answers(Examples.DoneMany);
        }
    }

    private static async Task<IResult> DoAsync(Acts.Kind kind, string? code, HttpContext http, Caller caller, Centre centre)
    {
        var body = await ActBody.ReadAsync(http.Request, kind, http.RequestAborted);
        return await DoAsync(kind, code, http, caller, centre, body.IsPersonal, body.MakeAsync, body);
    }

    /// <summary>The document is the body itself; what it is stands in the query, as everything does that stands in the body elsewhere.</summary>
    private static async Task<IResult> AttachAsync(string code, string kind, HttpContext http, Caller caller, Centre centre)
    {
        var attach = Acts.All.Single(k => k.Request == typeof(AttachDocument));
        return await DoAsync(attach, Asked.Code(code), http, caller, centre, personal: true, async (sealer, cancel) =>
        {
            var stored = await centre.Documents.StoreAsync(await sealer.ApplicantAsync(cancel), http.Request.Body, cancel);
            return new AttachDocument(kind, stored.Sha256, stored.Size, http.Request.ContentType ?? "application/octet-stream");
        }, body: null);
    }

    private static async Task<IResult> DoAsync(
        Acts.Kind kind, string? code, HttpContext http, Caller caller, Centre centre, bool personal, Func<Sealer, CancellationToken, Task<object>> make, ActBody? body)
    {
        var result = await CarryOutAsync(kind, code, personal, make, body, Asked.IdempotencyKey(http.Request), Asked.IfMatch(http.Request), caller, http, centre);
        if (result.Refusal is { } refusal)
            return Problems.Of(refusal);
        http.Response.Headers.ETag = Asked.ETag(result.Version);
        var answer = new Done(result.Code, result.Version, result.Position);
        return kind.Rule.Begins ? Results.Created($"/api/dossiers/{Uri.EscapeDataString(result.Code)}", answer) : Results.Ok(answer);
    }

    /// <summary>An act as a route or a form asks for it.</summary>
    /// <param name="personal">Something is sealed or stored before the act is decided: then the right to the dossier is asked for before that, too.</param>
    /// <param name="key">Sent again with the same key it is the same command.</param>
    /// <param name="expected">The version last seen; null for any.</param>
    public static async Task<Desk.Result> CarryOutAsync(
        Acts.Kind kind, string? code, bool personal, Func<Sealer, CancellationToken, Task<object>> make, ActBody? body, string? key, long? expected, Caller caller, HttpContext http, Centre centre)
    {
        var cancel = http.RequestAborted;
        if (Rights.For(caller, kind.Rule, body?.Role) is not var (role, reach))
            return new(code ?? "", 0, 0, NotFor(kind, caller));
        var scope = await Scope.OfAsync(caller, reach, centre, cancel);
        if (personal && code is not null && scope.Right(Dossier.Fold(code, await History.ReadAsync(centre.Database.Log, code, new(), cancel))) is { } refused)
            return new(code, 0, 0, refused);

#pragma warning disable RS0030 // Composition: here a new command gets its id.
        var command = key is null ? Guid.NewGuid() : CommandMetadata.IdOf(caller.Actor, key);
#pragma warning restore RS0030
        var act = await make(new Sealer(centre.Database, () => Task.FromResult(centre.Keys), code, command), cancel);
        return await DeliverAsync(kind, code, act, body, role, reach, command, key, expected, caller, http, centre);
    }

    /// <summary>Under a key each item is a command of its own by its place, so that a request that was cut off is sent again as it was.</summary>
    private static async Task<IResult> DoManyAsync(Acts.Kind kind, HttpContext http, Caller caller, Centre centre)
    {
        var cancel = http.RequestAborted;
        var (items, key) = (await ActBody.ReadManyAsync(http.Request, kind, cancel), Asked.IdempotencyKey(http.Request));
        var results = new Desk.Result[items.Count];
        // Side by side; those of one dossier one after the other, as each changes what the next is decided on.
        await Task.WhenAll(items.Index().GroupBy(item => item.Item.Code).Select(async ofOne =>
        {
            foreach (var (i, (code, body, act)) in ofOne)
            {
#pragma warning disable RS0030 // Composition: here a new command gets its id.
                var command = key is null ? Guid.NewGuid() : CommandMetadata.IdOf(caller.Actor, $"{key}\n{i}");
#pragma warning restore RS0030
                results[i] = Rights.For(caller, kind.Rule, body.Role) is not var (role, reach) ? new(code, 0, 0, NotFor(kind, caller))
                    : await DeliverAsync(kind, code, act, body, role, reach, command, key, expected: null, caller, http, centre);
            }
        }));
        return Results.Ok(new Listed<DoneOrRefused>([.. results.Select(r => new DoneOrRefused(r.Code, r.Version, r.Position, r.Refusal))]));
    }

    private static Refusal NotFor(Acts.Kind kind, Caller caller) => new(
        "not-allowed", $"{kind.Rule.Name} is for {string.Join(", ", kind.Rule.By)}, not for {(caller.Roles.Count == 0 ? "somebody without a role" : string.Join(", ", caller.Roles))}");

    private static Task<Desk.Result> DeliverAsync(
        Acts.Kind kind, string? code, object act, ActBody? body, string role, Reach reach, Guid command, string? key, long? expected, Caller caller, HttpContext http, Centre centre)
    {
        var now = centre.Now;
        var who = new CommandMetadata(
            command, caller.Actor, role, body?.Authority, Correlation: System.Diagnostics.Activity.Current?.TraceId.ToString(),
            Request: key is null ? null : kind.Fingerprint(act, code, body?.At?.ToString("O"), body?.ApprovedBy, body?.Role, body?.Authority));
        return ServerEdition.Current.DeliverAsync(
            new(kind.Rule.Name, code, act, caller, reach, who, now, body?.At ?? now, body?.ApprovedBy, expected), http.RequestServices, http.RequestAborted);
    }
}
