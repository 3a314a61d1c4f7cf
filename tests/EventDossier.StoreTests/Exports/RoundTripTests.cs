using System.Text;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Exports;
using EventDossier.Import;
using EventDossier.Simulation;
using EventDossier.Store;

namespace EventDossier.StoreTests.Exports;

/// <summary>What is exported is imported into another database and exported again.</summary>
public sealed class RoundTripTests(RoundTripTests.Logs logs) : IClassFixture<RoundTripTests.Logs>
{
    private static readonly DateTimeOffset _from = new(2025, 11, 1, 0, 0, 0, TimeSpan.FromHours(7));

    /// <summary>A simulated year, and a municipality's receipt log.</summary>
    public sealed class Logs : IAsyncLifetime
    {
        private readonly List<IAsyncDisposable> _open = [];

        internal string Folder { get; } = Directory.CreateTempSubdirectory("eventdossier-round-").FullName;
        internal Dictionary<string, Database> Named { get; } = [];

        public async Task InitializeAsync()
        {
            var (events, keys) = (await TestDatabase.CreateAsync(), await TestDatabase.CreateAsync());
            _open.AddRange([keys, events]);
            await Migration.RunAsync(events.ConnectionString, sample: true, ProductViews.All);
            var year = await Database.OpenAsync(events.ConnectionString, ProductEvents.Names, TestDatabase.Time);
            _open.Add(year);
            var asked = new SampleYear(250, 1, _from, _from.AddYears(1));
            await using (var store = await KeyStore.OpenAsync(keys.ConnectionString, Folder, year, asked.KeySeed))
                await Simulator.RunAsync(asked, year, store);
            Named.Add("year", year);
            Named.Add("receipt", await ImportAsync(Path.Combine(TestDatabase.RepositoryRoot, "..", "shared", "data", "receipt.xes")));
        }

        internal async Task<Database> ImportAsync(string file)
        {
            var test = await TestDatabase.CreateMigratedAsync();
            _open.Add(test);
            var database = await Database.OpenAsync(test.ConnectionString, ProductEvents.Names, TestDatabase.Time);
            _open.Add(database);
            var report = await new LogImport(database, WorkCalendar.Vietnam).RunAsync(
                new(file, LogFile.Open(file, null, null, TimeZoneInfo.Utc), null, "UTC", Centre.Command($"import {file}"), _from.AddYears(2)));
            report.Faults.ShouldBeEmpty();
            return database;
        }

        public async Task DisposeAsync()
        {
            foreach (var resource in Enumerable.Reverse(_open))
                await resource.DisposeAsync();
            Directory.Delete(Folder, recursive: true);
        }
    }

    [Theory, InlineData("log.xes.gz"), InlineData("log.jsonocel"), InlineData("log.sqlite"), InlineData("log.csv")]
    public async Task A_simulated_year_comes_back_the_same(string file) => await RoundAsync("year", file, cases: 250);

    [Theory, InlineData("log.xes"), InlineData("log.sqlite")]
    public async Task An_imported_log_comes_back_the_same(string file) => await RoundAsync("receipt", file, cases: 1434, events: 8577);

    private async Task RoundAsync(string log, string file, long cases, long? events = null)
    {
        var exported = await CasesAsync(logs.Named[log]);
        exported.Count.ShouldBe((int)cases);
        if (events is { } wanted)
            exported.Sum(c => c.Events.Count).ShouldBe((int)wanted);
        var path = Path.Combine(logs.Folder, $"{log}-{file}");
        await WriteAsync(path, exported);

        var again = await CasesAsync(await logs.ImportAsync(path));

        again.Count.ShouldBe(exported.Count);
        foreach (var (one, other) in exported.Zip(again))
            Spelled(other).ShouldBe(Spelled(one));
        var beside = Path.Combine(logs.Folder, $"again-{log}-{file}");
        await WriteAsync(beside, again);
        (await File.ReadAllBytesAsync(beside)).ShouldBe(await File.ReadAllBytesAsync(path));
    }

    [Fact]
    public async Task A_log_that_grows_is_exported_up_to_a_position_as_it_was()
    {
        await using var centre = await Centre.OpenAsync();
        await centre.LiveAsync(seed: 5, dossiers: 20, acts: 60);
        var (position, before) = (await centre.Database.HeadAsync(), await CasesAsync(centre.Database));
        await centre.LiveAsync(seed: 6, dossiers: 20, acts: 60);

        (await CasesAsync(centre.Database, position)).Select(Spelled).ShouldBe(before.Select(Spelled));
        (await CasesAsync(centre.Database)).Count.ShouldBeGreaterThan(before.Count);
    }

    [Fact]
    public async Task What_is_read_can_be_left_off_and_a_fault_of_the_log_is_told()
    {
        await using var centre = await Centre.OpenAsync();
        await centre.ImportAsync("A", 2_000);
        (await ProcessLog.ReadAsync(centre.Database, Rulebook.Empty, long.MaxValue, new()).Take(3).ToListAsync()).Select(c => c.Key).ShouldBe(["A-0000", "A-0001", "A-0002"]);
        await centre.InsertAsync("B-1", "no_such_event", "{}");
        await Should.ThrowAsync<UnknownEventNameException>(async () => await ProcessLog.ReadAsync(centre.Database, Rulebook.Empty, long.MaxValue, new()).CountAsync());
    }

    private static async Task<List<ProcessCase>> CasesAsync(Database database, long? position = null) =>
        await ProcessLog.ReadAsync(database, await Rulebook.LoadAsync(database), position ?? await database.HeadAsync(), new()).ToListAsync();

    private static async Task WriteAsync(string path, List<ProcessCase> cases) => await ExportFile.WriteAsync(path, to => Path.GetExtension(path) switch
    {
        ".jsonocel" => OcelJsonWriter.WriteAsync(cases.ToAsyncEnumerable(), to),
        ".sqlite" => OcelSqliteWriter.WriteAsync(cases.ToAsyncEnumerable(), to),
        ".csv" => CsvWriter.WriteEventsAsync(cases.ToAsyncEnumerable(), to),
        _ => XesWriter.WriteAsync(cases.ToAsyncEnumerable(), "log", ProcessLog.Internal, to),
    });

    private static string Spelled(ProcessCase one)
    {
        var text = new StringBuilder();
        text.AppendLine($"{one.Key} {Spelled(one.Attributes)}");
        foreach (var e in one.Events)
            text.AppendLine($"{e.Key} {e.Activity} {e.Lifecycle} {DataDictionary.Spell(e.At)} {Spelled(e.Attributes)}");
        return text.ToString();
    }

    private static string Spelled(IEnumerable<ProcessAttribute> attributes) => string.Join("; ", attributes.Select(a => $"{a.Name}={a.Value.GetType().Name} {DataDictionary.Spell(a.Value)}"));
}
