using System.Text;
using System.Text.Json;
using EventDossier.Store;

namespace EventDossier.Applicants;

/// <summary>
/// Every erasure once more, in a small file of the data folder that is only ever appended to. It stands outside both databases: where both are restored from an older backup,
/// it still knows who was erased since. A copy goes into each backup. It holds the event and who did it, nothing personal.
/// </summary>
public sealed class ErasureRegister(string path)
{
    /// <summary>As it stands in the file, one a line.</summary>
    public sealed record Entry(ApplicantErased Event, CommandMetadata Command);

    public string Path => path;

    /// <summary><c>erasures.log</c> of a data folder; samples have one of their own.</summary>
    public static ErasureRegister In(string dataFolder, bool sample) => new(System.IO.Path.Combine(dataFolder, sample ? "erasures_sample.log" : "erasures.log"));

    /// <exception cref="UserError"><c>register-damaged</c>, with the line.</exception>
    public async Task<IReadOnlyList<Entry>> ReadAsync(CancellationToken cancel = default)
    {
        if (!File.Exists(path))
            return [];
        var text = await File.ReadAllTextAsync(path, cancel);
        // What a power cut left of a last line was not acknowledged, and the log has it.
        var lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select((line, index) =>
        {
            try
            {
                return JsonSerializer.Deserialize<Entry>(line, _json)!;
            }
            catch (JsonException)
            {
                throw new UserError("register-damaged", $"{path}: line {index + 1} is no erasure: take the copy of the last backup");
            }
        })];
    }

    /// <summary>On disk when this returns. What is there already is not added again.</summary>
    public async Task AddAsync(IReadOnlyList<Entry> entries, CancellationToken cancel = default)
    {
        if (entries.Count == 0)
            return;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        using var alone = await ClusterLock.WaitExclusiveAsync(path + ".lock", cancel);
        var known = (await ReadAsync(cancel)).Select(e => e.Event.Applicant).ToHashSet();
        var lines = string.Concat(entries.Where(e => known.Add(e.Event.Applicant)).Select(e => JsonSerializer.Serialize(e, _json) + "\n"));
        if (lines.Length == 0)
            return;
        var isNew = !File.Exists(path);
        await using (var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite))
        {
            file.SetLength(await WholeLinesAsync(file, cancel));
            file.Seek(0, SeekOrigin.End);
            await file.WriteAsync(Encoding.UTF8.GetBytes(lines), cancel);
            file.Flush(flushToDisk: true);
        }
        if (isNew)
            DurableFile.FlushFolder(System.IO.Path.GetDirectoryName(path)!);
    }

    private static async Task<long> WholeLinesAsync(FileStream file, CancellationToken cancel)
    {
        var bytes = new byte[file.Length];
        await file.ReadExactlyAsync(bytes, cancel);
        return bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
    }

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };
}
