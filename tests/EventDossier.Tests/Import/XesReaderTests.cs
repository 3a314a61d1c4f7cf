using System.IO.Compression;
using System.Text;
using EventDossier.Import;

namespace EventDossier.Tests.Import;

public sealed class XesReaderTests
{
    private const string Event = """<event><string key="concept:name" value="Receive"/><date key="time:timestamp" value="2026-01-02T03:04:05.678+07:00"/></event>""";

    private static string Log(string content) => $"<log>\n{content}\n</log>";

    private static string Trace(string id, string content) => $"""<trace><string key="concept:name" value="{id}"/>{content}</trace>""";

    private static Reading Read(string content, string? map = null, string zone = "UTC") => Reading.OfText(Log(content), "log.xes", map, zone);

    [Fact]
    public void The_receipt_log_is_read_whole()
    {
        var read = Reading.Of(Reading.Shared("receipt.xes"));
        read.Faults.ShouldBeEmpty();
        read.Cases.Count.ShouldBe(1434);
        read.Cases.Sum(c => c.Activities.Count).ShouldBe(8577);
        read.Cases.SelectMany(c => c.Activities).Select(a => a.Name).Distinct().Count().ShouldBe(27);
        read.Cases.SelectMany(c => c.Activities).Select(a => a.Resource).Distinct().Count().ShouldBe(48);
        var first = read.Case("case-10011");
        first.Facts.ShouldBe(new CaseFacts(
            ReceivedAt: new DateTimeOffset(2011, 10, 11, 13, 42, 22, 688, TimeSpan.FromHours(2)),
            PromisedDue: new DateTimeOffset(2011, 12, 6, 13, 41, 31, 788, TimeSpan.FromHours(1)),
            PlannedEnd: new DateTimeOffset(2011, 12, 6, 13, 41, 31, 788, TimeSpan.FromHours(1)),
            Channel: "Internet", Agency: "General", Unit: "Group 2", Officer: "Resource21"));
        first.Attributes.ShouldBeEmpty();
        first.Activities[0].ShouldSatisfyAllConditions(
            a => a.Name.ShouldBe("Confirmation of receipt"),
            a => a.At.ShouldBe(new DateTimeOffset(2011, 10, 11, 13, 45, 40, 276, TimeSpan.FromHours(2))),
            a => (a.Transition, a.Instance, a.Resource, a.Group).ShouldBe(("complete", "task-42933", "Resource21", "Group 1")),
            a => a.Attributes.ShouldBeEmpty());
        read.Scan.WithoutOffset.ShouldBe(0);
        read.Scan.Size.ShouldBe(new FileInfo(Reading.Shared("receipt.xes")).Length);
        read.Scan.Header.Extensions.Count.ShouldBe(11);
        read.Scan.Header.Globals.Count.ShouldBe(2);
        read.Scan.Header.Classifiers.Count.ShouldBe(3);
        read.Scan.Header.Attributes.ShouldContain(a => a.Key == "meta_org:resource_events_standard_deviation" && a.Children!.Count > 40);
    }

    [Fact]
    public void A_log_without_namespace_version_and_offsets_is_read_in_the_given_zone()
    {
        var read = Reading.Of(Reading.Shared("logs/roadtraffic50traces.xes"), zone: "Europe/Rome");
        read.Faults.ShouldBeEmpty();
        (read.Cases.Count, read.Cases.Sum(c => c.Activities.Count)).ShouldBe((51, 201));
        read.Scan.WithoutOffset.ShouldBe(201);
        var first = read.Case("A1").Activities[0];
        first.At.ShouldBe(new DateTimeOffset(2006, 7, 24, 0, 0, 0, TimeSpan.FromHours(2)));
        first.At.Offset.ShouldBe(TimeSpan.FromHours(2));
        first.Attributes.Select(a => (a.Key, a.Type, a.Value)).ShouldBe(
        [
            ("amount", "float", "35.0"), ("dismissal", "string", "NIL"), ("vehicleClass", "string", "A"),
            ("totalPaymentAmount", "float", "0.0"), ("article", "int", "157"), ("points", "int", "0"),
        ]);
    }

    [Theory]
    [InlineData("logs/running-example.xes", 6, 42)]
    [InlineData("roadtraffic100traces.xes", 100, 390)]
    public void Other_published_logs_are_read_whole(string file, int cases, int activities)
    {
        var read = Reading.Of(Reading.Shared(file));
        read.Faults.ShouldBeEmpty();
        (read.Cases.Count, read.Cases.Sum(c => c.Activities.Count)).ShouldBe((cases, activities));
    }

    [Fact]
    public void The_sample_that_passes_the_schema_is_read()
    {
        var read = Reading.Of(Reading.Shared("schemas/sample-valid.xes"));
        read.Faults.ShouldBeEmpty();
        read.Cases.ShouldNotBeEmpty();
    }

    [Fact]
    public void Timestamps_that_are_strings_are_refused_event_by_event()
    {
        var read = Reading.Of(Reading.Shared("logs/11_tickets.xes"));
        read.Cases.ShouldBeEmpty();
        read.Faults.Count.ShouldBe(43);
        read.Faults[0].ShouldBe(new Fault("line 8", "1", "time:timestamp is a <string>, not a <date>"));
        read.Faults.Select(f => f.CaseId).Distinct().Count().ShouldBe(9);
    }

    [Fact]
    public void With_date_formats_in_the_mapping_string_timestamps_are_read()
    {
        var read = Reading.Of(Reading.Shared("logs/11_tickets.xes"), map: """{"dateFormats": ["yyyy-MM-dd HH:mm:ss"]}""");
        read.Cases.Sum(c => c.Activities.Count).ShouldBe(43 - read.Faults.Count);
        read.Cases.ShouldNotBeEmpty();
    }

    [Fact]
    public void Nested_attributes_lists_and_containers_keep_their_children()
    {
        var read = Read(Trace("1", """
            <list key="docs"><values><string key="doc" value="a"/><int key="doc" value="2"/></values></list>
            <container key="c"><boolean key="b" value="true"><float key="deep" value="1.50"/></boolean></container>
            """ + Event.Replace("</event>", """<string key="org:resource" value="R"><string key="dept" value="D"/></string></event>""", StringComparison.Ordinal)));
        read.Faults.ShouldBeEmpty();
        var one = read.Cases.ShouldHaveSingleItem();
        one.Attributes[0].Children!.Select(a => (a.Key, a.Value)).ShouldBe([("doc", "a"), ("doc", "2")]);
        one.Attributes[1].Children![0].Children![0].ShouldBe(new SourceAttribute("deep", "float", "1.50"));
        one.Activities[0].Resource.ShouldBe("R");
        one.Activities[0].Attributes.ShouldHaveSingleItem().Children!.ShouldHaveSingleItem().Value.ShouldBe("D");
    }

    [Theory]
    [InlineData("2026-01-02T03:04:05.6789999+07:00", "2026-01-02T03:04:05.6780000+07:00")]
    [InlineData("2026-01-02 03:04:05Z", "2026-01-02T03:04:05.0000000+00:00")]
    [InlineData("2026-01-02T03:04:05.1-0330", "2026-01-02T03:04:05.1000000-03:30")]
    [InlineData("2026-01-02T03:04", "2026-01-02T03:04:00.0000000+07:00")]
    [InlineData("2026-01-02", "2026-01-02T00:00:00.0000000+07:00")]
    public void Dates_are_read_to_the_millisecond(string written, string meant)
    {
        var read = Read(Trace("1", Event.Replace("2026-01-02T03:04:05.678+07:00", written, StringComparison.Ordinal)), zone: "Asia/Ho_Chi_Minh");
        read.Cases.ShouldHaveSingleItem().Activities[0].At.ToString("O").ShouldBe(meant);
    }

    [Theory]
    [InlineData("2026-02-29T00:00:00Z")]
    [InlineData("2026-01-02T24:00:00Z")]
    [InlineData("2026-01-02T03:04:05.Z")]
    [InlineData("2026-01-02T03:04:05+15:00")]
    [InlineData("2026-01-02T03:04:05+7")]
    [InlineData("1899-12-31T23:59:59Z")]
    [InlineData("2200-01-01T00:00:00Z")]
    [InlineData("02.01.2026")]
    [InlineData("")]
    [InlineData("９999-01-01T00:00:00Z")]
    public void An_unusable_date_is_refused_with_its_line(string written)
    {
        var read = Read("\n" + Trace("A", Event.Replace("2026-01-02T03:04:05.678+07:00", written, StringComparison.Ordinal)));
        read.Cases.ShouldBeEmpty();
        var fault = read.Faults.ShouldHaveSingleItem();
        (fault.Place, fault.CaseId).ShouldBe(("line 3", "A"));
        fault.Reason.ShouldContain(written);
    }

    [Theory]
    [InlineData("<string key='concept:name' value='A'/>", "the trace has no events")]
    [InlineData("<string key='concept:name' value='A'/><event><date key='time:timestamp' value='2026-01-01T00:00:00Z'/></event>", "the event has no concept:name")]
    [InlineData("<string key='concept:name' value='A'/><event><string key='concept:name' value='x'/></event>", "the event has no time:timestamp")]
    [InlineData("<string key='concept:name' value='A'/><int key='n' value='1.5'/>EVENT", "n: '1.5' is not a whole number of 64 bits")]
    [InlineData("<string key='concept:name' value='A'/><float key='n' value='1,5'/>EVENT", "n: '1,5' is not a number")]
    [InlineData("<string key='concept:name' value='A'/><boolean key='n' value='yes'/>EVENT", "n: 'yes' is not a boolean")]
    [InlineData("<string key='concept:name' value='A'/><date key='n' value='soon'/>EVENT", "n: 'soon' is not a date and time")]
    [InlineData("<string key='concept:name' value='A'/><date key='deadline' value='soon'/>EVENT", "deadline: 'soon' is not a date and time")]
    [InlineData("<string key='concept:name' value='A'/><string key='deadline' value='2026-01-01T00:00:00Z'/>EVENT", "deadline is a <string>, not a <date>")]
    [InlineData("<string key='concept:name' value='A'/><string value='1'/>EVENT", "a <string> has no key")]
    [InlineData("<string key='concept:name' value='A'/><string key='k'/>EVENT", "k has no value")]
    [InlineData("<string key='concept:name' value='A'/><string key='k' value='&#0;'/>EVENT", "k contains the character U+0000")]
    [InlineData("<string key='concept:name' value='A'/><string key='k' value='&#xFFFE;'/>EVENT", "k contains the non-character U+FFFE")]
    [InlineData("<string key='concept:name' value='A'/><string key='k' value='&#xD800;'/>EVENT", "k contains half of a surrogate pair")]
    [InlineData("<string key='concept:name' value='A'/><other key='k' value='1'/>EVENT", "<other> is not an element of XES")]
    [InlineData("<string key='concept:name' value='A'/>hello EVENT", "text stands where an element is wanted: 'hello '")]
    [InlineData("<string key='concept:name' value='A'/><string key='concept:name' value='A'/>EVENT", "concept:name stands twice in one trace")]
    public void A_faulty_trace_is_left_out_with_its_line_and_the_others_stay(string content, string reason)
    {
        var read = Read(Trace("before", Event) + "\n<trace>" + content.Replace("EVENT", Event, StringComparison.Ordinal) + "</trace>\n" + Trace("after", Event));
        read.Cases.Select(c => c.Id).ShouldBe(["before", "after"]);
        read.Faults.ShouldHaveSingleItem().ShouldBe(new Fault("line 3", "A", reason));
    }

    [Theory]
    [InlineData("/A", "the case id begins with '/', which is reserved")]
    [InlineData(" A", "the case id begins or ends with a blank")]
    [InlineData("A\u00A0", "the case id begins or ends with a blank")]
    [InlineData("", "the case id is empty")]
    [InlineData("A&#7;B", "the case id contains the control character U+0007")]
    public void A_case_id_that_can_not_be_a_code_is_refused(string id, string reason)
    {
        var read = Read(Trace(id, Event));
        read.Cases.ShouldBeEmpty();
        read.Faults.ShouldHaveSingleItem().Reason.ShouldBe(reason);
    }

    [Fact]
    public void An_over_long_case_id_is_refused()
    {
        Read(Trace(new string('x', 201), Event)).Faults.ShouldHaveSingleItem().Reason.ShouldBe("the case id is longer than 200 characters");
        Read(Trace(new string('x', 200), Event)).Faults.ShouldBeEmpty();
    }

    [Fact]
    public void A_trace_without_a_name_is_refused_with_its_line()
    {
        var read = Read($"<trace>{Event}</trace>\n{Trace("B", Event)}");
        read.Cases.ShouldHaveSingleItem().Id.ShouldBe("B");
        read.Faults.ShouldHaveSingleItem().ShouldBe(new Fault("line 2", "", "the trace has no concept:name"));
    }

    [Fact]
    public void A_case_id_that_comes_again_is_refused_even_if_it_is_composed_otherwise()
    {
        var read = Read($"{Trace("\u00E9", Event)}\n{Trace("e\u0301", Event)}");
        read.Cases.ShouldHaveSingleItem().Id.ShouldBe("\u00E9");
        read.Faults.ShouldHaveSingleItem().ShouldBe(new Fault("line 3", "\u00E9", "the case id stands in the file already"));
    }

    [Fact]
    public void Text_is_composed()
    {
        var read = Read(Trace("1", Event.Replace("Receive", "Tie\u0302\u0301p nha\u0323\u0302n", StringComparison.Ordinal)));
        read.Cases[0].Activities[0].Name.ShouldBe("Tiếp nhận");
    }

    [Fact]
    public void An_event_outside_of_traces_ends_the_reading()
    {
        var read = Read($"{Trace("A", Event)}\n{Event}\n{Trace("B", Event)}");
        read.Cases.ShouldHaveSingleItem();
        read.Faults.ShouldHaveSingleItem().ShouldBe(new Fault("line 3", null, "an <event> stands outside of any <trace>: it belongs to no case"));
        read.Scan.Sha256.ShouldBeNull();
    }

    [Fact]
    public void Bounds_hold_and_blame_the_case()
    {
        var deep = string.Concat(Enumerable.Repeat("<string key='k' value='v'>", 70)) + string.Concat(Enumerable.Repeat("</string>", 70));
        var many = string.Concat(Enumerable.Repeat("<string key='k' value='v'/>", XesReaderBounds.Attributes + 1));
        var events = string.Concat(Enumerable.Repeat(Event, XesReaderBounds.Events + 1));
        var value = $"<string key='k' value='{new string('v', (1 << 20) + 1)}'/>";
        foreach (var (content, reason) in new[]
        {
            (deep, "attributes are nested deeper than 64"),
            (many, "the case has more than 10000 attributes"),
            (value, "k is longer than 1048576 characters"),
            (events, "the case has more than 100000 events"),
            ($"<event>{many}</event>", "an event has more than 10000 attributes"),
        })
        {
            var read = Read(Trace("bad", content + Event) + Trace("good", Event));
            read.Cases.ShouldHaveSingleItem().Id.ShouldBe("good");
            read.Faults.ShouldContain(f => f.CaseId == "bad" && f.Reason == reason);
        }
    }

    private static class XesReaderBounds
    {
        public const int Events = 100_000, Attributes = 10_000;
    }

    [Fact]
    public void A_gzipped_log_is_told_by_its_first_bytes()
    {
        var packed = Gzip(Encoding.UTF8.GetBytes(Log(Trace("A", Event))));
        Reading.OfBytes(packed, "log.xes.gz").Cases.ShouldHaveSingleItem();
        var odd = Reading.OfBytes(packed, "log.bin");
        odd.Cases.ShouldHaveSingleItem();
        odd.Scan.Format.ShouldBe("xes");
        odd.Scan.Sha256.ShouldBe(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(packed)));
    }

    [Theory]
    [InlineData("<log><trace>", "line 1, column 13", "the file ends in the middle of an element: it was cut off")]
    [InlineData("<log>\n</trace></log>", "line 2, column 3", "an end tag does not fit its start tag")]
    [InlineData("<!DOCTYPE log [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><log>&b;</log>", "line 1, column 1", "a document type declaration is not allowed: it could define entities without end")]
    [InlineData("<log>&b;</log>", "line 1, column 7", "an entity is used that XML does not define")]
    [InlineData("<?xml version='1.0' encoding='klingon'?><log/>", "line 1, column 31", "the bytes do not fit the encoding that the file declares, or it is not known here")]
    [InlineData("<html><body/></html>", "line 1", "the root element is <html>, not <log>")]
    [InlineData("   ", "line 1, column 1", "the file contains no XML element")]
    [InlineData("<log/><log/>", "line 1, column 8", "not well-formed XML: There are multiple root elements")]
    public void A_file_that_is_no_XES_is_refused_with_line_and_column(string content, string place, string reason) =>
        Reading.OfText(content, "log.xes").FileFault().ShouldBe(new Fault(place, null, reason));

    [Fact]
    public void Bytes_that_do_not_fit_the_encoding_are_refused_with_their_line()
    {
        var bytes = Encoding.Latin1.GetBytes("<?xml version='1.0' encoding='UTF-8'?>\n<log>\n" + Trace("caf\u00E9", Event) + "</log>");
        var fault = Reading.OfBytes(bytes, "log.xes").FileFault();
        fault.Place.ShouldStartWith("line 3");
        fault.Reason.ShouldStartWith("the bytes do not fit the encoding");
    }

    internal static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(bytes);
        return packed.ToArray();
    }
}
