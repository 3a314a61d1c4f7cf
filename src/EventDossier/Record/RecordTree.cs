using System.Buffers.Binary;
using System.Collections.Concurrent;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Record;

/// <summary>The public log as it is sealed: its checkpoint, its tiles, and proofs of it. Everything here but <see cref="FindAsync"/> and <see cref="OpeningAsync"/> may be told to anybody.</summary>
public sealed class RecordTree(NpgsqlDataSource database)
{
    private const int MostRemembered = 512; // 4 MiB, which are the tiles above some thirty million leaves

    /// <summary>Full tiles above the leaves: what they hold stays as it is.</summary>
    private readonly ConcurrentDictionary<(int Level, long Index), byte[]> _full = new();

    /// <summary>A leaf, and what it stands for.</summary>
    public sealed record Leaf(long Index, long Position, string Stream, long Version, byte[] Commitment);

    /// <summary>The newest checkpoint, or null where nothing is sealed yet.</summary>
    /// <param name="witnessed">Only one that a witness has cosigned.</param>
    public async Task<SignedCheckpoint?> CurrentAsync(bool witnessed = false, CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(
            $"SELECT note FROM dossier_record.checkpoint {(witnessed ? "WHERE witnesses > 0" : "")} ORDER BY size DESC LIMIT 1");
        return await command.ExecuteScalarAsync(cancel) is string note ? SignedCheckpoint.Parse(note, "the stored checkpoint") : null;
    }

    /// <summary>The bytes of a tile or bundle; null where the tree has not grown so far.</summary>
    public async Task<byte[]?> TileAsync(Tile tile, CancellationToken cancel = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        if (tile.Level is { } level)
            return (await TilesAsync(connection, [tile], null, cancel)).Tiles is var found && found[(level, tile.Index)].Length == tile.Width * Merkle.HashBytes ? found[(level, tile.Index)] : null;
        var bundle = new MemoryStream();
        var entries = 0;
        await using var command = new NpgsqlCommand("SELECT commitment FROM dossier_record.leaf WHERE index >= @from AND index < @before ORDER BY index", connection);
        command.Parameters.AddWithValue("from", tile.First);
        command.Parameters.AddWithValue("before", tile.First + tile.Width);
        await using var row = await command.ExecuteReaderAsync(cancel);
        var length = new byte[2];
        for (; await row.ReadAsync(cancel); entries++)
        {
            var leaf = Commitment.Leaf(row.GetFieldValue<byte[]>(0));
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)leaf.Length);
            bundle.Write(length);
            bundle.Write(leaf);
        }
        return entries == tile.Width ? bundle.ToArray() : null;
    }

    /// <summary>That a leaf stands in the tree of a checkpoint, in one round trip. None is handed out that does not hold.</summary>
    /// <exception cref="UserError"><c>no-such-leaf</c>: the tree has not grown so far. <c>record-forked</c>: the stored tree is not the checkpoint's.</exception>
    public async Task<InclusionProof> ProveAsync(NoteKey key, SignedCheckpoint within, long index, Opening? opening = null, CancellationToken cancel = default)
    {
        if (index < 0 || index >= within.Checkpoint.Size)
            throw new UserError("no-such-leaf", $"the tree has {within.Checkpoint.Size} leaves, from 0 on");
        await using var connection = await database.OpenConnectionAsync(cancel);
        for (var again = false; ; again = true)
        {
            var (hashes, commitment) = await HashesAsync(connection, Merkle.Inclusion(index, within.Checkpoint.Size), _full, index, cancel);
            if (commitment is not null && Merkle.IsIncluded(index, within.Checkpoint.Size, Commitment.LeafHash(commitment), hashes, within.Checkpoint.Root))
                return new($"{key}", within.ToString(), index, Commitment.Leaf(commitment), hashes, opening);
            if (again)
                throw new UserError("record-forked", $"the stored tree does not hold leaf {index} as the checkpoint of {within.Checkpoint.Size} has it: dossier verify --tree tells more");
            _full.Clear(); // Other tables may have been put in the place of those that were read.
        }
    }

    /// <summary>The hashes that prove that a tree grew from a smaller one.</summary>
    public async Task<IReadOnlyList<byte[]>> ProveGrowthAsync(long old, long size, CancellationToken cancel = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return (await HashesAsync(connection, Merkle.Consistency(old, size), null, null, cancel)).Hashes;
    }

    /// <summary>The root that the tree had at a size, from what is stored.</summary>
    public async Task<byte[]> RootAsync(long size, CancellationToken cancel = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return (await EdgeAsync(connection, size, cancel)).Root;
    }

    /// <summary>Where an event is sealed; null where it is not, or not yet.</summary>
    public async Task<Leaf?> FindAsync(string stream, long version, CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(
            """
            SELECT l.index, l.position, l.stream, l.version, l.commitment FROM dossier.mt_events e JOIN dossier_record.leaf l ON l.position = e.seq_id
            WHERE e.stream_id = @stream AND e.version = @version
            """);
        command.Parameters.AddWithValue("stream", stream);
        command.Parameters.AddWithValue("version", version);
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) ? Read(row) : null;
    }

    /// <summary>The secret that opens all leaves of a stream, made here if it has none yet.</summary>
    public async Task<byte[]> SecretAsync(string stream, CancellationToken cancel = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return (await RecordSecrets.OfAsync(connection, [stream], cancel))[stream];
    }

    internal static Leaf Read(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetInt64(3), row.GetFieldValue<byte[]>(4));

    /// <summary>The right edge that a tree of a size has.</summary>
    internal static async Task<Merkle.Edge> EdgeAsync(NpgsqlConnection connection, long size, CancellationToken cancel)
    {
        var subtrees = new Merkle.Range(0, size).Subtrees().ToList();
        return new(size, (await HashesAsync(connection, [.. subtrees.Select(s => new Merkle.Range(s.Index << s.Height, (s.Index + 1) << s.Height))], null, null, cancel)).Hashes);
    }

    /// <param name="remembered">Full tiles that need not be read, and are added to; null reads all.</param>
    /// <param name="leaf">Whose commitment is wanted too.</param>
    private static async Task<(IReadOnlyList<byte[]> Hashes, byte[]? Commitment)> HashesAsync(
        NpgsqlConnection connection, IReadOnlyList<Merkle.Range> ranges, ConcurrentDictionary<(int Level, long Index), byte[]>? remembered, long? leaf, CancellationToken cancel)
    {
        var known = new Dictionary<(int Level, long Index), byte[]>();
        var needed = new List<Tile>();
        foreach (var (level, tile) in ranges.SelectMany(range => range.Subtrees()).Select(s => Place(s.Height, s.Index)).Select(p => (p.Level, p.Tile)).Distinct())
        {
            if (remembered?.GetValueOrDefault((level, tile)) is { } hashes)
                known.Add((level, tile), hashes);
            else
                needed.Add(new(level, tile, Tile.FullWidth));
        }
        var (tiles, commitment) = await TilesAsync(connection, needed, leaf, cancel);
        foreach (var ((level, tile), hashes) in tiles)
        {
            known.Add((level, tile), hashes);
            if (remembered is null || level == 0 || hashes.Length < Tile.FullWidth * Merkle.HashBytes)
                continue;
            if (remembered.Count >= MostRemembered)
                remembered.Clear();
            remembered[(level, tile)] = hashes;
        }
        return ([.. ranges.Select(range => range.Hash((height, index) =>
        {
            var (level, tile, from, count) = Place(height, index);
            return Merkle.Root(known[(level, tile)].AsSpan(from * Merkle.HashBytes, count * Merkle.HashBytes));
        }))], commitment);
    }

    /// <summary>In which tile a subtree's hashes stand, from which on, and how many.</summary>
    private static (int Level, long Tile, int From, int Count) Place(int height, long index)
    {
        var (level, within) = (height / 8, height % 8);
        var first = index << within;
        return (level, first / Tile.FullWidth, (int)(first % Tile.FullWidth), 1 << within);
    }

    /// <summary>What the tables hold of each tile, up to its width, and the commitment of a leaf, in one round trip.</summary>
    private static async Task<(Dictionary<(int Level, long Index), byte[]> Tiles, byte[]? Commitment)> TilesAsync(NpgsqlConnection connection, List<Tile> tiles, long? leaf, CancellationToken cancel)
    {
        var found = new Dictionary<(int, long), byte[]>();
        if (tiles.Count == 0 && leaf is null)
            return (found, null);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new("SELECT commitment FROM dossier_record.leaf WHERE index = $1") { Parameters = { new() { Value = leaf ?? -1 } } });
        foreach (var tile in tiles)
        {
            batch.BatchCommands.Add(new(tile.Level == 0
                ? "SELECT commitment FROM dossier_record.leaf WHERE index >= $1 AND index < $2 ORDER BY index"
                : "SELECT hash FROM dossier_record.node WHERE index >= $1 AND index < $2 AND level = $3 ORDER BY index")
            {
                Parameters = { new() { Value = tile.First }, new() { Value = tile.First + tile.Width } },
            });
            if (tile.Level > 0)
                batch.BatchCommands[^1].Parameters.Add(new() { Value = tile.Level.Value });
        }
        await using var row = await batch.ExecuteReaderAsync(cancel);
        var commitment = await row.ReadAsync(cancel) ? row.GetFieldValue<byte[]>(0) : null;
        await row.NextResultAsync(cancel);
        foreach (var tile in tiles)
        {
            var hashes = new MemoryStream(Tile.FullWidth * Merkle.HashBytes);
            while (await row.ReadAsync(cancel))
                hashes.Write(tile.Level == 0 ? Commitment.LeafHash(row.GetFieldValue<byte[]>(0)) : row.GetFieldValue<byte[]>(0));
            found[(tile.Level!.Value, tile.Index)] = hashes.ToArray();
            await row.NextResultAsync(cancel);
        }
        return (found, commitment);
    }
}

/// <summary>The secrets of streams, by which their leaves are opened.</summary>
internal static class RecordSecrets
{
    /// <summary>Makes those that are missing.</summary>
    public static async Task<Dictionary<string, byte[]>> OfAsync(NpgsqlConnection connection, IReadOnlyCollection<string> streams, CancellationToken cancel)
    {
        var known = await KnownAsync(connection, streams, cancel);
        var missing = streams.Where(stream => !known.ContainsKey(stream)).ToArray();
        if (missing.Length == 0)
            return known;
        await using var command = new NpgsqlCommand(
            "INSERT INTO dossier_record.secret (stream, secret) SELECT * FROM unnest(@streams, @secrets) ON CONFLICT (stream) DO NOTHING", connection);
        command.Parameters.Add(new NpgsqlParameter<string[]>("streams", missing));
        var made = missing.Select(_ => System.Security.Cryptography.RandomNumberGenerator.GetBytes(Commitment.SecretBytes)).ToArray();
        command.Parameters.Add(new NpgsqlParameter<byte[][]>("secrets", made));
        if (await command.ExecuteNonQueryAsync(cancel) < missing.Length)
            return await KnownAsync(connection, streams, cancel); // Somebody else made one meanwhile: that is the one.
        foreach (var (i, stream) in missing.Index())
            known.Add(stream, made[i]);
        return known;
    }

    public static async Task<Dictionary<string, byte[]>> KnownAsync(NpgsqlConnection connection, IReadOnlyCollection<string> streams, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT stream, secret FROM dossier_record.secret WHERE stream = ANY(@streams)", connection);
        command.Parameters.Add(new NpgsqlParameter<string[]>("streams", [.. streams]));
        var known = new Dictionary<string, byte[]>(streams.Count);
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            known.Add(row.GetString(0), row.GetFieldValue<byte[]>(1));
        return known;
    }
}
