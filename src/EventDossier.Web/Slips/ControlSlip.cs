using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Web.Pages;
using static EventDossier.Web.Slips.SlipSheet;

namespace EventDossier.Web.Slips;

/// <summary>Form 06: through whose hands a dossier went, and whether each kept its time. It goes with the dossier, and names no applicant.</summary>
internal static class ControlSlip
{
    public static Markup Of(Dossier dossier, Rulebook rules, bool sample)
    {
        var agency = Name(dossier.Agency, rules, dossier.ReceivedAt);
        return SlipSheet.Of($"{dossier.Code}/06", Slip.Title("06"), agency, sample ? [new("Sample: not a slip of any authority.", "MẪU THỬ: không có giá trị pháp lý.")] : [], Markup.Of(
        [
            Rows(
                Row("Mã hồ sơ", "Dossier", dossier.Code), Row("Thủ tục", "Procedure", rules.Procedure(dossier.Procedure)?.Published.Name ?? dossier.Procedure?.Code),
                Row("Cơ quan giải quyết", "Competent agency", agency), Row("Tiếp nhận", "Received", Slip.Moment(dossier.ReceivedAt)), Row("Hẹn trả kết quả", "Promised", Slip.Moment(dossier.Promised)),
                Row("Hạn hiện tại", "Due, as known now", Slip.Moment(dossier.Due)), Row("Có kết quả", "Result ready", Slip.Moment(dossier.FinishedAt)),
                dossier.Judgement is { } judged ? Row("Kết quả giải quyết", "Judged", Told(judged)) : Markup.Nothing),
            Grid(
                [new("No.", "STT"), new("Handed over by", "Người giao"), new("Received by", "Người nhận"), new("Offered", "Thời gian giao"), new("Accepted", "Thời gian nhận"), new("Budget", "Hạn của bước"), new("Result", "Kết quả"), new("Note", "Ghi chú")],
                dossier.HandOvers.Index().Select(row => (IReadOnlyList<Markup>)
                [
                    Markup.Of($"{row.Index + 1}"), Who(row.Item.FromUnit, row.Item.FromOfficer, rules, row.Item.OfferedAt), Who(row.Item.ToUnit, row.Item.ToOfficer, rules, row.Item.OfferedAt),
                    Markup.Of($"{Slip.Moment(row.Item.OfferedAt)}"), Markup.Of($"{Slip.Moment(row.Item.AcceptedAt)}"), Markup.Of($"{Slip.Moment(row.Item.BudgetEnds)}"),
                    Judge(row.Item, rules.Calendar) is { } kept ? Both(Told(kept)) : Markup.Nothing,
                    row.Item.SentBackAt is { } back ? Markup.Of($"{$"trả lại {Slip.Moment(back)}: {row.Item.Reason}"}<i lang=\"en\">sent back</i>") : Markup.Nothing,
                ])),
            Signed(new Wording("For the agency", "Đại diện cơ quan")),
        ]), wide: true);
    }

    /// <summary>A step is judged by its own budget when it leaves the giver's hands; null where it had none, or has not left them.</summary>
    internal static Judgement? Judge(Dossier.HandOver row, WorkCalendar calendar) =>
        row is { BudgetEnds: { } budget, AcceptedAt: { } accepted } ? DueDate.Judge(accepted, budget, CountingRule.Hours, calendar) : null;

    private static Wording Told(Judgement judgement) => new(new Words(Language.En).Judged(judgement), new Words(Language.Vi).Judged(judgement));

    private static Wording Name(string? unit, Rulebook rules, DateTimeOffset? at) =>
        unit is null ? new("", "") : (at is { } moment ? rules.Organisation.UnitAt(unit, moment)?.Name : null) ?? new(unit, unit);

    private static Markup Who(string? unit, string? officer, Rulebook rules, DateTimeOffset at) => Markup.Of($"{Both(Name(unit, rules, at))}{officer}");
}
