using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventDossier.Store;

namespace EventDossier.Record;

/// <summary>What opens a leaf: the event that it commits to, and the salt.</summary>
/// <param name="Event">As <see cref="Commitment.Write"/> spells it; another spelling of the same JSON does as well.</param>
public sealed record Opening(JsonElement Event, byte[] Salt)
{
    public static Opening Of(StoredEvent e, ReadOnlySpan<byte> secret)
    {
        var bytes = new ArrayBufferWriter<byte>();
        Commitment.Write(e, bytes);
        return new(JsonElement.Parse(bytes.WrittenSpan), Commitment.Salt(secret, e.Version));
    }

    [JsonIgnore]
    public byte[] Leaf => Commitment.Leaf(Commitment.Of(Salt, CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(Event.GetRawText()))));
}

/// <summary>That a leaf stands in the tree of a checkpoint. As JSON, or as a C2SP tlog-proof, which has no place for key and leaf: there the leaf follows from the opening.</summary>
/// <param name="Vkey">The log's key, as who made the proof says; a checker should know it from elsewhere.</param>
/// <param name="LeafB64">The leaf's bytes.</param>
/// <param name="Opening">What the leaf stands for, where the proof is to tell.</param>
public sealed record InclusionProof(
    string Vkey, string Checkpoint, long Index, byte[] LeafB64, IReadOnlyList<byte[]> Proof,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Opening? Opening = null)
{
    public string ToTlogProof()
    {
        var text = new StringBuilder($"{ProofFile.TlogProof}\n");
        if (Opening is not null)
            text.Append(CultureInfo.InvariantCulture, $"extra {Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(Opening, ProofFile.Json))}\n");
        text.Append(CultureInfo.InvariantCulture, $"index {Index}\n");
        foreach (var hash in Proof)
            text.Append(Convert.ToBase64String(hash)).Append('\n');
        return text.Append('\n').Append(Checkpoint).ToString();
    }
}

/// <summary>That the tree of one checkpoint grew from that of an earlier one, with nothing changed.</summary>
public sealed record ConsistencyProof(string Vkey, string Old, string New, IReadOnlyList<byte[]> Proof);

/// <summary>What a checked proof shows.</summary>
/// <param name="KeyKnown">Whether the key was known to the checker, or is the file's own word.</param>
/// <param name="From">Of a consistency proof: the earlier size.</param>
/// <param name="Index">Of an inclusion proof: the leaf's place.</param>
/// <param name="Event">Of an inclusion proof that is opened.</param>
public sealed record CheckedProof(string Vkey, bool KeyKnown, long Size, IReadOnlyList<string> Witnesses, long? From = null, long? Index = null, JsonElement? Event = null);

/// <summary>Proofs in files, checked with nothing but themselves and a key.</summary>
public static class ProofFile
{
    internal const string TlogProof = "c2sp.org/tlog-proof@v1";

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="text">JSON of an <see cref="InclusionProof"/>, of several, or of a <see cref="ConsistencyProof"/>; or a C2SP tlog-proof.</param>
    /// <param name="log">The log's key, if it is known from elsewhere.</param>
    /// <param name="leaf">Of a tlog-proof that does not tell: the leaf's bytes.</param>
    /// <param name="secret">The stream's, from its slip: the salts must be made of it.</param>
    /// <exception cref="UserError"><c>bad-proof</c>: no proof, or one that does not hold. <c>bad-checkpoint</c>.</exception>
    public static IReadOnlyList<CheckedProof> Check(string text, NoteKey? log, IReadOnlyList<NoteKey> witnesses, byte[]? leaf = null, byte[]? secret = null)
    {
        try
        {
            if (text.StartsWith(TlogProof, StringComparison.Ordinal))
                return [Check(FromTlogProof(text, log ?? throw Bad("a tlog-proof does not name its log's key: give it"), leaf), log, witnesses, secret)];
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind switch
            {
                JsonValueKind.Array => [.. json.RootElement.EnumerateArray().Select(proof => Check(Read<InclusionProof>(proof), log, witnesses, secret))],
                JsonValueKind.Object when json.RootElement.TryGetProperty("old", out _) => [Check(Read<ConsistencyProof>(json.RootElement), log, witnesses)],
                _ => [Check(Read<InclusionProof>(json.RootElement), log, witnesses, secret)],
            };
        }
        catch (JsonException e)
        {
            throw Bad($"it is no proof: {e.Message}");
        }
    }

    private static CheckedProof Check(InclusionProof proof, NoteKey? log, IReadOnlyList<NoteKey> witnesses, byte[]? secret)
    {
        var key = log ?? KeyOf(proof.Vkey);
        var signed = SignedCheckpoint.Parse(proof.Checkpoint, "what it calls its checkpoint");
        signed.By([key], "its checkpoint");
        if (!Merkle.IsIncluded(proof.Index, signed.Checkpoint.Size, Merkle.LeafHash(proof.LeafB64), proof.Proof, signed.Checkpoint.Root))
            throw Bad($"leaf {proof.Index} does not stand in the tree of {signed.Checkpoint.Size}");
        if (proof.Opening is { } opening)
        {
            if (opening.Event.ValueKind != JsonValueKind.Object || !opening.Leaf.AsSpan().SequenceEqual(proof.LeafB64))
                throw Bad("the event is not what the leaf commits to");
            if (secret is not null && !(opening.Event.TryGetProperty("version", out var version) && version.TryGetInt64(out var number)
                    && opening.Salt.AsSpan().SequenceEqual(Commitment.Salt(secret, number))))
                throw Bad("its salt is not made of that secret");
        }
        return new($"{key}", log is not null, signed.Checkpoint.Size, Witnessed(signed, witnesses), Index: proof.Index, Event: proof.Opening?.Event.Clone());
    }

    private static CheckedProof Check(ConsistencyProof proof, NoteKey? log, IReadOnlyList<NoteKey> witnesses)
    {
        var key = log ?? KeyOf(proof.Vkey);
        var (old, now) = (SignedCheckpoint.Parse(proof.Old, "what it calls old"), SignedCheckpoint.Parse(proof.New, "what it calls new"));
        old.By([key], "its old checkpoint");
        now.By([key], "its new checkpoint");
        if (!Merkle.IsConsistent(old.Checkpoint.Size, now.Checkpoint.Size, old.Checkpoint.Root, now.Checkpoint.Root, proof.Proof))
            throw Bad($"the tree of {now.Checkpoint.Size} did not grow from that of {old.Checkpoint.Size}");
        return new($"{key}", log is not null, now.Checkpoint.Size, Witnessed(now, witnesses), From: old.Checkpoint.Size);
    }

    private static List<string> Witnessed(SignedCheckpoint signed, IReadOnlyList<NoteKey> witnesses) =>
        [.. (signed.Note.SignedBy(witnesses) ?? throw Bad("a witness's signature is false")).Select(witness => witness.Name)];

    private static InclusionProof FromTlogProof(string text, NoteKey log, byte[]? leaf)
    {
        if (text.Split("\n\n", 2) is not [var head, var checkpoint])
            throw Bad("a tlog-proof has an empty line before its checkpoint");
        var lines = head.Split('\n')[1..];
        Opening? opening = null;
        if (lines is [['e', 'x', 't', 'r', 'a', ' ', .. var extra], .. var rest])
        {
            lines = rest;
            // What other programs put there is theirs.
            if (leaf is null && Base64.Decode(extra) is { } bytes)
                opening = JsonSerializer.Deserialize<Opening>(bytes, Json);
        }
        if (lines is not [['i', 'n', 'd', 'e', 'x', ' ', .. var digits], .. var hashes] || !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            throw Bad("a tlog-proof names its index");
        return new($"{log}", checkpoint, index, leaf ?? opening?.Leaf ?? throw Bad("a tlog-proof does not hold its leaf: give it"),
            [.. hashes.Select(hash => Base64.DecodeHash(hash) ?? throw Bad($"'{hash}' is no hash"))], opening);
    }

    private static T Read<T>(JsonElement json) where T : class => json.Deserialize<T>(Json) ?? throw Bad("null is no proof");

    private static NoteKey KeyOf(string vkey) => NoteKey.Parse(vkey) ?? throw Bad($"'{vkey}' is no verifier key");

    private static UserError Bad(string message) => new UserError("bad-proof", message);
}
