using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Figures;

/// <summary>
/// Figures that are a sum over dossiers, each folded as of a moment by legal time. Read once from the whole log, they
/// are kept up by what was appended since: of each dossier it touches, what it counted as before is taken away and what
/// it counts as now is added. So nothing is kept of a dossier, and the sum is the one that the whole log gives.
/// </summary>
/// <param name="ends">
/// Moments at which each dossier is looked at, in order; what happened from the last on is left out.
/// </param>
/// <param name="known">What the log did not hold then is left out too.</param>
public abstract class Tally(IReadOnlyList<DateTimeOffset> ends, AsOf? known = null)
{
    private const int AtOnce = 500;
    private readonly Lock _counting = new();

    /// <summary>
    /// Stored names of what is done about alerts. What a dossier is without them is counted the same by all figures but
    /// those of alerts, and in a centre that raises them they are a quarter of the log.
    /// </summary>
    public static string[] Beside { get; } =
    [
        .. ProductEvents.Names.All.Where(name => name.Event == typeof(AlertRaised) || name.Event == typeof(AlertWithdrawn)
            || name.Event == typeof(AlertAcknowledged) || name.Event == typeof(AlertSnoozed)
            || name.Event == typeof(NoticeSent)).Select(name => name.Name),
    ];

    /// <param name="to">The one moment.</param>
    protected Tally(DateTimeOffset to, AsOf? known = null) : this([to], known)
    {
    }

    protected DateTimeOffset To => ends[^1];

    protected AsOf? Known => known;

    /// <summary>Of the log, up to which was read; 0 before the first time.</summary>
    public long Position { get; private set; }

    /// <summary>Of what was read, when the last of it happened.</summary>
    protected DateTimeOffset Newest { get; private set; }

    /// <param name="seen">A dossier as of each of the moments.</param>
    /// <param name="times">1, or -1 for what it counted as before.</param>
    protected abstract void Count(IReadOnlyList<Dossier> seen, int times);

    /// <summary>Where a period ends of which no more is asked than what had happened by a moment.</summary>
    protected static DateTimeOffset EndOf(DateTimeOffset to, AsOf? asOf) =>
        asOf?.Legal < to ? asOf.Legal.Value.AddTicks(1) : to; // The moment itself has happened; the end of a period is not in it.

    /// <summary>Reads on to a settled position. When it throws, the sum is none any more.</summary>
    public async Task FollowAsync(Database database, long position, CancellationToken cancel)
    {
        if (Position == 0)
            await Task.Run(() => ReadAll(database, position, cancel), cancel);
        else if (position > Position)
            await ReadTouchedAsync(database, position, cancel);
        Position = position;
    }

    /// <summary>
    /// Counts what somebody else reads for another use: on any thread, and in any order.
    /// </summary>
    /// <param name="stream">All events of one.</param>
    /// <param name="whole">What they come to, which need not be found anew where nothing is left out.</param>
    internal void Take(IReadOnlyList<StoredEvent> stream, Dossier whole)
    {
        if (DossierCode.IsCode(stream[0].Stream))
            CountOne(stream, 1, whole);
    }

    private void ReadAll(Database database, long position, CancellationToken cancel)
    {
        var events = new List<StoredEvent>();
        StreamOrder.Read(database.App, database.Names, StreamOrder.Range.All, position, metadata: false, e =>
        {
            if (!DossierCode.IsCode(e.Stream))
                return;
            if (events.Count > 0 && events[0].Stream != e.Stream)
            {
                CountOne(events, 1);
                events.Clear();
            }
            events.Add(e);
        }, _ => { }, cancel);
        CountOne(events, 1);
    }

    private async Task ReadTouchedAsync(Database database, long position, CancellationToken cancel)
    {
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        foreach (var codes in (await TouchedAsync(connection, position, cancel)).Where(DossierCode.IsCode)
            .Chunk(AtOnce))
        {
            await using var command = new NpgsqlCommand(
                $"""
                SELECT {StoredEventReader.Facts} FROM dossier.mt_events e
                WHERE e.stream_id = ANY(@codes) AND e.seq_id <= @up_to AND e.type <> 'tombstone' ORDER BY e.stream_id, e.version
                """, connection);
            command.Parameters.Add(new NpgsqlParameter<string[]>("codes", codes));
            command.Parameters.Add(new NpgsqlParameter<long>("up_to", position));
            var events = new List<StoredEvent>();
            await using var row = await command.ExecuteReaderAsync(cancel);
            while (await row.ReadAsync(cancel))
            {
                var e = StoredEventReader.ReadFacts(row, database.Names);
                if (events.Count > 0 && events[0].Stream != e.Stream)
                    CountAnew(events);
                events.Add(e);
            }
            CountAnew(events);
        }
    }

    private void CountAnew(List<StoredEvent> events)
    {
        CountOne(events.FindAll(e => e.Position <= Position), -1);
        CountOne(events, 1);
        events.Clear();
    }

    private async Task<List<string>> TouchedAsync(NpgsqlConnection connection, long position, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            "SELECT DISTINCT stream_id FROM dossier.mt_events WHERE seq_id > @after AND seq_id <= @up_to", connection);
        command.Parameters.AddWithValue("after", Position);
        command.Parameters.AddWithValue("up_to", position);
        var streams = new List<string>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            streams.Add(row.GetString(0));
        return streams;
    }

    private void CountOne(IReadOnlyList<StoredEvent> events, int times, Dossier? whole = null)
    {
        if (events.Count == 0)
            return;
        if (whole is not null && ends.Count == 1
            && events.All(e => ((DossierEvent)e.Event).OccurredAt < ends[0] && Known?.Knows(e) != false))
        {
            Add([whole], events.Max(e => ((DossierEvent)e.Event).OccurredAt));
            return;
        }
        var (none, seen, newest) = (new Dossier(events[0].Stream), new Dossier[ends.Count], default(DateTimeOffset));
        var (dossier, taken, inOrder) = (none, 0, ends.Count > 1 && IsInOrder(events));
        for (var i = 0; i < ends.Count; i++)
        {
            // What is dated back stands behind what happened after it: then each moment has a fold of its own.
            if (!inOrder)
                (dossier, taken) = (none, 0);
            for (; taken < events.Count; taken++)
            {
                var (e, happened) = (events[taken], (DossierEvent)events[taken].Event);
                if (happened.OccurredAt < ends[i])
                    dossier = Known?.Knows(e) is false ? dossier : After(dossier, happened, e.Version);
                else if (inOrder)
                    break;
            }
            seen[i] = dossier;
        }
        Add(seen, newest);

        void Add(Dossier[] seen, DateTimeOffset newest)
        {
            lock (_counting)
            {
                if (newest > Newest)
                    Newest = newest;
                if (seen[^1].Version > 0)
                    Count(seen, times);
            }
        }

        Dossier After(Dossier dossier, DossierEvent happened, long version)
        {
            if (happened.OccurredAt > newest)
                newest = happened.OccurredAt;
            return dossier.After(happened, version);
        }
    }

    private static bool IsInOrder(IReadOnlyList<StoredEvent> events)
    {
        for (var i = 1; i < events.Count; i++)
        {
            if (((DossierEvent)events[i].Event).OccurredAt < ((DossierEvent)events[i - 1].Event).OccurredAt)
                return false;
        }
        return true;
    }
}
