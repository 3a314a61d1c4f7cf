using EventDossier.Store;
using Npgsql;

namespace EventDossier.Record;

/// <summary>Proofs of the public log as they are handed out, and the cosignatures of witnesses that are handed in.</summary>
/// <param name="keyFile">Of the key that signs; only asked for where an earlier checkpoint is not stored.</param>
public sealed class RecordProofs(Database database, string keyFile)
{
    private readonly RecordTree _tree = new(database.App);

    /// <summary>The checkpoint that was handed out last, and who signed it: the same note need not be verified again.</summary>
    private Verified? _last;

    private sealed record Verified(SignedCheckpoint Checkpoint, NoteKey Key);

    /// <exception cref="UserError"><c>not-sealed</c>, <c>bad-checkpoint</c>.</exception>
    public async Task<(SignedCheckpoint Checkpoint, NoteKey Key)> CurrentAsync(bool witnessed = false, CancellationToken cancel = default)
    {
        var current = await _tree.CurrentAsync(witnessed, cancel)
            ?? throw new UserError("not-sealed", witnessed ? "no witness has cosigned a checkpoint yet" : "nothing is sealed yet: the server does it, or dossier seal");
        var last = _last;
        // The key that signed the one before has most likely signed this one.
        var key = last is not null && last.Checkpoint.ToString() == current.ToString() ? last.Key
            : last is not null && current.Checkpoint.Origin == last.Key.Name && current.Note.SignedBy([last.Key]) is [_] ? last.Key
            : current.By((await RecordKeys.LoadAsync(database, cancel)).Known, "the stored checkpoint");
        _last = new(current, key);
        return (current, key);
    }

    /// <exception cref="UserError"><c>not-sealed</c>, <c>no-such-leaf</c>.</exception>
    public async Task<InclusionProof> OfLeafAsync(long index, CancellationToken cancel = default)
    {
        var (checkpoint, key) = await CurrentAsync(cancel: cancel);
        return await _tree.ProveAsync(key, checkpoint, index, null, cancel);
    }

    /// <summary>That events of a stream stand in the log, each with its opening, which is for those who may see the event.</summary>
    /// <param name="version">Only this one; null for all that are sealed.</param>
    /// <exception cref="UserError"><c>not-sealed</c>: nothing yet, or this event not yet.</exception>
    public async Task<IReadOnlyList<InclusionProof>> OfEventsAsync(IEnumerable<StoredEvent> events, long? version, CancellationToken cancel = default)
    {
        var (checkpoint, key) = await CurrentAsync(cancel: cancel);
        var proofs = new List<InclusionProof>();
        byte[]? secret = null;
        foreach (var e in events.Where(e => version is null || e.Version == version))
        {
            secret ??= await _tree.SecretAsync(e.Stream, cancel);
            if (await _tree.FindAsync(e.Stream, e.Version, cancel) is { } leaf && leaf.Index < checkpoint.Checkpoint.Size)
                proofs.Add(await _tree.ProveAsync(key, checkpoint, leaf.Index, Opening.Of(e, secret), cancel));
        }
        return proofs.Count > 0 ? proofs : throw new UserError("not-sealed", version is null ? "none of its events is sealed yet" : $"version {version} is not there, or not sealed yet");
    }

    /// <summary>That the tree grew from a size to what it is now. Where the earlier checkpoint is not stored as this key signed it, it is signed again, once the tree proves it.</summary>
    /// <exception cref="UserError"><c>not-sealed</c>, <c>no-such-leaf</c>, <c>record-forked</c>.</exception>
    public async Task<ConsistencyProof> OfGrowthAsync(long from, CancellationToken cancel = default)
    {
        var (now, key) = await CurrentAsync(cancel: cancel);
        if (from < 1 || from > now.Checkpoint.Size)
            throw new UserError("no-such-leaf", $"the tree has {now.Checkpoint.Size} leaves: from 1 to that many can be proved to have grown");
        var proof = await _tree.ProveGrowthAsync(from, now.Checkpoint.Size, cancel);
        var root = await _tree.RootAsync(from, cancel);
        if (!Merkle.IsConsistent(from, now.Checkpoint.Size, root, now.Checkpoint.Root, proof))
            throw new UserError("record-forked", $"the stored tree is not that of the checkpoint of {now.Checkpoint.Size}: dossier verify --tree tells more");
        return new($"{key}", (await StoredAsync(from, key, cancel) ?? await SignAgainAsync(new(now.Checkpoint.Origin, from, root), cancel)).ToString(), now.ToString(), proof);
    }

    /// <summary>Adds the signatures of witnesses to a checkpoint of ours.</summary>
    /// <param name="handed">The checkpoint as it came back.</param>
    /// <returns>With every cosignature that it has now.</returns>
    /// <exception cref="UserError"><c>bad-checkpoint</c>, <c>bad-cosignature</c>.</exception>
    public async Task<SignedCheckpoint> CosignAsync(SignedCheckpoint handed, IReadOnlyList<NoteKey> witnesses, CancellationToken cancel = default)
    {
        var key = handed.By((await RecordKeys.LoadAsync(database, cancel)).Known, "it");
        var (now, _) = await CurrentAsync(cancel: cancel);
        if (handed.Checkpoint.Size > now.Checkpoint.Size || !(await _tree.RootAsync(handed.Checkpoint.Size, cancel)).AsSpan().SequenceEqual(handed.Checkpoint.Root))
            throw new UserError("bad-checkpoint", $"it is not what this log was at {handed.Checkpoint.Size} leaves");
        if (handed.Note.SignedBy(witnesses) is not { } by || by.Count < witnesses.Count)
            throw new UserError("bad-cosignature", "not every witness that was named has signed it, or one of the signatures is false");
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        // One that was superseded within its minute comes back for its witnesses.
        await using (var restore = new NpgsqlCommand("INSERT INTO dossier_record.checkpoint (size, note, at) VALUES (@size, @note, @at) ON CONFLICT (size) DO NOTHING", connection))
        {
            restore.Parameters.AddWithValue("size", handed.Checkpoint.Size);
            restore.Parameters.AddWithValue("note", new SignedNote(handed.Note.Text, [handed.Note.Signatures.First(s => s.IsOf(key))]).ToString());
            restore.Parameters.AddWithValue("at", database.Clock.GetUtcNow());
            await restore.ExecuteNonQueryAsync(cancel);
        }
        await using var read = new NpgsqlCommand("SELECT note FROM dossier_record.checkpoint WHERE size = @size FOR UPDATE", connection);
        read.Parameters.AddWithValue("size", handed.Checkpoint.Size);
        var stored = SignedCheckpoint.Parse((string)(await read.ExecuteScalarAsync(cancel))!, "the stored checkpoint");
        var cosigned = stored with
        {
            Note = stored.Note with { Signatures = [.. stored.Note.Signatures.Where(s => !by.Any(s.IsOf)), .. handed.Note.Signatures.Where(s => by.Any(s.IsOf))] },
        };
        await using var write = new NpgsqlCommand("UPDATE dossier_record.checkpoint SET note = @note, witnesses = @witnesses WHERE size = @size", connection);
        write.Parameters.AddWithValue("note", cosigned.ToString());
        write.Parameters.AddWithValue("witnesses", cosigned.Witnesses.Count);
        write.Parameters.AddWithValue("size", handed.Checkpoint.Size);
        await write.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
        return cosigned;
    }

    private async Task<SignedCheckpoint?> StoredAsync(long size, NoteKey key, CancellationToken cancel)
    {
        await using var command = database.App.CreateCommand("SELECT note FROM dossier_record.checkpoint WHERE size = @size");
        command.Parameters.AddWithValue("size", size);
        return await command.ExecuteScalarAsync(cancel) is string note && SignedCheckpoint.Parse(note, "the stored checkpoint") is var stored && stored.Note.SignedBy([key]) is [_] ? stored : null;
    }

    private async Task<SignedCheckpoint> SignAgainAsync(Checkpoint checkpoint, CancellationToken cancel)
    {
        var signer = await RecordKeys.SignerAsync(database, keyFile, null, cancel);
        return new(checkpoint, new(checkpoint.Text, [signer.Sign(checkpoint.Text)]));
    }
}
