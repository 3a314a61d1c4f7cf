using EventDossier.Dossiers;
using EventDossier.Organisation;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>What lies with an officer, by due date with the working time left; acts on many at once, each answered on its own.</summary>
public sealed partial class WorkPage
{
    private const int PageSize = 50;

    /// <param name="Procedure">Its name.</param>
    public sealed record Row(string Code, DateTimeOffset? Due, int? MinutesLeft, string? Procedure, string? LastStep);

    [Parameter, EditorRequired] public string Of { get; set; } = "";
    [Parameter, EditorRequired] public IReadOnlyList<Row> Rows { get; set; } = [];

    /// <summary>To the officer's unit, which has not answered.</summary>
    [Parameter] public IReadOnlyList<WorkList.Row> Offered { get; set; } = [];
    [Parameter] public string? Next { get; set; }
    [Parameter] public IReadOnlyList<string> Officers { get; set; } = [];
    [Parameter] public IReadOnlyList<string> Colleagues { get; set; } = [];
    [Parameter] public IReadOnlyList<string> Steps { get; set; } = [];
    [Parameter] public IReadOnlyCollection<string> Chosen { get; set; } = [];
    [Parameter] public string? Step { get; set; }
    [Parameter] public string? To { get; set; }
    [Parameter] public string? Message { get; set; }
    [Parameter] public IReadOnlyList<(string Code, string Why)> Refused { get; set; } = [];

    /// <summary>Nothing was done.</summary>
    [Parameter] public bool Wrong { get; set; }

    internal static void Map(Site site)
    {
        site.Get("/work", Rights.Work, ShowAsync, "What lies with an officer, by due date").InMenu("My work", "Việc của tôi");
        site.Post("/work", Rights.Work, DoAsync, "An act on those of the work list that were chosen");
    }

    private static Task<IResult> ShowAsync(Visit visit) => ListAsync(visit, visit.Query("officer"), null, [], [], null, null);

    private static async Task<IResult> ListAsync(
        Visit visit, string? officer, string? message, List<(string, string)> refused, List<string> chosen, string? step, string? to, bool wrong = false, long? position = null)
    {
        var (scope, rules, now) = (await visit.ScopeAsync(Rights.Work), await visit.RulesAsync(), visit.Now);
        var officers = OfficersOf(scope, rules, now);
        officer = officer is { Length: > 0 } ? officer : visit.Caller.Actor;
        if (officer != visit.Caller.Actor && !officers.Contains(officer))
            throw new UserError("not-allowed", $"{officer} does not work in your units");
        var cursor = Asked.Cursor(visit.Http.Request, 2);
        (DateTimeOffset?, string)? after = cursor is null ? null : (cursor[0].Length == 0 ? null : Asked.Key(cursor[0]), cursor[1]);
        await visit.CatchUpAsync(WorkList.View, position);
        var rows = await WorkList.View.OfAsync(visit.Centre.Database.App, officer, null, after, PageSize, visit.Cancel);
        var shown = rows.Select(row => new Row(
            row.Code, row.Due, row.Due is { } due ? Visit.MinutesLeft(rules.Calendar, now, due) : null,
            row.Procedure is { } code ? rules.Procedure(code, now)?.Published.Name ?? code : null, row.LastStep)).ToList();
        var unit = rules.Organisation.PostsOf(officer, now) is [var post, ..] ? post.Unit : null;
        return visit.Page<WorkPage>(officer == visit.Caller.Actor ? visit.Say["My work", "Việc của tôi"] : visit.Say[$"Work of {officer}", $"Việc của {officer}"], new
        {
            Of = officer, Rows = shown, Asked.Page(rows, PageSize, row => [row.Due is { } due ? Asked.Key(due) : "", row.Code]).Next,
            Offered = after is null ? await WorkList.View.OfferedAsync(
                visit.Centre.Database.App, [.. rules.Organisation.PostsOf(officer, now).Select(p => p.Unit).Distinct()], PageSize, visit.Cancel) : [],
            Officers = officers, Message = message, Refused = refused, Chosen = chosen, Step = step, To = to, Wrong = wrong,
            Colleagues = unit is null ? [] : rules.Organisation.PostsOfAgency(rules.Organisation.AgencyOf(unit, now), now).Where(p => p.Role == PostRole.Officer)
                .Select(p => rules.Organisation.HolderOf(p.Code, now)).OfType<string>().Distinct().ToList(),
            Steps = rows.Select(row => row.Procedure).OfType<string>().Distinct().SelectMany(code => rules.Procedure(code, now)?.Published.Steps ?? []).Select(s => s.Name).Distinct().ToList(),
        }, wrong || refused.Count > 0 ? 422 : 200);
    }

    /// <summary>Whose work a supervisor may look at.</summary>
    internal static List<string> OfficersOf(Scope scope, Rulebook rules, DateTimeOffset now) => scope.Reach == Reach.Own ? [] :
    [
        .. rules.Organisation.UnitsAt(now).Where(unit => scope.Units?.Contains(unit.Code) is not false).SelectMany(unit => rules.Organisation.PostsOfUnit(unit.Code, now))
            .Where(post => post.Role is PostRole.Officer or PostRole.Clerk).Select(post => rules.Organisation.HolderOf(post.Code, now)).OfType<string>().Distinct().Order(StringComparer.Ordinal),
    ];

    private static async Task<IResult> DoAsync(Visit visit)
    {
        var form = await visit.Http.Request.ReadFormAsync(visit.Cancel);
        var (chosen, step, to, officer, say) = (form["code"].OfType<string>().Distinct().ToList(), form["step"].ToString(), form["to"].ToString(), form["officer"].ToString(), visit.Say);
        var kind = form["do"] == "assign" ? ActForms.KindOf("assign") : ActForms.KindOf("complete-step");
        if (chosen.Count is 0 or > PageSize)
            return await ListAsync(visit, officer, say["Choose dossiers first.", "Hãy chọn hồ sơ trước."], [], chosen, step, to, wrong: true);
        var refused = new List<(string, string)>();
        long position = 0;
        foreach (var code in chosen)
        {
            // Each a command of its own under the form's key, so that sending it again finishes what was cut off.
            try
            {
                var body = ActBody.Of(form, kind);
                var result = await ActRoutes.CarryOutAsync(kind, code, personal: false, body.MakeAsync, body, $"form {form["key"]}\n{code}", null, visit.Caller, visit.Http, visit.Centre);
                position = Math.Max(position, result.Position);
                if (result.Refusal is { } refusal)
                    refused.Add((code, say.Refusal(refusal.Code, refusal.Reason)));
            }
            catch (UserError e) when (e.Code == "bad-field")
            {
                refused.Add((code, say["say which step, or which officer", "hãy ghi rõ bước hoặc cán bộ"]));
            }
        }
        return await ListAsync(visit, officer, say[$"{chosen.Count - refused.Count} of {chosen.Count} done.", $"Đã xong {chosen.Count - refused.Count}/{chosen.Count}."], refused, [.. refused.Select(r => r.Item1)], step, to, position: position);
    }
}
