using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Import;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Audit;

/// <summary>Something that does not add up.</summary>
/// <param name="Kind"><c>missing-event</c>, <c>stream-version</c>, <c>empty-stream</c>, <c>no-stream</c>, <c>event-id</c>, <c>undecodable</c>, <c>fold</c>, <c>due-date</c>, <c>import</c>, <c>view</c>, <c>view-ahead</c>, <c>view-stopped</c>.</param>
/// <param name="Stream">Null where no single stream can be named.</param>
public sealed record Finding(string Kind, string? Stream, long? Version, long? Position, string? Expected, string? Actual);

/// <param name="Checked">How many of what: streams, events, dossiers, view rows.</param>
public sealed record VerifyReport(IReadOnlyDictionary<string, long> Checked, IReadOnlyList<Finding> Findings);

/// <summary>
/// Checks the log against itself, and everything derived against the log. Nothing is trusted but the events: every stream is whole, every event is
/// known and folds, every view is what replaying gives.
/// </summary>
public sealed class Verification(Database database)
{
    private static readonly JsonSerializerOptions _legible = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Dictionary<string, long> _checked = [];
    private readonly List<Finding> _findings = [];
    private readonly Dictionary<string, (long Dossiers, long Activities)> _imports = [];

    public VerifyReport Report => new(_checked, _findings);

    /// <summary>Versions run from 1 without a hole to what the stream says, no stream is empty, and no event is without its stream. One statement, so one snapshot.</summary>
    public async Task StreamsAsync(CancellationToken cancel = default)
    {
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        await using var command = new NpgsqlCommand(
            """
            WITH held AS (
                SELECT stream_id, count(*) AS events, max(version) AS last,
                       CASE WHEN count(*) <> max(version) THEN array_agg(version) END AS versions
                FROM dossier.mt_events WHERE type <> 'tombstone' GROUP BY stream_id
            )
            SELECT coalesce(s.id, h.stream_id), coalesce(s.version, 0), coalesce(h.events, 0), coalesce(h.last, 0),
                   CASE WHEN h.versions IS NOT NULL OR s.version > h.last THEN
                       (SELECT array_agg(v ORDER BY v) FROM (
                           SELECT v FROM generate_series(1, greatest(s.version, h.last)) v EXCEPT SELECT unnest(h.versions)
                           EXCEPT SELECT e.version FROM dossier.mt_events e WHERE e.stream_id = s.id LIMIT 20) missing) END,
                   s.id IS NOT NULL
            FROM dossier.mt_streams s FULL JOIN held h ON h.stream_id = s.id
            WHERE s.id IS DISTINCT FROM 'mt_tombstone' AND (h.stream_id IS NULL OR h.events <> h.last OR s.version IS DISTINCT FROM h.last)
            ORDER BY 1
            """, connection) { CommandTimeout = 0 };
        await using (var row = await command.ExecuteReaderAsync(cancel))
        {
            while (await row.ReadAsync(cancel))
            {
                var (stream, said, events, last) = (row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3));
                if (events == 0)
                    Find("empty-stream", stream, null, null, $"{said} events", "none");
                foreach (var missing in row.IsDBNull(4) ? [] : row.GetFieldValue<long[]>(4))
                    Find("missing-event", stream, missing, null, $"version {missing}", "no such event");
                if (!row.GetBoolean(5))
                    Find("no-stream", stream, last, null, "a stream of that name", $"{events} events without one");
                else if (events > 0 && said != last)
                    Find("stream-version", stream, last, null, $"version {said}", $"last event has version {last}");
            }
        }
        await using var count = new NpgsqlCommand("SELECT count(*) FROM dossier.mt_streams WHERE id <> 'mt_tombstone'", connection) { CommandTimeout = 0 };
        _checked["streams"] = (long)(await count.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Every event has the id that its command gives it, is decoded, and folds.</summary>
    public async Task FoldsAsync(Action<long>? progress = null, CancellationToken cancel = default)
    {
        long dossiers = 0;
        var imports = new Dictionary<string, (long Dossiers, long Activities)>();
        Dossier? dossier = null;
        var command = (Id: Guid.Empty, First: 0L);
        var settled = await SettledAsync(cancel);
        var calendar = await Calendars.LoadAsync(database, cancel);
        long events = 0;
        await Task.Run(() => StreamOrder.Read(
            database.App, database.Names, StreamOrder.Range.All, settled, metadata: true, Fold, Tell, cancel), cancel);
        _checked["events"] = events;
        _checked["dossiers"] = dossiers;
        foreach (var (stream, said) in _imports)
        {
            var found = imports.GetValueOrDefault($"import {stream["/import/".Length..]}");
            if (found != said)
                Find("import", stream, null, null, $"{said.Dossiers} dossiers with {said.Activities} activities imported", $"{found.Dossiers} with {found.Activities}");
        }

        void Tell(int more)
        {
            events += more;
            progress?.Invoke(events);
        }

        void Fold(StoredEvent e)
        {
            if (dossier?.Code != e.Stream)
            {
                (dossier, command) = (new(e.Stream), (Guid.Empty, 0L));
                dossiers += DossierCode.IsCode(e.Stream) ? 1 : 0;
            }
            try
            {
                CheckId(e, ref command);
                var @event = e.Event;
                if (DossierCode.IsCode(e.Stream))
                {
                    dossier = dossier.After((DossierEvent)@event, e.Version);
                    CheckDue(e, dossier, calendar);
                }
                Count(e, @event);
            }
            catch (Exception fault) when (IsUndecodable(fault))
            {
                Find("undecodable", e.Stream, e.Version, e.Position, $"an event named {e.Name}", fault.Message);
            }
            catch (Exception fault) when (DoesNotFold(fault))
            {
                Find("fold", e.Stream, e.Version, e.Position, "an event that folds", fault.Message);
            }
        }

        void Count(StoredEvent e, object @event)
        {
            if (@event is LogImported log)
                _imports[e.Stream] = (log.Dossiers, log.Activities);
            else if (e.Correlation is { } import && @event is DossierImported or ActivityImported)
                imports[import] = (imports.GetValueOrDefault(import).Dossiers + (@event is DossierImported ? 1 : 0), imports.GetValueOrDefault(import).Activities + (@event is ActivityImported ? 1 : 0));
        }
    }

    /// <summary>Each view's table equals what replaying the log gives, at the position that the view says it has reached.</summary>
    public async Task ViewsAsync(IReadOnlyList<View> views, CancellationToken cancel = default)
    {
        foreach (var health in await ViewHealth.AllAsync(database.App, cancel))
        {
            if (health.Error is not null)
                Find("view-stopped", health.Stream, null, health.StoppedAt, $"{health.Name} follows the log", health.Error);
        }
        long rows = 0;
        foreach (var view in views)
        {
            Rebuild.Difference difference;
            try
            {
                difference = await Rebuild.CompareAsync(view, database.App, database.Names, database.Clock, cancel);
            }
            catch (Exception fault) when (IsUndecodable(fault) || DoesNotFold(fault))
            {
                // FoldsAsync names the event; the other views and findings are still wanted.
                Find("view", null, null, null, $"{view.Name} can be replayed", fault.Message);
                continue;
            }
            rows += difference.Rows;
            if (difference.Ahead is { } ahead)
                Find("view-ahead", null, null, ahead, $"{view.Name} at or before the log's end", $"it says position {ahead}");
            foreach (var (stream, replayed, served) in difference.Streams)
            {
                var (expected, actual) = Differing(replayed, served);
                Find("view", stream, null, null, $"{view.Name}: {expected}", $"{view.Name}: {actual}");
            }
        }
        _checked["viewRows"] = rows;
    }

    /// <summary>What an event says is due is what its dossier's facts gave by the calendar known then. What an older system promised is not ours to compute.</summary>
    private void CheckDue(StoredEvent e, Dossier dossier, WorkCalendar calendar)
    {
        var told = e.Event switch
        {
            ClockMoved moved => (moved.Due, moved.GeneralDue),
            DossierReceived { Slip: not null } received => (received.Due, received.GeneralDue),
            _ => default((DateTimeOffset? Due, DateTimeOffset? GeneralDue)?),
        };
        if (told is not { } said || dossier.Clock is not { } clock)
            return;
        // A decision counts for the whole of the day it was entered on; what was done earlier that day did not know it yet.
        var day = DateOnly.FromDateTime(calendar.Local(e.RecordedAt).DateTime);
        var expected = Expected(day);
        if (said != expected && said != Expected(day.AddDays(-1)))
            Find("due-date", e.Stream, e.Version, e.Position, Told(expected), Told(said));

        (DateTimeOffset? Due, DateTimeOffset? GeneralDue) Expected(DateOnly knownOn)
        {
            var known = calendar.AsKnownOn(knownOn);
            return (DueDate.Of(clock, known), dossier.GeneralClock is { } general ? DueDate.Of(general, known) : null);
        }

        static string Told((DateTimeOffset? Due, DateTimeOffset? GeneralDue) dates) =>
            $"due {(dates.Due is { } due ? $"{due:yyyy-MM-ddTHH:mmzzz}" : "not known")}{(dates.GeneralDue is { } general ? $", by the general limit {general:yyyy-MM-ddTHH:mmzzz}" : "")}";
    }

    /// <summary>The events of a command follow each other, and their ids are derived from it. Other programs' events carry no command.</summary>
    private void CheckId(StoredEvent e, ref (Guid Id, long First) command)
    {
        var id = e.Metadata.CommandId;
        if (id == Guid.Empty)
            return;
        // Counted by version, so that one missing event does not accuse all that follow it.
        if (id != command.Id)
            command = (id, e.Version);
        var expected = Uuid.V5(id, (int)(e.Version - command.First));
        if (e.Id != expected)
            Find("event-id", e.Stream, e.Version, e.Position, $"{expected}", $"{e.Id}");
    }

    private async Task<long> SettledAsync(CancellationToken cancel)
    {
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        return await CommitOrder.SettledAsync(connection, database.Clock, cancel);
    }

    private static bool IsUndecodable(Exception fault) => fault is UnknownEventNameException or JsonException;

    private static bool DoesNotFold(Exception fault) =>
        fault is InvalidOperationException or InvalidCastException or NullReferenceException or ArgumentException;

    private void Find(string kind, string? stream, long? version, long? position, string? expected, string? actual) =>
        _findings.Add(new(kind, stream, version, position, expected, actual));

    private static (string Expected, string Actual) Differing(string? replayed, string? served)
    {
        if (replayed is null || served is null)
            return (replayed ?? "no row", served ?? "no row");
        var (expected, actual) = (JsonNode.Parse(replayed)!.AsObject(), JsonNode.Parse(served)!.AsObject());
        foreach (var name in expected.Select(p => p.Key).ToList())
        {
            if (JsonNode.DeepEquals(expected[name], actual[name]))
            {
                expected.Remove(name);
                actual.Remove(name);
            }
        }
        return (expected.ToJsonString(_legible), actual.ToJsonString(_legible));
    }
}
