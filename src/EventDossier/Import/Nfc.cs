using System.Collections.Frozen;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace EventDossier.Import;

/// <summary>
/// Unicode normalisation form C, by tables of our own: the framework's <c>Normalize</c> throws on a lone surrogate and on U+FFFE, which a hostile file may
/// hold, and does nothing at all under invariant globalisation.
/// </summary>
public static class Nfc
{
    private const int HangulBase = 0xAC00, L = 0x1100, V = 0x1161, T = 0x11A7;
    private const int LCount = 19, VCount = 21, TCount = 28, HangulCount = LCount * VCount * TCount;

    private static readonly FrozenDictionary<int, int[]> Decompositions;
    private static readonly FrozenDictionary<(int, int), int> Compositions;
    private static readonly FrozenDictionary<int, byte> Classes;

    /// <summary>Code units that may be changed by NFC, or may change a neighbour. Surrogates count, as most text has none.</summary>
    private static readonly bool[] Unsure = new bool[char.MaxValue + 1];

#pragma warning disable CA1810 // Four tables from one pass.
    static Nfc()
#pragma warning restore CA1810
    {
        var decompositions = new Dictionary<int, int[]>();
        var compositions = new Dictionary<(int, int), int>();
        var classes = new Dictionary<int, byte>();
        char[] breaks = [';', '\n'];
        foreach (var entry in NfcData.Decompositions.Split(breaks, StringSplitOptions.RemoveEmptyEntries))
        {
            var sign = entry.AsSpan().IndexOfAny('=', '>');
            var composed = Hex(entry[..sign]);
            var parts = Array.ConvertAll(entry[(sign + 1)..].Split(' '), Hex);
            decompositions[composed] = parts;
            if (entry[sign] == '=')
            {
                compositions[(parts[0], parts[1])] = composed;
                MarkUnsure(parts[1]);
            }
            else
                MarkUnsure(composed);
        }
        foreach (var entry in NfcData.Marks.Split(breaks, StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = entry.IndexOf(':');
            var range = entry[..colon].Split('-');
            for (var c = Hex(range[0]); c <= Hex(range[^1]); c++)
            {
                classes[c] = byte.Parse(entry.AsSpan(colon + 1));
                MarkUnsure(c);
            }
        }
        Array.Fill(Unsure, true, 0xD800, 0x800);
        Array.Fill(Unsure, true, V, VCount);
        Array.Fill(Unsure, true, T, TCount);
        Decompositions = decompositions.ToFrozenDictionary();
        Compositions = compositions.ToFrozenDictionary();
        Classes = classes.ToFrozenDictionary();

        static int Hex(string s) => int.Parse(s, NumberStyles.HexNumber);
        static void MarkUnsure(int c)
        {
            if (c <= char.MaxValue) Unsure[c] = true;
        }
    }

    /// <returns><paramref name="text"/> itself when it is in NFC already. Lone surrogates are left as they are.</returns>
    public static string Of(string text)
    {
        var start = text.AsSpan().IndexOfAnyInRange('\u0300', '\uFFFF');
        if (start < 0) return text;
        foreach (var c in text.AsSpan(start))
            if (Unsure[c]) return Compose(text);
        return text;
    }

    private static string Compose(string text)
    {
        var points = new List<int>(text.Length + 8);
        for (var i = 0; i < text.Length; i++)
        {
            var c = (int)text[i];
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) c = char.ConvertToUtf32(text[i], text[++i]);
            Decompose(c, points);
        }
        SortMarks(points);

        // The last starter takes in what follows it, as long as no mark of an equal or higher class stands between.
        var starter = -1;
        var last = 0;
        var length = 0;
        for (var i = 0; i < points.Count; i++)
        {
            var c = points[i];
            var cls = ClassOf(c);
            if (starter >= 0 && (last < cls || last == 0 && length == starter + 1) && Pair(points[starter], c) is { } composed)
            {
                points[starter] = composed;
                continue;
            }
            if (cls == 0) starter = length;
            last = cls;
            points[length++] = c;
        }

        var result = new StringBuilder(length);
        foreach (var c in CollectionsMarshal.AsSpan(points)[..length])
        {
            if (c <= char.MaxValue) result.Append((char)c);
            else result.Append(new Rune(c));
        }
        return result.ToString();
    }

    private static void Decompose(int c, List<int> into)
    {
        if (c is >= HangulBase and < HangulBase + HangulCount)
        {
            var s = c - HangulBase;
            into.Add(L + s / (VCount * TCount));
            into.Add(V + s % (VCount * TCount) / TCount);
            if (s % TCount != 0) into.Add(T + s % TCount);
        }
        else if (Decompositions.TryGetValue(c, out var parts))
            foreach (var part in parts) Decompose(part, into);
        else
            into.Add(c);
    }

    /// <summary>A stable sort of each run of marks by class. Long hostile runs are why it is not an insertion sort.</summary>
    private static void SortMarks(List<int> points)
    {
        for (var i = 0; i < points.Count; i++)
        {
            if (ClassOf(points[i]) == 0) continue;
            var start = i;
            var sorted = true;
            while (++i < points.Count && ClassOf(points[i]) != 0) sorted &= ClassOf(points[i - 1]) <= ClassOf(points[i]);
            if (sorted) continue;
            var run = points.GetRange(start, i - start).OrderBy(ClassOf).ToList();
            for (var j = 0; j < run.Count; j++) points[start + j] = run[j];
        }
    }

    private static int ClassOf(int c) => c < 0x300 ? 0 : Classes.GetValueOrDefault(c);

    private static int? Pair(int a, int b)
    {
        if (a is >= L and < L + LCount && b is >= V and < V + VCount) return HangulBase + ((a - L) * VCount + (b - V)) * TCount;
        if (a is >= HangulBase and < HangulBase + HangulCount && (a - HangulBase) % TCount == 0 && b is > T and < T + TCount) return a + (b - T);
        return Compositions.TryGetValue((a, b), out var composed) ? composed : null;
    }
}
