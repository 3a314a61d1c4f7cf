using System.CommandLine;
using EventDossier.Applicants;
using EventDossier.Dossiers;
using EventDossier.Retention;
using EventDossier.Store;

namespace EventDossier.Cli;

/// <summary><c>retention</c>: who is past it, and their erasure by two persons, a list at a time.</summary>
internal static class RetentionVerbs
{
    private static readonly Argument<string> Number = new("NUMBER") { Description = "Of the proposal, as the centre registers it" };
    private static readonly Option<string?> AsOf = new("--as-of") { Description = "Whose retention has ended by then; now unless given", HelpName = "TIME" };
    private static readonly Option<Guid?> After = new("--after") { Description = "The last id of the page before", HelpName = "APPLICANT" };
    private static readonly Option<int> Limit = new("--limit") { Description = "How many at most", HelpName = "N", DefaultValueFactory = _ => 50 };
    private static readonly Option<string> Basis = new("--basis") { Description = "The provision or decision that the erasures rest on", HelpName = "TEXT", Required = true };
    private static readonly Option<string?> ApprovedBy = new("--approved-by") { Description = "The second person, where that is not who runs the command", HelpName = "NAME" };
    private static readonly Option<string> Reason = new("--reason") { Description = "Why", HelpName = "TEXT", Required = true };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("retention", "Applicants whose retention has ended")
        {
            new Command("due", "Who may be erased, by id, and what stands in the way of the rest") { AsOf, After, Limit }.Does(DueAsync),
            new Command("propose", $"Lists up to {ErasureProposal.MostApplicants} of them, to be erased") { Number, AsOf, Basis, ActVerbs.Key }.Does(ProposeAsync),
            new Command("approve", "A second person approves the list, and it is carried out") { Number, ApprovedBy, ActVerbs.Key }.Does(run => DoAsync(run, (desk, number, context, progress) =>
                desk.DecideAsync(number, new(run.Arguments.GetValue(ApprovedBy)), context, progress, run.Cancel))),
            new Command("refuse", "A second person refuses the list") { Number, ApprovedBy, Reason, ActVerbs.Key }.Does(run => DoAsync(run, (desk, number, context, _) =>
                desk.DecideAsync(number, new(run.Arguments.GetValue(ApprovedBy), run.Arguments.GetValue(Reason)!), context, cancel: run.Cancel))),
            new Command("carry-out", "Brings an approved list that was broken off to its end") { Number }.Does(run => DoAsync(run, (desk, number, context, progress) =>
                desk.CarryOutAsync(number, context, progress, run.Cancel))),
            new Command("list", "The proposals").Does(ListAsync),
        },
    ];

    private static async Task<int> DueAsync(Run run)
    {
        var at = Moments.Parse(run, AsOf) ?? Moments.Now(run);
        await using var open = await OpenDatabase.OfAsync(run);
        await open.CatchUpAsync(run.Cancel);
        var (counts, limit) = (await RetentionDue.CountAsync(open.Database, at, run.Cancel), run.Arguments.GetValue(Limit));
        var items = await RetentionDue.ListAsync(open.Database, at, run.Arguments.GetValue(After), limit, run.Cancel);
        run.Output.Answer(new { asOf = at, counts, items, next = items.Count < limit ? null : items[^1].Applicant.ToString() }, () =>
        {
            run.Output.Line($"{Output.Count(counts.Due, "applicant")} may be erased at {Moments.Show(at)}");
            if (items.Count > 0)
            {
                run.Output.Line();
                run.Output.Table(["applicant", "dossiers", "kept until"], items.Select(i => new[] { $"{i.Applicant}", $"{i.Dossiers}", Moments.Show(i.KeptUntil) }));
                if (items.Count == limit)
                    run.Output.Line($"further on: --after {items[^1].Applicant}");
            }
            run.Output.Line();
            run.Output.Table(["not to be erased", "applicants"],
            [
                ["an order forbids it", $"{counts.Held:N0}"], ["a dossier is open", $"{counts.Open:N0}"], ["a procedure states no retention", $"{counts.NoRetention:N0}"],
                ["a retention has not ended", $"{counts.NotYet:N0}"], ["erased already", $"{counts.Erased:N0}"],
            ]);
        });
        return 0;
    }

    private static Task<int> ProposeAsync(Run run) => DoAsync(run, (desk, number, context, _) =>
        // What was asked for is a moment, not "now": asked again it is the same.
        desk.ProposeAsync(number, new(Moments.Parse(run, AsOf) ?? new DateTimeOffset(context.Now.Date, context.Now.Offset), run.Arguments.GetValue(Basis)!), context, run.Cancel));

    private static async Task<int> DoAsync(Run run, Func<RetentionDesk, string, ActContext, Action<int>, Task<RetentionDesk.Result>> act)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = new KeysOnDemand(run, open.Database);
        var desk = new RetentionDesk(open.Database, async () => new(open.Database, await keys.OpenAsync(), ErasureRegister.In(Cluster.DataFolder(run.Data), open.Database.IsSample)));
        var now = Moments.Now(run);
        var command = ActVerbs.Who(ActVerbs.NewCommand(run), Role.Administrator) with { Request = ActVerbs.Request(run) };
        RetentionDesk.Result result;
        using (var progress = run.Progress("applicants"))
            result = await act(desk, run.Arguments.GetValue(Number)!, new(now, command, now), done => progress.Report(done));
        if (result.Refusal is { } refusal)
            return run.Output.Fail(1, refusal.Code, refusal.Reason);
        run.Output.Answer(result.Proposal, () => Tell(run, result.Proposal!));
        return 0;
    }

    private static void Tell(Run run, ErasureProposal proposal)
    {
        var listed = Output.Count(proposal.Proposed.Applicants.Count, "applicant");
        run.Output.Line(proposal switch
        {
            { CarriedOut: { } done } => $"{proposal.Number} is carried out: {done.Erased:N0} of {listed} erased; dossier keys change ends what old copies of the key store still hold",
            { Refused: not null } => $"{proposal.Number} is refused",
            _ => $"{proposal.Number} proposes {listed} whose retention had ended by {Moments.Show(proposal.Proposed.AsOf)}{(proposal.Proposed.Left == 0 ? "" : $"; {proposal.Proposed.Left:N0} more are due")}; a second person approves it",
        });
        if (proposal.CarriedOut is { Skipped: { Count: > 0 } skipped })
            run.Output.Table(["skipped", "code", "why"], skipped.Select(s => new[] { $"{s.Applicant}", s.Code, s.Reason }));
    }

    private static async Task<int> ListAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var proposals = await ErasureProposal.AllAsync(open.Database, run.Cancel);
        run.Output.Answer(proposals, () => run.Output.Table(
            ["number", "proposed", "by", "ended by", "applicants", "stage", "decided by", "erased", "skipped", "basis"],
            proposals.Select(p => new[]
            {
                p.Number, Moments.Show(p.Proposed.OccurredAt), p.Proposed.By, Moments.Show(p.Proposed.AsOf), $"{p.Proposed.Applicants.Count}", StageOf(p), p.Approved?.By ?? p.Refused?.By ?? "",
                $"{p.CarriedOut?.Erased}", $"{p.CarriedOut?.Skipped.Count}", p.Proposed.Basis,
            })));
        return 0;
    }

    private static string StageOf(ErasureProposal proposal) => proposal.Stage switch { ErasureProposalStage.CarriedOut => "carried out", var stage => stage.ToString().ToLowerInvariant() };
}
