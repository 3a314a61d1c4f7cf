using System.Globalization;
using EventDossier.Deadlines;

namespace EventDossier.Web.Pictures;

/// <summary>A clock's ledger: how much of the limit is used, and below it every day as a wall calendar has it, with what it did for the count.</summary>
internal static class ClockBar
{
    private const double Side = 46, High = 40, Left = 8, Wide = (7 * Side) + (2 * Left);

    /// <summary>Of a year's limit only the weeks at both ends are drawn.</summary>
    private const int MostWeeks = 30;

    private static readonly string[] _english = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], _vietnamese = ["T2", "T3", "T4", "T5", "T6", "T7", "CN"];

    /// <param name="now">Until then the limit is used, unless the dossier was finished before.</param>
    public static Picture Of(Ledger ledger, DateTimeOffset now, DateTimeOffset? finished, Language language)
    {
        var drawing = new Drawing(Wide, language);
        var until = (finished < now ? finished.Value : now).ToOffset(ledger.Hours.UtcOffset);
        var (used, whole) = (Used(ledger, until), ledger.Limit.Rule == CountingRule.Hours ? ledger.Limit.Amount * 60 : ledger.Limit.Amount);
        var late = ledger.Due < until;
        drawing.Box(Left, 22, 7 * Side, 20, Picture.Grey, Picture.Line, round: 3);
        if (used > 0)
            drawing.Box(Left, 22, 7 * Side * Math.Min(1, (double)used / whole), 20, late ? Picture.Red : Picture.Green, round: 3);
        var standing = !late && ledger.Pauses.Any(p => p.From <= until && !(p.To <= until));
        if (standing)
            drawing.Stripes(Left, 22, 7 * Side, 20, Picture.Amber);
        var told = Told(drawing, ledger, used, whole);
        drawing.Text(Left, 15, told, anchor: "start", bold: true);
        drawing.Text(Wide - Left, 15, late ? drawing["overdue", "quá hạn"] : standing ? drawing["the clock stands", "đang tạm dừng"] : "", late ? Picture.Red : Picture.Amber, "end", bold: true);
        var y = Days(drawing, ledger, until, language);
        y = Legend(drawing, ledger, y);
        var due = ledger.Due is { } at ? Moment(at, language) : drawing["not known while the clock stands", "chưa xác định khi đang tạm dừng"];
        return drawing.Done(y, drawing["Working time of the dossier", "Thời gian giải quyết hồ sơ"], drawing[
            $"Received {Moment(ledger.Received, language)}; {told}; due {due}{(late ? ", overdue" : "")}.", $"Tiếp nhận {Moment(ledger.Received, language)}; {told}; hạn trả {due}{(late ? ", đã quá hạn" : "")}."]);
    }

    /// <summary>Of the limit, in the ledger's unit: whole days, months, or minutes.</summary>
    private static int Used(Ledger ledger, DateTimeOffset until)
    {
        var (day, time) = (DateOnly.FromDateTime(until.DateTime), TimeOnly.FromDateTime(until.DateTime));
        var used = 0;
        foreach (var line in ledger.Lines.Where(l => l.Day.Date <= day))
        {
            var today = line.Day.Date == day;
            if (ledger.Limit.Rule == CountingRule.Hours)
                used += line.Stretches.Sum(s => today && s.To > time ? s.From < time ? (int)(time - s.From).TotalMinutes : 0 : s.Minutes);
            else if (!today || time >= ledger.Hours.Sessions[^1].To)
                used += line.Counted;
        }
        return used;
    }

    private static string Told(Drawing say, Ledger ledger, int used, int whole) => ledger.Limit.Rule switch
    {
        CountingRule.Hours => say[$"{Hours(used)} of {Hours(whole)} working hours used", $"đã dùng {Hours(used)}/{Hours(whole)} giờ làm việc"],
        CountingRule.Months => say[$"{used} of {whole} months passed", $"đã qua {used}/{whole} tháng"],
        CountingRule.CalendarDays => say[$"{used} of {whole} days used", $"đã dùng {used}/{whole} ngày"],
        _ => say[$"{used} of {whole} working days used", $"đã dùng {used}/{whole} ngày làm việc"],
    };

    private static string Hours(int minutes) => (minutes / 60m).ToString("0.#", CultureInfo.InvariantCulture);

    private static double Days(Drawing drawing, Ledger ledger, DateTimeOffset until, Language language)
    {
        foreach (var (i, name) in (language == Language.Vi ? _vietnamese : _english).Index())
            drawing.Text(Left + (Side * (i + 0.5)), 60, name, Picture.Soft, size: 11);
        var lines = ledger.Earlier.SelectMany(run => run.Lines).Concat(ledger.Lines).Concat(Later(ledger)).ToList();
        var weeks = lines.GroupBy(l => Monday(l.Day.Date)).OrderBy(w => w.Key).ToList();
        var y = 66d;
        foreach (var (i, week) in weeks.Index())
        {
            if (weeks.Count > MostWeeks && i == MostWeeks / 2)
                drawing.Text(Wide / 2, (y += 20) - 6, drawing[$"… {weeks.Count - MostWeeks} weeks …", $"… {weeks.Count - MostWeeks} tuần …"], Picture.Soft);
            if (weeks.Count > MostWeeks && i >= MostWeeks / 2 && i < weeks.Count - (MostWeeks / 2))
                continue;
            // Where a run ended and the next began on one day, what counts is the later.
            foreach (var line in week.GroupBy(l => l.Day.Date).Select(g => g.Last()))
                Day(drawing, ledger, line, Left + (Side * (line.Day.Date.DayNumber - week.Key.DayNumber)), y, until);
            y += High + 2;
        }
        return y;
    }

    /// <summary>Of an extension, the days after the limit's own.</summary>
    private static IEnumerable<LedgerLine> Later(Ledger ledger) =>
        ledger.Extension is { Effect: ExtensionEffect.Moves } extension ? extension.Lines.Where(l => ledger.Lines.Count == 0 || l.Day.Date > ledger.Lines[^1].Day.Date) : [];

    private static void Day(Drawing drawing, Ledger ledger, LedgerLine line, double x, double y, DateTimeOffset until)
    {
        var (isDue, isToday) = (ledger.Due is { } due && DateOnly.FromDateTime(due.DateTime) == line.Day.Date, DateOnly.FromDateTime(until.DateTime) == line.Day.Date);
        var (fill, ink, sign) = line.Kind switch
        {
            LineKind.Counted => (Picture.Green, Picture.Paper, ledger.Limit.Rule == CountingRule.Hours ? $"{Hours(line.Counted)}h" : $"{line.Total}"),
            LineKind.Paused => (Picture.PaleAmber, Picture.Ink, "‖"),
            LineKind.Receipt => (Picture.PaleBlue, Picture.Ink, "●"),
            LineKind.Restart => (Picture.PaleBlue, Picture.Ink, "↻"),
            LineKind.Extension => (Picture.PaleBlue, Picture.Ink, "＋"),
            LineKind.Passed => (Picture.PaleGreen, Picture.Ink, "·"),
            LineKind.Due => (Picture.PaleGreen, Picture.Ink, "→"),
            _ => (Picture.Grey, Picture.Soft, "–"),
        };
        drawing.Box(x + 1, y, Side - 2, High, fill, isDue ? Picture.Red : isToday ? Picture.Ink : null, isDue ? 3 : 2, 3);
        if (line.Kind == LineKind.Paused)
            drawing.Stripes(x + 1, y, Side - 2, High, "#d9a441");
        drawing.Text(x + (Side / 2), y + 13, $"{line.Day.Date.Day}/{line.Day.Date.Month}", ink, size: 10.5);
        drawing.Text(x + (Side / 2), y + 31, sign, ink, size: 15, bold: true);
    }

    private static double Legend(Drawing drawing, Ledger ledger, double y)
    {
        (LineKind Kind, string Fill, string Sign, string Name)[] all =
        [
            (LineKind.Receipt, Picture.PaleBlue, "●", drawing["day of receipt", "ngày tiếp nhận"]), (LineKind.Restart, Picture.PaleBlue, "↻", drawing["begun again", "tính lại từ đầu"]),
            (LineKind.Counted, Picture.Green, "1", drawing["counted", "được tính"]), (LineKind.Passed, Picture.PaleGreen, "·", drawing["within the month", "trong tháng"]),
            (LineKind.Skipped, Picture.Grey, "–", drawing["not counted", "không tính"]), (LineKind.Paused, Picture.PaleAmber, "‖", drawing["the clock stood", "tạm dừng"]),
            (LineKind.Due, Picture.PaleGreen, "→", drawing["next working day", "ngày làm việc tiếp"]), (LineKind.Extension, Picture.PaleBlue, "＋", drawing["day of extension", "ngày gia hạn"]),
        ];
        var shown = all.Where(l => ledger.Earlier.SelectMany(run => run.Lines).Concat(ledger.Lines).Concat(Later(ledger)).Any(line => line.Kind == l.Kind)).ToList();
        foreach (var (i, (kind, fill, sign, name)) in shown.Index())
        {
            var (x, at) = (Left + (i % 2 * (Wide / 2)), y + 6 + (i / 2 * 19));
            drawing.Box(x, at, 15, 15, fill, round: 2);
            drawing.Text(x + 7.5, at + 12, sign, kind == LineKind.Counted ? Picture.Paper : Picture.Ink, size: 11);
            drawing.Text(x + 21, at + 12, name, anchor: "start", size: 11.5);
        }
        var last = y + 6 + ((shown.Count + 1) / 2 * 19);
        drawing.Box(Left + 1, last + 1, 13, 13, Picture.Paper, Picture.Red, 3, 2);
        drawing.Text(Left + 21, last + 12, drawing["due on this day", "hạn trả trong ngày này"], anchor: "start", size: 11.5);
        return last + 24;
    }

    private static DateOnly Monday(DateOnly day) => day.AddDays(-(((int)day.DayOfWeek + 6) % 7));

    private static string Moment(DateTimeOffset at, Language language) => WorkCalendar.Vietnam.Local(at) is var local && language == Language.Vi
        ? $"{local:HH:mm} ngày {local:dd/MM/yyyy}" : local.ToString("d MMM yyyy HH:mm", CultureInfo.InvariantCulture);
}
