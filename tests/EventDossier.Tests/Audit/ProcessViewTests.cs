using System.Globalization;
using System.Xml.Linq;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Procedures;
using EventDossier.Store;
using EventDossier.Tests.Dossiers;

namespace EventDossier.Tests.Audit;

public sealed class ProcessViewTests
{
    private static readonly DateTimeOffset _monday = new(2026, 5, 4, 8, 0, 0, TimeSpan.FromHours(7));

    /// <summary>P-1 has three steps.</summary>
    private static readonly Rulebook _rules = Rulebook.Empty with
    {
        Procedures = new Dictionary<string, IReadOnlyList<Procedure.Version>>
        {
            ["P-1"] = [new(new(_monday.AddYears(-1), "P-1", "Đăng ký", "H49.12", Limit.Parse("5 days"), null) { Steps = [new("check", null, 4), new("appraise", null, 8), new("sign", null, 2)] }, 1)],
        },
    };

    private static DossierReceived Received(double hours = 0) => new(_monday.AddHours(hours), new("P-1", 1), "counter", "H49.12", "u1", "lan", Limit.Parse("5 days"), null, null);

    private static StepCompleted Step(string step, double hours, string officer = "lan", string unit = "u1") => new(_monday.AddHours(hours), step, officer, unit);

    private static DossierDecided Decided(double hours) => new(_monday.AddHours(hours), DecisionOutcome.Approved, null);

    private static ProcessReport Of(params DossierEvent[][] lives) => ProcessView.Of(new(), _rules, lives.Select(Stored));

    private static List<StoredEvent> Stored(DossierEvent[] life, int number) => [.. life.Select((e, i) => RandomLife.Stored($"D-{number}", i + 1, e, _monday))];

    [Fact]
    public void Steps_are_held_against_those_of_the_version_that_the_dossier_is_pinned_to()
    {
        var conformance = Of(
            [Received(), Step("check", 1), Step("appraise", 2), Step("sign", 3), Decided(4)],
            [Received(), Step("check", 1), Step("sign", 2), Decided(3)],
            [Received(), Step("check", 1), Step("appraise", 2), Step("appraise", 3), Step("sign", 4), Decided(5)],
            [Received(), Step("appraise", 1), Step("check", 2), Step("sign", 3), Decided(4)],
            [Received(), Step("check", 1), Step("consult", 1.5), Step("appraise", 2), Step("sign", 3), Decided(4)],
            [Received(), Step("check", 1)]).Conformance.Single();
        (conformance.Procedure, conformance.Version, conformance.Dossiers, conformance.Conforming).ShouldBe(("P-1", 1, 6, 2), "what is under way misses nothing yet");
        conformance.Missing.ShouldBe(new Dictionary<string, long> { ["appraise"] = 1 });
        conformance.Repeated.ShouldBe(new Dictionary<string, long> { ["appraise"] = 1 });
        conformance.Disordered.ShouldBe(new Dictionary<string, long> { ["appraise"] = 1 });
        conformance.Unknown.ShouldBe(new Dictionary<string, long> { ["consult"] = 1 });
    }

    [Fact]
    public void Rework_supplements_and_hand_overs_are_counted()
    {
        var report = Of(
            [
                Received(), Step("check", 1), new SupplementRequested(_monday.AddHours(2), "D-0/02-1", ["x"]), new SupplementProvided(_monday.AddHours(3), "D-0/02-1"),
                new SupplementRequested(_monday.AddHours(3.1), "D-0/02-2", ["y"]), new SupplementProvided(_monday.AddHours(3.2), "D-0/02-2"), Step("check", 8), Step("check", 9, "minh", "u2"),
            ],
            [Received(), Step("check", 1), Step("appraise", 2, "minh", "u2")]);
        report.Supplements.ShouldBe(new Dictionary<int, long> { [0] = 1, [2] = 1 }, ignoreOrder: true);
        report.Rework.ShouldBe([new("check", 1, 2, 3), new("supplement_provided", 1, 1, 2), new("supplement_requested", 1, 1, 2)]);
        report.Officers.Single().ShouldBe(new HandOverFlow("lan", "minh", 2, 60));
        report.Units.Single().ShouldBe(new HandOverFlow("u1", "u2", 2, 60));
        report.VariantCount.ShouldBe(2);
    }

    [Fact]
    public void What_the_applicant_was_waited_for_and_what_comes_after_the_finish_is_no_bottleneck()
    {
        var report = Of([
            Received(), new SupplementRequested(_monday.AddHours(1), "D-0/02-1", ["x"]), new SlipDelivered(_monday.AddHours(2), "D-0/02-1", Delivery.Counter, null),
            new SupplementProvided(_monday.AddHours(24), "D-0/02-1"), new ResultReady(_monday.AddHours(25)), new ResultReturned(_monday.AddHours(49), ReturnChannel.Counter),
        ]);
        ProcessEdge Edge(string from) => report.Edges.Single(e => e.From == from);
        (Edge("supplement_requested").Median, Edge("supplement_requested").Ran).ShouldBe((420, 60), "an hour until the slip was delivered, of a working day less one");
        (Edge("result_ready").Median, Edge("result_ready").Ran).ShouldBe((480, 0));
        report.Bottlenecks.Select(e => e.From).ShouldBe(["dossier_received", "supplement_requested", "supplement_provided"], ignoreOrder: true);
    }

    [Fact]
    public void Of_an_older_system_only_its_own_activities_count_and_what_was_done_here_since()
    {
        var trace = ProcessView.Trace(Stored([
            Received(), new ActivityImported(_monday.AddHours(2), "advise", "complete", null, "x", "g", null, null), new ActivityImported(_monday.AddHours(1), "register", null, null, "x", "g", null, null),
            new ActivityImported(_monday.AddHours(3), "advise", "start", null, "x", "g", null, null), new ResultReady(_monday.AddHours(4)),
            new DossierImported(_monday.AddHours(5), "f", "ab", "xes", "line 1", null, null), new ResultReturned(_monday.AddHours(6), ReturnChannel.Counter),
        ], 0));
        trace.Select(d => d.Activity).ShouldBe(["register", "advise", "result_returned"]);
    }

    [Fact]
    public void Every_kind_of_event_has_its_place_in_the_view()
    {
        var kinds = 0;
        foreach (var sample in Samples.Sample.Files.Where(sample => Samples.Sample.Event(sample) is DossierEvent))
        {
            ProcessView.Trace([Samples.Sample.Stored(sample)]).Count.ShouldBeInRange(0, 1);
            kinds++;
        }
        kinds.ShouldBeGreaterThan(40);
    }

    [Fact]
    public void The_picture_is_told_in_words_too_nothing_lies_upon_another_and_it_is_the_same_every_time()
    {
        for (var seed = 1; seed < 12; seed++)
        {
            var report = ProcessView.Of(new(), RandomActs.Rules, Enumerable.Range(0, 25).Select(i => RandomLife.Of(new Random((seed * 100) + i), code: $"D-{i}")).Where(e => e.Count > 0));
            var svg = ProcessMap.Svg(report);
            ProcessMap.Svg(report).ShouldBe(svg);
            var root = XDocument.Parse(svg).Root!;
            XNamespace ns = "http://www.w3.org/2000/svg";
            svg.ShouldNotContain("NaN");
            root.Attribute("role")!.Value.ShouldBe("img");
            var words = root.Element(ns + "desc")!.Value;
            report.Nodes.ShouldAllBe(n => words.Contains(ProcessMap.Name(n.Activity)));
            var boxes = root.Elements(ns + "g").Select(g => g.Element(ns + "rect")!).Select(r => (X: Number(r, "x"), Y: Number(r, "y"), W: Number(r, "width"), H: Number(r, "height"))).ToList();
            boxes.Count.ShouldBe(Math.Min(40, report.Nodes.Count));
            for (var i = 0; i < boxes.Count; i++)
            {
                (boxes[i].X >= 0 && boxes[i].X + boxes[i].W <= Number(root, "width") && boxes[i].Y + boxes[i].H <= Number(root, "height")).ShouldBeTrue();
                for (var j = i + 1; j < boxes.Count; j++)
                    (Math.Abs(boxes[i].Y - boxes[j].Y) >= boxes[i].H || Math.Abs(boxes[i].X - boxes[j].X) >= boxes[i].W).ShouldBeTrue($"{boxes[i]} {boxes[j]}");
            }
        }

        static double Number(XElement e, string name) => double.Parse(e.Attribute(name)!.Value, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void A_name_that_would_be_markup_is_text_and_no_dossiers_make_an_empty_picture()
    {
        var svg = ProcessMap.Svg(Of([Received(), Step("""<b>"&" sign</b>""", 1)]));
        XDocument.Parse(svg).Root!.Value.ShouldContain("""<b>"&" sign</b>""");
        XDocument.Parse(ProcessMap.Svg(Of())).Root!.Value.ShouldContain("0 dossiers");
    }
}
