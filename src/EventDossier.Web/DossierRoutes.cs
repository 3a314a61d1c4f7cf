using EventDossier.Applicants;
using EventDossier.Deliveries;
using EventDossier.Dossiers;
using EventDossier.Store;
using Microsoft.Net.Http.Headers;

namespace EventDossier.Web;

/// <summary>Dossiers as they stand, stood, and came to be.</summary>
internal static class DossierRoutes
{
    public static void MapDossiers(this WebApplication app)
    {
        var dossiers = app.MapGroup("/api/dossiers").WithTags("dossiers");
        dossiers.MapGet("", ListAsync).WithSummary("Dossiers by search and filters, by code")
            .Takes("search", "agency", "unit", "officer", "stage", "names", "reason", "cursor", "limit", "after", "asOf", "knownAt", "position").Answers(Examples.Dossiers);
        app.MapGet("/api/work", WorkAsync).WithTags("dossiers").WithSummary("What lies with an officer or unit, or lay, by due date")
            .Takes("officer", "unit", "cursor", "limit", "after", "asOf", "knownAt", "position").Answers(Examples.Work);
        dossiers.MapGet("/{code}", ShowAsync).WithSummary("A dossier as it stands, or stood").Takes("asOf", "knownAt", "version", "position").Answers(Examples.Dossier);
        dossiers.MapGet("/{code}/history", HistoryAsync).WithSummary("Its events in order, with both times").Takes("asOf", "knownAt", "version", "position").Answers(Examples.History);
        dossiers.MapGet("/{code}/applicant", ApplicantAsync).WithSummary("The applicant in clear, which the access log keeps").Takes("reason").Answers(Examples.Applicant);
        dossiers.MapGet("/{code}/documents/{sha256}", DocumentAsync).WithSummary("A document in clear, which the access log keeps").Takes("reason").AnswersWith("application/octet-stream");
        dossiers.MapGet("/{code}/slips/04", Slip04Async).WithSummary("The apology with a new date, as issued; or its draft, with a date proposed and the reason to be written in").Answers(Examples.Slip04);
    }

    private static async Task<IResult> ListAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        var named = Asked.Flag(request, "names") is true;
        var scope = await Scope.OfAsync(caller, named ? Rights.Names : Rights.Dossiers, centre, cancel);
        var (stage, limit) = (Asked.Text(request, "stage"), Asked.Limit(request));
        var query = new Overview.Query(
            Asked.Text(request, "search"), Asked.Text(request, "agency"), Asked.Text(request, "unit"), Asked.Text(request, "officer"),
            stage is null ? null : StageNames.Parse(stage), Asked.Cursor(request, 1)?[0], limit)
        {
            Units = scope.Units, Applicant = scope.Applicant,
        };
        await Asked.AfterAsync(request, Overview.View, centre.Database);
        var rows = Asked.Past(request) is { } past
            ? (await Overview.View.ThenAsync(centre.Database, past, query, Visible(scope), cancel)).Rows
            : await Overview.View.FindAsync(centre.Database.App, query, cancel);
        var page = Asked.Page(rows, limit, row => [row.Code]);
        if (!named)
            return Results.Ok(new DossierPage(page.Items, page.Next, null, null));
        request.HttpContext.Response.Headers.CacheControl = "no-store";
        var names = await centre.Personal.NamesAsync(Asked.Reader(request.HttpContext, caller, Rights.Names), rows, cancel);
        return Results.Ok(new DossierPage(page.Items, page.Next, names, names is null ? "keys-unreachable" : null));
    }

    private static async Task<IResult> WorkAsync(HttpRequest request, Caller caller, Centre centre, CancellationToken cancel)
    {
        var scope = await Scope.OfAsync(caller, Rights.Dossiers, centre, cancel);
        var (officer, unit, limit, cursor) = (Asked.Text(request, "officer"), Asked.Text(request, "unit"), Asked.Limit(request), Asked.Cursor(request, 2));
        if (scope.Reach != Reach.All && officer != caller.Actor && (unit is null || scope.Units?.Contains(unit) is not true))
            throw new UserError("not-allowed", "name yourself as the officer, or one of your units");
        (DateTimeOffset?, string)? after = cursor is null ? null : (cursor[0].Length == 0 ? null : Asked.Key(cursor[0]), cursor[1]);
        await Asked.AfterAsync(request, WorkList.View, centre.Database);
        var rows = Asked.Past(request) is { } past
            ? (await WorkList.View.ThenAsync(centre.Database, past, officer, unit, after, limit, Visible(scope), cancel)).Rows
            : await WorkList.View.OfAsync(centre.Database.App, officer, unit, after, limit, cancel);
        return Results.Ok(Asked.Page(rows, limit, row => [row.Due is { } due ? Asked.Key(due) : "", row.Code]));
    }

    /// <summary>Whose a dossier is now decides who may see what it was. Null where all may be seen.</summary>
    public static Func<IReadOnlyList<StoredEvent>, bool>? Visible(Scope scope) =>
        scope.Reach == Reach.All ? null : events => Rights.Reaches(scope, Dossier.Fold(events[0].Stream, events));

    private static async Task<IResult> ShowAsync(string code, HttpContext http, Caller caller, Centre centre)
    {
        var events = await EventsAsync(code, http, caller, centre);
        var dossier = Dossier.Fold(events[0].Stream, events);
        http.Response.Headers.ETag = Asked.ETag(dossier.Version);
        return Results.Ok(dossier);
    }

    private static async Task<IResult> HistoryAsync(string code, HttpContext http, Caller caller, Centre centre) =>
        Results.Ok((await EventsAsync(code, http, caller, centre)).Select(Told.Of));

    private static async Task<IResult> Slip04Async(string code, HttpContext http, Caller caller, Centre centre, CancellationToken cancel)
    {
        // It is addressed to the applicant.
        await RefuseAsync(Asked.Code(code), Rights.Names, caller, centre, cancel);
        var (slip, letter) = await Slip04.PrintAsync(centre.Database, centre.Personal, Asked.Reader(http, caller, Rights.Names), Asked.Code(code), centre.Now, cancel);
        // A draft is the desk's own paper until it is issued.
        return slip.IsDraft && Rights.Of(caller, Rights.Dossiers) == Reach.Own
            ? throw new UserError("no-such-slip", $"{Asked.Code(code)} has no slip 04")
            : Results.Ok(new Slip04Told(slip, letter));
    }

    private static async Task<IReadOnlyList<StoredEvent>> EventsAsync(string code, HttpContext http, Caller caller, Centre centre)
    {
        var request = http.Request;
        var asOf = (Asked.Past(request) ?? new()) with { Version = Asked.Number(request, "version") };
        code = await Aliases.ResolveAsync(centre.Database.Log, Asked.Code(code), http.RequestAborted);
        await RefuseAsync(code, Rights.Dossiers, caller, centre, http.RequestAborted);
        return await History.ReadAsync(centre.Database.Log, code, asOf, http.RequestAborted);
    }

    private static async Task<IResult> ApplicantAsync(string code, HttpContext http, Caller caller, Centre centre)
    {
        code = Asked.Code(code);
        await RefuseAsync(code, Rights.Names, caller, centre, http.RequestAborted);
        var dossier = Dossier.Fold(code, await History.ReadAsync(centre.Database.Log, code, new(), http.RequestAborted));
        if (dossier.Applicant is not { } data)
            throw new UserError("no-applicant", $"{code} names no applicant");
        http.Response.Headers.CacheControl = "no-store";
        var opened = await centre.Personal.OpenAsync(Asked.Reader(http, caller, Rights.Names), [(code, data)], cancel: http.RequestAborted);
        return opened[0] is { } applicant ? Results.Ok(applicant) : throw new UserError("applicant-erased", "the applicant was erased");
    }

    private static async Task<IResult> DocumentAsync(string code, string sha256, HttpContext http, Caller caller, Centre centre)
    {
        code = Asked.Code(code);
        await RefuseAsync(code, Rights.Names, caller, centre, http.RequestAborted);
        http.Response.Headers.CacheControl = "no-store";
        var (bytes, mediaType) = await centre.Personal.DocumentAsync(Asked.Reader(http, caller, Rights.Names), centre.DocumentsFolder, code, sha256, http.RequestAborted);
        if (bytes is null)
            throw new UserError("applicant-erased", "its applicant was erased: nobody can read it");
        // Whatever it claims to be, no browser is to run it.
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.File(bytes, MediaTypeHeaderValue.TryParse(mediaType, out _) ? mediaType : "application/octet-stream", fileDownloadName: sha256);
    }

    /// <summary>Whose a dossier is now decides who may look at it, and at what it was.</summary>
    /// <exception cref="UserError"><c>not-allowed</c>, <c>no-such-dossier</c></exception>
    public static async Task RefuseAsync(string code, string resource, Caller caller, Centre centre, CancellationToken cancel)
    {
        var scope = await Scope.OfAsync(caller, resource, centre, cancel);
        if (!Rights.Reaches(scope, Dossier.Fold(code, await History.ReadAsync(centre.Database.Log, code, new(), cancel))))
            throw new UserError("not-allowed", $"{code} lies outside your units");
    }
}
