using System.Diagnostics;
using Npgsql;

namespace EventDossier.StoreTests;

/// <summary>Counts the commands that the driver sends to one database.</summary>
internal sealed class RoundTrips : IDisposable
{
    private readonly ActivityListener _listener;
    private int _count;

    public RoundTrips(string connection)
    {
        var database = new NpgsqlConnectionStringBuilder(connection).Database;
        _listener = new()
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.Tags.Any(tag => tag.Key is "db.name" or "db.namespace" && tag.Value == database) && activity.Tags.Any(tag => tag.Key is "db.statement" or "db.query.text"))
                    Interlocked.Increment(ref _count);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public int Count => _count;

    public void Dispose() => _listener.Dispose();
}
