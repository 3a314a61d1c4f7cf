using System.CommandLine;
using EventDossier.Applicants;
using EventDossier.Documents;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Cli;

/// <summary>What is kept of applicants, and how its keeping ends.</summary>
internal static class ApplicantVerbs
{
    private static readonly Argument<string> Text = new("TEXT") { Description = "Words of a name, with or without diacritics; an identity number; or a phone" };
    private static readonly Argument<Guid> Applicant = new("APPLICANT") { Description = "The applicant's id, as applicants find answers" };
    private static readonly Option<string> Basis = new("--basis") { Description = "The request, order or provision that it rests on", HelpName = "TEXT", Required = true };
    private static readonly Option<string> ApprovedBy = new("--approved-by") { Description = "The second person", HelpName = "NAME", Required = true };
    private static readonly Option<string> Reason = new("--reason") { Description = "Why it ends", HelpName = "TEXT", Required = true };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("applicants", "The applicants whose keys are kept")
        {
            new Command("find", "Ids of the applicants that a text finds") { Text }.Does(FindAsync),
        },
        new Command("erase", "Destroys an applicant's key: nothing sealed with it can be opened again") { Applicant, Basis, ApprovedBy, ActVerbs.Key }.Does(EraseAsync),
        new Command("hold", "Orders that forbid an erasure")
        {
            new Command("place", "Forbids the erasure of an applicant") { Applicant, Basis, ActVerbs.Key }.Does(run => HoldAsync(run, (erasures, applicant, context) =>
                erasures.PlaceHoldAsync(new(run.Arguments.GetValue(Basis)!), applicant, context, run.Cancel))),
            new Command("lift", "Ends a hold, which its basis names") { Applicant, Basis, Reason, ActVerbs.Key }.Does(run => HoldAsync(run, (erasures, applicant, context) =>
                erasures.LiftHoldAsync(new(run.Arguments.GetValue(Basis)!, run.Arguments.GetValue(Reason)!), applicant, context, run.Cancel))),
            new Command("list", "The holds on an applicant") { Applicant }.Does(ListHoldsAsync),
        },
        new Command("documents", "The encrypted documents")
        {
            new Command("sweep", "Removes the files of erased applicants, which nobody can read").Does(SweepAsync),
        },
    ];

    private static async Task<int> FindAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = await OpenKeys.OfAsync(run, open.Database);
        var found = await keys.Keys.FindAsync(run.Arguments.GetValue(Text)!, cancel: run.Cancel);
        run.Output.Answer(new { applicants = found }, () =>
        {
            foreach (var applicant in found)
                run.Output.Line($"{applicant}");
        });
        return 0;
    }

    private static async Task<int> EraseAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = await OpenKeys.OfAsync(run, open.Database);
        var applicant = run.Arguments.GetValue(Applicant);
        // A dossier received a moment ago counts.
        await open.CatchUpAsync(run.Cancel);
        var dossiers = await HeldDossier.OfAsync(open.Database, applicant, run.Cancel);
        var result = await ErasuresOf(run, open, keys).EraseAsync(
            new(run.Arguments.GetValue(Basis)!, run.Arguments.GetValue(ApprovedBy)!), applicant, dossiers, Context(run), run.Cancel);
        if (result.Refusal is { } refusal)
            return run.Output.Fail(1, refusal.Code, refusal.Reason);
        run.Output.Answer(new { applicant, dossiers = dossiers.Select(d => d.Code) }, () =>
            run.Output.Line($"{applicant} is erased, with {Output.Count(dossiers.Count, "dossier")}; dossier keys change ends what old copies of the key store still hold"));
        return 0;
    }

    private static async Task<int> HoldAsync(Run run, Func<Erasures, Guid, ActContext, Task<Erasures.Result>> act)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = await OpenKeys.OfAsync(run, open.Database);
        var applicant = run.Arguments.GetValue(Applicant);
        var result = await act(ErasuresOf(run, open, keys), applicant, Context(run));
        return result.Refusal is { } refusal ? run.Output.Fail(1, refusal.Code, refusal.Reason) : await AnswerHoldsAsync(run, open.Database, applicant);
    }

    private static async Task<int> ListHoldsAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        return await AnswerHoldsAsync(run, open.Database, run.Arguments.GetValue(Applicant));
    }

    private static async Task<int> AnswerHoldsAsync(Run run, Database database, Guid applicant)
    {
        var record = ApplicantRecord.Fold(await database.Log.ReadStreamAsync(ApplicantRecord.Stream(applicant), cancel: run.Cancel));
        run.Output.Answer(new { applicant, holds = record.Holds.Select(h => new { h.Basis, since = h.OccurredAt }) }, () =>
            run.Output.Table(["since", "basis"], record.Holds.Select(h => new[] { Moments.Show(h.OccurredAt), h.Basis })));
        return 0;
    }

    private static async Task<int> SweepAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = await OpenKeys.OfAsync(run, open.Database);
        var swept = await new DocumentFolder(DocumentFolder.FolderIn(Cluster.DataFolder(run.Data), open.Database.IsSample), keys.Keys).SweepAsync(run.Cancel);
        run.Output.Answer(new { swept }, () => run.Output.Line($"{Output.Count(swept, "file")} removed"));
        return 0;
    }

    private static Erasures ErasuresOf(Run run, OpenDatabase open, OpenKeys keys) =>
        new(open.Database, keys.Keys, ErasureRegister.In(Cluster.DataFolder(run.Data), open.Database.IsSample));

    private static ActContext Context(Run run)
    {
        var now = Moments.Now(run);
        return new(now, new(ActVerbs.NewCommand(run), $"os:{Environment.UserName}", "administrator", Request: ActVerbs.Request(run)), now);
    }
}
