using System.CommandLine;
using EventDossier.Applicants;
using EventDossier.Archives;
using EventDossier.Dossiers;
using EventDossier.Record;

namespace EventDossier.Cli;

/// <summary><c>archives</c>: closed years as folders that are read and checked without a database.</summary>
internal static class ArchiveVerbs
{
    private static readonly Argument<int> Year = new("YEAR") { Description = "In which its dossiers were received; it must be over" };
    private static readonly Option<string> Out = new("--out", "-o") { Description = "A new folder", HelpName = "DIR", Required = true };
    private static readonly Option<string?> Basis = new("--basis") { Description = "The provision or decision that it is made by", HelpName = "TEXT" };
    private static readonly Option<int?> Number = new("--number") { Description = "An archive of the year that was made before, once more, byte for byte", HelpName = "N" };
    private static readonly Argument<string> Folder = new("DIR") { Description = "The archive's folder" };
    private static readonly Option<string?> Kept = new("--checkpoint") { Description = "A checkpoint of the public log that was kept elsewhere, or the proof that one grew from the other", HelpName = "FILE" };
    private static readonly Option<string?> Vkey = new("--vkey") { Description = "The log's verifier key, as it was published elsewhere", HelpName = "VKEY" };
    private static readonly Option<string?> Sha256 = new("--sha256") { Description = "Of the manifest, as the centre has it on record", HelpName = "HEX" };
    private static readonly Argument<string> Code = new("CODE") { Description = "The dossier" };
    private static readonly Option<string[]> With = new("--with") { Description = "Folder of another archive of the year that holds some of it; again for more of them", HelpName = "DIR" };
    private static readonly Option<bool> Names = new("--names") { Description = "With the applicant in clear, as long as the key store has the key; the access log keeps it" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("archives", "Closed years as sealed archives")
        {
            new Command("make", "Archives what is finished of a year that is over, or a supplement with what was not, and puts it down") { Year, Out, Basis, Number }.Does(MakeAsync),
            new Command("list", "The years: what is archived, still open, and not archived yet").Does(ListAsync),
            new Command("check", "Checks an archive with neither database nor network (exit 1 on a finding)") { Folder, Kept, Vkey, Sha256 }.Does(CheckAsync),
            new Command("read", "A dossier and its history, from archives alone") { Folder, Code, With, Names, DossierVerbs.Why, ActVerbs.ReadAs }.Does(ReadAsync),
        },
    ];

    private static async Task<int> MakeAsync(Run run)
    {
        var (year, folder) = (run.Arguments.GetValue(Year), run.Arguments.GetValue(Out)!);
        await using var open = await OpenDatabase.OfAsync(run);
        using var progress = run.Progress("events");
        if (run.Arguments.GetValue(Number) is { } number)
        {
            var again = await ArchiveMaker.MakeAgainAsync(open.Database, year, number, folder, done => progress.Report(done), run.Cancel);
            run.Output.Answer(again, () => run.Output.Line($"{folder}: archive {number} of {year} once more, the same bytes"));
            return 0;
        }
        var by = ActVerbs.Who(Guid.Empty, Role.Administrator);
        var (made, isNew) = await ArchiveMaker.MakeAsync(open.Database, year, folder, run.Arguments.GetValue(Basis) ?? "", by, done => progress.Report(done), run.Cancel);
        run.Output.Answer(made, () =>
        {
            run.Output.Line($"{folder}: {(made.Number == 1 ? "archive" : $"supplement {made.Number}")} of {year}{(isNew ? "" : ", on record already")}");
            run.Output.Line($"{Output.Count(made.Dossiers, "dossier")} with the whole history{(made.Continued == 0 ? "" : $", {Output.Count(made.Continued, "dossier")} that went on since")}; {Output.Count(made.Events, "event")}");
            if (made.Open > 0)
                run.Output.Line($"{Output.Count(made.Open, "dossier")} still open: {Path.Combine(folder, Archive.OpenFile)}; make a supplement when they are finished");
            run.Output.Line($"manifest {made.Sha256}");
            run.Output.Line($"proved against the public log of {SignedCheckpoint.Parse(made.Checkpoint, "it").Checkpoint.Size:N0}");
        });
        return 0;
    }

    private static async Task<int> ListAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        await open.CatchUpAsync(run.Cancel);
        var years = await ArchiveYear.AllAsync(open.Database, run.Cancel);
        run.Output.Answer(years, () =>
        {
            run.Output.Table(["year", "", "dossiers", "open", "to archive", "archives"],
                years.Select(y => new[] { $"{y.Year}", y.Over ? "over" : "running", $"{y.Dossiers:N0}", $"{y.Open:N0}", $"{y.ToArchive:N0}", $"{y.Archives.Count}" }));
            if (years.SelectMany(y => y.Archives).ToList() is not { Count: > 0 } made)
                return;
            run.Output.Line();
            run.Output.Table(["year", "number", "made", "by", "dossiers", "gone on", "events", "open then", "manifest", "basis"],
                made.Select(a => new[] { $"{a.Year}", $"{a.Number}", Moments.Show(a.OccurredAt), a.By, $"{a.Dossiers:N0}", $"{a.Continued:N0}", $"{a.Events:N0}", $"{a.Open:N0}", a.Sha256, a.Basis }));
        });
        return 0;
    }

    private static async Task<int> CheckAsync(Run run)
    {
        var folder = run.Arguments.GetValue(Folder)!;
        var log = run.Arguments.GetValue(Vkey) is { } vkey ? NoteKey.Parse(vkey) ?? throw new WrongUseException($"{Vkey.Name}: '{vkey}' is no verifier key") : null;
        var kept = run.Arguments.GetValue(Kept) is { } file ? await File.ReadAllTextAsync(file, run.Cancel) : null;
        ArchiveReport report;
        using (var progress = run.Progress("events"))
            report = await ArchiveCheck.CheckAsync(folder, log, kept, run.Arguments.GetValue(Sha256), done => progress.Report(done), run.Cancel);
        run.Output.Answer(report, () =>
        {
            foreach (var finding in report.Findings)
                run.Output.Line($"{finding.Place}: {finding.What}");
            run.Output.Line($"{folder}: archive {report.Number} of {report.Year}, {Output.Count(report.Dossiers, "dossier")}{(report.Continued == 0 ? "" : $" and {report.Continued:N0} that went on")}, {Output.Count(report.Events, "event")}; {report.Open:N0} open then");
            run.Output.Line($"{report.Proved:N0} events, with those of the rules, stand in the public log of {report.TreeSize:N0}, signed by {report.Vkey}{(report.KeyKnown ? "" : ", which is the archive's own word: compare it with what the centre publishes")}");
            run.Output.Line($"manifest {report.Sha256}{(run.Arguments.GetValue(Sha256) is null ? ": compare it with the centre's record, dossier archives list" : "")}");
            run.Output.Line(report.Findings.Count == 0 ? "nothing found" : Output.Count(report.Findings.Count, "finding"));
        });
        return report.Findings.Count == 0 ? 0 : 1;
    }

    private static async Task<int> ReadAsync(Run run)
    {
        var (code, folders) = (run.Arguments.GetValue(Code)!, (string[])[run.Arguments.GetValue(Folder)!, .. run.Arguments.GetValue(With) ?? []]);
        var events = await ArchiveFile.FindAsync(folders, code, run.Cancel);
        var dossier = Dossier.Fold(code, events);
        var missing = events[^1].Version - events.Count;
        var (applicant, clear) = dossier.Applicant is { } data && run.Arguments.GetValue(Names) ? await OpenAsync(run, code, data) : (null, null);
        run.Output.Answer(new { dossier, missing, applicant, events = events.Select(Told.Of) }, () =>
        {
            DossierVerbs.Tell(run, dossier, clear);
            run.Output.Line();
            DossierVerbs.TellHistory(run, events);
            run.Output.Line();
            if (missing > 0)
                run.Output.Line($"{Output.Count(missing, "event")} of it {(missing == 1 ? "is" : "are")} in another archive of the year: name its folder with --with");
            if (dossier.Applicant is not null && clear is null)
                run.Output.Line("what is personal is sealed; --names opens it where a key store has the key");
            run.Output.Line("the files were not checked here: dossier archives check does");
        });
        return 0;
    }

    private static async Task<(Applicant? Applicant, string Clear)> OpenAsync(Run run, string code, Sealed data)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = new KeysOnDemand(run, open.Database);
        var reader = ActVerbs.Reader(run, "archives read", run.Arguments.GetValue(DossierVerbs.Why));
        var applicant = (await new PersonalData(open.Database, keys.OpenAsync).OpenAsync(reader, [(code, data)], cancel: run.Cancel))[0];
        return (applicant, DossierVerbs.InClear(applicant));
    }
}
