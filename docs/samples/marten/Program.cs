// A Marten program of somebody else's on a centre's database; docs/marten.md tells of it. Sample CONNECTION-STRING CODE
using EventDossier;
using EventDossier.Dossiers;
using EventDossier.Marten;
using JasperFx.CodeGeneration;
using JasperFx.Core;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events;
using Marten.Events.Aggregation;
using Marten.Events.Daemon;
using Marten.Subscriptions;
using Mine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Wolverine;
using Wolverine.Marten;
using Wolverine.Marten.Subscriptions;

var builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddMarten(options =>
    {
        options.Connection(args[0]);
        options.UseEventDossier(ProductEvents.Names);
        options.DatabaseSchemaName = "mine"; // everything of your own
        options.Projections.Add(new FoldOfDossier(), ProjectionLifecycle.Live);
        options.Projections.Add(new StepsTaken(), ProjectionLifecycle.Async);
    })
    .IntegrateWithWolverine(wolverine => wolverine.MessageStorageSchemaName = "mine")
    .SubscribeToEvents(new AlertFeed())
    .AddAsyncDaemon(DaemonMode.Solo);
builder.Services.AddWolverine(
    // No handler of its own; those found by convention need WolverineFx.RuntimeCompilation.
    wolverine => wolverine.CodeGeneration.TypeLoadMode = TypeLoadMode.Static);

using var host = builder.Build();
await host.StartAsync();
var store = (DocumentStore)host.Services.GetRequiredService<IDocumentStore>();
await using (var session = store.QuerySession())
{
    var loaded = await session.Events.AggregateStreamAsync<LoadedDossier>(args[1]);
    Console.WriteLine($"{loaded!.Id}: {loaded.Dossier.Stage}, version {loaded.Dossier.Version}");
}
await store.WaitForNonStaleProjectionDataAsync(30.Seconds());
await using (var session = store.QuerySession())
{
    foreach (var steps in await session.Query<Steps>().OrderBy(s => s.Id).ToListAsync())
        Console.WriteLine($"{steps.Id}: {steps.Taken} steps");
}
await host.StopAsync();

namespace Mine
{
    /// <summary>The product's own fold, as a document that is never stored.</summary>
    internal sealed record LoadedDossier(string Id, Dossier Dossier);

    internal sealed class FoldOfDossier : SingleStreamProjection<LoadedDossier, string>
    {
        public override LoadedDossier Evolve(LoadedDossier? snapshot, string id, IEvent e) =>
            new(id, (snapshot?.Dossier ?? new Dossier(id)).After((DossierEvent)e.Data, e.Version));
    }

    /// <summary>How many steps each dossier has taken: a projection that follows the log beside the product's views.</summary>
    internal sealed record Steps(string Id, int Taken);

    internal sealed class StepsTaken : SingleStreamProjection<Steps, string>
    {
        public StepsTaken() => IncludeType<StepCompleted>();

        public override Steps Evolve(Steps? snapshot, string id, IEvent e) => new(id, (snapshot?.Taken ?? 0) + 1);
    }

    /// <summary>Told of what happens in the order of the log; at least once, as every subscriber.</summary>
    internal sealed class AlertFeed : BatchSubscription
    {
        public AlertFeed() : base("alert-feed") => IncludeType<AlertRaised>();

        public override Task ProcessEventsAsync(EventRange page, ISubscriptionController controller, IDocumentOperations operations, IMessageBus bus, CancellationToken cancel)
        {
            foreach (var e in page.Events)
                Console.WriteLine($"{e.StreamKey}: {((AlertRaised)e.Data).Rule}");
            return Task.CompletedTask;
        }
    }
}
