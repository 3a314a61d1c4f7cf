using Hangfire;
using Hangfire.Dashboard;
using Hangfire.PostgreSql;
using Hangfire.Storage;

namespace EventDossier.Web;

/// <summary>The timetable in Hangfire, with its dashboard for who may run jobs.</summary>
internal sealed class HangfireTimetable(JobStorage storage, IRecurringJobManager manager) : ITimetable
{
    private const int MostLookedAt = 2_000;

    public static void Add(WebApplicationBuilder builder, Centre? centre)
    {
        builder.Services.AddSingleton<ITimetable, HangfireTimetable>();
        if (centre is null)
            return;
        builder.Services.AddHangfire(hangfire => hangfire.UsePostgreSqlStorage(
            to => to.UseNpgsqlConnection(centre.ConnectionString), new() { SchemaName = "dossier_jobs" }));
        builder.Services.AddHangfireServer(server => server.WorkerCount = 4);
    }

    public static void Map(WebApplication app)
    {
        if (app.Services.GetService<Jobs>() is null)
            return; // the routes alone are asked for
        app.UseHangfireDashboard("/hangfire", new() { Authorization = [], AsyncAuthorization = [new MayRunJobs()] });
        var manager = app.Services.GetRequiredService<IRecurringJobManager>();
        foreach (var job in Jobs.All)
        {
            var cron = job.Daily is { } at ? Cron.Daily(at.Hour, at.Minute) : Cron.Minutely();
            var missed = job.MadeUp ? MisfireHandlingMode.Relaxed : MisfireHandlingMode.Ignorable;
            manager.AddOrUpdate<Timed>(job.Name, timed => timed.RunAsync(job.Name, CancellationToken.None), cron,
                new RecurringJobOptions { TimeZone = TimedJob.Zone, MisfireHandling = missed });
        }
    }

    public Task<IReadOnlyList<JobState>> ListAsync(int runs, CancellationToken cancel)
    {
        using var connection = storage.GetConnection();
        var (planned, ended) = (connection.GetRecurringJobs(), storage.GetMonitoringApi());
        var ran = ended.SucceededJobs(0, MostLookedAt).Select(run => (run.Value.Job, Run: new JobRun(
                Utc(run.Value.SucceededAt), null, run.Value.TotalDuration ?? 0, true, null, $"{run.Value.Result}")))
            .Concat(ended.FailedJobs(0, MostLookedAt).Select(run => (run.Value.Job, Run: new JobRun(
                Utc(run.Value.FailedAt), null, 0, false, run.Value.ExceptionMessage, null))))
            .OrderByDescending(r => r.Run.At).ToLookup(r => r.Job?.Args[0] as string, r => r.Run);
        return Task.FromResult<IReadOnlyList<JobState>>([.. from job in Jobs.All
            join plan in planned on job.Name equals plan.Id
            select new JobState(job.Name, plan.NextExecution is null ? null : Utc(plan.NextExecution),
                plan.LastExecution is null ? null : Utc(plan.LastExecution), [.. ran[job.Name].Take(runs)])]);
    }

    private static DateTimeOffset Utc(DateTime? at) => new(DateTime.SpecifyKind(at ?? default, DateTimeKind.Utc));

    public Task TriggerAsync(string name, CancellationToken cancel)
    {
        manager.Trigger(name);
        return Task.CompletedTask;
    }

    /// <summary>What Hangfire calls.</summary>
    internal sealed class Timed(Jobs jobs)
    {
        [AutomaticRetry(Attempts = 0), DisableConcurrentExecution("{0}", 60)]
        public Task<string?> RunAsync(string name, CancellationToken cancel) => jobs.RunAsync(name, cancel);
    }

    private sealed class MayRunJobs : IDashboardAsyncAuthorizationFilter
    {
        public async Task<bool> AuthorizeAsync(DashboardContext context) =>
            Rights.Of(await Caller.BindAsync(context.GetHttpContext()), Rights.JobRuns) > Reach.Nothing;
    }
}
