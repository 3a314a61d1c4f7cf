using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Cli;

/// <summary><c>show</c>, <c>history</c>, <c>diff</c>, <c>list</c>, <c>work</c>: dossiers as they stand, stood, and changed.</summary>
internal static class DossierVerbs
{
    private static readonly Argument<string> Code = new("CODE") { Description = "The dossier" };
    private static readonly Option<long?> AtVersion = new("--at-version") { Description = "Only the first N events", HelpName = "N" };
    private static readonly Option<bool> Who = new("--names") { Description = "With the applicant in clear, which the access log keeps" };
    internal static readonly Option<string?> Why = new("--reason") { Description = "Why it is read, for the access log", HelpName = "TEXT" };
    private static readonly Argument<string> From = new("A") { Description = "A version, or a legal time" };
    private static readonly Argument<string> To = new("B") { Description = "A version, or a legal time" };

    private static readonly Option<string?> Search = new("--search") { Description = "Beginnings of words of code, procedure, agency, unit, officer, channel", HelpName = "TEXT" };
    private static readonly Option<string?> Agency = new("--agency") { Description = "Only of this agency", HelpName = "A" };
    private static readonly Option<string?> Unit = new("--unit") { Description = "Only of this unit", HelpName = "U" };
    private static readonly Option<string?> Officer = new("--officer") { Description = "Only of this officer", HelpName = "O" };
    private static readonly Option<string?> Stage = new("--stage") { Description = "received, inProgress, decided, resultReady, returned, withdrawn", HelpName = "S" };
    private static readonly Option<bool> Names = new("--names") { Description = "With the applicants' names, opened through the key store" };
    private static readonly Option<string?> After = new("--after") { Description = "The last code of the page before", HelpName = "CODE" };
    private static readonly Option<int> Limit = new("--limit") { Description = "How many at most", HelpName = "N", DefaultValueFactory = _ => 50 };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("show", "A dossier as it stands, or stood") { Code, Past.AsOf, Past.KnownAt, Past.Position, AtVersion, Who, Why, ActVerbs.ReadAs }.Does(ShowAsync),
        new Command("history", "Its events in order, with both times") { Code, Past.AsOf, Past.KnownAt, Past.Position, AtVersion }.Does(HistoryAsync),
        new Command("diff", "What differs between two moments of a dossier") { Code, From, To }.Does(DiffAsync),
        new Command("list", "Dossiers by search and filters, by code") { Search, Agency, Unit, Officer, Stage, Names, Why, ActVerbs.ReadAs, After, Limit, Past.AsOf, Past.KnownAt, Past.Position }.Does(ListAsync),
        new Command("work", "What lies with an officer or unit, or lay, by due date") { Officer, Unit, After, Limit, Past.AsOf, Past.KnownAt, Past.Position }.Does(WorkAsync),
    ];

    private static async Task<int> ShowAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var events = await EventsAsync(run, open.Database);
        var code = events[0].Stream;
        var dossier = Dossier.Fold(code, events);
        if (run.Arguments.GetValue(Who) && dossier.Applicant is { } data)
        {
            await using var keys = new KeysOnDemand(run, open.Database);
            var reader = ActVerbs.Reader(run, "show", run.Arguments.GetValue(Why));
            var applicant = (await new PersonalData(open.Database, keys.OpenAsync).OpenAsync(reader, [(code, data)], cancel: run.Cancel))[0];
            run.Output.Answer(new { dossier, applicant }, () => Tell(run, dossier, InClear(applicant)));
            return 0;
        }
        run.Output.Answer(dossier, () => Tell(run, dossier, null));
        return 0;
    }

    internal static string InClear(Applicant? applicant) => applicant is null ? "(erased)"
        : string.Join(", ", new[] { applicant.Name, applicant.IdentityNumber, applicant.Address, applicant.Phone, applicant.Mail }.OfType<string>());

    internal static void Tell(Run run, Dossier dossier, string? applicant)
    {
        foreach (var (name, value) in Facts(dossier))
            run.Output.Line($"{name,-12} {value}");
        if (applicant is not null)
            run.Output.Line($"{"in clear",-12} {applicant}");
        if (dossier.Steps.Count > 0)
        {
            run.Output.Line();
            run.Output.Table(
                ["step", "at", "officer", "unit"],
                dossier.Steps.Select(s => new[] { s.Transition is null or "complete" ? s.Step : $"{s.Step} ({s.Transition})", Moments.Show(s.At), s.Officer ?? "", s.Unit ?? "" }));
        }
    }

    private static IEnumerable<(string Name, string Value)> Facts(Dossier d)
    {
        (string, string?)[] facts =
        [
            ("dossier", d.Code), ("stage", StageNames.Of(d.Stage)), ("version", $"{d.Version}"),
            ("procedure", d.Procedure is { } p ? p.Version is { } v ? $"{p.Code} (version {v})" : p.Code : null),
            ("channel", d.Channel), ("agency", d.Agency), ("unit", d.Unit), ("officer", d.Officer),
            ("portal status", PortalStatuses.Of(d) is { } status ? $"{(int)status} {status}" : null), ("applicant", d.Applicant?.Applicant.ToString()),
            ("submitted", Moments.Show(d.SubmittedAt)), ("answer due", d.ReceivedAt is null ? Moments.Show(d.AnswerDue) : null),
            ("received", Moments.Show(d.ReceivedAt)), ("limit", d.Limit?.ToString()), ("promised", Moments.Show(d.Promised)),
            ("due", d.Standing is { } pause && d.Due is null ? $"not known: the clock stands since {Moments.Show(pause.From)} ({pause.Basis})" : Moments.Show(d.Due)),
            ("by general limit", d.GeneralLimit is null ? null : $"{d.GeneralLimit}, {Moments.Show(d.GeneralDue)}"), ("planned end", Moments.Show(d.PlannedEnd)),
            ("extended", d.Extension is { } e ? $"to {Moments.Show(e.Due)} ({e.Slip})" : null), ("offered to", d.Offered?.ToUnit),
            ("decided", d.DecidedAt is null ? null : $"{Moments.Show(d.DecidedAt)}, {d.Outcome.ToString()!.ToLowerInvariant()}{(d.Authority is null ? "" : $" under {d.Authority}")}"),
            ("finished", d.FinishedAt is null ? null : $"{Moments.Show(d.FinishedAt)}{(d.Judgement is null ? "" : $", {(d.Judgement == Judgement.OnTime ? "on time" : d.Judgement.ToString()!.ToLowerInvariant())}")}"),
            ("returned", Moments.Show(d.ReturnedAt)), ("rated", d.Rating?.ToString()),
            ("held by", d.Holds.Count == 0 ? null : string.Join("; ", d.Holds.Select(h => $"{h.Basis}, since {Moments.Show(h.Since)}"))),
            ("formerly", string.Join("; ", d.Aliases)),
            ("time used", d.CarriedOver is { } used ? $"{used.Minutes / 60} h {used.Minutes % 60:00} min of working time at the cut-over{(used.Told is null ? "" : $"; {used.Told} by the older system")}" : null),
            ("imported", d.Origin is { } o ? $"from {o.File}, {o.Place} (sha256 {o.Sha256})" : null),
        ];
        return facts.Where(f => !string.IsNullOrEmpty(f.Item2)).Select(f => (f.Item1, f.Item2!));
    }

    private static async Task<int> HistoryAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var events = await EventsAsync(run, open.Database);
        run.Output.Answer(events.Select(Told.Of), () => TellHistory(run, events));
        return 0;
    }

    internal static void TellHistory(Run run, IReadOnlyList<StoredEvent> events) => run.Output.Table(
        ["version", "happened", "recorded", "by", "event", "what"],
        events.Select(e => new[]
        {
            $"{e.Version}", Moments.Show(((DossierEvent)e.Event).OccurredAt), Moments.Show(e.RecordedAt), e.Metadata.Actor, e.Name, What(e),
        }));

    /// <summary>The event's own plain values but for its time.</summary>
    private static string What(StoredEvent e) => string.Join(", ", JsonNode.Parse(e.Data.Span)!.AsObject()
        .Where(p => p.Key != "occurredAt" && p.Value is JsonValue)
        .Select(p => $"{p.Key} {p.Value}"));

    private static async Task<int> DiffAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var code = run.Arguments.GetValue(Code)!;
        var events = await History.ReadAsync(open.Database.Log, code, new(), run.Cancel);
        JsonObject At(Argument<string> point)
        {
            var text = run.Arguments.GetValue(point)!;
            var upTo = long.TryParse(text, out var version) ? new AsOf(Version: version) : new AsOf(Legal: Moments.Parse(text, point.Name));
            return JsonSerializer.SerializeToNode(Dossier.Fold(code, events.Where(upTo.Includes)), Output.Options)!.AsObject();
        }
        var (before, after) = (At(From), At(To));
        var differing = before.Where(p => !JsonNode.DeepEquals(p.Value, after[p.Key])).Select(p => p.Key).ToList();
        run.Output.Answer(
            differing.ToDictionary(name => name, name => new { from = before[name]?.DeepClone(), to = after[name]?.DeepClone() }),
            () => run.Output.Table(
                ["", "from", "to"],
                differing.Select(name => new[] { name, Short(before[name]), Short(after[name]) })));
        return 0;
    }

    private static string Short(JsonNode? value) => value switch
    {
        null => "",
        JsonArray array => $"{array.Count}, last {Short(array.Count == 0 ? null : array[^1]?["step"])}",
        JsonObject other => other.ToJsonString(Output.Options),
        _ => value.ToString(),
    };

    private static async Task<int> ListAsync(Run run)
    {
        var (past, stage) = (Past.Of(run), run.Arguments.GetValue(Stage) is { } name ? StageNames.Parse(name) : (Stage?)null);
        var query = new Overview.Query(
            run.Arguments.GetValue(Search), run.Arguments.GetValue(Agency), run.Arguments.GetValue(Unit), run.Arguments.GetValue(Officer), stage,
            run.Arguments.GetValue(After), run.Arguments.GetValue(Limit));
        await using var open = await OpenDatabase.OfAsync(run);
        if (past is null)
            await open.CatchUpAsync(run.Cancel);
        var rows = past is null ? await Overview.View.FindAsync(open.Database.App, query, run.Cancel) : (await Overview.View.ThenAsync(open.Database, past, query, cancel: run.Cancel)).Rows;
        if (!run.Arguments.GetValue(Names))
        {
            run.Output.Answer(rows, () => Tell(run, rows, null));
            return 0;
        }
        await using var keys = new KeysOnDemand(run, open.Database);
        var names = await new PersonalData(open.Database, keys.OpenAsync).NamesAsync(ActVerbs.Reader(run, "list", run.Arguments.GetValue(Why)), rows, run.Cancel);
        run.Output.Answer(new { items = rows, names, withoutNames = names is null ? "keys-unreachable" : null }, () => Tell(run, rows, names));
        if (names is null)
            await Console.Error.WriteLineAsync("without names: the key store cannot be reached");
        return 0;
    }

    private static void Tell(Run run, IReadOnlyList<Overview.Row> rows, IReadOnlyDictionary<string, string?>? names)
    {
        string[] headers = ["code", "stage", "received", "due", "finished", "agency", "officer", "steps", "last step"];
        run.Output.Table(
            names is null ? headers : [.. headers, "applicant"],
            rows.Select(r => (string[])[
                r.Code, StageNames.Of(r.Stage), Moments.Show(r.ReceivedAt), Moments.Show(r.Due), Moments.Show(r.FinishedAt), r.Agency ?? "", r.Officer ?? "", $"{r.Steps}", r.LastStep ?? "",
                .. names is null ? (string[])[] : [names.TryGetValue(r.Code, out var name) ? name ?? "(erased)" : ""]]));
    }

    private static async Task<int> WorkAsync(Run run)
    {
        var (past, officer, unit, limit) = (Past.Of(run), run.Arguments.GetValue(Officer), run.Arguments.GetValue(Unit), run.Arguments.GetValue(Limit));
        await using var open = await OpenDatabase.OfAsync(run);
        if (past is null)
            await open.CatchUpAsync(run.Cancel);
        // The row may be gone from the list; the dossier is still in the log.
        var after = run.Arguments.GetValue(After) is { } code
            ? (Dossier.Fold(code, await History.ReadAsync(open.Database.Log, code, past ?? new(), run.Cancel)).Due, code)
            : ((DateTimeOffset?, string)?)null;
        var rows = past is null
            ? await WorkList.View.OfAsync(open.Database.App, officer, unit, after, limit, run.Cancel)
            : (await WorkList.View.ThenAsync(open.Database, past, officer, unit, after, limit, cancel: run.Cancel)).Rows;
        run.Output.Answer(rows, () => run.Output.Table(
            ["code", "due", "officer", "since", "unit", "last step", "procedure"],
            rows.Select(r => new[] { r.Code, Moments.Show(r.Due), r.Officer ?? "", Moments.Show(r.Since), r.Unit ?? "", r.LastStep ?? "", r.Procedure ?? "" })));
        return 0;
    }

    /// <summary>Of the dossier that has the code, or had it in an older system.</summary>
    private static async Task<IReadOnlyList<StoredEvent>> EventsAsync(Run run, Database database)
    {
        var code = await Aliases.ResolveAsync(database.Log, run.Arguments.GetValue(Code)!, run.Cancel);
        var asOf = (Past.Of(run) ?? new()) with { Version = run.Arguments.GetValue(AtVersion) };
        return await History.ReadAsync(database.Log, code, asOf, run.Cancel);
    }
}
