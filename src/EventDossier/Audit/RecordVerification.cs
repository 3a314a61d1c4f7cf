using EventDossier.Record;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Audit;

/// <summary>
/// Holds the log against its public record: every event against the commitment it was sealed with, the leaves against the tree, the tree against every checkpoint that was signed; and against
/// checkpoints that others have kept, which alone can tell what was taken away together with its leaf. Reads in parallel; memory does not grow with the log.
/// </summary>
/// <param name="published">Checkpoints from outside the database, each with the place it was found.</param>
public sealed class RecordVerification(Database database, IReadOnlyList<(SignedCheckpoint Checkpoint, string Place)> published)
{
    private const int Chunk = 64 * Tile.FullWidth;

    private readonly List<Finding> _findings = [];
    private RecordKeys _keys = null!;
    private Dictionary<NoteKey, long> _retired = null!;

    /// <summary>A stretch of leaves, opened. Null in <see cref="Hashes"/> where a leaf is gone.</summary>
    private sealed record Opened(long From, byte[]?[] Hashes, IReadOnlyDictionary<(int Level, long Index), byte[]> Nodes, IReadOnlyList<Finding> Findings);

    /// <param name="since">Leaves before this checkpoint are taken as it says, and not opened again.</param>
    /// <param name="progress">Told how many leaves are done, and of how many.</param>
    /// <exception cref="UserError"><c>bad-checkpoint</c>: <paramref name="since"/> is larger than the tree, or signed by nobody known.</exception>
    public async Task<VerifyReport> RunAsync(SignedCheckpoint? since = null, Action<long, long>? progress = null, CancellationToken cancel = default)
    {
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        var (size, head) = await RecordSealer.HeadAsync(connection, cancel);
        await LoadKeysAsync(connection, cancel);
        var edge = await BeginAsync(connection, since, size, cancel);
        long from = edge.Size, leaves = 0, checkpoints = 0;

        await using var checkpointReader = await database.App.OpenConnectionAsync(cancel);
        await using var pending = CheckpointsAsync(checkpointReader, from, cancel).GetAsyncEnumerator(cancel);
        var more = await pending.MoveNextAsync();

        Merkle.Edge? growing = edge;
        var opening = new Queue<Task<Opened>>();
        for (var next = from; opening.Count > 0 || next < size;)
        {
            for (; opening.Count < Environment.ProcessorCount && next < size; next = Math.Min(size, ((next / Chunk) + 1) * Chunk))
            {
                var (first, before) = (next, Math.Min(size, ((next / Chunk) + 1) * Chunk));
                opening.Enqueue(Task.Run(() => OpenAsync(first, before, before == size ? head : null, cancel), cancel));
            }
            var opened = await opening.Dequeue();
            _findings.AddRange(opened.Findings);
            leaves += opened.Hashes.Length;
            for (var i = 0; i < opened.Hashes.Length && growing is not null;)
            {
                // Whole tiles at once, where no checkpoint ends within.
                var at = opened.From + i;
                while (more && pending.Current.Checkpoint.Checkpoint.Size <= at)
                {
                    Compare(pending.Current, growing.Root);
                    checkpoints++;
                    more = await pending.MoveNextAsync();
                }
                var step = at % Tile.FullWidth == 0 && i + Tile.FullWidth <= opened.Hashes.Length && !(more && pending.Current.Checkpoint.Checkpoint.Size < at + Tile.FullWidth) ? Tile.FullWidth : 1;
                var hashes = opened.Hashes.AsSpan(i, step);
                if (hashes.Contains(null))
                {
                    growing = null;
                    break;
                }
                growing.Add(step == 1 ? hashes[0]! : Merkle.Root(Joined(hashes)), step == 1 ? 0 : 8, (height, index, hash) =>
                {
                    byte[]? node = null;
                    if (height > 0 && height % 8 == 0 && !(opened.Nodes.TryGetValue((height / 8, index), out node) && node.AsSpan().SequenceEqual(hash)))
                        Find("tree-node", null, null, null, $"hash {index} of level {height / 8} to be {Hex(hash)}", node is null ? "none" : Hex(node));
                });
                i += step;
            }
            progress?.Invoke(leaves, size - from);
        }

        for (; more; more = await pending.MoveNextAsync(), checkpoints++)
        {
            var (signed, place) = pending.Current;
            if (signed.Checkpoint.Size <= size)
                Compare(pending.Current, growing?.Root);
            // Sealing may have gone on meanwhile.
            else if (signed.Checkpoint.Size > size && signed.Checkpoint.Size > (await RecordSealer.HeadAsync(connection, cancel)).Size)
                Find("leaves-missing", null, null, head, $"{signed.Checkpoint.Size} leaves, as {place} says", $"{size}: the newest {signed.Checkpoint.Size - size} are gone, sealed after position {head}");
        }
        return new(new Dictionary<string, long> { ["leaves"] = leaves, ["checkpoints"] = checkpoints }, _findings);
    }

    private async Task LoadKeysAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        _keys = await RecordKeys.LoadAsync(database, cancel);
        _retired = [];
        foreach (var (before, after) in _keys.All.Zip(_keys.All.Skip(1)))
        {
            if (!after.Vouched)
                Find("key-not-vouched", RecordKeys.Stream, after.Version, after.Position, $"a key that {before.Key} vouches for", $"{after.Key}");
            await using var leaf = new NpgsqlCommand("SELECT index FROM dossier_record.leaf WHERE position = @position", connection);
            leaf.Parameters.AddWithValue("position", after.Position);
            if (await leaf.ExecuteScalarAsync(cancel) is long index)
                _retired[before.Key] = index;
        }
    }

    private async Task<Merkle.Edge> BeginAsync(NpgsqlConnection connection, SignedCheckpoint? since, long size, CancellationToken cancel)
    {
        if (since is null)
            return new();
        since.By(_keys.Known, "the checkpoint to begin from");
        if (since.Checkpoint.Size > size)
            throw new UserError("bad-checkpoint", $"the checkpoint to begin from is of {since.Checkpoint.Size} leaves, and there are {size}: verify the whole with it as --checkpoint");
        var edge = await RecordTree.EdgeAsync(connection, since.Checkpoint.Size, cancel);
        Compare((since, "the checkpoint to begin from"), edge.Root);
        return edge;
    }

    /// <summary>Those stored and those from outside, by size.</summary>
    private async IAsyncEnumerable<(SignedCheckpoint Checkpoint, string Place)> CheckpointsAsync(
        NpgsqlConnection connection, long from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var outside = new Queue<(SignedCheckpoint Checkpoint, string Place)>(published.Where(p => p.Checkpoint.Checkpoint.Size >= from).OrderBy(p => p.Checkpoint.Checkpoint.Size));
        await using var command = new NpgsqlCommand("SELECT size, note FROM dossier_record.checkpoint WHERE size >= @from ORDER BY size", connection) { CommandTimeout = 0 };
        command.Parameters.AddWithValue("from", from);
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
        {
            var (size, note) = (row.GetInt64(0), row.GetString(1));
            if (SignedNote.Parse(note) is not { } signed || Checkpoint.Parse(signed.Text) is not { } checkpoint || checkpoint.Size != size)
            {
                Find("checkpoint", null, null, null, $"a checkpoint of {size} leaves", "none that can be read");
                continue;
            }
            while (outside.TryPeek(out var first) && first.Checkpoint.Checkpoint.Size <= size)
                yield return outside.Dequeue();
            yield return (new(checkpoint, signed), $"the stored checkpoint of {size}");
        }
        while (outside.TryDequeue(out var last))
            yield return last;
    }

    /// <param name="root">Null where a leaf is gone, so that nobody can say.</param>
    private void Compare((SignedCheckpoint Checkpoint, string Place) signed, byte[]? root)
    {
        var checkpoint = signed.Checkpoint.Checkpoint;
        if (signed.Checkpoint.Note.SignedBy(_keys.Known) is not [var key, ..] || key.Name != checkpoint.Origin)
            Find("checkpoint-key", null, null, null, $"{signed.Place} signed by a key of the log", "none of them, or falsely");
        else if (_retired.TryGetValue(key, out var until) && checkpoint.Size > until)
            Find("checkpoint-key", null, null, null, $"{signed.Place} signed by the key that was in force", $"signed by {key}, which was retired at leaf {until}");
        if (root is not null && !root.AsSpan().SequenceEqual(checkpoint.Root))
            Find("checkpoint", null, null, null, $"{signed.Place}: root {Hex(checkpoint.Root)} over the first {checkpoint.Size} leaves", Hex(root));
    }

    /// <summary>Each leaf of a stretch against its event, and the events of the stretch against the leaves.</summary>
    /// <param name="last">Of the last stretch: the position of the log's last leaf.</param>
    private async Task<Opened> OpenAsync(long from, long before, long? last, CancellationToken cancel)
    {
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        var findings = new List<Finding>();
        void Find(string kind, string? stream, long? version, long? position, string expected, string actual) => findings.Add(new(kind, stream, version, position, expected, actual));
        var hashes = new byte[]?[before - from];
        var leaves = new Dictionary<long, RecordTree.Leaf>(hashes.Length);
        await using (var command = new NpgsqlCommand("SELECT index, position, stream, version, commitment FROM dossier_record.leaf WHERE index >= @from AND index < @before ORDER BY index", connection) { CommandTimeout = 0 })
        {
            command.Parameters.AddWithValue("from", from);
            command.Parameters.AddWithValue("before", before);
            await using var row = await command.ExecuteReaderAsync(cancel);
            while (await row.ReadAsync(cancel))
            {
                var leaf = RecordTree.Read(row);
                leaves.Add(leaf.Position, leaf);
                hashes[leaf.Index - from] = Commitment.LeafHash(leaf.Commitment);
            }
        }
        var missing = hashes.Count(hash => hash is null);
        if (missing > 0)
            Find("leaf-missing", null, null, null, $"a leaf at {from + Array.IndexOf(hashes, null)}", missing == 1 ? "none" : $"none, nor at {missing - 1} more up to {before - 1}");

        var secrets = await RecordSecrets.KnownAsync(connection, leaves.Values.Select(leaf => leaf.Stream).ToHashSet(), cancel);
        await using (var command = new NpgsqlCommand(
            $"""
            SELECT {StoredEventReader.All} FROM dossier.mt_events e
            WHERE e.seq_id > coalesce((SELECT position FROM dossier_record.leaf WHERE index < @from ORDER BY index DESC LIMIT 1), @none) AND e.seq_id <= @last AND e.type <> 'tombstone'
            ORDER BY e.seq_id
            """, connection) { CommandTimeout = 0 })
        {
            command.Parameters.AddWithValue("from", from);
            command.Parameters.AddWithValue("none", long.MinValue);
            command.Parameters.AddWithValue("last", last ?? (leaves.Count == 0 ? 0 : leaves.Keys.Max()));
            await using var row = await command.ExecuteReaderAsync(cancel);
            while (await row.ReadAsync(cancel))
            {
                var e = StoredEventReader.ReadAll(row, database.Names);
                if (!leaves.Remove(e.Position, out var leaf))
                    Find("unsealed-event", e.Stream, e.Version, e.Position, "a leaf, as later events have", $"{e.Name} without one");
                else if (!secrets.TryGetValue(leaf.Stream, out var secret))
                    Find("no-secret", leaf.Stream, leaf.Version, e.Position, $"the secret that opens leaf {leaf.Index}", "none");
                else if (Commitment.Of(e, secret) is var found && (!found.AsSpan().SequenceEqual(leaf.Commitment) || (e.Stream, e.Version) != (leaf.Stream, leaf.Version)))
                    Find("event-changed", leaf.Stream, leaf.Version, e.Position, $"the event sealed as leaf {leaf.Index}, {Hex(leaf.Commitment)}",
                        $"{((e.Stream, e.Version) == (leaf.Stream, leaf.Version) ? e.Name : $"{e.Name} of {e.Stream} version {e.Version}")}, {Hex(found)}");
            }
        }
        foreach (var leaf in leaves.Values.OrderBy(leaf => leaf.Index))
            Find("sealed-event-missing", leaf.Stream, leaf.Version, leaf.Position, $"the event sealed as leaf {leaf.Index}", "no such event");

        var nodes = new Dictionary<(int, long), byte[]>();
        await using (var command = new NpgsqlCommand(
            """
            SELECT n.level, n.index, n.hash FROM generate_series(1, 7) l
            JOIN dossier_record.node n ON n.level = l AND n.index >= (@from >> (8 * l)) AND n.index < (@before >> (8 * l))
            """, connection))
        {
            command.Parameters.AddWithValue("from", from);
            command.Parameters.AddWithValue("before", before);
            await using var row = await command.ExecuteReaderAsync(cancel);
            while (await row.ReadAsync(cancel))
                nodes.Add((row.GetInt32(0), row.GetInt64(1)), row.GetFieldValue<byte[]>(2));
        }
        return new(from, hashes, nodes, findings);
    }

    private static byte[] Joined(ReadOnlySpan<byte[]?> hashes)
    {
        var joined = new byte[hashes.Length * Merkle.HashBytes];
        for (var i = 0; i < hashes.Length; i++)
            hashes[i]!.CopyTo(joined, i * Merkle.HashBytes);
        return joined;
    }

    private static string Hex(ReadOnlySpan<byte> hash) => Convert.ToHexStringLower(hash);

    private void Find(string kind, string? stream, long? version, long? position, string? expected, string? actual) =>
        _findings.Add(new(kind, stream, version, position, expected, actual));
}
