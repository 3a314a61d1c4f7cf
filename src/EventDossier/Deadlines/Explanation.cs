namespace EventDossier.Deadlines;

public enum Language
{
    En,
    Vi,
}

/// <summary>A ledger in plain words, to be checked by hand with a wall calendar.</summary>
public static class Explanation
{
    private static readonly string[] EnglishDays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    private static readonly string[] EnglishMonths = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    private static readonly string[] VietnameseDays = ["Chủ Nhật", "Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy"];

    /// <summary>Receipt, limit and rule; a line a day; a total that adds up; the due moment; and, where it may still move, that it may.</summary>
    public static IReadOnlyList<string> ToLines(Ledger ledger, Language language)
    {
        var say = new Words(language);
        var limit = say.Limit(ledger.Limit);
        var lines = new List<string>
        {
            $"{say["Received", "Tiếp nhận"]}: {say.Moment(ledger.Received)}",
            $"{say["Limit", "Thời hạn"]}: {limit}",
            $"{say["Rule", "Cách tính"]}: {say.Rule(ledger)}",
        };
        foreach (var line in ledger.Lines)
            lines.Add($"  {say.Date(line.Day.Date)}  {say.Line(line, ledger)}{(line.Day.Provisional ? say[" (provisional)", " (tạm tính)"] : "")}");
        lines.Add($"{say["Total", "Tổng cộng"]}: {say.Total(ledger, limit)}");
        lines.Add($"{say["Due", "Hạn trả kết quả"]}: {say.Moment(ledger.Due)}");
        if (ledger.Provisional)
        {
            var years = string.Join(", ", ledger.Lines.Where(l => l.Day.Provisional).Select(l => l.Day.Date.Year).Distinct());
            lines.Add(say[
                $"Provisional: no decision on the holidays of {years} was known when this was computed; the date may move.",
                $"Tạm tính: khi tính chưa có quyết định về ngày nghỉ năm {years}; hạn có thể thay đổi."]);
        }
        return lines;
    }

    private readonly struct Words(Language language)
    {
        public string this[string en, string vi] => language == Language.Vi ? vi : en;

        public string Date(DateOnly date) => this[
            $"{EnglishDays[(int)date.DayOfWeek]} {date.Day} {EnglishMonths[date.Month - 1]} {date.Year}",
            $"{VietnameseDays[(int)date.DayOfWeek]} {date:dd/MM/yyyy}"];

        public string Moment(DateTimeOffset at) => $"{Date(DateOnly.FromDateTime(at.DateTime))} {at:HH:mm}";

        public string Limit(Limit limit) => limit.Rule switch
        {
            CountingRule.Days => this[$"{limit.Amount} working {Plural("day", limit.Amount)}", $"{limit.Amount} ngày làm việc"],
            CountingRule.Hours => this[$"{limit.Amount} working {Plural("hour", limit.Amount)}", $"{limit.Amount} giờ làm việc"],
            CountingRule.SameDay => this["same day", "trong ngày"],
            CountingRule.CalendarDays => this[$"{limit.Amount} calendar {Plural("day", limit.Amount)}", $"{limit.Amount} ngày"],
            CountingRule.Months => this[$"{limit.Amount} {Plural("month", limit.Amount)}", $"{limit.Amount} tháng"],
            _ => throw new ArgumentOutOfRangeException(nameof(limit)),
        };

        public string Rule(Ledger ledger)
        {
            var close = $"{ledger.Hours.Sessions[^1].To:HH:mm}";
            var roll = this["; if that is not a working day, of the next one", "; nếu không phải ngày làm việc thì tính đến ngày làm việc tiếp theo"];
            return ledger.Limit.Rule switch
            {
                CountingRule.Days => this[
                    $"the day of receipt is not counted; working days are counted after it; due at closing time, {close}, of the last",
                    $"không tính ngày tiếp nhận; tính các ngày làm việc sau đó; hạn là giờ đóng cửa {close} của ngày cuối cùng"],
                CountingRule.Hours => this[
                    $"working time ({Hours(ledger.Hours.Sessions)}) is counted to the minute from the moment of receipt",
                    $"tính giờ làm việc ({Hours(ledger.Hours.Sessions)}) đến từng phút, từ lúc tiếp nhận"],
                CountingRule.SameDay => this[
                    $"received on a working day until {ledger.Hours.SameDayUntil:HH:mm}, due at closing time, {close}, of that day; otherwise of the next working day",
                    $"tiếp nhận trong ngày làm việc đến {ledger.Hours.SameDayUntil:HH:mm} thì hạn là giờ đóng cửa {close} cùng ngày; nếu không thì của ngày làm việc tiếp theo"],
                CountingRule.CalendarDays => this[
                    $"the day of receipt is not counted; every day after it is, days off too; due at closing time, {close}, of the last{roll}",
                    $"không tính ngày tiếp nhận; tính mọi ngày sau đó, kể cả ngày nghỉ; hạn là giờ đóng cửa {close} của ngày cuối cùng{roll}"],
                CountingRule.Months => this[
                    $"from the day of receipt to the same day of the month, or the month's last day; due at closing time, {close}, of that day{roll}",
                    $"từ ngày tiếp nhận đến ngày tương ứng của tháng, hoặc ngày cuối tháng; hạn là giờ đóng cửa {close} của ngày đó{roll}"],
                _ => throw new ArgumentOutOfRangeException(nameof(ledger)),
            };
        }

        public string Line(LedgerLine line, Ledger ledger)
        {
            var what = What(line.Day);
            return line.Kind switch
            {
                LineKind.Receipt => Join(this["day of receipt, not counted", "ngày tiếp nhận, không tính"], what),
                LineKind.Skipped => Join(this["skipped", "không tính"], what),
                LineKind.Passed => Join(this["within the month", "trong tháng đang tính"], what),
                LineKind.Due => Join(this["next working day: due", "ngày làm việc tiếp theo: đến hạn"], what),
                LineKind.Counted => ledger.Limit.Rule switch
                {
                    CountingRule.Hours => Join(this[
                        $"counted {Hours(line.Stretches)}: {line.Counted} min, {line.Total} of {ledger.Limit.Amount * 60}",
                        $"tính {Hours(line.Stretches)}: {line.Counted} phút, {line.Total}/{ledger.Limit.Amount * 60}"], what),
                    CountingRule.Months => Join(this[
                        $"month {line.Total} of {ledger.Limit.Amount} complete", $"đủ tháng thứ {line.Total}/{ledger.Limit.Amount}"], what),
                    _ => Join(this[
                        $"counted, {line.Total} of {ledger.Limit.Amount}", $"tính, {line.Total}/{ledger.Limit.Amount}"], what),
                },
                _ => throw new ArgumentOutOfRangeException(nameof(line)),
            };
        }

        public string Total(Ledger ledger, string limit)
        {
            if (ledger.Limit.Rule == CountingRule.Hours)
            {
                var counted = ledger.Lines.Where(l => l.Counted > 0).Select(l => l.Counted).ToList();
                var sum = counted.Count == 1 ? "" : string.Join(" + ", counted) + " = ";
                return this[$"{sum}{counted.Sum()} minutes = {limit}", $"{sum}{counted.Sum()} phút = {limit}"];
            }
            var months = ledger.Limit.Rule == CountingRule.Months;
            (LineKind Kind, string Name)[] parts =
            [
                (LineKind.Receipt, this["day of receipt", "ngày tiếp nhận"]),
                (LineKind.Passed, this["within a month", "trong tháng"]),
                (LineKind.Counted, months ? this["completing a month", "đủ tháng"] : this["counted", "được tính"]),
                (LineKind.Skipped, this["skipped", "không tính"]),
                (LineKind.Due, this["next working day", "ngày làm việc tiếp theo"]),
            ];
            var terms = parts
                .Select(p => (Count: ledger.Lines.Count(l => l.Kind == p.Kind), p.Name))
                .Where(p => p.Count > 0)
                .Select(p => $"{p.Count} {p.Name}");
            return $"{this[$"{ledger.Lines.Count} {Plural("day", ledger.Lines.Count)}", $"{ledger.Lines.Count} ngày"]} = {string.Join(" + ", terms)}";
        }

        private string What(CalendarDay day)
        {
            var basis = day.Basis is null ? "" : $" ({this[day.Basis.En, day.Basis.Vi]})";
            return day.Kind switch
            {
                DayKind.Working => "",
                DayKind.Weekend => this["weekend", "ngày nghỉ hằng tuần"],
                DayKind.Holiday when day.StandsFor is { } date =>
                    this["holiday", "ngày nghỉ lễ"] + ", " + this[$"{day.Reason!.En}, in lieu of {Date(date)}", $"{day.Reason.Vi}, nghỉ bù {Date(date)}"] + basis,
                DayKind.Holiday => this["holiday", "ngày nghỉ lễ"] + ", " + this[day.Reason!.En, day.Reason.Vi] + basis,
                DayKind.MakeUp => this[$"make-up day for {Date(day.StandsFor!.Value)}", $"ngày làm bù cho {Date(day.StandsFor.Value)}"] + basis,
                _ => throw new ArgumentOutOfRangeException(nameof(day)),
            };
        }

        private static string Join(string did, string what) => what.Length == 0 ? did : $"{did}: {what}";

        private static string Hours(IReadOnlyList<Session> sessions) => string.Join(", ", sessions.Select(s => $"{s.From:HH:mm}–{s.To:HH:mm}"));

        private static string Plural(string unit, int count) => count == 1 ? unit : unit + "s";
    }
}
