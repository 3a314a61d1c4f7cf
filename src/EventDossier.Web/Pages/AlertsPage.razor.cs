using EventDossier.Alerts;
using EventDossier.Dossiers;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Primitives;

namespace EventDossier.Web.Pages;

/// <summary>The alert inbox: everybody's own; of their units' for those who answer for units.</summary>
public sealed partial class AlertsPage
{
    private const int PageSize = 100;

    [Parameter, EditorRequired] public IReadOnlyList<Inbox.Row> Rows { get; set; } = [];
    [Parameter] public string Level { get; set; } = "";
    [Parameter] public string Acknowledged { get; set; } = "";
    [Parameter] public string? Next { get; set; }
    [Parameter] public IReadOnlyList<(string Value, string Text)> Officers { get; set; } = [];
    [Parameter] public string? Message { get; set; }
    [Parameter] public bool Wrong { get; set; }
    [Parameter] public IReadOnlyList<(string Code, string Why)> Refused { get; set; } = [];
    [Parameter] public IReadOnlyCollection<string> Chosen { get; set; } = [];
    [Parameter] public string? Key { get; set; }
    [Parameter] public IReadOnlyDictionary<string, string> Values { get; set; } = new Dictionary<string, string>();
    [Parameter] public IReadOnlyDictionary<string, string> Faults { get; set; } = new Dictionary<string, string>();

    /// <summary>What came of what was asked for.</summary>
    private bool NothingChosen => Wrong && Refused.Count == 0 && Faults.Count == 0;

    private sealed record Outcome(string Message, IReadOnlyList<(string Code, string Why)> Refused, IReadOnlyCollection<string> Chosen, IReadOnlyDictionary<string, string> Faults, IFormCollection? Form, long Position);

    internal static void Map(Site site)
    {
        site.Get("/alerts", Rights.Alerts, (Visit visit) => ListAsync(visit, visit.Query("level"), visit.Http.Request.Query["acknowledged"], null), "The alert inbox").InMenu("Alerts", "Cảnh báo");
        site.Post("/alerts", Rights.Alerts, DoAsync, "Acknowledging, reassigning and putting off the alerts that were chosen");
        site.Get("/alerts/live", Rights.Alerts, AlertRoutes.StreamAsync, "For the pages: what happens to alerts as it happens, as server-sent events").WithMetadata(new Description.Query(["after"]));
    }

    private static async Task<IResult> ListAsync(Visit visit, string? level, StringValues acknowledged, Outcome? outcome)
    {
        var (scope, rules, say, now, request) = (await visit.ScopeAsync(Rights.Alerts), await visit.RulesAsync(), visit.Say, visit.Now, visit.Http.Request);
        var (seen, cursor) = (acknowledged.Count == 0 ? "false" : acknowledged.ToString(), Asked.Cursor(request, 5));
        var query = new Inbox.Query(
            scope.Reach == Reach.Own ? visit.Caller.Actor : null, Level: Enum.GetValues<AlertLevel>().Where(l => Inbox.NameOf(l) == level).Select(l => (AlertLevel?)l).FirstOrDefault(),
            Acknowledged: seen switch { "true" => true, "false" => false, _ => null }, After: cursor is null ? null : AlertRoutes.Row(cursor), Limit: PageSize)
        {
            Units = scope.Units, Self = scope.Units is null ? null : visit.Caller.Actor,
        };
        await visit.CatchUpAsync(Inbox.View, outcome?.Position);
        var rows = await Inbox.View.FindAsync(visit.Centre.Database.App, query, visit.Cancel);
        var wrong = outcome is not null && (outcome.Refused.Count > 0 || outcome.Faults.Count > 0 || outcome.Position == 0);
        return visit.Page<AlertsPage>(say["Alerts", "Cảnh báo"], new
        {
            Rows = rows, Level = level ?? "", Acknowledged = seen, Asked.Page(rows, PageSize, AlertRoutes.Keys).Next, outcome?.Message, Wrong = wrong, Refused = outcome?.Refused ?? [],
            Chosen = outcome?.Chosen ?? [], Key = wrong ? outcome?.Form?["key"].ToString() : null, Faults = outcome?.Faults ?? new Dictionary<string, string>(),
            Values = wrong ? outcome!.Form!.ToDictionary(f => f.Key, f => f.Value.ToString()) : [],
            Officers = scope.Reach == Reach.Own ? [] : WorkPage.OfficersOf(scope, rules, now).Select(officer => (officer, "")).ToList(),
        }, wrong ? 422 : 200);
    }

    private static async Task<IResult> DoAsync(Visit visit)
    {
        var form = await visit.Http.Request.ReadFormAsync(visit.Cancel);
        var (chosen, say, refused, faults) = (form["alert"].OfType<string>().Distinct().ToList(), visit.Say, new List<(string, string)>(), new Dictionary<string, string>());
        var kind = ActForms.KindOf(form["do"].ToString() switch { "assign" => "assign", "snooze" => "snooze", _ => "acknowledge" });
        long position = 0;
        foreach (var id in chosen.Take(ActBody.MostItems))
        {
            if (faults.Count > 0 || id.Split(' ') is not [.. var code, var rule, var cycle])
                break;
            var (dossier, fields) = (string.Join(' ', code), new Dictionary<string, StringValues>(form.ToDictionary()) { ["alert"] = rule, ["cycle"] = cycle });
            try
            {
                var body = ActBody.Of(new FormCollection(fields), kind);
                var result = await ActRoutes.CarryOutAsync(kind, dossier, personal: false, body.MakeAsync, body, $"form {form["key"]}\n{id}", null, visit.Caller, visit.Http, visit.Centre);
                position = Math.Max(position, result.Position);
                if (result.Refusal is { } refusal && ActWords.Places.GetValueOrDefault(refusal.Code)?.FirstOrDefault(place => place is "until" or "reason") is { } place)
                    faults[place] = say.Refusal(refusal.Code, refusal.Reason);
                else if (result.Refusal is not null)
                    refused.Add((dossier, say.Refusal(result.Refusal.Code, result.Refusal.Reason)));
            }
            catch (UserError e) when (e.Code == "bad-field")
            {
                var place = e.Message.Split(':')[0].TrimStart('$', '.');
                if (place is "to" or "until" or "reason")
                    faults[place] = say["Please fill this in", "Cần điền mục này"];
                else
                    refused.Add((dossier, e.Message));
            }
        }
        var done = chosen.Count - refused.Count;
        var message = chosen.Count == 0 ? say["Choose alerts first.", "Hãy chọn cảnh báo trước."]
            : faults.Count > 0 ? say["Nothing was done: something is missing below.", "Chưa thực hiện: còn thiếu thông tin bên dưới."]
            : say[$"{done} of {chosen.Count} done.", $"Đã xong {done}/{chosen.Count}."];
        return await ListAsync(visit, form["level"], form["acknowledged"], new(message, refused, faults.Count + refused.Count > 0 ? chosen : [], faults, form, chosen.Count > 0 && done > 0 ? Math.Max(position, 1) : 0));
    }
}
