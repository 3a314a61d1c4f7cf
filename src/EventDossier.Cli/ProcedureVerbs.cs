using System.CommandLine;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Procedures;

namespace EventDossier.Cli;

/// <summary><c>procedures</c>: what may be asked for, and how long it may take.</summary>
internal static class ProcedureVerbs
{
    private const int Shown = 20;

    private static readonly Argument<string> File = new("FILE") { Description = "Our own JSON or CSV, sheets of the national portal, or a folder of such JSON files" };
    private static readonly Option<string?> From = new("--from") { Description = "From when on the portal's sheets hold, if not today", HelpName = "T" };
    private static readonly Option<string[]> Limits = new("--limit") { Description = "A limit that a sheet tells in words, such as 1.013129=\"14 calendar days\"; may be repeated", HelpName = "CODE=LIMIT" };
    private static readonly Option<string> Provision = new("--provision") { Description = "What the open dossiers are moved under", HelpName = "TEXT", Required = true };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Does it" };
    private static readonly Option<string?> At = new("--at") { Description = "In force at this moment instead of now", HelpName = "T" };
    private static readonly Option<string?> Agency = new("--agency") { Description = "Only of this agency", HelpName = "A" };
    private static readonly Argument<string> Code = new("CODE") { Description = "The procedure" };
    private static readonly Option<long?> Version = new("--version") { Description = "One version whole", HelpName = "N" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("procedures", "The versioned catalogue")
        {
            new Command("import", "Publishes what is new or changed in a file, each as a new version") { File, From, Limits }.Does(ImportAsync),
            new Command("correct", "Shows what a correction of versions in force changes and which open dossiers it moves; with --yes it is done") { File, Provision, Yes }.Does(CorrectAsync),
            new Command("list", "Every procedure in the version in force") { At, Agency }.Does(ListAsync),
            new Command("show", "All versions of a procedure, with their bases and dates, or one of them whole") { Code, Version }.Does(ShowAsync),
        },
    ];

    private static async Task<int> ImportAsync(Run run)
    {
        var today = Moments.Now(run);
        var file = ProcedureFile.Read(run.Arguments.GetValue(File)!, Moments.Parse(run, From) ?? new(today.Date, today.Offset), GivenLimits(run));
        await using var open = await OpenDatabase.OfAsync(run);
        // A day that was given is a fact to publish like any other.
        var published = await new Catalogue(open.Database).PublishAsync(
            file with { Dated = file.Dated || run.Arguments.GetValue(From) is not null }, ActVerbs.Who(Guid.Empty, Role.Administrator), run.Cancel);
        var unchanged = file.Procedures.Count - published;
        run.Output.Answer(new { published, unchanged, notRead = file.NotRead, doubts = file.Doubts }, () =>
        {
            run.Output.Line($"{Output.Count(published, "version")} published, {Output.Count(unchanged, "procedure")} unchanged");
            Tell(run.Output, [.. file.Doubts], "to look at");
            Tell(run.Output, [.. file.NotRead.Select(n => $"{n.Code}: {n.Why}: '{n.Text}' ({n.Name})")], "without a limit that can be read; give it with --limit CODE=LIMIT");
        });
        return 0;
    }

    private static async Task<int> CorrectAsync(Run run)
    {
        var now = Moments.Now(run);
        var file = ProcedureFile.Read(run.Arguments.GetValue(File)!, new(now.Date, now.Offset), new Dictionary<string, Limit>());
        await using var open = await OpenDatabase.OfAsync(run);
        await open.CatchUpAsync(run.Cancel);
        var correction = await Correction.OfAsync(open.Database, now, run.Cancel);
        var plans = await correction.PlanAsync(file, run.Cancel);
        var moved = run.Arguments.GetValue(Yes)
            ? await correction.DoAsync(file, run.Arguments.GetValue(Provision)!, ActVerbs.Who(Guid.Empty, Role.Administrator), run.Cancel)
            : (int?)null;
        await open.CatchUpAsync(run.Cancel);
        run.Output.Answer(new { plans = plans.Select(p => new { p.Change.After.Code, fields = p.Change.Fields(), p.Open, p.Moves }), moved }, () =>
        {
            foreach (var plan in plans)
            {
                run.Output.Line($"{plan.Change.After.Code}: {string.Join(", ", plan.Change.Fields())}; limit {plan.Change.Before.Limit} -> {plan.Change.After.Limit}; "
                    + $"{Output.Count(plan.Open.Count, "open dossier")}, {plan.Moves.Count:N0} with another date");
                run.Output.Table(["  dossier", "is due", "would be due"], plan.Moves.Take(Shown).Select(m => new[] { $"  {m.Dossier}", Moments.Show(m.From), Moments.Show(m.To) }));
            }
            run.Output.Line(moved is { } done ? $"done: {Output.Count(done, "open dossier")} moved" : plans.Count == 0 ? "nothing would change" : "nothing was done: --yes does it");
        });
        return 0;
    }

    private static void Tell(Output output, IReadOnlyList<string> lines, string what)
    {
        if (lines.Count == 0)
            return;
        output.Line();
        output.Line($"{lines.Count:N0} {what}:");
        foreach (var line in lines.Take(Shown))
            output.Line($"  {(line.Length > 140 ? line[..140] + "…" : line)}");
        if (lines.Count > Shown)
            output.Line($"  and {lines.Count - Shown:N0} more (--json tells all)");
    }

    private static Dictionary<string, Limit> GivenLimits(Run run)
    {
        var limits = new Dictionary<string, Limit>();
        foreach (var given in run.Arguments.GetValue(Limits) ?? [])
        {
            if (given.Split('=', 2) is not [var code, var text])
                throw new WrongUseException($"--limit: '{given}' is not CODE=LIMIT");
            if (!Limit.TryParse(text, out var limit, out var why))
                throw new WrongUseException($"--limit: {why}");
            if (!limits.TryAdd(code, limit))
                throw new WrongUseException($"--limit: two limits for {code}");
        }
        return limits;
    }

    private static async Task<int> ListAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var agency = run.Arguments.GetValue(Agency);
        var all = await new Catalogue(open.Database).InForceAsync(Moments.Parse(run, At) ?? Moments.Now(run), run.Cancel);
        var found = all.Where(p => agency is null || p.Published.Agency == agency).ToList();
        run.Output.Answer(found, () => run.Output.Table(
            ["code", "version", "limit", "general", "agency", "name"],
            found.Select(p => new[] { p.Published.Code, $"{p.Number}", p.Published.Limit.ToString(), $"{p.Published.GeneralLimit}", p.Published.Agency, p.Published.Name })));
        return 0;
    }

    private static async Task<int> ShowAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var code = run.Arguments.GetValue(Code)!;
        var events = await open.Database.Log.ReadStreamAsync(Procedure.Stream(code), cancel: run.Cancel);
        if (events.Count == 0)
            throw new UserError("no-such-procedure", $"no procedure has the code {code}");
        var versions = Procedure.Versions(events).ToList();
        if (run.Arguments.GetValue(Version) is { } number)
        {
            var version = versions.Find(v => v.Number == number)
                ?? throw new UserError("no-such-procedure", $"{code} has no version {number}; its versions are 1 to {versions.Count}");
            run.Output.Answer(version, () => Tell(run.Output, version.Published));
            return 0;
        }
        var inForce = Procedure.InForce(versions, Moments.Now(run))?.Number;
        run.Output.Answer(
            versions.Select((v, i) => new { v.Number, inForce = v.Number == inForce, recordedAt = events[i].RecordedAt, v.Published }),
            () =>
            {
                run.Output.Line($"{code}  {versions[^1].Published.Name}");
                run.Output.Line();
                run.Output.Table(
                    ["version", "holds from", "recorded", "limit", "basis", "general", "its basis"],
                    versions.Select((v, i) => new[]
                    {
                        v.Number == inForce ? $"{v.Number} in force" : $"{v.Number}", Moments.Show(v.Published.OccurredAt), Moments.Show(events[i].RecordedAt),
                        v.Published.Limit.ToString(), v.Published.Basis ?? "", $"{v.Published.GeneralLimit}", v.Published.GeneralBasis ?? "",
                    }));
            });
        return 0;
    }

    private static void Tell(Output output, ProcedurePublished p)
    {
        (string Name, string? Value)[] facts =
        [
            ("code", p.Code), ("name", p.Name), ("agency", p.Agency), ("holds from", Moments.Show(p.OccurredAt)),
            ("limit", p.Limit.ToString()), ("basis", p.Basis), ("general limit", p.GeneralLimit?.ToString()), ("its basis", p.GeneralBasis),
            ("supplement", p.SupplementRule == SupplementRule.Restart ? "the full limit runs again" : "waiting is not counted"),
            ("fee", p.Fee is { } fee ? $"{fee:N0} đồng" : null), ("grade", p.Grade?.ToString().ToLowerInvariant()),
            ("channels", p.Channels is null ? "all" : string.Join(", ", p.Channels)),
            ("publishable", p.Publishable switch { true => "yes", false => "no", null => null }), ("kept", p.RetentionYears is { } years ? $"{years} years" : null),
        ];
        output.Table(["fact", "value"], facts.Where(f => f.Value is not null).Select(f => new[] { f.Name, f.Value! }));
        if (p.Steps is { Count: > 0 } steps)
        {
            output.Line();
            output.Table(["step", "unit", "hours"], steps.Select(s => new[] { s.Name, s.Unit ?? p.Agency, $"{s.BudgetHours}" }));
        }
        if (p.Documents is { Count: > 0 } documents)
        {
            output.Line();
            output.Table(["documents"], documents.Select(d => new[] { d }));
        }
    }
}
