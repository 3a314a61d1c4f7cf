using EventDossier.Store;

namespace EventDossier.Dossiers;

/// <summary>
/// Work that lies with somebody who leaves, or with a unit that was closed, goes on with others: one assignment each, in the dossier's own history.
/// </summary>
public static class WorkTransfer
{
    private static readonly Guid _commands = new("5c1c9a51-6f0e-5d2b-9e47-2a7b8c9d0e1f");

    /// <summary>All of an officer's open dossiers to another.</summary>
    public static Task<IReadOnlyList<string>> OfOfficerAsync(
        Database database, string from, string to, string reason, CommandMetadata by, DateTimeOffset now, CancellationToken cancel = default) =>
        MoveAsync(database, from, null, new(to, Reason: reason), by, now, cancel);

    /// <summary>All of a closed unit's open dossiers to somebody in the unit that has taken over from it.</summary>
    /// <exception cref="UserError"><c>unit-open</c>: the unit is not closed.</exception>
    public static async Task<IReadOnlyList<string>> OfUnitAsync(
        Database database, string unit, string to, string reason, CommandMetadata by, DateTimeOffset now, CancellationToken cancel = default)
    {
        var successor = (await Rulebook.LoadAsync(database, cancel)).Organisation.SuccessorOf(unit, now)
            ?? throw new UserError("unit-open", $"{unit} is not a closed unit: nobody has taken over from it");
        return await MoveAsync(database, null, unit, new(to, successor, reason), by, now, cancel);
    }

    /// <summary>Run again it does what is left. The views must have caught up.</summary>
    private static async Task<IReadOnlyList<string>> MoveAsync(
        Database database, string? officer, string? unit, AssignDossier act, CommandMetadata by, DateTimeOffset now, CancellationToken cancel)
    {
        var desk = new Desk(database);
        var moved = new List<string>();
        (DateTimeOffset? Due, string Code)? after = null;
        while (true)
        {
            var rows = await WorkList.View.OfAsync(database.App, officer, unit, after, 200, cancel);
            if (rows.Count == 0)
                return moved;
            var results = await Task.WhenAll(rows.Where(r => r.Officer is not null || r.Unit is not null).Select(r => desk.DoAsync(r.Code, act, new ActContext(
                now, by with { CommandId = Uuid.V5(_commands, $"{r.Code} {r.Version} {act.To}") }, now), cancel)));
            moved.AddRange(results.Where(r => r.Refusal is null && r.Position > 0).Select(r => r.Code));
            if (results.Select(r => r.Refusal).FirstOrDefault(r => r is not null and not { Code: "not-open" }) is { } refused)
                throw new UserError(refused.Code, refused.Reason);
            after = (rows[^1].Due, rows[^1].Code);
        }
    }
}
