using System.Security.Cryptography;
using EventDossier.Archives;
using EventDossier.Record;

namespace EventDossier.Tests.Archives;

/// <summary>The tiles of an archive hold each other up to the signed root, in a tree of any size.</summary>
public sealed class ArchiveTilesTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData(1, 0)]
    [InlineData(255, 3)]
    [InlineData(256, 255)]
    [InlineData(257, 256)]
    [InlineData(257, 1)]
    [InlineData(65_536, 300)]
    [InlineData(65_537, 65_536)]
    [InlineData(70_001, 513)]
    public void A_leaf_is_found_and_no_hash_of_any_tile_may_differ(int size, int leaf)
    {
        var levels = Levels(size);
        var checkpoint = new Checkpoint("log", size, Merkle.Root(levels[0]));
        var tiles = ArchiveTiles.Needed([leaf / Tile.FullWidth], size).ToList();
        var (written, places) = (new MemoryStream(), new List<int>());
        foreach (var tile in tiles)
        {
            ArchiveTiles.Write(written, tile, levels[tile.Level!.Value].AsSpan((int)tile.First * Merkle.HashBytes, tile.Width * Merkle.HashBytes));
            places.Add((int)written.Length - 1);
        }
        var (found, bytes) = (Findings(written.ToArray(), checkpoint, leaf), written.ToArray());
        found.Findings.ShouldBeEmpty();
        found.Leaf.ShouldBe(levels[0][(leaf * Merkle.HashBytes)..((leaf + 1) * Merkle.HashBytes)]);
        Findings(bytes, checkpoint with { Root = SHA256.HashData([1]) }, leaf).Findings.ShouldNotBeEmpty("another tree");
        foreach (var (place, tile) in places.Zip(tiles))
        {
            var changed = bytes.ToArray();
            changed[place] ^= 1;
            Findings(changed, checkpoint, leaf).Findings.ShouldNotBeEmpty(tile.Path);
        }
        Should.Throw<UserError>(() => Findings(bytes[..^1], checkpoint, leaf)).Code.ShouldBe("bad-archive");
    }

    private (List<string> Findings, byte[]? Leaf) Findings(byte[] bytes, Checkpoint checkpoint, long leaf)
    {
        File.WriteAllBytes(_file, bytes);
        var findings = new List<string>();
        using var tiles = ArchiveTiles.Open(_file, checkpoint, (_, what) => findings.Add(what));
        return (findings, tiles.LeafHash(leaf));
    }

    /// <summary>The hashes of each level, in a row: of leaves, and above that over whole tiles.</summary>
    private static List<byte[]> Levels(int size)
    {
        var levels = new List<byte[]> { Enumerable.Range(0, size).SelectMany(i => SHA256.HashData(BitConverter.GetBytes(i))).ToArray() };
        const int whole = Tile.FullWidth * Merkle.HashBytes;
        while (levels[^1].Length >= whole)
            levels.Add([.. levels[^1].Chunk(whole).Where(tile => tile.Length == whole).SelectMany(tile => Merkle.Root(tile))]);
        return levels;
    }
}
