using EventDossier.Dossiers;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>Where an auditor begins.</summary>
public sealed partial class AuditPage
{
    [Parameter] public string? Code { get; set; }
    [Parameter] public string? Fault { get; set; }

    internal static void Map(Site site) => site.Get("/audit", Rights.Audit, ShowAsync, "Where an auditor begins").InMenu("Audit", "Kiểm tra");

    private static async Task<IResult> ShowAsync(Visit visit)
    {
        var say = visit.Say;
        var code = visit.Query("code")?.Trim();
        if (code is null)
            return visit.Page<AuditPage>(say["Audit", "Kiểm tra"], new { });
        return DossierCode.IsCode(code) && (await visit.Centre.Database.Log.ReadStreamAsync(code, 1, visit.Cancel)).Count > 0
            ? Results.LocalRedirect($"/audit/{Uri.EscapeDataString(code)}")
            : visit.Page<AuditPage>(say["Audit", "Kiểm tra"], new { Code = code, Fault = say[$"There is no dossier {code}.", $"Không có hồ sơ {code}."] }, 422);
    }
}
