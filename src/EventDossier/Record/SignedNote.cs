using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EventDossier.Record;

/// <summary>A public key as C2SP signed-note has it: <c>name+id+base64</c>.</summary>
/// <param name="Name">Of the log or the witness; no blanks and no plus.</param>
/// <param name="Kind">How it signs.</param>
/// <param name="Key">32 bytes.</param>
public sealed record NoteKey(string Name, NoteKey.Signs Kind, byte[] Key)
{
    public enum Signs : byte
    {
        /// <summary>Ed25519 over the note's text.</summary>
        Note = 1,

        /// <summary>A witness: Ed25519 over time and text (C2SP tlog-cosignature v1).</summary>
        Cosignature = 4,
    }

    /// <summary>Tells keys of one name apart: the first four bytes of SHA-256 of name, newline, kind and key.</summary>
    public uint Id { get; } = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData([.. Encoding.UTF8.GetBytes($"{Name}\n"), (byte)Kind, .. Key]));

    public bool Equals(NoteKey? other) => other is not null && ToString() == other.ToString();

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The verifier key that is handed out.</summary>
    public override string ToString() => $"{Name}+{Id:x8}+{Convert.ToBase64String([(byte)Kind, .. Key])}";

    /// <summary>Null for what is no verifier key of either kind, or whose id is another's.</summary>
    public static NoteKey? Parse(string text)
    {
        // Base64 may hold a plus; a name may not.
        if (text.Trim().Split('+', 3) is not [var name, var id, var key] || !IsName(name) || Base64.Decode(key) is not { Length: 1 + Ed25519.KeyBytes } bytes
            || bytes[0] is not ((byte)Signs.Note or (byte)Signs.Cosignature))
            return null;
        var parsed = new NoteKey(name, (Signs)bytes[0], bytes[1..]);
        return parsed.Id.ToString("x8", CultureInfo.InvariantCulture) == id ? parsed : null;
    }

    public static bool IsName(string name) => name.Length > 0 && !name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '+');

    /// <param name="signature">As it stands in the note behind the key's id.</param>
    public bool Verifies(string text, ReadOnlySpan<byte> signature) => Kind switch
    {
        Signs.Note => Ed25519.Verify(Key, Encoding.UTF8.GetBytes(text), signature),
        _ => signature.Length == 8 + Ed25519.SignatureBytes
            && Ed25519.Verify(Key, Encoding.UTF8.GetBytes(Cosigned(text, BinaryPrimitives.ReadUInt64BigEndian(signature))), signature[8..]),
    };

    internal static string Cosigned(string text, ulong time) => $"cosignature/v1\ntime {time.ToString(CultureInfo.InvariantCulture)}\n{text}";
}

/// <summary>The private half of a <see cref="NoteKey"/>, kept as <c>PRIVATE+KEY+name+id+base64</c>, which other programs for signed notes read too.</summary>
public sealed class NoteSigner
{
    private const string Prefix = "PRIVATE+KEY+";
    private readonly byte[] _seed;

    public NoteSigner(string name, byte[] seed, NoteKey.Signs kind = NoteKey.Signs.Note) => (_seed, Key) = (seed, new(name, kind, Ed25519.PublicKey(seed)));

    public NoteKey Key { get; }

    public static NoteSigner New(string name) => new(name, RandomNumberGenerator.GetBytes(Ed25519.KeyBytes));

    /// <summary>Null for what is no private key.</summary>
    public static NoteSigner? Parse(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length..].Trim().Split('+', 3) is not [var name, var id, var secret] || !NoteKey.IsName(name)
            || Base64.Decode(secret) is not { Length: 1 + Ed25519.KeyBytes } bytes || bytes[0] is not ((byte)NoteKey.Signs.Note or (byte)NoteKey.Signs.Cosignature))
            return null;
        var signer = new NoteSigner(name, bytes[1..], (NoteKey.Signs)bytes[0]);
        return signer.Key.Id.ToString("x8", CultureInfo.InvariantCulture) == id ? signer : null;
    }

    /// <summary>The secret itself.</summary>
    public string Export() => $"{Prefix}{Key.Name}+{Key.Id:x8}+{Convert.ToBase64String([(byte)Key.Kind, .. _seed])}";

    /// <param name="at">When a witness signs; a log's own signature has no time.</param>
    public NoteSignature Sign(string text, DateTimeOffset? at = null)
    {
        if (Key.Kind == NoteKey.Signs.Note)
            return new(Key.Name, Key.Id, Ed25519.Sign(_seed, Encoding.UTF8.GetBytes(text)));
        var signature = new byte[8 + Ed25519.SignatureBytes];
        var time = (ulong)(at ?? throw new ArgumentNullException(nameof(at))).ToUnixTimeSeconds();
        BinaryPrimitives.WriteUInt64BigEndian(signature, time);
        Ed25519.Sign(_seed, Encoding.UTF8.GetBytes(NoteKey.Cosigned(text, time))).CopyTo(signature, 8);
        return new(Key.Name, Key.Id, signature);
    }
}

/// <param name="Bytes">What stands behind the key's id.</param>
public sealed record NoteSignature(string Name, uint Id, byte[] Bytes)
{
    /// <summary>When a witness says that it signed; null for other signatures.</summary>
    public DateTimeOffset? Time => Bytes.Length == 8 + Ed25519.SignatureBytes && BinaryPrimitives.ReadUInt64BigEndian(Bytes) is < 253402300800 and var time
        ? DateTimeOffset.FromUnixTimeSeconds((long)time) : null;

    public string Line
    {
        get
        {
            var bytes = new byte[4 + Bytes.Length];
            BinaryPrimitives.WriteUInt32BigEndian(bytes, Id);
            Bytes.CopyTo(bytes, 4);
            return $"— {Name} {Convert.ToBase64String(bytes)}\n";
        }
    }

    public bool IsOf(NoteKey key) => Name == key.Name && Id == key.Id;
}

/// <summary>A text with signatures below it, as C2SP signed-note and Go's <c>note</c> have it.</summary>
/// <param name="Text">Ends in a newline.</param>
public sealed record SignedNote(string Text, IReadOnlyList<NoteSignature> Signatures)
{
    private const int MostBytes = 1_000_000, MostSignatures = 100;

    public override string ToString() => $"{Text}\n{string.Concat(Signatures.Select(signature => signature.Line))}";

    /// <summary>Null for what is no note: nothing is verified here.</summary>
    public static SignedNote? Parse(string note)
    {
        if (note.Length > MostBytes || note.Any(c => c < 0x20 && c != '\n') || note.Contains('\uFFFD', StringComparison.Ordinal)
            || note.LastIndexOf("\n\n", StringComparison.Ordinal) is not (> 0 and var end) || end + 2 == note.Length || !note.EndsWith('\n'))
            return null;
        var signatures = new List<NoteSignature>();
        foreach (var line in note[(end + 2)..^1].Split('\n'))
        {
            if (!line.StartsWith("— ", StringComparison.Ordinal) || line[2..].Split(' ') is not [var name, var text] || !NoteKey.IsName(name)
                || Base64.Decode(text) is not { Length: > 4 } bytes || signatures.Count == MostSignatures)
                return null;
            signatures.Add(new(name, BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes[4..]));
        }
        return new(note[..(end + 1)], signatures);
    }

    /// <summary>Those of the known keys that signed it. A signature that names a known key and is not that key's makes the note worthless, and so does the same key twice.</summary>
    /// <returns>Null for a worthless note.</returns>
    public IReadOnlyList<NoteKey>? SignedBy(IEnumerable<NoteKey> known)
    {
        var by = new List<NoteKey>();
        foreach (var key in known.Distinct())
        {
            var signatures = Signatures.Where(signature => signature.IsOf(key)).ToList();
            if (signatures.Count > 1 || signatures is [var one] && !key.Verifies(Text, one.Bytes))
                return null;
            if (signatures.Count == 1)
                by.Add(key);
        }
        return by;
    }
}

/// <summary>Base64 as the formats here have it: one spelling for every value.</summary>
internal static class Base64
{
    /// <summary>Null for what is not base64, or another spelling of it.</summary>
    public static byte[]? Decode(string text)
    {
        var bytes = new byte[text.Length / 4 * 3];
        return Convert.TryFromBase64String(text, bytes, out var length) && Convert.ToBase64String(bytes.AsSpan(0, length)) == text ? bytes[..length] : null;
    }

    public static byte[]? DecodeHash(string text) => Decode(text) is { Length: Merkle.HashBytes } hash ? hash : null;
}
