using System.CommandLine;
using EventDossier.Deliveries;
using EventDossier.Dossiers;
using EventDossier.Portal;

namespace EventDossier.Cli;

/// <summary><c>sync</c> and <c>portal</c>: the national portal and the centre kept the same.</summary>
internal static class PortalVerbs
{
    private static readonly Option<string?> Since = new("--since") { Description = "Look for what the portal lacks altogether from then on; else thirty days back", HelpName = "TIME" };
    private static readonly Argument<string> External = new("CODE") { Description = "The portal's code" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("sync", "Takes from the national portal, tells it what it lacks, and lists what the two still disagree on (exit 1)") { Since }.Does(SyncAsync),
        new Command("portal", "The national portal")
        {
            new Command("compare", "What the portal and the centre disagree on; nothing is changed (exit 1 for a finding)") { Since }.Does(CompareAsync),
            new Command("take", "Takes what came in there, and what owner systems told of their stages (exit 1 if something could not be taken)").Does(TakeAsync),
            new Command("find", "The dossier of a code of the portal") { External }.Does(FindAsync),
        },
    ];

    private static DeliverySettings Settings() => DeliverySettings.Read(Environment.GetEnvironmentVariable);

    private static DateTimeOffset From(Run run) => Moments.Parse(run, Since) ?? Moments.Now(run) - PortalSync.Back;

    private static async Task<int> SyncAsync(Run run)
    {
        var settings = Settings();
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = await OpenKeys.OfAsync(run, open.Database);
        using var delivery = new DeliveryService(open.Database, keys.Keys, settings);
        var result = await PortalSync.RunAsync(open.Database, new Desk(open.Database), () => Task.FromResult(keys.Keys), delivery, settings, From(run), run.Cancel);
        await open.CatchUpAsync(run.Cancel);
        run.Output.Answer(new { taken = Told(result.Taken), result.Sent, result.Failed, result.ToldAnew, result.Left }, () =>
        {
            Tell(run, result.Taken);
            run.Output.Line($"{Output.Count(result.Sent, "message")} sent, {Output.Count(result.Failed, "attempt")} failed, {result.ToldAnew} told anew");
            Tell(run, result.Left);
        });
        return result.Left.Count == 0 && result.Taken.Refused.Count == 0 ? 0 : 1;
    }

    private static async Task<int> CompareAsync(Run run)
    {
        var settings = Settings();
        await using var open = await OpenDatabase.OfAsync(run);
        var found = await PortalSync.CompareAsync(open.Database, settings, From(run), run.Cancel);
        run.Output.Answer(found, () => Tell(run, found));
        return found.Count == 0 ? 0 : 1;
    }

    private static async Task<int> TakeAsync(Run run)
    {
        var settings = Settings();
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = new KeysOnDemand(run, open.Database);
        using var portal = PortalSync.Calls(open.Database, settings);
        try
        {
            var taken = await new PortalIntake(open.Database, new Desk(open.Database), keys.OpenAsync, portal).TakeAsync(fromTheBeginning: false, run.Cancel);
            await open.CatchUpAsync(run.Cancel);
            run.Output.Answer(Told(taken), () => Tell(run, taken));
            return taken.Refused.Count == 0 ? 0 : 1;
        }
        catch (DeliveryFailedException e)
        {
            throw new UserError("portal-unreachable", e.Message);
        }
    }

    private static async Task<int> FindAsync(Run run)
    {
        var external = run.Arguments.GetValue(External)!;
        await using var open = await OpenDatabase.OfAsync(run);
        var code = await PortalIntake.FindAsync(open.Database, external, run.Cancel) ?? throw new UserError("no-such-dossier", $"there is no dossier of the portal's code {external}");
        run.Output.Answer(new { externalCode = external, code }, () => run.Output.Line(code));
        return 0;
    }

    private static object Told(PortalIntake.Result taken) => new { begun = taken.New, taken.Followed, taken.Refused };

    private static void Tell(Run run, PortalIntake.Result taken)
    {
        run.Output.Line($"{Output.Count(taken.New, "dossier")} begun, {taken.Followed} followed, {taken.Refused.Count} not taken");
        foreach (var refused in taken.Refused)
            run.Output.Line($"{refused.ExternalCode} {refused.Code}: {refused.Reason}");
    }

    private static void Tell(Run run, IReadOnlyList<Disagreement> found)
    {
        if (found.Count == 0)
            run.Output.Line("the portal and the centre agree");
        else
            run.Output.Table(["kind", "portal's code", "ours", "here", "there", "remedy"], found.Select(d => new[] { d.Kind, d.ExternalCode, d.Code ?? "", d.Ours ?? "", d.Theirs ?? "", d.Remedy ?? "a person" }));
    }
}
