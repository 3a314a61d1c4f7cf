using EventDossier.Applicants;
using EventDossier.Audit;

namespace EventDossier.Web;

/// <summary>What is known of a dossier, for somebody who trusts neither the centre nor its machine.</summary>
internal static class PackRoutes
{
    public static void MapPacks(this WebApplication app) =>
        app.MapGet("/api/audit/{code}/pack", MakeAsync).WithTags("audit").WithSummary("An evidence pack: a zip that `dossier pack check` verifies elsewhere").Takes("names", "reason").AnswersWith("application/zip");

    public static async Task<IResult> MakeAsync(string code, HttpContext http, Caller caller, Centre centre)
    {
        var (cancel, named) = (http.RequestAborted, Asked.Flag(http.Request, "names") is true);
        code = Asked.Code(code);
        await DossierRoutes.RefuseAsync(code, Rights.Packs, caller, centre, cancel);
        if (named)
            await DossierRoutes.RefuseAsync(code, Rights.Names, caller, centre, cancel);
        http.Response.Headers.CacheControl = "no-store";
        var pack = await EvidencePack.OfAsync(centre.Database, code, named ? (centre.Personal, Asked.Reader(http, caller, Rights.Names)) : default((PersonalData, Reader)?), cancel);
        return Results.File(pack.ToZip(), "application/zip", $"{code.Replace('/', '-')}.zip");
    }
}
