using System.Security.Cryptography;
using System.Text;

namespace EventDossier.Record;

/// <summary>
/// The key printed on slip 01, by which its holder looks the dossier up without signing in: twelve digits of Crockford's base 32, from HMAC-SHA-256 of the slip's number under a secret that
/// stands on no slip. So nothing is stored for a key, a slip that is issued again has another, and who holds an old one can't derive it.
/// </summary>
public static class LookUpKey
{
    /// <summary>Of so many slips 01 of one dossier each has a key that opens.</summary>
    public const int MostSlips = 64;

    /// <summary>No stream of this name has events, so no slip ever shows the secret that keys are made of.</summary>
    public const string Secret = "/look-up";

    private const string Digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Length = 12, LongestCode = 200;

    /// <summary><c>7K2M-9QXT-04WB</c></summary>
    public static string Of(ReadOnlySpan<byte> secret, string slip) => string.Join('-', Encoding.ASCII.GetString(Plain(secret, slip)).Chunk(4).Select(part => new string(part)));

    /// <summary>The number of the slip 01 whose key it is; null where it is none of the dossier's, and where there is no such dossier.</summary>
    /// <remarks>
    /// It is told without a look at any dossier, and by the same work for any code and any key: whether a code exists can't be learnt without a key, from the answer or from the time it takes.
    /// </remarks>
    public static string? Slip(ReadOnlySpan<byte> secret, string code, string key)
    {
        code = code.Length <= LongestCode ? code : "";
        var typed = Read(key);
        var found = 0;
        for (var number = 1; number <= MostSlips; number++)
        {
            // No early end: the time would tell the number.
            if (CryptographicOperations.FixedTimeEquals(typed, Plain(secret, Number(code, number))))
                found = number;
        }
        return found == 0 ? null : Number(code, found);
    }

    /// <summary>Whether it is the key of what has no slip, by the same work for any.</summary>
    public static bool Opens(ReadOnlySpan<byte> secret, string what, string key) =>
        CryptographicOperations.FixedTimeEquals(Read(key), Plain(secret, what));

    private static string Number(string code, int number) => $"{code}/01-{number}";

    private static byte[] Plain(ReadOnlySpan<byte> secret, string slip)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(slip), hash);
        var key = new byte[Length];
        for (var i = 0; i < Length; i++)
            key[i] = (byte)Digits[hash[i] & 31];
        return key;
    }

    /// <summary>As it was meant: without hyphens and blanks, small letters as large ones, O as 0, I and L as 1. What is no key stays none.</summary>
    private static byte[] Read(string key)
    {
        var typed = new byte[Length];
        var count = 0;
        foreach (var c in key)
        {
            if (c is '-' or ' ' or '\u00A0')
                continue;
            if (count < Length)
                typed[count] = (byte)(char.ToUpperInvariant(c) switch { 'O' => '0', 'I' or 'L' => '1', var other => other < 128 ? other : '?' });
            count++;
        }
        return count == Length ? typed : new byte[Length];
    }
}
