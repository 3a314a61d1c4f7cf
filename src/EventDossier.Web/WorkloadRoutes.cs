using System.Collections.Concurrent;
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

    public static Task<Workload> ReadAsync(Scope scope, Centre centre, CancellationToken cancel) => centre.Workloads.OfAsync(scope.Units, cancel);

    /// <summary>Counted now.</summary>
    internal static async Task<Workload> CountAsync(IReadOnlySet<string>? units, Centre centre, CancellationToken cancel)
    {
        var (rules, now) = (await centre.Desk.RulesAsync(cancel), centre.Now);
        var days = WorkloadPage.DaysFrom(rules.Calendar, now).Take(DaysAhead).ToList();
        return new(now, days, await DeadlineBoard.View.LoadsAsync(centre.Database.App, [now, .. days.Select(day => day.AddMinutes(1))], units, cancel));
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
internal sealed record Workload(DateTimeOffset At, IReadOnlyList<DateTimeOffset> Days, IReadOnlyList<DeadlineBoard.Load> Loads);

/// <summary>
/// What takes long to count is shown for a while as it was: of a large centre the counts are a minute old at most or, where nobody asked for some time, counted while one waits. Of a small one they
/// are always those of now.
/// </summary>
internal sealed class Workloads(Centre centre)
{
    private const int Most = 200;
    private static readonly TimeSpan _long = TimeSpan.FromMilliseconds(100), _kept = TimeSpan.FromMinutes(1), _good = TimeSpan.FromSeconds(20);
    private readonly ConcurrentDictionary<string, Workload> _byUnits = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task> _counting = new(StringComparer.Ordinal);

    public async Task<Workload> OfAsync(IReadOnlySet<string>? units, CancellationToken cancel)
    {
        var (key, now) = (units is null ? "" : string.Join(' ', units.Order(StringComparer.Ordinal)), centre.Now);
        if (!_byUnits.TryGetValue(key, out var known) || now - known.At >= _kept)
            return await CountAsync(key, units, cancel);
        // Counted anew beside, once however many look.
        if (now - known.At >= _good)
            _ = _counting.GetOrAdd(key, of => Task.Run(() => CountAsync(of, units, CancellationToken.None)).ContinueWith(_ => _counting.TryRemove(of, out Task? _), TaskScheduler.Default));
        return known;
    }

    private async Task<Workload> CountAsync(string key, IReadOnlySet<string>? units, CancellationToken cancel)
    {
        var began = centre.Database.Clock.GetTimestamp();
        var counted = await WorkloadRoutes.CountAsync(units, centre, cancel);
        if (centre.Database.Clock.GetElapsedTime(began) < _long)
        {
            _byUnits.TryRemove(key, out _);
            return counted;
        }
        if (_byUnits.Count >= Most)
            _byUnits.Clear();
        return _byUnits[key] = counted;
    }
}
