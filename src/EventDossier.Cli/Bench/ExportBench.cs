using System.IO.Compression;
using EventDossier.Dossiers;
using EventDossier.Exports;
using EventDossier.Store;

namespace EventDossier.Cli.Bench;

/// <summary>A log whose streams are interleaved, exported in each format; beside it, the very bytes that came of it, read from a file and written through gzip.</summary>
internal static class ExportBench
{
    private const string Name = "eventdossier_bench_export";
    public const long MostBytes = 300L << 20;

    public static async Task<IReadOnlyList<BenchRow>> RunAsync(BenchServer server, int events, TimeProvider time, Action<string> progress, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("eventdossier-bench-");
        try
        {
            var database = await server.NewDatabaseAsync(Name);
            progress($"preparing {events:N0} interleaved events");
            await using (var owner = await server.OwnerAsync(Name))
                await BenchLog.CopyInterleavedAsync(owner, events, cancel);
            await server.SettleAsync();
            var (position, rules) = (await database.HeadAsync(cancel), await Rulebook.LoadAsync(database, cancel));
            IAsyncEnumerable<ProcessCase> Cases() => ProcessLog.ReadAsync(database, rules, position, new(), cancel: cancel).For(ProcessLog.Internal);
            Task<LogCounts> TextAsync(TextFormat format, Stream to) => ProcessLog.WriteAsync(database, rules, position, new(), format, ProcessLog.Internal, to, cancel: cancel);

            // Once unmeasured: the first pass over new pages writes hint bits, and code is compiled as it is first run.
            progress("warming up");
            BulkWork.Begin(); // As the verb does.
            await ExportFile.WriteAsync(Path.Combine(folder.FullName, "log.xes.gz"), to => XesWriter.Format("bench", null).WriteAsync(Cases().Take(events / 80), to), cancel);
            GC.Collect();
            (string File, Func<string, Task<LogCounts>> Write)[] formats =
            [
                ("log.xes.gz", path => WriteAsync(path, to => TextAsync(XesWriter.Format("bench", ProcessLog.Internal), to))),
                ("log.jsonocel", path => WriteAsync(path, to => OcelJsonWriter.WriteAsync(Cases(), to, cancel))),
                ("log.sqlite", async path => (await OcelSqliteWriter.WriteAsync(Cases(), path, cancel)).Counts),
                ("events.csv", path => WriteAsync(path, to => TextAsync(CsvWriter.Events, to))),
            ];
            var rows = new List<BenchRow>();
            foreach (var (file, write) in formats)
            {
                progress($"writing {file}");
                var path = Path.Combine(folder.FullName, file);
                using var memory = new MostMemory(time);
                var began = time.GetTimestamp();
                var counts = await write(path);
                var took = time.GetElapsedTime(began).TotalSeconds;
                var most = await memory.EndAsync();

                progress("writing the same bytes through gzip");
                var (reference, bytes) = await ReferenceAsync(path, time, cancel);
                File.Delete(path);
                rows.Add(new($"{file}, {bytes >> 20:N0} MiB unpacked", counts.Events / took, "events/s", $"the same bytes through gzip: {counts.Events / reference:N0} events/s", reference / took, file.EndsWith(".gz", StringComparison.Ordinal) ? 0.5 : null));
                rows.Add(new("  of the whole process at most", most / 1048576.0, "MiB", $"{MostBytes >> 20} MiB", (double)MostBytes / most, 1));
            }
            return rows;
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        async Task<LogCounts> WriteAsync(string path, Func<Stream, Task<LogCounts>> write)
        {
            var counts = new LogCounts();
            await ExportFile.WriteAsync(path, async to => counts = await write(to), cancel);
            return counts;
        }
    }

    /// <param name="path">Unpacked first where it is packed; gone afterwards.</param>
    public static async Task<(double Seconds, long Bytes)> ReferenceAsync(string path, TimeProvider time, CancellationToken cancel)
    {
        var plain = path;
        if (path.EndsWith(".gz", StringComparison.Ordinal))
        {
            plain = path[..^3];
            await using var from = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
            await using var to = File.Create(plain);
            await from.CopyToAsync(to, cancel);
        }
        var (began, bytes) = (time.GetTimestamp(), new FileInfo(plain).Length);
        await using (var from = File.OpenRead(plain))
        await using (var to = new GZipStream(File.Create(path + ".reference"), CompressionLevel.Optimal))
            await from.CopyToAsync(to, 1 << 18, cancel);
        var took = time.GetElapsedTime(began).TotalSeconds;
        File.Delete(path + ".reference");
        if (plain != path)
            File.Delete(plain);
        return (took, bytes);
    }
}
