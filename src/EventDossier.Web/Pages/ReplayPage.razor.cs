using EventDossier.Audit;
using EventDossier.Dossiers;
using EventDossier.Store;
using EventDossier.Web.Pictures;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>Any dossier's history with a slider, and what lies between any two of its moments.</summary>
public sealed partial class ReplayPage
{
    [Parameter, EditorRequired] public string Code { get; set; } = "";
    [Parameter, EditorRequired] public IReadOnlyList<ReplayStep> Steps { get; set; } = [];
    [Parameter, EditorRequired] public long Version { get; set; }
    [Parameter, EditorRequired] public StoredEvent Event { get; set; } = null!;
    [Parameter] public bool MayPack { get; set; }
    [Parameter] public string? From { get; set; }
    [Parameter] public string? To { get; set; }
    [Parameter] public ReplayDifference? Difference { get; set; }
    [Parameter] public string? DifferenceFault { get; set; }

    private ReplayStep Step => Steps[(int)Version - 1];

    private string Path => $"/audit/{Uri.EscapeDataString(Code)}";

    private Picture Picture => Timeline.Of(Steps, Version, Say.Language);

    private string ClockTold => Step.Clock is not { } clock ? Say["not running yet", "chưa chạy"]
        : $"{Say[$"cycle {clock.Cycle}, ran {Say.Duration(clock.Ran)}", $"chu kỳ {clock.Cycle}, đã chạy {Say.Duration(clock.Ran)}"]}{(clock.Stretches is [.., { StoodBy.Count: > 0 } last] && Step.State.FinishedAt is null ? Say[$"; stands by {string.Join(", ", last.StoodBy)}", $"; đang tạm dừng theo {string.Join(", ", last.StoodBy)}"] : "")}";

    private string Standing(AlertStanding standing) => standing switch
    {
        AlertStanding.Ahead => Say["ahead", "sắp tới"],
        AlertStanding.Due => Say["due, not raised yet", "đến hạn, chưa phát"],
        AlertStanding.Raised => Say["raised", "đã phát"],
        AlertStanding.Acknowledged => Say["acknowledged", "đã nhận xử lý"],
        AlertStanding.Withdrawn => Say["withdrawn", "đã rút"],
        _ => Say["over", "đã kết thúc"],
    };

    internal static void Map(Site site)
    {
        site.Get("/audit/{code}", Rights.Audit, ShowAsync, "A dossier's history step by step, and the difference between two moments");
        site.Get("/audit/{code}/pack", Rights.Packs, PackRoutes.MakeAsync, "An evidence pack, to be kept");
    }

    private static async Task<IResult> ShowAsync(Visit visit, string code)
    {
        code = Asked.Code(code);
        var (dossier, events) = await visit.DossierAsync(code, Rights.Audit);
        var (request, steps) = (visit.Http.Request, await Replay.OfAsync(visit.Centre.Database, code, visit.Now, visit.Cancel));
        var version = Math.Clamp(Asked.Number(request, "step") ?? steps.Count, 1, steps.Count);
        var (from, to, fault) = (visit.Query("from"), visit.Query("to"), default(string));
        ReplayDifference? difference = null;
        if (from is not null || to is not null)
        {
            try
            {
                difference = Replay.Between(code, events, from is null ? new(Version: 0) : Asked.AsOf(request, "from")!, to is null ? new() : Asked.AsOf(request, "to")!);
            }
            catch (UserError e) when (e.Code == "bad-query")
            {
                fault = visit.Say.Refusal(e.Code, e.Message);
            }
        }
        return visit.Page<ReplayPage>(code, new
        {
            Code = code, Steps = steps, Version = version, Event = events[(int)version - 1], MayPack = Rights.Of(visit.Caller, Rights.Packs) > Reach.Nothing, From = from, To = to, Difference = difference, DifferenceFault = fault,
        }, fault is null ? 200 : 422);
    }
}
