using System.Runtime.CompilerServices;
using System.Threading.Channels;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Import;

/// <summary>
/// An existing case log becomes dossiers. The file is read twice: first it is checked whole, against the database too, and nothing is written; then it
/// is written, many dossiers to a transaction. Each dossier is one command whose id comes from the file's hash, the mapping and the
/// case, so what an interrupted import has written is found again.
/// </summary>
public sealed class LogImport(Database database, WorkCalendar calendar)
{
    private const int EventsPerTransaction = 2_500;
    private const int CasesPerLookUp = 2_000;
    private const int MostFaultsTold = 20;
    private static readonly Guid _imports = new("8b5c54d1-4f0e-5a3e-9c39-0b0a3d1f6a27");

    /// <param name="Map">The mapping's text, part of what makes the same file the same import.</param>
    /// <param name="SkipBad">Leave out cases that have a fault instead of refusing the file.</param>
    /// <param name="At">Legal time of the cut-over.</param>
    public sealed record Request(string File, LogScan Scan, string? Map, string Zone, CommandMetadata Command, DateTimeOffset At, bool SkipBad = false, bool DryRun = false);

    /// <summary>What an import did, or with <c>DryRun</c> would do.</summary>
    /// <param name="Added">Dossiers.</param>
    /// <param name="ActivitiesAdded">The file's own events.</param>
    /// <param name="EventsAdded">What the import itself added to them: receipts, finishes, cut-overs.</param>
    /// <param name="AlreadyThere">Dossiers that this file had brought before.</param>
    /// <param name="LeftOut">Cases with a fault.</param>
    /// <param name="Faults">The first twenty.</param>
    /// <param name="WithoutOffset">Times that were read in the assumed zone.</param>
    /// <param name="Refused">Nothing was imported.</param>
    public sealed record Report(
        string File, string? Format, string? Sha256, long Added, long ActivitiesAdded, long EventsAdded, long AlreadyThere, long LeftOut,
        IReadOnlyList<Fault> Faults, long FaultCount, long WithoutOffset, string Zone, bool Refused)
    {
        /// <summary>How many people, or posts, were told of the backlog, and of how many dossiers in all.</summary>
        public long BacklogTold { get; init; }
        public long Backlog { get; init; }
    }

    /// <param name="progress">Told how many activities were checked or written.</param>
    public async Task<Report> RunAsync(Request request, Action<string, long>? progress = null, CancellationToken cancel = default)
    {
        var check = new Check();
        await CheckAsync(request, check, progress, cancel);
        var scan = request.Scan;
        var sha256 = scan.Sha256;
        var refused = check.FaultCount > 0 && (check.FileFault || !request.SkipBad);
        var report = new Report(
            request.File, scan.Format, sha256, 0, 0, 0, check.AlreadyThere, check.BadCases.Count, check.Faults, check.FaultCount, scan.WithoutOffset, request.Zone, refused);
        if (refused)
            return report;
        if (request.DryRun)
            return report with { Added = check.Added, ActivitiesAdded = check.Activities, EventsAdded = check.Events };

        var import = Identity(request, sha256!);
        var over = Case(request, import, "/");
        var backlog = await database.Log.FindCommandAsync(over.CommandId, cancel) is null ? await Backlog.OpenAsync(database, request.At, cancel) : null;
        // While the server writes one chunk, the next is encoded, and the backlog of the one before is reckoned.
        var written = Task.CompletedTask;
        try
        {
            await foreach (var (items, activities) in ChunksAsync(request, import, sha256!, check.BadCases, cancel))
            {
                var before = written;
                written = WriteAsync(items, activities, before);
                await before;
            }
            await written;
        }
        finally
        {
            await written.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (scan.Sha256 != sha256)
            throw new UserError("file-changed", $"{request.File} was changed while it was imported; import it again");

        // Once for an import, however often it had to be run.
        var imported = new LogImported(
            request.At, Path.GetFileName(request.File), sha256!, scan.Size, scan.Format!, request.Map,
            check.Dossiers, check.ActivitiesOfThem, check.BadCases.Count, HeaderAttributes(scan.Header));
        var told = backlog?.Told() ?? [];
        await database.Log.AppendAsync([new(Stream(import), "import", StreamAppend.Any, over, [imported, .. told])], cancel);
        return report with { BacklogTold = told.Count, Backlog = told.SelectMany(t => t.Dossiers.Select(d => d.Code)).Distinct().Count() };

        async Task WriteAsync(List<StreamAppend> items, long activities, Task before)
        {
            var appending = database.Log.AppendManyNewAsync(items, cancel);
            await Task.WhenAll(before, appending);
            foreach (var (item, outcome) in items.Zip(await appending))
            {
                switch (outcome)
                {
                    case AppendOutcome.Appended when !DossierCode.IsCode(item.Stream):
                        break;
                    case AppendOutcome.Appended:
                        backlog?.Add(item.Stream, item.Events.Cast<DossierEvent>());
                        var own = item.Events.Count(e => e is ActivityImported);
                        report = report with
                        {
                            Added = report.Added + 1, ActivitiesAdded = report.ActivitiesAdded + own, EventsAdded = report.EventsAdded + item.Events.Count - own,
                        };
                        break;
                    case AppendOutcome.Duplicate when backlog is not null && DossierCode.IsCode(item.Stream):
                        backlog.Add(item.Stream, (await database.Log.ReadStreamAsync(item.Stream, item.Events.Count, cancel)).Select(e => (DossierEvent)e.Event));
                        break;
                    case AppendOutcome.Conflict when !DossierCode.IsCode(item.Stream):
                        throw new UserError("taken-meanwhile", $"the older code {Aliases.Of(item.Stream)} was given to another dossier while {request.File} was imported");
                    case AppendOutcome.Conflict:
                        throw new UserError("taken-meanwhile", $"dossier {item.Stream} came into being while {request.File} was imported; what stands before it is imported, run the import again");
                }
            }
            progress?.Invoke("written", activities);
        }
    }

    private sealed class Check
    {
        public List<Fault> Faults { get; } = [];
        public HashSet<string> BadCases { get; } = [];
        public long FaultCount { get; private set; }
        public bool FileFault { get; private set; }
        public long Dossiers { get; set; }
        public long ActivitiesOfThem { get; set; }
        public long Added { get; set; }
        public long Activities { get; set; }
        public long Events { get; set; }
        public long AlreadyThere { get; set; }

        public void Fault(Fault fault)
        {
            FaultCount++;
            if (Faults.Count < MostFaultsTold)
                Faults.Add(fault);
            if (fault.CaseId is null)
                FileFault = true;
            else
                BadCases.Add(fault.CaseId);
        }
    }

    private async Task CheckAsync(Request request, Check check, Action<string, long>? progress, CancellationToken cancel)
    {
        // The command ids rest on the file's hash, which is known at its end, so the look-up in the database comes after the reading.
        var sound = new List<(string Code, int Activities, int Others, string Place)>();
        var aliases = new Dictionary<string, (string Code, string Place)>();
        var codes = new HashSet<string>();
        long read = 0;
        foreach (var c in request.Scan.Cases(check.Fault))
        {
            cancel.ThrowIfCancellationRequested();
            var events = EventsOf(request, c, "", "", out var fault);
            if (fault is not null)
                check.Fault(fault);
            else
                sound.Add((c.Id, c.Activities.Count, events.Count - c.Activities.Count, c.Place));
            codes.Add(c.Id);
            foreach (var alias in AliasesOf(c))
            {
                if (AliasFault(alias) is { } why)
                    check.Fault(new(c.Place, c.Id, $"the older code {why}"));
                else if (!aliases.TryAdd(alias, (c.Id, c.Place)))
                    check.Fault(new(c.Place, c.Id, $"the older code {alias} is {aliases[alias].Code}'s already"));
            }
            read += c.Activities.Count;
            progress?.Invoke("checked", read);
        }
        if (request.Scan.Sha256 is not { } sha256)
            return;
        var import = Identity(request, sha256);
        foreach (var (alias, (code, place)) in aliases.Where(a => codes.Contains(a.Key)))
            check.Fault(new(place, code, $"the older code {alias} is another case's own"));
        foreach (var group in aliases.Chunk(CasesPerLookUp))
        {
            // One that this import gave before is its own; one that a dossier has as its own code is nobody else's.
            var taken = await ThereAsync(group.SelectMany(a => new[]
            {
                (Aliases.Stream(a.Key), Uuid.V5(Case(request, import, Aliases.Stream(a.Key)).CommandId, 0)), (a.Key, Guid.Empty),
            }), cancel);
            foreach (var (alias, (code, place)) in group)
            {
                if (taken.ContainsKey(alias) || (taken.TryGetValue(Aliases.Stream(alias), out var given) && !given))
                    check.Fault(new(place, code, $"the older code {alias} is another dossier's already"));
            }
        }
        foreach (var group in sound.Where(c => !check.BadCases.Contains(c.Code)).Chunk(CasesPerLookUp))
        {
            var there = await ThereAsync(group.Select(c => (c.Code, Uuid.V5(Case(request, import, c.Code).CommandId, 0))), cancel);
            foreach (var c in group)
            {
                var isThere = there.TryGetValue(c.Code, out var ours);
                if (!isThere || ours)
                {
                    check.Dossiers++;
                    check.ActivitiesOfThem += c.Activities;
                }
                if (!isThere)
                {
                    check.Added++;
                    check.Activities += c.Activities;
                    check.Events += c.Others;
                }
                else if (ours)
                {
                    check.AlreadyThere++;
                }
                else
                {
                    check.Fault(new(c.Place, c.Code, $"dossier {c.Code} exists already and did not come from this file with this mapping"));
                }
            }
        }
    }

    /// <summary>Which of the codes exist, and whether this import made them.</summary>
    private async Task<Dictionary<string, bool>> ThereAsync(IEnumerable<(string Code, Guid FirstEvent)> cases, CancellationToken cancel)
    {
        var (codes, ids) = (new List<string>(), new List<Guid>());
        foreach (var (code, id) in cases)
        {
            codes.Add(code);
            ids.Add(id);
        }
        await using var command = database.App.CreateCommand(
            """
            SELECT c.code, e.id = c.id FROM unnest(@codes, @ids) AS c (code, id)
            JOIN dossier.mt_events e ON e.stream_id = c.code AND e.version = 1
            """);
        command.Parameters.Add(new NpgsqlParameter<List<string>>("codes", codes));
        command.Parameters.Add(new NpgsqlParameter<List<Guid>>("ids", ids));
        var there = new Dictionary<string, bool>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            there.Add(row.GetString(0), row.GetBoolean(1));
        return there;
    }

    /// <summary>Reads and builds ahead on a thread of its own while the chunk before is written.</summary>
    private async IAsyncEnumerable<(List<StreamAppend> Items, long Activities)> ChunksAsync(
        Request request, Guid import, string sha256, HashSet<string> bad, [EnumeratorCancellation] CancellationToken cancel)
    {
        var chunks = Channel.CreateBounded<(List<StreamAppend>, long)>(4);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var reading = Task.Run(async () =>
        {
            try
            {
                var (chunk, events, activities) = (new List<StreamAppend>(), 0, 0L);
                foreach (var c in request.Scan.Cases(_ => { }))
                {
                    if (bad.Contains(c.Id))
                        continue;
                    var item = new StreamAppend(c.Id, Desk.StreamType, 0, Case(request, import, c.Id), EventsOf(request, c, Stream(import), sha256, out _));
                    chunk.Add(item);
                    chunk.AddRange(AliasesOf(c).Select(alias => new StreamAppend(
                        Aliases.Stream(alias), Aliases.StreamType, 0, Case(request, import, Aliases.Stream(alias)), [new CodeAliased(request.At, c.Id)])));
                    events += item.Events.Count;
                    activities += c.Activities.Count;
                    if (events < EventsPerTransaction)
                        continue;
                    await chunks.Writer.WriteAsync((chunk, activities), stop.Token);
                    (chunk, events) = ([], 0);
                }
                if (chunk.Count > 0)
                    await chunks.Writer.WriteAsync((chunk, activities), stop.Token);
                chunks.Writer.Complete();
            }
            catch (Exception e)
            {
                chunks.Writer.Complete(e);
            }
        }, CancellationToken.None);
        try
        {
            await foreach (var chunk in chunks.Reader.ReadAllAsync(cancel))
                yield return chunk;
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
        }
    }

    private List<object> EventsOf(Request request, ImportedCase c, string import, string sha256, out Fault? fault)
    {
        fault = null;
        var facts = c.Facts;
        var received = facts.ReceivedAt ?? c.Activities[0].At;
        var due = facts.PromisedDue;
        Limit? limit = null;
        if (facts.Limit is { } text && !Limit.TryParse(text, out limit, out var why))
            fault = new(c.Place, c.Id, $"limit: {why}");
        if (due is null && limit is not null)
        {
            try
            {
                due = DueDate.Of(received, limit, calendar);
            }
            catch (ArgumentOutOfRangeException)
            {
                fault = new(c.Place, c.Id, $"limit: {limit} from {received:yyyy-MM-dd} is outside the calendar");
            }
        }

        var events = new List<object>(c.Activities.Count + 3)
        {
            new DossierReceived(
                received, facts.Procedure is null ? null : new(facts.Procedure, null), facts.Channel, facts.Agency, facts.Unit, facts.Officer, limit, due, facts.PlannedEnd),
        };
        foreach (var a in c.Activities)
            events.Add(new ActivityImported(a.At, a.Name, a.Transition, a.Instance, a.Resource, a.Group, OrNull(a.Attributes), OrNull(a.Relations)));
        if (facts.FinishedAt is { } finished)
            events.Add(new ResultReady(finished));
        else if (facts.Pauses is not null || facts.Used is not null)
            events.Add(CarriedOver(request, c, (DossierReceived)events[0], ref fault));
        events.Add(new DossierImported(request.At, Path.GetFileName(request.File), sha256, request.Scan.Format!, c.Place, OrNull(c.Attributes), OrNull(c.Objects))
        {
            Import = import, Aliases = OrNull(AliasesOf(c)),
        });
        return events;
    }

    /// <summary>The clock as the older system tells it, and what ours makes of that.</summary>
    private ClockCarriedOver CarriedOver(Request request, ImportedCase c, DossierReceived received, ref Fault? fault)
    {
        var pauses = c.Facts.Pauses ?? [];
        var carried = new ClockCarriedOver(request.At, pauses, c.Facts.Used, 0, $"{c.Id}/01-1") { Due = received.Due };
        if (pauses.Any(p => p.To is null) && received.Limit is null)
        {
            fault ??= new(c.Place, c.Id, "its clock stands, and no limit is told by which it could run on");
            return carried;
        }
        var clock = new ClockFacts(received.OccurredAt, received.Limit ?? DueDate.IntakeLimit) { Pauses = [.. pauses] };
        try
        {
            var known = calendar.AsKnownOn(calendar.DayOf(request.At));
            return carried with { Minutes = Math.Max(0, DueDate.Ran(clock, request.At, known)), Due = received.Limit is null ? received.Due : DueDate.Of(clock, known) };
        }
        catch (ArgumentOutOfRangeException)
        {
            fault ??= new(c.Place, c.Id, "its clock runs outside the calendar");
            return carried;
        }
    }

    /// <summary>As told, but for the code that it has here.</summary>
    private static List<string> AliasesOf(ImportedCase c) =>
        [.. (c.Facts.Aliases ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(SourceText.Nfc).Where(a => a != c.Id).Distinct()];

    private static string? AliasFault(string alias) => SourceText.IdFault(alias) is { } reason ? $"{SourceText.Quote(alias)} {reason}"
        : alias.Length > Aliases.MostCharacters ? $"{SourceText.Quote(alias)} is longer than {Aliases.MostCharacters} characters"
        : null;

    private static string Stream(Guid import) => $"{LogImported.StreamPrefix}{import:n}";

    private static IReadOnlyList<T>? OrNull<T>(IReadOnlyList<T> list) => list.Count == 0 ? null : list;

    private static Guid Identity(Request request, string sha256) => Uuid.V5(_imports, $"{sha256}\n{request.Zone}\n{request.Map}");

    /// <summary>The command that brings a case: the same for the same import, whoever runs it.</summary>
    private static CommandMetadata Case(Request request, Guid import, string code) =>
        request.Command with { CommandId = Uuid.V5(import, code), Correlation = $"import {import:n}" };

    private static IReadOnlyList<SourceAttribute> HeaderAttributes(LogHeader header)
    {
        SourceAttribute Group(string key, IReadOnlyList<SourceAttribute> of) => new(key, "container", null, of);
        return [.. header.Attributes, Group("extensions", header.Extensions), Group("globals", header.Globals), Group("classifiers", header.Classifiers)];
    }
}
