using System.Text;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Web.Pages;
using EventDossier.Web.Pictures;

namespace EventDossier.Web;

/// <summary>How much lies with whom, and when it is due.</summary>
internal static class WorkloadRoutes
{
    /// <summary>Working days ahead that have a column each.</summary>
    private const int DaysAhead = 5;

    public static void MapWorkload(this WebApplication app)
    {
        app.MapGet("/api/workload", async (Caller caller, Centre centre, CancellationToken cancel) =>
            Results.Ok(await ReadAsync(await Scope.OfAsync(caller, Rights.Workload, centre, cancel), centre, cancel)))
            .WithTags("deadlines").WithSummary("Open dossiers by unit, officer and when they are due").Answers(Examples.Workload);
        app.MapGet("/api/workload/map.svg", MapAsync).WithTags("deadlines").WithSummary("The same by unit as a heat map, with its text").Takes("lang").AnswersWith("image/svg+xml");
    }

    private static async Task<IResult> MapAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        var workload = await ReadAsync(await Scope.OfAsync(caller, Rights.Workload, centre, cancel), centre, cancel);
        var picture = Draw(workload, await centre.Desk.RulesAsync(cancel), centre.Now, new(Asked.Word<Language>(request, "lang") ?? Language.En));
        return Results.Text(picture.Svg.Text, "image/svg+xml", Encoding.UTF8);
    }

    public static async Task<Workload> ReadAsync(Scope scope, Centre centre, CancellationToken cancel)
    {
        var (rules, now) = (await centre.Desk.RulesAsync(cancel), centre.Now);
        var days = WorkloadPage.DaysFrom(rules.Calendar, now).Take(DaysAhead).ToList();
        return new(days, await DeadlineBoard.View.LoadsAsync(centre.Database.App, [now, .. days.Select(day => day.AddMinutes(1))], scope.Units, cancel));
    }

    public static IReadOnlyList<string> Columns(Workload workload, Words say) =>
        [say["clock stands", "tạm dừng"], say["overdue", "quá hạn"], .. workload.Days.Select(say.Day), say["later", "sau đó"]];

    public static Picture Draw(Workload workload, Rulebook rules, DateTimeOffset now, Words say) => HeatMap.Of(
        new("Open dossiers by unit and when they are due", "Hồ sơ đang giải quyết theo đơn vị và hạn trả"), Columns(workload, say),
        [
            .. workload.Loads.GroupBy(load => load.Unit).Select(unit => new HeatMap.Row(
                unit.Key is null ? say["no unit", "chưa có đơn vị"] : rules.Organisation.UnitAt(unit.Key, now) is { } known ? say[known.Name] : unit.Key,
                [.. unit.First().Counts.Index().Select(column => unit.Sum(load => load.Counts[column.Index]))])),
        ], say.Language);
}

/// <param name="Days">Closing times of the next working days. Counts stand in this order: those whose clock stands, overdue, due on each of these days, later.</param>
internal sealed record Workload(IReadOnlyList<DateTimeOffset> Days, IReadOnlyList<DeadlineBoard.Load> Loads);
