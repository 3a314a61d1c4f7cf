using System.CommandLine;
using System.Runtime.InteropServices;
using EventDossier.Releases;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Cli.Bench;

/// <summary>One measured figure.</summary>
/// <param name="Reference">What it is compared with, and that one's own figure.</param>
/// <param name="Ratio">Ours over the reference for rates, the reference over ours for times: more is better.</param>
/// <param name="AtLeast">What the ratio must reach; null where it is only reported.</param>
internal sealed record BenchRow(string Name, double Value, string Unit, string? Reference, double? Ratio, double? AtLeast)
{
    public bool? Met => AtLeast is null ? null : Ratio >= AtLeast;
}

/// <summary><c>bench</c>: ratios against a named reference measured in the same run, on a database of its own that is dropped afterwards.</summary>
internal static class BenchVerbs
{
    private static readonly Option<double> Seconds = new("--seconds") { Description = "How long each measurement lasts", HelpName = "S", DefaultValueFactory = _ => 3 };
    private static readonly Option<int> Events = new("--events") { Description = "How many events", HelpName = "N" };

    private static readonly Option<int> Dossiers = new("--dossiers") { Description = "How many open dossiers", HelpName = "N", DefaultValueFactory = _ => 1_000_000 };

    private static readonly Option<string?> Server = new("--server") { Description = "The server's program, if not the one built beside this", HelpName = "FILE" };

    private static readonly Option<string> Editions = new("--edition") { Description = "Which edition writes: the program's own, or both, side by side, of a program built with another", HelpName = "own|both", DefaultValueFactory = _ => "own" };

    private static readonly Option<bool> Keep = new("--keep") { Description = "Leave the databases measured on, to look at", Recursive = true };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("bench", "Measures this machine (exit 1 where a figure falls short)")
        {
            Keep,
            new Command("append", "Whole commands: load, decide, append one event") { Seconds, Editions }.Does(run => MeasureAsync(run, "append", (server, progress) =>
                AppendBench.RunAsync(server, TimeSpan.FromSeconds(run.Arguments.GetValue(Seconds)), Beside(run), run.Time, progress, run.Cancel))),
            new Command("import", "A log from a file") { Events }.Does(run => MeasureAsync(run, "import", (server, progress) =>
                ImportBench.RunAsync(server, Count(run, 500_000), run.Time, progress, run.Cancel))),
            new Command("export", "The process log in each format, beside the same bytes written through gzip") { Events }.Does(run => MeasureAsync(run, "export", (server, progress) =>
                ExportBench.RunAsync(server, Count(run, 1_000_000), run.Time, progress, run.Cancel))),
            new Command("release", "A checked release's files, made twice, beside the same bytes written through gzip") { ReleaseVerbs.Number }.Does(run =>
                MeasureAsync(run, "release", (server, progress) => ReleaseAsync(run, server, progress))),
            new Command("rebuild", "Views from an interleaved log") { Events }.Does(run => MeasureAsync(run, "rebuild", (server, progress) =>
                RebuildBench.RunAsync(server, Count(run, 1_000_000), run.Time, progress, run.Cancel))),
            new Command("replay", "The state of a dossier of 1,000 events at a moment").Does(run => MeasureAsync(run, "replay", (server, progress) =>
                ReplayBench.RunAsync(server, run.Time, progress, run.Cancel))),
            new Command("seal", "Sealing in the public log, proofs from it, and its lag") { Events }.Does(run => MeasureAsync(run, "seal", (server, progress) =>
                SealBench.SealAsync(server, Count(run, 1_000_000), run.Time, progress, run.Cancel))),
            new Command("verify", "Every event against its seal") { Events }.Does(run => MeasureAsync(run, "verify", (server, progress) =>
                SealBench.VerifyAsync(server, Count(run, 1_000_000), run.Time, progress, run.Cancel))),
            new Command("alarm", "Alerts of a million open dossiers, ten thousand of them due in one second") { Dossiers }.Does(run => MeasureAsync(run, "alarm", (server, progress) =>
                AlarmBench.RunAsync(server, run.Arguments.GetValue(Dossiers), run.Time, progress, run.Cancel))),
            new Command("overdue", "Pages of the deadlines and the alerts, by every filter, over a million open dossiers") { Dossiers }.Does(run => MeasureAsync(run, "overdue", (server, progress) =>
                OverdueBench.RunAsync(server, run.Arguments.GetValue(Dossiers), run.Time, progress, run.Cancel))),
            new Command("pages", "Every page of the server that was built beside this program, over so many open dossiers: time at the server, and bytes") { Dossiers, Server }.Does(run => MeasureAsync(run, "pages", (server, progress) =>
                PagesBench.RunAsync(server, run.Arguments.GetValue(Dossiers), run.Arguments.GetValue(Server) ?? BuiltServer(), run.Time, progress, run.Cancel))),
            new Command("lag", "From a command's answer to its event in every view, at 2,000 commands a second") { Seconds }.Does(run => MeasureAsync(run, "lag", (server, progress) =>
                LagBench.RunAsync(server, TimeSpan.FromSeconds(run.Arguments.GetValue(Seconds)), run.Time, progress, run.Cancel))),
            new Command("due", "Due dates by arithmetic, on one core").Does(run => Task.FromResult(Show(run, "due", null, DueBench.Run()))),
        },
    ];

    /// <summary>The default edition, to be measured beside the program's own; null where that one is measured alone.</summary>
    private static Edition? Beside(Run run) => run.Arguments.GetValue(Editions) != "both" ? null
        : Edition.Current.GetType() != typeof(Edition) ? new()
        : throw new UserError("one-edition", "this program is built with the default edition alone");

    private static string BuiltServer() => Path.Combine(AppContext.BaseDirectory.Replace("EventDossier.Cli", "EventDossier.Web", StringComparison.Ordinal), "dossier-web");

    private static int Count(Run run, int usual) => run.Arguments.GetValue(Events) is > 0 and var given ? given : usual;

    private static async Task<int> MeasureAsync(Run run, string name, Func<BenchServer, Action<string>, Task<IReadOnlyList<BenchRow>>> measure)
    {
        await using var lease = await run.OpenDatabaseAsync();
        await using var server = new BenchServer(lease.ConnectionString, run.Time, run.Arguments.GetValue(Keep));
        var rows = await measure(server, step => Console.Error.WriteLine(step));
        return Show(run, name, await server.SettingsAsync(), rows);
    }

    private static async Task<IReadOnlyList<BenchRow>> ReleaseAsync(Run run, BenchServer server, Action<string> progress)
    {
        await using var database = await server.GivenAsync();
        var desk = ReleaseDesk.In(Cluster.DataFolder(run.Data), database);
        return await ReleaseBench.RunAsync(desk, run.Arguments.GetValue(ReleaseVerbs.Number)!, run.Time, progress, run.Cancel);
    }

    private static int Show(Run run, string name, IReadOnlyDictionary<string, string>? settings, IReadOnlyList<BenchRow> rows)
    {
        var machine = $"{Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, {RuntimeInformation.OSDescription}, .NET {Environment.Version}";
        run.Output.Answer(new { bench = name, machine, settings, rows }, () =>
        {
            run.Output.Line($"dossier bench {name}");
            run.Output.Line(machine);
            if (settings is not null)
                run.Output.Line(string.Join(", ", settings.Select(s => $"{s.Key} {s.Value}")));
            run.Output.Line();
            run.Output.Table(
                ["", "value", "unit", "reference", "ratio", "at least", ""],
                rows.Select(r => new[]
                {
                    r.Name, $"{r.Value:N0}", r.Unit, r.Reference ?? "", $"{r.Ratio:0.00}", $"{r.AtLeast:0.00}", r.Met switch { true => "met", false => "FALLS SHORT", null => "" },
                }));
        });
        return rows.Any(r => r.Met == false) ? 1 : 0;
    }
}

/// <summary>Databases to measure on, beside the one that the verb was given, dropped at the end.</summary>
internal sealed class BenchServer(string connectionString, TimeProvider time, bool keep) : IAsyncDisposable
{
    private readonly List<(string Name, Database? Database)> _made = [];

    public TimeProvider Time => time;

    public async Task<Database> NewDatabaseAsync(string name)
    {
        await ExecuteAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        await ExecuteAsync($"CREATE DATABASE {name}");
        await Migration.RunAsync(Of(name), sample: true, ProductViews.All);
        var database = await Database.OpenAsync(Of(name), ProductEvents.Names, time);
        _made.Add((name, database));
        return database;
    }

    /// <summary>For a program that fills it itself.</summary>
    public async Task NewEmptyAsync(string name)
    {
        await ExecuteAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        await ExecuteAsync($"CREATE DATABASE {name}");
        _made.Add((name, null));
    }

    /// <summary>The database that the verb was given, to read from.</summary>
    public Task<Database> GivenAsync() => Database.OpenAsync(connectionString, ProductEvents.Names, time);

    /// <summary>The same database, written to by another edition.</summary>
    public async Task<Database> OpenAsync(string name, Edition edition)
    {
        var database = await Database.OpenAsync(edition, Of(name), ProductEvents.Names, time);
        _made.Insert(0, (name, database));
        return database;
    }

    /// <summary>As the owner, for references that write by themselves.</summary>
    public async Task<NpgsqlConnection> OwnerAsync(string name)
    {
        var connection = new NpgsqlConnection(Of(name));
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>What the server says it runs with.</summary>
    public async Task<IReadOnlyDictionary<string, string>> SettingsAsync()
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            SELECT name, current_setting(name) FROM pg_settings
            WHERE name IN ('server_version', 'fsync', 'synchronous_commit', 'shared_buffers', 'max_wal_size', 'wal_compression') ORDER BY name
            """, connection);
        var settings = new Dictionary<string, string>();
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
            settings.Add(row.GetString(0), row.GetString(1));
        return settings;
    }

    /// <summary>A checkpoint now does not fall into a measurement.</summary>
    public Task SettleAsync() => ExecuteAsync("CHECKPOINT");

    public async ValueTask DisposeAsync()
    {
        foreach (var (name, database) in _made)
        {
            if (database is not null)
                await database.DisposeAsync();
            if (!keep)
                await ExecuteAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        }
    }

    public string Of(string name) => new NpgsqlConnectionStringBuilder(connectionString) { Database = name, NoResetOnClose = true, MaxPoolSize = 200 }.ConnectionString;

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }
}
