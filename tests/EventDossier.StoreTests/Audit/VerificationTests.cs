using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Import;
using EventDossier.Store;

namespace EventDossier.StoreTests.Audit;

/// <summary>Each kind of finding, planted by the database's owner with the triggers off, is found and named; and nothing else is.</summary>
public sealed class VerificationTests : IAsyncLifetime
{
    private const string Code = "H49.12-260504-0002";
    private Centre _centre = null!;

    /// <summary>Three dossiers; the second has four events.</summary>
    public async Task InitializeAsync()
    {
        _centre = await Centre.OpenAsync();
        for (var i = 0; i < 3; i++)
            await _centre.ReceiveAsync("unit-1");
        await _centre.DoAsync(Code, new AssignDossier("officer-1"));
        await _centre.StepAsync("H49.12-260504-0001", "between");
        await _centre.StepAsync(Code, "one");
        await _centre.StepAsync(Code, "two");
        await _centre.CatchUpAsync();
    }

    public Task DisposeAsync() => _centre.DisposeAsync().AsTask();

    private async Task<VerifyReport> VerifyAsync()
    {
        var verification = new Verification(_centre.Database);
        await verification.StreamsAsync();
        await verification.FoldsAsync();
        await verification.ViewsAsync(ProductViews.All);
        return verification.Report;
    }

    private async Task<IReadOnlyList<Finding>> FindingsAfterAsync(string tampering)
    {
        await _centre.TamperAsync(tampering);
        return (await VerifyAsync()).Findings;
    }

    private async Task<long> PositionAsync(long version) =>
        (long)(await _centre.AskAsync($"SELECT seq_id FROM dossier.mt_events WHERE stream_id = '{Code}' AND version = {version}"))!;

    [Fact]
    public async Task Where_all_is_well_nothing_is_found_and_everything_is_counted()
    {
        var report = await VerifyAsync();
        report.Findings.ShouldBeEmpty();
        report.Checked.ShouldBe(new Dictionary<string, long> { ["streams"] = 6, ["events"] = 11, ["dossiers"] = 3, ["viewRows"] = 12 }, ignoreOrder: true);
    }

    [Fact]
    public async Task An_import_that_lost_a_dossier_is_named_even_though_the_stream_is_gone_whole()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "case:concept:name,concept:name,time:timestamp\nA,one,2026-05-04T08:00:00+07:00\nB,one,2026-05-04T09:00:00+07:00\nB,two,2026-05-04T10:00:00+07:00\n");
            var request = new LogImport.Request(file, LogFile.Open(file, "csv", null, TimeZoneInfo.Utc), null, "UTC", Centre.Command(), _centre.Context().Now);
            (await new LogImport(_centre.Database, WorkCalendar.Vietnam).RunAsync(request)).Added.ShouldBe(2);
            await _centre.CatchUpAsync();
            (await VerifyAsync()).Findings.ShouldBeEmpty();

            await _centre.TamperAsync("DELETE FROM dossier.mt_events WHERE stream_id = 'B'; DELETE FROM dossier.mt_streams WHERE id = 'B'");
            await Rebuild.RunAsync(ProductViews.All, _centre.Database.App, ProductEvents.Names, TestDatabase.Time);

            var finding = (await VerifyAsync()).Findings.ShouldHaveSingleItem();
            finding.Kind.ShouldBe("import");
            finding.ShouldSatisfyAllConditions(
                f => f.Expected.ShouldBe("2 dossiers with 3 activities imported"),
                f => f.Actual.ShouldBe("1 with 1"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Nothing_is_found_while_appends_and_rebuilds_go_on() =>
        await Centre.WhileAsync(new Views(ProductViews.All, _centre.Database).FollowAsync, () => Centre.WhileAsync(
            async cancel =>
            {
                for (var i = 0; ; i++)
                {
                    cancel.ThrowIfCancellationRequested();
                    await Task.WhenAll(_centre.ReceiveAsync(), _centre.StepAsync(Code, $"{i}"));
                    if (i % 10 == 5)
                        await Rebuild.RunAsync(ProductViews.All, _centre.Database.App, ProductEvents.Names, TestDatabase.Time, cancel: CancellationToken.None);
                }
            },
            async () =>
            {
                for (var i = 0; i < 8; i++)
                    (await VerifyAsync()).Findings.ShouldBeEmpty();
            }));

    [Fact]
    public async Task A_deleted_event_is_missing_and_its_views_differ_or_not_but_the_stream_is_named()
    {
        var found = await FindingsAfterAsync($"DELETE FROM dossier.mt_events WHERE stream_id = '{Code}' AND version = 3");
        found.Single(f => f.Kind == "missing-event").ShouldSatisfyAllConditions(f => f.Stream.ShouldBe(Code), f => f.Version.ShouldBe(3));
        found.ShouldContain(f => f.Kind == "view" && f.Stream == Code && f.Expected!.StartsWith("overview: {\"steps\":1}"));
        found.Select(f => f.Stream).Distinct().ShouldBe([Code]);
    }

    [Fact]
    public async Task A_last_event_deleted_is_missing_and_the_stream_says_more_than_it_holds()
    {
        var found = await FindingsAfterAsync($"DELETE FROM dossier.mt_events WHERE stream_id = '{Code}' AND version = 4");
        found.Single(f => f.Kind == "missing-event").Version.ShouldBe(4);
        found.Single(f => f.Kind == "stream-version").ShouldSatisfyAllConditions(f => f.Stream.ShouldBe(Code), f => f.Version.ShouldBe(3));
        found.Count(f => f.Kind == "view" && f.Stream == Code).ShouldBe(3, "every view has followed it");
    }

    [Theory, InlineData("7", "version 7"), InlineData("NULL", "version 0")]
    public async Task A_stream_whose_version_was_changed_is_named(string version, string said)
    {
        var found = await FindingsAfterAsync($"UPDATE dossier.mt_streams SET version = {version} WHERE id = '{Code}'");
        found.Single(f => f.Kind == "stream-version").ShouldSatisfyAllConditions(f => f.Stream.ShouldBe(Code), f => f.Version.ShouldBe(4), f => f.Expected.ShouldBe(said));
    }

    [Fact]
    public async Task A_stream_emptied_of_its_events_is_named()
    {
        var found = await FindingsAfterAsync($"DELETE FROM dossier.mt_events WHERE stream_id = '{Code}'");
        found.Single(f => f.Kind == "empty-stream").ShouldBe(new("empty-stream", Code, null, null, "4 events", "none"));
    }

    [Fact]
    public async Task Events_whose_stream_was_deleted_are_named()
    {
        var found = await FindingsAfterAsync($"DELETE FROM dossier.mt_streams WHERE id = '{Code}'");
        found.ShouldHaveSingleItem().ShouldBe(new("no-stream", Code, 4, null, "a stream of that name", "4 events without one"));
    }

    [Fact]
    public async Task A_stream_deleted_whole_shows_in_the_views()
    {
        var found = await FindingsAfterAsync($"DELETE FROM dossier.mt_events WHERE stream_id = '{Code}'; DELETE FROM dossier.mt_streams WHERE id = '{Code}'");
        found.Where(f => f.Kind == "view").Select(f => (f.Stream, f.Expected)).ShouldBe(
            [(Code, "overview: no row"), (Code, "deadlines: no row"), (Code, "work_list: no row"), (Code, "alarms: no row")]);
        found.Where(f => f.Kind != "view").ShouldAllBe(f => f.Kind == "view-ahead", "its last event was the log's");
    }

    [Fact]
    public async Task An_event_with_another_id_than_its_command_gives_it_is_named()
    {
        var found = await FindingsAfterAsync($"UPDATE dossier.mt_events SET id = '11111111-1111-5111-8111-111111111111' WHERE stream_id = '{Code}' AND version = 2");
        found.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            f => f.Kind.ShouldBe("event-id"), f => f.Stream.ShouldBe(Code), f => f.Version.ShouldBe(2), f => f.Actual.ShouldBe("11111111-1111-5111-8111-111111111111"));
        found[0].Position.ShouldBe(await PositionAsync(2));
    }

    [Theory]
    [InlineData("type = 'event_of_the_future'")]
    [InlineData("data = '[]'")]
    [InlineData("data = '{\"occurredAt\": \"yesterday\", \"step\": \"one\"}'")]
    [InlineData("data = '{\"occurredAt\": 7, \"step\": \"one\"}'")]
    [InlineData("data = '{\"leftOut\": \"many\"}', type = 'log_imported'")]
    [InlineData("data = '{\"limit\": \"0 days\"}', type = 'dossier_received'")]
    [InlineData("headers = '[]'")]
    public async Task An_event_that_cannot_be_decoded_is_named(string change)
    {
        await _centre.TamperAsync($"UPDATE dossier.mt_events SET {change} WHERE stream_id = '{Code}' AND version = 3");
        var verification = new Verification(_centre.Database);
        await verification.StreamsAsync();
        await verification.FoldsAsync();
        verification.Report.Findings.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            f => f.Kind.ShouldBe("undecodable"), f => f.Stream.ShouldBe(Code), f => f.Version.ShouldBe(3), f => f.Actual.ShouldNotBeNullOrWhiteSpace());
        verification.Report.Findings[0].Position.ShouldBe(await PositionAsync(3));
    }

    [Theory]
    [InlineData("data = 'null'")]
    [InlineData("data = '{\"occurredAt\": \"2026-05-04T09:00:00+07:00\", \"code\": \"P-1\"}', type = 'procedure_published'")]
    public async Task An_event_that_does_not_fold_into_a_dossier_is_named(string change)
    {
        await _centre.TamperAsync($"UPDATE dossier.mt_events SET {change} WHERE stream_id = '{Code}' AND version = 3");
        var verification = new Verification(_centre.Database);
        await verification.FoldsAsync();
        verification.Report.Findings.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            f => f.Kind.ShouldBe("fold"), f => f.Stream.ShouldBe(Code), f => f.Version.ShouldBe(3));
        verification.Report.Findings[0].Position.ShouldBe(await PositionAsync(3));
    }

    [Fact]
    public async Task An_events_data_that_was_changed_shows_in_every_view_that_keeps_it()
    {
        var found = await FindingsAfterAsync(
            $"UPDATE dossier.mt_events SET data = jsonb_set(data, '{{officer}}', '\"somebody else\"') WHERE stream_id = '{Code}' AND type = 'dossier_assigned'");
        found.Select(f => (f.Kind, f.Stream)).Distinct().ShouldHaveSingleItem().ShouldBe(("view", Code));
        found.Select(f => f.Expected!.Split(':')[0]).ShouldBe(["overview", "deadlines", "work_list"]);
        found.ShouldAllBe(f => f.Expected!.Contains("somebody else") && f.Actual!.Contains("officer-1"));
    }

    [Fact]
    public async Task A_view_that_says_it_is_ahead_of_the_log_is_named()
    {
        var found = await FindingsAfterAsync("UPDATE dossier.mt_event_progression SET last_seq_id = 1000 WHERE name = 'dossier:overview'");
        found.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            f => f.Kind.ShouldBe("view-ahead"), f => f.Position.ShouldBe(1000), f => f.Expected!.ShouldStartWith("overview"));
    }

    [Fact]
    public async Task A_row_of_a_view_that_was_changed_added_or_deleted_is_named()
    {
        var found = await FindingsAfterAsync(
            $"""
            UPDATE dossier_views.deadlines SET due = due + interval '1 day' WHERE code = '{Code}';
            DELETE FROM dossier_views.deadlines WHERE code = 'H49.12-260504-0001';
            INSERT INTO dossier_views.deadlines (code, version) VALUES ('H49.12-260504-0009', 1)
            """);
        found.Select(f => (f.Kind, f.Stream)).ShouldBe([("view", "H49.12-260504-0001"), ("view", Code), ("view", "H49.12-260504-0009")]);
        found[0].Actual.ShouldBe("deadlines: no row");
        found[1].Expected!.ShouldContain("2026-05-11");
        found[1].Actual!.ShouldContain("2026-05-12");
        found[2].Expected.ShouldBe("deadlines: no row");
    }

    [Fact]
    public async Task A_view_that_stopped_is_named_with_the_place()
    {
        var poison = await _centre.InsertAsync(Code, "event_of_the_future", "{}");
        await Should.ThrowAsync<ViewFailedException>(() => _centre.Follower(Overview.View).CatchUpAsync(poison, CancellationToken.None));
        var verification = new Verification(_centre.Database);
        await verification.ViewsAsync(ProductViews.All);
        verification.Report.Findings.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            f => f.Kind.ShouldBe("view-stopped"), f => f.Stream.ShouldBe(Code), f => f.Position.ShouldBe(poison), f => f.Actual!.ShouldContain("event_of_the_future"));
    }
}
