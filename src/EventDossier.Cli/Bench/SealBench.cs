using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using EventDossier.Audit;
using EventDossier.Dossiers;
using EventDossier.Record;
using EventDossier.Store;
using Npgsql;
using NpgsqlTypes;

namespace EventDossier.Cli.Bench;

/// <summary>
/// Sealing and verifying a log whose streams are interleaved, beside straight-line code on one core that reads the same rows, makes their canonical JSON, hashes it and, for sealing, copies as many leaves into the same
/// table; proofs from a tree of that size; and how far the seal lies behind a log that grows.
/// </summary>
internal static class SealBench
{
    private const string Name = "eventdossier_bench_seal";
    private const int Proofs = 1000, CommandsPerSecond = 2000;
    private static readonly TimeSpan _growing = TimeSpan.FromSeconds(10);

    public static async Task<IReadOnlyList<BenchRow>> SealAsync(BenchServer server, int events, TimeProvider time, Action<string> progress, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("eventdossier-bench-");
        try
        {
            var database = await PrepareAsync(server, events, progress, cancel);
            await using var owner = await server.OwnerAsync(Name);
            // Both once unmeasured: the first pass over new pages writes hint bits, and code is compiled as it is first run.
            progress("warming up");
            var keyFile = Path.Combine(folder.FullName, "signing.key");
            await new RecordSealer(database, keyFile).CatchUpAsync(cancel: cancel);
            await ReferenceAsync(owner, null, cancel);
            await EmptyAsync(owner, keyFile, cancel);

            progress("reading, hashing and copying");
            await server.SettleAsync();
            var began = time.GetTimestamp();
            await using (var copying = await server.OwnerAsync(Name))
                await ReferenceAsync(owner, copying, cancel);
            var reference = events / time.GetElapsedTime(began).TotalSeconds;
            await EmptyAsync(owner, keyFile, cancel);

            progress("sealing");
            await server.SettleAsync();
            var sealer = new RecordSealer(database, keyFile);
            began = time.GetTimestamp();
            await sealer.CatchUpAsync(cancel: cancel);
            var sealing = events / time.GetElapsedTime(began).TotalSeconds;

            progress("proving");
            var proving = await ProveAsync(new(database, keyFile), events, time, cancel);
            progress("growing");
            var (lag, rate, provingThen) = await LagAsync(database, sealer, new(database, keyFile), events, time, cancel);
            return
            [
                new("seal", sealing, "events/s", $"reading, hashing, COPY: {reference:N0} events/s", sealing / reference, 0.4),
                new("inclusion proof, p99", proving.TotalMicroseconds, "µs", "10 ms", TimeSpan.FromMilliseconds(10) / proving, 1),
                new($"inclusion proof at {rate:N0} commands/s, p99", provingThen.TotalMicroseconds, "µs", "10 ms", TimeSpan.FromMilliseconds(10) / provingThen, 1),
                new($"lag at {rate:N0} commands/s, p99", lag.TotalMilliseconds, "ms", "1 s", TimeSpan.FromSeconds(1) / lag, 1),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public static async Task<IReadOnlyList<BenchRow>> VerifyAsync(BenchServer server, int events, TimeProvider time, Action<string> progress, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("eventdossier-bench-");
        try
        {
            var database = await PrepareAsync(server, events, progress, cancel);
            progress("sealing");
            await new RecordSealer(database, Path.Combine(folder.FullName, "signing.key")).CatchUpAsync(cancel: cancel);
            await server.SettleAsync();
            await using var owner = await server.OwnerAsync(Name);
            await ReferenceAsync(owner, null, cancel);
            progress("reading and hashing");
            var began = time.GetTimestamp();
            await ReferenceAsync(owner, null, cancel);
            var reference = events / time.GetElapsedTime(began).TotalSeconds;

            progress("verifying");
            long most = 0;
            began = time.GetTimestamp();
            var report = await new RecordVerification(database, []).RunAsync(progress: (_, _) => most = Math.Max(most, GC.GetTotalMemory(false)), cancel: cancel);
            var verifying = events / time.GetElapsedTime(began).TotalSeconds;
            if (report.Findings.Count > 0 || report.Checked["leaves"] < events)
                throw new InvalidOperationException($"{report.Findings.Count} findings in {report.Checked["leaves"]} leaves");
            using var process = Process.GetCurrentProcess();
            return
            [
                new("verify", verifying, "events/s", $"reading, hashing: {reference:N0} events/s", verifying / reference, 0.4),
                new("of its own memory", most / 1048576.0, "MiB", null, null, null),
                new("of the whole process at most", process.PeakWorkingSet64 / 1048576.0, "MiB", null, null, null),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task EmptyAsync(NpgsqlConnection owner, string keyFile, CancellationToken cancel)
    {
        RecordSealer.AcceptLoss(keyFile, default);
        await using var empty = new NpgsqlCommand(
            "SET dossier.maintenance = on; TRUNCATE dossier_record.leaf, dossier_record.node, dossier_record.secret, dossier_record.checkpoint; RESET dossier.maintenance", owner) { CommandTimeout = 0 };
        await empty.ExecuteNonQueryAsync(cancel);
    }

    private static async Task<Database> PrepareAsync(BenchServer server, int events, Action<string> progress, CancellationToken cancel)
    {
        var database = await server.NewDatabaseAsync(Name);
        progress($"preparing {events:N0} interleaved events");
        await using var owner = await server.OwnerAsync(Name);
        await BenchLog.CopyInterleavedAsync(owner, events, cancel);
        await server.SettleAsync();
        return database;
    }

    /// <param name="to">Where leaves are copied as they come; null for only reading and hashing.</param>
    private static async Task ReferenceAsync(NpgsqlConnection from, NpgsqlConnection? to, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT seq_id, stream_id, version, type, data, timestamp, id, headers, correlation_id, causation_id
            FROM dossier.mt_events ORDER BY seq_id
            """, from) { CommandTimeout = 0 };
        await using var row = await command.ExecuteReaderAsync(cancel);
        await using var copy = to is null ? null : await to.BeginBinaryImportAsync("COPY dossier_record.leaf (index, position, stream, version, commitment) FROM STDIN (FORMAT binary)", cancel);
        var spelled = new ArrayBufferWriter<byte>();
        for (long index = 0; await row.ReadAsync(cancel); index++)
        {
            var e = new StoredEvent(
                row.GetInt64(0), row.GetGuid(6), row.GetString(1), row.GetInt64(2), row.GetString(3), row.GetFieldValue<byte[]>(4), new(row.GetDateTime(5)), row.GetFieldValue<byte[]>(7),
                row.IsDBNull(8) ? null : row.GetString(8), row.IsDBNull(9) ? null : row.GetString(9), ProductEvents.Names);
            spelled.ResetWrittenCount();
            Commitment.Write(e, spelled);
            var hash = SHA256.HashData(spelled.WrittenSpan);
            if (copy is null)
                continue;
            await copy.StartRowAsync(cancel);
            await copy.WriteAsync(index, NpgsqlDbType.Bigint, cancel);
            await copy.WriteAsync(e.Position, NpgsqlDbType.Bigint, cancel);
            await copy.WriteAsync(e.Stream, NpgsqlDbType.Varchar, cancel);
            await copy.WriteAsync(e.Version, NpgsqlDbType.Bigint, cancel);
            await copy.WriteAsync(hash, NpgsqlDbType.Bytea, cancel);
        }
        if (copy is not null)
            await copy.CompleteAsync(cancel);
    }

    private static async Task<TimeSpan> ProveAsync(RecordProofs proofs, int events, TimeProvider time, CancellationToken cancel)
    {
        var times = new List<TimeSpan>();
        for (var i = 0; i < Proofs * 2; i++)
        {
            var began = time.GetTimestamp();
            var proof = await proofs.OfLeafAsync((long)i * events / (Proofs * 2), cancel);
            times.Add(time.GetElapsedTime(began));
            if (proof.Proof.Count == 0)
                throw new InvalidOperationException("no proof");
        }
        return times.Skip(Proofs).Order().ElementAt(Proofs * 99 / 100); // By then everything is compiled and cached.
    }

    /// <summary>From the answer to an append until its leaf stands in the tree, how many commands a second it was, and what a proof took meanwhile.</summary>
    private static async Task<(TimeSpan Lag, double Rate, TimeSpan Proof)> LagAsync(Database database, RecordSealer sealer, RecordProofs proofs, int events, TimeProvider time, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var sealing = sealer.RunAsync(stop.Token);
        var proving = ProveAsync();
        var appended = new Queue<(long Position, long At)>();
        var lags = new List<TimeSpan>();
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        var (began, sent, answers) = (time.GetTimestamp(), 0, new Queue<Task<(long Position, long At)>>());
        while (time.GetElapsedTime(began) < _growing || appended.Count + answers.Count > 0)
        {
            for (; time.GetElapsedTime(began) is var elapsed && elapsed < _growing && sent < elapsed.TotalSeconds * CommandsPerSecond; sent++)
                answers.Enqueue(AppendAsync(sent));
            while (answers.TryPeek(out var first) && first.IsCompleted)
                appended.Enqueue(await answers.Dequeue());
            await using var head = new NpgsqlCommand("SELECT position FROM dossier_record.leaf ORDER BY index DESC LIMIT 1", connection);
            var position = (long)(await head.ExecuteScalarAsync(cancel))!;
            while (appended.TryPeek(out var oldest) && oldest.Position <= position)
                lags.Add(time.GetElapsedTime(appended.Dequeue().At));
            await Task.Delay(TimeSpan.FromMilliseconds(5), time, cancel);
        }
        await stop.CancelAsync();
        try
        {
            await sealing;
        }
        catch (OperationCanceledException)
        {
        }
        var proved = await proving;
        return (lags.Order().ElementAt(lags.Count * 99 / 100), sent / _growing.TotalSeconds, proved.Skip(proved.Count / 10).Order().ElementAt(proved.Count * 9 / 10 * 99 / 100));

        // One after the other, all over the tree.
        async Task<List<TimeSpan>> ProveAsync()
        {
            var times = new List<TimeSpan>();
            for (long i = 1; !stop.IsCancellationRequested; i++)
            {
                var asked = time.GetTimestamp();
                await proofs.OfLeafAsync(i * 7919 % events, cancel);
                times.Add(time.GetElapsedTime(asked));
                await Task.Delay(TimeSpan.FromMilliseconds(10), time, cancel);
            }
            return times;
        }

        async Task<(long, long)> AppendAsync(int number)
        {
            var outcome = await database.Log.AppendAsync([new($"growing-{number}", Desk.StreamType, 0, BenchLog.Command($"growing {number}"), BenchLog.Life(number)[..1])], cancel);
            return (((AppendOutcome.Appended)outcome[0]).Positions[0], time.GetTimestamp());
        }
    }
}
