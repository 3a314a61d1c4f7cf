using EventDossier.Dossiers;
using EventDossier.Queues;
using EventDossier.Store;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>The queue of a place today, for the desk that draws numbers and for the counters that call them.</summary>
public sealed partial class QueuePage
{
    [Parameter] public string Place { get; set; } = "";
    [Parameter] public IReadOnlyList<Ticket> Tickets { get; set; } = [];
    [Parameter] public Ticket? Current { get; set; }
    [Parameter] public string? Fault { get; set; }
    [Parameter] public bool MayAct { get; set; }
    [Parameter] public FormModel TakeForm { get; set; } = null!;
    [Parameter] public FormModel CallForm { get; set; } = null!;
    [Parameter] public FormModel EndForm { get; set; } = null!;

    internal static void Map(Site site)
    {
        site.Get("/queue", Rights.Queue, (Visit visit) => ShowAsync(visit, visit.Query("unit") ?? "", null, null, null), "The queue of a place").InMenu("Queue", "Lấy số");
        site.Post("/queue/tickets", Rights.QueueActs, (Visit visit) => SendAsync(visit, TakeOf, (desk, form, context) => desk.TakeAsync(form.Text("place") ?? "", form.Text("service"), context, visit.Cancel)), "Draws a number");
        site.Post("/queue/calls", Rights.QueueActs, (Visit visit) => SendAsync(visit, CallOf, (desk, form, context) => form.Text("ticket") is { } ticket
            ? desk.CallAsync(ticket, form.Text("counter") ?? "", context, visit.Cancel) : desk.CallNextAsync(form.Text("place") ?? "", form.Text("counter") ?? "", context, visit.Cancel)), "Calls a number");
        site.Post("/queue/ends", Rights.QueueActs, (Visit visit) => SendAsync(visit, EndOf, (desk, form, context) => form.Text("how") == "left"
            ? desk.LeaveAsync(form.Text("ticket") ?? "", form.Text("reason"), context, visit.Cancel) : desk.ServeAsync(form.Text("ticket") ?? "", form.Text("dossier"), context, visit.Cancel)), "Puts down what became of a number");
    }

    private static async Task<IResult> ShowAsync(Visit visit, string place, Ticket? current, string? fault, FormModel? sent)
    {
        await visit.ScopeAsync(Rights.Queue);
        var tickets = DossierCode.IsAgency(place) ? await new QueueDesk(visit.Centre.Database).OfDayAsync(place, DateOnly.FromDateTime(visit.Now.DateTime), visit.Cancel) : [];
        FormModel Form(Func<Visit, string, IReadOnlyList<Ticket>, FormModel> of) => of(visit, place, tickets) is var model && sent?.Act == model.Act ? model with { Values = sent.Values, Faults = sent.Faults } : model;
        return visit.Page<QueuePage>(visit.Say["Queue", "Lấy số thứ tự"], new
        {
            Place = place, Tickets = tickets, Current = current, Fault = fault, MayAct = Rights.Of(visit.Caller, Rights.QueueActs) > Reach.Nothing,
            TakeForm = Form(TakeOf), CallForm = Form(CallOf), EndForm = Form(EndOf),
        }, fault is null ? 200 : 422);
    }

    private static async Task<IResult> SendAsync(
        Visit visit, Func<Visit, string, IReadOnlyList<Ticket>, FormModel> of, Func<QueueDesk, IFormCollection, ActContext, Task<QueueDesk.Result>> act)
    {
        var form = await visit.Http.Request.ReadFormAsync(visit.Cancel);
        var (key, request) = PlainForms.KeyOf(visit.Http.Request, form);
        var command = new CommandMetadata(CommandMetadata.IdOf(visit.Caller.Actor, key), visit.Caller.Actor, PeakRoutes.RoleOf(visit.Caller), Request: request);
        var (place, now) = (form.Text("place") ?? "", visit.Now);
        var result = await act(new(visit.Centre.Database), form, new(now, command, now));
        return result.Refusal is { } refusal
            ? await ShowAsync(visit, place, null, visit.Say.Refusal(refusal.Code, refusal.Reason), ActForms.Sent(of(visit, place, []), form))
            : await ShowAsync(visit, place, result.Ticket, null, null);
    }

    private static FormField PlaceField => new("place", "", FieldShape.Hidden, true, []);

    private static FormModel TakeOf(Visit visit, string place, IReadOnlyList<Ticket> tickets) => new("queue-take", "/queue/tickets", null, null,
        [PlaceField, new("service", visit.Say["What they come for", "Nội dung"], FieldShape.Text, false, [])]) { Values = new Dictionary<string, string> { ["place"] = place } };

    private static FormModel CallOf(Visit visit, string place, IReadOnlyList<Ticket> tickets) => new("queue-call", "/queue/calls", null, null,
        [PlaceField, new("counter", visit.Say["Counter", "Quầy"], FieldShape.Text, true, []), new("ticket", visit.Say["A certain number, or again", "Gọi một số, hoặc gọi lại"], FieldShape.Choice, false, Choices(tickets.Where(t => !t.IsOver)))])
    {
        Values = new Dictionary<string, string> { ["place"] = place },
    };

    private static FormModel EndOf(Visit visit, string place, IReadOnlyList<Ticket> tickets) => new("queue-end", "/queue/ends", null, null,
    [
        PlaceField, new("ticket", visit.Say["Number", "Số"], FieldShape.Choice, true, Choices(tickets.Where(t => !t.IsOver))),
        new("how", visit.Say["What became of it", "Kết quả"], FieldShape.Choice, true, [("served", visit.Say["served", "đã phục vụ"]), ("left", visit.Say["nobody came", "không đến"])]),
        new("dossier", visit.Say["Dossier that came of it", "Hồ sơ tiếp nhận"], FieldShape.Text, false, []), new("reason", visit.Say["Why they left", "Lý do"], FieldShape.Text, false, []),
    ])
    {
        Values = new Dictionary<string, string> { ["place"] = place, ["how"] = "served" },
    };

    private static List<(string, string)> Choices(IEnumerable<Ticket> tickets) => [.. tickets.Select(t => (t.Id, $"{t.Number:0000} {t.Service} {t.Counter}".TrimEnd()))];

    private string NameOf(TicketState state) => state switch
    {
        TicketState.Waiting => Say["waiting", "đang chờ"],
        TicketState.Called => Say["called", "đã gọi"],
        TicketState.Served => Say["served", "đã phục vụ"],
        _ => Say["left", "đã bỏ"],
    };

    private string Minutes(double? minutes) => minutes is { } told ? Say[$"{told} min", $"{told} phút"] : "–";
}
