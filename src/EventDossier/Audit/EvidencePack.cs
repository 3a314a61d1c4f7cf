using System.Buffers;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Procedures;
using EventDossier.Record;
using EventDossier.Store;

namespace EventDossier.Audit;

/// <summary>
/// What is known of one dossier, to be handed to somebody who trusts neither the centre nor its machine. Events, rules, proofs and names are what the pack is made of; page, fold, due date and
/// manifest are made from them, so that whoever has the program can make them again and compare.
/// </summary>
/// <param name="Events">The dossier's, all of them, as stored.</param>
/// <param name="Rules">The decisions on the calendar that were entered, and the versions of its procedure.</param>
/// <param name="Proofs">That events and rules stand in the public log, as far as they are sealed.</param>
/// <param name="Checkpoint">Of the log that the proofs are of; null where nothing is sealed yet.</param>
/// <param name="Names">What is personal, in clear, by version of the event; null for a pack without.</param>
public sealed record EvidencePack(
    string Code, IReadOnlyList<StoredEvent> Events, IReadOnlyList<StoredEvent> Rules, IReadOnlyList<InclusionProof> Proofs, string? Checkpoint, IReadOnlyList<EvidencePack.Opened>? Names)
{
    public const int Format = 1;
    public const string Page = "index.html", Manifest = "manifest.json", EventsFile = "events.jsonl", RulesFile = "rules.jsonl", Fold = "dossier.json", Deadline = "deadline.json",
        ProofsFile = "proofs.json", CheckpointFile = "checkpoint", NamesFile = "names.json", Signature = "signature/manifest.p7s", Timestamp = "signature/manifest.tsr";

    /// <summary>Made from the others.</summary>
    public static IReadOnlyList<string> Derived { get; } = [Page, Fold, Deadline, Manifest];

    /// <summary>Put in later, over the manifest, and named by nothing in the pack.</summary>
    public static IReadOnlyList<string> Slots { get; } = [Signature, Timestamp];

    /// <summary>Of the programs that make packs: what is made by another may look otherwise.</summary>
    public static string Maker { get; } = typeof(EvidencePack).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <param name="Text">Of whom an agent or a comment tells.</param>
    public sealed record Opened(long Version, Applicant? Applicant, string? Text);

    public sealed record FileHash(string Name, string Sha256, long Size);

    /// <param name="LastVersion">Of the dossier.</param>
    /// <param name="TreeSize">Of the checkpoint.</param>
    public sealed record Contents(int Format, string Maker, string Code, long LastVersion, long Position, bool Names, long? TreeSize, IReadOnlyList<FileHash> Files);

    public Dossier Dossier { get; } = Dossier.Fold(Code, Events);

    public ExplainedDate? Date => ExplainedDate.Of(Dossier, Calendars.Of(Rules.Where(e => e.Stream == Calendars.Stream)));

    /// <summary>Where an event stands in the public log; null where it is not proved.</summary>
    public InclusionProof? ProofOf(StoredEvent e) => Proofs.FirstOrDefault(proof => proof.Opening is { } opening
        && opening.Event.TryGetProperty("stream", out var stream) && stream.ValueEquals(e.Stream) && opening.Event.TryGetProperty("version", out var version) && version.TryGetInt64(out var number) && number == e.Version);

    /// <param name="open">Who reads it, for a pack with names; they are put down in the access log.</param>
    /// <exception cref="UserError"><c>no-such-dossier</c></exception>
    public static async Task<EvidencePack> OfAsync(Database database, string code, (PersonalData Personal, Reader Reader)? open = null, CancellationToken cancel = default)
    {
        var events = await History.ReadAsync(database.Log, code, new(), cancel);
        List<StoredEvent> rules =
        [
            .. await database.Log.ReadStreamAsync(Calendars.Stream, cancel: cancel),
            .. Dossier.Fold(code, events).Procedure is { } pin ? await database.Log.ReadStreamAsync(Procedure.Stream(pin.Code), cancel: cancel) : [],
        ];
        var tree = new RecordTree(database.App);
        var proofs = new List<InclusionProof>();
        var checkpoint = await tree.CurrentAsync(cancel: cancel);
        if (checkpoint is not null)
        {
            var key = checkpoint.By((await RecordKeys.LoadAsync(database, cancel)).Known, "the stored checkpoint");
            foreach (var e in events.Concat(rules))
            {
                if (await tree.FindAsync(e.Stream, e.Version, cancel) is { } leaf && leaf.Index < checkpoint.Checkpoint.Size)
                    proofs.Add(await tree.ProveAsync(key, checkpoint, leaf.Index, Opening.Of(e, await tree.SecretAsync(e.Stream, cancel)), cancel));
            }
        }
        IReadOnlyList<Opened>? names = open is not var (personal, reader) ? null
            : [.. (await personal.OpenAsync(reader, events, OpenedData.Pack, cancel)).Select(o => new Opened(o.Version, o.Applicant, o.Text))];
        return new(code, events, rules, proofs, checkpoint?.ToString(), names);
    }

    /// <summary>Its files, by name; the page first, for whoever opens it.</summary>
    public IReadOnlyList<(string Name, byte[] Bytes)> Files()
    {
        List<(string Name, byte[] Bytes)> files =
        [
            (Page, Encoding.UTF8.GetBytes(PackPage.Of(this))),
            (EventsFile, Lines(Events)), (RulesFile, Lines(Rules)),
            (Fold, Canonical(Dossier)),
        ];
        if (Date is { } date)
            files.Add((Deadline, Canonical(new { date, vi = date.ToLines(Language.Vi), en = date.ToLines(Language.En) })));
        files.Add((ProofsFile, CanonicalJson.Canonicalize(JsonSerializer.SerializeToUtf8Bytes(Proofs, ProofFile.Json))));
        if (Checkpoint is not null)
            files.Add((CheckpointFile, Encoding.UTF8.GetBytes(Checkpoint)));
        if (Names is not null)
            files.Add((NamesFile, Canonical(Names)));
        var hashes = files.Select(file => new FileHash(file.Name, Hash(file.Bytes), file.Bytes.Length)).ToList();
        var size = Checkpoint is null ? default(long?) : Record.Checkpoint.Parse(SignedNote.Parse(Checkpoint)!.Text)!.Size;
        files.Insert(1, (Manifest, Canonical(new Contents(Format, Maker, Code, Events[^1].Version, Events[^1].Position, Names is not null, size, hashes))));
        return files;
    }

    /// <summary>The same dossier by the same checkpoint gives the same bytes.</summary>
    public byte[] ToZip() => PackZip.Write(Files());

    internal static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>One event a line, as the commitments have it.</summary>
    internal static byte[] Lines(IReadOnlyList<StoredEvent> events)
    {
        var lines = new ArrayBufferWriter<byte>();
        foreach (var e in events)
        {
            Commitment.Write(e, lines);
            lines.Write("\n"u8);
        }
        return lines.WrittenSpan.ToArray();
    }

    /// <exception cref="FormatException">With the line.</exception>
    internal static IReadOnlyList<StoredEvent> Parse(byte[] lines)
    {
        var events = new List<StoredEvent>();
        foreach (var (i, line) in Encoding.UTF8.GetString(lines).Split('\n')[..^1].Index())
        {
            try
            {
                using var json = JsonDocument.Parse(line);
                var e = json.RootElement;
                events.Add(new(
                    e.GetProperty("position").GetInt64(), e.GetProperty("id").GetGuid(), Text("stream")!, e.GetProperty("version").GetInt64(), Text("name")!,
                    Encoding.UTF8.GetBytes(e.GetProperty("data").GetRawText()),
                    DateTimeOffset.Parse(Text("recordedAt")!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                    e.TryGetProperty("headers", out var headers) ? Encoding.UTF8.GetBytes(headers.GetRawText()) : [],
                    Text("correlation"), Text("causation"), ProductEvents.Names));
                _ = events[^1].Event;

                string? Text(string name) => e.TryGetProperty(name, out var text) ? text.GetString() : null;
            }
            catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or UnknownEventNameException or ArgumentException)
            {
                throw new FormatException($"line {i + 1} is no event: {fault.Message}", fault);
            }
        }
        return events;
    }

    internal static byte[] Canonical<T>(T value) => CanonicalJson.Canonicalize(JsonSerializer.SerializeToUtf8Bytes(value, Json));
}
