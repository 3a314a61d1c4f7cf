using EventDossier.Store;

namespace EventDossier.Dossiers;

/// <summary>
/// The rulebook as it stands, at most two seconds old. What could be refused for its age is asked for again, fresh; see ADR 0016.
/// </summary>
internal sealed class CurrentRules(Database database)
{
    private static readonly TimeSpan _age = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private volatile Held? _held;
    private Task<Rulebook>? _reading;

    public async ValueTask<Rulebook> GetAsync(bool fresh, CancellationToken cancel)
    {
        if (fresh)
            return await ReadAsync(cancel);
        var held = _held;
        var age = held is null ? TimeSpan.MaxValue : database.Clock.GetElapsedTime(held.ReadAt);
        if (age < _age)
            return held!.Rules;
        // One reads for all; while that takes no longer than the rules may be old, the others go on with what is held.
        Task<Rulebook> reading;
        lock (_gate)
            reading = _reading is { IsCompleted: false } running ? running : _reading = ReadAsync(CancellationToken.None);
        return age < 2 * _age && !reading.IsCompleted ? held!.Rules : await reading.WaitAsync(cancel);
    }

    private Task<Rulebook> ReadAsync(CancellationToken cancel) => database.Log.RetriedAsync(async () =>
    {
        var readAt = database.Clock.GetTimestamp();
        var version = await Rulebook.VersionAsync(database, cancel);
        // Read after their version, the rules may be newer than it says, and are then read once more; the other way round they would stay old.
        var rules = _held is { } known && known.Version == version ? known.Rules : await Rulebook.LoadAsync(database, cancel);
        _held = new(rules, version, readAt);
        return rules;
    }, cancel);

    private sealed record Held(Rulebook Rules, long Version, long ReadAt);
}
