using System.Text;
using EventDossier.Deadlines;
using EventDossier.Import;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Cli.Bench;

/// <summary>A XES of the centre's kind, imported as the verb does it, check and all; beside it, the server's own binary COPY of the very rows that came of it.</summary>
internal static class ImportBench
{
    public static async Task<IReadOnlyList<BenchRow>> RunAsync(BenchServer server, int events, TimeProvider time, Action<string> progress, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("eventdossier-bench-");
        try
        {
            var file = Path.Combine(folder.FullName, "log.xes");
            progress($"writing a log of {events:N0} events");
            await WriteAsync(file, events, cancel);
            progress("warming up");
            BulkWork.Begin(); // As the verb does.
            var few = Path.Combine(folder.FullName, "few.xes");
            await WriteAsync(few, events / 50, cancel);
            await ImportAsync(await server.NewDatabaseAsync("eventdossier_bench_few"), few);
            var database = await server.NewDatabaseAsync("eventdossier_bench_import");
            await server.SettleAsync();

            progress($"importing {new FileInfo(file).Length >> 20} MiB");
            var began = time.GetTimestamp();
            var report = await ImportAsync(database, file);
            var took = time.GetElapsedTime(began).TotalSeconds;
            var rows = report.ActivitiesAdded + report.EventsAdded;

            progress("copying the same rows");
            await server.NewDatabaseAsync("eventdossier_bench_copy");
            await using var from = await server.OwnerAsync("eventdossier_bench_import");
            await using var to = await server.OwnerAsync("eventdossier_bench_copy");
            var tables = new[] { "mt_streams", "mt_events" };
            foreach (var table in tables)
                await OutAsync(from, table, Path.Combine(folder.FullName, table), cancel);
            await server.SettleAsync();
            began = time.GetTimestamp();
            foreach (var table in tables)
                await InAsync(to, table, Path.Combine(folder.FullName, table), cancel);
            var copy = time.GetElapsedTime(began).TotalSeconds;

            return
            [
                new("import of a XES", rows / took, "events/s", $"COPY of the same rows: {rows / copy:N0} events/s", copy / took, 0.5),
                new("of them activities of the file", report.ActivitiesAdded / took, "events/s", null, null, null),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        Task<LogImport.Report> ImportAsync(Database into, string file) => new LogImport(into, WorkCalendar.Vietnam).RunAsync(
            new(file, LogFile.Open(file, null, null, TimeZoneInfo.Utc), null, "UTC", BenchLog.Command("import"), time.GetUtcNow()), cancel: cancel);
    }

    private static async Task OutAsync(NpgsqlConnection from, string table, string file, CancellationToken cancel)
    {
        var order = table == "mt_events" ? " ORDER BY seq_id" : "";
        await using var copy = await from.BeginRawBinaryCopyAsync($"COPY (SELECT * FROM dossier.{table}{order}) TO STDOUT (FORMAT binary)", cancel);
        await using var to = File.Create(file);
        await copy.CopyToAsync(to, cancel);
    }

    private static async Task InAsync(NpgsqlConnection to, string table, string file, CancellationToken cancel)
    {
        await using var copy = await to.BeginRawBinaryCopyAsync($"COPY dossier.{table} FROM STDIN (FORMAT binary)", cancel);
        await using var from = File.OpenRead(file);
        await from.CopyToAsync(copy, cancel);
    }

    private static async Task WriteAsync(string file, int events, CancellationToken cancel)
    {
        string[] activities = ["Tiếp nhận hồ sơ", "Phân công xử lý", "Thẩm định hồ sơ", "Lấy ý kiến phối hợp", "Trình ký", "Phê duyệt", "Trả kết quả"];
        await using var to = new StreamWriter(file, append: false, new UTF8Encoding(false), 1 << 16);
        await to.WriteLineAsync("""<?xml version="1.0" encoding="UTF-8"?><log xes.version="1849.2016" xmlns="http://www.xes-standard.org/">""");
        for (int n = 0, written = 0; written < events; n++)
        {
            cancel.ThrowIfCancellationRequested();
            var at = new DateTimeOffset(2025, 1, 2, 8, 0, 0, TimeSpan.FromHours(7)).AddMinutes(n);
            await to.WriteLineAsync($"""
                <trace><string key="concept:name" value="{BenchLog.Code(n)}"/><string key="channel" value="online"/><string key="department" value="H49.{n % 24:00}"/>
                <date key="startdate" value="{at:yyyy-MM-ddTHH:mm:ss.fffzzz}"/><date key="deadline" value="{at.AddDays(7):yyyy-MM-ddTHH:mm:ss.fffzzz}"/>
                """);
            for (var k = 0; k < 7 && written < events; k++, written++)
            {
                await to.WriteLineAsync($"""
                    <event><string key="concept:name" value="{activities[k]}"/><string key="lifecycle:transition" value="complete"/><string key="org:resource" value="officer-{n % 97}"/>
                    <string key="org:group" value="H49.{n % 24:00}-{k}"/><date key="time:timestamp" value="{at.AddHours(k * 9):yyyy-MM-ddTHH:mm:ss.fffzzz}"/></event>
                    """);
            }
            await to.WriteLineAsync("</trace>");
        }
        await to.WriteLineAsync("</log>");
    }
}
