using System.Text.Json;
using EventDossier.Alerts;
using EventDossier.Audit;
using EventDossier.Dossiers;
using EventDossier.Store;
using EventDossier.StoreTests;
using EventDossier.Tests.Samples;
using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Aggregation;
using Npgsql;
using Weasel.Core;

namespace EventDossier.Marten.Tests;

/// <summary>What one edition writes, the other reads, goes on with and verifies; and so does a Marten program of somebody else's.</summary>
public sealed class CrossWritingTests
{
    private static readonly Edition _default = new();
    private static readonly Edition _marten = new MartenEdition();

    private static async Task<List<string>> LinesAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        var lines = new List<string>();
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
            lines.Add(row.GetString(0));
        return lines;
    }

    /// <summary>A program that knows of us what docs/marten.md tells.</summary>
    private static DocumentStore Stranger(string connectionString) => DocumentStore.For(options =>
    {
        options.Connection(connectionString);
        options.UseEventDossier(ProductEvents.Names);
        options.DatabaseSchemaName = "stranger";
        options.Projections.Add(new FoldOfDossier(), ProjectionLifecycle.Live);
    });

    internal sealed record Folded(string Id, Dossier Dossier);

    internal sealed class FoldOfDossier : SingleStreamProjection<Folded, string>
    {
        public override Folded Evolve(Folded? snapshot, string id, IEvent e) =>
            new(id, (snapshot?.Dossier ?? new Dossier(id)).After((DossierEvent)e.Data, e.Version));
    }

    [Fact]
    public async Task Either_edition_leaves_the_same_rows_to_the_byte()
    {
        var rows = new List<List<string>>();
        foreach (var edition in (Edition[])[_default, _marten])
        {
            await using var test = await TestDatabase.CreateAsync();
            await Migration.RunAsync(test.ConnectionString, sample: true, []);
            await using var database = await Database.OpenAsync(edition, test.ConnectionString, ProductEvents.Names, TestDatabase.Time);
            var at = new DateTimeOffset(2026, 5, 4, 9, 0, 0, 123, TimeSpan.FromHours(7));
            StreamAppend Item(string stream, long expected, string command, params IReadOnlyList<object> events) => new(
                stream, "dossier", expected, Centre.Command(command) with { Authority = "post H49.12-01", Correlation = "c1", Causation = "c2", Request = "r" }, events, at);

            var samples = Sample.Files.Order(StringComparer.Ordinal).Select(Sample.Event).ToList();
            var outcomes = await database.Log.AppendAsync(
            [
                .. samples.Select((e, i) => Item($"Hạ Long {i:00}", 0, $"sample {i}", e, e)),
                Item("access", StreamAppend.Any, "any", samples[4]), Item("taken", 0, "first", samples[0]), Item("taken", 1, "second", samples[1], samples[2]),
                Item("taken", 1, "late", samples[3]), Item("taken", 0, "first", samples[0]),
            ]);
            outcomes[^2].ShouldBe(new AppendOutcome.Conflict(3));
            await database.Log.AppendManyNewAsync([.. samples.Select((e, i) => Item($"many-{i:00}", 0, $"many {i}", e))]);
            await database.Log.AppendAsync([Item("access", StreamAppend.Any, "any again", samples[5])]);
            rows.Add(
            [
                .. await LinesAsync(test.ConnectionString, "SELECT to_jsonb(e)::text FROM dossier.mt_events e ORDER BY seq_id"),
                .. await LinesAsync(test.ConnectionString, "SELECT (to_jsonb(s) - 'timestamp')::text FROM dossier.mt_streams s ORDER BY id"),
                .. (await database.Log.ReadAllAsync(0, 10_000)).Events.Select(e => Convert.ToHexString(CanonicalJson.Canonicalize(e.Data.Span))),
            ]);
        }
        rows[0].Count.ShouldBeGreaterThan(3 * Sample.Files.Count());
        rows[1].Count.ShouldBe(rows[0].Count);
        foreach (var (of, ours) in rows[1].Zip(rows[0]))
            of.ShouldBe(ours);
    }

    [Fact]
    public async Task A_dossier_lived_by_turns_in_both_editions_and_in_Marten_itself_folds_and_verifies()
    {
        await using var centre = await Centre.OpenAsync();
        await using var one = await Database.OpenAsync(_default, centre.ConnectionString, ProductEvents.Names, TestDatabase.Time);
        await using var other = await Database.OpenAsync(_marten, centre.ConnectionString, ProductEvents.Names, TestDatabase.Time);
        one.Log.GetType().ShouldNotBe(other.Log.GetType());
        var (random, codes, desks) = (new Random(5), new List<string>(), (Desk[])[new(one), new(other)]);
        for (var i = 0; i < 120; i++)
        {
            centre.Now = centre.Now.AddMinutes(random.Next(90));
            if (i < 10)
                codes.Add((await Centre.ActAsync(desks[i % 2], null, RandomActs.Begin(random), random, centre.Now)).Code);
            else if (codes[random.Next(codes.Count)] is var code)
                await Centre.ActAsync(desks[i % 2], code, RandomActs.Next(random, code), random, centre.Now);
        }

        await using var store = Stranger(centre.ConnectionString);
        await using var session = store.LightweightSession();
        foreach (var code in codes)
        {
            var folded = await session.Events.AggregateStreamAsync<Folded>(code);
            JsonSerializer.Serialize(folded!.Dossier).ShouldBe(JsonSerializer.Serialize(Dossier.Fold(code, await one.Log.ReadStreamAsync(code))));
        }

        // Somebody else's program goes on; then ours do.
        var stream = await session.Events.FetchForWriting<Folded>(codes[0]);
        stream.AppendOne(new StepCompleted(centre.Now, "Trả kết quả", "officer-3", "H49.12-3"));
        await session.SaveChangesAsync();
        foreach (var database in (Database[])[one, other])
        {
            var events = await database.Log.ReadStreamAsync(codes[0]);
            ((StepCompleted)events[^1].Event).Step.ShouldBe("Trả kết quả");
            (await database.Log.AppendAsync([new(codes[0], Desk.StreamType, events.Count, Centre.Command(), [events[^1].Event])]))[0]
                .ShouldBeOfType<AppendOutcome.Appended>().Version.ShouldBe(events.Count + 1);
        }

        (await centre.VerifyAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Marten_wants_functions_beside_our_tables_and_changes_none_of_them()
    {
        const string Catalog =
            """
            SELECT concat_ws(' ', c.relkind, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), pg_get_indexdef(c.oid, a.attnum, true))
            FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
            WHERE c.relnamespace = 'dossier'::regnamespace
            UNION ALL SELECT 'k ' || conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'dossier'::regnamespace ORDER BY 1
            """;
        await using var test = await TestDatabase.CreateMigratedAsync();
        foreach (var function in await LinesAsync(test.ConnectionString, "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'dossier'::regnamespace"))
            await LinesAsync(test.ConnectionString, $"DROP FUNCTION {function}");
        var before = await LinesAsync(test.ConnectionString, Catalog);

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => _marten.MigrateAsync(test.ConnectionString, default))));

        (await LinesAsync(test.ConnectionString, Catalog)).ShouldBe(before);
        (await LinesAsync(test.ConnectionString, "SELECT proname::text FROM pg_proc WHERE pronamespace = 'dossier'::regnamespace ORDER BY 1"))
            .ShouldContain("mt_quick_append_events");

        // All that it would still add, were it let: its table of events that a projection of somebody's could not take.
        await using var store = Stranger(test.ConnectionString);
        var migration = await store.Storage.Database.CreateMigrationAsync();
        migration.Deltas.Where(d => d.Difference != SchemaPatchDifference.None && d.SchemaObject is ITable).Select(d => d.SchemaObject.Identifier.Name)
            .ShouldBe(["mt_doc_deadletterevent"]);
    }

    [Fact]
    public async Task A_reader_of_either_edition_neither_skips_nor_stalls_while_both_and_Marten_itself_write()
    {
        await using var centre = await Centre.OpenAsync();
        await using var one = await Database.OpenAsync(_default, centre.ConnectionString, ProductEvents.Names, TestDatabase.Time);
        await using var other = await Database.OpenAsync(_marten, centre.ConnectionString, ProductEvents.Names, TestDatabase.Time);
        await using var store = Stranger(centre.ConnectionString);
        using var stop = new CancellationTokenSource();
        var readers = ((Database[])[one, other]).Select(database => Task.Run(async () =>
        {
            var seen = new List<long>();
            for (long at = 0; ;)
            {
                var last = stop.IsCancellationRequested;
                var page = await database.Log.ReadAllAsync(at, 7);
                seen.AddRange(page.Events.Select(e => e.Position));
                if (page.Position == at && last)
                    return seen;
                at = page.Position;
            }
        })).ToList();

        static object Step(string by) => new StepCompleted(DateTimeOffset.UnixEpoch, by, by, null);
        await Task.WhenAll(Enumerable.Range(0, 9).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                // A third of all writers share a stream, so that they lose races to each other; what a stranger loses leaves numbers behind.
                var name = writer % 3 == 0 ? "shared" : $"{writer}";
                if (writer < 6)
                {
                    await (writer < 3 ? one : other).Log.AppendAsync([new(name, Desk.StreamType, StreamAppend.Any, Centre.Command(), [Step(name), Step(name)])]);
                    continue;
                }
                await using var session = store.LightweightSession();
                session.Events.Append(name, Step(name));
                if (i % 4 == 0)
                    session.Events.Append("nowhere", 1_000 + i, Step(name));
                await Xunit.Record.ExceptionAsync(() => session.SaveChangesAsync());
                await using var connection = new NpgsqlConnection(centre.ConnectionString);
                await connection.OpenAsync();
                await using var transaction = await connection.BeginTransactionAsync();
                await using var number = new NpgsqlCommand("SELECT nextval('dossier.mt_events_sequence')", connection, transaction);
                await number.ExecuteNonQueryAsync();
                await transaction.RollbackAsync();
            }
        })));
        await stop.CancelAsync();

        var written = (await LinesAsync(centre.ConnectionString, "SELECT e.seq_id::text FROM dossier.mt_events e WHERE e.type <> 'tombstone' ORDER BY e.seq_id")).Select(long.Parse).ToList();
        written.Count.ShouldBeGreaterThan(240);
        foreach (var reader in readers)
            (await reader).ShouldBe(written);
    }

    [Fact]
    public async Task A_switch_back_and_forth_while_alerts_are_pending_loses_and_doubles_none()
    {
        await using var centre = await Centre.OpenAsync(sample: true);
        for (var i = 0; i < 12; i++)
        {
            centre.Now = centre.Now.AddHours(i % 3);
            (await centre.Desk.BeginAsync(new ReceiveDossier(Centre.Procedure, Agency: Centre.Agency, Officer: "officer-1"), centre.Context() with { RecordedAt = centre.Now })).Refusal.ShouldBeNull();
        }

        // Each edition runs for some hours, is stopped, and the other is started; now and then both are up.
        var (now, end) = (centre.Now, centre.Now.AddDays(14));
        for (var turn = 0; now < end; turn++, now = now.AddHours(7))
        {
            Edition[] up = (turn % 3) switch { 0 => [_default], 1 => [_marten], _ => [_default, _marten] };
            await Task.WhenAll(up.Select(edition => Task.Run(async () =>
            {
                await using var database = await Database.OpenAsync(edition, centre.ConnectionString, ProductEvents.Names, TestDatabase.Time);
                for (var hour = 0; hour < 7; hour++)
                    await new Waker(database).TickAsync(now.AddHours(hour));
            })));
        }

        var verification = await new AlertVerification(centre.Database, now.AddHours(-1), TimeSpan.FromSeconds(5)).RunAsync();
        verification.Findings.ShouldBeEmpty();
        (await LinesAsync(centre.ConnectionString,
            """
            SELECT stream_id || (data->>'rule') FROM dossier.mt_events WHERE type = 'alert_raised' AND data->>'cycle' = '1' GROUP BY stream_id, data->>'rule' HAVING count(*) = 1
            """)).Count.ShouldBeGreaterThan(36);
        (await centre.VerifyAsync()).ShouldBeEmpty();
    }
}
