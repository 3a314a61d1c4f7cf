using EventDossier.Complaints;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>The complaints that somebody sees to: never one about them.</summary>
public sealed partial class ComplaintsPage
{
    [Parameter, EditorRequired] public IReadOnlyList<ComplaintTold> Complaints { get; set; } = [];
    [Parameter, EditorRequired] public IReadOnlyList<ComplaintLimit> Limits { get; set; } = [];
    [Parameter] public bool All { get; set; }

    /// <summary>Of all that the visitor sees to, not of this page alone.</summary>
    [Parameter] public int Late { get; set; }
    [Parameter] public string? Next { get; set; }

    private const int PageSize = 50;

    internal static void Map(Site site) => site.Get("/complaints", Rights.Complaints, ShowAsync, "Complaints and suggestions that you see to").InMenu("Complaints", "Đơn phản ánh, khiếu nại");

    private static async Task<IResult> ShowAsync(Visit visit)
    {
        var reader = await ComplaintRoutes.ReaderAsync(visit.Caller, visit.Centre, Rights.Complaints, visit.Cancel);
        var (all, calendar) = (visit.Query("all") == "true", (await visit.RulesAsync()).Calendar);
        var cursor = Asked.Cursor(visit.Http.Request, 2);
        var (page, late) = await ComplaintRoutes.DeskOf(visit.Centre).PageAsync(reader, visit.Now, all, cursor is null ? null : (Asked.Key(cursor[0]), cursor[1]), PageSize, visit.Cancel);
        return visit.Page<ComplaintsPage>(visit.Say["Complaints and suggestions", "Đơn phản ánh, kiến nghị, khiếu nại"], new
        {
            Complaints = page.Select(c => ComplaintTold.Of(c, calendar, visit.Now)).ToList(), Limits = await ComplaintLimits.AtAsync(visit.Centre.Database, visit.Now, visit.Cancel), All = all,
            Late = late, Asked.Page(page, PageSize, c => [Asked.Key(c.Received.OccurredAt), c.Number]).Next,
        });
    }
}
