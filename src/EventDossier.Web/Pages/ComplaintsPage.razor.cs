using EventDossier.Complaints;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>The complaints that somebody sees to: never one about them.</summary>
public sealed partial class ComplaintsPage
{
    [Parameter, EditorRequired] public IReadOnlyList<ComplaintTold> Complaints { get; set; } = [];
    [Parameter, EditorRequired] public IReadOnlyList<ComplaintLimit> Limits { get; set; } = [];
    [Parameter] public bool All { get; set; }

    private int Late => Complaints.Count(c => c is { Late: true, Owed: not null });

    internal static void Map(Site site) => site.Get("/complaints", Rights.Complaints, ShowAsync, "Complaints and suggestions that you see to").InMenu("Complaints", "Đơn phản ánh, khiếu nại");

    private static async Task<IResult> ShowAsync(Visit visit)
    {
        var reader = await ComplaintRoutes.ReaderAsync(visit.Caller, visit.Centre, Rights.Complaints, visit.Cancel);
        var (all, calendar) = (visit.Query("all") == "true", (await visit.RulesAsync()).Calendar);
        var complaints = await ComplaintRoutes.DeskOf(visit.Centre).ListAsync(reader, visit.Now, all, visit.Cancel);
        return visit.Page<ComplaintsPage>(visit.Say["Complaints and suggestions", "Đơn phản ánh, kiến nghị, khiếu nại"], new
        {
            Complaints = complaints.Select(c => ComplaintTold.Of(c, calendar, visit.Now)).ToList(), Limits = await ComplaintLimits.AtAsync(visit.Centre.Database, visit.Now, visit.Cancel), All = all,
        });
    }
}
