using System.CommandLine;
using EventDossier.Audit;
using EventDossier.Record;
using EventDossier.Store;

namespace EventDossier.Cli;

/// <summary><c>verify</c>, and <c>replay --all</c>: does everything add up?</summary>
internal static class AuditVerbs
{
    private static readonly Option<bool> ViewsOnly = new("--views") { Description = "Only the views" };
    private static readonly Option<bool> AlertsOnly = new("--alerts") { Description = "Only the alerts: what was owed and not raised, or raised late, twice, for another moment or to others" };
    private static readonly Option<int> Tolerance = new("--tolerance") { Description = "With --alerts: how many seconds after it was owed an alert is not late yet", HelpName = "S", DefaultValueFactory = _ => 5 };
    private static readonly Option<bool> Past = new("--past") { Description = "With --alerts: imported dossiers from their receipt on, after tick --past" };
    private static readonly Option<string?> AsOf = new("--as-of") { Description = "With --alerts: what was owed by this moment instead of by now", HelpName = "T" };

    private static readonly Option<bool> TreeOnly = new("--tree") { Description = "Only streams and the public log: every event against its seal, the tree, and every checkpoint" };
    private static readonly Option<string[]> Published = new("--checkpoint") { Description = "A checkpoint from elsewhere that the public log must bear out; again for more of them", HelpName = "FILE" };
    private static readonly Option<string?> Since = new("--since") { Description = "With --tree: only what was sealed after this checkpoint; before it the tree is held against it, and the events are not read", HelpName = "FILE" };

    private static readonly Argument<string?> Code = new("CODE") { Description = "The dossier", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Actor = new("--actor") { Description = "Only what this person was handed", HelpName = "X" };
    private static readonly Option<int> Limit = new("--limit") { Description = "How many at most", HelpName = "N", DefaultValueFactory = _ => 50 };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("access", "Who was handed personal data, of which dossier, the newest first") { Code, Actor, Limit }.Does(AccessAsync),
        new Command("verify", "Streams whole, events known, folding, and as they were sealed, views equal to their replay (exit 1 on a finding)") { ViewsOnly, TreeOnly, Published, Since, AlertsOnly, Tolerance, Past, AsOf }.Does(VerifyAsync),
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

    private static Task<int> VerifyAsync(Run run) => run.Arguments.GetValue(AlertsOnly) ? VerifyAlertsAsync(run) : AnswerAsync(run, async (database, verification, progress) =>
    {
        var (views, tree) = (run.Arguments.GetValue(ViewsOnly), run.Arguments.GetValue(TreeOnly));
        if (!views)
            await verification.StreamsAsync(run.Cancel);
        if (!views && !tree)
            await verification.FoldsAsync(progress, run.Cancel);
        var record = views ? null : await VerifyRecordAsync(run, database);
        if (!tree)
            await verification.ViewsAsync(ProductViews.All, run.Cancel);
        return record;
    });

    /// <summary>Null where nothing was ever sealed.</summary>
    private static async Task<VerifyReport?> VerifyRecordAsync(Run run, Database database)
    {
        var published = new List<(SignedCheckpoint, string)>();
        foreach (var file in run.Arguments.GetValue(Published) ?? [])
            published.Add((SignedCheckpoint.Parse(await File.ReadAllTextAsync(file, run.Cancel), file), file));
        // What was published last is known here even when the database has forgotten it.
        var keyFile = RecordKeys.FileIn(Cluster.DataFolder(run.Data), database.IsSample);
        if (await RecordSealer.KeptAsync(keyFile, run.Cancel) is { } kept)
            published.Add((kept, RecordSealer.KeptFile(keyFile)));
        var since = run.Arguments.GetValue(Since) is { } from ? SignedCheckpoint.Parse(await File.ReadAllTextAsync(from, run.Cancel), from) : null;
        using var progress = run.Progress("leaves");
        var report = await new RecordVerification(database, published).RunAsync(since, (done, all) => progress.Report(done, all), run.Cancel);
        return published.Count == 0 && report.Checked["leaves"] + report.Checked["checkpoints"] == 0 ? null : report;
    }

    /// <summary>Folds everything again and compares with the views.</summary>
    public static Task<int> ReplayAllAsync(Run run) => AnswerAsync(run, async (_, verification, progress) =>
    {
        await verification.FoldsAsync(progress, run.Cancel);
        await verification.ViewsAsync(ProductViews.All, run.Cancel);
        return null;
    });

    private static async Task<int> AnswerAsync(Run run, Func<Database, Verification, Action<long>, Task<VerifyReport?>> check)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var verification = new Verification(open.Database);
        using var progress = run.Progress("events");
        var more = await check(open.Database, verification, read => progress.Report(read)) ?? new(new Dictionary<string, long>(), []);
        var report = verification.Report;
        return Answer(run, new(report.Checked.Concat(more.Checked).ToDictionary(), [.. report.Findings, .. more.Findings]));
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
            {
                var place = string.Join(' ', ((string?[])[f.Stream, f.Version is { } v ? $"version {v}" : null, f.Position is { } p ? $"position {p}" : null]).OfType<string>());
                run.Output.Line($"{f.Kind}: {(place.Length == 0 ? "" : $"{place}: ")}expected {f.Expected}, found {f.Actual}");
            }
            run.Output.Line($"{string.Join(", ", report.Checked.Select(Counted))} checked: {(report.Findings.Count == 0 ? "nothing found" : Output.Count(report.Findings.Count, "finding"))}");
        });
        return report.Findings.Count == 0 ? 0 : 1;
    }

    private static string Counted(KeyValuePair<string, long> of) => of.Key switch
    {
        "viewRows" => Output.Count(of.Value, "view row"),
        "backlog" => Output.Count(of.Value, "backlog line"),
        "deliveries" => of.Value == 1 ? "1 delivery" : $"{of.Value:N0} deliveries",
        "leaves" => of.Value == 1 ? "1 leaf" : $"{of.Value:N0} leaves",
        var many => Output.Count(of.Value, many[..^1]),
    };
}
