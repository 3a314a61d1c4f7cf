using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Deliveries;

/// <summary>
/// Slip 04, the apology with a new date, as it was issued; or its draft, as long as one may still be: a date is named anew once before it passes (an extension), and once when it has passed
/// (a late apology, which moves no due date). The form's contents follow Decrees 61/2018 and 118/2025; the words are ours.
/// </summary>
/// <param name="Late">Its date had passed.</param>
/// <param name="IssuedAt">Null for a draft.</param>
/// <param name="Due">The date that is not kept.</param>
/// <param name="Until">The new date; in a draft a proposal, at a working day's closing time.</param>
/// <param name="Reason">Null where it is still to be written in.</param>
public sealed record Slip04(string Number, bool Late, DateTimeOffset? IssuedAt, DateTimeOffset Due, DateTimeOffset Until, string? Reason)
{
    private const int DayMinutes = 8 * 60;

    public bool IsDraft => IssuedAt is null;

    /// <exception cref="UserError"><c>no-such-slip</c>: none was issued, and none is to be.</exception>
    public static Slip04 Of(string code, IReadOnlyList<StoredEvent> events, Rulebook rules, DateTimeOffset now)
    {
        var dossier = Dossier.Fold(code, events);
        if (dossier is { FinishedAt: null, Clock: not null, Due: { } due } && (now > due ? dossier.ApologisedAt is null : dossier.Extension is null))
            return new(dossier.NextSlip("04"), now > due, null, due, Proposed(dossier, due, rules.Known(now), now), null);
        var issued = events.LastOrDefault(e => e.Event is DossierExtended or LateApology) ?? throw new UserError("no-such-slip", $"{code} has no slip 04, and there is none to draft");
        var before = Dossier.Fold(code, events.TakeWhile(e => e.Version < issued.Version)).Due;
        return issued.Event switch
        {
            DossierExtended e => new(e.Slip, false, e.OccurredAt, before ?? e.OccurredAt, e.Until, e.Reason),
            LateApology e => new(e.Slip, true, e.OccurredAt, before ?? e.OccurredAt, e.Appointment, e.Reason),
            _ => throw new InvalidOperationException($"{issued.Name} is no slip 04"),
        };
    }

    /// <summary>A quarter of the time that the clock runs, and at least a working day, from the due date or from now if that is later: a proposal, which whoever signs changes.</summary>
    private static DateTimeOffset Proposed(Dossier dossier, DateTimeOffset due, WorkCalendar calendar, DateTimeOffset now)
    {
        var quarter = DueDate.Ran(dossier.Clock!, due, calendar) / 4;
        var day = calendar.Shift(now > due ? now : due, Math.Max(DayMinutes, quarter));
        return calendar.Appointment(new(day.Date, day.Offset));
    }

    /// <param name="applicant">Null where the data was erased, or never was there.</param>
    /// <param name="agency">That apologises.</param>
    /// <param name="procedure">Its name; null where none is known.</param>
    public Letter Letter(Dossier dossier, Applicant? applicant, Wording agency, string? procedure)
    {
        var of = procedure is null ? "" : $" ({procedure})";
        return Letters.Compose(
            IsDraft ? new($"DRAFT, slip 04: {dossier.Code}", $"DỰ THẢO phiếu 04: {dossier.Code}") : new($"Slip 04: {dossier.Code}", $"Phiếu 04: {dossier.Code}"),
            [
                new("SOCIALIST REPUBLIC OF VIET NAM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
                new("Independence - Freedom - Happiness", "Độc lập - Tự do - Hạnh phúc"),
                agency,
                new($"No. {Number}{(IsDraft ? " (draft)" : $", {Day(IssuedAt!.Value)}")}", $"Số: {Number}{(IsDraft ? " (dự thảo)" : $", {Ngay(IssuedAt!.Value)}")}"),
                new("APOLOGY AND NEW DATE FOR THE RESULT", "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ"),
                new($"To: {applicant?.Name ?? Slot}", $"Kính gửi: {applicant?.Name ?? Slot}"),
                .. applicant?.Address is { } address ? [new Wording($"Address: {address}", $"Địa chỉ: {address}")] : Array.Empty<Wording>(),
                new(
                    $"Your dossier {dossier.Code}{of} was received on {Day(dossier.ReceivedAt!.Value)}; its result was due by {Letters.Time(Due)}.",
                    $"Hồ sơ mã số {dossier.Code}{of} của ông/bà được tiếp nhận {Ngay(dossier.ReceivedAt.Value)}, hẹn trả kết quả {Letters.Time(Due)}."),
                Late
                    ? new("That date has passed and the result is not ready.", "Đến nay đã quá hạn mà kết quả chưa có.")
                    : new("The result cannot be ready by then.", "Kết quả không thể có đúng hạn nêu trên."),
                new($"Reason: {Reason ?? Slot}", $"Lý do: {Reason ?? Slot}"),
                new($"The new date for the result: {Letters.Time(Until)}{(IsDraft ? " (proposed)" : "")}.", $"Hẹn lại ngày trả kết quả: {Letters.Time(Until)}{(IsDraft ? " (đề xuất)" : "")}."),
                new("We apologise for the delay and the trouble it causes you.", "Chúng tôi xin lỗi vì sự chậm trễ và những phiền hà gây ra cho ông/bà, mong ông/bà thông cảm."),
            ]);
    }

    private const string Slot = "……………………";

    private static string Day(DateTimeOffset at) => WorkCalendar.Vietnam.Local(at).ToString("d MMMM yyyy");

    private static string Ngay(DateTimeOffset at) => WorkCalendar.Vietnam.Local(at) is var day ? $"ngày {day:dd} tháng {day:MM} năm {day:yyyy}" : "";

    /// <summary>The slip with all that stands on it, the applicant's data opened.</summary>
    /// <exception cref="UserError"><c>no-such-slip</c>, <c>no-such-dossier</c></exception>
    public static async Task<(Slip04 Slip, Letter Letter)> PrintAsync(Database database, PersonalData personal, Reader reader, string code, DateTimeOffset now, CancellationToken cancel = default)
    {
        var events = await History.ReadAsync(database.Log, code, new(), cancel);
        var (dossier, rules) = (Dossier.Fold(code, events), await Rulebook.LoadAsync(database, cancel));
        var slip = Of(code, events, rules, now);
        var applicant = dossier.Applicant is { } data ? (await personal.OpenAsync(reader, [(code, data)], OpenedData.Notice, cancel))[0] : null;
        var agency = dossier.Agency is { } name ? rules.Organisation.UnitAt(name, now)?.Name ?? Letters.Same(name) : Letters.Centre;
        return (slip, slip.Letter(dossier, applicant, agency, rules.Procedure(dossier.Procedure)?.Published.Name));
    }
}
