using EventDossier.Applicants;
using EventDossier.Dossiers;
using EventDossier.Releases;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>One release: where it stands, what the gate said of it, and what is to be done next, by whom.</summary>
public sealed partial class ReleasePage
{
    [Parameter, EditorRequired] public Release Release { get; set; } = null!;
    [Parameter] public Disclosure? Report { get; set; }
    [Parameter] public LongTasks.State? State { get; set; }
    [Parameter] public bool MayAct { get; set; }
    [Parameter] public string? Fault { get; set; }
    [Parameter] public FormModel? Withdrawal { get; set; }
    [Parameter] public IReadOnlyList<ReleaseDesk.Tampered>? Tampered { get; set; }

    private bool IsDrafter => EraseApplicant.IsSame(Visit.Caller.Actor, Release.Drafted.By);

    /// <summary>What the last check or publication came to, where it was refused.</summary>
    private Refusal? Refused => (State?.Result as ReleaseDesk.Result)?.Refusal;

    internal static void Map(Site site)
    {
        site.Get("/releases/{number}", Rights.Releases, (Visit visit, LongTasks tasks, string number) => ShowAsync(visit, tasks, number, null, null), "One release, with its disclosure report");
        site.Post("/releases/{number}/check", Rights.ReleaseActs, (Visit visit, LongTasks tasks, string number) =>
            BeginAsync(visit, tasks, number, visit.Centre.Releases.CheckAsync), "Begins to make the files of a release and to ask the gate");
        site.Post("/releases/{number}/approve", Rights.ReleaseActs, ApproveAsync, "A second person answers for what was checked");
        site.Post("/releases/{number}/publish", Rights.ReleaseActs, (Visit visit, LongTasks tasks, string number) =>
            BeginAsync(visit, tasks, number, visit.Centre.Releases.PublishAsync), "Begins to publish a release");
        site.Post("/releases/{number}/withdraw", Rights.ReleaseActs, WithdrawAsync, "Takes a release back, for a reason");
    }

    /// <summary>Check and publication of one release are one name: neither runs beside the other.</summary>
    private static string TaskOf(string number) => $"release/{number}";

    private static async Task<IResult> ShowAsync(Visit visit, LongTasks tasks, string number, string? fault, FormModel? withdrawal)
    {
        var state = tasks.Find(TaskOf(number));
        if (state is { IsRunning: true })
            visit.Http.Response.Headers["Refresh"] = "2";
        var release = await ReleaseRoutes.FindAsync(number, visit.Centre, visit.Cancel);
        return visit.Page<ReleasePage>(visit.Say[$"Release {number}", $"Bản công bố {number}"], new
        {
            Release = release, State = state, Fault = fault, Report = await ReleaseRoutes.ReportAsync(release, visit.Centre, visit.Cancel),
            MayAct = Rights.Of(visit.Caller, Rights.ReleaseActs) > Reach.Nothing, Withdrawal = withdrawal ?? WithdrawalForm(visit, number),
            Tampered = release is { Published: not null, Withdrawn: null } && visit.Query("verify") is not null ? await visit.Centre.Releases.VerifyAsync(number, visit.Cancel) : null,
        }, fault is null && withdrawal is null ? 200 : 422);
    }

    /// <summary>Making the files reads the log: it takes longer than a request may.</summary>
    private static async Task<IResult> BeginAsync(
        Visit visit, LongTasks tasks, string number, Func<string, ActContext, Action<long>?, CancellationToken, Task<ReleaseDesk.Result>> act)
    {
        await ReleaseRoutes.FindAsync(number, visit.Centre, visit.Cancel);
        var context = await ContextAsync(visit);
        tasks.Begin(TaskOf(number), visit.Caller.Actor, async (progress, stop) => await act(number, context, read => progress(read, null), stop));
        return Results.LocalRedirect($"/releases/{number}");
    }

    private static async Task<IResult> ApproveAsync(Visit visit, LongTasks tasks, string number)
    {
        var result = await visit.Centre.Releases.ApproveAsync(number, new(), await ContextAsync(visit), visit.Cancel);
        return result.Refusal is { } refusal ? await ShowAsync(visit, tasks, number, visit.Say.Refusal(refusal.Code, refusal.Reason), null) : Results.LocalRedirect($"/releases/{number}");
    }

    private static FormModel WithdrawalForm(Visit visit, string number) => new(Act: "withdraw-release", Action: $"/releases/{number}/withdraw", Version: null, Key: null, Fields:
        [new("reason", visit.Say["Why it is withdrawn: the public reads it", "Lý do thu hồi: công khai cho mọi người"], FieldShape.Lines, true, [])]);

    private static async Task<IResult> WithdrawAsync(Visit visit, LongTasks tasks, string number) => await PlainForms.SendAsync(visit, WithdrawalForm(visit, number), async form =>
    {
        var result = await visit.Centre.Releases.WithdrawAsync(number, new(form.Text("reason") ?? ""), await ContextAsync(visit), visit.Cancel);
        return ($"/releases/{number}", result.Refusal);
    }, again => ShowAsync(visit, tasks, number, null, again));

    private static async Task<ActContext> ContextAsync(Visit visit) => ReleaseRoutes.Context(visit, await visit.Http.Request.ReadFormAsync(visit.Cancel));

    private string Finding(GateFinding finding) => Say.Language == Deadlines.Language.En ? finding.What : finding.Kind switch
    {
        "below-k" => $"Có hồ sơ giống ít hơn {Release.Drafted.K} hồ sơ khác",
        "kept-too-few" => $"Giữ lại dưới {Release.Drafted.LeastKept} % số hồ sơ",
        "personal-text" => "Có nội dung có thể nêu tên một người: " + finding.What.Split(':')[0],
        "difference" => "So với bản đã công bố trước, nhóm còn lại quá ít hồ sơ",
        "time-not-day" => "Có giờ trong ngày: " + finding.What.Split(':')[0],
        _ => finding.What,
    };

    /// <summary>The report in words; it is written in English, and told in Vietnamese by the same numbers.</summary>
    private IReadOnlyList<string> InWords(Disclosure d) => Say.Language == Deadlines.Language.En ? d.InWords :
    [
        $"Công bố {d.Kept:N0}/{d.Cases:N0} hồ sơ; bỏ lại {d.LeftOut:N0}.",
        $"Ai biết mọi thuộc tính và mọi ngày của một người vẫn thấy ít nhất {d.Fewest:N0} hồ sơ giống hệt; yêu cầu là {d.K:N0}.",
        $"Thời gian chỉ đến ngày. Hồ sơ cùng nhóm mang trung vị của ngày và số đo, từng bộ {d.K:N0} đến {(2 * d.K) - 1:N0} hồ sơ có thời gian xử lý gần nhau; ngày công bố lệch trung bình {d.DaysOff} ngày. Thứ tự sự kiện được giữ.",
        .. d.Coarsened.Where(step => step.Cases > 0).Select(step => $"Ở {step.Cases:N0} hồ sơ {Coarsened(step)}."),
        d.RareActivities == 0 ? "Không có hoạt động hiếm." : $"{d.RareActivities:N0} hoạt động hiếm.",
        "Chỉ thuộc tính trong danh sách được đưa ra; tên, lý do, ý kiến và chữ tự do thì không. Mỗi bản công bố dùng mã mới.",
        d.ComparedWith.Count == 0 ? "Chưa có bản công bố nào của thời gian này." : $"Cùng với {string.Join(", ", d.ComparedWith)}, dù trừ hay so sánh thế nào cũng không lộ ai, hoặc lộ ít nhất {d.K:N0}.",
        "Điểm chung của các hồ sơ giống nhau thì tệp có cho biết: ai biết một người nằm trong số đó sẽ biết điều ấy.",
        d.Passed ? "Cổng kiểm tra cho qua." : $"Cổng kiểm tra không cho qua: {string.Join("; ", d.Findings.Select(Finding))}.",
    ];

    private string Coarsened(Disclosure.Step step) => step.Name switch
    {
        "hands" => Say[step.Meaning, "bỏ đơn vị và vai trò của từng sự kiện"],
        "quarter" => Say[step.Meaning, "tháng được thay bằng quý"],
        "province" => Say[step.Meaning, "bỏ xã, còn tỉnh"],
        "field" => Say[step.Meaning, "bỏ thủ tục, còn lĩnh vực của cơ quan"],
        "activities" => Say[step.Meaning, "hoạt động hiếm ghi là “khác”"],
        "period" => Say[step.Meaning, "quý được thay bằng toàn bộ thời gian"],
        "outline" => Say[step.Meaning, "bỏ hình thức nộp, cơ quan và kết quả"],
        _ => step.Meaning,
    };
}
