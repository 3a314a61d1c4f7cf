using EventDossier.Dossiers;
using EventDossier.Organisation;
using EventDossier.Releases;
using EventDossier.Store;

namespace EventDossier.Tests.Releases;

public sealed class ReleaseActTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 9, 0, 0, TimeSpan.FromHours(7));
    private static readonly DateTimeOffset Quarter = new(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(7));
    private static readonly ReleaseBuild Sound = new("aa", "aa  events.csv\n", [], 100, 90, 600, "checkpoint", []);
    private static readonly ReleaseBuild Bad = Sound with { Sha256 = "bb", Findings = [new("below-k", "1 case looks like fewer than 5")] };
    private static readonly DraftRelease Draft = new(Quarter, Quarter.AddMonths(3));

    [Fact]
    public void Four_eyes_see_a_release_out()
    {
        var drafted = Then(null, Decide(Draft));
        var judged = Then(drafted, CheckRelease.Decide(new(Sound), drafted, By("mai")));
        var approved = Then(judged, ApproveRelease.Decide(new(), judged, By("hoa")));
        var published = Then(approved, PublishRelease.Decide(new(Sound, sums => $"signed {sums}"), approved, [approved], By("mai")));

        (published.Stage, published.Published!.Signature, published.Approved!.By).ShouldBe((ReleaseStage.Published, "signed aa  events.csv\n", "hoa"));
        PublishRelease.Decide(new(Sound, _ => ""), published, [published], By("mai")).ShouldBe(ReleaseDecision.AlreadyDone);
        CheckRelease.Decide(new(Sound), published, By("mai")).Refusal!.Code.ShouldBe("release-closed");
        Then(published, WithdrawRelease.Decide(new("the wrong quarter"), published, By("hoa"))).Stage.ShouldBe(ReleaseStage.Withdrawn);
        WithdrawRelease.Decide(new(" "), published, By("hoa")).Refusal!.Code.ShouldBe("reason-missing");
    }

    [Fact]
    public void What_the_gate_stopped_nobody_publishes_whatever_they_hold()
    {
        var drafted = Then(null, Decide(Draft));
        Codes(drafted).ShouldBe(["not-checked", "not-checked", "not-checked"]);

        var failed = Then(drafted, CheckRelease.Decide(new(Bad), drafted, By("mai")));
        failed.Stage.ShouldBe(ReleaseStage.Failed);
        Codes(failed).ShouldBe(["gate-failed", "gate-failed", "gate-failed"]);

        // Approved once, then checked anew and failed; and a build that fails although what was checked did not.
        var judged = Then(drafted, CheckRelease.Decide(new(Sound), drafted, By("mai")));
        var approved = Then(judged, ApproveRelease.Decide(new(), judged, By("hoa")));
        var again = Then(approved, CheckRelease.Decide(new(Bad), approved, By("mai")));
        Codes(again).ShouldBe(["gate-failed", "gate-failed", "gate-failed"]);
        PublishRelease.Decide(new(Bad with { Sha256 = "aa" }, _ => ""), approved, [], By("mai")).Refusal!.Code.ShouldBe("gate-failed");
        PublishRelease.Decide(new(Sound with { Sha256 = "cc" }, _ => ""), approved, [], By("mai")).Refusal!.Code.ShouldBe("files-changed");
        PublishRelease.Decide(new(Sound, _ => ""), judged, [], By("mai")).Refusal!.Code.ShouldBe("not-approved");

        static IEnumerable<string> Codes(Release release) =>
        [
            ApproveRelease.Decide(new(), release, By("hoa")).Refusal!.Code,
            PublishRelease.Decide(new(Sound, _ => ""), release, [], By("mai")).Refusal!.Code,
            PublishRelease.Decide(new(Bad, _ => ""), release, [], By("mai")).Refusal!.Code,
        ];
    }

    [Fact]
    public void The_second_person_is_another_one()
    {
        var drafted = Then(null, Decide(Draft));
        var judged = Then(drafted, CheckRelease.Decide(new(Sound), drafted, By("mai")));

        foreach (var same in (ApproveRelease[])[new(), new("mai"), new(" MAI "), new("os:mai")])
            ApproveRelease.Decide(same, judged, By("mai")).Refusal!.Code.ShouldBe("approver-is-drafter");
        ApproveRelease.Decide(new("hoa"), judged, By("mai")).Event.ShouldBe(new ReleaseApproved(Now, "hoa", "aa"));
        Decide(Draft with { Approver = "os:mai" }).Refusal!.Code.ShouldBe("approver-is-drafter");
        Decide(Draft, By("mai", Role.Clerk)).Refusal!.Code.ShouldBe("not-allowed");
    }

    [Fact]
    public void Who_stands_in_approves_while_the_approver_is_absent_and_only_then()
    {
        var drafted = Then(null, Decide(Draft with { Approver = "director" }));
        var judged = Then(drafted, CheckRelease.Decide(new(Sound), drafted, By("mai")));
        var staff = EventDossier.Organisation.Organisation.Fold((OrganisationEvent[])
        [
            new UnitOpened(Now.AddYears(-1), "H49", new("Centre", "Trung tâm"), UnitKind.Office, null, Numbering.Qcvn102, true),
            new PostCreated(Now.AddYears(-1), "head", "H49", new("Director", "Giám đốc"), PostRole.Director, null), new HolderAppointed(Now.AddYears(-1), "head", "director"),
            new PostCreated(Now.AddYears(-1), "second", "H49", new("Deputy", "Phó"), PostRole.DeputyHead, null), new HolderAppointed(Now.AddYears(-1), "second", "deputy"),
            new DeputyNamed(Now.AddYears(-1), "head", "deputy", null),
        ]);
        ActContext With(string who, EventDossier.Organisation.Organisation of) => By(who) with { Rules = Rulebook.Empty with { Organisation = of } };
        var absent = staff.After(new AbsenceReported(Now.AddDays(-1), "director", Now.AddDays(5)));

        ApproveRelease.Decide(new(), judged, With("director", staff)).Event.ShouldBeOfType<ReleaseApproved>().InPlaceOf.ShouldBeNull();
        ApproveRelease.Decide(new(), judged, With("deputy", staff)).Refusal!.Code.ShouldBe("not-the-approver");
        ApproveRelease.Decide(new(), judged, With("deputy", absent)).Event.ShouldBeOfType<ReleaseApproved>().InPlaceOf.ShouldBe("director");
        ApproveRelease.Decide(new(), judged, With("hoa", absent)).Refusal!.Code.ShouldBe("not-the-approver");
    }

    [Fact]
    public void A_draft_that_makes_no_sense_is_refused_with_its_reason()
    {
        var out_ = Published("2026-0001", Draft);

        Code(Draft with { To = Quarter }).ShouldBe("bad-period");
        Code(Draft with { To = Now.AddMinutes(1) }).ShouldBe("period-not-over");
        Code(Draft with { Agency = "x" }, f => f with { AgencyKnown = false }).ShouldBe("no-such-agency");
        Code(Draft with { Procedure = "x" }, f => f with { ProcedureKnown = false }).ShouldBe("no-such-procedure");
        Code(Draft with { K = 2 }).ShouldBe("bad-k");
        Code(Draft with { Request = "7" }).ShouldBe("no-such-request");
        Code(Draft with { Supersedes = "2026-0001" }).ShouldBe("reason-missing");
        Code(Draft with { Supersedes = "2026-0009", Reason = "x" }, f => f with { Releases = [out_] }).ShouldBe("not-published");

        // Overlapping in time and dossiers, unless it takes the other's place or answers a request.
        Code(Draft, f => f with { Releases = [out_] }).ShouldBe("overlaps-published");
        Code(new(Quarter.AddMonths(2), Quarter.AddMonths(4)) { Agency = "H49.12" }, f => f with { Releases = [out_] }).ShouldBe("overlaps-published");
        Code(new(Quarter.AddMonths(3), Quarter.AddMonths(4)), f => f with { Releases = [out_] }).ShouldBe("none");
        Code(Draft with { Agency = "a" }, f => f with { Releases = [Published("2026-0001", Draft with { Agency = "b" })] }).ShouldBe("none");
        Code(Draft with { Supersedes = "2026-0001", Reason = "a mistake" }, f => f with { Releases = [out_] }).ShouldBe("none");
        var asked = new InformationRequest("7", 1, new(Now, "mai", Requester.Court, "x", "y", null), null);
        Code(Draft with { Request = "7" }, f => f with { Releases = [out_], Request = asked }).ShouldBe("none");
        Code(Draft with { Request = "7" }, f => f with { Request = asked with { Answer = new(Now, "mai", null, "secret") } }).ShouldBe("request-answered");
        // Two drafts of one period: the second can't follow the first.
        var second = Then(null, Decide(Draft)) with { Number = "2026-0002" };
        second = Then(second, CheckRelease.Decide(new(Sound), second, By("mai")));
        second = Then(second, ApproveRelease.Decide(new(), second, By("hoa")));
        PublishRelease.Decide(new(Sound, _ => ""), second, [out_, second], By("mai")).Refusal!.Code.ShouldBe("overlaps-published");

        static string Code(DraftRelease act, Func<DraftRelease.Facts, DraftRelease.Facts>? change = null) => Decide(act, null, change).Refusal?.Code ?? "none";
    }

    [Fact]
    public void A_request_is_answered_once_with_a_release_that_is_out_or_a_reason()
    {
        var (asked, _) = EnterRequest.Decide(new(Requester.Journalist, "land", "Law 104", null), "7", null, By("mai"));
        var request = new InformationRequest("7", 1, (InformationRequested)asked!, null);

        EnterRequest.Decide(new(Requester.Journalist, "", "Law 104", null), "7", null, By("mai")).Refusal!.Code.ShouldBe("scope-missing");
        EnterRequest.Decide(new(Requester.Journalist, "land", "", null), "7", null, By("mai")).Refusal!.Code.ShouldBe("basis-missing");
        EnterRequest.Decide(new(Requester.Journalist, "water", "Law 104", null), "7", request, By("mai")).Refusal!.Code.ShouldBe("request-known");
        EnterRequest.Decide(new(Requester.Journalist, "land", "Law 104", null), "7", request, By("mai")).ShouldBe((null, null));
        AnswerRequest.Decide(new("2026-0001", null), "7", request, Then(null, Decide(Draft)), By("mai")).Refusal!.Code.ShouldBe("not-published");
        AnswerRequest.Decide(new("2026-0001", null), "7", request, Published("2026-0001", Draft), By("mai")).Event.ShouldBeOfType<InformationAnswered>();
        AnswerRequest.Decide(new(null, " "), "7", request, null, By("mai")).Refusal!.Code.ShouldBe("reason-missing");
        AnswerRequest.Decide(new(null, "secret"), "8", null, null, By("mai")).Refusal!.Code.ShouldBe("no-such-request");
        AnswerRequest.Decide(new(null, "secret"), "7", request with { Answer = new(Now, "mai", "2026-0001", null) }, null, By("mai")).Refusal!.Code.ShouldBe("request-answered");
    }

    private static ReleaseDecision Decide(DraftRelease act, ActContext? context = null, Func<DraftRelease.Facts, DraftRelease.Facts>? change = null)
    {
        var facts = new DraftRelease.Facts("Centre", "https://example.org/licence", 100, [], true, true, null);
        return DraftRelease.Decide(act, change?.Invoke(facts) ?? facts, context ?? By("mai"));
    }

    private static Release Published(string number, DraftRelease draft)
    {
        var release = Then(null, Decide(draft)) with { Number = number };
        release = Then(release, CheckRelease.Decide(new(Sound), release, By("mai")));
        release = Then(release, ApproveRelease.Decide(new(), release, By("hoa")));
        return Then(release, PublishRelease.Decide(new(Sound, _ => ""), release, [], By("mai")));
    }

    private static Release Then(Release? release, ReleaseDecision decision)
    {
        decision.Refusal.ShouldBeNull();
        release ??= new("2026-0001");
        return release.After(decision.Event!, release.Version + 1);
    }

    private static ActContext By(string who, string role = Role.TransparencyOfficer) => new(Now, new(Uuid.V5(Guid.Parse("7c3a0c4e-51f0-4c55-9a0b-2d3f5a6b7c8d"), who), who, role), Now);
}
