using EventDossier.Applicants;
using EventDossier.Dossiers;
using EventDossier.Retention;
using EventDossier.Store;

namespace EventDossier.Web;

/// <summary>Who is past their retention, and their erasure by two persons, a list at a time.</summary>
internal static class RetentionRoutes
{
    public static void MapRetention(this WebApplication app)
    {
        var retention = app.MapGroup("/api/retention").WithTags("retention");
        retention.MapGet("", DueAsync).Takes("asOf", "cursor", "limit", "after").WithSummary("Whose retention has ended at a moment, now unless given, by id; and what stands in the way of the rest").Answers(Examples.Retention);
        retention.MapGet("/proposals", ListAsync).WithSummary("The lists that were proposed to be erased").Answers(Examples.ErasureProposals);
        retention.MapPost("/proposals", ProposeAsync).WithSummary($"Proposes to erase up to {ErasureProposal.MostApplicants} of those whose retention had ended by `asOf`: `number`, `asOf`, `basis`").Needs(Examples.ErasureProposing).Answers(Examples.ErasureProposed);
        retention.MapPost("/approvals", ApproveAsync).WithSummary("A second person approves the list `number`, and it is carried out").Needs(Examples.ErasureNumber).Answers(Examples.ErasureProposed);
        retention.MapPost("/refusals", RefuseAsync).WithSummary("A second person refuses the list `number`, for a `reason`").Needs(Examples.ErasureRefusal).Answers(Examples.ErasureProposed);
        retention.MapPost("/erasures", CarryOutAsync).WithSummary("Brings the approved list `number`, which was broken off, to its end").Needs(Examples.ErasureNumber).Answers(Examples.ErasureProposed);
    }

    internal sealed record Proposing(string? Number = null, string? AsOf = null, string? Basis = null);

    internal sealed record Numbered(string? Number = null);

    internal sealed record Refusing(string? Number = null, string? Reason = null);

    public static RetentionDesk DeskOf(Centre centre) => new(centre.Database, () => Task.FromResult(new Erasures(centre.Database, centre.Keys, ErasureRegister.In(centre.Place.DataFolder, centre.Database.IsSample))));

    /// <exception cref="UserError"><c>bad-query</c></exception>
    public static (DateTimeOffset At, Guid? After) Asks(HttpRequest request, Centre centre) => (
        Asked.Moment(request, "asOf") ?? centre.Now,
        Asked.Cursor(request, 1) is not { } cursor ? null : Guid.TryParse(cursor[0], out var id) ? id : throw new UserError("bad-query", "cursor: the next of a page before"));

    public static async Task<DuePart> PartAsync(Centre centre, DateTimeOffset at, Guid? after, int limit, CancellationToken cancel)
    {
        var page = Asked.Page(await RetentionDue.ListAsync(centre.Database, at, after, limit, cancel), limit, due => [$"{due.Applicant}"]);
        return new(at, await RetentionDue.CountAsync(centre.Database, at, cancel), page.Items, page.Next);
    }

    private static async Task<IResult> DueAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Retention, centre, cancel);
        await Asked.AfterAsync(request, Overview.View, centre.Database);
        var (at, after) = Asks(request, centre);
        return Results.Ok(await PartAsync(centre, at, after, Asked.Limit(request), cancel));
    }

    private static async Task<IResult> ListAsync(Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Retention, centre, cancel);
        return Results.Ok(new Listed<ErasureProposal>(await ErasureProposal.AllAsync(centre.Database, cancel)));
    }

    private static async Task<IResult> ProposeAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Proposing>(http.Request);
        var act = new ProposeErasures(Bodies.Moment("asOf", body.AsOf)!.Value, body.Basis ?? "");
        return Of(await DeskOf(centre).ProposeAsync(Bodies.Text("number", body.Number), act, await ContextAsync(http, caller, centre), http.RequestAborted));
    }

    private static async Task<IResult> ApproveAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Numbered>(http.Request);
        return Of(await DeskOf(centre).DecideAsync(Bodies.Text("number", body.Number), new(), await ContextAsync(http, caller, centre), cancel: http.RequestAborted));
    }

    private static async Task<IResult> RefuseAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Refusing>(http.Request);
        return Of(await DeskOf(centre).DecideAsync(Bodies.Text("number", body.Number), new(Refused: body.Reason ?? ""), await ContextAsync(http, caller, centre), cancel: http.RequestAborted));
    }

    private static async Task<IResult> CarryOutAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Numbered>(http.Request);
        return Of(await DeskOf(centre).CarryOutAsync(Bodies.Text("number", body.Number), await ContextAsync(http, caller, centre), cancel: http.RequestAborted));
    }

    private static IResult Of(RetentionDesk.Result result) => result.Refusal is { } refusal ? Problems.Of(refusal) : Results.Ok(result.Proposal);

    private static async Task<ActContext> ContextAsync(HttpContext http, Caller caller, Centre centre)
    {
        await Scope.OfAsync(caller, Rights.RetentionActs, centre, http.RequestAborted);
        return Bodies.Context(http, caller, centre, caller.Roles.Contains(Role.Administrator) ? Role.Administrator : Role.Supervisor);
    }
}

/// <summary>A part of the list, beside the counts of all.</summary>
/// <param name="Next">What <c>cursor=</c> takes for the part after it; null where there is none.</param>
public sealed record DuePart(DateTimeOffset AsOf, RetentionCounts Counts, IReadOnlyList<DueApplicant> Items, string? Next);
