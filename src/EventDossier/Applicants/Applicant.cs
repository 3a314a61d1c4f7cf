using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventDossier.Store;

namespace EventDossier.Applicants;

/// <summary>A person or body that applies, in clear: in memory only, never in an event, a view or a file.</summary>
public sealed record Applicant(string Name)
{
    public string? IdentityNumber { get; init; }
    public string? Address { get; init; }
    public string? Phone { get; init; }
    public string? Mail { get; init; }

    /// <summary>Nobody's name reaches a log or a message by accident.</summary>
    public override string ToString() => nameof(Applicant);

    /// <summary>One spelling for one applicant, so that sealing is the same each time; padded, so that its length tells little.</summary>
    internal byte[] ToBytes()
    {
        const int step = 64;
        var json = JsonSerializer.SerializeToUtf8Bytes(this with
        {
            Name = StoreJson.Text(Name), IdentityNumber = Text(IdentityNumber), Address = Text(Address), Phone = Text(Phone), Mail = Text(Mail),
        }, ApplicantJson.Default.Applicant);
        var padded = new byte[(json.Length + step - 1) / step * step];
        padded.AsSpan().Fill((byte)' ');
        json.CopyTo(padded, 0);
        return padded;

        static string? Text(string? value) => value is null ? null : StoreJson.Text(value);
    }

    internal static Applicant Of(byte[] bytes) => JsonSerializer.Deserialize(bytes, ApplicantJson.Default.Applicant)!;
}

/// <summary>Ciphertext of something personal under an applicant's own key.</summary>
/// <param name="Data">Base64 of nonce, ciphertext and tag.</param>
public sealed record Sealed(Guid Applicant, string Data);

/// <summary>By what an applicant is found: each is hashed with the store's key before it leaves memory.</summary>
internal static class SearchTerms
{
    /// <summary>The words of a name without diacritics, in lower case: <c>Đỗ Thị Hoà</c> is do, thi, hoa.</summary>
    public static IEnumerable<string> Words(string text)
    {
        if (StoreJson.HasLongRunOfMarks(text))
            return [];
        // What is no text (half a surrogate pair) finds nothing, and is no error.
        var whole = string.Concat(text.EnumerateRunes()).Replace('\uFFFE', ' ');
        var plain = new StringBuilder(text.Length);
        foreach (var c in whole.Normalize(NormalizationForm.FormD).EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark)
                continue;
            // Its stroke is no combining mark.
            plain.Append(c.Value is 'đ' or 'Đ' ? "d" : Rune.IsLetterOrDigit(c) ? Rune.ToLowerInvariant(c).ToString() : " ");
        }
        return plain.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct();
    }

    /// <summary>An identity or passport number as typed anywhere: <c>022 090 001 234</c> is <c>022090001234</c>. Null without any letter or digit.</summary>
    public static string? Number(string? text) =>
        text is not null && string.Concat(text.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant() is { Length: > 0 } number ? number : null;

    /// <summary><c>+84 912 345 678</c> and <c>0912.345.678</c> are one phone.</summary>
    public static string? Phone(string? text) => Number(text) switch
    {
        { Length: > 9 } n when n.StartsWith("84", StringComparison.Ordinal) => "0" + n[2..],
        var n => n,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Applicant))]
internal sealed partial class ApplicantJson : JsonSerializerContext;
