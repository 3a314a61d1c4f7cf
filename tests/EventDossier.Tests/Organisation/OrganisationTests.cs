using EventDossier.Deadlines;
using EventDossier.Organisation;
using FsCheck;
using FsCheck.Fluent;

namespace EventDossier.Tests.Organisation;

using Organisation = EventDossier.Organisation.Organisation;

public sealed class OrganisationTests
{
    private static readonly DateTimeOffset _start = new(2025, 1, 1, 0, 0, 0, TimeSpan.FromHours(7));
    private static readonly DateTimeOffset _merger = new(2025, 7, 1, 0, 0, 0, TimeSpan.FromHours(7));

    /// <summary>A province with two departments, a division, a former district and a ward; officers an-1 … an-3 and their head.</summary>
    private static readonly Organisation _province = After(Organisation.Empty,
        Opened("H49", UnitKind.Office), Opened("A", UnitKind.Department, "H49"), Opened("B", UnitKind.Department, "H49"), Opened("A-1", UnitKind.Division, "A"),
        Opened("District", UnitKind.DistrictCentre, "H49"), Opened("Ward", UnitKind.CommuneCentre, "H49"),
        Created("a-officer-1", "A-1", PostRole.Officer), Created("a-officer-2", "A-1", PostRole.Officer), Created("a-officer-3", "A-1", PostRole.Officer),
        Created("a-chief", "A-1", PostRole.Supervisor), Created("a-head", "A", PostRole.Head), Created("d-clerk", "District", PostRole.Clerk),
        new HolderAppointed(_start, "a-officer-1", "an-1"), new HolderAppointed(_start, "a-officer-2", "an-2"), new HolderAppointed(_start, "a-officer-3", "an-3"),
        new HolderAppointed(_start, "a-chief", "an-chief"), new HolderAppointed(_start, "a-head", "an-head"), new HolderAppointed(_start, "d-clerk", "dn-1"));

    [Fact]
    public void A_unit_is_there_from_its_opening_to_its_closing_under_the_name_of_the_day()
    {
        var province = After(_province, new UnitRenamed(Day(10), "A", new("New", "Mới")), new UnitClosed(Day(20), "A", "B"));

        province.UnitAt("A", Day(-1)).ShouldBeNull();
        province.UnitAt("A", Day(9))!.Name.En.ShouldBe("A");
        province.UnitAt("A", Day(10))!.Name.En.ShouldBe("New");
        province.UnitAt("A", Day(20)).ShouldBeNull();
        province.UnitsAt(Day(20)).Select(u => u.Code).ShouldBe(["A-1", "B", "District", "H49", "Ward"]);
    }

    [Fact]
    public void What_is_told_later_but_dated_earlier_takes_its_place_by_date()
    {
        var province = After(_province, new UnitClosed(Day(20), "A", "B")).After(new UnitRenamed(Day(10), "A", new("New", "Mới")));
        province.UnitAt("A", Day(15))!.Name.En.ShouldBe("New");
        province.UnitAt("A", Day(25)).ShouldBeNull();
    }

    [Fact]
    public void A_closed_unit_resolves_to_its_successor_at_any_later_moment_however_many_mergers_later()
    {
        var province = After(_province, new UnitClosed(_merger, "District", "Ward"), new UnitClosed(_merger.AddDays(100), "Ward", "B"));

        province.SuccessorOf("District", _merger.AddTicks(-1)).ShouldBeNull();
        province.SuccessorOf("District", _merger).ShouldBe("Ward");
        province.SuccessorOf("District", _merger.AddDays(99)).ShouldBe("Ward");
        province.SuccessorOf("District", _merger.AddDays(100)).ShouldBe("B");
        province.SuccessorOf("Nowhere", _merger).ShouldBeNull();
    }

    [Fact]
    public void Successors_told_in_a_circle_are_nobody()
    {
        var circle = Organisation.Fold([Opened("A"), Opened("B"), new UnitClosed(_merger, "A", "B"), new UnitClosed(_merger, "B", "A")]);
        circle.SuccessorOf("A", _merger).ShouldBeNull();
    }

    [Fact]
    public void Posts_end_with_their_unit_and_so_do_their_holders()
    {
        var province = After(_province, new UnitClosed(_merger, "District", "Ward"));
        province.HolderOf("d-clerk", _merger.AddTicks(-1)).ShouldBe("dn-1");
        province.HolderOf("d-clerk", _merger).ShouldBeNull();
        province.PostsOf("dn-1", _merger).ShouldBeEmpty();
        province.PostsOfUnit("District", _merger).ShouldBeEmpty();
    }

    [Fact]
    public void While_the_holder_is_absent_the_deputy_acts_and_then_the_deputys_own_deputy()
    {
        var province = After(_province,
            new DeputyNamed(_start, "a-officer-1", "an-2", null), new DeputyNamed(_start, "a-officer-2", "an-3", null),
            new AbsenceReported(Day(10), "an-1", Day(20)), new AbsenceReported(Day(12), "an-2", Day(14)));

        province.ActingHolder("a-officer-1", Day(9)).ShouldBe("an-1");
        province.ActingHolder("a-officer-1", Day(10)).ShouldBe("an-2");
        province.ActingHolder("a-officer-1", Day(12)).ShouldBe("an-3");
        province.ActingHolder("a-officer-1", Day(14)).ShouldBe("an-2");
        province.ActingHolder("a-officer-1", Day(20)).ShouldBe("an-1");
    }

    [Fact]
    public void Deputies_who_stand_in_for_each_other_and_are_both_absent_are_nobody()
    {
        var province = After(_province,
            new DeputyNamed(_start, "a-officer-1", "an-2", null), new DeputyNamed(_start, "a-officer-2", "an-1", null),
            new AbsenceReported(Day(10), "an-1", null), new AbsenceReported(Day(10), "an-2", null));
        province.ActingHolder("a-officer-1", Day(11)).ShouldBeNull();
    }

    [Fact]
    public void A_deputy_for_one_absence_goes_before_the_standing_one_and_a_leaver_stands_in_for_nobody()
    {
        var province = After(_province,
            new DeputyNamed(_start, "a-officer-1", "an-2", null), new DeputyNamed(Day(10), "a-officer-1", "an-3", Day(15)), new AbsenceReported(Day(10), "an-1", null),
            new HolderRelieved(Day(20), "a-officer-2", "an-2"));
        province.ActingHolder("a-officer-1", Day(11)).ShouldBe("an-3");
        province.ActingHolder("a-officer-1", Day(15)).ShouldBe("an-2");
        province.ActingHolder("a-officer-1", Day(20)).ShouldBeNull();
    }

    [Fact]
    public void An_absence_ends_when_the_person_is_back_and_a_new_one_may_follow()
    {
        var province = After(_province, new AbsenceReported(Day(10), "an-1", null), new AbsenceEnded(Day(12), "an-1"), new AbsenceReported(Day(13), "an-1", Day(14)));
        Enumerable.Range(9, 6).Where(day => province.IsAbsent("an-1", Day(day))).ShouldBe([10, 11, 13]);
    }

    [Fact]
    public void A_vacant_post_is_acted_for_by_its_deputy()
    {
        var province = After(_province, new DeputyNamed(_start, "a-head", "an-chief", null), new HolderRelieved(Day(5), "a-head", "an-head"));
        province.HolderOf("a-head", Day(5)).ShouldBeNull();
        province.ActingHolder("a-head", Day(5)).ShouldBe("an-chief");
        province.ActingHolder("nothing", Day(5)).ShouldBeNull();
    }

    [Fact]
    public void Head_and_supervisor_are_of_the_unit_or_the_nearest_above_it()
    {
        _province.SupervisorOf("A-1", Day(1))!.Code.ShouldBe("a-chief");
        _province.HeadOf("A-1", Day(1))!.Code.ShouldBe("a-head");
        _province.HeadOf("B", Day(1)).ShouldBeNull();
        After(_province, new UnitClosed(Day(5), "B", "A")).HeadOf("B", Day(5))!.Code.ShouldBe("a-head");
    }

    [Fact]
    public void A_post_has_authority_over_its_own_agency_and_those_it_took_over()
    {
        var province = After(_province, new UnitClosed(_merger, "B", "A"));

        province.AuthorityOf("an-1", "a-officer-1", "A", Day(1)).ShouldNotBeNull().AsDeputy.ShouldBeFalse();
        province.AuthorityOf("an-1", "a-officer-1", "A-1", Day(1)).ShouldNotBeNull();
        province.AuthorityOf("an-1", "a-officer-1", "B", Day(1)).ShouldBeNull();
        province.AuthorityOf("an-1", "a-officer-1", "B", _merger).ShouldNotBeNull();
        province.AuthorityOf("an-2", "a-officer-1", "A", Day(1)).ShouldBeNull();
        province.AuthorityOf("an-1", "no-post", "A", Day(1)).ShouldBeNull();
    }

    [Fact]
    public void A_deputy_has_the_posts_authority_as_long_as_the_holder_is_away()
    {
        var province = After(_province, new DeputyNamed(_start, "a-officer-1", "an-2", null), new AbsenceReported(Day(10), "an-1", Day(12)));
        province.AuthorityOf("an-2", "a-officer-1", "A", Day(9)).ShouldBeNull();
        province.AuthorityOf("an-2", "a-officer-1", "A", Day(10)).ShouldNotBeNull().AsDeputy.ShouldBeTrue();
        province.AuthorityOf("an-2", "a-officer-1", "A", Day(12)).ShouldBeNull();
    }

    [Fact]
    public void A_delegation_gives_authority_within_its_scope_and_period_until_it_is_revoked()
    {
        var province = After(_province, Given("1/UQ", Day(10), Day(20), ["B"], ["decide"]), Given("2/UQ", Day(10), Day(20)), new DelegationRevoked(Day(15), "1/UQ"));

        province.AuthorityOf("an-2", "1/UQ", "B", Day(9)).ShouldBeNull();
        var authority = province.AuthorityOf("an-2", "1/UQ", "B", Day(10)).ShouldNotBeNull();
        (authority.Allows("decide"), authority.Allows("return")).ShouldBe((true, false));
        province.AuthorityOf("an-2", "1/UQ", "A", Day(10)).ShouldBeNull();
        province.AuthorityOf("an-3", "1/UQ", "B", Day(10)).ShouldBeNull();
        province.AuthorityOf("an-2", "1/UQ", "B", Day(15)).ShouldBeNull();
        province.AuthorityOf("an-2", "2/UQ", "A", Day(19))!.Acts.ShouldBeNull();
        province.AuthorityOf("an-2", "2/UQ", "A", Day(20)).ShouldBeNull();
    }

    [Fact]
    public void Every_subset_of_the_events_in_any_order_folds_and_every_question_has_an_answer()
    {
        var events = RandomOrganisation.Events(new Random(7), 400);
        var cases = from seed in Gen.Choose(0, int.MaxValue - 1) select seed;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(cases.ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var subset = events.Where(_ => random.Next(3) > 0).ToArray();
            random.Shuffle(subset);
            var organisation = Organisation.Fold(subset);
            var at = RandomOrganisation.Start.AddDays(random.Next(-10, 800));

            foreach (var unit in RandomOrganisation.Units)
            {
                _ = (organisation.AgencyOf(unit, at), organisation.HeadOf(unit, at), organisation.SupervisorOf(unit, at));
                if (organisation.SuccessorOf(unit, at) is { } successor && organisation.SuccessorOf(successor, at) is not null)
                    return false;
            }
            return RandomOrganisation.Posts.All(post => organisation.ActingHolder(post, at) is not { } acting
                    || (!organisation.IsAbsent(acting, at) && organisation.PostsOf(acting, at).Count > 0 && organisation.PostAt(post, at) is not null))
                && RandomOrganisation.People.All(person => organisation.PostsOf(person, at).All(p => organisation.HolderOf(p.Code, at) == person))
                && subset.All(e => organisation.History(Organisation.StreamOf(e)).Contains(e));
        }));
    }

    [Fact]
    public void The_rules_keep_every_history_sound()
    {
        var cases = from seed in Gen.Choose(0, int.MaxValue - 1) select seed;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(cases.ToArbitrary(), seed =>
        {
            var events = RandomOrganisation.Events(new Random(seed), 200);
            var organisation = Organisation.Fold(events);

            // A closed unit has an open successor at any later moment, and what was accepted is so already.
            return events.OfType<UnitClosed>().All(e => Enumerable.Range(0, 12).Select(i => e.OccurredAt.AddDays(70 * i))
                    .All(at => organisation.SuccessorOf(e.Code, at) is { } successor && organisation.UnitAt(successor, at) is not null))
                && events.All(e => OrganisationRules.Decide(e, organisation) == OrganisationDecision.AlreadySo);
        }));
    }

    [Fact]
    public void Every_event_of_the_organisation_has_a_name() =>
        typeof(OrganisationEvent).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(OrganisationEvent)))
            .Except(ProductEvents.Names.All.Select(n => n.Event)).ShouldBeEmpty();

    public static TheoryData<string, OrganisationEvent> Nonsense => new()
    {
        { "bad-unit", Opened("no blanks") },
        { "unit-exists", new UnitOpened(_start, "A", new("Other", "Khác"), UnitKind.Office, null, Numbering.Local, false) },
        { "no-such-unit", Opened("C", UnitKind.Division, "nowhere") },
        { "no-such-unit", new UnitRenamed(Day(-5), "A", new("Too early", "Quá sớm")) },
        { "no-such-unit", new UnitClosed(_merger, "A", "nowhere") },
        { "successor-circle", new UnitClosed(_merger, "A", "A") },
        { "successor-circle", new UnitClosed(Day(1), "Ward", "District") },
        { "successor-closed", new UnitClosed(_merger, "A", "District") },
        { "unit-closed", new UnitClosed(Day(1), "District", "A") },
        { "bad-post", Created("", "A", PostRole.Officer) },
        { "post-exists", Created("a-head", "B", PostRole.Officer) },
        { "no-such-unit", new PostCreated(_merger, "late", "District", new("", ""), PostRole.Clerk, null) },
        { "unknown-post", new PostAbolished(Day(1), "nothing") },
        { "post-held", new PostAbolished(Day(1), "a-head") },
        { "post-held", new HolderAppointed(Day(1), "a-head", "an-2") },
        { "unknown-post", new HolderAppointed(_merger, "d-clerk", "an-2") },
        { "bad-person", new HolderAppointed(Day(1), "a-head", "Nguyễn Văn A") },
        { "not-holder", new HolderRelieved(Day(1), "a-head", "an-1") },
        { "later-holder", new HolderRelieved(Day(1), "a-officer-3", "an-3") },
        { "deputy-is-holder", new DeputyNamed(Day(1), "a-head", "an-head", null) },
        { "unknown-person", new DeputyNamed(Day(1), "a-head", "stranger", null) },
        { "bad-period", new DeputyNamed(Day(2), "a-head", "an-1", Day(2)) },
        { "not-deputy", new DeputyRelieved(Day(1), "a-head", "an-1") },
        { "unknown-person", new AbsenceReported(Day(1), "stranger", null) },
        { "bad-period", new AbsenceReported(Day(2), "an-1", Day(1)) },
        { "not-absent", new AbsenceEnded(Day(1), "an-1") },
        { "bad-period", Given("3/UQ", Day(2), Day(2)) },
        { "bad-number", Given("3 UQ", Day(1), Day(2)) },
        { "bad-number", Given("a-head", Day(1), Day(2)) },
        { "no-such-unit", Given("3/UQ", Day(1), Day(2), ["nowhere"]) },
        { "unknown-post", Given("3/UQ", Day(1), Day(2)) with { Post = "nothing" } },
        { "unknown-person", Given("3/UQ", Day(1), Day(2)) with { Person = "stranger" } },
        { "delegate-is-holder", Given("3/UQ", Day(1), Day(2)) with { Person = "an-head" } },
        { "delegation-exists", Given("0/UQ", Day(1), Day(3)) },
        { "unknown-delegation", new DelegationRevoked(Day(1), "3/UQ") },
        { "not-in-force", new DelegationRevoked(Day(9), "0/UQ") },
    };

    [Theory, MemberData(nameof(Nonsense))]
    public void Nonsense_is_refused(string code, OrganisationEvent proposal)
    {
        var province = After(_province, new UnitClosed(_merger, "District", "Ward"), Given("0/UQ", Day(1), Day(2)), new HolderRelieved(Day(30), "a-officer-3", "an-3"));
        OrganisationRules.Decide(proposal, province).Refusal.ShouldNotBeNull().Code.ShouldBe(code);
    }

    /// <summary>Each by the rules, so that a test stands on what can come about.</summary>
    private static Organisation After(Organisation organisation, params IEnumerable<OrganisationEvent> events)
    {
        foreach (var proposal in events)
        {
            var decision = OrganisationRules.Decide(proposal, organisation);
            decision.Refusal.ShouldBeNull();
            organisation = organisation.After(decision.Event.ShouldNotBeNull());
        }
        return organisation;
    }

    private static DateTimeOffset Day(int day) => _start.AddDays(day);

    private static UnitOpened Opened(string code, UnitKind kind = UnitKind.Department, string? parent = null) =>
        new(_start, code, new(code, code), kind, parent, Numbering.Local, true);

    private static PostCreated Created(string code, string unit, PostRole role) => new(_start, code, unit, new(code, code), role, null);

    private static DelegationGiven Given(string number, DateTimeOffset from, DateTimeOffset to, IReadOnlyList<string>? agencies = null, IReadOnlyList<string>? acts = null) =>
        new(from, number, "a-head", "an-2", to, agencies, acts);
}
