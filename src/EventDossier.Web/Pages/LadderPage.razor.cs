using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventDossier.Alerts;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>The ladders with all their versions, and deciding a new one.</summary>
public sealed partial class LadderPage
{
    private static readonly JsonSerializerOptions _legible = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    [Parameter, EditorRequired] public IReadOnlyList<Ladders.Version> Ladders { get; set; } = [];
    [Parameter] public bool MayDecide { get; set; }
    [Parameter] public string? Agency { get; set; }
    [Parameter] public string? Procedure { get; set; }
    [Parameter] public string Json { get; set; } = "";
    [Parameter] public string? Fault { get; set; }

    internal static void Map(Site site)
    {
        site.Get("/ladder", Rights.Procedures, (Visit visit) => ShowAsync(visit, null, null, null, null), "Who is told when a dossier is in danger")
            .InMenu("Ladder", "Thang cảnh báo", caller => Rights.Of(caller, Rights.Rules) > Reach.Nothing);
        site.Post("/ladder", Rights.Rules, DecideAsync, "Decides a ladder");
    }

    private static async Task<IResult> ShowAsync(Visit visit, string? agency, string? procedure, string? json, string? fault)
    {
        var ladders = await AdministrationRoutes.AllLaddersAsync(visit.Centre, visit.Cancel);
        var centres = ladders.Last(l => l.Stream == Alerts.Ladders.Default).Decided;
        return visit.Page<LadderPage>(visit.Say["Ladder of alerts", "Thang cảnh báo"], new
        {
            Ladders = ladders.Reverse().ToList(), MayDecide = Rights.Of(visit.Caller, Rights.Rules) > Reach.Nothing, Agency = agency, Procedure = procedure, Fault = fault,
            Json = json ?? JsonSerializer.Serialize(new { centres.ShortUnderHours, centres.Rules, centres.Basis }, _legible),
        }, fault is null ? 200 : 422);
    }

    private static async Task<IResult> DecideAsync(Visit visit)
    {
        var form = await visit.Http.Request.ReadFormAsync(visit.Cancel);
        static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
        var (agency, procedure, json) = (Given(form["agency"]), Given(form["procedure"]), form["json"].ToString());
        if (agency is not null && procedure is not null)
            return await ShowAsync(visit, agency, procedure, json, visit.Say["A ladder is an agency’s or a procedure’s, not both.", "Thang cảnh báo dành cho một cơ quan hoặc một thủ tục, không cả hai."]);
        try
        {
            await AdministrationRoutes.DecideAsync(agency, procedure, json, visit.Caller, visit.Centre, visit.Cancel);
            return Results.LocalRedirect("/ladder");
        }
        catch (UserError e) when (e.Code == "bad-ladder")
        {
            return await ShowAsync(visit, agency, procedure, json, e.Message);
        }
    }

    private string Name(string stream) => stream == Alerts.Ladders.Default ? Say["The centre’s", "Của trung tâm"] : stream[Alerts.Ladders.StreamPrefix.Length..];

    private string When(LadderRule rule) => string.Join(Say[" or ", " hoặc "], ((string?[])
    [
        rule.Percent is { } percent ? Say[$"{percent} % used", $"dùng {percent} %"] : null,
        rule.Hours switch { null => null, 0 => Say["at the due moment", "khi đến hạn"], < 0 and var before => Say[$"{-before} h before", $"trước {-before} giờ"], var after => Say[$"{after} h after", $"sau {after} giờ"] },
    ]).OfType<string>());

    private string Clock(AlertClock clock) => clock switch { AlertClock.Handling => Say["handling", "giải quyết"], AlertClock.Intake => Say["intake", "tiếp nhận"], _ => Say["step", "bước"] };

    private string Length(LimitLength limits) => limits switch { LimitLength.Short => Say["short", "ngắn"], LimitLength.Long => Say["long", "dài"], _ => Say["all", "mọi"] };

    private string Told(AlertRole role) => role switch
    {
        AlertRole.Counter => Say["counter", "quầy"],
        AlertRole.CounterSupervisor => Say["its supervisor", "lãnh đạo quầy"],
        AlertRole.Officer => Say["officer", "cán bộ thụ lý"],
        AlertRole.Supervisor => Say["supervisor", "lãnh đạo phòng"],
        AlertRole.UnitHead => Say["head of the unit", "trưởng đơn vị"],
        AlertRole.AgencyHead => Say["head of the agency", "thủ trưởng cơ quan"],
        _ => Say["director", "giám đốc trung tâm"],
    };
}
