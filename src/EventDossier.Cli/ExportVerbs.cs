using System.CommandLine;
using EventDossier.Dossiers;
using EventDossier.Exports;

namespace EventDossier.Cli;

/// <summary><c>export</c>: the process log for use in the house. What is published goes through a release.</summary>
internal static class ExportVerbs
{
    private static readonly Option<string> File = new("--output", "-o")
    {
        Description = "Where to; a name that ends in .gz is packed", HelpName = "FILE", Required = true,
    };
    private static readonly Option<string?> From = new("--from") { Description = "Only dossiers begun at this moment or later", HelpName = "T" };
    private static readonly Option<string?> To = new("--to") { Description = "Only dossiers begun before this moment", HelpName = "T" };
    private static readonly Option<string?> Agency = new("--agency") { Description = "Only dossiers of this agency", HelpName = "A" };
    private static readonly Option<string?> Procedure = new("--procedure") { Description = "Only dossiers of this procedure", HelpName = "P" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("export", "The process log for use in the house, without personal data and marked as not for publication")
        {
            Format("xes", "XES, IEEE 1849-2016", XesWriter.Format("EventDossier", ProcessLog.Internal)),
            Format("ocel", "OCEL 2.0: SQLite where FILE ends in .sqlite, else JSON", null),
            Format("csv", "CSV, one event a row; FILE-metadata.json tells of the columns", CsvWriter.Events),
        },
    ];

    private static Command Format(string name, string description, TextFormat? text) =>
        new Command(name, description) { File, From, To, Agency, Procedure, Past.Position }.Does(run => ExportAsync(run, name, text));

    private static async Task<int> ExportAsync(Run run, string format, TextFormat? text)
    {
        var path = run.Arguments.GetValue(File)!;
        var which = new ProcessSelection(Moments.Parse(run, From), Moments.Parse(run, To), run.Arguments.GetValue(Agency), run.Arguments.GetValue(Procedure));
        await using var open = await OpenDatabase.OfAsync(run);
        var head = await open.Database.HeadAsync(run.Cancel);
        var position = Math.Min(run.Arguments.GetValue(Past.Position) ?? head, head);
        var rules = await Rulebook.LoadAsync(open.Database, run.Cancel);
        var counts = new LogCounts();
        WrittenFile file;
        using (var progress = run.Progress("events"))
        {
            var cases = ProcessLog.ReadAsync(open.Database, rules, position, which, read => progress.Report(read), cancel: run.Cancel).For(ProcessLog.Internal);
            if (text is not null)
                file = await ExportFile.WriteAsync(path, async to => counts = await ProcessLog.WriteAsync(open.Database, rules, position, which, text, ProcessLog.Internal, to, read => progress.Report(read), run.Cancel), run.Cancel);
            else if (path.EndsWith(".sqlite", StringComparison.OrdinalIgnoreCase))
                (file, counts) = await OcelSqliteWriter.WriteAsync(cases, path, run.Cancel);
            else
                file = await ExportFile.WriteAsync(path, async to => counts = await OcelJsonWriter.WriteAsync(cases, to, run.Cancel), run.Cancel);
        }
        if (format == "csv")
            await ExportFile.WriteAsync($"{path}-metadata.json", to =>
            {
                CsvWriter.WriteDictionary(to, file.Name, null);
                return Task.CompletedTask;
            }, run.Cancel);
        run.Output.Answer(new { file = path, file.Bytes, file.Sha256, file.UnpackedSha256, position, counts.Cases, counts.Events, use = ProcessLog.Internal }, () =>
        {
            run.Output.Line($"{path}: {Output.Count(counts.Cases, "case")}, {Output.Count(counts.Events, "event")}, {file.Bytes:N0} bytes; log position {position:N0}; {ProcessLog.Internal}");
            run.Output.Line($"SHA-256 {file.Sha256}{(file.UnpackedSha256 is { } unpacked ? $", unpacked {unpacked}" : "")}");
        });
        return 0;
    }
}
