using System.Text;
using EventDossier.Import;

namespace EventDossier.Tests.Import;

public sealed class CsvLogReaderTests
{
    private const string Header = "case:concept:name,concept:name,time:timestamp";

    private static Reading Read(string content, string? map = null, string zone = "UTC") => Reading.OfText(content, "log.csv", map, zone);

    [Fact]
    public void The_receipt_log_is_the_same_from_CSV_and_from_XES()
    {
        var csv = Reading.Of(Reading.Shared("receipt.csv"));
        var xes = Reading.Of(Reading.Shared("receipt.xes"));
        csv.Faults.ShouldBeEmpty();
        csv.Cases.Sum(c => c.Activities.Count).ShouldBe(8577);
        csv.Cases.Count.ShouldBe(1434);
        foreach (var (one, other) in csv.Cases.Zip(xes.Cases)) one.Out().ShouldBe(other.Out());
    }

    [Theory]
    [InlineData("logs/roadtraffic100traces", "roadtraffic100traces.xes", "Europe/Rome")]
    public void A_log_with_attributes_has_the_same_keys_from_CSV_and_from_XES(string csvFile, string xesFile, string zone)
    {
        var csv = Reading.Of(Reading.Shared(csvFile + ".csv"), zone: zone);
        var xes = Reading.Of(Reading.Shared(xesFile), zone: zone);
        csv.Faults.ShouldBeEmpty();
        csv.Cases.Count.ShouldBe(100);
        foreach (var (one, other) in csv.Cases.Zip(xes.Cases)) Short(one).ShouldBe(Short(other));

        static string Short(ImportedCase c) => $"{c.Id} {c.Facts} " + string.Join(";", c.Activities.Select(a =>
            $"{a.Name}|{a.At:O}|{a.Resource}|{string.Join(",", a.Attributes.Select(x => x.Key).Order(StringComparer.Ordinal))}"));
    }

    [Fact]
    public void The_running_example_has_a_column_without_a_name()
    {
        var read = Reading.Of(Reading.Shared("logs/running-example.csv"));
        read.Faults.ShouldBeEmpty();
        (read.Cases.Count, read.Cases.Sum(c => c.Activities.Count)).ShouldBe((6, 42));
        read.Case("3").Attributes.ShouldBe([new SourceAttribute("creator", "string", "Fluxicon Nitro")]);
        read.Case("3").Activities[0].Attributes.Select(a => (a.Key, a.Value)).ShouldBe(
            [("column 1", "0"), ("Activity", "register request"), ("Resource", "Pete"), ("Costs", "50")]);
    }

    [Fact]
    public void Scattered_rows_come_together_in_order_of_first_appearance()
    {
        var read = Read($"{Header}\nB,1,2026-01-01T00:00:00Z\nA,2,2026-01-01T00:00:00Z\nB,3,2025-01-01T00:00:00Z\n");
        read.Cases.Select(c => $"{c.Id}: {string.Join(",", c.Activities.Select(a => a.Name))}").ShouldBe(["B: 1,3", "A: 2"]);
        read.Case("B").Activities[1].Place.ShouldBe("row 4");
    }

    [Theory]
    [InlineData(";")]
    [InlineData("\t")]
    public void The_delimiter_is_told_from_the_header(string delimiter) =>
        Read($"\uFEFF{Header}\nA,x,2026-01-01T00:00:00Z".Replace(",", delimiter, StringComparison.Ordinal)).Cases.ShouldHaveSingleItem();

    [Fact]
    public void Quoted_cells_may_hold_anything_and_the_physical_line_is_told()
    {
        var read = Read($"{Header},note\r\nA,x,2026-01-01T00:00:00Z,\"a, \"\"b\"\"\r\nc\"\r\n\r\nA,x,soon,\r\n");
        read.Faults.ShouldHaveSingleItem().ShouldBe(new Fault("row 4 (line 5), column time:timestamp", "A", "'soon' is not a date and time"));
        Read($"{Header},note\r\nA,x,2026-01-01T00:00:00Z,\"a, \"\"b\"\"\r\nc\"").Cases[0].Activities[0].Attributes[0].Value.ShouldBe("a, \"b\"\r\nc");
    }

    [Theory]
    [InlineData("A,x", "row 2", null, "has 2 cells where the header has 3")]
    [InlineData("A,x,2026-01-01T00:00:00Z,", "row 2", null, "has 4 cells where the header has 3")]
    [InlineData(",x,2026-01-01T00:00:00Z", "row 2, column case:concept:name", null, "is empty: the row belongs to no case")]
    [InlineData("A,,2026-01-01T00:00:00Z", "row 2, column concept:name", "A", "is empty")]
    [InlineData("A,x,", "row 2, column time:timestamp", "A", "is empty")]
    [InlineData("/A,x,2026-01-01T00:00:00Z", "row 2, column case:concept:name", "/A", "the case id begins with '/', which is reserved")]
    [InlineData("A,\0,2026-01-01T00:00:00Z", "row 2, column concept:name", "A", "contains the character U+0000")]
    public void A_faulty_row_is_told_and_the_other_cases_stay(string row, string place, string? caseId, string reason)
    {
        var read = Read($"{Header}\n{row}\nB,y,2026-01-01T00:00:00Z\n");
        read.Cases.ShouldHaveSingleItem().Id.ShouldBe("B");
        read.Faults.ShouldHaveSingleItem().ShouldBe(new Fault(place, caseId, reason));
    }

    [Theory]
    [InlineData("A,\"x,2026-01-01T00:00:00Z\nB,y,2026-01-01T00:00:00Z\n")]
    [InlineData("A,x\"y,2026-01-01T00:00:00Z\n")]
    public void An_open_quote_ends_the_reading(string rows)
    {
        var fault = Read($"{Header}\n{rows}").FileFault();
        fault.Place.ShouldBe("row 2");
        fault.Reason.ShouldStartWith("a quote is not closed or stands inside a cell");
    }

    [Fact]
    public void Case_attributes_must_agree_among_the_rows_of_a_case()
    {
        var read = Read($"{Header},case:x\nA,1,2026-01-01T00:00:00Z,p\nA,2,2026-01-01T00:00:00Z,p\nA,3,2026-01-01T00:00:00Z,q\n");
        read.Cases.ShouldBeEmpty();
        read.Faults.ShouldHaveSingleItem().ShouldBe(new Fault("row 4, column case:x", "A", "is 'q', but 'p' in row 2 of the same case"));
    }

    [Fact]
    public void A_file_without_the_columns_is_refused_and_lists_what_it_has()
    {
        var fault = Read("Zaak,Stap,Tijd\n1,2,3\n").FileFault();
        fault.Place.ShouldBe("row 1");
        fault.Reason.ShouldBe("no column for the case id ('case:concept:name'), activity ('concept:name'), time ('time:timestamp'); give a mapping with --map. "
            + "Columns found: Zaak, Stap, Tijd");
    }

    [Fact]
    public void A_mapping_tells_what_the_columns_mean()
    {
        var read = Read("Zaak;Stap;Tijd;Afdeling;Kosten\n1;Ontvangst;31-12-2025 08:30;Bouw;5\n1;Archief;02-01-2026 09:00;Bouw;7\n", """
            {"caseId": "Zaak", "activity": "Stap", "time": "Tijd", "agency": "Afdeling", "procedure": {"value": "1.004"}, "types": {"Kosten": "int"},
             "finishedBy": ["Archief"], "timeZone": "Europe/Amsterdam", "dateFormats": ["dd-MM-yyyy HH:mm"], "delimiter": ";"}
            """);
        read.Faults.ShouldBeEmpty();
        var one = read.Cases.ShouldHaveSingleItem();
        one.Facts.ShouldBe(new CaseFacts(FinishedAt: new DateTimeOffset(2026, 1, 2, 9, 0, 0, TimeSpan.FromHours(1)), Agency: "Bouw", Procedure: "1.004"));
        one.Activities[0].Attributes.ShouldBe([new SourceAttribute("Kosten", "int", "5")]);
        read.Scan.WithoutOffset.ShouldBe(2);
    }

    [Theory]
    [InlineData("""{"agency": "Afdeling"}""", "Afdeling")]
    [InlineData("""{"resource": "Wie"}""", "Wie")]
    [InlineData("""{"types": {"Kosten": "int"}}""", "Kosten")]
    public void A_mapping_to_a_column_that_is_not_there_is_refused(string map, string column)
    {
        var fault = Read($"{Header}\nA,x,2026-01-01T00:00:00Z\n", map).FileFault();
        fault.Reason.ShouldBe($"the mapping names the column '{column}', which the file does not have");
    }

    [Fact]
    public void Wrong_bytes_are_refused_with_row_and_column()
    {
        var bytes = Encoding.Latin1.GetBytes($"{Header}\nA,x,2026-01-01T00:00:00Z\nB,caf\u00E9,2026-01-01T00:00:00Z\n");
        Reading.OfBytes(bytes, "log.csv").FileFault().ShouldBe(new Fault("row 3, column concept:name", null, "contains bytes that are not UTF-8"));
        Reading.OfBytes(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes(Header)).ToArray(), "log.csv").FileFault().Reason.ShouldBe("the file is UTF-16; save it as UTF-8");
    }

    [Theory]
    [InlineData("a,a", "the column 'a' stands twice")]
    public void A_column_that_stands_twice_is_refused(string header, string reason) => Read($"{header}\n1,2\n").FileFault().Reason.ShouldBe(reason);

    [Fact]
    public void A_gzipped_CSV_that_was_cut_off_is_refused()
    {
        var packed = XesReaderTests.Gzip(Encoding.UTF8.GetBytes(Header + string.Concat(Enumerable.Range(0, 5000).Select(i => $"\n{i},x{i},2026-01-01T00:00:00Z"))));
        Reading.OfBytes(packed, "log.csv.gz").Cases.Count.ShouldBe(5000);
        Reading.OfBytes(packed[..^30], "log.csv.gz").FileFault();
    }
}
