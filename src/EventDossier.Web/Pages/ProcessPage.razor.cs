using System.Globalization;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Procedures;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>The discovered process. To find it the whole log is read, so it is asked for, and shown until it is asked for again.</summary>
public sealed partial class ProcessPage
{
    [Parameter, EditorRequired] public ProcessQuery Query { get; set; } = new();
    [Parameter] public IReadOnlyList<Procedure.Version> Procedures { get; set; } = [];
    [Parameter] public LongTasks.State? State { get; set; }

    private ProcessReport? Report => State?.Result as ProcessReport;
    private string? FromText => Text(Query.From);
    private string? ToText => Text(Query.To);

    private string Name(string activity) => Say[EventWording.Of(activity)];

    private static string? Text(DateTimeOffset? at) => at is { } moment ? WorkCalendar.Vietnam.Local(moment).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : null;

    internal static void Map(Site site)
    {
        site.Get("/process", Rights.Audit, ShowAsync, "The process as it is lived: map, variants, rework, hand-overs, bottlenecks").InMenu("Process", "Quy trình");
        site.Post("/process", Rights.Audit, Begin, "Has it found");
    }

    /// <exception cref="UserError"><c>bad-query</c></exception>
    private static ProcessQuery QueryOf(Visit visit)
    {
        DateTimeOffset? Day(string name) => visit.Query(name) is not { } text ? null : CentreTime.Read(text) ?? throw new UserError("bad-query", $"{name}: 2026-05-06");
        return new(visit.Query("procedure"), visit.Query("unit"), Day("from"), Day("to"));
    }

    private static string NameOf(ProcessQuery query) => $"process/{query.Procedure} {query.Unit} {query.From:O} {query.To:O}";

    private static async Task<IResult> ShowAsync(Visit visit, LongTasks tasks)
    {
        var query = QueryOf(visit);
        var state = tasks.Find(NameOf(query));
        if (state is { IsRunning: true })
            visit.Http.Response.Headers["Refresh"] = "2";
        var rules = await visit.RulesAsync();
        return visit.Page<ProcessPage>(visit.Say["The process as it is lived", "Quy trình thực tế"], new
        {
            Query = query, State = state, Procedures = rules.Procedures.Keys.Order(StringComparer.Ordinal).Select(code => rules.Procedure(code, visit.Now)).OfType<Procedure.Version>().ToList(),
        });
    }

    private static IResult Begin(Visit visit, LongTasks tasks)
    {
        var (query, database) = (QueryOf(visit), visit.Centre.Database);
        tasks.Begin(NameOf(query), visit.Caller.Actor, async (progress, stop) =>
        {
            var head = await database.HeadAsync(stop);
            return await ProcessView.OfAsync(database, query, read => progress(read, head), stop);
        });
        return Results.LocalRedirect($"/process{visit.Http.Request.QueryString}");
    }
}
