using Npgsql;

namespace EventDossier.Store;

/// <summary>The page of the log that was read last, for all views of a process: they ask for the same one after the other, and each event is read and decoded once.</summary>
internal sealed class LogTail(EventNames names, TimeProvider clock)
{
    private const int PageSize = 1000;
    private readonly Lock _gate = new();
    private Task _last = Task.CompletedTask;
    private (long After, LogPage Page) _kept = (0, new([], 0));

    /// <returns>What follows a position, and whether it is all there was when it was asked for.</returns>
    public async Task<(LogPage Page, bool IsLast)> ReadAsync(NpgsqlConnection connection, long after, CancellationToken cancel)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        lock (_gate)
            (before, _last) = (_last, mine.Task);
        await before;
        try
        {
            var (from, kept) = _kept;
            // What was appended meanwhile may have been notified already, so this is never the last.
            if (from <= after && after < kept.Position)
                return (kept with { Events = [.. kept.Events.SkipWhile(e => e.Position <= after)] }, false);
            var page = await CommitOrder.ReadAsync(connection, names, clock, metadata: false, after, PageSize, cancel);
            _kept = (after, page);
            return (page, page.Position - after < PageSize);
        }
        finally
        {
            mine.SetResult();
        }
    }
}
