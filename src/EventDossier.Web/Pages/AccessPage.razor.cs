using System.Globalization;
using EventDossier.Audit;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>The access log, the newest first.</summary>
public sealed partial class AccessPage
{
    [Parameter] public string? Code { get; set; }
    [Parameter] public string? Actor { get; set; }
    [Parameter] public IReadOnlyList<AccessLog.Row> Rows { get; set; } = [];
    [Parameter] public string? Next { get; set; }

    internal static void Map(Site site) => site.Get("/access", Rights.Audit, ShowAsync, "Who signed in, and who was handed personal data");

    private static async Task<IResult> ShowAsync(Visit visit)
    {
        var request = visit.Http.Request;
        var (code, actor, cursor) = (visit.Query("code")?.Trim(), visit.Query("actor")?.Trim(), visit.Query("cursor") is null ? null : Asked.Cursor(request, 2));
        var rows = await AccessLog.View.FindAsync(visit.Centre.Database.App, code, actor, cursor is null ? default((long, string)?) : (Asked.Whole(cursor[0]), cursor[1]), 50, visit.Cancel);
        var page = Asked.Page(rows, 50, row => [row.Position.ToString(CultureInfo.InvariantCulture), row.Code]);
        return visit.Page<AccessPage>(visit.Say["Who looked at personal data", "Ai đã xem dữ liệu cá nhân"], new { Code = code, Actor = actor, Rows = page.Items, page.Next });
    }
}
