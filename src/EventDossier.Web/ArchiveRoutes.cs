using EventDossier.Archives;
using EventDossier.Dossiers;

namespace EventDossier.Web;

/// <summary>Closed years: what is archived, and what not yet. Archives themselves are made and read by the command line, where their folders are.</summary>
internal static class ArchiveRoutes
{
    public static void MapArchives(this WebApplication app) =>
        app.MapGet("/api/archives", ListAsync).WithTags("archives").WithSummary("The years, newest first: what is archived, still open, and not archived yet").Takes("after").Answers(Examples.Archives);

    private static async Task<IResult> ListAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Archives, centre, cancel);
        await Asked.AfterAsync(request, Overview.View, centre.Database);
        return Results.Ok(new Listed<ArchiveYear>(await ArchiveYear.AllAsync(centre.Database, cancel)));
    }
}
