using System.Numerics;
using System.Security.Cryptography;

namespace EventDossier.Record;

/// <summary>
/// The Merkle tree of RFC 6962, section 2: hashes, proofs, and how they are checked (by RFC 9162, sections 2.1.3 and 2.1.4, whose tree is the same). Indexes count from 0, a hash is 32 bytes,
/// a proof runs from the leaf to the root. A subtree of height <c>h</c> and index <c>n</c> is over the 2^h leaves from n·2^h on.
/// </summary>
public static class Merkle
{
    public const int HashBytes = SHA256.HashSizeInBytes;

    /// <summary>The root of a tree of no leaves.</summary>
    public static byte[] EmptyRoot => SHA256.HashData([]);

    public static byte[] LeafHash(ReadOnlySpan<byte> leaf)
    {
        Span<byte> prefixed = leaf.Length < 512 ? stackalloc byte[leaf.Length + 1] : new byte[leaf.Length + 1];
        prefixed[0] = 0;
        leaf.CopyTo(prefixed[1..]);
        return SHA256.HashData(prefixed);
    }

    public static byte[] NodeHash(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> prefixed = stackalloc byte[1 + (2 * HashBytes)];
        prefixed[0] = 1;
        left.CopyTo(prefixed[1..]);
        right.CopyTo(prefixed[(1 + HashBytes)..]);
        return SHA256.HashData(prefixed);
    }

    /// <summary>The root over hashes in a row, as a tree of that many leaves has it.</summary>
    public static byte[] Root(ReadOnlySpan<byte> hashes) => hashes.Length switch
    {
        0 => EmptyRoot,
        HashBytes => hashes.ToArray(),
        _ when HashBytes * Split(hashes.Length / HashBytes) is var at => NodeHash(Root(hashes[..at]), Root(hashes[at..])),
        _ => throw new InvalidOperationException(),
    };

    /// <summary>The largest power of two below a number of leaves: where their tree divides.</summary>
    private static int Split(int leaves) => 1 << (BitOperations.Log2((uint)leaves - 1));

    private static long Split(long leaves) => 1L << BitOperations.Log2((ulong)leaves - 1);

    /// <summary>Leaves from one index to before another that make a subtree of their own within some tree.</summary>
    public sealed record Range(long From, long Before)
    {
        /// <summary>The whole subtrees that it is made of, from the left, which is from the highest.</summary>
        public IEnumerable<(int Height, long Index)> Subtrees()
        {
            for (var at = From; at < Before;)
            {
                var height = BitOperations.Log2((ulong)(Before - at));
                yield return (height, at >> height);
                at += 1L << height;
            }
        }

        public byte[] Hash(Func<int, long, byte[]> subtree)
        {
            var hashes = Subtrees().Select(s => subtree(s.Height, s.Index)).ToList();
            return hashes.Count == 0 ? EmptyRoot : hashes.Take(hashes.Count - 1).Reverse().Aggregate(hashes[^1], (right, left) => NodeHash(left, right));
        }
    }

    /// <summary>What the proof is made of that a leaf stands in a tree.</summary>
    public static IReadOnlyList<Range> Inclusion(long index, long size)
    {
        if (index < 0 || index >= size)
            throw new ArgumentOutOfRangeException(nameof(index), $"leaf {index} of {size}");
        var path = new List<Range>();
        for (var (from, before) = (0L, size); before - from > 1;)
        {
            var at = from + Split(before - from);
            path.Add(index < at ? new(at, before) : new(from, at));
            (from, before) = index < at ? (from, at) : (at, before);
        }
        path.Reverse();
        return path;
    }

    /// <summary>What the proof is made of that a tree grew from a smaller one: of nothing where that is empty or the same.</summary>
    public static IReadOnlyList<Range> Consistency(long old, long size)
    {
        if (old < 0 || old > size)
            throw new ArgumentOutOfRangeException(nameof(old), $"a tree of {old} leaves within one of {size}");
        var path = new List<Range>();
        var (from, before) = (0L, size);
        while (old > 0 && before != old)
        {
            var at = from + Split(before - from);
            path.Add(old <= at ? new(at, before) : new(from, at));
            (from, before) = old <= at ? (from, at) : (at, before);
        }
        // What the old tree's checker can't know already.
        if (from > 0)
            path.Add(new(from, before));
        path.Reverse();
        return path;
    }

    public static bool IsIncluded(long index, long size, ReadOnlySpan<byte> leafHash, IReadOnlyList<byte[]> proof, ReadOnlySpan<byte> root)
    {
        if (index < 0 || index >= size || leafHash.Length != HashBytes || proof.Any(hash => hash.Length != HashBytes))
            return false;
        var (node, last, hash) = (index, size - 1, leafHash.ToArray());
        foreach (var sibling in proof)
        {
            if (last == 0)
                return false;
            if ((node & 1) == 1 || node == last)
            {
                hash = NodeHash(sibling, hash);
                var up = BitOperations.TrailingZeroCount(node);
                (node, last) = (node >> up, last >> up);
            }
            else
                hash = NodeHash(hash, sibling);
            (node, last) = (node >> 1, last >> 1);
        }
        return last == 0 && root.SequenceEqual(hash);
    }

    public static bool IsConsistent(long old, long size, ReadOnlySpan<byte> oldRoot, ReadOnlySpan<byte> root, IReadOnlyList<byte[]> proof)
    {
        // Every tree grows from nothing: that would prove nothing, so it is not taken for a proof.
        if (old <= 0 || old > size)
            return false;
        if (old == size)
            return proof.Count == 0 && oldRoot.SequenceEqual(root);
        if (proof.Count == 0 || oldRoot.Length != HashBytes || proof.Any(hash => hash.Length != HashBytes))
            return false;
        var hashes = BitOperations.IsPow2(old) ? [oldRoot.ToArray(), .. proof] : proof;
        var (node, last) = (old - 1, size - 1);
        var up = BitOperations.TrailingZeroCount(~node);
        (node, last) = (node >> up, last >> up);
        var (before, now) = (hashes[0], hashes[0]);
        foreach (var sibling in hashes.Skip(1))
        {
            if (last == 0)
                return false;
            if ((node & 1) == 1 || node == last)
            {
                (before, now) = (NodeHash(sibling, before), NodeHash(sibling, now));
                up = node == 0 ? 0 : BitOperations.TrailingZeroCount(node);
                (node, last) = (node >> up, last >> up);
            }
            else
                now = NodeHash(now, sibling);
            (node, last) = (node >> 1, last >> 1);
        }
        return last == 0 && oldRoot.SequenceEqual(before) && root.SequenceEqual(now);
    }

    /// <summary>The right edge of a tree, which is all that is needed to let it grow: the whole subtrees that its size is made of.</summary>
    public sealed class Edge
    {
        private readonly List<byte[]> _subtrees;

        /// <param name="subtrees">Their hashes, from the left.</param>
        public Edge(long size = 0, params IEnumerable<byte[]> subtrees) => (Size, _subtrees) = (size, [.. subtrees]);

        public long Size { get; private set; }

        public byte[] Root => _subtrees.Count == 0 ? EmptyRoot : _subtrees.Take(_subtrees.Count - 1).Reverse().Aggregate(_subtrees[^1], (right, left) => NodeHash(left, right));

        /// <summary>Adds a whole subtree, of which the size up to here must be a multiple.</summary>
        /// <param name="complete">Told every subtree that this completes, itself included, from the lowest.</param>
        public void Add(byte[] hash, int height = 0, Action<int, long, byte[]>? complete = null)
        {
            if ((Size & ((1L << height) - 1)) != 0)
                throw new InvalidOperationException($"a subtree of height {height} can't stand at {Size}");
            var index = Size >> height;
            Size += 1L << height;
            complete?.Invoke(height, index, hash);
            for (; (index & 1) == 1; index >>= 1)
            {
                hash = NodeHash(_subtrees[^1], hash);
                _subtrees.RemoveAt(_subtrees.Count - 1);
                complete?.Invoke(++height, index >> 1, hash);
            }
            _subtrees.Add(hash);
        }
    }
}
