using System.CommandLine;
using EventDossier.Dossiers;
using EventDossier.Outages;

namespace EventDossier.Cli;

/// <summary><c>numbers</c> and <c>outage</c>: slips printed ahead, and the paper of a place that was cut off.</summary>
internal static class OutageVerbs
{
    private static readonly Argument<string> Block = new("NAME") { Description = "Of the block, as the centre names it" };
    private static readonly Argument<string> Number = new("NUMBER") { Description = "Of the outage, as the centre registers it" };
    private static readonly Argument<string> Entries = new("FILE") { Description = "CSV: code, procedure, receivedAt; channel, unit, officer, name, identityNumber, address, phone, mail" };
    private static readonly Option<string> Agency = new("--agency") { Description = "The agency that numbers", HelpName = "A", Required = true };
    private static readonly Option<string> Unit = new("--unit") { Description = "The place", HelpName = "U", Required = true };
    private static readonly Option<string?> Day = new("--day") { Description = "That the codes name; else today", HelpName = "D" };
    private static readonly Option<int> Count = new("--count") { Description = "How many numbers", HelpName = "N", Required = true };
    private static readonly Option<string> Reason = new("--reason") { Description = "Why", HelpName = "TEXT", Required = true };
    private static readonly Option<string?> From = new("--from") { Description = "When it began, if not now", HelpName = "TIME" };
    private static readonly Option<string?> To = new("--to") { Description = "When it was over, if not now", HelpName = "TIME" };
    private static readonly Option<string> ApprovedBy = new("--approved-by") { Description = "Who answers for the dating back", HelpName = "NAME", Required = true };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("numbers", "Blocks of numbers for slips printed ahead")
        {
            new Command("reserve", "Sets a block of numbers aside; the same again goes on with it") { Block, Agency, Unit, Day, Count }.Does(ReserveAsync),
            new Command("show", "The numbers of a block, and which are used") { Block }.Does(ShowAsync),
            new Command("void", "Voids what is still unused of a block") { Block, Reason, ActVerbs.Key }.Does(VoidAsync),
        },
        new Command("outage", "Outages of a place, and the paper that is typed in afterwards")
        {
            new Command("declare", "A place is cut off, and goes on with paper") { Number, Unit, Reason, From, ActVerbs.Key }.Does(run => DoAsync(run, From, (desk, number, context) =>
                desk.DeclareAsync(number, new(run.Arguments.GetValue(Unit)!, run.Arguments.GetValue(Reason)!), context, run.Cancel))),
            new Command("end", "The place is reached again") { Number, To, ActVerbs.Key }.Does(run => DoAsync(run, To, (desk, number, context) => desk.EndAsync(number, context, run.Cancel))),
            new Command("enter", "Types in the slips of an outage, each from the time on its paper (exit 1 if one is refused)") { Number, Entries, ApprovedBy }.Does(EnterAsync),
            new Command("list", "All outages").Does(ListAsync),
        },
    ];

    private static ActContext Context(Run run, string role, DateTimeOffset? at = null)
    {
        var now = Moments.Now(run);
        return new(now, ActVerbs.Who(ActVerbs.NewCommand(run), role) with { Request = ActVerbs.Request(run) }, at ?? now);
    }

    private static OutageDesk DeskOf(OpenDatabase open) => new(open.Database, new Desk(open.Database));

    private static async Task<int> ReserveAsync(Run run)
    {
        var day = DateOnly.FromDateTime((Moments.Parse(run, Day) ?? Moments.Now(run)).DateTime);
        await using var open = await OpenDatabase.OfAsync(run);
        var act = new ReserveNumbers(run.Arguments.GetValue(Agency)!, run.Arguments.GetValue(Unit)!, day, run.Arguments.GetValue(Count));
        return Tell(run, await DeskOf(open).ReserveAsync(run.Arguments.GetValue(Block)!, act, Context(run, Role.Supervisor), run.Cancel));
    }

    private static async Task<int> ShowAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        return Tell(run, await DeskOf(open).ShowAsync(run.Arguments.GetValue(Block)!, run.Cancel));
    }

    private static async Task<int> VoidAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        return Tell(run, await DeskOf(open).VoidAsync(run.Arguments.GetValue(Block)!, run.Arguments.GetValue(Reason)!, Context(run, Role.Supervisor), run.Cancel));
    }

    private static async Task<int> DoAsync(Run run, Option<string?> at, Func<OutageDesk, string, ActContext, Task<OutageDesk.Result>> act)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var result = await act(DeskOf(open), run.Arguments.GetValue(Number)!, Context(run, Role.Supervisor, Moments.Parse(run, at)));
        if (result.Refusal is { } refusal)
            return run.Output.Fail(1, refusal.Code, refusal.Reason);
        run.Output.Answer(result.Outage, () => run.Output.Line($"{result.Outage!.Number}: {result.Outage.Unit} from {Moments.Show(result.Outage.From)} to {Moments.Show(result.Outage.To)}"));
        return 0;
    }

    private static async Task<int> EnterAsync(Run run)
    {
        var entries = OutageEntry.Read(run.Arguments.GetValue(Entries)!);
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = new KeysOnDemand(run, open.Database);
        var context = Context(run, Role.Clerk) with { ApprovedBy = run.Arguments.GetValue(ApprovedBy) };
        var results = await DeskOf(open).EnterAsync(run.Arguments.GetValue(Number)!, entries, keys.OpenAsync, context, run.Cancel);
        await open.CatchUpAsync(run.Cancel);
        run.Output.Answer(results.Select(r => new { r.Code, r.Version, r.Position, refusal = r.Refusal }), () =>
        {
            foreach (var refused in results.Where(r => r.Refusal is not null))
                run.Output.Line($"{refused.Code} {refused.Refusal!.Code}: {refused.Refusal.Reason}");
            run.Output.Line($"{Output.Count(results.Count(r => r.Refusal is null), "slip")} entered, {results.Count(r => r.Refusal is not null)} refused");
        });
        return results.Any(r => r.Refusal is not null) ? 1 : 0;
    }

    private static async Task<int> ListAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var outages = await DeskOf(open).AllAsync(run.Cancel);
        run.Output.Answer(outages, () => run.Output.Table(["number", "place", "from", "to", "reason"], outages.Select(o => new[] { o.Number, o.Unit, Moments.Show(o.From), Moments.Show(o.To), o.Reason })));
        return 0;
    }

    private static int Tell(Run run, OutageDesk.BlockResult result)
    {
        if (result.Refusal is { } refusal)
            return run.Output.Fail(1, refusal.Code, refusal.Reason);
        run.Output.Answer(new { result.Block!.Name, result.Block.Reserved, result.Numbers }, () => run.Output.Table(["number", "state"], result.Numbers.Select(n => new[] { n.Code, n.State })));
        return 0;
    }
}
