using System.Text.Json;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;
using Quartz;
using Quartz.Extensibility;

namespace EventDossier.Web;

/// <summary>
/// What is done by the clock: Quartz, clustered over the database's own tables, so of any number of nodes one runs each job. Every job asks anew what there is to do, so a run too many
/// does nothing; what is missed while all are down is run once when one is back, but for housekeeping, which waits for its next time. See ADR 0018.
/// </summary>
internal static class Timetable
{
    public const string Name = "eventdossier";
    private const string Tables = "dossier_jobs.qrtz_";
    private static readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Ho_Chi_Minh");

    public static IReadOnlyList<JobKey> Jobs { get; } = [KeyOf<DailyDigest>(), KeyOf<Reproject>(), KeyOf<Housekeeping>()];

    /// <param name="centre">Null where nothing is to run.</param>
    public static void AddTimetable(this WebApplicationBuilder builder, Centre? centre)
    {
        builder.Services.AddQuartz(quartz =>
        {
            if (centre is null)
                return;
            quartz.ConfigureScheduler(scheduler => (scheduler.InstanceName, scheduler.GenerateInstanceId) = (Name, true));
            quartz.UseTimeProvider(centre.Database.Clock);
            quartz.UseDefaultThreadPool(4);
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(centre.ConnectionString);
                store.ConfigureStore(options =>
                {
                    options.TablePrefix = Tables;
                    options.StoreJobDataAsStrings = true;
                });
                store.UseClustering(_ => { });
                store.ProvisionSchema();
                store.UseExecutionHistory();
            });
            // The office opens at 07:30; whether it opens at all that day, the job asks the calendar.
            quartz.AddAt<DailyDigest>("0 30 7 * * ?", CronTriggerMisfireInstruction.FireAndProceed);
            quartz.AddAt<Reproject>("30 * * * * ?", CronTriggerMisfireInstruction.FireAndProceed);
            quartz.AddAt<Housekeeping>("0 15 2 * * ?", CronTriggerMisfireInstruction.DoNothing);
        });
        if (centre is not null)
            builder.Services.AddQuartzHostedService(hosted => hosted.WaitForJobsToComplete = true);
    }

    /// <summary>What the class is called is what the job is called: <c>DailyDigest</c> is <c>daily-digest</c>.</summary>
    private static JobKey KeyOf<T>() => new(JsonNamingPolicy.KebabCaseLower.ConvertName(typeof(T).Name));

    private static void AddAt<T>(this IQuartzBuilder quartz, string cron, CronTriggerMisfireInstruction misfire) where T : IJob
    {
        var key = KeyOf<T>();
        quartz.AddJob<T>(job => job.WithIdentity(key).StoreDurably());
        quartz.AddTrigger(trigger => trigger.ForJob(key).WithIdentity(key.Name).WithCronSchedule(cron, schedule => schedule.InTimeZone(_zone).WithMisfireInstruction(misfire)));
    }

    /// <summary>What lies open, to each supervisor, when the office opens on a working day.</summary>
    [DisallowConcurrentExecution]
    internal sealed class DailyDigest(Centre centre) : IJob
    {
        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancel = default)
        {
            var now = centre.Now;
            var rules = await centre.Desk.RulesAsync(cancel);
            // A run that was missed is made up for while the office is open, and not in the night.
            if (!rules.Known(now).IsWorked(DateOnly.FromDateTime(now.DateTime)) || now.TimeOfDay >= rules.Calendar.Hours.Sessions[^1].To.ToTimeSpan())
                context.Result = "no office hours";
        }
    }

    /// <summary>Tells open dossiers their new dates after decisions on the calendar. What the one who entered them did already is found done.</summary>
    [DisallowConcurrentExecution, PersistJobDataAfterExecution]
    internal sealed class Reproject(Centre centre) : IJob
    {
        private const string Done = "decisions";
        private static readonly CommandMetadata _by = new(Guid.Empty, "eventdossier", Role.Administrator);

        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancel = default)
        {
            var data = context.JobDetail.JobDataMap;
            var done = data.TryGetValue(Done, out var text) && long.TryParse(text as string, out var version) ? version : 0;
            var decided = (await centre.Database.Log.ReadStreamAsync(Calendars.Stream, cancel: cancel)).Where(e => e.Version > done).ToList();
            if (decided.Count == 0)
                return;
            await new ViewFollower(DeadlineBoard.View, centre.Database.App, centre.Database.Names, centre.Database.Clock).CatchUpAsync(decided[^1].Position, cancel);
            var numbers = string.Join(", ", decided.Select(e => ((CalendarDecided)e.Event).Decision.Number));
            var moved = await Reprojection.RunAsync(centre.Database, numbers, _by, centre.Now, preview: false, cancel);
            data[Done] = $"{decided[^1].Version}";
            context.Result = $"{numbers}: {moved.Count} moved";
        }
    }

    /// <summary>Removes the documents of erased applicants, which nobody can read.</summary>
    [DisallowConcurrentExecution]
    internal sealed class Housekeeping(Centre centre) : IJob
    {
        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancel = default) =>
            context.Result = $"{await centre.Documents.SweepAsync(cancel)} files removed";
    }
}

/// <summary>The timetable and what came of it.</summary>
internal static class JobRoutes
{
    private const int Runs = 20;

    public static void MapJobs(this WebApplication app)
    {
        app.MapGet("/api/jobs", ListAsync).WithTags("jobs").WithSummary("The timetable, and the last runs of each job");
        app.MapPost("/api/jobs/{name}/runs", RunAsync).WithTags("jobs").WithSummary("Runs a job now, on whichever node is free");
    }

    private static async Task<IResult> ListAsync(Caller caller, Centre centre, ISchedulerFactory factory, IServiceProvider services, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Jobs, centre, cancel);
        var scheduler = await factory.GetScheduler(cancel);
        var history = services.GetRequiredService<IExecutionHistoryStore>();
        var jobs = new List<object>();
        foreach (var key in Timetable.Jobs)
        {
            var trigger = await scheduler.GetTrigger(new(key.Name), cancel);
            var runs = await history.QueryExecutions(new() { SchedulerName = Timetable.Name, Job = key, Take = Runs }, cancel);
            jobs.Add(new
            {
                key.Name, next = trigger?.NextFireTimeUtc, previous = trigger?.PreviousFireTimeUtc,
                runs = runs.Items.Select(run => new
                {
                    at = run.FiredAtUtc, node = run.SchedulerInstanceId, milliseconds = (long)run.Duration.TotalMilliseconds, run.Succeeded, error = run.ExceptionMessage, run.Summary,
                }),
            });
        }
        return Results.Ok(new { jobs });
    }

    private static async Task<IResult> RunAsync(string name, Caller caller, Centre centre, ISchedulerFactory factory, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.JobRuns, centre, cancel);
        var scheduler = await factory.GetScheduler(cancel);
        if (!await scheduler.Exists(new JobKey(name), cancel))
            throw new UserError("no-such-job", $"there is no job {name}");
        await scheduler.TriggerJob(new JobKey(name), cancellationToken: cancel);
        return Results.Accepted("/api/jobs", new { name });
    }
}
