using EventDossier.Procedures;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>The form of a new version of a procedure, or of a new procedure.</summary>
public sealed partial class ProcedureEditPage
{
    [Parameter, EditorRequired] public FormModel Form { get; set; } = null!;

    private int Rows => ProcedureForm.RowsOf(Form.Values);

    internal static void Map(Site site)
    {
        site.Get("/procedures/edit", Rights.Rules, ShowAsync, "The form of a new version of a procedure");
        site.Post("/procedures/preview", Rights.Rules, PreviewAsync, "Begins to find which open dossiers a version would move");
        ProcedurePreviewPage.Map(site);
    }

    private static async Task<IResult> ShowAsync(Visit visit, string? code)
    {
        var rules = await visit.RulesAsync();
        var known = code is null ? null : rules.Procedures.GetValueOrDefault(code)?[^1].Published ?? throw new UserError("no-such-procedure", $"no procedure has the code {code}");
        return Show(visit, ProcedureForm.Of(visit, rules, known));
    }

    private static Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult<ProcedureEditPage> Show(Visit visit, FormModel form) => visit.Page<ProcedureEditPage>(
        visit.Say["A version of a procedure", "Phiên bản thủ tục"], new { Form = form }, form is { Fault: null, Faults.Count: 0 } ? 200 : 422);

    private static async Task<IResult> PreviewAsync(Visit visit, LongTasks tasks)
    {
        var sent = await visit.Http.Request.ReadFormAsync(visit.Cancel);
        var (values, rules) = (sent.ToDictionary(f => f.Key, f => f.Value.ToString()), await visit.RulesAsync());
        var known = sent.Text("known") is { } code ? rules.Procedures.GetValueOrDefault(code)?[^1].Published : null;
        if (sent.Text("more") is not null)
            return Show(visit, ProcedureForm.Of(visit, rules, known, ProcedureForm.Longer(values)));
        return await PlainForms.SendAsync(visit, ProcedureForm.Of(visit, rules, known, values), form =>
        {
            var json = ProcedureForm.JsonOf(form, ProcedureForm.RowsOf(values), known);
            try
            {
                AdministrationRoutes.BeginProcedurePreview(json, visit.Caller, visit.Centre, tasks);
            }
            catch (UserError e) when (e.Code == "bad-file")
            {
                throw ProcedureForm.Placed(e);
            }
            return Task.FromResult(($"/procedures/preview?p={Packed.Pack(json)}", (Dossiers.Refusal?)null));
        }, again => Task.FromResult<IResult>(Show(visit, again)));
    }
}
