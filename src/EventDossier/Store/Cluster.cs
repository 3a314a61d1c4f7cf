using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace EventDossier.Store;

/// <summary>
/// A lease on the private PostgreSQL cluster of a data folder. It is started by whoever needs it first, shared by every
/// process that leases it, and stopped by the last one to end, unless <c>db start</c> left its mark.
/// <para>
/// The data folder holds <c>cluster.json</c> (owner only: password, port, where the cluster is), the cluster itself in
/// <c>pg</c>, and two lock files. <c>gate</c> is held while anyone starts or stops the server; <c>users</c> is held, shared,
/// by every lease. A killed process leaves no lock, so the next lease to end stops what it left running.
/// </para>
/// <para>
/// The server listens on 127.0.0.1 and on a socket inside its own folder, both with a password. Started by root, it runs
/// as <c>postgres</c> or <c>nobody</c>, and where that account cannot reach the data folder the cluster stands under
/// <c>/var/lib/eventdossier/</c>.
/// </para>
/// </summary>
public sealed class Cluster : IAsyncDisposable
{
    public const string DefaultDatabase = "eventdossier";
    public const string SampleDatabase = "eventdossier_sample";
    private const string Owner = "eventdossier";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Place place;
    private readonly ClusterLock users;

    private Cluster(Place place, ClusterLock users, State state, string database)
    {
        (this.place, this.users, Database) = (place, users, database);
        Port = state.Port;
        ConnectionString = place.ConnectionString(state, database);
        Url = UrlOf(place.ConnectionString(state, database, overSocket: false));
    }

    /// <summary>
    /// The data folder of programs: the one named, else <c>EVENTDOSSIER_DATA</c>, else <c>.data</c> beside the
    /// EventDossier.sln above the current folder, else <c>.data</c> in the current folder.
    /// </summary>
    public static string DataFolder(string? named)
    {
        if (named is { Length: > 0 }) return Path.GetFullPath(named);
        if (Environment.GetEnvironmentVariable("EVENTDOSSIER_DATA") is { Length: > 0 } set) return Path.GetFullPath(set);
        var current = new DirectoryInfo(Environment.CurrentDirectory);
        var root = current;
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "EventDossier.sln"))) root = root.Parent;
        return Path.Combine((root ?? current).FullName, ".data");
    }

    /// <summary>A <c>postgresql://</c> URL for psql, of an Npgsql connection string.</summary>
    public static string UrlOf(string connectionString)
    {
        var to = new NpgsqlConnectionStringBuilder(connectionString);
        var (user, password, database) = (Escape(to.Username), Escape(to.Password), Escape(to.Database));
        var credentials = user + (password == "" ? "" : ":" + password) + (user == "" ? "" : "@");
        // A socket's folder is no host name: it travels as a parameter.
        return to.Host is ['/', ..]
            ? $"postgresql://{credentials}/{database}?host={Escape(to.Host)}&port={to.Port}"
            : $"postgresql://{credentials}{string.Join(',', (to.Host ?? "localhost").Split(',').Select(host => host.Contains(':') ? host : $"{host}:{to.Port}"))}/{database}";

        static string Escape(string? part) => Uri.EscapeDataString(part ?? "");
    }

    /// <summary>What the server runs with, in <c>postgresql.conf</c>; the log is durable at every commit.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["checkpoint_timeout"] = "15min",
        ["datestyle"] = "iso, ymd",
        ["default_text_search_config"] = "pg_catalog.simple",
        ["fsync"] = "on",
        ["jit"] = "off",
        ["lc_messages"] = "C",
        ["log_timezone"] = "UTC",
        ["max_connections"] = "200",
        ["max_wal_size"] = "4GB",
        ["password_encryption"] = "scram-sha-256",
        ["random_page_cost"] = "1.1",
        ["shared_buffers"] = "1GB",
        ["synchronous_commit"] = "on",
        ["timezone"] = "UTC",
        ["wal_compression"] = "lz4",
    };

    /// <summary>
    /// What the second cluster runs with instead, which holds the applicants' keys. It is small; and a write-ahead log that is done with is removed rather than used again, for it holds what was
    /// erased since.
    /// </summary>
    public static IReadOnlyDictionary<string, string> KeySettings { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["max_connections"] = "50",
        ["max_wal_size"] = "256MB",
        ["min_wal_size"] = "32MB",
        ["shared_buffers"] = "32MB",
        ["wal_recycle"] = "off",
    };

    /// <summary>The data folder of that cluster, inside the one of the programs. The master key stands there too, unless it is named.</summary>
    public static string KeysFolder(string dataFolder) => Path.Combine(dataFolder, "keys");

    /// <summary>For Npgsql: the server's socket, or 127.0.0.1 where the path of a socket would be too long.</summary>
    public string ConnectionString { get; }

    /// <summary>For psql and other tools: <c>postgresql://user:password@127.0.0.1:port/database</c>.</summary>
    public string Url { get; }

    public string Database { get; }

    public int Port { get; }

    /// <summary>The server's own data folder.</summary>
    public string Folder => place.Server;

    /// <summary>Starts the cluster if it does not run (making it at first) and holds it until disposed.</summary>
    /// <param name="dataFolder">Made when missing.</param>
    /// <param name="database">Made when missing.</param>
    /// <param name="settings">Added to, or instead of, <see cref="Settings"/>; ignored where the server already runs.</param>
    /// <param name="time">Paces the waits for a server that is starting.</param>
    /// <exception cref="DatabaseUnreachableException">PostgreSQL is not installed, or does not start; says why.</exception>
    public static async Task<Cluster> OpenAsync(
        string dataFolder, TimeProvider time, string database = DefaultDatabase, IReadOnlyDictionary<string, string>? settings = null, CancellationToken cancel = default)
    {
        try
        {
            Directory.CreateDirectory(dataFolder);
            dataFolder = ClusterProcess.RealPath(dataFolder);
            using var gate = await ClusterLock.WaitExclusiveAsync(Place.Inside(dataFolder).Gate, cancel);
            var (place, state) = await PrepareAsync(dataFolder);
            // Whoever tries this file exclusively does so under the gate: here it is free to share.
            var users = ClusterLock.Try(place.Users, exclusive: false)!;
            try
            {
                state = await StartAsync(place, state, settings, time, cancel);
                await EnsureDatabaseAsync(place.ConnectionString(state, database), cancel);
                return new Cluster(place, users, state, database);
            }
            catch
            {
                // What was started for a caller that gave up has no other end than this.
                users.Dispose();
                if (!File.Exists(place.Keep)) await StopUnlessUsedAsync(place);
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseUnreachableException($"the data folder {dataFolder} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>What stands in a data folder; starts nothing.</summary>
    public static async Task<ClusterStatus> StatusAsync(string dataFolder, CancellationToken cancel = default)
    {
        if (await EnterAsync(dataFolder, cancel) is not var (gate, place, state)) return new(Path.GetFullPath(dataFolder), Made: false);
        using (gate)
        {
            var version = await ProbeAsync(place, state, cancel);
            using var alone = ClusterLock.Try(place.Users, exclusive: true);
            return new(place.DataFolder, place.IsMade)
            {
                Running = version is not null,
                Kept = File.Exists(place.Keep),
                InUse = alone is null,
                Port = state.Port,
                Folder = place.Server,
                Version = version,
            };
        }
    }

    /// <summary>The lease of a cluster that runs already, or null. The database is not made.</summary>
    public static async Task<Cluster?> JoinAsync(string dataFolder, string database = DefaultDatabase, CancellationToken cancel = default)
    {
        if (await EnterAsync(dataFolder, cancel) is not var (gate, place, state)) return null;
        using (gate)
            return await ProbeAsync(place, state, cancel) is null ? null : new(place, ClusterLock.Try(place.Users, exclusive: false)!, state, database);
    }

    /// <summary>Takes the mark of <see cref="KeepRunning"/> away and stops the server, unless others lease it: then the last of them will.</summary>
    /// <returns>Whether it is stopped now.</returns>
    public static async Task<bool> StopAsync(string dataFolder, CancellationToken cancel = default)
    {
        if (await EnterAsync(dataFolder, cancel) is not var (gate, place, _)) return true;
        using (gate)
        {
            File.Delete(place.Keep);
            return await StopUnlessUsedAsync(place);
        }
    }

    /// <summary>Leaves the server running when the last lease ends.</summary>
    public void KeepRunning() => File.WriteAllText(place.Keep, "");

    public async ValueTask DisposeAsync()
    {
        using var gate = await ClusterLock.WaitExclusiveAsync(place.Gate, CancellationToken.None);
        users.Dispose();
        if (!File.Exists(place.Keep)) await StopUnlessUsedAsync(place);
    }

    /// <summary>The gate of a data folder that has a cluster, taken; null, and nothing written, where there is none.</summary>
    private static async Task<(ClusterLock Gate, Place Place, State State)?> EnterAsync(string dataFolder, CancellationToken cancel)
    {
        if (!File.Exists(Place.Inside(dataFolder).StateFile)) return null;
        dataFolder = ClusterProcess.RealPath(dataFolder);
        var gate = await ClusterLock.WaitExclusiveAsync(Place.Inside(dataFolder).Gate, cancel);
        try
        {
            if (await LoadAsync(dataFolder) is var (place, state)) return (gate, place, state);
            gate.Dispose();
            return null;
        }
        catch
        {
            gate.Dispose();
            throw;
        }
    }

    private static async Task<(Place, State)> PrepareAsync(string dataFolder)
    {
        var known = await LoadAsync(dataFolder);
        var place = known?.Place ?? await NewPlaceAsync(dataFolder);
        var state = known?.State;
        if (state is not null && place.IsMade) return (place, state);
        if (state is null && place.IsMade)
            throw new DatabaseUnreachableException($"{place.Server} is a cluster whose {place.StateFile} is missing: put that file back, or move the cluster away");
        if (state is { Made: true })
            throw new DatabaseUnreachableException($"{place.Server} is gone: put the cluster back, or remove {place.StateFile} to begin with an empty one");

        // The password is on disk before the cluster that needs it.
        state ??= new State(FreePort(), RandomNumberGenerator.GetHexString(48, lowercase: true), place.Server);
        await SaveAsync(place, state);
        await MakeAsync(place, state);
        state = state with { Made = true };
        await SaveAsync(place, state);
        return (place, state);
    }

    private static async Task MakeAsync(Place place, State state)
    {
        var binaries = await ClusterBinaries.FindAsync(major: null);
        // Made beside and renamed, so that a half-made cluster is never taken for one.
        var half = place.Server + ".new";
        if (Directory.Exists(half)) Directory.Delete(half, recursive: true);
        ClusterProcess.MakeServerFolder(half);
        var data = Path.Combine(half, "data");
        var password = Path.Combine(half, "password");
        await ClusterProcess.WriteAsServerAsync(password, state.Password);
        // Text is ordered by its bytes, the same everywhere and on every version of the C library; letters are still Unicode's.
        foreach (var letters in (string[])["C.UTF-8", "C"])
        {
            var (exit, output) = await ClusterProcess.RunAsServerAsync(binaries["initdb"],
            [
                "--pgdata", data, "--username", Owner, "--pwfile", password, "--encoding=UTF8", "--locale=C", $"--lc-ctype={letters}",
                "--auth=scram-sha-256", "--data-checksums", "--no-instructions",
            ]);
            if (exit == 0) break;
            if (letters == "C") throw new DatabaseUnreachableException($"initdb failed in {half}: {LastLine(output)}");
        }
        File.Delete(password);
        Directory.Move(half, place.Server);
    }

    private static async Task<State> StartAsync(
        Place place, State state, IReadOnlyDictionary<string, string>? settings, TimeProvider time, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        for (; ; await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancel))
        {
            if (await ProbeAsync(place, state, cancel) is not null) return state;
            cancel.ThrowIfCancellationRequested();
            var error = "it runs but takes no connections";
            if (!place.ProcessLives)
            {
                if (!IsFree(state.Port))
                {
                    state = state with { Port = FreePort() };
                    await SaveAsync(place, state);
                }
                if (await TryStartAsync(place, state, settings) is not { } failure) continue;
                error = failure;
            }
            // After a kill -9 of the server its children hold its memory for a moment, and a start is refused until they are gone.
            if (time.GetElapsedTime(began) > Patience) throw new DatabaseUnreachableException($"PostgreSQL in {place.Server} does not start: {error}");
        }
    }

    /// <returns>Null, or why it did not start.</returns>
    private static async Task<string?> TryStartAsync(Place place, State state, IReadOnlyDictionary<string, string>? settings)
    {
        var binaries = await ClusterBinaries.FindAsync(place.Major);
        var all = new SortedDictionary<string, string>(Settings.ToDictionary(), StringComparer.Ordinal)
        {
            ["listen_addresses"] = "127.0.0.1",
            ["port"] = $"{state.Port}",
            ["unix_socket_directories"] = place.HasSocket ? place.Data : "",
            ["unix_socket_permissions"] = "0700",
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>()) all[name] = value;
        // Pages that go to the log whole after a checkpoint are packed by lz4 several times as fast, but not every server was built with it.
        if (all["wal_compression"] == "lz4" && (await ClusterProcess.RunAsServerAsync(
            binaries["postgres"], ["-D", place.Data, "-C", "wal_compression", "-c", "wal_compression=lz4"])).Exit != 0)
            all["wal_compression"] = "on";
        var lines = all.Select(setting => $"{setting.Key} = '{setting.Value.Replace("'", "''")}'\n");
        await ClusterProcess.WriteAsServerAsync(Path.Combine(place.Data, "postgresql.conf"), string.Concat(lines));
        // A number that another process has by now would make the server believe that it runs already.
        if (File.Exists(place.ProcessFile) && Directory.Exists($"/proc/{place.ProcessId}")) File.Delete(place.ProcessFile);
        var log = Path.Combine(place.Server, "log");
        var (exit, output) = await ClusterProcess.RunAsServerAsync(
            binaries["pg_ctl"], ["start", "--pgdata", place.Data, "--wait", "--timeout=600", "--silent", "--log", log]);
        return exit == 0 ? null : $"{LastLine(File.Exists(log) ? string.Join('\n', File.ReadLines(log).Where(IsFatal).TakeLast(1)) : output)} (see {log})";

        static bool IsFatal(string line) => line.Contains("FATAL:", StringComparison.Ordinal);
    }

    private static async Task<bool> StopUnlessUsedAsync(Place place)
    {
        using var alone = ClusterLock.Try(place.Users, exclusive: true);
        if (alone is null) return false;
        if (!place.ProcessLives) return true;
        var binaries = await ClusterBinaries.FindAsync(place.Major);
        var (exit, output) = await ClusterProcess.RunAsServerAsync(
            binaries["pg_ctl"], ["stop", "--pgdata", place.Data, "--mode=fast", "--wait", "--timeout=120", "--silent"]);
        if (exit != 0 && place.ProcessLives) throw new DatabaseUnreachableException($"PostgreSQL in {place.Server} does not stop: {LastLine(output)}");
        return true;
    }

    /// <summary>The server's version if it answers, and is the server of this very folder.</summary>
    private static async Task<string?> ProbeAsync(Place place, State state, CancellationToken cancel)
    {
        if (!place.ProcessLives) return null;
        try
        {
            await using var connection = new NpgsqlConnection(place.ConnectionString(state, "postgres", pooled: false));
            await connection.OpenAsync(cancel);
            await using var command = new NpgsqlCommand("SELECT current_setting('data_directory'), current_setting('server_version')", connection);
            await using var row = await command.ExecuteReaderAsync(cancel);
            await row.ReadAsync(cancel);
            return row.GetString(0) == place.Data ? row.GetString(1) : null;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.TooManyConnections)
        {
            return ""; // It lives, and is busy.
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidPassword)
        {
            throw new DatabaseUnreachableException($"the password in {place.StateFile} is not the one of the cluster in {place.Server}", e);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return null;
        }
    }

    private static async Task EnsureDatabaseAsync(string connectionString, CancellationToken cancel)
    {
        var wanted = new NpgsqlConnectionStringBuilder(connectionString);
        var database = wanted.Database!;
        (wanted.Database, wanted.Pooling) = ("postgres", false);
        await using var connection = new NpgsqlConnection(wanted.ConnectionString);
        await connection.OpenAsync(cancel);
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = database } } };
        if (await exists.ExecuteScalarAsync(cancel) is not null) return;
        await using var create = new NpgsqlCommand($"CREATE DATABASE \"{database.Replace("\"", "\"\"")}\"", connection);
        await create.ExecuteNonQueryAsync(cancel);
    }

    private static async Task<Place> NewPlaceAsync(string dataFolder)
    {
        var inside = Place.Inside(dataFolder);
        if (ClusterProcess.ServerAccount is null || inside.IsMade) return inside;
        var trial = inside.Server + ".new";
        if (Directory.Exists(trial)) Directory.Delete(trial, recursive: true);
        ClusterProcess.MakeServerFolder(trial);
        var (reached, _) = await ClusterProcess.RunAsServerAsync("/bin/sh", ["-c", "test -w \"$1\"", "sh", trial]);
        Directory.Delete(trial);
        if (reached == 0) return inside;
        var elsewhere = Place.Elsewhere(dataFolder);
        Directory.CreateDirectory(Path.GetDirectoryName(elsewhere.Server)!, (UnixFileMode)0b111_101_101);
        return elsewhere;
    }

    private static async Task<(Place Place, State State)?> LoadAsync(string dataFolder)
    {
        var file = Place.Inside(dataFolder).StateFile;
        if (!File.Exists(file)) return null;
        var state = JsonSerializer.Deserialize<State>(await File.ReadAllTextAsync(file))!;
        var place = state.Folder == Place.Folder ? Place.Inside(dataFolder) : Place.Elsewhere(dataFolder);
        // Two data folders over one cluster would each believe that nobody else uses it.
        if (state.Folder != Place.Folder && state.Folder != place.Server)
            throw new DatabaseUnreachableException($"{dataFolder} was moved or copied here, its cluster stays in {state.Folder}: move it to {place.Server} and name that in {file}, or remove that file");
        return (place, state);
    }

    private static async Task SaveAsync(Place place, State state)
    {
        var beside = place.StateFile + ".new";
        File.Delete(beside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        await using (var file = new FileStream(beside, options))
        {
            await JsonSerializer.SerializeAsync(file, state with { Folder = place.Named });
            file.Flush(flushToDisk: true);
        }
        File.Move(beside, place.StateFile, overwrite: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string LastLine(string output) => output.Trim().Split('\n')[^1].Trim();

    /// <param name="Folder">Where the cluster is: <c>pg</c> in the data folder, or an absolute path.</param>
    /// <param name="Made">Whether initdb ran to its end: then a missing cluster is a loss, and nothing to be made again.</param>
    private sealed record State(int Port, string Password, string Folder, bool Made = false);

    /// <summary>Where the parts of one cluster are.</summary>
    private sealed record Place(string DataFolder, string Server, string Named)
    {
        public const string Folder = "pg";

        /// <summary>A socket's path has at most 107 bytes; Npgsql and the server's list of folders give commas and colons a meaning.</summary>
        private const int LongestSocketFolder = 107 - 15;
        private static readonly SearchValues<char> Special = SearchValues.Create(",:;\"'@\\");

        public string StateFile => Path.Combine(DataFolder, "cluster.json");
        public string Gate => Path.Combine(DataFolder, "gate");
        public string Users => Path.Combine(DataFolder, "users");
        public string Keep => Path.Combine(DataFolder, "keep");
        public string Data => Path.Combine(Server, "data");
        public string ProcessFile => Path.Combine(Data, "postmaster.pid");
        public bool IsMade => File.Exists(Path.Combine(Data, "PG_VERSION"));
        public int Major => int.Parse(File.ReadAllText(Path.Combine(Data, "PG_VERSION")));
        public bool HasSocket => Encoding.UTF8.GetByteCount(Data) <= LongestSocketFolder && !Data.AsSpan().ContainsAny(Special);

        /// <summary>Of the server that last started; the number may be another process's by now.</summary>
        public int ProcessId => File.Exists(ProcessFile) && File.ReadLines(ProcessFile).FirstOrDefault() is { } line && int.TryParse(line, out var id) ? id : 0;

        /// <summary>A server works in its own folder, which tells it from a process that has its number by chance.</summary>
        public bool ProcessLives
        {
            get
            {
                try
                {
                    return ProcessId is var id and not 0 && new DirectoryInfo($"/proc/{id}/cwd").LinkTarget == Data;
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    return false; // It ended while we looked, or is somebody else's.
                }
            }
        }

        public static Place Inside(string dataFolder) => new(dataFolder, Path.Combine(dataFolder, Folder), Folder);

        public static Place Elsewhere(string dataFolder)
        {
            var server = $"/var/lib/eventdossier/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataFolder)))[..16]}";
            return new(dataFolder, server, server);
        }

        public string ConnectionString(State state, string database, bool pooled = true, bool overSocket = true) => new NpgsqlConnectionStringBuilder
        {
            Host = overSocket && HasSocket ? Data : "127.0.0.1",
            Port = state.Port,
            Username = Owner,
            Password = state.Password,
            Database = database,
            Pooling = pooled,
            MaxPoolSize = 100,
            // Over a socket or loopback nothing is to be hidden from anyone who could listen.
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
        }.ConnectionString;
    }
}

/// <summary>What stands in a data folder.</summary>
/// <param name="Made">Whether there is a cluster at all; the rest holds only then.</param>
public sealed record ClusterStatus(string DataFolder, bool Made)
{
    public bool Running { get; init; }

    /// <summary>Whether <c>db start</c> asked for it to go on when unused.</summary>
    public bool Kept { get; init; }

    public bool InUse { get; init; }
    public int? Port { get; init; }

    /// <summary>The server's folder, with its <c>data</c> and its <c>log</c>.</summary>
    public string? Folder { get; init; }

    public string? Version { get; init; }
}
