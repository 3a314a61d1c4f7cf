using System.CommandLine;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Dossiers;

namespace EventDossier.Cli;

/// <summary><c>replay</c>: a history step by step, or what lies between two moments of it; with <c>--all</c>, every history against the views.</summary>
internal static class ReplayVerbs
{
    private static readonly Argument<string?> Code = new("CODE") { Description = "The dossier to step through", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> All = new("--all") { Description = "Every dossier, compared with the views" };
    private static readonly Option<string?> From = new("--from") { Description = "Only what differs since this moment: a version, a legal time, @ and a recorded time, or 2026-05-06@2026-05-07", HelpName = "A" };
    private static readonly Option<string?> To = new("--to") { Description = "Up to this one, which may be the earlier; else up to the end", HelpName = "B" };
    private static readonly Option<bool> Plain = new("--plain") { Description = "All steps as text, on a terminal too" };

    private static readonly Option<string?> Ladder = new("--ladder") { Description = "What would differ if this ladder had held, from a file as ladder import takes it", HelpName = "FILE" };
    private static readonly Option<string?> Calendar = new("--calendar") { Description = "What would differ with these decisions, from a file as calendar import takes it", HelpName = "FILE" };
    private static readonly Option<string?> Procedure = new("--procedure") { Description = "What would differ under these versions, from a file as procedures import takes it", HelpName = "FILE" };
    private static readonly Option<bool> Past = new("--past") { Description = "With another rule: alerts of imported dossiers from their receipt on" };
    private static readonly Option<int> Limit = new("--limit") { Description = "With another rule: how many differing dossiers are listed; all are counted", HelpName = "N", DefaultValueFactory = _ => 50 };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("replay", "Steps through a history with the arrow keys, or prints it; --all folds everything again and compares with the views (exit 1 on a difference); with another rule, tells what would differ")
        {
            Code, All, From, To, Plain, Ladder, Calendar, Procedure, Past, Limit,
        }.Does(ReplayAsync),
    ];

    private static Task<int> ReplayAsync(Run run)
    {
        var (code, all) = (run.Arguments.GetValue(Code), run.Arguments.GetValue(All));
        if (code is null != all)
            throw new WrongUseException("name one dossier, or --all");
        string?[] files = [run.Arguments.GetValue(Ladder), run.Arguments.GetValue(Calendar), run.Arguments.GetValue(Procedure)];
        return files.Any(file => file is not null) ? CounterfactualAsync(run, code, files)
            : all ? AuditVerbs.ReplayAllAsync(run)
            : run.Arguments.GetValue(From) is not null || run.Arguments.GetValue(To) is not null ? DifferenceAsync(run, code!)
            : StepsAsync(run, code!);
    }

    private static async Task<int> StepsAsync(Run run, string code)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var steps = await Replay.OfAsync(open.Database, code, Moments.Now(run), run.Cancel);
        if (!run.Arguments.GetValue(CommandLine.Json) && !run.Arguments.GetValue(Plain) && !Console.IsOutputRedirected && !Console.IsInputRedirected)
            await ReplayScreen.RunAsync(code, steps, run);
        else
            run.Output.Answer(new { code, steps }, () =>
            {
                foreach (var (i, step) in steps.Index())
                {
                    foreach (var line in Lines(step, i, steps.Count))
                        run.Output.Line(line);
                    run.Output.Line();
                }
            });
        return 0;
    }

    private static async Task<int> DifferenceAsync(Run run, string code)
    {
        AsOf Moment(Option<string?> option) => run.Arguments.GetValue(option) is not { } text ? new()
            : AsOf.Read(text) ?? throw new WrongUseException($"{option.Name}: '{text}' is no moment; write a version, 2026-05-06T17:00, @2026-05-07T09:00 (recorded by then), or both as 2026-05-06@2026-05-07");
        await using var open = await OpenDatabase.OfAsync(run);
        var difference = Replay.Between(code, await History.ReadAsync(open.Database.Log, code, new(), run.Cancel), run.Arguments.GetValue(From) is null ? new(Version: 0) : Moment(From), Moment(To));
        run.Output.Answer(difference, () =>
        {
            foreach (var (sign, told) in difference.Came.Select(e => ('+', e)).Concat(difference.Gone.Select(e => ('-', e))))
                run.Output.Line($"{sign} {told.Version,3}  {Moments.Show(told.OccurredAt)}  recorded {Moments.Show(told.RecordedAt)}  {told.Name} by {told.Actor}");
            foreach (var change in difference.Changed)
                run.Output.Line($"  {change}");
            if (difference.Changed.Count == 0)
                run.Output.Line("nothing differs");
        });
        return 0;
    }

    private static async Task<int> CounterfactualAsync(Run run, string? code, string?[] files)
    {
        var other = new OtherRules(
            files[0] is { } ladder ? Alerts.Ladders.Parse(await System.IO.File.ReadAllBytesAsync(ladder, run.Cancel)) : null,
            files[1] is { } calendar ? await CalendarVerbs.ReadAsync(calendar, run.Cancel) : null,
            files[2] is { } procedures ? Procedures(procedures) : null);
        await using var open = await OpenDatabase.OfAsync(run);
        CounterfactualReport report;
        using (var progress = run.Progress("events"))
            report = await Counterfactual.OfAsync(open.Database, other, Moments.Now(run), run.Arguments.GetValue(Past), run.Arguments.GetValue(Limit), code, read => progress.Report(read), run.Cancel);
        run.Output.Answer(report, () => Tell(run, report));
        return 0;
    }

    /// <summary>Sheets that name no day hold for every dossier.</summary>
    private static IReadOnlyList<Procedures.ProcedurePublished> Procedures(string path)
    {
        var file = EventDossier.Procedures.ProcedureFile.Read(path, new(WorkCalendar.First, TimeOnly.MinValue, WorkCalendar.Vietnam.Hours.UtcOffset), new Dictionary<string, Limit>());
        return file.Procedures.Count > 0 ? file.Procedures : throw new UserError("bad-file", $"{path}: no procedure whose limit is certain");
    }

    private static void Tell(Run run, CounterfactualReport report)
    {
        foreach (var dossier in report.Dossiers)
        {
            run.Output.Line($"{dossier.Code}{(dossier.Officer is { } officer ? $"  {officer}" : "")}  "
                + (dossier.Due == dossier.OtherDue ? $"due {Date(dossier.Due)}" : $"due {Date(dossier.Due)} → {Date(dossier.OtherDue)}")
                + (dossier.Was == dossier.WouldBe ? "" : $"; {Word(dossier.Was)} → {Word(dossier.WouldBe)}"));
            foreach (var alert in dossier.Alerts)
            {
                var sign = alert.DueAt is null ? "+" : alert.OtherDueAt is null ? "-" : "~";
                var when = alert.DueAt is null || alert.OtherDueAt is null || alert.DueAt == alert.OtherDueAt ? Date(alert.OtherDueAt ?? alert.DueAt) : $"{Date(alert.DueAt)} → {Date(alert.OtherDueAt)}";
                run.Output.Line($"  {sign} {when}  {alert.Rule} ({EventDossier.Alerts.Inbox.NameOf(alert.Level)}){(alert.Cycle > 1 ? $" of cycle {alert.Cycle}" : "")} to {string.Join(", ", alert.To.Select(to => to.Person ?? to.Post ?? to.Unit))}");
            }
        }
        var counts = report.Counts;
        if (report.Dossiers.Count > 0)
            run.Output.Line();
        run.Output.Line($"{counts["differing"]:N0} of {Output.Count(counts["dossiers"], "dossier")} would differ{(counts["differing"] > report.Dossiers.Count ? $", the first {report.Dossiers.Count} above" : "")}");
        run.Output.Line($"  due at another moment {counts["dueMoved"]:N0}; late instead of in time {counts["becameLate"]:N0}; in time instead of late {counts["becameInTime"]:N0}");
        run.Output.Line($"  alerts more {counts["alertsMore"]:N0}, fewer {counts["alertsFewer"]:N0}, at another moment or to others {counts["alertsOther"]:N0}");
        if (report.Rules.Count > 0)
            run.Output.Table(["rule", "more", "fewer", "other"], report.Rules.Select(r => new[] { r.Key, $"{r.Value[0]}", $"{r.Value[1]}", $"{r.Value[2]}" }));
    }

    private static string Word(Lateness lateness) => lateness switch { Lateness.NoDate => "no date", Lateness.OnTime => "on time", _ => lateness.ToString().ToLowerInvariant() };

    /// <summary>One step for people.</summary>
    internal static IEnumerable<string> Lines(ReplayStep step, int index, int count)
    {
        var (told, due) = (step.Event, step.Due);
        yield return $"{index + 1} of {count}  {told.Name}";
        yield return $"  happened  {Moments.Show(told.OccurredAt)}, recorded {Moments.Show(told.RecordedAt)}: not to be known before{(told.RecordedAt - told.OccurredAt is { TotalDays: >= 1 } late ? $", {late.TotalDays:N0} d later" : "")}";
        yield return $"  by        {told.Actor}{(told.Role.Length > 0 ? $" as {told.Role}" : "")}{(told.Authority is { } authority ? $" under {authority}" : "")}";
        foreach (var (i, change) in step.Changed.Index())
            yield return $"  {(i == 0 ? "changed" : ""),-8}  {change}";
        yield return $"  state     {StageNames.Of(step.Stage)}{(step.Officer is { } officer ? $", with {officer}" : "")}{(step.Unit is { } unit ? $" in {unit}" : "")}";
        if (step.Clock is { } clock)
        {
            yield return $"  clock     {(clock.Limit is { } limit ? $"limit {limit}, " : "")}ran {Worked(clock.Ran)}{(clock.Cycle > 1 ? $", cycle {clock.Cycle}" : "")}";
            foreach (var stretch in clock.Stretches)
                yield return $"            {Moments.Show(stretch.From)} to {Moments.Show(stretch.To)}  {(stretch.StoodBy.Count == 0 ? $"ran {Worked(stretch.Minutes)}" : $"stood {Worked(stretch.Minutes)}: {string.Join(", ", stretch.StoodBy)}")}";
        }
        if (due.Answer is { } answer)
            yield return $"  due       answer by {Moments.Show(answer)}";
        else if (step.Clock is not null)
        {
            yield return $"  due       promised {Date(due.Promised)}; known then {Date(due.KnownThen)}; known now {Date(due.KnownNow)}"
                + (due.GeneralThen is null && due.GeneralNow is null ? "" : $"; by the general limit {Date(due.GeneralThen)}");
        }
        foreach (var (i, alert) in step.Alerts.Index())
        {
            yield return $"  {(i == 0 ? "alerts" : ""),-8}  {Moments.Show(alert.DueAt)}  {alert.Rule} ({Alerts.Inbox.NameOf(alert.Level)}){(alert.Cycle > 1 ? $" of cycle {alert.Cycle}" : "")}: "
                + alert.Standing switch
                {
                    AlertStanding.Ahead => "ahead",
                    AlertStanding.Due => "falls due before the next event, not raised yet",
                    var standing => $"raised {Moments.Show(alert.RaisedAt)}{(standing == AlertStanding.Raised ? "" : $", {standing.ToString().ToLowerInvariant()}")}",
                };
        }
    }

    private static string Date(DateTimeOffset? at) => at is null ? "none" : Moments.Show(at);

    internal static string Worked(int minutes) => minutes < 60 ? $"{minutes} min" : minutes % 60 == 0 ? $"{minutes / 60} h" : $"{minutes / 60} h {minutes % 60} min";
}
