using System.Text.Json;
using System.Text;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Exports;
using EventDossier.Import;
using EventDossier.Releases;
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

    [Theory, InlineData(12), InlineData(7)]
    public async Task Official_figures_counted_while_the_log_is_read_are_those_of_the_whole_log(int months)
    {
        // Half a year, too: then much of each dossier lies behind the end.
        var database = logs.Named["year"];
        var (rules, head) = (await Rulebook.LoadAsync(database), await database.HeadAsync());
        var drafted = new ReleaseDrafted(_from, "mai", _from, _from.AddMonths(months), head, 5, 60, DraftRelease.Definitions, "centre", "licence");
        var (beside, alone) = (new OfficialFigures(drafted, rules), new OfficialFigures(drafted, rules));

        var cases = await ProcessLog.ReadAsync(database, rules, head, new(), each: beside.Take).ToListAsync();
        await alone.FollowAsync(database, head, default);

        cases.Select(Spelled).ShouldBe((await CasesAsync(database)).Select(Spelled));
        foreach (var one in cases)
        {
            beside.Tells(one.Key, 0);
            alone.Tells(one.Key, 0);
        }
        Told(beside).ShouldBe(Told(alone));
        Told(beside).ShouldContain("\"receivedOnline\":");

        static string Told(OfficialFigures of) => JsonSerializer.Serialize(of.Tell(1, Enumerable.Empty<long>().ToLookup(_ => "")), JsonSerializerOptions.Web);
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

    private static Task WriteAsync(string path, List<ProcessCase> cases) => Path.GetExtension(path) switch
    {
        ".sqlite" => OcelSqliteWriter.WriteAsync(cases.ToAsyncEnumerable(), path),
        ".jsonocel" => ExportFile.WriteAsync(path, to => OcelJsonWriter.WriteAsync(cases.ToAsyncEnumerable(), to)),
        ".csv" => ExportFile.WriteAsync(path, to => CsvWriter.Events.WriteAsync(cases.ToAsyncEnumerable(), to)),
        _ => ExportFile.WriteAsync(path, to => XesWriter.Format("log", ProcessLog.Internal).WriteAsync(cases.ToAsyncEnumerable(), to)),
    };

    private static string Spelled(ProcessCase one)
    {
        var text = new StringBuilder();
        text.AppendLine($"{one.Key} {Spelled(one.Attributes)}");
        foreach (var e in one.Events)
            text.AppendLine($"{e.Activity} {e.Lifecycle} {DataDictionary.Spell(e.At)} {Spelled(e.Attributes)}");
        return text.ToString();
    }

    private static string Spelled(IEnumerable<ProcessAttribute> attributes) => string.Join("; ", attributes.Select(a => $"{a.Name}={a.Value.GetType().Name} {DataDictionary.Spell(a.Value)}"));
}
