using System.Globalization;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Deliveries;
using EventDossier.Dossiers;
using EventDossier.Record;
using EventDossier.Store;
using EventDossier.Web.LookUp;

namespace EventDossier.Web.Slips;

/// <summary>Every form that is handed over or kept, as a sheet to print.</summary>
internal static class SlipRoutes
{
    public static void MapSlips(this WebApplication app)
    {
        app.MapGet("/api/dossiers/{code}/slips", ListAsync).WithTags("dossiers").WithSummary("The slips of a dossier, and where each is printed").Answers(Examples.SlipList);
        app.MapGet("/api/dossiers/{code}/slips/{slip}", PrintAsync).WithTags("dossiers")
            .WithSummary("A slip to print, as HTML: `01-1` as issued, `06` the control slip. A name on it is put down in the access log").Takes("reason").AnswersWith("text/html");
        app.MapGet("/api/register", RegisterAsync).WithTags("dossiers").WithSummary("Form 07, the register of an agency and a day, to print; the access log keeps whose names it shows").Takes("agency", "day", "reason").AnswersWith("text/html");
    }

    private static async Task<IResult> ListAsync(string code, HttpContext http, Caller caller, Centre centre)
    {
        code = Asked.Code(code);
        await DossierRoutes.RefuseAsync(code, Rights.Dossiers, caller, centre, http.RequestAborted);
        var dossier = Dossier.Fold(code, await History.ReadAsync(centre.Database.Log, code, new(), http.RequestAborted));
        return Results.Ok(new Listed<SlipTold>(
        [
            .. dossier.Slips.Select(slip => new SlipTold(slip.Number, slip.Form, Slip.Title(slip.Form), slip.At, slip.DeliveredAt, slip.Answered, slip.Cancelled, Address(code, slip.Number))),
            new($"{code}/06", "06", Slip.Title("06"), null, null, null, false, Address(code, $"{code}/06")),
        ]));
    }

    /// <summary>Where a slip is printed.</summary>
    public static string Address(string code, string slip) => $"/dossiers/{Uri.EscapeDataString(code)}/slips/{slip[(slip.LastIndexOf('/') + 1)..]}";

    public static async Task<IResult> PrintAsync(string code, string slip, HttpContext http, Caller caller, Centre centre, LookUps lookUps, IConfiguration configuration)
    {
        var cancel = http.RequestAborted;
        code = Asked.Code(code);
        await DossierRoutes.RefuseAsync(code, slip == "06" ? Rights.Dossiers : Rights.Names, caller, centre, cancel);
        var (events, rules) = (await History.ReadAsync(centre.Database.Log, code, new(), cancel), await centre.Desk.RulesAsync(cancel));
        if (slip == "06")
            return Sheet(http, ControlSlip.Of(Dossier.Fold(code, events), rules, centre.Database.IsSample));
        var found = slip == "04" ? Draft(code, events, rules, caller, centre.Now) : Slip.Find($"{code}/{slip}", events);
        if (found is null)
            throw new UserError("no-such-slip", $"{code} has no slip {slip}");
        var applicant = found.Then.Applicant is { } data ? (await centre.Personal.OpenAsync(Asked.Reader(http, caller, Rights.Names), [(code, data)], OpenedData.Notice, cancel))[0] : null;
        var lookUp = found.Issued is not { Form: "01", Cancelled: false } ? null : new LookUpOnSlip(
            new(new Uri(configuration["Public:Url"] ?? $"{http.Request.Scheme}://{http.Request.Host}"), "/look-up"), code, await lookUps.KeyAsync(found.Number, cancel),
            await new RecordTree(centre.Database.App).SecretAsync(code, cancel));
        return Sheet(http, found.Print(rules, applicant, lookUp, centre.Database.IsSample));
    }

    /// <summary>The desk's own paper until it is issued. The date is a proposal, and the reason is to be written in.</summary>
    private static Slip? Draft(string code, IReadOnlyList<StoredEvent> events, Rulebook rules, Caller caller, DateTimeOffset now)
    {
        if (Rights.Of(caller, Rights.Dossiers) == Reach.Own || Slip04.Of(code, events, rules, now) is not { IsDraft: true } draft)
            return null;
        var dossier = Dossier.Fold(code, events);
        const string Reason = "……………………………";
        return new(events[^1], draft.Late ? new LateApology(now, draft.Number, draft.Until, Reason) : new DossierExtended(now, draft.Number, draft.Until, Reason), dossier, dossier, new(draft.Number, "04", now)) { IsDraft = true };
    }

    public static async Task<IResult> RegisterAsync(HttpContext http, Caller caller, Centre centre)
    {
        var (request, cancel) = (http.Request, http.RequestAborted);
        var scope = await Scope.OfAsync(caller, Rights.Names, centre, cancel);
        if (scope.Reach == Reach.Own)
            throw new UserError("not-allowed", "the register is for those who work on dossiers");
        var agency = Asked.Text(request, "agency") ?? throw new UserError("bad-query", "agency: whose register");
        var day = Asked.Text(request, "day") is not { } text ? DateOnly.FromDateTime(centre.Now.DateTime)
            : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var named) ? named : throw new UserError("bad-query", "day: 2026-04-24");
        var lines = await Register.ReadAsync(centre.Database, agency, day, scope.Units, cancel);
        var names = await centre.Personal.NamesAsync(Asked.Reader(http, caller, Rights.Names), lines.Select(l => l.Row), cancel);
        return Sheet(http, Register.Of(agency, day, [.. lines.Select(l => l.Dossier)], names, await centre.Desk.RulesAsync(cancel), centre.Now, centre.Database.IsSample));
    }

    public static IResult Sheet(HttpContext http, Markup sheet)
    {
        var headers = http.Response.Headers;
        (headers.CacheControl, headers.ContentSecurityPolicy, headers.XContentTypeOptions, headers["Referrer-Policy"]) = ("no-store", SlipSheet.Policy, "nosniff", "no-referrer");
        return Results.Content(sheet.Text, "text/html; charset=utf-8");
    }
}

/// <param name="IssuedAt">Null for the control slip, which grows with the dossier.</param>
/// <param name="Print">Where it is printed.</param>
internal sealed record SlipTold(string Number, string Form, Wording Title, DateTimeOffset? IssuedAt, DateTimeOffset? DeliveredAt, DateTimeOffset? AnsweredAt, bool Cancelled, string Print);
