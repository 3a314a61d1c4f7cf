using EventDossier.Alerts;
using EventDossier.Deliveries;
using EventDossier.Record;
using EventDossier.Store;

namespace EventDossier.Web;

/// <summary>Whether the process lives, and whether it can do its work. For whoever watches it: no sign-in, and nothing of any dossier.</summary>
internal static class HealthRoutes
{
    /// <summary>Positions that a view may be behind before that is told as a fault.</summary>
    private const long FarBehind = 10_000;

    /// <summary>That an alarm may be late.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => Results.Ok(new Health("live"))).WithTags("health").WithSummary("The process answers").Answers(Examples.Live).AllowAnonymous();
        app.MapGet("/health/ready", ReadyAsync).WithTags("health").WithSummary("Database, views and background work (503 where something is not as it should be)").Answers(Examples.Ready).AllowAnonymous();
    }

    private static async Task<IResult> ReadyAsync(Centre centre, DeliveryService delivery, RecordSealer sealer, Witnesses witnesses, PortalWatch portal, CancellationToken cancel)
    {
        var checks = new List<Readiness.Check>();
        var ready = true;
        void Add(string name, bool well, object? detail)
        {
            ready &= well;
            checks.Add(new(name, well ? "ready" : "not ready", detail));
        }
        try
        {
            var views = await ViewHealth.AllAsync(centre.Database.App, cancel);
            Add("database", true, null);
            foreach (var view in views)
                Add($"view {view.Name}", view.Error is null && view.Behind < FarBehind, new { view.Position, view.Behind, view.StoppedAt });
            Add("outbox", delivery.Fault is null, new { delivery.Fault, depth = await new Outbox(centre.Database.App, centre.Database.Clock).DepthAsync(cancel) });
            Add("public log", sealer.Fault is null, new { sealer.Fault });
            // Whoever is asked elsewhere is told of, and keeps nothing here from its work.
            if (witnesses.Last is { Count: > 0 } answers)
                Add("witnesses", true, answers);
            if (portal.IsSet)
                Add("portal", true, new { portal.Fault });
            // Nor does a backup that is late keep anybody from work.
            if (centre.Shelf is { } shelf)
                Add("backups", true, new { last = shelf.List() is [var last, ..] ? last.At : (DateTimeOffset?)null, fault = await shelf.FaultAsync(cancel) });
            // The alarm clock is well when nothing is left that was due a while ago.
            await using var connection = await centre.Database.App.OpenConnectionAsync(cancel);
            var late = await Alarms.View.DueAsync(connection, centre.Now - Patience, null, 1, cancel);
            Add("alarm clock", late.Count == 0, new { waitingSince = late.Count == 0 ? null : late[0].NextAt });
        }
        catch (Exception e) when (Failure.Of(e) is { Exit: 3 })
        {
            Add("database", false, null);
        }
        return Results.Json(new Readiness(ready ? "ready" : "not ready", checks), statusCode: ready ? 200 : 503);
    }
}
