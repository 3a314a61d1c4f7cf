using EventDossier.Alerts;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>The ladders with all their versions, and deciding a new one in two steps: first is shown which open dossiers it would alert otherwise.</summary>
public sealed partial class LadderPage
{
    [Parameter, EditorRequired] public IReadOnlyList<Ladders.Version> Ladders { get; set; } = [];

    /// <summary>Null for who may only look.</summary>
    [Parameter] public FormModel? Form { get; set; }

    private int Rows => LadderForm.RowsOf(Form!.Values);

    internal static void Map(Site site)
    {
        site.Get("/ladder", Rights.Procedures, (Visit visit) => ShowAsync(visit, null), "Who is told when a dossier is in danger")
            .InMenu("Ladder", "Thang cảnh báo", caller => Rights.Of(caller, Rights.Rules) > Reach.Nothing);
        site.Post("/ladder/preview", Rights.Rules, PreviewAsync, "Begins to find which open dossiers a ladder would alert otherwise");
        LadderPreviewPage.Map(site);
    }

    private static async Task<IResult> ShowAsync(Visit visit, FormModel? form)
    {
        var ladders = await AdministrationRoutes.AllLaddersAsync(visit.Centre, visit.Cancel);
        var centres = ladders.Last(l => l.Stream == Alerts.Ladders.Default).Decided;
        return visit.Page<LadderPage>(visit.Say["Ladder of alerts", "Thang cảnh báo"], new
        {
            Ladders = ladders.Reverse().ToList(),
            Form = Rights.Of(visit.Caller, Rights.Rules) > Reach.Nothing ? form ?? LadderForm.Of(visit.Say, LadderForm.ValuesOf(centres with { Basis = null })) : null,
        }, form is null or { Fault: null, Faults.Count: 0 } ? 200 : 422);
    }

    private static async Task<IResult> PreviewAsync(Visit visit, LongTasks tasks)
    {
        var sent = await visit.Http.Request.ReadFormAsync(visit.Cancel);
        var values = sent.ToDictionary(f => f.Key, f => f.Value.ToString());
        var rows = LadderForm.RowsOf(values);
        if (sent.Text("more") is not null)
            return await ShowAsync(visit, LadderForm.Longer(visit.Say, LadderForm.Of(visit.Say, values)));
        return await PlainForms.SendAsync(visit, LadderForm.Of(visit.Say, values), form =>
        {
            var (agency, procedure) = (form.Text("agency"), form.Text("procedure"));
            if (agency is not null && procedure is not null)
                throw PlainForms.Bad("procedure", visit.Say["a ladder is an agency’s or a procedure’s, not both", "thang cảnh báo dành cho một cơ quan hoặc một thủ tục, không cả hai"]);
            var json = LadderForm.JsonOf(form, rows);
            try
            {
                AdministrationRoutes.BeginLadderPreview(agency, procedure, json, visit.Caller, visit.Centre, tasks);
            }
            catch (UserError e) when (e.Code == "bad-ladder")
            {
                throw LadderForm.Placed(visit.Say, form, rows, e);
            }
            return Task.FromResult(($"/ladder/preview?p={LadderPreviewPage.Pack(agency, procedure, json)}", (Dossiers.Refusal?)null));
        }, again => ShowAsync(visit, again));
    }

    private string Name(string stream) => Name(Say, stream);

    internal static string Name(Words say, string stream) =>
        stream == Alerts.Ladders.Default ? say["The centre’s", "Của trung tâm"] : stream[Alerts.Ladders.StreamPrefix.Length..];

    private string When(LadderRule rule) => string.Join(Say[" or ", " hoặc "], ((string?[])
    [
        rule.Percent is { } percent ? Say[$"{percent} % used", $"dùng {percent} %"] : null,
        rule.Hours switch { null => null, 0 => Say["at the due moment", "khi đến hạn"], < 0 and var before => Say[$"{-before} h before", $"trước {-before} giờ"], var after => Say[$"{after} h after", $"sau {after} giờ"] },
    ]).OfType<string>());

    internal static string Clock(Words say, AlertClock clock) => clock switch { AlertClock.Handling => say["handling", "giải quyết"], AlertClock.Intake => say["intake", "tiếp nhận"], _ => say["step", "bước"] };

    internal static string Length(Words say, LimitLength limits) => limits switch { LimitLength.Short => say["short", "ngắn"], LimitLength.Long => say["long", "dài"], _ => say["all", "mọi"] };

    private string Told(AlertRole role) => Told(Say, role);

    internal static string Told(Words say, AlertRole role) => role switch
    {
        AlertRole.Counter => say["counter", "quầy"],
        AlertRole.CounterSupervisor => say["its supervisor", "lãnh đạo quầy"],
        AlertRole.Officer => say["officer", "cán bộ thụ lý"],
        AlertRole.Supervisor => say["supervisor", "lãnh đạo phòng"],
        AlertRole.UnitHead => say["head of the unit", "trưởng đơn vị"],
        AlertRole.AgencyHead => say["head of the agency", "thủ trưởng cơ quan"],
        _ => say["director", "giám đốc trung tâm"],
    };
}
