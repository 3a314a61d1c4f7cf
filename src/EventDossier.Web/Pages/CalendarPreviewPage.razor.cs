using EventDossier.Deadlines;
using EventDossier.Dossiers;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>What a decision on the calendar would move, and entering it.</summary>
public sealed partial class CalendarPreviewPage
{
    [Parameter, EditorRequired] public string Json { get; set; } = "";
    [Parameter, EditorRequired] public IReadOnlyList<CalendarDecision> Decisions { get; set; } = [];
    [Parameter] public LongTasks.State? State { get; set; }

    private IReadOnlyList<Reprojection.Move> Moves => State?.Result as IReadOnlyList<Reprojection.Move> ?? [];

    internal static void Map(Site site)
    {
        site.Get("/calendar/preview", Rights.Rules, Show, "What a decision on the calendar would move");
        site.Post("/calendar", Rights.Rules, EnterAsync, "Enters a decision on the calendar");
    }

    private static Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult<CalendarPreviewPage> Show(Visit visit, LongTasks tasks, string decision)
    {
        var state = tasks.Find(AdministrationRoutes.PreviewOf(visit.Caller));
        if (state is { IsRunning: true })
            visit.Http.Response.Headers["Refresh"] = "2";
        return visit.Page<CalendarPreviewPage>(visit.Say["What it would move", "Hồ sơ thay đổi hạn"], new { Json = decision, Decisions = AdministrationRoutes.Decisions(decision), State = state });
    }

    private static async Task<IResult> EnterAsync(Visit visit, ITimetable timetable)
    {
        var decisions = AdministrationRoutes.Decisions((await visit.Http.Request.ReadFormAsync(visit.Cancel))["decision"].ToString());
        await AdministrationRoutes.EnterDecisionsAsync(decisions, visit.Caller, visit.Centre, visit.Cancel);
        // The open dossiers are told by the job; it would come within a minute anyway.
        await timetable.TriggerAsync("reproject", visit.Cancel);
        return Results.LocalRedirect($"/calendar?year={(decisions[0].DaysOff is [var first, ..] ? first.Date.Year : visit.Now.Year)}");
    }
}
