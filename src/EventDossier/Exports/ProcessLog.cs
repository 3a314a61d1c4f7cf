using EventDossier.Dossiers;
using EventDossier.Figures;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Exports;

/// <summary>Which dossiers are taken, each with all of its events.</summary>
/// <param name="From">Begun then or later: received, or else submitted.</param>
/// <param name="To">Begun earlier.</param>
public sealed record ProcessSelection(
    DateTimeOffset? From = null, DateTimeOffset? To = null, string? Agency = null, string? Procedure = null);

/// <summary>
/// The event log as a process log: dossier by dossier in the order of their codes, however many there are.
/// </summary>
public static class ProcessLog
{
    /// <summary>What an export says that is no release.</summary>
    public const string Internal = "internal use, not for publication";

    private const int StreamsAtOnce = 60;

    /// <summary>
    /// Ranges of dossiers are read and folded side by side and told one after the other; what is read ahead of the
    /// writer is bounded. Two readings up to one position give the same cases.
    /// </summary>
    /// <param name="position">Settled: <see cref="Database.HeadAsync"/>, or one before it.</param>
    /// <param name="progress">Told how many events were read in all.</param>
    /// <param name="each">Told every stream's events and what they come to, selected or not, on the threads that read:
    /// for what else is made of them in the same go.</param>
    public static async IAsyncEnumerable<ProcessCase> ReadAsync(
        Database database, Rulebook rules, long position, ProcessSelection which, Action<long>? progress = null,
        Action<IReadOnlyList<StoredEvent>, Dossier>? each = null,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var (reading, read) = (new Queue<Task<(List<ProcessCase> Cases, int Events)>>(), 0L);
        try
        {
            foreach (var range in await StreamOrder.RangesOfAsync(database.App, StreamsAtOnce, cancel))
            {
                reading.Enqueue(Task.Run(() => Read(database, rules, position, range, which, each, stop.Token),
                    CancellationToken.None));
                // More than there are cores: half of the time one waits for the server.
                if (reading.Count > 3 * Environment.ProcessorCount)
                {
                    foreach (var one in await NextAsync())
                        yield return one;
                }
            }
            while (reading.Count > 0)
            {
                foreach (var one in await NextAsync())
                    yield return one;
            }
        }
        finally
        {
            await stop.CancelAsync();
            // Whoever broke off asks for no reasons of those that were still at it.
            foreach (var task in reading)
                await task.ContinueWith(t => _ = t.Exception, TaskScheduler.Default);
        }

        async Task<List<ProcessCase>> NextAsync()
        {
            var (cases, events) = await reading.Dequeue();
            progress?.Invoke(read += events);
            return cases;
        }
    }

    /// <summary>Each case says what it may be used for, in whatever file it comes to stand.</summary>
    public static async IAsyncEnumerable<ProcessCase> For(this IAsyncEnumerable<ProcessCase> cases, string use)
    {
        var (last, attributes) = ((ProcessCase?)null, (IReadOnlyList<ProcessAttribute>)[]);
        await foreach (var one in cases)
        {
            // Twins stay twins.
            if (!one.IsTwinOf(last))
                attributes = [new(DataDictionary.Use, use), .. one.Attributes.Where(a => a.Name != DataDictionary.Use)];
            last = one;
            yield return one with { Attributes = attributes };
        }
    }

    private static (List<ProcessCase> Cases, int Events) Read(
        Database database, Rulebook rules, long position, StreamOrder.Range range, ProcessSelection which,
        Action<IReadOnlyList<StoredEvent>, Dossier>? each, CancellationToken cancel)
    {
        var (events, roles, cases, read) = (new List<StoredEvent>(), new List<string?>(),
            new List<ProcessCase>(StreamsAtOnce), 0);
        using var connection = database.App.OpenConnection();
        using var command = new NpgsqlCommand(
            $"""
            SELECT e.stream_id, e.version, e.type, e.data, e.headers ->> 'role' FROM dossier.mt_events e
            WHERE e.seq_id <= @position AND e.type <> ALL(@beside) AND e.stream_id NOT LIKE '/%'
              {(range.From is null ? "" : "AND e.stream_id >= @from")} {(range.Before is null ? "" : "AND e.stream_id < @before")}
            ORDER BY e.stream_id, e.version
            """, connection) { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter<long>("position", position));
        command.Parameters.Add(new NpgsqlParameter<string[]>("beside",
            [.. each is null ? CaseOfDossier.Beside : Tally.Beside, "tombstone"]));
        if (range.From is not null)
            command.Parameters.AddWithValue("from", range.From);
        if (range.Before is not null)
            command.Parameters.AddWithValue("before", range.Before);
        using var stop = cancel.Register(command.Cancel);
        try
        {
            using var row = command.ExecuteReader();
            for (; row.Read(); read++)
            {
                var (stream, data) = (row.GetString(0), row.GetFieldValue<byte[]>(3));
                if (events.Count > 0 && events[0].Stream != stream)
                    Take();
                events.Add(new(0, Guid.Empty, stream, row.GetInt64(1), row.GetString(2), data, default, null, null,
                    null, database.Names));
                roles.Add(row.TextOrNull(4));
            }
        }
        catch (PostgresException) when (cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancel);
        }
        if (events.Count > 0)
            Take();
        return (cases, read);

        void Take()
        {
            if (CaseOfDossier.Of(events, roles, rules, which, out var dossier) is { } one)
                cases.Add(one);
            each?.Invoke(events, dossier);
            events.Clear();
            roles.Clear();
        }
    }
}
