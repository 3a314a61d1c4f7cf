using System.Text.Json;
using EventDossier.Deadlines;
using EventDossier.Figures;
using EventDossier.Procedures;

namespace EventDossier.Web;

/// <summary>Procedures, and the figures of Form 06.</summary>
internal static class CatalogueRoutes
{
    public static void MapCatalogue(this WebApplication app)
    {
        app.MapGet("/api/procedures", ListAsync).WithTags("procedures").WithSummary("Procedures in force at a moment, by code").Takes("at", "agency", "cursor", "limit").Answers(Examples.Procedures);
        app.MapGet("/api/procedures/{code}", ShowAsync).WithTags("procedures").WithSummary("All versions of a procedure").Answers(Examples.Versions);
        app.MapGet("/api/figures", FiguresAsync).WithTags("figures")
            .WithSummary("Form 06: what came in and what became of it; divided by agency, procedure, channel or month, with the promises and the index of Decision 766")
            .Takes("period", "agency", "by", "list", "asOf", "knownAt", "position").AnswersEither<RouteHandlerBuilder, DividedFigures.Report, Form06Told>(Examples.DividedFigures);
        app.MapGet("/api/public/figures", (PublicFigures figures) => figures.Latest() is { } latest ? Results.Ok(latest) : Problems.Of(503, "being-counted", "the figures are being counted; ask again in a moment"))
            .WithTags("figures").WithSummary("Form 06 of the whole centre by quarters that have ended, rounded to tens, for anybody").AllowAnonymous().Answers(Examples.PublicFigures);
        app.MapGet("/api/figures/alerts", AlertsAsync).WithTags("figures").WithSummary("How many alerts reach each person, and in what working time they are acknowledged").Takes("period", "agency").Answers(Examples.AlertFigures);
    }

    private static async Task<IResult> ListAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Procedures, centre, cancel);
        var (at, agency, limit, after) = (Asked.Moment(request, "at") ?? centre.Now, Asked.Text(request, "agency"), Asked.Limit(request), Asked.Cursor(request, 1)?[0]);
        var rules = await centre.Desk.RulesAsync(cancel);
        var found = rules.Procedures.Keys.Where(code => after is null || string.CompareOrdinal(code, after) > 0).Order(StringComparer.Ordinal)
            .Select(code => rules.Procedure(code, at)).OfType<Procedure.Version>()
            .Where(version => agency is null || version.Published.Agency == agency)
            .Take(limit).ToList();
        return Results.Ok(Asked.Page(found, limit, version => [version.Published.Code]));
    }

    private static async Task<IResult> ShowAsync(string code, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Procedures, centre, cancel);
        return (await centre.Desk.RulesAsync(cancel)).Procedures.GetValueOrDefault(Asked.Code(code)) is { } versions
            ? Results.Ok(versions)
            : throw new UserError("no-such-procedure", $"no procedure has the code {code}");
    }

    private static async Task<IResult> FiguresAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        var (from, to, agency) = await PeriodAsync(request, caller, centre, cancel);
        var (list, past) = (Asked.Word<Bucket>(request, "list"), Asked.Past(request));
        if (Asked.Word<Division>(request, "by") is { } by)
        {
            return Results.Ok(past is null
                ? await centre.Figures.DividedAsync(from, to, by, agency, list, cancel)
                : await DividedFigures.OfAsync(centre.Database, from, to, by, agency, list, past, cancel));
        }
        var report = past is null
            ? await centre.Figures.Form06Async(from, to, agency, list, cancel)
            : await Form06.OfAsync(centre.Database, from, to, agency, list, past, cancel);
        return Results.Ok(new Form06Told(
            report.From, report.To, report.AsOf, report.Position, report.Definition, report.Outside, report.Rows.All(r => r.Reconciles),
            [.. report.Rows.Select(r => new Form06Row(r.Agency, r.CameIn, r.Accounted, r.Counts()))], report.Total.Counts(),
            list is null ? null : report.Dossiers));
    }

    private static async Task<IResult> AlertsAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        var (from, to, agency) = await PeriodAsync(request, caller, centre, cancel);
        return Results.Ok(await centre.Figures.AlertsAsync(from, to, centre.Now, agency, cancel));
    }

    /// <summary>What is asked for, as far as the caller's right goes.</summary>
    private static async Task<(DateTimeOffset From, DateTimeOffset To, string? Agency)> PeriodAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        var scope = await Scope.OfAsync(caller, Rights.Figures, centre, cancel);
        var (agency, period) = (Asked.Text(request, "agency"), Asked.Text(request, "period") ?? $"{centre.Now:yyyy}");
        if (scope.Units is { } units && (agency is null || !units.Contains(agency)))
            throw new UserError("not-allowed", "name the agency whose figures you want, one of yours");
        return CentreTime.ReadPeriod(period) is var (from, to) ? (from, to, agency) : throw new UserError("bad-query", "period: 2026, 2026-Q1 or 2026-10");
    }
}
