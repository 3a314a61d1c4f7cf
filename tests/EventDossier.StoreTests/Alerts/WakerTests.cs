using EventDossier.Alerts;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using EventDossier.Store;

namespace EventDossier.StoreTests.Alerts;

/// <summary>The alarm clock on a real log: every alert once, whoever raises it and however often it is asked.</summary>
public sealed class WakerTests : IAsyncLifetime
{
    private Centre _centre = null!;
    private Waker _waker = null!;

    /// <summary>A sample database, whose time is the test's.</summary>
    public async Task InitializeAsync()
    {
        _centre = await Centre.OpenAsync(sample: true);
        _waker = new(_centre.Database);
    }

    public Task DisposeAsync() => _centre.DisposeAsync().AsTask();

    // Received Monday 4 May at 9:00, five working days.
    private static readonly DateTimeOffset _due = At(5, 11, 17);

    private static DateTimeOffset At(int month, int day, int hour, int minute = 0) => new(2026, month, day, hour, minute, 0, TimeSpan.FromHours(7));

    [Fact]
    public async Task The_clock_stepped_back_and_forth_by_an_hour_raises_every_alert_once_and_nothing_is_found()
    {
        var code = await ReceiveAsync();
        var raised = new List<int>();
        foreach (var now in (DateTimeOffset[])[_due.AddHours(-1), _due, _due.AddHours(-1), _due, _due.AddHours(1), _due.AddHours(-1)])
            raised.Add((await _waker.TickAsync(now)).Raised);
        raised.ShouldBe([2, 1, 0, 0, 0, 0]);
        (await AlertsAsync(code)).Select(a => a.Rule).ShouldBe(["warning", "apology", "overdue"], ignoreOrder: true);
    }

    [Fact]
    public async Task Deadlines_that_passed_while_everything_was_down_are_raised_at_start_with_both_moments()
    {
        var code = await ReceiveAsync();
        await _waker.TickAsync(At(5, 20, 9));
        var overdue = (await AlertsAsync(code)).Single(a => a.Rule == "overdue");
        (overdue.DueAt, overdue.OccurredAt).ShouldBe((_due, At(5, 20, 9)));
        (await VerifyAsync(At(5, 20, 10))).Findings.ShouldContain(f => f.Kind == "alert-late" && f.Expected!.StartsWith("overdue cycle 1") && f.Actual!.Contains("8.16:00:00 late"));
    }

    [Fact]
    public async Task In_a_sample_what_fell_due_while_nothing_ran_is_raised_at_its_own_moments_and_is_nobodys_news()
    {
        var code = await ReceiveAsync();
        await _waker.MakeUpAsync(At(5, 20, 9));
        (await AlertsAsync(code)).ShouldAllBe(a => a.OccurredAt == a.DueAt);
        (await AlertsAsync(code)).Select(a => a.Rule).ShouldBe(["apology", "warning", "warning>l0", "overdue", "overdue-1", "overdue-3"], ignoreOrder: true);
        (await VerifyAsync(At(5, 20, 9))).Findings.ShouldBeEmpty();
        (await _waker.MakeUpAsync(At(5, 20, 9))).Raised.ShouldBe(0);
    }

    [Fact]
    public async Task A_decision_on_the_calendar_plans_every_open_dossier_anew()
    {
        var code = await ReceiveAsync();
        await _centre.CatchUpAsync();
        var before = await NextAsync(code);
        await Calendars.EnterAsync(_centre.Database, [new("TB 9", new(2026, 5, 4), null, [new(new(2026, 5, 7), new("mourning", "quốc tang"))], [], "test")], _centre.Now, Centre.Command());
        await _centre.CatchUpAsync();
        before.ShouldBe(At(5, 7, 17));
        (await NextAsync(code)).ShouldBe(At(5, 6, 17), "Thursday is off: two working days before Monday's closing are Wednesday's");
        (await VerifyViewsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_decision_on_the_calendar_makes_nothing_fall_due_in_what_was_finished_before_it()
    {
        // Without Friday the warning would have been due on Wednesday's closing; on Thursday morning it was not, by what was known.
        var code = await ReceiveAsync();
        (await ActAsync(code, new DecideDossier(DecisionOutcome.Approved), At(5, 7, 9))).Refusal.ShouldBeNull();
        (await ActAsync(code, new MakeResultReady(), At(5, 7, 10))).Refusal.ShouldBeNull();
        var decision = new CalendarDecision("TB 9", new(2026, 5, 7), null, [new(new(2026, 5, 8), new("mourning", "quốc tang"))], [], "test");
        await _centre.Database.Log.AppendAsync([new(Calendars.Stream, Calendars.StreamType, 0, Centre.Command(), [new CalendarDecided(At(5, 7, 0), decision)], At(5, 7, 15))]);
        (await _waker.TickAsync(At(5, 7, 16))).ShouldBe(new Waker.Result(0, 0, 0));
        (await ActAsync(code, new ReturnResult(ReturnChannel.Counter), At(5, 8, 9))).Refusal.ShouldBeNull();
        (await _waker.TickAsync(At(5, 8, 10))).ShouldBe(new Waker.Result(0, 0, 0));
        await _centre.CatchUpAsync();
        (await VerifyViewsAsync()).ShouldBeEmpty("the table is what a rebuild would make");
        (await VerifyAsync(At(5, 8, 11))).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_decision_that_plans_many_anew_is_written_part_by_part_and_who_follows_a_crash_goes_on_from_there()
    {
        const int Dossiers = 2500;
        await _centre.Database.Log.AppendManyNewAsync([.. Enumerable.Range(0, Dossiers).Select(i => new StreamAppend(
            $"H49.12-260504-{i:0000}", Desk.StreamType, 0, Centre.Command(),
            [new DossierReceived(At(5, 4, 9), null, null, Centre.Agency, "u1", "officer-1", Limit.Parse("5 days"), _due, null)], At(5, 4, 9)))]);
        await _centre.CatchUpAsync();
        var (before, spoilt) = (await _centre.PositionAsync(Alarms.View), "2100-01-01T00:00:00Z");
        var ladder = """{"shortUnderHours":0,"rules":[{"name":"overdue","clock":"handling","level":"l1","hours":-1,"to":["director"]}]}"""u8.ToArray();
        await Ladders.DecideAsync(_centre.Database, Ladders.Default, ladder, At(5, 4, 10), Centre.Command(), recordedAt: At(5, 4, 10));

        // Somebody holds a row of the third thousand, so the first two are written and the third is not when the follower dies.
        await using (var other = await _centre.Database.App.OpenConnectionAsync())
        {
            await using var transaction = await other.BeginTransactionAsync();
            await using (var hold = new Npgsql.NpgsqlCommand($"SELECT FROM {Alarms.View.Table} WHERE code = 'H49.12-260504-2400' FOR UPDATE", other))
                await hold.ExecuteNonQueryAsync();
            using var dies = new CancellationTokenSource();
            var following = _centre.Follower(Alarms.View).FollowAsync(dies.Token);
            await Centre.UntilAsync(async () => await ReachedAsync() == "H49.12-260504-1999", "two thousand are planned anew");
            await dies.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(following);
        }
        (await _centre.PositionAsync(Alarms.View)).ShouldBe(before, "nothing counts as done that is not");
        (await NextAsync("H49.12-260504-1999")).ShouldBe(At(5, 11, 16));
        (await NextAsync("H49.12-260504-2400")).ShouldBe(At(5, 7, 17), "until then the old moment stands");

        // What is done is not done again: a row of the first thousand that somebody spoilt stays as it is.
        await _centre.TamperAsync($"UPDATE {Alarms.View.Table} SET next_at = '{spoilt}' WHERE code = 'H49.12-260504-0007'");
        await _centre.CatchUpAsync();
        (await ReachedAsync()).ShouldBeNull();
        (await NextAsync("H49.12-260504-0007")).ShouldBe(DateTimeOffset.Parse(spoilt));
        await _centre.TamperAsync($"UPDATE {Alarms.View.Table} SET next_at = '{At(5, 11, 16):O}' WHERE code = 'H49.12-260504-0007'");
        (await VerifyViewsAsync()).ShouldBeEmpty();
        (await _waker.TickAsync(At(5, 11, 16))).Raised.ShouldBe(Dossiers);

        async Task<string?> ReachedAsync() => await _centre.AskAsync($"SELECT stream FROM dossier_views.replanning WHERE name = '{Alarms.View.Name}'") as string;
    }

    [Fact]
    public async Task A_ladder_decided_rules_what_falls_due_from_then_on_and_nothing_that_was_raised()
    {
        var code = await ReceiveAsync();
        await _waker.TickAsync(At(5, 8, 9));
        var ladder = """{"shortUnderHours":0,"rules":[{"name":"overdue","clock":"handling","level":"l1","hours":-1,"to":["director"]}]}"""u8.ToArray();
        await Ladders.DecideAsync(_centre.Database, Ladders.OfAgency(Centre.Agency), ladder, At(5, 8, 10), Centre.Command(), recordedAt: At(5, 8, 10));
        await _centre.CatchUpAsync();
        (await NextAsync(code)).ShouldBe(At(5, 11, 16));
        await _waker.TickAsync(At(5, 30, 9));
        (await AlertsAsync(code)).Select(a => (a.Rule, a.DueAt, a.LadderVersion)).ShouldBe([("apology", At(5, 7, 17), 0), ("warning", At(5, 7, 17), 0), ("overdue", At(5, 11, 16), 1)]);
    }

    [Fact]
    public async Task The_inbox_holds_each_alert_until_it_is_withdrawn_or_the_result_is_ready()
    {
        var code = await ReceiveAsync();
        await _waker.TickAsync(_due);
        await _centre.CatchUpAsync();
        var rows = await Inbox.View.FindAsync(_centre.Database.App, new());
        rows.Select(r => (r.Rule, r.Level)).ShouldBe([("apology", AlertLevel.ApologyDuty), ("warning", AlertLevel.Warning), ("overdue", AlertLevel.L1)]);
        (await Inbox.View.FindAsync(_centre.Database.App, new(After: rows[0]))).ShouldBe(rows.Skip(1));
        (await Inbox.View.FindAsync(_centre.Database.App, new(Person: "officer-1", Limit: 1))).ShouldHaveSingleItem();

        _centre.Now = _due.AddMinutes(10);
        (await _centre.DoAsync(code, new AcknowledgeAlert("overdue"))).Refusal.ShouldBeNull();
        await _centre.CatchUpAsync();
        (await Inbox.View.FindAsync(_centre.Database.App, new(Acknowledged: true))).Select(r => r.Rule).ShouldBe(["overdue"]);
        await _centre.FinishAsync(code);
        await _centre.CatchUpAsync();
        (await Inbox.View.FindAsync(_centre.Database.App, new())).ShouldBeEmpty();
        (await VerifyViewsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_inbox_of_a_moment_that_has_passed_is_what_it_showed_then()
    {
        var (code, other) = (await ReceiveAsync(), await ReceiveAsync());
        var seen = new List<(AsOf Then, IReadOnlyList<Inbox.Row> Rows)>();
        async Task LookAsync(DateTimeOffset at)
        {
            await _centre.CatchUpAsync();
            var rows = await Inbox.View.FindAsync(_centre.Database.App, new());
            seen.AddRange([(new(Legal: at), rows), (new(Position: await _centre.HeadAsync()), rows)]);
        }
        async Task DoAsync<T>(string of, T act, DateTimeOffset at) where T : IAct<T>
        {
            (await ActAsync(of, act, at)).Refusal.ShouldBeNull();
            await LookAsync(at);
        }
        await LookAsync(At(5, 7, 9));
        await _waker.TickAsync(At(5, 7, 17));
        await LookAsync(At(5, 7, 17));
        await DoAsync(code, new AcknowledgeAlert("warning"), At(5, 8, 9));
        await DoAsync(other, new SnoozeAlert("apology", At(5, 8, 16), "chờ ý kiến"), At(5, 8, 10));
        await DoAsync(other, new AssignDossier("officer-2"), At(5, 8, 11));
        await _waker.TickAsync(_due);
        await LookAsync(_due);
        await DoAsync(code, new DecideDossier(DecisionOutcome.Approved), _due.AddHours(1));
        await DoAsync(code, new MakeResultReady(), _due.AddHours(2));

        seen.Select(s => s.Rows.Count).Distinct().Count().ShouldBeGreaterThan(2);
        foreach (var (then, rows) in seen)
        {
            (await Inbox.View.ThenAsync(_centre.Database, then, new())).Rows.ShouldBe(rows, $"{then}");
            (await Inbox.View.ThenAsync(_centre.Database, then, new(Acknowledged: false, Level: AlertLevel.Warning))).Rows.ShouldBe(rows.Where(r => r is { AcknowledgedAt: null, Level: AlertLevel.Warning }), $"{then}");
            if (rows.Count > 1)
                (await Inbox.View.ThenAsync(_centre.Database, then, new(After: rows[0], Limit: 1))).Rows.ShouldBe([rows[1]], $"{then}");
        }
        var nobodys = await Inbox.View.ThenAsync(_centre.Database, new(Legal: _due), new(), (row, events) => row.Code == other && events[0].Stream == other);
        nobodys.Rows.ShouldAllBe(r => r.Code == other);
        nobodys.Count.ShouldBe(nobodys.Rows.Count);
        nobodys.Rows.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_pause_told_late_withdraws_the_alert_and_verification_agrees()
    {
        var code = await ReceiveAsync();
        (await ActAsync(code, new RequestSupplement(["bản vẽ"]), At(5, 11, 9))).Refusal.ShouldBeNull();
        await TickThroughAsync(At(5, 5, 9), _due);
        (await ActAsync(code, new DeliverSlip($"{code}/02-1", Delivery.Counter), At(5, 12, 8), at: _due.AddSeconds(-1))).Refusal.ShouldBeNull();
        (await _waker.TickAsync(At(5, 12, 8))).ShouldBe(new Waker.Result(1, 0, 1));
        (await VerifyAsync(At(5, 12, 9))).Findings.ShouldBeEmpty();
    }

    // ---- proof that verification bites

    [Fact]
    public async Task Where_every_alert_was_raised_at_its_moment_nothing_is_found()
    {
        await PlantAsync();
        var report = await VerifyAsync(At(5, 20, 9));
        report.Findings.ShouldBeEmpty();
        report.Checked["alerts"].ShouldBe(12);
    }

    [Fact]
    public async Task An_alert_that_was_removed_is_named_as_missed()
    {
        var code = await PlantAsync();
        await _centre.TamperAsync($"DELETE FROM dossier.mt_events WHERE stream_id = '{code}' AND data->>'rule' = 'overdue-1'");
        (await VerifyAsync(At(5, 20, 9))).Findings.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            f => f.Kind.ShouldBe("alert-missed"), f => f.Stream.ShouldBe(code), f => f.Expected!.ShouldStartWith("overdue-1 cycle 1, due 2026-05-12 17:00"));
    }

    [Fact]
    public async Task An_alert_that_was_raised_twice_is_named_as_duplicate()
    {
        var code = await PlantAsync();
        await _centre.TamperAsync(
            $"""
            INSERT INTO dossier.mt_events (seq_id, id, stream_id, version, data, type, timestamp)
            SELECT nextval('dossier.mt_events_sequence'), gen_random_uuid(), stream_id, 100, data, type, timestamp + interval '1 h' FROM dossier.mt_events
            WHERE stream_id = '{code}' AND data->>'rule' = 'overdue'
            """);
        (await VerifyAsync(At(5, 20, 9))).Findings.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            f => f.Kind.ShouldBe("alert-duplicate"), f => f.Stream.ShouldBe(code), f => f.Expected.ShouldBe("overdue cycle 1 once"));
    }

    [Fact]
    public async Task An_alert_that_was_shifted_is_named_as_late_or_for_another_moment()
    {
        var code = await PlantAsync();
        await _centre.TamperAsync($"UPDATE dossier.mt_events SET timestamp = timestamp + interval '90 min' WHERE stream_id = '{code}' AND data->>'rule' = 'overdue'");
        (await VerifyAsync(At(5, 20, 9))).Findings.ShouldHaveSingleItem().ShouldSatisfyAllConditions(f => f.Kind.ShouldBe("alert-late"), f => f.Actual!.ShouldEndWith("0.01:30:00 late"));
        await _centre.TamperAsync(
            $"""
            UPDATE dossier.mt_events SET timestamp = timestamp - interval '90 min', data = jsonb_set(data, '{"{dueAt}"}', '"2026-05-11T16:30:00+07:00"')
            WHERE stream_id = '{code}' AND data->>'rule' = 'overdue'
            """);
        (await VerifyAsync(At(5, 20, 9))).Findings.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            f => f.Kind.ShouldBe("alert-moment"), f => f.Expected.ShouldBe("overdue cycle 1 due 2026-05-11 17:00:00"), f => f.Actual.ShouldBe("due 2026-05-11 16:30:00"));
    }

    [Fact]
    public async Task An_alert_to_the_wrong_desk_is_named_as_misaddressed()
    {
        var code = await PlantAsync();
        await _centre.TamperAsync($$"""UPDATE dossier.mt_events SET data = jsonb_set(data, '{to,0,person}', '"somebody-else"') WHERE stream_id = '{{code}}' AND data->>'rule' = 'warning'""");
        (await VerifyAsync(At(5, 20, 9))).Findings.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            f => f.Kind.ShouldBe("alert-misaddressed"), f => f.Expected!.ShouldContain("(officer-1)"), f => f.Actual!.ShouldContain("(somebody-else)"));
    }

    [Fact]
    public async Task An_alert_withdrawn_without_a_reason_is_named()
    {
        var code = await PlantAsync();
        var version = (await _centre.Database.Log.ReadStreamAsync(code)).Count;
        await _centre.Database.Log.AppendAsync([new(code, Desk.StreamType, version, Centre.Command(), [new AlertWithdrawn(At(5, 19, 9), "overdue", 1, "paused")], At(5, 19, 9))]);
        (await VerifyAsync(At(5, 19, 9))).Findings.ShouldHaveSingleItem().Kind.ShouldBe("alert-wrongly-withdrawn");
    }

    // ---- many at once

    [Fact]
    public async Task Two_wakers_on_one_database_of_which_one_dies_raise_every_alert_once()
    {
        await using var centre = await Centre.OpenAsync();
        var now = new DateTimeOffset(TestDatabase.Time.GetUtcNow().UtcTicks / 10_000_000 * 10_000_000, TimeSpan.Zero);
        await centre.Database.Log.AppendManyNewAsync([.. Enumerable.Range(0, 600).Select(i => new StreamAppend(
            $"H49.12-260504-{i:0000}", Desk.StreamType, 0, Centre.Command(),
            [new DossierReceived(now.AddDays(-30), null, null, Centre.Agency, "u1", "officer-1", Limit.Parse("10 days"), now.AddMilliseconds(2000 + (i * 5)), null)]))]);
        await using var other = await Database.OpenAsync(centre.ConnectionString, ProductEvents.Names, TestDatabase.Time);
        using var dies = new CancellationTokenSource();
        using var stop = new CancellationTokenSource();
        var following = new Views([Alarms.View], centre.Database).FollowAsync(stop.Token);
        var first = new Waker(other).RunAsync(dies.Token);
        Task<long> RaisedAsync() => CountAsync(centre, "rule' = 'overdue");
        await Centre.UntilAsync(async () => await RaisedAsync() > 50, "the first raises");
        var second = new Waker(centre.Database).RunAsync(stop.Token);
        await dies.CancelAsync();
        await Centre.UntilAsync(async () => await RaisedAsync() >= 600, "the second takes over");
        await stop.CancelAsync();
        foreach (var running in (Task[])[first, second, following])
            await Should.ThrowAsync<OperationCanceledException>(running);
        (await RaisedAsync()).ShouldBe(600);
        (await new AlertVerification(centre.Database, TestDatabase.Time.GetUtcNow(), TimeSpan.FromHours(1)).RunAsync()).Findings.ShouldAllBe(f => f.Kind == "alert-late");
    }

    [Fact]
    public async Task What_somebody_does_between_the_reading_and_the_appending_is_seen_by_every_alert_that_follows()
    {
        var code = await ReceiveAsync();
        await _centre.CatchUpAsync();
        await using var other = await _centre.Database.App.OpenConnectionAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var hold = new Npgsql.NpgsqlCommand(AppendBatch.Lock, other))
            await hold.ExecuteNonQueryAsync();
        var ticking = _waker.TickAsync(At(5, 7, 17));
        await Centre.UntilAsync(async () => await WaitingAsync() > 0, "the alarm clock has decided and waits to append");
        var assigned = new StreamAppend(code, Desk.StreamType, 1, Centre.Command(), [new DossierAssigned(At(5, 7, 17), "officer-2", null)], At(5, 7, 17));
        (await AppendBatch.RunAsync(other, [EncodedAppend.From(assigned, _centre.Database.Names, sample: true)])).ShouldHaveSingleItem().ShouldBeOfType<AppendOutcome.Appended>();
        await transaction.CommitAsync();

        (await ticking).Raised.ShouldBe(2);
        (await AlertsAsync(code)).ShouldAllBe(a => a.To[0].Person == "officer-2");
        (await VerifyAsync(At(5, 7, 18))).Findings.ShouldBeEmpty();

        async Task<long> WaitingAsync()
        {
            await using var command = _centre.Database.App.CreateCommand(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }

    [Fact]
    public async Task Wakers_that_tick_at_the_same_time_raise_every_alert_once()
    {
        for (var i = 0; i < 40; i++)
            await ReceiveAsync();
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => new Waker(_centre.Database).TickAsync(_due))));
        (await CountAsync(_centre, "rule' <> '")).ShouldBe(120);
        results.Length.ShouldBe(4);
    }

    /// <summary>Two dossiers ticked through their lives; the first is the one tampered with.</summary>
    private async Task<string> PlantAsync()
    {
        var code = await ReceiveAsync();
        await ReceiveAsync();
        await TickThroughAsync(At(5, 5, 9), At(5, 19, 17));
        return code;
    }

    /// <summary>A tick every hour: all alerts of these dossiers fall due on one.</summary>
    private async Task TickThroughAsync(DateTimeOffset from, DateTimeOffset to)
    {
        for (var now = from; now <= to; now = now.AddMinutes(60))
            await _waker.TickAsync(now);
    }

    private async Task<string> ReceiveAsync()
    {
        var context = _centre.Context() with { RecordedAt = _centre.Now };
        var received = await _centre.Desk.BeginAsync(new ReceiveDossier(Centre.Procedure, Agency: Centre.Agency, Unit: "u1", Officer: "officer-1"), context);
        received.Refusal.ShouldBeNull();
        return received.Code;
    }

    private Task<Desk.Result> ActAsync<T>(string code, T act, DateTimeOffset now, DateTimeOffset? at = null) where T : IAct<T> =>
        new Desk(_centre.Database).DoAsync(code, act, new ActContext(now, Centre.Command(role: T.Rule.By[0]), at ?? now) { RecordedAt = now });

    private async Task<List<AlertRaised>> AlertsAsync(string code) =>
        [.. (await _centre.Database.Log.ReadStreamAsync(code)).Select(e => e.Event).OfType<AlertRaised>()];

    private async Task<DateTimeOffset> NextAsync(string code) =>
        new((DateTime)(await _centre.AskAsync($"SELECT next_at FROM {Alarms.View.Table} WHERE code = '{code}'"))!);

    private static async Task<long> CountAsync(Centre centre, string where) =>
        (long)(await centre.AskAsync($"SELECT count(*) FROM dossier.mt_events WHERE type = 'alert_raised' AND data->>'{where}'"))!;

    private Task<VerifyReport> VerifyAsync(DateTimeOffset asOf) => new AlertVerification(_centre.Database, asOf, TimeSpan.FromSeconds(5)).RunAsync();

    private async Task<IReadOnlyList<Finding>> VerifyViewsAsync()
    {
        var verification = new Verification(_centre.Database);
        await verification.ViewsAsync(ProductViews.All);
        return verification.Report.Findings;
    }
}
