using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
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

    private const int StreamsAtOnce = 160, CasesAtOnce = 60;

    /// <summary>More than there are cores: now and then one waits for the server.</summary>
    private static int Readers => Environment.ProcessorCount + 3;

    private static int PartsAhead => 2 * Readers;

    /// <summary>Two readings up to one position give the same cases.</summary>
    /// <param name="position">Settled: <see cref="Database.HeadAsync"/>, or one before it.</param>
    /// <param name="progress">Told how many events were read in all.</param>
    /// <param name="each">Told every stream's events and what they come to, selected or not, on the threads that read:
    /// for what else is made of them in the same go.</param>
    public static async IAsyncEnumerable<ProcessCase> ReadAsync(
        Database database, Rulebook rules, long position, ProcessSelection which, Action<long>? progress = null,
        Action<IReadOnlyList<StoredEvent>, Dossier>? each = null,
        [EnumeratorCancellation] CancellationToken cancel = default)
    {
        // Cases themselves are much more than what is made of them, so they come in small parts.
        await foreach (var cases in PartsAsync(database, rules, position, which, () => new List<ProcessCase>(CasesAtOnce),
            (cases, one) => cases.Add(one), progress, each, CasesAtOnce, cancel))
        {
            foreach (var one in cases)
                yield return one;
        }
    }

    /// <summary>
    /// What cases come to, made on the threads that read them, so that they are gone before they grow old: ranges of
    /// dossiers are read and folded side by side and told one after the other; what is read ahead is bounded.
    /// </summary>
    /// <param name="begin">What the cases of a range are added to.</param>
    /// <param name="streams">How many a range has.</param>
    public static async IAsyncEnumerable<T> PartsAsync<T>(
        Database database, Rulebook rules, long position, ProcessSelection which, Func<T> begin, Action<T, ProcessCase> add,
        Action<long>? progress = null, Action<IReadOnlyList<StoredEvent>, Dossier>? each = null, int streams = StreamsAtOnce,
        [EnumeratorCancellation] CancellationToken cancel = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var ranges = await StreamOrder.RangesOfAsync(database.App, streams, cancel);
        TaskCompletionSource<(T Made, int Events)>?[] parts = [.. ranges.Select(_ => new TaskCompletionSource<(T, int)>(TaskCreationOptions.RunContinuationsAsynchronously))];
        using var ahead = new SemaphoreSlim(PartsAhead);
        var (next, read) = (-1, 0L);
        var reading = Enumerable.Range(0, Readers).Select(_ => Task.Run(ReadOnAsync, CancellationToken.None)).ToArray();
        try
        {
            for (var i = 0; i < parts.Length; i++)
            {
                var (made, events) = await parts[i]!.Task;
                // What was told is not kept.
                parts[i] = null;
                ahead.Release();
                progress?.Invoke(read += events);
                yield return made;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(reading);
            // Whoever broke off asks for no reasons of those that were still at it.
            foreach (var part in parts)
                _ = part?.Task.Exception;
        }

        // A connection each for all of its ranges: another would have to find the log in the server's memory once more.
        async Task ReadOnAsync()
        {
            try
            {
                await using var connection = await database.App.OpenConnectionAsync(stop.Token);
                while (true)
                {
                    // Room first, then the next range: who has room is never behind one who waits for it.
                    await ahead.WaitAsync(stop.Token);
                    if (Interlocked.Increment(ref next) is var at && at >= parts.Length)
                        return;
                    var made = begin();
                    parts[at]!.SetResult((made, Read(connection, database.Names, rules, position, ranges[at], which, one => add(made, one), each, stop.Token)));
                }
            }
            catch (Exception e)
            {
                foreach (var part in parts)
                    part?.TrySetException(e);
            }
        }
    }

    /// <summary>The log as a text file, spelled on the threads that read it.</summary>
    public static async Task<LogCounts> WriteAsync(
        Database database, Rulebook rules, long position, ProcessSelection which, TextFormat format, string use, Stream to,
        Action<long>? progress = null, CancellationToken cancel = default)
    {
        var (counts, spare) = (new LogCounts(), new ConcurrentBag<TextFormat.Part>());
        to.Write(format.Begins);
        await foreach (var part in PartsAsync(database, rules, position, which,
            () => spare.TryTake(out var part) ? part : new(format), (part, one) => part.Add(one.For(use)), progress, cancel: cancel))
        {
            counts = part.MoveTo(to, counts);
            spare.Add(part);
        }
        to.Write(format.Ends);
        return counts;
    }

    /// <summary>Each case says what it may be used for, in whatever file it comes to stand.</summary>
    public static async IAsyncEnumerable<ProcessCase> For(this IAsyncEnumerable<ProcessCase> cases, string use)
    {
        var (last, told) = ((ProcessCase?)null, (ProcessCase?)null);
        await foreach (var one in cases)
        {
            // Twins stay twins.
            told = told is not null && one.IsTwinOf(last) ? told with { Key = one.Key } : one.For(use);
            last = one;
            yield return told;
        }
    }

    private static ProcessCase For(this ProcessCase one, string use) => one with
    {
        Attributes = [new(DataDictionary.Use, use), .. one.Attributes.Where(a => a.Name != DataDictionary.Use)],
    };

    /// <returns>How many events were read.</returns>
    private static int Read(
        NpgsqlConnection connection, EventNames names, Rulebook rules, long position, StreamOrder.Range range, ProcessSelection which,
        Action<ProcessCase> take, Action<IReadOnlyList<StoredEvent>, Dossier>? each, CancellationToken cancel)
    {
        var (events, roles, read) = (new List<StoredEvent>(), new List<string?>(), 0);
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
                    null, names));
                roles.Add(row.TextOrNull(4));
            }
        }
        catch (PostgresException) when (cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancel);
        }
        if (events.Count > 0)
            Take();
        return read;

        void Take()
        {
            if (CaseOfDossier.Of(events, roles, rules, which, out var dossier) is { } one)
                take(one);
            each?.Invoke(events, dossier);
            events.Clear();
            roles.Clear();
        }
    }
}
