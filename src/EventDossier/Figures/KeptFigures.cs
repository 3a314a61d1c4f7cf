using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Figures;

/// <summary>
/// The figures last asked for, kept up with the log, so that asking again costs what has happened since and not the
/// whole log. One is reckoned at a time: many who ask at once wait for each other and read the log once.
/// </summary>
public sealed class KeptFigures(Database database) : IDisposable
{
    private const int Most = 12;

    /// <summary>So much is read faster from the beginning, in order, than by what it touched.</summary>
    private const long Behind = 200_000;

    private readonly SemaphoreSlim _one = new(1);
    private readonly LinkedList<Kept> _kept = [];

    /// <param name="Rules">Version of the rulebook that it was reckoned by.</param>
    private sealed record Kept(object Key, long Rules, Tally Tally);

    /// <inheritdoc cref="Form06.OfAsync"/>
    public Task<Form06.Report> Form06Async(
        DateTimeOffset from, DateTimeOffset to, string? agency = null, Bucket? list = null,
        CancellationToken cancel = default) => OfAsync(
        (from, to, list), rules => new Form06(from, to, Form06Definition.Current, rules, list), form =>
        form.Tell(agency), cancel);

    /// <inheritdoc cref="DividedFigures.OfAsync"/>
    public Task<DividedFigures.Report> DividedAsync(
        DateTimeOffset from, DateTimeOffset to, Division by, string? agency = null, Bucket? list = null,
        CancellationToken cancel = default) => OfAsync(
        (from, to, by, agency, list), rules => new DividedFigures(from, to, by, rules, agency, list), divided =>
        divided.Tell(), cancel);

    /// <inheritdoc cref="AlertFigures.OfAsync"/>
    public Task<AlertFigures.Report> AlertsAsync(
        DateTimeOffset from, DateTimeOffset to, DateTimeOffset now, string? agency = null,
        CancellationToken cancel = default) => OfAsync(
        (from, to, "alerts", agency), rules => new AlertFigures(from, to, rules, agency), alerts => alerts.Tell(now),
        cancel);

    public void Dispose() => _one.Dispose();

    private async Task<TReport> OfAsync<TTally, TReport>(
        object key, Func<Rulebook, TTally> make, Func<TTally, TReport> tell, CancellationToken cancel) where TTally
            : Tally
    {
        await _one.WaitAsync(cancel);
        try
        {
            // The version first: rules that are newer than it says are only read once more.
            var (rules, position) = (await Rulebook.VersionAsync(database, cancel), await database.HeadAsync(cancel));
            var kept = _kept.FirstOrDefault(k => k.Key.Equals(key));
            // Out of the list meanwhile: a sum that was broken off is none.
            if (kept is not null)
                _kept.Remove(kept);
            if (kept is null || kept.Rules != rules || position - kept.Tally.Position > Behind)
                kept = new(key, rules, make(await Rulebook.LoadAsync(database, cancel)));
            await kept.Tally.FollowAsync(database, position, cancel);
            _kept.AddFirst(kept);
            if (_kept.Count > Most)
                _kept.RemoveLast();
            return tell((TTally)kept.Tally);
        }
        finally
        {
            _one.Release();
        }
    }
}
