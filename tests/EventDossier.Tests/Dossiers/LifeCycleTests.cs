using EventDossier.Deadlines;
using EventDossier.Dossiers;
using static EventDossier.Tests.Dossiers.Lives;

namespace EventDossier.Tests.Dossiers;

/// <summary>What several acts together come to.</summary>
public sealed class LifeCycleTests
{
    // ---- intake

    [Fact]
    public void A_submission_runs_the_intake_clock_and_only_its_receipt_starts_the_handling_clock()
    {
        Submitted.AnswerDue.ShouldBe(On(4, 21), "eight working hours");
        (Submitted.Due, Submitted.Clock).ShouldBe((null, null));
        var received = Submitted.Then(new ReceiveSubmission("u1"), On(4, 21, 8));
        (received.ReceivedAt, received.Channel, received.Applicant).ShouldBe((On(4, 21, 8), "online", Lan));
        received.Promised.ShouldBe(DueDate.Of(On(4, 21, 8), Limit.Parse("20 days"), WorkCalendar.Vietnam));
    }

    [Fact]
    public void The_version_in_force_at_the_receipt_holds_not_the_one_at_the_submission()
    {
        var submitted = Nothing.Then(new SubmitDossier("P-1", "post"), On(12, 31));
        submitted.Procedure.ShouldBe(new("P-1", 1));
        var received = submitted.Then(new ReceiveSubmission(), new(2027, 1, 4, 8, 0, 0, TimeSpan.FromHours(7)));
        (received.Procedure, received.Limit).ShouldBe((new("P-1", 2), Limit.Parse("15 days")));
    }

    [Fact]
    public void A_receipt_promises_both_dates_and_has_its_slip()
    {
        Received.Promised.ShouldBe(Received.Due);
        Received.Due.ShouldBe(DueDate.Of(Began, Limit.Parse("20 days"), WorkCalendar.Vietnam));
        Received.GeneralDue.ShouldBe(DueDate.Of(Began, Limit.Parse("30 days"), WorkCalendar.Vietnam));
        Received.Slips.ShouldHaveSingleItem().Number.ShouldBe($"{Code}/01-1");
    }

    // ---- hand-over

    [Fact]
    public void Until_it_is_accepted_a_dossier_stays_with_the_giver()
    {
        (Offered.Unit, Offered.Officer).ShouldBe(("u2", "officer-2"));
        (SentBack.Unit, SentBack.Officer, SentBack.Offered).ShouldBe(("u2", "officer-2", null));
        (Accepted.Unit, Accepted.Officer, Accepted.Offered).ShouldBe(("u3", "officer-3", null));
        Accepted.Due.ShouldBe(InProgress.Due);
    }

    [Fact]
    public void Every_hand_over_is_a_row_of_the_control_slip_with_the_budget_of_the_givers_step()
    {
        var rows = OfStep.Then(new OfferHandOver("u3")).Then(new SendBackHandOver("thiếu bản vẽ")).Then(new OfferHandOver("u3")).Then(new AcceptHandOver("officer-3")).HandOvers;
        rows.Select(r => (r.FromUnit, r.ToUnit, r.SentBackAt, r.AcceptedAt)).ShouldBe([("u2", "u3", Start, null), ("u2", "u3", null, Start)]);
        rows.ShouldAllBe(r => r.BudgetEnds == WorkCalendar.Vietnam.Shift(Start, 16 * 60));
    }

    // ---- what stops the clock

    [Fact]
    public void No_slip_no_pause_and_no_pause_before_the_slip_is_delivered()
    {
        foreach (var (issued, delivered, kind) in new[] { (Asked, Waiting, PauseKind.Supplement), (Charged, Owing, PauseKind.Fee), (Stopping, Stopped, PauseKind.Stop) })
        {
            issued.Standing.ShouldBeNull();
            issued.Due.ShouldBe(InProgress.Due);
            delivered.Standing.ShouldBe(new Pause(Start, null, kind, delivered.Slips[^1].Number));
            (delivered.Due, delivered.GeneralDue).ShouldBe((null, null));
        }
        Received.Then(new DeliverSlip($"{Code}/01-1", Delivery.Counter)).Standing.ShouldBeNull("form 01 asks for nothing");
    }

    [Fact]
    public void What_is_handed_over_at_once_stops_the_clock_at_once()
    {
        var waiting = InProgress.Then(new RequestSupplement(["bản vẽ"], Delivery.Counter, "bản ký"));
        (waiting.Slips[^1].DeliveredAt, waiting.Standing?.From, waiting.Due).ShouldBe((Start, Start, null));
    }

    [Fact]
    public void A_pause_ends_when_the_answer_arrives_not_when_it_is_typed_in()
    {
        var supplied = Waiting.Then(new ProvideSupplement(), now: On(4, 24), at: On(4, 22));
        supplied.Pauses.ShouldHaveSingleItem().ShouldBe(new(Start, On(4, 22), PauseKind.Supplement, $"{Code}/02-1"));
        supplied.Due.ShouldBe(On(5, 22, 17));
        InProgress.Due.ShouldBe(On(5, 21, 17), "the clock stood at one closing time that counted");
        Owing.Then(new RecordFee(150_000, "BL-1"), now: On(4, 24), at: On(4, 22)).Pauses[^1].To.ShouldBe(On(4, 22));
    }

    [Fact]
    public void A_slip_that_was_answered_before_its_delivery_became_known_stops_nothing_any_more()
    {
        var answered = Asked.Then(new ProvideSupplement(), On(4, 21)).Then(new DeliverSlip($"{Code}/02-1", Delivery.Post, "RR123"), now: On(4, 22), at: On(4, 20, 15));
        answered.Pauses.ShouldBeEmpty();
        answered.Due.ShouldBe(InProgress.Due);
        Stopping.Then(new ResumeDossier("đã hòa giải"), On(4, 21)).Then(new DeliverSlip($"{Code}/05-1", Delivery.Counter), On(4, 22)).Standing.ShouldBeNull();
    }

    [Fact]
    public void Where_several_things_are_waited_for_the_clock_stands_until_the_last_has_come()
    {
        var both = Waiting.Then(new AskFee(150_000, "TT 85", Delivery.Counter)).Then(new ProvideSupplement(), On(4, 21));
        (both.Standing?.Kind, both.Due).ShouldBe((PauseKind.Fee, null));
        both.Then(new RecordFee(150_000, "BL-1"), On(4, 22)).Due.ShouldNotBeNull();
    }

    [Fact]
    public void Under_a_procedure_that_restarts_the_whole_limit_runs_again_once_the_supplement_is_there()
    {
        var supplied = Nothing.Then(new ReceiveDossier("P-2")).Then(new RequestSupplement(["bản vẽ"], Delivery.Counter)).Then(new ProvideSupplement(), On(4, 22));
        supplied.Pauses.ShouldHaveSingleItem().Restarts.ShouldBeTrue();
        Nothing.Then(new ReceiveDossier("P-2")).Then(new AskFee(1, "TT 85", Delivery.Counter)).Then(new RecordFee(1, "BL-1"), On(4, 22)).Pauses[^1].Restarts.ShouldBeFalse();
    }

    // ---- extension and apology

    [Fact]
    public void An_extension_moves_what_is_due_to_the_closing_time_of_its_day_and_not_what_was_promised()
    {
        Extended.Due.ShouldBe(On(6, 1, 17));
        Extended.Promised.ShouldBe(Received.Promised);
        Extended.Slips[^1].Form.ShouldBe("04");
    }

    [Fact]
    public void An_extension_is_possible_to_the_moment_the_dossier_is_due()
    {
        var due = Received.Due!.Value;
        Received.Then(new ExtendDossier(On(6, 1), "chờ đo đạc"), due).Extension.ShouldNotBeNull();
        Received.Ask(new ExtendDossier(On(6, 1), "chờ đo đạc"), due.AddMilliseconds(1)).Refusal!.Code.ShouldBe("expired");
    }

    [Fact]
    public void A_late_apology_moves_nothing()
    {
        var apologised = Overdue.Then(new ApologiseLate(On(5, 6), "chờ đo đạc"), Now);
        (apologised.Due, apologised.Promised, apologised.Extension).ShouldBe((Overdue.Due, Overdue.Promised, null));
        (apologised.ApologisedAt, apologised.Slips[^1].Form).ShouldBe((Now, "04"));
        apologised.Ask(new ExtendDossier(On(6, 1), "chờ đo đạc")).Refusal!.Code.ShouldBe("expired");
    }

    // ---- corrections

    [Fact]
    public void A_voided_receipt_keeps_its_code_and_ends()
    {
        (Voided.Code, Voided.Stage, Voided.FinishedAt).ShouldBe((Code, Stage.Voided, Start));
        Voided.Ask(new AssignDossier("officer-1")).Refusal!.Code.ShouldBe("not-open");
    }

    [Fact]
    public void A_slip_issued_again_has_a_number_of_its_own_and_keeps_what_it_asks_for()
    {
        Reissued.Slips.Select(s => (s.Number, s.Cancelled)).ShouldBe([($"{Code}/01-1", true), ($"{Code}/01-2", false)]);
        Reissued.Promised.ShouldBe(Received.Promised);
        var again = Charged.Then(new ReissueSlip($"{Code}/fee-1", "in mờ"));
        again.Waiting("fee").ShouldNotBeNull().Number.ShouldBe($"{Code}/fee-2");
        again.Then(new DeliverSlip($"{Code}/fee-2", Delivery.Counter)).Then(new RecordFee(150_000, "BL-1"), On(4, 21)).Standing.ShouldBeNull();
    }

    [Fact]
    public void The_right_procedure_counts_from_the_receipt_on_and_promises_anew()
    {
        var corrected = Received.Then(new CorrectProcedure("P-8", "nhầm thủ tục"), On(4, 23));
        corrected.Promised.ShouldBe(DueDate.Of(Began, Limit.Parse("8 days"), WorkCalendar.Vietnam));
        (corrected.Due, corrected.ReceivedAt, corrected.GeneralDue).ShouldBe((corrected.Promised, Began, null));
        corrected.Slips.Select(s => s.Cancelled).ShouldBe([true, false]);
    }

    [Fact]
    public void Another_version_moves_what_is_due_and_keeps_the_promise()
    {
        var changed = Received.Then(new ChangeProcedureVersion(2, "QĐ 2, điều 5"), On(4, 23));
        changed.Due.ShouldBe(DueDate.Of(Began, Limit.Parse("15 days"), WorkCalendar.Vietnam));
        changed.Promised.ShouldBe(Received.Promised);
        changed.Procedure.ShouldBe(new("P-1", 2));
        changed.Slips.ShouldHaveSingleItem().Cancelled.ShouldBeFalse();
    }

    [Fact]
    public void Another_applicant_gets_a_slip_of_their_own()
    {
        var corrected = Received.Then(new CorrectApplicant(Minh, "nhầm người"));
        corrected.Applicant.ShouldBe(Minh);
        corrected.Slips.Select(s => (s.Number, s.Cancelled)).ShouldBe([($"{Code}/01-1", true), ($"{Code}/01-2", false)]);
    }

    [Fact]
    public void A_decision_on_the_calendar_that_became_known_moves_what_is_due_and_not_what_was_promised()
    {
        DateTimeOffset before = new(2025, 12, 22, 9, 0, 0, TimeSpan.FromHours(7)), after = new(2025, 12, 29, 9, 0, 0, TimeSpan.FromHours(7));
        var received = Nothing.Then(new ReceiveDossier("P-8"), before);
        var moved = received.Then(new ReprojectDueDate("TB 1"), after);
        (moved.Promised, moved.Due).ShouldBe((received.Due, DueDate.Of(before, Limit.Parse("8 days"), WorkCalendar.Vietnam)));
        moved.Due.ShouldNotBe(received.Due);
    }

    // ---- the end

    [Theory, InlineData("head of H49.12"), InlineData("GUQ 1")]
    public void Where_the_organisation_is_known_a_decision_is_made_and_recorded_under_a_post_or_a_delegation(string authority)
    {
        var decided = InProgress.After(Acts.Decide(new DecideDossier(DecisionOutcome.Approved), InProgress, Under(authority, At(Now, DecideDossier.Rule))));
        (decided.Stage, decided.Authority).ShouldBe((Stage.Decided, authority));
    }

    [Fact]
    public void A_dossier_lives_to_its_end_however_overdue_it_is()
    {
        var rated = Overdue.Then(new AssignDossier("officer-2"), Now).Then(new StartStep("ký"), Now).Then(new CompleteStep("ký"), Now)
            .Then(new DecideDossier(DecisionOutcome.Approved), Now).Then(new MakeResultReady(), Now).Then(new ReturnResult(), Now).Then(new RateDossier(2), Now);
        (rated.Stage, rated.Judgement, rated.FinishedAt).ShouldBe((Stage.Returned, Judgement.Late, Now));
    }

    [Fact]
    public void A_dossier_is_judged_by_both_limits_at_the_finish()
    {
        Ready.Judgement.ShouldBe(Judgement.Early);
        var late = Decided.Then(new MakeResultReady(), Received.Due!.Value.AddMinutes(1));
        (late.Judgement, late.GeneralJudgement).ShouldBe((Judgement.Late, Judgement.Early));
        Nothing.Then(new ReceiveDossier("P-8")).Then(new DecideDossier(DecisionOutcome.Approved)).Then(new MakeResultReady()).GeneralJudgement.ShouldBeNull();
    }

    [Fact]
    public void A_clock_that_stands_at_the_finish_is_judged_as_if_its_pause_ended_there()
    {
        var standing = Nothing.Then(new ReceiveDossier("P-short")).Then(new RequestSupplement(["bản vẽ"], Delivery.Counter)).Then(new DecideDossier(DecisionOutcome.Rejected, "không bổ sung"), Now);
        standing.Due.ShouldBeNull();
        standing.Then(new MakeResultReady(), Now).Judgement.ShouldBe(Judgement.OnTime, "the one day of its limit is today");
        Overdue.Then(new DecideDossier(DecisionOutcome.Approved), Now).Then(new MakeResultReady(), Now).Judgement.ShouldBe(Judgement.Late);
    }

    [Fact]
    public void A_dossier_of_an_older_system_without_a_date_is_judged_by_none() =>
        Imported.Then(new DecideDossier(DecisionOutcome.Approved)).Then(new MakeResultReady()).Judgement.ShouldBeNull();
}
