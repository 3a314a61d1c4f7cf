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

    public static IEnumerable<Command> Commands() =>
    [
        new Command("replay", "Steps through a history with the arrow keys, or prints it; --all folds everything again and compares with the views (exit 1 on a difference)")
        {
            Code, All, From, To, Plain,
        }.Does(ReplayAsync),
    ];

    private static Task<int> ReplayAsync(Run run)
    {
        var (code, all) = (run.Arguments.GetValue(Code), run.Arguments.GetValue(All));
        if (code is null != all)
            throw new WrongUseException("name one dossier, or --all");
        return all ? AuditVerbs.ReplayAllAsync(run)
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
