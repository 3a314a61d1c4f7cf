using System.Data;
using EventDossier.Alerts;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.StoreTests.Following;

public sealed class RebuildTests
{
    /// <summary>Those with a row for every dossier while none is finished.</summary>
    private static readonly View[] _whole = [Overview.View, DeadlineBoard.View, WorkList.View, Alarms.View];

    [Fact]
    public async Task Rebuilt_while_acts_go_on_a_view_shows_every_reader_the_log_up_to_its_checkpoint_and_ends_with_the_rows_of_a_follower()
    {
        await using var centre = await Centre.OpenAsync();
        await centre.ImportAsync("import", 200);
        await centre.CatchUpAsync();
        var (reads, positions) = (0, new HashSet<long>());
        async Task ReadAsync(CancellationToken cancel)
        {
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                foreach (var view in _whole)
                    positions.Add(await ReadOnceAsync(centre, view));
                reads++;
            }
        }
        async Task ActAsync(CancellationToken cancel)
        {
            for (var i = 0; ; i++)
            {
                cancel.ThrowIfCancellationRequested();
                var code = await centre.ReceiveAsync();
                await centre.StepAsync(code, $"step {i}");
            }
        }
        await Centre.WhileAsync(ReadAsync, () => Centre.WhileAsync(new Views(ProductViews.All, centre.Database).FollowAsync, () => Centre.WhileAsync(ActAsync, async () =>
        {
            for (var i = 0; i < 4; i++)
                await Rebuild.RunAsync(ProductViews.All, centre.Database.App, ProductEvents.Names, TestDatabase.Time);
        })));
        reads.ShouldBeGreaterThan(5);
        positions.Count.ShouldBeGreaterThan(5, "the log grew while it was read");

        await centre.CatchUpAsync();
        foreach (var view in ProductViews.All)
        {
            var rebuilt = await centre.RowsAsync(view);
            await centre.AskAsync($"TRUNCATE {view.Table}; UPDATE dossier.mt_event_progression SET last_seq_id = 0 WHERE name = '{view.Checkpoint}'");
            await centre.CatchUpAsync();
            (await centre.RowsAsync(view)).ShouldBe(rebuilt, $"{view.Name}, followed from the beginning");
        }
    }

    /// <summary>Checkpoint, rows and log in one snapshot: nothing is missing, nothing is older or newer than the checkpoint says. Returns the checkpoint.</summary>
    private static async Task<long> ReadOnceAsync(Centre centre, View view)
    {
        await using var connection = await centre.Database.App.OpenConnectionAsync();
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        // Before the snapshot is taken: a table that is swapped in after it would have no row that it can see.
        await using (var hold = new NpgsqlCommand($"LOCK TABLE {view.Table} IN ACCESS SHARE MODE", connection))
            await hold.ExecuteNonQueryAsync();
        var version = view is Alarms ? "NULL::bigint" : "v.version";
        await using var command = new NpgsqlCommand(
            $"""
            WITH at AS (SELECT last_seq_id FROM dossier.mt_event_progression WHERE name = '{view.Checkpoint}'),
                 log AS (SELECT stream_id AS code, max(version) AS version FROM dossier.mt_events, at WHERE seq_id <= last_seq_id AND stream_id NOT LIKE '/%' GROUP BY 1)
            SELECT (SELECT last_seq_id FROM at), count(*), count(*) FILTER (WHERE v.code IS NULL OR log.code IS NULL OR {version} <> log.version)
            FROM log FULL JOIN {view.Table} v USING (code)
            """, connection);
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        row.GetInt64(1).ShouldBeGreaterThanOrEqualTo(200, view.Name);
        row.GetInt64(2).ShouldBe(0, $"{view.Name} at {row.GetInt64(0)}");
        return row.GetInt64(0);
    }
}
