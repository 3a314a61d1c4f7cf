using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using EventDossier.Dossiers;
using EventDossier.Marten;
using JasperFx;
using JasperFx.CodeGeneration;
using Marten;
using Wolverine;
using Wolverine.ErrorHandling;
using Wolverine.Marten;
using Wolverine.Persistence.Durability;
using Wolverine.Runtime;
using Wolverine.Runtime.Handlers;

namespace EventDossier.Web;

/// <summary>
/// The server's part of the edition. An act that is taken in is first kept in Wolverine's durable queue, so that it is
/// carried out even if this process ends; then carried out, tried again where it fails, and at last given up for the
/// administrator to see. That is at least once, and the command's id makes it once.
/// </summary>
internal sealed class MartenServer : ServerEdition
{
    private static readonly TimeSpan[] _pauses = [.. new[] { 0.05, 0.25, 1 }.Select(TimeSpan.FromSeconds)];

    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<Desk.Result>> _waiting = new();

    [ModuleInitializer]
    internal static void Choose() => Current = new MartenServer();

    public override void Add(WebApplicationBuilder builder, Centre? centre)
    {
        HangfireTimetable.Add(builder, centre);
        if (centre is null)
            return;
        builder.Services
            .AddMarten(options =>
            {
                options.Connection(centre.ConnectionString);
                options.UseEventDossier(ProductEvents.Names);
                options.AutoCreateSchemaObjects = AutoCreate.None;
            })
            .IntegrateWithWolverine(wolverine => wolverine.MessageStorageSchemaName = MartenEdition.Acts);
        builder.Services.AddWolverine(ExtensionDiscovery.ManualOnly, options =>
        {
            // The one handler is written by hand: nothing is found, generated or compiled at start. Wolverine wonders.
            builder.Logging.AddFilter("Wolverine.Configuration.HandlerDiscovery", LogLevel.Error);
            options.Discovery.DisableConventionalDiscovery();
            options.CodeGeneration.TypeLoadMode = TypeLoadMode.Static;
            options.AddMessageHandler(new Carrier(this, centre));
            options.PublishMessage<Delivery>().ToLocalQueue("acts").UseDurableInbox().MaximumParallelMessages(128);
        });
    }

    public override void Map(WebApplication app) => HangfireTimetable.Map(app);

    public override async Task<Desk.Result> DeliverAsync(
        Errand errand, IServiceProvider services, CancellationToken cancel)
    {
#pragma warning disable RS0030 // Composition: of this delivery; the command has its own id.
        var delivery = new Delivery(Guid.NewGuid(), JsonSerializer.Serialize(errand, ProductEvents.Names.Json));
#pragma warning restore RS0030
        var waiting = _waiting[delivery.Id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            // Nobody waits for longer, and an act must not surprise anybody when a centre comes back to this edition.
            var kept = new DeliveryOptions { DeliverWithin = TimeSpan.FromMinutes(5) };
            await services.GetRequiredService<IMessageBus>().PublishAsync(delivery, kept);
            return await waiting.Task.WaitAsync(cancel);
        }
        finally
        {
            _waiting.TryRemove(delivery.Id, out _);
        }
    }

    public override async Task<IReadOnlyList<Undelivered>> UndeliveredAsync(
        IServiceProvider services, int most, CancellationToken cancel)
    {
        var letters = services.GetRequiredService<IMessageStore>().DeadLetters;
        var page = await letters.QueryAsync(new() { PageSize = most }, cancel);
        return [.. page.Envelopes.Select(e => new Undelivered(e.Id, e.SentAt, e.ExceptionType, e.ExceptionMessage))];
    }

    /// <param name="Errand">Its JSON, as events are spelled.</param>
    internal sealed record Delivery(Guid Id, string Errand);

    /// <summary>A handler that nothing has to be generated for.</summary>
    private sealed class Carrier(MartenServer server, Centre centre) : MessageHandler<Delivery>
    {
        public override void ConfigureChain(HandlerChain chain) => chain.OnAnyException().RetryWithCooldown(_pauses);

        protected override async Task HandleAsync(
            Delivery message, MessageContext context, CancellationToken cancellation)
        {
            // Nobody waits for what another process left behind.
            var waiting = server._waiting.GetValueOrDefault(message.Id) ?? new();
            try
            {
                var errand = JsonSerializer.Deserialize<Errand>(message.Errand, ProductEvents.Names.Json)!;
                waiting.TrySetResult(await errand.CarryOutAsync(centre, cancellation));
            }
            catch (UserError e)
            {
                waiting.TrySetException(e); // an answer
            }
            catch (Exception e) when (context.Envelope!.Attempts > _pauses.Length)
            {
                waiting.TrySetException(e);
                throw;
            }
        }
    }
}
