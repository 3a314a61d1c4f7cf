namespace EventDossier.Store;

/// <summary>While one run is under way, callers gather for the next. Order of arrival is kept within and between runs.</summary>
internal sealed class Gathering<TItem, TResult>(Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> run, int most)
{
    private readonly Lock _gate = new();
    private readonly Queue<(TItem Item, TaskCompletionSource<TResult> Done)> _waiting = new();
    private bool _running;

    public Task<TResult> Add(TItem item)
    {
        var done = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Enqueue((item, done));
            if (_running)
                return done.Task;
            _running = true;
        }
        _ = Task.Run(RunUntilEmptyAsync);
        return done.Task;
    }

    private async Task RunUntilEmptyAsync()
    {
        var items = new List<TItem>();
        var waiters = new List<TaskCompletionSource<TResult>>();
        while (true)
        {
            items.Clear();
            waiters.Clear();
            lock (_gate)
            {
                while (items.Count < most && _waiting.TryDequeue(out var next))
                {
                    items.Add(next.Item);
                    waiters.Add(next.Done);
                }
                if (items.Count == 0)
                {
                    _running = false;
                    return;
                }
            }
            try
            {
                var results = await run(items);
                for (var i = 0; i < waiters.Count; i++)
                    waiters[i].TrySetResult(results[i]);
            }
            catch (Exception e)
            {
                foreach (var waiter in waiters)
                    waiter.TrySetException(e);
            }
        }
    }
}
