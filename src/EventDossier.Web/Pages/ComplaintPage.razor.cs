using EventDossier.Complaints;
using EventDossier.Dossiers;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>One complaint. Whom it is about is answered as if there were none.</summary>
public sealed partial class ComplaintPage
{
    [Parameter, EditorRequired] public ComplaintOpened Complaint { get; set; } = null!;
    [Parameter] public IReadOnlyList<(FormModel Form, string Title, string Button)> Forms { get; set; } = [];

    private string About => Complaint.Complaint.About is var about && string.Join(", ", ((string?[])[about.Dossier, about.Unit, about.Person]).OfType<string>()) is { Length: > 0 } told
        ? told : Say["nothing in particular", "không nêu cụ thể"];

    private string Who => Complaint.Statement is { } s && string.Join(", ", ((string?[])[s.Name, s.Address, s.Phone, s.Mail]).OfType<string>()) is { Length: > 0 } told ? told : "–";

    internal static void Map(Site site)
    {
        site.Get("/complaints/{number}", Rights.Complaints, (string number, Visit visit) => ShowAsync(visit, number, null), "A complaint, with what it says; that it was read is put down");
        site.Post("/complaints/{number}/{act}", Rights.ComplaintActs, DoAsync, "Accepts, declines, assigns, answers or closes it");
    }

    private static async Task<IResult> ShowAsync(Visit visit, string number, FormModel? again)
    {
        var reader = await ComplaintRoutes.ReaderAsync(visit.Caller, visit.Centre, Rights.Complaints, visit.Cancel);
        var opened = await ComplaintRoutes.DeskOf(visit.Centre).OpenAsync(number, reader, Asked.Reader(visit.Http, visit.Caller, Rights.Complaints), visit.Cancel);
        var (told, rules) = (ComplaintTold.Of(opened.Complaint, (await visit.RulesAsync()).Calendar, visit.Now), await visit.RulesAsync());
        var forms = FormsOf(visit, opened.Complaint, reader, rules)
            .Select(f => (Form: f.Form.Act == again?.Act ? again : f.Form, f.Title, f.Button)).ToList();
        return visit.Page<ComplaintPage>($"{visit.Say["Complaint", "Đơn"]} {number}", new
        {
            Complaint = new ComplaintOpened(told, opened.Statement, opened.Answer, opened.DeclinedFor, opened.Complaint.Readings), Forms = (IReadOnlyList<(FormModel, string, string)>)forms,
        }, again is null ? 200 : 422);
    }

    /// <summary>What can be done about it now, by this reader.</summary>
    private static IEnumerable<(FormModel Form, string Title, string Button)> FormsOf(Visit visit, Complaint complaint, ComplaintReader reader, Rulebook rules)
    {
        var (say, whole, stage) = (visit.Say, reader.Units is null, complaint.Stage);
        var units = rules.Organisation.UnitsAt(visit.Now).OrderBy(u => u.Code, StringComparer.Ordinal).Select(u => (u.Code, say[u.Name])).ToList();
        FormModel Form(string act, params FormField[] fields) => new(act, $"/complaints/{complaint.Number}/{act}", null, null, fields);

        if (whole && stage is ComplaintStage.Received or ComplaintStage.Accepted or ComplaintStage.Assigned && whole)
        {
            yield return (Form("accept", new("unit", say["It is also about the unit", "Nội dung còn về đơn vị"], FieldShape.Choice, false, units),
                new("person", say["It is also about the member of staff (id)", "Nội dung còn về cán bộ (mã)"], FieldShape.Text, false, [])),
                stage == ComplaintStage.Received ? say["Accept", "Thụ lý"] : say["It is about somebody else too", "Bổ sung người bị phản ánh"], stage == ComplaintStage.Received ? say["Accept", "Thụ lý"] : say["Add", "Bổ sung"]);
        }
        if (whole && stage == ComplaintStage.Received)
            yield return (Form("decline", new FormField("reason", say["Why, as it is told", "Lý do, được thông báo cho người gửi"], FieldShape.Lines, true, [])), say["Decline", "Không thụ lý"], say["Decline", "Không thụ lý"]);
        if (stage is ComplaintStage.Accepted or ComplaintStage.Assigned && (whole || reader.Role != Role.Officer))
        {
            var choices = units.Where(u => whole ? !complaint.Concerned.CoversUnit(u.Code, rules.Organisation, visit.Now) : u.Code == complaint.Assigned?.Unit).ToList();
            yield return (Form("assign", new("unit", say["Unit that answers it", "Đơn vị giải quyết"], FieldShape.Choice, true, choices), new("handler", say["Who, there (id)", "Cán bộ giải quyết (mã)"], FieldShape.Text, false, [])) with
            {
                Values = new Dictionary<string, string> { ["unit"] = complaint.Assigned?.Unit ?? "", ["handler"] = complaint.Assigned?.Handler ?? "" },
            }, say["Assign", "Giao giải quyết"], say["Assign", "Giao"]);
        }
        if (stage is ComplaintStage.Accepted or ComplaintStage.Assigned)
            yield return (Form("answer", new FormField("text", say["Answer, as it is read by who made it", "Nội dung trả lời người gửi"], FieldShape.Lines, true, [])), say["Answer", "Trả lời"], say["Answer", "Trả lời"]);
        if (whole && !complaint.IsOver)
        {
            var outcomes = Enum.GetValues<ComplaintOutcome>().Where(o => complaint.Answered is not null || o == ComplaintOutcome.Withdrawn);
            yield return (Form("close", new FormField("outcome", say["Outcome", "Kết quả"], FieldShape.Choice, true, [.. outcomes.Select(o => ($"{o}", ComplaintWords.Outcome(say, o)))])), say["Close", "Kết thúc"], say["Close", "Kết thúc"]);
        }
    }

    private static async Task<IResult> DoAsync(string number, string act, Visit visit)
    {
        var (reader, desk) = (await ComplaintRoutes.ReaderAsync(visit.Caller, visit.Centre, Rights.ComplaintActs, visit.Cancel), ComplaintRoutes.DeskOf(visit.Centre));
        var opened = (await desk.ListAsync(reader, visit.Now, over: true, visit.Cancel)).FirstOrDefault(c => c.Number == number) ?? throw new UserError("no-such-complaint", $"there is no complaint {number}");
        var model = FormsOf(visit, opened, reader, await visit.RulesAsync()).FirstOrDefault(f => f.Form.Act == act).Form ?? throw new UserError("complaint-over", $"{number} has gone on: look at it again");
        return await PlainForms.SendAsync(visit, model, async form =>
        {
            var context = PlainForms.Context(visit, form, reader.Role);
            var result = act switch
            {
                "accept" => await desk.AcceptAsync(number, new(form.Text("unit"), form.Text("person")), reader, context, visit.Cancel),
                "decline" => await desk.DeclineAsync(number, new(form.Text("reason") ?? ""), reader, context, visit.Cancel),
                "assign" => await desk.AssignAsync(number, new(form.Text("unit") ?? throw PlainForms.Bad("unit", "missing"), form.Text("handler")), reader, context, visit.Cancel),
                "answer" => await desk.AnswerAsync(number, new(form.Text("text") ?? ""), reader, context, visit.Cancel),
                _ => await desk.CloseAsync(number, new(ComplaintWords.Chosen<ComplaintOutcome>(form, "outcome")), reader, context, visit.Cancel),
            };
            // Whoever has just found out that it is about them sees it no more.
            var seen = result.Complaint is { } after && reader.Sees(after, (await visit.RulesAsync()).Organisation, visit.Now);
            return (result.Refusal is null && !seen ? "/complaints" : $"/complaints/{number}", result.Refusal);
        }, again => ShowAsync(visit, number, again));
    }
}
