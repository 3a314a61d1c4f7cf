using System.CommandLine;
using System.Globalization;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Procedures;
using EventDossier.Store;

namespace EventDossier.Cli;

/// <summary><c>drill</c>: load for the fault drills under <c>ops/drills</c>. Not listed by <c>--help</c>: nobody wants it near real dossiers.</summary>
internal static class DrillVerbs
{
    private const string TheProcedure = "drill";
    private static readonly Guid _commands = new("0c8f5f0e-1d4b-5c0e-9b0e-6a4f2d9f7b31");

    private static readonly Option<int> Callers = new("--callers") { Description = "How many at once", HelpName = "N", DefaultValueFactory = _ => 32 };
    private static readonly Option<int> First = new("--first") { Description = "Number of the first of them; those of two processes differ", HelpName = "N" };
    private static readonly Option<string> Ack = new("--ack") { Description = "File that each acknowledged command is added to; a run goes on after what stands there", HelpName = "FILE", Required = true };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("drill", "For the drills under ops/drills")
        {
            new Command("callers", "For drills: callers that take dossiers through their life, until stopped") { Callers, First, Ack }.Does(CallersAsync),
        }.Unlisted(),
    ];

    private static Command Unlisted(this Command command)
    {
        command.Hidden = true;
        return command;
    }

    /// <summary>
    /// The commands of a caller are numbered, and the number gives the command id. A caller begins after its last acknowledged command, so the one that
    /// was under way when a run was killed is sent again as the same command.
    /// </summary>
    private static async Task<int> CallersAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        await new Catalogue(open.Database).PublishAsync(
            [new(DateTimeOffset.UnixEpoch, TheProcedure, "Drill", "DRILL", Limit.Parse("5 days"), null)], ActVerbs.Who(Guid.Empty, Role.Administrator), run.Cancel);
        var path = run.Arguments.GetValue(Ack)!;
        var begin = Acknowledged(path);
        await using var acknowledged = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        var desk = new Desk(open.Database);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(run.Cancel);
        var total = 0;
        await Task.WhenAll(Enumerable.Range(run.Arguments.GetValue(First), run.Arguments.GetValue(Callers)).Select(caller => Task.Run(() => CallAsync(caller)).ContinueWith(EndAllIfFailed, TaskScheduler.Default).Unwrap()));
        run.Output.Answer(new { acknowledged = total }, () => run.Output.Line($"{total:N0} commands acknowledged"));
        return 0;

        Task EndAllIfFailed(Task call)
        {
            if (call.IsFaulted)
                over.Cancel();
            return call;
        }

        // A command that was begun is ended; between two commands it stops.
        async Task CallAsync(int caller)
        {
            var (number, code) = begin.GetValueOrDefault(caller, (-1, ""));
            while (!over.IsCancellationRequested)
            {
                number++;
                var now = Moments.Now(run);
                var context = new ActContext(now, ActVerbs.Who(Uuid.V5(_commands, $"{caller} {number}"), number % 6 == 0 ? Role.Clerk : Role.Officer), now);
                var result = await ActAsync(desk, number, code, context);
                if (result.Refusal is { } refusal)
                    throw new UserError(refusal.Code, $"caller {caller}, command {number}: {refusal.Reason}");
                code = result.Code;
                var line = $"{caller} {number} {context.Command.CommandId} {code} {result.Version} {result.Position}\n";
                lock (acknowledged)
                {
                    acknowledged.Write(System.Text.Encoding.UTF8.GetBytes(line));
                    acknowledged.Flush();
                }
                Interlocked.Increment(ref total);
            }
        }
    }

    private static Task<Desk.Result> ActAsync(Desk desk, int number, string code, ActContext context) => (number % 6) switch
    {
        0 => desk.BeginAsync(new ReceiveDossier(TheProcedure), context),
        1 => desk.DoAsync(code, new AssignDossier("officer-1"), context),
        2 => desk.DoAsync(code, new CompleteStep("check"), context),
        3 => desk.DoAsync(code, new DecideDossier(DecisionOutcome.Approved), context),
        4 => desk.DoAsync(code, new MakeResultReady(), context),
        _ => desk.DoAsync(code, new ReturnResult(), context),
    };

    /// <summary>Of each caller, the last command and its dossier.</summary>
    private static Dictionary<int, (int Number, string Code)> Acknowledged(string path)
    {
        var last = new Dictionary<int, (int, string)>();
        foreach (var line in File.Exists(path) ? File.ReadLines(path) : [])
        {
            var field = line.Split(' ');
            last[int.Parse(field[0], CultureInfo.InvariantCulture)] = (int.Parse(field[1], CultureInfo.InvariantCulture), field[3]);
        }
        return last;
    }
}
