using System.Text.Json;
using EventDossier.Alerts;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>Which open dossiers a ladder would alert otherwise, and deciding it.</summary>
public sealed partial class LadderPreviewPage
{
    [Parameter, EditorRequired] public string Packed { get; set; } = "";
    [Parameter, EditorRequired] public string Whose { get; set; } = "";
    [Parameter, EditorRequired] public LongTasks.State State { get; set; } = null!;

    private LadderPreview.Report? Report => State.Result as LadderPreview.Report;

    private sealed record Proposal(string? Agency, string? Procedure, string Json);

    internal static void Map(Site site)
    {
        site.Get("/ladder/preview", Rights.Rules, Show, "Which open dossiers a ladder would alert otherwise");
        site.Post("/ladder", Rights.Rules, DecideAsync, "Decides a ladder");
    }

    internal static string Pack(string? agency, string? procedure, string json) => Pages.Packed.Pack(JsonSerializer.Serialize(new Proposal(agency, procedure, json)));

    private static Proposal Read(string? packed)
    {
        try
        {
            return JsonSerializer.Deserialize<Proposal>(Pages.Packed.Unpack(packed)) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new UserError("bad-query", "p: what a preview's address holds");
        }
    }

    /// <summary>After a restart it is found again: all it needs stands in the address.</summary>
    private static Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult<LadderPreviewPage> Show(Visit visit, LongTasks tasks, string? p)
    {
        var (agency, procedure, json) = Read(p);
        var state = tasks.Find(AdministrationRoutes.LadderPreviewOf(agency, procedure, json, visit.Caller))
            ?? AdministrationRoutes.BeginLadderPreview(agency, procedure, json, visit.Caller, visit.Centre, tasks);
        if (state.IsRunning)
            visit.Http.Response.Headers["Refresh"] = "2";
        return visit.Page<LadderPreviewPage>(visit.Say["What the ladder would change", "Thang cảnh báo làm thay đổi gì"], new { Packed = p, Whose = agency ?? procedure ?? visit.Say["the centre", "trung tâm"], State = state });
    }

    private static async Task<IResult> DecideAsync(Visit visit)
    {
        var (agency, procedure, json) = Read((await visit.Http.Request.ReadFormAsync(visit.Cancel)).Text("p"));
        await AdministrationRoutes.DecideAsync(agency, procedure, json, visit.Caller, visit.Centre, visit.Cancel);
        return Results.LocalRedirect("/ladder");
    }
}
