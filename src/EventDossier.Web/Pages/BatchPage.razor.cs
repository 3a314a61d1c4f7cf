using EventDossier.Dossiers;
using EventDossier.Web.LookUp;
using EventDossier.Web.Slips;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Primitives;

namespace EventDossier.Web.Pages;

/// <summary>Receiving, handing over, taking over and assigning in batches; and printing the slips of many.</summary>
public sealed partial class BatchPage
{
    [Parameter] public FormModel Form { get; set; } = null!;

    /// <summary>Null for who may not know names.</summary>
    [Parameter] public FormModel? PrintForm { get; set; }

    /// <summary>Each with why it was not done; null where it was.</summary>
    [Parameter] public IReadOnlyList<(string Code, string? Why)> Rows { get; set; } = [];

    internal static void Map(Site site)
    {
        site.Get("/batch", Rights.Work, (Visit visit) => Show(visit, FormOf(visit), []), "The same on many dossiers").InMenu("Batches", "Hàng loạt");
        site.Post("/batch", Rights.Work, DoAsync, "Does the same on many dossiers, each answered on its own");
        site.Post("/batch/slips", Rights.Names, PrintAsync, "The slips 01 of many dossiers as one sheet");
    }

    private static RazorComponentResult<BatchPage> Show(Visit visit, FormModel form, IReadOnlyList<(string, string?)> rows, FormModel? print = null) => visit.Page<BatchPage>(visit.Say["Batches", "Xử lý hàng loạt"], new
    {
        Form = form, PrintForm = Rights.Of(visit.Caller, Rights.Names) > Reach.Nothing ? print ?? PrintFormOf(visit) : null, Rows = rows,
    }, print is not null || form.Faults.Count > 0 || rows.Any(r => r.Item2 is not null) ? 422 : 200);

    private static IEnumerable<Acts.Kind> Kinds(Visit visit) => Acts.All.Where(kind => ActRoutes.IsOfDossiers(kind) && Rights.For(visit.Caller, kind.Rule) is not null);

    private static FormField Codes(Visit visit) => new("codes", visit.Say["Codes, a line each (a scanner may type them)", "Mã hồ sơ, mỗi dòng một mã (có thể quét)"], FieldShape.Lines, true, []);

    private static FormModel FormOf(Visit visit) => new("batch", "/batch", null, null,
    [
        Codes(visit), new("do", visit.Say["What is done", "Việc cần làm"], FieldShape.Choice, true, [.. Kinds(visit).Select(kind => (kind.Rule.Name, visit.Say[ActWords.Acts[kind.Rule.Name]]))]),
        new("to", visit.Say["To: the unit it is handed to, or who takes charge", "Đến: đơn vị nhận, hoặc cán bộ thụ lý"], FieldShape.Text, false, []),
        new("officer", visit.Say["Who goes on", "Cán bộ tiếp nhận"], FieldShape.Text, false, []), new("unit", visit.Say["Unit that handles it", "Đơn vị xử lý"], FieldShape.Text, false, []),
    ]);

    private static FormModel PrintFormOf(Visit visit) => new("print", "/batch/slips", null, null, [Codes(visit)]);

    private static async Task<IResult> DoAsync(Visit visit)
    {
        var form = await visit.Http.Request.ReadFormAsync(visit.Cancel);
        var model = ActForms.Sent(FormOf(visit), form);
        if (form.Lines("codes")?.Distinct().ToList() is not { Count: > 0 and <= ActBody.MostItems } codes)
            return Show(visit, ActForms.Told(visit, model, PlainForms.Bad("codes", "missing")), []);
        if (Kinds(visit).FirstOrDefault(kind => kind.Rule.Name == form["do"].ToString()) is not { } kind)
            return Show(visit, ActForms.Told(visit, model, PlainForms.Bad("do", "missing")), []);
        // Only what the act takes: the form asks for all of them.
        var taken = ActBody.Parameters(kind).Select(ActBody.Name).ToHashSet();
        var fields = new FormCollection(form.Where(f => taken.Contains(f.Key)).ToDictionary(f => f.Key, f => f.Value));
        var rows = new List<(string, string?)>();
        try
        {
            foreach (var code in codes)
            {
                var body = ActBody.Of(fields, kind);
                var result = await ActRoutes.CarryOutAsync(kind, code, personal: false, body.MakeAsync, body, $"form {form["key"]}\n{code}", null, visit.Caller, visit.Http, visit.Centre);
                rows.Add((code, result.Refusal is { } refusal ? visit.Say.Refusal(refusal.Code, refusal.Reason) : null));
            }
        }
        catch (UserError e) when (e.Code == "bad-field")
        {
            return Show(visit, ActForms.Told(visit, model, e), rows);
        }
        // What is left to be done stays in the form, under a key of its own.
        var left = rows.Where(r => r.Item2 is not null).Select(r => r.Item1).ToList();
        return Show(visit, model with { Key = null, Values = new Dictionary<string, string>(model.Values) { ["codes"] = string.Join('\n', left) } }, rows);
    }

    private static async Task<IResult> PrintAsync(Visit visit, LookUps lookUps, IConfiguration configuration)
    {
        var form = await visit.Http.Request.ReadFormAsync(visit.Cancel);
        return form.Lines("codes") is { Count: <= SlipBatch.Most } codes
            ? await SlipBatch.PrintAsync(codes, visit.Http, visit.Caller, visit.Centre, lookUps, configuration)
            : Show(visit, FormOf(visit), [], ActForms.Told(visit, ActForms.Sent(PrintFormOf(visit), form), PlainForms.Bad("codes", visit.Say[$"1 to {SlipBatch.Most} codes", $"từ 1 đến {SlipBatch.Most} mã"])));
    }
}
