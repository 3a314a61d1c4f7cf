using System.CommandLine;
using EventDossier.Deliveries;

namespace EventDossier.Cli;

/// <summary><c>outbox</c>: messages to staff and applicants on their way out.</summary>
internal static class DeliveryVerbs
{
    private static readonly Argument<Guid> Id = new("MESSAGE") { Description = "Its id, as outbox list shows it" };
    private static readonly Argument<Guid?> Again = new("MESSAGE") { Description = "Its id; without it all that are dead", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Argument<string> Url = new("URL") { Description = "The receiver's address, as its contact names it" };
    private static readonly Option<string?> State = new("--state") { Description = "Only in this state: waiting, printing, sent, void or dead", HelpName = "S" };
    private static readonly Option<string?> Code = new("--dossier") { Description = "Only about this dossier", HelpName = "CODE" };
    private static readonly Option<int> Limit = new("--limit") { Description = "At most so many", DefaultValueFactory = _ => 50 };
    private static readonly Option<string> Out = new("--output", "-o") { Description = "The HTML file to print", HelpName = "FILE", Required = true };

    private static readonly Argument<string> Of = new("CODE") { Description = "The dossier" };
    private static readonly Option<bool> Html = new("--html") { Description = "As HTML to print" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("outbox", "Messages to staff and applicants")
        {
            new Command("list", "What was and is to be sent, the latest first") { State, Code, Limit }.Does(ListAsync),
            new Command("send-once", "Takes the log to its end and sends what is due now (exit 1 if an attempt failed)").Does(SendOnceAsync),
            new Command("run", "Sends what becomes due until it is stopped").Does(RunAsync),
            new Command("resend", "Sends a message again, under its id") { Again }.Does(ResendAsync),
            new Command("print", "Writes a letter to a file, and records in its dossier that it was printed") { Id, Out, ActVerbs.ReadAs }.Does(PrintAsync),
            new Command("secret", "The key that a webhook's receiver verifies signatures with") { Url }.Does(SecretAsync),
        },
        new Command("slip", "Slips as they are handed over, in Vietnamese and English")
        {
            new Command("04", "The apology with a new date, as issued; or its draft, with a date proposed and the reason to be written in") { Of, Html, ActVerbs.ReadAs }.Does(Slip04Async),
        },
    ];

    private static DeliverySettings Settings() => DeliverySettings.Read(Environment.GetEnvironmentVariable);

    private static async Task<int> ListAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var found = await new Outbox(open.Database.App, run.Time).ListAsync(run.Arguments.GetValue(State), run.Arguments.GetValue(Code), null, run.Arguments.GetValue(Limit), run.Cancel);
        run.Output.Answer(found.Select(m => new { m.Id, m.Kind, m.Channel, m.Recipient, m.State, m.MadeAt, m.DueAt, m.EndedAt, m.Attempts, m.Error, m.Batch, dossier = m.Stream }), () => run.Output.Table(
            ["message", "kind", "channel", "to", "state", "made", "due", "ended", "attempts", "error"],
            found.Select(m => new[]
            {
                $"{m.Id}", m.Kind, m.Channel ?? "", m.Recipient, m.State, Moments.Show(m.MadeAt), m.State == "waiting" ? Moments.Show(m.DueAt) : "", Moments.Show(m.EndedAt), $"{m.Attempts}", m.Error ?? "",
            })));
        return 0;
    }

    private static async Task<int> SendOnceAsync(Run run)
    {
        var settings = Settings();
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = await OpenKeys.OfAsync(run, open.Database);
        using var service = new DeliveryService(open.Database, keys.Keys, settings);
        var (sent, failed) = await service.SendOnceAsync(run.Cancel);
        run.Output.Answer(new { sent, failed }, () => run.Output.Line($"{Output.Count(sent, "message")} sent, {Output.Count(failed, "attempt")} failed"));
        return failed == 0 ? 0 : 1;
    }

    private static async Task<int> RunAsync(Run run)
    {
        var settings = Settings();
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = await OpenKeys.OfAsync(run, open.Database);
        using var service = new DeliveryService(open.Database, keys.Keys, settings);
        run.Output.Line("sending; Ctrl-C ends it");
        run.Output.Flush();
        await service.RunAsync(run.Cancel);
        return 0;
    }

    private static async Task<int> ResendAsync(Run run)
    {
        var id = run.Arguments.GetValue(Again);
        await using var open = await OpenDatabase.OfAsync(run);
        var again = await new Outbox(open.Database.App, run.Time).ResendAsync(id, run.Cancel);
        if (id is not null && again == 0)
            throw new UserError("no-such-message", $"the outbox has no message {id} that was sent or is dead");
        run.Output.Answer(new { again }, () => run.Output.Line($"{Output.Count(again, "message")} to be sent again"));
        return 0;
    }

    private static async Task<int> PrintAsync(Run run)
    {
        var path = run.Arguments.GetValue(Out)!;
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = await OpenKeys.OfAsync(run, open.Database);
        using var service = new DeliveryService(open.Database, keys.Keys, Settings());
        var letter = await service.PrintAsync(run.Arguments.GetValue(Id), ActVerbs.Reader(run, "outbox print"), printed => File.WriteAllTextAsync(path, printed.Html, run.Cancel), run.Cancel);
        run.Output.Answer(new { path }, () => run.Output.Line($"{letter.Subject}: {path}"));
        return 0;
    }

    private static async Task<int> Slip04Async(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = new KeysOnDemand(run, open.Database);
        var (slip, letter) = await Slip04.PrintAsync(open.Database, new(open.Database, keys.OpenAsync), ActVerbs.Reader(run, "slip 04"), run.Arguments.GetValue(Of)!, Moments.Now(run), run.Cancel);
        run.Output.Answer(new { slip, letter }, () =>
        {
            foreach (var line in (run.Arguments.GetValue(Html) ? letter.Html : letter.Text).TrimEnd().Split('\n'))
                run.Output.Line(line);
        });
        return 0;
    }

    private static Task<int> SecretAsync(Run run)
    {
        var text = run.Arguments.GetValue(Url)!;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url))
            throw new WrongUseException($"URL: '{text}' is no address");
        var secret = Webhook.SecretOf(Settings().WebhookSecret ?? throw new UserError("bad-setting", "Delivery__Webhook__Secret is not set"), url);
        run.Output.Answer(new { secret }, () => run.Output.Line(secret));
        return Task.FromResult(0);
    }
}
