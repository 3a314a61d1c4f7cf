using System.IO.Compression;
using System.Text;
using System.Text.Json;
using EventDossier.Audit;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Archives;

/// <summary>What opens the events that follow it in a file of an archive: one line of JSON, then one line for each event as its commitment has it.</summary>
/// <param name="From">Version of the first event that follows; more than 1 where an earlier archive has those before.</param>
/// <param name="Leaves">Where each event stands in the public log.</param>
/// <param name="Secret">Of the stream, by which its leaves open.</param>
internal sealed record ArchivedStream(long From, IReadOnlyList<long> Leaves, byte[] Secret, string Stream)
{
    /// <summary>How its line begins, and no event's.</summary>
    public const string Mark = "{\"from\":";
}

/// <summary>Events of one stream as a file of an archive holds them.</summary>
/// <param name="Line">Of the head, from 1.</param>
internal sealed record ArchivedEvents(ArchivedStream Head, IReadOnlyList<string> Lines, long Line);

public static class ArchiveFile
{
    private const int MostEvents = 100_000;

    /// <summary>Stream after stream; what it holds in memory is one of them.</summary>
    /// <exception cref="UserError"><c>bad-archive</c>, naming the line.</exception>
    internal static IEnumerable<ArchivedEvents> Read(string path)
    {
        var name = Path.GetFileName(path);
        using var file = File.OpenRead(path);
        using var text = new StreamReader(new GZipStream(file, CompressionMode.Decompress), new UTF8Encoding(false, throwOnInvalidBytes: true));
        var number = 1L;
        var line = Next();
        while (line is not null)
        {
            var (head, at, lines) = (Head(line), number, new List<string>());
            for (line = Next(), number++; line is not null && !line.StartsWith(ArchivedStream.Mark, StringComparison.Ordinal); line = Next(), number++)
            {
                if (lines.Count == MostEvents)
                    throw Archive.Bad($"{name} line {number}: {head.Stream} has more than {MostEvents} events");
                lines.Add(line);
            }
            yield return new(head, lines, at);
        }

        string? Next()
        {
            try
            {
                return text.ReadLine();
            }
            catch (Exception e) when (e is InvalidDataException or DecoderFallbackException)
            {
                throw Archive.Bad($"{name}: what follows line {number} can't be unpacked: {e.Message}");
            }
        }

        ArchivedStream Head(string head)
        {
            try
            {
                return JsonSerializer.Deserialize<ArchivedStream>(head, EvidencePack.Json) is { Stream: not null, Leaves: not null, Secret: not null, From: > 0 } read ? read : throw new JsonException("something is missing");
            }
            catch (JsonException e)
            {
                throw Archive.Bad($"{name} line {number} begins no stream: {e.Message}");
            }
        }
    }

    /// <summary>The events of one dossier, by the archive's index; and in which version they begin.</summary>
    /// <exception cref="UserError"><c>bad-archive</c>, <c>no-such-dossier</c></exception>
    public static async Task<(long From, IReadOnlyList<StoredEvent> Events)> FindAsync(string folder, string code, CancellationToken cancel = default)
    {
        var (contents, _) = await Archive.ManifestAsync(folder, cancel);
        var index = Path.Combine(folder, Archive.IndexFile);
        if (!File.Exists(index))
            throw Archive.Bad($"{folder} has no {Archive.IndexFile}");
        using var text = new StreamReader(new GZipStream(File.OpenRead(index), CompressionMode.Decompress));
        while (await text.ReadLineAsync(cancel) is { } line)
        {
            if (!line.StartsWith($"{code}\t", StringComparison.Ordinal))
                continue;
            var name = line.Split('\t')[1];
            if (contents.Files.All(file => file.Name != name) || !File.Exists(Path.Combine(folder, name)))
                throw Archive.Bad($"{folder} has no {name}");
            if (Read(Path.Combine(folder, name)).FirstOrDefault(events => events.Head.Stream == code) is not { } found)
                throw Archive.Bad($"{name} does not hold {code}, which {Archive.IndexFile} says it does");
            try
            {
                return (found.Head.From, EvidencePack.Parse(Encoding.UTF8.GetBytes(string.Concat(found.Lines.Select(l => $"{l}\n")))));
            }
            catch (FormatException e)
            {
                throw Archive.Bad($"{name}, {code}: {e.Message}");
            }
        }
        throw new UserError("no-such-dossier", $"archive {contents.Number} of {contents.Year} has no dossier {code}");
    }

    /// <summary>One dossier by all folders that hold some of it, from its first event on as far as they go together.</summary>
    /// <exception cref="UserError"><c>bad-archive</c>, <c>no-such-dossier</c></exception>
    public static async Task<IReadOnlyList<StoredEvent>> FindAsync(IReadOnlyList<string> folders, string code, CancellationToken cancel = default)
    {
        var (found, missing) = (new SortedDictionary<long, StoredEvent>(), default(UserError));
        foreach (var folder in folders)
        {
            try
            {
                foreach (var e in (await FindAsync(folder, code, cancel)).Events)
                    found.TryAdd(e.Version, e);
            }
            catch (UserError e) when (e.Code == "no-such-dossier")
            {
                missing = e;
            }
        }
        if (found.Count == 0)
            throw missing!;
        if (found.Values.Any(e => e.Event is not DossierEvent || e.Stream != code))
            throw Archive.Bad($"{code}: an event of something else stands among its own");
        return [.. found.Values];
    }
}
