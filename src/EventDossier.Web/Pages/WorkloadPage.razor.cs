using EventDossier.Deadlines;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>The workload as a heat map: a row for each unit with its officers below it, a column for each time of being due.</summary>
public sealed partial class WorkloadPage
{
    /// <param name="Officer">Null for a unit, and for what lies with nobody.</param>
    /// <param name="Unit">Of a unit whose officers are one click away.</param>
    public sealed record Row(string Name, string? Officer, bool IsUnit, IReadOnlyList<long> Counts, string? Unit = null);

    [Parameter, EditorRequired] public IReadOnlyList<string> Columns { get; set; } = [];
    [Parameter, EditorRequired] public IReadOnlyList<Row> Rows { get; set; } = [];
    [Parameter] public bool MayOpen { get; set; }
    [Parameter] public Pictures.Picture? Picture { get; set; }

    [Parameter] public DateTimeOffset At { get; set; }
    [Parameter] public string? Unit { get; set; }

    /// <summary>So many rows that officers are shown of one unit at a time.</summary>
    private const int MostRows = 200;

    /// <summary>The most there is of officers, and of units.</summary>
    private readonly long[] _most = new long[2];

    protected override void OnParametersSet()
    {
        foreach (var row in Rows)
            _most[row.IsUnit ? 1 : 0] = Math.Max(_most[row.IsUnit ? 1 : 0], row.Counts.Max());
    }

    /// <summary>From 0 for nothing to 5 for the most there is, of units and of officers apart.</summary>
    private int Shade(long count, bool isUnit) => count == 0 ? 0 : 1 + (int)(count * 4 / Math.Max(4, _most[isUnit ? 1 : 0]));

    internal static void Map(Site site) => site.Get("/workload", Rights.Workload, ShowAsync, "How much lies with whom, and when it is due").InMenu("Workload", "Khối lượng");

    private static async Task<IResult> ShowAsync(Visit visit)
    {
        var (scope, rules, now, say) = (await visit.ScopeAsync(Rights.Workload), await visit.RulesAsync(), visit.Now, visit.Say);
        var workload = await WorkloadRoutes.ReadAsync(scope, visit.Centre, visit.Cancel);
        var (rows, chosen) = (new List<Row>(), visit.Query("unit"));
        var all = workload.Loads.Count <= MostRows;
        foreach (var unit in workload.Loads.GroupBy(load => load.Unit).Where(unit => chosen is null || unit.Key == chosen))
        {
            var name = unit.Key is null ? say["no unit", "chưa có đơn vị"] : rules.Organisation.UnitAt(unit.Key, now) is { } known ? say[known.Name] : unit.Key;
            rows.Add(new(name, null, true, [.. unit.First().Counts.Index().Select(column => unit.Sum(load => load.Counts[column.Index]))], all || chosen is not null ? null : unit.Key));
            if (!all && chosen is null)
                continue;
            rows.AddRange(unit.Select(load => new Row(load.Officer ?? say["nobody yet", "chưa phân công"], load.Officer, false, load.Counts)));
        }
        return visit.Page<WorkloadPage>(say["Workload", "Khối lượng công việc"], new
        {
            Columns = WorkloadRoutes.Columns(workload, say), Rows = rows, Picture = rows.Count == 0 ? null : WorkloadRoutes.Draw(workload, rules, now, say),
            workload.At, Unit = chosen, MayOpen = Rights.Of(visit.Caller, Rights.Work) > Reach.Own,
        });
    }

    /// <summary>Closing times of working days, from today on.</summary>
    internal static IEnumerable<DateTimeOffset> DaysFrom(WorkCalendar calendar, DateTimeOffset now)
    {
        for (var day = calendar.DayOf(now); day < WorkCalendar.Last; day = day.AddDays(1))
        {
            var closing = calendar.Appointment(new(day.ToDateTime(TimeOnly.MinValue), calendar.Hours.UtcOffset));
            if (calendar.IsWorked(day) && closing > now)
                yield return closing;
        }
    }
}
