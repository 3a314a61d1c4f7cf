using EventDossier.Store;
using Npgsql;

namespace EventDossier.StoreTests;

/// <summary>What is stored: for good, by name, with both times, and so that it can be hashed.</summary>
public abstract partial class EventLogContract
{
    // ---- rule 6: append-only

    [Theory]
    [InlineData("UPDATE dossier.mt_events SET data = '{}'")]
    [InlineData("DELETE FROM dossier.mt_events")]
    [InlineData("TRUNCATE dossier.mt_events CASCADE")]
    [InlineData("DELETE FROM dossier.mt_streams")]
    [InlineData("TRUNCATE dossier.mt_streams CASCADE")]
    public async Task Nothing_rewrites_the_log(string sql)
    {
        await AppendedAsync(Item("s1", 0, "one"));
        await using var owner = await OwnerAsync();

        (await RefusedAsync(owner, "SET ROLE dossier_app", sql)).ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        (await RefusedAsync(owner, "RESET ROLE", sql)).ShouldBe("DS001", "the owner too, unless the maintenance setting is on");
        (await RefusedAsync(owner, "SET dossier.maintenance = 'on'; SET ROLE dossier_app", sql)).ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        (await NotesAsync("s1")).ShouldBe(["one"]);
        (await RefusedAsync(owner, "RESET ROLE; SET dossier.maintenance = 'on'", sql)).ShouldBeNull();
    }

    [Theory]
    [InlineData("UPDATE dossier.mt_streams SET id = 's2'")]
    [InlineData("UPDATE dossier.mt_streams SET is_archived = true")]
    [InlineData("SELECT setval('dossier.mt_events_sequence', 1)")]
    [InlineData("DROP TABLE dossier.mt_events")]
    [InlineData("ALTER TABLE dossier.mt_events DISABLE TRIGGER ALL")]
    [InlineData("CREATE TABLE dossier.mine (id int)")]
    public async Task The_applications_role_may_append_and_nothing_else(string sql)
    {
        await using var owner = await OwnerAsync();

        (await RefusedAsync(owner, "SET ROLE dossier_app", sql)).ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
    }

    private static async Task<string?> RefusedAsync(NpgsqlConnection connection, string before, string sql)
    {
        try
        {
            await using var command = new NpgsqlCommand($"{before}; {sql}", connection);
            await command.ExecuteNonQueryAsync();
            return null;
        }
        catch (PostgresException e)
        {
            return e.SqlState;
        }
        finally
        {
            await using var reset = new NpgsqlCommand("RESET ALL; RESET ROLE", connection);
            await reset.ExecuteNonQueryAsync();
        }
    }

    // ---- rule 7: names

    [Fact]
    public async Task An_unknown_name_fails_when_its_event_is_asked_for()
    {
        await AppendedAsync(Item("s1", 0, "one"));
        await ForeignEventAsync("s1", 2, "from_the_future", "{}");

        var events = await Log.ReadStreamAsync("s1");

        Should.Throw<UnknownEventNameException>(() => events[1].Event).Name.ShouldBe("from_the_future");
    }

    [Fact]
    public async Task An_event_under_a_retired_name_is_read_as_the_current_one()
    {
        await ForeignEventAsync("s1", 1, "remarked", """{"remark": "as it was written once"}""");

        (await NotesAsync("s1")).ShouldBe(["as it was written once"]);
    }

    [Fact]
    public async Task An_event_without_a_name_in_the_map_is_not_stored()
    {
        await Should.ThrowAsync<NotStorableException>(() => Log.AppendAsync([new("s1", "test", 0, Command(), ["no event of ours"])]));
    }

    private async Task ForeignEventAsync(string stream, long version, string name, string json)
    {
        await using var owner = await OwnerAsync();
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO dossier.mt_streams (id, version) VALUES (@stream, @version) ON CONFLICT (id) DO UPDATE SET version = @version;
            INSERT INTO dossier.mt_events (seq_id, id, stream_id, version, data, type, timestamp)
            VALUES (nextval('dossier.mt_events_sequence'), gen_random_uuid(), @stream, @version, @json::jsonb, @name, clock_timestamp());
            """, owner);
        command.Parameters.AddWithValue("stream", stream);
        command.Parameters.AddWithValue("version", version);
        command.Parameters.AddWithValue("name", name);
        command.Parameters.AddWithValue("json", json);
        await command.ExecuteNonQueryAsync();
    }

    // ---- rule 8: two times

    [Fact]
    public async Task A_live_database_takes_no_simulated_recorded_time()
    {
        await Should.ThrowAsync<NotStorableException>(() => Log.AppendAsync([Item("s1", 0, "one") with { RecordedAt = DateTimeOffset.UnixEpoch }]));
    }

    [Fact]
    public async Task A_sample_database_takes_a_simulated_recorded_time()
    {
        await using var database = await TestDatabase.CreateAsync();
        var log = await MigratedAsync(database, sample: true);
        var at = new DateTimeOffset(2026, 4, 24, 16, 10, 0, TimeSpan.FromHours(7));

        await log.AppendAsync([Item("s1", 0, "one") with { RecordedAt = at }]);
        await log.AppendManyNewAsync([Item("s2", 0, "one") with { RecordedAt = at }]);

        (await log.ReadStreamAsync("s1")).Single().RecordedAt.ShouldBe(at);
        (await log.ReadStreamAsync("s2")).Single().RecordedAt.ShouldBe(at);
        await ((IAsyncDisposable)log).DisposeAsync();
    }

    [Fact]
    public async Task A_sample_database_records_by_the_programs_clock_and_a_live_one_by_the_servers()
    {
        await using var database = await TestDatabase.CreateAsync();
        await Migration.RunAsync(database.ConnectionString, sample: true, []);
        var stepped = new SteppedClock { Now = new(2026, 4, 24, 16, 10, 0, 123, TimeSpan.FromHours(7)) };
        foreach (var (connection, sample) in new[] { (database.ConnectionString, true), (_database.ConnectionString, false) })
        {
            var log = await OpenAsync(connection, sample, stepped);
            await log.AppendAsync([Item("by", 0, "one")]);
            await log.AppendManyNewAsync([Item("many", 0, "one")]);
            foreach (var stream in (string[])["by", "many"])
            {
                var recorded = (await log.ReadStreamAsync(stream)).Single().RecordedAt;
                if (sample)
                    recorded.ShouldBe(stepped.Now);
                else
                    recorded.ShouldBeGreaterThan(stepped.Now.AddDays(1));
            }
            await ((IAsyncDisposable)log).DisposeAsync();
        }
    }

    // ---- rule 10: what is stored can be hashed

    [Fact]
    public async Task What_is_read_back_has_the_canonical_bytes_of_what_was_written()
    {
        var noted = new Noted("Phường Hạ Long \u2028 \"q\" \\ \u0001") { At = new(2026, 4, 24, 16, 10, 0, 123, TimeSpan.FromHours(7)), Number = (1L << 53) + 1, Small = -7 };
        await Log.AppendAsync([new("s1", "test", 0, Command(), [noted])]);

        var stored = (await Log.ReadStreamAsync("s1")).Single();

        stored.Event.ShouldBe(noted);
        CanonicalJson.Canonicalize(stored.Data.Span).ShouldBe(CanonicalJson.Canonicalize(System.Text.Encoding.UTF8.GetBytes(TestEvents.Names.Encode(noted).Json)));
        System.Text.Encoding.UTF8.GetString(stored.Data.Span).ShouldContain("\"9007199254740993\"");
    }

    [Fact]
    public async Task Text_is_normalised_and_times_are_cut_to_milliseconds_at_the_edge()
    {
        const string decomposed = "Qua\u0309ng Ninh";
        await Log.AppendAsync([new("s1", "test", 0, Command(), [new Noted(decomposed) { At = DateTimeOffset.UnixEpoch.AddTicks(12_345) }])]);

        var noted = (Noted)(await Log.ReadStreamAsync("s1")).Single().Event;

        noted.Text.ShouldBe("Qu\u1ea3ng Ninh");
        noted.At.ShouldBe(DateTimeOffset.UnixEpoch.AddMilliseconds(1));
    }

    [Theory]
    [InlineData('\0')]
    [InlineData('\ud83d')]
    public async Task A_text_with_half_a_character_or_none_is_refused_before_anything_is_sent(char half)
    {
        var text = $"before {half} after";
        await Should.ThrowAsync<NotStorableException>(() => Log.AppendAsync([Item("fine", 0, "fine"), Item("s1", 0, text)]));

        (await Log.ReadStreamAsync("fine")).ShouldBeEmpty();
    }
}
