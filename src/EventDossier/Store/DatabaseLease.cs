using Npgsql;

namespace EventDossier.Store;

/// <summary>
/// The database that a program works on, held until disposed: on the server that <c>ConnectionStrings__EventDossier</c>
/// names, else on the private cluster of the data folder.
/// </summary>
public sealed class DatabaseLease : IAsyncDisposable
{
    private readonly Cluster? cluster;

    private DatabaseLease(string connectionString, Cluster? cluster) => (ConnectionString, this.cluster) = (connectionString, cluster);

    /// <summary>The connection string of the server that was given to us, if one was.</summary>
    public static string? GivenServer => Environment.GetEnvironmentVariable("ConnectionStrings__EventDossier") is { Length: > 0 } given ? given : null;

    /// <summary>The connection string of the server for the applicants' keys that was given to us, if one was.</summary>
    public static string? GivenKeyServer => Environment.GetEnvironmentVariable("ConnectionStrings__Keys") is { Length: > 0 } given ? given : null;

    public string ConnectionString { get; }

    public string Url => cluster?.Url ?? Cluster.UrlOf(ConnectionString);

    /// <param name="dataFolder">See <see cref="Cluster.DataFolder"/>.</param>
    /// <param name="sample">The database of samples and simulations beside the real one, its name ending in <c>_sample</c>.</param>
    /// <exception cref="DatabaseUnreachableException">See <see cref="Cluster.OpenAsync"/>. A given server is not tried here.</exception>
    public static async Task<DatabaseLease> OpenAsync(string? dataFolder, bool sample, TimeProvider time, CancellationToken cancel)
    {
        if (GivenServer is { } given) return new(sample ? SampleOf(given) : given, null);
        var cluster = await Cluster.OpenAsync(
            Cluster.DataFolder(dataFolder), time, sample ? Cluster.SampleDatabase : Cluster.DefaultDatabase, cancel: cancel);
        return new(cluster.ConnectionString, cluster);
    }

    /// <summary>
    /// The database of the applicants' keys: on the server that <c>ConnectionStrings__Keys</c> names, else on a second private cluster, so that no copy of the events' files holds it.
    /// </summary>
    /// <exception cref="UserError"><c>keys-missing</c>: the events' server was given, and none for the keys, which are never put beside the events unasked.</exception>
    public static async Task<DatabaseLease> OpenKeysAsync(string? dataFolder, bool sample, TimeProvider time, CancellationToken cancel)
    {
        if (GivenKeyServer is { } given) return new(sample ? SampleOf(given) : given, null);
        if (GivenServer is not null)
            throw new UserError("keys-missing", "ConnectionStrings__EventDossier names a server for the events: name another database for the applicants' keys in ConnectionStrings__Keys");
        var cluster = await Cluster.OpenAsync(
            Cluster.KeysFolder(Cluster.DataFolder(dataFolder)), time, sample ? Cluster.SampleDatabase : Cluster.DefaultDatabase, Cluster.KeySettings, cancel);
        return new(cluster.ConnectionString, cluster);
    }

    /// <summary>The same server's database of samples.</summary>
    public static string SampleOf(string connectionString)
    {
        var to = new NpgsqlConnectionStringBuilder(connectionString);
        to.Database = (to.Database ?? to.Username) + "_sample";
        return to.ConnectionString;
    }

    public ValueTask DisposeAsync() => cluster?.DisposeAsync() ?? ValueTask.CompletedTask;
}
