using EventDossier.Alerts;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Cli.Bench;

/// <summary>Alerts of many open dossiers: so many falling due in one second, then one after the other. Times are of the server's clock, from due to recorded.</summary>
internal static class AlarmBench
{
    private const string Name = "eventdossier_bench_alarm";
    private const int AtOnce = 10_000;
    private const int Trickling = 200;

    public static async Task<IReadOnlyList<BenchRow>> RunAsync(BenchServer server, int dossiers, TimeProvider time, Action<string> progress, CancellationToken cancel)
    {
        var database = await server.NewDatabaseAsync(Name);
        await using var owner = await server.OwnerAsync(Name);
        // None but these: what falls due is the date itself.
        var ladder = """{"shortUnderHours":0,"rules":[{"name":"overdue","clock":"handling","level":"l1","hours":0,"to":["officer"]}]}"""u8.ToArray();
        await Ladders.DecideAsync(database, Ladders.Default, ladder, new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero), BenchLog.Command("ladder"), new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero), cancel);
        progress($"preparing {dossiers:N0} open dossiers");
        // Not before they are all there and planned, on a busy machine too.
        var due = Whole(time.GetUtcNow().AddSeconds(30 + (dossiers / 4_000)));
        await CopyOpenAsync(owner, dossiers, due, cancel);
        await Rebuild.RunAsync(ProductViews.All, database.App, database.Names, time, cancel: cancel);
        await server.SettleAsync();
        progress($"{(due - time.GetUtcNow()).TotalSeconds:N0} s until the first is due");

        var memory = 0.0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = Task.WhenAll(new Views(ProductViews.All, database).FollowAsync(stop.Token), new Waker(database).RunAsync(stop.Token));
        try
        {
            var all = Math.Min(dossiers / 2, AtOnce) + Trickling;
            while (await CountAsync(owner, cancel) < all && time.GetUtcNow() < due.AddSeconds(120))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250), time, cancel);
                memory = Math.Max(memory, Environment.WorkingSet / 1048576.0);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await running.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        return
        [
            await LatenessAsync(owner, due, due.AddSeconds(1), 1.0, 5, $"{Math.Min(dossiers / 2, AtOnce):N0} due in one second, the last raised", cancel),
            await LatenessAsync(owner, due.AddSeconds(1), due.AddSeconds(60), 0.99, 1, $"{Trickling} one after the other, p99", cancel),
            new("memory of this process, at most", memory, "MiB", "500 MiB", 500 / memory, 1),
        ];
    }

    private static DateTimeOffset Whole(DateTimeOffset at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerSecond));

    private static async Task<long> CountAsync(NpgsqlConnection owner, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT count(*) FROM dossier.mt_events WHERE seq_id > (SELECT max(seq_id) - 20000 FROM dossier.mt_events) AND type = 'alert_raised'", owner);
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static async Task<BenchRow> LatenessAsync(NpgsqlConnection owner, DateTimeOffset from, DateTimeOffset to, double share, double most, string name, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT count(*), count(DISTINCT stream_id), percentile_cont(@share) WITHIN GROUP (ORDER BY extract(epoch FROM timestamp - (data->>'dueAt')::timestamptz))
            FROM dossier.mt_events WHERE type = 'alert_raised' AND (data->>'dueAt')::timestamptz >= @from AND (data->>'dueAt')::timestamptz < @to
            """, owner) { CommandTimeout = 0 };
        command.Parameters.AddWithValue("share", share);
        command.Parameters.AddWithValue("from", from.UtcDateTime);
        command.Parameters.AddWithValue("to", to.UtcDateTime);
        await using var row = await command.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        var (raised, dossiers, seconds) = (row.GetInt64(0), row.GetInt64(1), row.GetDouble(2));
        return new($"{name}{(raised == dossiers ? "" : $": {raised - dossiers} RAISED TWICE")}", seconds * 1000, "ms after due", $"{most:0} s; {raised:N0} raised", most / Math.Max(seconds, 0.001), 1);
    }

    /// <summary>Some fall due in the one second, a few in the half minute after it, the others in half a year.</summary>
    private static Task CopyOpenAsync(NpgsqlConnection owner, int dossiers, DateTimeOffset due, CancellationToken cancel)
    {
        var (atOnce, received) = (Math.Min(dossiers / 2, AtOnce), due.AddDays(-20));
        return BenchLog.CopyAsync(owner, dossiers, n =>
        [
            new DossierReceived(received, null, "online", $"H49.{n % 24:00}", $"H49.{n % 24:00}-{n % 5}", $"officer-{n % 97}", new(20, CountingRule.Days),
                n < atOnce ? due.AddMilliseconds(n * 1000 / atOnce)
                : n < atOnce + Trickling ? due.AddSeconds(20).AddMilliseconds((n - atOnce) * 100)
                : due.AddDays(1 + (n % 180)), null),
        ], cancel);
    }
}
