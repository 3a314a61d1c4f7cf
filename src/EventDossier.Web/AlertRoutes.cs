using System.Globalization;
using System.Text.Json;
using EventDossier.Alerts;
using EventDossier.Dossiers;
using EventDossier.Store;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace EventDossier.Web;

/// <summary>The inbox, and what happens to alerts as it happens. Acknowledging and snoozing are acts on the dossier.</summary>
internal static class AlertRoutes
{
    private const int PageSize = 500;

    /// <summary>Often enough that no proxy takes the stream for dead.</summary>
    private static readonly TimeSpan _beat = TimeSpan.FromSeconds(15);

    public static void MapAlerts(this WebApplication app)
    {
        app.MapGet("/api/alerts", ListAsync).WithTags("alerts").WithSummary("The open alerts, or those that were, the longest due first")
            .Takes("person", "unit", "agency", "level", "acknowledged", "asOf", "knownAt", "position", "cursor", "limit", "after");
        app.MapGet("/api/alerts/stream", StreamAsync).WithTags("alerts").Takes("after")
            .WithSummary("Server-sent events, one for each event of an alert; its id is the log's position, and Last-Event-ID goes on from there");
    }

    private static async Task<IResult> ListAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        var scope = await Scope.OfAsync(caller, Rights.Alerts, centre, cancel);
        var (limit, cursor, person) = (Asked.Limit(request), Asked.Cursor(request, 5), Asked.Text(request, "person"));
        if (scope.Reach == Reach.Own && person is not null && person != caller.Actor)
            throw new UserError("not-allowed", "the alerts of others are not for you");
        var query = new Inbox.Query(
            scope.Reach == Reach.Own ? caller.Actor : person, Asked.Text(request, "unit"), Asked.Text(request, "agency"), Asked.Word<AlertLevel>(request, "level"),
            Asked.Flag(request, "acknowledged"), cursor is null ? null : Row(cursor), limit)
        {
            Units = scope.Units, Self = scope.Units is null ? null : caller.Actor,
        };
        await Asked.AfterAsync(request, Inbox.View, centre.Database);
        var rows = Asked.Past(request) is { } past
            ? (await Inbox.View.ThenAsync(centre.Database, past, query, Visible(scope), cancel)).Rows
            : await Inbox.View.FindAsync(centre.Database.App, query, cancel);
        return Results.Ok(Asked.Page(
            [
                .. rows.Select(r => new
                {
                    r.Code, r.Rule, r.Cycle, r.Recipient, r.Level, r.DueAt, r.RaisedAt, r.Person, r.Post, r.Unit, r.Agency, r.Procedure, r.Due, r.AcknowledgedAt, r.SnoozedUntil,
                    draft = r.Level == AlertLevel.ApologyDuty ? $"/api/dossiers/{Uri.EscapeDataString(r.Code)}/slips/04" : null,
                }),
            ],
            limit, r => [Asked.Key(r.DueAt), r.Code, r.Rule, $"{r.Cycle}", $"{r.Recipient}"]));
    }

    /// <summary>What was told to the caller; and of others, what is of dossiers that lie with their units now. Null where all may be seen.</summary>
    private static Func<Inbox.Row, IReadOnlyList<StoredEvent>, bool>? Visible(Scope scope) => scope.Reach switch
    {
        Reach.All => null,
        Reach.Own => (row, _) => row.Person == scope.Caller.Actor,
        _ => (row, events) => row.Person == scope.Caller.Actor || Rights.Reaches(scope, Dossier.Fold(events[0].Stream, events)),
    };

    /// <summary>By which a page of the inbox is gone on from.</summary>
    public static string[] Keys(Inbox.Row row) => [Asked.Key(row.DueAt), row.Code, row.Rule, $"{row.Cycle}", $"{row.Recipient}"];

    public static Inbox.Row Row(string[] cursor)
    {
        long Number(int key) => long.TryParse(cursor[key], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new UserError("bad-query", "cursor: the next of a page before");
        return new(cursor[1], cursor[2], Number(3), Number(4), default, Asked.Key(cursor[0]), default);
    }

    public static async Task StreamAsync(HttpContext http, Caller caller, Centre centre, LogTail tail, IHostApplicationLifetime lifetime, IOptions<JsonOptions> json)
    {
        var scope = await Scope.OfAsync(caller, Rights.Alerts, centre, http.RequestAborted);
        var position = From(http.Request) ?? await centre.Database.HeadAsync(http.RequestAborted);
        // The right to listen ends with the token that gave it; a browser comes back with a new one and goes on where it was.
        using var expired = new CancellationTokenSource(Left(http, centre), centre.Database.Clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping, expired.Token);
        var response = http.Response;
        (response.ContentType, response.Headers.CacheControl) = ("text/event-stream", "no-cache");
        try
        {
            await response.WriteAsync(": listening\n\n", stop.Token);
            await response.Body.FlushAsync(stop.Token);
            for (var silent = centre.Database.Clock.GetTimestamp(); ;)
            {
                var grown = tail.Grown;
                var page = await centre.Database.Log.ReadAllAsync(position, PageSize, stop.Token);
                foreach (var e in page.Events)
                {
                    if (await TellAsync(e, scope, centre, stop.Token) is not { } told)
                        continue;
                    await response.WriteAsync($"id: {e.Position}\nevent: {e.Name}\ndata: {JsonSerializer.Serialize(told, json.Value.SerializerOptions)}\n\n", stop.Token);
                    silent = centre.Database.Clock.GetTimestamp();
                }
                if (centre.Database.Clock.GetElapsedTime(silent) > _beat)
                {
                    await response.WriteAsync(": still here\n\n", stop.Token);
                    silent = centre.Database.Clock.GetTimestamp();
                }
                await response.Body.FlushAsync(stop.Token);
                if (page.Position == position)
                    await grown.WaitAsync(stop.Token);
                position = page.Position;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The listener has gone, the token has run out, or the server stops.
        }
    }

    private static long? From(HttpRequest request) => request.Headers["Last-Event-ID"] switch
    {
        { Count: 0 } => Asked.Number(request, "after"),
        [var text] when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position) => position,
        _ => throw new UserError("bad-header", "Last-Event-ID: the id of an event of this stream"),
    };

    /// <summary>Of the token, or of the session.</summary>
    private static TimeSpan Left(HttpContext http, Centre centre)
    {
        var left = http.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc is { } ends ? ends - centre.Now : TimeSpan.Zero;
        return TimeSpan.FromSeconds(Math.Clamp(left.TotalSeconds, 0, TimeSpan.FromDays(1).TotalSeconds));
    }

    /// <summary>Null where it is no event of an alert, or not for this listener.</summary>
    private static async Task<object?> TellAsync(StoredEvent e, Scope scope, Centre centre, CancellationToken cancel)
    {
        (string Rule, int Cycle)? of = e.Event switch
        {
            AlertRaised a => (a.Rule, a.Cycle),
            AlertWithdrawn a => (a.Rule, a.Cycle),
            AlertAcknowledged a => (a.Rule, a.Cycle),
            AlertSnoozed a => (a.Rule, a.Cycle),
            _ => null,
        };
        if (of is not var (rule, cycle))
            return null;
        var dossier = Dossier.Fold(e.Stream, await centre.Database.Log.ReadStreamAsync(e.Stream, e.Version, cancel));
        var alert = dossier.Alerts.Find(a => a.Is(rule, cycle))!;
        var told = alert.To.Any(to => to.Person == scope.Caller.Actor || (to.Unit is { } unit && scope.Units?.Contains(unit) is true));
        return told || (scope.Reach is Reach.All or Reach.Unit && Rights.Reaches(scope, dossier))
            ? new { code = e.Stream, alert.Rule, alert.Cycle, alert.Level, alert.DueAt, alert.To, at = ((DossierEvent)e.Event).OccurredAt, e.Metadata.Actor }
            : null;
    }
}
