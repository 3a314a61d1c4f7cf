using System.Globalization;
using System.Text.Json;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>The calendar by its decisions. One is entered in two steps: first what it would move is shown.</summary>
public sealed partial class CalendarPage
{
    private static readonly string[] _names = ["number", "announced", "settles", "source", "daysOff", "makeUpDays"];

    [Parameter, EditorRequired] public int Year { get; set; }
    [Parameter] public bool Provisional { get; set; }
    [Parameter] public IReadOnlyList<CalendarDay> Days { get; set; } = [];
    [Parameter] public IReadOnlyList<CalendarDecision> Decisions { get; set; } = [];
    [Parameter] public bool MayEnter { get; set; }
    [Parameter] public IReadOnlyDictionary<string, string> Values { get; set; } = new Dictionary<string, string>();
    [Parameter] public string? Fault { get; set; }

    private IEnumerable<(string Name, string Label, int Rows)> Fields =>
    [
        ("number", Say["Number of the decision", "Số quyết định"], 0), ("announced", Say["Announced on", "Ngày công bố"], 0), ("settles", Say["Settles the holidays of year (optional)", "Chốt ngày nghỉ của năm (không bắt buộc)"], 0),
        ("source", Say["Source", "Nguồn"], 0), ("daysOff", Say["Days off, one a line: 2026-05-08 reason | lý do", "Ngày nghỉ, mỗi dòng: 2026-05-08 reason | lý do"], 4),
        ("makeUpDays", Say["Worked instead, one a line: 2026-05-16 for 2026-05-08", "Làm bù, mỗi dòng: 2026-05-16 for 2026-05-08"], 3),
    ];

    internal static void Map(Site site)
    {
        site.Get("/calendar", Rights.Procedures, (Visit visit) => ShowAsync(visit, new Dictionary<string, string>(), null), "Which days are worked, by which decision")
            .InMenu("Calendar", "Lịch", caller => Rights.Of(caller, Rights.Rules) > Reach.Nothing);
        site.Post("/calendar/preview", Rights.Rules, PreviewAsync, "Begins to find what a decision would move");
        CalendarPreviewPage.Map(site);
    }

    private static async Task<IResult> ShowAsync(Visit visit, IReadOnlyDictionary<string, string> values, string? fault)
    {
        var calendar = (await visit.RulesAsync()).Calendar;
        var year = visit.Query("year") is null ? visit.Now.Year : (int)Math.Min(Asked.Number(visit.Http.Request, "year")!.Value, 9999);
        if (year < WorkCalendar.First.Year || year > WorkCalendar.Last.Year)
            throw new UserError("bad-query", $"year: {WorkCalendar.First.Year} to {WorkCalendar.Last.Year}");
        var days = Enumerable.Range(0, DateTime.IsLeapYear(year) ? 366 : 365).Select(i => calendar[new DateOnly(year, 1, 1).AddDays(i)]).Where(d => d.Kind is DayKind.Holiday or DayKind.MakeUp).ToList();
        return visit.Page<CalendarPage>(visit.Say["Calendar", "Lịch làm việc"], new
        {
            Year = year, Provisional = calendar[new DateOnly(year, 1, 1)].Provisional, Days = days, Values = values, Fault = fault, MayEnter = Rights.Of(visit.Caller, Rights.Rules) > Reach.Nothing,
            Decisions = calendar.Decisions.Where(d => d.Settles == year || d.Announced.Year == year || d.DaysOff.Any(o => o.Date.Year == year)).Reverse().ToList(),
        }, fault is null ? 200 : 422);
    }

    private static async Task<IResult> PreviewAsync(Visit visit, LongTasks tasks)
    {
        var form = await visit.Http.Request.ReadFormAsync(visit.Cancel);
        var values = _names.ToDictionary(name => name, name => form[name].ToString().Trim());
        try
        {
            var decision = Read(values, visit.Say);
            await AdministrationRoutes.BeginPreviewAsync([decision], visit.Caller, visit.Centre, tasks, visit.Cancel);
            return Results.LocalRedirect($"/calendar/preview{QueryString.Create("decision", JsonSerializer.Serialize(new[] { decision }, JsonSerializerOptions.Web))}");
        }
        catch (UserError e) when (e.Code is "bad-field" or "bad-decision")
        {
            return await ShowAsync(visit, values, e.Message);
        }
    }

    /// <exception cref="UserError"><c>bad-field</c>: names the field and line.</exception>
    private static CalendarDecision Read(Dictionary<string, string> values, Words say)
    {
        if (values["number"].Length == 0 || values["source"].Length == 0)
            throw new UserError("bad-field", say["a decision has a number and a source", "cần số quyết định và nguồn"]);
        var settles = values["settles"] is not { Length: > 0 } text ? default(int?)
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var year) ? year : throw new UserError("bad-field", say[$"'{text}' is no year", $"'{text}' không phải là năm"]);
        return new(values["number"], Day(values["announced"], say), settles,
            [.. Lines(values["daysOff"]).Select(line => line.Split(' ', 2) is [var day, var reason] && reason.Split('|', 2, StringSplitOptions.TrimEntries) is var parts
                ? new DayOff(Day(day, say), new(parts[0], parts[^1])) : throw new UserError("bad-field", say[$"'{line}': a day and its reason", $"'{line}': cần ngày và lý do"]))],
            [.. Lines(values["makeUpDays"]).Select(line => line.Split(' ') is [var day, _, var lieu]
                ? new MakeUpDay(Day(day, say), Day(lieu, say)) : throw new UserError("bad-field", say[$"'{line}': a day, for, and the day off", $"'{line}': cần ngày làm bù, for, ngày nghỉ"]))],
            values["source"]);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static DateOnly Day(string text, Words say) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
        ? day : throw new UserError("bad-field", say[$"'{text}' is no day such as 2026-05-08", $"'{text}' không phải là ngày dạng 2026-05-08"]);
}
