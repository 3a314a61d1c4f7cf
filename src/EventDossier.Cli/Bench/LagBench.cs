using EventDossier.Alerts;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Cli.Bench;

/// <summary>
/// From the answer to a command until its event is visible in each view, with all views and the alarm clock running as in the server. Commands come at their own times, whether those before are
/// done or not. A view shows an event once its checkpoint is past it; that is looked at every millisecond, and a look that comes late counts against us.
/// </summary>
internal static class LagBench
{
    private const string Name = "eventdossier_bench_lag";
    private const int PerSecond = 2_000;
    private const int Dossiers = 40_000;

    public static async Task<IReadOnlyList<BenchRow>> RunAsync(BenchServer server, TimeSpan seconds, TimeProvider time, Action<string> progress, CancellationToken cancel)
    {
        var database = await server.NewDatabaseAsync(Name);
        await using var owner = await server.OwnerAsync(Name);
        progress($"preparing {Dossiers:N0} dossiers of 6 events");
        await BenchLog.CopyAsync(owner, Dossiers, n => Life(n, time.GetUtcNow().AddDays(-5)), cancel);
        await Rebuild.RunAsync(ProductViews.All, database.App, database.Names, time, cancel: cancel);
        await server.SettleAsync();

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = Task.WhenAll(new Views(ProductViews.All, database).FollowAsync(stop.Token), new Waker(database).RunAsync(stop.Token));
        try
        {
            progress("warming up");
            await MeasureAsync(0);
            progress($"{PerSecond:N0} commands a second");
            return await MeasureAsync(1);
        }
        finally
        {
            await stop.CancelAsync();
            await running.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        async Task<IReadOnlyList<BenchRow>> MeasureAsync(int round)
        {
            var desk = new Desk(database);
            var commands = new List<Task<(long Position, long Answered, double Took)>>();
            using var done = new CancellationTokenSource();
            var looking = Task.Run(() => LookAsync(database.App, time, done.Token), cancel);
            var began = time.GetTimestamp();
            while (time.GetElapsedTime(began) < seconds)
            {
                for (var due = (int)(time.GetElapsedTime(began).TotalSeconds * PerSecond); commands.Count < due;)
                {
                    var (number, at) = (commands.Count, TimeSpan.FromSeconds(commands.Count / (double)PerSecond));
                    commands.Add(Task.Run(() => DoAsync(desk, number, round, began, at), cancel));
                }
                await Task.Delay(TimeSpan.FromMilliseconds(1), time, cancel);
            }
            var answered = await Task.WhenAll(commands);
            var took = time.GetElapsedTime(began).TotalSeconds;
            await new Views(ProductViews.All, database).CatchUpAsync(cancel);
            await done.CancelAsync();
            var looks = await looking;

            var (lags, all) = (new List<BenchRow>(), new double[answered.Length]);
            foreach (var view in ProductViews.All)
            {
                var of = answered.Select(c => Lag(looks, view.Checkpoint, c.Position, c.Answered, time)).ToArray();
                lags.Add(new(view.Name, At(of, 0.99), "ms p99", $"p50 {At(of, 0.5):N0} ms", null, null));
                for (var i = 0; i < all.Length; i++)
                    all[i] = Math.Max(all[i], of[i]);
            }
            var (p50, p99, rate) = (At(all, 0.5), At(all, 0.99), answered.Length / took);
            return
            [
                new("in every view", p99, "ms p99", $"p50 {p50:N0} ms; 50 ms", 50 / Math.Max(p99, 1), 1),
                .. lags,
                new("commands answered", rate, "commands/s", $"{PerSecond:N0}/s asked for; answered p99 {At([.. answered.Select(c => c.Took)], 0.99):N0} ms", rate / PerSecond, 0.95),
            ];
        }

        async Task<(long Position, long Answered, double Took)> DoAsync(Desk desk, int number, int round, long began, TimeSpan at)
        {
            var now = time.GetUtcNow();
            var context = new ActContext(now, BenchLog.Command($"lag {round} {number}"), now);
            var result = await desk.DoAsync(BenchLog.Code((int)(number * 7919L % Dossiers)), new CompleteStep("Trả kết quả"), context, cancel);
            return result.Refusal is { } refusal ? throw new InvalidOperationException(refusal.Reason) : (result.Position, time.GetTimestamp(), (time.GetElapsedTime(began) - at).TotalMilliseconds);
        }
    }

    /// <summary>Well within its limit, so that nothing falls due meanwhile; somebody sees to an alert in every tenth.</summary>
    private static DossierEvent[] Life(int n, DateTimeOffset at)
    {
        var (agency, unit, officer) = ($"H49.{n % 24:00}", $"H49.{n % 24:00}-{n % 5}", $"officer-{n % 97}");
        DossierEvent[] life =
        [
            new DossierReceived(at, new($"1.{n % 1435:000000}.000.00.00.H49", 1), "online", agency, unit, null, new(20, CountingRule.Days), at.AddDays(28), null),
            new DossierAssigned(at.AddHours(1), officer, unit),
            .. ((string[])["Thẩm định hồ sơ", "Lấy ý kiến phối hợp", "Kiểm tra thể thức"]).Select((step, i) => new StepCompleted(at.AddHours(2 + i), step, officer, unit)),
        ];
        return n % 10 > 0
            ? [.. life, new StepCompleted(at.AddHours(6), "Trình ký", officer, unit)]
            : [.. life, new AlertRaised(at.AddHours(6), "warning", 0, AlertLevel.Warning, 1, at.AddHours(6), [new(null, unit, officer)]), new AlertAcknowledged(at.AddHours(7), "warning", 1, officer)];
    }

    /// <summary>Where each view stood, and when.</summary>
    private static async Task<List<(long At, Dictionary<string, long> Positions)>> LookAsync(NpgsqlDataSource database, TimeProvider time, CancellationToken done)
    {
        var looks = new List<(long, Dictionary<string, long>)>();
        await using var connection = await database.OpenConnectionAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand("SELECT name, last_seq_id FROM dossier.mt_event_progression", connection);
        for (var last = false; !last;)
        {
            last = done.IsCancellationRequested;
            var positions = new Dictionary<string, long>();
            await using (var row = await command.ExecuteReaderAsync(CancellationToken.None))
            {
                while (await row.ReadAsync(CancellationToken.None))
                    positions.Add(row.GetString(0), row.GetInt64(1));
            }
            looks.Add((time.GetTimestamp(), positions));
            await Task.Delay(TimeSpan.FromMilliseconds(1), time, CancellationToken.None);
        }
        return looks;
    }

    /// <summary>Milliseconds from the answer to the first look at which the view was past the position.</summary>
    private static double Lag(List<(long At, Dictionary<string, long> Positions)> looks, string checkpoint, long position, long answered, TimeProvider time)
    {
        var (low, high) = (0, looks.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = looks[middle].Positions[checkpoint] >= position ? (low, middle) : (middle + 1, high);
        }
        return Math.Max(0, time.GetElapsedTime(answered, looks[low].At).TotalMilliseconds);
    }

    private static double At(double[] times, double share) => times.Order().ElementAt((int)(times.Length * share));
}
