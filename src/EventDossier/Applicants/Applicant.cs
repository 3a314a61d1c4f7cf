namespace EventDossier.Applicants;

/// <summary>Who applies, in clear: in memory while it is needed, and nowhere else.</summary>
public sealed record Applicant(string Name)
{
    public string? IdentityNumber { get; init; }
    public string? Address { get; init; }
    public string? Phone { get; init; }
    public string? Mail { get; init; }
}

/// <summary>Something personal as it may be stored: under the key of one applicant, and gone with that key.</summary>
/// <param name="Applicant">Whose key.</param>
/// <param name="Data">Base64 of nonce, ciphertext and tag.</param>
public sealed record Sealed(Guid Applicant, string Data);
