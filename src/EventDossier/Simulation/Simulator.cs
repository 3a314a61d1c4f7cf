using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Simulation;

/// <summary>Lives a simulated year through the product's own commands, into a database of samples, with a recorded clock of its own.</summary>
public static class Simulator
{
    /// <summary>So many acts are under way at once; those of one dossier follow each other, and so do receipts of one agency.</summary>
    private const int AtOnce = 400;

    private static readonly Guid _commands = new("c9a1d0f2-7c3e-5b64-8f57-6a0e1d2b3c4d");
    private static readonly Dictionary<Type, Acts.Kind> _kinds = Acts.All.ToDictionary(k => k.Request);

    /// <summary>Run again with the same acts it adds nothing: every command id is made of seed, dossier and number.</summary>
    /// <returns>The codes of the dossiers, in the order of their arrival; null where one has not arrived.</returns>
    public static async Task<IReadOnlyList<string?>> LiveAsync(
        Database database, IReadOnlyList<SimulatedAct> acts, string seed, Action<long>? progress = null, CancellationToken cancel = default)
    {
        var desk = new Desk(database);
        var codes = new string?[acts.Count == 0 ? 0 : acts.Max(a => a.Dossier) + 1];
        long done = 0;
        foreach (var together in acts.Chunk(AtOnce))
        {
            var (numbering, begun) = (new Dictionary<string, Task>(StringComparer.Ordinal), new Dictionary<int, Task>());
            await Task.WhenAll(together.GroupBy(a => a.Dossier).Select(LifeAsync).ToList());
            progress?.Invoke(done += together.Length);

            async Task LifeAsync(IEnumerable<SimulatedAct> life)
            {
                foreach (var act in life)
                {
                    if (act.Other is { } other && begun.TryGetValue(other, out var its))
                        await its;
                    var request = act.Request(codes!);
                    var kind = _kinds[request.GetType()];
                    if (kind.Rule.Begins)
                        await (begun[act.Dossier] = numbering[act.Agency] = AfterAsync(numbering.GetValueOrDefault(act.Agency), () => ActAsync(kind, request, act)));
                    else
                        await ActAsync(kind, request, act);
                }
            }
        }
        return codes;

        static async Task AfterAsync(Task? before, Func<Task> then)
        {
            if (before is not null)
                await before;
            await then();
        }

        async Task ActAsync(Acts.Kind kind, object request, SimulatedAct act)
        {
            var command = new CommandMetadata(Uuid.V5(_commands, $"{seed} {act.Dossier} {act.Number}"), act.Actor, act.Role, act.Authority);
            var context = new ActContext(act.Now, command, act.At, act.Now - act.At > kind.Rule.BackDating ? "supervisor" : null) { RecordedAt = act.Now };
            var result = await kind.DoAsync(desk, codes[act.Dossier], request, context, cancel);
            if (result.Refusal is { } refusal)
                throw new InvalidOperationException($"{codes[act.Dossier]}, {kind.Rule.Name} on {act.At:yyyy-MM-dd HH:mm}: {refusal.Reason} ({refusal.Code})");
            codes[act.Dossier] = result.Code;
        }
    }
}
