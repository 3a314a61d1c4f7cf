using Npgsql;

namespace EventDossier.Store;

/// <summary>
/// Keeps one view up with the log. Any number of processes may run it for the same view: an advisory lock chooses the leader, and the checkpoint
/// fences it, for it moves in the page's own transaction and only from where this leader left it, in a table that is made after this program's definition. A notification is a hint; the log is looked at
/// after LISTEN, after every reconnect, and once a second anyway. A view that throws stops alone: the error stands in
/// <c>dossier_views.health</c> until the view moves again.
/// </summary>
public sealed class ViewFollower(View view, NpgsqlDataSource database, EventNames names, TimeProvider clock)
{
    private static readonly TimeSpan _lookAnyway = TimeSpan.FromSeconds(1);

    /// <summary>A page costs about as much for one event as for a hundred: so much is waited for more, once one has been taken.</summary>
    private static readonly TimeSpan _gather = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan _afterFailure = TimeSpan.FromSeconds(10);

    /// <summary>What the pages left of the rows holds at the position up to which they were taken, and nowhere else: if another leader or a rebuild moved the checkpoint, it is none.</summary>
    private (View.IPages? Pages, long At) _taken = (null, -1);

    /// <summary>Shared by the views that are followed together.</summary>
    internal LogTail Tail { get; init; } = new(names, clock);

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
            for (var (leading, at) = (false, (long?)null); ;)
            {
                // A leader that is hinted at more goes on where it was: if that is the checkpoint no more, moving it says so.
                if (!hinted || at is null)
                    at = await PositionAsync(connection, cancel);
                hinted = false;
                if (at >= until)
                    return;
                leading = leading || await TryLeadAsync(connection, cancel);
                at = leading ? await FollowPagesAsync(connection, at.Value, cancel) : null;
                if (leading && at is null)
                {
                    // Somebody moved it, or has made another table of it: then it is no more ours to lead.
                    await ExecuteAsync(connection, "SELECT pg_advisory_unlock_all()", cancel);
                    leading = false;
                }
                if (until == long.MaxValue)
                    await Task.Delay(_gather, clock, cancel);
                if (!(at >= until) && !hinted)
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

    /// <summary>Pages from a position to the end of the log; null when the checkpoint turns out to be somebody else's.</summary>
    private async Task<long?> FollowPagesAsync(NpgsqlConnection connection, long at, CancellationToken cancel)
    {
        while (true)
        {
            var (page, isLast) = await Tail.ReadAsync(connection, at, cancel);
            if (page.Position == at)
                return at;
            try
            {
                if (!await ApplyPageAsync(connection, at, page, cancel))
                    return null;
                if (page.Events.Count > 0)
                    Metrics.ViewLag.Record(Math.Max(0, (clock.GetUtcNow() - page.Events[0].RecordedAt).TotalSeconds), KeyValuePair.Create<string, object?>("view", view.Name));
            }
            catch (Exception e) when (IsOfTheView(e))
            {
                await ApplyUpToTheFaultAsync(connection, at, page, cancel);
                return null;
            }
            at = page.Position;
            if (isLast)
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
        var pages = _taken.At == at ? _taken.Pages! : view.Pages(view.Table);
        _taken = (null, -1);
        var others = pages.TouchesOthers(page.Events);
        if (others is { } decision && !await WriteOthersAsync(connection, at, page, pages, decision, cancel))
            return false;
        // Read outside the transaction: a rebuild that has locked the checkpoint would wait for us with its swap, and we for it.
        var changes = await pages.ChangesAsync(connection, page.Events, cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (!await WriteAsync(connection, view, at, page.Position, others is null ? changes : [Done(), .. changes], cancel))
            return false;
        await transaction.CommitAsync(cancel);
        _taken = (pages, page.Position);
        return true;

        NpgsqlBatchCommand Done() => new($"DELETE FROM dossier_views.replanning WHERE name = '{view.Name}'");
    }

    /// <summary>
    /// What one event changes in the rows of streams that it does not touch, as many as there are: part by part, each in a transaction of its own that remembers how far it went. Whoever comes after a crash goes
    /// on from there. The checkpoint stays before the page meanwhile, so nothing counts as done that is not. False when it turns out to be somebody else's.
    /// </summary>
    private async Task<bool> WriteOthersAsync(NpgsqlConnection connection, long at, LogPage page, View.IPages pages, long decision, CancellationToken cancel)
    {
        await using var reached = new NpgsqlCommand("SELECT stream FROM dossier_views.replanning WHERE name = @view AND decision = @decision", connection);
        reached.Parameters.AddWithValue("view", view.Name);
        reached.Parameters.AddWithValue("decision", decision);
        await foreach (var (last, changes) in pages.OthersAsync(connection, page.Events, await reached.ExecuteScalarAsync(cancel) as string, cancel))
        {
            var remember = new NpgsqlBatchCommand(
                """
                INSERT INTO dossier_views.replanning (name, decision, stream) VALUES (@view, @decision, @stream)
                ON CONFLICT (name) DO UPDATE SET decision = excluded.decision, stream = excluded.stream
                """);
            remember.Parameters.AddWithValue("view", view.Name);
            remember.Parameters.AddWithValue("decision", decision);
            remember.Parameters.AddWithValue("stream", last);
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            if (!await WriteAsync(connection, view, at, at, [remember, .. changes], cancel))
                return false;
            await transaction.CommitAsync(cancel);
        }
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

    /// <summary>
    /// Moves the checkpoint and changes the rows, in one round trip. False when the checkpoint was not there, or the table is made after another definition: then the transaction must not be committed.
    /// </summary>
    /// <param name="defined">Asked for with the definition; a swap is just changing it.</param>
    internal static async Task<bool> WriteAsync(
        NpgsqlConnection connection, View view, long from, long to, IReadOnlyList<NpgsqlBatchCommand> changes, CancellationToken cancel, bool defined = true)
    {
        var move = new NpgsqlBatchCommand(
            $"""
            WITH moving AS (DELETE FROM dossier_views.health WHERE name = @view)
            UPDATE dossier.mt_event_progression SET last_seq_id = @to, last_updated = clock_timestamp()
            WHERE name = @checkpoint AND last_seq_id = @from {(defined ? $"AND EXISTS (SELECT FROM dossier_meta.view v WHERE v.name = @view AND {View.StoredHash} = @definition)" : "")}
            """);
        if (defined)
            move.Parameters.AddWithValue("definition", view.DefinitionHash);
        move.Parameters.AddWithValue("view", view.Name);
        move.Parameters.AddWithValue("checkpoint", view.Checkpoint);
        move.Parameters.AddWithValue("from", from);
        move.Parameters.AddWithValue("to", to);
        await using var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        // Rows and checkpoint are lost together, if they are, and come again from the log.
        batch.BatchCommands.Add(new("SET LOCAL synchronous_commit = off"));
        batch.BatchCommands.Add(move);
        foreach (var change in changes)
            batch.BatchCommands.Add(change);
        await batch.ExecuteNonQueryAsync(cancel);
        return move.RecordsAffected == 1;
    }

    private async Task<bool> TryLeadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            $"SELECT CASE WHEN EXISTS (SELECT FROM dossier_meta.view WHERE name = @view AND {View.StoredHash} = @definition) THEN pg_try_advisory_lock(hashtextextended(@checkpoint, 0)) ELSE false END", connection);
        command.Parameters.AddWithValue("view", view.Name);
        command.Parameters.AddWithValue("definition", view.DefinitionHash);
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
