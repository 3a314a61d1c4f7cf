using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using EventDossier.Exports;

namespace EventDossier.Releases;

/// <summary>How much a release protects whom it is about.</summary>
/// <param name="K">Of how many cases at least each looks the same in every file.</param>
/// <param name="LeastKept">Percent of the cases that must be left; with less the gate has merely thrown data
/// away.</param>
public sealed record Privacy(int K = 5, int LeastKept = 60);

/// <summary>A release that is out, however it ended, and what it told of whom.</summary>
/// <param name="Classes">How many cases each of its classes has.</param>
public sealed record EarlierRelease(string Number, IReadOnlyDictionary<UInt128, int> Classes);

/// <summary>
/// A log made ready to be published: cases cut to what may leave, put into classes of at least k and coarsened until
/// they are, or left out; within a class k or more of like duration carry the median of their days and measures, so
/// that in no file any case is told apart from k-1 others. See ADR 28.
/// </summary>
/// <remarks>
/// Some hundred and fifty bytes a case are held in memory, its code among them, and what earlier releases told; all
/// else lies in a file.
/// </remarks>
public sealed class GatedLog : IDisposable
{
    private const int SetsAtOnce = 256;
    private readonly CaseSpool _spool, _published;
    private readonly Privacy _privacy;
    private readonly byte[] _secret;
    private readonly HashSet<string> _rare = [];
    private readonly List<UInt128?[]> _labels = [];
    private readonly List<int> _doubles = [];
    private string[] _codes = [];
    private Entry[] _entries = [];

    private readonly IReadOnlyList<EarlierRelease> _earlier;
    private readonly ConcurrentBag<Part> _spare = [];
    private readonly Dictionary<string, int> _having = [], _labelled = [];
    private readonly List<Entry> _taken = [];

    /// <param name="secret">Of the release: no code in it is a dossier's, or another release's.</param>
    /// <param name="earlier">Releases that it must not tell more of anybody together with.</param>
    /// <param name="folder">Where the files that go with this object lie.</param>
    public GatedLog(Privacy privacy, byte[] secret, IReadOnlyList<EarlierRelease> earlier, string folder) =>
        (_spool, _published, _privacy, _secret, _earlier) = (new(folder), new(folder), privacy, secret, earlier);

    /// <param name="Level">How far it is coarsened; -1 while it is in no class, and where it is left out.</param>
    /// <param name="Label">What earlier releases told of it.</param>
    [StructLayout(LayoutKind.Auto)]
    private record struct Entry(long At, int Days, int First, int Label, int Level, UInt128 Class);

    /// <summary>Cases that came to the gate.</summary>
    public int Cases => _entries.Length;

    /// <summary>Of them, published.</summary>
    public int Kept { get; private set; }

    /// <summary>Cases by how far they were coarsened.</summary>
    public IReadOnlyList<int> Levels { get; private set; } = [];

    /// <summary>Left out because earlier releases and this one would together tell of fewer than k.</summary>
    public int LeftOutForEarlier { get; private set; }

    /// <summary>Cases of which nothing may leave: no event of theirs is on the list.</summary>
    public int Empty { get; private set; }

    public IReadOnlySet<string> Rare => _rare;

    /// <summary>An empty part, to be filled by one thread.</summary>
    public Part Begin() => _spare.TryTake(out var part) ? part : new(new(_spool));

    /// <summary>Takes the cases of a part in; one part after the other.</summary>
    /// <param name="told">The class that each earlier release tells a dossier in, in their order; null where it leaves it out.</param>
    public void TakeIn(Part part, Func<string, IReadOnlyList<UInt128?>> told)
    {
        var from = _spool.Add(part.Records);
        foreach (var (key, at, days, first) in part.Cases)
            _taken.Add(new(from + at, days, first, Label(told(key)), -1, 0));
        foreach (var (activity, cases) in part.Having)
            _having[activity] = _having.GetValueOrDefault(activity) + cases;
        Empty += part.Empty;
        part.Clear();
        _spare.Add(part);
    }

    private int Label(IReadOnlyList<UInt128?> told)
    {
        var name = string.Join(' ', told);
        if (!_labelled.TryGetValue(name, out var label))
        {
            _labelled.Add(name, label = _labels.Count);
            _labels.Add([.. told]);
        }
        return label;
    }

    /// <summary>Once all are in: puts them into classes, and makes what is published.</summary>
    public void Settle(CancellationToken cancel)
    {
        _spool.Complete();
        _entries = [.. _taken];
        _taken.Clear();
        _spare.Clear();
        // Seldom is what fewer than one case in twenty has.
        _rare.UnionWith(_having.Where(activity => activity.Value < Math.Max(_privacy.K, _entries.Length / 20))
            .Select(activity => activity.Key));
        Place(cancel);
        Compare(_earlier);
        Levels = [.. Enumerable.Range(0, Coarsening.Last + 1).Select(level => _entries.Count(e => e.Level == level))];
        Kept = Levels.Sum();
        Publish(cancel);
    }

    /// <summary>Cases cut to what may leave and put on record, on the thread that reads them.</summary>
    public sealed class Part : IDisposable
    {
        internal Part(CaseSpool.Recorder records) => Records = records;

        internal CaseSpool.Recorder Records { get; }
        internal List<(string Key, int At, int Days, int First)> Cases { get; } = [];

        /// <summary>How many have an activity.</summary>
        internal Dictionary<string, int> Having { get; } = [];

        internal int Empty { get; private set; }

        /// <summary>The dossiers that are in it.</summary>
        public IEnumerable<string> Dossiers => Cases.Select(c => c.Key);

        public void Add(ProcessCase of)
        {
            if (AllowList.Current.Project(of) is not { } projected)
            {
                Empty++;
                return;
            }
            foreach (var activity in projected.Events.Select(e => e.Activity).Distinct())
                Having[activity] = Having.GetValueOrDefault(activity) + 1;
            var (first, last) = (projected.Events[0].At, projected.Events[^1].At);
            Cases.Add((projected.Key, Records.Add(projected), (last - first).Days, (first - DateTimeOffset.UnixEpoch).Days));
        }

        internal void Clear()
        {
            Cases.Clear();
            Having.Clear();
            Empty = 0;
        }

        public void Dispose() => Records.Dispose();
    }

    /// <summary>By how many days an event's published day is off its own, in the mean.</summary>
    public decimal DaysOff { get; private set; }

    /// <summary>How many different sequences of activities are told.</summary>
    public int Variants { get; private set; }

    /// <summary>
    /// The cases as every file tells them, class by class and by their codes; the same each time. Doubles are twins.
    /// </summary>
    public IEnumerable<ProcessCase> Published()
    {
        var next = 0;
        foreach (var (common, times) in _published.ReadAll().Zip(_doubles))
        {
            for (var i = 0; i < times; i++)
                yield return common with { Key = _codes[next++] };
        }
    }

    /// <summary>Which class tells each published dossier.</summary>
    public IEnumerable<(string Dossier, UInt128 Class)> Members() =>
        _entries.Where(e => e.Level >= 0).Select(e => (_spool.KeyAt(e.At), e.Class));

    /// <summary>How far each published dossier is coarsened; 0 for exactly told.</summary>
    public IEnumerable<(string Dossier, int Level)> Coarsened() =>
        _entries.Where(e => e.Level >= 0).Select(e => (_spool.KeyAt(e.At), e.Level));

    /// <summary>
    /// What this release and each earlier one tell together: fewer than k cases that one tells so and the other so, or
    /// not at all.
    /// </summary>
    public IEnumerable<GateFinding> Differences(IReadOnlyList<EarlierRelease> earlier) =>
        earlier.SelectMany((release, i) =>
        Difference.Find(release, _entries.Where(e => e.Level >= 0)
            .Select(e => (_labels[e.Label].ElementAtOrDefault(i), e.Class)), _privacy.K));

    public void Dispose()
    {
        foreach (var part in _spare)
            part.Dispose();
        _spool.Dispose();
        _published.Dispose();
    }

    /// <summary>
    /// Level by level, whatever at least k share, of those about whom earlier releases told the same.
    /// </summary>
    private void Place(CancellationToken cancel)
    {
        for (var level = 0; level <= Coarsening.Last; level++)
        {
            var counts = new Dictionary<(UInt128, int), int>();
            Parallel.For(0, _entries.Length, new() { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
            {
                if (_entries[i].Level < 0)
                    _entries[i].Class = Coarsening.ClassOf(Coarsening.Apply(_spool.Read(_entries[i].At), level, _rare), level);
            });
            foreach (ref readonly var entry in _entries.AsSpan())
            {
                if (entry.Level < 0)
                    counts[(entry.Class, entry.Label)] = counts.GetValueOrDefault((entry.Class, entry.Label)) + 1;
            }
            foreach (ref var entry in _entries.AsSpan())
            {
                if (entry.Level < 0 && counts[(entry.Class, entry.Label)] >= _privacy.K)
                    entry.Level = level;
            }
        }
    }

    /// <summary>
    /// What an earlier release told and this one doesn't is none of a class, or at least k of it: more is left out
    /// until that is so.
    /// </summary>
    private void Compare(IReadOnlyList<EarlierRelease> earlier)
    {
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var (i, release) in earlier.Index())
            {
                var told = _entries.Where(e => e.Level >= 0 && _labels[e.Label][i] is not null)
                    .GroupBy(e => _labels[e.Label][i]!.Value, e => (e.Class, e.Label))
                    .ToDictionary(g => g.Key, g => g.CountBy(joint => joint).ToList());
                foreach (var (before, joints) in told)
                {
                    var missing = release.Classes[before] - joints.Sum(joint => joint.Value);
                    if (missing <= 0 || missing >= _privacy.K)
                        continue;
                    var least = joints.MinBy(joint => (joint.Value, joint.Key.Class)).Key;
                    foreach (ref var entry in _entries.AsSpan())
                    {
                        if ((entry.Class, entry.Label) == least && entry.Level >= 0)
                        {
                            entry.Level = -1;
                            LeftOutForEarlier++;
                            changed = true;
                        }
                    }
                }
            }
        }
    }

    /// <summary>Makes each set of doubles one, told as often as there are of them.</summary>
    private void Publish(CancellationToken cancel)
    {
        using var recorder = new CaseSpool.Recorder(_published);
        var (off, events, variants) = (0L, 0L, new HashSet<UInt128>());
        foreach (var some in Doubles().Chunk(SetsAtOnce))
        {
            foreach (var set in some.AsParallel().AsOrdered().WithCancellation(cancel).Select(Settled))
            {
                recorder.Add(set.Common);
                _published.Add(recorder);
                _doubles.Add(set.Times);
                off += set.Off;
                events += set.Times * (long)set.Common.Events.Count;
                variants.Add(set.Variant);
            }
        }
        _published.Complete();
        _codes = Codes();
        (DaysOff, Variants) = (events == 0 ? 0 : Math.Round((decimal)off / events, 2), variants.Count);
    }

    /// <param name="Off">By how many days its events are told off their own, in all.</param>
    private sealed record Set(ProcessCase Common, int Times, long Off, UInt128 Variant);

    private Set Settled(ArraySegment<Entry> doubles)
    {
        var members = doubles.Select(Told).ToList();
        var common = Median(members);
        return new(common, members.Count,
            members.Sum(member => member.Events.Zip(common.Events, (own, told) =>
                (long)Math.Abs((own.At - told.At).Days)).Sum()),
            Coarsening.Hash(new StringBuilder()
                .AppendJoin('\u0001', common.Events.Select(e => $"{e.Activity}\u0002{e.Lifecycle}"))));
    }

    /// <summary>Cases of one class, k to 2k-1 at a time, that took about as long as each other.</summary>
    private IEnumerable<ArraySegment<Entry>> Doubles()
    {
        var kept = _entries.Where(e => e.Level >= 0).OrderBy(e => e.Class).ThenBy(e => e.Days).ThenBy(e => e.First)
            .ThenBy(e => e.At).ToArray();
        for (var from = 0; from < kept.Length;)
        {
            var to = from;
            while (to < kept.Length && kept[to].Class == kept[from].Class)
                to++;
            var sets = Math.Max(1, (to - from) / _privacy.K);
            for (var set = 0; set < sets; set++)
            {
                var (begin, end) = (from + (int)((long)(to - from) * set / sets),
                    from + (int)((long)(to - from) * (set + 1) / sets));
                yield return new(kept, begin, end - begin);
            }
            from = to;
        }
    }

    private ProcessCase Told(Entry entry) => Coarsening.Apply(_spool.Read(entry.At), entry.Level, _rare);

    /// <summary>
    /// As many as cases are kept, at random for whoever lacks the secret, and in order, so that a file that keeps an
    /// index of them is filled from end to end.
    /// </summary>
    private string[] Codes()
    {
        var codes = new string[Kept];
        Span<byte> number = stackalloc byte[sizeof(int)];
        for (var i = 0; i < codes.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(number, i);
            codes[i] = Convert.ToHexStringLower(HMACSHA256.HashData(_secret, number).AsSpan(..10));
        }
        Array.Sort(codes, StringComparer.Ordinal);
        return codes;
    }

    /// <summary>
    /// Of each day and measure the one in the middle, the lower of two: it is one of their own, and days keep their
    /// order.
    /// </summary>
    private static ProcessCase Median(List<ProcessCase> members)
    {
        var one = members[0];
        return one with
        {
            Attributes = Median(members.Select(m => m.Attributes).ToList(), AllowList.Current.Case),
            Events =
            [
                .. one.Events.Select((e, i) => e with
                {
                    At = Middle(members.Select(m => m.Events[i].At)),
                    Attributes = Median(members.Select(m => m.Events[i].Attributes).ToList(),
                    AllowList.Current.Of(e.Activity)!),
                }),
            ],
        };
    }

    private static List<ProcessAttribute> Median(
        List<IReadOnlyList<ProcessAttribute>> members, IReadOnlyDictionary<string, Treatment> treatments) =>
    [
        .. members[0].Select((attribute, i) => treatments[attribute.Name] == Treatment.Key
            ? attribute : attribute with { Value = Middle(members.Select(m => m[i].Value)) }),
    ];

    private static T Middle<T>(IEnumerable<T> of) => of.Order().ToList() is var sorted ? sorted[(sorted.Count - 1) / 2]
        : throw new InvalidOperationException();
}
