using System.Text.RegularExpressions;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.StoreTests;

/// <summary>
/// A fresh, empty database, dropped when disposed: a class fixture, or made in a test by <see cref="CreateAsync"/>. It stands
/// on the server that <c>EVENTDOSSIER_TEST_DB</c> names (a connection string that may create databases), else on one
/// private cluster under the repository's <c>.data/test</c>, which all test processes share.
/// </summary>
public sealed partial class TestDatabase : IAsyncLifetime, IAsyncDisposable
{
    // Whose databases these are, as far as a process number says: those of other machines on one server are not ours to judge.
    private static readonly string Prefix = $"test_{NotPlain().Replace(Environment.MachineName.ToLowerInvariant(), "")}_";
    private static readonly Lazy<Task<string>> Server = new(LeaseAsync);
    private static readonly Lazy<Task<string>> Template = new(MakeTemplateAsync);

    // Nobody misses these databases after a power cut. A dropped database costs a checkpoint, which is cheap when nothing is flushed.
    private static readonly Dictionary<string, string> Quick = new()
    {
        ["shared_buffers"] = "128MB",
        ["fsync"] = "off",
        ["synchronous_commit"] = "off",
        ["full_page_writes"] = "off",
    };

    private static int _made;
    private string? _name;

#pragma warning disable RS0030 // The tests' composition: here the real clock enters.
    public static TimeProvider Time => TimeProvider.System;
#pragma warning restore RS0030

    public string ConnectionString { get; private set; } = "";

    public string Name => new NpgsqlConnectionStringBuilder(ConnectionString).Database!;

    /// <summary>Of the key that would sign a database's public log. It goes with the database: the last published checkpoint stands beside it.</summary>
    public static string SigningKeyFile(string database) => Path.Combine(RepositoryRoot, ".data", "test-keys", database, "signing.key");

    /// <summary>The repository, found from the test assembly upwards.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    public static async Task<TestDatabase> CreateAsync()
    {
        var database = new TestDatabase();
        await database.InitializeAsync();
        return database;
    }

    /// <summary>A live database with the product's tables and views, copied from one that was migrated once.</summary>
    public static async Task<TestDatabase> CreateMigratedAsync()
    {
        var database = new TestDatabase();
        await database.InitializeAsync(await Template.Value);
        return database;
    }

    public Task InitializeAsync() => InitializeAsync("template1");

    private async Task InitializeAsync(string template)
    {
        var server = await Server.Value;
        _name = $"{Prefix}{Environment.ProcessId}_{Interlocked.Increment(ref _made)}";
        DropKeys(_name);
        await ExecuteAsync(server, $"DROP DATABASE IF EXISTS {_name} WITH (FORCE)");
        await ExecuteAsync(server, $"CREATE DATABASE {_name} TEMPLATE {template}");
        ConnectionString = new NpgsqlConnectionStringBuilder(server) { Database = _name, Pooling = true }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _name, null) is not { } name) return;
        await using (var pool = new NpgsqlConnection(ConnectionString)) NpgsqlConnection.ClearPool(pool);
        await ExecuteAsync(await Server.Value, $"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        DropKeys(name);
    }

    private static void DropKeys(string database)
    {
        if (Path.GetDirectoryName(SigningKeyFile(database))! is var folder && Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    /// <summary>Left behind for the next process to drop, as any leftover.</summary>
    private static async Task<string> MakeTemplateAsync()
    {
        var server = await Server.Value;
        var name = $"{Prefix}{Environment.ProcessId}_template";
        await ExecuteAsync(server, $"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        await ExecuteAsync(server, $"CREATE DATABASE {name}");
        await Migration.RunAsync(new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString, sample: false, ProductViews.All);
        return name;
    }

    private static async Task<string> LeaseAsync()
    {
        var server = Environment.GetEnvironmentVariable("EVENTDOSSIER_TEST_DB");
        if (server is not { Length: > 0 })
        {
            var cluster = await Cluster.OpenAsync(
                Path.Combine(RepositoryRoot, ".data", "test"), Time, "postgres", Quick);
            AppDomain.CurrentDomain.ProcessExit += (_, _) => cluster.DisposeAsync().AsTask().GetAwaiter().GetResult();
            server = cluster.ConnectionString;
        }
        server = new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString;
        await DropLeftoversAsync(server);
        return server;
    }

    private static async Task DropLeftoversAsync(string server)
    {
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        // Two processes that begin together would drop the same ones; the lock goes with the connection.
        await using (var alone = new NpgsqlCommand("SELECT pg_advisory_lock(hashtext('test leftovers'))", connection)) await alone.ExecuteNonQueryAsync();
        List<string> names = [];
        await using (var find = new NpgsqlCommand("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", connection) { Parameters = { new() { Value = Prefix } } })
        await using (var rows = await find.ExecuteReaderAsync())
            while (await rows.ReadAsync()) names.Add(rows.GetString(0));
        foreach (var name in names.Where(name => !Directory.Exists($"/proc/{name[Prefix.Length..].Split('_')[0]}")))
        {
            await using var drop = new NpgsqlCommand($"DROP DATABASE IF EXISTS {name} WITH (FORCE)", connection);
            await drop.ExecuteNonQueryAsync();
        }
    }

    private static async Task ExecuteAsync(string server, string sql)
    {
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "EventDossier.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"no EventDossier.sln above {AppContext.BaseDirectory}");
        return folder.FullName;
    }

    [GeneratedRegex("[^a-z0-9]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NotPlain();
}
