using System.Text.Json;
using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Cli.Bench;

/// <summary>
/// Views made anew from a log whose streams are interleaved, beside reading the same rows in order and parsing their JSON on one core. Both on connections just opened, as those of a program just
/// started are: the server's process behind each finds the log in shared memory for the first time.
/// </summary>
internal static class RebuildBench
{
    private const string Name = "eventdossier_bench_rebuild";

    public static async Task<IReadOnlyList<BenchRow>> RunAsync(BenchServer server, int events, TimeProvider time, Action<string> progress, CancellationToken cancel)
    {
        var database = await server.NewDatabaseAsync(Name);
        progress($"preparing {events:N0} interleaved events");
        await using var owner = await server.OwnerAsync(Name);
        await BenchLog.CopyInterleavedAsync(owner, events, cancel);
        await server.SettleAsync();

        // Both once unmeasured: the first pass over new pages writes hint bits, and code is compiled as it is first run.
        progress("warming up");
        await ReadAsync(owner, cancel);
        await Rebuild.RunAsync(ProductViews.All, database.App, database.Names, time, cancel: cancel);
        progress("reading and parsing");
        await using var fresh = await server.OwnerAsync(Name);
        var began = time.GetTimestamp();
        var read = await ReadAsync(fresh, cancel);
        var reference = read / time.GetElapsedTime(began).TotalSeconds;

        BulkWork.Begin(); // As the verb does.
        var rows = new List<BenchRow>();
        foreach (var (name, views, atLeast) in new[] { ("the overview", [Overview.View], 0.4), ("all views together", ProductViews.All, 0.15) })
        {
            progress(name);
            await server.SettleAsync();
            database.App.Clear();
            began = time.GetTimestamp();
            var rebuilt = await Rebuild.RunAsync(views, database.App, database.Names, time, cancel: cancel);
            var perSecond = rebuilt / time.GetElapsedTime(began).TotalSeconds;
            rows.Add(new(name, perSecond, "events/s", $"reading and parsing: {reference:N0} events/s", perSecond / reference, atLeast));
        }
        return rows;
    }

    private static async Task<long> ReadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            "SELECT seq_id, id, stream_id, version, type, data, timestamp FROM dossier.mt_events ORDER BY seq_id", connection) { CommandTimeout = 0 };
        await using var row = await command.ExecuteReaderAsync(cancel);
        long read = 0;
        for (; await row.ReadAsync(cancel); read++)
        {
            _ = (row.GetInt64(0), row.GetGuid(1), row.GetString(2), row.GetInt64(3), row.GetString(4), row.GetDateTime(6));
            using var json = JsonDocument.Parse(row.GetFieldValue<byte[]>(5));
        }
        return read;
    }
}
