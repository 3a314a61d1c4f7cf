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
    /// <param name="promised">The date on the slip; said where it is another than the due moment.</param>
    /// <param name="because">The decisions that made the difference, as <see cref="DueDate.MovedBy"/> finds them.</param>
    public static IReadOnlyList<string> ToLines(
        Ledger ledger, Language language, DateTimeOffset? promised = null, IReadOnlyList<CalendarDecision>? because = null)
    {
        var say = new Words(language);
        var limit = say.Limit(ledger.Limit);
        var lines = new List<string>
        {
            $"{say["Received", "Tiếp nhận"]}: {say.Moment(ledger.Received)}",
            $"{say["Limit", "Thời hạn"]}: {limit}",
            $"{say["Rule", "Cách tính"]}: {say.Rule(ledger)}",
        };
        lines.AddRange(ledger.Pauses.Select(p => $"{say["Pause", "Tạm dừng"]}: {say.Pause(p, ledger)}"));
        if (ledger.Pauses.Count > 0) lines.Add($"{say["While paused", "Khi tạm dừng"]}: {say.PauseRule(ledger)}");
        foreach (var run in ledger.Earlier)
        {
            AddDays(run.Lines, ledger.Limit);
            lines.Add($"{say["Begun again", "Tính lại từ đầu"]}: {say.Moment(run.EndedBy.To!.Value)}, {say.Slip(run.EndedBy)}; {say["nothing above counts", "phần trên không được tính"]}");
        }
        AddDays(ledger.Lines, ledger.Limit);
        if (ledger.Ends is not null) lines.Add($"{say["Total", "Tổng cộng"]}: {say.Total(ledger, limit)}");
        if (ledger.Extension is { } extension)
        {
            if (ledger.Ends is { } ends) lines.Add($"{say["Without extension", "Nếu không gia hạn"]}: {say.Moment(ends)}");
            lines.Add($"{say["Extended", "Gia hạn"]}: {say.Extension(extension)}");
            if (extension.Lines.Any(l => l.Pauses.Count > 0))
            {
                var counted = new Counted(ledger.Limit.Rule == CountingRule.Months ? CountingRule.CalendarDays : ledger.Limit.Rule, extension.Amount);
                lines.Add($"{say["Pauses since", "Tạm dừng sau đó"]}: {say.CountedOn(counted)}");
                AddDays(extension.Lines, counted);
            }
        }
        lines.Add($"{say["Due", "Hạn trả kết quả"]}: {(ledger.Due is { } due ? say.Moment(due) : say["not known while the clock stands", "chưa xác định khi đang tạm dừng"])}");
        if (promised is { } slip && slip != ledger.Due)
        {
            lines.Add($"{say["Promised", "Hẹn trên phiếu"]}: {say.Moment(slip)}; {say["that date stands on the slip and stays there", "ngày này vẫn giữ nguyên trên phiếu hẹn"]}");
            lines.AddRange((because ?? []).Select(d => say[
                $"Moved by decision {d.Number}, announced {say.Date(d.Announced)}, after receipt.",
                $"Thay đổi theo quyết định {d.Number}, công bố {say.Date(d.Announced)}, sau khi tiếp nhận."]));
        }
        if (ledger.Provisional)
        {
            var years = string.Join(", ", ledger.AllLines.Where(l => l.Day.Provisional).Select(l => l.Day.Date.Year).Distinct());
            lines.Add(say[
                $"Provisional: no decision on the holidays of {years} was known when this was computed; the date may move.",
                $"Tạm tính: khi tính chưa có quyết định về ngày nghỉ năm {years}; hạn có thể thay đổi."]);
        }
        return lines;

        void AddDays(IEnumerable<LedgerLine> days, Counted counted)
        {
            foreach (var line in days)
                lines.Add($"  {say.Date(line.Day.Date)}  {say.Line(line, counted)}{(line.Day.Provisional ? say[" (provisional)", " (tạm tính)"] : "")}");
        }
    }

    // What a section of the ledger adds up to, in its unit.
    private sealed record Counted(CountingRule Rule, int Whole)
    {
        public static implicit operator Counted(Limit limit) => new(limit.Rule, limit.Rule == CountingRule.Hours ? limit.Amount * 60 : limit.Amount);
    }

    /// <summary>What stands beside a due date: the general limit, another date on record, and the finish with its judgement.</summary>
    /// <param name="recorded">As the dossier's last event on the clock tells it.</param>
    public static IReadOnlyList<string> Beside(
        Ledger ledger, Ledger? general, DateTimeOffset? recorded, DateTimeOffset? finished, Judgement? judgement, Judgement? generalJudgement, Language language)
    {
        var say = new Words(language);
        var lines = new List<string>();
        if (general?.Due is { } wider)
            lines.Add($"{say["General limit", "Thời hạn chung"]}: {say.Limit(general.Limit)}, {say.Moment(wider)}");
        if (recorded is { } told && ledger.Due is { } due && told != due)
            lines.Add($"{say["On record", "Đang ghi nhận"]}: {say.Moment(told)}; {say["the date was not told anew since", "ngày này chưa được cập nhật lại"]}");
        if (finished is { } at)
        {
            lines.Add($"{say["Finished", "Hoàn thành"]}: {say.Moment(at.ToOffset(ledger.Received.Offset))}"
                + $"{(judgement is { } j ? $", {say.Judged(j)}" : "")}{(generalJudgement is { } g ? $"; {say["by the general limit", "theo thời hạn chung"]} {say.Judged(g)}" : "")}");
        }
        return lines;
    }

    private readonly struct Words(Language language)
    {
        public string this[string en, string vi] => language == Language.Vi ? vi : en;

        public string Date(DateOnly date) => this[
            $"{EnglishDays[(int)date.DayOfWeek]} {date.Day} {EnglishMonths[date.Month - 1]} {date.Year}",
            $"{VietnameseDays[(int)date.DayOfWeek]} {date:dd/MM/yyyy}"];

        public string Judged(Judgement judgement) => judgement switch
        {
            Judgement.Early => this["early", "trước hạn"],
            Judgement.OnTime => this["on time", "đúng hạn"],
            _ => this["late", "quá hạn"],
        };

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

        public string Pause(Pause pause, Ledger ledger)
        {
            var kind = pause.Kind switch
            {
                PauseKind.Supplement => this["supplement requested", "yêu cầu bổ sung hồ sơ"],
                PauseKind.Fee => this["fee asked", "thông báo nộp phí, lệ phí"],
                PauseKind.Provision => this["by law", "theo quy định"],
                PauseKind.Stop => this["stopped for a time", "tạm dừng giải quyết"],
                _ => throw new ArgumentOutOfRangeException(nameof(pause)),
            };
            var stretch = pause.To is { } to
                ? this[$"{Moment(Local(pause.From, ledger))} to {Moment(Local(to, ledger))}", $"{Moment(Local(pause.From, ledger))} đến {Moment(Local(to, ledger))}"]
                : this[$"since {Moment(Local(pause.From, ledger))}, still standing", $"từ {Moment(Local(pause.From, ledger))}, chưa kết thúc"];
            var effect = ledger.Due is { } due && pause.From >= due ? this["; it began after the due moment and changes nothing", "; bắt đầu sau khi đến hạn nên không làm thay đổi hạn"]
                : pause.Restarts ? this["; on its end the full limit begins again", "; khi kết thúc thì tính lại toàn bộ thời hạn"]
                : "";
            return $"{stretch}, {kind}, {Slip(pause)}{effect}";
        }

        public string Slip(Pause pause) => pause.Kind == PauseKind.Provision ? pause.Basis : this[$"slip {pause.Basis}", $"phiếu {pause.Basis}"];

        public string PauseRule(Ledger ledger)
        {
            var close = $"{ledger.Hours.Sessions[^1].To:HH:mm}";
            return ledger.Limit.Rule switch
            {
                CountingRule.Days => this[
                    $"a day does not count if the clock stands at its closing time, {close}", $"ngày nào đến giờ đóng cửa {close} vẫn đang tạm dừng thì không tính"],
                CountingRule.Hours => this["working minutes do not count while the clock stands", "không tính số phút làm việc trong thời gian tạm dừng"],
                CountingRule.SameDay => this[
                    $"a day does not count if the clock stands at {ledger.Hours.SameDayUntil:HH:mm} or at closing time, {close}",
                    $"ngày nào lúc {ledger.Hours.SameDayUntil:HH:mm} hoặc đến giờ đóng cửa {close} đang tạm dừng thì không tính"],
                _ => this[
                    $"a day does not count, and nothing is due on it, if the clock stands at its closing time, {close}",
                    $"ngày nào đến giờ đóng cửa {close} vẫn đang tạm dừng thì không tính và không là ngày đến hạn"],
            };
        }

        public string Extension(LedgerExtension extension)
        {
            var (at, due, slip) = extension.Given;
            var appointed = extension.Appointed;
            (at, due) = (at.ToOffset(appointed.Offset), due.ToOffset(appointed.Offset));
            var effect = extension.Effect switch
            {
                ExtensionEffect.TooLate => this["; given after the due moment, it changes nothing", "; thực hiện sau khi đến hạn nên không làm thay đổi hạn"],
                ExtensionEffect.NotLater => this["; the limit ends no sooner without it", "; thời hạn vốn không kết thúc sớm hơn"],
                ExtensionEffect.Moves when appointed != due => this[
                    $"; that is not working time: the next closing time, {Moment(appointed)}", $"; đó không phải giờ làm việc: tính đến giờ đóng cửa tiếp theo, {Moment(appointed)}"],
                _ => "",
            };
            return this[$"{Moment(at)}, form 04 slip {slip}, to {Moment(due)}{effect}", $"{Moment(at)}, phiếu mẫu 04 số {slip}, đến {Moment(due)}{effect}"];
        }

        public string CountedOn(Counted counted)
        {
            var amount = counted.Rule switch
            {
                CountingRule.Days => this[$"{counted.Whole} working {Plural("day", counted.Whole)}", $"{counted.Whole} ngày làm việc"],
                CountingRule.Hours => this[$"{counted.Whole} working {Plural("minute", counted.Whole)}", $"{counted.Whole} phút làm việc"],
                _ => this[$"{counted.Whole} {Plural("day", counted.Whole)}", $"{counted.Whole} ngày"],
            };
            return this[$"{amount} from the extension to that date, counted again with them", $"từ lúc gia hạn đến ngày đó là {amount}, tính lại có trừ thời gian tạm dừng"];
        }

        public string Line(LedgerLine line, Counted counted)
        {
            var what = What(line.Day);
            var slips = string.Join(", ", line.Pauses.Select(Slip));
            var stood = line.Stood.Count == 0 ? "" : this[$"the clock stood {Hours(line.Stood)}, {slips}", $"tạm dừng {Hours(line.Stood)}, {slips}"];
            return line.Kind switch
            {
                LineKind.Receipt => Join(this["day of receipt, not counted", "ngày tiếp nhận, không tính"], what),
                LineKind.Restart => Join(this["begun again, day not counted", "ngày tính lại từ đầu, không tính"], what),
                LineKind.Extension => Join(this["day of extension, not counted", "ngày gia hạn, không tính"], what),
                LineKind.Skipped => Join(this["skipped", "không tính"], what),
                LineKind.Passed => Join(this["within the month", "trong tháng đang tính"], what),
                LineKind.Due => Join(this["next working day: due", "ngày làm việc tiếp theo: đến hạn"], what),
                LineKind.Paused when counted.Rule == CountingRule.Hours => Join(this[$"not counted, {stood}", $"không tính, {stood}"], what),
                LineKind.Paused => Join(this[
                    $"not counted, the clock stood, {slips}", $"không tính, đang tạm dừng, {slips}"], what),
                LineKind.Counted => counted.Rule switch
                {
                    CountingRule.Hours => Join(this[
                        $"counted {Hours(line.Stretches)}: {line.Counted} min, {line.Total} of {counted.Whole}",
                        $"tính {Hours(line.Stretches)}: {line.Counted} phút, {line.Total}/{counted.Whole}"] + (stood.Length == 0 ? "" : $"; {stood}"), what),
                    CountingRule.Months => Join(this[
                        $"month {line.Total} of {counted.Whole} complete", $"đủ tháng thứ {line.Total}/{counted.Whole}"], what),
                    _ => Join(this[
                        $"counted, {line.Total} of {counted.Whole}", $"tính, {line.Total}/{counted.Whole}"], what),
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
                (LineKind.Restart, this["day begun again", "ngày tính lại từ đầu"]),
                (LineKind.Passed, this["within a month", "trong tháng"]),
                (LineKind.Counted, months ? this["completing a month", "đủ tháng"] : this["counted", "được tính"]),
                (LineKind.Paused, this["paused", "tạm dừng"]),
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

        private static DateTimeOffset Local(DateTimeOffset at, Ledger ledger) => at.ToOffset(ledger.Hours.UtcOffset);

        private static string Join(string did, string what) => what.Length == 0 ? did : $"{did}: {what}";

        private static string Hours(IReadOnlyList<Session> sessions) => string.Join(", ", sessions.Select(s => $"{s.From:HH:mm}–{s.To:HH:mm}"));

        private static string Plural(string unit, int count) => count == 1 ? unit : unit + "s";
    }
}
