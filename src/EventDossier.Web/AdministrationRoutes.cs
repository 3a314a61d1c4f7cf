using System.Text;
using EventDossier.Alerts;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Deliveries;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using EventDossier.Procedures;
using EventDossier.Record;
using EventDossier.Store;
using EventDossier.Web.Pages;
using Microsoft.AspNetCore.Mvc;

namespace EventDossier.Web;

/// <summary>What the rules are and who changed them, messages on their way, and work that takes its time.</summary>
internal static class AdministrationRoutes
{
    private const int MostBytesOfRules = 4 << 20;

    public static void MapAdministration(this WebApplication app)
    {
        app.MapGet("/api/calendar", CalendarAsync).WithTags("rules").WithSummary("The decisions on days off and days worked instead, and from when on each is reckoned with").Answers(Examples.Calendar);
        app.MapPost("/api/calendar", EnterAsync).WithTags("rules").WithSummary("Enters decisions; a number entered before is corrected. Open dossiers are told their new dates by the job `reproject`")
            .Needs(Examples.Decisions).Answers(Examples.Entered);
        app.MapPost("/api/calendar/preview", PreviewAsync).WithTags("rules").WithSummary("Begins to find which open dossiers decisions would move; nothing is entered").Needs(Examples.Decisions).Answers(Examples.Task, 202);
        app.MapGet("/api/ladders", LaddersAsync).WithTags("rules").WithSummary("Who is told when: every version of every ladder").Answers(Examples.Ladders);
        app.MapPost("/api/ladders", DecideLadderAsync).WithTags("rules").WithSummary("Decides a ladder: the centre's, or an agency's or a procedure's own; it holds from now on").Takes("agency", "procedure")
            .Needs(Examples.Ladder).Answers(Examples.LadderDecided);
        app.MapPost("/api/ladders/preview", PreviewLadderAsync).WithTags("rules").WithSummary("Begins to find which open dossiers a ladder would alert otherwise from now on; nothing is decided").Takes("agency", "procedure")
            .Needs(Examples.Ladder).Answers(Examples.Task, 202);
        app.MapPost("/api/procedures/preview", PreviewProceduresAsync).WithTags("procedures").WithSummary("Begins to find which open dossiers would get another date if they were taken along to new versions; nothing is published")
            .WithMetadata(new RequestSizeLimitAttribute(MostBytesOfRules)).Needs(Examples.ToPublish).Answers(Examples.Task, 202);
        app.MapPost("/api/procedures", PublishAsync).WithTags("procedures").WithSummary("Publishes what is new or changed, each as a new version; a file of `dossier procedures import` is such a body. With `provision` it corrects: the open dossiers are taken along")
            .Takes("provision").WithMetadata(new RequestSizeLimitAttribute(MostBytesOfRules)).Needs(Examples.ToPublish).Answers(Examples.Published);
        app.MapGet("/api/organisation", OrganisationAsync).WithTags("rules").WithSummary("Units with their posts, who holds and who stands in, at a moment").Takes("at", "unit").Answers(Examples.Organisation);
        app.MapPost("/api/organisation/{change}", ChangeAsync).WithTags("rules")
            .WithSummary($"Tells a change of people and units, judged whole before anything is written: {string.Join(", ", OrganisationChanges.All.Select(c => $"`{c.Name}`"))}")
            .Needs(Examples.OrganisationFact).Answers(Examples.OrganisationTold);
        app.MapGet("/api/outbox", OutboxAsync).WithTags("jobs").WithSummary("Messages to staff and applicants, the latest first").Takes("state", "code", "cursor", "limit").Answers(Examples.Outbox);
        app.MapPost("/api/outbox/{id}/resend", ResendAsync).WithTags("jobs").WithSummary("Sends a message again that is dead or was sent, under its id").Answers(Examples.Resent);
        app.MapPost("/api/audit/verifications", VerifyAsync).WithTags("audit").WithSummary("Begins to hold the log against itself, its views and its seals, as `dossier verify` does").Answers(Examples.Task, 202);
        app.MapGet("/api/tasks/{**task}", TaskAsync).WithTags("jobs").WithSummary("How far a task is, and what came of it").Answers(Examples.Task);
    }

    private static async Task<IResult> CalendarAsync(Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Procedures, centre, cancel);
        return Results.Ok((await centre.Desk.RulesAsync(cancel)).Calendar.Decisions.Select(d => new DecisionTold(d.Number, d.Announced, d.KnownFrom(), d.Settles, d.DaysOff, d.MakeUpDays, d.Source)));
    }

    private static async Task<IResult> EnterAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Rules, centre, cancel);
        var decisions = Decisions(await Bodies.TextAsync(request));
        return Results.Ok(new Entered(await EnterDecisionsAsync(decisions, caller, centre, cancel), decisions.Count));
    }

    /// <returns>How many were new or corrected.</returns>
    public static async Task<int> EnterDecisionsAsync(IReadOnlyList<CalendarDecision> decisions, Caller caller, Centre centre, CancellationToken cancel)
    {
        var changed = await Calendars.EnterAsync(centre.Database, decisions, centre.Now, By(caller), cancel);
        await centre.Desk.FreshRulesAsync(cancel);
        return changed;
    }

    private static async Task<IResult> PreviewAsync(HttpRequest request, Caller caller, Centre centre, LongTasks tasks, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Rules, centre, cancel);
        var state = await BeginPreviewAsync(Decisions(await Bodies.TextAsync(request)), caller, centre, tasks, cancel);
        return Results.Accepted($"/api/tasks/{state.Name}", TaskTold.Of(state));
    }

    /// <summary>The name of somebody's preview: each has one at a time.</summary>
    public static string PreviewOf(Caller caller) => $"calendar-preview/{caller.Actor}";

    /// <exception cref="UserError"><c>bad-decision</c></exception>
    public static async Task<LongTasks.State> BeginPreviewAsync(IReadOnlyList<CalendarDecision> decisions, Caller caller, Centre centre, LongTasks tasks, CancellationToken cancel)
    {
        var (rules, now) = (await Rulebook.LoadAsync(centre.Database, cancel), centre.Now);
        var assumed = rules with { Calendar = Calendars.Assume(decisions, rules.Calendar, DateOnly.FromDateTime(now.DateTime)) };
        return tasks.Begin(PreviewOf(caller), caller.Actor, async (progress, stop) => await Reprojection.PreviewAsync(centre.Database, assumed, now, looked => progress(looked, null), stop));
    }

    /// <exception cref="UserError"><c>bad-json</c></exception>
    public static IReadOnlyList<CalendarDecision> Decisions(string json)
    {
        try
        {
            return CalendarData.ParseDecisions(Encoding.UTF8.GetBytes(json));
        }
        catch (System.Text.Json.JsonException e)
        {
            throw new UserError("bad-json", $"line {e.LineNumber + 1}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private static async Task<IResult> LaddersAsync(Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Procedures, centre, cancel);
        return Results.Ok(await AllLaddersAsync(centre, cancel));
    }

    /// <summary>The newest of each last.</summary>
    public static async Task<IReadOnlyList<Ladders.Version>> AllLaddersAsync(Centre centre, CancellationToken cancel)
    {
        await using var connection = await centre.Database.App.OpenConnectionAsync(cancel);
        return [Ladders.Product, .. (await Ladders.LoadAsync(connection, centre.Database.Names, cancel)).All.OrderBy(v => v.Stream, StringComparer.Ordinal).ThenBy(v => v.Number)];
    }

    private static async Task<IResult> DecideLadderAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Rules, centre, cancel);
        var (agency, procedure) = Whose(request);
        return Results.Ok(await DecideAsync(agency, procedure, await Bodies.TextAsync(request), caller, centre, cancel));
    }

    private static (string? Agency, string? Procedure) Whose(HttpRequest request) => (Asked.Text(request, "agency"), Asked.Text(request, "procedure")) is ({ }, { })
        ? throw new UserError("bad-query", "agency: a ladder is an agency's or a procedure's, not both") : (Asked.Text(request, "agency"), Asked.Text(request, "procedure"));

    private static string LadderOf(string? agency, string? procedure) =>
        agency is not null ? Ladders.OfAgency(agency) : procedure is not null ? Ladders.OfProcedure(procedure) : Ladders.Default;

    private static async Task<IResult> PreviewLadderAsync(HttpRequest request, Caller caller, Centre centre, LongTasks tasks, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Rules, centre, cancel);
        var (agency, procedure) = Whose(request);
        var state = BeginLadderPreview(agency, procedure, await Bodies.TextAsync(request), caller, centre, tasks);
        return Results.Accepted($"/api/tasks/{state.Name}", TaskTold.Of(state));
    }

    /// <summary>Of each thing that somebody looks at beforehand one runs at a time.</summary>
    public static string LadderPreviewOf(string? agency, string? procedure, string json, Caller caller) => $"ladder-preview/{caller.Actor}/{CommandMetadata.RequestOf(agency, procedure, json)}";

    /// <exception cref="UserError"><c>bad-ladder</c></exception>
    public static LongTasks.State BeginLadderPreview(string? agency, string? procedure, string json, Caller caller, Centre centre, LongTasks tasks)
    {
        var decided = Ladders.Parse(Encoding.UTF8.GetBytes(json));
        return tasks.Begin(LadderPreviewOf(agency, procedure, json, caller), caller.Actor, async (progress, stop) =>
            await LadderPreview.OfAsync(centre.Database, LadderOf(agency, procedure), decided, centre.Now, looked => progress(looked, null), stop));
    }

    public static string ProcedurePreviewOf(string json, Caller caller) => $"procedure-preview/{caller.Actor}/{CommandMetadata.RequestOf(json)}";

    private static async Task<IResult> PreviewProceduresAsync(HttpRequest request, Caller caller, Centre centre, LongTasks tasks, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Rules, centre, cancel);
        var state = BeginProcedurePreview(await Bodies.TextAsync(request), caller, centre, tasks);
        return Results.Accepted($"/api/tasks/{state.Name}", TaskTold.Of(state));
    }

    /// <exception cref="UserError"><c>bad-file</c></exception>
    public static LongTasks.State BeginProcedurePreview(string json, Caller caller, Centre centre, LongTasks tasks)
    {
        var file = FileOf(json);
        return tasks.Begin(ProcedurePreviewOf(json, caller), caller.Actor, async (_, stop) => await (await Correction.OfAsync(centre.Database, centre.Now, stop)).PlanAsync(file, stop));
    }

    private static ProcedureFile FileOf(string json) => new(ProcedureFile.Parse(json, "$"), [], [], Dated: true);

    public static async Task<LadderTold> DecideAsync(string? agency, string? procedure, string json, Caller caller, Centre centre, CancellationToken cancel)
    {
        var stream = LadderOf(agency, procedure);
        return new(stream, await Ladders.DecideAsync(centre.Database, stream, Encoding.UTF8.GetBytes(json), centre.Now, By(caller), cancel: cancel));
    }

    private static async Task<IResult> PublishAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Rules, centre, cancel);
        return Results.Ok(await PublishAllAsync(await Bodies.TextAsync(request), Asked.Text(request, "provision"), caller, centre, cancel));
    }

    /// <param name="provision">Takes the open dossiers along; null leaves each its version.</param>
    /// <exception cref="UserError"><c>bad-file</c></exception>
    public static async Task<PublishedTold> PublishAllAsync(string json, string? provision, Caller caller, Centre centre, CancellationToken cancel)
    {
        var file = FileOf(json);
        var published = await new Catalogue(centre.Database).PublishAsync(file.Procedures, By(caller), cancel);
        await centre.Desk.FreshRulesAsync(cancel);
        // The open ones are found by the view of deadlines, which may be a moment behind.
        await new ViewFollower(DeadlineBoard.View, centre.Database.App, centre.Database.Names, centre.Database.Clock).CatchUpAsync(await centre.Database.HeadAsync(cancel), cancel);
        var moved = provision is null ? 0 : await (await Correction.OfAsync(centre.Database, centre.Now, cancel)).DoAsync(file, provision, By(caller), cancel);
        return new(published, file.Procedures.Count - published, moved);
    }

    private static async Task<IResult> OrganisationAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Procedures, centre, cancel);
        return Results.Ok(Units((await centre.Desk.RulesAsync(cancel)).Organisation, Asked.Moment(request, "at") ?? centre.Now, Asked.Text(request, "unit")));
    }

    private static async Task<IResult> ChangeAsync(string change, HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Rules, centre, cancel);
        var (told, refusal) = await OrganisationChanges.DoAsync(OrganisationChanges.Of(change), await Bodies.ReadAsync<OrganisationFact>(request), By(caller), centre, cancel);
        return refusal is null ? Results.Ok(told) : Problems.Of(refusal);
    }

    public static IReadOnlyList<UnitTold> Units(Organisation.Organisation organisation, DateTimeOffset at, string? only = null) =>
    [
        .. organisation.UnitsAt(at).Where(unit => only is null || unit.Code == only || unit.Parent == only).Select(unit => new UnitTold(unit.Code, unit.Name, unit.Kind, unit.Parent, unit.InForm06,
            [.. organisation.PostsOfUnit(unit.Code, at).Select(post => new PostTold(post.Code, post.Title, post.Role, organisation.HolderOf(post.Code, at), organisation.ActingHolder(post.Code, at), organisation.DeputiesOf(post.Code, at)))])),
    ];

    private static async Task<IResult> OutboxAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.JobRuns, centre, cancel);
        var (limit, cursor) = (Asked.Limit(request), Asked.Cursor(request, 2));
        (DateTimeOffset, Guid)? after = cursor is null ? null : (Asked.Key(cursor[0]), Guid.TryParse(cursor[1], out var id) ? id : throw new UserError("bad-query", "cursor: the next of a page before"));
        var found = await new Outbox(centre.Database.App, centre.Database.Clock).ListAsync(Asked.Text(request, "state"), Asked.Text(request, "code"), after, limit, cancel);
        return Results.Ok(Asked.Page([.. found.Select(MessageTold.Of)], limit, m => [Asked.Key(m.MadeAt), $"{m.Id}"]));
    }

    private static async Task<IResult> ResendAsync(Guid id, Caller caller, Centre centre, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.JobRuns, centre, cancel);
        return await new Outbox(centre.Database.App, centre.Database.Clock).ResendAsync(id, cancel) == 1
            ? Results.Ok(new Resent(id)) : throw new UserError("no-such-message", $"the outbox has no message {id} that was sent or is dead");
    }

    private static async Task<IResult> VerifyAsync(Caller caller, Centre centre, LongTasks tasks, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Audit, centre, cancel);
        var state = Verify(caller, centre, tasks);
        return Results.Accepted($"/api/tasks/{state.Name}", TaskTold.Of(state));
    }

    public const string Verification = "verification";

    public static LongTasks.State Verify(Caller caller, Centre centre, LongTasks tasks) => tasks.Begin(Verification, caller.Actor, async (progress, stop) =>
    {
        var head = await centre.Database.HeadAsync(stop);
        var verification = new Verification(centre.Database);
        await verification.StreamsAsync(stop);
        await verification.FoldsAsync(read => progress(read, 2 * head), stop);
        var kept = await RecordSealer.KeptAsync(centre.SigningKeyFile, stop);
        var record = await new RecordVerification(centre.Database, kept is null ? [] : [(kept, RecordSealer.KeptFile(centre.SigningKeyFile))]).RunAsync(null, (done, all) => progress(head + done, head + all), stop);
        await verification.ViewsAsync(ProductViews.All, stop);
        var report = verification.Report;
        return new VerifyReport(report.Checked.Concat(record.Checked).GroupBy(c => c.Key).ToDictionary(c => c.Key, c => c.First().Value), [.. report.Findings, .. record.Findings]);
    });

    /// <summary>For who began it, and those who may see what it is about.</summary>
    private static async Task<IResult> TaskAsync(string task, Caller caller, Centre centre, LongTasks tasks, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, task.Split('/')[0] switch
        {
            Verification or "process" => Rights.Audit,
            "release" => Rights.Releases,
            _ => Rights.Rules,
        }, centre, cancel);
        // Figures may be of units that the caller does not reach: they are asked for by their own route.
        if (task.StartsWith(FiguresPage.TaskPrefix, StringComparison.Ordinal))
            throw new UserError("no-such-task", $"no task {task} was begun since the server started");
        return tasks.Find(task) is { } state ? Results.Ok(TaskTold.Of(state)) : throw new UserError("no-such-task", $"no task {task} was begun since the server started");
    }

    public static CommandMetadata By(Caller caller) => new(Guid.Empty, caller.Actor, Role.Administrator);
}

internal sealed record DecisionTold(string Number, DateOnly Announced, DateOnly KnownFrom, int? Settles, IReadOnlyList<DayOff> DaysOff, IReadOnlyList<MakeUpDay> MakeUpDays, string Source);

/// <param name="Changed">New or corrected.</param>
internal sealed record Entered(int Changed, int Told);

/// <summary>A ladder's file.</summary>
/// <param name="ShortUnderHours">A limit of fewer working hours is a short one, with rules of its own.</param>
internal sealed record LadderToDecide(int ShortUnderHours, IReadOnlyList<LadderRule> Rules, string? Basis = null);

/// <summary>An entry of a file of procedures.</summary>
internal sealed record ProcedureToPublish(string Code, string Name, string Agency, Limit Limit, DateTimeOffset InForceFrom, string? Basis)
{
    public Limit? GeneralLimit { get; init; }
    public string? GeneralBasis { get; init; }
    public SupplementRule SupplementRule { get; init; }
    public IReadOnlyList<Step>? Steps { get; init; }
    public IReadOnlyList<string>? Documents { get; init; }
    public long? Fee { get; init; }
    public ServiceGrade? Grade { get; init; }
    public IReadOnlyList<string>? Channels { get; init; }
    public bool? Publishable { get; init; }
    public int? RetentionYears { get; init; }
    public Owners? Owners { get; init; }

    /// <param name="BudgetHours">Working hours.</param>
    public sealed record Step(string Name, int BudgetHours, string? Unit = null);
}

internal sealed record LadderTold(string Ladder, long Version);

/// <param name="Moved">Open dossiers that were taken along.</param>
internal sealed record PublishedTold(int Published, int Unchanged, int Moved);

public sealed record PostTold(string Code, Wording Title, PostRole Role, string? Holder, string? Acting, IReadOnlyList<string> Deputies);

public sealed record UnitTold(string Code, Wording Name, UnitKind Kind, string? Parent, bool InForm06, IReadOnlyList<PostTold> Posts);

public sealed record MessageTold(
    Guid Id, string Kind, string? Channel, string Recipient, string State, DateTimeOffset MadeAt, DateTimeOffset DueAt, DateTimeOffset? EndedAt, int Attempts, string? Error, string? Dossier)
{
    public static MessageTold Of(Message m) => new(m.Id, m.Kind, m.Channel, m.Recipient, m.State, m.MadeAt, m.DueAt, m.EndedAt, m.Attempts, m.Error, m.Stream);
}

internal sealed record Resent(Guid Id);

/// <param name="Total">How much there is to do, where that is known.</param>
/// <param name="Result">By what the task is: of a verification what was checked and found, of a preview the dossiers that would move.</param>
internal sealed record TaskTold(string Name, string By, DateTimeOffset BegunAt, DateTimeOffset? EndedAt, long Done, long? Total, object? Result, string? Fault)
{
    public static TaskTold Of(LongTasks.State state) => new(state.Name, state.By, state.BegunAt, state.EndedAt, state.Done, state.Of, state.Result, state.Fault);
}
