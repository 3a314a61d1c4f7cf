using System.Globalization;
using EventDossier.Deadlines;
using EventDossier.Releases;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>All releases, what is to be published when, and drafting another.</summary>
public sealed partial class ReleasesPage
{
    [Parameter, EditorRequired] public IReadOnlyList<Release> Releases { get; set; } = [];
    [Parameter, EditorRequired] public IReadOnlyList<PublicationTold> Timetable { get; set; } = [];

    /// <summary>Null for who may only look; so is <see cref="Plan"/>.</summary>
    [Parameter] public FormModel? Draft { get; set; }
    [Parameter] public FormModel? Plan { get; set; }

    internal static void Map(Site site)
    {
        site.Get("/releases", Rights.Releases, (Visit visit) => ShowAsync(visit, null, null), "Releases, what is to be published when, and drafting one").InMenu("Releases", "Công bố");
        site.Post("/releases", Rights.ReleaseActs, DraftAsync, "Drafts a release");
        site.Post("/releases/timetable", Rights.ReleaseActs, PlanAsync, "Plans a publication");
        ReleasePage.Map(site);
        RequestsPage.Map(site);
    }

    private static async Task<IResult> ShowAsync(Visit visit, FormModel? draft, FormModel? plan)
    {
        var releases = await Release.AllAsync(visit.Centre.Database, visit.Cancel);
        var may = Rights.Of(visit.Caller, Rights.ReleaseActs) > Reach.Nothing;
        return visit.Page<ReleasesPage>(visit.Say["Releases", "Công bố dữ liệu"], new
        {
            Releases = releases.Reverse().ToList(), Timetable = await ReleaseRoutes.PlannedAsync(releases, visit.Centre, visit.Cancel),
            Draft = may ? draft ?? await DraftFormAsync(visit, releases) : null, Plan = may ? plan ?? PlanForm(visit) : null,
        }, draft is null && plan is null ? 200 : 422);
    }

    private static async Task<FormModel> DraftFormAsync(Visit visit, IReadOnlyList<Release>? releases = null)
    {
        var (say, rules) = (visit.Say, await visit.RulesAsync());
        releases ??= await Release.AllAsync(visit.Centre.Database, visit.Cancel);
        var open = (await InformationRequest.AllAsync(visit.Centre.Database, visit.Cancel)).Where(r => r.Answer is null);
        return new("release", "/releases", null, null,
        [
            new("period", say["Period: 2026, 2026-Q1 or 2026-10", "Thời gian: 2026, 2026-Q1 hoặc 2026-10"], FieldShape.Text, false, Periods(visit.Now)),
            new("from", say["Or from this day", "Hoặc từ ngày"], FieldShape.Date, false, []),
            new("to", say["until before this day", "đến trước ngày"], FieldShape.Date, false, []),
            new("agency", say["Only this agency", "Chỉ cơ quan"], FieldShape.Text, false,
                [.. rules.Organisation.UnitsAt(visit.Now).Where(u => u.Kind != Organisation.UnitKind.Division).Select(u => (u.Code, say[u.Name]))]),
            new("procedure", say["Only this procedure", "Chỉ thủ tục"], FieldShape.Text, false, []),
            new("k", say["How many cases at least look alike (k)", "Ít nhất bao nhiêu hồ sơ giống nhau (k)"], FieldShape.Number, true, []),
            new("approver", say["Who is to approve it", "Người phê duyệt"], FieldShape.Text, false, []),
            new("supersedes", say["Takes the place of", "Thay thế bản"], FieldShape.Choice, false, [.. releases.Where(r => r.IsCurrent).Select(r => (r.Number, $"{r.Number}, {PeriodOf(say, r.Drafted)}"))]),
            new("reason", say["Why it takes its place", "Lý do thay thế"], FieldShape.Lines, false, []),
            new("request", say["Answers the request", "Trả lời yêu cầu"], FieldShape.Choice, false, [.. open.Select(r => (r.Number, $"{r.Number}, {r.Asked.Scope}"))]),
            new("accepted", say["Texts that look like a name and are none, one a line: you answer for them", "Nội dung giống tên người nhưng không phải, mỗi dòng một mục: bạn chịu trách nhiệm"], FieldShape.Lines, false, []),
        ])
        {
            Values = new Dictionary<string, string> { ["k"] = new Privacy().K.ToString(CultureInfo.InvariantCulture), ["supersedes"] = visit.Query("supersedes") ?? "", ["request"] = visit.Query("request") ?? "" },
        };
    }

    private static FormModel PlanForm(Visit visit) => new("plan", "/releases/timetable", null, null,
    [
        new("period", visit.Say["Period: 2026, 2026-Q1 or 2026-10", "Thời gian: 2026, 2026-Q1 hoặc 2026-10"], FieldShape.Text, true, []),
        new("dueAt", visit.Say["To be out by", "Công bố trước"], FieldShape.Date, true, []),
    ]);

    /// <summary>The last quarters and months that are over.</summary>
    private static List<(string, string)> Periods(DateTimeOffset now) =>
    [
        .. Enumerable.Range(1, 4).Select(back => (PublicFigures.Quarter(now, back).Name, "")),
        .. Enumerable.Range(1, 6).Select(back => ($"{now.AddMonths(-back):yyyy-MM}", "")),
    ];

    private static async Task<IResult> DraftAsync(Visit visit) => await PlainForms.SendAsync(visit, await DraftFormAsync(visit), async form =>
    {
        var act = new ReleaseRoutes.Draft(form.Text("period"), form.Text("from"), form.Text("to"), form.Text("agency"), form.Text("procedure"), form.Number("k"), form.Text("supersedes"), form.Text("reason"),
            form.Text("request"), form.Text("approver"), form.Lines("accepted")).Act();
        var result = await visit.Centre.Releases.DraftAsync(act, ReleaseRoutes.Context(visit, form), visit.Cancel);
        return ($"/releases/{result.Release?.Number}", result.Refusal);
    }, again => ShowAsync(visit, again, null));

    private static async Task<IResult> PlanAsync(Visit visit) => await PlainForms.SendAsync(visit, PlanForm(visit), async form =>
    {
        var (from, to) = ReleaseRoutes.Period(form.Text("period") ?? throw PlainForms.Bad("period", "missing"), null, null);
        return ("/releases", await PublicationTimetable.PlanAsync(
            visit.Centre.Database, from, to, form.Moment("dueAt") ?? throw PlainForms.Bad("dueAt", "missing"), ReleaseRoutes.Context(visit, form), visit.Cancel));
    }, again => ShowAsync(visit, null, again));

    /// <summary>The last day is in it.</summary>
    internal static string PeriodOf(Words say, ReleaseDrafted drafted) => $"{say.Day(drafted.From)} – {say.Day(drafted.To.AddDays(-1))}";

    internal static string Stage(Words say, ReleaseStage stage) => stage switch
    {
        ReleaseStage.Drafted => say["drafted", "đã soạn"],
        ReleaseStage.Failed => say["stopped by the gate", "chưa qua cổng kiểm tra"],
        ReleaseStage.Checked => say["checked, waits for approval", "đã kiểm tra, chờ phê duyệt"],
        ReleaseStage.Approved => say["approved", "đã phê duyệt"],
        ReleaseStage.Published => say["published", "đã công bố"],
        ReleaseStage.Superseded => say["superseded", "đã được thay thế"],
        _ => say["withdrawn", "đã thu hồi"],
    };
}
