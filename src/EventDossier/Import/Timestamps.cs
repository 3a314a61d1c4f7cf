using System.Globalization;

namespace EventDossier.Import;

/// <summary>Reads the timestamps of one file. Times are cut, not rounded, to milliseconds.</summary>
/// <param name="zone">Where a time without an offset was written. A time that the clock skipped is read with the standard offset; of two equal ones
/// the later is meant.</param>
/// <param name="formats">.NET date formats that are tried first.</param>
internal sealed class Timestamps(TimeZoneInfo zone, IReadOnlyList<string> formats)
{
    public const int FirstYear = 1900, LastYear = 2199;

    /// <summary>How many of the times that were read had no offset.</summary>
    public long WithoutOffset { get; private set; }

    public bool HasFormats => formats.Count > 0;

    /// <returns>Null, or why <paramref name="text"/> is not a usable time.</returns>
    public string? Read(ReadOnlySpan<char> text, out DateTimeOffset at)
    {
        var reason = Read(text, out at, out var offsetless);
        if (reason is null && offsetless) WithoutOffset++;
        return reason;
    }

    /// <summary>As <see cref="Read(ReadOnlySpan{char}, out DateTimeOffset)"/>, for a value that is kept as text: nothing is counted.</summary>
    public string? Check(ReadOnlySpan<char> text) => Read(text, out _, out _);

    private string? Read(ReadOnlySpan<char> text, out DateTimeOffset at, out bool offsetless)
    {
        text = text.Trim();
        at = default;
        offsetless = false;
        if (!TryFormats(text, out var local, out var offset) && !TryIso(text, out local, out offset))
            return $"{SourceText.Quote(text)} is not a date and time";
        if (local.Year is < FirstYear or > LastYear) return $"{SourceText.Quote(text)} lies outside the years {FirstYear} to {LastYear}";
        offsetless = offset is null;
        at = new DateTimeOffset(local, offset ?? zone.GetUtcOffset(local));
        return null;
    }

    private bool TryFormats(ReadOnlySpan<char> text, out DateTime local, out TimeSpan? offset)
    {
        foreach (var format in formats)
        {
            if (format.AsSpan().IndexOfAny('z', 'K') >= 0)
            {
                if (!DateTimeOffset.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)) continue;
                local = Cut(at.DateTime);
                offset = at.Offset;
                return true;
            }
            if (!DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out local)) continue;
            local = Cut(local);
            offset = null;
            return true;
        }
        local = default;
        offset = null;
        return false;
    }

    private static DateTime Cut(DateTime t) => new(t.Ticks - t.Ticks % TimeSpan.TicksPerMillisecond, DateTimeKind.Unspecified);

    /// <summary><c>yyyy-MM-dd[T| ]HH:mm[:ss[.f…]][Z|±HH[[:]mm]]</c>, or the date alone. By hand, because every event has one.</summary>
    private static bool TryIso(ReadOnlySpan<char> s, out DateTime local, out TimeSpan? offset)
    {
        local = default;
        offset = null;
        if (s.Length < 10 || s[4] != '-' || s[7] != '-') return false;
        int year = Number(s[..4]), month = Number(s.Slice(5, 2)), day = Number(s.Slice(8, 2));
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)) return false;
        int hour = 0, minute = 0, second = 0, milliseconds = 0;
        var i = 10;
        if (i < s.Length)
        {
            if (s[i] is not ('T' or ' ' or 't') || s.Length < 16 || s[13] != ':') return false;
            hour = Number(s.Slice(11, 2));
            minute = Number(s.Slice(14, 2));
            i = 16;
            if (i + 2 < s.Length && s[i] == ':')
            {
                second = Number(s.Slice(17, 2));
                i = 19;
                if (i < s.Length && s[i] is '.' or ',' && !Fraction(s, ref i, out milliseconds)) return false;
            }
            if (hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59) return false;
            while (i < s.Length && s[i] == ' ') i++;
            if (i < s.Length && !TryOffset(s[i..], out offset)) return false;
        }
        local = new DateTime(year, month, day, hour, minute, second, milliseconds);
        return true;
    }

    private static bool Fraction(ReadOnlySpan<char> s, ref int i, out int milliseconds)
    {
        milliseconds = 0;
        var first = ++i;
        for (; i < s.Length && char.IsAsciiDigit(s[i]); i++)
            if (i - first < 3) milliseconds = milliseconds * 10 + (s[i] - '0');
        for (var n = i - first; n < 3; n++) milliseconds *= 10;
        return i > first;
    }

    private static bool TryOffset(ReadOnlySpan<char> s, out TimeSpan? offset)
    {
        offset = null;
        if (s is "Z" or "z" or "UTC")
        {
            offset = TimeSpan.Zero;
            return true;
        }
        if (s[0] is not ('+' or '-')) return false;
        var (hours, minutes) = s.Length switch
        {
            3 => (Number(s[1..]), 0),
            5 => (Number(s.Slice(1, 2)), Number(s.Slice(3, 2))),
            6 when s[3] == ':' => (Number(s.Slice(1, 2)), Number(s.Slice(4, 2))),
            _ => (-1, 0),
        };
        var total = hours * 60 + minutes;
        if (hours < 0 || minutes is < 0 or > 59 || total > 14 * 60) return false;
        offset = TimeSpan.FromMinutes(s[0] == '-' ? -total : total);
        return true;
    }

    private static int Number(ReadOnlySpan<char> digits)
    {
        var n = 0;
        foreach (var c in digits)
        {
            if (!char.IsAsciiDigit(c)) return -1;
            n = n * 10 + (c - '0');
        }
        return n;
    }
}
