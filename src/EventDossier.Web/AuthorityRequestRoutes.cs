using EventDossier.Applicants;
using EventDossier.Dossiers;
using EventDossier.Requests;

namespace EventDossier.Web;

/// <summary>Requests of courts and inspections: the register, the second person's word, and what is handed over.</summary>
internal static class AuthorityRequestRoutes
{
    public static void MapAuthorityRequests(this WebApplication app)
    {
        var requests = app.MapGroup("/api/authority-requests").WithTags("requests of authorities");
        requests.MapGet("", ListAsync).WithSummary("The register of requests of courts and inspections").Answers(Examples.AuthorityRequests);
        requests.MapPost("", EnterAsync).WithSummary("Enters a request and holds the dossiers in its scope: `number`, `body`, `from`, `letter`, `dossiers`, `basis`, `names`, `answerBy`")
            .Needs(Examples.AuthorityAsking).Answers(Examples.AuthorityRequestEntered);
        requests.MapPost("/approvals", ApproveAsync).WithSummary("A second person answers for the request `number`").Needs(Examples.AuthorityApproval).Answers(Examples.AuthorityRequestEntered);
        requests.MapPost("/refusals", RefuseAsync).WithSummary("A second person refuses the request `number`, for a `reason`; the holds end").Needs(Examples.AuthorityRefusal).Answers(Examples.AuthorityRequestEntered);
        requests.MapPost("/hand-overs", HandOverAsync).WithSummary("A zip of the evidence packs and the `minutes` of the request `number`, for who takes them (`to`); their checksums are put down before").Needs(Examples.AuthorityHandOver).AnswersWith("application/zip");
        requests.MapPost("/closures", CloseAsync).WithSummary("The matter of the request `number` is over, for a `reason`; the holds end").Needs(Examples.AuthorityRefusal).Answers(Examples.AuthorityRequestEntered);
    }

    internal sealed record Asking(
        string? Number = null, AuthorityBody? Body = null, string? From = null, string? Letter = null, IReadOnlyList<string>? Dossiers = null, string? Basis = null, bool? Names = null, string? AnswerBy = null);

    internal sealed record Approval(string? Number = null);

    internal sealed record Ending(string? Number = null, string? Reason = null);

    internal sealed record HandOver(string? Number = null, string? To = null, string? Minutes = null);

    public static AuthorityRequestDesk DeskOf(Centre centre) => new(centre.Database, centre.Desk);

    private static async Task<IResult> ListAsync(Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.AuthorityRequests, centre, cancel);
        return Results.Ok(new Listed<AuthorityRequest>(await AuthorityRequest.AllAsync(centre.Database, cancel)));
    }

    private static async Task<IResult> EnterAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Asking>(http.Request);
        var act = new EnterAuthorityRequest(
            body.Body ?? throw Bodies.Bad("body", "missing"), body.From ?? "", body.Letter ?? "", body.Dossiers ?? [], body.Basis ?? "", body.Names ?? false, Bodies.Moment("answerBy", body.AnswerBy, optional: true));
        return Of(await DeskOf(centre).EnterAsync(Bodies.Text("number", body.Number), act, await ContextAsync(http, caller, centre), http.RequestAborted));
    }

    private static async Task<IResult> ApproveAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Approval>(http.Request);
        return Of(await DeskOf(centre).DecideAsync(Bodies.Text("number", body.Number), new(), await ContextAsync(http, caller, centre), http.RequestAborted));
    }

    private static async Task<IResult> RefuseAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Ending>(http.Request);
        return Of(await DeskOf(centre).DecideAsync(Bodies.Text("number", body.Number), new(Refused: body.Reason ?? ""), await ContextAsync(http, caller, centre), http.RequestAborted));
    }

    private static async Task<IResult> CloseAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Ending>(http.Request);
        return Of(await DeskOf(centre).CloseAsync(Bodies.Text("number", body.Number), new(body.Reason ?? ""), await ContextAsync(http, caller, centre), http.RequestAborted));
    }

    /// <summary>Whoever hands names out must be one who may know them all.</summary>
    private static async Task<IResult> HandOverAsync(HttpContext http, Caller caller, Centre centre)
    {
        var (body, cancel) = (await Bodies.ReadAsync<HandOver>(http.Request), http.RequestAborted);
        var (context, number) = (await ContextAsync(http, caller, centre), Bodies.Text("number", body.Number));
        if (await DeskOf(centre).FindAsync(number, cancel) is { Asked.Names: true } && Rights.Of(caller, Rights.Names) != Reach.All)
            throw new UserError("not-allowed", "the packs of this request name the applicants: somebody hands them over who may know them");
#pragma warning disable RS0030 // Composition: here a request gets its id.
        var reader = new Reader(Guid.NewGuid(), caller.Actor, caller.Roles.MaxBy(role => Rights.Of(caller with { Roles = [role] }, Rights.Names)) ?? "", "POST /api/authority-requests/hand-overs", number);
#pragma warning restore RS0030
        var over = await DeskOf(centre).HandOverAsync(number, new(body.To ?? "", body.Minutes ?? ""), context, (centre.Personal, reader), cancel);
        if (over.Refusal is { } refusal)
            return Problems.Of(refusal);
        http.Response.Headers.CacheControl = "no-store";
        return Results.File(over.ToZip(), "application/zip", $"{number.Replace('/', '-')}.zip");
    }

    private static IResult Of(AuthorityRequestDesk.Result result) => result.Refusal is { } refusal ? Problems.Of(refusal) : Results.Ok(result.Request);

    private static async Task<ActContext> ContextAsync(HttpContext http, Caller caller, Centre centre)
    {
        await Scope.OfAsync(caller, Rights.AuthorityRequestActs, centre, http.RequestAborted);
        return Bodies.Context(http, caller, centre, caller.Roles.Contains(Role.Administrator) ? Role.Administrator : Role.Supervisor);
    }
}
