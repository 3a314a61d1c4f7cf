using EventDossier.Store;
using Npgsql;

namespace EventDossier.StoreTests;

/// <summary>Commit order is reading order, and holes are waited for only as long as somebody could fill them.</summary>
public abstract partial class EventLogContract
{
    // ---- rule 1: commit order is reading order

    [Fact]
    public async Task A_reader_never_later_finds_an_event_at_or_below_what_it_has_seen()
    {
        using var stop = new CancellationTokenSource();
        var reader = Task.Run(async () =>
        {
            var seen = new List<long>();
            for (long at = 0; ;)
            {
                var last = stop.IsCancellationRequested;
                var page = await Log.ReadAllAsync(at, 7);
                seen.AddRange(page.Events.Select(e => e.Position));
                if (page.Position == at && last)
                    return seen;
                at = page.Position;
            }
        });
        await Task.WhenAll(Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 25; i++)
                await AppendedAsync(Item($"caller-{caller}", i, $"{i}"));
        })));
        await stop.CancelAsync();

        var seen = await reader;
        seen.Count.ShouldBe(400);
        seen.ShouldBe((await ReadToEndAsync()).Select(e => e.Position), "the running reader must have found exactly what one finds afterwards");
    }

    [Fact]
    public async Task An_append_that_waited_for_the_lock_sees_what_was_committed_meanwhile()
    {
        await AppendedAsync(Item("s1", 0, "one"));
        // A writer that keeps the rule holds the lock, appends version 2, and commits while ours waits.
        await using var owner = await OwnerAsync();
        await using var transaction = await owner.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("SELECT pg_advisory_xact_lock(7261435)", owner, transaction))
            await command.ExecuteNonQueryAsync();
        var waiting = AppendAsync(Item("s1", 1, "mine"));
        await BlockedAsync(owner, transaction, "advisory");
        await using (var command = new NpgsqlCommand(
            """
            UPDATE dossier.mt_streams SET version = 2 WHERE id = 's1';
            INSERT INTO dossier.mt_events (seq_id, id, stream_id, version, data, type, timestamp)
            VALUES (nextval('dossier.mt_events_sequence'), gen_random_uuid(), 's1', 2, '{"text": "theirs"}', 'noted', clock_timestamp());
            """, owner, transaction))
            await command.ExecuteNonQueryAsync();
        await transaction.CommitAsync();

        (await waiting).ShouldBe(new AppendOutcome.Conflict(2));
        (await NotesAsync("s1")).ShouldBe(["one", "theirs"]);
    }

    /// <summary>Returns when some session of this database waits for a lock of that type.</summary>
    private static async Task BlockedAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, string lockType)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE NOT l.granted AND l.locktype = @type AND a.datname = current_database()
            """, connection, transaction);
        command.Parameters.AddWithValue("type", lockType);
        // Within a transaction the view of sessions is taken once.
        await using var lookAgain = new NpgsqlCommand("SELECT pg_stat_clear_snapshot()", connection, transaction);
        for (var began = TestDatabase.Time.GetTimestamp(); (long)(await command.ExecuteScalarAsync())! == 0; await lookAgain.ExecuteNonQueryAsync())
            TestDatabase.Time.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(20), $"nobody waits for a lock of type {lockType}");
    }

    // ---- rule 3: gaps

    /// <summary>A read from the beginning that has had time to be done, if it does not wait: others append twenty times meanwhile.</summary>
    private async Task<Task<LogPage>> ReadingAsync()
    {
        // From a position beyond the end, so that connecting and planning are behind us.
        await Log.ReadAllAsync(1_000, 1);
        var reading = Log.ReadAllAsync(0, 100);
        for (var i = 0; i < 20; i++)
            await AppendedAsync(Item($"meanwhile-{i}", 0, "goes on"));
        return reading;
    }

    [Fact]
    public async Task A_hole_that_may_still_be_filled_is_waited_for()
    {
        await AppendedAsync(Item("s1", 0, "one"));
        await using var foreign = await ForeignAppendAsync("theirs", 1);
        await AppendedAsync(Item("s1", 1, "two"));

        var reading = await ReadingAsync();
        reading.IsCompleted.ShouldBeFalse("position 2 is not final: its transaction is open");
        await foreign.Transaction.CommitAsync();

        var page = await reading;
        page.Events.Take(3).Select(e => ((Noted)e.Event).Text).ShouldBe(["one", "foreign", "two"]);
    }

    [Fact]
    public async Task A_hole_that_nobody_can_fill_any_more_is_passed()
    {
        await AppendedAsync(Item("s1", 0, "one"));
        await using (var foreign = await ForeignAppendAsync("theirs", 1))
            await foreign.Transaction.RollbackAsync();
        await AppendedAsync(Item("s1", 1, "two"));

        var events = await ReadToEndAsync();

        events.Select(e => ((Noted)e.Event).Text).ShouldBe(["one", "two"]);
        (events[1].Position - events[0].Position).ShouldBe(2);
    }

    [Fact]
    public async Task Numbers_rolled_back_at_the_tail_are_passed_once_something_follows_them()
    {
        await AppendedAsync(Item("s1", 0, "one"));
        await using (var foreign = await ForeignAppendAsync("theirs", 1))
            await foreign.Transaction.RollbackAsync();

        (await Log.ReadAllAsync(0, 100)).Position.ShouldBe(1);
        (await Log.ReadAllAsync(1, 100)).ShouldSatisfyAllConditions(p => p.Events.ShouldBeEmpty(), p => p.Position.ShouldBe(1));
        await AppendedAsync(Item("s1", 1, "two"));
        (await Log.ReadAllAsync(1, 100)).Events.ShouldHaveSingleItem().Position.ShouldBe(3);
    }

    [Fact]
    public async Task A_session_left_idle_in_its_transaction_holds_readers_up_until_the_database_ends_it()
    {
        await AppendedAsync(Item("s1", 0, "one"));
        var foreign = await ForeignAppendAsync("theirs", 1);
        await AppendedAsync(Item("s1", 1, "two"));

        var reading = await ReadingAsync();
        reading.IsCompleted.ShouldBeFalse("its number may still be filled");
        // Asked of a session that began after the database was migrated.
        await using (var fresh = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_database.ConnectionString) { Pooling = false }.ConnectionString))
        {
            await fresh.OpenAsync();
            await using var allowed = new NpgsqlCommand("SHOW idle_in_transaction_session_timeout", fresh);
            (await allowed.ExecuteScalarAsync()).ShouldBe("30s", "nobody may sit there for minutes");
        }
        await using (var sooner = new NpgsqlCommand("SET LOCAL idle_in_transaction_session_timeout = '10ms'", foreign.Connection, foreign.Transaction))
            await sooner.ExecuteNonQueryAsync();

        (await reading).Events.Take(2).Select(e => ((Noted)e.Event).Text).ShouldBe(["one", "two"]);
        await Should.ThrowAsync<Exception>(() => foreign.Transaction.CommitAsync());
        await foreign.Connection.DisposeAsync();
    }

    [Fact]
    public async Task A_rollback_to_a_savepoint_does_not_let_a_reader_pass_too_early()
    {
        await using var connection = await OwnerAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand(
            "SAVEPOINT a; SELECT nextval('dossier.mt_events_sequence'); ROLLBACK TO a; SELECT nextval('dossier.mt_events_sequence')", connection, transaction))
            await command.ExecuteNonQueryAsync();
        await AppendedAsync(Item("s1", 0, "after"));

        var reading = await ReadingAsync();
        await using (var command = new NpgsqlCommand(
            """
            INSERT INTO dossier.mt_streams (id, version) VALUES ('theirs', 1);
            INSERT INTO dossier.mt_events (seq_id, id, stream_id, version, data, type, timestamp)
            VALUES (2, gen_random_uuid(), 'theirs', 1, '{"text": "foreign"}', 'noted', clock_timestamp())
            """, connection, transaction))
            await command.ExecuteNonQueryAsync();
        await transaction.CommitAsync();

        (await reading).Events.Take(2).Select(e => e.Position).ShouldBe([2, 3]);
    }

    [Fact]
    public async Task A_hole_does_not_stall_a_reader_while_others_keep_the_sequence_busy()
    {
        await using (var foreign = await ForeignAppendAsync("theirs", 1))
            await foreign.Transaction.RollbackAsync();
        await AppendedAsync(Item("s1", 0, "beyond the hole"));
        // Overlapping foreign transactions: at no moment is the sequence free.
        var first = await ForeignAppendAsync("busy-0", 1);
        var reading = Log.ReadAllAsync(0, 1);
        for (var i = 1; !reading.IsCompleted; i++)
        {
            var second = await ForeignAppendAsync($"busy-{i}", 1);
            await first.Transaction.CommitAsync();
            await first.DisposeAsync();
            first = second;
            i.ShouldBeLessThan(2000, "the reader waits for transactions that began after it looked");
        }
        await first.DisposeAsync();

        ((Noted)(await reading).Events.Single().Event).Text.ShouldBe("beyond the hole");
    }

    [Fact]
    public async Task Martens_tombstones_are_passed_over()
    {
        await using var owner = await OwnerAsync();
        await using (var command = new NpgsqlCommand(
            """
            INSERT INTO dossier.mt_streams (id, version) VALUES ('mt_tombstone', 0);
            INSERT INTO dossier.mt_events (seq_id, id, stream_id, version, data, type, timestamp)
            VALUES (nextval('dossier.mt_events_sequence'), gen_random_uuid(), 'mt_tombstone', 1, '{}', 'tombstone', clock_timestamp());
            """, owner))
            await command.ExecuteNonQueryAsync();
        await AppendedAsync(Item("s1", 0, "one"));

        var page = await Log.ReadAllAsync(0, 100);

        page.Events.ShouldHaveSingleItem().Stream.ShouldBe("s1");
        (await Log.ReadAllAsync(0, 1)).ShouldSatisfyAllConditions(p => p.Events.ShouldBeEmpty(), p => p.Position.ShouldBe(1));
    }
}
