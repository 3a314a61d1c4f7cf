using System.Globalization;
using System.Text;
using EventDossier.Applicants;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using EventDossier.Procedures;
using EventDossier.Store;

namespace EventDossier.Simulation;

/// <summary>What to simulate. The same again gives the same streams, events and ids.</summary>
/// <param name="To">Not in it: what is not finished by then is still open.</param>
public sealed record SampleYear(int Dossiers, int Seed, DateTimeOffset From, DateTimeOffset To)
{
    public string Name => string.Create(CultureInfo.InvariantCulture, $"simulation {Seed}, {Dossiers} dossiers, {From:yyyy-MM-ddTHH:mmzzz} to {To:yyyy-MM-ddTHH:mmzzz}");

    /// <summary>What the applicants' keys are made from.</summary>
    public byte[] KeySeed => Encoding.UTF8.GetBytes(Name);
}

/// <summary>Lives a simulated year through the product's own commands, into a database of samples, with a recorded clock of its own.</summary>
public static class Simulator
{
    /// <summary>So many acts are under way at once; those of one dossier follow each other, and so do receipts of one agency.</summary>
    private const int AtOnce = 400;

    private static readonly Guid _commands = new("c9a1d0f2-7c3e-5b64-8f57-6a0e1d2b3c4d");
    private static readonly Dictionary<Type, Acts.Kind> _kinds = Acts.All.ToDictionary(k => k.Request);

    /// <summary>The imagined centre, and a year of it. Run again it adds nothing, and what was cut off is finished.</summary>
    /// <param name="keys">Opened with the simulation's <see cref="SampleYear.KeySeed"/>.</param>
    /// <param name="progress">Told acts done, and of how many.</param>
    /// <returns>How many acts.</returns>
    public static async Task<int> RunAsync(
        SampleYear simulation, Database database, KeyStore keys, Action<long, long>? progress = null, CancellationToken cancel = default)
    {
        if (!database.IsSample)
            throw new UserError("kind-mismatch", "a simulation goes into a database of samples: dossier migrate --sample makes one");
        var by = new CommandMetadata(Guid.Empty, "simulation", Role.Administrator);
        await new OrganisationRegister(database).ImportAsync(OrganisationFile.Sample(), by, simulation.From, cancel);
        await new Catalogue(database, simulation.From).PublishAsync(ProcedureFile.OfTheSample(), by, cancel);
        var applicants = await keys.SealAsync(SimulatedPeople.Make(simulation.Dossiers, simulation.Seed), cancel);
        var rules = await Rulebook.LoadAsync(database, cancel);
        var acts = SimulatedYear.Make(simulation.Dossiers, simulation.Seed, simulation.From, simulation.To, rules, applicants);
        var desk = new Desk(database);
        var watch = new SimulatedWatch(database, desk, rules, simulation.Name);
        await watch.BeginAsync(cancel);
        await LiveAsync(desk, watch, acts, simulation.Name, done => progress?.Invoke(done, acts.Count), cancel);
        await watch.LiveAsync(simulation.To, cancel);
        return acts.Count;
    }

    /// <summary>Run again with the same acts it adds nothing: every command id is made of seed, dossier and number.</summary>
    private static async Task LiveAsync(
        Desk desk, SimulatedWatch watch, IReadOnlyList<SimulatedAct> acts, string seed, Action<long> progress, CancellationToken cancel)
    {
        var codes = new string?[acts.Count == 0 ? 0 : acts.Max(a => a.Dossier) + 1];
        long done = 0;
        foreach (var together in acts.Chunk(AtOnce))
        {
            var (numbering, begun) = (new Dictionary<string, Task>(StringComparer.Ordinal), new Dictionary<int, Task>());
            await Task.WhenAll(together.GroupBy(a => a.Dossier).Select(LifeAsync).ToList());
            await watch.LiveAsync(together[^1].Now, cancel);
            progress(done += together.Length);

            async Task LifeAsync(IEnumerable<SimulatedAct> life)
            {
                foreach (var act in life)
                {
                    if (codes[act.Dossier] is { } code)
                        await watch.LiveAsync(code, act.Now, cancel);
                    if (act.Other is { } other && begun.TryGetValue(other, out var its))
                        await its;
                    var request = act.Request(codes!);
                    var kind = _kinds[request.GetType()];
                    if (kind.Rule.Begins)
                        await (begun[act.Dossier] = numbering[act.Agency] = AfterAsync(numbering.GetValueOrDefault(act.Agency), () => ActAsync(kind, request, act)));
                    else
                        await ActAsync(kind, request, act);
                    watch.Touch(codes[act.Dossier]!, act.Now);
                }
            }
        }

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
