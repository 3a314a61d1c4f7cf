using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventDossier.Deadlines;

public enum CountingRule
{
    /// <summary>Working days; the day of receipt is not counted; due at the closing time of the last.</summary>
    Days,

    /// <summary>Working hours, moment to moment.</summary>
    Hours,

    /// <summary>The day of receipt; received too late in the day, the next working day.</summary>
    SameDay,

    /// <summary>Every day of the calendar, rolled to the next working day.</summary>
    CalendarDays,

    /// <summary>To the same day of a later month, or its last day; rolled to the next working day.</summary>
    Months,
}

/// <summary>A time limit. In JSON and as text it is its canonical spelling: <c>5 days</c>, <c>16 hours</c>, <c>same day</c>,
/// <c>30 calendar days</c>, <c>2 months</c>.</summary>
/// <param name="Amount">1 to 3,660, or 120 months; 1 for the same day. <see cref="ArgumentOutOfRangeException"/> otherwise.</param>
[JsonConverter(typeof(LimitJson))]
public sealed record Limit(int Amount, CountingRule Rule)
{
    public int Amount { get; } = Amount >= 1 && Amount <= Most(Rule)
        ? Amount
        : throw new ArgumentOutOfRangeException(nameof(Amount), $"a limit of {Amount} {Unit(Rule)}: from 1 to {Most(Rule)} is possible");

    /// <summary>Reads English and Vietnamese, any case, with or without diacritics. "5 days" are working days; "5 ngày", as the law
    /// writes it, are calendar days, and "5 ngày làm việc" working days; hours are always working hours.</summary>
    /// <exception cref="FormatException">Not a limit; the message says what is.</exception>
    public static Limit Parse(string text) => TryParse(text, out var limit, out var why) ? limit : throw new FormatException(why);

    /// <param name="why">On failure, one sentence for a person.</param>
    public static bool TryParse(
        string text,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Limit? limit,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? why)
    {
        limit = null;
        why = null;
        var plain = Plain(text);
        if (plain is "same day" or "trong ngay" or "ngay trong ngay" or "trong ngay lam viec")
        {
            limit = new Limit(1, CountingRule.SameDay);
            return true;
        }
        var space = plain.IndexOf(' ', StringComparison.Ordinal);
        if (space > 0 && plain.AsSpan(0, space).IndexOfAnyExceptInRange('0', '9') < 0 && RuleOf(plain[(space + 1)..]) is { } rule)
        {
            if (int.TryParse(plain.AsSpan(0, space), out var amount) && amount >= 1 && amount <= Most(rule))
            {
                limit = new Limit(amount, rule);
                return true;
            }
            why = $"'{Shown(text)}' is no time limit: from 1 to {Most(rule)} {Unit(rule)} are possible";
            return false;
        }
        why = $"'{Shown(text)}' is no time limit: write e.g. '5 days', '16 hours', 'same day', '30 calendar days', '2 months', "
            + "'5 ngày làm việc', '30 ngày', '8 giờ làm việc', '2 tháng'";
        return false;
    }

    public override string ToString() => Rule switch
    {
        CountingRule.SameDay => "same day",
        _ => $"{Amount} {(Amount == 1 ? Unit(Rule)[..^1] : Unit(Rule))}",
    };

    private static int Most(CountingRule rule) => rule switch { CountingRule.Months => 120, CountingRule.SameDay => 1, _ => 3660 };

    private static string Unit(CountingRule rule) => rule switch
    {
        CountingRule.Days => "days",
        CountingRule.Hours => "hours",
        CountingRule.SameDay => "days",
        CountingRule.CalendarDays => "calendar days",
        CountingRule.Months => "months",
        _ => throw new ArgumentOutOfRangeException(nameof(rule)),
    };

    private static CountingRule? RuleOf(string words) => words switch
    {
        "day" or "days" or "working day" or "working days" or "ngay lam viec" => CountingRule.Days,
        "hour" or "hours" or "working hour" or "working hours" or "gio" or "gio lam viec" => CountingRule.Hours,
        "calendar day" or "calendar days" or "ngay" or "ngay lich" => CountingRule.CalendarDays,
        "month" or "months" or "thang" => CountingRule.Months,
        _ => null,
    };

    private static string Shown(string text) => text.Length <= 60 ? text : text[..60] + "…";

    // Sheets spell the same word composed, decomposed or bare, and without ICU the framework composes nothing: diacritics are taken off.
    private static string Plain(string text)
    {
        const string Marked = "àáạảãâầấậẩẫăằắặẳẵèéẹẻẽêềếệểễìíịỉĩòóọỏõôồốộổỗơờớợởỡ";
        const string Bare = "aaaaaaaaaaaaaaaaaeeeeeeeeeeeiiiiiooooooooooooooooo";
        var plain = new StringBuilder();
        foreach (var c in text.Length <= 60 ? text.Trim().ToLowerInvariant() : "")
        {
            if (c is >= '\u0300' and <= '\u036F') continue;
            var at = Marked.IndexOf(c, StringComparison.Ordinal);
            var space = char.IsWhiteSpace(c);
            if (!space) plain.Append(at < 0 ? c : Bare[at]);
            else if (plain.Length > 0 && plain[^1] != ' ') plain.Append(' ');
        }
        return plain.ToString();
    }
}

/// <summary>A limit as one JSON string.</summary>
public sealed class LimitJson : JsonConverter<Limit>
{
    public override Limit Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType != JsonTokenType.String ? throw new JsonException("a time limit is a string such as '5 days'")
        : Limit.TryParse(reader.GetString()!, out var limit, out var why) ? limit
        : throw new JsonException(why);

    public override void Write(Utf8JsonWriter writer, Limit value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
