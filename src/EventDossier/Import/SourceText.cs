using System.Globalization;
using System.Text;
using EventDossier.Store;

namespace EventDossier.Import;

/// <summary>What text of a file may be.</summary>
internal static class SourceText
{
    public const int MaxId = 200, MaxName = 1000, MaxKey = 1 << 16, MaxValue = 1 << 20;

    /// <returns>Null, or why the product can't keep <paramref name="text"/>.</returns>
    public static string? Fault(string text)
    {
        if (text.Length > MaxValue) return $"is longer than {MaxValue} characters";
        if (!Ascii.IsValid(text) && StoreJson.HasLongRunOfMarks(text)) return "has more than a hundred combining marks in a row";
        if (text.AsSpan().IndexOfAny('\0', '\uFFFE') < 0 && text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0) return null;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is > '\0' and < '\uD800') continue;
            if (c == '\0') return "contains the character U+0000";
            // The framework's normalisation, which the store calls, throws on it.
            if (c == '\uFFFE') return "contains the non-character U+FFFE";
            if (!char.IsSurrogate(c)) continue;
            if (!char.IsHighSurrogate(c) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1])) return "contains half of a surrogate pair";
            i++;
        }
        return null;
    }

    /// <returns>Null, or why <paramref name="id"/> can't be a case id, to be read after its name.</returns>
    public static string? IdFault(string id)
    {
        if (Fault(id) is { } reason) return reason;
        if (id.Length == 0) return "is empty";
        if (id.Length > MaxId) return $"is longer than {MaxId} characters";
        if (id[0] == '/') return "begins with '/', which is reserved";
        if (char.IsWhiteSpace(id[0]) || char.IsWhiteSpace(id[^1])) return "begins or ends with a blank";
        foreach (var c in id)
            if (char.IsControl(c)) return $"contains the control character U+{(int)c:X4}";
        return null;
    }

    /// <summary>Normalisation form C. What is no text at all stays as it is; <see cref="Fault"/> refuses it.</summary>
    public static string Nfc(string text)
    {
        if (Ascii.IsValid(text) || StoreJson.HasLongRunOfMarks(text)) return text;
        try
        {
            return text.IsNormalized() ? text : text.Normalize();
        }
        catch (ArgumentException)
        {
            return text;
        }
    }

    /// <summary>A value of the file as part of a one-line message: in quotes, short, without control characters.</summary>
    public static string Quote(ReadOnlySpan<char> text) => $"'{Plain(text)}'";

    /// <inheritdoc cref="Quote"/>
    public static string Plain(ReadOnlySpan<char> text, int max = 80)
    {
        var b = new StringBuilder(Math.Min(text.Length, max + 8));
        foreach (var c in text)
        {
            if (b.Length >= max)
            {
                b.Append('…');
                break;
            }
            if (char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                b.Append($"\\u{(int)c:x4}");
            else b.Append(c);
        }
        return b.ToString();
    }

    /// <returns>Null, or why <paramref name="value"/> is not of the XES type <paramref name="type"/>.</returns>
    public static string? TypeFault(string type, string value, Timestamps times) => type switch
    {
        "date" => times.Check(value),
        "int" when !long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) =>
            $"{Quote(value)} is not a whole number of 64 bits",
        "float" when value is not ("INF" or "-INF" or "NaN") && !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _) =>
            $"{Quote(value)} is not a number",
        "boolean" when value is not ("1" or "0") && !bool.TryParse(value, out _) => $"{Quote(value)} is not a boolean",
        _ => null,
    };
}
