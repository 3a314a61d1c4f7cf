using System.Text.Json.Nodes;
using EventDossier.StoreTests;
using Npgsql;

namespace EventDossier.EndToEnd;

/// <summary>Real logs, from the file to the dossier, as somebody at a terminal sees it. The files lie beside the repository.</summary>
public sealed class ImportTests : IDisposable
{
    private static readonly string Files = Path.Combine(TestDatabase.RepositoryRoot, "..", "shared", "data");
    private readonly string folder = Directory.CreateTempSubdirectory("eventdossier-import-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task The_receipt_log_becomes_the_same_dossiers_from_XES_and_from_CSV_and_once()
    {
        await using var xes = await MigratedAsync();
        await using var csv = await MigratedAsync();
        var map = Path.Combine(folder, "receipt.map.json");
        await File.WriteAllTextAsync(map, """
            {
              "caseId": "case:concept:name", "activity": "concept:name", "time": "time:timestamp",
              "transition": "lifecycle:transition", "instance": "concept:instance", "resource": "org:resource", "group": "org:group",
              "channel": "case:channel", "agency": "case:department", "unit": "case:group", "officer": "case:responsible",
              "receivedAt": "case:startdate", "finishedAt": "case:enddate", "plannedEnd": "case:enddate_planned", "promisedDue": "case:deadline"
            }
            """);
        string[] fromXes = ["import", Path.Combine(Files, "receipt.xes"), "--json"];
        string[] fromCsv = ["import", Path.Combine(Files, "receipt.csv"), "--map", map, "--json"];

        foreach (var (database, import) in new[] { (xes, fromXes), (csv, fromCsv) })
        {
            (await ReportAsync(database, import)).ShouldBe(new Report(1_434, 8_577, 0, 0));
            (await ReportAsync(database, import)).ShouldBe(new Report(0, 0, 1_434, 0));
            await CheckAsync(database);
        }

        var (one, other) = (await DossiersAsync(xes), await DossiersAsync(csv));
        one.Count.ShouldBe(1_434);
        one.Keys.Order().ShouldBe(other.Keys.Order());
        one.Where(dossier => !JsonNode.DeepEquals(dossier.Value, other[dossier.Key])).ShouldBeEmpty();

        var shown = await ShownAsync(xes, "case-10011");
        (await ShownAsync(csv, "case-10011")).ToJsonString().ShouldBe(shown.ToJsonString());
        (shown["channel"]!.ToString(), shown["agency"]!.ToString(), shown["unit"]!.ToString(), shown["officer"]!.ToString(), shown["steps"]!.AsArray().Count)
            .ShouldBe(("Internet", "General", "Group 2", "Resource21", 4));
        new[] { shown["due"], shown["plannedEnd"] }.ShouldAllBe(date => date!.GetValue<DateTimeOffset>() == DateTimeOffset.Parse("2011-12-06T13:41:31.788+01:00"));
    }

    [Theory]
    [InlineData("roadtraffic100traces.xes", 100, 390)]
    [InlineData("logs/running-example.xes", 6, 42)]
    [InlineData("logs/running-example.csv", 6, 42)]
    [InlineData("logs/ocel20_example.jsonocel", 2, 13)]
    [InlineData("logs/ocel20_example.sqlite", 2, 13)]
    public async Task A_published_log_is_imported_once_and_verifies(string file, int dossiers, int activities)
    {
        await using var database = await MigratedAsync();

        (await ReportAsync(database, "import", Path.Combine(Files, file), "--dry-run", "--json")).ShouldBe(new Report(dossiers, activities, 0, 0));
        (await StreamsAsync(database)).ShouldBe(0);
        (await ReportAsync(database, "import", Path.Combine(Files, file), "--json")).ShouldBe(new Report(dossiers, activities, 0, 0));
        (await ReportAsync(database, "import", Path.Combine(Files, file), "--json")).ShouldBe(new Report(0, 0, dossiers, 0));
        await CheckAsync(database);
    }

    [Fact]
    public async Task Bad_cases_are_left_out_when_asked_and_told()
    {
        await using var database = await MigratedAsync();
        var log = await WriteAsync("bad.csv", "case:concept:name,concept:name,time:timestamp\nA,x,2026-01-05T08:00:00Z\nB,x,yesterday\nB,y,2026-01-05T09:00:00Z\nC,x,2026-01-05T10:00:00Z\n");

        (await RefusedAsync(database, log)).ShouldHaveSingleItem().ShouldContain("row 3, column time:timestamp, case B");
        var skipped = await Dossier.RunAsync(database, "import", log, "--skip-bad", "--json");

        (skipped.Exit, skipped.Error.TrimEnd().Split('\n').Length).ShouldBe((0, 1));
        skipped.Error.ShouldContain("case B");
        JsonNode.Parse(skipped.Output)!.ShouldSatisfyAllConditions(r => r["added"]!.GetValue<int>().ShouldBe(2), r => r["leftOut"]!.GetValue<int>().ShouldBe(1));
        (await StreamsAsync(database)).ShouldBe(3, "two dossiers and the import itself");
    }

    [Fact]
    public async Task A_hostile_or_broken_file_is_refused_with_its_places_and_nothing_is_imported()
    {
        await using var database = await MigratedAsync();
        var receipt = await File.ReadAllBytesAsync(Path.Combine(Files, "receipt.xes"));
        var text = System.Text.Encoding.UTF8.GetString(receipt);
        var noise = new byte[20_000];
        new Random(7).NextBytes(noise);
        var bomb = "<?xml version=\"1.0\"?><!DOCTYPE log [<!ENTITY a \"ha\">"
            + string.Concat(Enumerable.Range(0, 12).Select(i => $"<!ENTITY {(char)('b' + i)} \"{string.Concat(Enumerable.Repeat($"&{(char)('a' + i)};", 10))}\">")) + "]><log>&m;</log>";
        string[] files =
        [
            await WriteAsync("truncated.xes", text[..(text.Length / 2)]),
            await WriteAsync("timestamp.xes", text.Replace("2011-10-11T13:45:40.276+02:00", "2011-13-41T13:45:40.276+02:00")),
            await WriteAsync("encoding.xes", [.. System.Text.Encoding.UTF8.GetBytes("<log xes.version=\"1.0\"><trace><string key=\"concept:name\" value=\"S"), 0xF3, .. "\"/></trace></log>"u8]),
            await WriteAsync("bomb.xes", bomb),
            await WriteAsync("noise.xes", noise),
            await WriteAsync("noise.csv", noise),
            await WriteAsync("empty.xes", ""),
            await WriteAsync("empty.csv", ""),
            await WriteAsync("columns.csv", "who,what,when\na,b,c\n"),
            Path.Combine(folder, "absent.xes"),
            Path.Combine(Files, "logs", "11_tickets.xes"),
            Path.Combine(Files, "logs", "pallet-logistics-v0.9.sqlite"),
        ];
        foreach (var file in files)
            await RefusedAsync(database, file);

        (await RefusedAsync(database, files[1]))[0].ShouldMatch("line [0-9]+, case case-10011");
        (await RefusedAsync(database, files[^2])).ShouldSatisfyAllConditions(faults => faults.Length.ShouldBe(21), faults => faults[20].ShouldContain("23 faults more"));
    }

    /// <summary>Refused, with these lines about faults, and nothing written.</summary>
    private static async Task<string[]> RefusedAsync(TestDatabase database, string file)
    {
        var run = await Dossier.RunAsync(database, "import", file);
        run.Exit.ShouldBe(1, file);
        run.Output.ShouldBeEmpty(file);
        run.Error.ShouldNotContain("   at ", Case.Sensitive, file);
        var lines = run.Error.TrimEnd('\n').Split('\n');
        lines.ShouldAllBe(line => line.Length < 600 && !line.Any(char.IsControl) && line.Contains(Path.GetFileName(file)), file);
        lines[^1].ShouldStartWith("dossier: ", Case.Sensitive, file);
        lines.Length.ShouldBeLessThanOrEqualTo(22, file);
        (await StreamsAsync(database)).ShouldBe(0, file);
        return lines[..^1];
    }

    private sealed record Report(int Added, int Activities, int AlreadyThere, int Faults);

    private static async Task<Report> ReportAsync(TestDatabase database, params string[] import)
    {
        var run = await Dossier.RunAsync(database, import);
        (run.Exit, run.Error).ShouldBe((0, ""));
        var report = JsonNode.Parse(run.Output)!;
        int Number(string name) => report[name]!.GetValue<int>();
        return new(Number("added"), Number("activitiesAdded"), Number("alreadyThere"), Number("faultCount"));
    }

    private static async Task CheckAsync(TestDatabase database)
    {
        foreach (var check in (string[][])[["verify"], ["replay", "--all"]])
        {
            var run = await Dossier.RunAsync(database, check);
            run.Exit.ShouldBe(0, run.Output + run.Error);
        }
    }

    /// <summary>Every row of the overview but for where it stands in the log and in the file.</summary>
    private static async Task<Dictionary<string, JsonNode>> DossiersAsync(TestDatabase database)
    {
        var rows = JsonNode.Parse((await Dossier.RunAsync(database, "list", "--limit", "5000", "--json")).Output)!.AsArray();
        foreach (var row in rows)
        {
            row!.AsObject().Remove("position");
            row.AsObject().Remove("source");
        }
        return rows.ToDictionary(row => row!["code"]!.ToString(), row => row!);
    }

    private static async Task<JsonObject> ShownAsync(TestDatabase database, string code)
    {
        var dossier = JsonNode.Parse((await Dossier.RunAsync(database, "show", code, "--json")).Output)!.AsObject();
        dossier.Remove("origin");
        dossier.Remove("importedAt");
        return dossier;
    }

    private static async Task<TestDatabase> MigratedAsync()
    {
        var database = await TestDatabase.CreateAsync();
        (await Dossier.RunAsync(database, "migrate")).Exit.ShouldBe(0);
        return database;
    }

    private static async Task<long> StreamsAsync(TestDatabase database)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT (SELECT count(*) FROM dossier.mt_streams) + (SELECT count(*) FROM dossier.mt_events WHERE stream_id IS NULL)", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private Task<string> WriteAsync(string name, string text) => WriteAsync(name, System.Text.Encoding.UTF8.GetBytes(text));

    private async Task<string> WriteAsync(string name, byte[] bytes)
    {
        var path = Path.Combine(folder, name);
        await File.WriteAllBytesAsync(path, bytes);
        return path;
    }
}
