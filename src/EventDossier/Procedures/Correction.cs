using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Procedures;

/// <summary>
/// A version was wrong. Unlike a new version, which holds for dossiers received from then on, a correction takes the open dossiers along, each by an act of its own that
/// names the provision; so what it moves is shown before it is done.
/// </summary>
public sealed class Correction(Database database, Rulebook rules, DateTimeOffset now)
{
    private const int AtOnce = 64;
    private static readonly Guid _commands = new("9b6e4c1d-7f52-5a08-b3d1-4c2e8f7a6b5c");

    /// <summary>What a correction would change, and the open dossiers that it takes along.</summary>
    public sealed record Plan(LimitChange Change, IReadOnlyList<LimitChange.Move> Moves, IReadOnlyList<string> Open);

    public static async Task<Correction> OfAsync(Database database, DateTimeOffset now, CancellationToken cancel = default) =>
        new(database, await Rulebook.LoadAsync(database, cancel), now);

    /// <summary>For every procedure of a file that says something else than the version in force.</summary>
    public async Task<IReadOnlyList<Plan>> PlanAsync(ProcedureFile file, CancellationToken cancel = default)
    {
        var plans = new List<Plan>();
        foreach (var corrected in file.Procedures)
        {
            if (rules.Procedure(corrected.Code, now) is not { Published: var before } || new LimitChange(before, corrected) is not { } change || change.Fields().Count == 0)
                continue;
            var open = await OpenAsync(corrected.Code, cancel);
            var calendar = rules.Known(now);
            plans.Add(new(
                change, change.Moves(open.Select(d => (d.Code, (Func<Limit, DateTimeOffset?>)(limit => DueDate.Of(d.Clock! with { Limit = limit }, calendar))))), [.. open.Select(d => d.Code)]));
        }
        return plans;
    }

    /// <summary>Publishes, and takes the open dossiers along. Run again after a crash it does what is left.</summary>
    /// <returns>How many dossiers were moved to the new version.</returns>
    public async Task<int> DoAsync(ProcedureFile file, string provision, CommandMetadata by, CancellationToken cancel = default)
    {
        await new Catalogue(database).PublishAsync(file, by, cancel);
        var corrected = await Rulebook.LoadAsync(database, cancel);
        var desk = new Desk(database);
        var moved = 0;
        foreach (var code in file.Procedures.Select(p => p.Code).Distinct())
        {
            var version = corrected.Procedures[code].Max(v => v.Number);
            foreach (var together in (await OpenAsync(code, cancel)).Where(d => d.Procedure!.Version != version).Chunk(AtOnce))
            {
                var results = await Task.WhenAll(together.Select(d => desk.DoAsync(d.Code, new ChangeProcedureVersion(version, provision), new ActContext(
                    now, by with { CommandId = Uuid.V5(_commands, $"{d.Code} {version}"), Role = Role.Administrator }, now), cancel)));
                moved += results.Count(r => r.Refusal is null && r.Position > 0);
            }
        }
        return moved;
    }

    private async Task<List<Dossier>> OpenAsync(string procedure, CancellationToken cancel)
    {
        var open = new List<Dossier>();
        for (string? after = null; ;)
        {
            var codes = await DeadlineBoard.View.OpenAsync(database.App, after, procedure, 1_000, cancel);
            if (codes.Count == 0)
                return open;
            open.AddRange((await Task.WhenAll(codes.Select(async code => Dossier.Fold(code, await database.Log.ReadStreamAsync(code, cancel: cancel)))))
                .Where(d => d.Clock is not null && d.RefuseUnlessOpen() is null));
            after = codes[^1];
        }
    }
}
