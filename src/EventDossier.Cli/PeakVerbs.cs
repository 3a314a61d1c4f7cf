using System.CommandLine;
using EventDossier.Collecting;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Queues;

namespace EventDossier.Cli;

/// <summary><c>queue</c> and <c>uncollected</c>: numbers drawn at a counter, and results that nobody fetches.</summary>
internal static class PeakVerbs
{
    private static readonly Argument<string> Place = new("PLACE") { Description = "The unit whose counters call" };
    private static readonly Argument<string> Number = new("TICKET") { Description = "Place, day and number: H49.30/260504/0007" };
    private static readonly Option<string?> Service = new("--service") { Description = "What somebody comes for", HelpName = "TEXT" };
    private static readonly Option<string> Counter = new("--counter") { Description = "To which counter", HelpName = "TEXT", Required = true };
    private static readonly Option<string?> Again = new("--ticket") { Description = "This one, again if need be, and not whoever waits longest", HelpName = "TICKET" };
    private static readonly Option<string?> Code = new("--dossier") { Description = "That came of it", HelpName = "CODE" };
    private static readonly Option<string?> Reason = new("--reason") { Description = "Why, if it is known", HelpName = "TEXT" };
    private static readonly Option<string?> Day = new("--day") { Description = "Another than today", HelpName = "D" };
    private static readonly Option<string?> OfPlace = new("--place") { Description = "Only of this place", HelpName = "U" };
    private static readonly Option<string?> Period = new("--period") { Description = "2026, 2026-Q1 or 2026-10; the current year unless given", HelpName = "P" };
    private static readonly Option<bool> Tickets = new("--list") { Description = "Tells the tickets that the figures are made of" };
    private static readonly Option<int> Limit = new("--limit") { Description = "How many at most", HelpName = "N", DefaultValueFactory = _ => 50 };
    private static readonly Argument<string> Rule = new("FILE") { Description = "JSON: afterWorkingDays and basis" };
    private static readonly Option<string?> From = new("--from") { Description = "From when it holds, if not now", HelpName = "TIME" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("queue", "Numbers drawn at a counter")
        {
            new Command("take", "Draws the next number of a place") { Place, Service, ActVerbs.Key }.Does(run => DoAsync(run, (desk, context) =>
                desk.TakeAsync(run.Arguments.GetValue(Place)!, run.Arguments.GetValue(Service), context, run.Cancel))),
            new Command("call", "Calls whoever waits longest to a counter") { Place, Counter, Again, ActVerbs.Key }.Does(run => DoAsync(run, (desk, context) => run.Arguments.GetValue(Again) is { } ticket
                ? desk.CallAsync(ticket, run.Arguments.GetValue(Counter)!, context, run.Cancel)
                : desk.CallNextAsync(run.Arguments.GetValue(Place)!, run.Arguments.GetValue(Counter)!, context, run.Cancel))),
            new Command("serve", "Who held the number was served") { Number, Code, ActVerbs.Key }.Does(run => DoAsync(run, (desk, context) =>
                desk.ServeAsync(run.Arguments.GetValue(Number)!, run.Arguments.GetValue(Code), context, run.Cancel))),
            new Command("leave", "Nobody came, or who held it left") { Number, Reason, ActVerbs.Key }.Does(run => DoAsync(run, (desk, context) =>
                desk.LeaveAsync(run.Arguments.GetValue(Number)!, run.Arguments.GetValue(Reason), context, run.Cancel))),
            new Command("list", "The numbers of a place and a day") { Place, Day }.Does(ListAsync),
            new Command("figures", "How long people waited and were served, against the target") { OfPlace, Period, Tickets, Limit }.Does(FiguresAsync),
        },
        new Command("uncollected", "Results that nobody fetched")
        {
            new Command("list", "The longest waiting first") { Limit }.Does(UncollectedAsync),
            new Command("remind", "Raises the reminders that are due, each once").Does(RemindAsync),
            new Command("rule", "When applicants are reminded").Does(RuleAsync),
            new Command("decide", "Decides when applicants are reminded; the same again decides nothing") { Rule, From }.Does(DecideAsync),
        },
    ];

    private static async Task<int> DoAsync(Run run, Func<QueueDesk, ActContext, Task<QueueDesk.Result>> act)
    {
        var now = Moments.Now(run);
        await using var open = await OpenDatabase.OfAsync(run);
        var result = await act(new(open.Database), new(now, ActVerbs.Who(ActVerbs.NewCommand(run), Role.Clerk) with { Request = ActVerbs.Request(run) }, now));
        if (result.Refusal is { } refusal)
            return run.Output.Fail(1, refusal.Code, refusal.Reason);
        run.Output.Answer(result.Ticket, () => run.Output.Line($"{result.Ticket!.Id} {NameOf(result.Ticket.State)}{(result.Ticket is { State: TicketState.Called, Counter: { } counter } ? $" to {counter}" : "")}"));
        return 0;
    }

    private static async Task<int> ListAsync(Run run)
    {
        var day = DateOnly.FromDateTime((Moments.Parse(run, Day) ?? Moments.Now(run)).DateTime);
        await using var open = await OpenDatabase.OfAsync(run);
        var tickets = await new QueueDesk(open.Database).OfDayAsync(run.Arguments.GetValue(Place)!, day, run.Cancel);
        run.Output.Answer(tickets, () => Tell(run.Output, tickets));
        return 0;
    }

    private static void Tell(Output output, IReadOnlyList<Ticket> tickets) => output.Table(
        ["ticket", "state", "taken", "counter", "wait min", "service min", "dossier"],
        tickets.Select(t => new[] { t.Id, NameOf(t.State), Moments.Show(t.TakenAt), t.Counter ?? "", $"{t.WaitMinutes}", $"{t.ServiceMinutes}", t.Dossier ?? "" }));

    private static async Task<int> FiguresAsync(Run run)
    {
        var text = run.Arguments.GetValue(Period) ?? $"{Moments.Now(run).Year}";
        var (from, to) = CentreTime.ReadPeriod(text) ?? throw new WrongUseException($"--period: '{text}' is none such as 2026, 2026-Q1 or 2026-10");
        await using var open = await OpenDatabase.OfAsync(run);
        var limit = run.Arguments.GetValue(Tickets) ? run.Arguments.GetValue(Limit) : 0;
        var figures = await CounterTime.OfAsync(open.Database, from, to, run.Arguments.GetValue(OfPlace), limit: limit, cancel: run.Cancel);
        run.Output.Answer(figures, () =>
        {
            run.Output.Line($"{Moments.Show(figures.From)} to {Moments.Show(figures.To)}, log position {figures.Position:N0}, definition {figures.Definition.Version}");
            run.Output.Line($"{figures.Taken} taken, {figures.Served} served, {figures.Left} left ({figures.LeftWaiting} before they were called), {figures.Waiting} waiting");
            run.Output.Table(
                ["", $"within {figures.Definition.TargetMinutes} min", "of", "percent", "median min", "95 % min"],
                new[] { ("wait", figures.Wait), ("service", figures.Service) }.Select(m => new[] { m.Item1, $"{m.Item2.Within}", $"{m.Item2.Of}", $"{m.Item2.Percent}", $"{m.Item2.Median}", $"{m.Item2.NinetyFifth}" }));
            if (limit > 0)
                Tell(run.Output, figures.Tickets);
        });
        return 0;
    }

    private static async Task<int> UncollectedAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        await open.CatchUpAsync(run.Cancel);
        var rows = await Uncollected.ListAsync(open.Database, (await Rulebook.LoadAsync(open.Database, run.Cancel)).Calendar, Moments.Now(run), limit: run.Arguments.GetValue(Limit), cancel: run.Cancel);
        run.Output.Answer(rows, () => run.Output.Table(
            ["dossier", "ready", "working days", "reminded", "last", "agency"],
            rows.Select(r => new[] { r.Code, Moments.Show(r.ReadyAt), $"{r.WorkingDays}", $"{r.Reminders}", Moments.Show(r.RemindedAt), r.Agency ?? "" })));
        return 0;
    }

    private static async Task<int> RemindAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var reminded = await Uncollected.RemindAsync(open.Database, Moments.Now(run), ActVerbs.Who(Guid.Empty, Role.Administrator), run.Cancel);
        await open.CatchUpAsync(run.Cancel);
        run.Output.Answer(reminded, () => run.Output.Line($"{Output.Count(reminded.Count, "applicant")} reminded"));
        return 0;
    }

    private static async Task<int> RuleAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var rule = await ReminderRule.AtAsync(open.Database, Moments.Now(run), run.Cancel);
        run.Output.Answer(rule, () => run.Output.Line($"version {rule.Version}: {string.Join(", ", rule.AfterWorkingDays)} working days after the result was ready; {rule.Basis}"));
        return 0;
    }

    private static async Task<int> DecideAsync(Run run)
    {
        var (path, from) = (run.Arguments.GetValue(Rule)!, Moments.Parse(run, From) ?? Moments.Now(run));
        var json = await File.ReadAllBytesAsync(path, run.Cancel);
        await using var open = await OpenDatabase.OfAsync(run);
        try
        {
            var version = await ReminderRule.DecideAsync(open.Database, json, from, ActVerbs.Who(Guid.Empty, Role.Administrator), run.Cancel);
            run.Output.Answer(new { version }, () => run.Output.Line($"version {version} holds from {Moments.Show(from)}"));
            return 0;
        }
        catch (UserError e) when (e.Code == "bad-rule")
        {
            throw new UserError(e.Code, $"{path}: {e.Message}");
        }
    }

    private static string NameOf(TicketState state) => state.ToString().ToLowerInvariant();
}
