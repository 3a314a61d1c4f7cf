namespace EventDossier.Store;

/// <summary>All views of a database, each followed on its own.</summary>
public sealed class Views(IReadOnlyList<View> views, Database database)
{
    /// <summary>Follows until cancelled.</summary>
    public Task FollowAsync(CancellationToken cancel) => Task.WhenAll(Followers().Select(follower => follower.FollowAsync(cancel)));

    /// <summary>Returns when every view has taken what the log held at the call.</summary>
    /// <exception cref="ViewFailedException">One could not; the others have gone on.</exception>
    public async Task CatchUpAsync(CancellationToken cancel)
    {
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        var position = await CommitOrder.SettledAsync(connection, database.Clock, cancel);
        await Task.WhenAll(Followers().Select(follower => follower.CatchUpAsync(position, cancel)));
    }

    private List<ViewFollower> Followers()
    {
        var tail = new LogTail(database.Names, database.Clock);
        return [.. views.Select(view => new ViewFollower(view, database.App, database.Names, database.Clock) { Tail = tail })];
    }
}
