using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using EventDossier.Record;

namespace EventDossier.Tests.Record;

public sealed class MerkleTests
{
    private const int Largest = 70;
    private static readonly byte[][] _leaves = [.. Enumerable.Range(0, Largest).Select(i => new byte[] { (byte)i })];

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web);

    // The probes go beyond what a long holds; here that is a negative number, which is no place in a tree.
    private sealed record InclusionVector(ulong LeafIdx, ulong TreeSize, byte[]? Root, byte[]? LeafHash, byte[][]? Proof, bool WantErr);

    private sealed record ConsistencyVector(ulong Size1, ulong Size2, byte[]? Root1, byte[]? Root2, byte[][]? Proof, bool WantErr);

    private static List<T> Vectors<T>(string kind) =>
        [.. Directory.EnumerateFiles(Shared.Path("vectors", "merkle", kind), "*.json", SearchOption.AllDirectories).Select(file => JsonSerializer.Deserialize<T>(File.ReadAllText(file), _json)!)];

    /// <summary>Straight from RFC 6962, section 2.1.</summary>
    private static byte[] Mth(ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 0)
            return SHA256.HashData([]);
        if (leaves.Length == 1)
            return SHA256.HashData([0, .. leaves[0]]);
        var k = (int)BitOperations.RoundUpToPowerOf2((uint)leaves.Length) / 2;
        return SHA256.HashData([1, .. Mth(leaves[..k]), .. Mth(leaves[k..])]);
    }

    private static byte[] Subtree(int height, long index) => Mth(_leaves.AsSpan((int)index << height, 1 << height));

    private static List<byte[]> Made(IReadOnlyList<Merkle.Range> path) => [.. path.Select(range => range.Hash(Subtree))];

    [Fact]
    public void The_published_probes_of_inclusion_are_judged_as_they_say()
    {
        var vectors = Vectors<InclusionVector>("inclusion");
        vectors.Count.ShouldBeGreaterThan(80);
        foreach (var (index, size, root, leafHash, proof, wantError) in vectors)
            Merkle.IsIncluded((long)index, (long)size, leafHash, proof ?? [], root).ShouldBe(!wantError, $"{index} of {size}");
    }

    [Fact]
    public void The_published_probes_of_consistency_are_judged_as_they_say()
    {
        var vectors = Vectors<ConsistencyVector>("consistency");
        vectors.Count.ShouldBeGreaterThan(90);
        foreach (var (old, size, oldRoot, root, proof, wantError) in vectors)
            Merkle.IsConsistent((long)old, (long)size, oldRoot, root, proof ?? []).ShouldBe(!wantError, $"{old} to {size}");
    }

    [Fact]
    public void Every_tree_that_grows_leaf_by_leaf_has_the_root_of_RFC_6962()
    {
        var edge = new Merkle.Edge();
        var complete = new Dictionary<(int, long), byte[]>();
        foreach (var leaf in _leaves)
        {
            edge.Root.ShouldBe(Mth(_leaves.AsSpan(0, (int)edge.Size)));
            edge.Add(Merkle.LeafHash(leaf), 0, (height, index, hash) => complete.Add((height, index), hash));
        }
        foreach (var ((height, index), hash) in complete)
            hash.ShouldBe(Subtree(height, index));
        complete.Count(c => c.Key.Item1 == 3).ShouldBe(Largest / 8);

        // The edge alone, put together from its subtrees, grows on in the same way.
        for (var size = 0; size < Largest; size++)
        {
            var again = new Merkle.Edge(size, new Merkle.Range(0, size).Subtrees().Select(s => Subtree(s.Height, s.Index)));
            again.Add(Merkle.LeafHash(_leaves[size]));
            again.Root.ShouldBe(Mth(_leaves.AsSpan(0, size + 1)));
        }
    }

    [Fact]
    public void Every_proof_made_is_accepted_and_none_with_a_bit_changed()
    {
        for (var size = 1; size <= Largest; size++)
        {
            var root = Mth(_leaves.AsSpan(0, size));
            for (var index = 0; index < size; index++)
            {
                var (proof, leaf) = (Made(Merkle.Inclusion(index, size)), Merkle.LeafHash(_leaves[index]));
                Merkle.IsIncluded(index, size, leaf, proof, root).ShouldBeTrue($"{index} of {size}");
                foreach (var hash in proof)
                {
                    hash[index % 32] ^= 4;
                    Merkle.IsIncluded(index, size, leaf, proof, root).ShouldBeFalse($"{index} of {size}");
                    hash[index % 32] ^= 4;
                }
            }
            for (var old = 1; old <= size; old++)
            {
                var (proof, before) = (Made(Merkle.Consistency(old, size)), Mth(_leaves.AsSpan(0, old)));
                Merkle.IsConsistent(old, size, before, root, proof).ShouldBeTrue($"{old} to {size}");
                foreach (var hash in proof)
                {
                    hash[old % 32] ^= 4;
                    Merkle.IsConsistent(old, size, before, root, proof).ShouldBeFalse($"{old} to {size}");
                    hash[old % 32] ^= 4;
                }
            }
        }
    }

    [Fact]
    public void A_published_tile_log_has_the_roots_of_its_checkpoints()
    {
        var key = NoteKey.Parse(File.ReadAllText(Shared.Path("vectors", "tlog", "sample-key.txt")))!;
        for (var size = 1; size <= 15; size++)
        {
            var tile = File.ReadAllBytes(Shared.Path(["vectors", "tlog", .. new Tile(0, 0, size).Path.Split('/')]));
            var entries = Entries(File.ReadAllBytes(Shared.Path(["vectors", "tlog", .. new Tile(null, 0, size).Path.Split('/')])));
            var checkpoint = SignedCheckpoint.Parse(File.ReadAllText(Shared.Path("vectors", "tlog", $"checkpoint.{size}")), $"{size}");

            entries.SelectMany(entry => Merkle.LeafHash(entry)).ShouldBe(tile);
            checkpoint.By([key], $"{size}").ShouldBe(key);
            checkpoint.Checkpoint.ShouldSatisfyAllConditions(c => c.Size.ShouldBe(size), c => c.Root.ShouldBe(Merkle.Root(tile)));
        }

        static List<byte[]> Entries(ReadOnlySpan<byte> bundle)
        {
            var entries = new List<byte[]>();
            while (bundle.Length > 0)
            {
                int length = BinaryPrimitives.ReadUInt16BigEndian(bundle);
                entries.Add(bundle[2..(2 + length)].ToArray());
                bundle = bundle[(2 + length)..];
            }
            return entries;
        }
    }
}
