using EventDossier.Releases;
using EventDossier.Store;

namespace EventDossier.Cli.Bench;

/// <summary>A checked release's files, made twice from the log; beside the second time, the very bytes that came of it, read from the files and written through gzip.</summary>
internal static class ReleaseBench
{
    public static async Task<IReadOnlyList<BenchRow>> RunAsync(ReleaseDesk desk, string number, TimeProvider time, Action<string> progress, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("eventdossier-bench-");
        try
        {
            BulkWork.Begin(); // As the verbs do.
            // The first time code is compiled.
            progress($"making {number}");
            var first = await desk.BuildAsync(number, Path.Combine(folder.FullName, "first"), cancel: cancel);
            Directory.Delete(Path.Combine(folder.FullName, "first"), recursive: true);
            GC.Collect();

            progress("making it again");
            var again = folder.CreateSubdirectory("again");
            using var memory = new MostMemory(time);
            var began = time.GetTimestamp();
            var build = await desk.BuildAsync(number, again.FullName, cancel: cancel);
            var took = time.GetElapsedTime(began).TotalSeconds;
            var most = await memory.EndAsync();

            var (reference, bytes) = (0.0, 0L);
            foreach (var file in again.GetFiles())
            {
                progress($"writing {file.Name} through gzip");
                var (seconds, length) = await ExportBench.ReferenceAsync(file.FullName, time, cancel);
                (reference, bytes) = (reference + seconds, bytes + length);
            }
            var mib = bytes / 1048576.0;
            return
            [
                new($"{number}, {build.Kept:N0} of {build.Cases:N0} cases, {mib:N0} MiB unpacked", mib / took, "MiB/s", $"the same bytes through gzip: {mib / reference:N0} MiB/s", reference / took, 0.5),
                new("  of the whole process at most", most / 1048576.0, "MiB", $"{ExportBench.MostBytes >> 20} MiB", (double)ExportBench.MostBytes / most, 1),
                new("  files that are the same as the first time", build.Sha256 == first.Sha256 ? 1 : 0, "of 1", "byte by byte", build.Sha256 == first.Sha256 ? 1 : 0, 1),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
