using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using EventDossier.Store;

namespace EventDossier.Record;

/// <summary>
/// What the public log says of an event: a hash that only who holds the event and its salt can match to it. The leaf holds the commitment and nothing else, for a name, a time or an id in the
/// open could be joined with what is published elsewhere.
/// </summary>
public static class Commitment
{
    public const int SecretBytes = 32;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _spelled;

    private static readonly JsonSerializerOptions _text = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly SearchValues<char> _escaped = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\']);

    /// <summary>Opens one event: HMAC-SHA-256 of its version, in decimal digits, under the stream's secret, which opens all of them.</summary>
    public static byte[] Salt(ReadOnlySpan<byte> secret, long version)
    {
        Span<byte> digits = stackalloc byte[20];
        version.TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        return HMACSHA256.HashData(secret, digits[..length]);
    }

    /// <summary>SHA-256 of the salt and the event as <see cref="Write"/> spells it.</summary>
    public static byte[] Of(StoredEvent e, ReadOnlySpan<byte> secret)
    {
        var bytes = _spelled ??= new(4096);
        bytes.ResetWrittenCount();
        bytes.Write(Salt(secret, e.Version));
        Write(e, bytes);
        return SHA256.HashData(bytes.WrittenSpan);
    }

    public static byte[] Of(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> canonicalEvent) => SHA256.HashData([.. salt, .. canonicalEvent]);

    /// <summary>
    /// Everything of an event that a reader of the log sees, as RFC 8785 has it: <c>causation</c>, <c>correlation</c>, <c>data</c>, <c>headers</c>, <c>id</c>, <c>name</c>, <c>position</c>,
    /// <c>recordedAt</c> (UTC, six decimals), <c>stream</c>, <c>version</c>; absent for null. The legal time stands in the data. JSON that has no canonical spelling, such as a number beyond a
    /// double's range, which no program of ours writes, stands as a string of what the database holds: nothing stops the seal.
    /// </summary>
    public static void Write(StoredEvent e, IBufferWriter<byte> to)
    {
        to.Write("{"u8);
        if (e.Causation is { } causation)
            Text(to, "\"causation\":"u8, causation, ","u8);
        if (e.Correlation is { } correlation)
            Text(to, "\"correlation\":"u8, correlation, ","u8);
        to.Write("\"data\":"u8);
        Json(to, e.Data.Span);
        if (e.Headers is { Length: > 0 } headers)
        {
            to.Write(",\"headers\":"u8);
            Json(to, headers);
        }
        Span<byte> plain = stackalloc byte[160];
        Utf8.TryWrite(plain, CultureInfo.InvariantCulture, $",\"id\":\"{e.Id}\",\"name\":", out var length);
        to.Write(plain[..length]);
        Text(to, default, e.Name, default);
        Utf8.TryWrite(plain, CultureInfo.InvariantCulture, $",\"position\":{e.Position},\"recordedAt\":\"{e.RecordedAt.UtcDateTime:yyyy-MM-ddTHH:mm:ss.ffffffZ}\",\"stream\":", out length);
        to.Write(plain[..length]);
        Text(to, default, e.Stream, default);
        Utf8.TryWrite(plain, CultureInfo.InvariantCulture, $",\"version\":{e.Version}}}", out length);
        to.Write(plain[..length]);
    }

    /// <summary>The leaf itself, 87 bytes of RFC 8785 JSON.</summary>
    public static byte[] Leaf(ReadOnlySpan<byte> commitment)
    {
        var leaf = new byte[87];
        "{\"commitment\":\""u8.CopyTo(leaf);
        Convert.TryToHexStringLower(commitment, leaf.AsSpan(15), out _);
        "\",\"v\":1}"u8.CopyTo(leaf.AsSpan(79));
        return leaf;
    }

    public static byte[] LeafHash(ReadOnlySpan<byte> commitment) => Merkle.LeafHash(Leaf(commitment));

    private static void Json(IBufferWriter<byte> to, ReadOnlySpan<byte> json)
    {
        try
        {
            CanonicalJson.Canonicalize(json, to);
        }
        catch (JsonException)
        {
            Text(to, default, Encoding.UTF8.GetString(json), default);
        }
    }

    private static void Text(IBufferWriter<byte> to, ReadOnlySpan<byte> before, string text, ReadOnlySpan<byte> after)
    {
        to.Write(before);
        if (text.AsSpan().ContainsAny(_escaped))
            CanonicalJson.Canonicalize(JsonSerializer.SerializeToUtf8Bytes(text, _text), to);
        else
        {
            to.Write("\""u8);
            Encoding.UTF8.GetBytes(text, to);
            to.Write("\""u8);
        }
        to.Write(after);
    }
}
