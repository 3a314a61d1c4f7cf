using System.Globalization;
using EventDossier.Organisation;
using EventDossier.Web.Slips;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>The register, form 07, and every other sheet that is printed.</summary>
public sealed partial class RegisterPage
{
    [Parameter, EditorRequired] public IReadOnlyList<(string Code, string Name)> Agencies { get; set; } = [];
    [Parameter, EditorRequired] public string Day { get; set; } = "";

    internal static void Map(Site site)
    {
        site.Get("/register", Rights.Names, ShowAsync, "Which register is to be printed").InMenu("Register", "Sổ theo dõi", caller => Rights.Of(caller, Rights.Names) > Reach.Own);
        site.Get("/register/print", Rights.Names, SlipRoutes.RegisterAsync, "The register of an agency and a day, to print");
        site.Get("/dossiers/{code}/slips/{slip}", Rights.Dossiers, SlipRoutes.PrintAsync, "A slip to print: `01-1` as issued; `04` the draft of an apology; `06` the control slip");
    }

    private static async Task<IResult> ShowAsync(Visit visit)
    {
        var (scope, organisation) = (await visit.ScopeAsync(Rights.Names), (await visit.RulesAsync()).Organisation);
        return visit.Page<RegisterPage>(visit.Say["Register", "Sổ theo dõi hồ sơ"], new
        {
            Day = visit.Now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Agencies = organisation.UnitsAt(visit.Now).Where(u => u.Kind != UnitKind.Division && (scope.Units is null || scope.Units.Contains(u.Code))).Select(u => (u.Code, $"{visit.Say[u.Name]} ({u.Code})")).ToList(),
        });
    }
}
