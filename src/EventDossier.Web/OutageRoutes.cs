using System.Globalization;
using EventDossier.Applicants;
using EventDossier.Dossiers;
using EventDossier.Outages;
using EventDossier.Record;
using EventDossier.Web.LookUp;
using EventDossier.Web.Slips;

namespace EventDossier.Web;

/// <summary>Slips printed ahead for a place that may be cut off, its outages, and the paper that is typed in afterwards.</summary>
internal static class OutageRoutes
{
    public static void MapOutages(this WebApplication app)
    {
        var outages = app.MapGroup("/api/outages").WithTags("outages");
        outages.MapGet("", ListAsync).WithSummary("All outages, by number").Answers(Examples.Outages);
        outages.MapPost("", DeclareAsync).WithSummary("Declares an outage: `number`, `unit`, `reason`, `from`").Needs(Examples.OutageDeclared).Answers(Examples.Outage);
        outages.MapPost("/ends", EndAsync).WithSummary("The place is reached again: `number`, `to`").Needs(Examples.OutageEnded).Answers(Examples.Outage);
        outages.MapPost("/entries", EnterAsync).WithSummary("Types in the slips of an outage, each from the time on its paper and answered on its own: `number`, `approvedBy`, `items`")
            .Needs(Examples.OutageEntries).Answers(Examples.DoneMany);
        var blocks = app.MapGroup("/api/number-blocks").WithTags("outages");
        blocks.MapPost("", ReserveAsync).WithSummary("Sets a block of numbers aside: `name`, `agency`, `unit`, `day`, `count`; the same again goes on with it").Needs(Examples.BlockReserved).Answers(Examples.Block);
        blocks.MapGet("", ShowAsync).WithSummary("The numbers of a `block`, and which are used").Takes("block").Answers(Examples.Block);
        blocks.MapPost("/voids", VoidAsync).WithSummary("Voids what is still unused of the block `name`, for a `reason`").Needs(Examples.BlockVoided).Answers(Examples.Block);
        blocks.MapGet("/slips", PrintAsync).WithSummary("The slips of a `block`, to print ahead: number, key and secret, with blanks to be filled in by hand").Takes("block").AnswersWith("text/html");
    }

    internal sealed record Declared(string? Number = null, string? Unit = null, string? Reason = null, string? From = null);

    internal sealed record Ended(string? Number = null, string? To = null);

    internal sealed record Entries(string? Number = null, string? ApprovedBy = null, IReadOnlyList<Entry>? Items = null);

    internal sealed record Entry(
        string? Code = null, string? Procedure = null, string? ReceivedAt = null, string? Channel = null, string? Unit = null, string? Officer = null, Applicant? Applicant = null);

    internal sealed record Block(string? Name = null, string? Agency = null, string? Unit = null, string? Day = null, int? Count = null);

    internal sealed record Void(string? Name = null, string? Reason = null);

    internal sealed record BlockTold(string Name, NumberBlockReserved Reserved, IReadOnlyList<OutageDesk.Reserved> Numbers);

    public static OutageDesk DeskOf(Centre centre) => new(centre.Database, centre.Desk);

    private static async Task<IResult> ListAsync(Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Outages, centre, cancel);
        return Results.Ok(new Listed<Outage>(await DeskOf(centre).AllAsync(cancel)));
    }

    private static async Task<IResult> DeclareAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Declared>(http.Request);
        var context = await ContextAsync(http, caller, centre, Bodies.Moment("from", body.From, optional: true));
        return Of(await DeskOf(centre).DeclareAsync(Bodies.Text("number", body.Number), new(Bodies.Text("unit", body.Unit), body.Reason ?? ""), context, http.RequestAborted));
    }

    private static async Task<IResult> EndAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Ended>(http.Request);
        var context = await ContextAsync(http, caller, centre, Bodies.Moment("to", body.To, optional: true));
        return Of(await DeskOf(centre).EndAsync(Bodies.Text("number", body.Number), context, http.RequestAborted));
    }

    private static async Task<IResult> EnterAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Entries>(http.Request);
        if (body.Items is not { Count: > 0 and <= NumberBlock.Most } items)
            throw Bodies.Bad("items", $"a list of 1 to {NumberBlock.Most} slips");
        if (Rights.For(caller, ReceiveReserved.Rule) is not var (role, _))
            throw new UserError("not-allowed", $"{ReceiveReserved.Rule.Name} is for {string.Join(", ", ReceiveReserved.Rule.By)}");
        var entries = items.Index().Select(item => new OutageEntry(
            Asked.Code(Bodies.Text($"items[{item.Index}].code", item.Item.Code)), Bodies.Text($"items[{item.Index}].procedure", item.Item.Procedure),
            Bodies.Moment($"items[{item.Index}].receivedAt", item.Item.ReceivedAt)!.Value)
        {
            Channel = item.Item.Channel ?? "counter", Unit = item.Item.Unit, Officer = item.Item.Officer, Applicant = item.Item.Applicant,
        }).ToList();
        var context = Bodies.Context(http, caller, centre, role) with { ApprovedBy = body.ApprovedBy };
        var results = await DeskOf(centre).EnterAsync(Bodies.Text("number", body.Number), entries, () => Task.FromResult(centre.Keys), context, http.RequestAborted);
        return Results.Ok(new Listed<DoneOrRefused>([.. results.Select(r => new DoneOrRefused(r.Code, r.Version, r.Position, r.Refusal))]));
    }

    private static async Task<IResult> ReserveAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Block>(http.Request);
        var day = body.Day is null ? DateOnly.FromDateTime(centre.Now.DateTime)
            : DateOnly.TryParseExact(body.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var named) ? named : throw Bodies.Bad("day", "a date such as 2026-05-06");
        var act = new ReserveNumbers(Bodies.Text("agency", body.Agency), Bodies.Text("unit", body.Unit), day, body.Count ?? throw Bodies.Bad("count", "how many numbers"));
        return Of(await DeskOf(centre).ReserveAsync(Bodies.Text("name", body.Name), act, await ContextAsync(http, caller, centre, null), http.RequestAborted));
    }

    private static async Task<IResult> ShowAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Outages, centre, cancel);
        return Of(await DeskOf(centre).ShowAsync(Asked.Text(request, "block") ?? throw new UserError("bad-query", "block: its name"), cancel));
    }

    private static async Task<IResult> VoidAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Void>(http.Request);
        return Of(await DeskOf(centre).VoidAsync(Bodies.Text("name", body.Name), body.Reason ?? "", await ContextAsync(http, caller, centre, null), http.RequestAborted));
    }

    public static async Task<IResult> PrintAsync(HttpContext http, Caller caller, Centre centre, LookUps lookUps, IConfiguration configuration)
    {
        var cancel = http.RequestAborted;
        await Scope.OfAsync(caller, Rights.OutageActs, centre, cancel);
        var result = await DeskOf(centre).ShowAsync(Asked.Text(http.Request, "block") ?? throw new UserError("bad-query", "block: its name"), cancel);
        var tree = new RecordTree(centre.Database.App);
        var sheets = new List<(string Code, LookUpOnSlip LookUp)>();
        foreach (var number in result.Numbers.Where(n => n.State == "reserved"))
        {
            sheets.Add((number.Code, new(new(new Uri(configuration["Public:Url"] ?? $"{http.Request.Scheme}://{http.Request.Host}"), "/look-up"), number.Code,
                await lookUps.KeyAsync($"{number.Code}/01-1", cancel), await tree.SecretAsync(number.Code, cancel))));
        }
        return SlipRoutes.Sheet(http, SlipAhead.Of(result.Block!, sheets, await centre.Desk.RulesAsync(cancel), centre.Now, centre.Database.IsSample));
    }

    private static IResult Of(OutageDesk.Result result) => result.Refusal is { } refusal ? Problems.Of(refusal) : Results.Ok(result.Outage);

    private static IResult Of(OutageDesk.BlockResult result) =>
        result.Refusal is { } refusal ? Problems.Of(refusal) : Results.Ok(new BlockTold(result.Block!.Name, result.Block.Reserved, result.Numbers));

    private static async Task<ActContext> ContextAsync(HttpContext http, Caller caller, Centre centre, DateTimeOffset? at)
    {
        await Scope.OfAsync(caller, Rights.OutageActs, centre, http.RequestAborted);
        return Bodies.Context(http, caller, centre, caller.Roles.Contains(Role.Administrator) ? Role.Administrator : Role.Supervisor, at);
    }
}
