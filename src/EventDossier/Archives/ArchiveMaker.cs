using System.Buffers;
using System.Globalization;
using System.Text;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Exports;
using EventDossier.Record;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Archives;

/// <summary>
/// Makes archives of closed years, from the log alone. A dossier is of the year in which it was received; one that never was, of the year of its first event. It is taken once it is finished: its result was ready, it ended
/// otherwise, was refused, or its number was voided. What is taken is decided by the log up to the checkpoint, so that the same archive made again is the same bytes.
/// </summary>
public static class ArchiveMaker
{
    /// <summary>Of one file.</summary>
    public const int MostDossiers = 20_000;

    private const int StreamsAtOnce = 250;
    private static readonly Guid _commands = new("2c6a1c0b-6a8e-5d0e-b5d3-83a7c2f4e119");

    /// <summary>When a stream's dossier began: what decides its year and month.</summary>
    private const string Begun = "(e.data ->> 'occurredAt')::timestamptz";

    /// <summary>The event by which a stream began: of each exactly one.</summary>
    private const string Begins =
        """
        e.stream_id NOT LIKE '/%' AND (e.type = 'dossier_received'
            OR (e.version = 1 AND NOT EXISTS (SELECT FROM dossier.mt_events r WHERE r.stream_id = e.stream_id AND r.type = 'dossier_received' AND r.seq_id <= @position)))
        """;

    /// <param name="New">It was put down now; false where it had been.</param>
    public sealed record Result(ArchiveMade Made, bool New);

    /// <summary>What is to be made.</summary>
    private sealed record Plan(Database Database, int Year, int Number, long? After, long Position, SignedCheckpoint Checkpoint, NoteKey Key, string Folder);

    private sealed record Candidate(string Code, string Month, long Position);

    private sealed record Taken(string Code, string Month, ArchivedStream Head, IReadOnlyList<StoredEvent> Events);

    /// <summary>
    /// Makes the year's next archive in a new folder, checks it as its receiver would, and puts it down. A whole folder that was not put down, because something broke in between, is checked and put down; one that was is answered alike.
    /// </summary>
    /// <param name="progress">Told how many events were written.</param>
    /// <exception cref="UserError">
    /// <c>year-not-over</c>, <c>not-empty</c>, <c>basis-missing</c>, <c>not-sealed</c>, <c>nothing-to-archive</c>, <c>archive-busy</c>, <c>log-damaged</c>, <c>record-forked</c>, <c>bad-archive</c>.
    /// </exception>
    public static async Task<Result> MakeAsync(
        Database database, int year, string folder, string basis, CommandMetadata by, Action<long>? progress = null, CancellationToken cancel = default)
    {
        var now = WorkCalendar.Vietnam.Local(database.Clock.GetUtcNow());
        if (YearOf(year).To > now)
            throw new UserError("year-not-over", $"{year} is not over: its dossiers are archived from {YearOf(year).To:yyyy-MM-dd} on");
        if (string.IsNullOrWhiteSpace(basis))
            throw new UserError("basis-missing", "an archive names the provision or decision that it is made by");
        var earlier = await Archive.ListAsync(database, year, cancel);
        var isThere = Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any();
        if (isThere && !File.Exists(Path.Combine(folder, Archive.ManifestFile)))
            throw new UserError("not-empty", $"{folder} is not empty, and holds no whole archive: one gets a folder of its own");
        if (!isThere)
        {
            var (checkpoint, key, position) = await SealedAsync(database, year, cancel);
            await WholeAsync(new(database, year, earlier.Count + 1, earlier is [.., var before] ? before.Position : null, position, checkpoint, key, folder), progress, cancel);
        }
        var (contents, sha256) = await Archive.ManifestAsync(folder, cancel);
        if (earlier.FirstOrDefault(e => e.Sha256 == sha256) is { } known)
            return new(known, New: false);
        if (contents.Year != year || contents.Number != earlier.Count + 1 || contents.After != (earlier is [.., var last] ? last.Position : null))
            throw new UserError("not-empty", $"{folder} holds archive {contents.Number} of {contents.Year}, which is not the next of {year}");
        if (isThere)
            await CheckAsync(folder, cancel);
        var made = new ArchiveMade(
            now, by.Actor, year, contents.Number, contents.Position, await File.ReadAllTextAsync(Path.Combine(folder, Archive.CheckpointFile), cancel),
            contents.Dossiers, contents.Continued, contents.Events, contents.Open, sha256, basis.Trim());
        var append = new StreamAppend(Archive.Stream(year), Archive.StreamType, earlier.Count, by with { CommandId = Uuid.V5(_commands, sha256) }, [made]);
        return (await database.Log.AppendAsync([append], cancel))[0] switch
        {
            AppendOutcome.Appended => new(made, New: true),
            AppendOutcome.Duplicate => new((await Archive.ListAsync(database, year, cancel)).First(e => e.Sha256 == sha256), New: false),
            _ => throw new UserError("archive-busy", $"another archive of {year} was made meanwhile: remove {folder} and begin again"),
        };
    }

    /// <summary>An archive that was made, once more, byte for byte.</summary>
    /// <exception cref="UserError"><c>no-such-archive</c>, <c>not-empty</c>, <c>archive-differs</c>: it is not what was made then. <c>log-damaged</c>, <c>record-forked</c>.</exception>
    public static async Task<ArchiveMade> MakeAgainAsync(Database database, int year, int number, string folder, Action<long>? progress = null, CancellationToken cancel = default)
    {
        var all = await Archive.ListAsync(database, year, cancel);
        if (number < 1 || number > all.Count)
            throw new UserError("no-such-archive", $"{year} has {(all.Count == 0 ? "no archive" : $"archives 1 to {all.Count}")}");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new UserError("not-empty", $"{folder} is not empty: an archive gets a folder of its own");
        var made = all[number - 1];
        var checkpoint = SignedCheckpoint.Parse(made.Checkpoint, "the checkpoint of the archive");
        var key = checkpoint.By((await RecordKeys.LoadAsync(database, cancel)).Known, "the checkpoint of the archive");
        await WholeAsync(new(database, year, number, number == 1 ? null : all[number - 2].Position, made.Position, checkpoint, key, folder), progress, cancel);
        var (_, sha256) = await Archive.ManifestAsync(folder, cancel);
        return sha256 == made.Sha256 ? made
            : throw new UserError("archive-differs", $"the manifest of {folder} is {sha256}, and {made.Sha256} was made then: another version packs otherwise, or the log was changed; dossier verify tells");
    }

    private static (DateTimeOffset From, DateTimeOffset To) YearOf(int year) => CentreTime.ReadPeriod(year.ToString(CultureInfo.InvariantCulture))
        ?? throw new UserError("no-such-year", $"{year} is no year of the centre: from 2000 to 2099");

    /// <summary>The newest checkpoint, which must hold all that has happened to the year's dossiers by now.</summary>
    private static async Task<(SignedCheckpoint Checkpoint, NoteKey Key, long Position)> SealedAsync(Database database, int year, CancellationToken cancel)
    {
        var head = await database.HeadAsync(cancel);
        var checkpoint = await new RecordTree(database.App).CurrentAsync(cancel: cancel) ?? throw new UserError("not-sealed", "nothing is sealed yet: the server does it, or dossier seal");
        var key = checkpoint.By((await RecordKeys.LoadAsync(database, cancel)).Known, "the stored checkpoint");
        await using var position = database.App.CreateCommand("SELECT position FROM dossier_record.leaf WHERE index = @index");
        position.Parameters.AddWithValue("index", checkpoint.Checkpoint.Size - 1);
        var upTo = await position.ExecuteScalarAsync(cancel) is long at ? at : throw new UserError("record-forked", $"the stored tree has no leaf {checkpoint.Checkpoint.Size - 1}: dossier verify --tree tells more");
        await using var behind = database.App.CreateCommand(
            $"""
            SELECT o.stream_id, o.version FROM dossier.mt_events o
            WHERE o.seq_id > @position AND o.seq_id <= @head AND EXISTS (
                SELECT FROM dossier.mt_events e WHERE e.stream_id = o.stream_id AND (e.version = 1 OR e.type = 'dossier_received') AND e.stream_id NOT LIKE '/%' AND {Begun} >= @from AND {Begun} < @to)
            ORDER BY o.seq_id LIMIT 1
            """);
        behind.CommandTimeout = 0;
        behind.Parameters.AddWithValue("position", upTo);
        behind.Parameters.AddWithValue("head", head);
        Within(behind, year);
        await using var row = await behind.ExecuteReaderAsync(cancel);
        return !await row.ReadAsync(cancel) ? (checkpoint, key, upTo)
            : throw new UserError("not-sealed", $"{row.GetString(0)} version {row.GetInt64(1)} is not sealed yet: the server does it within a second, or dossier seal");
    }

    private static void Within(NpgsqlCommand command, int year)
    {
        var (from, to) = YearOf(year);
        command.Parameters.AddWithValue("from", from.ToUniversalTime());
        command.Parameters.AddWithValue("to", to.ToUniversalTime());
    }

    private static async Task CheckAsync(string folder, CancellationToken cancel)
    {
        if ((await ArchiveCheck.CheckAsync(folder, cancel: cancel)).Findings is [var finding, ..])
            throw new UserError("log-damaged", $"{finding.Place}: {finding.What}; nothing was put down, and dossier verify tells more of the log");
    }

    /// <summary>There and checked, or not there.</summary>
    private static async Task WholeAsync(Plan plan, Action<long>? progress, CancellationToken cancel)
    {
        try
        {
            await WriteAsync(plan, progress, cancel);
            await CheckAsync(plan.Folder, cancel);
        }
        catch
        {
            // It was new or empty.
            if (Directory.Exists(plan.Folder))
                Directory.Delete(plan.Folder, recursive: true);
            throw;
        }
    }

    private static async Task WriteAsync(Plan plan, Action<long>? progress, CancellationToken cancel)
    {
        Directory.CreateDirectory(plan.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await RefuseHeadlessAsync(plan, cancel);
        var (parts, bottom, streams, written) = (new List<Archive.Part>(), new HashSet<long>(), 0L, 0L);
        var (dossiers, continued, open) = (0L, 0L, 0L);
        parts.Add(await PartAsync(Archive.RulesFile, async to =>
        {
            await foreach (var one in StreamsAsync(plan, Rules(plan, cancel), cancel))
                Put(to, one);
        }));
        var rules = parts[0].Events!.Value;
        var openFile = await ExportFile.WriteAsync(Path.Combine(plan.Folder, Archive.OpenFile), async stillOpen =>
        {
            var indexFile = await ExportFile.WriteAsync(Path.Combine(plan.Folder, Archive.IndexFile), async index =>
            {
                await using var taken = TakenAsync(plan, (code, month, dossier) =>
                {
                    open++;
                    stillOpen.Write(Encoding.UTF8.GetBytes($"{code}\t{month}\t{StageNames.Of(dossier.Stage)}\t{dossier.Version}\n"));
                }, cancel).GetAsyncEnumerator(cancel);
                var number = 0;
                for (var (more, month) = (await taken.MoveNextAsync(), ""); more;)
                {
                    (number, month) = (month == taken.Current.Month ? number + 1 : 1, taken.Current.Month);
                    var name = $"{month}-{number:000}.jsonl.gz";
                    parts.Add(await PartAsync(name, async to =>
                    {
                        for (var count = 0; more && taken.Current.Month == month && count < MostDossiers; count++, more = await taken.MoveNextAsync())
                        {
                            var one = taken.Current;
                            Put(to, one);
                            index.Write(Encoding.UTF8.GetBytes($"{one.Code}\t{name}\t{one.Head.From}\t{one.Events.Count}\n"));
                            (dossiers, continued) = one.Head.From == 1 ? (dossiers + 1, continued) : (dossiers, continued + 1);
                        }
                    }));
                }
            }, cancel);
            if (dossiers + continued == 0)
                throw new UserError("nothing-to-archive", $"{plan.Year}: {(plan.After is null ? "no dossier of it is finished" : "everything that is finished is in an archive")}{(open == 0 ? "" : $"; {open} open")}");
            parts.Add(new(indexFile.Name, indexFile.Bytes, indexFile.Sha256, indexFile.UnpackedSha256, null, null));
        }, cancel);
        parts.Add(new(openFile.Name, openFile.Bytes, openFile.Sha256, openFile.UnpackedSha256, null, null));
        parts.Add(await FileAsync(Archive.TilesFile, async to =>
        {
            var tree = new RecordTree(plan.Database.App);
            foreach (var tile in ArchiveTiles.Needed(bottom, plan.Checkpoint.Checkpoint.Size))
                ArchiveTiles.Write(to, tile, await tree.TileAsync(tile, cancel) ?? throw new UserError("record-forked", $"the stored tree has no {tile.Path}: dossier verify --tree tells more"));
        }));
        parts.Add(await FileAsync(Archive.CheckpointFile, to =>
        {
            to.Write(Encoding.UTF8.GetBytes(plan.Checkpoint.ToString()));
            return Task.CompletedTask;
        }));
        var contents = new Archive.Contents(
            Archive.Format, plan.Year, plan.Number, plan.After, plan.Position, plan.Checkpoint.Checkpoint.Size, $"{plan.Key}", dossiers, continued, written - rules, open, rules,
            [.. parts.OrderBy(part => part.Name, StringComparer.Ordinal)]);
        // Last: a folder without it is no archive.
        await DurableFile.WriteAsync(Path.Combine(plan.Folder, Archive.ManifestFile), EvidencePack.Canonical(contents), cancel);

        async Task<Archive.Part> PartAsync(string name, Func<Stream, Task> write)
        {
            var before = (Streams: streams, Events: written);
            return await FileAsync(name, write) with { Streams = streams - before.Streams, Events = written - before.Events };
        }

        async Task<Archive.Part> FileAsync(string name, Func<Stream, Task> write)
        {
            var file = await ExportFile.WriteAsync(Path.Combine(plan.Folder, name), write, cancel);
            return new(file.Name, file.Bytes, file.Sha256, file.UnpackedSha256, null, null);
        }

        void Put(Stream to, Taken one)
        {
            to.Write(EvidencePack.Canonical(one.Head));
            to.Write("\n"u8);
            to.Write(EvidencePack.Lines(one.Events));
            bottom.UnionWith(one.Head.Leaves.Select(leaf => leaf / Tile.FullWidth));
            streams++;
            written += one.Events.Count;
            progress?.Invoke(written);
        }
    }

    /// <summary>A stream without its first event would belong to no year, and be missed without a word.</summary>
    private static async Task RefuseHeadlessAsync(Plan plan, CancellationToken cancel)
    {
        await using var command = plan.Database.App.CreateCommand(
            """
            SELECT s.id FROM dossier.mt_streams s
            WHERE s.id NOT LIKE '/%' AND NOT EXISTS (SELECT FROM dossier.mt_events e WHERE e.stream_id = s.id AND e.version = 1) LIMIT 1
            """);
        command.CommandTimeout = 0;
        if (await command.ExecuteScalarAsync(cancel) is string code)
            throw new UserError("log-damaged", $"{code} has lost its first event: dossier verify tells more");
    }

    /// <summary>What the dossiers rest on: decisions on the calendar, the catalogue, units and posts, and the keys that signed the log.</summary>
    private static async IAsyncEnumerable<Candidate> Rules(Plan plan, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await using var command = plan.Database.App.CreateCommand(
            $"""
            SELECT id FROM dossier.mt_streams
            WHERE id IN ('{Calendars.Stream}', '{RecordKeys.Stream}') OR (id >= '/procedure/' AND id < '/procedure0') OR (id >= '/organisation/' AND id < '/organisation0')
            ORDER BY id COLLATE "C"
            """);
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            yield return new(row.GetString(0), "", 0);
    }

    /// <summary>The year's streams month by month, each month in the order in which they began in the log.</summary>
    private static async IAsyncEnumerable<Candidate> CandidatesAsync(Plan plan, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await using var command = plan.Database.App.CreateCommand(
            $"""
            SELECT e.stream_id, to_char({Begun} AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM') AS month, e.seq_id FROM dossier.mt_events e
            WHERE e.seq_id <= @position AND {Begins} AND {Begun} >= @from AND {Begun} < @to
            ORDER BY month, e.seq_id
            """);
        command.CommandTimeout = 0;
        command.Parameters.AddWithValue("position", plan.Position);
        Within(command, plan.Year);
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            yield return new(row.GetString(0), row.GetString(1), row.GetInt64(2));
    }

    private static async IAsyncEnumerable<Taken> TakenAsync(Plan plan, Action<string, string, Dossier> stillOpen, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var one in StreamsAsync(plan, CandidatesAsync(plan, cancel), cancel))
        {
            var dossier = Dossier.Fold(one.Code, one.Events);
            if (!IsDone(dossier))
            {
                stillOpen(one.Code, one.Month, dossier);
                continue;
            }
            var before = plan.After is { } after ? one.Events.TakeWhile(e => e.Position <= after).ToList() : [];
            // What was not finished when the archive before was made, is in none.
            if (before.Count == 0 || !IsDone(Dossier.Fold(one.Code, before)))
                yield return one;
            else if (before.Count < one.Events.Count)
                yield return one with { Head = one.Head with { From = before.Count + 1, Leaves = [.. one.Head.Leaves.Skip(before.Count)] }, Events = [.. one.Events.Skip(before.Count)] };
        }
    }

    /// <summary>Nothing is left to be done but to hand the result over.</summary>
    private static bool IsDone(Dossier dossier) => dossier.FinishedAt is not null || dossier.Stage == Stage.Voided;

    /// <summary>Streams with all of their events up to the position, their leaves and their secrets, some hundreds at a time.</summary>
    private static async IAsyncEnumerable<Taken> StreamsAsync(Plan plan, IAsyncEnumerable<Candidate> candidates, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var some in candidates.Chunk(StreamsAtOnce).WithCancellation(cancel))
        {
            await using var connection = await plan.Database.App.OpenConnectionAsync(cancel);
            var secrets = await RecordSecrets.KnownAsync(connection, [.. some.Select(c => c.Code)], cancel);
            await using var command = new NpgsqlCommand(
                $"""
                SELECT {StoredEventReader.All}, l.index FROM unnest(@streams) WITH ORDINALITY AS c (stream, n)
                JOIN dossier.mt_events e ON e.stream_id = c.stream AND e.seq_id <= @position AND e.type <> 'tombstone'
                LEFT JOIN dossier_record.leaf l ON l.position = e.seq_id AND l.stream = e.stream_id AND l.version = e.version
                ORDER BY c.n, e.version
                """, connection) { CommandTimeout = 0 };
            command.Parameters.Add(new NpgsqlParameter<string[]>("streams", [.. some.Select(c => c.Code)]));
            command.Parameters.AddWithValue("position", plan.Position);
            var (events, leaves, made) = (new List<StoredEvent>(), new List<long>(), new List<Taken>());
            var months = some.ToDictionary(c => c.Code, c => c.Month);
            await using (var row = await command.ExecuteReaderAsync(cancel))
            {
                while (await row.ReadAsync(cancel))
                {
                    var e = StoredEventReader.ReadAll(row, plan.Database.Names);
                    if (events.Count > 0 && events[0].Stream != e.Stream)
                        Take();
                    events.Add(e);
                    leaves.Add(row.IsDBNull(10) ? throw new UserError("record-forked", $"{e.Stream} version {e.Version} has no leaf in the public log: dossier verify --tree tells more") : row.GetInt64(10));
                }
            }
            if (events.Count > 0)
                Take();
            foreach (var one in made)
                yield return one;

            void Take()
            {
                var code = events[0].Stream;
                var secret = secrets.GetValueOrDefault(code) ?? throw new UserError("record-forked", $"the secret of {code} is lost: dossier verify --tree tells more");
                made.Add(new(code, months[code], new(1, [.. leaves], secret, code), [.. events]));
                events.Clear();
                leaves.Clear();
            }
        }
    }
}
