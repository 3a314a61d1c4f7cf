using System.Globalization;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Figures;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>
/// Figures that one goes down into: a period, an agency, one of its figures, the procedures and channels that it is made of, and at last its dossiers. To count, the log is read; so it is done
/// beside, and shown until it is asked for again.
/// </summary>
public sealed partial class FiguresPage
{
    internal const string TaskPrefix = "figures/";
    private const int MostDossiers = 200;

    /// <param name="Form">Of the agency, where one was named.</param>
    /// <param name="Parts">Of the figure that was asked for; null where none was.</param>
    public sealed record Counted(Form06.Report Form, Promises.Report Promises, Decision766 Index, IReadOnlyList<Overview.Part>? Parts);

    [Parameter, EditorRequired] public string Period { get; set; } = "";
    [Parameter] public string? Agency { get; set; }
    [Parameter] public Bucket? Bucket { get; set; }
    [Parameter] public IReadOnlyList<(string Code, string Name)> Agencies { get; set; } = [];
    [Parameter] public bool MustChoose { get; set; }
    [Parameter] public bool MayOpen { get; set; }
    [Parameter] public IReadOnlyDictionary<string, string> Procedures { get; set; } = new Dictionary<string, string>();
    [Parameter] public LongTasks.State? State { get; set; }

    private Counted? Result => State?.Result as Counted;

    private static readonly Bucket[] _columns =
    [
        Figures.Bucket.CarriedOver, Figures.Bucket.ReceivedOnline, Figures.Bucket.ReceivedAtCounter, Figures.Bucket.ReceivedByPost, Figures.Bucket.ResolvedEarly, Figures.Bucket.ResolvedOnTime,
        Figures.Bucket.ResolvedLate, Figures.Bucket.PendingInTime, Figures.Bucket.PendingOverdue, Figures.Bucket.SuspendedForSupplement, Figures.Bucket.SuspendedForFee, Figures.Bucket.StoppedForATime,
    ];

    internal static void Map(Site site)
    {
        site.Get("/figures", Rights.Figures, ShowAsync, "Form 06, the promises and the index, down to the dossiers that a figure is made of").InMenu("Figures", "Số liệu");
        site.Post("/figures", Rights.Figures, AgainAsync, "Has the figures counted again");
    }

    private static async Task<IResult> ShowAsync(Visit visit, LongTasks tasks)
    {
        var (asked, agencies) = await AskedAsync(visit);
        var state = asked.MustChoose ? null : tasks.Find(asked.Name) ?? Begin(visit, tasks, asked);
        if (state is { IsRunning: true })
            visit.Http.Response.Headers["Refresh"] = "1";
        var rules = await visit.RulesAsync();
        var parts = (state?.Result as Counted)?.Parts ?? [];
        return visit.Page<FiguresPage>(visit.Say["Figures", "Số liệu"], new
        {
            asked.Period, asked.Agency, asked.Bucket, Agencies = agencies, asked.MustChoose, State = state, MayOpen = Rights.Of(visit.Caller, Rights.Dossiers) > Reach.Nothing,
            Procedures = parts.Select(p => p.Procedure).OfType<string>().Distinct().ToDictionary(code => code, code => rules.Procedure(code, visit.Now)?.Published.Name ?? ""),
        });
    }

    private static async Task<IResult> AgainAsync(Visit visit, LongTasks tasks)
    {
        var (asked, _) = await AskedAsync(visit);
        if (!asked.MustChoose)
            Begin(visit, tasks, asked);
        return Results.LocalRedirect($"/figures{visit.Http.Request.QueryString}");
    }

    /// <param name="MustChoose">Who reaches units alone names one of them.</param>
    private sealed record Question(string Period, DateTimeOffset From, DateTimeOffset To, string? Agency, Bucket? Bucket, bool MustChoose)
    {
        public string Name => $"{TaskPrefix}{Period}/{Agency}/{Bucket}";
    }

    /// <exception cref="UserError"><c>bad-query</c>, <c>not-allowed</c></exception>
    private static async Task<(Question, List<(string, string)> Agencies)> AskedAsync(Visit visit)
    {
        var (scope, rules, request) = (await visit.ScopeAsync(Rights.Figures), await visit.RulesAsync(), visit.Http.Request);
        var (period, agency) = (visit.Query("period") ?? $"{visit.Now:yyyy-MM}", visit.Query("agency"));
        if (scope.Units is { } units && agency is not null && !units.Contains(agency))
            throw new UserError("not-allowed", "name the agency whose figures you want, one of yours");
        var (from, to) = CentreTime.ReadPeriod(period) ?? throw new UserError("bad-query", "period: 2026, 2026-Q1 or 2026-10");
        var agencies = rules.Organisation.UnitsAt(visit.Now).Where(u => u.Kind != Organisation.UnitKind.Division && scope.Units?.Contains(u.Code) is not false).Select(u => (u.Code, visit.Say[u.Name])).ToList();
        // Nothing to choose from: there is one.
        if (scope.Units is not null && agency is null && agencies is [var (only, _)])
            agency = only;
        var bucket = visit.Query("bucket") is null ? null : Asked.Word<Bucket>(request, "bucket");
        return (new(period, from, to, agency, bucket, scope.Units is not null && agency is null), agencies);
    }

    private static LongTasks.State Begin(Visit visit, LongTasks tasks, Question asked)
    {
        var centre = visit.Centre;
        return tasks.Begin(asked.Name, visit.Caller.Actor, async (_, stop) =>
        {
            // A period that goes on is counted as of now: nothing is overdue that will only be so at its end.
            var now = centre.Now;
            var form = asked.To <= now ? await centre.Figures.Form06Async(asked.From, asked.To, asked.Agency, asked.Bucket, stop)
                : await Form06.OfAsync(centre.Database, asked.From, asked.To, asked.Agency, asked.Bucket, new(now), stop);
            var promises = await Promises.OfAsync(centre.Database, asked.From, asked.To <= now ? asked.To : now, asked.Agency, cancel: stop);
            return new Counted(form, promises, Decision766.Of(promises), asked.Bucket is null ? null : await Overview.View.PartsAsync(centre.Database.App, form.Dossiers, stop));
        });
    }

    private string Link(string? agency, Bucket? bucket) => $"/figures{QueryString.Create(
        new Dictionary<string, string?> { ["period"] = Period, ["agency"] = agency, ["bucket"] = bucket?.ToString() }.Where(q => q.Value is not null))}";

    private string Month(int months) => $"/figures{QueryString.Create(new Dictionary<string, string?>
    {
        ["period"] = CentreTime.ReadPeriod(Period)!.Value.From.AddMonths(months).ToString("yyyy-MM", CultureInfo.InvariantCulture), ["agency"] = Agency,
    }.Where(q => q.Value is not null))}";

    private string Name(string agency) => Agencies.FirstOrDefault(a => a.Code == agency).Name is { } name ? name : agency.Length == 0 ? Say["none named", "chưa rõ"] : agency;

    private string Part(string part) => part switch
    {
        "transparency" => Say["transparency", "công khai, minh bạch"],
        "progress" => Say["progress", "tiến độ giải quyết"],
        "digitisation" => Say["digitisation", "số hóa hồ sơ"],
        "online" => Say["online", "dịch vụ trực tuyến"],
        "satisfaction" => Say["satisfaction", "mức độ hài lòng"],
        _ => part,
    };

    private string Told(Promises.Share share) => share.Percent is { } percent ? $"{percent.ToString(CultureInfo.InvariantCulture)} % ({share.Part:N0} / {share.Of:N0})" : Say["not measured", "chưa đo"];

    private string Told(int? percent) => percent is { } told ? $"{told} %" : Say["not measured", "chưa đo"];
}
