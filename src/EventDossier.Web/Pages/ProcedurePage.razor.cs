using EventDossier.Procedures;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>One procedure with all its versions.</summary>
public sealed partial class ProcedurePage
{
    [Parameter, EditorRequired] public IReadOnlyList<Procedure.Version> Versions { get; set; } = [];
    [Parameter] public Procedure.Version? InForce { get; set; }

    internal static void Map(Site site) => site.Get("/procedures/{code}", Rights.Procedures, ShowAsync, "A procedure with all its versions");

    private static async Task<IResult> ShowAsync(Visit visit, string code)
    {
        code = Asked.Code(code);
        var rules = await visit.RulesAsync();
        return rules.Procedures.GetValueOrDefault(code) is { } versions
            ? visit.Page<ProcedurePage>($"{code} {versions[^1].Published.Name}", new { Versions = versions.Reverse().ToList(), InForce = rules.Procedure(code, visit.Now) })
            : throw new UserError("no-such-procedure", $"no procedure has the code {code}");
    }
}
