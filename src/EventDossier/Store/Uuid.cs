using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace EventDossier.Store;

/// <summary>Name-based ids, RFC 9562 version 5: the same name in the same namespace is the same id, on every machine and for ever.</summary>
public static class Uuid
{
    private const int IdBytes = 16;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    [SuppressMessage("Security", "CA5350", Justification = "RFC 9562 prescribes SHA-1 for version 5; nothing rests on its collision resistance.")]
    public static Guid V5(Guid @namespace, ReadOnlySpan<byte> name)
    {
        var length = IdBytes + name.Length;
        Span<byte> named = length <= 512 ? stackalloc byte[length] : new byte[length];
        // Network byte order: Guid's own layout turns its first three fields round.
        @namespace.TryWriteBytes(named, bigEndian: true, out _);
        name.CopyTo(named[IdBytes..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(named, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..IdBytes], bigEndian: true);
    }

    /// <summary>The name as UTF-8.</summary>
    /// <exception cref="EncoderFallbackException">The name holds a lone surrogate, which would be the same id as another's.</exception>
    public static Guid V5(Guid @namespace, string name)
    {
        var most = StrictUtf8.GetMaxByteCount(name.Length);
        Span<byte> utf8 = most <= 512 ? stackalloc byte[most] : new byte[most];
        return V5(@namespace, utf8[..StrictUtf8.GetBytes(name, utf8)]);
    }

    /// <summary>The id of a command's event: the command id is the namespace, the decimal index the name.</summary>
    public static Guid V5(Guid commandId, int index)
    {
        Span<byte> digits = stackalloc byte[11];
        Utf8Formatter.TryFormat(index, digits, out var length);
        return V5(commandId, digits[..length]);
    }
}
