using EventDossier.Archives;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>Closed years as sealed archives.</summary>
public sealed partial class ArchivesPage
{
    [Parameter, EditorRequired] public IReadOnlyList<ArchiveMade> Archives { get; set; } = [];
    /// <summary>The count of all dossiers, which is asked for. Null until it is.</summary>
    [Parameter] public LongTasks.State? State { get; set; }
    [Parameter] public int LastOver { get; set; }

    private IReadOnlyList<ArchiveYear>? Years => State?.Result as IReadOnlyList<ArchiveYear>;

    internal static void Map(Site site) => site.Get("/archives", Rights.Archives, ShowAsync, "Archives of closed years; with `count` (a word), what is still open and not archived yet").InMenu("Archives", "Lưu trữ");

    private static async Task<IResult> ShowAsync(Visit visit, LongTasks tasks)
    {
        var (database, name) = (visit.Centre.Database, $"archives/{visit.Query("count")}");
        var state = visit.Query("count") is null ? null
            : tasks.Find(name) ?? tasks.Begin(name, visit.Caller.Actor, async (_, stop) => await ArchiveYear.AllAsync(database, stop));
        if (state is { IsRunning: true })
            visit.Http.Response.Headers["Refresh"] = "1";
        return visit.Page<ArchivesPage>(visit.Say["Closed years as archives", "Lưu trữ hồ sơ theo năm"], new
        {
            Archives = await Archive.ListAsync(database, cancel: visit.Cancel), LastOver = visit.Now.Year - 1, State = state,
        });
    }
}
