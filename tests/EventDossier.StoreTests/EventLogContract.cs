using EventDossier.Store;
using Npgsql;

namespace EventDossier.StoreTests;

/// <summary>
/// What every event log of ours does, whoever writes: the rules of <see cref="IEventLog"/>. Each edition enrols with an empty subclass that
/// says how its log is made. Deliberately not pinned: how many items share a transaction, how far positions jump, in which order
/// unrelated callers get through.
/// </summary>
public abstract partial class EventLogContract : IAsyncLifetime
{
    private static int _commands;
    private TestDatabase _database = null!;

    /// <summary>The log under test, on a migrated database.</summary>
    protected abstract Task<IEventLog> OpenAsync(string connectionString, bool sample, TimeProvider? clock = null);

    protected IEventLog Log { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        Log = await MigratedAsync(_database, sample: false);
    }

    public async Task DisposeAsync()
    {
        if (Log is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task<IEventLog> MigratedAsync(TestDatabase database, bool sample)
    {
        await Migration.RunAsync(database.ConnectionString, sample, []);
        return await OpenAsync(database.ConnectionString, sample);
    }

    protected static CommandMetadata Command(string? name = null) =>
        new(Uuid.V5(Guid.Parse("0f3a0c4e-51f0-4c55-9a0b-2d3f5a6b7c8d"), name ?? $"command {Interlocked.Increment(ref _commands)}"), "clerk-7", "clerk");

    protected static StreamAppend Item(string stream, long expected, params string[] notes) => Item(stream, expected, Command(), notes);

    protected static StreamAppend Item(string stream, long expected, CommandMetadata command, params string[] notes) =>
        new(stream, "test", expected, command, [.. notes.Select(n => new Noted(n))]);

    private async Task<AppendOutcome> AppendAsync(StreamAppend item) => (await Log.AppendAsync([item])).Single();

    private async Task<AppendOutcome.Appended> AppendedAsync(StreamAppend item) => (await AppendAsync(item)).ShouldBeOfType<AppendOutcome.Appended>();

    private async Task<string[]> NotesAsync(string stream) => [.. (await Log.ReadStreamAsync(stream)).Select(e => ((Noted)e.Event).Text)];

    private async Task<NpgsqlConnection> OwnerAsync()
    {
        var connection = new NpgsqlConnection(_database.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>An append by somebody who does not know our lock, as Marten does it, left uncommitted.</summary>
    private async Task<ForeignAppend> ForeignAppendAsync(string stream, long version, Guid? eventId = null)
    {
        var connection = await OwnerAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO dossier.mt_streams (id, version) VALUES (@stream, @version) ON CONFLICT (id) DO UPDATE SET version = @version;
            INSERT INTO dossier.mt_events (seq_id, id, stream_id, version, data, type, timestamp)
            VALUES (nextval('dossier.mt_events_sequence'), @id, @stream, @version, '{"text": "foreign"}', 'noted', clock_timestamp());
            """, connection, transaction);
        command.Parameters.AddWithValue("stream", stream);
        command.Parameters.AddWithValue("version", version);
        command.Parameters.AddWithValue("id", eventId ?? Uuid.V5(Command().CommandId, 0));
        await command.ExecuteNonQueryAsync();
        return new(connection, transaction);
    }

    private sealed record ForeignAppend(NpgsqlConnection Connection, NpgsqlTransaction Transaction) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Transaction.DisposeAsync();
            await Connection.DisposeAsync();
        }
    }

    private async Task<List<StoredEvent>> ReadToEndAsync(int pageSize = 100)
    {
        var all = new List<StoredEvent>();
        for (long at = 0; ;)
        {
            var page = await Log.ReadAllAsync(at, pageSize);
            if (page.Position == at)
                return all;
            all.AddRange(page.Events);
            at = page.Position;
        }
    }

    // ---- append and read

    [Fact]
    public async Task What_is_appended_is_read_back_in_version_order_with_its_metadata()
    {
        var command = new CommandMetadata(Command().CommandId, "officer-3", "officer", "post H49.12-01", "correlation-1", "causation-1");
        var appended = await AppendedAsync(Item("s1", 0, command, "one", "two"));

        appended.Version.ShouldBe(2);
        appended.Positions.Count.ShouldBe(2);
        var events = await Log.ReadStreamAsync("s1");
        events.Select(e => ((Noted)e.Event).Text).ShouldBe(["one", "two"]);
        events.Select(e => e.Version).ShouldBe([1, 2]);
        events.Select(e => e.Position).ShouldBe(appended.Positions);
        events.ShouldAllBe(e => e.Metadata == command && e.Stream == "s1" && e.Name == "noted");
        events.Select(e => e.Id).ShouldBe([Uuid.V5(command.CommandId, 0), Uuid.V5(command.CommandId, 1)]);
    }

    [Fact]
    public async Task A_stream_is_read_up_to_a_version()
    {
        await AppendedAsync(Item("s1", 0, "one", "two", "three"));

        (await Log.ReadStreamAsync("s1", upToVersion: 2)).Count.ShouldBe(2);
        (await Log.ReadStreamAsync("none")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Recorded_time_is_the_servers_in_whole_milliseconds_and_one_for_a_command()
    {
        await using var owner = await OwnerAsync();
        var before = await ServerTimeAsync(owner);
        await AppendedAsync(Item("s1", 0, "one", "two"));
        var after = await ServerTimeAsync(owner);

        var recorded = (await Log.ReadStreamAsync("s1")).Select(e => e.RecordedAt).Distinct().ShouldHaveSingleItem();
        (recorded.Ticks % TimeSpan.TicksPerMillisecond).ShouldBe(0);
        recorded.ShouldBeInRange(before.AddMilliseconds(-1), after);

        static async Task<DateTimeOffset> ServerTimeAsync(NpgsqlConnection owner)
        {
            await using var command = new NpgsqlCommand("SELECT clock_timestamp()", owner);
            return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync())!);
        }
    }

    // ---- rule 2: batches

    [Fact]
    public async Task One_items_conflict_never_fails_its_neighbours()
    {
        await AppendedAsync(Item("taken", 0, "first"));

        var outcomes = await Log.AppendAsync([Item("a", 0, "a1"), Item("taken", 0, "late"), Item("b", 0, "b1", "b2")]);

        outcomes[0].ShouldBeOfType<AppendOutcome.Appended>().Version.ShouldBe(1);
        outcomes[1].ShouldBe(new AppendOutcome.Conflict(1));
        outcomes[2].ShouldBeOfType<AppendOutcome.Appended>().Version.ShouldBe(2);
        (await NotesAsync("taken")).ShouldBe(["first"]);
        (await NotesAsync("b")).ShouldBe(["b1", "b2"]);
    }

    [Fact]
    public async Task A_call_without_items_holds_up_nobody()
    {
        (await Log.AppendAsync([])).ShouldBeEmpty();
        (await AppendedAsync(Item("s1", 0, "one"))).Version.ShouldBe(1);
    }

    [Fact]
    public async Task A_second_item_for_a_stream_sees_the_first()
    {
        var outcomes = await Log.AppendAsync([Item("s1", 0, "one"), Item("s1", 1, "two", "three"), Item("s1", 1, "stale"), Item("s1", 3, "four")]);

        outcomes[0].ShouldBeOfType<AppendOutcome.Appended>().Version.ShouldBe(1);
        outcomes[1].ShouldBeOfType<AppendOutcome.Appended>().Version.ShouldBe(3);
        outcomes[2].ShouldBeOfType<AppendOutcome.Conflict>().ActualVersion.ShouldBeInRange(3, 4);
        outcomes[3].ShouldBeOfType<AppendOutcome.Appended>().Version.ShouldBe(4);
        (await NotesAsync("s1")).ShouldBe(["one", "two", "three", "four"]);
    }

    [Fact]
    public async Task The_same_command_id_again_in_one_batch_is_a_duplicate_of_the_first()
    {
        var command = Command() with { Request = "asked" };

        var outcomes = await Log.AppendAsync(
        [
            Item("s1", 0, command, "once", "and on"), Item("s1", 2, "between"), Item("s1", 0, command, "once", "and on"), Item("s2", 0, command with { Request = "other" }, "else"),
        ]);

        var first = outcomes[0].ShouldBeOfType<AppendOutcome.Appended>();
        foreach (var again in outcomes.Skip(2))
            again.ShouldBeEquivalentTo(new AppendOutcome.Duplicate("s1", 2, first.Positions.ToArray(), "asked"));
        outcomes[3].ShouldBeEquivalentTo(await Log.FindCommandAsync(command.CommandId));
        (await NotesAsync("s1")).ShouldBe(["once", "and on", "between"]);
        (await Log.ReadStreamAsync("s2")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_same_command_id_again_in_one_batch_is_a_conflict_where_the_first_is_one()
    {
        await AppendedAsync(Item("s1", 0, "taken"));
        var command = Command();

        (await Log.AppendAsync([Item("s1", 0, command, "late"), Item("s1", 0, command, "late")])).ShouldBe([new AppendOutcome.Conflict(1), new AppendOutcome.Conflict(1)]);
    }

    [Fact]
    public async Task Cancelling_a_caller_never_cancels_what_the_others_wait_for()
    {
        await using var foreign = await LockHeldAsync();
        using var impatient = new CancellationTokenSource();
        var cancelled = Log.AppendAsync([Item("impatient", 0, "mine")], impatient.Token);
        var others = Enumerable.Range(0, 8).Select(i => AppendedAsync(Item($"patient-{i}", 0, "mine"))).ToList();
        await BlockedAsync(foreign.Connection, foreign.Transaction, "advisory");

        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => cancelled);
        await foreign.Transaction.RollbackAsync();

        (await Task.WhenAll(others)).ShouldAllBe(o => o.Version == 1);
    }

    private async Task<ForeignAppend> LockHeldAsync()
    {
        var connection = await OwnerAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("SELECT pg_advisory_xact_lock(7261435)", connection, transaction);
        await command.ExecuteNonQueryAsync();
        return new(connection, transaction);
    }

    [Fact]
    public async Task A_foreign_uncommitted_append_holds_up_its_own_stream_only()
    {
        await AppendedAsync(Item("held", 0, "one"));
        await using var foreign = await ForeignAppendAsync("held", 2);

        var held = AppendAsync(Item("held", 1, "mine"));
        var others = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => AppendAsync(Item($"free-{i}", 0, "mine"))));
        others.ShouldAllBe(o => o is AppendOutcome.Appended);
        held.IsCompleted.ShouldBeFalse();

        await foreign.Transaction.CommitAsync();
        (await held).ShouldBe(new AppendOutcome.Conflict(2));
        (await NotesAsync("held")).ShouldBe(["one", "foreign"]);
    }

    [Fact]
    public async Task A_foreign_append_that_is_rolled_back_leaves_the_stream_to_ours()
    {
        await using var foreign = await ForeignAppendAsync("new", 1);
        var batch = Log.AppendAsync([Item("before", 0, "mine"), Item("new", 0, "mine"), Item("after", 0, "mine")]);
        (await Log.AppendAsync([Item("elsewhere", 0, "mine")])).Single().ShouldBeOfType<AppendOutcome.Appended>();

        await foreign.Transaction.RollbackAsync();

        (await batch).ShouldAllBe(o => o is AppendOutcome.Appended);
        (await NotesAsync("new")).ShouldBe(["mine"]);
    }

    [Fact]
    public async Task An_item_that_the_server_refuses_fails_alone()
    {
        await using (var owner = await OwnerAsync())
        await using (var command = new NpgsqlCommand("ALTER TABLE dossier.mt_events ADD CONSTRAINT refused CHECK (stream_id <> 'refused')", owner))
            await command.ExecuteNonQueryAsync();

        var refused = await Should.ThrowAsync<PostgresException>(() => Log.AppendAsync([Item("before", 0, "mine"), Item("refused", 0, "mine"), Item("after", 0, "mine")]));

        refused.SqlState.ShouldBe(PostgresErrorCodes.CheckViolation);
        (await NotesAsync("before")).ShouldBe(["mine"]);
        (await NotesAsync("after")).ShouldBe(["mine"]);
        (await NotesAsync("refused")).ShouldBeEmpty();
    }

    // ---- rule 4: optimistic concurrency

    [Fact]
    public async Task Of_two_overlapping_appends_at_one_version_exactly_one_commits()
    {
        for (var round = 0; round < 20; round++)
        {
            var stream = $"s{round}";
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => AppendAsync(Item(stream, 0, $"caller {i}")))));

            outcomes.Count(o => o is AppendOutcome.Appended).ShouldBe(1);
            outcomes.Where(o => o is not AppendOutcome.Appended).ShouldAllBe(o => Equals(o, new AppendOutcome.Conflict(1)));
            var winner = Array.FindIndex(outcomes, o => o is AppendOutcome.Appended);
            (await NotesAsync(stream)).ShouldBe([$"caller {winner}"]);
        }
    }

    [Fact]
    public async Task Two_logs_on_one_database_lose_no_write_to_each_other()
    {
        var other = await OpenAsync(_database.ConnectionString, sample: false);
        var logs = new[] { Log, other };
        for (var round = 0; round < 20; round++)
        {
            var stream = $"s{round}";
            var outcomes = await Task.WhenAll(logs.Select(log => Task.Run(() => log.AppendAsync([Item(stream, 0, "mine")]))));
            outcomes.Count(o => o[0] is AppendOutcome.Appended).ShouldBe(1);
            (await NotesAsync(stream)).ShouldHaveSingleItem();
        }
        await ((IAsyncDisposable)other).DisposeAsync();
    }

    [Fact]
    public async Task Where_order_alone_matters_any_version_is_taken()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => AppendAsync(Item("access", StreamAppend.Any, $"{i}")))));

        outcomes.ShouldAllBe(o => o is AppendOutcome.Appended);
        (await Log.ReadStreamAsync("access")).Select(e => e.Version).ShouldBe(Enumerable.Range(1, 20).Select(v => (long)v));
    }

    // ---- rule 5: idempotency

    [Fact]
    public async Task A_command_sent_again_is_a_duplicate_even_though_the_version_has_moved()
    {
        var command = Command();
        var first = await AppendedAsync(Item("s1", 0, command, "one", "two"));
        await AppendedAsync(Item("s1", 2, "three"));

        var again = (await AppendAsync(Item("s1", 0, command, "one", "two"))).ShouldBeOfType<AppendOutcome.Duplicate>();

        again.Stream.ShouldBe("s1");
        again.Version.ShouldBe(2);
        again.Positions.ShouldBe(first.Positions);
        (await NotesAsync("s1")).ShouldBe(["one", "two", "three"]);
    }

    [Fact]
    public async Task A_command_sent_again_for_another_stream_tells_where_it_was_carried_out()
    {
        var command = Command();
        await AppendedAsync(Item("H49-0001", 0, command, "received"));

        (await AppendAsync(Item("H49-0002", 0, command, "received"))).ShouldBeOfType<AppendOutcome.Duplicate>().Stream.ShouldBe("H49-0001");
        (await Log.ReadStreamAsync("H49-0002")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_command_sent_by_many_at_once_is_there_once_and_one_of_them_has_done_it()
    {
        var command = Command();
        await using var foreign = await LockHeldAsync();
        var before = AppendAsync(Item("s2", 0, "holds them up until all have come"));
        await BlockedAsync(foreign.Connection, foreign.Transaction, "advisory");
        var many = Enumerable.Range(0, 16).Select(_ => AppendAsync(Item("s1", 0, command, "once"))).ToList();
        await foreign.Transaction.RollbackAsync();

        var outcomes = await Task.WhenAll([before, .. many]);

        var appended = outcomes.Skip(1).OfType<AppendOutcome.Appended>().ShouldHaveSingleItem();
        outcomes.OfType<AppendOutcome.Duplicate>().Count(d => d.Positions.SequenceEqual(appended.Positions)).ShouldBe(15);
        (await NotesAsync("s1")).ShouldBe(["once"]);
    }

    [Fact]
    public async Task What_a_command_has_done_can_be_looked_up()
    {
        var command = Command();
        (await Log.FindCommandAsync(command.CommandId)).ShouldBeNull();
        var appended = await AppendedAsync(Item("s1", 0, command, "one", "two"));

        var found = (await Log.FindCommandAsync(command.CommandId)).ShouldNotBeNull();

        found.ShouldSatisfyAllConditions(f => f.Stream.ShouldBe("s1"), f => f.Version.ShouldBe(2), f => f.Positions.ShouldBe(appended.Positions));
    }

    // ---- a server that goes away

    [Fact]
    public async Task Every_call_gets_through_when_the_sessions_it_would_have_used_have_been_ended()
    {
        var command = Command();
        await AppendedAsync(Item("s1", 0, command, "one"));
        await Log.ReadStreamAsync("s1");

        await SessionsEndedAsync();
        (await Log.ReadStreamAsync("s1")).Count.ShouldBe(1);
        await SessionsEndedAsync();
        (await Log.FindCommandAsync(command.CommandId)).ShouldNotBeNull();
        await SessionsEndedAsync();
        (await Log.ReadAllAsync(0, 100)).Events.Count.ShouldBe(1);
        await SessionsEndedAsync();
        await AppendedAsync(Item("s1", 1, "two"));
        await SessionsEndedAsync();
        (await Log.AppendManyNewAsync([Item("s2", 0, "one")])).Single().ShouldBeOfType<AppendOutcome.Appended>();
    }

    [Fact]
    public async Task An_item_that_waits_for_somebody_elses_transaction_outlives_the_end_of_its_session()
    {
        await AppendedAsync(Item("held", 0, "one"));
        await using var foreign = await ForeignAppendAsync("held", 2);
        var held = AppendAsync(Item("held", 1, "mine"));
        (await AppendAsync(Item("free", 0, "mine"))).ShouldBeOfType<AppendOutcome.Appended>("from here on the held item is alone");
        await using (var owner = await OwnerAsync())
            await BlockedAsync(owner, null, "transactionid");

        await SessionsEndedAsync(but: foreign.Connection.ProcessID);
        await foreign.Transaction.RollbackAsync();

        (await held).ShouldBeOfType<AppendOutcome.Appended>();
        (await NotesAsync("held")).ShouldBe(["one", "mine"]);
    }

    private async Task SessionsEndedAsync(int but = 0)
    {
        await using var owner = await OwnerAsync();
        await using var command = new NpgsqlCommand(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), @but)", owner);
        command.Parameters.AddWithValue("but", but);
        await command.ExecuteNonQueryAsync();
    }

    // ---- many new streams at once

    [Fact]
    public async Task Many_new_streams_are_appended_at_once_with_the_outcomes_of_any_append()
    {
        var again = Command();
        await AppendedAsync(Item("known", 0, "one"));
        await AppendedAsync(Item("again", 0, again, "one", "two"));

        var items = Enumerable.Range(0, 500).Select(i => Item($"new-{i}", 0, "one", "two", "three"))
            .Append(Item("known", 0, "late")).Append(Item("again", 0, again, "one", "two"))
            .Append(Item("new-7", 0, "twice in one call")).ToList();
        items.Add(items[3] with { Stream = "elsewhere" });
        var outcomes = await Log.AppendManyNewAsync(items);

        outcomes.Take(500).ShouldAllBe(o => ((AppendOutcome.Appended)o).Version == 3);
        outcomes[500].ShouldBe(new AppendOutcome.Conflict(1));
        outcomes[501].ShouldBeOfType<AppendOutcome.Duplicate>().Version.ShouldBe(2);
        outcomes[502].ShouldBe(new AppendOutcome.Conflict(3));
        outcomes[503].ShouldBeEquivalentTo(new AppendOutcome.Duplicate("new-3", 3, ((AppendOutcome.Appended)outcomes[3]).Positions.ToArray(), null));
        (await NotesAsync("new-7")).ShouldBe(["one", "two", "three"]);
        (await Log.ReadStreamAsync("new-499")).Select(e => e.Position).ShouldBe(((AppendOutcome.Appended)outcomes[499]).Positions);
        (await AppendedAsync(Item("new-0", 3, "four"))).Version.ShouldBe(4);
        (await ReadToEndAsync()).Count.ShouldBe(1 + 2 + 1500 + 1);
    }
}

public sealed record Noted(string Text)
{
    public DateTimeOffset At { get; init; }
    public long Number { get; init; }
    public int? Small { get; init; }
}

internal static class TestEvents
{
    public static EventNames Names { get; } = new(
        new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver(),
        EventName.Of<Noted>("noted"),
        EventName.Was<Noted>("remarked", old => new() { ["text"] = old["remark"]!.DeepClone() }));
}
