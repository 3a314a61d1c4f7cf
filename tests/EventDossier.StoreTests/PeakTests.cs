using EventDossier.Applicants;
using EventDossier.Collecting;
using EventDossier.Deliveries;
using EventDossier.Dossiers;
using EventDossier.Queues;
using EventDossier.Store;

namespace EventDossier.StoreTests;

/// <summary>Numbers drawn at a counter, and results that nobody fetches.</summary>
public sealed class PeakTests : IAsyncLifetime
{
    private const string Place = "H49.30";
    private static readonly Sealed _applicant = new(new("5f0f3b6a-9f53-4a6f-8f6e-2f0a6b1d7c02"), "kpSIKp2lXzYb3S1v");
    private Centre _centre = null!;
    private QueueDesk _queue = null!;

    public async Task InitializeAsync() => (_centre, _queue) = (await Centre.OpenAsync(), null!);

    public Task DisposeAsync() => _centre.DisposeAsync().AsTask();

    private QueueDesk Queue => _queue ??= new(_centre.Database);

    private ActContext After(double minutes) => _centre.Context() is var context ? context with { At = _centre.Now.AddMinutes(minutes), Now = _centre.Now.AddMinutes(minutes) } : null!;

    [Fact]
    public async Task Many_who_draw_at_once_get_every_number_once_and_counters_that_call_at_once_call_each_once()
    {
        var drawn = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Queue.TakeAsync(Place, null, After(0))));
        drawn.Select(d => d.Ticket!.Number).Order().ShouldBe(Enumerable.Range(1, 20));
        var called = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => Queue.CallNextAsync(Place, $"{i}", After(1))));
        called.Select(c => c.Ticket!.Number).Order().ShouldBe([1, 2, 3, 4, 5]);

        var again = After(2);
        var one = await Queue.TakeAsync(Place, "đất đai", again);
        (await Queue.TakeAsync(Place, "đất đai", again)).Ticket!.ShouldBe(one.Ticket, "the same command draws no second number");
        (await Queue.TakeAsync(Place, "khác", again with { Command = again.Command with { Request = "other" } })).Refusal!.Code.ShouldBe("key-reused");
        (await Queue.TakeAsync("H49.31", null, After(2))).Ticket!.Number.ShouldBe(1, "each place has its own numbers");
    }

    [Fact]
    public async Task A_ticket_goes_its_way_and_no_other_and_its_minutes_are_the_figure()
    {
        var slow = (await Queue.TakeAsync(Place, null, After(0))).Ticket!.Id;
        var quick = (await Queue.TakeAsync(Place, null, After(0))).Ticket!.Id;
        var gone = (await Queue.TakeAsync(Place, null, After(1))).Ticket!.Id;
        await Queue.TakeAsync(Place, null, After(2));

        (await Queue.ServeAsync(slow, null, After(3))).Refusal!.Code.ShouldBe("not-called");
        (await Queue.CallNextAsync(Place, "4", After(5))).Ticket!.Id.ShouldBe(slow, "the longest waiting first");
        (await Queue.CallAsync(slow, " ", After(6))).Refusal!.Code.ShouldBe("counter-missing");
        (await Queue.CallAsync(slow, "4", After(7))).Ticket!.ShouldSatisfyAllConditions(t => t.WaitMinutes.ShouldBe(5), t => t.ComeAt.ShouldBe(_centre.Now.AddMinutes(7)));
        (await Queue.ServeAsync(slow, "no-such", After(30))).Refusal!.Code.ShouldBe("no-such-dossier");
        var code = await _centre.ReceiveAsync();
        (await Queue.ServeAsync(slow, code, After(30))).Ticket!.ShouldSatisfyAllConditions(t => t.ServiceMinutes.ShouldBe(23), t => t.Dossier.ShouldBe(code));
        (await Queue.CallAsync(slow, "4", After(31))).Refusal!.Code.ShouldBe("ticket-over");
        (await Queue.LeaveAsync(slow, null, After(31))).Refusal!.Code.ShouldBe("ticket-over");
        (await Queue.CallAsync(quick, "5", After(20))).Refusal.ShouldBeNull();
        (await Queue.ServeAsync(quick, null, After(19))).Refusal!.Code.ShouldBe("out-of-order");
        (await Queue.ServeAsync(quick, null, After(35))).Ticket!.ServiceMinutes.ShouldBe(15);
        (await Queue.LeaveAsync(gone, "về trước", After(8))).Ticket!.State.ShouldBe(TicketState.Left);
        (await Queue.CallAsync("H49.30/260504/0099", "4", After(8))).Refusal!.Code.ShouldBe("no-such-ticket");
        (await Queue.TakeAsync(Place, null, _centre.Context(role: Role.Officer))).Refusal!.Code.ShouldBe("not-allowed");
        (await Queue.TakeAsync("/x", null, After(0))).Refusal!.Code.ShouldBe("no-such-unit");

        var figures = await CounterTime.OfAsync(_centre.Database, _centre.Now.AddHours(-1), _centre.Now.AddHours(1), Place);
        (figures.Taken, figures.Served, figures.Left, figures.LeftWaiting, figures.Waiting).ShouldBe((4, 2, 1, 1, 1));
        figures.Wait.ShouldBe(new(1, 2, 5, 20), "one of two was called within 15 minutes");
        figures.Service.ShouldBe(new(1, 2, 15, 23));
        (figures.Definition.Version, figures.Definition.TargetMinutes, figures.Tickets.Count).ShouldBe(("counter-time/1", 15, 4));
        (await CounterTime.OfAsync(_centre.Database, _centre.Now.AddHours(1), _centre.Now.AddHours(2), null)).Taken.ShouldBe(0);

        // In pages: the figures are of all, whatever is told of the tickets.
        var (told, next) = (new List<string>(), default(string));
        do
        {
            var page = await CounterTime.OfAsync(_centre.Database, _centre.Now.AddHours(-1), _centre.Now.AddHours(1), null, next, limit: 3);
            (page.Taken, page.Tickets.Count <= 3).ShouldBe((4, true));
            told.AddRange(page.Tickets.Select(t => t.Id));
            next = page.Next;
        }
        while (next is not null);
        told.ShouldBe((await Queue.OfDayAsync(Place, DateOnly.FromDateTime(_centre.Now.DateTime))).Select(t => t.Id));
        figures.Tickets.ShouldBe(await Queue.OfDayAsync(Place, DateOnly.FromDateTime(_centre.Now.DateTime)), "the view has what the log has");
    }

    [Fact]
    public async Task A_result_that_nobody_fetches_is_listed_and_reminded_of_by_the_rule_once_each_and_no_more_when_it_is_fetched()
    {
        _centre.Now = _centre.Now.AddDays(-14); // its Monday two weeks before
        var (kept, fetched, nameless) = (await _centre.ReceiveAsync(applicant: _applicant), await _centre.ReceiveAsync(applicant: _applicant), await _centre.ReceiveAsync());
        foreach (var code in (string[])[kept, fetched, nameless])
            await _centre.FinishAsync(code);
        var ready = _centre.Now;
        (await _centre.DoAsync(fetched, new ReturnResult(ReturnChannel.Counter))).Refusal.ShouldBeNull();
        await _centre.CatchUpAsync();

        var calendar = (await Rulebook.LoadAsync(_centre.Database)).Calendar;
        (await Uncollected.ListAsync(_centre.Database, calendar, ready.AddDays(9))).Select(r => (r.Code, r.WorkingDays, r.Reminders)).ShouldBe([(kept, 6, 0), (nameless, 6, 0)], ignoreOrder: true);

        // Ready on Monday 20 April; five working days after it, the 27th being a holiday, end on Tuesday 28 April at 17:00.
        var by = Centre.Command(role: Role.Administrator);
        async Task<IReadOnlyList<string>> RemindAsync(int month, int day, int hour) => await Uncollected.RemindAsync(_centre.Database, new(2026, month, day, hour, 0, 0, TimeSpan.FromHours(7)), by);
        (await RemindAsync(4, 28, 16)).ShouldBeEmpty();
        (await Task.WhenAll(RemindAsync(4, 28, 17), RemindAsync(4, 28, 17))).SelectMany(r => r).ShouldBe([kept], "whoever runs it, once");
        (await RemindAsync(4, 29, 8)).ShouldBeEmpty();
        (await RemindAsync(6, 30, 8)).ShouldBe([kept]);
        var dossier = Dossier.Fold(kept, await _centre.Database.Log.ReadStreamAsync(kept));
        (dossier.Reminders, Notices.Of(new CollectionReminded(ready, 3, 0))).ShouldBe((3, NoticeKind.ResultWaiting), "of two that were missed the latest alone");
        Notices.Outdated(new CollectionReminded(ready, 3, 0), dossier).ShouldBeNull();
        (await _centre.DoAsync(kept, new ReturnResult(ReturnChannel.Counter))).Refusal.ShouldBeNull();
        Notices.Outdated(new CollectionReminded(ready, 3, 0), Dossier.Fold(kept, await _centre.Database.Log.ReadStreamAsync(kept))).ShouldBe("returned");
        (await RemindAsync(12, 30, 8)).ShouldBeEmpty();
        (await _centre.VerifyAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_rule_is_versioned_data_that_holds_from_its_day_and_bad_data_decides_nothing()
    {
        var (now, by) = (TestDatabase.Time.GetUtcNow(), Centre.Command(role: Role.Administrator));
        Task<long> DecideAsync(string json, DateTimeOffset from) => ReminderRule.DecideAsync(_centre.Database, System.Text.Encoding.UTF8.GetBytes(json), from, by);
        (await ReminderRule.AtAsync(_centre.Database, now)).ShouldBe(ReminderRule.Product);
        ReminderRule.Product.Basis.ShouldStartWith("unverified:");
        (await DecideAsync("""{"afterWorkingDays": [3], "basis": "QĐ 77"}""", now.AddDays(-1))).ShouldBe(1);
        (await DecideAsync("""{"afterWorkingDays": [3], "basis": "QĐ 77"}""", now)).ShouldBe(1, "the same again decides nothing");
        (await DecideAsync("""{"afterWorkingDays": [4], "basis": "QĐ 78"}""", now.AddDays(30))).ShouldBe(2);
        var later = TestDatabase.Time.GetUtcNow().AddSeconds(1);
        ((await ReminderRule.AtAsync(_centre.Database, later)).AfterWorkingDays[0], (await ReminderRule.AtAsync(_centre.Database, now.AddDays(-2))).Version).ShouldBe((3, 0L));
        (await ReminderRule.AtAsync(_centre.Database, now.AddDays(31))).AfterWorkingDays.ShouldBe([4]);
        foreach (var (json, place) in (IEnumerable<(string, string)>)
        [
            ("""{"afterWorkingDays": [], "basis": "x"}""", "afterWorkingDays"), ("""{"afterWorkingDays": [5, 5], "basis": "x"}""", "afterWorkingDays"), ("""{"afterWorkingDays": [0], "basis": "x"}""", "afterWorkingDays"),
            ("""{"afterWorkingDays": [5], "basis": " "}""", "basis"), ("""{"afterWorkingDays": [5]}""", "line 1"), ("{", "line 1"),
        ])
        {
            (await Should.ThrowAsync<UserError>(() => DecideAsync(json, now))).ShouldSatisfyAllConditions(e => e.Code.ShouldBe("bad-rule"), e => e.Message.ShouldStartWith(place));
        }
    }
}
