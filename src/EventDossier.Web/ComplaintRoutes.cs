using System.Text;
using System.Threading.RateLimiting;
using EventDossier.Complaints;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;
using EventDossier.Web.LookUp;

namespace EventDossier.Web;

/// <summary>Complaints and suggestions: in without sign-in or from paper, followed by number and key, answered by who is not concerned.</summary>
internal static class ComplaintRoutes
{
    public const string Limited = "complaints";

    public static void AddComplaints(this WebApplicationBuilder builder)
    {
        // Several of one household, or of one hall with a kiosk; a flood is cut off.
        builder.Services.AddRateLimiter(limits => limits.AddPolicy(Limited, http => RateLimitPartition.GetTokenBucketLimiter($"{http.Connection.RemoteIpAddress}", _ => new()
        {
            TokenLimit = 10, TokensPerPeriod = 10, ReplenishmentPeriod = TimeSpan.FromMinutes(1), AutoReplenishment = true,
        })));
    }

    public static void MapComplaints(this WebApplication app)
    {
        var complaints = app.MapGroup("/api/complaints").WithTags("complaints");
        complaints.MapPost("", SendAsync).WithSummary("A complaint, feedback or a suggestion of anybody; the answer has the number and the key by which it is followed")
            .Needs(Examples.ComplaintSent).Answers(Examples.ComplaintRegistered).AllowAnonymous().RequireRateLimiting(Limited);
        complaints.MapPost("/follow", FollowAsync).WithSummary("Where it stands and what was answered, for who has its `number` and `key`")
            .Needs(Examples.ComplaintHeld).Answers(Examples.ComplaintFollowed).AllowAnonymous().RequireRateLimiting(LookUpRoutes.Limited);
        complaints.MapPost("/paper", EnterAsync).WithSummary("One that came in writing, entered by a clerk whom it is not about")
            .Needs(Examples.ComplaintOnPaper).Answers(Examples.ComplaintRegistered);
        complaints.MapGet("", ListAsync).Takes("all").WithSummary("The complaints that you see to, without what they say").Answers(Examples.Complaints);
        complaints.MapGet("/limits", LimitsAsync).Takes("at").WithSummary("How long complaints may take, with the basis").Answers(Examples.ComplaintLimits);
        complaints.MapPost("/limits", DecideAsync).Takes("from").WithSummary("Decides how long complaints may take, from now or a later day on: a list with one for each kind")
            .Needs(Examples.ComplaintLimitList).Answers(Examples.ComplaintLimits);
        complaints.MapGet("/{number}", ShowAsync).Takes("reason").WithSummary("What it says and who made it; that you read it stays with it").Answers(Examples.ComplaintOpened);
        complaints.MapPost("/{number}/accept", AcceptAsync).WithSummary("It will be answered; `unit` and `person` name who else it is about").Needs(Examples.ComplaintAcceptance).Answers(Examples.ComplaintTold);
        complaints.MapPost("/{number}/decline", DeclineAsync).WithSummary("It is not for this centre to answer, for a `reason` that is told").Needs(Examples.ComplaintReason).Answers(Examples.ComplaintTold);
        complaints.MapPost("/{number}/assign", AssignAsync).WithSummary("A `unit` that it is not about answers it, there a `handler`").Needs(Examples.ComplaintAssignment).Answers(Examples.ComplaintTold);
        complaints.MapPost("/{number}/answer", AnswerAsync).WithSummary("What whoever made it reads").Needs(Examples.ComplaintAnswer).Answers(Examples.ComplaintTold);
        complaints.MapPost("/{number}/close", CloseAsync).WithSummary("What came of it").Needs(Examples.ComplaintClosing).Answers(Examples.ComplaintTold);
    }

    /// <param name="Person">Id of a member of staff; only from paper.</param>
    /// <param name="ReceivedAt">Stamped on the paper; only from paper.</param>
    internal sealed record Sent(
        ComplaintKind? Kind = null, ComplainantKind? From = null, string? Text = null, string? Dossier = null, string? Unit = null, string? Name = null, string? Phone = null, string? Mail = null,
        string? Address = null, string? Person = null, string? ReceivedAt = null)
    {
        /// <exception cref="UserError"><c>bad-field</c></exception>
        public RegisterComplaint Act() => new(Kind ?? throw Bodies.Bad("kind", "missing"), From ?? ComplainantKind.Citizen, new(Empty(Dossier), Empty(Unit), Empty(Person)),
            new(Text?.Trim() ?? "") { Name = Empty(Name), Phone = Empty(Phone), Mail = Empty(Mail), Address = Empty(Address) });

        private static string? Empty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
    }

    internal sealed record Held(string? Number = null, string? Key = null);

    internal sealed record Acceptance(string? Unit = null, string? Person = null);

    internal sealed record Declining(string? Reason = null);

    internal sealed record Assignment(string? Unit = null, string? Handler = null);

    internal sealed record Answering(string? Text = null);

    internal sealed record Closing(ComplaintOutcome? Outcome = null);

    public static ComplaintDesk DeskOf(Centre centre) => new(centre.Database, centre.Desk, () => Task.FromResult(centre.Keys));

    /// <summary>Somebody without sign-in, under a key that their form was made with.</summary>
    public static ActContext Anonymous(Centre centre, string? key, string request)
    {
        const string actor = "citizen";
        var now = centre.Now;
#pragma warning disable RS0030 // Composition: here a new command gets its id.
        var command = key is null ? Guid.NewGuid() : CommandMetadata.IdOf(actor, key);
#pragma warning restore RS0030
        return new(now, new(command, actor, Role.Citizen, Request: key is null ? null : request), now);
    }

    /// <summary>How far somebody sees complaints.</summary>
    /// <exception cref="UserError"><c>not-allowed</c></exception>
    public static async Task<ComplaintReader> ReaderAsync(Caller caller, Centre centre, string right, CancellationToken cancel)
    {
        var scope = await Scope.OfAsync(caller, right, centre, cancel);
        return new(caller.Actor, RoleOf(caller), caller.Units, scope.Reach switch { Reach.All => null, Reach.Unit => scope.Units, _ => new HashSet<string>() });
    }

    /// <summary>The furthest that sees complaints; an auditor is one who is nothing else.</summary>
    public static string RoleOf(Caller caller) => caller.Roles.Contains(Rights.Director) || caller.Roles.Contains(Role.Supervisor) ? Role.Supervisor
        : caller.Roles.Contains(Role.Officer) ? Role.Officer
        : caller.Roles.Contains(Role.Clerk) ? Role.Clerk : caller.Roles.Contains(Role.Auditor) ? Role.Auditor : "";

    private static async Task<IResult> SendAsync(HttpContext http, Centre centre)
    {
        var body = await Bodies.ReadAsync<Sent>(http.Request);
        if ((body.Person ?? body.ReceivedAt) is not null)
            throw Bodies.Bad(body.Person is null ? "receivedAt" : "person", "only from paper");
        var context = Anonymous(centre, Asked.IdempotencyKey(http.Request), CommandMetadata.RequestOf(http.Request.Path, http.Items[nameof(Bodies)] as string));
        http.Response.Headers.CacheControl = "no-store";
        return Of(await DeskOf(centre).RegisterAsync(body.Act(), null, context, http.RequestAborted));
    }

    private static async Task<IResult> FollowAsync(HttpContext http, Centre centre)
    {
        var body = await Bodies.ReadAsync<Held>(http.Request);
        http.Response.Headers.CacheControl = "no-store";
        return await DeskOf(centre).FollowAsync(body.Number ?? "", body.Key ?? "", http.RequestAborted) is { } opened
            ? Results.Ok(ComplaintFollowed.Of(opened, (await centre.Desk.RulesAsync(http.RequestAborted)).Calendar))
            : Problems.Of(404, "follow-failed", "no complaint has this number and this key");
    }

    private static async Task<IResult> EnterAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Sent>(http.Request);
        var clerk = await ReaderAsync(caller, centre, Rights.ComplaintsOnPaper, http.RequestAborted);
        var context = Bodies.Context(http, caller, centre, clerk.Role, Bodies.Moment("receivedAt", body.ReceivedAt, optional: true));
        http.Response.Headers.CacheControl = "no-store";
        return Of(await DeskOf(centre).RegisterAsync(body.Act(), clerk, context, http.RequestAborted));
    }

    private static async Task<IResult> ListAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        var reader = await ReaderAsync(caller, centre, Rights.Complaints, cancel);
        var calendar = (await centre.Desk.RulesAsync(cancel)).Calendar;
        var complaints = await DeskOf(centre).ListAsync(reader, centre.Now, Asked.Flag(request, "all") ?? false, cancel);
        return Results.Ok(new Listed<ComplaintTold>([.. complaints.Select(c => ComplaintTold.Of(c, calendar, centre.Now))]));
    }

    private static async Task<IResult> ShowAsync(string number, HttpContext http, Caller caller, Centre centre)
    {
        var reader = await ReaderAsync(caller, centre, Rights.Complaints, http.RequestAborted);
        var opened = await DeskOf(centre).OpenAsync(number, reader, Asked.Reader(http, caller, Rights.Complaints), http.RequestAborted);
        http.Response.Headers.CacheControl = "no-store";
        return Results.Ok(new ComplaintOpened(ComplaintTold.Of(opened.Complaint, (await centre.Desk.RulesAsync(http.RequestAborted)).Calendar, centre.Now),
            opened.Statement, opened.Answer, opened.DeclinedFor, opened.Complaint.Readings));
    }

    private static async Task<IResult> AcceptAsync(string number, HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Acceptance>(http.Request);
        return await DoAsync(http, caller, centre, (desk, reader, context) => desk.AcceptAsync(number, new(body.Unit, body.Person), reader, context, http.RequestAborted));
    }

    private static async Task<IResult> DeclineAsync(string number, HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Declining>(http.Request);
        return await DoAsync(http, caller, centre, (desk, reader, context) => desk.DeclineAsync(number, new(body.Reason ?? ""), reader, context, http.RequestAborted));
    }

    private static async Task<IResult> AssignAsync(string number, HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Assignment>(http.Request);
        return await DoAsync(http, caller, centre, (desk, reader, context) => desk.AssignAsync(number, new(Bodies.Text("unit", body.Unit), body.Handler), reader, context, http.RequestAborted));
    }

    private static async Task<IResult> AnswerAsync(string number, HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Answering>(http.Request);
        return await DoAsync(http, caller, centre, (desk, reader, context) => desk.AnswerAsync(number, new(body.Text?.Trim() ?? ""), reader, context, http.RequestAborted));
    }

    private static async Task<IResult> CloseAsync(string number, HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Closing>(http.Request);
        return await DoAsync(http, caller, centre, (desk, reader, context) => desk.CloseAsync(number, new(body.Outcome ?? throw Bodies.Bad("outcome", "missing")), reader, context, http.RequestAborted));
    }

    private static async Task<IResult> DoAsync(HttpContext http, Caller caller, Centre centre, Func<ComplaintDesk, ComplaintReader, ActContext, Task<ComplaintDesk.Result>> act)
    {
        var reader = await ReaderAsync(caller, centre, Rights.ComplaintActs, http.RequestAborted);
        var result = await act(DeskOf(centre), reader, Bodies.Context(http, caller, centre, reader.Role));
        return result.Refusal is { } refusal ? Problems.Of(refusal)
            : Results.Ok(ComplaintTold.Of(result.Complaint!, (await centre.Desk.RulesAsync(http.RequestAborted)).Calendar, centre.Now));
    }

    private static async Task<IResult> LimitsAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Procedures, centre, cancel);
        return Results.Ok(new Listed<ComplaintLimit>(await ComplaintLimits.AtAsync(centre.Database, Asked.Moment(request, "at") ?? centre.Now, cancel)));
    }

    private static async Task<IResult> DecideAsync(HttpContext http, Caller caller, Centre centre)
    {
        await Scope.OfAsync(caller, Rights.Rules, centre, http.RequestAborted);
        var body = Encoding.UTF8.GetBytes(await Bodies.TextAsync(http.Request));
        var from = Asked.Moment(http.Request, "from") is { } later && later > centre.Now ? later : centre.Now;
        await ComplaintLimits.DecideAsync(centre.Database, body, from, Bodies.Context(http, caller, centre, Role.Administrator).Command, http.RequestAborted);
        return Results.Ok(new Listed<ComplaintLimit>(await ComplaintLimits.AtAsync(centre.Database, from, http.RequestAborted)));
    }

    private static IResult Of(ComplaintDesk.Registered registered) => registered.Refusal is { } refusal
        ? Problems.Of(refusal) : Results.Ok(new ComplaintRegistered(registered.Number!, registered.Key!, registered.AcceptBy!.Value));
}

/// <param name="Key">By which it is followed; shown once.</param>
/// <param name="AcceptBy">When it will be accepted or declined at the latest.</param>
public sealed record ComplaintRegistered(string Number, string Key, DateTimeOffset AcceptBy);

/// <summary>A complaint without what it says.</summary>
/// <param name="DueAt">Of what is owed now; null where nothing is.</param>
public sealed record ComplaintTold(
    string Number, ComplaintKind Kind, ComplainantKind From, string Channel, ComplaintStage Stage, DateTimeOffset ReceivedAt, ComplaintSubject About, string? Unit, string? Handler,
    ComplaintDuty? Owed, DateTimeOffset? DueAt, bool Late, DateTimeOffset? AnsweredAt, ComplaintOutcome? Outcome, string Basis, IReadOnlyList<ComplaintOverdue> Alerts)
{
    public static ComplaintTold Of(Complaint complaint, WorkCalendar calendar, DateTimeOffset now)
    {
        var (received, owed) = (complaint.Received, complaint.Owed(calendar));
        return new(
            complaint.Number, received.Kind, received.From, received.Channel, complaint.Stage, received.OccurredAt, received.About, complaint.Assigned?.Unit, complaint.Assigned?.Handler,
            owed?.Duty, owed?.DueAt, now > owed?.DueAt || complaint.Answered?.OccurredAt > complaint.AnswerDue(calendar), complaint.Answered?.OccurredAt, complaint.Closed?.Outcome,
            received.Limit.Basis, complaint.Overdue);
    }
}

/// <param name="Statement">Null where whoever made it was erased.</param>
/// <param name="Readings">Who read it.</param>
public sealed record ComplaintOpened(ComplaintTold Complaint, ComplaintStatement? Statement, string? Answer, string? DeclinedFor, IReadOnlyList<ComplaintRead> Readings);

/// <summary>For whoever made it.</summary>
public sealed record ComplaintFollowed(
    string Number, ComplaintKind Kind, ComplaintStage Stage, DateTimeOffset ReceivedAt, ComplaintDuty? Owed, DateTimeOffset? DueAt, string? Answer, DateTimeOffset? AnsweredAt, string? DeclinedFor,
    ComplaintOutcome? Outcome, string Basis)
{
    public static ComplaintFollowed Of(ComplaintDesk.Opened opened, WorkCalendar calendar)
    {
        var (complaint, owed) = (opened.Complaint, opened.Complaint.Owed(calendar));
        return new(complaint.Number, complaint.Received.Kind, complaint.Stage, complaint.Received.OccurredAt, owed?.Duty, owed?.DueAt, opened.Answer, complaint.Answered?.OccurredAt,
            opened.DeclinedFor, complaint.Closed?.Outcome, complaint.Received.Limit.Basis);
    }
}

/// <summary>Looks every minute for what is late.</summary>
internal sealed class ComplaintWatch(Centre centre) : BackgroundService
{
    private static readonly TimeSpan _every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await ComplaintRoutes.DeskOf(centre).RaiseAsync(centre.Now, stop);
            }
            catch (Exception e) when (Failure.Of(e) is { Exit: 3 } || e is StreamBusyException)
            {
                // The database is away; what is late is late still.
            }
            await Task.Delay(_every, centre.Database.Clock, stop);
        }
    }
}
