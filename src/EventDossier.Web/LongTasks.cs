using System.Collections.Concurrent;

namespace EventDossier.Web;

/// <summary>
/// Work that takes longer than a request may: begun by one request, looked at by others. It lives in this process and changes nothing but what it is begun for, so after a restart it is begun
/// again. Of one name only one runs at a time: who asks for it meanwhile is shown that one.
/// </summary>
public sealed class LongTasks(TimeProvider clock, IHostApplicationLifetime lifetime)
{
    private const int MostKept = 50;
    private readonly ConcurrentDictionary<string, Running> _byName = new(StringComparer.Ordinal);

    /// <param name="Progress">How much is done, and of how much where that is known.</param>
    /// <param name="Result">Null until it ended well.</param>
    public sealed record State(string Name, string By, DateTimeOffset BegunAt, DateTimeOffset? EndedAt, long Done, long? Of, object? Result, string? Fault)
    {
        public bool IsRunning => EndedAt is null;
    }

    private sealed class Running
    {
        public required State State { get; set; }
        public (long Done, long? Of) Progress { get; set; }
    }

    /// <summary>Begins it, unless it runs.</summary>
    /// <param name="work">Told where to say how far it is.</param>
    public State Begin(string name, string by, Func<Action<long, long?>, CancellationToken, Task<object>> work)
    {
        var begun = new Running { State = new(name, by, clock.GetUtcNow(), null, 0, null, null, null) };
        var running = _byName.AddOrUpdate(name, begun, (_, last) => last.State.IsRunning ? last : begun);
        if (running == begun)
        {
            Forget();
            _ = Task.Run(async () =>
            {
                object? result = null;
                string? fault = null;
                try
                {
                    result = await work((done, of) => begun.Progress = (done, of), lifetime.ApplicationStopping);
                }
#pragma warning disable CA1031 // Nobody waits for it; whoever looks is told.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    fault = Failure.Of(e) is { Code: not "internal-error" } told ? told.Message : "a fault of the server";
                }
                begun.State = begun.State with { EndedAt = clock.GetUtcNow(), Result = result, Fault = fault };
            });
        }
        return Find(name)!;
    }

    /// <summary>The last of a name; null where none was begun here.</summary>
    public State? Find(string name) => _byName.TryGetValue(name, out var running) ? running.State with { Done = running.Progress.Done, Of = running.Progress.Of } : null;

    private void Forget()
    {
        foreach (var old in _byName.Where(r => !r.Value.State.IsRunning).OrderByDescending(r => r.Value.State.BegunAt).Skip(MostKept).ToList())
            _byName.TryRemove(old);
    }
}
