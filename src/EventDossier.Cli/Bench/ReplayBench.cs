using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Cli.Bench;

/// <summary>How a dossier of a thousand events stood at a moment, beside reading its rows.</summary>
internal static class ReplayBench
{
    private const string Name = "eventdossier_bench_replay";
    private const int Rounds = 400;

    public static async Task<IReadOnlyList<BenchRow>> RunAsync(BenchServer server, TimeProvider time, Action<string> progress, CancellationToken cancel)
    {
        var database = await server.NewDatabaseAsync(Name);
        var at = new DateTimeOffset(2026, 4, 24, 16, 10, 0, TimeSpan.FromHours(7));
        var events = BenchLog.Life(1)[..2].Concat(Enumerable.Range(0, 998).Select(i => (DossierEvent)new StepCompleted(at.AddMinutes(i), $"Bước {i % 12}", "officer-1", "H49.01-1")));
        await database.Log.AppendManyNewAsync([new(BenchLog.Code(1), Desk.StreamType, 0, BenchLog.Command("long life"), [.. events])], cancel);
        await BenchLog.AppendAsync(database, 1, 8, cancel);
        await using var owner = await server.OwnerAsync(Name);
        await using var read = new NpgsqlCommand(
            """
            SELECT seq_id, id, stream_id, version, type, data, timestamp, headers, correlation_id, causation_id
            FROM dossier.mt_events WHERE stream_id = $1 ORDER BY version
            """, owner) { Parameters = { new() { Value = BenchLog.Code(1) } } };
        await read.PrepareAsync(cancel);

        progress("replaying");
        var asOf = new AsOf(Legal: at.AddMinutes(700), Recorded: time.GetUtcNow().AddDays(1));
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            var began = time.GetTimestamp();
            await using (var row = await read.ExecuteReaderAsync(cancel))
            {
                while (await row.ReadAsync(cancel))
                    _ = (row.GetInt64(0), row.GetGuid(1), row.GetString(2), row.GetInt64(3), row.GetString(4), row.GetFieldValue<byte[]>(5), row.GetDateTime(6), row.GetFieldValue<byte[]>(7));
            }
            theirs.Add(time.GetElapsedTime(began).TotalMicroseconds);

            began = time.GetTimestamp();
            var dossier = Dossier.Fold(BenchLog.Code(1), await History.ReadAsync(database.Log, BenchLog.Code(1), asOf, cancel));
            ours.Add(time.GetElapsedTime(began).TotalMicroseconds);
            if (dossier.Steps.Count != 701)
                throw new InvalidOperationException($"{dossier.Steps.Count} steps");
        }
        var (mine, reading) = (Median(ours), Median(theirs));
        return [new("state of 1,000 events at a moment, p50", mine, "µs", $"reading its rows: {reading:N0} µs", reading / mine, 0.5)];
    }

    /// <summary>Of the second half: by then everything is compiled and cached.</summary>
    private static double Median(List<double> times) => times.Skip(times.Count / 2).Order().ElementAt(times.Count / 4);
}
