using EventDossier.Deadlines;
using EventDossier.Store;

namespace EventDossier.Dossiers;

/// <summary>After a decision on the calendar: every open dossier whose date it moves is told its new one. The printed slips keep theirs.</summary>
public static class Reprojection
{
    private const int AtOnce = 64;
    private static readonly Guid _commands = new("3e5b3e0f-9d2e-5b27-8c4b-7f0c1b2a3d4e");

    /// <summary>A dossier whose date moved, or would; where both are alike, only the one by the general limit did.</summary>
    public sealed record Move(string Code, DateTimeOffset? From, DateTimeOffset? To);

    /// <summary>
    /// Goes through all open dossiers, decides each on a fresh read, and appends where the date is another. Run again, by whomever, it finds nothing left to do; the
    /// views must have caught up with the decisions' recording.
    /// </summary>
    /// <param name="decisions">Numbers, as the events tell them.</param>
    /// <param name="preview">Only says what would move.</param>
    public static async Task<IReadOnlyList<Move>> RunAsync(
        Database database, string decisions, CommandMetadata by, DateTimeOffset now, bool preview, CancellationToken cancel = default) =>
        await RunAsync(database, await Rulebook.LoadAsync(database, cancel), decisions, by, now, preview, null, cancel);

    /// <summary>What would move by rules that are not in force.</summary>
    /// <param name="looked">Told how many dossiers were looked at.</param>
    public static Task<IReadOnlyList<Move>> PreviewAsync(Database database, Rulebook assumed, DateTimeOffset now, Action<long>? looked = null, CancellationToken cancel = default) =>
        RunAsync(database, assumed, "", new(Guid.Empty, "preview", Role.Administrator), now, preview: true, looked, cancel);

    private static async Task<IReadOnlyList<Move>> RunAsync(
        Database database, Rulebook rules, string decisions, CommandMetadata by, DateTimeOffset now, bool preview, Action<long>? looked, CancellationToken cancel)
    {
        var desk = new Desk(database);
        var moves = new List<Move>();
        var count = 0L;
        for (string? after = null; ;)
        {
            var codes = await DeadlineBoard.View.OpenAsync(database.App, after, null, AtOnce, cancel);
            if (codes.Count == 0)
                return moves;
            foreach (var move in await Task.WhenAll(codes.Select(MoveAsync)))
            {
                if (move is not null)
                    moves.Add(move);
            }
            looked?.Invoke(count += codes.Count);
            after = codes[^1];
        }

        async Task<Move?> MoveAsync(string code)
        {
            var dossier = Dossier.Fold(code, await database.Log.ReadStreamAsync(code, cancel: cancel));
            var context = new ActContext(now, by with { CommandId = Uuid.V5(_commands, $"{code} {dossier.Version} {decisions}") }, now) { Rules = rules };
            if (Acts.Decide(new ReprojectDueDate(decisions), dossier, context) is not { Refusal: null, Events: [DueDateReprojected moved] })
                return null;
            if (!preview && (await desk.DoAsync(code, new ReprojectDueDate(decisions), context, cancel)).Refusal is { } refusal)
                throw new UserError(refusal.Code, refusal.Reason);
            return new(code, dossier.Due, moved.Due);
        }
    }
}
