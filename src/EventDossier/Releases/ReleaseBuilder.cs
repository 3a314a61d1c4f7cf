using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventDossier.Dossiers;
using EventDossier.Exports;
using EventDossier.Figures;
using EventDossier.OpenData;
using EventDossier.Procedures;
using EventDossier.Store;

namespace EventDossier.Releases;

/// <summary>A release's files as they were made, and what the gate says of them.</summary>
/// <param name="Sha256">Of <paramref name="Sums"/>.</param>
/// <param name="Sums">The files' checksums, as <c>sha256sum -c</c> reads them.</param>
/// <param name="Checkpoint">Of the public log, that lies with the files.</param>
/// <param name="Earlier">Releases that it was compared with.</param>
public sealed record ReleaseBuild(
    string Sha256, string Sums, IReadOnlyList<GateFinding> Findings, int Cases, int Kept, long Events,
    string Checkpoint, IReadOnlyList<string> Earlier);

/// <summary>
/// Makes a release's files: from the log up to its position, by the rules known there, and from what its events
/// settled. Nothing else goes in, least of all the time it is, so the same build of the product makes the same bytes.
/// </summary>
public sealed class ReleaseBuilder(Database database)
{
    private const int CasesAtOnce = 1000;
    public const string Use = "publication";
    public const string Sums = "SHA256SUMS", Signature = "SHA256SUMS.sig", Unpacked = "SHA256SUMS.unpacked",
        Report = "disclosure.json";

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <param name="checkpoint">Of the public log; the release's position lies within it.</param>
    /// <param name="releases">All there are.</param>
    /// <param name="folder">Where the files go. Of a release that the gate does not let through there is the report
    /// alone.</param>
    /// <param name="keep">Whether what it tells of whom is kept, for later ones to be compared with.</param>
    public async Task<ReleaseBuild> BuildAsync(
        Release release, string checkpoint, IReadOnlyList<Release> releases, string folder, bool keep = false,
        Action<long>? progress = null, CancellationToken cancel = default)
    {
        var drafted = release.Drafted;
        var rules = (await Rulebook.LoadAsync(database, new AsOf(Position: drafted.Position), cancel)) with
        {
            Procedures = await new Catalogue(database).VersionsAsync(drafted.Position, cancel),
        };
        // Whatever was out once was copied, though it be superseded or withdrawn by now.
        var names = releases.Where(r => r.Published is not null && r.Number != release.Number && r.Overlaps(drafted))
            .Select(r => r.Number).ToList();
        var earlier = await ReleaseStore.EarlierAsync(database, names, cancel);
        var figures = new OfficialFigures(drafted, rules);
        using var log = new GatedLog(release.Privacy, await ReleaseStore.SecretAsync(database, release.Number, cancel), earlier,
            Path.Combine(Path.GetTempPath(), "eventdossier"));
        await foreach (var part in ProcessLog.PartsAsync(database, rules, drafted.Position,
            new(drafted.From, drafted.To, drafted.Agency, drafted.Procedure), log.Begin, TakeIn, progress, figures.Take, cancel: cancel))
        {
            log.TakeIn(part, await ReleaseStore.ToldAsync(database, names, part.Dossiers, cancel));
        }
        log.Settle(cancel);

        var (test, own) = (new GateTest(release.Privacy, Vocabulary(rules), drafted.Accepted?.ToHashSet() ?? []),
            new ReleaseFigures());
        Directory.CreateDirectory(folder);
        var files = new SortedDictionary<string, WrittenFile>(StringComparer.Ordinal);
        // SQLite takes longer than all the others: it begins while the log is judged. Its file has no name until the
        // gate lets it through, and is gone if it doesn't.
        var verdict = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var sqlite = Task.Run(() => OcelSqliteWriter.WriteAsync(
            PublishedIf(verdict.Task), Path.Combine(folder, "log.sqlite"), cancel), cancel);
        GateFinding[]? findings = null;
        try
        {
            foreach (var some in log.Published().Chunk(CasesAtOnce))
            {
                foreach (var look in some.AsParallel().AsOrdered().WithCancellation(cancel).Select(test.Look))
                    test.Take(look);
                foreach (var one in some)
                    own.Take(one);
            }
            GateFinding[] found = [.. test.Findings(log.Cases), .. log.Differences(earlier)];
            await JsonAsync(Report, new Disclosure(
                release.Number, drafted.From, drafted.To, drafted.Agency, drafted.Procedure, drafted.Position,
                drafted.K, drafted.Definitions, log.Cases, log.Kept, test.Events,
                log.Variants, [.. Coarsening.Steps.Select((step, i) =>
                new Disclosure.Step(step.Name, step.Meaning, log.Levels.Skip(i + 1).Sum()))],
                log.Cases - log.Kept, log.Rare.Count, test.Fewest, log.DaysOff,
                [.. test.Texts.Select(t => new Disclosure.Text(t.Place, t.Text, t.Cases))], names, found));
            findings = found;
        }
        finally
        {
            verdict.SetResult(findings is []);
            if (findings is not [])
                await sqlite.ContinueWith(t => _ = t.Exception, TaskScheduler.Default);
        }
        if (findings is [])
        {
            var title = $"EventDossier release {release.Number}";
            OfficialFigures.Report? official = null;
            await Task.WhenAll(sqlite, Task.Run(async () =>
            {
                official = await OfficialAsync(log);
                await WriteAsync("log.xes.gz", to => XesWriter.Format(title, Use).WriteAsync(Published(), to, cancel));
                await WriteAsync("log.jsonocel", to => OcelJsonWriter.WriteAsync(Published(), to, cancel));
                await WriteAsync("events.csv", to => CsvWriter.Events.WriteAsync(Published(), to, cancel));
                await WriteAsync("dossiers.csv", to => CsvWriter.Cases.WriteAsync(Published(), to, cancel));
            }, cancel));
            Add((await sqlite).File);
            await WriteAsync("csv-metadata.json", to =>
            {
                CsvWriter.WriteDictionary(to, "events.csv", "dossiers.csv");
                return Task.CompletedTask;
            });
            await JsonAsync("figures.json", new { release = release.Number, drafted.Position,
                suppressed = log.Cases - log.Kept, own = own.Tell(), official });
            await WriteAsync("checkpoint", to => to.WriteAsync(Encoding.UTF8.GetBytes(checkpoint), cancel).AsTask());
            await WriteAsync(Unpacked, to => to.WriteAsync(
                Encoding.UTF8.GetBytes($"{files["log.xes.gz"].UnpackedSha256}  log.xes\n"), cancel).AsTask());
            await WriteAsync("dcat.jsonld", to =>
            {
                Dcat.WriteDataset(to, Describe(release, [.. files.Values]));
                return Task.CompletedTask;
            });
            if (keep)
                await ReleaseStore.KeepAsync(database, release.Number, log.Members(),
                    OfficialFigures.Cells(official!), cancel);
        }
        var sums = string.Concat(files.Select(file => $"{file.Value.Sha256}  {file.Key}\n"));
        await ExportFile.WriteAsync(Path.Combine(folder, Sums), to =>
            to.WriteAsync(Encoding.UTF8.GetBytes(sums), cancel).AsTask(), cancel);
        return new(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sums))), sums, findings, log.Cases,
            log.Kept, test.Events, checkpoint, names);

        async Task<OfficialFigures.Report> OfficialAsync(GatedLog log)
        {
            foreach (var (dossier, level) in log.Coarsened())
                figures.Tells(dossier, level);
            var before = new List<(string Cell, long Count)>();
            foreach (var other in releases.Where(r => names.Contains(r.Number)))
                before.AddRange((await ReleaseStore.CellsAsync(database, other.Number, cancel))
                    .Where(c => OfficialFigures.IsSame(c.Cell, other.Drafted, drafted)));
            return figures.Tell(drafted.K, before.ToLookup(c => c.Cell, c => c.Count));
        }

        IAsyncEnumerable<ProcessCase> Published() => log.Published().ToAsyncEnumerable().For(Use);

        async IAsyncEnumerable<ProcessCase> PublishedIf(Task<bool> letThrough)
        {
            await foreach (var one in Published())
                yield return one;
            if (!await letThrough)
                throw new OperationCanceledException("the gate does not let it through");
        }

        async Task WriteAsync(string name, Func<Stream, Task> write) =>
            Add(await ExportFile.WriteAsync(Path.Combine(folder, name), write, cancel));

        void Add(WrittenFile written) => files.Add(written.Name, written);

        Task JsonAsync<T>(string name, T of) => WriteAsync(name, to =>
            JsonSerializer.SerializeAsync(to, of, _json, cancel));

        void TakeIn(GatedLog.Part part, ProcessCase one)
        {
            if (IsPublishable(rules, one.Attributes.FirstOrDefault(a => a.Name == DataDictionary.Procedure).Value as string))
                part.Add(one);
        }
    }

    /// <summary>
    /// By the latest version of the procedure: what is closed by now is told no more, whenever the dossier came in.
    /// </summary>
    internal static bool IsPublishable(Rulebook rules, string? procedure) =>
        procedure is null || rules.Procedures.GetValueOrDefault(procedure)?[^1].Published.Publishable != false;

    /// <summary>The release as the public finds it, by what its draft settled.</summary>
    internal static Dataset Describe(Release release, IReadOnlyList<WrittenFile> files)
    {
        var (number, drafted) = (release.Number, release.Drafted);
        var (from, to) = (DateOnly.FromDateTime(drafted.From.DateTime),
            DateOnly.FromDateTime(drafted.To.AddTicks(-1).DateTime));
        return new(
            number, $"{from:yyyy-MM-dd} – {to:yyyy-MM-dd}{(drafted.Agency is { } agency ? $", {agency}" : "")}{(drafted.Procedure is { } procedure ? $", {procedure}" : "")}",
            "How dossiers were handled: a process log in which each case looks like others, with figures and a report of what was changed to that end",
            drafted.OccurredAt, from, to, drafted.Publisher, drafted.Licence, files) { Replaces = drafted.Supersedes };
    }

    /// <summary>What the centre itself calls its units, procedures, steps and states.</summary>
    private static HashSet<string> Vocabulary(Rulebook rules)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var version in rules.Procedures.Values.SelectMany(versions => versions))
        {
            known.UnionWith([version.Published.Code, version.Published.Name, version.Published.Agency,
                $"{version.Published.Limit}", $"{version.Published.GeneralLimit}"]);
            known.UnionWith(version.Published.Steps?.Select(step => step.Name) ?? []);
        }
        known.UnionWith(rules.Organisation.UnitCodes);
        known.UnionWith(DataDictionary.OfCases.Concat(DataDictionary.OfEvents).SelectMany(entry => entry.Values ?? []));
        known.UnionWith(Form06Definition.Current.Channels.Keys);
        known.UnionWith(Role.All);
        return known;
    }
}
