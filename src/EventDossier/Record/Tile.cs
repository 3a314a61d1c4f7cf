using System.Globalization;
using System.Text.RegularExpressions;

namespace EventDossier.Record;

/// <summary>
/// Up to 256 hashes in a row at one level of the tree, as C2SP tlog-tiles cuts it: of leaves at level 0, above that of whole tiles of the level below. The same place holds a bundle of entries.
/// </summary>
/// <param name="Level">Of its hashes, each over 256^level leaves; null for a bundle of entries.</param>
/// <param name="Width">1 to 256 hashes or entries.</param>
public sealed partial record Tile(int? Level, long Index, int Width)
{
    public const int FullWidth = 256;
    private const int MostLevels = 7; // 256^7 leaves fit a long, and no tree comes near them.

    public bool IsFull => Width == FullWidth;

    /// <summary>Its first hash, counted along its level.</summary>
    public long First => Index * FullWidth;

    /// <summary>As it stands in the address: <c>tile/0/x001/x234/067.p/8</c>.</summary>
    public string Path
    {
        get
        {
            var digits = Index.ToString("D3", CultureInfo.InvariantCulture);
            digits = digits.PadLeft((digits.Length + 2) / 3 * 3, '0');
            var parts = digits.Chunk(3).Select(part => new string(part)).ToList();
            var place = string.Join('/', parts.Take(parts.Count - 1).Select(part => $"x{part}").Append(parts[^1]));
            return $"tile/{Level?.ToString(CultureInfo.InvariantCulture) ?? "entries"}/{place}{(IsFull ? "" : $".p/{Width}")}";
        }
    }

    /// <summary>Null for what is no tile's path, or not spelled as it must be.</summary>
    public static Tile? Parse(string path)
    {
        if (TilePath().Match(path) is not { Success: true } match)
            return null;
        var level = match.Groups["level"].ValueSpan;
        var tile = new Tile(
            level.SequenceEqual("entries") ? null : int.Parse(level, CultureInfo.InvariantCulture),
            long.Parse(match.Groups["index"].Value.Replace("x", "", StringComparison.Ordinal).Replace("/", "", StringComparison.Ordinal), CultureInfo.InvariantCulture),
            match.Groups["width"] is { Success: true } width ? int.Parse(width.ValueSpan, CultureInfo.InvariantCulture) : FullWidth);
        return tile.Path == path && tile.Width is > 0 and <= FullWidth && tile.Level is null or <= MostLevels ? tile : null;
    }

    /// <summary>Those that a tree of a size gained since it had another, partial ones included; what a mirror would fetch.</summary>
    public static IEnumerable<Tile> Between(long old, long size)
    {
        for (var level = 0; size > 0; level++, old >>= 8, size >>= 8)
        {
            for (var index = old >> 8; index * FullWidth < size; index++)
                yield return new(level, index, (int)Math.Min(FullWidth, size - (index * FullWidth)));
        }
    }

    [GeneratedRegex(@"\Atile/(?<level>[0-9]|entries)/(?<index>(x[0-9]{3}/){0,5}[0-9]{3})(\.p/(?<width>[1-9][0-9]{0,2}))?\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex TilePath();
}
