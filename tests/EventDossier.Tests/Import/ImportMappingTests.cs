using EventDossier.Import;

namespace EventDossier.Tests.Import;

public sealed class ImportMappingTests
{
    [Theory]
    [InlineData("""{"caseID": "x"}""", "unknown key 'caseID'")]
    [InlineData("""{"0": "x"}""", "unknown key '0'")]
    [InlineData("""{"ReceivedAt": "x"}""", "unknown key 'ReceivedAt'")]
    [InlineData("""{"receivedat": "x"}""", "unknown key 'receivedat'")]
    [InlineData("""{"procedure": {"values": "x"}}""", "unknown key 'procedure.values'")]
    [InlineData("""{"procedure": {}}""", "procedure: \"value\" is missing")]
    [InlineData("""{"procedure": 4}""", "procedure: a column name, null or {\"value\": \"…\"} is wanted")]
    [InlineData("""{"caseId": null}""", "caseId: a text is wanted")]
    [InlineData("""{"delimiter": "|"}""", "delimiter: '|' is none of ',', ';' and tab")]
    [InlineData("""{"timeZone": "Mars/Olympus"}""", "timeZone: 'Mars/Olympus' is not known here")]
    [InlineData("""{"types": {"a": "number"}}""", "types.a: 'number' is none of string, date, int, float, boolean, id")]
    [InlineData("""{"finishedBy": "x"}""", "finishedBy: a list of texts is wanted")]
    [InlineData("""{"dateFormats": ["%"]}""", "dateFormats: '%' is not a date format")]
    [InlineData("""{"agency": "a", "unit": "a"}""", "agency and unit both name 'a'")]
    [InlineData("[]", "a mapping is a JSON object")]
    public void A_mapping_with_a_mistake_is_refused_and_the_mistake_named(string json, string reason) =>
        Should.Throw<FormatException>(() => ImportMapping.Parse(json)).Message.ShouldBe(reason);

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("""{"time": "a", "time": "b"}""")]
    [InlineData("""{"time": "\ud800"}""")]
    public void What_is_no_sound_JSON_is_refused(string json) => Should.Throw<FormatException>(() => ImportMapping.Parse(json));

    [Fact]
    public void A_usual_name_can_be_switched_off_and_a_fact_taken_from_elsewhere()
    {
        const string log = """
            <log><trace><string key="concept:name" value="A"/><string key="channel" value="post"/><string key="ward" value="W"/>
            <event><string key="concept:name" value="x"/><date key="time:timestamp" value="2026-01-01T00:00:00Z"/><string key="org:resource" value="R"/></event></trace></log>
            """;
        var one = Reading.OfText(log, "log.xes", """{"channel": null, "unit": "ward", "resource": null, "limit": {"value": "5 days"}}""").Cases.ShouldHaveSingleItem();
        one.Facts.ShouldBe(new CaseFacts(Unit: "W", Limit: "5 days"));
        one.Attributes.ShouldBe([new SourceAttribute("channel", "string", "post")]);
        one.Activities[0].Resource.ShouldBeNull();
        one.Activities[0].Attributes.ShouldBe([new SourceAttribute("org:resource", "string", "R")]);
    }

    [Fact]
    public void What_the_case_itself_tells_goes_before_the_mapping()
    {
        const string log = """
            <log><trace><string key="concept:name" value="A"/><date key="enddate" value="2026-02-01T00:00:00Z"/><string key="channel" value="post"/>
            <event><string key="concept:name" value="x"/><date key="time:timestamp" value="2026-01-01T00:00:00Z"/></event></trace></log>
            """;
        var facts = Reading.OfText(log, "log.xes", """{"finishedBy": ["x"], "channel": "channel"}""").Cases.ShouldHaveSingleItem().Facts;
        facts.ShouldBe(new CaseFacts(FinishedAt: new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero), Channel: "post"));
    }
}
