using System.Globalization;
using EventDossier.Deadlines;
using EventDossier.Organisation;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>People and units as they are, were or are decided to be.</summary>
public sealed partial class OrganisationPage
{
    [Parameter, EditorRequired] public IReadOnlyList<UnitTold> Units { get; set; } = [];
    [Parameter] public IReadOnlyList<(string Code, string Name)> Agencies { get; set; } = [];
    [Parameter] public string? Unit { get; set; }
    [Parameter] public string At { get; set; } = "";
    [Parameter] public IReadOnlyList<DelegationGiven> Delegations { get; set; } = [];
    [Parameter] public bool MayChange { get; set; }
    [Parameter] public string? Done { get; set; }

    internal static void Map(Site site)
    {
        site.Get("/organisation", Rights.Procedures, ShowAsync, "Units, posts, holders and deputies at a moment")
            .InMenu("People and units", "Tổ chức", caller => Rights.Of(caller, Rights.Rules) > Reach.Nothing);
        OrganisationChangePage.Map(site);
    }

    private static async Task<IResult> ShowAsync(Visit visit)
    {
        var (request, organisation) = (visit.Http.Request, (await visit.RulesAsync()).Organisation);
        var unit = visit.Query("unit");
        var at = visit.Query("at") is null ? visit.Now : Asked.Moment(request, "at")!.Value.AddHours(12);
        return visit.Page<OrganisationPage>(visit.Say["People and units", "Tổ chức"], new
        {
            Units = AdministrationRoutes.Units(organisation, at, unit), Unit = unit, At = WorkCalendar.Vietnam.Local(at).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Delegations = organisation.DelegationsAt(at), MayChange = Rights.Of(visit.Caller, Rights.Rules) > Reach.Nothing, Done = DoneOf(visit),
            Agencies = organisation.UnitsAt(at).Where(u => u.Kind != UnitKind.Division).Select(u => (u.Code, visit.Say[u.Name])).ToList(),
        });
    }

    private static string? DoneOf(Visit visit)
    {
        var change = OrganisationChanges.All.FirstOrDefault(c => c.Name == visit.Query("done"));
        return change is null ? null : change.Events is not null ? $"{visit.Say["Done", "Đã thực hiện"]}: {visit.Say[change.Title]}"
            : visit.Say[$"{Asked.Number(visit.Http.Request, "count")} dossiers go on with somebody else.", $"Đã bàn giao {Asked.Number(visit.Http.Request, "count")} hồ sơ."];
    }

    private static string Link(string change, params (string Name, string Value)[] known) =>
        $"/organisation/{change}{QueryString.Create(known.Select(k => KeyValuePair.Create(k.Name, (string?)k.Value)))}";

    private string Title(string change) => Say[OrganisationChanges.Of(change).Title];
}
