using EventDossier.Deadlines;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>The workload as a heat map: a row for each unit with its officers below it, a column for each time of being due.</summary>
public sealed partial class WorkloadPage
{
    /// <summary>Working days ahead that have a column each.</summary>
    private const int DaysAhead = 5;

    /// <param name="Officer">Null for a unit, and for what lies with nobody.</param>
    public sealed record Row(string Name, string? Officer, bool IsUnit, IReadOnlyList<long> Counts);

    [Parameter, EditorRequired] public IReadOnlyList<string> Columns { get; set; } = [];
    [Parameter, EditorRequired] public IReadOnlyList<Row> Rows { get; set; } = [];
    [Parameter] public bool MayOpen { get; set; }

    /// <summary>From 0 for nothing to 5 for the most there is, of units and of officers apart.</summary>
    private int Shade(long count, bool isUnit) =>
        count == 0 ? 0 : 1 + (int)(count * 4 / Math.Max(4, Rows.Where(row => row.IsUnit == isUnit).SelectMany(row => row.Counts).Max()));

    internal static void Map(Site site) => site.Get("/workload", Rights.Workload, ShowAsync, "How much lies with whom, and when it is due").InMenu("Workload", "Khối lượng");

    private static async Task<IResult> ShowAsync(Visit visit)
    {
        var (scope, rules, now, say) = (await visit.ScopeAsync(Rights.Workload), await visit.RulesAsync(), visit.Now, visit.Say);
        var days = DaysFrom(rules.Calendar, now).Take(DaysAhead).ToList();
        var loads = await DeadlineBoard.View.LoadsAsync(visit.Centre.Database.App, [now, .. days.Select(day => day.AddMinutes(1))], scope.Units, visit.Cancel);
        var rows = new List<Row>();
        foreach (var unit in loads.GroupBy(load => load.Unit))
        {
            var name = unit.Key is null ? say["no unit", "chưa có đơn vị"] : rules.Organisation.UnitAt(unit.Key, now) is { } known ? say[known.Name] : unit.Key;
            rows.Add(new(name, null, true, [.. unit.First().Counts.Index().Select(column => unit.Sum(load => load.Counts[column.Index]))]));
            rows.AddRange(unit.Select(load => new Row(load.Officer ?? say["nobody yet", "chưa phân công"], load.Officer, false, load.Counts)));
        }
        return visit.Page<WorkloadPage>(say["Workload", "Khối lượng công việc"], new
        {
            Columns = (string[])[say["clock stands", "tạm dừng"], say["overdue", "quá hạn"], .. days.Select(say.Day), say["later", "sau đó"]], Rows = rows,
            MayOpen = Rights.Of(visit.Caller, Rights.Work) > Reach.Own,
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
