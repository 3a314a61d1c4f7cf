using System.Globalization;
using EventDossier.Audit;

namespace EventDossier.Web;

/// <summary>Who was handed personal data: for auditors, and for citizens of what is theirs.</summary>
internal static class AccessRoutes
{
    public static void MapAccess(this WebApplication app) =>
        app.MapGet("/api/access", FindAsync).WithTags("audit").WithSummary("Who signed in, and who was handed personal data, of which dossier, the newest first").Takes("code", "actor", "cursor", "limit", "after");

    private static async Task<IResult> FindAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        var (code, limit, cursor) = (Asked.Text(request, "code"), Asked.Limit(request), Asked.Cursor(request, 2));
        var scope = await Scope.OfAsync(caller, Rights.Access, centre, cancel);
        if (code is not null)
            await DossierRoutes.RefuseAsync(code, Rights.Access, caller, centre, cancel);
        else if (scope.Reach != Reach.All)
            throw new UserError("not-allowed", "name the dossier with code=");
        var before = cursor is null ? default((long, string)?) : (Asked.Whole(cursor[0]), cursor[1]);
        await Asked.AfterAsync(request, AccessLog.View, centre.Database);
        var rows = await AccessLog.View.FindAsync(centre.Database.App, code, Asked.Text(request, "actor"), before, limit, cancel);
        return Results.Ok(Asked.Page(rows, limit, row => [row.Position.ToString(CultureInfo.InvariantCulture), row.Code]));
    }
}
