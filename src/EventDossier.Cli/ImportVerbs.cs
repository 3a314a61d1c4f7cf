using System.CommandLine;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Import;

namespace EventDossier.Cli;

/// <summary><c>import</c>: an existing case log becomes dossiers.</summary>
internal static class ImportVerbs
{
    private static readonly Argument<string> File = new("FILE") { Description = "XES, CSV or OCEL 2.0 (JSON or SQLite), plain or gzipped" };
    private static readonly Option<string?> Format = new("--format") { Description = "xes, csv or ocel; else told from the file", HelpName = "FORMAT" };
    private static readonly Option<string?> Map = new("--map") { Description = "JSON file that says which column is what", HelpName = "FILE" };
    private static readonly Option<string> Zone = new("--zone")
    {
        Description = "Time zone of times without an offset", HelpName = "ZONE", DefaultValueFactory = _ => "Asia/Ho_Chi_Minh",
    };
    private static readonly Option<bool> SkipBad = new("--skip-bad") { Description = "Leave out cases with a fault instead of refusing the file" };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Check everything and write nothing" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("import", "An existing case log becomes dossiers; checked whole before the first write") { File, Format, Map, Zone, SkipBad, DryRun }
            .Does(ImportAsync),
    ];

    private static async Task<int> ImportAsync(Run run)
    {
        var path = run.Arguments.GetValue(File)!;
        var format = run.Arguments.GetValue(Format);
        if (format is not null && !LogFile.Formats.Contains(format))
            throw new WrongUseException($"--format: '{format}' is none of {string.Join(", ", LogFile.Formats)}");
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(run.Arguments.GetValue(Zone)!, out var zone))
            throw new WrongUseException($"--zone: there is no time zone '{run.Arguments.GetValue(Zone)}'");
        var map = await ReadMapAsync(run);
        var mapping = map is null ? null : ImportMapping.Parse(map);
        zone = mapping?.TimeZone ?? zone;
        var scan = LogFile.Open(path, format, mapping, zone);

        await using var open = await OpenDatabase.OfAsync(run);
        var request = new LogImport.Request(
            path, scan, map, zone.Id, ActVerbs.Who(Guid.Empty, Role.Administrator), Moments.Now(run), run.Arguments.GetValue(SkipBad), run.Arguments.GetValue(DryRun));
        LogImport.Report report;
        using (var progress = run.Progress("activities"))
        {
            report = await new LogImport(open.Database, await Calendars.LoadAsync(open.Database, run.Cancel)).RunAsync(request, (_, done) => progress.Report(done), run.Cancel);
        }
        if (!report.Refused && !request.DryRun)
            await open.CatchUpAsync(run.Cancel);
        run.Output.Answer(report, () => Tell(run.Output, request, report));
        foreach (var fault in report.Faults)
            await Console.Error.WriteLineAsync($"{path}: {(fault.Place == path ? "" : fault.Place)}{(string.IsNullOrEmpty(fault.CaseId) ? "" : $", case {fault.CaseId}")}{(fault.Place == path ? "" : ": ")}{fault.Reason}");
        if (report.FaultCount > report.Faults.Count)
            await Console.Error.WriteLineAsync($"{path}: and {report.FaultCount - report.Faults.Count:N0} faults more");
        if (report.Refused)
            return run.Output.Fail(1, "bad-file", $"{path}: {report.FaultCount:N0} fault{(report.FaultCount == 1 ? "" : "s")}, nothing imported");
        return 0;
    }

    private static async Task<string?> ReadMapAsync(Run run)
    {
        if (run.Arguments.GetValue(Map) is not { } path)
            return null;
        try
        {
            var text = await System.IO.File.ReadAllTextAsync(path, run.Cancel);
            _ = ImportMapping.Parse(text);
            return text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or System.Text.Json.JsonException)
        {
            throw new UserError("bad-mapping", $"{path}: {e.Message}");
        }
    }

    private static void Tell(Output output, LogImport.Request request, LogImport.Report report)
    {
        if (report.Refused)
            return;
        var done = request.DryRun ? "would be added" : "added";
        output.Line($"{Output.Count(report.Added, "dossier")} {done}; activities of the file: {report.ActivitiesAdded:N0}; events of the import itself (receipt, finish, cut-over): {report.EventsAdded:N0}");
        if (report.AlreadyThere > 0)
            output.Line($"{Output.Count(report.AlreadyThere, "dossier")} already there from this file");
        if (report.Backlog > 0)
            output.Line($"{Output.Count(report.Backlog, "dossier")} late or due already, told in {Output.Count(report.BacklogTold, "digest")}");
        if (report.LeftOut > 0)
            output.Line($"{Output.Count(report.LeftOut, "case")} left out");
        if (report.WithoutOffset > 0)
            output.Line($"{Output.Count(report.WithoutOffset, "time")} without an offset, read in the zone {report.Zone}");
    }
}
