using System.CommandLine;
using System.Globalization;
using System.Text;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using EventDossier.Procedures;
using EventDossier.Simulation;
using EventDossier.Store;

namespace EventDossier.Cli;

/// <summary><c>simulate</c>: a year of an imagined centre, in the database of samples.</summary>
internal static class SimulateVerbs
{
    private static readonly Option<int> HowMany = new("--dossiers") { Description = "How many come in", HelpName = "N", DefaultValueFactory = _ => 5000 };
    private static readonly Option<int> Seed = new("--seed") { Description = "The same seed and period give the same streams, events and ids", HelpName = "S", DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> From = new("--from") { Description = "Beginning of the period; a year before its end unless given", HelpName = "TIME" };
    private static readonly Option<string?> To = new("--to") { Description = "End of the period; the beginning of today unless given", HelpName = "TIME" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("simulate", "A year of an imagined centre through the real commands, into the database of samples (migrate --sample makes it)") { HowMany, Seed, From, To }.Does(SimulateAsync),
    ];

    private static async Task<int> SimulateAsync(Run run)
    {
        var today = Moments.Now(run);
        var to = Moments.Parse(run, To) ?? new(today.Date, today.Offset);
        var from = Moments.Parse(run, From) ?? to.AddYears(-1);
        var (many, seed) = (run.Arguments.GetValue(HowMany), run.Arguments.GetValue(Seed));
        if (many is < 1 or > 2_000_000 || from >= to)
            throw new WrongUseException(from >= to ? "--from lies before --to" : "--dossiers: from 1 to 2,000,000");
        run = run with { Sample = true };
        await using var open = await OpenDatabase.OfAsync(run);
        if (!open.Database.IsSample)
            throw new UserError("kind-mismatch", "a simulation goes into a database of samples: dossier migrate --sample makes one");
        var name = string.Create(CultureInfo.InvariantCulture, $"simulation {seed}, {many} dossiers, {from:yyyy-MM-ddTHH:mmzzz} to {to:yyyy-MM-ddTHH:mmzzz}");

        var by = ActVerbs.Who(Guid.Empty, Role.Administrator) with { Actor = "simulation" };
        await new OrganisationRegister(open.Database).ImportAsync(OrganisationFile.Sample(), by, from, run.Cancel);
        await new Catalogue(open.Database, from).PublishAsync(ProcedureFile.OfTheSample(), by, run.Cancel);
        await using var keys = await OpenKeys.OfAsync(run, open.Database, Encoding.UTF8.GetBytes(name));
        var applicants = await keys.Keys.SealAsync(SimulatedPeople.Make(many, seed), run.Cancel);
        var acts = SimulatedYear.Make(many, seed, from, to, await Rulebook.LoadAsync(open.Database, run.Cancel), applicants);
        using (var progress = run.Progress("acts"))
            await Simulator.LiveAsync(open.Database, acts, name, done => progress.Report(done, acts.Count), run.Cancel);
        await open.CatchUpAsync(run.Cancel);
        var received = acts.Select(a => a.Dossier).Distinct().Count();
        run.Output.Answer(new { simulation = name, dossiers = received, acts = acts.Count }, () => run.Output.Line($"{name}: {received:N0} dossiers, {acts.Count:N0} acts"));
        return 0;
    }
}
