using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EventDossier.Deadlines;
using EventDossier.Dossiers;

namespace EventDossier.Cli;

/// <summary><c>calendar</c>: the decisions that say which days are worked.</summary>
internal static class CalendarVerbs
{
    private static readonly Argument<string> File = new("FILE") { Description = "JSON array of {number, announced, settles, daysOff, makeUpDays, source}" };
    private static readonly Option<int?> OfYear = new("--year") { Description = "Only those with a day of this year", HelpName = "Y" };
    private static readonly Argument<int> Year = new("YEAR") { Description = "2000 to 2099" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("calendar", "Days off and days worked instead, by decision")
        {
            new Command("import", "Enters decisions of a file; a number entered before is corrected") { File }.Does(ImportAsync),
            new Command("list", "Every decision, and from when on it is reckoned with") { OfYear }.Does(ListAsync),
            new Command("show", "Which days of a year are off, or worked instead, and why") { Year }.Does(ShowAsync),
        },
    ];

    private static async Task<int> ImportAsync(Run run)
    {
        var decisions = await ReadAsync(run.Arguments.GetValue(File)!, run.Cancel);
        await using var open = await OpenDatabase.OfAsync(run);
        var entered = await Calendars.EnterAsync(open.Database, decisions, Moments.Now(run), ActVerbs.Who(Guid.Empty, Dossiers.Role.Administrator), run.Cancel);
        await open.CatchUpAsync(run.Cancel);
        // What an import that was cut off left undone is done by the next.
        var moved = await Reprojection.RunAsync(
            open.Database, string.Join(", ", decisions.Select(d => d.Number)), ActVerbs.Who(Guid.Empty, Dossiers.Role.Administrator), Moments.Now(run), preview: false, run.Cancel);
        await open.CatchUpAsync(run.Cancel);
        run.Output.Answer(new { entered, unchanged = decisions.Count - entered, moved }, () =>
        {
            run.Output.Line($"{Output.Count(entered, "decision")} entered, {decisions.Count - entered:N0} known before; {Output.Count(moved.Count, "open dossier")} told a new date");
            run.Output.Table(["dossier", "was due", "is due"], moved.Take(20).Select(m => new[] { m.Code, Moments.Show(m.From), Moments.Show(m.To) }));
        });
        return 0;
    }

    /// <exception cref="UserError"><c>bad-file</c></exception>
    public static async Task<IReadOnlyList<CalendarDecision>> ReadAsync(string path, CancellationToken cancel)
    {
        try
        {
            return CalendarData.ParseDecisions(await System.IO.File.ReadAllBytesAsync(path, cancel));
        }
        catch (JsonException e)
        {
            throw new UserError("bad-file", $"{path}: line {e.LineNumber + 1}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private static async Task<int> ListAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var calendar = await Calendars.LoadAsync(open.Database, run.Cancel);
        var year = run.Arguments.GetValue(OfYear);
        var found = calendar.Decisions.Where(d => year is null || d.Settles == year || d.DaysOff.Any(o => o.Date.Year == year) || d.MakeUpDays.Any(m => m.Date.Year == year)).ToList();
        run.Output.Answer(found.Select(d => new { d.Number, d.Announced, knownFrom = d.KnownFrom(), d.Settles, d.DaysOff, d.MakeUpDays, d.Source }), () => run.Output.Table(
            ["decision", "announced", "known from", "settles", "days off", "worked instead", "source"],
            found.Select(d => new[]
            {
                d.Number, Day(d.Announced), Day(d.KnownFrom()), $"{d.Settles}", $"{d.DaysOff.Count}", string.Join(", ", d.MakeUpDays.Select(m => Day(m.Date))), d.Source,
            })));
        return 0;
    }

    private static async Task<int> ShowAsync(Run run)
    {
        var year = run.Arguments.GetValue(Year);
        if (year < WorkCalendar.First.Year || year > WorkCalendar.Last.Year)
            throw new WrongUseException($"YEAR: {year} is outside the calendar, {WorkCalendar.First.Year} to {WorkCalendar.Last.Year}");
        await using var open = await OpenDatabase.OfAsync(run);
        var calendar = await Calendars.LoadAsync(open.Database, run.Cancel);
        var days = new List<CalendarDay>();
        for (var date = new DateOnly(year, 1, 1); date.Year == year; date = date.AddDays(1))
        {
            if (calendar[date] is { Kind: DayKind.Holiday or DayKind.MakeUp } special)
                days.Add(special);
        }
        var provisional = calendar[new(year, 1, 1)].Provisional;
        run.Output.Answer(new { year, provisional, days }, () =>
        {
            run.Output.Line(provisional ? $"{year} is provisional: no decision settles it yet, and any day of it may still be taken off" : $"{year} is settled");
            run.Output.Line();
            run.Output.Table(
                ["day", "", "is", "why", "by"],
                days.Select(d => new[]
                {
                    Day(d.Date), d.Date.ToString("ddd", CultureInfo.InvariantCulture), d.Kind == DayKind.MakeUp ? "worked" : "off",
                    d.Kind == DayKind.MakeUp ? $"for {Day(d.StandsFor!.Value)}" : d.Reason!.En + (d.StandsFor is { } @for ? $", which falls on {@for:ddd d MMM}" : ""), d.Basis?.En ?? "",
                }));
        });
        return 0;
    }

    private static string Day(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
