using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventDossier.Audit;
using EventDossier.Record;

namespace EventDossier.Archives;

/// <param name="Sha256">Of the manifest: compare it with what the centre has on record.</param>
/// <param name="Proved">How many events, those of the rules included, the public log has.</param>
/// <param name="KeyKnown">Whether the log's key was known to the checker, or is the archive's own word.</param>
/// <param name="Kept">Whether it was held against a checkpoint that was kept elsewhere.</param>
public sealed record ArchiveReport(
    int Year, int Number, string Sha256, long Dossiers, long Continued, long Events, long Open, long Proved, long TreeSize, string Vkey, bool KeyKnown, bool Kept, IReadOnlyList<PackFinding> Findings);

/// <summary>Checks the folder of an archive with nothing but itself: no database, no network.</summary>
public static class ArchiveCheck
{
    private const int MostFindings = 100;

    /// <param name="log">The log's key, if it is known from elsewhere.</param>
    /// <param name="kept">A checkpoint that was kept elsewhere, of the same size; or a proof that one grew from the other.</param>
    /// <param name="sha256">Of the manifest, as the centre has it on record.</param>
    /// <param name="progress">Told how many events were checked.</param>
    /// <exception cref="UserError"><c>bad-archive</c>: the folder is no archive at all. <c>bad-checkpoint</c>, <c>bad-proof</c>: what was kept is neither.</exception>
    public static async Task<ArchiveReport> CheckAsync(
        string folder, NoteKey? log = null, string? kept = null, string? sha256 = null, Action<long>? progress = null, CancellationToken cancel = default)
    {
        var findings = new List<PackFinding>();
        void Find(string place, string what)
        {
            if (findings.Count < MostFindings)
                findings.Add(new(place, what));
        }
        var (contents, actual) = await Archive.ManifestAsync(folder, cancel);
        if (sha256 is not null && !sha256.Equals(actual, StringComparison.OrdinalIgnoreCase))
            Find(Archive.ManifestFile, $"its SHA-256 is {actual}, and {sha256} is on record");
        await CheckFilesAsync(folder, contents, Find, cancel);
        var checkpoint = Signed(folder, contents, log, kept, Find);
        var sums = new Sums();
        if (File.Exists(Path.Combine(folder, Archive.TilesFile)))
        {
            try
            {
                using var tiles = ArchiveTiles.Open(Path.Combine(folder, Archive.TilesFile), checkpoint, Find);
                CheckEvents(folder, contents, tiles, sums, Find, progress, cancel);
            }
            catch (UserError e) when (e.Code == "bad-archive")
            {
                Find(Archive.TilesFile, e.Message);
            }
        }
        foreach (var (what, told, counted) in ((string, long, long)[])[("dossiers", contents.Dossiers, sums.Dossiers), ("dossiers that go on", contents.Continued, sums.Continued),
            ("events", contents.Events, sums.Events), ("events of rules", contents.Rules, sums.Rules), ("open dossiers", contents.Open, OpenIn(folder))])
        {
            if (told != counted)
                Find(Archive.ManifestFile, $"it tells of {told} {what}, and the files hold {counted}");
        }
        return new(contents.Year, contents.Number, actual, sums.Dossiers, sums.Continued, sums.Events, contents.Open, sums.Proved, contents.TreeSize, contents.Vkey, log is not null, kept is not null, findings);
    }

    private sealed class Sums
    {
        public long Dossiers, Continued, Events, Rules, Proved;
    }

    private static async Task CheckFilesAsync(string folder, Archive.Contents contents, Action<string, string> find, CancellationToken cancel)
    {
        foreach (var part in contents.Files)
        {
            var path = Path.Combine(folder, part.Name);
            if (!File.Exists(path))
            {
                find(part.Name, "the manifest names it, and it is not there");
                continue;
            }
            await using var file = File.OpenRead(path);
            if (Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel)) is var hash && (hash != part.Sha256 || file.Length != part.Size))
                find(part.Name, $"its SHA-256 is {hash}, and the manifest has {part.Sha256}");
            if (!part.Name.EndsWith(".gz", StringComparison.Ordinal))
                continue;
            file.Position = 0;
            try
            {
                await using var unpacked = new GZipStream(file, CompressionMode.Decompress);
                if (Convert.ToHexStringLower(await SHA256.HashDataAsync(unpacked, cancel)) is var inside && inside != part.UnpackedSha256)
                    find(part.Name, $"the SHA-256 of what is packed in it is {inside}, and the manifest has {part.UnpackedSha256}");
            }
            catch (InvalidDataException e)
            {
                find(part.Name, $"it can't be unpacked: {e.Message}");
            }
        }
        foreach (var needed in (string[])[Archive.CheckpointFile, Archive.TilesFile, Archive.RulesFile, Archive.IndexFile, Archive.OpenFile])
        {
            if (contents.Files.All(part => part.Name != needed))
                find(Archive.ManifestFile, $"it does not name {needed}");
        }
        foreach (var path in Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal))
        {
            if (Path.GetFileName(path) is var name && name != Archive.ManifestFile && contents.Files.All(part => part.Name != name))
                find(name, "it does not belong to the archive");
        }
    }

    /// <summary>The checkpoint, as far as it is one; null where it can't be trusted.</summary>
    private static Checkpoint? Signed(string folder, Archive.Contents contents, NoteKey? log, string? kept, Action<string, string> find)
    {
        if (!File.Exists(Path.Combine(folder, Archive.CheckpointFile)))
            return null;
        var key = log ?? NoteKey.Parse(contents.Vkey);
        if (key is null)
        {
            find(Archive.ManifestFile, $"'{contents.Vkey}' is no verifier key");
            return null;
        }
        SignedCheckpoint signed;
        try
        {
            signed = SignedCheckpoint.Parse(File.ReadAllText(Path.Combine(folder, Archive.CheckpointFile)), "it");
            signed.By([key], "it");
        }
        catch (UserError e)
        {
            find(Archive.CheckpointFile, e.Message);
            return null;
        }
        if (signed.Checkpoint.Size != contents.TreeSize)
            find(Archive.CheckpointFile, $"it is of a tree of {signed.Checkpoint.Size}, and the manifest has {contents.TreeSize}");
        if (kept is not null)
            Compare(signed, key, kept, find);
        return signed.Checkpoint;
    }

    private static void Compare(SignedCheckpoint own, NoteKey key, string kept, Action<string, string> find)
    {
        if (kept.TrimStart().StartsWith('{'))
        {
            ProofFile.Check(kept, key, []);
            using var proof = JsonDocument.Parse(kept);
            if (!((string[])["old", "new"]).Any(end => proof.RootElement.TryGetProperty(end, out var note) && SignedNote.Parse(note.GetString()!)?.Text == own.Note.Text))
                find(Archive.CheckpointFile, $"the proof that was given is not of the tree of {own.Checkpoint.Size}");
            return;
        }
        var other = SignedCheckpoint.Parse(kept, "what was kept");
        other.By([key], "what was kept");
        if (other.Checkpoint.Size != own.Checkpoint.Size)
            throw new UserError("bad-checkpoint", $"what was kept is of a tree of {other.Checkpoint.Size}, and the archive's of {own.Checkpoint.Size}: give the proof that one grew from the other (dossier proof --from {Math.Min(other.Checkpoint.Size, own.Checkpoint.Size)})");
        if (other.Checkpoint.Text != own.Checkpoint.Text)
            find(Archive.CheckpointFile, $"another tree of {own.Checkpoint.Size} was kept: the public log was rewritten, or this is not of it");
    }

    private static void CheckEvents(string folder, Archive.Contents contents, ArchiveTiles tiles, Sums sums, Action<string, string> find, Action<long>? progress, CancellationToken cancel)
    {
        using var index = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // In this order the index was written.
        foreach (var part in contents.Files.Where(f => f.Name.EndsWith(".jsonl.gz", StringComparison.Ordinal)).OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            if (!File.Exists(Path.Combine(folder, part.Name)))
                continue;
            var isRules = part.Name == Archive.RulesFile;
            var (streams, events) = (0L, 0L);
            try
            {
                foreach (var stream in ArchiveFile.Read(Path.Combine(folder, part.Name)))
                {
                    cancel.ThrowIfCancellationRequested();
                    CheckStream(part.Name, stream, tiles, sums, find);
                    streams++;
                    events += stream.Lines.Count;
                    if (!isRules)
                    {
                        index.AppendData(Encoding.UTF8.GetBytes($"{stream.Head.Stream}\t{part.Name}\t{stream.Head.From}\t{stream.Lines.Count}\n"));
                        if (stream.Head.From == 1)
                            sums.Dossiers++;
                        else
                            sums.Continued++;
                    }
                    progress?.Invoke(sums.Events + sums.Rules + events);
                }
            }
            catch (UserError e) when (e.Code == "bad-archive")
            {
                find(part.Name, e.Message);
            }
            if (isRules)
                sums.Rules += events;
            else
                sums.Events += events;
            if (streams != part.Streams || events != part.Events)
                find(part.Name, $"it holds {events} events of {streams} streams, and the manifest has {part.Events} of {part.Streams}");
        }
        if (contents.Files.FirstOrDefault(f => f.Name == Archive.IndexFile) is { } told && told.UnpackedSha256 != Convert.ToHexStringLower(index.GetHashAndReset()))
            find(Archive.IndexFile, "it does not tell what the files hold");
    }

    private static void CheckStream(string file, ArchivedEvents stream, ArchiveTiles tiles, Sums sums, Action<string, string> find)
    {
        var (head, expected, before) = (stream.Head, stream.Head.From, -1L);
        if (head.Leaves.Count != stream.Lines.Count)
            find($"{file} line {stream.Line}", $"{head.Stream} has {head.Leaves.Count} leaves and {stream.Lines.Count} events");
        foreach (var (i, line) in stream.Lines.Index())
        {
            var place = $"{file} line {stream.Line + i + 1}";
            var (of, version, position) = Read(line);
            if (of is null)
            {
                find(place, $"it is no event; one of {head.Stream} was to stand there");
                continue;
            }
            if (of != head.Stream)
                find(place, $"it is of {of}, not of {head.Stream}");
            if (version != expected)
                find(place, $"{head.Stream}: version {expected} is missing; {version} stands in its place");
            if (position <= before)
                find(place, $"{head.Stream} version {version} stands in the log before the event that it follows");
            (expected, before) = (version + 1, position);
            var leaf = Commitment.LeafHash(Commitment.Of(Commitment.Salt(head.Secret, version), Encoding.UTF8.GetBytes(line)));
            // At its own place; and where an event was taken out before it, at another's.
            if (Stands(i) || Enumerable.Range(0, head.Leaves.Count).Any(Stands))
                sums.Proved++;
            else
                find(place, $"{head.Stream} version {version} is not the event that stands in the public log");

            bool Stands(int at) => at < head.Leaves.Count && tiles.LeafHash(head.Leaves[at]) is { } there && there.AsSpan().SequenceEqual(leaf);
        }
    }

    private static (string? Stream, long Version, long Position) Read(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return (json.RootElement.GetProperty("stream").GetString(), json.RootElement.GetProperty("version").GetInt64(), json.RootElement.GetProperty("position").GetInt64());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return default;
        }
    }

    private static long OpenIn(string folder) => Path.Combine(folder, Archive.OpenFile) is var path && File.Exists(path) ? File.ReadLines(path).LongCount() : 0;
}
