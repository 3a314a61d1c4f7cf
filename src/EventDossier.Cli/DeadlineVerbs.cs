using System.CommandLine;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Cli;

/// <summary><c>overdue</c> and <c>deadline</c>: what is late, and why a date is what it is.</summary>
internal static class DeadlineVerbs
{
    private static readonly Option<string?> AsOf = new("--as-of") { Description = "At this moment instead of now, by what had happened by then; may lie ahead", HelpName = "T" };
    private static readonly Option<string?> Agency = new("--agency") { Description = "Only of this agency", HelpName = "A" };
    private static readonly Option<string?> Unit = new("--unit") { Description = "Only of this unit", HelpName = "U" };
    private static readonly Option<string?> Officer = new("--officer") { Description = "Only of this officer", HelpName = "O" };
    private static readonly Option<int> Limit = new("--limit") { Description = "How many at most", HelpName = "N", DefaultValueFactory = _ => 50 };
    private static readonly Argument<string> Code = new("CODE") { Description = "The dossier" };
    private static readonly Option<string?> AsOfLegal = new("--as-of") { Description = "By what had happened by then", HelpName = "T" };
    private static readonly Option<string?> KnownAt = new("--known-at") { Description = "By what was recorded, and which decisions were known, by then", HelpName = "K" };
    private static readonly Option<Language> In = new("--lang") { Description = "en or vi", DefaultValueFactory = _ => Language.En };
    private static readonly Option<string> TimeLimit = new("--limit") { Description = "\"5 days\", \"16 hours\", \"same day\", \"30 calendar days\", \"2 months\"", HelpName = "LIMIT", Required = true };
    private static readonly Option<string> Received = new("--received") { Description = "Moment of receipt", HelpName = "T", Required = true };

    private static readonly Option<string[]> Paused = new("--pause") { Description = "A stretch in which the clock stands; without its end, it still does; may be given again", HelpName = "FROM..TO" };
    private static readonly Option<string[]> Restarted = new("--restart") { Description = "A pause on whose end the full limit begins again; may be given again", HelpName = "FROM..TO" };
    private static readonly Option<string?> Extended = new("--extend") { Description = "A new appointment, and when it was given", HelpName = "AT..DUE" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("overdue", "What is late, or was or will be at a moment, the longest overdue first") { AsOf, Past.KnownAt, Past.Position, Agency, Unit, Officer, Limit }.Does(OverdueAsync),
        new Command("deadline", "Due dates that explain themselves")
        {
            new Command("explain", "How a dossier's due date was found, day by day") { Code, AsOfLegal, KnownAt, In }.Does(ExplainAsync),
            new Command("compute", "The due date of a limit, day by day") { TimeLimit, Received, Paused, Restarted, Extended, In }.Does(ComputeAsync),
        },
    ];

    private static async Task<int> OverdueAsync(Run run)
    {
        var (past, now) = (Past.Of(run, AsOf), Moments.Now(run));
        await using var open = await OpenDatabase.OfAsync(run);
        var at = past is null ? now : past.Legal ?? past.Recorded ?? await open.Database.RecordedAtAsync(past.Position!.Value, run.Cancel) ?? now;
        var query = new DeadlineBoard.Query(run.Arguments.GetValue(Agency), run.Arguments.GetValue(Unit), run.Arguments.GetValue(Officer), Limit: run.Arguments.GetValue(Limit));
        var (rows, count) = await OverdueAsync(run, open, past, now, at, query);
        run.Output.Answer(
            new { asOf = at, count, dossiers = rows.Select(r => new { r.Code, r.Due, r.ReceivedAt, r.FinishedAt, r.Agency, r.Unit, r.Officer, r.Procedure, late = Late(r, at) }) },
            () =>
            {
                run.Output.Line($"{count:N0} overdue at {Moments.Show(at)}{(count > rows.Count ? $", the first {rows.Count}" : "")}");
                if (rows.Count > 0)
                    run.Output.Line();
                run.Output.Table(
                    ["dossier", "due", "late", "officer", "unit", "agency", "procedure"],
                    rows.Select(r => new[] { r.Code, Moments.Show(r.Due), Late(r, at), r.Officer ?? "", r.Unit ?? "", r.Agency ?? "", r.Procedure ?? "" }));
            });
        return 0;
    }

    /// <summary>What has passed is asked of the log; what is and what lies ahead, of the view.</summary>
    private static async Task<PastRows<DeadlineBoard.Row>> OverdueAsync(Run run, OpenDatabase open, AsOf? past, DateTimeOffset now, DateTimeOffset at, DeadlineBoard.Query query)
    {
        if (past is not null && (past.Recorded is not null || past.Position is not null || past.Legal < now))
            return await DeadlineBoard.View.OverdueThenAsync(open.Database, at, past, query, cancel: run.Cancel);
        await open.CatchUpAsync(run.Cancel);
        return new(
            await DeadlineBoard.View.OverdueAsync(open.Database.App, at, query, run.Cancel), await DeadlineBoard.View.CountOverdueAsync(open.Database.App, at, query, run.Cancel));
    }

    /// <summary>In whole working days, under one of them in working hours.</summary>
    private static string Late(DeadlineBoard.Row row, DateTimeOffset at)
    {
        try
        {
            var minutes = WorkCalendar.Vietnam.WorkingMinutes(row.Due!.Value, at);
            return minutes >= 480 ? $"{minutes / 480} d" : $"{minutes / 60} h";
        }
        catch (ArgumentOutOfRangeException)
        {
            return "";
        }
    }

    private static async Task<int> ExplainAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var date = await ExplainedDate.OfAsync(
            open.Database, await Aliases.ResolveAsync(open.Database.Log, run.Arguments.GetValue(Code)!, run.Cancel), new(Moments.Parse(run, AsOfLegal), Moments.Parse(run, KnownAt)), run.Cancel);
        run.Output.Answer(date, () =>
        {
            if (date.Computed)
                run.Output.Line(date.Code);
            foreach (var line in date.ToLines(run.Arguments.GetValue(In)))
                run.Output.Line(line);
        });
        return 0;
    }

    private static Task<int> ComputeAsync(Run run)
    {
        if (!Deadlines.Limit.TryParse(run.Arguments.GetValue(TimeLimit)!, out var limit, out var why))
            throw new WrongUseException($"--limit: {why}");
        var received = Moments.Parse(run.Arguments.GetValue(Received)!, Received.Name);
        var facts = new ClockFacts(received, limit)
        {
            Pauses = [.. Pauses(run, Paused, restarts: false), .. Pauses(run, Restarted, restarts: true)],
            Extension = run.Arguments.GetValue(Extended) is { } text
                ? Stretch(text, Extended.Name) is { From: var at, To: { } due } ? new(at, due, "E1") : throw new WrongUseException($"{Extended.Name}: '{text}' names no new date; write AT..DUE")
                : null,
        };
        var ledger = DueDate.Compute(facts, WorkCalendar.Vietnam);
        run.Output.Answer(ledger, () =>
        {
            foreach (var line in Explanation.ToLines(ledger, run.Arguments.GetValue(In)))
                run.Output.Line(line);
        });
        return Task.FromResult(0);
    }

    private static IEnumerable<Pause> Pauses(Run run, Option<string[]> option, bool restarts) =>
        (run.Arguments.GetValue(option) ?? []).Select((text, i) =>
        {
            var (from, to) = Stretch(text, option.Name);
            if (to < from)
                throw new WrongUseException($"{option.Name}: '{text}' ends before it begins");
            return new Pause(from, to, PauseKind.Supplement, $"{(restarts ? 'R' : 'P')}{i + 1}", restarts);
        });

    private static (DateTimeOffset From, DateTimeOffset? To) Stretch(string text, string option)
    {
        var ends = text.Split("..", 2);
        if (ends.Length < 2)
            throw new WrongUseException($"{option}: '{text}' is no stretch of time; write FROM..TO");
        return (Moments.Parse(ends[0], option), ends[1].Length == 0 ? null : Moments.Parse(ends[1], option));
    }
}
