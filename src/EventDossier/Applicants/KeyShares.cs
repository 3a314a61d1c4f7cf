using System.Security.Cryptography;
using System.Text;

namespace EventDossier.Applicants;

/// <summary>
/// The master key in two shares for two custodians: one is random, the other the key XOR that, so either alone says nothing. Each carries the key's fingerprint and its own checksum: a
/// mistyped share, or one of another key, is refused.
/// </summary>
public static class KeyShares
{
    private const string Name = "eventdossier-share";

    /// <summary>Two lines of text, to be printed or kept on two media.</summary>
    public static (string First, string Second) Split(MasterKey key)
    {
        var pad = RandomNumberGenerator.GetBytes(key.Secret.Length);
        return (Line(1, key.Fingerprint, pad), Line(2, key.Fingerprint, Xor(pad, key.Secret)));
    }

    /// <exception cref="UserError"><c>bad-share</c></exception>
    public static MasterKey Join(string one, string other)
    {
        var (a, b) = (Parse(one), Parse(other));
        if (a.Number == b.Number || !a.Fingerprint.AsSpan().SequenceEqual(b.Fingerprint))
            throw new UserError("bad-share", a.Number == b.Number ? $"both are share {a.Number}; share 1 and share 2 are wanted" : "the shares are of two different keys");
        var key = new MasterKey(Xor(a.Secret, b.Secret));
        return key.Fingerprint.AsSpan().SequenceEqual(a.Fingerprint) ? key : throw new UserError("bad-share", "the shares were made at two different times and don't fit together");
    }

    private static string Line(int number, byte[] fingerprint, byte[] secret) => $"{Name} {number} {Hex(fingerprint)} {Hex(secret)} {Checksum(number, fingerprint, secret)}\n";

    private static (int Number, byte[] Fingerprint, byte[] Secret) Parse(string text)
    {
        if (text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [Name, "1" or "2", { Length: 16 } f, { Length: 64 } s, var checksum] part
            && f.Concat(s).All(char.IsAsciiHexDigit))
        {
            var (number, fingerprint, secret) = (int.Parse(part[1]), Convert.FromHexString(f), Convert.FromHexString(s));
            if (Checksum(number, fingerprint, secret) == checksum)
                return (number, fingerprint, secret);
        }
        throw new UserError("bad-share", "a share is mistyped or cut off: its checksum does not fit");
    }

    private static string Checksum(int number, byte[] fingerprint, byte[] secret) =>
        Hex(SHA256.HashData([.. Encoding.ASCII.GetBytes($"{Name} {number}"), .. fingerprint, .. secret])[..4]);

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static byte[] Xor(byte[] a, byte[] b) => [.. a.Zip(b, (x, y) => (byte)(x ^ y))];
}
