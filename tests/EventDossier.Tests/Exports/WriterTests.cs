using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using EventDossier.Dossiers;
using EventDossier.Exports;
using EventDossier.Import;
using EventDossier.Store;
using EventDossier.Tests.Dossiers;
using EventDossier.Tests.Import;
using Microsoft.Data.Sqlite;

namespace EventDossier.Tests.Exports;

/// <summary>Files of a process log, held to the schemas and read again by the import, which takes nothing that breaks its format's rules.</summary>
public sealed class WriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-exports-").FullName;

    /// <summary>Two hundred random lives, some of which come to nothing.</summary>
    private static readonly List<ProcessCase> _cases = Lived(200);

    private static readonly XNamespace _xes = XesWriter.Namespace;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    internal static List<ProcessCase> Lived(int lives) =>
    [
        .. Enumerable.Range(0, lives).Select(seed => RandomLife.Of(new Random(seed), alerts: true, code: $"H49.12-260504-{seed:0000}")).Where(life => life.Count > 0)
            .Select(life => CaseOfDossier.Of(life, [.. life.Select(_ => (string?)null)], RandomActs.Rules, new(), out _)).OfType<ProcessCase>(),
    ];

    [Fact]
    public async Task A_XES_is_valid_by_its_schema_and_has_every_case_and_event_in_order()
    {
        var file = await WriteAsync("log.xes", _cases);

        await using (var written = File.OpenRead(file))
            Schemas.OfXes(written).ShouldBeEmpty();
        var log = XDocument.Load(file).Root!;
        log.Elements(_xes + "trace").Select(t => Text(t)).ShouldBe(_cases.Select(c => c.Key));
        log.Descendants(_xes + "event").Select(e => Text(e)).ShouldBe(_cases.SelectMany(c => c.Events).Select(e => e.Activity));
        log.Descendants(_xes + "date").Select(d => (string)d.Attribute("value")!).ShouldAllBe(time => time.EndsWith('Z'));
        Text(log, DataDictionary.Use).ShouldBe(ProcessLog.Internal);

        static string Text(XElement of, string key = "concept:name") =>
            (string)of.Elements(_xes + "string").Single(s => (string?)s.Attribute("key") == key).Attribute("value")!;
    }

    [Fact]
    public void The_schema_of_XES_takes_a_file_that_others_hold_to_be_valid_and_tells_faults()
    {
        var sample = File.ReadAllText(Shared.Path("schemas", "sample-valid.xes"));
        Wrong(sample).ShouldBeEmpty();
        Wrong(sample.Replace("1849.2016", "1.0RC7")).ShouldNotBeEmpty();
        Wrong(sample.Replace("2026-11-22T03:00:00Z", "2026-11-22 03:00:00")).ShouldNotBeEmpty();
        Wrong(sample.Replace("scope=\"event\" keys", "keys")).ShouldNotBeEmpty();
        Wrong(sample.Replace("key=\"org:group\"", "key=\"org group\"")).ShouldNotBeEmpty();
        Wrong(sample.Replace("</trace>", "<string key=\"late\" value=\"\"/></trace>")).ShouldNotBeEmpty();

        static IReadOnlyList<string> Wrong(string text) => Schemas.OfXes(new MemoryStream(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public async Task An_OCEL_is_valid_by_its_schema_declares_what_it_uses_and_relates_every_event_to_its_dossier()
    {
        using var log = JsonDocument.Parse(await File.ReadAllBytesAsync(await WriteAsync("log.jsonocel", _cases)));

        Schemas.OfOcel(log.RootElement).ShouldBeEmpty();
        log.RootElement.GetProperty("events").GetArrayLength().ShouldBe(_cases.Sum(c => c.Events.Count));
        foreach (var e in log.RootElement.GetProperty("events").EnumerateArray())
            e.GetProperty("relationships")[0].GetProperty("objectId").GetString().ShouldBe(e.GetProperty("id").GetString()!.Split('/')[0]);
        var types = log.RootElement.GetProperty("objects").EnumerateArray().Select(o => o.GetProperty("type").GetString()).ToHashSet();
        types.ShouldBe(["dossier", "step", "slip", "result", "agency"], ignoreOrder: true, "nobody's role is known in these lives");
        JsonDocument.Parse("""{"eventTypes": [], "objectTypes": [], "objects": [], "events": [{"id": "e", "type": "t", "time": "2026-05-04 09:00", "attributes": [{"name": "n", "value": 1}]}]}""")
            .RootElement.ShouldSatisfyAllConditions(bad => Schemas.OfOcel(bad).Count.ShouldBe(2));
    }

    [Fact]
    public async Task An_OCEL_in_SQLite_keeps_its_keys_and_has_the_same_in_it_as_the_one_in_JSON()
    {
        var file = await WriteAsync("log.sqlite", _cases);

        await using (var sqlite = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False;Default Timeout=1"))
        {
            sqlite.Open();
            Ask(sqlite, "PRAGMA integrity_check").ShouldBe(["ok"]);
            Ask(sqlite, "PRAGMA foreign_key_check").ShouldBeEmpty();
        }
        var (one, other) = (Reading.Of(file), Reading.Of(await WriteAsync("log.jsonocel", _cases)));
        (one.Faults.Count, other.Faults.Count).ShouldBe((0, 0));
        one.Cases.Count.ShouldBe(other.Cases.Count);
        foreach (var (a, b) in one.Cases.Zip(other.Cases))
            a.Out(sorted: true).Replace("000.0@", "000@").ShouldBe(b.Out(sorted: true), "but for the spelling of a fee");

        static List<string> Ask(SqliteConnection sqlite, string sql)
        {
            using var command = sqlite.CreateCommand();
            command.CommandText = sql;
            using var row = command.ExecuteReader();
            var rows = new List<string>();
            while (row.Read())
                rows.Add(row.GetString(0));
            return rows;
        }
    }

    [Theory, InlineData("log.xes"), InlineData("log.xes.gz"), InlineData("log.jsonocel"), InlineData("log.sqlite"), InlineData("log.csv")]
    public async Task The_import_takes_every_format_without_a_fault_and_finds_the_same_in_it(string name)
    {
        var read = Reading.Of(await WriteAsync(name, _cases));

        read.Faults.ShouldBeEmpty();
        read.Cases.Select(c => c.Id).ShouldBe(_cases.Select(c => c.Key));
        read.Cases.SelectMany(c => c.Activities).Select(a => (a.Name, a.At, a.Group)).ShouldBe(
            _cases.SelectMany(c => c.Events).Select(e => (e.Activity, e.At.ToUniversalTime(), (string?)e.Attributes.FirstOrDefault(a => a.Name == DataDictionary.Group).Value)));
        read.Cases.Select(c => c.Facts.Agency).ShouldBe(_cases.Select(c => (string?)Of(c, DataDictionary.Agency)));
        read.Cases.Select(c => c.Facts.ReceivedAt).ShouldBe(_cases.Select(c => (DateTimeOffset?)Of(c, DataDictionary.Received)));
    }

    [Theory, InlineData("log.xes"), InlineData("log.xes.gz"), InlineData("log.jsonocel"), InlineData("log.sqlite"), InlineData("log.csv")]
    public async Task The_same_cases_give_the_same_bytes(string name)
    {
        var first = await File.ReadAllBytesAsync(await WriteAsync(name, _cases));
        (await File.ReadAllBytesAsync(await WriteAsync("again-" + name, _cases))).ShouldBe(first);
    }

    [Theory, InlineData("log.xes"), InlineData("log.jsonocel"), InlineData("log.sqlite"), InlineData("log.csv")]
    public async Task Twins_are_written_as_if_each_stood_alone(string name)
    {
        List<ProcessCase> twins = [.. _cases.SelectMany(c => new[] { c, c with { Key = $"{c.Key} \"b\", <c>" }, c with { Key = $"{c.Key}-ü" } })];
        List<ProcessCase> alone = [.. twins.Select(c => c with { Attributes = [.. c.Attributes], Events = [.. c.Events] })];
        twins.Zip(twins.Skip(1)).Count(pair => pair.Second.IsTwinOf(pair.First)).ShouldBe(2 * _cases.Count);
        alone.Zip(alone.Skip(1)).ShouldAllBe(pair => !pair.Second.IsTwinOf(pair.First));

        (await File.ReadAllBytesAsync(await WriteAsync(name, twins))).ShouldBe(await File.ReadAllBytesAsync(await WriteAsync($"alone-{name}", alone)));
    }

    [Theory, InlineData("log.xes"), InlineData("log.jsonocel"), InlineData("log.sqlite"), InlineData("log.csv")]
    public async Task No_text_breaks_a_file(string name)
    {
        string[] texts = ["a\"b, c;d", "dòng một\ndòng hai\r\n", "<!-- ]]> &amp; -->", "🏛 hồ sơ", " blanks ", "=1+1", "object", "map_type", "Object", "'; DROP TABLE event; --", "\t"];
        var at = new DateTimeOffset(2026, 5, 4, 9, 0, 0, TimeSpan.FromHours(7));
        List<ProcessCase> hard = [.. texts.Select((text, i) => new ProcessCase($"code {i} \"ü\"/&<", [new(DataDictionary.Agency, text)],
            [new(text.Trim().Length == 0 ? "x" : text, "complete", at, [new(DataDictionary.Group, text)])]))];

        var read = Reading.Of(await WriteAsync(name, hard));

        read.Faults.ShouldBeEmpty();
        read.Cases.Select(c => (c.Id, c.Activities.Single().Name, c.Activities.Single().Group)).ShouldBe(hard.Select(c => (c.Key, c.Events[0].Activity, (string?)c.Attributes[0].Value)));
    }

    [Fact]
    public async Task What_XML_cannot_say_is_replaced_and_the_file_stays_well_formed()
    {
        var file = await WriteAsync("log.xes", [new("D-1", [], [new("a\u0001b\uFFFFc", "complete", DateTimeOffset.UnixEpoch, [])])]);
        await using var written = File.OpenRead(file);
        Schemas.OfXes(written).ShouldBeEmpty();
        (await File.ReadAllTextAsync(file)).ShouldContain("a\uFFFDb\uFFFDc");
    }

    [Theory, InlineData("log.xes"), InlineData("log.jsonocel"), InlineData("log.sqlite"), InlineData("log.csv")]
    public async Task An_attribute_that_is_not_in_the_dictionary_is_in_no_file(string name)
    {
        ProcessCase strange = new("D-1", [new("applicant", "Nguyễn Thị Lan")], _cases[0].Events);
        (await Should.ThrowAsync<InvalidOperationException>(() => WriteAsync(name, [strange]))).Message.ShouldContain("applicant");
        Directory.EnumerateFileSystemEntries(_folder).ShouldBeEmpty("nothing is left half written");
        ProcessCase twice = new("D-1", [new("procedure", "P-1"), new("procedure", "P-2")], _cases[0].Events);
        (await Should.ThrowAsync<InvalidOperationException>(() => WriteAsync(name, [twice]))).Message.ShouldContain("procedure");
        await Should.ThrowAsync<InvalidOperationException>(() => WriteAsync(name, [new("D-1", [], [])]), "a trace is never empty");
    }

    [Fact]
    public async Task A_packed_file_holds_what_its_unpacked_checksum_says()
    {
        var path = Path.Combine(_folder, "log.xes.gz");
        var written = await ExportFile.WriteAsync(path, to => XesWriter.Format("log", null).WriteAsync(_cases.ToAsyncEnumerable(), to));

        Hash(File.OpenRead(path)).ShouldBe(written.Sha256);
        Hash(new GZipStream(File.OpenRead(path), CompressionMode.Decompress)).ShouldBe(written.UnpackedSha256);
        new FileInfo(path).Length.ShouldBe(written.Bytes);

        static string Hash(Stream of)
        {
            using (of)
                return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(of));
        }
    }

    [Fact]
    public async Task The_data_dictionary_names_every_column_of_both_tables_with_its_meaning()
    {
        var events = (await File.ReadAllLinesAsync(await WriteAsync("log.csv", _cases)))[0].Split(',');
        using var to = new MemoryStream();
        CsvWriter.WriteDictionary(to, "events.csv", "dossiers.csv");
        var tables = JsonDocument.Parse(to.ToArray()).RootElement.GetProperty("tables");

        tables.EnumerateArray().Select(t => t.GetProperty("url").GetString()).ShouldBe(["events.csv", "dossiers.csv"]);
        Columns(0).ShouldBe(events);
        using var cases = new MemoryStream();
        await CsvWriter.Cases.WriteAsync(_cases.ToAsyncEnumerable(), cases);
        var rows = (await new StreamReader(new MemoryStream(cases.ToArray())).ReadToEndAsync()).Split("\r\n");
        Columns(1).ShouldBe(rows[0].Split(','));
        rows.Length.ShouldBe(_cases.Count + 2);
        tables.EnumerateArray().SelectMany(t => t.GetProperty("tableSchema").GetProperty("columns").EnumerateArray()).ShouldAllBe(c => c.GetProperty("dc:description").GetString()!.Length > 7);

        IEnumerable<string?> Columns(int table) => tables[table].GetProperty("tableSchema").GetProperty("columns").EnumerateArray().Select(c => c.GetProperty("titles").GetString());
    }

    private static object? Of(ProcessCase one, string name) => one.Attributes.FirstOrDefault(a => a.Name == name).Value;

    private async Task<string> WriteAsync(string name, List<ProcessCase> cases)
    {
        var path = Path.Combine(_folder, name);
        await (Task)(Path.GetExtension(path) switch
        {
            ".sqlite" => OcelSqliteWriter.WriteAsync(cases.ToAsyncEnumerable(), path),
            ".jsonocel" => ExportFile.WriteAsync(path, to => OcelJsonWriter.WriteAsync(cases.ToAsyncEnumerable(), to)),
            ".csv" => ExportFile.WriteAsync(path, to => CsvWriter.Events.WriteAsync(cases.ToAsyncEnumerable(), to)),
            _ => ExportFile.WriteAsync(path, to => XesWriter.Format("log", ProcessLog.Internal).WriteAsync(cases.ToAsyncEnumerable(), to)),
        });
        return path;
    }
}
