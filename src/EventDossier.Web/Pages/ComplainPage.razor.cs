using EventDossier.Complaints;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using EventDossier.Web.LookUp;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.RateLimiting;

namespace EventDossier.Web.Pages;

/// <summary>Complaints and suggestions on their way in: of anybody, and from paper.</summary>
public sealed partial class ComplainPage
{
    [Parameter, EditorRequired] public FormModel Form { get; set; } = null!;

    /// <summary>Null where a clerk types in paper.</summary>
    [Parameter] public FormModel? Follow { get; set; }
    [Parameter] public ComplaintDesk.Registered? Registered { get; set; }
    [Parameter] public ComplaintFollowed? Followed { get; set; }

    internal static void Map(Site site)
    {
        site.Get("/complain", (string?)null, (Visit visit) => ShowAsync(visit), "Complaints and suggestions of anybody, without sign-in").RequireRateLimiting(LookUpRoutes.Limited)
            .InMenu("Complaints and suggestions", "Phản ánh, kiến nghị", caller => caller.Actor.Length == 0);
        site.Post("/complain", (string?)null, SendAsync, "Sends one, and shows the number and key to follow it").RequireRateLimiting(ComplaintRoutes.Limited);
        site.Post("/complain/follow", (string?)null, FollowAsync, "Where one stands, for whoever has its number and key").RequireRateLimiting(LookUpRoutes.Limited);
        site.Get("/complaints/paper", Rights.ComplaintsOnPaper, (Visit visit) => PaperAsync(visit), "A complaint that came in writing").InMenu("Complaint on paper", "Nhận đơn phản ánh");
        site.Post("/complaints/paper", Rights.ComplaintsOnPaper, EnterAsync, "Enters it, and shows the number and key to hand over");
    }

    private static async Task<IResult> ShowAsync(Visit visit, FormModel? form = null, FormModel? follow = null, ComplaintDesk.Registered? registered = null, ComplaintFollowed? followed = null) =>
        visit.Page<ComplainPage>(visit.Say["Complaints and suggestions", "Phản ánh, kiến nghị, khiếu nại"], new
        {
            Form = form ?? await FormAsync(visit, paper: false), Follow = follow ?? FollowForm(visit), Registered = registered, Followed = followed,
        }, form is null && follow is null ? 200 : 422);

    private static async Task<IResult> PaperAsync(Visit visit, FormModel? form = null, ComplaintDesk.Registered? registered = null) => visit.Page<ComplainPage>(
        visit.Say["A complaint on paper", "Nhận đơn phản ánh, kiến nghị, khiếu nại"], new { Form = form ?? await FormAsync(visit, paper: true), Registered = registered }, form is null ? 200 : 422);

    private static async Task<FormModel> FormAsync(Visit visit, bool paper)
    {
        var (say, organisation) = (visit.Say, (await visit.RulesAsync()).Organisation);
        var units = organisation.UnitsAt(visit.Now).Where(u => paper || u.Kind != UnitKind.Division).OrderBy(u => u.Code, StringComparer.Ordinal);
        FormField Text(string name, string en, string vi) => new(name, say[en, vi], FieldShape.Text, false, []);
        return new("complain", paper ? "/complaints/paper" : "/complain", null, null,
        [
            new("kind", say["What it is", "Loại"], FieldShape.Choice, true, [.. Enum.GetValues<ComplaintKind>().Select(k => ($"{k}", ComplaintWords.Kind(say, k)))]),
            new("text", say["What you have to say", "Nội dung"], FieldShape.Lines, true, []),
            new("from", say["Of whom", "Người gửi là"], FieldShape.Choice, true, [($"{ComplainantKind.Citizen}", say["a citizen", "cá nhân"]), ($"{ComplainantKind.Enterprise}", say["an enterprise", "doanh nghiệp, tổ chức"])]),
            Text("dossier", "About the dossier", "Về hồ sơ số"),
            new("unit", say["About the unit", "Về đơn vị"], FieldShape.Choice, false, [.. units.Select(u => (u.Code, say[u.Name]))]),
            .. paper ? [Text("person", "About the member of staff (id)", "Về cán bộ (mã)"), new("receivedAt", say["Stamped on the paper", "Thời điểm ghi trên đơn"], FieldShape.Moment, false, [])] : Array.Empty<FormField>(),
            Text("name", "Name; a complaint needs it", "Họ tên (khiếu nại phải ghi)"), Text("address", "Address; a complaint needs it", "Địa chỉ (khiếu nại phải ghi)"),
            Text("phone", "Phone", "Điện thoại"), Text("mail", "E-mail", "Thư điện tử"),
        ]) { Values = new Dictionary<string, string> { ["from"] = $"{ComplainantKind.Citizen}" } };
    }

    private static FormModel FollowForm(Visit visit) => new("follow-complaint", "/complain/follow", null, null,
    [
        new("number", visit.Say["Number", "Mã số"], FieldShape.Text, true, []), new("secret", visit.Say["Key", "Mã tra cứu"], FieldShape.Text, true, []),
    ]);

    private static RegisterComplaint Act(IFormCollection form) => new ComplaintRoutes.Sent(
        ComplaintWords.Chosen<ComplaintKind>(form, "kind"), ComplaintWords.Chosen<ComplainantKind>(form, "from"), form.Text("text"), form.Text("dossier"), form.Text("unit"),
        form.Text("name"), form.Text("phone"), form.Text("mail"), form.Text("address"), form.Text("person")).Act();

    private static async Task<IResult> SendAsync(Visit visit)
    {
        var form = await visit.Http.Request.ReadFormAsync(visit.Cancel);
        var (key, request) = PlainForms.KeyOf(visit.Http.Request, form);
        return await RegisterAsync(visit, form, paper: false, act => ComplaintRoutes.DeskOf(visit.Centre).RegisterAsync(
            act with { About = act.About with { Person = null } }, null, ComplaintRoutes.Anonymous(visit.Centre, key, request), visit.Cancel));
    }

    private static async Task<IResult> EnterAsync(Visit visit)
    {
        var form = await visit.Http.Request.ReadFormAsync(visit.Cancel);
        var clerk = await ComplaintRoutes.ReaderAsync(visit.Caller, visit.Centre, Rights.ComplaintsOnPaper, visit.Cancel);
        var context = PlainForms.Context(visit, form, clerk.Role);
        return await RegisterAsync(visit, form, paper: true, act => ComplaintRoutes.DeskOf(visit.Centre).RegisterAsync(
            act, clerk, context with { At = form.Moment("receivedAt") ?? context.At }, visit.Cancel));
    }

    private static async Task<IResult> RegisterAsync(Visit visit, IFormCollection form, bool paper, Func<RegisterComplaint, Task<ComplaintDesk.Registered>> register)
    {
        var model = ActForms.Sent(await FormAsync(visit, paper), form);
        try
        {
            var registered = await register(Act(form));
            if (registered.Refusal is null)
                return paper ? await PaperAsync(visit, registered: registered) : await ShowAsync(visit, registered: registered);
            model = ActForms.Told(visit, model, registered.Refusal);
        }
        catch (UserError e) when (e.Code == "bad-field")
        {
            model = ActForms.Told(visit, model, e);
        }
        return paper ? await PaperAsync(visit, model) : await ShowAsync(visit, model);
    }

    private static async Task<IResult> FollowAsync(Visit visit)
    {
        var form = await visit.Http.Request.ReadFormAsync(visit.Cancel);
        return await ComplaintRoutes.DeskOf(visit.Centre).FollowAsync(form["number"].ToString(), form["secret"].ToString(), visit.Cancel) is { } opened
            ? await ShowAsync(visit, followed: ComplaintFollowed.Of(opened, (await visit.RulesAsync()).Calendar))
            : await ShowAsync(visit, follow: ActForms.Sent(FollowForm(visit), form) with
            {
                Fault = visit.Say["Nothing has this number and this key. Both were shown when it was sent.", "Không có nội dung nào có mã số và mã tra cứu này. Cả hai hiện ra khi gửi."],
            });
    }
}
