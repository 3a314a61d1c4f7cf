using EventDossier.Deadlines;
using EventDossier.Dossiers;

namespace EventDossier.Web;

/// <summary>What is late, and why a date is what it is.</summary>
internal static class DeadlineRoutes
{
    public static void MapDeadlines(this WebApplication app)
    {
        var deadlines = app.MapGroup("/api/deadlines").WithTags("deadlines");
        deadlines.MapGet("", OverdueAsync).WithSummary("What is late, or was or will be at a moment, the longest overdue first")
            .Takes("asOf", "knownAt", "position", "agency", "unit", "officer", "cursor", "limit", "after").Answers(Examples.Overdue);
        deadlines.MapGet("/{code}", ExplainAsync).WithSummary("How a dossier's due date was found, day by day").Takes("asOf", "knownAt", "lang").Answers(Examples.Explanation);
    }

    private static async Task<IResult> OverdueAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        var scope = await Scope.OfAsync(caller, Rights.Deadlines, centre, cancel);
        if (scope.Reach == Reach.Own)
            throw new UserError("not-allowed", "the board is for those who work on dossiers; a date of your own is at /api/deadlines/CODE");
        var (past, limit, cursor) = (Asked.Past(request), Asked.Limit(request), Asked.Cursor(request, 2));
        var at = past is null ? centre.Now : past.Legal ?? past.Recorded ?? await centre.Database.RecordedAtAsync(past.Position!.Value, cancel) ?? centre.Now;
        var query = new DeadlineBoard.Query(
            Asked.Text(request, "agency"), Asked.Text(request, "unit"), Asked.Text(request, "officer"), cursor is null ? null : (Asked.Key(cursor[0]), cursor[1]), limit)
        {
            Units = scope.Units,
        };
        await Asked.AfterAsync(request, DeadlineBoard.View, centre.Database);
        var calendar = (await centre.Desk.RulesAsync(cancel)).Calendar;
        // What has passed is asked of the log; what is and what lies ahead, of the view.
        var rows = past is not null && (past.Recorded is not null || past.Position is not null || past.Legal < centre.Now)
            ? (await DeadlineBoard.View.OverdueThenAsync(centre.Database, at, past, query, DossierRoutes.Visible(scope), cancel)).Rows
            : await DeadlineBoard.View.OverdueAsync(centre.Database.App, at, query, cancel);
        return Results.Ok(Asked.Page(
            [.. rows.Select(r => new OverdueRow(r.Code, r.Due, r.ReceivedAt, r.FinishedAt, r.Agency, r.Unit, r.Officer, r.Procedure, Late(calendar, r.Due!.Value, at)))],
            limit, row => [Asked.Key(row.Due!.Value), row.Code]));
    }

    /// <summary>Working minutes; null outside the calendar's years.</summary>
    private static int? Late(WorkCalendar calendar, DateTimeOffset due, DateTimeOffset at)
    {
        try
        {
            return calendar.WorkingMinutes(due, at);
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static async Task<IResult> ExplainAsync(string code, HttpContext http, Caller caller, Centre centre)
    {
        var request = http.Request;
        var (asOf, language) = (new AsOf(Asked.Moment(request, "asOf"), Asked.Moment(request, "knownAt")), Asked.Word<Language>(request, "lang") ?? Language.En);
        code = await Aliases.ResolveAsync(centre.Database.Log, Asked.Code(code), http.RequestAborted);
        await DossierRoutes.RefuseAsync(code, Rights.Deadlines, caller, centre, http.RequestAborted);
        var date = await ExplainedDate.OfAsync(centre.Database, code, asOf, http.RequestAborted);
        return Results.Ok(new Explained(date, date.ToLines(language)));
    }
}
