namespace EventDossier.Store;

/// <summary>
/// While one run is under way, callers gather for the next. Where there may be two, the second begins once enough wait for it: then the server works on one while the program decodes the other.
/// Order of arrival is kept within a run, and between runs where there is but one.
/// </summary>
/// <param name="most">In a run.</param>
/// <param name="runs">At once.</param>
internal sealed class Gathering<TItem, TResult>(Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> run, int most, int runs)
{
    private const int Enough = 8;

    private readonly Lock _gate = new();
    private readonly Queue<(TItem Item, TaskCompletionSource<TResult> Done)> _waiting = new();
    private int _runs;
    private bool _crowded;

    /// <summary>What is added together runs together, as far as there is room.</summary>
    public Task<TResult>[] Add(params ReadOnlySpan<TItem> items)
    {
        var results = new Task<TResult>[items.Length];
        lock (_gate)
        {
            for (var i = 0; i < items.Length; i++)
            {
                var done = new TaskCompletionSource<TResult>();
                _waiting.Enqueue((items[i], done));
                results[i] = done.Task;
            }
            if (_runs == runs || (_runs > 0 && _waiting.Count < Enough))
                return results;
            _runs++;
        }
        _ = RunUntilEmptyAsync();
        return results;
    }

    /// <summary>
    /// The next run is begun before the callers of the last are told: whoever waits need not wait for what those do next. A lone caller is served
    /// on its own thread and told on the one that has the answer; every change of threads would cost it as much as a small query.
    /// </summary>
    private async Task RunUntilEmptyAsync()
    {
        // Behind the callers that are about to come, or the first of them would run alone and the others wait for it.
        if (_crowded || SynchronizationContext.Current is not null)
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var waiters = Begin(out var results, endIfEmpty: true);
        while (results is not null)
        {
            await ((Task)results).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var (told, done) = (waiters, results);
            waiters = Begin(out results, endIfEmpty: told.Count == 1);
            if (told.Count == 1 && results is null)
            {
                Tell(told[0], done, 0);
                return;
            }
            for (var i = 0; i < told.Count; i++)
                ThreadPool.UnsafeQueueUserWorkItem(t => Tell(t.Waiter, t.done, t.i), (Waiter: told[i], done, i), preferLocal: false);
            if (results is null)
            {
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                waiters = Begin(out results, endIfEmpty: true);
            }
        }
    }

    /// <summary>Begins a run for those who wait; none where nobody does.</summary>
    private List<TaskCompletionSource<TResult>> Begin(out Task<IReadOnlyList<TResult>>? results, bool endIfEmpty = false)
    {
        var items = new List<TItem>();
        var waiters = new List<TaskCompletionSource<TResult>>();
        lock (_gate)
        {
            while (items.Count < most && (_runs == 1 || items.Count > 0 || _waiting.Count >= Enough) && _waiting.TryDequeue(out var next))
            {
                items.Add(next.Item);
                waiters.Add(next.Done);
            }
            if (items.Count > 0)
                _crowded = items.Count > 1;
            else if (endIfEmpty)
                _runs--;
        }
        results = items.Count == 0 ? null : run(items);
        return waiters;
    }

    private static void Tell(TaskCompletionSource<TResult> waiter, Task<IReadOnlyList<TResult>> done, int index)
    {
        if (done.IsCompletedSuccessfully)
            waiter.SetResult(done.Result[index]);
        else if (done.Exception is { } failure)
            waiter.SetException(failure.InnerExceptions);
        else
            waiter.SetCanceled();
    }
}
