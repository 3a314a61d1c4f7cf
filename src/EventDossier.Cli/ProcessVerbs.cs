using System.CommandLine;
using EventDossier.Audit;

namespace EventDossier.Cli;

/// <summary><c>process</c>: how dossiers really go.</summary>
internal static class ProcessVerbs
{
    private static readonly Option<string?> Procedure = new("--procedure") { Description = "Only dossiers of this procedure", HelpName = "P" };
    private static readonly Option<string?> Unit = new("--unit") { Description = "Only dossiers in which this unit did something, or of this agency", HelpName = "U" };
    private static readonly Option<string?> From = new("--from") { Description = "Only dossiers begun at this moment or later", HelpName = "T" };
    private static readonly Option<string?> To = new("--to") { Description = "Only dossiers begun before this moment", HelpName = "T" };
    private static readonly Option<string?> Svg = new("--svg") { Description = "Writes the map as a picture", HelpName = "FILE" };
    private static readonly Option<int> Limit = new("--limit") { Description = "How many of each kind are printed; --json has more", HelpName = "N", DefaultValueFactory = _ => 12 };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("process", "The process as it is lived: what follows what, variants, rework, hand-overs, bottlenecks, and the procedure's steps beside it") { Procedure, Unit, From, To, Svg, Limit }.Does(ProcessAsync),
    ];

    private static async Task<int> ProcessAsync(Run run)
    {
        var query = new ProcessQuery(run.Arguments.GetValue(Procedure), run.Arguments.GetValue(Unit), Moments.Parse(run, From), Moments.Parse(run, To));
        await using var open = await OpenDatabase.OfAsync(run);
        ProcessReport report;
        using (var progress = run.Progress("events"))
            report = await ProcessView.OfAsync(open.Database, query, read => progress.Report(read), run.Cancel);
        if (run.Arguments.GetValue(Svg) is { } file)
            await System.IO.File.WriteAllTextAsync(file, ProcessMap.Svg(report), run.Cancel);
        run.Output.Answer(report, () => Tell(run, report));
        return 0;
    }

    private static void Tell(Run run, ProcessReport report)
    {
        var limit = run.Arguments.GetValue(Limit);
        run.Output.Line($"{Output.Count(report.Dossiers, "dossier")}, {report.Activities:N0} activities of {report.Nodes.Count} kinds, {Output.Count(report.Edges.Count, "connection")}, {Output.Count(report.VariantCount, "variant")}; log position {report.Position:N0}");
        Section("what", ["activity", "times", "dossiers"], report.Nodes.Take(limit).Select(n => new[] { ProcessMap.Name(n.Activity), $"{n.Count}", $"{n.Dossiers}" }), report.Nodes.Count);
        Section("directly followed by", ["from", "to", "times", "median", "90 %"], report.Edges.Take(limit).Select(Edge), report.Edges.Count);
        Section("bottlenecks, by the working time in which clocks ran", ["from", "to", "times", "median", "90 %", "in all"], report.Bottlenecks.Take(limit).Select(e => (string[])[.. Edge(e), $"{e.Ran / 480:N0} d"]), report.Bottlenecks.Count);
        Section("variants", ["dossiers", "activities"], report.Variants.Take(limit).Select(v => new[] { $"{v.Dossiers}", string.Join(" → ", v.Activities.Select(ProcessMap.Name)) }), report.VariantCount);
        Section("rework", ["activity", "dossiers", "repeats", "most"], report.Rework.Take(limit).Select(r => new[] { ProcessMap.Name(r.Activity), $"{r.Dossiers}", $"{r.Repeats}", $"{r.Most}" }), report.Rework.Count);
        if (report.Supplements.Keys.Any(times => times > 0))
            Section("supplements asked for", ["times", "dossiers"], report.Supplements.Select(s => new[] { $"{s.Key}", $"{s.Value}" }), 0);
        Section("from unit to unit", ["from", "to", "times", "median"], report.Units.Take(limit).Select(Flow), report.Units.Count);
        Section("from officer to officer", ["from", "to", "times", "median"], report.Officers.Take(limit).Select(Flow), report.Officers.Count);
        Section("beside the procedure's steps", ["procedure", "version", "dossiers", "as named", "missing", "repeated", "disordered", "unknown"], report.Conformance.Take(limit).Select(c => new[]
        {
            c.Procedure, $"{c.Version}", $"{c.Dossiers}", $"{c.Conforming}", $"{c.Missing.Values.Sum()}", $"{c.Repeated.Values.Sum()}", $"{c.Disordered.Values.Sum()}", $"{c.Unknown.Values.Sum()}",
        }), report.Conformance.Count);

        void Section(string name, IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows, long all)
        {
            var shown = rows.ToList();
            if (shown.Count == 0)
                return;
            run.Output.Line();
            run.Output.Line(all > shown.Count ? $"{name}, the first {shown.Count} of {all:N0}" : name);
            run.Output.Table(headers, shown);
        }
    }

    private static string[] Edge(ProcessEdge e) => [ProcessMap.Name(e.From), ProcessMap.Name(e.To), $"{e.Count}", Time(e.Median), Time(e.Ninetieth)];

    private static string[] Flow(HandOverFlow f) => [f.From, f.To, $"{f.Count}", Time(f.Median)];

    private static string Time(int? minutes) => minutes is { } known ? ProcessMap.Time(known) : "";
}
