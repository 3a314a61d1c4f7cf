using System.Security.Cryptography;
using System.Text;
using EventDossier.Store;

namespace EventDossier.Applicants;

/// <summary>
/// The key that wraps every applicant's own. It stands in a file that its owner alone can read, never in a database and never in a backup; a copy of it lies in two
/// shares with two custodians, see <see cref="KeyShares"/>.
/// </summary>
public sealed class MasterKey
{
    private const int KeyBytes = 32;
    private readonly byte[] _wrapping;

    internal MasterKey(byte[] secret)
    {
        Secret = secret;
        _wrapping = Derive(secret, "wrapping");
        Fingerprint = Derive(secret, "fingerprint")[..8];
    }

    internal byte[] Secret { get; }

    /// <summary>Tells one master key from another, and nothing about it.</summary>
    public byte[] Fingerprint { get; }

    /// <summary><c>EVENTDOSSIER_MASTER_KEY_FILE</c>, else <c>keys/master.key</c> in the data folder. The database of samples has one of its own beside it.</summary>
    public static string FileIn(string dataFolder, bool sample) =>
        (Environment.GetEnvironmentVariable("EVENTDOSSIER_MASTER_KEY_FILE") is { Length: > 0 } named ? Path.GetFullPath(named) : Path.Combine(dataFolder, "keys", "master.key"))
        + (sample ? ".sample" : "");

    public static MasterKey New() => new(RandomNumberGenerator.GetBytes(KeyBytes));

    /// <summary>Null where there is no such file.</summary>
    /// <exception cref="UserError"><c>master-key-unusable</c>: others may read it, or it is no key.</exception>
    public static MasterKey? Load(string path)
    {
        if (!File.Exists(path))
            return null;
        if ((File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != UnixFileMode.None)
            throw new UserError("master-key-unusable", $"{path} may be read by others than its owner: chmod 600, and ask who did");
        try
        {
            if (Convert.FromHexString(File.ReadAllText(path).Trim()) is { Length: KeyBytes } secret)
                return new(secret);
        }
        catch (FormatException)
        {
            // Told below.
        }
        throw new UserError("master-key-unusable", $"{path} is no master key: 64 hexadecimal digits are wanted");
    }

    public async Task SaveAsync(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await DurableFile.WriteAsync(path, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Secret) + "\n"));
    }

    /// <param name="of">Whose key it is: a wrapped key put into another's row does not open.</param>
    internal byte[] Wrap(Guid of, byte[] key)
    {
        var wrapped = new byte[Sealing.Overhead + key.Length];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, Sealing.NonceBytes));
        Sealing.Encrypt(_wrapping, key, Sealing.Context(of, "key"), wrapped);
        return wrapped;
    }

    internal byte[] Unwrap(Guid of, byte[] wrapped) =>
        Sealing.Decrypt(_wrapping, wrapped, Sealing.Context(of, "key"))
        ?? throw new UserError("key-damaged", $"the wrapped key of {of} was changed, or is another's");

    internal static byte[] Derive(byte[] secret, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, KeyBytes, info: Encoding.UTF8.GetBytes($"eventdossier {purpose}"));
}

/// <summary>An applicant's own key.</summary>
internal sealed class ApplicantKey(Guid applicant, byte[] secret)
{
    private readonly byte[] _encryption = MasterKey.Derive(secret, "encryption");
    private readonly byte[] _nonces = MasterKey.Derive(secret, "nonces");

    public byte[] Secret => secret;

    /// <summary>
    /// Nonce, ciphertext, tag. The nonce is made from purpose and text, so the same gives the same bytes: a command sent again, or a simulation run again, writes what it wrote before. What that tells a reader
    /// is that an applicant's data is unchanged between two events.
    /// </summary>
    public byte[] Seal(string purpose, ReadOnlySpan<byte> text)
    {
        var context = Sealing.Context(applicant, purpose);
        using var nonce = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _nonces);
        nonce.AppendData(BitConverter.GetBytes((long)context.Length)); // The two parts can't be shifted against each other.
        nonce.AppendData(context);
        nonce.AppendData(text);
        var data = new byte[Sealing.Overhead + text.Length];
        nonce.GetHashAndReset().AsSpan(0, Sealing.NonceBytes).CopyTo(data);
        Sealing.Encrypt(_encryption, text, context, data);
        return data;
    }

    /// <summary>Null when it was changed, belongs to another applicant, or was sealed for another purpose.</summary>
    public byte[]? Open(string purpose, ReadOnlySpan<byte> data) => Sealing.Decrypt(_encryption, data, Sealing.Context(applicant, purpose));
}

/// <summary>AES-256-GCM over nonce, ciphertext and tag in a row.</summary>
internal static class Sealing
{
    public const int NonceBytes = 12, TagBytes = 16, Overhead = NonceBytes + TagBytes;

    public static byte[] Context(Guid of, string purpose) => [.. of.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(purpose)];

    /// <param name="to">Holds the nonce already.</param>
    public static void Encrypt(byte[] key, ReadOnlySpan<byte> text, byte[] context, Span<byte> to)
    {
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(to[..NonceBytes], text, to[NonceBytes..^TagBytes], to[^TagBytes..], context);
    }

    /// <summary>Null unless every bit is as it was.</summary>
    public static byte[]? Decrypt(byte[] key, ReadOnlySpan<byte> data, byte[] context)
    {
        if (data.Length < Overhead)
            return null;
        using var aes = new AesGcm(key, TagBytes);
        var text = new byte[data.Length - Overhead];
        try
        {
            aes.Decrypt(data[..NonceBytes], data[NonceBytes..^TagBytes], data[^TagBytes..], text, context);
            return text;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
