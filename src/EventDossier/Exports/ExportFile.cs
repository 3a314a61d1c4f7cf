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
    public static Task<WrittenFile> WriteAsync(string path, Func<Stream, Task> write,
        CancellationToken cancel = default) => MakeAsync(path, async beside =>
        {
            await using var file = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.Read, 0);
            using var packing = new Packing(file, IsPacked(path));
            await write(packing);
            await packing.CompleteAsync();
            return packing.Sha256;
        }, cancel);

    /// <summary>The same for what is made by the name of a file.</summary>
    /// <param name="make">Told that name; it returns the hash of what is in the file, or null where it is not known.
    /// </param>
    /// <exception cref="IOException"/>
    public static async Task<WrittenFile> MakeAsync(string path, Func<string, Task<string?>> make,
        CancellationToken cancel = default)
    {
        path = Path.GetFullPath(path);
        var beside = $"{path}.{Environment.ProcessId}.new";
        try
        {
            // Of one who was killed, and whose number this process has now.
            File.Delete(beside);
            var unpacked = await make(beside);
            await using var file = new FileStream(beside, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, 0);
            var flushed = Task.Run(() => RandomAccess.FlushToDisk(file.SafeFileHandle), CancellationToken.None);
            var sha256 = IsPacked(path) || unpacked is null
                ? Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel)) : unpacked;
            await flushed;
            var written = new WrittenFile(Path.GetFileName(path), file.Length, sha256,
                IsPacked(path) ? unpacked : null);
            DurableFile.Move(beside, path);
            return written;
        }
        finally
        {
            File.Delete(beside);
        }
    }

    private static bool IsPacked(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
}
