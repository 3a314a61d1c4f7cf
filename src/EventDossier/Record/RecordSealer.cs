using EventDossier.Store;
using Npgsql;
using NpgsqlTypes;

namespace EventDossier.Record;

/// <summary>
/// Seals the log: follows it in commit order and adds a leaf for every event to the public tree. A page is one transaction with its leaves, nodes and checkpoint, on the connection that holds the
/// lock, and where the last leaf stands is where the next page begins. So any number of processes may run it, any may die at any moment, and no event is missed or sealed twice.
/// </summary>
/// <param name="keyFile">Of the key that signs; beside it stands, outside the database, the last checkpoint that this installation published.</param>
public sealed class RecordSealer(Database database, string keyFile)
{
    private const string Lock = "SELECT pg_try_advisory_lock(7261436)", Unlock = "SELECT pg_advisory_unlock(7261436)";
    private const int PageSize = 8192, MostSecrets = 4 * PageSize;
    private static readonly TimeSpan _lookAnyway = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _gather = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _afterFailure = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, byte[]> _secrets = [];
    private Merkle.Edge? _edge;
    private NoteSigner? _signer;
    private DateTime _keyWritten;

    /// <summary>Events read, their commitments, and the hashes of their leaves.</summary>
    private sealed record Page(IReadOnlyList<StoredEvent> Events, byte[][] Commitments, byte[][] Hashes);

    /// <summary>What keeps it from sealing; null while all is well.</summary>
    public string? Fault { get; private set; }

    /// <summary>The last published checkpoint, kept beside the signing key: what it holds can't be taken back by whoever has the database alone.</summary>
    public static string KeptFile(string keyFile) => $"{keyFile}.checkpoint";

    public static string? Origin => Environment.GetEnvironmentVariable("EVENTDOSSIER_ORIGIN") is { Length: > 0 } origin
        ? NoteKey.IsName(origin) ? origin : throw new UserError("bad-setting", $"EVENTDOSSIER_ORIGIN: '{origin}' has blanks or a plus; an address without its scheme is wanted")
        : null;

    /// <summary>Seals until cancelled, whatever happens to the server or to the key.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await FollowAsync(cancel);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                (Fault, _edge) = (Failure.Of(e).Message, null);
                await Task.Delay(e is NpgsqlException ? _lookAnyway : _afterFailure, database.Clock, cancel);
            }
        }
    }

    private async Task FollowAsync(CancellationToken cancel)
    {
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        var hinted = false;
        void Hint(object sender, NpgsqlNotificationEventArgs e) => hinted = true;
        connection.Notification += Hint;
        try
        {
            await AskAsync(connection, $"LISTEN {NpgsqlEventLog.Channel}", cancel);
            while (true)
            {
                hinted = false;
                await SealAsync(connection, null, cancel);
                Fault = null;
                if (!hinted)
                    await connection.WaitAsync(_lookAnyway, cancel);
                // What comes together is sealed together: a checkpoint is a flush to disk, which appends wait for too.
                await Task.Delay(_gather, database.Clock, cancel);
            }
        }
        finally
        {
            connection.Notification -= Hint;
            // The pool hands the connection on as it is.
            if (connection.FullState == System.Data.ConnectionState.Open)
                await AskAsync(connection, "UNLISTEN *", CancellationToken.None);
        }
    }

    /// <summary>Returns when everything that the log holds at the call is sealed, by this process or another.</summary>
    /// <param name="progress">Told how many this process has sealed.</param>
    public async Task<SignedCheckpoint?> CatchUpAsync(Action<long>? progress = null, CancellationToken cancel = default)
    {
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        var until = await LastAsync(connection, await CommitOrder.SettledAsync(connection, database.Clock, cancel), cancel);
        while ((await HeadAsync(connection, cancel)).Position < until)
        {
            if (!await SealAsync(connection, progress, cancel))
                await Task.Delay(TimeSpan.FromMilliseconds(20), database.Clock, cancel);
        }
        return await new RecordTree(database.App).CurrentAsync(cancel: cancel);
    }

    /// <summary>Seals to the log's end. False where another process is at it.</summary>
    private async Task<bool> SealAsync(NpgsqlConnection connection, Action<long>? progress, CancellationToken cancel)
    {
        if (!(bool)(await AskAsync(connection, Lock, cancel))!)
            return false;
        Task<Page>? next = null;
        try
        {
            var (size, position) = await HeadAsync(connection, cancel);
            next = PrepareAsync(position, cancel);
            for (long done = 0; await next is { Events: [.., var last] } page; progress?.Invoke(done))
            {
                // The next page is read and hashed while this one is written.
                next = PrepareAsync(last.Position, cancel);
                await WriteAsync(connection, size, page, cancel);
                size += page.Events.Count;
                done += page.Events.Count;
            }
            return true;
        }
        finally
        {
            if (next is not null)
                await Task.WhenAny(next);
            if (connection.FullState == System.Data.ConnectionState.Open)
                await AskAsync(connection, Unlock, CancellationToken.None);
        }
    }

    private async Task<Page> PrepareAsync(long after, CancellationToken cancel)
    {
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        var events = (await CommitOrder.ReadAsync(connection, database.Names, database.Clock, metadata: true, after, PageSize, cancel)).Events;
        if (_secrets.Count > MostSecrets)
            _secrets.Clear();
        var unknown = events.Select(e => e.Stream).Where(stream => !_secrets.ContainsKey(stream)).ToHashSet();
        foreach (var (stream, secret) in unknown.Count == 0 ? [] : await RecordSecrets.OfAsync(connection, unknown, cancel))
            _secrets.Add(stream, secret);
        var page = new Page(events, new byte[events.Count][], new byte[events.Count][]);
        await Task.Run(() => Parallel.For(0, events.Count, i =>
        {
            page.Commitments[i] = Commitment.Of(events[i], _secrets[events[i].Stream]);
            page.Hashes[i] = Commitment.LeafHash(page.Commitments[i]);
        }), cancel);
        return page;
    }

    private async Task WriteAsync(NpgsqlConnection connection, long size, Page page, CancellationToken cancel)
    {
        var signer = await SignerAsync(cancel);
        if (_edge is null || _edge.Size != size)
        {
            _edge = await RecordTree.EdgeAsync(connection, size, cancel);
            await RefuseForkAsync(connection, size, cancel);
        }
        var edge = _edge;
        // Until the commit nothing is known of what the tables will hold; whoever comes after a failure reads it anew.
        _edge = null;
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await CopyLeavesAsync(connection, size, page, cancel);
        var nodes = new List<(int Level, long Index, byte[] Hash)>();
        foreach (var leaf in page.Hashes)
        {
            edge.Add(leaf, 0, (height, index, hash) =>
            {
                if (height > 0 && height % 8 == 0)
                    nodes.Add((height / 8, index, hash));
            });
        }
        if (nodes.Count > 0)
            await CopyNodesAsync(connection, nodes, cancel);
        var signed = await PublishAsync(connection, new(signer.Key.Name, edge.Size, edge.Root), signer, size, cancel);
        await transaction.CommitAsync(cancel);
        _edge = edge;
        await DurableFile.WriteAsync(KeptFile(keyFile), System.Text.Encoding.UTF8.GetBytes(signed.ToString()), cancel);
    }

    /// <summary>Read again when the file changes: another process may have rotated the key.</summary>
    private async Task<NoteSigner> SignerAsync(CancellationToken cancel)
    {
        var written = File.GetLastWriteTimeUtc(keyFile);
        if (_signer is null || written != _keyWritten)
        {
            _signer = await RecordKeys.SignerAsync(database, keyFile, Origin, cancel);
            _keyWritten = File.GetLastWriteTimeUtc(keyFile);
        }
        return _signer;
    }

    /// <summary>Other leaves at places that were published already would be a second history under one name.</summary>
    private async Task RefuseForkAsync(NpgsqlConnection connection, long size, CancellationToken cancel)
    {
        if (await KeptAsync(keyFile, cancel) is not { } kept || kept.Checkpoint.Origin != _signer!.Key.Name)
            return;
        if (kept.Checkpoint.Size > size)
            throw new UserError("record-behind", $"the public log has {size} leaves, and {kept.Checkpoint.Size} were published ({KeptFile(keyFile)}): restore a newer backup; if there is none, dossier seal --accept-loss");
        if (!(await RecordTree.EdgeAsync(connection, kept.Checkpoint.Size, cancel)).Root.AsSpan().SequenceEqual(kept.Checkpoint.Root))
            throw new UserError("record-forked", $"the first {kept.Checkpoint.Size} leaves are not those that were published ({KeptFile(keyFile)}): dossier verify --tree tells more");
    }

    /// <summary>Null where nothing was published from here.</summary>
    public static async Task<SignedCheckpoint?> KeptAsync(string keyFile, CancellationToken cancel = default) =>
        File.Exists(KeptFile(keyFile)) ? SignedCheckpoint.Parse(await File.ReadAllTextAsync(KeptFile(keyFile), cancel), KeptFile(keyFile)) : null;

    /// <summary>Sealing goes on although published leaves are gone. Who kept their checkpoint can prove so for ever; that is what it was published for.</summary>
    /// <returns>Where the last published checkpoint was put; null where there is none.</returns>
    public static string? AcceptLoss(string keyFile, DateTimeOffset now)
    {
        if (!File.Exists(KeptFile(keyFile)))
            return null;
        var aside = $"{KeptFile(keyFile)}.{now:yyyyMMddTHHmmssZ}";
        DurableFile.Move(KeptFile(keyFile), aside);
        return aside;
    }

    /// <summary>Of the tree: how many leaves, and the position of the last one's event.</summary>
    internal static async Task<(long Size, long Position)> HeadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT index + 1, position FROM dossier_record.leaf ORDER BY index DESC LIMIT 1", connection);
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) ? (row.GetInt64(0), row.GetInt64(1)) : (0, 0);
    }

    /// <summary>The last event up to a position; what another program put into a hole is none.</summary>
    private static async Task<long> LastAsync(NpgsqlConnection connection, long upTo, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT seq_id FROM dossier.mt_events WHERE seq_id <= @up_to AND type <> 'tombstone' ORDER BY seq_id DESC LIMIT 1", connection);
        command.Parameters.AddWithValue("up_to", upTo);
        return await command.ExecuteScalarAsync(cancel) as long? ?? 0;
    }

    private static async Task CopyLeavesAsync(NpgsqlConnection connection, long from, Page page, CancellationToken cancel)
    {
        await using var copy = await connection.BeginBinaryImportAsync("COPY dossier_record.leaf (index, position, stream, version, commitment) FROM STDIN (FORMAT binary)", cancel);
        foreach (var (i, e) in page.Events.Index())
        {
            await copy.StartRowAsync(cancel);
            await copy.WriteAsync(from + i, NpgsqlDbType.Bigint, cancel);
            await copy.WriteAsync(e.Position, NpgsqlDbType.Bigint, cancel);
            await copy.WriteAsync(e.Stream, NpgsqlDbType.Varchar, cancel);
            await copy.WriteAsync(e.Version, NpgsqlDbType.Bigint, cancel);
            await copy.WriteAsync(page.Commitments[i], NpgsqlDbType.Bytea, cancel);
        }
        await copy.CompleteAsync(cancel);
    }

    private static async Task CopyNodesAsync(NpgsqlConnection connection, List<(int Level, long Index, byte[] Hash)> nodes, CancellationToken cancel)
    {
        await using var copy = await connection.BeginBinaryImportAsync("COPY dossier_record.node (level, index, hash) FROM STDIN (FORMAT binary)", cancel);
        foreach (var (level, index, hash) in nodes)
        {
            await copy.StartRowAsync(cancel);
            await copy.WriteAsync(level, NpgsqlDbType.Integer, cancel);
            await copy.WriteAsync(index, NpgsqlDbType.Bigint, cancel);
            await copy.WriteAsync(hash, NpgsqlDbType.Bytea, cancel);
        }
        await copy.CompleteAsync(cancel);
    }

    /// <summary>Signs and stores. Of the checkpoints of one minute the last stays, and every one that a witness signed; from the tree each other can be proved to have been between.</summary>
    private async Task<SignedCheckpoint> PublishAsync(NpgsqlConnection connection, Checkpoint checkpoint, NoteSigner signer, long previous, CancellationToken cancel)
    {
        var signed = new SignedCheckpoint(checkpoint, new(checkpoint.Text, [signer.Sign(checkpoint.Text)]));
        await using var command = new NpgsqlCommand(
            """
            WITH superseded AS (
                DELETE FROM dossier_record.checkpoint WHERE size = @previous AND witnesses = 0 AND date_trunc('minute', at) = date_trunc('minute', @at)
            )
            INSERT INTO dossier_record.checkpoint (size, note, at) VALUES (@size, @note, @at)
            """, connection);
        command.Parameters.AddWithValue("previous", previous);
        command.Parameters.AddWithValue("size", checkpoint.Size);
        command.Parameters.AddWithValue("note", signed.ToString());
        command.Parameters.AddWithValue("at", database.Clock.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancel);
        return signed;
    }

    private static async Task<object?> AskAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancel);
    }
}
