using System.CommandLine;
using EventDossier.Simulation;

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
        var many = run.Arguments.GetValue(HowMany);
        if (many is < 1 or > 2_000_000 || from >= to)
            throw new WrongUseException(from >= to ? "--from lies before --to" : "--dossiers: from 1 to 2,000,000");
        run = run with { Sample = true };
        var simulation = new SampleYear(many, run.Arguments.GetValue(Seed), from, to);
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = await OpenKeys.OfAsync(run, open.Database, simulation.KeySeed);
        int acts;
        using (var progress = run.Progress("acts"))
            acts = await Simulator.RunAsync(simulation, open.Database, keys.Keys, (done, all) => progress.Report(done, all), run.Cancel);
        await open.CatchUpAsync(run.Cancel);
        run.Output.Answer(new { simulation = simulation.Name, dossiers = many, acts }, () => run.Output.Line($"{simulation.Name}: {acts:N0} acts"));
        return 0;
    }
}
