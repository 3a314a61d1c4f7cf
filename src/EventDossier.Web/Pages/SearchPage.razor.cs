using EventDossier.Dossiers;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>Finding a dossier: by what stands in it, or by who applies, which the key store knows. Names that are shown are put down in the access log.</summary>
public sealed partial class SearchPage
{
    private const int PageSize = 50;

    [Parameter, EditorRequired] public string Search { get; set; } = "";
    [Parameter, EditorRequired] public IReadOnlyList<Overview.Row> Rows { get; set; } = [];
    [Parameter] public IReadOnlyDictionary<string, string?>? Names { get; set; }
    [Parameter] public string? Next { get; set; }
    [Parameter] public Func<string?, string> Procedure { get; set; } = code => code ?? "";

    internal static void Map(Site site) => site.Get("/dossiers", Rights.Dossiers, ShowAsync, "Finding a dossier by code, words or applicant");

    private static async Task<IResult> ShowAsync(Visit visit)
    {
        var (request, database, rules, now) = (visit.Http.Request, visit.Centre.Database, await visit.RulesAsync(), visit.Now);
        var search = request.Query["search"].ToString().Trim();
        if (DossierCode.IsCode(search) && (await database.Log.ReadStreamAsync(search, 1, visit.Cancel)).Count > 0)
            return Results.LocalRedirect(Visit.PathOf(search));
        if (await Aliases.FindAsync(database.Log, search, visit.Cancel) is { } former)
            return Results.LocalRedirect(Visit.PathOf(former));
        var named = Rights.Of(visit.Caller, Rights.Names) > Reach.Nothing;
        var scope = await visit.ScopeAsync(named ? Rights.Names : Rights.Dossiers);
        var query = new Overview.Query(search.Length == 0 ? null : search, After: Asked.Cursor(request, 1)?[0], Limit: PageSize) { Units = scope.Units, Applicant = scope.Applicant };
        var rows = await Overview.View.FindAsync(database.App, query, visit.Cancel);
        var next = Asked.Page(rows, PageSize, row => [row.Code]).Next;
        // Whose name or number it may be is asked only where names may be known, and only on the first page.
        if (named && search.Length > 2 && query.After is null && scope.Applicant is null)
        {
            foreach (var applicant in await visit.Centre.Keys.FindAsync(search, limit: 20, visit.Cancel))
                rows = [.. rows, .. await Overview.View.FindAsync(database.App, new(Limit: PageSize) { Units = scope.Units, Applicant = $"{applicant}" }, visit.Cancel)];
            rows = [.. rows.DistinctBy(row => row.Code).Take(2 * PageSize)];
        }
        return visit.Page<SearchPage>(visit.Say["Dossiers", "Hồ sơ"], new
        {
            Search = search, Rows = rows, Next = next, Names = named ? await visit.Centre.Personal.NamesAsync(Asked.Reader(visit.Http, visit.Caller, Rights.Names), rows, visit.Cancel) : null,
            Procedure = (Func<string?, string>)(code => code is null ? "–" : rules.Procedure(code, now)?.Published.Name ?? code),
        });
    }
}
