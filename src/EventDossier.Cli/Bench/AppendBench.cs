using System.Diagnostics.Metrics;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;
using NpgsqlTypes;

namespace EventDossier.Cli.Bench;

/// <summary>
/// Whole commands at 1, 8, 32 and 128 callers: each loads a dossier of six events or a few more that is not in memory, decides, and appends one event. The limit is what
/// one connection can insert of the same rows, with the version updates, at the batch size that was reached; the peer calls a function that appends
/// one event in a transaction of its own, as event stores without group append do.
/// </summary>
internal static class AppendBench
{
    private const string Name = "eventdossier_bench_append";
    private const int Dossiers = 120_000;

    /// <param name="beside">An edition to measure beside the program's own.</param>
    public static async Task<IReadOnlyList<BenchRow>> RunAsync(BenchServer server, TimeSpan seconds, Edition? beside, TimeProvider time, Action<string> progress, CancellationToken cancel)
    {
        var database = await server.NewDatabaseAsync(Name);
        progress($"preparing {Dossiers:N0} dossiers of 6 events");
        await BenchLog.AppendAsync(database, Dossiers, 6, cancel);
        await using var owner = await server.OwnerAsync(Name);
        await ExecuteAsync(owner, "VACUUM (ANALYZE) dossier.mt_events, dossier.mt_streams");
        await ExecuteAsync(owner, PeerFunction);

        // Neighbours in the log are not neighbours in the measurement. The last tenth is for the bare insert, which leaves its streams' versions behind.
        var order = Enumerable.Range(0, Dossiers * 9 / 10).ToArray();
        new Random(1435).Shuffle(order);
        var taken = -1;
        (int Number, long Version) Take()
        {
            var turn = Interlocked.Increment(ref taken);
            return (order[turn % order.Length], 7 + (turn / order.Length));
        }

        var rows = new List<BenchRow>();
        var other = beside is null ? null : await server.OpenAsync(Name, beside);
        // A server runs for weeks; its first seconds, in which code is compiled and compiled again, are not what is asked for.
        progress("warming up");
        foreach (var callers in new[] { 32, 128, 1, 32 })
            await CommandsAsync(database, callers, TimeSpan.FromSeconds(3), time, Take, cancel);
        foreach (var callers in new[] { 1, 8, 32, 128 })
        {
            // No checkpoint in between: after one, whole pages go to the log for a while, and what is measured first pays for what comes second.
            progress($"{callers} callers");
            var (perSecond, p50, batch) = await CommandsAsync(database, callers, seconds, time, Take, cancel);
            if (callers == 1)
            {
                var bare = await BareInsertAsync(owner, seconds / 2, time);
                rows.Add(new("1 caller, p50", p50, "µs", $"bare one-row INSERT: {bare:N0} µs", bare / p50, 0.5));
            }
            else
            {
                var size = Math.Max(1, (int)Math.Round(batch));
                var limit = await LimitAsync(owner, size, seconds / 2, time, Take);
                rows.Add(new($"{callers} callers", perSecond, "commands/s", $"limit at batches of {size}: {limit:N0} rows/s", perSecond / limit, callers >= 32 ? 0.6 : null));
            }
            if (other is not null)
            {
                var theirs = await CommandsAsync(other, callers, seconds, time, Take, cancel);
                rows.Add(new($"{callers} caller{(callers == 1 ? "" : "s")}, {Edition.Current.Name} edition", perSecond, "commands/s", $"{beside!.Name} edition: {theirs.PerSecond:N0}/s", perSecond / theirs.PerSecond, null));
            }
            var peer = await PeerAsync(server, callers, seconds / 2, time, Take);
            rows.Add(new($"{callers} caller{(callers == 1 ? "" : "s")}, beside a peer", perSecond, "commands/s", $"append function, no load, no decision: {peer:N0}/s", perSecond / peer, null));
        }
        return rows;
    }

    private static async Task<(double PerSecond, double P50, double Batch)> CommandsAsync(
        Database database, int callers, TimeSpan duration, TimeProvider time, Func<(int Number, long Version)> take, CancellationToken cancel)
    {
        var desk = new Desk(database);
        var batches = new List<int>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Name == "dossier.append.batch")
                    l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>((_, size, _, _) => { lock (batches) batches.Add(size); });
        listener.Start();

        var began = time.GetTimestamp();
        var latencies = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var mine = new List<double>();
            while (time.GetElapsedTime(began) < duration)
            {
                var (number, version) = take();
                var from = time.GetTimestamp();
                var now = time.GetUtcNow();
                var context = new ActContext(now, BenchLog.Command($"step {number} {version}"), now);
                var result = await desk.DoAsync(BenchLog.Code(number), new CompleteStep("Trả kết quả"), context, cancel);
                if (result.Refusal is { } refusal)
                    throw new InvalidOperationException(refusal.Reason);
                mine.Add(time.GetElapsedTime(from).TotalMicroseconds);
            }
            return mine;
        }, cancel)));
        var elapsed = time.GetElapsedTime(began).TotalSeconds;
        var all = latencies.SelectMany(l => l).Order().ToList();
        lock (batches)
            return (all.Count / elapsed, all[all.Count / 2], batches.Count == 0 ? 1 : batches.Average());
    }

    private static async Task<double> BareInsertAsync(NpgsqlConnection owner, TimeSpan duration, TimeProvider time)
    {
        await using var insert = new NpgsqlCommand(
            """
            INSERT INTO dossier.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, headers)
            VALUES (nextval('dossier.mt_events_sequence'), $1, $2, 7, $3, $4, clock_timestamp(), $5, $6)
            """, owner);
        var number = Dossiers * 9 / 10;
        var row = new Row(number, 7);
        foreach (var value in (NpgsqlParameter[])
        [
            new() { Value = row.Id }, new() { Value = row.Code }, new() { Value = row.Data, NpgsqlDbType = NpgsqlDbType.Jsonb }, new() { Value = row.Type },
            new() { Value = row.DotNetType }, new() { Value = row.Headers, NpgsqlDbType = NpgsqlDbType.Jsonb },
        ])
            insert.Parameters.Add(value);
        await insert.PrepareAsync();
        var times = new List<double>();
        for (var began = time.GetTimestamp(); time.GetElapsedTime(began) < duration && number < Dossiers;)
        {
            row = new(number++, 7);
            (insert.Parameters[0].Value, insert.Parameters[1].Value, insert.Parameters[2].Value, insert.Parameters[5].Value) = (row.Id, row.Code, row.Data, row.Headers);
            var from = time.GetTimestamp();
            await insert.ExecuteNonQueryAsync();
            times.Add(time.GetElapsedTime(from).TotalMicroseconds);
        }
        times.Sort();
        return times[times.Count / 2];
    }

    private static async Task<double> LimitAsync(NpgsqlConnection owner, int size, TimeSpan duration, TimeProvider time, Func<(int Number, long Version)> take)
    {
        await using var batch = new NpgsqlBatch(owner);
        var insert = new NpgsqlBatchCommand(
            """
            INSERT INTO dossier.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, headers)
            SELECT nextval('dossier.mt_events_sequence'), id, code, version, data, type, clock_timestamp(), dotnet_type, headers
            FROM unnest($1, $2, $3, $4, $5, $6, $7) AS r (id, code, data, type, dotnet_type, headers, version)
            """);
        foreach (var type in (NpgsqlDbType[])[NpgsqlDbType.Uuid, NpgsqlDbType.Varchar, NpgsqlDbType.Jsonb, NpgsqlDbType.Varchar, NpgsqlDbType.Varchar, NpgsqlDbType.Jsonb])
            insert.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Array | type, Value = type == NpgsqlDbType.Uuid ? Array.Empty<Guid>() : Array.Empty<string>() });
        insert.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint, Value = Array.Empty<long>() });
        var update = new NpgsqlBatchCommand("UPDATE dossier.mt_streams SET version = version + 1, timestamp = clock_timestamp() WHERE id = ANY ($1)");
        update.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Varchar, Value = Array.Empty<string>() });
        batch.BatchCommands.Add(insert);
        batch.BatchCommands.Add(update);
        await batch.PrepareAsync();
        long written = 0;
        var began = time.GetTimestamp();
        while (time.GetElapsedTime(began) < duration)
        {
            var rows = Enumerable.Range(0, size).Select(_ => take()).Select(t => new Row(t.Number, t.Version)).ToArray();
            insert.Parameters[0].Value = Array.ConvertAll(rows, r => r.Id);
            insert.Parameters[1].Value = update.Parameters[0].Value = Array.ConvertAll(rows, r => r.Code);
            insert.Parameters[2].Value = Array.ConvertAll(rows, r => r.Data);
            insert.Parameters[3].Value = Array.ConvertAll(rows, r => r.Type);
            insert.Parameters[4].Value = Array.ConvertAll(rows, r => r.DotNetType);
            insert.Parameters[5].Value = Array.ConvertAll(rows, r => r.Headers);
            insert.Parameters[6].Value = Array.ConvertAll(rows, r => r.Version);
            await batch.ExecuteNonQueryAsync();
            written += size;
        }
        return written / time.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task<double> PeerAsync(BenchServer server, int callers, TimeSpan duration, TimeProvider time, Func<(int Number, long Version)> take)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.Of(Name)) { MaxAutoPrepare = 10, AutoPrepareMinUsages = 1 });
        var began = time.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            var mine = 0;
            for (; time.GetElapsedTime(began) < duration; mine++)
            {
                var (number, version) = take();
                var row = new Row(number, version);
                await using var connection = await source.OpenConnectionAsync();
                await using var append = new NpgsqlCommand("SELECT bench_quick_append($1, $2, $3, $4, $5, $6)", connection)
                {
                    Parameters =
                    {
                        new() { Value = row.Code }, new() { Value = new[] { row.Id } }, new() { Value = new[] { row.Type } }, new() { Value = new[] { row.DotNetType } },
                        new() { Value = new[] { row.Data }, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb },
                        new() { Value = new[] { row.Headers }, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb },
                    },
                };
                await append.ExecuteNonQueryAsync();
            }
            return mine;
        })));
        return counts.Sum() / time.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>What an append function of the kind does: read the version without a lock, write the events, move the version.</summary>
    private const string PeerFunction =
        """
        CREATE FUNCTION bench_quick_append(stream varchar, ids uuid[], types varchar[], dotnet_types varchar[], bodies jsonb[], headers jsonb[]) RETURNS bigint
        LANGUAGE plpgsql AS $$
        DECLARE at bigint;
        BEGIN
            SELECT version INTO at FROM dossier.mt_streams WHERE id = stream;
            IF at IS NULL THEN
                INSERT INTO dossier.mt_streams (id, version) VALUES (stream, 0);
                at := 0;
            END IF;
            FOR i IN 1 .. array_length(ids, 1) LOOP
                at := at + 1;
                INSERT INTO dossier.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, headers)
                VALUES (nextval('dossier.mt_events_sequence'), ids[i], stream, at, bodies[i], types[i], now(), dotnet_types[i], headers[i]);
            END LOOP;
            UPDATE dossier.mt_streams SET version = at, timestamp = now() WHERE id = stream;
            RETURN at;
        END $$
        """;

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The row that the measured act would write.</summary>
    private readonly struct Row
    {
        public Row(int number, long version)
        {
            Version = version;
            var command = BenchLog.Command($"row {number} {version}");
            var step = new StepCompleted(new DateTimeOffset(2026, 4, 24, 16, 10, 0, TimeSpan.FromHours(7)), "Trả kết quả", $"officer-{number % 97}", $"H49.{number % 24:00}-{number % 5}");
            (Type, DotNetType, Data) = ProductEvents.Names.Encode(step);
            (Code, Id) = (BenchLog.Code(number), Uuid.V5(command.CommandId, 0));
            Headers = $$"""{"role":"officer","actor":"officer-17","authority":"post H49.12-03","commandId":"{{command.CommandId}}"}""";
        }

        public long Version { get; }
        public string Code { get; }
        public Guid Id { get; }
        public string Data { get; }
        public string Type { get; }
        public string DotNetType { get; }
        public string Headers { get; }
    }
}
