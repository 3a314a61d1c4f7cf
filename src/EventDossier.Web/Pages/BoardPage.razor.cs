using EventDossier.Deadlines;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>What is late, for those who answer for units.</summary>
public sealed partial class BoardPage
{
    private const int PageSize = 100;

    public sealed record Row(string Code, DateTimeOffset? Due, int? MinutesLeft, string? Unit, string? Officer, string? Procedure);

    [Parameter, EditorRequired] public IReadOnlyList<Row> Rows { get; set; } = [];
    [Parameter, EditorRequired] public long Count { get; set; }
    [Parameter, EditorRequired] public DateTimeOffset At { get; set; }
    [Parameter] public IReadOnlyList<(string Code, string Name)> Units { get; set; } = [];
    [Parameter] public string Unit { get; set; } = "";
    [Parameter] public string? Next { get; set; }

    internal static void Map(Site site) => site.Get("/board", Rights.Workload, ShowAsync, "What is late now, the longest first").InMenu("Overdue", "Quá hạn");

    private static async Task<IResult> ShowAsync(Visit visit)
    {
        var (scope, rules, now, say, request) = (await visit.ScopeAsync(Rights.Workload), await visit.RulesAsync(), visit.Now, visit.Say, visit.Http.Request);
        var (unit, cursor) = (visit.Query("unit"), Asked.Cursor(request, 2));
        var query = new DeadlineBoard.Query(Unit: unit, After: cursor is null ? null : (Asked.Key(cursor[0]), cursor[1]), Limit: PageSize) { Units = scope.Units };
        var rows = await DeadlineBoard.View.OverdueAsync(visit.Centre.Database.App, now, query, visit.Cancel);
        return visit.Page<BoardPage>(say["Overdue", "Hồ sơ quá hạn"], new
        {
            Rows = rows.Select(row => Of(visit, rules, row)).ToList(), At = now, Unit = unit ?? "",
            Count = await DeadlineBoard.View.CountOverdueAsync(visit.Centre.Database.App, now, query with { After = null }, visit.Cancel),
            Units = UnitsOf(visit, scope, rules), Asked.Page(rows, PageSize, row => [Asked.Key(row.Due!.Value), row.Code]).Next,
        });
    }

    internal static Row Of(Visit visit, Dossiers.Rulebook rules, DeadlineBoard.Row row) => new(
        row.Code, row.Due, row.Due is { } due ? Visit.MinutesLeft(rules.Calendar, visit.Now, due) : null,
        row.Unit is { } unit && rules.Organisation.UnitAt(unit, visit.Now) is { } known ? visit.Say[known.Name] : row.Unit, row.Officer,
        row.Procedure is { } code ? rules.Procedure(code, visit.Now)?.Published.Name ?? code : null);

    /// <summary>Those that the visitor may choose among.</summary>
    internal static List<(string Code, string Name)> UnitsOf(Visit visit, Scope scope, Dossiers.Rulebook rules) =>
        [.. rules.Organisation.UnitsAt(visit.Now).Where(unit => scope.Units?.Contains(unit.Code) is not false).Select(unit => (unit.Code, visit.Say[unit.Name]))];
}
