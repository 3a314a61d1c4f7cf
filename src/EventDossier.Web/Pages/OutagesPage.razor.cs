using System.Globalization;
using System.Text;
using EventDossier.Dossiers;
using EventDossier.Outages;
using EventDossier.Web.LookUp;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>Outages of a place: numbers ahead, the outage itself, and its paper afterwards.</summary>
public sealed partial class OutagesPage
{
    [Parameter, EditorRequired] public IReadOnlyList<Outage> Outages { get; set; } = [];
    [Parameter, EditorRequired] public IReadOnlyList<NumberBlock> Blocks { get; set; } = [];
    [Parameter] public OutageDesk.BlockResult? Shown { get; set; }
    [Parameter] public bool MayAct { get; set; }
    [Parameter] public IReadOnlyList<(FormModel Form, string Title, string Button)> Forms { get; set; } = [];

    /// <summary>For who may receive; null for others.</summary>
    [Parameter] public FormModel? Entry { get; set; }
    [Parameter] public IReadOnlyList<Desk.Result> Entered { get; set; } = [];

    internal static void Map(Site site)
    {
        site.Get("/outages", Rights.Outages, (Visit visit) => ShowAsync(visit), "Outages, numbers set aside, and the paper of an outage").InMenu("Outages", "Sự cố");
        site.Get("/outages/slips", Rights.OutageActs, (Visit visit, LookUps lookUps, IConfiguration configuration) => OutageRoutes.PrintAsync(visit.Http, visit.Caller, visit.Centre, lookUps, configuration), "The slips of a block, to print ahead");
        site.Post("/outages/entries", ReceiveReserved.Rule, EnterAsync, "Types in the slips of an outage");
        site.Post("/outages/{act}", Rights.OutageActs, DoAsync, "Declares or ends an outage, sets numbers aside, or voids what is unused");
    }

    private static async Task<IResult> ShowAsync(Visit visit, FormModel? again = null, FormModel? entry = null, IReadOnlyList<Desk.Result>? entered = null)
    {
        var (desk, block) = (OutageRoutes.DeskOf(visit.Centre), visit.Query("block"));
        var (outages, blocks, mayAct) = (await desk.AllAsync(visit.Cancel), await desk.BlocksAsync(visit.Cancel), Rights.Of(visit.Caller, Rights.OutageActs) > Reach.Nothing);
        var shown = block is null ? null : await desk.ShowAsync(block, visit.Cancel);
        var forms = mayAct ? FormsOf(visit, outages, blocks).Select(f => (f.Form.Act == again?.Act ? again : f.Form, f.Title, f.Button)).ToList() : [];
        return visit.Page<OutagesPage>(visit.Say["Outages", "Sự cố, gián đoạn hệ thống"], new
        {
            Outages = outages, Blocks = blocks, Shown = shown, MayAct = mayAct, Forms = (IReadOnlyList<(FormModel, string, string)>)forms,
            Entry = Rights.For(visit.Caller, ReceiveReserved.Rule) is null ? null : entry ?? EntryForm(visit, outages), Entered = entered ?? [],
        }, again is null && entry is null ? 200 : 422);
    }

    private static IEnumerable<(FormModel Form, string Title, string Button)> FormsOf(Visit visit, IReadOnlyList<Outage> outages, IReadOnlyList<NumberBlock> blocks)
    {
        var say = visit.Say;
        FormField Text(string name, string en, string vi) => new(name, say[en, vi], FieldShape.Text, true, []);
        static FormModel Form(string act, params FormField[] fields) => new(act, $"/outages/{act}", null, null, fields);
        yield return (Form("declare", Text("number", "Number of the outage", "Số sự cố"), Text("unit", "Place", "Mã nơi tiếp nhận"), Text("reason", "Why", "Lý do"),
            new("from", say["When it began, if not now", "Bắt đầu lúc (nếu không phải bây giờ)"], FieldShape.Moment, false, [])), say["Declare an outage", "Ghi nhận sự cố"], say["Declare", "Ghi nhận"]);
        yield return (Form("end", new("number", say["Outage", "Sự cố"], FieldShape.Choice, true, [.. outages.Where(o => o.To is null).Select(o => (o.Number, $"{o.Number}, {o.Unit}"))]),
            new FormField("to", say["When it was over, if not now", "Kết thúc lúc (nếu không phải bây giờ)"], FieldShape.Moment, false, [])), say["The place is reached again", "Kết nối trở lại"], say["End", "Kết thúc"]);
        yield return (Form("reserve", Text("name", "Name of the block", "Tên dãy số"), Text("agency", "Agency that numbers", "Mã cơ quan cấp số"), Text("unit", "Place", "Mã nơi tiếp nhận"),
            new("day", say["Day that the codes name", "Ngày ghi trong mã"], FieldShape.Date, true, []), new("count", say["How many", "Số lượng"], FieldShape.Number, true, [])),
            say["Set numbers aside", "Dành sẵn số"], say["Set aside", "Dành sẵn"]);
        yield return (Form("void", new("name", say["Block", "Dãy số"], FieldShape.Choice, true, [.. blocks.Select(b => (b.Name, b.Name))]), Text("reason", "Why", "Lý do")),
            say["Void what is unused", "Hủy số chưa dùng"], say["Void", "Hủy"]);
    }

    private static FormModel EntryForm(Visit visit, IReadOnlyList<Outage> outages) => new("entries", "/outages/entries", null, null,
    [
        new("number", visit.Say["Outage", "Sự cố"], FieldShape.Choice, true, [.. outages.Select(o => (o.Number, $"{o.Number}, {o.Unit}"))]),
        new("approvedBy", visit.Say["Who answers for the times (id)", "Người phê duyệt thời điểm (mã)"], FieldShape.Text, true, []),
    ]);

    private static async Task<IResult> DoAsync(Visit visit, string act)
    {
        var desk = OutageRoutes.DeskOf(visit.Centre);
        var model = FormsOf(visit, await desk.AllAsync(visit.Cancel), await desk.BlocksAsync(visit.Cancel)).FirstOrDefault(f => f.Form.Act == act).Form ?? throw new UserError("no-such-route", $"nothing answers at /outages/{act}");
        return await PlainForms.SendAsync(visit, model, async form =>
        {
            var context = PlainForms.Context(visit, form, visit.Caller.Roles.Contains(Role.Administrator) ? Role.Administrator : Role.Supervisor);
            string Needed(string name) => form.Text(name) ?? throw PlainForms.Bad(name, "missing");
            switch (act)
            {
                case "declare":
                    return ("/outages", (await desk.DeclareAsync(Needed("number"), new(Needed("unit"), form.Text("reason") ?? ""), context with { At = form.Moment("from") ?? context.At }, visit.Cancel)).Refusal);
                case "end":
                    return ("/outages", (await desk.EndAsync(Needed("number"), context with { At = form.Moment("to") ?? context.At }, visit.Cancel)).Refusal);
                case "reserve":
                    var day = DateOnly.TryParseExact(form.Text("day"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var named) ? named : throw PlainForms.Bad("day", form.Text("day") is null ? "missing" : "a date such as 2026-05-06");
                    var name = Needed("name");
                    return (Link(name), (await desk.ReserveAsync(name, new(Needed("agency"), Needed("unit"), day, form.Number("count") ?? throw PlainForms.Bad("count", "missing")), context, visit.Cancel)).Refusal);
                default:
                    var block = Needed("name");
                    if (model.Fields.First(f => f.Name == "name").Choices.All(choice => choice.Value != block))
                        throw PlainForms.Bad("name", visit.Say["one of the blocks", "một trong các dãy số đã để riêng"]);
                    return (Link(block), (await desk.VoidAsync(block, form.Text("reason") ?? throw PlainForms.Bad("reason", "missing"), context, visit.Cancel)).Refusal);
            }
        }, again => ShowAsync(visit, again));
    }

    private static async Task<IResult> EnterAsync(Visit visit)
    {
        var (form, desk) = (await visit.Http.Request.ReadFormAsync(visit.Cancel), OutageRoutes.DeskOf(visit.Centre));
        var model = ActForms.Sent(EntryForm(visit, await desk.AllAsync(visit.Cancel)), form);
        try
        {
            var number = form.Text("number") ?? throw PlainForms.Bad("number", "missing");
            var approvedBy = form.Text("approvedBy") ?? throw PlainForms.Bad("approvedBy", "missing");
            using var rows = new MemoryStream(Encoding.UTF8.GetBytes(form["rows"].ToString()));
            var entries = OutageEntry.Read(rows, "rows");
            if (entries.Count is 0 or > NumberBlock.Most)
                throw new UserError("bad-file", $"1 to {NumberBlock.Most} rows are wanted");
            var (role, _) = Rights.For(visit.Caller, ReceiveReserved.Rule)!.Value;
            var results = await desk.EnterAsync(number, entries, () => Task.FromResult(visit.Centre.Keys), PlainForms.Context(visit, form, role) with { ApprovedBy = approvedBy }, visit.Cancel);
            // What was refused stays to be mended; the rest is entered.
            return await ShowAsync(visit, entry: results.Any(r => r.Refusal is not null) ? model : null, entered: results);
        }
        catch (UserError e) when (e.Code == "bad-file")
        {
            return await ShowAsync(visit, entry: model with { Faults = new Dictionary<string, string> { ["rows"] = visit.Say[e.Message, $"Không đọc được: {e.Message}"] } });
        }
        catch (UserError e) when (e.Code == "bad-field")
        {
            return await ShowAsync(visit, entry: ActForms.Told(visit, model, e));
        }
    }

    private int Of(string state) => Shown!.Numbers.Count(n => n.State == state);

    private string State(string state) => state switch { "used" => Say["used", "đã dùng"], "void" => Say["void", "đã hủy"], _ => Say["free", "chưa dùng"] };

    private static string Link(string block) => $"/outages{QueryString.Create("block", block)}";

    private static string Print(string block) => $"/outages/slips{QueryString.Create("block", block)}";
}
