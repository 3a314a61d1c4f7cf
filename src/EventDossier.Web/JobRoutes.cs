namespace EventDossier.Web;

/// <summary>The timetable and what came of it, and commands that could not be carried out.</summary>
internal static class JobRoutes
{
    private const int Runs = 20;
    private const int MostUndelivered = 100;

    public static void MapJobs(this WebApplication app)
    {
        app.MapGet("/api/jobs", ListAsync).WithTags("jobs").WithSummary("The timetable, and the last runs of each job").Answers(Examples.Jobs);
        app.MapPost("/api/jobs/{name}/runs", RunAsync).WithTags("jobs").WithSummary("Runs a job now, on whichever node is free").Answers(Examples.Job, 202);
        app.MapGet("/api/jobs/undelivered", UndeliveredAsync).WithTags("jobs").WithSummary("Acts that were taken in and given up after all tries; none where the edition answers at once").Answers(Examples.Undelivered);
    }

    private static async Task<IResult> ListAsync(Caller caller, Centre centre, ITimetable timetable, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.Jobs, centre, cancel);
        return Results.Ok(new JobsTold(await timetable.ListAsync(Runs, cancel)));
    }

    private static async Task<IResult> UndeliveredAsync(Caller caller, Centre centre, IServiceProvider services, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.JobRuns, centre, cancel);
        return Results.Ok(new Listed<Undelivered>(await ServerEdition.Current.UndeliveredAsync(services, MostUndelivered, cancel)));
    }

    private static async Task<IResult> RunAsync(string name, Caller caller, Centre centre, ITimetable timetable, CancellationToken cancel)
    {
        await Scope.OfAsync(caller, Rights.JobRuns, centre, cancel);
        if (Jobs.All.All(job => job.Name != name))
            throw new UserError("no-such-job", $"there is no job {name}");
        await timetable.TriggerAsync(name, cancel);
        return Results.Accepted("/api/jobs", new JobNamed(name));
    }
}
