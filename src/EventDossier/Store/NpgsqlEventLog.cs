using System.Collections.Concurrent;
using Npgsql;

namespace EventDossier.Store;

/// <summary>
/// The log on Npgsql. Appends of all callers are gathered: while one batch is in flight the next gathers, and a batch is one round trip
/// (<see cref="AppendBatch"/>). Reads of streams gather in the same way. An edition that writes through a library overrides how a batch is written, and nothing else.
/// </summary>
public class NpgsqlEventLog : IEventLog, IAsyncDisposable
{
    /// <summary>Notified after every append; a hint to look, without content.</summary>
    public const string Channel = "dossier_log";

    private const int MostAppendsPerBatch = 512;
    private const int MostReadsPerBatch = 512;
    private static readonly TimeSpan _unreachableAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _busyAfter = TimeSpan.FromSeconds(5);

    private readonly NpgsqlDataSource _database;
    private readonly EventNames _names;
    private readonly TimeProvider _clock;
    private readonly bool _sample;
    private readonly Gathering<EncodedAppend, Task<AppendOutcome>> _appends;
    private readonly Gathering<(string Stream, long UpTo, bool Metadata), IReadOnlyList<StoredEvent>> _reads;

    /// <summary>At hand for the next run: of the server's processes the one that was at work last finds most in its caches, so it is taken first.</summary>
    private readonly ConcurrentStack<NpgsqlConnection> _writers = new(), _readers = new();

    private volatile bool _disposed;

    /// <param name="sample">The database is a sample: it takes simulated recorded times.</param>
    public NpgsqlEventLog(NpgsqlDataSource database, EventNames names, TimeProvider clock, bool sample = false)
    {
        (_database, _names, _clock, _sample) = (database, names, clock, sample);
        _appends = new(AppendGatheredAsync, MostAppendsPerBatch, runs: 1);
        _reads = new(ReadGatheredAsync, MostReadsPerBatch, runs: 2);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _disposed = true;
        foreach (var connection in _writers.Concat(_readers))
            await connection.DisposeAsync();
    }

    public async Task<IReadOnlyList<AppendOutcome>> AppendAsync(IReadOnlyList<StreamAppend> items, CancellationToken cancel = default)
    {
        var waits = _appends.Add(Encode(items));
        var outcomes = new AppendOutcome[waits.Length];
        for (var i = 0; i < waits.Length; i++)
            outcomes[i] = await (await waits[i].WaitAsync(cancel)).WaitAsync(cancel);
        return outcomes;
    }

    public Task<IReadOnlyList<AppendOutcome>> AppendManyNewAsync(IReadOnlyList<StreamAppend> items, CancellationToken cancel = default)
    {
        var encoded = Encode(items);
        return RetriedAsync<IReadOnlyList<AppendOutcome>>(async () =>
        {
            await using var connection = await _database.OpenConnectionAsync(CancellationToken.None);
            return await WriteManyNewAsync(connection, encoded);
        }, CancellationToken.None).WaitAsync(cancel);
    }

    public Task<IReadOnlyList<StoredEvent>> ReadStreamAsync(string stream, long upToVersion = long.MaxValue, CancellationToken cancel = default) =>
        _reads.Add((stream, upToVersion, true))[0].WaitAsync(cancel);

    /// <summary>The same for who folds them: events without id and metadata.</summary>
    internal Task<IReadOnlyList<StoredEvent>> ReadFactsAsync(string stream, CancellationToken cancel = default) =>
        _reads.Add((stream, long.MaxValue, false))[0].WaitAsync(cancel);

    public Task<LogPage> ReadAllAsync(long after, int max, CancellationToken cancel = default) => RetriedAsync(async () =>
    {
        await using var connection = await _database.OpenConnectionAsync(cancel);
        return await CommitOrder.ReadAsync(connection, _names, _clock, metadata: true, after, max, cancel);
    }, cancel);

    public Task<AppendOutcome.Duplicate?> FindCommandAsync(Guid commandId, CancellationToken cancel = default) => RetriedAsync(async () =>
    {
        await using var connection = await _database.OpenConnectionAsync(cancel);
        var first = Uuid.V5(commandId, 0);
        return (await AppendBatch.FindAsync(connection, [first])).GetValueOrDefault(first);
    }, cancel);

    /// <summary>Writes a batch in one transaction, under the lock and with an outcome for each item.</summary>
    /// <exception cref="PostgresException">Nothing was kept. Somebody else's transaction is in the way (<see cref="IsForeign"/>), or one of the items is refused.</exception>
    private protected virtual Task<AppendOutcome[]> WriteAsync(NpgsqlConnection connection, IReadOnlyList<EncodedAppend> items) =>
        AppendBatch.RunAsync(connection, items);

    /// <summary>The same for items that each begin a new stream.</summary>
    private protected virtual Task<AppendOutcome[]> WriteManyNewAsync(NpgsqlConnection connection, IReadOnlyList<EncodedAppend> items) =>
        BulkAppend.RunAsync(connection, items);

    /// <summary>In a sample, whose time is simulated, what says nothing else is recorded by the clock of the program that lives it, whatever part of the program appends.</summary>
    private EncodedAppend[] Encode(IReadOnlyList<StreamAppend> items) =>
        [.. items.Select(item => EncodedAppend.From(_sample && item.RecordedAt is null ? item with { RecordedAt = Now() } : item, _names, _sample))];

    /// <summary>Whole milliseconds, as the server records.</summary>
    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(_clock.GetUtcNow().ToUnixTimeMilliseconds());

    private async Task<IReadOnlyList<Task<AppendOutcome>>> AppendGatheredAsync(IReadOnlyList<EncodedAppend> items)
    {
        Metrics.AppendBatch.Record(items.Count);
        var outcomes = new Task<AppendOutcome>[items.Count];
        await AppendPartAsync(items.ToArray(), outcomes);
        return outcomes;
    }

    /// <summary>
    /// The server does not say which item of a batch ran into somebody else's transaction, or can't be stored, so a batch that failed is halved until
    /// the item stands alone. That one goes on or fails by itself, and everybody else is through.
    /// </summary>
    private async Task AppendPartAsync(ArraySegment<EncodedAppend> items, ArraySegment<Task<AppendOutcome>> outcomes)
    {
        try
        {
            var done = await RetriedAsync(() => OnAsync(_writers, writer => WriteAsync(writer, items)));
            for (var i = 0; i < done.Length; i++)
                outcomes[i] = Task.FromResult(done[i]);
        }
        catch (PostgresException) when (items.Count > 1)
        {
            var half = items.Count / 2;
            await AppendPartAsync(items[..half], outcomes[..half]);
            await AppendPartAsync(items[half..], outcomes[half..]);
        }
        catch (PostgresException e) when (IsForeign(e))
        {
            outcomes[0] = AppendAloneAsync(items[0], e);
        }
        catch (PostgresException e)
        {
            outcomes[0] = Task.FromException<AppendOutcome>(e);
        }
    }

    /// <summary>Somebody else's transaction holds the stream or has just won it: once it ends, the item is decided like any other.</summary>
    private async Task<AppendOutcome> AppendAloneAsync(EncodedAppend item, PostgresException first)
    {
        var began = _clock.GetTimestamp();
        for (PostgresException last = first; ;)
        {
            if (_clock.GetElapsedTime(began) > _busyAfter)
                throw new StreamBusyException(item.Item.Stream, last);
            // A lost race is decided at once by what has won it, so only a second loss waits.
            if (last != first || last.SqlState == PostgresErrorCodes.LockNotAvailable)
                await Task.Delay(TimeSpan.FromMilliseconds(100), _clock);
            try
            {
                return await RetriedAsync(async () =>
                {
                    await using var connection = await _database.OpenConnectionAsync();
                    return (await WriteAsync(connection, [item]))[0];
                });
            }
            catch (PostgresException e) when (IsForeign(e))
            {
                last = e;
            }
        }
    }

    /// <summary>Lock timeout, lost race to a unique index, or deadlock: among writers of ours the lock rules all three out.</summary>
    private static bool IsForeign(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected;

    private async Task<T> OnAsync<T>(ConcurrentStack<NpgsqlConnection> idle, Func<NpgsqlConnection, Task<T>> work)
    {
        if (!idle.TryPop(out var connection))
            connection = await _database.OpenConnectionAsync();
        try
        {
            return await work(connection);
        }
        finally
        {
            if (connection.FullState is System.Data.ConnectionState.Open && !_disposed)
                idle.Push(connection);
            else
                await connection.DisposeAsync();
        }
    }

    /// <summary>Tries again while the server is away. Command ids make that safe even when a commit's answer was lost.</summary>
    /// <exception cref="LogUnreachableException"/>
    internal async Task<T> RetriedAsync<T>(Func<Task<T>> work, CancellationToken cancel = default)
    {
        var began = _clock.GetTimestamp();
        for (var pause = 20; ; pause = Math.Min(pause * 2, 500))
        {
            try
            {
                return await work();
            }
            catch (NpgsqlException e) when (e.IsTransient && !(e is PostgresException p && IsForeign(p)))
            {
                if (_clock.GetElapsedTime(began) > _unreachableAfter)
                    throw new LogUnreachableException($"the database did not answer for {_unreachableAfter.TotalSeconds:0} s: {e.Message}", e);
                await Task.Delay(TimeSpan.FromMilliseconds(pause), _clock, cancel);
            }
        }
    }

    private Task<IReadOnlyList<IReadOnlyList<StoredEvent>>> ReadGatheredAsync(
        IReadOnlyList<(string Stream, long UpTo, bool Metadata)> wanted) =>
        RetriedAsync(() => OnAsync(_readers, reader => ReadStreamsAsync(reader, wanted)));

    private async Task<IReadOnlyList<IReadOnlyList<StoredEvent>>> ReadStreamsAsync(
        NpgsqlConnection connection, IReadOnlyList<(string Stream, long UpTo, bool Metadata)> wanted)
    {
        var metadata = wanted.Any(w => w.Metadata);
        await using var command = connection.CreateCommand();
        var columns = metadata ? StoredEventReader.All : StoredEventReader.Facts;
        if (wanted is [var (stream, upTo, _)])
        {
            // A lone caller waits for every step of a plan, and the one for many has three more.
            command.CommandText =
                $"SELECT 1::bigint, {columns} FROM dossier.mt_events e WHERE e.stream_id = @stream AND e.version <= @up_to ORDER BY e.version";
            command.Parameters.Add(new NpgsqlParameter<string>("stream", stream));
            command.Parameters.Add(new NpgsqlParameter<long>("up_to", upTo));
        }
        else
        {
            command.CommandText =
                $"""
                SELECT r.n, {columns}
                FROM unnest(@streams, @up_to) WITH ORDINALITY AS r (stream, up_to, n)
                JOIN dossier.mt_events e ON e.stream_id = r.stream AND e.version <= r.up_to
                ORDER BY r.n, e.version
                """;
            command.Parameters.Add(new NpgsqlParameter<string[]>("streams", [.. wanted.Select(w => w.Stream)]));
            command.Parameters.Add(new NpgsqlParameter<long[]>("up_to", [.. wanted.Select(w => w.UpTo)]));
        }
        var streams = new List<StoredEvent>[wanted.Count];
        for (var i = 0; i < streams.Length; i++)
            streams[i] = [];
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            streams[(int)reader.GetInt64(0) - 1].Add(metadata
                ? StoredEventReader.ReadAll(reader, _names, 1)
                : StoredEventReader.ReadFacts(reader, _names, 1));
        }
        return streams;
    }
}
