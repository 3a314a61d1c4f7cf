using System.Text.Json;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Web;

/// <summary>An act on its way to the desk, as data: it may be kept, and be carried out by another process after the end of this one.</summary>
/// <param name="Code">Null where the act begins a dossier.</param>
/// <param name="Request">The act; after a journey, its JSON.</param>
/// <param name="Reach">How far the caller's right goes, for which dossiers is asked when it is carried out.</param>
/// <param name="Expected">The version that the caller last saw.</param>
internal sealed record Errand(
    string Act, string? Code, object Request, Caller Caller, Reach Reach, CommandMetadata Who, DateTimeOffset Now, DateTimeOffset At, string? ApprovedBy, long? Expected)
{
    public async Task<Desk.Result> CarryOutAsync(Centre centre, CancellationToken cancel)
    {
        var kind = Acts.All.Single(known => known.Rule.Name == Act);
        var request = Request is JsonElement json ? json.Deserialize(kind.Request, ProductEvents.Names.Json)! : Request;
        var scope = await Scope.OfAsync(Caller, Reach, centre, cancel);
        return await kind.DoAsync(centre.Desk, Code, request, new(Now, Who, At, ApprovedBy)
        {
            Unless = dossier => scope.Right(dossier)
                ?? (Expected is { } version && version != dossier.Version ? new("version-mismatch", $"{dossier.Code} is at version {dossier.Version}, not {version}") : null),
        }, cancel);
    }
}
