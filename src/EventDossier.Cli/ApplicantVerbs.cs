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
    private static readonly Argument<string> Code = new("CODE") { Description = "The dossier" };
    private static readonly Argument<string> Sha256 = new("SHA256") { Description = "Of the document, as the dossier names it" };
    private static readonly Option<string> Out = new("--out") { Description = "The file to be made", HelpName = "FILE", Required = true };
    private static readonly Option<string?> Html = new("--html") { Description = "Writes it to a file, as a page to be printed", HelpName = "FILE" };
    private static readonly Option<string> Basis = new("--basis") { Description = "The request, order or provision that it rests on", HelpName = "TEXT", Required = true };
    private static readonly Option<string> ApprovedBy = new("--approved-by") { Description = "The second person", HelpName = "NAME", Required = true };
    private static readonly Option<string> Reason = new("--reason") { Description = "Why it ends", HelpName = "TEXT", Required = true };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("applicants", "The applicants whose keys are kept")
        {
            new Command("find", "Ids of the applicants that a text finds") { Text }.Does(FindAsync),
        },
        new Command("erase", "Destroys an applicant's key: nothing sealed with it can be opened again") 
        {
            Applicant, Basis, ApprovedBy, ActVerbs.Key,
            new Command("certificate", "Tries everything that was sealed under an erased applicant's key, and prints that none of it opens") { Applicant, Html }.Does(CertificateAsync),
        }.Does(EraseAsync),
        new Command("hold", "Orders that forbid an erasure")
        {
            new Command("place", "Forbids the erasure of an applicant") { Applicant, Basis, ActVerbs.Key }.Does(run => HoldAsync(run, (erasures, applicant, context) =>
                erasures.PlaceHoldAsync(new(run.Arguments.GetValue(Basis)!), applicant, context, run.Cancel))),
            new Command("lift", "Ends a hold, which its basis names") { Applicant, Basis, Reason, ActVerbs.Key }.Does(run => HoldAsync(run, (erasures, applicant, context) =>
                erasures.LiftHoldAsync(new(run.Arguments.GetValue(Basis)!, run.Arguments.GetValue(Reason)!), applicant, context, run.Cancel))),
            new Command("list", "The holds on an applicant, and the dossiers of theirs that are held") { Applicant }.Does(ListHoldsAsync),
        },
        new Command("documents", "The encrypted documents")
        {
            new Command("read", "Decrypts a document of a dossier into a file, which the access log keeps") { Code, Sha256, Out, DossierVerbs.Why, ActVerbs.ReadAs }.Does(ReadAsync),
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

    private static async Task<int> CertificateAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = await OpenKeys.OfAsync(run, open.Database);
        var data = Cluster.DataFolder(run.Data);
        var certificate = await ErasureCertificate.OfAsync(
            open.Database, keys.Keys, ErasureRegister.In(data, open.Database.IsSample), DocumentFolder.FolderIn(data, open.Database.IsSample), run.Arguments.GetValue(Applicant), run.Cancel);
        var letter = certificate.ToLetter();
        if (run.Arguments.GetValue(Html) is { } path)
            await File.WriteAllTextAsync(path, letter.Html, run.Cancel);
        run.Output.Answer(certificate, () =>
        {
            foreach (var line in letter.Text.TrimEnd().Split('\n'))
                run.Output.Line(line);
        });
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
        await open.CatchUpAsync(run.Cancel);
        return await AnswerHoldsAsync(run, open.Database, run.Arguments.GetValue(Applicant));
    }

    private static async Task<int> AnswerHoldsAsync(Run run, Database database, Guid applicant)
    {
        var record = ApplicantRecord.Fold(await database.Log.ReadStreamAsync(ApplicantRecord.Stream(applicant), cancel: run.Cancel));
        var dossiers = (await HeldDossier.OfAsync(database, applicant, run.Cancel)).Where(d => d.IsHeld).Select(d => d.Code).ToList();
        run.Output.Answer(new { applicant, holds = record.Holds.Select(h => new { h.Basis, since = h.OccurredAt }), dossiers }, () =>
        {
            run.Output.Table(["since", "basis"], record.Holds.Select(h => new[] { Moments.Show(h.OccurredAt), h.Basis }));
            foreach (var code in dossiers)
                run.Output.Line($"{code} is held: dossier show {code}");
        });
        return 0;
    }

    private static async Task<int> ReadAsync(Run run)
    {
        var path = run.Arguments.GetValue(Out)!;
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = new KeysOnDemand(run, open.Database);
        var (bytes, mediaType) = await new PersonalData(open.Database, keys.OpenAsync).DocumentAsync(
            ActVerbs.Reader(run, "documents read", run.Arguments.GetValue(DossierVerbs.Why)), DocumentFolder.FolderIn(Cluster.DataFolder(run.Data), open.Database.IsSample),
            run.Arguments.GetValue(Code)!, run.Arguments.GetValue(Sha256)!, run.Cancel);
        if (bytes is null)
            throw new UserError("applicant-erased", "its applicant was erased: nobody can read it");
        await File.WriteAllBytesAsync(path, bytes, run.Cancel);
        run.Output.Answer(new { path, bytes.Length, mediaType }, () => run.Output.Line($"{path}: {bytes.Length:N0} bytes, {mediaType}"));
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
