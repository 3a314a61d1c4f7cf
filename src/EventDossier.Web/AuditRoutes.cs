using System.Text;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Dossiers;

namespace EventDossier.Web;

/// <summary>Histories step by step, and the process that they make, for auditors.</summary>
internal static class AuditRoutes
{
    public static void MapAudit(this WebApplication app)
    {
        var audit = app.MapGroup("/api/audit").WithTags("audit");
        audit.MapGet("/{code}", ReplayAsync).WithSummary("A dossier's history step by step: what each event changed, the clock, due dates and alerts; or what lies between two moments").Takes("from", "to").AnswersEither<RouteHandlerBuilder, Replayed, ReplayDifference>(Examples.Replayed);
        app.MapGet("/api/process", ProcessAsync).WithTags("audit").WithSummary("The process as it is lived: what follows what, variants, rework, hand-overs, bottlenecks, and the procedure's steps beside it")
            .Takes("procedure", "unit", "from", "to").Answers(Examples.Process);
        app.MapGet("/api/process/map.svg", MapAsync).WithTags("audit").WithSummary("The same as a picture, with its text").Takes("procedure", "unit", "from", "to", "lang").AnswersWith("image/svg+xml");
    }

    private static async Task<IResult> ReplayAsync(string code, HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Audit, centre, cancel);
        var (dossier, from, to) = (Asked.Code(code), Asked.AsOf(request, "from"), Asked.AsOf(request, "to"));
        return from is null && to is null
            ? Results.Ok(new Replayed(dossier, await Replay.OfAsync(centre.Database, dossier, centre.Now, cancel)))
            : Results.Ok(Replay.Between(dossier, await History.ReadAsync(centre.Database.Log, dossier, new(), cancel), from ?? new(Version: 0), to ?? new()));
    }

    private static async Task<IResult> ProcessAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel) =>
        Results.Ok(await ReportAsync(request, caller, centre, cancel));

    private static async Task<IResult> MapAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel) =>
        Results.Text(ProcessMap.Svg(await ReportAsync(request, caller, centre, cancel), Asked.Word<Language>(request, "lang") ?? Language.En), "image/svg+xml", Encoding.UTF8);

    private static async Task<ProcessReport> ReportAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Audit, centre, cancel);
        return await ProcessView.OfAsync(centre.Database, Query(request), cancel: cancel);
    }

    public static ProcessQuery Query(HttpRequest request) =>
        new(Asked.Text(request, "procedure"), Asked.Text(request, "unit"), Asked.Moment(request, "from"), Asked.Moment(request, "to"));
}
