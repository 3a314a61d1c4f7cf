using System.Security.Cryptography;
using EventDossier.Store;

namespace EventDossier.Exports;

/// <summary>A file as it was written.</summary>
/// <param name="Sha256">In lower-case hex, as the next.</param>
/// <param name="UnpackedSha256">Of what is in it, where it is packed.</param>
public sealed record WrittenFile(string Name, long Bytes, string Sha256, string? UnpackedSha256);

/// <summary>Files that are there whole or not at all.</summary>
public static class ExportFile
{
    /// <summary>Written beside and renamed. A name that ends in <c>.gz</c> is packed.</summary>
    /// <exception cref="IOException"/>
    public static async Task<WrittenFile> WriteAsync(string path, Func<Stream, Task> write,
        CancellationToken cancel = default)
    {
        path = Path.GetFullPath(path);
        var beside = $"{path}.{Environment.ProcessId}.new";
        try
        {
            string unpacked;
            var gzip = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
            await using (var file = new FileStream(beside, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, 0))
            {
                using (var packing = new Packing(file, gzip))
                {
                    await write(packing);
                    await packing.CompleteAsync();
                    unpacked = packing.Sha256;
                }
                file.Flush(flushToDisk: true);
                file.Position = 0;
                var sha256 = gzip ? Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel)) : unpacked;
                var written = new WrittenFile(Path.GetFileName(path), file.Length, sha256, gzip ? unpacked : null);
                DurableFile.Move(beside, path);
                return written;
            }
        }
        finally
        {
            File.Delete(beside);
        }
    }
}
