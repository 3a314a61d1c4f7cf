using System.Runtime.InteropServices;

namespace EventDossier.Store;

/// <summary>Files that are there whole, or not at all, after a power cut: written beside, flushed, renamed, and the folder flushed too.</summary>
internal static class DurableFile
{
    private const UnixFileMode OwnersAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Readable by its owner alone. An existing file is replaced.</summary>
    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancel = default)
    {
        // Two writers of one file never share what stands beside it.
        var beside = $"{path}.{Environment.ProcessId}-{Environment.CurrentManagedThreadId}.new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnersAlone };
        await using (var file = new FileStream(beside, options))
        {
            await file.WriteAsync(bytes, cancel);
            file.Flush(flushToDisk: true);
        }
        Move(beside, path);
    }

    public static void Move(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        FlushFolder(Path.GetDirectoryName(to)!);
    }

    /// <summary>A name is durable when its folder is.</summary>
    public static void FlushFolder(string folder)
    {
        const int readOnlyDirectory = 0x10000, closeOnExec = 0x80000;
        var handle = Open(folder, readOnlyDirectory | closeOnExec);
        if (handle < 0 || Flush(handle) != 0)
            throw new IOException($"{folder} cannot be flushed: {Marshal.GetLastPInvokeErrorMessage()}");
        _ = Close(handle);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Flush(int file);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int file);
}
