using System.Globalization;
using EventDossier.Dossiers;
using EventDossier.Retention;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>Applicants whose retention has ended, and their erasure by two persons.</summary>
public sealed partial class RetentionPage
{
    private const string Here = "/retention";
    private const int PageSize = 50, LongestNumber = 100;

    /// <summary>The search for them: every applicant's dossiers are gone through, so it is asked for. Null until it is.</summary>
    [Parameter] public LongTasks.State? State { get; set; }
    [Parameter] public DateTimeOffset AsOf { get; set; }
    [Parameter] public IReadOnlyList<ErasureProposal> Proposals { get; set; } = [];
    [Parameter] public IReadOnlyList<(FormModel Form, string Title, string Button)> Forms { get; set; } = [];

    private DuePart? Due => State?.Result as DuePart;

    internal static void Map(Site site)
    {
        site.Get(Here, Rights.Retention, (Visit visit, LongTasks tasks) => ShowAsync(visit, tasks, null), "Applicants whose retention has ended, and the lists that were proposed to be erased").InMenu("Retention", "Thời hạn lưu");
        site.Post($"{Here}/{{act}}", Rights.RetentionActs, DoAsync, "Proposes a list, approves or refuses it, or brings it to its end");
    }

    private static async Task<IResult> ShowAsync(Visit visit, LongTasks tasks, FormModel? again)
    {
        var proposals = await ErasureProposal.AllAsync(visit.Centre.Database, visit.Cancel);
        var state = visit.Query("asOf") is null ? null : Search(visit, tasks);
        var forms = Rights.Of(visit.Caller, Rights.RetentionActs) == Reach.Nothing ? [] : FormsOf(visit, proposals, (state?.Result as DuePart)?.AsOf).Select(f => (f.Form.Act == again?.Act ? again : f.Form, f.Title, f.Button)).ToList();
        return visit.Page<RetentionPage>(visit.Say["Ended retention", "Hồ sơ hết thời hạn lưu"], new
        {
            State = state, AsOf = (state?.Result as DuePart)?.AsOf ?? visit.Now, Proposals = (IReadOnlyList<ErasureProposal>)[.. proposals.OrderByDescending(p => p.Proposed.OccurredAt)], Forms = (IReadOnlyList<(FormModel, string, string)>)forms,
        }, again is null ? 200 : 422);
    }

    /// <summary>Begun by who asks first, of a minute; looked at until it is there.</summary>
    private static LongTasks.State Search(Visit visit, LongTasks tasks)
    {
        var (name, centre, (at, after)) = ($"retention{visit.Http.Request.QueryString}", visit.Centre, RetentionRoutes.Asks(visit.Http.Request, visit.Centre));
        var state = tasks.Find(name) ?? tasks.Begin(name, visit.Caller.Actor, async (_, stop) => await RetentionRoutes.PartAsync(centre, at, after, PageSize, stop));
        if (state.IsRunning)
            visit.Http.Response.Headers["Refresh"] = "1";
        return state;
    }

    private static IEnumerable<(FormModel Form, string Title, string Button)> FormsOf(Visit visit, IReadOnlyList<ErasureProposal> proposals, DateTimeOffset? asOf = null)
    {
        var say = visit.Say;
        FormField Text(string name, string en, string vi) => new(name, say[en, vi], FieldShape.Text, true, []);
        FormField At(ErasureProposalStage stage) => new("number", say["List", "Danh sách"], FieldShape.Choice, true, [.. proposals.Where(p => p.Stage == stage).Select(p => (p.Number, $"{p.Number} ({p.Proposed.Applicants.Count})"))]);
        static FormModel Form(string act, params FormField[] fields) => new(act, $"{Here}/{act}", null, null, fields);
        yield return (Form("propose", Text("number", "Number of the list", "Số danh sách"), new("asOf", say["Retention ended by", "Hết thời hạn lưu trước"], FieldShape.Date, true, []), Text("basis", "Basis", "Căn cứ"))
            with { Values = asOf is { } shown && shown <= visit.Now ? new Dictionary<string, string> { ["asOf"] = shown.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) } : [] },
            say[$"Propose up to {ErasureProposal.MostApplicants} to be erased", $"Đề nghị xóa, mỗi danh sách tối đa {ErasureProposal.MostApplicants} người"], say["Propose", "Đề nghị"]);
        yield return (Form("approve", At(ErasureProposalStage.Proposed)), say["Approve and erase, as a second person", "Phê duyệt và xóa (người thứ hai)"], say["Approve and erase", "Phê duyệt và xóa"]);
        yield return (Form("refuse", At(ErasureProposalStage.Proposed), Text("reason", "Why", "Lý do")), say["Refuse, as a second person", "Từ chối (người thứ hai)"], say["Refuse", "Từ chối"]);
        if (proposals.Any(p => p.Stage == ErasureProposalStage.Approved))
            yield return (Form("carry-out", At(ErasureProposalStage.Approved)), say["Go on with what was broken off", "Tiếp tục danh sách xóa dở"], say["Go on", "Tiếp tục"]);
    }

    private static async Task<IResult> DoAsync(Visit visit, LongTasks tasks, string act)
    {
        var desk = RetentionRoutes.DeskOf(visit.Centre);
        var model = FormsOf(visit, await ErasureProposal.AllAsync(visit.Centre.Database, visit.Cancel)).FirstOrDefault(f => f.Form.Act == act).Form ?? throw new UserError("no-such-route", $"nothing answers at {Here}/{act}");
        return await PlainForms.SendAsync(visit, model, async form =>
        {
            var context = PlainForms.Context(visit, form, visit.Caller.Roles.Contains(Role.Administrator) ? Role.Administrator : Role.Supervisor);
            var number = form.Text("number") switch { null => throw PlainForms.Bad("number", "missing"), { Length: > LongestNumber } => throw PlainForms.Bad("number", $"at most {LongestNumber} characters"), var text => text };
            var result = act switch
            {
                "propose" => await desk.ProposeAsync(number, new(form.Moment("asOf") ?? throw PlainForms.Bad("asOf", "missing"), form.Text("basis") ?? ""), context, visit.Cancel),
                "approve" => await desk.DecideAsync(number, new(), context, cancel: visit.Cancel),
                "refuse" => await desk.DecideAsync(number, new(Refused: form.Text("reason") ?? ""), context, cancel: visit.Cancel),
                _ => await desk.CarryOutAsync(number, context, cancel: visit.Cancel),
            };
            return (Here, result.Refusal);
        }, again => ShowAsync(visit, tasks, again));
    }

    private IEnumerable<(string Why, long Count)> InTheWay(RetentionCounts counts) =>
    [
        (Say["an order forbids it", "đang bị giữ theo lệnh"], counts.Held), (Say["a dossier is open", "còn hồ sơ chưa kết thúc"], counts.Open),
        (Say["a procedure states no retention", "thủ tục chưa nêu thời hạn lưu"], counts.NoRetention), (Say["a retention has not ended", "chưa hết thời hạn lưu"], counts.NotYet),
        (Say["erased already", "đã xóa"], counts.Erased),
    ];

    private string Stage(ErasureProposal proposal) => proposal.Stage switch
    {
        ErasureProposalStage.Proposed => Say["waits for a second person", "chờ người thứ hai"],
        ErasureProposalStage.Approved => Say["approved, broken off", "đã phê duyệt, xóa dở"],
        ErasureProposalStage.Refused => Say["refused", "từ chối"],
        _ => Say[$"{proposal.CarriedOut!.Erased} erased", $"đã xóa {proposal.CarriedOut!.Erased}"],
    };
}
