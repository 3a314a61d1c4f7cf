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
        var codes = new string?[simulation.Dossiers];
        var left = await LeftAsync(database, watch, acts, simulation.Name, codes, cancel);
        await LiveAsync(desk, watch, left, simulation.Name, codes, done => progress?.Invoke(acts.Count - left.Count + done, acts.Count), cancel);
        await watch.LiveAsync(simulation.To, cancel);
        return acts.Count;
    }

    /// <summary>
    /// The acts that an earlier run did not come to. One that came to nothing left nothing behind, and must not be decided again on what happened later; but the acts of a dossier follow each
    /// other, so whatever comes before one that is recorded has been decided.
    /// </summary>
    private static async Task<IReadOnlyList<SimulatedAct>> LeftAsync(
        Database database, SimulatedWatch watch, IReadOnlyList<SimulatedAct> acts, string seed, string?[] codes, CancellationToken cancel)
    {
        var recorded = new Dictionary<Guid, (string Code, DateTimeOffset Last)>();
        await using (var command = database.App.CreateCommand("SELECT stream_id, max(timestamp), array_agg(id) FROM dossier.mt_events WHERE stream_id NOT LIKE '/%' GROUP BY stream_id"))
        {
            command.CommandTimeout = 0;
            await using var row = await command.ExecuteReaderAsync(cancel);
            while (await row.ReadAsync(cancel))
            {
                var life = (row.GetString(0), row.GetFieldValue<DateTimeOffset>(1));
                foreach (var id in row.GetFieldValue<Guid[]>(2))
                    recorded[id] = life;
            }
        }
        var last = new int[codes.Length];
        Array.Fill(last, -1);
        foreach (var act in acts)
        {
            if (!recorded.TryGetValue(Uuid.V5(CommandId(seed, act), 0), out var life))
                continue;
            (codes[act.Dossier], last[act.Dossier]) = (life.Code, act.Number);
            watch.Found(life.Code, life.Last);
        }
        return [.. acts.Where(a => a.Number > last[a.Dossier])];
    }

    private static Guid CommandId(string seed, SimulatedAct act) => Uuid.V5(_commands, $"{seed} {act.Dossier} {act.Number}");

    private static async Task LiveAsync(
        Desk desk, SimulatedWatch watch, IReadOnlyList<SimulatedAct> acts, string seed, string?[] codes, Action<long> progress, CancellationToken cancel)
    {
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
            var command = new CommandMetadata(CommandId(seed, act), act.Actor, act.Role, act.Authority);
            var context = new ActContext(act.Now, command, act.At, act.Now - act.At > kind.Rule.BackDating ? "supervisor" : null) { RecordedAt = act.Now };
            var result = await kind.DoAsync(desk, codes[act.Dossier], request, context, cancel);
            if (result.Refusal is { } refusal)
                throw new InvalidOperationException($"{codes[act.Dossier]}, {kind.Rule.Name} on {act.At:yyyy-MM-dd HH:mm}: {refusal.Reason} ({refusal.Code})");
            codes[act.Dossier] = result.Code;
        }
    }
}
