using EventDossier.Dossiers;
using EventDossier.Store;
using EventDossier.StoreTests.Following;
using Npgsql;

namespace EventDossier.StoreTests;

/// <summary>A program of an older version beside one of a newer, on one database: what each may do to it, and what the older does when it meets what it can't know.</summary>
public sealed class UpgradeTests
{
    /// <summary>The same view as the next version has it: with the same columns, so that nothing but the definition keeps the older from carrying in what is wrong there.</summary>
    private sealed class NewerCounted : View<CountedRow>
    {
        public override string Name => "counted";

        protected override string TableBody => "code text NOT NULL PRIMARY KEY, version bigint NOT NULL, applied bigint NOT NULL DEFAULT 0";

        protected override IReadOnlyList<string> Indexes => [];

        protected override IReadOnlyList<Column<CountedRow>> Columns { get; } =
            [Column<CountedRow>.Text("code", r => r.Code), Column<CountedRow>.Number("version", r => r.Version), Column<CountedRow>.Number("applied", r => r.Applied)];

        protected override CountedRow ReadRow(NpgsqlDataReader row) => new(row.GetString(0), row.GetInt64(1), row.GetInt64(2));

        public override CountedRow? Apply(CountedRow? row, StoredEvent e) => new(e.Stream, e.Version, (row?.Applied ?? 0) + 2);
    }

    [Fact]
    public async Task While_both_follow_the_newer_takes_a_view_over_and_not_a_row_is_the_olders_afterwards()
    {
        var (older, newer) = (new CountedView(), new NewerCounted());
        await using var centre = await Centre.OpenAsync(more: older);
        await centre.LiveAsync(seed: 43, dossiers: 4, acts: 20);
        await Centre.WhileAsync(stop => centre.Follower(older).FollowAsync(stop), async () =>
        {
            await Centre.UntilAsync(async () => await centre.PositionAsync(older) == await centre.HeadAsync(), "the older follows");
            (await ViewUpgrade.RunAsync(centre.ConnectionString, [newer], centre.Database.Names, TestDatabase.Time)).ShouldBe(["counted"]);
            // The older is up, and must leave it alone; nobody of the newer follows yet.
            var at = await centre.PositionAsync(newer);
            await centre.LiveAsync(seed: 44, dossiers: 2, acts: 10);
            await centre.CatchUpAsync();
            (await centre.PositionAsync(newer)).ShouldBe(at);
            await Centre.WhileAsync(stop => centre.Follower(newer).FollowAsync(stop), async () =>
            {
                await Centre.UntilAsync(async () => await centre.PositionAsync(newer) == await centre.HeadAsync(), "the newer leads");
                await centre.LiveAsync(seed: 45, dossiers: 2, acts: 10);
                await Centre.UntilAsync(async () => await centre.PositionAsync(newer) == await centre.HeadAsync(), "and goes on");
            });
        });
        (await Rebuild.CompareAsync(newer, centre.Database.App, centre.Database.Names, TestDatabase.Time, CancellationToken.None)).Streams.ShouldBeEmpty();
        (await centre.AskAsync("SELECT bool_and(applied = 2 * version) FROM dossier_views.counted")).ShouldBe(true);

        // The older starts again, and brings nothing back.
        (await Migration.RunAsync(centre.ConnectionString, sample: false, [.. ProductViews.All, older])).ShouldBeEmpty();
        (await ViewUpgrade.RunAsync(centre.ConnectionString, [older], centre.Database.Names, TestDatabase.Time)).ShouldBeEmpty();
        (await centre.AskAsync("SELECT bool_and(applied = 2 * version) FROM dossier_views.counted")).ShouldBe(true);
    }

    [Fact]
    public async Task An_older_program_does_not_bring_back_the_text_of_a_file_that_a_newer_one_replaced()
    {
        await using var centre = await Centre.OpenAsync();
        const string File = "060-outbox.sql";
        // As the newer one leaves it: its own text in force, ours left behind.
        await centre.TamperAsync($"INSERT INTO dossier_meta.left_behind SELECT name, sha256 FROM dossier_meta.migration WHERE name = '{File}'; UPDATE dossier_meta.migration SET sha256 = 'newer' WHERE name = '{File}'");
        (await MigrateAsync(centre)).ShouldBeEmpty();
        (await centre.AskAsync($"SELECT sha256 FROM dossier_meta.migration WHERE name = '{File}'")).ShouldBe("newer");

        // What it replaces itself it leaves behind.
        await centre.TamperAsync($"DELETE FROM dossier_meta.left_behind; UPDATE dossier_meta.migration SET sha256 = 'older' WHERE name = '{File}'");
        (await MigrateAsync(centre)).ShouldBe([File]);
        (await centre.AskAsync("SELECT string_agg(name || ' ' || sha256, ',') FROM dossier_meta.left_behind")).ShouldBe($"{File} older");
    }

    [Fact]
    public async Task A_migration_that_has_to_wait_for_a_table_lets_everybody_else_through()
    {
        await using var centre = await Centre.OpenAsync();
        await centre.TamperAsync("UPDATE dossier_meta.migration SET sha256 = 'older'");
        await using var reader = new NpgsqlConnection(centre.ConnectionString);
        await reader.OpenAsync();
        await using var slow = await reader.BeginTransactionAsync();
        await using (var read = new NpgsqlCommand("SELECT count(*) FROM dossier_outbox.message", reader))
            await read.ExecuteScalarAsync();

        var migrating = Task.Run(() => MigrateAsync(centre));
        for (var i = 0; i < 5; i++)
        {
            var began = TestDatabase.Time.GetTimestamp();
            await centre.ReceiveAsync();
            await centre.AskAsync("INSERT INTO dossier_outbox.heard (name, cursor) VALUES ('test', '1') ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor");
            await centre.AskAsync("SELECT count(*) FROM dossier_outbox.message");
            TestDatabase.Time.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(5));
        }
        migrating.IsCompleted.ShouldBeFalse("somebody still reads what it changes");
        await slow.DisposeAsync();
        (await migrating).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task An_event_of_a_newer_version_stops_the_older_where_it_would_fold_it_and_nowhere_else()
    {
        await using var centre = await Centre.OpenAsync();
        var (theirs, ours) = (await centre.ReceiveAsync(), await centre.ReceiveAsync());
        await centre.CatchUpAsync();
        await centre.InsertAsync(theirs, "dossier_teleported", """{"occurredAt":"2026-05-04T09:00:00+07:00"}""");
        var fresh = new Desk(centre.Database);
        var refused = await Should.ThrowAsync<UnknownEventNameException>(() => fresh.DoAsync(theirs, new AssignDossier("minh"), centre.Context<AssignDossier>()));
        Failure.Of(refused).ShouldSatisfyAllConditions(f => f.Code.ShouldBe("newer-event"), f => f.Message.ShouldContain("dossier_teleported"), f => f.Message.ShouldContain("bring it up to date"));
        (await fresh.DoAsync(ours, new AssignDossier("minh"), centre.Context<AssignDossier>())).Refusal.ShouldBeNull("its own dossiers go on");

        // Its views stop at the event and name it, and are nobody's to lead until the newer takes them.
        var view = ProductViews.Named("work_list");
        (await Should.ThrowAsync<ViewFailedException>(() => centre.Follower(view).CatchUpAsync(long.MaxValue - 1, CancellationToken.None))).Message.ShouldContain("dossier_teleported");
        (await ViewHealth.AllAsync(centre.Database.App)).Single(v => v.Name == "work_list").ShouldSatisfyAllConditions(v => v.Error!.ShouldContain("newer"), v => v.Stream.ShouldBe(theirs));
        (await centre.AskAsync("SELECT pg_try_advisory_lock(hashtextextended('dossier:work_list', 0))")).ShouldBe(true);
    }

    private static Task<IReadOnlyList<string>> MigrateAsync(Centre centre) => Migration.RunAsync(centre.ConnectionString, sample: false, ProductViews.All);
}
