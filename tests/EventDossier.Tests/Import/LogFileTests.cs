using System.Text;
using EventDossier.Import;

namespace EventDossier.Tests.Import;

public sealed class LogFileTests
{
    [Fact]
    public void A_file_that_is_not_there_or_a_directory_is_told_with_its_path()
    {
        Reading.Of("/nowhere/log.xes").FileFault().ShouldBe(new Fault("/nowhere/log.xes", null, "there is no such file"));
        Reading.Of(Path.GetTempPath()).FileFault().ShouldBe(new Fault(Path.GetTempPath(), null, "is a directory, not a file"));
    }

    [Theory]
    [InlineData("log.xes")]
    [InlineData("log.csv")]
    [InlineData("log.jsonocel")]
    [InlineData("log.sqlite")]
    public void An_empty_file_is_told_so(string name) => Reading.OfText("", name).FileFault().Reason.ShouldBe("the file is empty");

    [Fact]
    public void A_file_of_no_known_kind_asks_for_its_format()
    {
        Reading.OfText("hello", "log.txt").FileFault().Reason.ShouldEndWith("name its format");
        Should.Throw<ArgumentException>(() => LogFile.Open("x", "xls", null, TimeZoneInfo.Utc));
    }

    [Fact]
    public void Noise_is_refused_whatever_it_is_named()
    {
        var random = new Random(7);
        foreach (var name in (string[])["n.xes", "n.csv", "n.jsonocel", "n.sqlite", "n.xes.gz", "n.csv.gz"])
        {
            foreach (var magic in (byte[][])[[], [0x1F, 0x8B, 8, 0], "SQLite format 3\0"u8.ToArray()])
            {
                var noise = new byte[20_000];
                random.NextBytes(noise);
                magic.CopyTo(noise, 0);
                var read = Reading.OfBytes(noise, name);
                read.Cases.ShouldBeEmpty();
                read.Faults.ShouldNotBeEmpty();
            }
        }
    }

    [Fact]
    public void The_hash_of_a_pass_tells_that_the_file_changed()
    {
        var directory = Directory.CreateTempSubdirectory("dossier-test-");
        try
        {
            var path = Path.Combine(directory.FullName, "log.csv");
            File.WriteAllText(path, "case:concept:name,concept:name,time:timestamp\nA,x,2026-01-01T00:00:00Z\n");
            var scan = LogFile.Open(path, null, null, TimeZoneInfo.Utc);
            scan.Cases(f => throw new InvalidOperationException(f.ToString())).ShouldHaveSingleItem();
            var first = scan.Sha256;
            File.AppendAllText(path, "B,x,2026-01-01T00:00:00Z\n");
            scan.Cases(f => throw new InvalidOperationException(f.ToString())).Count().ShouldBe(2);
            scan.Sha256.ShouldNotBe(first);
            scan.Sha256.ShouldBe(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("receipt.xes")]
    [InlineData("logs/ocel20_example.jsonocel")]
    [InlineData("logs/ocel20_example.sqlite")]
    public void A_real_file_that_was_cut_off_is_refused(string file)
    {
        var bytes = File.ReadAllBytes(Reading.Shared(file));
        foreach (var share in (double[])[0.1, 0.5, 0.9])
        {
            var read = Reading.OfBytes(bytes[..(int)(bytes.Length * share)], Path.GetFileName(file));
            read.Faults.ShouldNotBeEmpty();
        }
    }

    /// <summary>A cut at the end of a row can't be told: CSV has no end.</summary>
    [Fact]
    public void A_CSV_that_was_cut_off_within_a_row_is_refused()
    {
        var bytes = File.ReadAllBytes(Reading.Shared("receipt.csv"));
        var row = Array.IndexOf(bytes, (byte)'\n', bytes.Length / 2) + 1;
        Reading.OfBytes(bytes[..row], "log.csv").Faults.ShouldBeEmpty();
        Reading.OfBytes(bytes[..(row + 20)], "log.csv").Faults.ShouldHaveSingleItem().Reason.ShouldEndWith("cells where the header has 15");
    }

    [Fact]
    public void Nothing_stays_in_the_temporary_folder()
    {
        var before = Staged();
        var scan = LogFile.Open(Reading.Shared("receipt.csv"), null, null, TimeZoneInfo.Utc);
        scan.Cases(_ => { }).Take(3).Count().ShouldBe(3);
        Reading.OfText("case:concept:name,concept:name,time:timestamp\nA,\"x", "log.csv");
        Reading.OfText("{", "log.jsonocel");
        Staged().Except(before).ShouldBeEmpty();

        static List<string> Staged() => [.. Directory.GetDirectories(Path.GetTempPath(), "dossier-import-*").Where(d => Directory.Exists(d))];
    }

    [Fact]
    public void A_zip_bomb_of_one_element_is_stopped_early()
    {
        var start = Encoding.UTF8.GetBytes("<log><trace><string key='concept:name' value='");
        var bytes = new byte[80 << 20];
        bytes.AsSpan().Fill((byte)'x');
        start.CopyTo(bytes, 0);
        Reading.OfBytes(XesReaderTests.Gzip(bytes), "bomb.xes.gz").FileFault().Reason.ShouldContain("a single item of the file is larger than 64 MiB");
    }

    private const string SmallXes = """
        <?xml version="1.0" encoding="UTF-8"?>
        <log xes.version="1849.2016" xmlns="http://www.xes-standard.org/">
          <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
          <global scope="event"><string key="concept:name" value="x"/></global>
          <classifier name="Activity" keys="concept:name"/>
          <trace><string key="concept:name" value="A"/><date key="deadline" value="2026-01-09T00:00:00Z"/><int key="n" value="3"/>
            <event><string key="concept:name" value="Tiếp nhận"/><date key="time:timestamp" value="2026-01-01T00:00:00.123+07:00"/><list key="l"><values><id key="i" value="7"/></values></list></event>
          </trace>
          <trace><string key="concept:name" value="B"/><event><string key="concept:name" value="x"/><date key="time:timestamp" value="2026-01-01T00:00:00Z"/></event></trace>
        </log>
        """;

    private const string SmallCsv = """
        case:concept:name,concept:name,time:timestamp,case:channel,org:resource,note
        A,Tiếp nhận,2026-01-01T00:00:00.123+07:00,online,R,"a, ""b"" "
        B,x,2026-01-01 00:00:00,,R,
        A,y,2026-01-02T00:00:00Z,online,,c

        """;

    private const string SmallOcel = """
        {"objectTypes": [{"name": "X", "attributes": [{"name": "p", "type": "string"}]}], "eventTypes": [{"name": "act", "attributes": [{"name": "n", "type": "integer"}]}],
         "objects": [{"id": "a", "type": "X", "attributes": [{"name": "p", "value": "v", "time": "2026-01-01T00:00:00Z"}], "relationships": [{"objectId": "b", "qualifier": "q"}]},
                     {"id": "b", "type": "X"}],
         "events": [{"id": "1", "type": "act", "time": "2026-01-01T00:00:00Z", "attributes": [{"name": "n", "value": "5"}], "relationships": [{"objectId": "a", "qualifier": "q"}]}]}
        """;

    [Theory]
    [InlineData("small.xes", SmallXes)]
    [InlineData("small.csv", SmallCsv)]
    [InlineData("small.jsonocel", SmallOcel)]
    public void Whatever_happens_to_a_file_it_yields_cases_and_faults_and_never_an_exception(string name, string content)
    {
        Reading.OfText(content, name).Faults.ShouldBeEmpty();
        Fuzz(name, Encoding.UTF8.GetBytes(content), 1500).ShouldBeGreaterThan(400);
    }

    [Theory]
    [InlineData("logs/ocel20_example.sqlite", "log.sqlite")]
    [InlineData("logs/running-example.xes", "log.xes.gz")]
    public void Whatever_happens_to_a_binary_file_it_yields_cases_and_faults_and_never_an_exception(string file, string name)
    {
        var bytes = File.ReadAllBytes(Reading.Shared(file));
        Fuzz(name, name.EndsWith(".gz", StringComparison.Ordinal) ? XesReaderTests.Gzip(bytes) : bytes, 200).ShouldBeGreaterThan(20);
    }

    /// <returns>How many of the changed files had faults.</returns>
    private static int Fuzz(string name, byte[] original, int times)
    {
        var random = new Random(20261121);
        byte[] nasty = [0, 0x22, 0x27, 0x3C, 0x3E, 0x26, 0x2C, 0x0A, 0x0D, 0x5B, 0x5D, 0x7B, 0x7D, 0x80, 0xC3, 0xED, 0xFE, 0xFF, 0x2F, 0x5C];
        var directory = Directory.CreateTempSubdirectory("dossier-test-");
        var refused = 0;
        try
        {
            var path = Path.Combine(directory.FullName, name);
            for (var i = 0; i < times; i++)
            {
                var bytes = original.ToList();
                for (var changes = random.Next(1, 4); changes > 0 && bytes.Count > 0; changes--)
                {
                    var at = random.Next(bytes.Count);
                    var length = Math.Min(random.Next(1, 40), bytes.Count - at);
                    switch (random.Next(6))
                    {
                        case 0: bytes[at] = nasty[random.Next(nasty.Length)]; break;
                        case 1: bytes[at] = (byte)random.Next(256); break;
                        case 2: bytes.Insert(at, nasty[random.Next(nasty.Length)]); break;
                        case 3: bytes.RemoveRange(at, length); break;
                        case 4: bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length)); break;
                        default: bytes.RemoveRange(at, bytes.Count - at); break;
                    }
                }
                File.WriteAllBytes(path, [.. bytes]);
                var faults = new List<Fault>();
                var cases = LogFile.Open(path, null, null, TimeZoneInfo.Utc).Cases(faults.Add).ToList();
                cases.Count.ShouldBeLessThan(20);
                faults.Count.ShouldBeLessThan(200);
                foreach (var fault in faults)
                {
                    (fault.Place + fault.CaseId + fault.Reason).ShouldAllBe(c => !char.IsControl(c));
                    fault.Reason.ShouldNotBeNullOrWhiteSpace();
                }
                foreach (var one in cases)
                {
                    one.Activities.ShouldNotBeEmpty();
                    one.Activities.ShouldAllBe(a => a.Name.Length > 0 && a.At.Year >= 1899);
                }
                if (faults.Count > 0) refused++;
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
        return refused;
    }
}
