using EventDossier.Collecting;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>Results that nobody fetched, and by which rule their applicants are reminded.</summary>
public sealed partial class UncollectedPage
{
    private const int PageSize = 50;

    [Parameter, EditorRequired] public IReadOnlyList<UncollectedResult> Rows { get; set; } = [];
    [Parameter, EditorRequired] public ReminderRule Rule { get; set; } = ReminderRule.Product;
    [Parameter] public string? Next { get; set; }

    internal static void Map(Site site) => site.Get("/uncollected", Rights.Uncollected, ShowAsync, "Results that nobody fetched").InMenu("Not fetched", "Chờ nhận kết quả");

    private static async Task<IResult> ShowAsync(Visit visit)
    {
        var (scope, rules, cursor, database) = (await visit.ScopeAsync(Rights.Uncollected), await visit.RulesAsync(), Asked.Cursor(visit.Http.Request, 2), visit.Centre.Database);
        var rows = await Uncollected.ListAsync(database, rules.Calendar, visit.Now, scope.Units, cursor is null ? null : (Asked.Key(cursor[0]), cursor[1]), PageSize, visit.Cancel);
        return visit.Page<UncollectedPage>(visit.Say["Results not fetched", "Kết quả chờ nhận"], new
        {
            Rows = rows, Rule = await ReminderRule.AtAsync(database, visit.Now, visit.Cancel), Asked.Page(rows, PageSize, row => [Asked.Key(row.ReadyAt), row.Code]).Next,
        });
    }
}
