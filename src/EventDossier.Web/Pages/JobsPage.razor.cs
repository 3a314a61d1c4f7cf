using EventDossier.Deliveries;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>Jobs and failed deliveries.</summary>
public sealed partial class JobsPage
{
    private const int Most = 100;

    [Parameter, EditorRequired] public IReadOnlyList<JobState> Jobs { get; set; } = [];
    [Parameter] public bool MayRun { get; set; }
    [Parameter] public IReadOnlyList<MessageTold> Dead { get; set; } = [];
    [Parameter] public IReadOnlyList<Undelivered> Undelivered { get; set; } = [];

    private string Name(string job) => job switch
    {
        "uncollected" => Say["reminders to fetch results", "nhắc đến nhận kết quả"],
        "daily-digest" => Say["morning digest", "bản tin buổi sáng"],
        "reproject" => Say["due dates after decisions on the calendar", "tính lại hạn theo quyết định lịch"],
        "backup" => Say["backup", "sao lưu"],
        "housekeeping" => Say["housekeeping", "dọn dẹp"],
        _ => job,
    };

    internal static void Map(Site site)
    {
        site.Get("/jobs", Rights.Jobs, ShowAsync, "The timetable, what came of it, and what could not be delivered").InMenu("Jobs", "Công việc nền");
        site.Post("/jobs/{name}/runs", Rights.JobRuns, RunAsync, "Runs a job now");
        site.Post("/jobs/outbox/{id}", Rights.JobRuns, ResendAsync, "Sends a message again");
    }

    private static async Task<IResult> ShowAsync(Visit visit, ITimetable timetable)
    {
        var mayRun = Rights.Of(visit.Caller, Rights.JobRuns) > Reach.Nothing;
        return visit.Page<JobsPage>(visit.Say["Jobs and deliveries", "Công việc nền và gửi thông báo"], new
        {
            Jobs = await timetable.ListAsync(1, visit.Cancel), MayRun = mayRun,
            Dead = mayRun ? (await new Outbox(visit.Centre.Database.App, visit.Centre.Database.Clock).ListAsync("dead", limit: Most, cancel: visit.Cancel)).Select(MessageTold.Of).ToList() : [],
            Undelivered = mayRun ? await ServerEdition.Current.UndeliveredAsync(visit.Http.RequestServices, Most, visit.Cancel) : [],
        });
    }

    private static async Task<IResult> RunAsync(Visit visit, ITimetable timetable, string name)
    {
        if (Web.Jobs.All.All(job => job.Name != name))
            throw new UserError("no-such-job", $"there is no job {name}");
        await timetable.TriggerAsync(name, visit.Cancel);
        return Results.LocalRedirect("/jobs");
    }

    private static async Task<IResult> ResendAsync(Visit visit, Guid id) =>
        await new Outbox(visit.Centre.Database.App, visit.Centre.Database.Clock).ResendAsync(id, visit.Cancel) == 1
            ? Results.LocalRedirect("/jobs") : throw new UserError("no-such-message", $"the outbox has no message {id} that was sent or is dead");
}
