using EventDossier.Deliveries;
using EventDossier.Portal;

namespace EventDossier.Web;

/// <summary>The national portal and the centre: what they disagree on, and <c>dossier sync</c> as a route.</summary>
internal static class PortalRoutes
{
    public static void MapPortal(this WebApplication app)
    {
        var portal = app.MapGroup("/api/portal").WithTags("portal");
        portal.MapGet("/disagreements", CompareAsync).Takes("from").WithSummary("What the national portal and the centre disagree on, and what `sync` would do about each").Answers(Examples.Disagreements);
        portal.MapPost("/sync", SyncAsync).WithSummary("Takes from the portal, tells it what it lacks, and answers with what the two still disagree on").Answers(Examples.Synced);
    }

    private static async Task<IResult> CompareAsync(HttpRequest request, Caller caller, Centre centre, DeliverySettings settings, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Portal, centre, cancel);
        var since = Asked.Moment(request, "from") ?? centre.Now - PortalSync.Back;
        return Results.Ok(new Listed<Disagreement>(await PortalSync.CompareAsync(centre.Database, settings, since, cancel)));
    }

    private static async Task<IResult> SyncAsync(Caller caller, Centre centre, DeliverySettings settings, DeliveryService delivery, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.PortalSync, centre, cancel);
        return Results.Ok(await PortalSync.RunAsync(
            centre.Database, centre.Desk, () => Task.FromResult(centre.Keys), delivery, settings, centre.Now - PortalSync.Back, cancel));
    }
}

/// <summary>Takes what comes in at the portal, where one is set.</summary>
internal sealed class PortalWatch(Centre centre, DeliverySettings settings) : BackgroundService
{
    /// <summary>Why it took nothing, or not all, when it last looked; null while all is well.</summary>
    public string? Fault { get; private set; }

    public bool IsSet => settings.Portal is not null;

    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        if (!IsSet)
            return;
        using var portal = PortalSync.Calls(centre.Database, settings);
        await new PortalIntake(centre.Database, centre.Desk, () => Task.FromResult(centre.Keys), portal).RunAsync(settings.PortalPoll, fault => Fault = fault, stop);
    }
}
