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

    internal static string Name(Words say, Bucket bucket) => bucket switch
    {
        Bucket.CarriedOver => say["carried over", "chuyển từ kỳ trước"],
        Bucket.ReceivedOnline => say["received online", "trực tuyến"],
        Bucket.ReceivedAtCounter => say["at the counter", "trực tiếp"],
        Bucket.ReceivedByPost => say["by post", "bưu chính"],
        Bucket.ReceivedOtherwise => say["otherwise", "khác"],
        Bucket.ResolvedEarly => say["resolved early", "giải quyết trước hạn"],
        Bucket.ResolvedOnTime => say["on time", "đúng hạn"],
        Bucket.ResolvedLate => say["late", "quá hạn"],
        Bucket.PendingInTime => say["pending, in time", "đang giải quyết, trong hạn"],
        Bucket.PendingOverdue => say["pending, overdue", "đang giải quyết, quá hạn"],
        Bucket.SuspendedForSupplement => say["waits for a supplement", "chờ bổ sung"],
        Bucket.SuspendedForFee => say["waits for a fee", "chờ nộp phí"],
        Bucket.StoppedForATime => say["stopped for a time", "tạm dừng"],
        Bucket.Withdrawn => say["withdrawn", "đã rút"],
        Bucket.Terminated => say["ended", "chấm dứt"],
        Bucket.Voided => say["voided", "hủy"],
        Bucket.RefusedAtIntake => say["refused at intake (beside)", "từ chối tiếp nhận (ngoài tổng)"],
        _ => say["awaiting intake (beside)", "chờ tiếp nhận (ngoài tổng)"],
    };
}
