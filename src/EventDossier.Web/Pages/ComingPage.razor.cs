using EventDossier.Deadlines;
using EventDossier.Dossiers;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>What falls due until the end of next week and is not late yet, with the work that its steps' budgets say is left.</summary>
public sealed partial class ComingPage
{
    private const int PageSize = 50;

    [Parameter, EditorRequired] public DateTimeOffset Until { get; set; }

    /// <summary>Each with the working minutes of its steps that are not done; null where its procedure tells none.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<(BoardPage.Row Row, int? Work)> Rows { get; set; } = [];
    [Parameter] public string? Next { get; set; }

    internal static void Map(Site site) => site.Get("/coming", Rights.Workload, ShowAsync, "What will be late by the end of next week").InMenu("Late next week", "Sắp trễ hạn");

    private static async Task<IResult> ShowAsync(Visit visit)
    {
        var (scope, rules, now, log) = (await visit.ScopeAsync(Rights.Workload), await visit.RulesAsync(), visit.Now, visit.Centre.Database.Log);
        var sunday = rules.Calendar.DayOf(now) is var today ? today.AddDays(((7 - (int)today.DayOfWeek) % 7) + 7) : default;
        var until = rules.Calendar.Appointment(new(sunday.ToDateTime(TimeOnly.MinValue), rules.Calendar.Hours.UtcOffset));
        var cursor = Asked.Cursor(visit.Http.Request, 2);
        // What is late already stands on the board of overdue ones; here the list begins after it.
        var query = new DeadlineBoard.Query(After: cursor is null ? (now, "") : (Asked.Key(cursor[0]), cursor[1]), Limit: PageSize) { Units = scope.Units };
        var rows = await DeadlineBoard.View.OverdueAsync(visit.Centre.Database.App, until, query, visit.Cancel);
        var told = new List<(BoardPage.Row, int?)>();
        // Asked for at once, they are read in one go.
        var streams = await Task.WhenAll(rows.Select(row => log.ReadStreamAsync(row.Code, cancel: visit.Cancel)));
        foreach (var (row, events) in rows.Zip(streams))
        {
            var dossier = Dossier.Fold(row.Code, events);
            var left = rules.Procedure(dossier.Procedure)?.Published.Steps?.Where(step => !dossier.Steps.Exists(done => done.Step == step.Name)).Sum(step => step.BudgetHours * 60);
            told.Add((BoardPage.Of(visit, rules, row), left));
        }
        return visit.Page<ComingPage>(visit.Say["Late next week", "Sắp trễ hạn"], new { Until = until, Rows = told, Asked.Page(rows, PageSize, row => [Asked.Key(row.Due!.Value), row.Code]).Next });
    }
}
