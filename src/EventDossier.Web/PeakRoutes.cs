using System.Globalization;
using EventDossier.Collecting;
using EventDossier.Dossiers;
using EventDossier.Queues;
using EventDossier.Store;
using EventDossier.Web.LookUp;
using EventDossier.Web.Slips;

namespace EventDossier.Web;

/// <summary>What helps at peaks: numbers drawn at a counter, many slips at once, and results that nobody fetches.</summary>
internal static class PeakRoutes
{
    public static void MapPeaks(this WebApplication app)
    {
        var queue = app.MapGroup("/api/queue").WithTags("queue");
        queue.MapGet("", DayAsync).WithSummary("The tickets of a place (`unit`) and a day, by number").Takes("unit", "day").Answers(Examples.Tickets);
        queue.MapPost("/tickets", TakeAsync).WithSummary("Draws the next number of a place: `place`, `service`").Needs(Examples.TicketAsked).Answers(Examples.Ticket);
        queue.MapPost("/calls", CallAsync).WithSummary("Calls whoever waits longest at a `place` to a `counter`, or the `ticket` named, again if need be").Needs(Examples.TicketCall).Answers(Examples.Ticket);
        queue.MapPost("/services", ServeAsync).WithSummary("Who holds the `ticket` was served, and which `dossier` came of it").Needs(Examples.TicketService).Answers(Examples.Ticket);
        queue.MapPost("/leavings", LeaveAsync).WithSummary("Nobody came with the `ticket`, or they left, for a `reason`").Needs(Examples.TicketLeaving).Answers(Examples.Ticket);
        app.MapGet("/api/figures/counter-time", FiguresAsync).WithTags("figures").WithSummary("How long people waited and were served, against the target of 15 minutes, with the tickets in pages")
            .Takes("period", "unit", "cursor", "limit").Answers(Examples.CounterTime);
        app.MapPost("/api/batch/slips", PrintAsync).WithTags("batch").WithSummary("The newest slips 01 of many dossiers (`codes`) as one sheet to print; what can't be printed stands on its first page")
            .Needs(Examples.SlipsAsked).AnswersWith("text/html");
        var uncollected = app.MapGroup("/api/uncollected").WithTags("uncollected results");
        uncollected.MapGet("", UncollectedAsync).WithSummary("Results that are ready and that nobody fetched, the longest waiting first").Takes("cursor", "limit").Answers(Examples.Uncollected);
        uncollected.MapGet("/rule", RuleAsync).WithSummary("When applicants are reminded").Answers(Examples.Rule);
        uncollected.MapPost("/rule", DecideAsync).WithSummary("Decides when applicants are reminded: `afterWorkingDays`, `basis`, `from`").Needs(Examples.RuleDecided).Answers(Examples.Rule);
    }

    internal sealed record Drawn(string? Place = null, string? Service = null);

    internal sealed record Call(string? Place = null, string? Ticket = null, string? Counter = null);

    internal sealed record Service(string? Ticket = null, string? Dossier = null);

    internal sealed record Leaving(string? Ticket = null, string? Reason = null);

    internal sealed record Slips(IReadOnlyList<string>? Codes = null);

    internal sealed record Decided(IReadOnlyList<int>? AfterWorkingDays = null, string? Basis = null, string? From = null);

    private static QueueDesk DeskOf(Centre centre) => new(centre.Database);

    private static async Task<IResult> DayAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Queue, centre, cancel);
        var place = Asked.Text(request, "unit") ?? throw new UserError("bad-query", "unit: the place");
        return Results.Ok(new Listed<Ticket>(await DeskOf(centre).OfDayAsync(place, Day(request, centre), cancel)));
    }

    private static DateOnly Day(HttpRequest request, Centre centre) => Asked.Text(request, "day") is not { } text ? DateOnly.FromDateTime(centre.Now.DateTime)
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : throw new UserError("bad-query", "day: 2026-04-24");

    private static async Task<IResult> TakeAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Drawn>(http.Request);
        return Of(await DeskOf(centre).TakeAsync(Bodies.Text("place", body.Place), body.Service, await ContextAsync(http, caller, centre), http.RequestAborted));
    }

    private static async Task<IResult> CallAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Call>(http.Request);
        var (context, counter) = (await ContextAsync(http, caller, centre), Bodies.Text("counter", body.Counter));
        return Of(body.Ticket is { } ticket
            ? await DeskOf(centre).CallAsync(ticket, counter, context, http.RequestAborted)
            : await DeskOf(centre).CallNextAsync(Bodies.Text("place", body.Place), counter, context, http.RequestAborted));
    }

    private static async Task<IResult> ServeAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Service>(http.Request);
        return Of(await DeskOf(centre).ServeAsync(Bodies.Text("ticket", body.Ticket), body.Dossier, await ContextAsync(http, caller, centre), http.RequestAborted));
    }

    private static async Task<IResult> LeaveAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Leaving>(http.Request);
        return Of(await DeskOf(centre).LeaveAsync(Bodies.Text("ticket", body.Ticket), body.Reason, await ContextAsync(http, caller, centre), http.RequestAborted));
    }

    private static async Task<IResult> FiguresAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.CounterTime, centre, cancel);
        var period = Asked.Text(request, "period") ?? centre.Now.Year.ToString(CultureInfo.InvariantCulture);
        var (from, to) = Deadlines.CentreTime.ReadPeriod(period) ?? throw new UserError("bad-query", "period: 2026, 2026-Q1 or 2026-10");
        return Results.Ok(await CounterTime.OfAsync(centre.Database, from, to, Asked.Text(request, "unit"), Asked.Text(request, "cursor"), Asked.Limit(request), cancel));
    }

    private static async Task<IResult> PrintAsync(HttpContext http, Caller caller, Centre centre, LookUps lookUps, IConfiguration configuration)
    {
        var body = await Bodies.ReadAsync<Slips>(http.Request);
        return body.Codes is { Count: > 0 and <= SlipBatch.Most } codes
            ? await SlipBatch.PrintAsync(codes, http, caller, centre, lookUps, configuration) : throw Bodies.Bad("codes", $"1 to {SlipBatch.Most} dossiers");
    }

    private static async Task<IResult> UncollectedAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        var (scope, cursor, limit) = (await Scope.OfAsync(caller, Rights.Uncollected, centre, cancel), Asked.Cursor(request, 2), Asked.Limit(request));
        var rows = await Uncollected.ListAsync(
            centre.Database, (await centre.Desk.RulesAsync(cancel)).Calendar, centre.Now, scope.Units, cursor is null ? null : (Asked.Key(cursor[0]), cursor[1]), limit, cancel);
        return Results.Ok(Asked.Page(rows, limit, row => [Asked.Key(row.ReadyAt), row.Code]));
    }

    private static async Task<IResult> RuleAsync(Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Uncollected, centre, cancel);
        return Results.Ok(await ReminderRule.AtAsync(centre.Database, centre.Now, cancel));
    }

    private static async Task<IResult> DecideAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Decided>(http.Request);
        await Scope.OfAsync(caller, Rights.Rules, centre, http.RequestAborted);
        var from = Bodies.Moment("from", body.From, optional: true) ?? centre.Now;
        var json = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { afterWorkingDays = body.AfterWorkingDays ?? [], basis = body.Basis ?? "" });
        await ReminderRule.DecideAsync(centre.Database, json, from, Bodies.Context(http, caller, centre, Role.Administrator).Command, http.RequestAborted);
        return Results.Ok(await ReminderRule.AtAsync(centre.Database, from > centre.Now ? from : centre.Now.AddSeconds(1), http.RequestAborted));
    }

    private static IResult Of(QueueDesk.Result result) => result.Refusal is { } refusal ? Problems.Of(refusal) : Results.Ok(result.Ticket);

    private static async Task<ActContext> ContextAsync(HttpContext http, Caller caller, Centre centre)
    {
        await Scope.OfAsync(caller, Rights.QueueActs, centre, http.RequestAborted);
        return Bodies.Context(http, caller, centre, RoleOf(caller));
    }

    public static string RoleOf(Caller caller) =>
        caller.Roles.Contains(Role.Clerk) ? Role.Clerk : caller.Roles.Contains(Role.Administrator) ? Role.Administrator : Role.Supervisor;
}
