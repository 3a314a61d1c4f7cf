using EventDossier.Applicants;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Tests.Applicants;

public sealed class EraseApplicantTests
{
    private static readonly Guid Hoa = Guid.Parse("6f2c2c2e-5b1e-5a57-9d0a-1f3f0c6b7a11");
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 9, 0, 0, TimeSpan.FromHours(7));
    private static readonly ActContext Context = new(Now, new(Guid.Parse("6f2c2c2e-5b1e-5a57-9d0a-1f3f0c6b7a12"), "os:lan", "administrator"), Now);
    private static readonly EraseApplicant Erase = new("Đơn số 17/2026", "truong-phong");
    private static readonly HeldDossier Old = new("H49.12-160504-0001", Now.AddYears(-5), 5);
    private static readonly LegalHoldPlaced Hold = new(Now.AddDays(-1), Hoa, "Công văn 12");

    [Fact]
    public void With_a_basis_and_a_second_person_it_is_done_and_names_the_dossiers() =>
        Decide(Erase, [Old]).Event.ShouldBeOfType<ApplicantErased>().ShouldSatisfyAllConditions(
            e => e.Dossiers.ShouldBe([Old.Code]), e => e.ApprovedBy.ShouldBe("truong-phong"), e => e.Basis.ShouldBe("Đơn số 17/2026"), e => e.OccurredAt.ShouldBe(Now));

    [Theory]
    [InlineData("", "truong-phong", "basis-missing")]
    [InlineData("  ", "truong-phong", "basis-missing")]
    [InlineData("Đơn", "", "approver-is-actor")]
    [InlineData("Đơn", "os:lan", "approver-is-actor")]
    [InlineData("Đơn", " LAN ", "approver-is-actor")]
    public void It_is_refused_without_basis_or_second_person(string basis, string approvedBy, string code) =>
        Decide(new(basis, approvedBy), []).Refusal!.Code.ShouldBe(code);

    [Fact]
    public void It_is_refused_while_a_hold_stands_and_not_when_it_is_lifted()
    {
        var held = ApplicantRecord.New.After(Hold, 1);
        Decide(Erase, [], held).Refusal!.Code.ShouldBe("legal-hold");
        var two = held.After(Hold with { Basis = "Công văn 13" }, 2);
        Decide(Erase, [], two.After(new LegalHoldLifted(Now, Hoa, Hold.Basis, "hết hạn"), 3)).Refusal!.Code.ShouldBe("legal-hold");
        Decide(Erase, [], held.After(new LegalHoldLifted(Now, Hoa, Hold.Basis, "hết hạn"), 2)).Event.ShouldNotBeNull();
    }

    [Fact]
    public void It_is_refused_for_an_open_dossier() => Decide(Erase, [Old, Old with { FinishedAt = null }]).Refusal!.Code.ShouldBe("open-dossier");

    [Fact]
    public void It_is_refused_until_the_last_day_of_retention_and_where_none_is_stated()
    {
        Decide(Erase, [Old with { FinishedAt = Old.FinishedAt!.Value.AddMilliseconds(1) }]).Refusal!.Code.ShouldBe("retention-not-ended");
        Decide(Erase, [Old, Old with { RetentionYears = 70 }]).Refusal!.Code.ShouldBe("retention-not-ended");
        Decide(Erase, [Old with { RetentionYears = null }]).Refusal!.Code.ShouldBe("retention-not-ended");
    }

    [Fact]
    public void Whom_nobody_knows_is_refused_and_who_is_erased_is_done()
    {
        EraseApplicant.Decide(Erase, Hoa, isKnown: false, ApplicantRecord.New, [], Context).Refusal!.Code.ShouldBe("no-such-applicant");
        var erased = ApplicantRecord.New.After(new ApplicantErased(Now, Hoa, "Đơn", "x", []), 1);
        Decide(Erase, [Old with { FinishedAt = null }], erased).ShouldBe(ApplicantDecision.AlreadyDone);
        PlaceLegalHold.Decide(new("Công văn"), Hoa, isKnown: true, erased, Context).Refusal!.Code.ShouldBe("applicant-erased");
    }

    [Fact]
    public void A_hold_has_a_basis_and_is_placed_once_and_lifted_for_a_reason()
    {
        PlaceLegalHold.Decide(new(" "), Hoa, isKnown: true, ApplicantRecord.New, Context).Refusal!.Code.ShouldBe("basis-missing");
        PlaceLegalHold.Decide(new("Công văn 12"), Hoa, isKnown: false, ApplicantRecord.New, Context).Refusal!.Code.ShouldBe("no-such-applicant");
        PlaceLegalHold.Decide(new("Công văn 12"), Hoa, isKnown: true, ApplicantRecord.New, Context).Event.ShouldBe(Hold with { OccurredAt = Now });
        var held = ApplicantRecord.New.After(Hold, 1);
        PlaceLegalHold.Decide(new("Công văn 12"), Hoa, isKnown: true, held, Context).ShouldBe(ApplicantDecision.AlreadyDone);
        LiftLegalHold.Decide(new("Công văn 12", ""), Hoa, held, Context).Refusal!.Code.ShouldBe("reason-missing");
        LiftLegalHold.Decide(new("Công văn 99", "hết hạn"), Hoa, held, Context).Refusal!.Code.ShouldBe("no-such-hold");
        LiftLegalHold.Decide(new("Công văn 12", "hết hạn"), Hoa, held, Context).Event.ShouldBe(new LegalHoldLifted(Now, Hoa, "Công văn 12", "hết hạn"));
    }

    private static ApplicantDecision Decide(EraseApplicant act, IReadOnlyList<HeldDossier> dossiers, ApplicantRecord? record = null) =>
        EraseApplicant.Decide(act, Hoa, isKnown: true, record ?? ApplicantRecord.New, dossiers, Context);
}
