using System.CommandLine;
using System.Globalization;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Figures;

namespace EventDossier.Cli;

/// <summary><c>figures</c>: Form 06, the promises, and how alerts are borne, from the log alone.</summary>
internal static class FiguresVerbs
{
    private static readonly Option<string?> Period = new("--period") { Description = "2026, 2026-Q1 or 2026-10; the current year unless given", HelpName = "P" };
    private static readonly Option<string?> From = new("--from") { Description = "Beginning of the period, with --to", HelpName = "TIME" };
    private static readonly Option<string?> To = new("--to") { Description = "End of the period, not in it", HelpName = "TIME" };
    private static readonly Option<string?> Agency = new("--agency") { Description = "Only this agency", HelpName = "A" };
    private static readonly Option<Bucket?> List = new("--list") { Description = "Tells the dossiers that one of the figures is made of" };
    private static readonly Option<Division?> By = new("--by") { Description = "Divided by these, each dossier in one row" };

    private static readonly string[] _columns =
    [
        "carried", "online", "counter", "post", "other", "early", "on time", "late", "in time", "overdue", "supplement", "fee", "stopped",
        "withdrawn", "ended", "voided", "refused",
    ];

    public static IEnumerable<Command> Commands() =>
    [
        new Command("figures", "Form 06: what came in and what became of it (exit 1 if it does not reconcile)")
        {
            Period, From, To, Agency, By, List, Past.AsOf, Past.KnownAt, Past.Position,
            new Command("promises", "What the centre promised and what came of it; and the index of Decision 766, as far as it is measured")
            {
                Period, From, To, Agency, By, Past.AsOf, Past.KnownAt, Past.Position,
            }.Does(PromisesAsync),
            new Command("alerts", "How many alerts reach each person, and in what working time they are acknowledged") { Period, From, To, Agency }.Does(AlertsAsync),
        }.Does(FiguresAsync),
    ];

    private static async Task<int> FiguresAsync(Run run)
    {
        if (run.Arguments.GetValue(By) is { } by)
            return await DividedAsync(run, by, TellForms);
        var (from, to) = Asked(run);
        await using var open = await OpenDatabase.OfAsync(run);
        var report = await Form06.OfAsync(open.Database, from, to, run.Arguments.GetValue(Agency), run.Arguments.GetValue(List), Past.Of(run), run.Cancel);
        run.Output.Answer(
            new
            {
                report.From, report.To, report.AsOf, report.Position, report.Definition, report.Outside, reconciles = report.Rows.All(r => r.Reconciles),
                rows = report.Rows.Select(r => new { r.Agency, r.CameIn, r.Accounted, counts = r.Counts() }), total = report.Total.Counts(),
                dossiers = run.Arguments.GetValue(List) is null ? null : report.Dossiers,
            },
            () => Tell(run, report));
        return report.Rows.All(r => r.Reconciles) ? 0 : 1;
    }

    private static void Tell(Run run, Form06.Report report)
    {
        run.Output.Line($"{Moments.Show(report.From)} to {Moments.Show(report.To)}, {(report.AsOf is { } asOf ? Told(asOf) : "")}log position {report.Position:N0}, definition {report.Definition}");
        run.Output.Line();
        run.Output.Table(
            ["agency", .. _columns],
            report.Rows.Append(report.Total).Select(IReadOnlyList<string> (row) =>
                [row == report.Total ? "all" : row.Agency, .. Enumerable.Range(0, _columns.Length).Select(bucket => $"{row[(Bucket)bucket]}")]));
        run.Output.Line();
        var total = report.Total;
        run.Output.Line($"{total.CameIn:N0} came in = {total.Accounted:N0} accounted for{(report.Rows.All(r => r.Reconciles) ? "" : ": THIS DOES NOT RECONCILE")}");
        var resolved = total[Bucket.ResolvedEarly] + total[Bucket.ResolvedOnTime] + total[Bucket.ResolvedLate];
        if (resolved > 0)
            run.Output.Line(string.Create(CultureInfo.InvariantCulture, $"{resolved - total[Bucket.ResolvedLate]:N0} of {resolved:N0} resolved early or on time: {(resolved - total[Bucket.ResolvedLate]) * 100m / resolved:0.0} %"));
        if (report.Outside > 0)
            run.Output.Line($"{Output.Count(report.Outside, "dossier")} of agencies that Form 06 leaves out");
        foreach (var code in report.Dossiers)
            run.Output.Line(code);
    }

    private static string Told(AsOf asOf) =>
        $"{(asOf.Legal is { } legal ? $"as of {Moments.Show(legal)}, " : "")}{(asOf.Recorded is { } recorded ? $"known at {Moments.Show(recorded)}, " : "")}";

    private static async Task<int> DividedAsync(Run run, Division by, Action<Run, DividedFigures.Report> tell)
    {
        var (from, to) = Asked(run);
        await using var open = await OpenDatabase.OfAsync(run);
        var report = await DividedFigures.OfAsync(
            open.Database, from, to, by, run.Arguments.GetValue(Agency), run.Arguments.GetValue(List), Past.Of(run), run.Cancel);
        run.Output.Answer(report, () =>
        {
            run.Output.Line(
                $"{Moments.Show(from)} to {Moments.Show(to)}, {(report.AsOf is { } asOf ? Told(asOf) : "")}log position {report.Position:N0}, "
                + $"definitions {report.Definition}, {report.All.Promises.Definition} and {report.All.Index.Definition}");
            run.Output.Line();
            tell(run, report);
        });
        return report.Reconciles ? 0 : 1;
    }

    private static void TellForms(Run run, DividedFigures.Report report)
    {
        run.Output.Table(
            [Name(report.By), .. _columns],
            report.Rows.Append(report.All with { Key = "all" }).Select(IReadOnlyList<string> (row) =>
                [row.Key, .. row.Counts.Take(_columns.Length).Select(count => $"{count.Value}")]));
        run.Output.Line();
        run.Output.Line(
            $"{report.All.CameIn:N0} came in = {report.All.Accounted:N0} accounted for, in each row and in all{(report.Reconciles ? "" : ": THIS DOES NOT RECONCILE")}");
        foreach (var row in report.Rows.Where(row => row.Dossiers is { Count: > 0 }))
            run.Output.Line($"{row.Key}: {string.Join(", ", row.Dossiers!)}");
    }

    private static void TellPromises(Run run, DividedFigures.Report report)
    {
        string[] grades = [.. report.All.Promises.OnlineByGrade.Keys];
        run.Output.Table(
            [
                Name(report.By), "resolved", "promised", "achieved", "same day", "ahead", "in time", "satisfied", "by level", "rated", "of",
                "received", "online", .. grades, "index", "out of",
            ],
            report.Rows.Append(report.All with { Key = "all" }).Select(IReadOnlyList<string> (row) =>
            [
                row.Key, $"{row.Promises.SameDay.Of}", $"{row.Promises.ReductionPromised}", $"{row.Promises.ReductionAchieved}",
                Percent(row.Promises.SameDay), Percent(row.Promises.AheadOfSchedule), Percent(row.Promises.InTime), Percent(row.Promises.Satisfied),
                string.Join('/', row.Promises.Satisfaction), $"{row.Promises.Responses.Part}", $"{row.Promises.Responses.Of}",
                $"{row.Promises.Online.Of}", Percent(row.Promises.Online),
                .. grades.Select(grade => row.Promises.OnlineByGrade.TryGetValue(grade, out var online) ? Percent(online) : ""),
                string.Create(CultureInfo.InvariantCulture, $"{row.Index.Score}"), $"{row.Index.OutOf}",
            ]));
        run.Output.Line();
        run.Output.Line("Times promised and achieved: by how many percent shorter than the general limit (median). Shares in percent.");
    }

    private static string Name(Division by) => by.ToString().ToLowerInvariant();

    private static string Percent(Promises.Share share) => string.Create(CultureInfo.InvariantCulture, $"{share.Percent}");

    private static async Task<int> PromisesAsync(Run run)
    {
        if (run.Arguments.GetValue(By) is { } by)
            return await DividedAsync(run, by, TellPromises);
        var (from, to) = Asked(run);
        await using var open = await OpenDatabase.OfAsync(run);
        var report = await Promises.OfAsync(open.Database, from, to, run.Arguments.GetValue(Agency), Past.Of(run), run.Cancel);
        var index = Decision766.Of(report);
        run.Output.Answer(new { promises = report, index }, () =>
        {
            run.Output.Line($"{Moments.Show(report.From)} to {Moments.Show(report.To)}, log position {report.Position:N0}, definitions {report.Definition} and {index.Definition}");
            run.Output.Line();
            run.Output.Table(["promise", "part", "of", "%"],
            [
                ["time promised, shorter than the general limit by (median)", "", "", $"{report.ReductionPromised}"],
                ["time taken, shorter than the general limit by (median)", "", "", $"{report.ReductionAchieved}"],
                .. new[]
                {
                    ("resolved on the day of receipt", report.SameDay), ("resolved ahead of schedule", report.AheadOfSchedule), ("resolved in time", report.InTime),
                    ("satisfied, levels 4 and 5", report.Satisfied), ("rated", report.Responses), ("received online", report.Online),
                }.Concat(report.OnlineByGrade.Select(grade => ($"received online, grade {grade.Key}", grade.Value)))
                    .Select(row => new[] { row.Item1, $"{row.Item2.Part}", $"{row.Item2.Of}", string.Create(CultureInfo.InvariantCulture, $"{row.Item2.Percent}") }),
            ]);
            run.Output.Line($"satisfaction by level, 1 to {Promises.Levels}: {string.Join(", ", report.Satisfaction)}");
            run.Output.Line();
            run.Output.Table(["index", "weight", "score"], index.Parts.Select(p => new[] { p.Name, $"{p.Weight}", p.Score is { } score ? string.Create(CultureInfo.InvariantCulture, $"{score}") : "not measured" }));
            run.Output.Line(string.Create(CultureInfo.InvariantCulture, $"{index.Score} of {index.OutOf} that are measured"));
        });
        return 0;
    }

    private static async Task<int> AlertsAsync(Run run)
    {
        var (from, to) = Asked(run);
        await using var open = await OpenDatabase.OfAsync(run);
        var report = await AlertFigures.OfAsync(open.Database, from, to, Moments.Now(run), run.Arguments.GetValue(Agency), run.Cancel);
        run.Output.Answer(report, () =>
        {
            run.Output.Line(string.Create(CultureInfo.InvariantCulture,
                $"{Moments.Show(report.From)} to {Moments.Show(report.To)}, {report.WorkingDays:0.##} working days, log position {report.Position:N0}, definition {report.Definition}"));
            run.Output.Line();
            run.Output.Table(
                ["person", "alerts", "a day", "acknowledged", "by others", "over", "open", "median", "p90"],
                report.People.OrderByDescending(p => p.Told).ThenBy(p => p.Person, StringComparer.Ordinal).Append(report.All).Select(p => new[]
                {
                    p.Person ?? "all", $"{p.Told}", p.ADay.ToString("0.00", CultureInfo.InvariantCulture), $"{p.Acknowledged}", $"{p.ByOthers}", $"{p.Over}", $"{p.Open}", Working(p.Median), Working(p.P90),
                }));
        });
        return 0;
    }

    /// <summary>Of a working time: <c>2 h 05</c>.</summary>
    private static string Working(int? minutes) => minutes is { } some ? $"{some / 60} h {some % 60:00}" : "";

    private static (DateTimeOffset From, DateTimeOffset To) Asked(Run run)
    {
        var (from, to) = (Moments.Parse(run, From), Moments.Parse(run, To));
        if (from is not null || to is not null)
            return from < to ? (from.Value, to.Value) : throw new WrongUseException("--from and --to go together, the earlier first");
        var period = run.Arguments.GetValue(Period) ?? Moments.Now(run).ToString("yyyy", CultureInfo.InvariantCulture);
        return CentreTime.ReadPeriod(period) ?? throw new WrongUseException($"--period: '{period}' is no period; write 2026, 2026-Q1 or 2026-10");
    }
}
