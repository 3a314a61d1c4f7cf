using EventDossier.Audit;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>What <c>dossier verify</c> does, with its progress.</summary>
public sealed partial class VerifyPage
{
    private const int Most = 200;

    [Parameter] public LongTasks.State? State { get; set; }

    private VerifyReport? Report => State?.Result as VerifyReport;

    internal static void Map(Site site)
    {
        site.Get("/audit/verify", Rights.Audit, Show, "Whether everything adds up, and how far the check is");
        site.Post("/audit/verify", Rights.Audit, Begin, "Begins the check");
    }

    private static Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult<VerifyPage> Show(Visit visit, LongTasks tasks)
    {
        var state = tasks.Find(AdministrationRoutes.Verification);
        if (state is { IsRunning: true })
            visit.Http.Response.Headers["Refresh"] = "2";
        return visit.Page<VerifyPage>(visit.Say["Verify", "Kiểm chứng"], new { State = state });
    }

    private static IResult Begin(Visit visit, LongTasks tasks)
    {
        AdministrationRoutes.Verify(visit.Caller, visit.Centre, tasks);
        return Results.LocalRedirect("/audit/verify");
    }
}
