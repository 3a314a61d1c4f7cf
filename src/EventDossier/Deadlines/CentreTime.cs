using System.Globalization;

namespace EventDossier.Deadlines;

/// <summary>Moments and periods as people write them, in the centre's time where they name no other.</summary>
public static class CentreTime
{
    /// <summary>RFC 3339, or a date or local time of the centre: <c>2026-05-06</c> is its beginning. Null for anything else.</summary>
    public static DateTimeOffset? Read(string text)
    {
        if (DateTime.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm", "yyyy-MM-dd HH:mm", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-dd HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
            return new(local, CalendarData.Vietnam.Hours.UtcOffset);
        return text.Length >= 17 && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
    }

    /// <summary>As a table shows it, to the minute.</summary>
    public static string Show(DateTimeOffset at) => at.ToOffset(CalendarData.Vietnam.Hours.UtcOffset).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary><c>2026</c>, <c>2026-Q1</c> or <c>2026-10</c>; the end is not in it. Null for anything else.</summary>
    public static (DateTimeOffset From, DateTimeOffset To)? ReadPeriod(string text)
    {
        static DateTimeOffset At(int year, int month) => new(year, month, 1, 0, 0, 0, CalendarData.Vietnam.Hours.UtcOffset);
        if (text.Length == 4 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is >= 2000 and < 2100)
            return (At(year, 1), At(year + 1, 1));
        if (text is [_, _, _, _, '-', 'Q', >= '1' and <= '4'] && int.TryParse(text[..4], NumberStyles.None, CultureInfo.InvariantCulture, out year) && year is >= 2000 and < 2100)
            return (At(year, ((text[6] - '1') * 3) + 1), At(year, ((text[6] - '1') * 3) + 1).AddMonths(3));
        return DateOnly.TryParseExact(text + "-01", "yyyy-MM-dd", out var month) ? (At(month.Year, month.Month), At(month.Year, month.Month).AddMonths(1)) : null;
    }
}
