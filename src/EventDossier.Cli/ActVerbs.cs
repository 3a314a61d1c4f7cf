using System.CommandLine;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Cli;

/// <summary>Every act, for scripts. The actor is the system's user; <c>--key</c> makes a repeated call the same command.</summary>
internal static class ActVerbs
{
    private static readonly Option<string> Role = new("--role") { Description = "As what: clerk, officer, supervisor, …", HelpName = "ROLE", DefaultValueFactory = _ => "clerk" };
    private static readonly Option<string?> Authority = new("--authority") { Description = "Post or delegation it is done under", HelpName = "TEXT" };
    internal static readonly Option<string?> Key = new("--key") { Description = "Idempotency key: the same key is the same command", HelpName = "KEY" };
    private static readonly Option<string?> At = new("--at") { Description = "Legal time, if not now", HelpName = "TIME" };
    private static readonly Option<string?> ApprovedBy = new("--approved-by") { Description = "Who allows it to be dated back further", HelpName = "NAME" };

    private static readonly Argument<string> Code = new("CODE") { Description = "The dossier" };
    private static readonly Option<string> Procedure = new("--procedure") { Description = "Its code", HelpName = "P", Required = true };
    private static readonly Option<string> Agency = new("--agency") { Description = "The competent agency, which also numbers the dossier", HelpName = "A", Required = true };
    private static readonly Option<string> Channel = new("--channel") { Description = "online, counter or post", HelpName = "C", DefaultValueFactory = _ => "counter" };
    private static readonly Option<string?> Unit = new("--unit") { Description = "The unit that handles it", HelpName = "U" };
    private static readonly Option<string?> Officer = new("--officer") { Description = "Who handles it", HelpName = "O" };
    private static readonly Option<string> To = new("--to") { Description = "The officer", HelpName = "O", Required = true };
    private static readonly Option<string> Step = new("--step") { Description = "Which step", HelpName = "S", Required = true };
    private static readonly Option<DecisionOutcome> Outcome = new("--outcome") { Description = "approved or rejected", Required = true };
    private static readonly Option<string?> Reason = new("--reason") { Description = "Why; a rejection needs one", HelpName = "TEXT" };
    private static readonly Option<string> WhyWithdrawn = new("--reason") { Description = "Why", HelpName = "TEXT", Required = true };
    private static readonly Option<ReturnChannel> By = new("--by") { Description = "counter, post or online", DefaultValueFactory = _ => ReturnChannel.Counter };

    public static IEnumerable<Command> Commands() =>
    [
        Act("receive", "Receives a dossier; answers with its code", Procedure, Agency, Channel, Unit, Officer).Does(ReceiveAsync),
        OnDossier("assign", "An officer takes charge", (run, d, c) => AssignDossier.Decide(new(run.Arguments.GetValue(To)!, run.Arguments.GetValue(Unit)), d, c), To, Unit),
        OnDossier("complete-step", "A step of the handling is done", (run, d, c) => CompleteStep.Decide(new(run.Arguments.GetValue(Step)!), d, c), Step),
        OnDossier("decide", "Approves or rejects", (run, d, c) => DecideDossier.Decide(new(run.Arguments.GetValue(Outcome), run.Arguments.GetValue(Reason)), d, c), Outcome, Reason),
        OnDossier("make-ready", "The result lies at the counter", (_, d, c) => MakeResultReady.Decide(d, c)),
        OnDossier("return", "The result is handed back", (run, d, c) => ReturnResult.Decide(new(run.Arguments.GetValue(By)), d, c), By),
        OnDossier("withdraw", "The applicant takes the dossier back", (run, d, c) => WithdrawDossier.Decide(new(run.Arguments.GetValue(WhyWithdrawn)!), d, c), WhyWithdrawn),
    ];

    /// <summary>The system's user, under a command id made of user and key.</summary>
    public static CommandMetadata Who(Run run, Guid command) => new(command, $"os:{Environment.UserName}", run.Arguments.GetValue(Role) ?? "clerk", run.Arguments.GetValue(Authority));

    /// <summary>What was asked for: the words of the command line but for the key.</summary>
    internal static string? Request(Run run) => run.Arguments.GetValue(Key) is not { } key ? null : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
        System.Text.Encoding.UTF8.GetBytes(string.Join('\n', run.Arguments.Tokens.Select(t => t.Value).Where(t => t != key)))))[..32];

    static ActVerbs() => Role.AcceptOnlyFromAmong("clerk", "officer", "supervisor", "auditor", "transparency officer", "administrator", "citizen");

    private static Command Act(string name, string description, params IEnumerable<Option> options)
    {
        var command = new Command(name, description);
        foreach (var option in options.Concat([At, ApprovedBy, Role, Authority, Key]))
            command.Add(option);
        return command;
    }

    private static Command OnDossier(string name, string description, Func<Run, Dossier, ActContext, Decision> decide, params IEnumerable<Option> options)
    {
        var command = Act(name, description, options);
        command.Add(Code);
        return command.Does(run => AnswerAsync(run, (desk, context) =>
            desk.DoAsync(run.Arguments.GetValue(Code)!, context.Command, dossier => decide(run, dossier, context), run.Cancel)));
    }

    private static Task<int> ReceiveAsync(Run run) => AnswerAsync(run, (desk, context) => desk.ReceiveAsync(
        new(run.Arguments.GetValue(Procedure)!, run.Arguments.GetValue(Channel)!, run.Arguments.GetValue(Agency)!, run.Arguments.GetValue(Unit), run.Arguments.GetValue(Officer)),
        context, run.Cancel));

    private static async Task<int> AnswerAsync(Run run, Func<Desk, ActContext, Task<Desk.Result>> act)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var now = Moments.Now(run);
        var context = new ActContext(now, Who(run, NewCommand(run)) with { Request = Request(run) }, Moments.Parse(run, At) ?? now, run.Arguments.GetValue(ApprovedBy));
        var result = await act(new Desk(open.Database.Log, WorkCalendar.Vietnam), context);
        if (result.Refusal is { } refusal)
            return run.Output.Fail(1, refusal.Code, refusal.Reason);
        await open.CatchUpAsync(run.Cancel);
        run.Output.Answer(new { result.Code, result.Version, result.Position }, () => run.Output.Line($"{result.Code} version {result.Version}"));
        return 0;
    }

    internal static Guid NewCommand(Run run)
    {
#pragma warning disable RS0030 // Composition: here a new command gets its id.
        return run.Arguments.GetValue(Key) is { } key
            ? Uuid.V5(new Guid("5d6a6f2b-2f64-5b0e-8f0f-3a1a2f9f5c11"), $"{Environment.UserName}\n{key}")
            : Guid.NewGuid();
#pragma warning restore RS0030
    }
}
