using System.CommandLine;
using EventDossier.Store;

namespace EventDossier.Cli;

/// <summary><c>migrate</c>, <c>views</c>, <c>follow</c>, <c>rebuild</c>: the tables and what is derived from them.</summary>
internal static class SchemaVerbs
{
    private static readonly Argument<string?> ViewName = new("VIEW") { Description = "Name of a view", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> All = new("--all") { Description = "Every view, in one pass over the log" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("migrate", "Creates the tables and roles, or brings them up to date").Does(MigrateAsync),
        new Command("views", "How far each view has followed the log (exit 1 if one has stopped)").Does(ViewsAsync),
        new Command("follow", "Keeps the views up with the log until it is stopped").Does(FollowAsync),
        new Command("rebuild", "Makes views anew from the log; the old ones serve meanwhile") { ViewName, All }.Does(RebuildAsync),
    ];

    private static async Task<int> MigrateAsync(Run run)
    {
        await using var lease = await run.OpenDatabaseAsync();
        var migrated = await Migration.RunAsync(lease.ConnectionString, run.Sample, ProductViews.All, run.Cancel);
        using var progress = run.Progress("events");
        string[] applied = [.. migrated, .. await ViewUpgrade.RunAsync(lease.ConnectionString, ProductViews.All, ProductEvents.Names, run.Time, read => progress.Report(read), run.Cancel)];
        run.Output.Answer(new { applied }, () => run.Output.Line(applied.Length == 0 ? "up to date" : $"applied {string.Join(", ", applied)}"));
        return 0;
    }

    private static async Task<int> ViewsAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var health = await ViewHealth.AllAsync(open.Database.App, run.Cancel);
        run.Output.Answer(health, () => run.Output.Table(
            ["view", "position", "behind", "stopped at", "dossier", "error"],
            health.Select(h => new[] { h.Name, $"{h.Position}", $"{h.Behind}", $"{h.StoppedAt}", h.Stream ?? "", h.Error ?? "" })));
        return health.Any(h => h.Error is not null) ? 1 : 0;
    }

    private static async Task<int> FollowAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        run.Output.Line($"following with {string.Join(", ", ProductViews.All.Select(v => v.Name))}; Ctrl-C ends it");
        run.Output.Flush();
        await new Views(ProductViews.All, open.Database).FollowAsync(run.Cancel);
        return 0;
    }

    private static async Task<int> RebuildAsync(Run run)
    {
        var name = run.Arguments.GetValue(ViewName);
        if ((name is null) == !run.Arguments.GetValue(All))
            throw new WrongUseException("rebuild takes the name of a view, or --all");
        await using var open = await OpenDatabase.OfAsync(run);
        var views = name is null ? ProductViews.All : [ProductViews.Named(name)];
        using var progress = run.Progress("events");
        var events = await Rebuild.RunAsync(views, open.Database.App, open.Database.Names, run.Time, read => progress.Report(read), cancel: run.Cancel);
        run.Output.Answer(
            new { views = views.Select(v => v.Name), events },
            () => run.Output.Line($"rebuilt {string.Join(", ", views.Select(v => v.Name))} from {events:N0} events"));
        return 0;
    }
}
