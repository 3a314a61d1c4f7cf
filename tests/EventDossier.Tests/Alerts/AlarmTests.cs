using EventDossier.Alerts;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using EventDossier.Store;
using EventDossier.Tests.Dossiers;
using static EventDossier.Tests.Dossiers.Lives;
using Units = EventDossier.Organisation.Organisation;

namespace EventDossier.Tests.Alerts;

/// <summary>What the ladder that comes with the product makes of a dossier, on a calendar that a reader can look at: May 2026, no holiday between the 4th and the 29th.</summary>
public sealed class AlarmTests
{
    private static readonly WorkCalendar _calendar = WorkCalendar.Vietnam;

    private static readonly Units _centre = Units.Fold((OrganisationEvent[])
    [
        new UnitOpened(On(1, 1), "H49.62", new("Centre", "Trung tâm"), UnitKind.Office, null, Numbering.Qcvn102, true),
        new UnitOpened(On(1, 1), "H49.12", new("Department", "Sở"), UnitKind.Department, null, Numbering.Qcvn102, true),
        new UnitOpened(On(1, 1), "H49.12-01", new("Division", "Phòng"), UnitKind.Division, "H49.12", Numbering.Qcvn102, true),
        .. Held("director", "H49.62", PostRole.Director), .. Held("head", "H49.12", PostRole.Head), .. Held("clerk-1", "H49.12", PostRole.Clerk), .. Held("clerk-2", "H49.12", PostRole.Clerk),
        .. Held("chief", "H49.12-01", PostRole.Supervisor), .. Held("officer", "H49.12-01", PostRole.Officer), .. Held("other", "H49.12-01", PostRole.Officer),
    ]);

    // Received Monday 4 May at 9:00, ten working days: due Monday 18 May at 17:00.
    private static readonly Dossier _ten = Received(On(5, 4), "10 days", On(5, 18, 17));

    [Fact]
    public void A_long_limit_warns_two_days_before_due_or_at_three_quarters_whichever_is_earlier_and_climbs_day_by_day()
    {
        // 6 h 30 min of 4 May and 80 h are 5,190 minutes; three quarters of them, 3,893, end on the eighth day, before the closing time two days before due.
        Due(_ten).ShouldBe(
        [
            "warning 2026-05-14 09:53", "apology 2026-05-14 17:00", "overdue 2026-05-18 17:00", "overdue-1 2026-05-19 17:00", "overdue-3 2026-05-21 17:00",
        ]);
        // 20 days: three quarters come five days before due.
        Due(Received(On(5, 4), "20 days", On(6, 1, 17)))[0].ShouldBe("warning 2026-05-25 15:23");
        // 4 days: two days before due comes first.
        Due(Received(On(5, 4), "4 days", On(5, 8, 17)))[0].ShouldBe("apology 2026-05-06 17:00");
        Due(Received(On(5, 4), "4 days", On(5, 8, 17)))[1].ShouldBe("warning 2026-05-06 17:00");
    }

    [Fact]
    public void A_limit_under_four_days_has_a_row_of_its_own()
    {
        // From 9:00, 8 working hours: half of them at 14:00... with the noon rest at 14:30, three quarters at 16:30.
        Due(Received(On(5, 4), "8 hours", On(5, 5))).ShouldBe(
        [
            "short-warning 2026-05-04 14:30", "short-apology 2026-05-04 16:30", "overdue 2026-05-05 09:00", "overdue-1 2026-05-06 09:00", "overdue-3 2026-05-08 09:00",
        ]);
        Due(Received(On(5, 4), "3 days", On(5, 7, 17)))[0].ShouldStartWith("short-warning");
    }

    [Fact]
    public void An_online_submission_left_unanswered_alerts_the_counter_at_half_and_its_supervisor_at_the_whole()
    {
        // Submitted Saturday: the eight hours are Monday's.
        var submitted = Nothing.After(new DossierSubmitted(On(5, 2, 20), new("P-1", 1), "online", null, "H49.12", "H49.12", null, On(5, 4, 17)), 1);
        Due(submitted).ShouldBe(["intake-half 2026-05-04 11:30", "intake-over 2026-05-04 17:00"]);
        Raised(submitted, On(5, 4, 17)).Select(Told).ShouldBe(["intake-half to clerk-1:clerk-1-holder, clerk-2:clerk-2-holder", "intake-over to head:head-holder"]);
        // Answered in time, late, or refused: nothing more falls due.
        Due(submitted.After(Receipt(On(5, 4, 11), "10 days", On(5, 18, 17)), 2)).ShouldAllBe(a => !a.StartsWith("intake"));
        Due(submitted.After(Receipt(On(5, 4, 15), "10 days", On(5, 18, 17)), 2)).ShouldContain("intake-half 2026-05-04 11:30");
    }

    [Fact]
    public void Each_level_is_told_to_those_whom_the_ladder_names() =>
        Raised(_ten, On(5, 30)).Select(Told).ShouldBe(
        [
            "warning to officer:officer-holder", "apology to officer:officer-holder, chief:chief-holder", "overdue to officer:officer-holder, chief:chief-holder",
            "overdue-1 to head:head-holder", "overdue-3 to director:director-holder",
        ]);

    [Fact]
    public void An_absent_officers_deputy_named_an_hour_before_due_is_the_one_alerted()
    {
        var centre = _centre.After(new AbsenceReported(On(5, 10), "officer-holder", null));
        RaiseAlerts.Decide(_ten, Ladders.None, _calendar, centre, On(5, 18, 17)).OfType<AlertRaised>().Select(Told).ShouldContain("overdue to officer:, chief:chief-holder");
        centre = centre.After(new DeputyNamed(On(5, 18, 16), "officer", "other-holder", null));
        var raised = RaiseAlerts.Decide(_ten, Ladders.None, _calendar, centre, On(5, 18, 17)).OfType<AlertRaised>().Select(Told).ToList();
        raised.ShouldContain("overdue to officer:other-holder, chief:chief-holder");
        raised.ShouldContain("warning to officer:", "at that moment nobody stood in");
    }

    [Fact]
    public void A_pause_one_second_before_due_keeps_the_alert_from_falling_due_and_one_at_due_does_not()
    {
        var slip = $"{Code}/02-1";
        Dossier Delivered(DateTimeOffset at, DateTimeOffset? due) => _ten.After(new SupplementRequested(On(5, 18), slip, ["bản vẽ"]), 2).After(new SlipDelivered(at, slip, Delivery.Counter, null) { Due = due }, 3);
        var standing = Delivered(On(5, 18, 17).AddSeconds(-1), null);
        Raised(standing, On(5, 18, 17)).ShouldBeEmpty();
        // The clock stood over that closing time, so a day is owed, and the alert comes with it.
        Due(standing.After(new SupplementProvided(On(5, 20), slip) { Due = On(5, 20, 17) }, 4)).ShouldContain("overdue 2026-05-20 17:00");
        Due(Delivered(On(5, 18, 17), On(5, 18, 17))).ShouldContain("overdue 2026-05-18 17:00");
    }

    [Fact]
    public void An_alert_that_a_pause_told_later_makes_void_is_withdrawn_and_raised_again_when_it_falls_due_anew()
    {
        var slip = $"{Code}/02-1";
        var alerted = Raise(_ten.After(new SupplementRequested(On(5, 18), slip, ["bản vẽ"]), 2), On(5, 18, 17));
        // Delivered on Monday at 16:00, typed in on Tuesday.
        var told = alerted.After(new SlipDelivered(On(5, 18, 16), slip, Delivery.Counter, null), alerted.Version + 1);
        RaiseAlerts.Decide(told, Ladders.None, _calendar, _centre, On(5, 19)).ShouldBe([new AlertWithdrawn(On(5, 19), "overdue", 1, "paused")]);
        var answered = Raise(told, On(5, 19)).After(new SupplementProvided(On(5, 20), slip) { Due = On(5, 20, 17) }, 20);
        Raised(answered, On(5, 20, 17)).Where(r => r.Rule == "overdue").Select(r => (r.Cycle, r.DueAt)).ShouldBe([(1, On(5, 20, 17))]);
    }

    [Fact]
    public void A_restart_after_overdue_changes_nothing_and_one_before_begins_a_cycle()
    {
        var slip = $"{Code}/02-1";
        var restarting = (_ten with { SupplementRule = SupplementRule.Restart }).After(new SupplementRequested(On(5, 11), slip, ["bản vẽ"]), 2);
        var overdue = Raise(restarting, On(5, 18, 17)).After(new SlipDelivered(On(5, 19), slip, Delivery.Counter, null) { Due = On(5, 18, 17) }, 10);
        overdue = overdue.After(new SupplementProvided(On(5, 19, 10), slip) { Due = On(5, 18, 17) }, 11);
        overdue.Cycle!.Number.ShouldBe(1);
        Due(overdue).ShouldBe(["overdue-1 2026-05-19 17:00", "warning>l0 2026-05-19 17:00", "overdue-3 2026-05-21 17:00"]);

        var alerted = Raise(restarting, On(5, 14, 11)).After(new SlipDelivered(On(5, 15), slip, Delivery.Counter, null), 10);
        var anew = alerted.After(new SupplementProvided(On(5, 20), slip) { Due = On(6, 3, 17) }, 11);
        anew.Cycle!.Number.ShouldBe(2);
        RaiseAlerts.Decide(anew, Ladders.None, _calendar, _centre, On(5, 20)).ShouldBe([new AlertWithdrawn(On(5, 20), "warning", 1, "new cycle")]);
        Due(anew)[0].ShouldBe("warning 2026-06-01 09:53", "three quarters of what runs from Wednesday 9:00 on");
    }

    [Fact]
    public void A_decision_announcing_next_friday_a_holiday_moves_the_alerts_with_the_date()
    {
        // Thursday 14 May: Friday 22 May is taken off. Due was Monday 25 May.
        var fifteen = Raise(Received(On(5, 4), "15 days", On(5, 25, 17)), On(5, 14));
        var calendar = _calendar.With(new CalendarDecision("TB 9", new(2026, 5, 14), null, [new(new(2026, 5, 22), new("mourning", "quốc tang"))], [], "test"));
        var moved = fifteen.After(new DueDateReprojected(On(5, 14, 10), "TB 9") { Due = On(5, 26, 17) }, 10);
        Due(fifteen).ShouldContain("apology 2026-05-21 17:00");
        Alarm.Of(moved, Ladders.None, calendar).Select(Text).ShouldContain("apology 2026-05-21 17:00", "Friday is off: two working days before Tuesday is Thursday still");
        Alarm.Of(moved, Ladders.None, calendar).Select(Text).ShouldContain("overdue 2026-05-26 17:00");
        moved.Cycle!.Number.ShouldBe(2);
    }

    [Fact]
    public void What_finished_early_and_was_told_late_is_withdrawn_and_what_finished_late_is_closed()
    {
        var alerted = Raise(_ten, On(5, 19)).After(new DossierDecided(On(5, 18), DecisionOutcome.Approved, null), 10);
        var inTime = alerted.After(new ResultReady(On(5, 18, 16)), 11);
        RaiseAlerts.Decide(inTime, Ladders.None, _calendar, _centre, On(5, 20)).ShouldBe([new AlertWithdrawn(On(5, 20), "overdue", 1, "finished")]);
        var late = alerted.After(new ResultReady(On(5, 19)), 11);
        RaiseAlerts.Decide(late, Ladders.None, _calendar, _centre, On(5, 30)).ShouldBeEmpty();
        late.Alerts.ShouldAllBe(a => !a.IsOpen);
    }

    [Fact]
    public void The_clock_stepped_by_an_hour_in_either_direction_raises_every_alert_once()
    {
        var (dossier, raised) = (_ten, new List<string>());
        foreach (var now in (DateTimeOffset[])[On(5, 18, 16), On(5, 18, 17), On(5, 18, 16), On(5, 18, 17), On(5, 18, 18), On(5, 18, 17)])
        {
            raised.AddRange(Raised(dossier, now).Select(r => r.Rule));
            dossier = Raise(dossier, now);
        }
        raised.ShouldBe(["warning", "apology", "overdue"], ignoreOrder: true);
    }

    [Fact]
    public void An_imported_dossier_owes_nothing_before_its_cut_over_unless_its_past_is_ticked()
    {
        var imported = _ten.After(new DossierImported(On(5, 19), "old.csv", "00", "csv", "line 1", null, null), 2);
        Due(imported).ShouldBe(["overdue-1 2026-05-19 17:00", "overdue-3 2026-05-21 17:00"]);
        Alarm.Of(imported, Ladders.None, _calendar, past: true).Count().ShouldBe(5);
    }

    [Fact]
    public void A_warning_that_nobody_acknowledges_climbs_after_its_time_and_a_snooze_puts_that_off()
    {
        var warned = Raise(_ten, On(5, 14, 11));
        Due(warned).ShouldContain("warning>l0 2026-05-15 11:00");
        Due(warned.After(new AlertSnoozed(On(5, 14, 14), "warning", 1, "officer-holder", On(5, 15, 9), "chờ"), 9)).ShouldContain("warning>l0 2026-05-18 09:00");
        Due(warned.After(new AlertAcknowledged(On(5, 14, 14), "warning", 1, "officer-holder"), 9)).ShouldNotContain(a => a.StartsWith("warning>"));
    }

    [Fact]
    public void A_step_over_its_budget_is_told_to_the_units_head_once_for_each_step()
    {
        var step = _ten.After(new StepStarted(On(5, 4), "thẩm định", "officer-holder", null, On(5, 5, 11)), 2);
        Raised(step, On(5, 5, 11)).Select(Told).ShouldBe(["step to chief:chief-holder"]);
        var second = Raise(step, On(5, 5, 11)).After(new StepCompleted(On(5, 5, 14), "thẩm định", null, null), 9).After(new StepStarted(On(5, 5, 14), "ký", null, null, On(5, 6, 11)), 10);
        Raised(second, On(5, 6, 11)).Select(r => (r.Rule, r.Cycle)).ShouldBe([("step", 2)]);
    }

    [Fact]
    public void A_ladder_rules_what_falls_due_while_it_holds()
    {
        var decided = Ladders.Parse("""{"shortUnderHours":32,"rules":[{"name":"warning","clock":"handling","level":"warning","percent":90,"to":["supervisor"]},{"name":"overdue","clock":"handling","level":"l1","hours":0,"to":["director"]}]}"""u8);
        var ladders = Ladders.Fold([Stored(Ladders.OfAgency("H49.12"), decided with { OccurredAt = On(5, 15) })]);
        Alarm.Of(_ten, ladders, _calendar).OrderBy(a => a.DueAt).Select(Text).ShouldBe(["warning 2026-05-14 09:53", "apology 2026-05-14 17:00", "warning 2026-05-15 16:21", "overdue 2026-05-18 17:00"], ignoreOrder: true);
        // Warned by the first, nobody is warned by the second.
        Alarm.Of(Raise(_ten, On(5, 15)), ladders, _calendar).Select(Text).ShouldBe(["overdue 2026-05-18 17:00"]);
        RaiseAlerts.Decide(_ten, ladders, _calendar, _centre, On(5, 18, 17)).OfType<AlertRaised>().Last().Ladder.ShouldBe("/ladder/agency/H49.12");
    }

    [Theory]
    [InlineData("""{"shortUnderHours":32,"rules":[{"name":"a","clock":"handling","level":"l1","to":["officer"]}]}""", "neither a share")]
    [InlineData("""{"shortUnderHours":32,"rules":[{"name":"a","clock":"handling","level":"l1","hours":0,"to":[]}]}""", "tells nobody")]
    [InlineData("""{"shortUnderHours":32,"rules":[{"name":"a>b","clock":"handling","level":"l1","hours":0,"to":["officer"]}]}""", "make a name")]
    [InlineData("""{"shortUnderHours":32,"rules":[{"name":"a","clock":"handling","level":"l1","percent":101,"to":["officer"]}]}""", "percent")]
    [InlineData("""{"shortUnderHours":32,"rules":[{"name":"a","clock":"nope","level":"l1","hours":0,"to":["officer"]}]}""", "line 1")]
    [InlineData("""null""", "no ladder")]
    public void A_ladder_that_makes_no_sense_is_refused_with_the_place(string json, string why) =>
        Should.Throw<UserError>(() => Ladders.Parse(System.Text.Encoding.UTF8.GetBytes(json))).Message.ShouldContain(why);

    private static IEnumerable<OrganisationEvent> Held(string post, string unit, PostRole role) =>
        [new PostCreated(On(1, 1), post, unit, new(post, post), role, null), new HolderAppointed(On(1, 1), post, $"{post}-holder")];

    private static DossierReceived Receipt(DateTimeOffset at, string limit, DateTimeOffset due) =>
        new(at, new("P-1", 1), "counter", "H49.12", "H49.12-01", "officer-holder", Limit.Parse(limit), due, null);

    private static Dossier Received(DateTimeOffset at, string limit, DateTimeOffset due) => Nothing.After(Receipt(at, limit, due), 1);

    private static List<string> Due(Dossier dossier) => [.. Alarm.Of(dossier, Ladders.None, _calendar).OrderBy(a => a.DueAt).ThenBy(a => a.Rule, StringComparer.Ordinal).Select(Text)];

    private static string Text(Alarm alarm) => $"{alarm.Rule} {alarm.DueAt:yyyy-MM-dd HH:mm}";

    private static string Told(AlertRaised raised) => $"{raised.Rule} to {string.Join(", ", raised.To.Select(t => $"{t.Post}:{t.Person}"))}";

    private static List<AlertRaised> Raised(Dossier dossier, DateTimeOffset now) => [.. RaiseAlerts.Decide(dossier, Ladders.None, _calendar, _centre, now).OfType<AlertRaised>()];

    private static Dossier Raise(Dossier dossier, DateTimeOffset now) =>
        RaiseAlerts.Decide(dossier, Ladders.None, _calendar, _centre, now).Aggregate(dossier, (d, e) => d.After(e, d.Version + 1));

    private static StoredEvent Stored(string stream, object @event) => new(
        1, Guid.Empty, stream, 1, ProductEvents.Names.Encode(@event).Name, System.Text.Encoding.UTF8.GetBytes(ProductEvents.Names.Encode(@event).Json), DateTimeOffset.MinValue, null, null, null, ProductEvents.Names);
}
