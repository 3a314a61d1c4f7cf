using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using EventDossier.Deadlines;

namespace EventDossier.Procedures;

/// <summary>
/// Reads the limit out of the free text of a portal sheet, or says why it can't be read with certainty. A limit that is wrong is worse than one that
/// somebody has to type: every text that could mean two things is given back.
/// </summary>
internal static partial class LimitText
{
    private const string UnitPattern = "(?<unit>ngay lam viec|ngay|gio lam viec|gio|thang)";

    // What the days are counted from. Anything but the receipt of a complete file is another clock than the one that a receipt starts.
    private const string FromReceipt =
        @"[ ,;:(]*(ke tu|tinh tu|sau)( ngay| khi| thoi diem| luc)*( co quan bhxh)? (tiep )?(nhan|nop)( duoc)?( day)?( du)?( cac)? (ho so|don|yeu cau|to khai|ban khai|giay to|giay de nghi|de nghi)\b";

    /// <param name="description">What the sheet says beside the figure. It may not contradict it.</param>
    /// <param name="why">On failure, one sentence for a person.</param>
    public static bool TryRead(string text, string description, [NotNullWhen(true)] out Limit? limit, [NotNullWhen(false)] out string? why)
    {
        limit = null;
        var plain = Plain(text);
        if (plain.Length == 0)
        {
            why = "no limit is told";
            return false;
        }
        if (SameDay().IsMatch(plain))
        {
            (limit, why) = (new(1, CountingRule.SameDay), null);
            return true;
        }
        if (Whole().Match(plain) is not { Success: true } match)
        {
            why = Mentions(plain).Count > 1 ? "several limits in one text"
                : plain.All(c => char.IsDigit(c) || c is '.' or ' ') ? "a figure without a unit"
                : "not a limit that starts with the receipt";
            return false;
        }
        if (match.Groups["unit"].Value == "gio" && match.Groups["n"].Value is not ['0'] and not [>= '0' and <= '8'] and not ['0', _])
        {
            why = "more than eight hours: whether by the clock or of working time is not told";
            return false;
        }
        if (LimitOf(match) is not { } read)
        {
            why = "an amount that is no limit";
            return false;
        }
        if (Contradiction(read, Plain(description)) is { } contradiction)
        {
            why = contradiction;
            return false;
        }
        (limit, why) = (read, null);
        return true;
    }

    /// <summary>Lower case, without diacritics, single blanks.</summary>
    public static string Plain(string text)
    {
        string[] letters = ["aàáạảãâầấậẩẫăằắặẳẵ", "eèéẹẻẽêềếệểễ", "iìíịỉĩ", "oòóọỏõôồốộổỗơờớợởỡ", "uùúụủũưừứựửữ", "yỳýỵỷỹ", "dđ"];
        var plain = new StringBuilder(text.Length);
        foreach (var c in text.ToLowerInvariant())
        {
            // Sheets spell the same word composed or decomposed, and without ICU the framework composes nothing.
            if (c is >= '\u0300' and <= '\u036F')
                continue;
            if (!char.IsWhiteSpace(c))
                plain.Append(char.IsAscii(c) ? c : letters.FirstOrDefault(l => l.Contains(c, StringComparison.Ordinal))?[0] ?? c);
            else if (plain.Length > 0 && plain[^1] != ' ')
                plain.Append(' ');
        }
        return plain.ToString().TrimEnd();
    }

    private static string? Contradiction(Limit limit, string description)
    {
        var told = Mentions(description).Select(m => (Match: m, Limit: LimitOf(m))).Where(m => m.Limit is not null).ToList();
        if (told.Count == 0)
            return null;
        if (told.Exists(m => m.Limit!.Amount == limit.Amount && m.Limit.Rule != limit.Rule))
            return "its description counts the same number in other days";
        if (told.Exists(m => m.Limit!.Rule == limit.Rule && m.Limit.Amount > limit.Amount))
            return "its description tells a longer limit too";
        var same = told.Where(m => m.Limit == limit).ToList();
        if (same.Count == 0)
            return told.Where(m => m.Limit!.Rule == limit.Rule).Sum(m => m.Limit!.Amount) == limit.Amount ? null : "its description tells another limit";
        return same.Exists(m => Starts().IsMatch(description, m.Match.Index + m.Match.Length) && !AtReceipt().IsMatch(description, m.Match.Index + m.Match.Length))
            ? "its description counts from something else than the receipt"
            : null;
    }

    private static MatchCollection Mentions(string plain) => Mention().Matches(plain);

    private static Limit? LimitOf(Match match)
    {
        var unit = match.Groups["unit"].Value switch { "ngay lam viec" => "days", "ngay" => "calendar days", "thang" => "months", _ => "hours" };
        return Limit.TryParse($"{int.Parse(match.Groups["n"].Value, CultureInfo.InvariantCulture)} {unit}", out var limit, out _) ? limit : null;
    }

    [GeneratedRegex(
        @"^(trong )?(thoi (han|gian)( giai quyet)?:? )?((toi da|khong qua|cham nhat|trong|la) ){0,3}(?<n>\d{1,4}) " + UnitPattern + @"\b([.;, ]*|" + FromReceipt + @"[^\d;:]*)$",
        RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Whole();

    // "0.5 giờ" and "10-25" are no whole numbers, "ngày 25 tháng 4" is a date.
    [GeneratedRegex(@"(?<![\d.,/-])(?<n>\d{1,4})( \([a-z ]+\))? ?" + UnitPattern + @"\b(?! ?\d)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Mention();

    [GeneratedRegex(@"\G[ ,;:(]*(ke tu|tinh tu|sau)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Starts();

    [GeneratedRegex(@"\G" + FromReceipt, RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AtReceipt();

    // With the rule of 15:00 or without it: it is the same rule.
    [GeneratedRegex(
        @"^(ngay )?trong ngay( lam viec)?( (tiep )?nhan( duoc)?( du)? (ho so|yeu cau)( hop le)?)?([,;.]? ?(neu |truong hop )?(tiep )?nhan ho so sau 15 gio( ma)? khong giai quyet duoc ngay thi tra ket qua (trong|vao) ngay lam viec tiep theo)?[. ]*$",
        RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SameDay();
}
