using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventDossier.Dossiers;
using EventDossier.Procedures;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>The catalogue, and publishing new versions.</summary>
public sealed partial class ProceduresPage
{
    private const int PageSize = 50;

    private static readonly JsonSerializerOptions _legible = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    [Parameter, EditorRequired] public IReadOnlyList<Procedure.Version> Procedures { get; set; } = [];
    [Parameter] public string? Search { get; set; }
    [Parameter] public string? Next { get; set; }
    [Parameter] public bool MayPublish { get; set; }
    [Parameter] public string Json { get; set; } = "";
    [Parameter] public string? Fault { get; set; }
    [Parameter] public string? Published { get; set; }

    internal static void Map(Site site)
    {
        site.Get("/procedures", Rights.Procedures, (Visit visit) => ShowAsync(visit, null, null), "What may be asked for, in the version in force")
            .InMenu("Procedures", "Thủ tục", caller => Rights.Of(caller, Rights.Rules) > Reach.Nothing);
        site.Post("/procedures", Rights.Rules, PublishAsync, "Publishes versions of procedures");
        ProcedurePage.Map(site);
        ProcedureEditPage.Map(site);
    }

    private static async Task<IResult> ShowAsync(Visit visit, string? json, string? fault)
    {
        var (rules, say) = (await visit.RulesAsync(), visit.Say);
        var (search, after) = (visit.Query("search"), visit.Query("after"));
        var words = Overview.Words(search ?? "");
        var found = rules.Procedures.Keys.Where(code => after is null || string.CompareOrdinal(code, after) > 0).Order(StringComparer.Ordinal)
            .Select(code => rules.Procedure(code, visit.Now)).OfType<Procedure.Version>()
            .Where(v => words.All(word => Overview.Words($"{v.Published.Code} {v.Published.Name} {v.Published.Agency}").Any(held => held.StartsWith(word, StringComparison.Ordinal))))
            .Take(PageSize + 1).ToList();
        var published = visit.Query("published");
        return visit.Page<ProceduresPage>(say["Procedures", "Thủ tục"], new
        {
            Procedures = found.Take(PageSize).ToList(), Search = search, Next = found.Count > PageSize ? found[PageSize - 1].Published.Code : null, MayPublish = Rights.Of(visit.Caller, Rights.Rules) > Reach.Nothing,
            Json = json ?? JsonSerializer.Serialize(Examples.ToPublish(), _legible),
            Fault = fault, Published = long.TryParse(published, out var count) ? say[$"{count} versions published.", $"Đã công bố {count} phiên bản."]
                + (long.TryParse(visit.Query("moved"), out var moved) && moved > 0 ? say[$" {moved} open dossiers were taken along.", $" Đã chuyển {moved} hồ sơ đang mở."] : "") : null,
        }, fault is null ? 200 : 422);
    }

    private static async Task<IResult> PublishAsync(Visit visit)
    {
        var json = (await visit.Http.Request.ReadFormAsync(visit.Cancel))["json"].ToString();
        try
        {
            var told = await AdministrationRoutes.PublishAllAsync(json, null, visit.Caller, visit.Centre, visit.Cancel);
            return Results.LocalRedirect($"/procedures?published={told.Published}");
        }
        catch (UserError e) when (e.Code == "bad-file")
        {
            return await ShowAsync(visit, json, e.Message);
        }
    }
}
