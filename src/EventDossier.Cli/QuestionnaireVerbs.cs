using System.CommandLine;
using System.Globalization;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Figures;
using EventDossier.Questionnaires;

namespace EventDossier.Cli;

/// <summary><c>questionnaire</c>: who is asked, what came back, and what was promised.</summary>
internal static class QuestionnaireVerbs
{
    private static readonly Argument<string> Code = new("CODE") { Description = "Of the questionnaire" };
    private static readonly Argument<string> File = new("FILE") { Description = "JSON: {title, questions: [{id, text}], basis}" };
    private static readonly Argument<string> TargetFile = new("FILE") { Description = "JSON: a list of {level, percent, basis}" };
    private static readonly Option<string?> Period = new("--period") { Description = "2026, 2026-Q1 or 2026-10; the current month unless given", HelpName = "P" };
    private static readonly Option<string?> Agency = new("--agency") { Description = "Only this agency", HelpName = "A" };
    private static readonly Option<int> Every = new("--every") { Description = "Asks one in so many; all unless given", HelpName = "N", DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> From = new("--from") { Description = "From when they hold, if not from now", HelpName = "TIME" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("questionnaire", "Questionnaires for those whose result was returned")
        {
            new Command("decide", "Decides a questionnaire, or its next version") { Code, File }.Does(DecideAsync),
            new Command("list", "All of them, in their newest version").Does(ListAsync),
            new Command("invite", "Asks those whose result was returned in a period: each dossier once") { Code, Period, Agency, Every }.Does(InviteAsync),
            new Command("figures", "How many were asked, answered and are satisfied, by level, beside what was promised") { Code, Period, Agency }.Does(FiguresAsync),
            new Command("targets", "What share is to be satisfied")
            {
                new Command("show", "What holds now").Does(TargetsAsync),
                new Command("import", "Decides the targets") { TargetFile, From }.Does(ImportAsync),
            },
        },
    ];

    private static ActContext Context(Run run)
    {
        var now = Moments.Now(run);
        return new(now, ActVerbs.Who(ActVerbs.NewCommand(run), Role.Administrator), now);
    }

    private static (DateTimeOffset From, DateTimeOffset To) PeriodOf(Run run)
    {
        var named = run.Arguments.GetValue(Period) ?? Moments.Now(run).ToString("yyyy-MM", CultureInfo.InvariantCulture);
        return CentreTime.ReadPeriod(named) ?? throw new WrongUseException($"--period: {named} is none: 2026, 2026-Q1 or 2026-10");
    }

    private static async Task<int> DecideAsync(Run run)
    {
        var json = await System.IO.File.ReadAllBytesAsync(run.Arguments.GetValue(File)!, run.Cancel);
        await using var open = await OpenDatabase.OfAsync(run);
        var decided = await new QuestionnaireDesk(open.Database, new(open.Database)).DecideAsync(run.Arguments.GetValue(Code)!, json, Context(run), run.Cancel);
        run.Output.Answer(decided, () => run.Output.Line($"{decided.Code}, version {decided.Version}, {Output.Count(decided.Decided.Questions.Count, "question")}"));
        return 0;
    }

    private static async Task<int> ListAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var all = await Questionnaire.AllAsync(open.Database, run.Cancel);
        run.Output.Answer(all, () => run.Output.Table(["code", "version", "title", "questions", "basis"], all.Select(q => new[]
        {
            q.Code, $"{q.Version}", q.Decided.Title.En, $"{q.Decided.Questions.Count}", q.Decided.Basis,
        })));
        return 0;
    }

    private static async Task<int> InviteAsync(Run run)
    {
        var (from, to) = PeriodOf(run);
        await using var open = await OpenDatabase.OfAsync(run);
        // A result returned a moment ago counts.
        await open.CatchUpAsync(run.Cancel);
        var result = await new QuestionnaireDesk(open.Database, new(open.Database)).InviteAsync(
            run.Arguments.GetValue(Code)!, from, to, run.Arguments.GetValue(Agency), run.Arguments.GetValue(Every), Context(run), run.Cancel);
        if (result.Refusal is { } refusal)
            return run.Output.Fail(1, refusal.Code, refusal.Reason);
        run.Output.Answer(new { result.Asked, result.Invited }, () => run.Output.Line($"{Output.Count(result.Invited, "dossier")} asked about now, {result.Asked - result.Invited:N0} before"));
        return 0;
    }

    private static async Task<int> FiguresAsync(Run run)
    {
        var (from, to) = PeriodOf(run);
        await using var open = await OpenDatabase.OfAsync(run);
        var report = await QuestionnaireFigures.OfAsync(open.Database, run.Arguments.GetValue(Code)!, from, to, run.Arguments.GetValue(Agency), run.Cancel);
        run.Output.Answer(report, () =>
        {
            run.Output.Table(["level", "asked", "answered", "satisfied", "target", "met"], report.Rows.Select(r => new[]
            {
                r.Level is { } level ? Plain(level) : "all", Told(r.Asked), Told(r.Responses), Told(r.Satisfied), r.Target is { } target ? $"{target.Percent} %" : "",
                r.Met switch { true => "yes", false => "no", _ => "" },
            }));
            run.Output.Line($"counts below {report.K} are hidden, with as many others as it takes; {report.Definition}, log position {report.Position:N0}");
        });
        return 0;
    }

    private static async Task<int> TargetsAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var targets = await SatisfactionTargets.AtAsync(open.Database, Moments.Now(run), run.Cancel);
        run.Output.Answer(targets, () => run.Output.Table(["level", "percent", "basis"], targets.Select(t => new[] { Plain(t.Level), $"{t.Percent}", t.Basis })));
        return 0;
    }

    private static async Task<int> ImportAsync(Run run)
    {
        var json = await System.IO.File.ReadAllBytesAsync(run.Arguments.GetValue(TargetFile)!, run.Cancel);
        await using var open = await OpenDatabase.OfAsync(run);
        var context = Context(run);
        var version = await SatisfactionTargets.DecideAsync(open.Database, json, Moments.Parse(run, From) is { } from && from > context.Now ? from : context.Now, context.Command, run.Cancel);
        run.Output.Answer(new { version }, () => run.Output.Line($"targets of satisfaction, version {version}"));
        return 0;
    }

    private static string Told(long? count) => count is { } told ? $"{told:N0}" : "hidden";

    private static string Told(Promises.Share share) => share.Part is null || share.Of is null ? "hidden" : share.Percent is { } percent ? $"{share.Part:N0} ({percent} %)" : "none";

    private static string Plain(ServiceLevel level) => $"{level}".ToLowerInvariant();
}
