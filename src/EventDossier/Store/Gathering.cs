namespace EventDossier.Store;

/// <summary>While one run is under way, callers gather for the next. Order of arrival is kept within and between runs.</summary>
internal sealed class Gathering<TItem, TResult>(Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> run, int most)
{
    private readonly Lock _gate = new();
    private readonly Queue<(TItem Item, TaskCompletionSource<TResult> Done)> _waiting = new();
    private bool _running;

    /// <summary>What is added together runs together, as far as there is room.</summary>
    public Task<TResult>[] Add(params ReadOnlySpan<TItem> items)
    {
        var results = new Task<TResult>[items.Length];
        lock (_gate)
        {
            for (var i = 0; i < items.Length; i++)
            {
                var done = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Enqueue((items[i], done));
                results[i] = done.Task;
            }
            if (_running)
                return results;
            _running = true;
        }
        _ = RunUntilEmptyAsync();
        return results;
    }

    private async Task RunUntilEmptyAsync()
    {
        var items = new List<TItem>();
        var waiters = new List<TaskCompletionSource<TResult>>();
        while (true)
        {
            // Behind the callers that are about to come, or the first of them would run alone and the others wait for it; and not in a caller's context.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
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
