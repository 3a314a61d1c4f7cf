using System.Text;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Questionnaires;
using EventDossier.Web.LookUp;

namespace EventDossier.Web;

/// <summary>Questionnaires: decided, asked about dossiers whose result was returned, answered by whoever holds the slip, and told as figures.</summary>
internal static class QuestionnaireRoutes
{
    public static void MapQuestionnaires(this WebApplication app)
    {
        var questionnaires = app.MapGroup("/api/questionnaires").WithTags("questionnaires");
        questionnaires.MapGet("", ListAsync).WithSummary("The questionnaires, each in its newest version").Answers(Examples.Questionnaires);
        questionnaires.MapPost("/{code}", DecideAsync).WithSummary("Decides a questionnaire, or its next version: `title`, `questions`, `basis`").Needs(Examples.QuestionnaireFile).Answers(Examples.Questionnaire);
        questionnaires.MapPost("/{code}/invitations", InviteAsync).WithSummary("Asks those whose result was returned in a `period`, of an `agency`, one in `every`; about each dossier once").Needs(Examples.Inviting).Answers(Examples.Invited);
        questionnaires.MapGet("/{code}/figures", FiguresAsync).Takes("period", "agency").WithSummary("Who was asked and answered, and how many are satisfied, by level, beside the target; small counts are hidden").Answers(Examples.QuestionnaireFigures);
        app.MapGet("/api/satisfaction-targets", TargetsAsync).WithTags("questionnaires").Takes("at").WithSummary("What share is to be satisfied, by level").Answers(Examples.Targets);
        app.MapPost("/api/satisfaction-targets", DecideTargetsAsync).WithTags("questionnaires").Takes("from").WithSummary("Decides the targets, from now or a later day on").Needs(Examples.TargetList).Answers(Examples.Targets);
        var lookUp = app.MapGroup("/api/look-up").WithTags("look-up").AllowAnonymous().RequireRateLimiting(LookUpRoutes.Limited);
        lookUp.MapPost("/questionnaires", OpenAsync).WithSummary("What the holder of the slip was asked and has not answered").Needs(Examples.Holder).Answers(Examples.Questionnaires);
        lookUp.MapPost("/answers", AnswerAsync).WithSummary("The holder of the slip answers a questionnaire, once and all of it").Needs(Examples.AnswersGiven).Answers(Examples.AnswersTaken);
    }

    internal sealed record Inviting(string? Period = null, string? Agency = null, int? Every = null);

    /// <param name="Level">1, very dissatisfied, to 5, very satisfied.</param>
    internal sealed record Given(string? Question = null, int? Level = null);

    internal sealed record AnswersGiven(string? Code = null, string? Key = null, string? Questionnaire = null, IReadOnlyList<Given>? Answers = null);

    internal sealed record AnswersTaken(string Code, string Questionnaire);

    public static QuestionnaireDesk DeskOf(Centre centre) => new(centre.Database, centre.Desk);

    /// <exception cref="UserError"><c>bad-field</c></exception>
    public static (DateTimeOffset From, DateTimeOffset To) Period(string? named, Centre centre) =>
        CentreTime.ReadPeriod(named ?? $"{centre.Now:yyyy-MM}") ?? throw Bodies.Bad("period", "2026, 2026-Q1 or 2026-10");

    /// <summary>Who reaches units alone names one of them.</summary>
    /// <exception cref="UserError"><c>not-allowed</c></exception>
    public static async Task AllowAsync(Caller caller, Centre centre, string? agency, CancellationToken cancel)
    {
        if ((await Scope.OfAsync(caller, Rights.Figures, centre, cancel)).Units is { } units && (agency is null || !units.Contains(agency)))
            throw new UserError("not-allowed", "name the agency whose figures you want, one of yours");
    }

    private static async Task<IResult> ListAsync(Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Figures, centre, cancel);
        return Results.Ok(new Listed<Questionnaire>(await Questionnaire.AllAsync(centre.Database, cancel)));
    }

    private static async Task<IResult> DecideAsync(string code, HttpContext http, Caller caller, Centre centre)
    {
        await Scope.OfAsync(caller, Rights.Questionnaires, centre, http.RequestAborted);
        var body = Encoding.UTF8.GetBytes(await Bodies.TextAsync(http.Request));
        return Results.Ok(await DeskOf(centre).DecideAsync(code, body, Bodies.Context(http, caller, centre, Role.Administrator), http.RequestAborted));
    }

    private static async Task<IResult> InviteAsync(string code, HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Inviting>(http.Request);
        await Scope.OfAsync(caller, Rights.Questionnaires, centre, http.RequestAborted);
        var (from, to) = Period(body.Period, centre);
        var result = await DeskOf(centre).InviteAsync(code, from, to, body.Agency, body.Every ?? 1, Bodies.Context(http, caller, centre, Role.Administrator), http.RequestAborted);
        return result.Refusal is { } refusal ? Problems.Of(refusal) : Results.Ok(result);
    }

    private static async Task<IResult> FiguresAsync(string code, HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        var agency = Asked.Text(request, "agency");
        await AllowAsync(caller, centre, agency, cancel);
        var (from, to) = Period(Asked.Text(request, "period"), centre);
        return Results.Ok(await QuestionnaireFigures.OfAsync(centre.Database, code, from, to, agency, cancel));
    }

    private static async Task<IResult> TargetsAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Figures, centre, cancel);
        return Results.Ok(new Listed<SatisfactionTarget>(await SatisfactionTargets.AtAsync(centre.Database, Asked.Moment(request, "at") ?? centre.Now, cancel)));
    }

    private static async Task<IResult> DecideTargetsAsync(HttpContext http, Caller caller, Centre centre)
    {
        await Scope.OfAsync(caller, Rights.Rules, centre, http.RequestAborted);
        var body = Encoding.UTF8.GetBytes(await Bodies.TextAsync(http.Request));
        var now = centre.Now;
        var from = Asked.Moment(http.Request, "from") is { } later && later > now ? later : now;
        await SatisfactionTargets.DecideAsync(centre.Database, body, from, Bodies.Context(http, caller, centre, Role.Administrator).Command, http.RequestAborted);
        return Results.Ok(new Listed<SatisfactionTarget>(await SatisfactionTargets.AtAsync(centre.Database, from, http.RequestAborted)));
    }

    private static async Task<IResult> OpenAsync(HttpContext http, SlipHolder holder, LookUps lookUps, Centre centre)
    {
        http.Response.Headers.CacheControl = "no-store";
        return await lookUps.FindAsync(holder.Code.Trim(), holder.Key, http.RequestAborted) is { } events
            ? Results.Ok(new Listed<Questionnaire>(await DeskOf(centre).OpenAsync(events[0].Stream, http.RequestAborted))) : LookUpRoutes.Unknown();
    }

    private static async Task<IResult> AnswerAsync(HttpContext http, LookUps lookUps, Centre centre)
    {
        var body = await Bodies.ReadAsync<AnswersGiven>(http.Request);
        http.Response.Headers.CacheControl = "no-store";
        if (await lookUps.FindAsync((body.Code ?? "").Trim(), body.Key ?? "", http.RequestAborted) is not { } events)
            return LookUpRoutes.Unknown();
        var (code, questionnaire) = (events[0].Stream, Bodies.Text("questionnaire", body.Questionnaire));
        var refusal = await DeskOf(centre).AnswerAsync(questionnaire, code, [.. (body.Answers ?? []).Select(a => new QuestionAnswer(a?.Question ?? "", a?.Level ?? 0))], centre.Now, http.RequestAborted);
        return refusal is null ? Results.Ok(new AnswersTaken(code, questionnaire)) : Problems.Of(refusal);
    }
}
