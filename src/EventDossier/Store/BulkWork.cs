using System.Globalization;
using System.Runtime.InteropServices;

namespace EventDossier.Store;

/// <summary>
/// A program that goes through the whole log waits its turn: none of its threads stops another as soon as something has come for it (Linux's SCHED_BATCH; elsewhere nothing changes).
/// Who acts or looks meanwhile comes first, and what the server sends is taken in long pieces instead of eight kilobytes at a time, which is quicker besides.
/// </summary>
public static class BulkWork
{
    private const int Batch = 3;

    /// <summary>From now on, for every thread of this process and those that they begin. Programs begun later would be so too.</summary>
    public static void Begin()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var priority = 0;
        foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
            _ = SetScheduler(int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), Batch, in priority);
    }

    [DllImport("libc", EntryPoint = "sched_setscheduler")]
    private static extern int SetScheduler(int thread, int policy, in int priority);
}
