using System.Security.Cryptography;
using EventDossier.Applicants;
using EventDossier.Store;

namespace EventDossier.Documents;

/// <summary>A document as an event names it.</summary>
/// <param name="Sha256">Of the file, which is encrypted; lower-case hex. Like the commitments, it still verifies when nobody can read the document any more.</param>
/// <param name="Size">Of the document itself, in bytes.</param>
public sealed record StoredDocument(string Sha256, long Size);

/// <summary>
/// Documents of applicants, each a file encrypted under its applicant's key and named by the hash of what stands in it: <c>ab/cdef…</c>. A file is on disk before <see cref="StoreAsync"/>
/// returns, so store first and append the event that names it afterwards; a crash between leaves a file that no event names, and no event without its file.
/// </summary>
public sealed class DocumentFolder(string folder, KeyStore keys)
{
    /// <summary>A document is held in memory whole, and so is its ciphertext.</summary>
    public const int MostBytes = 50 << 20;

    private const string Purpose = "document";

    /// <summary>Says what the file is and whose; both are bound to the ciphertext by its hash in the event.</summary>
    private static ReadOnlySpan<byte> Mark => "EDDOC1\n\0"u8;

    private static int HeadBytes => Mark.Length + 16;

    /// <summary><c>EVENTDOSSIER_DOCUMENTS</c>, else <c>documents</c> in the data folder; samples have a folder of their own.</summary>
    public static string FolderIn(string dataFolder, bool sample) =>
        (Environment.GetEnvironmentVariable("EVENTDOSSIER_DOCUMENTS") is { Length: > 0 } named ? Path.GetFullPath(named) : Path.Combine(dataFolder, "documents"))
        + (sample ? "_sample" : "");

    /// <summary>The same document of the same applicant is the same file, however often it comes.</summary>
    /// <exception cref="UserError"><c>document-too-large</c>, <c>applicant-erased</c>, <c>key-missing</c>.</exception>
    public async Task<StoredDocument> StoreAsync(Guid applicant, Stream document, CancellationToken cancel = default)
    {
        var text = await ReadWholeAsync(document, cancel);
        var key = (await keys.KeysAsync([applicant], cancel))[applicant] ?? throw new UserError("applicant-erased", $"the applicant {applicant} was erased");
        byte[] bytes = [.. Mark, .. applicant.ToByteArray(bigEndian: true), .. key.Seal(Purpose, text)];
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var path = PathOf(hash);
        // One that a disk spoiled meanwhile is made good.
        if (!await IsWholeAsync(path, hash, cancel))
        {
            MakeFolder(Path.GetDirectoryName(path)!);
            await DurableFile.WriteAsync(path, bytes, cancel);
        }
        return new(hash, text.Length);
    }

    /// <summary>The document, or null when its applicant was erased.</summary>
    /// <exception cref="UserError"><c>no-such-document</c>; <c>document-damaged</c>: the file is not what its name says, or is another applicant's.</exception>
    internal async Task<byte[]?> ReadAsync(Guid applicant, string sha256, CancellationToken cancel = default)
    {
        if ((await keys.KeysAsync([applicant], cancel))[applicant] is not { } key)
            return null;
        var path = PathOf(sha256);
        if (!File.Exists(path))
            throw new UserError("no-such-document", $"there is no document {sha256}");
        var bytes = await File.ReadAllBytesAsync(path, cancel);
        return IsWhole(bytes, sha256) && key.Open(Purpose, bytes.AsSpan(HeadBytes)) is { } text ? text
            : throw new UserError("document-damaged", $"the file of document {sha256} was changed, or is another applicant's");
    }

    /// <summary>Removes the files of erased applicants, which nobody can read. Returns how many.</summary>
    public async Task<long> SweepAsync(CancellationToken cancel = default)
    {
        long swept = 0;
        foreach (var files in FilesIn(folder).Chunk(1000))
        {
            var owned = files.Select(file => (File: file, Owner: OwnerOf(file))).Where(f => f.Owner is not null).ToList();
            var erased = await keys.ErasedAsync([.. owned.Select(f => f.Owner!.Value).Distinct()], cancel);
            foreach (var (file, _) in owned.Where(f => erased.Contains(f.Owner!.Value)))
            {
                File.Delete(file);
                swept++;
            }
        }
        return swept;
    }

    /// <summary>Every file, in order of its name; what a cut-off write left beside is none.</summary>
    internal static IEnumerable<string> FilesIn(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => HashOf(f) is not null).Order(StringComparer.Ordinal)
        : [];

    internal static bool Has(string folder, string sha256) => File.Exists(Path.Combine(folder, sha256[..2], sha256[2..]));

    internal static string? HashOf(string file)
    {
        var hash = Path.GetFileName(Path.GetDirectoryName(file)) + Path.GetFileName(file);
        return hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower) ? hash : null;
    }

    internal static bool IsWhole(byte[] bytes, string sha256) =>
        bytes.Length >= HeadBytes + Sealing.Overhead && bytes.AsSpan().StartsWith(Mark) && Convert.ToHexStringLower(SHA256.HashData(bytes)) == sha256;

    private static async Task<bool> IsWholeAsync(string path, string sha256, CancellationToken cancel) =>
        File.Exists(path) && IsWhole(await File.ReadAllBytesAsync(path, cancel), sha256);

    /// <exception cref="UserError"><c>no-such-document</c>: no hash at all, which might else name any file.</exception>
    private string PathOf(string sha256) => sha256.Length == 64 && sha256.All(char.IsAsciiHexDigitLower)
        ? Path.Combine(folder, sha256[..2], sha256[2..])
        : throw new UserError("no-such-document", "a document is named by 64 hexadecimal digits in lower case");

    internal static void MakeFolder(string path)
    {
        if (Directory.Exists(path))
            return;
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        DurableFile.FlushFolder(Path.GetDirectoryName(path)!);
    }

    private static Guid? OwnerOf(string file)
    {
        using var stream = File.OpenRead(file);
        Span<byte> head = stackalloc byte[HeadBytes];
        return stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false) == HeadBytes && head.StartsWith(Mark) ? new Guid(head[Mark.Length..], bigEndian: true) : null;
    }

    private static async Task<byte[]> ReadWholeAsync(Stream document, CancellationToken cancel)
    {
        using var text = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int read; (read = await document.ReadAsync(buffer, cancel)) > 0;)
        {
            if (text.Length + read > MostBytes)
                throw new UserError("document-too-large", $"a document may have {MostBytes >> 20} MiB at most");
            text.Write(buffer, 0, read);
        }
        return text.ToArray();
    }
}
