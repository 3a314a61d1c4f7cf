using System.Globalization;
using System.Text.Json;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>The calendar by its decisions. One is entered in two steps: first what it would move is shown.</summary>
public sealed partial class CalendarPage
{
    [Parameter, EditorRequired] public int Year { get; set; }
    [Parameter] public bool Provisional { get; set; }
    [Parameter] public IReadOnlyList<CalendarDay> Days { get; set; } = [];
    [Parameter] public IReadOnlyList<CalendarDecision> Decisions { get; set; } = [];
    /// <summary>Null for who may only look.</summary>
    [Parameter] public FormModel? Form { get; set; }

    internal static void Map(Site site)
    {
        site.Get("/calendar", Rights.Procedures, (Visit visit) => ShowAsync(visit, null), "Which days are worked, by which decision")
            .InMenu("Calendar", "Lịch", caller => Rights.Of(caller, Rights.Rules) > Reach.Nothing);
        site.Post("/calendar/preview", Rights.Rules, PreviewAsync, "Begins to find what a decision would move");
        CalendarPreviewPage.Map(site);
    }

    private static async Task<IResult> ShowAsync(Visit visit, FormModel? form)
    {
        var calendar = (await visit.RulesAsync()).Calendar;
        var year = visit.Query("year") is null ? visit.Now.Year : (int)Math.Min(Asked.Number(visit.Http.Request, "year")!.Value, 9999);
        if (year < WorkCalendar.First.Year || year > WorkCalendar.Last.Year)
            throw new UserError("bad-query", $"year: {WorkCalendar.First.Year} to {WorkCalendar.Last.Year}");
        var days = Enumerable.Range(0, DateTime.IsLeapYear(year) ? 366 : 365).Select(i => calendar[new DateOnly(year, 1, 1).AddDays(i)]).Where(d => d.Kind is DayKind.Holiday or DayKind.MakeUp).ToList();
        return visit.Page<CalendarPage>(visit.Say["Calendar", "Lịch làm việc"], new
        {
            Year = year, Provisional = calendar[new DateOnly(year, 1, 1)].Provisional, Days = days,
            Form = Rights.Of(visit.Caller, Rights.Rules) > Reach.Nothing ? form ?? Empty(visit.Say) : null,
            Decisions = calendar.Decisions.Where(d => d.Settles == year || d.Announced.Year == year || d.DaysOff.Any(o => o.Date.Year == year)).Reverse().ToList(),
        }, form is null ? 200 : 422);
    }

    private static FormModel Empty(Words say) => new("calendar", "/calendar/preview", null, null,
    [
        new("number", say["Number of the decision", "Số quyết định"], FieldShape.Text, true, []),
        new("announced", say["Announced on", "Ngày công bố"], FieldShape.Date, true, []),
        new("settles", say["Settles the holidays of year", "Chốt ngày nghỉ của năm"], FieldShape.Number, false, []),
        new("source", say["Source", "Nguồn"], FieldShape.Text, true, []),
        new("daysOff", say["Days off, one a line: 2026-05-08 reason | lý do", "Ngày nghỉ, mỗi dòng: 2026-05-08 reason | lý do"],
            FieldShape.Lines, false, []),
        new("makeUpDays", say["Worked instead, one a line: 2026-05-16 for 2026-05-08", "Làm bù, mỗi dòng: 2026-05-16 for 2026-05-08"],
            FieldShape.Lines, false, []),
    ]);

    private static Task<IResult> PreviewAsync(Visit visit, LongTasks tasks) => PlainForms.SendAsync(visit, Empty(visit.Say), async form =>
    {
        var decision = Read(form, visit.Say);
        try
        {
            await AdministrationRoutes.BeginPreviewAsync([decision], visit.Caller, visit.Centre, tasks, visit.Cancel);
        }
        catch (UserError e) when (e.Code == "bad-decision")
        {
            return ("", new Refusal(e.Code, e.Message));
        }
        var shown = QueryString.Create("decision", JsonSerializer.Serialize(new[] { decision }, JsonSerializerOptions.Web));
        return ($"/calendar/preview{shown}", null);
    }, again => ShowAsync(visit, again));

    /// <exception cref="UserError"><c>bad-field</c>: names the field, and of several lines the one.</exception>
    private static CalendarDecision Read(IFormCollection form, Words say)
    {
        var (dayOff, makeUp) = (say["a line such as 2026-05-08 reason | lý do", "mỗi dòng cần dạng 2026-05-08 reason | lý do"],
            say["a line such as 2026-05-16 for 2026-05-08", "mỗi dòng cần dạng 2026-05-16 for 2026-05-08"]);
        return new(Wanted("number"), Day("announced", Wanted("announced"), say["a day such as 2026-05-08", "cần ngày dạng 2026-05-08"]), form.Number("settles"),
            [.. (form.Lines("daysOff") ?? []).Select(line => line.Split(' ', 2) is [var day, var reason]
                ? new DayOff(Day("daysOff", day, dayOff), Reason(reason.Split('|', 2, StringSplitOptions.TrimEntries)))
                : throw PlainForms.Bad("daysOff", $"{dayOff} ≠ {line}"))],
            [.. (form.Lines("makeUpDays") ?? []).Select(line => line.Split(' ') is [var day, _, var lieu]
                ? new MakeUpDay(Day("makeUpDays", day, makeUp), Day("makeUpDays", lieu, makeUp))
                : throw PlainForms.Bad("makeUpDays", $"{makeUp} ≠ {line}"))],
            Wanted("source"));

        string Wanted(string name) => form.Text(name) ?? throw PlainForms.Bad(name, "missing");

        static Wording Reason(string[] languages) => new(languages[0], languages[^1]);

        static DateOnly Day(string name, string text, string wanted) =>
            DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                ? day : throw PlainForms.Bad(name, $"{wanted} ≠ {text}");
    }
}
