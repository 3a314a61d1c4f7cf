using System.Collections.Immutable;
using System.Text;
using CsvHelper;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Import;

/// <summary>A due date as the older system has it.</summary>
/// <param name="Code">Of the dossier, or the one that it had there.</param>
/// <param name="OnlyDay">Without a time of day: then days are compared.</param>
public sealed record OlderDue(string Code, DateTimeOffset Due, bool OnlyDay)
{
    /// <exception cref="FormatException">What is wrong with it.</exception>
    public static OlderDue Of(string code, string due)
    {
        if (code.Trim() is not { Length: > 0 } named)
            throw new FormatException("code is missing");
        return CentreTime.Read(due.Trim()) is { } at
            ? new(named, at, due.Trim().Length == "2026-05-06".Length)
            : throw new FormatException($"due: '{due.Trim()}' is no date or time such as 2026-05-06 or 2026-05-06T17:00");
    }

    /// <summary>Reads CSV with the columns <c>code</c> and <c>due</c>; others are passed over.</summary>
    /// <exception cref="UserError"><c>bad-file</c>, with the line.</exception>
    public static IReadOnlyList<OlderDue> Read(Stream input, string name)
    {
        using var csv = CsvReader.Create(input, new CsvReaderOptions
        {
            HasHeader = false, MalformedData = CsvMalformedDataHandling.Throw, FieldCountMismatch = CsvFieldCountHandling.Allow, TrackLineNumbers = true,
        });
        var (columns, rows) = (default((int Code, int Due)?), new List<OlderDue>());
        try
        {
            while (csv.Read())
            {
                var cells = Enumerable.Range(0, csv.FieldCount).Select(csv.GetString).ToList();
                if (columns is not var (code, due))
                {
                    var names = cells.ConvertAll(c => c.TrimStart('\uFEFF').Trim());
                    columns = (names.IndexOf("code"), names.IndexOf("due"));
                    if (Math.Min(columns.Value.Code, columns.Value.Due) < 0)
                        throw new FormatException("the columns code and due are wanted");
                }
                else if (cells.Exists(c => c.Trim().Length > 0))
                {
                    rows.Add(cells.Count > Math.Max(code, due) ? Of(cells[code], cells[due]) : throw new FormatException("a cell is missing"));
                }
            }
        }
        catch (Exception e) when (e is CsvFormatException or FormatException or DecoderFallbackException)
        {
            throw new UserError("bad-file", $"{name}: line {csv.LineNumber}: {e.Message.ReplaceLineEndings(" ")}");
        }
        if (rows.GroupBy(r => r.Code).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new UserError("bad-file", $"{name}: {twice.Key} stands there twice");
        return rows.Count > 0 ? rows : throw new UserError("bad-file", $"{name}: no dossier stands there");
    }
}

/// <summary>What the two systems' dates of a dossier come to.</summary>
public enum DueAgreement
{
    Agree,
    Differ,

    /// <summary>Our clock stands, so there is no date here.</summary>
    Stands,

    /// <summary>No limit is known here: our date would be the older system's own word.</summary>
    NotComputed,

    /// <summary>No dossier has the code, or had it.</summary>
    Unknown,
}

/// <summary>A day that lies between the two dates, the later one included.</summary>
/// <param name="What">What it did for our count: <c>counted</c>, <c>skipped</c>, <c>paused</c>, …; <c>beyond</c> after our date, where nothing is counted any more.</param>
/// <param name="Why">Of a day that did not count.</param>
public sealed record DayBetween(DateOnly Date, string What, bool Worked, Wording? Why);

/// <param name="Code">Ours; null where it is unknown.</param>
/// <param name="Readings">Ways of counting that give the older system's date: without the pauses, with the day of receipt, …</param>
/// <param name="Days">Of a difference.</param>
public sealed record ComparedDue(string Asked, string? Code, DueAgreement Agreement, DateTimeOffset Theirs, DateTimeOffset? Ours, DateTimeOffset? Promised)
{
    public IReadOnlyList<Wording> Readings { get; init; } = [];
    public IReadOnlyList<DayBetween> Days { get; init; } = [];
}

/// <summary>Two systems side by side: the older one's due dates against ours, each difference explained by the days between.</summary>
/// <param name="Counts">Of each agreement.</param>
/// <param name="Rows">In the file's order.</param>
public sealed record DueComparison(int Compared, IReadOnlyDictionary<DueAgreement, int> Counts, IReadOnlyList<ComparedDue> Rows)
{
    /// <summary>More are compared in parts.</summary>
    public const int Most = 20_000;

    /// <summary>Whether every dossier of the file is here with the same date, as far as ours is computed.</summary>
    public bool Agrees => Counts[DueAgreement.Differ] + Counts[DueAgreement.Unknown] + Counts[DueAgreement.Stands] == 0;

    /// <exception cref="UserError"><c>too-large</c></exception>
    public static async Task<DueComparison> OfAsync(Database database, IReadOnlyList<OlderDue> older, CancellationToken cancel = default)
    {
        if (older.Count > Most)
            throw new UserError("too-large", $"{older.Count} dossiers; at most {Most} are compared at once");
        var calendar = await Calendars.LoadAsync(database, cancel);
        var rows = new List<ComparedDue>();
        foreach (var theirs in older)
        {
            var code = await Aliases.ResolveAsync(database.Log, theirs.Code, cancel);
            var events = DossierCode.IsCode(code) ? await database.Log.ReadStreamAsync(code, cancel: cancel) : [];
            rows.Add(Of(theirs, events.Count == 0 ? null : Dossier.Fold(code, events), calendar));
        }
        return new(rows.Count, Enum.GetValues<DueAgreement>().ToDictionary(a => a, a => rows.Count(r => r.Agreement == a)), rows);
    }

    /// <summary>One dossier. Pure.</summary>
    /// <param name="dossier">Null where there is none.</param>
    public static ComparedDue Of(OlderDue theirs, Dossier? dossier, WorkCalendar calendar)
    {
        if (dossier is null || ExplainedDate.Of(dossier, calendar) is not { } date)
            return new(theirs.Code, dossier?.Code, dossier is null ? DueAgreement.Unknown : DueAgreement.NotComputed, theirs.Due, null, null);
        var row = new ComparedDue(theirs.Code, dossier.Code, DueAgreement.NotComputed, theirs.Due, date.Due, date.Promised);
        if (date.Ledger is not { } ledger)
            return row;
        var agreement = date.Due is not { } ours ? DueAgreement.Stands : Same(theirs, ours, calendar) ? DueAgreement.Agree : DueAgreement.Differ;
        return agreement == DueAgreement.Agree ? row with { Agreement = agreement } : row with
        {
            Agreement = agreement, Readings = [.. Readings(dossier, date, calendar).Where(r => r.Due is { } due && Same(theirs, due, calendar)).Select(r => r.What)],
            Days = DaysBetween(theirs.Due, date.Due, ledger, calendar),
        };
    }

    private static bool Same(OlderDue theirs, DateTimeOffset ours, WorkCalendar calendar) => theirs.OnlyDay
        ? calendar.DayOf(theirs.Due) == calendar.DayOf(ours)
        : theirs.Due.UtcTicks / TimeSpan.TicksPerMinute == ours.UtcTicks / TimeSpan.TicksPerMinute;

    /// <summary>How the older system may have counted.</summary>
    private static IEnumerable<(Wording What, DateTimeOffset? Due)> Readings(Dossier dossier, ExplainedDate date, WorkCalendar calendar)
    {
        var clock = dossier.Clock!;
        var (limit, asPromised) = (clock.Limit, clock with { Pauses = ImmutableList<Pause>.Empty, Extension = null });
        yield return (new("the date on the slip", "ngày hẹn ghi trên phiếu"), date.Promised);
        if (clock.Pauses.Count > 0)
        {
            yield return (new("the pauses counted as if the clock ran", "tính cả thời gian tạm dừng"), DueDate.Of(clock with { Pauses = [] }, calendar));
            if (clock.Pauses.Exists(p => p.To is null))
                yield return (new("the running pause not known", "không biết việc đang tạm dừng"), DueDate.Of(clock with { Pauses = clock.Pauses.RemoveAll(p => p.To is null) }, calendar));
        }
        if (clock.Extension is not null)
            yield return (new("the extension not known", "không biết việc gia hạn"), DueDate.Of(clock with { Extension = null }, calendar));
        if (limit is { Rule: CountingRule.Days or CountingRule.CalendarDays, Amount: > 1 })
            yield return (new("the day of receipt counted", "tính cả ngày tiếp nhận"), DueDate.Of(clock with { Limit = new(limit.Amount - 1, limit.Rule) }, calendar));
        if (limit.Rule == CountingRule.Days)
            yield return (new("calendar days counted for working days", "tính ngày lịch thay cho ngày làm việc"), DueDate.Of(clock with { Limit = new(limit.Amount, CountingRule.CalendarDays) }, calendar));
        if (limit.Rule == CountingRule.CalendarDays)
            yield return (new("working days counted for calendar days", "tính ngày làm việc thay cho ngày lịch"), DueDate.Of(clock with { Limit = new(limit.Amount, CountingRule.Days) }, calendar));
        yield return (new("the calendar as it was known at receipt", "lịch nghỉ biết được lúc tiếp nhận"), DueDate.Of(clock, calendar.AsKnownOn(calendar.DayOf(clock.Start))));
        if (date.General is { } general)
            yield return (new("the general limit", "thời hạn theo quy định chung"), general.Due);
        if (asPromised != clock)
            yield return (new("as if nothing had happened since receipt", "như lúc tiếp nhận"), DueDate.Of(asPromised, calendar));
    }

    private static List<DayBetween> DaysBetween(DateTimeOffset theirs, DateTimeOffset? ours, Ledger ledger, WorkCalendar calendar)
    {
        // While our clock stands the ledger ends with the first day that it keeps from counting.
        var (one, other) = (calendar.DayOf(theirs), ours is { } due ? calendar.DayOf(due) : ledger.Lines[^1].Day.Date);
        var (from, to) = one < other ? (one, other) : (other, one);
        var lines = ledger.Lines.Concat(ledger.Extension?.Lines ?? []).ToLookup(line => line.Day.Date);
        var days = new List<DayBetween>();
        for (var date = from.AddDays(1); date <= to && days.Count < 400; date = date.AddDays(1))
        {
            var line = lines[date].LastOrDefault();
            var day = line?.Day ?? calendar[date];
            var pause = line is { Kind: LineKind.Paused, Pauses: [var first, ..] } ? Deliveries.Letters.Same(first.Basis) : null;
            days.Add(new(date, line is null ? "beyond" : System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName($"{line.Kind}"), day.IsWorked, pause ?? day.Reason ?? WeekendOf(day)));
        }
        return days;
    }

    private static Wording? WeekendOf(CalendarDay day) => day.Kind == DayKind.Weekend ? new("weekend", "ngày nghỉ hằng tuần") : null;
}
