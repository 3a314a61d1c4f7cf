using System.CommandLine;
using System.Globalization;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Releases;
using EventDossier.Store;

namespace EventDossier.Cli;

/// <summary><c>release</c>: what is published, by two persons and through the gate; and what was asked for.</summary>
internal static class ReleaseVerbs
{
    internal static readonly Argument<string> Number = new("NUMBER") { Description = "Of the release, such as 2026-0001" };
    private static readonly Argument<string> RequestNumber = new("NUMBER") { Description = "Of the request, as the centre registers it" };
    private static readonly Option<string?> Period = new("--period") { Description = "2026, 2026-Q1 or 2026-10", HelpName = "P" };
    private static readonly Option<string?> From = new("--from") { Description = "Beginning of the period, with --to", HelpName = "TIME" };
    private static readonly Option<string?> To = new("--to") { Description = "End of the period, not in it", HelpName = "TIME" };
    private static readonly Option<string?> Agency = new("--agency") { Description = "Only dossiers of this agency", HelpName = "A" };
    private static readonly Option<string?> Procedure = new("--procedure") { Description = "Only dossiers under this procedure", HelpName = "P" };
    private static readonly Option<int> K = new("--k") { Description = "Of how many cases at least each is to look the same", HelpName = "N", DefaultValueFactory = _ => new Privacy().K };
    private static readonly Option<string?> Supersedes = new("--supersedes") { Description = "The release that it takes the place of", HelpName = "NUMBER" };
    private static readonly Option<string?> Why = new("--reason") { Description = "Why it takes the place of another", HelpName = "TEXT" };
    private static readonly Option<string?> Request = new("--request") { Description = "The request for information that it answers", HelpName = "NUMBER" };
    private static readonly Option<string?> Approver = new("--approver") { Description = "Who is to approve it, or who stands in for them", HelpName = "NAME" };
    private static readonly Option<string[]> Accept = new("--accept") { Description = "A text that looks as if it named somebody, and does not; again for more of them", HelpName = "TEXT" };
    private static readonly Option<string?> ApprovedBy = new("--approved-by") { Description = "The second person, where that is not who runs the command", HelpName = "NAME" };
    private static readonly Option<string> Reason = new("--reason") { Description = "Why", HelpName = "TEXT", Required = true };
    private static readonly Option<string> Out = new("-o", "--out") { Description = "Folder for the files", HelpName = "DIR", Required = true };
    private static readonly Option<string> By = new("--by") { Description = "When it is to be out", HelpName = "TIME", Required = true };
    private static readonly Option<Requester> Who = new("--from-whom") { Description = "As what somebody asks; who it is stays in their letter", Required = true };
    private static readonly Option<string> Scope = new("--scope") { Description = "What they want to know", HelpName = "TEXT", Required = true };
    private static readonly Option<string> Basis = new("--basis") { Description = "The provision that they rest on", HelpName = "TEXT", Required = true };
    private static readonly Option<string?> AnswerBy = new("--answer-by") { Description = "When the answer is due", HelpName = "TIME" };
    private static readonly Option<string?> With = new("--release") { Description = "The release that answers it", HelpName = "NUMBER" };
    private static readonly Option<string?> Refused = new("--refused") { Description = "Why it is not answered", HelpName = "TEXT" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("release", "Process logs and figures for the public, through a gate that lets nobody be recognised")
        {
            new Command("draft", "Settles what is to be published")
            {
                Period, From, To, Agency, Procedure, K, Supersedes, Why, Request, Approver, Accept, ActVerbs.Key,
            }.Does(DraftAsync),
            new Command("check", "Makes the files and asks the gate; of a published release, compares the files with what was published (exit 1 for a finding)")
            {
                Number, ActVerbs.Key,
            }.Does(CheckAsync),
            new Command("approve", "A second person answers for what was checked") { Number, ApprovedBy, ActVerbs.Key }.Does(run => DoAsync(run, (desk, context) =>
                desk.ApproveAsync(run.Arguments.GetValue(Number)!, new(run.Arguments.GetValue(ApprovedBy)), context, run.Cancel))),
            new Command("publish", "Makes the files once more, asks the gate once more, and hands them out") { Number, ActVerbs.Key }.Does(PublishAsync),
            new Command("withdraw", "Takes a release back; what was copied is copied") { Number, Reason, ActVerbs.Key }.Does(run => DoAsync(run, (desk, context) =>
                desk.WithdrawAsync(run.Arguments.GetValue(Number)!, new(run.Arguments.GetValue(Reason)!), context, run.Cancel))),
            new Command("list", "All releases").Does(ListAsync),
            new Command("show", "One release, with what the gate said of it") { Number }.Does(ShowAsync),
            new Command("build", "Makes a checked release's files again, anywhere; the same bytes") { Number, Out }.Does(BuildAsync),
            new Command("timetable", "What is to be published when, and what is late")
            {
                new Command("plan", "A release of a period is to be out by a moment") { Period, From, To, By, ActVerbs.Key }.Does(PlanAsync),
            }.Does(TimetableAsync),
            new Command("requests", "The register of requests for information")
            {
                new Command("enter", "Enters a request") { RequestNumber, Who, Scope, Basis, AnswerBy, ActVerbs.Key }.Does(EnterAsync),
                new Command("answer", "Answers a request, with a release that is out or with the reason why not") { RequestNumber, With, Refused, ActVerbs.Key }.Does(AnswerAsync),
            }.Does(RequestsAsync),
        },
    ];

    private static ReleaseDesk DeskOf(Run run, OpenDatabase open) => ReleaseDesk.In(Cluster.DataFolder(run.Data), open.Database);

    private static ActContext Context(Run run)
    {
        var now = Moments.Now(run);
        return new(now, new(ActVerbs.NewCommand(run), $"os:{Environment.UserName}", Role.TransparencyOfficer, Request: ActVerbs.Request(run)), now);
    }

    private static (DateTimeOffset From, DateTimeOffset To) Asked(Run run) => (run.Arguments.GetValue(Period), Moments.Parse(run, From), Moments.Parse(run, To)) switch
    {
        (null, { } from, { } to) => (from, to),
        ({ } period, null, null) => CentreTime.ReadPeriod(period) ?? throw new WrongUseException($"{Period.Name}: '{period}' is no period; write 2026, 2026-Q1 or 2026-10"),
        _ => throw new WrongUseException("name --period, or --from and --to"),
    };

    private static Task<int> DraftAsync(Run run)
    {
        var (from, to) = Asked(run);
        return DoAsync(run, (desk, context) => desk.DraftAsync(new(from, to)
        {
            Agency = run.Arguments.GetValue(Agency), Procedure = run.Arguments.GetValue(Procedure), K = run.Arguments.GetValue(K), Supersedes = run.Arguments.GetValue(Supersedes),
            Reason = run.Arguments.GetValue(Why), Request = run.Arguments.GetValue(Request), Approver = run.Arguments.GetValue(Approver),
            Accepted = run.Arguments.GetValue(Accept) is { Length: > 0 } accepted ? accepted : null,
        }, context, run.Cancel));
    }

    private static async Task<int> CheckAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var (desk, number) = (DeskOf(run, open), run.Arguments.GetValue(Number)!);
        if ((await desk.FindAsync(number, run.Cancel))?.Published is not null)
        {
            var found = await desk.VerifyAsync(number, run.Cancel);
            run.Output.Answer(new { number, findings = found.Select(t => new GateFinding("tampered", $"{t.File} {t.Why}")) }, () =>
            {
                foreach (var (file, why) in found)
                    run.Output.Line($"tampered: {Path.Combine(desk.PublishedOf(number), file)} {why}");
                run.Output.Line($"{number}: {(found.Count == 0 ? "the files are as they were published" : Output.Count(found.Count, "finding"))}");
            });
            return found.Count == 0 ? 0 : 1;
        }
        using var progress = run.Progress("events");
        var result = await desk.CheckAsync(number, Context(run), done => progress.Report(done), run.Cancel);
        if (result.Refusal is { } refusal)
            return run.Output.Fail(1, refusal.Code, refusal.Reason);
        var judged = result.Release!.Checked!;
        run.Output.Answer(new { number, judged.Sha256, judged.Findings, judged.Cases, judged.Kept, judged.Events, judged.Earlier, folder = desk.DraftOf(number) }, () =>
        {
            foreach (var finding in judged.Findings)
                run.Output.Line($"{finding.Kind}: {finding.What}");
            run.Output.Line(string.Create(CultureInfo.InvariantCulture, $"{number}: {judged.Kept:N0} of {judged.Cases:N0} cases kept, {judged.Events:N0} events; {(judged.Findings.Count == 0 ? "the gate lets it through" : "the gate does not let it through")}"));
            run.Output.Line($"to be read before it is approved: {desk.DraftOf(number)}");
        });
        return judged.Findings.Count == 0 ? 0 : 1;
    }

    private static async Task<int> PublishAsync(Run run)
    {
        using var progress = run.Progress("events");
        return await DoAsync(run, (desk, context) => desk.PublishAsync(run.Arguments.GetValue(Number)!, context, done => progress.Report(done), run.Cancel),
            (desk, release) => desk.PublishedOf(release.Number));
    }

    private static async Task<int> DoAsync(Run run, Func<ReleaseDesk, ActContext, Task<ReleaseDesk.Result>> act, Func<ReleaseDesk, Release, string>? more = null)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var desk = DeskOf(run, open);
        var result = await act(desk, Context(run));
        if (result.Refusal is { } refusal)
            return run.Output.Fail(1, refusal.Code, refusal.Reason);
        var release = result.Release!;
        run.Output.Answer(Told(release), () => run.Output.Line($"{release.Number} is {NameOf(release)}{(more is null ? "" : $": {more(desk, release)}")}"));
        return 0;
    }

    private static async Task<int> ListAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var releases = await Release.AllAsync(open.Database, run.Cancel);
        run.Output.Answer(releases.Select(Told), () => run.Output.Table(
            ["number", "from", "to", "of", "k", "cases", "kept", "drafted by", "approved by", "is"],
            releases.Select(r => new[]
            {
                r.Number, $"{r.Drafted.From:yyyy-MM-dd}", $"{r.Drafted.To:yyyy-MM-dd}", r.Drafted.Procedure ?? r.Drafted.Agency ?? "", $"{r.Drafted.K}", $"{r.Checked?.Cases}", $"{r.Checked?.Kept}",
                r.Drafted.By, r.Approved?.By ?? "", NameOf(r),
            })));
        return 0;
    }

    private static async Task<int> ShowAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var number = run.Arguments.GetValue(Number)!;
        var release = await DeskOf(run, open).FindAsync(number, run.Cancel) ?? throw new UserError("no-such-release", $"there is no release {number}");
        run.Output.Answer(Told(release), () =>
        {
            run.Output.Line($"{number} is {NameOf(release)}: {Moments.Show(release.Drafted.From)} to {Moments.Show(release.Drafted.To)}, log position {release.Drafted.Position:N0}, k = {release.Drafted.K}");
            foreach (var finding in release.Checked?.Findings ?? [])
                run.Output.Line($"{finding.Kind}: {finding.What}");
            if (release.Checked is { } judged)
                run.Output.Line($"{judged.Kept:N0} of {judged.Cases:N0} cases kept, {judged.Events:N0} events; checked {Moments.Show(judged.OccurredAt)}");
            if (release.Approved is { } approved)
                run.Output.Line($"approved {Moments.Show(approved.OccurredAt)} by {approved.By}{(approved.InPlaceOf is { } absent ? $" in place of {absent}" : "")}");
            if (release.Published is { } published)
                run.Output.Line($"published {Moments.Show(published.OccurredAt)}, SHA-256 of the list of checksums {published.Sha256}");
            if (release.Superseded is { } superseded)
                run.Output.Line($"superseded {Moments.Show(superseded.OccurredAt)} by {superseded.With}: {superseded.Reason}");
            if (release.Withdrawn is { } withdrawn)
                run.Output.Line($"withdrawn {Moments.Show(withdrawn.OccurredAt)}: {withdrawn.Reason}");
        });
        return 0;
    }

    private static async Task<int> BuildAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var (number, folder) = (run.Arguments.GetValue(Number)!, run.Arguments.GetValue(Out)!);
        using var progress = run.Progress("events");
        var desk = DeskOf(run, open);
        var build = await desk.BuildAsync(number, folder, done => progress.Report(done), run.Cancel);
        var same = (await desk.FindAsync(number, run.Cancel))!.Checked!.Sha256 == build.Sha256;
        run.Output.Answer(new { number, folder, build.Sha256, same }, () => run.Output.Line($"{folder}: {(same ? "the same files" : "NOT the files that were checked")}, SHA-256 of their list {build.Sha256}"));
        return same ? 0 : 1;
    }

    private static async Task<int> PlanAsync(Run run)
    {
        var (from, to) = Asked(run);
        await using var open = await OpenDatabase.OfAsync(run);
        return await PublicationTimetable.PlanAsync(open.Database, from, to, Moments.Parse(run.Arguments.GetValue(By)!, By.Name), Context(run), run.Cancel) is { } refusal
            ? run.Output.Fail(1, refusal.Code, refusal.Reason) : await TellTimetableAsync(run, open);
    }

    private static async Task<int> TimetableAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        return await TellTimetableAsync(run, open);
    }

    private static async Task<int> TellTimetableAsync(Run run, OpenDatabase open)
    {
        var (now, releases) = (Moments.Now(run), await Release.AllAsync(open.Database, run.Cancel));
        var entries = (await PublicationTimetable.LoadAsync(open.Database, run.Cancel)).Entries.OrderBy(e => e.DueAt).ToList();
        run.Output.Answer(entries.Select(e => new { e.From, e.To, e.DueAt, release = e.Of(releases)?.Number, late = e.IsLate(releases, now), e.LateAt, e.Told }), () => run.Output.Table(
            ["from", "to", "out by", "release", "told"],
            entries.Select(e => new[]
            {
                $"{e.From:yyyy-MM-dd}", $"{e.To:yyyy-MM-dd}", Moments.Show(e.DueAt), e.Of(releases)?.Number ?? (e.IsLate(releases, now) ? "LATE" : ""),
                string.Join(", ", e.Told),
            })));
        return 0;
    }

    private static Task<int> EnterAsync(Run run) => RegisterAsync(run, (desk, number, context) => desk.EnterAsync(number, new(
        run.Arguments.GetValue(Who), run.Arguments.GetValue(Scope)!, run.Arguments.GetValue(Basis)!, Moments.Parse(run, AnswerBy)), context, run.Cancel));

    private static Task<int> AnswerAsync(Run run) => RegisterAsync(run, (desk, number, context) =>
        desk.AnswerAsync(number, new(run.Arguments.GetValue(With), run.Arguments.GetValue(Refused)), context, run.Cancel));

    private static async Task<int> RegisterAsync(Run run, Func<ReleaseDesk, string, ActContext, Task<ReleaseDesk.RequestResult>> act)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var result = await act(DeskOf(run, open), run.Arguments.GetValue(RequestNumber)!, Context(run));
        if (result.Refusal is { } refusal)
            return run.Output.Fail(1, refusal.Code, refusal.Reason);
        run.Output.Answer(result.Request, () => run.Output.Line($"{result.Request!.Number} is {(result.Request.Answer is null ? "entered" : "answered")}"));
        return 0;
    }

    private static async Task<int> RequestsAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var requests = await InformationRequest.AllAsync(open.Database, run.Cancel);
        run.Output.Answer(requests, () => run.Output.Table(
            ["number", "came in", "from", "scope", "basis", "answer by", "answer"],
            requests.Select(r => new[]
            {
                r.Number, Moments.Show(r.Asked.OccurredAt), $"{r.Asked.Requester}".ToLowerInvariant(), r.Asked.Scope, r.Asked.Basis, Moments.Show(r.Asked.AnswerBy),
                r.Answer is null ? "" : r.Answer.Release ?? $"refused: {r.Answer.Refused}",
            })));
        return 0;
    }

    private static object Told(Release release) => new
    {
        release.Number, release.Version, release.Stage, release.Drafted, release.Checked, release.Approved, release.Published, release.Superseded, release.Withdrawn,
    };

    private static string NameOf(Release release) => release.Stage.ToString().ToLowerInvariant();
}
