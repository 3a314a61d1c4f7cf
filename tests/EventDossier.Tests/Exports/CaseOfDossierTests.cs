using System.Text.Json;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Exports;
using EventDossier.Import;
using EventDossier.Store;
using EventDossier.Tests.Dossiers;
using EventDossier.Tests.Samples;

namespace EventDossier.Tests.Exports;

public sealed class CaseOfDossierTests
{
    private const string Code = "H49.12-260504-0001";
    private static readonly DateTimeOffset _monday = new(2026, 5, 4, 8, 0, 0, TimeSpan.FromHours(7));

    private static ProcessCase? Of(params DossierEvent[] life) => CaseOfDossier.Of(Stored(life), [.. life.Select(_ => "officer")], RandomActs.Rules, new(), out _);

    private static List<StoredEvent> Stored(DossierEvent[] life) => [.. life.Select((e, i) => RandomLife.Stored(Code, i + 1, e, _monday))];

    private static DossierEvent[] Life(Sealed? lan = null) =>
    [
        new DossierReceived(_monday, new(RandomActs.One, 1), "online", "H49.12", "H49.12-01", "lan", Limit.Parse("5 days"), _monday.AddDays(7), null)
        {
            Place = "26908", Slip = $"{Code}/01-1", Applicant = lan,
        },
        new StepStarted(_monday.AddHours(1), "Thẩm định", "lan", null, null),
        new SupplementRequested(_monday.AddHours(2), $"{Code}/02-1", ["Bản vẽ của bà Lan"]),
        new SlipDelivered(_monday.AddHours(3), $"{Code}/02-1", Delivery.Post, "RR123"),
        new SupplementProvided(_monday.AddHours(24), $"{Code}/02-1") { Due = _monday.AddDays(8) },
        new StepCompleted(_monday.AddHours(25), "Thẩm định", "lan", "H49.12-02"),
        new FeePaid(_monday.AddHours(26), $"{Code}/fee-1", 50_000, "BL-77") { Due = _monday.AddDays(8) },
        new AlertRaised(_monday.AddHours(26), "warning", 0, default, 1, _monday, []),
        new DossierDecided(_monday.AddHours(27), DecisionOutcome.Rejected, "vì bà Lan"),
        new ResultReady(_monday.AddHours(28)) { Judgement = Judgement.Early },
        new DossierRated(_monday.AddHours(30), 4, lan),
    ];

    [Fact]
    public void What_stands_beside_a_life_need_not_be_read()
    {
        CaseOfDossier.Beside.ShouldContain("alert_raised");
        ProductEvents.Names.All.Where(n => CaseOfDossier.Beside.Contains(n.Name)).ShouldAllBe(n => n.Event.IsAssignableTo(typeof(DossierEvent)));
        var left = 0;
        foreach (var seed in Enumerable.Range(0, 60))
        {
            var life = RandomLife.Of(new Random(seed), alerts: true);
            var told = life.Where(e => !CaseOfDossier.Beside.Contains(e.Name)).ToList();
            left += life.Count - told.Count;
            if (told.Count == 0)
                continue;
            Spelled(told).ShouldBe(Spelled(life), $"seed {seed}");
        }
        left.ShouldBeGreaterThan(30);

        static string Spelled(IReadOnlyList<StoredEvent> life) => JsonSerializer.Serialize(CaseOfDossier.Of(life, [.. life.Select(e => $"role {e.Version}")], RandomActs.Rules, new(), out _));
    }

    [Fact]
    public void A_life_is_told_with_steps_slips_costs_roles_units_and_working_times()
    {
        var one = Of(Life()).ShouldNotBeNull();

        one.Events.Select((e, i) => $"/{i + 1} {e.Activity} {e.Lifecycle}").ShouldBe(
        [
            "/1 dossier_received complete", "/2 Thẩm định start", "/3 supplement_requested complete", "/4 slip_delivered complete", "/5 supplement_provided complete",
            "/6 Thẩm định complete", "/7 fee_paid complete", "/8 dossier_decided complete", "/9 result_ready complete", "/10 dossier_rated complete",
        ]);
        // From Monday 11:00 to Tuesday 08:00 are 30 minutes, four hours and half an hour of work, in which the clock stood.
        one.Events.Select(e => $"{Of(e, DataDictionary.WorkingMinutes)} {Of(e, DataDictionary.ClockMinutes)}").ShouldBe([" ", "60 60", "60 60", "60 60", "300 0", "60 60", "60 60", "60 60", "30 30", "60 0"]);
        one.Events.Select(e => Of(e, DataDictionary.Group)).ShouldBe(["H49.12-01", "H49.12-01", "H49.12-01", "H49.12-01", "H49.12-01", "H49.12-02", "H49.12-01", "H49.12-01", "H49.12-01", "H49.12-01"]);
        one.Events.Select(e => Of(e, DataDictionary.Slip)).ShouldBe(["01-1", null, "02-1", "02-1", "02-1", null, "fee-1", null, null, null]);
        (Of(one.Events[1], DataDictionary.Instance), Of(one.Events[5], DataDictionary.Instance), Of(one.Events[3], DataDictionary.Channel)).ShouldBe(("1", "1", "post"));
        (Of(one.Events[6], DataDictionary.Cost), Of(one.Events[6], DataDictionary.Currency), Of(one.Events[7], DataDictionary.Result)).ShouldBe((50_000m, "VND", "rejected"));
        one.Events.ShouldAllBe(e => (string?)Of(e, DataDictionary.OrgRole) == "officer");
        one.Attributes.Select(a => $"{a.Name} {DataDictionary.Spell(a.Value)}").ShouldBe(
        [
            "procedure P-1", "procedureVersion 1", "agency H49.12", "commune 26908", "channel online", "limit 5 days", "received 2026-05-04T01:00:00.000Z", "promised 2026-05-11T01:00:00.000Z", "unit H49.12-01",
            "due 2026-05-12T01:00:00.000Z", "finished 2026-05-05T05:00:00.000Z", "stage resultReady", "result rejected", "judgement early", "workingMinutes 690", "clockMinutes 390",
            "supplements 1", "rating 4", "cost:total 50000", "cost:currency VND",
        ]);
    }

    [Fact]
    public void Nothing_of_a_person_leaves_neither_applicant_nor_staff_nor_free_text()
    {
        var told = System.Text.Json.JsonSerializer.Serialize(Of(Life(new(Guid.Parse("5f0f3b6a-9f53-4a6f-8f6e-2f0a6b1d7c02"), "TGFu"))));
        foreach (var personal in (string[])["Lan", "lan\"", "TGFu", "5f0f3b6a", "RR123", "BL-77", "warning"])
            told.ShouldNotContain(personal);

        var lives = System.Text.Json.JsonSerializer.Serialize(WriterTests.Lived(200));
        foreach (var personal in (string[])["officer-", "Bản vẽ", "TT 85", "Công văn", "clerk-"])
            lives.ShouldNotContain(personal);
    }

    [Fact]
    public void Events_stand_in_legal_order_and_of_one_moment_in_that_of_the_stream()
    {
        var one = Of(
            new DossierReceived(_monday, null, null, "H49.12", null, null, null, null, null), new StepCompleted(_monday.AddHours(3), "b", null, null),
            new StepCompleted(_monday.AddHours(3), "c", null, null), new StepCompleted(_monday.AddHours(1), "a", null, null)).ShouldNotBeNull();
        one.Events.Select(e => e.Activity).ShouldBe(["dossier_received", "a", "b", "c"]);
    }

    [Fact]
    public void Of_an_imported_dossier_its_own_activities_are_told_and_of_its_attributes_those_that_the_dictionary_knows()
    {
        var one = Of(
            new DossierReceived(_monday, null, "Internet", "General", "Group 2", "Resource21", null, null, null),
            new ActivityImported(_monday.AddHours(1), "Check", "COMPLETE", "task-42933", "Resource21", "Group 4", [new("applicant", "string", "Jansen"), new("cost:total", "float", "12.50"), new("result", "string", "Jansen says no")], null),
            new ActivityImported(_monday.AddHours(2), "Check", "odd", "task-42933", null, null, null, null),
            new ResultReady(_monday.AddHours(2)),
            new DossierImported(_monday.AddDays(9), "receipt.xes", "9f", "xes", "line 1", [new("applicant", "string", "Jansen"), new("rating", "string", "5")], null)).ShouldNotBeNull();

        one.Events.Select(e => $"{e.Activity} {e.Lifecycle} {Of(e, DataDictionary.Instance)}").ShouldBe(["Check complete 1", "Check unknown 1"]);
        one.Events[0].Attributes.Select(a => $"{a.Name} {DataDictionary.Spell(a.Value)}").ShouldBe(["concept:instance 1", "org:group Group 4", "cost:total 12.5"]);
        one.Attributes.Select(a => $"{a.Name} {DataDictionary.Spell(a.Value)}").ShouldBe(
            ["agency General", "channel Internet", "received 2026-05-04T01:00:00.000Z", "unit Group 2", "finished 2026-05-04T03:00:00.000Z", "stage resultReady", "workingMinutes 120", "clockMinutes 120", "rating 5"]);
    }

    [Fact]
    public void Every_event_of_a_dossier_is_told_or_left_out_on_purpose()
    {
        foreach (var sample in Sample.Files.Where(s => Sample.Event(s) is DossierEvent))
            Should.NotThrow(() => CaseOfDossier.Of([Sample.Stored("dossier_received"), Sample.Stored(sample, 2)], [null, null], RandomActs.Rules, new(), out _), sample);
    }

    [Fact]
    public void A_dossier_is_selected_by_its_receipt_agency_and_procedure()
    {
        var life = Stored(Life());
        Selected(new()).ShouldBeTrue();
        Selected(new(From: _monday, To: _monday.AddTicks(1), Agency: "H49.12", Procedure: RandomActs.One)).ShouldBeTrue();
        Selected(new(From: _monday.AddTicks(1))).ShouldBeFalse();
        Selected(new(To: _monday)).ShouldBeFalse();
        Selected(new(Agency: "H49.06")).ShouldBeFalse();
        Selected(new(Procedure: RandomActs.Two)).ShouldBeFalse();

        bool Selected(ProcessSelection which) => CaseOfDossier.Of(life, [.. life.Select(_ => (string?)null)], RandomActs.Rules, which, out _) is not null;
    }

    private static object? Of(ProcessEvent e, string name) => e.Attributes.FirstOrDefault(a => a.Name == name).Value;
}
