using System.Text;
using EventDossier.Record;

namespace EventDossier.Archives;

/// <summary>
/// The tiles of the public log that prove the events of an archive, in one file: for each its C2SP path and a line's end, then its hashes. They are those that cover the events' leaves, all that stand above
/// them, and the right edge, from which the root follows; so every hash is held by the one above it, up to the signature.
/// </summary>
internal sealed class ArchiveTiles : IDisposable
{
    private const int LongestPath = 64;
    private readonly FileStream _file;
    private readonly Dictionary<(int Level, long Index), (long Offset, int Width)> _places = [];
    private (long Index, byte[] Hashes) _last = (-1, []);

    private ArchiveTiles(FileStream file) => _file = file;

    /// <summary>Those that leaves of these tiles need in a tree of a size, in the order of the file.</summary>
    /// <param name="bottom">Indexes at level 0.</param>
    public static IEnumerable<Tile> Needed(IEnumerable<long> bottom, long size)
    {
        IReadOnlyCollection<long> wanted = [.. bottom];
        for (var level = 0; size > 0; level++, size >>= 8)
        {
            var last = size / Tile.FullWidth;
            // Where it is full, the edge lies in the level above.
            var edge = size % Tile.FullWidth > 0 ? [last] : Array.Empty<long>();
            foreach (var index in wanted.Concat(edge).Distinct().Order())
                yield return new(level, index, (int)Math.Min(Tile.FullWidth, size - (index * Tile.FullWidth)));
            wanted = [.. wanted.Where(index => index < last).Select(index => index / Tile.FullWidth).Distinct()];
        }
    }

    public static void Write(Stream to, Tile tile, ReadOnlySpan<byte> hashes)
    {
        to.Write(Encoding.ASCII.GetBytes($"{tile.Path}\n"));
        to.Write(hashes);
    }

    /// <summary>Reads where each stands, and holds them against each other and against the checkpoint.</summary>
    /// <param name="find">Told what does not hold.</param>
    /// <exception cref="UserError"><c>bad-archive</c>: it is no file of tiles.</exception>
    public static ArchiveTiles Open(string path, Checkpoint? checkpoint, Action<string, string> find)
    {
        var tiles = new ArchiveTiles(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16));
        try
        {
            tiles.ReadPlaces();
            if (checkpoint is not null)
                tiles.Check(checkpoint, find);
            return tiles;
        }
        catch
        {
            tiles.Dispose();
            throw;
        }
    }

    /// <summary>The hash of a leaf; null where no tile holds it.</summary>
    public byte[]? LeafHash(long index)
    {
        var (tile, at) = (index / Tile.FullWidth, (int)(index % Tile.FullWidth));
        if (_last.Index != tile)
        {
            if (Hashes(0, tile) is not { } hashes)
                return null;
            _last = (tile, hashes);
        }
        return at < _last.Hashes.Length / Merkle.HashBytes ? _last.Hashes[(at * Merkle.HashBytes)..((at + 1) * Merkle.HashBytes)] : null;
    }

    public void Dispose() => _file.Dispose();

    private void ReadPlaces()
    {
        var line = new StringBuilder();
        for (int c; (c = _file.ReadByte()) >= 0;)
        {
            if (c != '\n' && line.Length < LongestPath)
            {
                line.Append((char)c);
                continue;
            }
            if (c != '\n' || Tile.Parse(line.ToString()) is not { Level: { } level } tile || _file.Length - _file.Position < tile.Width * Merkle.HashBytes || !_places.TryAdd((level, tile.Index), (_file.Position, tile.Width)))
                throw Archive.Bad($"{Archive.TilesFile} byte {_file.Position}: no tile of hashes begins there");
            _file.Seek(tile.Width * Merkle.HashBytes, SeekOrigin.Current);
            line.Clear();
        }
        if (line.Length > 0)
            throw Archive.Bad($"{Archive.TilesFile} ends too early");
    }

    private byte[]? Hashes(int level, long index)
    {
        if (!_places.TryGetValue((level, index), out var place))
            return null;
        var hashes = new byte[place.Width * Merkle.HashBytes];
        for (var read = 0; read < hashes.Length;)
            read += RandomAccess.Read(_file.SafeFileHandle, hashes.AsSpan(read), place.Offset + read) is > 0 and var more ? more : throw new EndOfStreamException(_file.Name);
        return hashes;
    }

    /// <summary>A partial tile is of the edge, and the edge gives the root; a whole one gives a hash of the tile above it.</summary>
    private void Check(Checkpoint checkpoint, Action<string, string> find)
    {
        var edge = new Merkle.Edge();
        var levels = new List<(int Level, long Index, int Width)>();
        for (var (level, size) = (0, checkpoint.Size); size > 0; level++, size >>= 8)
        {
            if (size % Tile.FullWidth > 0)
                levels.Add((level, size / Tile.FullWidth, (int)(size % Tile.FullWidth)));
        }
        foreach (var (level, index, width) in Enumerable.Reverse(levels))
        {
            if (Hashes(level, index) is not { } hashes || hashes.Length != width * Merkle.HashBytes)
            {
                find(Archive.TilesFile, $"{new Tile(level, index, width).Path}, of the edge of the tree of {checkpoint.Size}, is missing");
                return;
            }
            foreach (var hash in hashes.Chunk(Merkle.HashBytes))
                edge.Add(hash, 8 * level);
        }
        if (!edge.Root.AsSpan().SequenceEqual(checkpoint.Root))
            find(Archive.TilesFile, $"the edge of the tree does not give the root that the checkpoint of {checkpoint.Size} has");
        foreach (var ((level, index), (_, width)) in _places.OrderBy(place => place.Key))
        {
            if (width < Tile.FullWidth)
            {
                if (!levels.Contains((level, index, width)))
                    find(Archive.TilesFile, $"{new Tile(level, index, width).Path} is not of the tree of {checkpoint.Size}");
                continue;
            }
            var (above, at) = (Hashes(level + 1, index / Tile.FullWidth), (int)(index % Tile.FullWidth) * Merkle.HashBytes);
            if (above is null || above.Length <= at || !above.AsSpan(at, Merkle.HashBytes).SequenceEqual(Merkle.Root(Hashes(level, index))))
                find(Archive.TilesFile, $"{new Tile(level, index, width).Path} is not what stands in the public log: the tile above it has another hash");
        }
    }
}
