using System.Diagnostics;
using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.StoreTests.Following;

public sealed class FollowerTests
{
    private static readonly CountedView _counted = new();

    private static async Task<bool> AtHeadAsync(Centre centre, View view) => await centre.PositionAsync(view) == await centre.HeadAsync();

    private static async Task<ViewHealth> HealthAsync(Centre centre, string view) =>
        (await ViewHealth.AllAsync(centre.Database.App)).Single(h => h.Name == view);

    // ---- a view that throws

    [Fact]
    public async Task A_view_that_throws_stops_alone_is_named_by_health_and_goes_on_once_it_is_mended()
    {
        var fragile = new CountedView(throwsOn: "break");
        await using var centre = await Centre.OpenAsync(more: fragile);
        var (whole, broken) = (await centre.ReceiveAsync(), await centre.ReceiveAsync());
        await Centre.WhileAsync(new Views([.. ProductViews.All, fragile], centre.Database).FollowAsync, async () =>
        {
            await centre.StepAsync(whole, "before");
            var stoppedAt = (await centre.StepAsync(broken, "break")).Position;
            await centre.StepAsync(whole, "after");
            await Centre.UntilAsync(async () => (await HealthAsync(centre, "counted")).Error is not null, "health names the view");
            foreach (var view in ProductViews.All)
                await Centre.UntilAsync(() => AtHeadAsync(centre, view), $"{view.Name} goes on");

            var health = await HealthAsync(centre, "counted");
            (health.StoppedAt, health.Stream, health.Error).ShouldBe((stoppedAt, broken, "cannot take break"));
            (health.Position, health.Behind).ShouldBe((stoppedAt - 1, 2), "it took everything before");
            health.Since.ShouldNotBeNull();
            (await ViewHealth.AllAsync(centre.Database.App)).ShouldAllBe(h => h.Name == "counted" || h.Error == null);
        });

        await centre.Follower(_counted).CatchUpAsync(await centre.HeadAsync(), CancellationToken.None);
        (await HealthAsync(centre, "counted")).ShouldSatisfyAllConditions(h => h.Error.ShouldBeNull(), h => h.Behind.ShouldBe(0));
        await AppliedOnceAsync(centre);
    }

    [Fact]
    public async Task Waiting_for_a_view_that_throws_ends_with_what_stopped_it_and_the_others_are_caught_up()
    {
        var fragile = new CountedView(throwsOn: "break");
        await using var centre = await Centre.OpenAsync(more: fragile);
        await centre.StepAsync(await centre.ReceiveAsync(), "break");

        var failed = await Should.ThrowAsync<ViewFailedException>(() => new Views([.. ProductViews.All, fragile], centre.Database).CatchUpAsync(CancellationToken.None));
        failed.View.ShouldBe(fragile);
        failed.At.Version.ShouldBe(2);
        foreach (var view in ProductViews.All)
            (await AtHeadAsync(centre, view)).ShouldBeTrue(view.Name);
    }

    [Fact]
    public async Task A_row_that_its_table_cannot_hold_stops_the_view_like_any_other_fault()
    {
        await using var centre = await Centre.OpenAsync();
        await centre.CatchUpAsync();
        // More than an index entry can hold, and nothing to compress.
        var unit = string.Concat(Enumerable.Range(0, 800).Select(i => Uuid.V5(Guid.Empty, i).ToString("n")));
        var code = await centre.ReceiveAsync(unit);

        var failed = await Should.ThrowAsync<ViewFailedException>(
            () => centre.Follower(WorkList.View).CatchUpAsync(long.MaxValue, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(15), TestDatabase.Time));
        failed.At.Stream.ShouldBe(code);
        (await HealthAsync(centre, "work_list")).ShouldSatisfyAllConditions(h => h.Stream.ShouldBe(code), h => h.Error!.ShouldContain("index row"));
    }

    [Fact]
    public async Task An_event_of_an_unknown_name_stops_every_view_at_it_and_not_before()
    {
        await using var centre = await Centre.OpenAsync();
        var code = await centre.ReceiveAsync();
        await centre.StepAsync(code, "before");
        // Views of streams of their own kind don't look into others.
        var streams = new Dictionary<string, string> { ["tickets"] = "/ticket/1", ["invitations"] = "/questionnaire-invitation/1" };
        var poisons = new Dictionary<string, long>();
        foreach (var stream in streams.Values.Prepend(code))
            poisons.Add(stream, await centre.InsertAsync(stream, "event_of_the_future", "{}"));
        await centre.StepAsync(await centre.ReceiveAsync(), "after");

        foreach (var view in ProductViews.All)
        {
            var stream = streams.GetValueOrDefault(view.Name, code);
            var poison = poisons[stream];
            (await Should.ThrowAsync<ViewFailedException>(() => centre.Follower(view).CatchUpAsync(poison, CancellationToken.None)))
                .InnerException.ShouldBeOfType<UnknownEventNameException>().Name.ShouldBe("event_of_the_future");
            (await centre.PositionAsync(view)).ShouldBe(poison - 1);
            var health = await HealthAsync(centre, view.Name);
            (health.StoppedAt, health.Stream).ShouldBe((poison, stream));
            health.Error!.ShouldContain("event_of_the_future");
        }
    }

    // ---- leaders

    [Fact]
    public async Task Of_two_followers_one_leads_and_when_it_is_killed_the_other_takes_over()
    {
        await using var centre = await Centre.OpenAsync(more: _counted);
        await using var first = Named(centre, "first");
        await using var second = Named(centre, "second");
        await Centre.WhileAsync(cancel => Task.WhenAll(Follower(first).FollowAsync(cancel), Follower(second).FollowAsync(cancel)), async () =>
        {
            await centre.LiveAsync(seed: 3, dossiers: 4, acts: 30);
            for (var turns = 0; turns < 3; turns++)
            {
                var leader = "";
                await Centre.UntilAsync(async () => (leader = await LeaderAsync(centre) ?? "") != "", "one leads");
                var leading = centre.LiveAsync(seed: 4 + turns, dossiers: 2, acts: 20);
                await centre.AskAsync($"SELECT pg_terminate_backend({leader})");
                await leading;
                await Centre.UntilAsync(async () => await LeaderAsync(centre) is { } next && next != leader, "another leads");
                await Centre.UntilAsync(() => AtHeadAsync(centre, _counted), "what came meanwhile is followed");
            }
        });
        await AppliedOnceAsync(centre);

        ViewFollower Follower(NpgsqlDataSource database) => new(_counted, database, ProductEvents.Names, TestDatabase.Time);
    }

    private static NpgsqlDataSource Named(Centre centre, string name) => NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(centre.ConnectionString) { Options = "-c role=dossier_app", ApplicationName = name, NoResetOnClose = true }.ConnectionString);

    /// <summary>The server process of the one that holds the view's lock.</summary>
    private static async Task<string?> LeaderAsync(Centre centre) => (await centre.AskAsync(
        """
        SELECT l.pid::text FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE l.locktype = 'advisory' AND l.granted AND a.datname = current_database() AND a.application_name IN ('first', 'second')
        """)) as string;

    [Fact]
    public async Task A_leader_whose_checkpoint_was_moved_by_somebody_else_reads_it_again()
    {
        await using var centre = await Centre.OpenAsync(more: _counted);
        await Centre.WhileAsync(centre.Follower(_counted).FollowAsync, async () =>
        {
            await centre.LiveAsync(seed: 8, dossiers: 4, acts: 20);
            await Centre.UntilAsync(() => AtHeadAsync(centre, _counted), "it follows");
            await using var other = new NpgsqlConnection(centre.ConnectionString);
            await other.OpenAsync();
            await using var moving = await other.BeginTransactionAsync();
            await using (var move = new NpgsqlCommand(
                $"UPDATE dossier.mt_event_progression SET last_seq_id = 0 WHERE name = '{_counted.Checkpoint}'; DELETE FROM {_counted.Table}", other, moving))
                await move.ExecuteNonQueryAsync();
            await centre.LiveAsync(seed: 9, dossiers: 2, acts: 10);
            await Centre.UntilAsync(async () => await centre.AskAsync(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") is not null, "the leader is about to move it too");
            await moving.CommitAsync();
            await Centre.UntilAsync(() => AtHeadAsync(centre, _counted), "it follows from where the checkpoint stands");
        });
        await AppliedOnceAsync(centre);
    }

    /// <summary>Every event counted once, in every row.</summary>
    private static async Task AppliedOnceAsync(Centre centre)
    {
        (await centre.AskAsync($"SELECT count(*) FROM {_counted.Table} WHERE applied <> version")).ShouldBe(0L);
        (await centre.AskAsync($"SELECT sum(applied)::bigint FROM {_counted.Table}")).ShouldBe(await centre.AskAsync("SELECT count(*) FROM dossier.mt_events"));
    }

    // ---- hints and waiting

    [Fact]
    public async Task An_event_that_nobody_notified_of_is_found_within_about_a_second()
    {
        await using var centre = await Centre.OpenAsync();
        var code = await centre.ReceiveAsync();
        await Centre.WhileAsync(centre.Follower(Overview.View).FollowAsync, async () =>
        {
            await Centre.UntilAsync(() => AtHeadAsync(centre, Overview.View), "it follows");
            var inserted = Stopwatch.GetTimestamp();
            await centre.InsertAsync(code, "step_completed", """{"occurredAt": "2026-05-04T10:00:00+07:00", "step": "silent"}""");
            await Centre.UntilAsync(() => AtHeadAsync(centre, Overview.View), "it looks without a hint");
            Stopwatch.GetElapsedTime(inserted).ShouldBeLessThan(TimeSpan.FromSeconds(5), "a second, and whatever a busy machine adds");
        });
        (await centre.RowsAsync(Overview.View)).ShouldContain("silent");
    }

    [Fact]
    public async Task Catching_up_waits_for_its_position_and_no_longer()
    {
        await using var centre = await Centre.OpenAsync();
        var code = await centre.ReceiveAsync();
        await centre.CatchUpAsync();
        var head = await centre.HeadAsync();
        await centre.Follower(Overview.View).CatchUpAsync(head, CancellationToken.None);

        var waiting = centre.Follower(Overview.View).CatchUpAsync(head + 1, CancellationToken.None);
        await Centre.UntilAsync(async () => await centre.AskAsync(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle' AND query LIKE 'SELECT %mt_events%'") is not null, "it has looked");
        waiting.IsCompleted.ShouldBeFalse();
        var position = (await centre.StepAsync(code, "awaited")).Position;
        await waiting.WaitAsync(TimeSpan.FromSeconds(15), TestDatabase.Time);
        (await centre.PositionAsync(Overview.View)).ShouldBe(position);

        using var giveUp = new CancellationTokenSource();
        var inVain = centre.Follower(Overview.View).CatchUpAsync(position + 1, giveUp.Token);
        await giveUp.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(inVain);
    }

    // ---- rebuild

    [Fact]
    public async Task A_rebuild_beside_appends_followers_and_readers_disturbs_nobody_and_ends_with_the_same_rows()
    {
        await using var centre = await Centre.OpenAsync();
        await centre.ImportAsync("import", 300);
        await centre.CatchUpAsync();
        var reads = 0;
        async Task ReadAsync(CancellationToken cancel)
        {
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                (await Overview.View.FindAsync(centre.Database.App, new(Search: "agency 3", Limit: 5), CancellationToken.None)).Count.ShouldBe(5);
                foreach (var view in ProductViews.All)
                {
                    await using var count = centre.Database.App.CreateCommand($"SELECT count(*) FROM {view.Table}");
                    ((long)(await count.ExecuteScalarAsync(CancellationToken.None))!).ShouldBeGreaterThanOrEqualTo(view.Name is "inbox" or "access" or "tickets" or "invitations" ? 0 : 300); // Nobody was warned of an imported dossier, nor looked at one, nor came with a ticket.
                }
                reads++;
            }
        }

        var views = new Views(ProductViews.All, centre.Database);
        await Centre.WhileAsync(ReadAsync, () => Centre.WhileAsync(views.FollowAsync, () => Centre.WhileAsync(
            async cancel =>
            {
                var codes = new[] { await centre.ReceiveAsync(), await centre.ReceiveAsync() };
                for (var i = 0; ; i++)
                {
                    cancel.ThrowIfCancellationRequested();
                    await Task.WhenAll(codes.Select(code => centre.StepAsync(code, $"step {i}")));
                }
            },
            async () =>
            {
                for (var i = 0; i < 3; i++)
                    await Rebuild.RunAsync(ProductViews.All, centre.Database.App, ProductEvents.Names, TestDatabase.Time);
            })));
        reads.ShouldBeGreaterThan(5);

        await centre.CatchUpAsync();
        var verification = new EventDossier.Audit.Verification(centre.Database);
        await verification.ViewsAsync(ProductViews.All);
        verification.Report.Findings.ShouldBeEmpty();
        (await centre.AskAsync("SELECT count(*) FROM pg_tables WHERE schemaname = 'dossier_views'")).ShouldBe(ProductViews.All.Count + 2L, "the views, their health, and how far a decision went through them");
    }
}
