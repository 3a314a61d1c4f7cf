using System.CommandLine;
using EventDossier.Complaints;
using EventDossier.Dossiers;

namespace EventDossier.Cli;

/// <summary><c>complaint</c>: complaints and suggestions, as the system's user sees them: not those about that user.</summary>
internal static class ComplaintVerbs
{
    private static readonly Argument<string> Number = new("NUMBER") { Description = "Of the complaint" };
    private static readonly Argument<string> File = new("FILE") { Description = "JSON: a list of {kind, accept, answer, retentionYears, basis}" };
    private static readonly Option<ComplaintKind> Kind = new("--kind") { Description = "A complaint, feedback or a suggestion", Required = true };
    private static readonly Option<ComplainantKind> Of = new("--of") { Description = "Who makes it; a citizen unless given" };
    private static readonly Option<string> Text = new("--text") { Description = "What is to be said", HelpName = "TEXT", Required = true };
    private static readonly Option<string?> Dossier = new("--dossier") { Description = "That it is about", HelpName = "CODE" };
    private static readonly Option<string?> AboutUnit = new("--about-unit") { Description = "Unit that it is about", HelpName = "U" };
    private static readonly Option<string?> AboutPerson = new("--about-person") { Description = "Member of staff that it is about", HelpName = "ID" };
    private static readonly Option<string?> Name = new("--name") { Description = "Of who makes it; a complaint needs it", HelpName = "TEXT" };
    private static readonly Option<string?> Address = new("--address") { Description = "Of who makes it; a complaint needs it", HelpName = "TEXT" };
    private static readonly Option<string?> Phone = new("--phone") { Description = "Of who makes it", HelpName = "TEXT" };
    private static readonly Option<string?> Mail = new("--mail") { Description = "Of who makes it", HelpName = "TEXT" };
    private static readonly Option<string?> At = new("--at") { Description = "Stamped on the paper, if not now", HelpName = "TIME" };
    private static readonly Option<string> Key = new("--secret") { Description = "That was given with its number", HelpName = "KEY", Required = true };
    private static readonly Option<string> Unit = new("--unit") { Description = "That is to answer it", HelpName = "U", Required = true };
    private static readonly Option<string?> Handler = new("--handler") { Description = "Somebody there", HelpName = "ID" };
    private static readonly Option<string> Reason = new("--reason") { Description = "Why, as it is told", HelpName = "TEXT", Required = true };
    private static readonly Option<ComplaintOutcome> Outcome = new("--outcome") { Description = "What came of it", Required = true };
    private static readonly Option<bool> All = new("--all") { Description = "Those too that are over" };
    private static readonly Option<string?> From = new("--from") { Description = "From when they hold, if not from now", HelpName = "TIME" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("complaint", "Complaints and suggestions of citizens and enterprises")
        {
            new Command("enter", "Enters one that came in writing, and prints the number and key for whoever made it")
            {
                Kind, Of, Text, Dossier, AboutUnit, AboutPerson, Name, Address, Phone, Mail, At, ActVerbs.Key,
            }.Does(EnterAsync),
            new Command("list", "Those that are open, the oldest first; a late one is marked") { All }.Does(ListAsync),
            new Command("show", "What one says and who made it; that it was read stays with it") { Number, DossierVerbs.Why, ActVerbs.ReadAs }.Does(ShowAsync),
            new Command("follow", "Where one stands, for whoever has its key") { Number, Key }.Does(FollowAsync),
            new Command("accept", "It will be answered; names who else it turned out to be about") { Number, AboutUnit, AboutPerson, ActVerbs.Key }.Does(run => DoAsync(run, (desk, number, reader, context) =>
                desk.AcceptAsync(number, new(run.Arguments.GetValue(AboutUnit), run.Arguments.GetValue(AboutPerson)), reader, context, run.Cancel))),
            new Command("decline", "It is not for this centre to answer") { Number, Reason, ActVerbs.Key }.Does(run => DoAsync(run, (desk, number, reader, context) =>
                desk.DeclineAsync(number, new(run.Arguments.GetValue(Reason)!), reader, context, run.Cancel))),
            new Command("assign", "Gives it to a unit that it is not about") { Number, Unit, Handler, ActVerbs.Key }.Does(run => DoAsync(run, (desk, number, reader, context) =>
                desk.AssignAsync(number, new(run.Arguments.GetValue(Unit)!, run.Arguments.GetValue(Handler)), reader, context, run.Cancel))),
            new Command("answer", "What whoever made it reads") { Number, Text, ActVerbs.Key }.Does(run => DoAsync(run, (desk, number, reader, context) =>
                desk.AnswerAsync(number, new(run.Arguments.GetValue(Text)!), reader, context, run.Cancel))),
            new Command("close", "What came of it") { Number, Outcome, ActVerbs.Key }.Does(run => DoAsync(run, (desk, number, reader, context) =>
                desk.CloseAsync(number, new(run.Arguments.GetValue(Outcome)), reader, context, run.Cancel))),
            new Command("limits", "How long they may take")
            {
                new Command("show", "What holds now").Does(LimitsAsync),
                new Command("import", "Decides the limits; what had come in before keeps its own") { File, From }.Does(ImportAsync),
            },
        },
    ];

    private static ComplaintReader Me(string role = Role.Supervisor) => new($"os:{Environment.UserName}", role, [], null);

    private static ComplaintDesk DeskOf(OpenDatabase open, KeysOnDemand keys) => new(open.Database, new Desk(open.Database), keys.OpenAsync);

    private static ActContext Context(Run run, string role, DateTimeOffset? at = null)
    {
        var now = Moments.Now(run);
        return new(now, ActVerbs.Who(ActVerbs.NewCommand(run), role) with { Request = ActVerbs.Request(run) }, at ?? now);
    }

    private static async Task<int> EnterAsync(Run run)
    {
        var arguments = run.Arguments;
        var act = new RegisterComplaint(
            arguments.GetValue(Kind), arguments.GetValue(Of), new(arguments.GetValue(Dossier), arguments.GetValue(AboutUnit), arguments.GetValue(AboutPerson)),
            new(arguments.GetValue(Text)!)
            {
                Name = arguments.GetValue(Name), Address = arguments.GetValue(Address), Phone = arguments.GetValue(Phone), Mail = arguments.GetValue(Mail),
            });
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = new KeysOnDemand(run, open.Database);
        var registered = await DeskOf(open, keys).RegisterAsync(act, Me(Role.Clerk), Context(run, Role.Clerk, Moments.Parse(run, At)), run.Cancel);
        if (registered.Refusal is { } refusal)
            return run.Output.Fail(1, refusal.Code, refusal.Reason);
        run.Output.Answer(new { registered.Number, registered.Key, registered.AcceptBy }, () =>
            run.Output.Line($"{registered.Number}, key {registered.Key}; accepted or declined by {Moments.Show(registered.AcceptBy)}"));
        return 0;
    }

    private static async Task<int> ListAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = new KeysOnDemand(run, open.Database);
        var (desk, now) = (new Desk(open.Database), Moments.Now(run));
        var calendar = (await desk.RulesAsync(run.Cancel)).Calendar;
        var complaints = await new ComplaintDesk(open.Database, desk, keys.OpenAsync).ListAsync(Me(), now, run.Arguments.GetValue(All), run.Cancel);
        var rows = complaints.Select(c => (Complaint: c, Owed: c.Owed(calendar))).ToList();
        run.Output.Answer(
            rows.Select(r => new { r.Complaint.Number, r.Complaint.Received.Kind, r.Complaint.Stage, r.Complaint.Received.OccurredAt, owed = r.Owed?.Duty, dueAt = r.Owed?.DueAt, late = now > r.Owed?.DueAt, r.Complaint.Assigned?.Unit }),
            () => run.Output.Table(["number", "kind", "came in", "stage", "unit", "owed", "due"], rows.Select(r => new[]
            {
                r.Complaint.Number, Plain(r.Complaint.Received.Kind), Moments.Show(r.Complaint.Received.OccurredAt), Plain(r.Complaint.Stage), r.Complaint.Assigned?.Unit ?? "",
                r.Owed is { } owed ? Plain(owed.Duty) : "", $"{Moments.Show(r.Owed?.DueAt)}{(now > r.Owed?.DueAt ? " late" : "")}",
            })));
        return 0;
    }

    private static async Task<int> ShowAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = new KeysOnDemand(run, open.Database);
        var who = ActVerbs.Reader(run, "complaint show", run.Arguments.GetValue(DossierVerbs.Why));
        var opened = await DeskOf(open, keys).OpenAsync(run.Arguments.GetValue(Number)!, Me(), who, run.Cancel);
        run.Output.Answer(opened, () =>
        {
            Tell(run, opened);
            run.Output.Line($"under key {opened.Complaint.Received.Statement.Applicant}, read {Output.Count(opened.Complaint.Readings.Count, "time")}");
        });
        return 0;
    }

    private static async Task<int> FollowAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = new KeysOnDemand(run, open.Database);
        if (await DeskOf(open, keys).FollowAsync(run.Arguments.GetValue(Number)!, run.Arguments.GetValue(Key)!, run.Cancel) is not { } opened)
            return run.Output.Fail(1, "follow-failed", "no complaint has this number and this key");
        run.Output.Answer(new { opened.Complaint.Number, opened.Complaint.Stage, opened.Answer, opened.DeclinedFor, opened.Complaint.Closed?.Outcome }, () => Tell(run, opened));
        return 0;
    }

    private static void Tell(Run run, ComplaintDesk.Opened opened)
    {
        var complaint = opened.Complaint;
        run.Output.Line($"{complaint.Number}, {Plain(complaint.Received.Kind)}, {Plain(complaint.Stage)}, came in {Moments.Show(complaint.Received.OccurredAt)}, {complaint.Received.Limit.Basis}");
        if (opened.Statement is { } statement)
            run.Output.Line(string.Join(", ", ((string?[])[statement.Name, statement.Address, statement.Phone, statement.Mail, statement.Text]).OfType<string>()));
        else
            run.Output.Line("whoever made it was erased");
        if ((opened.Answer ?? opened.DeclinedFor) is { } told)
            run.Output.Line($"{(opened.Answer is null ? "declined" : "answered")}: {told}");
    }

    private static async Task<int> DoAsync(Run run, Func<ComplaintDesk, string, ComplaintReader, ActContext, Task<ComplaintDesk.Result>> act)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = new KeysOnDemand(run, open.Database);
        var result = await act(DeskOf(open, keys), run.Arguments.GetValue(Number)!, Me(), Context(run, Role.Supervisor));
        if (result.Refusal is { } refusal)
            return run.Output.Fail(1, refusal.Code, refusal.Reason);
        run.Output.Answer(result.Complaint, () => run.Output.Line($"{result.Complaint!.Number} is {Plain(result.Complaint.Stage)}"));
        return 0;
    }

    private static async Task<int> LimitsAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var limits = await ComplaintLimits.AtAsync(open.Database, Moments.Now(run), run.Cancel);
        run.Output.Answer(limits, () => run.Output.Table(["kind", "accept", "answer", "kept", "basis"], limits.Select(l => new[]
        {
            Plain(l.Kind), $"{l.Accept}", $"{l.Answer}", Output.Count(l.RetentionYears, "year"), l.Basis,
        })));
        return 0;
    }

    private static async Task<int> ImportAsync(Run run)
    {
        var json = await System.IO.File.ReadAllBytesAsync(run.Arguments.GetValue(File)!, run.Cancel);
        await using var open = await OpenDatabase.OfAsync(run);
        var context = Context(run, Role.Administrator);
        var version = await ComplaintLimits.DecideAsync(open.Database, json, Moments.Parse(run, From) is { } from && from > context.Now ? from : context.Now, context.Command, run.Cancel);
        run.Output.Answer(new { version }, () => run.Output.Line($"limits of complaints, version {version}"));
        return 0;
    }

    private static string Plain<T>(T value) where T : struct, Enum => $"{value}".ToLowerInvariant();
}
