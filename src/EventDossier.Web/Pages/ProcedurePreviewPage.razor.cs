using System.Text.Json.Nodes;
using EventDossier.Procedures;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>What a version of a procedure would change, and publishing it: for those received from then on, or as a correction that takes the open dossiers along.</summary>
public sealed partial class ProcedurePreviewPage
{
    [Parameter, EditorRequired] public string Packed { get; set; } = "";
    [Parameter, EditorRequired] public string What { get; set; } = "";
    [Parameter, EditorRequired] public LongTasks.State State { get; set; } = null!;
    [Parameter, EditorRequired] public FormModel Correction { get; set; } = null!;

    private IReadOnlyList<Correction.Plan>? Plans => State.Result as IReadOnlyList<Correction.Plan>;

    internal static void Map(Site site)
    {
        site.Get("/procedures/preview", Rights.Rules, (Visit visit, LongTasks tasks, string? p) => Show(visit, tasks, p, null), "Which open dossiers a version of a procedure would move");
        site.Post("/procedures/versions", Rights.Rules, PublishAsync, "Publishes a version of a procedure; as a correction it takes the open dossiers along");
    }

    /// <summary>After a restart it is found again: all it needs stands in the address.</summary>
    private static Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult<ProcedurePreviewPage> Show(Visit visit, LongTasks tasks, string? p, FormModel? correction)
    {
        var json = Pages.Packed.Unpack(p);
        var state = tasks.Find(AdministrationRoutes.ProcedurePreviewOf(json, visit.Caller)) ?? AdministrationRoutes.BeginProcedurePreview(json, visit.Caller, visit.Centre, tasks);
        if (state.IsRunning)
            visit.Http.Response.Headers["Refresh"] = "2";
        var entry = JsonNode.Parse(json)![0]!;
        return visit.Page<ProcedurePreviewPage>(visit.Say["What the version would change", "Phiên bản làm thay đổi gì"], new
        {
            Packed = p, What = $"{entry["code"]} {entry["name"]}", State = state, Correction = correction ?? CorrectionForm(visit, p!),
        }, correction is null ? 200 : 422);
    }

    private static FormModel CorrectionForm(Visit visit, string p) => new("correction", "/procedures/versions", null, null,
    [
        new("p", "", FieldShape.Hidden, true, []), new("correct", "", FieldShape.Hidden, true, []),
        new("provision", visit.Say["Transitional provision that takes the open dossiers along", "Điều khoản chuyển tiếp áp dụng cho hồ sơ đang mở"], FieldShape.Text, true, []),
    ]) { Values = new Dictionary<string, string> { ["p"] = p, ["correct"] = "yes" } };

    private static async Task<IResult> PublishAsync(Visit visit, LongTasks tasks)
    {
        var packed = (await visit.Http.Request.ReadFormAsync(visit.Cancel)).Text("p");
        var json = Pages.Packed.Unpack(packed);
        return await PlainForms.SendAsync(visit, CorrectionForm(visit, packed!), async form =>
        {
            var provision = form.Text("correct") is null ? null : form.Text("provision") ?? throw PlainForms.Bad("provision", "missing");
            var told = await AdministrationRoutes.PublishAllAsync(json, provision, visit.Caller, visit.Centre, visit.Cancel);
            return ($"/procedures?published={told.Published}&moved={told.Moved}", null);
        }, again => Task.FromResult<IResult>(Show(visit, tasks, packed, again)));
    }
}
