using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Procedures;
using EventDossier.Store;

namespace EventDossier.Tests.Dossiers;

public sealed class ActTests
{
    private static readonly DateTimeOffset _now = new(2026, 5, 4, 9, 0, 0, TimeSpan.FromHours(7));
    private static readonly CommandMetadata _by = new(Uuid.V5(Guid.Parse("0f3a0c4e-51f0-4c55-9a0b-2d3f5a6b7c8d"), "act"), "officer-3", "officer");
    private static readonly ActContext _atOnce = new(_now, _by, _now);

    private static readonly Dossier _received = new Dossier("H49.12-260504-0001").After(
        new DossierReceived(_now.AddDays(-5), new("P-1", 1), "counter", "H49.12", "u1", "officer-1", null, _now.AddDays(2), null), 1);

    private static readonly Dossier _inProgress = After(_received, AssignDossier.Decide(new("officer-2", "u2"), _received, _atOnce));
    private static readonly Dossier _approved = After(_inProgress, DecideDossier.Decide(new(DecisionOutcome.Approved), _inProgress, _atOnce));
    private static readonly Dossier _ready = After(_approved, MakeResultReady.Decide(_approved, _atOnce));
    private static readonly Dossier _returned = After(_ready, ReturnResult.Decide(new(ReturnChannel.Post), _ready, _atOnce));
    private static readonly Dossier _withdrawn = After(_inProgress, WithdrawDossier.Decide(new("đổi ý"), _inProgress, _atOnce));

    private static Dossier After(Dossier dossier, Decision decision)
    {
        decision.Refusal.ShouldBeNull();
        return decision.Events.Aggregate(dossier, (d, e) => d.After(e, d.Version + 1));
    }

    private static void Refused(Decision decision, string code)
    {
        decision.Refusal.ShouldNotBeNull().Code.ShouldBe(code);
        decision.Refusal.Reason.ShouldNotBeNullOrWhiteSpace();
        decision.Events.ShouldBeEmpty();
    }

    private static void AlreadyDone(Decision decision) => decision.ShouldBe(Decision.AlreadyDone);

    private static T Done<T>(Decision decision) where T : DossierEvent
    {
        decision.Refusal.ShouldBeNull();
        return decision.Events.ShouldHaveSingleItem().ShouldBeAssignableTo<T>().ShouldNotBeNull();
    }

    // ---- receive

    private static EventDossier.Procedures.Procedure.Version Version(Limit limit) => new(new(_now.AddYears(-1), "P-1", "Đăng ký", "H49.12", limit, null), 3);

    [Fact]
    public void A_dossier_is_received_under_the_version_in_force_with_its_due_date_promised() =>
        Done<DossierReceived>(ReceiveDossier.Decide(new("P-1", "online", "H49.12", "u1", "officer-1"), Version(Limit.Parse("5 days")), WorkCalendar.Vietnam, _atOnce))
            .ShouldBe(new DossierReceived(
                _now, new("P-1", 3), "online", "H49.12", "u1", "officer-1", new(5, CountingRule.Days),
                new DateTimeOffset(2026, 5, 11, 17, 0, 0, TimeSpan.FromHours(7)), null));

    [Fact]
    public void A_dossier_under_a_procedure_that_is_not_in_force_is_refused() =>
        Refused(ReceiveDossier.Decide(new("P-9", "online", "H49.12"), null, WorkCalendar.Vietnam, _atOnce), "no-such-procedure");

    // ---- assign

    [Fact]
    public void An_officer_takes_charge_and_the_unit_stays_unless_another_is_named()
    {
        Done<DossierAssigned>(AssignDossier.Decide(new("officer-9"), _received, _atOnce)).ShouldBe(new DossierAssigned(_now, "officer-9", null));
        var assigned = After(_received, AssignDossier.Decide(new("officer-9"), _received, _atOnce));
        (assigned.Stage, assigned.Officer, assigned.Unit).ShouldBe((Stage.InProgress, "officer-9", "u1"));
        After(_received, AssignDossier.Decide(new("officer-9", "u7"), _received, _atOnce)).Unit.ShouldBe("u7");
    }

    [Fact]
    public void Assigning_again_to_whom_it_lies_with_is_already_done()
    {
        AlreadyDone(AssignDossier.Decide(new("officer-2"), _inProgress, _atOnce));
        AlreadyDone(AssignDossier.Decide(new("officer-2", "u2"), _inProgress, _atOnce));
        Done<DossierAssigned>(AssignDossier.Decide(new("officer-2", "u3"), _inProgress, _atOnce));
        Done<DossierAssigned>(AssignDossier.Decide(new("officer-1"), _received, _atOnce));
    }

    // ---- complete a step

    [Fact]
    public void A_step_is_done_by_whom_the_dossier_lies_with_and_may_be_done_again()
    {
        var once = CompleteStep.Decide(new("thẩm định"), _inProgress, _atOnce);
        Done<StepCompleted>(once).ShouldBe(new StepCompleted(_now, "thẩm định", "officer-2", "u2"));
        var done = After(_inProgress, once);
        After(done, CompleteStep.Decide(new("thẩm định"), done, _atOnce)).Steps.Count.ShouldBe(2);
    }

    // ---- decide

    [Fact]
    public void A_dossier_is_approved_or_rejected_with_a_reason()
    {
        Done<DossierDecided>(DecideDossier.Decide(new(DecisionOutcome.Approved), _received, _atOnce)).Outcome.ShouldBe(DecisionOutcome.Approved);
        Done<DossierDecided>(DecideDossier.Decide(new(DecisionOutcome.Rejected, "thiếu bản vẽ"), _inProgress, _atOnce)).Reason.ShouldBe("thiếu bản vẽ");
    }

    [Theory, InlineData(null), InlineData(" ")]
    public void A_rejection_without_a_reason_is_refused(string? reason) =>
        Refused(DecideDossier.Decide(new(DecisionOutcome.Rejected, reason), _inProgress, _atOnce), "reason-missing");

    [Fact]
    public void Deciding_the_same_again_is_already_done_and_otherwise_refused()
    {
        foreach (var decided in new[] { _approved, _ready, _returned })
        {
            AlreadyDone(DecideDossier.Decide(new(DecisionOutcome.Approved), decided, _atOnce));
            Refused(DecideDossier.Decide(new(DecisionOutcome.Rejected, "nhầm"), decided, _atOnce), "not-open");
        }
    }

    // ---- result

    [Fact]
    public void A_decided_dossiers_result_is_ready_once()
    {
        Done<ResultReady>(MakeResultReady.Decide(_approved, _atOnce)).OccurredAt.ShouldBe(_now);
        _ready.FinishedAt.ShouldBe(_now);
        AlreadyDone(MakeResultReady.Decide(_ready, _atOnce));
        AlreadyDone(MakeResultReady.Decide(_returned, _atOnce));
    }

    [Fact]
    public void A_result_needs_a_decision()
    {
        foreach (var dossier in new[] { _received, _inProgress, _withdrawn })
            Refused(MakeResultReady.Decide(dossier, _atOnce), "not-decided");
    }

    [Fact]
    public void A_ready_result_is_returned_once_however_late_it_is()
    {
        var late = _ready with { Due = _now.AddYears(-1) };
        Done<ResultReturned>(ReturnResult.Decide(new(ReturnChannel.Online), late, _atOnce)).Channel.ShouldBe(ReturnChannel.Online);
        AlreadyDone(ReturnResult.Decide(new(ReturnChannel.Post), _returned, _atOnce));
        Refused(ReturnResult.Decide(new(ReturnChannel.Counter), _returned, _atOnce), "returned-otherwise");
    }

    [Fact]
    public void A_result_that_is_not_ready_is_not_returned()
    {
        foreach (var dossier in new[] { _received, _inProgress, _approved, _withdrawn })
            Refused(ReturnResult.Decide(new(ReturnChannel.Post), dossier, _atOnce), "no-result");
    }

    // ---- withdraw

    [Fact]
    public void A_dossier_is_withdrawn_once_before_the_decision()
    {
        Done<DossierWithdrawn>(WithdrawDossier.Decide(new("đổi ý"), _received, _atOnce)).Reason.ShouldBe("đổi ý");
        (_withdrawn.Stage, _withdrawn.FinishedAt).ShouldBe((Stage.Withdrawn, _now));
        AlreadyDone(WithdrawDossier.Decide(new("lần nữa"), _withdrawn, _atOnce));
        foreach (var decided in new[] { _approved, _ready, _returned })
            Refused(WithdrawDossier.Decide(new("muộn"), decided, _atOnce), "not-open");
    }

    // ---- what all have in common

    /// <summary>Each act where it is possible, and how many days it may be dated back.</summary>
    private static readonly Dictionary<string, (double Days, Func<ActContext, Decision> Decide)> _acts = new()
    {
        ["receive"] = (1, c => ReceiveDossier.Decide(new("P-1", "counter", "H49.12"), Version(Limit.Parse("5 days")), WorkCalendar.Vietnam, c)),
        ["assign"] = (1, c => AssignDossier.Decide(new("officer-9"), _received, c)),
        ["complete-step"] = (1, c => CompleteStep.Decide(new("step"), _received, c)),
        ["decide"] = (1, c => DecideDossier.Decide(new(DecisionOutcome.Approved), _received, c)),
        ["make-ready"] = (0, c => MakeResultReady.Decide(_approved, c)),
        ["return"] = (3, c => ReturnResult.Decide(new(ReturnChannel.Counter), _ready, c)),
        ["withdraw"] = (1, c => WithdrawDossier.Decide(new("reason"), _received, c)),
    };

    public static TheoryData<string> Acts => new(_acts.Keys);

    [Theory, MemberData(nameof(Acts))]
    public void An_act_may_be_dated_back_to_its_bound_by_anyone_and_further_with_an_approval(string act)
    {
        var (days, decide) = _acts[act];
        var bound = _now.AddDays(-days);
        Done<DossierEvent>(decide(_atOnce with { At = bound })).ShouldSatisfyAllConditions(
            e => e.OccurredAt.ShouldBe(bound), e => e.BackDatingApprovedBy.ShouldBeNull());
        Refused(decide(_atOnce with { At = bound.AddMilliseconds(-1) }), "back-dated-too-far");
        Refused(decide(_atOnce with { At = bound.AddMilliseconds(-1), ApprovedBy = " " }), "back-dated-too-far");
        Done<DossierEvent>(decide(_atOnce with { At = bound.AddMilliseconds(-1), ApprovedBy = "supervisor" })).BackDatingApprovedBy.ShouldBe("supervisor");
        Done<DossierEvent>(decide(_atOnce with { ApprovedBy = "supervisor" })).BackDatingApprovedBy.ShouldBeNull("no approval was needed");
    }

    [Theory, MemberData(nameof(Acts))]
    public void An_act_in_the_future_is_refused_whoever_approves(string act)
    {
        Refused(_acts[act].Decide(_atOnce with { At = _now.AddMilliseconds(1) }), "in-the-future");
        Refused(_acts[act].Decide(_atOnce with { At = _now.AddMilliseconds(1), ApprovedBy = "supervisor" }), "in-the-future");
    }

    [Fact]
    public void What_is_decided_or_withdrawn_is_neither_assigned_nor_worked_on_nor_decided()
    {
        foreach (var closed in new[] { _approved, _ready, _returned, _withdrawn })
        {
            Refused(AssignDossier.Decide(new("officer-9"), closed, _atOnce), "not-open");
            Refused(CompleteStep.Decide(new("step"), closed, _atOnce), "not-open");
        }
        Refused(DecideDossier.Decide(new(DecisionOutcome.Approved), _withdrawn, _atOnce), "not-open");
    }
}
