using EventDossier.Dossiers;
using EventDossier.Record;

namespace EventDossier.Web;

/// <summary>The public log for anybody, as C2SP tlog-tiles has it; and proofs that open an event, for those who may see it.</summary>
internal static class RecordRoutes
{
    private const string Forever = "public, max-age=31536000, immutable";

    public static void MapRecord(this WebApplication app)
    {
        app.MapGet("/checkpoint", CheckpointAsync).WithTags("record").WithSummary("What the public log is now: a C2SP tlog-checkpoint").Takes("witnessed").AnswersWith("text/plain", Examples.TextCheckpoint()).AllowAnonymous();
        app.MapGet("/tile/{**path}", TileAsync).WithTags("record").WithSummary("Hashes and entries of the public log: `/tile/0/000`, `/tile/entries/000.p/7`, by C2SP tlog-tiles").AnswersWith("application/octet-stream").AllowAnonymous();
        var record = app.MapGroup("/api/record").WithTags("record");
        record.MapGet("/keys", KeysAsync).WithSummary("The verifier keys of the public log, the one in force last").Answers(Examples.Keys).AllowAnonymous();
        record.MapGet("/proof", ProofAsync).WithSummary("That a leaf stands in the public log").Takes("index").Answers(Examples.LeafProof).AllowAnonymous();
        record.MapGet("/growth", GrowthAsync).WithSummary("That the public log grew from a size to what it is now").Takes("from").Answers(Examples.Growth).AllowAnonymous();
        record.MapGet("/dossiers/{code}", OfDossierAsync).WithSummary("That the sealed events of a dossier stand in the public log, each opened").Takes("event").Answers(Examples.EventProofs);
    }

    private static async Task<IResult> CheckpointAsync(HttpContext http, RecordProofs proofs)
    {
        var (checkpoint, _) = await proofs.CurrentAsync(Asked.Flag(http.Request, "witnessed") ?? false, http.RequestAborted);
        http.Response.Headers.CacheControl = "no-cache";
        return Results.Text($"{checkpoint}", "text/plain; charset=utf-8");
    }

    /// <summary>A hash once told is told for ever; of a partial tile a mirror need not keep the copy.</summary>
    private static async Task<IResult> TileAsync(string path, HttpContext http, Centre centre)
    {
        if (Tile.Parse($"tile/{path}") is not { } tile || await new RecordTree(centre.Database.App).TileAsync(tile, http.RequestAborted) is not { } bytes)
            return Problems.Of(404, "no-such-tile", $"the public log has no tile/{path}");
        http.Response.Headers.CacheControl = tile.IsFull ? Forever : "public, max-age=60";
        return Results.Bytes(bytes, "application/octet-stream");
    }

    private static async Task<IResult> KeysAsync(Centre centre, CancellationToken cancel) =>
        Results.Ok((await RecordKeys.LoadAsync(centre.Database, cancel)).All.Select(key => new KeyTold($"{key.Key}", key.At, key.Vouched)));

    private static async Task<IResult> ProofAsync(HttpContext http, RecordProofs proofs) =>
        Results.Ok(await proofs.OfLeafAsync(Asked.Number(http.Request, "index") ?? throw new UserError("bad-query", "index: a whole number"), http.RequestAborted));

    private static async Task<IResult> GrowthAsync(HttpContext http, RecordProofs proofs) =>
        Results.Ok(await proofs.OfGrowthAsync(Asked.Number(http.Request, "from") ?? throw new UserError("bad-query", "from: a whole number"), http.RequestAborted));

    private static async Task<IResult> OfDossierAsync(string code, HttpContext http, Caller caller, Centre centre, RecordProofs proofs)
    {
        await DossierRoutes.RefuseAsync(Asked.Code(code), Rights.Dossiers, caller, centre, http.RequestAborted);
        var events = await History.ReadAsync(centre.Database.Log, Asked.Code(code), new(), http.RequestAborted);
        return Results.Ok(await proofs.OfEventsAsync(events, Asked.Number(http.Request, "event"), http.RequestAborted));
    }
}
