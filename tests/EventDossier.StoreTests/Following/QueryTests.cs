using EventDossier.Alerts;
using EventDossier.Deadlines;
using EventDossier.Dossiers;

namespace EventDossier.StoreTests.Following;

public sealed class QueryTests : IAsyncLifetime
{
    private static readonly DateTimeOffset _received = new(2026, 5, 4, 9, 0, 0, TimeSpan.FromHours(7));
    private Centre _centre = null!;

    public async Task InitializeAsync() => _centre = await Centre.OpenAsync();

    public Task DisposeAsync() => _centre.DisposeAsync().AsTask();

    /// <param name="due">Days after the receipt.</param>
    private async Task ToldAsync(string code, double? due = null, string? agency = null, string? unit = null, string? officer = null, double? finished = null)
    {
        List<object> events = [new DossierReceived(_received, null, "Internet", agency, unit, officer, null, due is null ? null : _received.AddDays(due.Value), null)];
        if (finished is not null)
            events.Add(new ResultReady(_received.AddDays(finished.Value)));
        await _centre.Database.Log.AppendAsync([new(code, Desk.StreamType, 0, Centre.Command(), events)]);
    }

    // ---- overview

    private async Task<string[]> FoundAsync(Overview.Query query) => [.. (await Overview.View.FindAsync(_centre.Database.App, query)).Select(r => r.Code)];

    [Theory]
    [InlineData("dang ky", "D-1")]
    [InlineData("ĐĂNG KÝ", "D-1")]
    [InlineData("Nguyen", "D-1 D-2")]
    [InlineData("nguyễn đứ", "D-1")]
    [InlineData("hoa nguy", "D-2")]
    [InlineData("guyen", "")]
    [InlineData("H49.12", "D-1 D-2")]
    [InlineData("H49.1", "D-1 D-2 D-3")]
    [InlineData("d-3", "D-3")]
    [InlineData("internet -- & | ! : * ( '", "D-1 D-2 D-3")]
    [InlineData("  ", "D-1 D-2 D-3")]
    public async Task Dossiers_are_found_by_the_beginnings_of_words_without_their_marks(string search, string found)
    {
        await ToldAsync("D-1", agency: "H49.12", unit: "Phòng Đăng ký", officer: "Nguyễn Văn Đức");
        await ToldAsync("D-2", agency: "H49.12", officer: "Nguye\u0302\u0303n Thị Hoa");
        await ToldAsync("D-3", agency: "H49.13");
        await _centre.CatchUpAsync();
        (await FoundAsync(new(search))).ShouldBe(found.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Pages_of_the_overview_follow_each_other_and_filters_narrow_them()
    {
        for (var i = 1; i <= 7; i++)
            await ToldAsync($"D-{i}", agency: i % 2 == 0 ? "even" : "odd", unit: i > 3 ? "late" : "early", officer: $"o{i}", finished: i == 7 ? 1 : null);
        await _centre.CatchUpAsync();

        (await FoundAsync(new(Limit: 3))).ShouldBe(["D-1", "D-2", "D-3"]);
        (await FoundAsync(new(After: "D-3", Limit: 3))).ShouldBe(["D-4", "D-5", "D-6"]);
        (await FoundAsync(new(After: "D-6", Limit: 3))).ShouldBe(["D-7"]);
        (await FoundAsync(new(After: "D-7"))).ShouldBeEmpty();
        (await FoundAsync(new("internet", Agency: "odd", Unit: "late"))).ShouldBe(["D-5", "D-7"]);
        (await FoundAsync(new(Officer: "o2"))).ShouldBe(["D-2"]);
        (await FoundAsync(new(Stage: Stage.ResultReady))).ShouldBe(["D-7"]);
    }

    // ---- deadlines

    private async Task<string[]> OverdueAsync(double days, DeadlineBoard.Query? query = null)
    {
        var at = _received.AddDays(days);
        var rows = await DeadlineBoard.View.OverdueAsync(_centre.Database.App, at, query ?? new());
        if (query is not { After: not null } && rows.Count < (query?.Limit ?? 50))
            (await DeadlineBoard.View.CountOverdueAsync(_centre.Database.App, at, query ?? new())).ShouldBe(rows.Count);
        return [.. rows.Select(r => r.Code)];
    }

    [Fact]
    public async Task What_is_overdue_at_any_moment_is_due_before_it_and_not_finished_by_then()
    {
        await ToldAsync("open", due: 2);
        await ToldAsync("in-time", due: 4, finished: 3);
        await ToldAsync("late", due: 3, finished: 6);
        await ToldAsync("no-due");
        await _centre.CatchUpAsync();

        (await OverdueAsync(2)).ShouldBeEmpty("due at the moment itself is not over");
        (await OverdueAsync(2.5)).ShouldBe(["open"]);
        (await OverdueAsync(5)).ShouldBe(["open", "late"], "finished later than the moment asked for");
        (await OverdueAsync(6)).ShouldBe(["open"], "finished at that moment");
        (await OverdueAsync(4000)).ShouldBe(["open"], "in the future, what is still open");
        (await OverdueAsync(-1)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_of_the_overdue_follow_each_other_by_due_and_code_and_filters_narrow_them()
    {
        for (var i = 1; i <= 6; i++)
            await ToldAsync($"D-{i}", due: i < 4 ? 1 : 2, agency: i % 2 == 0 ? "even" : "odd", unit: i > 2 ? "u" : "v", officer: $"o{i}", finished: i == 5 ? 9 : null);
        await _centre.CatchUpAsync();

        (await OverdueAsync(3, new(Limit: 2))).ShouldBe(["D-1", "D-2"]);
        (await OverdueAsync(3, new(After: (_received.AddDays(1), "D-2"), Limit: 2))).ShouldBe(["D-3", "D-4"]);
        (await OverdueAsync(3, new(After: (_received.AddDays(2), "D-4"), Limit: 2))).ShouldBe(["D-5", "D-6"]);
        (await OverdueAsync(3, new(After: (_received.AddDays(2), "D-6")))).ShouldBeEmpty();
        (await OverdueAsync(3, new(Agency: "odd", Unit: "u"))).ShouldBe(["D-3", "D-5"]);
        (await OverdueAsync(3, new(Officer: "o4"))).ShouldBe(["D-4"]);
    }

    private static readonly string[]?[] _scopes = [null, ["a1"], ["a1", "u1"], ["u2"], ["u1", "u2", "a2"], ["nobody's"]];
    private static readonly string?[] _agencies = [null, "a1", "a2"];
    private static readonly string?[] _units = [null, "u1", "u2"];

    [Fact]
    public async Task Every_combination_of_filters_of_the_overdue_finds_what_going_through_them_all_finds()
    {
        var told = (from n in Enumerable.Range(0, 48) select (
            Code: $"D-{n:00}", Due: 1 + (n % 5), Agency: n % 3 == 0 ? null : $"a{n % 3}", Unit: n % 7 == 0 ? null : $"u{n % 4}", Officer: $"o{n % 2}", Finished: n % 6 == 0 ? 2.5 + (n % 4) : (double?)null)).ToList();
        foreach (var d in told)
            await ToldAsync(d.Code, d.Due, d.Agency, d.Unit, d.Officer, d.Finished);
        await _centre.CatchUpAsync();
        foreach (var (units, agency) in from u in _scopes from a in _agencies select (u, a))
        {
            foreach (var (unit, officer, at, paged) in from u in _units from o in (string?[])[null, "o1"] from t in (double[])[3.5, 9] from p in (bool[])[false, true] select (u, o, t, p))
            {
                var found = await OverdueAsync(at, new(agency, unit, officer, paged ? (_received.AddDays(2), "D-20") : null, 12) { Units = units });
                found.ShouldBe(
                    (from d in told
                    where d.Due < at && !(d.Finished <= at) && (agency ?? d.Agency) == d.Agency && (unit ?? d.Unit) == d.Unit && (officer ?? d.Officer) == d.Officer
                        && (units is null || units.Contains(d.Agency) || units.Contains(d.Unit)) && (!paged || (d.Due, d.Code).CompareTo((2, "D-20")) > 0)
                    orderby d.Due, d.Code select d.Code).Take(12), $"{string.Join(' ', units ?? ["all"])}, {agency}, {unit}, {officer}, {at}, {paged}");
            }
        }
    }

    [Fact]
    public async Task Every_combination_of_filters_of_the_inbox_finds_what_going_through_them_all_finds()
    {
        var told = (from n in Enumerable.Range(0, 40) select (
            Code: $"D-{n:00}", Due: 1 + (n % 5), Agency: n % 3 == 0 ? null : $"a{n % 3}", Unit: n % 7 == 0 ? "u9" : $"u{n % 4}", Person: $"p{n % 3}", Level: (AlertLevel)(n % 4), Acknowledged: n % 6 == 0)).ToList();
        foreach (var d in told)
        {
            List<object> events =
            [
                new DossierReceived(_received, null, "Internet", d.Agency, d.Unit, null, null, _received.AddDays(d.Due), null),
                new AlertRaised(_received.AddDays(d.Due), "rule", 1, d.Level, 1, _received.AddDays(d.Due), [new(null, d.Unit, d.Person)]),
            ];
            if (d.Acknowledged)
                events.Add(new AlertAcknowledged(_received.AddDays(d.Due), "rule", 1, d.Person));
            await _centre.Database.Log.AppendAsync([new(d.Code, Desk.StreamType, 0, Centre.Command(), events)]);
        }
        await _centre.CatchUpAsync();
        foreach (var (units, agency, unit) in from s in _scopes from a in _agencies from u in _units select (s, a, u))
        {
            foreach (var (person, level, acknowledged, paged) in from w in (string?[])[null, "p2"] from l in (AlertLevel?[])[null, AlertLevel.L1] from k in (bool?[])[null, true, false] from p in (bool[])[false, true] select (w, l, k, p))
            {
                var after = paged ? new Inbox.Row("D-20", "rule", 1, 0, default, _received.AddDays(2), default) : null;
                var found = await Inbox.View.FindAsync(_centre.Database.App, new(person, unit, agency, level, acknowledged, after, 12) { Units = units, Self = units is null ? null : "p1" });
                found.Select(r => r.Code).ShouldBe(
                    (from d in told
                     where (person ?? d.Person) == d.Person && (agency ?? d.Agency) == d.Agency && (unit ?? d.Unit) == d.Unit && (level ?? d.Level) == d.Level && (acknowledged ?? d.Acknowledged) == d.Acknowledged
                        && (units is null || units.Contains(d.Agency) || units.Contains(d.Unit) || d.Person == "p1") && (!paged || (d.Due, d.Code).CompareTo((2, "D-20")) > 0)
                     orderby d.Due, d.Code select d.Code).Take(12), $"{string.Join(' ', units ?? ["all"])}, {agency}, {unit}, {person}, {level}, {acknowledged}, {paged}");
            }
        }
    }

    // ---- work list

    private async Task<string[]> WorkAsync(string? officer = null, string? unit = null) => [.. (await WorkList.View.OfAsync(_centre.Database.App, officer, unit)).Select(r => r.Code)];

    [Fact]
    public async Task Work_is_listed_by_due_date_with_what_has_none_last_and_its_pages_follow_each_other()
    {
        await ToldAsync("D-1", due: 3, officer: "o1", unit: "u1");
        await ToldAsync("D-2", officer: "o1", unit: "u1");
        await ToldAsync("D-3", due: 1, officer: "o1", unit: "u2");
        await ToldAsync("D-4", officer: "o1", unit: "u1");
        await ToldAsync("D-5", due: 3, officer: "o2", unit: "u1");
        await ToldAsync("D-6", due: 1, officer: "o1", finished: 1);
        await _centre.CatchUpAsync();

        (await WorkAsync()).ShouldBe(["D-3", "D-1", "D-5", "D-2", "D-4"]);
        (await WorkAsync(officer: "o1")).ShouldBe(["D-3", "D-1", "D-2", "D-4"]);
        (await WorkAsync(unit: "u1", officer: "o2")).ShouldBe(["D-5"]);
        var pages = new List<string>();
        for ((DateTimeOffset?, string)? after = null; (await WorkList.View.OfAsync(_centre.Database.App, null, null, after, limit: 1)) is [var next]; after = (next.Due, next.Code))
            pages.Add(next.Code);
        pages.ShouldBe(["D-3", "D-1", "D-5", "D-2", "D-4"]);
    }
}
