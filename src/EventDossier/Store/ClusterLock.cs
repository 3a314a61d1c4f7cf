using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EventDossier.Store;

/// <summary>
/// An advisory lock on a file, shared or exclusive, between processes and within one. The kernel drops it with the
/// process that held it, however that process ended. <see cref="FileStream"/> can only try such a lock; this waits.
/// </summary>
internal sealed class ClusterLock : IDisposable
{
    private const int Shared = 1, Exclusive = 2, NonBlocking = 4;
    private const int ReadWriteCreateCloseOnExec = 0x2 | 0x40 | 0x80000;
    private const int Interrupted = 4, WouldBlock = 11;
    private readonly SafeFileHandle file;

    private ClusterLock(SafeFileHandle file) => this.file = file;

    /// <summary>Waits for the exclusive lock. Giving up leaves no lock behind.</summary>
    public static async Task<ClusterLock> WaitExclusiveAsync(string path, CancellationToken cancel)
    {
        var file = Open(path);
        var taking = Task.Factory.StartNew(
            () => Take(file, Exclusive), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await taking.WaitAsync(cancel);
            return new ClusterLock(file);
        }
        catch
        {
            // The handle stays counted by the call that still waits, and is closed, with its lock, when that returns.
            file.Dispose();
            throw;
        }
    }

    /// <summary>Null where another holds it in a way that excludes this one.</summary>
    public static ClusterLock? Try(string path, bool exclusive)
    {
        var file = Open(path);
        if (Take(file, (exclusive ? Exclusive : Shared) | NonBlocking)) return new ClusterLock(file);
        file.Dispose();
        return null;
    }

    public void Dispose() => file.Dispose();

    private static SafeFileHandle Open(string path)
    {
        var handle = NativeOpen(path, ReadWriteCreateCloseOnExec, 0x180 /* 0600 */);
        return handle.IsInvalid ? throw Error(path) : handle;
    }

    private static bool Take(SafeFileHandle file, int how)
    {
        while (NativeLock(file, how) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == WouldBlock) return false;
            if (error != Interrupted) throw Error("flock");
        }
        return true;
    }

    private static IOException Error(string what)
    {
        var cause = new Win32Exception(Marshal.GetLastPInvokeError());
        return new IOException($"{what}: {cause.Message}", cause);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern SafeFileHandle NativeOpen([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, int mode);

    [DllImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static extern int NativeLock(SafeFileHandle file, int operation);
}
