using EventDossier.Dossiers;
using EventDossier.Procedures;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Primitives;

namespace EventDossier.Web.Pages;

/// <summary>
/// A clerk receives. What is typed for the procedure is its code, or words of its name; a second dossier of the same applicant and procedure is asked about once; and
/// after a receipt the form stands there with the applicant still in it.
/// </summary>
public sealed partial class ReceivePage
{
    /// <summary>Suggestions that are sent along.</summary>
    private const int MostSuggested = 200;
    private const int MostMatches = 12;
    private static readonly Acts.Kind _receive = ActForms.KindOf("receive");
    private static readonly string[] _first = ["procedure", "applicant.name", "applicant.identityNumber", "applicant.phone", "applicant.mail", "applicant.address", "channel"];

    [Parameter, EditorRequired] public FormModel Form { get; set; } = null!;
    [Parameter] public (string Code, string Procedure, DateTimeOffset? Due)? Received { get; set; }
    [Parameter] public IReadOnlyList<Overview.Row> Duplicates { get; set; } = [];
    [Parameter] public IReadOnlyList<(string Code, string Name)> Matches { get; set; } = [];

    internal static void Map(Site site)
    {
        site.Get("/receive", _receive.Rule, async (Visit visit) => Show(visit, await BlankAsync(visit)), "The counter: receiving a dossier").InMenu("Receive", "Tiếp nhận");
        site.Post("/receive", _receive.Rule, DoAsync, "A dossier is received, and the next one may follow");
    }

    private static Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult<ReceivePage> Show(
        Visit visit, FormModel form, (string, string, DateTimeOffset?)? received = null, IReadOnlyList<Overview.Row>? duplicates = null, IReadOnlyList<(string, string)>? matches = null) =>
        visit.Page<ReceivePage>(visit.Say["Receive", "Tiếp nhận"], new { Form = form, Received = received, Duplicates = duplicates ?? [], Matches = matches ?? [] },
            form.Fault is not null || form.Faults.Count > 0 || duplicates is not null || matches is not null ? 422 : 200);

    private static async Task<FormModel> BlankAsync(Visit visit)
    {
        var rules = await visit.RulesAsync();
        var fields = ActForms.Fields(visit, _receive, new(""), rules).OrderBy(field => Array.IndexOf(_first, field.Name) is >= 0 and var place ? place : _first.Length)
            .Select(field => field.Name switch
            {
                "procedure" => field with { Focus = true, Choices = [.. InForce(rules, visit.Now).Take(MostSuggested).Select(p => (p.Code, p.Name))] },
                "applicant.name" or "channel" => field with { Required = true },
                _ => field with { Beside = !_first.Contains(field.Name) },
            });
        return new("receive", "/receive", null, null, [.. fields]) { Values = new Dictionary<string, string> { ["channel"] = "counter" } };
    }

    private static IEnumerable<ProcedurePublished> InForce(Rulebook rules, DateTimeOffset at) =>
        rules.Procedures.Keys.Order(StringComparer.Ordinal).Select(code => rules.Procedure(code, at)?.Published).OfType<ProcedurePublished>();

    private static async Task<IResult> DoAsync(Visit visit)
    {
        var (form, blank, rules, say) = (await visit.Http.Request.ReadFormAsync(visit.Cancel), await BlankAsync(visit), await visit.RulesAsync(), visit.Say);
        var kept = blank with { Key = form["key"], Values = form.ToDictionary(f => f.Key, f => f.Value.ToString()) };
        FormModel Wrong(string field, string told) => kept with { Faults = new Dictionary<string, string> { [field] = told } };

        var asked = form["match"].ToString() is { Length: > 0 } match ? match : form["procedure"].ToString().Trim();
        var matches = rules.Procedure(asked, visit.Now) is not null ? [asked] : Find(rules, visit.Now, asked);
        if (matches.Count == 0)
            return Show(visit, Wrong("procedure", asked.Length == 0 ? say["Please fill this in", "Cần điền mục này"] : say["No procedure has this code or these words", "Không có thủ tục nào có mã hoặc các từ này"]));
        if (matches.Count > 1)
            return Show(visit, kept, matches: [.. matches.Select(code => (code, rules.Procedure(code, visit.Now)!.Published.Name))]);
        if (form["applicant.name"].ToString().Trim().Length == 0)
            return Show(visit, Wrong("applicant.name", say["Please fill this in", "Cần điền mục này"]));
        kept = kept with { Values = new Dictionary<string, string>(kept.Values) { ["procedure"] = matches[0] } };
        if (form["another"] != "yes" && await DuplicatesAsync(visit, matches[0], form) is { Count: > 0 } duplicates)
            return Show(visit, kept, duplicates: duplicates);

        var (done, again) = await ActForms.SendAsync(visit, _receive, null, new FormCollection(new Dictionary<string, StringValues>(form.ToDictionary()) { ["procedure"] = matches[0] }), kept);
        if (again is not null)
            return Show(visit, again);
        var dossier = (await visit.DossierAsync(done!.Code)).Dossier;
        var next = kept.Values.Where(v => v.Key.StartsWith("applicant.", StringComparison.Ordinal) || v.Key == "channel").ToDictionary();
        return Show(visit, blank with { Values = next }, (done.Code, rules.Procedure(dossier.Procedure)!.Published.Name, dossier.Due));
    }

    /// <summary>Those in whose names all the words stand, with diacritics or without.</summary>
    private static List<string> Find(Rulebook rules, DateTimeOffset at, string words)
    {
        var asked = Overview.Words(words);
        return asked.Length == 0 ? [] : [.. InForce(rules, at)
            .Where(p => Overview.Words($"{p.Code} {p.Name}") is var held && asked.All(word => held.Any(h => h.StartsWith(word, StringComparison.Ordinal))))
            .Take(MostMatches).Select(p => p.Code)];
    }

    /// <summary>What the applicant has under way of the same procedure: known by identity number, or else by name.</summary>
    private static async Task<List<Overview.Row>> DuplicatesAsync(Visit visit, string procedure, IFormCollection form)
    {
        var asked = form["applicant.identityNumber"].ToString().Trim() is { Length: > 0 } number ? number : form["applicant.name"].ToString();
        var found = new List<Overview.Row>();
        foreach (var applicant in await visit.Centre.Keys.FindAsync(asked, limit: 5, visit.Cancel))
            found.AddRange(await Overview.View.FindAsync(visit.Centre.Database.App, new() { Applicant = $"{applicant}" }, visit.Cancel));
        return [.. found.Where(row => row.Procedure == procedure && row.Stage < Stage.Returned)];
    }
}
