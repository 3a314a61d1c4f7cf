using EventDossier.Store;

namespace EventDossier.Import;

/// <summary>An import that was whole, and what was told of the backlog that came with it.</summary>
/// <param name="Id">Of its stream.</param>
public sealed record CutOver(string Id, DateTimeOffset At, string File, long Dossiers, IReadOnlyList<BacklogTold> Backlog)
{
    /// <summary>All of them, the latest first.</summary>
    public static async Task<IReadOnlyList<CutOver>> AllAsync(Database database, CancellationToken cancel = default) =>
    [
        .. from stream in await StreamOrder.BelowAsync(database, LogImported.StreamPrefix, cancel)
           let whole = stream.Select(e => e.Event).OfType<LogImported>().FirstOrDefault()
           where whole is not null
           orderby whole.OccurredAt descending, stream.Key
           select new CutOver(stream.Key, whole.OccurredAt, whole.File, whole.Dossiers, [.. stream.Select(e => e.Event).OfType<BacklogTold>()]),
    ];
}
