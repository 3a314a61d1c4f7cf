using EventDossier.Applicants;
using EventDossier.Dossiers;
using EventDossier.Requests;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>Requests of courts and inspections.</summary>
public sealed partial class AuthorityRequestsPage
{
    private const string Here = "/authority-requests";

    [Parameter, EditorRequired] public IReadOnlyList<AuthorityRequest> Requests { get; set; } = [];
    [Parameter] public IReadOnlyList<(FormModel Form, string Title, string Button)> Forms { get; set; } = [];

    internal static void Map(Site site)
    {
        site.Get(Here, Rights.AuthorityRequests, (Visit visit) => ShowAsync(visit, null), "The register of requests of courts and inspections").InMenu("Courts and inspections", "Yêu cầu của tòa án, thanh tra");
        site.Post($"{Here}/hand-over", Rights.AuthorityRequestActs, HandOverAsync, "A zip of the evidence packs and the minutes; their checksums are put down before");
        site.Post($"{Here}/{{act}}", Rights.AuthorityRequestActs, DoAsync, "Enters, approves, refuses or closes a request");
    }

    private static async Task<IResult> ShowAsync(Visit visit, FormModel? again)
    {
        var requests = await AuthorityRequest.AllAsync(visit.Centre.Database, visit.Cancel);
        var forms = Rights.Of(visit.Caller, Rights.AuthorityRequestActs) == Reach.Nothing ? [] : FormsOf(visit, requests).Select(f => (f.Form.Act == again?.Act ? again : f.Form, f.Title, f.Button)).ToList();
        return visit.Page<AuthorityRequestsPage>(visit.Say["Requests of courts and inspections", "Yêu cầu của tòa án, thanh tra"], new
        {
            Requests = requests.OrderByDescending(r => r.Asked.OccurredAt).ToList(), Forms = (IReadOnlyList<(FormModel, string, string)>)forms,
        }, again is null ? 200 : 422);
    }

    private static IEnumerable<(FormModel Form, string Title, string Button)> FormsOf(Visit visit, IReadOnlyList<AuthorityRequest> requests)
    {
        var say = visit.Say;
        FormField Text(string name, string en, string vi) => new(name, say[en, vi], FieldShape.Text, true, []);
        FormField Of(params AuthorityRequestStage[] stages) => new("number", say["Request", "Yêu cầu"], FieldShape.Choice, true, [.. requests.Where(r => stages.Contains(r.Stage)).Select(r => (r.Number, $"{r.Number}, {r.Asked.From}"))]);
        static FormModel Form(string act, params FormField[] fields) => new(act, $"{Here}/{act}", null, null, fields);
        yield return (Form("enter", Text("number", "Number in the register", "Số trong sổ"),
            new("body", say["What kind of body", "Loại cơ quan"], FieldShape.Choice, true, [.. Enum.GetValues<AuthorityBody>().Select(b => ($"{b}", Body(say, b)))]),
            Text("from", "Its name", "Tên cơ quan"), Text("letter", "Number of its letter", "Số công văn"), new("dossiers", say["Dossiers, one in a line", "Mã hồ sơ, mỗi dòng một hồ sơ"], FieldShape.Lines, true, []),
            Text("basis", "Provision that it rests on", "Căn cứ pháp lý"), new("names", say["Does it want to know who applied?", "Có yêu cầu họ tên người nộp?"], FieldShape.Choice, true, [("no", say["no", "không"]), ("yes", say["yes", "có"])]),
            new("answerBy", say["To be answered by", "Hạn trả lời"], FieldShape.Moment, false, [])), say["Enter a request; its dossiers are held", "Ghi sổ yêu cầu; hồ sơ được giữ lại"], say["Enter", "Ghi sổ"]);
        yield return (Form("approve", Of(AuthorityRequestStage.Entered)), say["Approve, as a second person", "Phê duyệt (người thứ hai)"], say["Approve", "Phê duyệt"]);
        yield return (Form("refuse", Of(AuthorityRequestStage.Entered), Text("reason", "Why", "Lý do")), say["Refuse; the holds end", "Từ chối; hết giữ hồ sơ"], say["Refuse", "Từ chối"]);
        yield return (Form("hand-over", Of(AuthorityRequestStage.Approved, AuthorityRequestStage.HandedOver), Text("to", "Who takes the packs: name and office", "Người nhận: họ tên, chức vụ"), Text("minutes", "Number of the minutes", "Số biên bản")),
            say["Hand over with minutes", "Giao chứng cứ, lập biên bản"], say["Make the packs and the minutes", "Lập gói chứng cứ và biên bản"]);
        yield return (Form("close", Of(AuthorityRequestStage.Entered, AuthorityRequestStage.Approved, AuthorityRequestStage.HandedOver), Text("reason", "Why", "Lý do")), say["The matter is over; the holds end", "Vụ việc kết thúc; hết giữ hồ sơ"], say["Close", "Kết thúc"]);
    }

    private static ActContext ContextOf(Visit visit, IFormCollection form) =>
        PlainForms.Context(visit, form, visit.Caller.Roles.Contains(Role.Administrator) ? Role.Administrator : Role.Supervisor);

    private static async Task<IResult> DoAsync(Visit visit, string act)
    {
        var (desk, requests) = (AuthorityRequestRoutes.DeskOf(visit.Centre), await AuthorityRequest.AllAsync(visit.Centre.Database, visit.Cancel));
        var model = FormsOf(visit, requests).FirstOrDefault(f => f.Form.Act == act).Form ?? throw new UserError("no-such-route", $"nothing answers at {Here}/{act}");
        return await PlainForms.SendAsync(visit, model, async form =>
        {
            var (context, number) = (ContextOf(visit, form), form.Text("number") ?? throw PlainForms.Bad("number", "missing"));
            var result = act switch
            {
                "enter" => await desk.EnterAsync(number, new(
                    ComplaintWords.Chosen<AuthorityBody>(form, "body"), form.Text("from") ?? "", form.Text("letter") ?? "", form.Lines("dossiers") ?? [], form.Text("basis") ?? "",
                    form.Text("names") switch { "yes" => true, "no" => false, _ => throw PlainForms.Bad("names", "missing") }, form.Moment("answerBy")), context, visit.Cancel),
                "approve" => await desk.DecideAsync(number, new(), context, visit.Cancel),
                "refuse" => await desk.DecideAsync(number, new(Refused: form.Text("reason") ?? ""), context, visit.Cancel),
                _ => await desk.CloseAsync(number, new(form.Text("reason") ?? ""), context, visit.Cancel),
            };
            return (Here, result.Refusal);
        }, again => ShowAsync(visit, again));
    }

    /// <summary>Whoever hands names out must be one who may know them all.</summary>
    private static async Task<IResult> HandOverAsync(Visit visit)
    {
        var (form, desk) = (await visit.Http.Request.ReadFormAsync(visit.Cancel), AuthorityRequestRoutes.DeskOf(visit.Centre));
        var model = ActForms.Sent(FormsOf(visit, await AuthorityRequest.AllAsync(visit.Centre.Database, visit.Cancel)).First(f => f.Form.Act == "hand-over").Form, form);
        if (form.Text("number") is not { } number)
            return await ShowAsync(visit, ActForms.Told(visit, model, PlainForms.Bad("number", "missing")));
        if (await desk.FindAsync(number, visit.Cancel) is { Asked.Names: true } && Rights.Of(visit.Caller, Rights.Names) != Reach.All)
            throw new UserError("not-allowed", "the packs of this request name the applicants: somebody hands them over who may know them");
        var reader = Asked.Reader(visit.Http, visit.Caller, Rights.Names) with { Where = $"POST {Here}/hand-over", Reason = number };
        var over = await desk.HandOverAsync(number, new(form.Text("to") ?? "", form.Text("minutes") ?? ""), ContextOf(visit, form), (visit.Centre.Personal, reader), visit.Cancel);
        return over.Refusal is { } refusal ? await ShowAsync(visit, ActForms.Told(visit, model, refusal)) : Results.File(over.ToZip(), "application/zip", $"{number.Replace('/', '-')}.zip");
    }

    private static string Body(Words say, AuthorityBody body) => body switch
    {
        AuthorityBody.Court => say["court", "tòa án"],
        AuthorityBody.Procuracy => say["procuracy", "viện kiểm sát"],
        AuthorityBody.Police => say["police", "công an"],
        AuthorityBody.Inspection => say["inspection", "thanh tra"],
        _ => say["audit", "kiểm toán"],
    };

    private string Stage(AuthorityRequestStage stage) => stage switch
    {
        AuthorityRequestStage.Entered => Say["entered", "đã ghi sổ"],
        AuthorityRequestStage.Approved => Say["approved", "đã phê duyệt"],
        AuthorityRequestStage.HandedOver => Say["handed over", "đã giao"],
        AuthorityRequestStage.Refused => Say["refused", "từ chối"],
        _ => Say["closed", "đã kết thúc"],
    };
}
