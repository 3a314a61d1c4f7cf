using System.Text;
using System.Text.Json;
using EventDossier.Alerts;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Procedures;
using Microsoft.AspNetCore.Mvc;

namespace EventDossier.Web;

/// <summary>Histories step by step, and the process that they make, for auditors.</summary>
internal static class AuditRoutes
{
    private const int MostBytesOfRules = 4 << 20;

    public static void MapAudit(this WebApplication app)
    {
        var audit = app.MapGroup("/api/audit").WithTags("audit");
        audit.MapGet("/{code}", ReplayAsync).WithSummary("A dossier's history step by step: what each event changed, the clock, due dates and alerts; or what lies between two moments").Takes("from", "to");
        audit.MapPost("/counterfactual", CounterfactualAsync).Takes("code", "past", "limit")
            .WithSummary("What would differ under other rules: who would have been late, which alerts would have come; nothing is written")
            .WithMetadata(new RequestSizeLimitAttribute(MostBytesOfRules), new Description.Body(
            [
                ("ladder", "An object as `ladder import` takes it, for every dossier at all times"),
                ("calendar", "A list of decisions as `calendar import` takes it"),
                ("procedures", "A list of versions as `procedures import` takes it, in the product's own JSON"),
            ]));
        app.MapGet("/api/process", ProcessAsync).WithTags("audit").WithSummary("The process as it is lived: what follows what, variants, rework, hand-overs, bottlenecks, and the procedure's steps beside it")
            .Takes("procedure", "unit", "from", "to");
        app.MapGet("/api/process/map.svg", MapAsync).WithTags("audit").WithSummary("The same as a picture, with its text").Takes("procedure", "unit", "from", "to");
    }

    private static async Task<IResult> ReplayAsync(string code, HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Audit, centre, cancel);
        var (dossier, from, to) = (Asked.Code(code), Asked.AsOf(request, "from"), Asked.AsOf(request, "to"));
        return from is null && to is null
            ? Results.Ok(new { code = dossier, steps = await Replay.OfAsync(centre.Database, dossier, centre.Now, cancel) })
            : Results.Ok(Replay.Between(dossier, await History.ReadAsync(centre.Database.Log, dossier, new(), cancel), from ?? new(Version: 0), to ?? new()));
    }

    private static async Task<IResult> CounterfactualAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Audit, centre, cancel);
        var (code, past, limit, other) = (Asked.Text(request, "code"), Asked.Flag(request, "past") is true, Asked.Limit(request), Rules(await ActBody.ElementAsync(request, cancel)));
        return Results.Ok(await Counterfactual.OfAsync(centre.Database, other, centre.Now, past, limit, code, cancel: cancel));
    }

    /// <exception cref="UserError"><c>bad-field</c></exception>
    private static OtherRules Rules(JsonElement body)
    {
        var (ladder, calendar, procedures) = (default(LadderDecided?), default(IReadOnlyList<CalendarDecision>?), default(IReadOnlyList<ProcedurePublished>?));
        foreach (var field in body.EnumerateObject())
        {
            var json = Encoding.UTF8.GetBytes(field.Value.GetRawText());
            try
            {
                if (field.NameEquals("ladder"))
                    ladder = Ladders.Parse(json);
                else if (field.NameEquals("calendar"))
                    calendar = CalendarData.ParseDecisions(json);
                else if (field.NameEquals("procedures"))
                    procedures = ProcedureFile.Parse(field.Value.GetRawText(), "the list");
                else
                    throw new UserError("bad-field", $"$.{field.Name}: ladder, calendar and procedures are taken");
            }
            catch (Exception e) when (e is JsonException or UserError { Code: "bad-ladder" or "bad-file" })
            {
                throw new UserError("bad-field", $"$.{field.Name}: {e.Message.ReplaceLineEndings(" ")}");
            }
        }
        return (ladder, calendar, procedures) is (null, null, null) ? throw new UserError("bad-field", "$: name a ladder, a calendar or procedures") : new(ladder, calendar, procedures);
    }

    private static async Task<IResult> ProcessAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel) =>
        Results.Ok(await ReportAsync(request, caller, centre, cancel));

    private static async Task<IResult> MapAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel) =>
        Results.Text(ProcessMap.Svg(await ReportAsync(request, caller, centre, cancel)), "image/svg+xml", Encoding.UTF8);

    private static async Task<ProcessReport> ReportAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Audit, centre, cancel);
        var query = new ProcessQuery(Asked.Text(request, "procedure"), Asked.Text(request, "unit"), Asked.Moment(request, "from"), Asked.Moment(request, "to"));
        return await ProcessView.OfAsync(centre.Database, query, cancel: cancel);
    }
}
