using EventDossier.Dossiers;
using System.CommandLine;
using EventDossier.Procedures;

namespace EventDossier.Cli;

/// <summary><c>procedures</c>: what may be asked for, and how long it may take.</summary>
internal static class ProcedureVerbs
{
    private static readonly Argument<string> File = new("FILE") { Description = "JSON array of {code, name, agency, limit, inForceFrom, basis}" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("procedures", "The versioned catalogue")
        {
            new Command("import", "Publishes what is new or changed in a file, each as a new version") { File }.Does(ImportAsync),
            new Command("list", "Every procedure in the version in force").Does(ListAsync),
        },
    ];

    private static async Task<int> ImportAsync(Run run)
    {
        var path = run.Arguments.GetValue(File)!;
        var procedures = Catalogue.Parse(await System.IO.File.ReadAllTextAsync(path, run.Cancel), path);
        await using var open = await OpenDatabase.OfAsync(run);
        var published = await new Catalogue(open.Database).PublishAsync(procedures, ActVerbs.Who(Guid.Empty, Role.Administrator), run.Cancel);
        run.Output.Answer(new { published, unchanged = procedures.Count - published }, () =>
            run.Output.Line($"{Output.Count(published, "version")} published, {Output.Count(procedures.Count - published, "procedure")} unchanged"));
        return 0;
    }

    private static async Task<int> ListAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var all = await new Catalogue(open.Database).InForceAsync(Moments.Now(run), run.Cancel);
        run.Output.Answer(all, () => run.Output.Table(
            ["code", "version", "limit", "agency", "name"],
            all.Select(p => new[] { p.Published.Code, $"{p.Number}", p.Published.Limit.ToString(), p.Published.Agency, p.Published.Name })));
        return 0;
    }
}
