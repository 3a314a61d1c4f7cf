using System.Text.Json;
using EventDossier.Audit;
using EventDossier.Store;

namespace EventDossier.Archives;

/// <summary>A year's finished dossiers went into an archive, in the stream <c>/archive/YEAR</c>: the first, or a supplement with what was not in an earlier one.</summary>
/// <param name="Number">From 1 on, within the year.</param>
/// <param name="Position">Of the log up to which it goes.</param>
/// <param name="Checkpoint">The signed note of the public log that it is proved against.</param>
/// <param name="Dossiers">With their whole history.</param>
/// <param name="Continued">That are in an earlier archive, with the events since.</param>
/// <param name="Open">Of the year and not finished then: left for a supplement.</param>
/// <param name="Sha256">Of its manifest, lower-case hex.</param>
/// <param name="Basis">The provision or decision that it was made by.</param>
public sealed record ArchiveMade(
    DateTimeOffset OccurredAt, string By, int Year, int Number, long Position, string Checkpoint, long Dossiers, long Continued, long Events, long Open, string Sha256, string Basis);

/// <summary>The archives of closed years, as the log has them; and what the folder of one holds, which needs no database to be read.</summary>
public static class Archive
{
    public const int Format = 1;
    public const string StreamType = "archive", StreamPrefix = "/archive/";
    public const string ManifestFile = "manifest.json", CheckpointFile = "checkpoint", TilesFile = "tiles", RulesFile = "rules.jsonl.gz", IndexFile = "index.tsv.gz", OpenFile = "open.tsv";

    /// <param name="After">The position up to which the archive before it goes; null for the first.</param>
    /// <param name="TreeSize">Of the checkpoint.</param>
    /// <param name="Vkey">Of the log, as who made the archive says.</param>
    /// <param name="Rules">Events of calendar, catalogue, organisation and keys.</param>
    /// <param name="Files">All but the manifest itself.</param>
    public sealed record Contents(
        int Format, int Year, int Number, long? After, long Position, long TreeSize, string Vkey, long Dossiers, long Continued, long Events, long Open, long Rules, IReadOnlyList<Part> Files);

    /// <param name="Sha256">Of the file, as the next of what is packed in it, both lower-case hex.</param>
    /// <param name="Streams">How many dossiers, or other streams, begin or go on in it.</param>
    public sealed record Part(string Name, long Size, string Sha256, string? UnpackedSha256, long? Streams, long? Events);

    public static string Stream(int year) => $"{StreamPrefix}{year}";

    /// <summary>Of one year, or of all, in the order in which they were made.</summary>
    public static async Task<IReadOnlyList<ArchiveMade>> ListAsync(Database database, int? year = null, CancellationToken cancel = default) =>
        [.. (year is { } one ? await database.Log.ReadStreamAsync(Stream(one), cancel: cancel) : (await StreamOrder.BelowAsync(database, StreamPrefix, cancel)).SelectMany(s => s))
            .Select(e => e.Event as ArchiveMade ?? throw new InvalidOperationException($"{e.Name} in {e.Stream}"))];

    /// <exception cref="UserError"><c>bad-archive</c></exception>
    public static async Task<(Contents Contents, string Sha256)> ManifestAsync(string folder, CancellationToken cancel = default)
    {
        var path = Path.Combine(folder, ManifestFile);
        if (!File.Exists(path))
            throw Bad($"{folder} has no {ManifestFile}: it is no archive, or one that was cut off");
        var bytes = await File.ReadAllBytesAsync(path, cancel);
        try
        {
            if (JsonSerializer.Deserialize<Contents>(bytes, EvidencePack.Json) is { Vkey: not null, Files: not null } contents
                && contents.Files.All(file => file is { Name.Length: > 0, Sha256: not null } && Path.GetFileName(file.Name) == file.Name && file.Name != ManifestFile))
            {
                return contents.Format == Format ? (contents, EvidencePack.Hash(bytes)) : throw Bad($"{path} is in format {contents.Format}, and this program knows {Format}");
            }
        }
        catch (JsonException e)
        {
            throw Bad($"{path}: {e.Message}");
        }
        throw Bad($"{path} is no manifest of an archive");
    }

    internal static UserError Bad(string message) => new("bad-archive", message);
}
