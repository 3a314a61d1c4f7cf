using Npgsql;

namespace EventDossier.Store;

/// <summary>A migrated database, opened as the application's role: the log, and the connections that views and queries use.</summary>
public sealed class Database : IAsyncDisposable
{
    private readonly NpgsqlDataSource _log;

    private Database(NpgsqlDataSource app, NpgsqlDataSource log, EventNames names, TimeProvider clock, bool sample, Edition edition)
    {
        (App, _log, Names, Clock, IsSample) = (app, log, names, clock, sample);
        Log = edition.OpenLog(log, names, clock, sample);
    }

    public NpgsqlDataSource App { get; }
    public EventNames Names { get; }
    public TimeProvider Clock { get; }

    /// <summary>Simulated: not the centre's real dossiers.</summary>
    public bool IsSample { get; }

    public NpgsqlEventLog Log { get; }

    /// <param name="connectionString">Of a login that may take the role <c>dossier_app</c>: its member, or the owner.</param>
    /// <exception cref="UserError"><c>not-migrated</c></exception>
    /// <exception cref="NpgsqlException">The server cannot be reached.</exception>
    public static Task<Database> OpenAsync(string connectionString, EventNames names, TimeProvider clock, CancellationToken cancel = default) =>
        OpenAsync(Edition.Current, connectionString, names, clock, cancel);

    /// <summary>The same, written to by an edition that need not be the process's.</summary>
    public static async Task<Database> OpenAsync(Edition edition, string connectionString, EventNames names, TimeProvider clock, CancellationToken cancel = default)
    {
        var app = NpgsqlDataSource.Create(AsApplication(connectionString));
        try
        {
            await using var connection = await app.OpenConnectionAsync(cancel);
            return new(app, NpgsqlDataSource.Create(AsApplication(connectionString, OnePlan)), names, clock, await Migration.IsSampleAsync(connection, cancel), edition);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidParameterValue
            or PostgresErrorCodes.UndefinedObject or PostgresErrorCodes.InsufficientPrivilege)
        {
            await app.DisposeAsync();
            throw new UserError("not-migrated", "the database has no tables of ours yet; run dossier migrate");
        }
    }

    /// <summary>The position up to which the log is settled: what is appended from now on lies beyond it.</summary>
    public async Task<long> HeadAsync(CancellationToken cancel = default)
    {
        await using var connection = await App.OpenConnectionAsync(cancel);
        return await CommitOrder.SettledAsync(connection, Clock, cancel);
    }

    /// <summary>When the last event at or before a position was recorded; null where there is none.</summary>
    public async Task<DateTimeOffset?> RecordedAtAsync(long position, CancellationToken cancel = default)
    {
        await using var command = App.CreateCommand("SELECT timestamp FROM dossier.mt_events WHERE seq_id <= @position ORDER BY seq_id DESC LIMIT 1");
        command.Parameters.AddWithValue("position", position);
        return await command.ExecuteScalarAsync(cancel) is DateTime at ? new DateTimeOffset(at) : null;
    }

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        await _log.DisposeAsync();
        await App.DisposeAsync();
    }

    /// <summary>
    /// The log's few statements take arrays. PostgreSQL would plan them anew for every array, which costs more than running them; and a plan made on an empty table
    /// must not scan it when it has grown.
    /// </summary>
    private const string OnePlan = " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off";

    /// <summary>
    /// As the role that may append and read. A session left in a transaction is ended, since it would hold the sequence. Statements are prepared by
    /// themselves, and a connection goes back to the pool as it is: nothing here leaves session state behind.
    /// </summary>
    public static string AsApplication(string connectionString, string more = "") => new NpgsqlConnectionStringBuilder(connectionString)
    {
        Options = "-c role=dossier_app -c idle_in_transaction_session_timeout=30s -c timezone=UTC" + more,
        ApplicationName = "eventdossier",
        NoResetOnClose = true,
        MaxAutoPrepare = 100,
        AutoPrepareMinUsages = 2,
        IncludeErrorDetail = true,
    }.ConnectionString;
}
