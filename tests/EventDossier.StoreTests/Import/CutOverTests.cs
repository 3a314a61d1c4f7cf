using EventDossier.Alerts;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Import;

namespace EventDossier.StoreTests.Import;

/// <summary>Open dossiers of an older system: their clocks, their former codes, what was late already, and the two systems side by side.</summary>
public sealed class CutOverTests : IAsyncLifetime, IDisposable
{
    private const string Map =
        """
        { "caseId": "code", "activity": "step", "time": "at", "instance": "number", "receivedAt": "received", "promisedDue": "due", "limit": "limit", "used": "used", "aliases": "old",
          "agency": {"value": "H49.12"}, "unit": {"value": "H49.12-01"}, "officer": {"value": "lan"},
          "pausedBy": {"Yêu cầu bổ sung": "supplement"}, "resumedBy": ["Đã bổ sung"], "finishedBy": ["Trả kết quả"], "timeZone": "Asia/Ho_Chi_Minh" }
        """;

    private const string Header = "code,old,received,due,limit,used,step,at,number\n";

    /// <summary>A is late, its clock stood for a day; B's stands; C has time; D is finished.</summary>
    private const string Cases =
        "A-1,KT-77/2026,2026-04-17T10:00,2026-04-24T17:00,5 days,6 ngày,Thụ lý,2026-04-17T10:30,\n" +
        "A-1,KT-77/2026,2026-04-17T10:00,2026-04-24T17:00,5 days,6 ngày,Yêu cầu bổ sung,2026-04-20T09:00,BS-8\n" +
        "A-1,KT-77/2026,2026-04-17T10:00,2026-04-24T17:00,5 days,6 ngày,Đã bổ sung,2026-04-21T10:00,\n" +
        "B-1,HS-2/2026; SỔ 44,2026-04-22T09:00,2026-04-29T17:00,5 days,,Yêu cầu bổ sung,2026-04-23T09:00,BS-9\n" +
        "C-1,,2026-04-29T09:00,2026-05-15T17:00,10 days,,Thụ lý,2026-04-29T09:30,\n" +
        "D-1,,2026-04-01T09:00,2026-04-08T17:00,5 days,,Trả kết quả,2026-04-20T09:00,\n";

    /// <summary>A Monday morning after days off.</summary>
    private static readonly DateTimeOffset _at = new(2026, 5, 4, 9, 0, 0, TimeSpan.FromHours(7));

    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-cut-over-").FullName;
    private Centre _centre = null!;

    public async Task InitializeAsync() => _centre = await Centre.OpenAsync();

    public Task DisposeAsync() => _centre.DisposeAsync().AsTask();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static DateTimeOffset On(int month, int day, int hour) => new(2026, month, day, hour, 0, 0, TimeSpan.FromHours(7));

    private async Task<LogImport.Report> ImportAsync(string cases, string name = "backlog.csv", DateTimeOffset? at = null)
    {
        var file = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(file, Header + cases);
        var scan = LogFile.Open(file, "csv", ImportMapping.Parse(Map), TimeZoneInfo.Utc);
        return await new LogImport(_centre.Database, WorkCalendar.Vietnam).RunAsync(new(file, scan, Map, "Asia/Ho_Chi_Minh", Centre.Command(role: Role.Administrator), at ?? _at));
    }

    private async Task<Dossier> DossierAsync(string code) => Dossier.Fold(code, await _centre.Database.Log.ReadStreamAsync(code));

    private async Task<IEnumerable<string>> FindingsAsync(DateTimeOffset? asOf = null) =>
        (await new AlertVerification(_centre.Database, asOf ?? _at.AddMinutes(10), TimeSpan.FromSeconds(5)).RunAsync()).Findings.Select(f => $"{f.Kind}: {f.Expected} / {f.Actual}");

    [Fact]
    public async Task Clocks_arrive_as_told_and_go_on_by_ours()
    {
        (await ImportAsync(Cases)).Added.ShouldBe(4);

        var late = await DossierAsync("A-1");
        (late.Promised, late.Due).ShouldBe((On(4, 24, 17), On(4, 28, 17)), "the slip's date stays beside the one that leaves the day of the pause out");
        late.CarriedOver.ShouldBe(new("6 ngày", 330 + 90 + 330 + (5 * 480) + 90), "by hand: 17, 20, 21, 22–24, 28, 29 April and 4 May");
        late.Pauses.ShouldHaveSingleItem().ShouldBe(new(On(4, 20, 9), On(4, 21, 10), PauseKind.Supplement, "BS-8"));

        var stands = await DossierAsync("B-1");
        (stands.Due, stands.Standing!.Basis, stands.Waiting("02")!.Number).ShouldBe((null, "BS-9", "BS-9"));
        (await _centre.Desk.DoAsync("B-1", new ProvideSupplement(), new(On(5, 5, 10), Centre.Command(), On(5, 5, 10)))).Refusal.ShouldBeNull();
        (await DossierAsync("B-1")).Due.ShouldBe(On(5, 11, 17), "5, 6, 7, 8 and 11 May: one day was used up by nobody");

        (await DossierAsync("C-1")).Due.ShouldBe(On(5, 15, 17));
        (await DossierAsync("D-1")).ShouldSatisfyAllConditions(d => d.CarriedOver.ShouldBeNull(), d => d.FinishedAt.ShouldBe(On(4, 20, 9)));
        (await _centre.VerifyAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_late_already_is_told_once_to_each_and_verification_agrees()
    {
        var report = await ImportAsync(Cases);
        (report.Backlog, report.BacklogTold).ShouldBe((1, 2));
        (await ImportAsync(Cases)).ShouldSatisfyAllConditions(again => again.AlreadyThere.ShouldBe(4), again => again.BacklogTold.ShouldBe(0));

        var told = (await CutOver.AllAsync(_centre.Database)).ShouldHaveSingleItem().Backlog;
        told.Select(t => (t.To.Unit, t.To.Person, t.Late, t.Dossiers.Single().Code, t.Dossiers.Single().Due, t.Dossiers.Single().Level)).ShouldBe(
            [("H49.12-01", null, 1, "A-1", On(4, 28, 17), AlertLevel.L2), ("H49.12-01", "lan", 1, "A-1", On(4, 28, 17), AlertLevel.L1)]);
        (await DossierAsync("A-1")).Alerts.ShouldBeEmpty();
        (await FindingsAsync()).ShouldBeEmpty();

        await _centre.TamperAsync("UPDATE dossier.mt_events SET data = jsonb_set(data, '{dossiers,0,code}', '\"C-1\"') WHERE type = 'backlog_told' AND data -> 'to' ->> 'person' = 'lan'");
        (await FindingsAsync()).Order().ShouldBe(["backlog-missing: A-1 told to H49.12-01 (lan), L1 / not told", "backlog-unfounded: nothing of C-1 to H49.12-01 (lan) / told"]);
        await _centre.TamperAsync("UPDATE dossier.mt_events SET data = jsonb_set(data, '{to}', '{\"unit\": \"H49.12-01\"}') WHERE type = 'backlog_told'; "
            + "UPDATE dossier.mt_events SET data = jsonb_set(data, '{dossiers,0,code}', '\"A-1\"') WHERE type = 'backlog_told'");
        (await FindingsAsync()).ShouldContain("backlog-duplicate: A-1 told once to H49.12-01 (nobody) / once more");
    }

    [Fact]
    public async Task An_import_that_was_cut_off_has_told_nobody_is_named_and_tells_when_it_is_run_again()
    {
        await ImportAsync(Cases);
        await _centre.TamperAsync("DELETE FROM dossier.mt_events WHERE stream_id LIKE '/import/%'; DELETE FROM dossier.mt_streams WHERE id LIKE '/import/%'");
        (await FindingsAsync(TestDatabase.Time.GetUtcNow().AddHours(1))).ShouldContain("backlog-missing: the backlog told when its import was whole / the import was never finished: run it again");

        // Half an hour later; what the dossiers owed at their own cut-over is told all the same.
        (await ImportAsync(Cases, at: _at.AddMinutes(30))).ShouldSatisfyAllConditions(again => again.Added.ShouldBe(0), again => again.BacklogTold.ShouldBe(2));
        (await FindingsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_former_code_finds_the_dossier_and_belongs_to_one_alone()
    {
        await ImportAsync(Cases);
        foreach (var (former, code) in (IEnumerable<(string, string)>)[("KT-77/2026", "A-1"), ("HS-2/2026", "B-1"), ("SỔ 44", "B-1"), ("C-1", "C-1"), ("none", "none")])
            (await Aliases.ResolveAsync(_centre.Database.Log, former)).ShouldBe(code);
        await _centre.CatchUpAsync();
        (await Overview.View.FindAsync(_centre.Database.App, new("kt 77"))).ShouldHaveSingleItem().Code.ShouldBe("A-1");
        (await Overview.View.FindAsync(_centre.Database.App, new("so 44"))).ShouldHaveSingleItem().Code.ShouldBe("B-1");

        static string Row(string code, string old) => $"{code},{old},2026-04-29T09:00,,5 days,,Thụ lý,2026-04-29T09:30,\n";
        async Task<string> FaultAsync(string cases) => (await ImportAsync(cases, "more.csv")) is { Refused: true } refused ? refused.Faults[0].Reason : "imported";
        (await FaultAsync(Row("E-1", "KT-77/2026"))).ShouldBe("the older code KT-77/2026 is another dossier's already");
        (await FaultAsync(Row("E-1", "A-1"))).ShouldBe("the older code A-1 is another dossier's already");
        (await FaultAsync(Row("E-1", "X") + Row("E-2", "X"))).ShouldBe("the older code X is E-1's already");
        (await FaultAsync(Row("E-1", "E-2") + Row("E-2", ""))).ShouldBe("the older code E-2 is another case's own");
        (await FaultAsync("E-1,,2026-04-22T09:00,2026-04-29T17:00,,,Yêu cầu bổ sung,2026-04-23T09:00,BS-9\n")).ShouldStartWith("its clock stands, and no limit is told");
        (await _centre.AskAsync("SELECT count(*) FROM dossier.mt_events WHERE stream_id LIKE 'E-%' OR stream_id = '/alias/X'")).ShouldBe(0L);
    }

    [Fact]
    public async Task The_two_systems_side_by_side_name_every_difference_and_the_days_between()
    {
        await ImportAsync(Cases);
        var comparison = await DueComparison.OfAsync(_centre.Database,
            [OlderDue.Of("KT-77/2026", "2026-04-24"), OlderDue.Of("B-1", "2026-04-29T17:00"), OlderDue.Of("C-1", "2026-05-15"), OlderDue.Of("Z-9", "2026-05-15")]);
        comparison.Agrees.ShouldBeFalse();
        comparison.Rows.Select(r => (r.Code, r.Agreement)).ShouldBe(
            [("A-1", DueAgreement.Differ), ("B-1", DueAgreement.Stands), ("C-1", DueAgreement.Agree), (null, DueAgreement.Unknown)]);
        var differs = comparison.Rows[0];
        differs.Readings.Select(r => r.En).ShouldBe(["the date on the slip", "the pauses counted as if the clock ran", "the day of receipt counted", "as if nothing had happened since receipt"]);
        differs.Days.Select(d => $"{d.Date:MM-dd} {d.What} {d.Why?.En}".TrimEnd()).ShouldBe(["04-25 skipped weekend", "04-26 skipped weekend", "04-27 skipped Hùng Kings' Commemoration Day", "04-28 counted"]);
        comparison.Rows[1].Readings.Select(r => r.En).ShouldContain("the running pause not known");
        (await DueComparison.OfAsync(_centre.Database, [OlderDue.Of("C-1", "2026-05-15T17:00")])).Agrees.ShouldBeTrue();
        (await DueComparison.OfAsync(_centre.Database, [OlderDue.Of("C-1", "2026-05-15T16:30")])).Agrees.ShouldBeFalse("with a time of day the minutes count");
    }
}
