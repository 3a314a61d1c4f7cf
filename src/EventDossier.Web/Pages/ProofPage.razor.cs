using EventDossier.Record;
using EventDossier.Web.LookUp;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.RateLimiting;

namespace EventDossier.Web.Pages;

/// <summary>What <c>dossier proof check</c> does, for anybody.</summary>
public sealed partial class ProofPage
{
    private const int MostBytes = 1 << 20;

    [Parameter] public IReadOnlyList<CheckedProof> Proofs { get; set; } = [];
    [Parameter] public string? Text { get; set; }
    [Parameter] public string? Secret { get; set; }
    [Parameter] public string? Fault { get; set; }

    internal static void Map(Site site)
    {
        site.Get("/check-proof", (string?)null, (Visit visit) => Page(visit, new { Text = (string?)null }), "Checking a proof");
        site.Post("/check-proof", (string?)null, CheckAsync, "What came of the check").RequireRateLimiting(LookUpRoutes.Limited).WithMetadata(new RequestSizeLimitAttribute(MostBytes + (64 << 10)));
    }

    private static Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult<ProofPage> Page(Visit visit, object parameters, int status = 200) => visit.Page<ProofPage>(visit.Say["Check a proof", "Kiểm tra bằng chứng"], parameters, status);

    private static async Task<IResult> CheckAsync(Visit visit)
    {
        var form = await visit.Http.Request.ReadFormAsync(visit.Cancel);
        var (text, secret) = (form["proof"].ToString(), form["secret"].ToString().Trim());
        if (form.Files["file"] is { Length: > 0 } file)
        {
            using var reader = new StreamReader(file.OpenReadStream());
            text = await reader.ReadToEndAsync(visit.Cancel);
        }
        try
        {
            return Page(visit, new { Proofs = await LookUpRoutes.CheckProofsAsync(new(text.Trim(), secret), visit.Centre.Database, visit.Cancel) });
        }
        catch (UserError e) when (e.Code is "bad-proof" or "bad-checkpoint" or "bad-field")
        {
            return Page(visit, new { Text = form["proof"].ToString(), Secret = secret, Fault = $"{visit.Say["It does not hold", "Bằng chứng không đúng"]}: {e.Message}" }, 422);
        }
    }
}
