using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace EventDossier.Record;

/// <summary>
/// Ed25519 (RFC 8032) by OpenSSL's libcrypto, which the framework itself rests on but whose Ed25519 it does not pass on. Seeds and public keys are 32 bytes,
/// signatures 64.
/// </summary>
public static class Ed25519
{
    public const int KeyBytes = 32, SignatureBytes = 64;
    private const string Library = "libcrypto";
    private const int KeyType = 1087; // NID_ED25519

    static Ed25519() => NativeLibrary.SetDllImportResolver(typeof(Ed25519).Assembly, Find);

    public static byte[] PublicKey(ReadOnlySpan<byte> seed)
    {
        using var key = Private(seed);
        var made = new byte[KeyBytes];
        var length = (nuint)KeyBytes;
        Check(RawPublicKey(key, made, ref length));
        return made;
    }

    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message)
    {
        using var key = Private(seed);
        using var context = NewContext();
        var signature = new byte[SignatureBytes];
        var length = (nuint)SignatureBytes;
        Check(SignInit(context, 0, 0, 0, key));
        Check(Sign(context, signature, ref length, message.ToArray(), (nuint)message.Length));
        return signature;
    }

    /// <summary>False for any key or signature that is none.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != KeyBytes || signature.Length != SignatureBytes)
            return false;
        using var key = NewPublicKey(KeyType, 0, publicKey.ToArray(), KeyBytes);
        if (key.IsInvalid)
            return false;
        using var context = NewContext();
        Check(VerifyInit(context, 0, 0, 0, key));
        return Verify(context, signature.ToArray(), SignatureBytes, message.ToArray(), (nuint)message.Length) == 1;
    }

    private static Key Private(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != KeyBytes)
            throw new ArgumentException("an Ed25519 seed is 32 bytes", nameof(seed));
        var copy = seed.ToArray();
        var key = NewPrivateKey(KeyType, 0, copy, KeyBytes);
        CryptographicOperations.ZeroMemory(copy);
        Check(key.IsInvalid ? 0 : 1);
        return key;
    }

    private static void Check(int result)
    {
        if (result != 1)
            throw new CryptographicException("libcrypto refused an Ed25519 operation");
    }

    /// <summary>By the names of OpenSSL 3 and 1.1, wherever the system's loader looks.</summary>
    private static nint Find(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
            return 0;
        foreach (var file in (string[])["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so", "libcrypto.3.dylib", "libcrypto.dylib"])
        {
            if (NativeLibrary.TryLoad(file, assembly, null, out var found))
                return found;
        }
        throw new UserError("libcrypto-missing", "OpenSSL's libcrypto is not found: install libssl3 (Debian, Ubuntu) or openssl-libs");
    }

    private sealed class Key() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            FreeKey(handle);
            return true;
        }
    }

    private sealed class Context() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            FreeContext(handle);
            return true;
        }
    }

    [DllImport(Library, EntryPoint = "EVP_PKEY_new_raw_private_key")]
    private static extern Key NewPrivateKey(int type, nint engine, byte[] key, nuint length);

    [DllImport(Library, EntryPoint = "EVP_PKEY_new_raw_public_key")]
    private static extern Key NewPublicKey(int type, nint engine, byte[] key, nuint length);

    [DllImport(Library, EntryPoint = "EVP_PKEY_get_raw_public_key")]
    private static extern int RawPublicKey(Key key, byte[] made, ref nuint length);

    [DllImport(Library, EntryPoint = "EVP_PKEY_free")]
    private static extern void FreeKey(nint key);

    [DllImport(Library, EntryPoint = "EVP_MD_CTX_new")]
    private static extern Context NewContext();

    [DllImport(Library, EntryPoint = "EVP_MD_CTX_free")]
    private static extern void FreeContext(nint context);

    [DllImport(Library, EntryPoint = "EVP_DigestSignInit")]
    private static extern int SignInit(Context context, nint keyContext, nint digest, nint engine, Key key);

    [DllImport(Library, EntryPoint = "EVP_DigestSign")]
    private static extern int Sign(Context context, byte[] signature, ref nuint signatureLength, byte[] message, nuint length);

    [DllImport(Library, EntryPoint = "EVP_DigestVerifyInit")]
    private static extern int VerifyInit(Context context, nint keyContext, nint digest, nint engine, Key key);

    [DllImport(Library, EntryPoint = "EVP_DigestVerify")]
    private static extern int Verify(Context context, byte[] signature, nuint signatureLength, byte[] message, nuint length);
}
