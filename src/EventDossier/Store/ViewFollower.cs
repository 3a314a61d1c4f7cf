using Npgsql;

namespace EventDossier.Store;

/// <summary>
/// Keeps one view up with the log. Any number of processes may run it for the same view: an advisory lock chooses the leader, and the checkpoint
/// fences it, for it moves in the page's own transaction and only from where this leader left it. A notification is a hint; the log is looked at
/// after LISTEN, after every reconnect, and once a second anyway. A view that throws stops alone: the error stands in
/// <c>dossier_views.health</c> until the view moves again.
/// </summary>
public sealed class ViewFollower(View view, NpgsqlDataSource database, EventNames names, TimeProvider clock)
{
    private const int PageSize = 1000;
    private static readonly TimeSpan _lookAnyway = TimeSpan.FromSeconds(1);

    /// <summary>A page costs about as much for one event as for a hundred: so much is waited for more, once one has been taken.</summary>
    private static readonly TimeSpan _gather = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan _afterFailure = TimeSpan.FromSeconds(10);

    /// <summary>Follows until cancelled, whatever happens to the server or to the view.</summary>
    public async Task FollowAsync(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await LeadAsync(long.MaxValue, cancel);
            }
            catch (NpgsqlException)
            {
                await Task.Delay(_lookAnyway, clock, cancel);
            }
            catch (ViewFailedException)
            {
                await Task.Delay(_afterFailure, clock, cancel);
            }
        }
    }

    /// <summary>Returns when the view has followed up to a position, carried there by this process or by another leader.</summary>
    /// <exception cref="ViewFailedException"/>
    public Task CatchUpAsync(long position, CancellationToken cancel) => LeadAsync(position, cancel);

    private async Task LeadAsync(long until, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        // A notification that comes in while another command runs is told here and not to WaitAsync.
        var hinted = false;
        void Hint(object sender, NpgsqlNotificationEventArgs e) => hinted = true;
        connection.Notification += Hint;
        try
        {
            await ExecuteAsync(connection, $"LISTEN {NpgsqlEventLog.Channel}", cancel);
            for (var leading = false; ;)
            {
                hinted = false;
                var at = await PositionAsync(connection, cancel);
                if (at >= until)
                    return;
                leading = leading || await TryLeadAsync(connection, cancel);
                if (leading)
                    at = await FollowPagesAsync(connection, at, cancel);
                if (until == long.MaxValue)
                    await Task.Delay(_gather, clock, cancel);
                if (at < until && !hinted)
                    await connection.WaitAsync(leading ? _lookAnyway : _lookAnyway / 20, cancel);
            }
        }
        finally
        {
            connection.Notification -= Hint;
            // The pool hands the connection on as it is.
            if (connection.FullState == System.Data.ConnectionState.Open)
                await ExecuteAsync(connection, "SELECT pg_advisory_unlock_all(); UNLISTEN *", CancellationToken.None);
        }
    }

    /// <summary>Pages from a position to the end of the log; ends early when the checkpoint turns out to be somebody else's.</summary>
    private async Task<long> FollowPagesAsync(NpgsqlConnection connection, long at, CancellationToken cancel)
    {
        while (true)
        {
            var page = await CommitOrder.ReadAsync(connection, names, clock, metadata: false, at, PageSize, cancel);
            if (page.Position == at)
                return at;
            try
            {
                if (!await ApplyPageAsync(connection, at, page, cancel))
                    return at;
                if (page.Events.Count > 0)
                    Metrics.ViewLag.Record(Math.Max(0, (clock.GetUtcNow() - page.Events[0].RecordedAt).TotalSeconds), KeyValuePair.Create<string, object?>("view", view.Name));
            }
            catch (Exception e) when (IsOfTheView(e))
            {
                await ApplyUpToTheFaultAsync(connection, at, page, cancel);
            }
            var read = page.Position - at;
            at = page.Position;
            if (read < PageSize)
                return at; // What came meanwhile has been notified.
        }
    }

    /// <summary>Not the server's or the connection's, which pass: the view threw, or its table can't hold the row (bad data, broken constraint, beyond a limit).</summary>
    private static bool IsOfTheView(Exception e) => e switch
    {
        PostgresException of => of.SqlState[..2] is "22" or "23" or "54",
        NpgsqlException or OperationCanceledException => false,
        _ => true,
    };

    /// <summary>False when the checkpoint is not where we left it: another leader moved it, or a rebuild.</summary>
    private async Task<bool> ApplyPageAsync(NpgsqlConnection connection, long at, LogPage page, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (!await MoveCheckpointAsync(connection, view, at, page.Position, cancel))
            return false;
        await view.ApplyAsync(connection, view.Table, page.Events, cancel);
        await transaction.CommitAsync(cancel);
        return true;
    }

    /// <summary>Goes on one event at a time to the one that throws, and names it.</summary>
    private async Task ApplyUpToTheFaultAsync(NpgsqlConnection connection, long at, LogPage page, CancellationToken cancel)
    {
        foreach (var e in page.Events)
        {
            try
            {
                if (!await ApplyPageAsync(connection, at, new([e], e.Position), cancel))
                    return;
                at = e.Position;
            }
            catch (Exception fault) when (IsOfTheView(fault))
            {
                await ViewHealth.StoppedAsync(connection, view, e, fault, cancel);
                throw new ViewFailedException(view, e, fault);
            }
        }
    }

    internal static async Task<bool> MoveCheckpointAsync(NpgsqlConnection connection, View view, long from, long to, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            SET LOCAL synchronous_commit = off; -- Rows and checkpoint are lost together, if they are, and come again from the log.
            WITH moving AS (DELETE FROM dossier_views.health WHERE name = @view)
            UPDATE dossier.mt_event_progression SET last_seq_id = @to, last_updated = clock_timestamp()
            WHERE name = @checkpoint AND last_seq_id = @from
            """, connection);
        command.Parameters.AddWithValue("view", view.Name);
        command.Parameters.AddWithValue("checkpoint", view.Checkpoint);
        command.Parameters.AddWithValue("from", from);
        command.Parameters.AddWithValue("to", to);
        return await command.ExecuteNonQueryAsync(cancel) == 1;
    }

    private async Task<bool> TryLeadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock(hashtextextended(@checkpoint, 0))", connection);
        command.Parameters.AddWithValue("checkpoint", view.Checkpoint);
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    private async Task<long> PositionAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT last_seq_id FROM dossier.mt_event_progression WHERE name = @checkpoint", connection);
        command.Parameters.AddWithValue("checkpoint", view.Checkpoint);
        return await command.ExecuteScalarAsync(cancel) as long? ?? throw new UserError("not-migrated", $"the view {view.Name} does not exist; run dossier migrate");
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}

/// <summary>A view could not take an event. The other views go on.</summary>
public sealed class ViewFailedException(View view, StoredEvent at, Exception inner)
    : Exception($"view {view.Name} stopped at position {at.Position}, {at.Stream} version {at.Version}: {inner.Message}", inner)
{
    public View View { get; } = view;
    public StoredEvent At { get; } = at;
}
