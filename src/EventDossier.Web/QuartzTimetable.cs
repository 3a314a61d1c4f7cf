using Quartz;
using Quartz.Extensibility;

namespace EventDossier.Web;

/// <summary>Quartz, clustered over the database's own tables, so of any number of nodes one runs each job.</summary>
internal sealed class QuartzTimetable(ISchedulerFactory factory, IExecutionHistoryStore history) : ITimetable
{
    public const string Scheduler = "eventdossier";
    private const string Tables = "dossier_jobs.qrtz_";

    /// <param name="centre">Null where nothing is to run.</param>
    public static void Add(WebApplicationBuilder builder, Centre? centre)
    {
        builder.Services.AddQuartz(quartz =>
        {
            if (centre is null)
                return;
            quartz.ConfigureScheduler(scheduler => (scheduler.InstanceName, scheduler.GenerateInstanceId) = (Scheduler, true));
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
            foreach (var job in Jobs.All)
                AddJob(quartz, job);
        });
        builder.Services.AddSingleton<ITimetable, QuartzTimetable>();
        if (centre is null)
            return;
        builder.Services.AddQuartzHostedService(hosted => hosted.WaitForJobsToComplete = true);
    }

    private static void AddJob(IQuartzBuilder quartz, TimedJob job)
    {
        quartz.AddJob<Timed>(added => added.WithIdentity(job.Name).StoreDurably());
        quartz.AddTrigger(trigger => trigger.ForJob(job.Name).WithIdentity(job.Name).WithCronSchedule(
            job.Daily is { } at ? $"0 {at.Minute} {at.Hour} * * ?" : "30 * * * * ?",
            schedule => schedule.InTimeZone(TimedJob.Zone).WithMisfireInstruction(
                job.MadeUp ? CronTriggerMisfireInstruction.FireAndProceed : CronTriggerMisfireInstruction.DoNothing)));
    }

    public async Task<IReadOnlyList<JobState>> ListAsync(int runs, CancellationToken cancel)
    {
        var scheduler = await factory.GetScheduler(cancel);
        var states = new List<JobState>();
        foreach (var job in Jobs.All)
        {
            var trigger = await scheduler.GetTrigger(new(job.Name), cancel);
            var ran = await history.QueryExecutions(new() { SchedulerName = Scheduler, Job = new(job.Name), Take = runs }, cancel);
            states.Add(new(job.Name, trigger?.NextFireTimeUtc, trigger?.PreviousFireTimeUtc,
                [.. ran.Items.Select(run => new JobRun(run.FiredAtUtc, run.SchedulerInstanceId, (long)run.Duration.TotalMilliseconds, run.Succeeded, run.ExceptionMessage, run.Summary))]));
        }
        return states;
    }

    public async Task TriggerAsync(string name, CancellationToken cancel) =>
        await (await factory.GetScheduler(cancel)).TriggerJob(new JobKey(name), cancellationToken: cancel);

    [DisallowConcurrentExecution]
    private sealed class Timed(Jobs jobs) : IJob
    {
        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancel = default)
        {
            if (await jobs.RunAsync(context.JobDetail.Key.Name, cancel) is { } summary)
                context.Result = JobRunReport.Succeeded(summary);
        }
    }
}
