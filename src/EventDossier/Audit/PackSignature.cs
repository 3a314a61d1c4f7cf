using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace EventDossier.Audit;

/// <summary>
/// Whose word the checker takes for what stands in a pack's slots: certificates of authorities, or ones that vouch for
/// themselves. Null leaves a slot unverified.
/// </summary>
/// <param name="Now">When a signature that tells no time is judged.</param>
public sealed record PackTrust(
    X509Certificate2Collection? Signature, X509Certificate2Collection? Timestamp, DateTimeOffset Now);

/// <summary>
/// A signature over a pack's manifest, or a time stamp of it, that holds by the certificates given. Whether one was
/// revoked is not asked: that takes a network.
/// </summary>
/// <param name="By">Subject of the certificate that signed.</param>
/// <param name="Issuer">Who issued it.</param>
/// <param name="At">Of a time stamp, when the manifest was there; of a signature, when it says that it was made.</param>
/// <param name="Until">When the certificate ends.</param>
public sealed record PackSignature(string Slot, string By, string Issuer, DateTimeOffset? At, DateTimeOffset Until)
{
    private const X509KeyUsageFlags ForSignatures =
        X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation;
    private const string ForTimeStamps = "1.3.6.1.5.5.7.3.8"; // RFC 3161, 2.3

    /// <summary>SHA-256, SHA-384, SHA-512, and the same of SHA-3; nothing holds by others, which may be forged.</summary>
    private static readonly HashSet<string> _digests =
        [.. ((int[])[1, 2, 3, 8, 9, 10]).Select(n => $"2.16.840.1.101.3.4.2.{n}")];

    /// <summary>All who signed in a CMS signature (RFC 5652) over bytes that it does not hold itself.</summary>
    /// <exception cref="CryptographicException">One of them does not hold, and why.</exception>
    public static IReadOnlyList<PackSignature> OfSignature(
        byte[] cms, byte[] manifest, X509Certificate2Collection trusted, DateTimeOffset now)
    {
        var signed = new SignedCms(new ContentInfo(manifest), detached: true);
        signed.Decode(cms); // It stays over the manifest, whatever the message brings along.
        if (signed.SignerInfos.Count == 0)
            throw new CryptographicException("nobody has signed it");
        signed.CheckSignature(verifySignatureOnly: true);
        return [.. signed.SignerInfos.OfType<SignerInfo>().Select(signer =>
        {
            RefuseWeak(signer.DigestAlgorithm);
            var by = signer.Certificate
                ?? throw new CryptographicException("it does not bring the certificate that signed it");
            if (by.Extensions.OfType<X509KeyUsageExtension>().Any(use => (use.KeyUsages & ForSignatures) == X509KeyUsageFlags.None))
                throw new CryptographicException($"the certificate of {by.Subject} is not for signing");
            var at = TimeOf(signer);
            RefuseUnlessTrusted(by, trusted, signed.Certificates, at ?? now, purpose: null);
            return Of(EvidencePack.Signature, by, at);
        })];
    }

    private static DateTimeOffset? TimeOf(SignerInfo signer) =>
        signer.SignedAttributes.OfType<CryptographicAttributeObject>()
            .SelectMany(a => a.Values.OfType<Pkcs9SigningTime>()).FirstOrDefault() is { } told ? new(told.SigningTime.ToUniversalTime()) : null;

    /// <summary>The answer of a time stamping authority (RFC 3161), or its token alone, over bytes.</summary>
    /// <exception cref="CryptographicException">It does not hold, and why.</exception>
    public static PackSignature OfTimestamp(byte[] answer, byte[] manifest, X509Certificate2Collection trusted)
    {
        if (!Rfc3161TimestampToken.TryDecode(TokenOf(answer), out var token, out _))
            throw new CryptographicException("it is no time stamp");
        RefuseWeak(token.TokenInfo.HashAlgorithmId);
        if (!token.VerifySignatureForData(manifest, out var certificate, trusted))
            throw new CryptographicException("it is not over this manifest, or by no certificate for time stamps");
        var beside = token.AsSignedCms().Certificates;
        RefuseUnlessTrusted(certificate, trusted, beside, token.TokenInfo.Timestamp, ForTimeStamps);
        return Of(EvidencePack.Timestamp, certificate, token.TokenInfo.Timestamp);
    }

    /// <summary>Of an answer the token; of anything else the thing itself.</summary>
    private static ReadOnlyMemory<byte> TokenOf(byte[] answer)
    {
        try
        {
            var response = new AsnReader(answer, AsnEncodingRules.BER).ReadSequence();
            if (response.PeekTag() == Asn1Tag.ObjectIdentifier)
                return answer;
            return response.ReadSequence().ReadInteger() <= BigInteger.One // granted, or granted with changes
                ? response.ReadEncodedValue() : throw new CryptographicException("the authority refused to stamp it");
        }
        catch (AsnContentException e)
        {
            throw new CryptographicException($"it is no time stamp: {e.Message}", e);
        }
    }

    private static void RefuseWeak(Oid digest)
    {
        if (!_digests.Contains(digest.Value!))
            throw new CryptographicException($"its hash, {digest.FriendlyName ?? digest.Value}, is too weak");
    }

    /// <summary>By the certificates given alone, and as they held at a moment; nothing is fetched.</summary>
    private static void RefuseUnlessTrusted(
        X509Certificate2 certificate, X509Certificate2Collection trusted, X509Certificate2Collection beside,
        DateTimeOffset at, string? purpose)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        (policy.RevocationMode, policy.DisableCertificateDownloads) = (X509RevocationMode.NoCheck, true);
        policy.VerificationTime = at.UtcDateTime;
        policy.CustomTrustStore.AddRange(trusted);
        policy.ExtraStore.AddRange(beside);
        if (purpose is not null)
            policy.ApplicationPolicy.Add(new(purpose));
        if (chain.Build(certificate))
            return;
        var why = string.Join("; ", chain.ChainStatus.Select(s => s.StatusInformation.TrimEnd('.', ' ', '\n')));
        throw new CryptographicException(
            $"the certificate of {certificate.Subject} does not hold by those given: {why}");
    }

    private static PackSignature Of(string slot, X509Certificate2 certificate, DateTimeOffset? at) =>
        new(slot, certificate.Subject, certificate.Issuer, at, new(certificate.NotAfter.ToUniversalTime()));
}
