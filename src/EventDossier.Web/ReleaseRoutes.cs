using System.Text.Json;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Releases;
using EventDossier.Store;
using EventDossier.Web.Pages;

namespace EventDossier.Web;

/// <summary>Releases by the same desk as <c>dossier release</c>: who acts is the token's, never the body's.</summary>
internal static class ReleaseRoutes
{
    public static void MapReleases(this WebApplication app)
    {
        var releases = app.MapGroup("/api/releases").WithTags("releases");
        releases.MapGet("", ListAsync).WithSummary("All releases, by number").Answers(Examples.Releases);
        releases.MapPost("", DraftAsync).WithSummary("Drafts a release of a `period`, or `from` and `to`; `agency`, `procedure`, `k`, `supersedes` with its `reason`, `request`, `approver` and a list of `accepted` texts may be named")
            .Needs(Examples.ReleaseDraft).Answers(Examples.Release, status: 201);
        releases.MapGet("/{number}", ShowAsync).WithSummary("One release, with what the gate said of it").Answers(Examples.Release);
        releases.MapGet("/{number}/disclosure", DisclosureAsync).WithSummary("The disclosure report of the files as they were checked last").Answers(Examples.Disclosure);
        releases.MapGet("/{number}/tampered", TamperedAsync).WithSummary("Files of a published release that are not as they were published").Answers(Examples.TamperedFiles);
        releases.MapPost("/{number}/check", (string number, HttpContext http, Caller caller, Centre centre) => DoAsync(http, caller, centre, context =>
            centre.Releases.CheckAsync(number, context, cancel: http.RequestAborted))).WithSummary("Makes the files and asks the gate").Answers(Examples.Release);
        releases.MapPost("/{number}/approve", (string number, HttpContext http, Caller caller, Centre centre) => DoAsync(http, caller, centre, context =>
            centre.Releases.ApproveAsync(number, new(), context, http.RequestAborted))).WithSummary("A second person answers for what was checked").Answers(Examples.Release);
        releases.MapPost("/{number}/publish", (string number, HttpContext http, Caller caller, Centre centre) => DoAsync(http, caller, centre, context =>
            centre.Releases.PublishAsync(number, context, cancel: http.RequestAborted))).WithSummary("Makes the files once more, asks the gate once more, and hands them out").Answers(Examples.Release);
        releases.MapPost("/{number}/withdraw", WithdrawAsync).WithSummary("Takes a release back, for a `reason`").Needs(Examples.ReleaseWithdrawal).Answers(Examples.Release);
        releases.MapGet("/timetable", TimetableAsync).WithSummary("What is to be published when, and what is late").Answers(Examples.Publications);
        releases.MapPost("/timetable", PlanAsync).WithSummary("Plans the release of a `period`, or `from` and `to`, for `dueAt`").Needs(Examples.PublicationPlan).Answers(Examples.Publications);
        releases.MapGet("/late", LateAsync).WithSummary("Publications that are late and were told to the caller, until they are out").Answers(Examples.Publications);
        releases.MapGet("/requests", RequestsAsync).WithSummary("The register of requests for information").Answers(Examples.Requests);
        releases.MapPost("/requests", EnterAsync).WithSummary("Enters a request: `number`, `requester`, `scope`, `basis`, `answerBy`").Needs(Examples.RequestAsked).Answers(Examples.Request);
        releases.MapPost("/requests/answers", AnswerAsync).WithSummary("Answers a request, `number`, with a `release` that is out, or says why it is `refused`").Needs(Examples.RequestAnswered).Answers(Examples.Request);
    }

    internal sealed record Draft(
        string? Period = null, string? From = null, string? To = null, string? Agency = null, string? Procedure = null, int? K = null, string? Supersedes = null, string? Reason = null,
        string? Request = null, string? Approver = null, IReadOnlyList<string>? Accepted = null)
    {
        /// <exception cref="UserError"><c>bad-field</c></exception>
        public DraftRelease Act()
        {
            var (from, to) = ReleaseRoutes.Period(Period, From, To);
            return new(from, to)
            {
                Agency = Agency, Procedure = Procedure, K = K ?? new Privacy().K, Supersedes = Supersedes, Reason = Reason, Request = Request, Approver = Approver, Accepted = Accepted,
            };
        }
    }

    internal sealed record Withdrawal(string? Reason = null);

    internal sealed record Plan(string? Period = null, string? From = null, string? To = null, string? DueAt = null);

    internal sealed record Asking(string? Number = null, Requester? Requester = null, string? Scope = null, string? Basis = null, string? AnswerBy = null)
    {
        /// <exception cref="UserError"><c>bad-field</c></exception>
        public EnterRequest Act() => new(Requester ?? throw Bad("requester", "missing"), Scope ?? "", Basis ?? "", AnswerBy is null ? null : Moment("answerBy", AnswerBy));
    }

    internal sealed record Answering(string? Number = null, string? Release = null, string? Refused = null);

    private static async Task<IResult> ListAsync(Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Releases, centre, cancel);
        return Results.Ok(new Listed<Release>(await Release.AllAsync(centre.Database, cancel)));
    }

    private static async Task<IResult> ShowAsync(string number, HttpContext http, Caller caller, Centre centre)
    {
        await Scope.OfAsync(caller, Rights.Releases, centre, http.RequestAborted);
        return Of(await FindAsync(number, centre, http.RequestAborted), http);
    }

    private static async Task<IResult> DisclosureAsync(string number, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Releases, centre, cancel);
        var file = Path.Combine(FolderOf(await FindAsync(number, centre, cancel), centre), ReleaseBuilder.Report);
        return File.Exists(file) ? Results.File(file, "application/json") : throw new UserError("no-such-file", $"{number} has no report here: check it");
    }

    /// <summary>Where its files lie: with the drafts until it is out, and again once it is withdrawn.</summary>
    public static string FolderOf(Release release, Centre centre) =>
        release is { Published: not null, Withdrawn: null } ? centre.Releases.PublishedOf(release.Number) : centre.Releases.DraftOf(release.Number);

    /// <summary>The disclosure report as it was written; null where none is here.</summary>
    public static async Task<Disclosure?> ReportAsync(Release release, Centre centre, CancellationToken cancel)
    {
        var file = Path.Combine(FolderOf(release, centre), ReleaseBuilder.Report);
        return File.Exists(file) ? JsonSerializer.Deserialize<Disclosure>(await File.ReadAllBytesAsync(file, cancel), JsonSerializerOptions.Web) : null;
    }

    private static async Task<IResult> TamperedAsync(string number, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Releases, centre, cancel);
        return Results.Ok(new Listed<ReleaseDesk.Tampered>(await centre.Releases.VerifyAsync((await FindAsync(number, centre, cancel)).Number, cancel)));
    }

    private static async Task<IResult> DraftAsync(HttpContext http, Caller caller, Centre centre)
    {
        var act = (await Bodies.ReadAsync<Draft>(http.Request)).Act();
        return await DoAsync(http, caller, centre, context => centre.Releases.DraftAsync(act, context, http.RequestAborted), release => Results.Created($"/api/releases/{release.Number}", release));
    }

    private static async Task<IResult> WithdrawAsync(string number, HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Withdrawal>(http.Request);
        return await DoAsync(http, caller, centre, context => centre.Releases.WithdrawAsync(number, new(body.Reason ?? ""), context, http.RequestAborted));
    }

    private static async Task<IResult> TimetableAsync(Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Releases, centre, cancel);
        return Results.Ok(new Listed<PublicationTold>(await PlannedAsync(await Release.AllAsync(centre.Database, cancel), centre, cancel)));
    }

    private static async Task<IResult> LateAsync(Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Releases, centre, cancel);
        var late = await PublicationTimetable.InboxAsync(centre.Database, caller.Actor, centre.Now, cancel);
        return Results.Ok(new Listed<PublicationTold>([.. late.Select(e => new PublicationTold(e.From, e.To, e.DueAt, null, true, e.LateAt, e.Told))]));
    }

    public static async Task<IReadOnlyList<PublicationTold>> PlannedAsync(IReadOnlyList<Release> releases, Centre centre, CancellationToken cancel) =>
    [
        .. (await PublicationTimetable.LoadAsync(centre.Database, cancel)).Entries.OrderBy(e => e.DueAt)
            .Select(e => new PublicationTold(e.From, e.To, e.DueAt, e.Of(releases)?.Number, e.IsLate(releases, centre.Now), e.LateAt, e.Told)),
    ];

    private static async Task<IResult> PlanAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Plan>(http.Request);
        var (from, to) = Period(body.Period, body.From, body.To);
        var context = await ContextAsync(http, caller, centre);
        return await PublicationTimetable.PlanAsync(centre.Database, from, to, Moment("dueAt", body.DueAt), context, http.RequestAborted) is { } refusal
            ? Problems.Of(refusal) : await TimetableAsync(caller, centre, http.RequestAborted);
    }

    private static async Task<IResult> RequestsAsync(Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Releases, centre, cancel);
        return Results.Ok(new Listed<InformationRequest>(await InformationRequest.AllAsync(centre.Database, cancel)));
    }

    private static async Task<IResult> EnterAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Asking>(http.Request);
        return Of(await centre.Releases.EnterAsync(Number(body.Number), body.Act(), await ContextAsync(http, caller, centre), http.RequestAborted));
    }

    private static async Task<IResult> AnswerAsync(HttpContext http, Caller caller, Centre centre)
    {
        var body = await Bodies.ReadAsync<Answering>(http.Request);
        return Of(await centre.Releases.AnswerAsync(Number(body.Number), new(body.Release, body.Refused), await ContextAsync(http, caller, centre), http.RequestAborted));
    }

    private static async Task<IResult> DoAsync(HttpContext http, Caller caller, Centre centre, Func<ActContext, Task<ReleaseDesk.Result>> act, Func<Release, IResult>? answer = null)
    {
        var result = await act(await ContextAsync(http, caller, centre));
        return result.Refusal is { } refusal ? Problems.Of(refusal) : answer?.Invoke(result.Release!) ?? Of(result.Release!, http);
    }

    private static IResult Of(Release release, HttpContext http)
    {
        http.Response.Headers.ETag = Asked.ETag(release.Version);
        return Results.Ok(release);
    }

    private static IResult Of(ReleaseDesk.RequestResult result) => result.Refusal is { } refusal ? Problems.Of(refusal) : Results.Ok(result.Request);

    public static async Task<Release> FindAsync(string number, Centre centre, CancellationToken cancel) =>
        await centre.Releases.FindAsync(number, cancel) ?? throw new UserError("no-such-release", $"there is no release {number}");

    /// <summary>The director acts on releases as a supervisor; of others' roles only the transparency officer's will do.</summary>
    private static async Task<ActContext> ContextAsync(HttpContext http, Caller caller, Centre centre)
    {
        await Scope.OfAsync(caller, Rights.ReleaseActs, centre, http.RequestAborted);
        return Bodies.Context(http, caller, centre, RoleOf(caller));
    }

    private static string RoleOf(Caller caller) => caller.Roles.Contains(Role.TransparencyOfficer) ? Role.TransparencyOfficer : Role.Supervisor;

    /// <summary>Of what a form asks for.</summary>
    public static ActContext Context(Visit visit, IFormCollection form) =>
        Bodies.Context(visit.Caller, visit.Centre, RoleOf(visit.Caller), PlainForms.KeyOf(visit.Http.Request, form));

    public static (DateTimeOffset From, DateTimeOffset To) Period(string? period, string? from, string? to) => period is null ? (Moment("from", from), Moment("to", to))
        : from is null && to is null && CentreTime.ReadPeriod(period) is { } read ? read : throw Bad("period", "2026, 2026-Q1 or 2026-10, without from and to");

    public static string Number(string? number) => number is { Length: > 0 and <= 100 } ? number : throw Bad("number", "at most 100 characters");

    public static DateTimeOffset Moment(string name, string? text) => text is not null && CentreTime.Read(text) is { } at ? at : throw Bad(name, "a time such as 2026-05-06T17:00:00+07:00");

    private static UserError Bad(string name, string wanted) => new("bad-field", $"$.{name}: {wanted}");
}

/// <param name="Release">The number of the one that is out; null while there is none.</param>
/// <param name="Told">To whom its lateness was told.</param>
public sealed record PublicationTold(
    DateTimeOffset From, DateTimeOffset To, DateTimeOffset DueAt, string? Release, bool Late, DateTimeOffset? LateAt, IReadOnlyList<string> Told);
