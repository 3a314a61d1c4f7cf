using System.CommandLine;
using EventDossier.Alerts;
using EventDossier.Complaints;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Cli;

/// <summary><c>tick</c>, <c>alerts</c>, <c>ladder</c>: who must be told of a dossier in danger, and was.</summary>
internal static class AlertVerbs
{
    private static readonly Option<string?> AsOf = new("--as-of") { Description = "As of this moment; one that has not come yet only in a sample database", HelpName = "T" };
    private static readonly Option<bool> AlsoPast = new("--past") { Description = "Also what fell due in imported dossiers before their cut-over" };
    private static readonly Option<string?> Person = new("--person") { Description = "Only of this person", HelpName = "ID" };
    private static readonly Option<string?> Agency = new("--agency") { Description = "Only of this agency", HelpName = "A" };
    private static readonly Option<string?> Unit = new("--unit") { Description = "Only of this unit", HelpName = "U" };
    private static readonly Option<AlertLevel?> Level = new("--level") { Description = "Only of this level", HelpName = "l0|warning|apologyDuty|l1|l2|l3" };
    private static readonly Option<bool> Unacknowledged = new("--unacknowledged") { Description = "Only what nobody has acknowledged" };
    private static readonly Option<int> Limit = new("--limit") { Description = "How many at most", HelpName = "N", DefaultValueFactory = _ => 50 };
    private static readonly Argument<string> File = new("FILE") { Description = "JSON: {shortUnderHours, rules, basis}" };
    private static readonly Option<string?> OfAgency = new("--agency") { Description = "The agency's own ladder", HelpName = "A" };
    private static readonly Option<string?> OfProcedure = new("--procedure") { Description = "The procedure's own ladder", HelpName = "P" };
    private static readonly Option<string?> From = new("--from") { Description = "From when it holds, if not from now", HelpName = "T" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("tick", "Raises every alert that is due, and withdraws what turned out to have no reason") { AsOf, AlsoPast }.Does(TickAsync),
        new Command("waker", "Keeps the views up with the log and raises alerts as they fall due, until it is stopped") { Hidden = true }.Does(WakeAsync),
        new Command("alerts", "The open alerts, or those that were, the longest due first") { Person, Unit, Agency, Level, Unacknowledged, Limit, Past.AsOf, Past.KnownAt, Past.Position }.Does(AlertsAsync),
        new Command("ladder", "Who is told when")
        {
            new Command("import", "Decides a ladder: the centre's, an agency's or a procedure's") { File, OfAgency, OfProcedure, From }.Does(ImportAsync),
            new Command("show", "The rules that hold now, or at a moment") { OfAgency, OfProcedure, AsOf }.Does(ShowAsync),
        },
    ];

    private static async Task<int> TickAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var (now, at) = (Moments.Now(run), Moments.Parse(run, AsOf));
        if (at > now && !open.Database.IsSample)
            throw new WrongUseException($"--as-of: {at:yyyy-MM-dd HH:mm zzz} has not come yet; only a sample database is ticked ahead");
        var result = await new Waker(open.Database).TickAsync(at ?? now, run.Arguments.GetValue(AlsoPast), run.Cancel);
        var complaints = await new ComplaintDesk(open.Database, new Desk(open.Database), () => throw new InvalidOperationException("nothing of it is opened")).RaiseAsync(at ?? now, run.Cancel);
        await open.CatchUpAsync(run.Cancel);
        run.Output.Answer(new { asOf = at ?? now, looked = result.Due, result.Raised, result.Withdrawn, complaints }, () =>
            run.Output.Line($"{Output.Count(result.Due, "dossier")} looked at, {Output.Count(result.Raised, "alert")} raised, {result.Withdrawn:N0} withdrawn{(complaints > 0 ? $"; {Output.Count(complaints, "complaint")} late" : "")}"));
        return 0;
    }

    private static async Task<int> WakeAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        run.Output.Line("raising alerts; Ctrl-C ends it");
        run.Output.Flush();
        await Task.WhenAll(new Views(ProductViews.All, open.Database).FollowAsync(run.Cancel), new Waker(open.Database).RunAsync(run.Cancel));
        return 0;
    }

    private static async Task<int> AlertsAsync(Run run)
    {
        var past = Past.Of(run);
        var query = new Inbox.Query(
            run.Arguments.GetValue(Person), run.Arguments.GetValue(Unit), run.Arguments.GetValue(Agency), run.Arguments.GetValue(Level),
            run.Arguments.GetValue(Unacknowledged) ? false : null, Limit: run.Arguments.GetValue(Limit));
        await using var open = await OpenDatabase.OfAsync(run);
        if (past is null)
            await open.CatchUpAsync(run.Cancel);
        var rows = past is null ? await Inbox.View.FindAsync(open.Database.App, query, run.Cancel) : (await Inbox.View.ThenAsync(open.Database, past, query, cancel: run.Cancel)).Rows;
        run.Output.Answer(rows, () => run.Output.Table(
            ["dossier", "level", "rule", "cycle", "due", "raised", "person", "post", "unit", "acknowledged"],
            rows.Select(r => new[]
            {
                r.Code, Inbox.NameOf(r.Level), r.Rule, $"{r.Cycle}", Moments.Show(r.DueAt), Moments.Show(r.RaisedAt), r.Person ?? "", r.Post ?? "", r.Unit ?? "", Moments.Show(r.AcknowledgedAt),
            })));
        return 0;
    }

    private static async Task<int> ImportAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var version = await Ladders.DecideAsync(
            open.Database, Stream(run), await System.IO.File.ReadAllBytesAsync(run.Arguments.GetValue(File)!, run.Cancel), Moments.Parse(run, From) ?? Moments.Now(run),
            ActVerbs.Who(Guid.Empty, Role.Administrator), cancel: run.Cancel);
        run.Output.Answer(new { ladder = Stream(run), version }, () => run.Output.Line($"{Stream(run)} version {version}"));
        return 0;
    }

    private static async Task<int> ShowAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        await using var connection = await open.Database.App.OpenConnectionAsync(run.Cancel);
        var held = (await Ladders.LoadAsync(connection, open.Database.Names, run.Cancel)).At(Stream(run), Moments.Parse(run, AsOf) ?? Moments.Now(run));
        if (held is null && Stream(run) != Ladders.Default)
            throw new UserError("no-such-ladder", $"there is no ladder {Stream(run)} then; the centre's holds");
        var ladder = held ?? Ladders.Product;
        run.Output.Answer(new { ladder = ladder.Stream, version = ladder.Number, ladder.Decided.ShortUnderHours, ladder.Decided.Rules, ladder.Decided.Basis }, () =>
        {
            run.Output.Line(ladder.Number == 0 ? "the ladder that comes with the product" : $"{ladder.Stream} version {ladder.Number}, from {Moments.Show(ladder.From)}");
            run.Output.Table(
                ["rule", "clock", "limits", "level", "share", "hours after due", "told", "unacknowledged"],
                ladder.Decided.Rules.Select(r => new[]
                {
                    r.Name, $"{r.Clock}", $"{r.Limits}", Inbox.NameOf(r.Level), r.Percent is { } percent ? $"{percent} %" : "", $"{r.Hours}", string.Join(", ", r.To),
                    r.Climb is { } climb ? $"after {climb.Hours} h: {string.Join(", ", climb.To)}" : "",
                }));
        });
        return 0;
    }

    private static string Stream(Run run) => (run.Arguments.GetValue(OfAgency), run.Arguments.GetValue(OfProcedure)) switch
    {
        ({ } agency, null) => Ladders.OfAgency(agency),
        (null, { } procedure) => Ladders.OfProcedure(procedure),
        (null, null) => Ladders.Default,
        _ => throw new WrongUseException("a ladder is an agency's or a procedure's, not both"),
    };
}
