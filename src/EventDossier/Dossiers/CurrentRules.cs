using EventDossier.Store;

namespace EventDossier.Dossiers;

/// <summary>
/// The rulebook as it stands, at most two seconds old. What could be refused for its age is asked for again, fresh; see ADR 0016.
/// </summary>
internal sealed class CurrentRules(Database database)
{
    private static readonly TimeSpan _age = TimeSpan.FromSeconds(1);
    private volatile Held? _held;
    private int _reading;

    public async ValueTask<Rulebook> GetAsync(bool fresh, CancellationToken cancel)
    {
        if (!fresh && _held is { } held && database.Clock.GetElapsedTime(held.ReadAt) is var age
            && (age < _age || (age < 2 * _age && Interlocked.Exchange(ref _reading, 1) == 1)))
            return held.Rules; // One looks whether they are still the newest; meanwhile the others go on.
        try
        {
            return await database.Log.RetriedAsync(() => ReadAsync(cancel), cancel);
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }

    private async Task<Rulebook> ReadAsync(CancellationToken cancel)
    {
        var readAt = database.Clock.GetTimestamp();
        var version = await Rulebook.VersionAsync(database, cancel);
        // Read after their version, the rules may be newer than it says, and are then read once more; the other way round they would stay old.
        var rules = _held is { } known && known.Version == version ? known.Rules : await Rulebook.LoadAsync(database, cancel);
        _held = new(rules, version, readAt);
        return rules;
    }

    private sealed record Held(Rulebook Rules, long Version, long ReadAt);
}
