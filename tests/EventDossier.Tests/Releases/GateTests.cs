using EventDossier.Exports;
using EventDossier.Releases;

namespace EventDossier.Tests.Releases;

public sealed class GateTests
{
    private static readonly DateTimeOffset _monday = new(2026, 3, 2, 9, 15, 0, TimeSpan.FromHours(7));
    private static readonly byte[] _secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public async Task A_case_like_no_other_is_in_no_file_and_all_others_are()
    {
        var alike = Enumerable.Range(0, 20).Select(i => Case($"D-{i}", day: i % 10)).ToList();
        ProcessCase[] planted =
        [
            Case("D-strange", activities: ["Take in", "Search the house", "Hand back"]),
            Case("D-long", day: 3, activities: [.. Enumerable.Repeat("Check", 17)]),
        ];

        using var log = Gate([.. alike, .. planted]);

        (log.Cases, log.Kept).ShouldBe((22, 20));
        log.Published().SelectMany(c => c.Events).Select(e => e.Activity).Distinct().Order().ShouldBe(["Decide", "Take in"]);
        Judge(log.Published(), log.Cases).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_too_few_share_is_told_less_exactly_before_it_is_left_out()
    {
        var common = Enumerable.Range(0, 10).Select(i => Case($"A-{i}", commune: "c1"));
        var village = Enumerable.Range(0, 6).Select(i => Case($"B-{i}", commune: $"c{2 + i}"));
        var months = Enumerable.Range(0, 6).Select(i => Case($"C-{i}", commune: "c9", day: 31 * (i % 3) - 60));

        using var log = Gate([.. common, .. village, .. months]);

        log.Kept.ShouldBe(22);
        var communes = log.Published().CountBy(c => Value(c, "commune") ?? "").OrderBy(c => c.Key).Select(c => (c.Key, c.Value));
        communes.ShouldBe([("", 6), ("c1", 10), ("c9", 6)]);
        log.Levels[0].ShouldBe(10);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task In_any_log_each_published_case_has_its_doubles_and_its_events_their_order(int seed)
    {
        var (random, k) = (new Random(seed), 3 + (seed % 4));
        var cases = RandomLog(random, 300).ToList();
        using var log = Gate(cases, k);
        var published = log.Published().ToList();

        published.Count.ShouldBe(log.Kept);
        published.CountBy(Spelt).ShouldAllBe(doubles => doubles.Value >= k);
        published.Select(c => c.Key).ShouldBeUnique();
        published.ShouldAllBe(c => c.Events.Zip(c.Events.Skip(1)).All(pair => pair.First.At <= pair.Second.At));
        // What nobody of a class did is in no file; the sequences are those that were, but for what is rare.
        var sequences = cases.Select(c => Sequence(c, log.Rare)).ToHashSet();
        published.ShouldAllBe(c => sequences.Contains(Sequence(c, log.Rare)));
        Judge(published, published.Count, k).ShouldBeEmpty();
        // Months are kept where the month is told: of each class as many as there were.
        published.Count(c => c.Events[0].At < new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)).ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Two_releases_together_tell_of_nobody_or_of_k(int seed)
    {
        var random = new Random(seed);
        var before = RandomLog(random, 300).ToList();
        using var first = Gate(before);
        var told = first.Members().ToDictionary(m => m.Dossier, m => m.Class);
        var earlier = new EarlierRelease("2026-001", told.Values.CountBy(c => c).ToDictionary());
        // Some came later, some were corrected, some are gone.
        var after = before.Where(_ => random.Next(60) > 0).Select(c => random.Next(40) == 0 ? Case(c.Key, channel: "post") : c)
            .Concat(RandomLog(random, random.Next(30)).Select(c => c with { Key = $"late {c.Key}" })).ToList();

        using var second = Gate(after, secret: [.. _secret.Reverse()], earlier: [earlier], told: code => [told.TryGetValue(code, out var of) ? of : null]);

        var now = second.Members().ToDictionary(m => m.Dossier, m => m.Class);
        second.Differences([earlier]).ShouldBeEmpty();
        // The same without the product: every pair of classes has nobody or at least five in common, gone and new included.
        var pairs = told.Keys.Union(now.Keys).CountBy(code => (told.TryGetValue(code, out var a) ? $"{a}" : "none", now.TryGetValue(code, out var b) ? $"{b}" : "none")).ToList();
        pairs.Where(p => p.Key.Item2 != "none").ShouldAllBe(p => p.Value >= 5);
        pairs.Where(p => p.Key.Item2 == "none").ShouldAllBe(p => p.Value >= 5);
        second.Kept.ShouldBeGreaterThan(100);
        // And no record of the one is matched by what it says to one record of the other, nor by its code.
        var (one, other) = (first.Published().ToList(), second.Published().ToList());
        one.Select(c => c.Key).Intersect(other.Select(c => c.Key)).ShouldBeEmpty();
        var others = other.CountBy(Spelt).ToDictionary();
        one.CountBy(Spelt).Where(c => others.TryGetValue(c.Key, out var there) && (c.Value < 5 || there < 5)).ShouldBeEmpty();
    }

    [Fact]
    public void A_difference_of_fewer_than_k_is_found_whichever_way_it_goes()
    {
        var earlier = new EarlierRelease("2026-001", new Dictionary<UInt128, int> { [1] = 10, [2] = 7 });
        (UInt128?, UInt128)[] same = [.. Enumerable.Repeat(((UInt128?)1, (UInt128)11), 10), .. Enumerable.Repeat(((UInt128?)2, (UInt128)12), 7)];

        Difference.Find(earlier, same, 5).ShouldBeEmpty();
        Difference.Find(earlier, same.Concat(Enumerable.Repeat(((UInt128?)null, (UInt128)11), 5)), 5).ShouldBeEmpty();
        Find([.. same, (null, 11)]).ShouldContain("new");
        Find(same.Skip(1)).ShouldContain("missing");
        Find(same.Select((t, i) => i < 4 ? (t.Item1, (UInt128)12) : t)).ShouldContain("in class 00000000 of release");

        string Find(IEnumerable<(UInt128?, UInt128)> told) => Difference.Find(earlier, told, 5).Select(f => f.What).First();
    }

    [Fact]
    public async Task Nothing_leaves_that_is_not_listed()
    {
        var cases = Enumerable.Range(0, 8).Select(i => Case($"D-{i}") with
        {
            Attributes = [new("channel", "online"), new("applicant", "Nguyễn Văn An"), new("rating", 1L)],
            Events =
            [
                Event("dossier_received", 0, new("org:role", "clerk"), new("reason", "bà Hoa gọi 0912345678")),
                Event("dossier_rated", 1), Event("applicant_corrected", 2), Event("a_name_of_tomorrow", 3),
            ],
        });

        using var log = Gate([.. cases]);

        var one = log.Published().First();
        one.Attributes.Select(a => a.Name).ShouldBe(["channel"]);
        one.Events.Select(e => e.Activity).ShouldBe(["dossier_received", "a_name_of_tomorrow"]);
        one.Events[0].Attributes.Select(a => a.Name).ShouldBe(["org:role"]);
    }

    [Fact]
    public void The_test_finds_what_should_not_be_there()
    {
        var sound = Enumerable.Range(0, 6).Select(i => Published(i)).ToList();
        Judge(sound, 6).ShouldBeEmpty();

        Kinds(sound, Published(9) with { Attributes = [new("channel", "post")] }).ShouldBe(["below-k"]);
        Kinds(sound, Published(9) with { Key = "H49.12-260424-0001" }).ShouldBe(["code-not-rekeyed"]);
        Kinds(sound, Published(9) with { Attributes = [new("channel", "online"), new("applicant", "x")] }).ShouldBe(["attribute-not-listed", "below-k"]);
        Kinds(sound, Published(9, e => e with { At = e.At.AddHours(9) })).ShouldBe(["below-k", "time-not-day"]);
        Kinds(sound, Published(9, e => e with { Activity = "personal_data_opened" })).ShouldBe(["below-k", "event-not-listed"]);
        Judge(sound, 60).Select(f => f.Kind).ShouldBe(["kept-too-few"]);
        Judge([], 0).Select(f => f.Kind).ShouldBe(["kept-too-few"]);

        static IEnumerable<string> Kinds(List<ProcessCase> sound, ProcessCase planted) => Judge([.. sound, planted], 7).Select(f => f.Kind).Order();
    }

    [Theory]
    [InlineData("Gọi cho Nguyễn Văn An", true)]
    [InlineData("Ask Jan Jansen", true)]
    [InlineData("hỏi bà Hoa", true)]
    [InlineData("gọi 0912 345 678", true)]
    [InlineData("CCCD 022090001234", true)]
    [InlineData("write to an@example.org", true)]
    [InlineData("T05 Print and send confirmation of receipt", false)]
    [InlineData("T11 Create document X request unlicensed", false)]
    [InlineData("Customer contact", false)]
    [InlineData("000.00.12.H49", false)]
    [InlineData("1.004203.000.00.00.H49", false)]
    [InlineData("Group 4", false)]
    [InlineData("Thẩm định hồ sơ", false)]
    public void A_text_that_may_name_somebody_is_told_from_one_that_does_not(string text, bool personal)
    {
        GateTest.LooksPersonal(text).ShouldBe(personal);
        var findings = Judge(Enumerable.Range(0, 6).Select(i => Published(i, e => e with { Activity = text })), 6);
        findings.Select(f => f.Kind).ShouldBe(personal ? ["personal-text"] : []);
        findings.ShouldAllBe(f => !f.What.Contains(text), "findings are kept for ever");
        Judge(Enumerable.Range(0, 6).Select(i => Published(i, e => e with { Activity = text })), 6, accepted: text).ShouldBeEmpty();
    }

    public static TheoryData<int> Seeds => new(Enumerable.Range(1, 12));

    /// <summary>Everything that a file tells of a case but its code.</summary>
    internal static string Spelt(ProcessCase c) => string.Join('|',
        [.. c.Attributes.Select(Spelt), .. c.Events.Select(e => $"{e.Activity} {e.Lifecycle} {e.At:O} {string.Join(' ', e.Attributes.Select(Spelt))}")]);

    internal static IReadOnlyList<GateFinding> Judge(IEnumerable<ProcessCase> published, int cases, int k = 5, string? accepted = null)
    {
        var test = new GateTest(new(k), new HashSet<string>(), accepted is null ? new HashSet<string>() : [accepted]);
        foreach (var one in published)
            test.Take(test.Look(one));
        return test.Findings(cases);
    }

    internal static GatedLog Gate(
        IReadOnlyList<ProcessCase> cases, int k = 5, byte[]? secret = null, IReadOnlyList<EarlierRelease>? earlier = null, Func<string, IReadOnlyList<UInt128?>>? told = null)
    {
        var log = new GatedLog(new(k), secret ?? _secret, earlier ?? [], Path.GetTempPath());
        // In parts, as they are read.
        foreach (var some in cases.Chunk(7))
        {
            var part = log.Begin();
            foreach (var one in some)
                part.Add(one);
            log.TakeIn(part, told ?? (_ => []));
        }
        log.Settle(default);
        return log;
    }

    private static string Spelt(ProcessAttribute a) => $"{a.Name}={DataDictionary.Spell(a.Value)}";

    private static string? Value(ProcessCase c, string name) => c.Attributes.Where(a => a.Name == name).Select(a => a.Value as string).FirstOrDefault();

    private static string Sequence(ProcessCase c, IReadOnlySet<string> rare) => string.Join(',', c.Events.Select(e => rare.Contains(e.Activity) ? "other" : e.Activity)
        .Aggregate(new List<string>(), (list, a) => list is [.., "other"] && a == "other" ? list : [.. list, a]));

    private static ProcessCase Case(string code, int day = 0, string commune = "c1", string channel = "online", params string[] activities) => new(
        code, [new("procedure", "P-1"), new("commune", commune), new("channel", channel)],
        [.. (activities.Length > 0 ? activities : ["Take in", "Decide"]).Select((a, i) => Event(a, day + i, new ProcessAttribute("org:group", "H49.12"), new("workingMinutes", 60L + day)))]);

    private static ProcessEvent Event(string activity, int day, params ProcessAttribute[] attributes) => new(activity, "complete", _monday.AddDays(day), attributes);

    private static IEnumerable<ProcessCase> RandomLog(Random random, int cases)
    {
        string[] activities = ["Take in", "Check", "Ask", "Decide"];
        for (var i = 0; i < cases; i++)
        {
            var steps = new List<string> { "Take in" };
            while (random.Next(3) > 0 && steps.Count < 6)
                steps.Add(random.Next(50) == 0 ? "Lose" : activities[random.Next(1, 4)]);
            yield return Case($"D-{i}", random.Next(80), $"c{random.Next(4)}", random.Next(5) == 0 ? "post" : "online", [.. steps]);
        }
    }

    private static ProcessCase Published(int number, Func<ProcessEvent, ProcessEvent>? change = null)
    {
        var code = $"{number:x20}";
        var e = new ProcessEvent("Take in", "complete", new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero), []);
        return new(code, [new("channel", "online")], [change?.Invoke(e) ?? e]);
    }
}
