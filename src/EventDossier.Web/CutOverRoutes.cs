using EventDossier.Import;

namespace EventDossier.Web;

/// <summary>What came with imports from an older system, and the two systems side by side.</summary>
internal static class CutOverRoutes
{
    public static void MapCutOver(this WebApplication app)
    {
        var cutOver = app.MapGroup("/api/cut-over").WithTags("cut-over");
        cutOver.MapGet("", ListAsync).WithSummary("Imports, and what was told once of dossiers late or due already: to you, to your units, or to all").Answers(Examples.CutOvers);
        cutOver.MapPost("/comparisons", CompareAsync).WithSummary("The older system's due dates against ours, each difference explained by the days between: `items` of `code` and `due`")
            .Needs(Examples.OlderDates).Answers(Examples.ComparedDates);
    }

    internal sealed record Dates(IReadOnlyList<Date>? Items = null);

    internal sealed record Date(string? Code = null, string? Due = null);

    private static async Task<IResult> ListAsync(Caller caller, Centre centre, CancellationToken cancel) =>
        Results.Ok(new Listed<CutOver>(await OfAsync(await Scope.OfAsync(caller, Rights.CutOver, centre, cancel), centre, cancel)));

    /// <summary>With the digests that the caller may see.</summary>
    public static async Task<IReadOnlyList<CutOver>> OfAsync(Scope scope, Centre centre, CancellationToken cancel) =>
    [
        .. (await CutOver.AllAsync(centre.Database, cancel)).Select(import => import with
        {
            Backlog = [.. import.Backlog.Where(b => scope.Reach == Reach.All || b.To.Person == scope.Caller.Actor || (scope.Reach == Reach.Unit && scope.Units!.Contains(b.To.Unit ?? "")))],
        }),
    ];

    private static async Task<IResult> CompareAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Dates>(http.Request);
        if (body.Items is not { Count: > 0 and <= DueComparison.Most } items)
            throw Bodies.Bad("items", $"1 to {DueComparison.Most} dates");
        var older = items.Index().Select(item => Read($"items[{item.Index}]", item.Item.Code, item.Item.Due)).ToList();
        return Results.Ok(await ComparedAsync(older, caller, centre, http.RequestAborted));
    }

    /// <exception cref="UserError"><c>not-allowed</c></exception>
    public static async Task<DueComparison> ComparedAsync(IReadOnlyList<OlderDue> older, Caller caller, Centre centre, CancellationToken cancel) =>
        (await Scope.OfAsync(caller, Rights.CutOver, centre, cancel)).Reach == Reach.All
            ? await DueComparison.OfAsync(centre.Database, older, cancel)
            : throw new UserError("not-allowed", "the two systems are compared by those who see the whole centre");

    private static OlderDue Read(string name, string? code, string? due)
    {
        try
        {
            return OlderDue.Of(code ?? "", due ?? "");
        }
        catch (FormatException e)
        {
            throw Bodies.Bad(name, e.Message);
        }
    }
}
