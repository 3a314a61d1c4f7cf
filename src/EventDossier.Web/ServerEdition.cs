using EventDossier.Dossiers;

namespace EventDossier.Web;

/// <summary>
/// What the server leaves to its edition: who runs the timetable, and how a command gets to the desk. This one is the default edition; a server built with another
/// names it before anything else runs.
/// </summary>
internal class ServerEdition
{
    public static ServerEdition Current { get; set; } = new();

    /// <param name="centre">Null where nothing is to run.</param>
    public virtual void Add(WebApplicationBuilder builder, Centre? centre) => QuartzTimetable.Add(builder, centre);

    /// <summary>Pages of its own.</summary>
    public virtual void Map(WebApplication app) { }

    /// <summary>Has an act carried out and tells what came of it.</summary>
    /// <exception cref="UserError">Also the desk's own errors.</exception>
    public virtual Task<Desk.Result> DeliverAsync(Errand errand, IServiceProvider services, CancellationToken cancel) =>
        errand.CarryOutAsync(services.GetRequiredService<Centre>(), cancel);

    /// <summary>Acts that were given up after all tries, for the administrator; none where whoever asked is told at once.</summary>
    public virtual Task<IReadOnlyList<Undelivered>> UndeliveredAsync(IServiceProvider services, int most, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<Undelivered>>([]);
}

/// <summary>An act that was given up.</summary>
public sealed record Undelivered(Guid Id, DateTimeOffset At, string Error, string Message);
