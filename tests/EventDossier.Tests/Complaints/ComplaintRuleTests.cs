using EventDossier.Alerts;
using EventDossier.Applicants;
using EventDossier.Complaints;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using EventDossier.Store;
using Units = EventDossier.Organisation.Organisation;

namespace EventDossier.Tests.Complaints;

/// <summary>Who is concerned, what is owed when, and who is told that it is late.</summary>
public sealed class ComplaintRuleTests
{
    private static readonly DateTimeOffset Start = On(1, 1, 0), In = On(4, 24, 16);
    private static readonly Sealed Secret = new(Uuid.V5(Guid.Empty, "key"), "xx");

    private static readonly Units Centre = Units.Fold((OrganisationEvent[])
    [
        Unit("H49.62", UnitKind.Office, null), Unit("A", UnitKind.Department, "H49.62"), Unit("A-1", UnitKind.Division, "A"), Unit("A-2", UnitKind.Division, "A"), Unit("B", UnitKind.Department, "H49.62"), Unit("C", UnitKind.Department, "H49.62"),
        Post("director", "H49.62", PostRole.Director, "giamdoc"), Post("auditor", "H49.62", PostRole.Auditor, "kiemtra"), Post("head-a", "A", PostRole.Head, "truong-a"), Post("officer-1", "A-1", PostRole.Officer, "an"),
        Post("officer-2", "A-2", PostRole.Officer, "binh"), Post("head-b", "B", PostRole.Head, "truong-b"), .. Held("director", "giamdoc"), .. Held("auditor", "kiemtra"), .. Held("head-a", "truong-a"),
        .. Held("officer-1", "an"), .. Held("officer-2", "binh"), .. Held("head-b", "truong-b"),
        new DeputyNamed(Start, "officer-1", "thay", null), new DelegationGiven(Start, "7/UQ", "officer-1", "duoc-uy-quyen", On(12, 31, 0), null, null),
        new HolderRelieved(On(5, 4, 0), "officer-2", "binh"), new UnitClosed(On(5, 10, 0), "A-2", "C"), Post("head-c", "C", PostRole.Head, "truong-c"), .. Held("head-c", "truong-c"),
    ]);

    [Theory]
    [InlineData("an", true)]
    [InlineData("thay", true)]
    [InlineData("duoc-uy-quyen", true)]
    [InlineData("truong-a", false)]
    [InlineData("binh", false)]
    [InlineData("truong-b", false)]
    public void Concerned_is_who_holds_a_post_of_the_unit_stands_in_for_it_or_acts_by_its_delegation(string person, bool concerned) =>
        new Concerned(["A-1"], []).Covers(person, [], Centre, In).ShouldBe(concerned);

    [Fact]
    public void Concerned_is_who_was_there_then_who_is_below_and_who_took_it_over()
    {
        new Concerned(["A"], []).Covers("an", [], Centre, In).ShouldBeTrue("a division of it");
        new Concerned(["A-2"], []).Covers("binh", [], Centre, On(5, 5, 8)).ShouldBeFalse();
        new Concerned(["A-2"], []).Covers("binh", [], Centre, In, On(5, 5, 8)).ShouldBeTrue("who has left since");
        new Concerned(["A-2"], []).Covers("truong-c", [], Centre, In).ShouldBeFalse();
        new Concerned(["A-2"], []).Covers("truong-c", [], Centre, In, On(5, 11, 8)).ShouldBeTrue("it is theirs now");
        new Concerned(["A-1"], []).Covers("x", ["A-1"], Centre, In).ShouldBeTrue("by their sign-in");
        new Concerned([], ["an"]).Covers("os:an", [], Centre, In).ShouldBeTrue();
        var auditor = new ComplaintReader("kiemtra", Role.Auditor, [], null);
        auditor.IsConcerned(new(["H49.62"], []), Centre, In).ShouldBeFalse("somebody is left to read it");
        auditor.IsConcerned(new([], ["kiemtra"]), Centre, In).ShouldBeTrue();
        new ComplaintReader("giamdoc", Role.Supervisor, [], null).IsConcerned(new(["H49.62"], []), Centre, In).ShouldBeTrue();
    }

    [Fact]
    public void Of_a_dossier_the_units_it_lay_with_and_who_dealt_with_it_are_concerned()
    {
        var events = new List<StoredEvent>
        {
            Stored(1, new DossierReceived(In, null, "counter", "A", "A-1", "an", null, null, null), "quay", Role.Clerk),
            Stored(2, new DossierAssigned(In.AddHours(1), "binh", "A-2"), "truong-a", Role.Supervisor),
        };
        var concerned = Concerned.Of(new("D-1", null, null), events);
        (string.Join(' ', concerned.Units), string.Join(' ', concerned.Persons)).ShouldBe(("A-1 A-2", "an binh quay"));
        Concerned.Of(new(null, "B", "x"), []).ShouldSatisfyAllConditions(c => c.Units.ShouldBe(["B"]), c => c.Persons.ShouldBe(["x"]));
        Concerned.Of(new("none", null, null), []).Units.ShouldBeEmpty();
    }

    [Fact]
    public void What_is_owed_is_counted_by_the_limit_that_it_came_in_under_and_the_centres_calendar()
    {
        // Of a Friday: five working days leave out two weekends, Hùng Kings, 30 April and 1 May.
        var complaint = Of(new Concerned(["A-1"], []));
        complaint.Owed(WorkCalendar.Vietnam).ShouldBe((ComplaintDuty.Accept, On(5, 6, 17)));
        var accepted = After(complaint, new ComplaintAccepted(On(5, 5, 8), "giamdoc", Concerned.Nobody));
        accepted.Owed(WorkCalendar.Vietnam).ShouldBe((ComplaintDuty.Answer, DueDate.Of(On(5, 5, 8), Limit.Parse("15 days"), WorkCalendar.Vietnam)));
        After(accepted, new ComplaintAnswered(On(5, 6, 8), "x", Secret)).Owed(WorkCalendar.Vietnam).ShouldBeNull();
    }

    [Fact]
    public void What_is_late_is_told_once_to_whom_it_is_not_about()
    {
        var complaint = Of(new Concerned(["A-1"], []));
        ComplaintOverdue? Raised(Complaint of, DateTimeOffset at) => RaiseOverdue.Decide(of, WorkCalendar.Vietnam, Centre, at);
        Raised(complaint, On(5, 6, 17)).ShouldBeNull("not yet");
        var late = Raised(complaint, On(5, 6, 17).AddMinutes(1))!;
        (late.Duty, late.DueAt, late.To.Single().Person).ShouldBe((ComplaintDuty.Accept, On(5, 6, 17), "giamdoc"));
        Raised(After(complaint, late), On(5, 7, 17)).ShouldBeNull("once");

        Raised(Of(new Concerned([], ["giamdoc"])), On(5, 7, 8))!.To.Single().Person.ShouldBe("kiemtra");
        Raised(Of(new Concerned(["H49.62"], [])), On(5, 7, 8))!.To.Single().Person.ShouldBe("kiemtra");
        var assigned = After(After(complaint, new ComplaintAccepted(On(5, 5, 8), "x", Concerned.Nobody)), new ComplaintAssigned(On(5, 5, 9), "x", "B", null));
        Raised(assigned, On(6, 10, 8))!.To.Single().Person.ShouldBe("truong-b");
        Raised(After(assigned, new ComplaintOverdue(On(5, 6, 18), "x", ComplaintDuty.Accept, On(5, 6, 17), [])), On(6, 10, 8)).ShouldNotBeNull("another duty");
    }

    [Theory]
    [InlineData("[]", "Complaint")]
    [InlineData("null", "null")]
    [InlineData("[{\"kind\":\"x\"}]", "line 1")]
    public void Limits_that_are_wrong_are_told_by_their_place(string json, string place) =>
        Should.Throw<UserError>(() => ComplaintLimits.Parse(System.Text.Encoding.UTF8.GetBytes(json))).ShouldSatisfyAllConditions(e => e.Code.ShouldBe("bad-limits"), e => e.Message.ShouldContain(place));

    private static Complaint Of(Concerned concerned) => Complaint.Fold("PA-1", [Stored(1, new ComplaintReceived(
        In, "citizen", ComplaintKind.Feedback, ComplainantKind.Citizen, "online", Secret, new(null, null, null), concerned, new(ComplaintKind.Feedback, Limit.Parse("5 days"), Limit.Parse("15 days"), 5, "QĐ 1")))])!;

    private static Complaint After(Complaint complaint, ComplaintEvent e) => e switch
    {
        ComplaintAccepted accepted => complaint with { Stage = ComplaintStage.Accepted, AcceptedAt = accepted.OccurredAt },
        ComplaintAssigned assigned => complaint with { Stage = ComplaintStage.Assigned, Assigned = assigned },
        ComplaintAnswered answered => complaint with { Stage = ComplaintStage.Answered, Answered = answered },
        ComplaintOverdue overdue => complaint with { Overdue = complaint.Overdue.Add(overdue) },
        _ => throw new InvalidOperationException(),
    };

    private static StoredEvent Stored(long version, object @event, string actor = "x", string role = "x")
    {
        var encoded = ProductEvents.Names.Encode(@event);
        return new(version, Guid.Empty, "D-1", version, encoded.Name, System.Text.Encoding.UTF8.GetBytes(encoded.Json), In,
            System.Text.Encoding.UTF8.GetBytes($$"""{"commandId":"{{Uuid.V5(Guid.Empty, "c")}}","actor":"{{actor}}","role":"{{role}}"}"""), null, null, ProductEvents.Names);
    }

    private static DateTimeOffset On(int month, int day, int hour) => new(2026, month, day, hour, 0, 0, TimeSpan.FromHours(7));

    private static UnitOpened Unit(string code, UnitKind kind, string? parent) => new(Start, code, new(code, code), kind, parent, Numbering.Local, false);

    private static PostCreated Post(string code, string unit, PostRole role, string _) => new(Start, code, unit, new(code, code), role, null);

    private static OrganisationEvent[] Held(string post, string person) => [new HolderAppointed(Start, post, person)];
}
