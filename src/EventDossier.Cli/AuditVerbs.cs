using System.CommandLine;
using EventDossier.Audit;

namespace EventDossier.Cli;

/// <summary><c>verify</c> and <c>replay</c>: does everything add up?</summary>
internal static class AuditVerbs
{
    private static readonly Option<bool> All = new("--all") { Description = "Every dossier, compared with the views", Required = true };
    private static readonly Option<bool> ViewsOnly = new("--views") { Description = "Only the views" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("verify", "Streams whole, events known and folding, views equal to their replay (exit 1 on a finding)") { ViewsOnly }.Does(VerifyAsync),
        new Command("replay", "Folds everything again and compares with the views (exit 1 on a difference)") { All }.Does(ReplayAsync),
    ];

    private static Task<int> VerifyAsync(Run run) => AnswerAsync(run, async (verification, progress) =>
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
        var report = verification.Report;
        run.Output.Answer(report, () =>
        {
            foreach (var f in report.Findings)
                run.Output.Line($"{f.Kind}: {f.Stream}{(f.Version is { } v ? $" version {v}" : "")}{(f.Position is { } p ? $" position {p}" : "")}: expected {f.Expected}, found {f.Actual}");
            run.Output.Line($"{string.Join(", ", report.Checked.Select(c => Output.Count(c.Value, c.Key == "viewRows" ? "view row" : c.Key[..^1])))} checked: {(report.Findings.Count == 0 ? "nothing found" : Output.Count(report.Findings.Count, "finding"))}");
        });
        return report.Findings.Count == 0 ? 0 : 1;
    }
}
