using System.Text.Json;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Record;
using EventDossier.Store;
using EventDossier.Web.LookUp;
using EventDossier.Web.Pictures;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace EventDossier.Web.Pages;

/// <summary>What the holder of a slip may do without signing in. A wrong code and a wrong key are one and the same; see <see cref="LookUpKey"/>.</summary>
public sealed partial class LookUpPage
{
    [Parameter] public string? Code { get; set; }
    [Parameter] public string? Key { get; set; }
    [Parameter] public string? Fault { get; set; }
    [Parameter] public bool Thanks { get; set; }
    [Parameter] public string? Level { get; set; }
    [Parameter] public string? Comment { get; set; }

    /// <summary>Of code and key together: which of them is wrong is told to nobody.</summary>
    private string? Invalid => Fault is null || Told is not null ? null : "true";
    private string? Described => Invalid is null ? null : "look-up-fault";

    [Parameter] public LookedUp? Told { get; set; }
    [Parameter] public Picture? Clock { get; set; }

    internal static void Map(Site site)
    {
        site.Get("/look-up", (string?)null, ArriveAsync, "Looking a dossier up by its slip; the QR code on it leads here").RequireRateLimiting(LookUpRoutes.Limited).InMenu("Look up", "Tra cứu", caller => caller.Actor.Length == 0);
        site.Post("/look-up", (string?)null, ShowAsync, "The same from the form").RequireRateLimiting(LookUpRoutes.Limited);
        site.Post("/look-up/rating", (string?)null, RateAsync, "Rating, by the holder of the slip").RequireRateLimiting(LookUpRoutes.Limited);
        site.Post("/look-up/proof", (string?)null, ProveAsync, "The proof of the dossier's history, to be kept").RequireRateLimiting(LookUpRoutes.Limited);
    }

    private static Task<IResult> ArriveAsync(Visit visit, LookUps lookUps)
    {
        var query = visit.Http.Request.Query;
        // The key stands in the address: it goes to nobody else.
        visit.Http.Response.Headers["Referrer-Policy"] = "no-referrer";
        return query["code"].ToString() is { Length: > 0 } code ? FindAsync(visit, lookUps, code, query["key"].ToString()) : Task.FromResult<IResult>(Page(visit, new { Code = (string?)null }));
    }

    private static async Task<IResult> ShowAsync(Visit visit, LookUps lookUps)
    {
        var form = await visit.Http.Request.ReadFormAsync(visit.Cancel);
        return await FindAsync(visit, lookUps, form["code"].ToString(), form["slip"].ToString());
    }

    private static async Task<IResult> FindAsync(Visit visit, LookUps lookUps, string code, string key) => await lookUps.FindAsync(code.Trim(), key, visit.Cancel) is { } events
        ? Page(visit, await ToldAsync(visit, events, key)) : Unknown(visit, code, key);

    private static Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult<LookUpPage> Unknown(Visit visit, string code, string key) => Page(visit, new
    {
        Code = code, Key = key, Fault = visit.Say["No slip in force has this code and this key. Both stand on the slip; letters and hyphens may be typed either way.", "Không có phiếu còn hiệu lực nào có mã hồ sơ và mã tra cứu này. Cả hai in trên phiếu; không phân biệt chữ hoa và dấu gạch."],
    }, 422);

    private static async Task<object> ToldAsync(Visit visit, IReadOnlyList<StoredEvent> events, string key, bool thanks = false, string? fault = null, string? level = null, string? comment = null)
    {
        var rules = await visit.RulesAsync();
        var date = ExplainedDate.Of(Dossier.Fold(events[0].Stream, events), rules.Calendar);
        return new
        {
            Code = events[0].Stream, Key = key, Thanks = thanks, Fault = fault, Level = level, Comment = comment,
            Told = LookedUp.Of(events, rules, visit.Now, visit.Say.Language),
            Clock = date?.Ledger is { } ledger ? ClockBar.Of(ledger, visit.Now, date.FinishedAt, visit.Say.Language) : null,
        };
    }

    private static Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult<LookUpPage> Page(Visit visit, object parameters, int status = 200) => visit.Page<LookUpPage>(visit.Say["Look up a dossier", "Tra cứu hồ sơ"], parameters, status);

    private static async Task<IResult> RateAsync(Visit visit, LookUps lookUps)
    {
        var form = await visit.Http.Request.ReadFormAsync(visit.Cancel);
        var (code, key, level, comment) = (form["code"].ToString(), form["slip"].ToString(), form["level"].ToString(), form["comment"].ToString());
        if (await lookUps.FindAsync(code, key, visit.Cancel) is not { } events)
            return Unknown(visit, code, key);
        if (level is not [>= '1' and <= '5' and var digit] || comment.Length > LookUpRoutes.MostOfComment)
            return Page(visit, await ToldAsync(visit, events, key, fault: visit.Say["Choose a level from 1 to 5.", "Hãy chọn mức từ 1 đến 5."], level: level, comment: comment), 422);
        var result = await LookUpRoutes.CarryOutAsync(events[0].Stream, digit - '0', comment, visit.Http, visit.Centre);
        return result.Refusal is { } refusal
            ? Page(visit, await ToldAsync(visit, events, key, fault: visit.Say.Refusal(refusal.Code, refusal.Reason), level: level, comment: comment), 409)
            : Page(visit, await ToldAsync(visit, (await lookUps.FindAsync(code, key, visit.Cancel))!, key, thanks: true));
    }

    private static async Task<IResult> ProveAsync(Visit visit, LookUps lookUps, RecordProofs proofs, IOptions<JsonOptions> json)
    {
        var form = await visit.Http.Request.ReadFormAsync(visit.Cancel);
        var (code, key) = (form["code"].ToString(), form["slip"].ToString());
        return await lookUps.FindAsync(code, key, visit.Cancel) is not { } events ? Unknown(visit, code, key)
            : Results.File(JsonSerializer.SerializeToUtf8Bytes(await proofs.OfEventsAsync(events, null, visit.Cancel), json.Value.SerializerOptions), "application/json", $"{events[0].Stream.Replace('/', '-')}.proof.json");
    }
}
