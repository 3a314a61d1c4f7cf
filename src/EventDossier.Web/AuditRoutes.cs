using EventDossier.Audit;
using EventDossier.Dossiers;

namespace EventDossier.Web;

/// <summary>Histories step by step, for auditors.</summary>
internal static class AuditRoutes
{
    public static void MapAudit(this WebApplication app)
    {
        var audit = app.MapGroup("/api/audit").WithTags("audit");
        audit.MapGet("/{code}", ReplayAsync).WithSummary("A dossier's history step by step: what each event changed, the clock, due dates and alerts; or what lies between two moments").Takes("from", "to");
    }

    private static async Task<IResult> ReplayAsync(string code, HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Audit, centre, cancel);
        var (dossier, from, to) = (Asked.Code(code), Asked.AsOf(request, "from"), Asked.AsOf(request, "to"));
        return from is null && to is null
            ? Results.Ok(new { code = dossier, steps = await Replay.OfAsync(centre.Database, dossier, centre.Now, cancel) })
            : Results.Ok(Replay.Between(dossier, await History.ReadAsync(centre.Database.Log, dossier, new(), cancel), from ?? new(Version: 0), to ?? new()));
    }
}
