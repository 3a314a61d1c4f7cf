using System.CommandLine;
using EventDossier.Audit;

namespace EventDossier.Cli;

/// <summary><c>verify</c> and <c>replay</c>: does everything add up?</summary>
internal static class AuditVerbs
{
    private static readonly Option<bool> All = new("--all") { Description = "Every dossier, compared with the views", Required = true };
    private static readonly Option<bool> ViewsOnly = new("--views") { Description = "Only the views" };
    private static readonly Option<bool> AlertsOnly = new("--alerts") { Description = "Only the alerts: what was owed and not raised, or raised late, twice, for another moment or to others" };
    private static readonly Option<int> Tolerance = new("--tolerance") { Description = "With --alerts: how many seconds after it was owed an alert is not late yet", HelpName = "S", DefaultValueFactory = _ => 5 };
    private static readonly Option<bool> Past = new("--past") { Description = "With --alerts: imported dossiers from their receipt on, after tick --past" };
    private static readonly Option<string?> AsOf = new("--as-of") { Description = "With --alerts: what was owed by this moment instead of by now", HelpName = "T" };

    private static readonly Argument<string?> Code = new("CODE") { Description = "The dossier", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Actor = new("--actor") { Description = "Only what this person was handed", HelpName = "X" };
    private static readonly Option<int> Limit = new("--limit") { Description = "How many at most", HelpName = "N", DefaultValueFactory = _ => 50 };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("access", "Who was handed personal data, of which dossier, the newest first") { Code, Actor, Limit }.Does(AccessAsync),
        new Command("verify", "Streams whole, events known and folding, views equal to their replay (exit 1 on a finding)") { ViewsOnly, AlertsOnly, Tolerance, Past, AsOf }.Does(VerifyAsync),
        new Command("replay", "Folds everything again and compares with the views (exit 1 on a difference)") { All }.Does(ReplayAsync),
    ];

    private static async Task<int> AccessAsync(Run run)
    {
        var (code, actor) = (run.Arguments.GetValue(Code), run.Arguments.GetValue(Actor));
        if (code is null && actor is null)
            throw new WrongUseException("access takes a dossier's code, --actor, or both");
        await using var open = await OpenDatabase.OfAsync(run);
        await open.CatchUpAsync(run.Cancel);
        var rows = await AccessLog.View.FindAsync(open.Database.App, code, actor, limit: run.Arguments.GetValue(Limit), cancel: run.Cancel);
        run.Output.Answer(rows, () => run.Output.Table(
            ["at", "recorded", "by", "role", "what", "where", "dossier", "document", "reason"],
            rows.Select(r => new[] { Moments.Show(r.At), Moments.Show(r.RecordedAt), r.Actor, r.Role, r.What, r.Where, r.Code, r.Document is { } hash ? hash[..12] : "", r.Reason ?? "" })));
        return 0;
    }

    private static Task<int> VerifyAsync(Run run) => run.Arguments.GetValue(AlertsOnly) ? VerifyAlertsAsync(run) : AnswerAsync(run, async (verification, progress) =>
    {
        if (!run.Arguments.GetValue(ViewsOnly))
        {
            await verification.StreamsAsync(run.Cancel);
            await verification.FoldsAsync(progress, run.Cancel);
        }
        await verification.ViewsAsync(ProductViews.All, run.Cancel);
    });

    private static Task<int> ReplayAsync(Run run) => AnswerAsync(run, async (verification, progress) =>
    {
        await verification.FoldsAsync(progress, run.Cancel);
        await verification.ViewsAsync(ProductViews.All, run.Cancel);
    });

    private static async Task<int> AnswerAsync(Run run, Func<Verification, Action<long>, Task> check)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var verification = new Verification(open.Database);
        using (var progress = run.Progress("events"))
            await check(verification, read => progress.Report(read));
        return Answer(run, verification.Report);
    }

    private static async Task<int> VerifyAlertsAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var verification = new AlertVerification(
            open.Database, Moments.Parse(run, AsOf) ?? Moments.Now(run), TimeSpan.FromSeconds(run.Arguments.GetValue(Tolerance)), run.Arguments.GetValue(Past));
        using var progress = run.Progress("events");
        return Answer(run, await verification.RunAsync(read => progress.Report(read), run.Cancel));
    }

    private static int Answer(Run run, VerifyReport report)
    {
        run.Output.Answer(report, () =>
        {
            foreach (var f in report.Findings)
                run.Output.Line($"{f.Kind}: {f.Stream}{(f.Version is { } v ? $" version {v}" : "")}{(f.Position is { } p ? $" position {p}" : "")}: expected {f.Expected}, found {f.Actual}");
            run.Output.Line($"{string.Join(", ", report.Checked.Select(c => Output.Count(c.Value, c.Key == "viewRows" ? "view row" : c.Key[..^1])))} checked: {(report.Findings.Count == 0 ? "nothing found" : Output.Count(report.Findings.Count, "finding"))}");
        });
        return report.Findings.Count == 0 ? 0 : 1;
    }
}
