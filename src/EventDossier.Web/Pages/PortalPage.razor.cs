using EventDossier.Deliveries;
using EventDossier.Portal;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>The national portal: dead letters, and the list of what the two sides disagree on.</summary>
public sealed partial class PortalPage
{
    private const int Most = 500;

    [Parameter, EditorRequired] public IReadOnlyList<MessageTold> Dead { get; set; } = [];

    /// <summary>Null while nobody has asked.</summary>
    [Parameter] public IReadOnlyList<Disagreement>? Disagreements { get; set; }
    [Parameter] public PortalSync.Result? Synced { get; set; }
    [Parameter] public string? Fault { get; set; }
    [Parameter] public bool MaySync { get; set; }

    internal static void Map(Site site)
    {
        site.Get("/portal", Rights.Portal, (Visit visit, DeliverySettings settings) => ShowAsync(visit, settings), "The national portal: dead letters, and what the two sides disagree on").InMenu("National portal", "Cổng quốc gia");
        site.Post("/portal/sync", Rights.PortalSync, SyncAsync, "Takes from the portal, tells it what it lacks, and compares");
        site.Post("/portal/outbox/{id}", Rights.PortalSync, ResendAsync, "Tells the portal again what could not be told");
    }

    private static async Task<IResult> ShowAsync(Visit visit, DeliverySettings settings, PortalSync.Result? synced = null, string? fault = null)
    {
        var (disagreements, dead) = (synced?.Left, await DeadAsync(visit));
        if (synced is null && fault is null && visit.Query("compare") == "true")
        {
            try
            {
                disagreements = await PortalSync.CompareAsync(visit.Centre.Database, settings, visit.Now - PortalSync.Back, visit.Cancel);
            }
            catch (UserError e) when (e.Code is "no-portal" or "portal-unreachable")
            {
                fault = Told(visit, e);
            }
        }
        return visit.Page<PortalPage>(visit.Say["National portal", "Cổng Dịch vụ công quốc gia"], new
        {
            Dead = dead, Disagreements = disagreements, Synced = synced, Fault = fault, MaySync = Rights.Of(visit.Caller, Rights.PortalSync) > Reach.Nothing,
        }, fault is null ? 200 : 503);
    }

    private static async Task<IResult> SyncAsync(Visit visit, DeliverySettings settings, DeliveryService delivery)
    {
        try
        {
            var centre = visit.Centre;
            return await ShowAsync(visit, settings, await PortalSync.RunAsync(
                centre.Database, centre.Desk, () => Task.FromResult(centre.Keys), delivery, settings, centre.Now - PortalSync.Back, visit.Cancel));
        }
        catch (UserError e) when (e.Code is "no-portal" or "portal-unreachable")
        {
            return await ShowAsync(visit, settings, fault: Told(visit, e));
        }
    }

    private static async Task<IResult> ResendAsync(Visit visit, Guid id) => (await DeadAsync(visit)).Any(m => m.Id == id)
        && await new Outbox(visit.Centre.Database.App, visit.Centre.Database.Clock).ResendAsync(id, visit.Cancel) == 1
            ? Results.LocalRedirect("/portal") : throw new UserError("no-such-message", $"the outbox has no message {id} to the portal that is dead");

    private static async Task<List<MessageTold>> DeadAsync(Visit visit) =>
        [.. (await new Outbox(visit.Centre.Database.App, visit.Centre.Database.Clock).ListAsync("dead", limit: Most, cancel: visit.Cancel)).Where(m => m.Kind == "portal").Select(MessageTold.Of)];

    private static string Told(Visit visit, UserError e) => e.Code == "no-portal"
        ? visit.Say["This centre speaks with no portal: Portal__Url is not set.", "Trung tâm chưa kết nối Cổng: chưa đặt Portal__Url."]
        : visit.Say[$"The portal can’t be reached: {e.Message}", $"Không kết nối được với Cổng: {e.Message}"];

    private string Kind(string kind) => kind switch
    {
        "missing-here" => Say["missing here", "thiếu tại trung tâm"],
        "missing-there" => Say["missing there", "thiếu trên Cổng"],
        "code" => Say["another code", "khác mã"],
        "not-told-yet" => Say["not told yet", "chưa gửi"],
        "status" => Say["status", "trạng thái"],
        "due" => Say["due date", "ngày hẹn trả"],
        _ => kind,
    };

    private string Remedy(string? remedy) => remedy switch
    {
        "take" => Say["taking it", "nhận về"],
        "tell" => Say["telling it", "gửi lên"],
        _ => Say["a person must look", "cần người xem xét"],
    };
}
