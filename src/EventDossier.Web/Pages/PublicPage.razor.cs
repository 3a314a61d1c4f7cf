using EventDossier.Deadlines;
using EventDossier.Figures;
using EventDossier.Web.Pictures;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>The centre's figures, for anybody.</summary>
public sealed partial class PublicPage
{
    [Parameter] public PublicForm06? Figures { get; set; }

    private Picture Picture => Trend.Of(new("Dossiers by quarter", "Hồ sơ theo quý"), [.. Figures!.Quarters.Select(q => q.Name)],
    [
        new(new("came in", "tiếp nhận"), [.. Figures.Quarters.Select(q => (double?)q.CameIn)]),
        new(new("early and on time", "trước và đúng hạn"), [.. Figures.Quarters.Select(q => (double?)(q.Counts[Bucket.ResolvedEarly] + q.Counts[Bucket.ResolvedOnTime]))]),
        new(new("late", "quá hạn"), [.. Figures.Quarters.Select(q => (double?)q.Counts[Bucket.ResolvedLate])]),
    ], Say.Language);

    internal static void Map(Site site) => site.Get("/public", (string?)null, Show, "The centre's figures, for anybody").InMenu("Public figures", "Số liệu công khai", caller => caller.Actor.Length == 0);

    private static Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult<PublicPage> Show(Visit visit, PublicFigures figures)
    {
        var latest = figures.Latest();
        if (latest is null)
            visit.Http.Response.Headers["Refresh"] = "2";
        return visit.Page<PublicPage>(visit.Say["Public figures", "Số liệu công khai"], new { Figures = latest });
    }

    private string Name(Bucket bucket) => bucket switch
    {
        Bucket.CarriedOver => Say["carried over", "chuyển từ kỳ trước"],
        Bucket.ReceivedOnline => Say["received online", "trực tuyến"],
        Bucket.ReceivedAtCounter => Say["at the counter", "trực tiếp"],
        Bucket.ReceivedByPost => Say["by post", "bưu chính"],
        Bucket.ReceivedOtherwise => Say["otherwise", "khác"],
        Bucket.ResolvedEarly => Say["resolved early", "giải quyết trước hạn"],
        Bucket.ResolvedOnTime => Say["on time", "đúng hạn"],
        Bucket.ResolvedLate => Say["late", "quá hạn"],
        Bucket.PendingInTime => Say["pending, in time", "đang giải quyết, trong hạn"],
        Bucket.PendingOverdue => Say["pending, overdue", "đang giải quyết, quá hạn"],
        Bucket.SuspendedForSupplement => Say["waits for a supplement", "chờ bổ sung"],
        Bucket.SuspendedForFee => Say["waits for a fee", "chờ nộp phí"],
        Bucket.StoppedForATime => Say["stopped for a time", "tạm dừng"],
        Bucket.Withdrawn => Say["withdrawn", "đã rút"],
        Bucket.Terminated => Say["ended", "chấm dứt"],
        Bucket.Voided => Say["voided", "hủy"],
        Bucket.RefusedAtIntake => Say["refused at intake (beside)", "từ chối tiếp nhận (ngoài tổng)"],
        _ => Say["awaiting intake (beside)", "chờ tiếp nhận (ngoài tổng)"],
    };
}
