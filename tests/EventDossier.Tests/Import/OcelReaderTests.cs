using System.Text.Json;
using System.Text.Json.Nodes;
using EventDossier.Import;
using Microsoft.Data.Sqlite;

namespace EventDossier.Tests.Import;

public sealed class OcelReaderTests
{
    private const string Example = "logs/ocel20_example.jsonocel";

    /// <summary>Objects as <c>id:type</c> and <c>a-b</c> for a relation; events as <c>id@minute:object,object</c>.</summary>
    private static string Json(string objects, string relations, string events)
    {
        var related = relations.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(r => r.Split('-')).ToList();
        return JsonSerializer.Serialize(new
        {
            objectTypes = objects.Split(' ').Select(o => o.Split(':')[1]).Distinct().Select(t => new { name = t, attributes = Array.Empty<object>() }),
            eventTypes = new[] { new { name = "act", attributes = Array.Empty<object>() } },
            objects = objects.Split(' ').Select(o => o.Split(':')).Select(o => new
            {
                id = o[0],
                type = o[1],
                relationships = related.Where(r => r[0] == o[0]).Select(r => new { objectId = r[1], qualifier = "q" }),
            }),
            events = events.Split(' ').Select(e => e.Split('@', ':')).Select(e => new
            {
                id = e[0],
                type = "act",
                time = $"2026-01-01T00:{e[1]}:00Z",
                relationships = e[2].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(o => new { objectId = o, qualifier = "q" }),
            }),
        });
    }

    private static Reading Read(string json, string? map = null) => Reading.OfText(json, "log.jsonocel", map);

    private static IEnumerable<string> Shape(Reading read) =>
        read.Cases.Select(c => $"{c.Id}: {string.Join(",", c.Activities.Select(a => a.Instance))} / {string.Join(",", c.Objects.Select(o => o.Id))}");

    [Fact]
    public void The_example_hangs_together_in_two_cases()
    {
        var read = Reading.Of(Reading.Shared(Example));
        read.Faults.ShouldBeEmpty();
        read.Cases.Sum(c => c.Activities.Count).ShouldBe(13);
        read.Cases.Sum(c => c.Objects.Count).ShouldBe(9);
        read.Cases[0].Id.ShouldBe("PR1");
        var order = read.Cases.SelectMany(c => c.Objects).Single(o => o.Id == "PO1");
        order.Type.ShouldBe("Purchase Order");
        order.Attributes.Select(a => (a.Key, a.Value, a.At)).ShouldContain(("po_quantity", "600", "2022-01-13T11:00:00+00:00"));
        order.Relations.ShouldContain(new SourceRelation("R1", "Invoice from PO"));
        var first = read.Cases[0].Activities[0];
        (first.Name, first.Instance).ShouldBe(("Create Purchase Requisition", "e1"));
        first.Attributes.ShouldBe([new SourceAttribute("pr_creator", "string", "Mike")]);
        first.Relations.ShouldBe([new SourceRelation("PR1", "Regular placement of PR")]);
        foreach (var c in read.Cases) c.Activities.Select(a => a.At).ShouldBeInOrder();
    }

    [Fact]
    public void The_example_is_the_same_from_SQLite_whose_times_are_local()
    {
        var json = Reading.Of(Reading.Shared(Example));
        var sqlite = Reading.Of(Reading.Shared("logs/ocel20_example.sqlite"), zone: "Europe/Rome");
        sqlite.Faults.ShouldBeEmpty();
        sqlite.Scan.WithoutOffset.ShouldBe(13);
        sqlite.Cases.Select(Alike).ShouldBe(json.Cases.Select(Alike));
    }

    [Fact]
    public void Tables_without_row_numbers_are_read_as_any()
    {
        string[] tables = ["event_map_type", "event", "object", "event_object", "object_object"];
        WithExample(tables.Select(table => $"ALTER TABLE {table} RENAME TO former; {Definition(table)} WITHOUT ROWID; INSERT INTO {table} SELECT * FROM former; DROP TABLE former"), path =>
        {
            var read = Reading.Of(path, zone: "Europe/Rome");
            read.Faults.ShouldBeEmpty();
            read.Cases.Select(Alike).ShouldBe(Reading.Of(Reading.Shared(Example)).Cases.Select(Alike));
        });

        static string Definition(string table)
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Reading.Shared("logs/ocel20_example.sqlite"), Pooling = false, Mode = SqliteOpenMode.ReadOnly }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"SELECT sql FROM sqlite_schema WHERE name = '{table}'";
            return (string)command.ExecuteScalar()!;
        }
    }

    /// <summary>Times of attributes are spelled as each file has them; objects and relations have no order in SQLite.</summary>
    private static string Alike(ImportedCase c) =>
        (c with
        {
            Activities = c.Activities.Select(a => a with { At = a.At.ToUniversalTime(), Relations = a.Relations.OrderBy(r => r.ObjectId, StringComparer.Ordinal).ToList() }).ToList(),
            Objects = c.Objects.OrderBy(o => o.Id, StringComparer.Ordinal).Select(o => o with
            {
                Attributes = o.Attributes.Select(a => a with { At = null }).ToList(),
                Relations = o.Relations.OrderBy(r => r.ObjectId, StringComparer.Ordinal).ToList(),
            }).ToList(),
        }).Out();

    [Fact]
    public void A_leading_type_of_the_mapping_makes_the_cases()
    {
        var read = Reading.Of(Reading.Shared(Example), map: """{"caseType": "Purchase Order"}""");
        read.Faults.ShouldBeEmpty();
        read.Cases.Select(c => c.Id).ShouldBe(["PO1", "PO2"]);
        read.Cases.SelectMany(c => c.Activities).Select(a => a.Instance).Distinct().Count().ShouldBe(13);
        Reading.Of(Reading.Shared(Example), map: """{"caseType": "Order"}""").FileFault().Reason
            .ShouldBe("the mapping's caseType 'Order' is not an object type. Types found: Invoice, Payment, Purchase Order, Purchase Requisition");
    }

    [Fact]
    public void Without_a_leading_type_what_hangs_together_is_a_case_named_by_its_earliest_event()
    {
        var read = Read(Json("a:X b:Y c:X d:Y", "a-b", "1@05:b,a 2@03:a 3@04:c,d 4@09:d"));
        read.Faults.ShouldBeEmpty();
        Shape(read).ShouldBe(["a: 2,1 / a,b", "c: 3,4 / c,d"]);
    }

    [Fact]
    public void An_event_goes_to_the_leading_objects_it_names_or_else_to_the_nearest()
    {
        var read = Read(Json("d1:dossier d2:dossier s:slip t:slip u:slip", "d1-s s-t d2-t t-u", "1@01:d1,d2 2@02:s 3@03:t 4@04:u"));
        read.Faults.ShouldBeEmpty();
        Shape(read).ShouldBe(["d1: 1,2 / d1,s", "d2: 1,3,4 / d2,t,u"]);
    }

    [Fact]
    public void Events_at_one_moment_keep_the_order_of_the_file() =>
        Shape(Read(Json("a:X", "", "2@01:a 1@01:a 0@00:a"))).ShouldBe(["a: 0,2,1 / a"]);

    [Fact]
    public void What_reaches_no_case_is_told()
    {
        var read = Read(Json("d:dossier x:slip y:slip", "", "1@01:d 2@02:x 3@03:"));
        read.Cases.ShouldHaveSingleItem();
        read.Faults.Select(f => f.Place).ShouldBe(["event 2", "event 3", "object x", "object y"], ignoreOrder: true);
        Read(Json("a:X b:X", "", "1@01:a")).Faults.ShouldHaveSingleItem().ShouldBe(new Fault("object b", "b", "no event reaches it: it belongs to no case"));
        Read(Json("d:dossier e:dossier", "", "1@01:d")).Faults.ShouldHaveSingleItem().ShouldBe(new Fault("object e", "e", "the case has no events"));
    }

    [Fact]
    public void Facts_come_from_the_leading_object_whose_last_value_counts()
    {
        var log = JsonNode.Parse(Json("d:dossier", "", "1@01:d"))!;
        log["objectTypes"]![0]!["attributes"] = new JsonArray(new JsonObject { ["name"] = "channel", ["type"] = "string" });
        log["objects"]![0]!["attributes"] = new JsonArray(
            new JsonObject { ["name"] = "channel", ["value"] = "post", ["time"] = "2026-01-01T00:00:00Z" },
            new JsonObject { ["name"] = "channel", ["value"] = "online", ["time"] = "2026-01-02T00:00:00Z" });
        var one = Read(log.ToJsonString()).Cases.ShouldHaveSingleItem();
        one.Facts.ShouldBe(new CaseFacts(Channel: "online"));
        one.Objects[0].Attributes.Count.ShouldBe(2);
    }

    [Fact]
    public void A_bad_time_blames_the_case_of_its_event()
    {
        var read = Read(Json("a:X b:X", "", "1@01:a 2@99:b"));
        read.Cases.ShouldHaveSingleItem().Id.ShouldBe("a");
        read.Faults.ShouldHaveSingleItem().ShouldBe(new Fault("event 2", "b", "time: '2026-01-01T00:99:00Z' is not a date and time"));
    }

    [Theory]
    [InlineData("events[0].id", null, "events[0]", "id is missing")]
    [InlineData("events[0].type", "\"other\"", "event type other", "is used but not declared")]
    [InlineData("events[0].time", null, "event 1", "time is missing")]
    [InlineData("events[1].id", "\"1\"", "event 1", "its id stands in the file already")]
    [InlineData("events[0].relationships[0].qualifier", null, "events[0].relationships[0]", "objectId or qualifier is missing")]
    [InlineData("events[0].relationships[0].objectId", "\"z\"", "event 1", "names the object 'z', which the file does not have")]
    [InlineData("events[0].attributes", """[{"name": "n", "value": "1"}]""", "event type act", "its attribute 'n' is used but not declared")]
    [InlineData("events[0].attributes", """[{"name": "n", "value": []}]""", "events[0].attributes[0]", "value is not a text")]
    [InlineData("events[0].more", "1", "events[0]", "'more' is not a key of OCEL 2.0")]
    [InlineData("events", null, "file", "the array events is missing")]
    [InlineData("objects[1].id", "\"a\"", "object a", "its id stands in the file already")]
    [InlineData("objects[0].relationships", """[{"objectId": "z", "qualifier": "q"}]""", "object a", "is related to the object 'z', which the file does not have")]
    [InlineData("objects[0].attributes", """[{"name": "n", "value": "1"}]""", "objects[0].attributes[0]", "name, value or time is missing")]
    [InlineData("objects[0].type", "7", "objects[0]", "its type is not a text, or is empty")]
    [InlineData("objectTypes[0].attributes", null, "object type X", "the array attributes is missing")]
    [InlineData("eventTypes[0].name", "\"a\\u0000\"", "eventTypes[0]", "its name contains the character U+0000")]
    public void A_rule_that_JSON_breaks_is_told_with_its_place(string at, string? value, string place, string reason)
    {
        var log = JsonNode.Parse(Json("a:X b:X", "", "1@01:a 2@02:b"))!;
        var parts = at.Replace("]", "", StringComparison.Ordinal).Split('.', '[');
        var node = log;
        foreach (var part in parts[..^1]) node = int.TryParse(part, out var index) ? node![index] : node![part];
        if (value is null) node!.AsObject().Remove(parts[^1]);
        else node![parts[^1]] = JsonNode.Parse(value);
        var read = Read(log.ToJsonString());
        read.Cases.ShouldBeEmpty();
        read.Faults.ShouldContain(new Fault(place, null, reason));
    }

    [Theory]
    [InlineData("""{"events": [""", "the JSON ends too early: the file was cut off")]
    [InlineData("""{"events": [}""", "not JSON: ")]
    [InlineData("""{"events": {}}""", "is not an array")]
    [InlineData("[]", "an OCEL is a JSON object")]
    [InlineData("""{"events": [], "events": []}""", "stands twice in the file")]
    [InlineData("""{"events": [{"id": "\ud800"}]}""", "a text contains half of a surrogate pair")]
    public void JSON_that_can_not_be_read_on_is_refused(string json, string reason) => Read(json).FileFault().Reason.ShouldStartWith(reason);

    [Fact]
    public void JSON_nested_without_end_is_refused() => Read("""{"events": """ + new string('[', 100_000)).FileFault().Reason.ShouldStartWith("not JSON");

    [Fact]
    public void Every_rule_that_the_pallet_log_breaks_is_told_with_its_table()
    {
        var read = Reading.Of(Reading.Shared("logs/pallet-logistics-v0.9.sqlite"));
        read.Cases.ShouldBeEmpty();
        read.Faults.ShouldAllBe(f => f.CaseId == null);
        var told = read.Faults.Select(f => $"{f.Place}: {f.Reason}").ToList();
        told.ShouldContain("table event: ocel_id is not declared PRIMARY KEY");
        told.ShouldContain("table object: ocel_id is not declared PRIMARY KEY");
        told.ShouldContain("table event_map_type: ocel_type is not declared PRIMARY KEY");
        told.ShouldContain("table object_map_type: ocel_type is not declared PRIMARY KEY");
        told.ShouldContain("table event_object: ocel_event_id, ocel_object_id, ocel_qualifier are not declared PRIMARY KEY");
        told.ShouldContain("table object_object: ocel_source_id, ocel_target_id, ocel_qualifier are not declared PRIMARY KEY");
        told.ShouldContain("table object_object: ocel_qualifier is declared REAL, not TEXT");
        told.ShouldContain("table event: ocel_type is not declared FOREIGN KEY to event_map_type(ocel_type)");
        told.ShouldContain("table object: ocel_type is not declared FOREIGN KEY to object_map_type(ocel_type)");
        told.ShouldContain("table event_object: ocel_event_id is not declared FOREIGN KEY to event(ocel_id)");
        told.ShouldContain("table event_object: ocel_object_id is not declared FOREIGN KEY to object(ocel_id)");
        told.ShouldContain("table object_object: ocel_source_id is not declared FOREIGN KEY to object(ocel_id)");
        told.ShouldContain("table object_object: ocel_target_id is not declared FOREIGN KEY to object(ocel_id)");
        foreach (var type in (string[])["Deliver", "GetItem", "Inspect", "Load", "ReceiveOrder"])
        {
            told.ShouldContain($"table event_{type}: ocel_id is not declared PRIMARY KEY");
            told.ShouldContain($"table event_{type}: ocel_id is not declared FOREIGN KEY to event(ocel_id)");
        }
        foreach (var type in (string[])["Item", "Order", "Pallet", "Vehicle"])
        {
            told.ShouldContain($"table object_{type}: the column ocel_time is missing");
            told.ShouldContain($"table object_{type}: ocel_id is not declared FOREIGN KEY to object(ocel_id)");
        }
        told.Count.ShouldBe(31);
    }

    [Theory]
    [InlineData("DROP TABLE object_object", "table object_object", "is missing")]
    [InlineData("DROP TABLE event_ChangePOQuantity", "table event_ChangePOQuantity", "is missing, for the event type 'Change PO Quantity'")]
    [InlineData("CREATE TABLE event_extra (x TEXT)", "table event_extra", "is so named but belongs to no event type")]
    [InlineData("ALTER TABLE event ADD COLUMN more TEXT", "table event", "more is not a column of OCEL 2.0")]
    [InlineData("DELETE FROM event_InsertPayment WHERE ocel_id = 'e7'", "table event_InsertPayment", "the event 'e7' is missing")]
    [InlineData("INSERT INTO event_InsertPayment VALUES ('zz', '2022-01-01 00:00:00', 'x')", "table event_InsertPayment", "'zz' is no event of this type")]
    [InlineData("INSERT INTO event_object VALUES ('e1', 'zz', 'q')", "table event_object", "ocel_object_id 'zz' is not in object")]
    [InlineData("UPDATE object_object SET ocel_qualifier = NULL WHERE ocel_source_id = 'PR1'", "table object_object", "a relation of 'PR1' has no qualifier")]
    [InlineData("UPDATE object SET ocel_type = 'Nothing' WHERE ocel_id = 'P1'", "table object", "the type 'Nothing' is not in object_map_type")]
    [InlineData("UPDATE event_map_type SET ocel_type_map = 'InsertInvoice'", "table event_map_type", "two types are mapped to 'InsertInvoice'")]
    [InlineData("UPDATE object_Payment SET ocel_time = 'never' WHERE ocel_id = 'P1'", "table object_Payment, object P1", "ocel_time: 'never' is not a date and time")]
    [InlineData("UPDATE object_Invoice SET ocel_changed_field = 'colour' WHERE ocel_id = 'R1'", "table object_Invoice, object R1", "ocel_changed_field 'colour' is not a column of the table")]
    public void A_rule_that_SQLite_breaks_is_told_with_its_table(string sql, string place, string reason) => WithExample([sql], path =>
    {
        var read = Reading.Of(path);
        read.Cases.ShouldBeEmpty();
        read.Faults.ShouldContain(new Fault(place, null, reason));
    });

    /// <summary>A copy of the example, changed.</summary>
    private static void WithExample(IEnumerable<string> statements, Action<string> use)
    {
        var directory = Directory.CreateTempSubdirectory("dossier-test-");
        try
        {
            var path = Path.Combine(directory.FullName, "a b%#?.sqlite");
            File.WriteAllBytes(path, File.ReadAllBytes(Reading.Shared("logs/ocel20_example.sqlite")));
            using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, ForeignKeys = false }.ToString()))
            {
                connection.Open();
                using var command = connection.CreateCommand();
                // References stay with the name of a table that is renamed.
                command.CommandText = "PRAGMA legacy_alter_table = ON; " + string.Join(';', statements);
                command.ExecuteNonQuery();
            }
            use(path);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
