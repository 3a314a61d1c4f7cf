using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventDossier.Deadlines;

/// <summary>One text in the two languages of the product.</summary>
public sealed record Wording(string En, string Vi);

/// <summary>The weekly hours by which the law's time is counted.</summary>
/// <param name="Zone">IANA name, for readers; the clock itself uses <paramref name="UtcOffset"/>, for the zone has had no other since 1975.</param>
/// <param name="Sessions">In order, not touching midnight, on whole minutes. Their sum is a working day.</param>
/// <param name="SameDayUntil">A <c>sameDay</c> dossier received after this minute is due on the next working day.</param>
public sealed record WorkingHours(
    string Zone,
    TimeSpan UtcOffset,
    IReadOnlyList<DayOfWeek> Weekdays,
    IReadOnlyList<Session> Sessions,
    TimeOnly SameDayUntil,
    string Source);

/// <summary>Working time from one minute of a day to another.</summary>
public sealed record Session(TimeOnly From, TimeOnly To)
{
    [JsonIgnore]
    public int Minutes => (int)(To - From).TotalMinutes;
}

/// <summary>What the law gives without a yearly decision, and what it leaves open until one is made.</summary>
public sealed record Statute(Wording Basis, Wording InLieuBasis, IReadOnlyList<FixedHoliday> Fixed, Wording HungKings, OpenHolidays Open);

public sealed record FixedHoliday(int Month, int Day, Wording Reason);

/// <summary>The days that each year's decision names. Until it does, these stand in, and the year is provisional.</summary>
/// <param name="TetFrom">First day off, counted from the first day of the lunar year: -1 is its eve.</param>
/// <param name="NationalDayOffset">Where the second National Day lies, by the weekday of 2 September.</param>
public sealed record OpenHolidays(
    Wording Tet, int TetFrom, int TetDays, Wording NationalDaySecond, IReadOnlyDictionary<DayOfWeek, int> NationalDayOffset);

/// <summary>Lunar dates of the Vietnamese calendar, which differs from the Chinese in some years; hence data, not arithmetic.</summary>
public sealed record LunarYear(int Year, DateOnly Tet, DateOnly HungKings);

/// <summary>A decision on days off and days worked instead.</summary>
/// <param name="Number">As printed on the decision; ledgers and re-projections cite it.</param>
/// <param name="Announced">Nothing computed as known before this day may use the decision.</param>
/// <param name="Settles">The year whose open holidays it decides, and which it makes final; null when it only exchanges days.</param>
public sealed record CalendarDecision(
    string Number,
    DateOnly Announced,
    int? Settles,
    IReadOnlyList<DayOff> DaysOff,
    IReadOnlyList<MakeUpDay> MakeUpDays,
    string Source)
{
    /// <summary>When this centre entered it; null for what came with the product. Internal, hence unknown to JSON: it is not for a file to say.</summary>
    internal DateOnly? Recorded { get; init; }

    /// <summary>From when on it could be reckoned with: nobody knows what is not announced, nor a centre what it has not entered.</summary>
    public DateOnly KnownFrom() => Recorded is { } recorded && recorded > Announced ? recorded : Announced;
}

public sealed record DayOff(DateOnly Date, Wording Reason);

/// <param name="Date">Worked, though its weekday is not.</param>
/// <param name="For">The day off that it makes up for.</param>
public sealed record MakeUpDay(DateOnly Date, DateOnly For);

/// <summary>All that a calendar is made of. A law or a decision changes data, never code.</summary>
public sealed record CalendarData(
    WorkingHours Hours, Statute Statute, IReadOnlyList<LunarYear> LunarYears, IReadOnlyList<CalendarDecision> Decisions)
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>The data that comes with the product.</summary>
    public static CalendarData Vietnam { get; } = ReadVietnam();

    /// <summary>Reads a JSON array of decisions, as a centre imports them.</summary>
    /// <exception cref="JsonException">Not JSON, or a field is missing, unknown or of the wrong kind; the message names its path.</exception>
    public static IReadOnlyList<CalendarDecision> ParseDecisions(ReadOnlySpan<byte> json)
    {
        var decisions = JsonSerializer.Deserialize<IReadOnlyList<CalendarDecision>>(json, Strict) ?? throw new JsonException("null is no list of decisions");
        return decisions.Any(d => d is null || d.DaysOff.Contains(null!) || d.MakeUpDays.Contains(null!)) ? throw new JsonException("null stands where a decision or a day is wanted") : decisions;
    }

    private static CalendarData ReadVietnam()
    {
        using var stream = typeof(CalendarData).Assembly.GetManifestResourceStream("calendar/vietnam.json")!;
        return JsonSerializer.Deserialize<CalendarData>(stream, Strict)!;
    }
}
