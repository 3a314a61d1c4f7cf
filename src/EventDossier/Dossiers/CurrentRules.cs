using EventDossier.Store;

namespace EventDossier.Dossiers;

/// <summary>
/// The rulebook as it stands, at most a second old. What could be refused for its age is asked for again, fresh; see ADR 0016.
/// </summary>
internal sealed class CurrentRules(Database database)
{
    private static readonly TimeSpan _age = TimeSpan.FromSeconds(1);
    private volatile Held? _held;

    public async ValueTask<Rulebook> GetAsync(bool fresh, CancellationToken cancel)
    {
        if (!fresh && _held is { } held && database.Clock.GetElapsedTime(held.ReadAt) < _age)
            return held.Rules;
        // Several at once may read the same: that costs a little, and a lock would cost every act.
        var readAt = database.Clock.GetTimestamp();
        var version = await Rulebook.VersionAsync(database, cancel);
        // Read after their version, the rules may be newer than it says, and are then read once more; the other way round they would stay old.
        var rules = _held is { } known && known.Version == version ? known.Rules : await Rulebook.LoadAsync(database, cancel);
        _held = new(rules, version, readAt);
        return rules;
    }

    private sealed record Held(Rulebook Rules, long Version, long ReadAt);
}
