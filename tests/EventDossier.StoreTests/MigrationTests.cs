using EventDossier.Store;
using Npgsql;

namespace EventDossier.StoreTests;

public sealed class MigrationTests
{
    private static readonly IReadOnlyList<string> Files =
        [.. Directory.EnumerateFiles(Path.Combine(TestDatabase.RepositoryRoot, "ops", "sql")).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    private static async Task<List<string>> LinesAsync(TestDatabase database, string sql)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        var lines = new List<string>();
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
            lines.Add(row.GetString(0));
        return lines;
    }

    private static Task<IReadOnlyList<string>> MigrateAsync(TestDatabase database, bool sample = false) =>
        Migration.RunAsync(database.ConnectionString, sample, ProductViews.All);

    [Fact]
    public async Task The_event_tables_are_exactly_those_that_Marten_asks_for()
    {
        await using var database = await TestDatabase.CreateAsync();
        await MigrateAsync(database);

        (await LinesAsync(database,
            """
            SELECT concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
                             'default ' || pg_get_expr(d.adbin, d.adrelid))
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
            WHERE c.relnamespace = 'dossier'::regnamespace AND c.relkind = 'r' AND a.attname <> 'timestamp' OR c.relname = 'mt_streams' AND a.attname = 'timestamp'
            ORDER BY c.relname, a.attnum
            """)).ShouldBe(
        [
            "mt_event_progression name character varying not null",
            "mt_event_progression last_seq_id bigint",
            "mt_event_progression last_updated timestamp with time zone default transaction_timestamp()",
            "mt_events seq_id bigint not null",
            "mt_events id uuid not null",
            "mt_events stream_id character varying",
            "mt_events version bigint not null",
            "mt_events data jsonb not null",
            "mt_events bdata bytea",
            "mt_events type character varying(500) not null",
            "mt_events tenant_id character varying default '*DEFAULT*'::character varying",
            "mt_events mt_dotnet_type character varying",
            "mt_events correlation_id character varying",
            "mt_events causation_id character varying",
            "mt_events headers jsonb",
            "mt_events is_archived boolean default false",
            "mt_streams id character varying not null",
            "mt_streams type character varying",
            "mt_streams version bigint",
            "mt_streams timestamp timestamp with time zone not null default now()",
            "mt_streams created timestamp with time zone not null default now()",
            "mt_streams tenant_id character varying default '*DEFAULT*'::character varying",
            "mt_streams is_archived boolean default false",
        ]);

        // The default of this one is a constant: the moment that the string '(now())' was read at.
        (await LinesAsync(database,
            """
            SELECT concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END, d.adbin LIKE '{CONST %')
            FROM pg_attribute a JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attrelid = 'dossier.mt_events'::regclass AND a.attname = 'timestamp'
            """)).ShouldBe(["timestamp with time zone not null t"]);

        (await LinesAsync(database, "SELECT indexdef FROM pg_indexes WHERE schemaname = 'dossier' ORDER BY indexname")).ShouldBe(
        [
            "CREATE UNIQUE INDEX idx_mt_events_event_id ON dossier.mt_events USING btree (id)",
            "CREATE UNIQUE INDEX pk_mt_event_progression ON dossier.mt_event_progression USING btree (name)",
            "CREATE UNIQUE INDEX pk_mt_events_stream_and_version ON dossier.mt_events USING btree (stream_id, version)",
            "CREATE UNIQUE INDEX pkey_mt_events_seq_id ON dossier.mt_events USING btree (seq_id)",
            "CREATE UNIQUE INDEX pkey_mt_streams_id ON dossier.mt_streams USING btree (id)",
        ]);

        (await LinesAsync(database,
            """
            SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
            WHERE connamespace = 'dossier'::regnamespace AND contype <> 'n' ORDER BY conname
            """)).ShouldBe(
        [
            "dossier.mt_events fkey_mt_events_stream_id FOREIGN KEY (stream_id) REFERENCES dossier.mt_streams(id) ON DELETE CASCADE",
            "dossier.mt_event_progression pk_mt_event_progression PRIMARY KEY (name)",
            "dossier.mt_events pkey_mt_events_seq_id PRIMARY KEY (seq_id)",
            "dossier.mt_streams pkey_mt_streams_id PRIMARY KEY (id)",
        ]);

        (await LinesAsync(database,
            """
            SELECT concat_ws(' ', s.relname, format_type(q.seqtypid, NULL), q.seqstart, q.seqincrement, q.seqcache, q.seqcycle, d.refobjid::regclass::text || '.' || a.attname)
            FROM pg_class s JOIN pg_sequence q ON q.seqrelid = s.oid
            LEFT JOIN pg_depend d ON d.objid = s.oid AND d.deptype = 'a' AND d.refobjsubid > 0
            LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
            WHERE s.relnamespace = 'dossier'::regnamespace
            """)).ShouldBe(["mt_events_sequence bigint 1 1 1 f dossier.mt_events.seq_id"]);

        (await LinesAsync(database, "SELECT relkind::text || ' ' || relname FROM pg_class WHERE relnamespace = 'dossier'::regnamespace AND relkind NOT IN ('i', 'S') ORDER BY 1"))
            .ShouldBe(["r mt_event_progression", "r mt_events", "r mt_streams"]);
    }

    [Fact]
    public async Task Migrating_again_does_nothing()
    {
        await using var database = await TestDatabase.CreateAsync();
        (await MigrateAsync(database)).ShouldBe([.. Files, .. ProductViews.All.Select(v => v.Name)]);
        (await MigrateAsync(database)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_whose_text_changed_is_applied_again_to_what_stands()
    {
        await using var database = await TestDatabase.CreateMigratedAsync();
        await LinesAsync(database, "UPDATE dossier_meta.migration SET sha256 = 'older' RETURNING name");
        (await MigrateAsync(database)).Count.ShouldBe(Files.Count);
        (await MigrateAsync(database)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_migrating_one_database_at_once_apply_everything_once()
    {
        await using var database = await TestDatabase.CreateAsync();
        var applied = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => MigrateAsync(database))));
        applied.Select(a => a.Count).Order().ShouldBe([0, 0, Files.Count + ProductViews.All.Count]);
    }

    [Fact]
    public async Task Two_databases_of_one_cluster_migrate_at_once_and_share_the_role()
    {
        // The role belongs to the cluster, and other tests made it long ago: on a cluster of its own nobody has.
        var folder = Directory.CreateTempSubdirectory("eventdossier-migration-");
        File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        try
        {
            await using var one = await Cluster.OpenAsync(folder.FullName, TestDatabase.Time, "one",
                new Dictionary<string, string> { ["shared_buffers"] = "16MB", ["fsync"] = "off" });
            await using var two = await Cluster.OpenAsync(folder.FullName, TestDatabase.Time, "two");
            var applied = await Task.WhenAll(new[] { one, two }.Select(cluster => Task.Run(() => Migration.RunAsync(cluster.ConnectionString, sample: false, ProductViews.All))));
            applied.ShouldAllBe(a => a.Count == Files.Count + ProductViews.All.Count);
            NpgsqlConnection.ClearAllPools();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_database_that_sorts_by_a_language_is_refused_before_anything_is_made()
    {
        await using var beside = await TestDatabase.CreateAsync();
        var there = new NpgsqlConnectionStringBuilder(beside.ConnectionString);
        there.Database += "_vi";
        await DoAsync($"CREATE DATABASE {there.Database} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'vi'");
        try
        {
            var refused = await Should.ThrowAsync<UserError>(() => Migration.RunAsync(there.ConnectionString, sample: false, ProductViews.All));
            (refused.Code, refused.Message).ShouldSatisfyAllConditions(r => r.Code.ShouldBe("other-order"), r => r.Message.ShouldContain("sorts text by ICU"));
            await using var connection = new NpgsqlConnection(there.ConnectionString);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'dossier%'", connection);
            (await command.ExecuteScalarAsync()).ShouldBe(0L);
        }
        finally
        {
            await DoAsync($"DROP DATABASE {there.Database} WITH (FORCE)");
        }

        async Task DoAsync(string sql)
        {
            await using var connection = new NpgsqlConnection(beside.ConnectionString);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_database_made_for_one_kind_is_not_migrated_as_the_other(bool sample)
    {
        await using var database = await TestDatabase.CreateAsync();
        await MigrateAsync(database, sample);
        (await Should.ThrowAsync<UserError>(() => MigrateAsync(database, !sample))).Code.ShouldBe("kind-mismatch");
        (await MigrateAsync(database, sample)).ShouldBeEmpty("nothing was changed");
        await using var open = await Database.OpenAsync(database.ConnectionString, ProductEvents.Names, TestDatabase.Time);
        open.IsSample.ShouldBe(sample);
    }

    [Fact]
    public async Task Opening_a_database_that_was_not_migrated_says_so()
    {
        await using var database = await TestDatabase.CreateAsync();
        (await Should.ThrowAsync<UserError>(() => Database.OpenAsync(database.ConnectionString, ProductEvents.Names, TestDatabase.Time)))
            .ShouldSatisfyAllConditions(e => e.Code.ShouldBe("not-migrated"), e => e.Message.ShouldContain("dossier migrate"));
    }

    [Fact]
    public async Task Following_a_view_that_was_not_migrated_says_so()
    {
        await using var centre = await Centre.OpenAsync();
        (await Should.ThrowAsync<UserError>(() => centre.Follower(new Following.CountedView()).CatchUpAsync(1, CancellationToken.None))).Code.ShouldBe("not-migrated");
    }
}
