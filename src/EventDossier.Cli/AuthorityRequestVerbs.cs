using System.CommandLine;
using EventDossier.Applicants;
using EventDossier.Dossiers;
using EventDossier.Requests;

namespace EventDossier.Cli;

/// <summary><c>authority-request</c>: what courts and inspections ask for, who approved it, and what was handed over.</summary>
internal static class AuthorityRequestVerbs
{
    private static readonly Argument<string> Number = new("NUMBER") { Description = "Of the request, as the centre registers it" };
    private static readonly Option<AuthorityBody> Body = new("--body") { Description = "What kind of body asks", Required = true };
    private static readonly Option<string> From = new("--from-whom") { Description = "Its name", HelpName = "TEXT", Required = true };
    private static readonly Option<string> Letter = new("--letter") { Description = "Number of its letter", HelpName = "TEXT", Required = true };
    private static readonly Option<string[]> Codes = new("--dossier") { Description = "A dossier of the scope; again for more of them", HelpName = "CODE", Required = true };
    private static readonly Option<string> Basis = new("--basis") { Description = "The provision that it rests on", HelpName = "TEXT", Required = true };
    private static readonly Option<bool> Names = new("--names") { Description = "It wants to know who applied" };
    private static readonly Option<string?> AnswerBy = new("--answer-by") { Description = "When the answer is due", HelpName = "TIME" };
    private static readonly Option<string?> ApprovedBy = new("--approved-by") { Description = "The second person, where that is not who runs the command", HelpName = "NAME" };
    private static readonly Option<string> Reason = new("--reason") { Description = "Why", HelpName = "TEXT", Required = true };
    private static readonly Option<string> To = new("--to") { Description = "Who takes the packs: name and office", HelpName = "TEXT", Required = true };
    private static readonly Option<string> MinutesNumber = new("--minutes") { Description = "Number of the minutes", HelpName = "TEXT", Required = true };
    private static readonly Option<string> Out = new("--out", "-o") { Description = "A new folder for the packs and the minutes", HelpName = "DIR", Required = true };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("authority-request", "Requests of courts and inspections")
        {
            new Command("enter", "Enters a request, and holds the dossiers in its scope") { Number, Body, From, Letter, Codes, Basis, Names, AnswerBy, ActVerbs.Key }.Does(run => DoAsync(run, (desk, number, context) =>
                desk.EnterAsync(number, new(run.Arguments.GetValue(Body), run.Arguments.GetValue(From)!, run.Arguments.GetValue(Letter)!, run.Arguments.GetValue(Codes)!, run.Arguments.GetValue(Basis)!,
                    run.Arguments.GetValue(Names), Moments.Parse(run, AnswerBy)), context, run.Cancel))),
            new Command("approve", "A second person answers for it") { Number, ApprovedBy, ActVerbs.Key }.Does(run => DoAsync(run, (desk, number, context) =>
                desk.DecideAsync(number, new(run.Arguments.GetValue(ApprovedBy)), context, run.Cancel))),
            new Command("refuse", "A second person refuses it; the holds end") { Number, ApprovedBy, Reason, ActVerbs.Key }.Does(run => DoAsync(run, (desk, number, context) =>
                desk.DecideAsync(number, new(run.Arguments.GetValue(ApprovedBy), run.Arguments.GetValue(Reason)!), context, run.Cancel))),
            new Command("hand-over", "Makes the evidence packs and the minutes, and puts down what goes out") { Number, To, MinutesNumber, Out, ActVerbs.ReadAs }.Does(HandOverAsync),
            new Command("close", "The body's matter is over; the holds end") { Number, Reason, ActVerbs.Key }.Does(run => DoAsync(run, (desk, number, context) =>
                desk.CloseAsync(number, new(run.Arguments.GetValue(Reason)!), context, run.Cancel))),
            new Command("list", "The register").Does(ListAsync),
        },
    ];

    private static ActContext Context(Run run, bool keyed)
    {
        var now = Moments.Now(run);
        return new(now, ActVerbs.Who(ActVerbs.NewCommand(run), Role.Administrator) with { Request = keyed ? ActVerbs.Request(run) : null }, now);
    }

    private static async Task<int> DoAsync(Run run, Func<AuthorityRequestDesk, string, ActContext, Task<AuthorityRequestDesk.Result>> act)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var result = await act(new(open.Database, new Desk(open.Database)), run.Arguments.GetValue(Number)!, Context(run, keyed: true));
        if (result.Refusal is { } refusal)
            return run.Output.Fail(1, refusal.Code, refusal.Reason);
        await open.CatchUpAsync(run.Cancel);
        run.Output.Answer(result.Request, () => run.Output.Line($"{result.Request!.Number} is {NameOf(result.Request)}"));
        return 0;
    }

    private static async Task<int> HandOverAsync(Run run)
    {
        var folder = run.Arguments.GetValue(Out)!;
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new WrongUseException($"{Out.Name}: {folder} is not empty");
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = new KeysOnDemand(run, open.Database);
        var number = run.Arguments.GetValue(Number)!;
        var reader = (new PersonalData(open.Database, keys.OpenAsync), ActVerbs.Reader(run, "authority-request hand-over", number));
        var over = await new AuthorityRequestDesk(open.Database, new Desk(open.Database)).HandOverAsync(
            number, new(run.Arguments.GetValue(To)!, run.Arguments.GetValue(MinutesNumber)!), Context(run, keyed: false), reader, run.Cancel);
        if (over.Refusal is { } refusal)
            return run.Output.Fail(1, refusal.Code, refusal.Reason);
        Directory.CreateDirectory(folder);
        foreach (var (name, bytes) in over.Files)
            await File.WriteAllBytesAsync(Path.Combine(folder, name), bytes, run.Cancel);
        run.Output.Answer(over.Request!.HandOvers[^1], () => run.Output.Line($"{folder}: {Output.Count(over.Files.Count - 1, "pack")} and minutes.html"));
        return 0;
    }

    private static async Task<int> ListAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var requests = await AuthorityRequest.AllAsync(open.Database, run.Cancel);
        run.Output.Answer(requests, () => run.Output.Table(
            ["number", "came in", "from", "letter", "dossiers", "answer by", "stage", "entered by", "approved by"],
            requests.Select(r => new[]
            {
                r.Number, Moments.Show(r.Asked.OccurredAt), r.Asked.From, r.Asked.Letter, $"{r.Asked.Dossiers.Count}", Moments.Show(r.Asked.AnswerBy), NameOf(r), r.Asked.By, r.Approved?.By ?? "",
            })));
        return 0;
    }

    private static string NameOf(AuthorityRequest request) => request.Stage switch { AuthorityRequestStage.HandedOver => "handed over", var stage => stage.ToString().ToLowerInvariant() };
}
