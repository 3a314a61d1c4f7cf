using System.CommandLine;
using EventDossier.Import;

namespace EventDossier.Cli;

/// <summary><c>cut-over</c>: what came with imports from an older system, and the two systems side by side.</summary>
internal static class CutOverVerbs
{
    private static readonly Argument<string> Dates = new("FILE") { Description = "CSV with the columns code and due: the older system's due dates" };
    private static readonly Option<bool> All = new("--all") { Description = "List also the dossiers whose dates agree" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("cut-over", "Taking over from an older system")
        {
            new Command("list", "Imports, and who was told of what was late or due already").Does(ListAsync),
            new Command("compare", "The older system's due dates against ours, each difference explained (exit 1 if there is one)") { Dates, All }.Does(CompareAsync),
        },
    ];

    private static async Task<int> ListAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var imports = await CutOver.AllAsync(open.Database, run.Cancel);
        run.Output.Answer(imports, () =>
        {
            foreach (var import in imports)
            {
                run.Output.Line($"{Moments.Show(import.At)}  {import.File}, {Output.Count(import.Dossiers, "dossier")}");
                run.Output.Table(
                    ["told", "person", "dossiers", "overdue"],
                    import.Backlog.Select(b => new[] { b.To.Post ?? b.To.Unit ?? "", b.To.Person ?? "nobody", $"{b.Dossiers.Count}", $"{b.Late}" }));
            }
        });
        return 0;
    }

    private static async Task<int> CompareAsync(Run run)
    {
        var path = run.Arguments.GetValue(Dates)!;
        IReadOnlyList<OlderDue> older;
        using (var file = File.OpenRead(path))
            older = OlderDue.Read(file, path);
        await using var open = await OpenDatabase.OfAsync(run);
        var comparison = await DueComparison.OfAsync(open.Database, older, run.Cancel);
        run.Output.Answer(comparison, () => Tell(run.Output, comparison, run.Arguments.GetValue(All)));
        return comparison.Agrees ? 0 : 1;
    }

    private static void Tell(Output output, DueComparison comparison, bool all)
    {
        foreach (var row in comparison.Rows.Where(r => all || r.Agreement is not (DueAgreement.Agree or DueAgreement.NotComputed)))
        {
            var name = row.Code is null || row.Code == row.Asked ? row.Asked : $"{row.Asked} ({row.Code})";
            output.Line($"{name}: {Words(row)}");
            if (row.Readings.Count > 0)
                output.Line($"  theirs comes of: {string.Join("; ", row.Readings.Select(r => r.En))}");
            foreach (var day in row.Days)
                output.Line($"  {day.Date:ddd yyyy-MM-dd}  {day.What}{(day.Why is { } why ? $", {why.En}" : "")}");
        }
        output.Line($"{Output.Count(comparison.Compared, "date")} compared: {comparison.Counts[DueAgreement.Agree]} agree, {comparison.Counts[DueAgreement.Differ]} differ, "
            + $"{comparison.Counts[DueAgreement.Stands]} stand here, {comparison.Counts[DueAgreement.NotComputed]} not computed here, {comparison.Counts[DueAgreement.Unknown]} unknown");
    }

    private static string Words(ComparedDue row) => row.Agreement switch
    {
        DueAgreement.Agree => $"both {Moments.Show(row.Ours)}",
        DueAgreement.Differ => $"theirs {Moments.Show(row.Theirs)}, ours {Moments.Show(row.Ours)}",
        DueAgreement.Stands => $"theirs {Moments.Show(row.Theirs)}, ours stands",
        DueAgreement.NotComputed => $"theirs {Moments.Show(row.Theirs)}; no limit is known here",
        _ => "no dossier has this code",
    };
}
