using System.Runtime.InteropServices;

namespace EventDossier.Exports;

/// <summary>How many cases and events a file has.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LogCounts(long Cases, long Events);

/// <summary>A process log as text: what its file begins and ends with, and how cases stand in it.</summary>
public sealed class TextFormat
{
    private readonly Action<Utf8Text, ProcessCase> _spell;
    private readonly Action<Utf8Text, string> _spellKey;

    /// <param name="spell">A case, with places left open for its key.</param>
    internal TextFormat(byte[] begins, byte[] ends, Action<Utf8Text, ProcessCase> spell, Action<Utf8Text, string> spellKey) =>
        (Begins, Ends, _spell, _spellKey) = (begins, ends, spell, spellKey);

    internal byte[] Begins { get; }
    internal byte[] Ends { get; }

    public async Task<LogCounts> WriteAsync(IAsyncEnumerable<ProcessCase> cases, Stream to, CancellationToken cancel = default)
    {
        var (counts, part) = (new LogCounts(), new Part(this));
        to.Write(Begins);
        await foreach (var one in cases.WithCancellation(cancel))
        {
            part.Add(one);
            counts = part.MoveTo(to, counts);
        }
        to.Write(Ends);
        return counts;
    }

    /// <summary>Some cases, spelled. Twins are spelled once.</summary>
    internal sealed class Part(TextFormat format)
    {
        private readonly Utf8Text _one = new(), _key = new(), _all = new();
        private ProcessCase? _last;
        private LogCounts _counts;

        public void Add(ProcessCase one)
        {
            if (!one.IsTwinOf(_last))
            {
                if (one.Events.Count == 0)
                    throw new InvalidOperationException($"{one.Key} has no events");
                _one.Clear();
                format._spell(_one, one);
            }
            _last = one;
            _key.Clear();
            format._spellKey(_key, one.Key);
            _one.AddTo(_all, _key.Spelled);
            _counts = new(_counts.Cases + 1, _counts.Events + one.Events.Count);
        }

        /// <summary>Writes what was added, and begins anew.</summary>
        /// <returns>The counts with its own.</returns>
        public LogCounts MoveTo(Stream to, LogCounts before)
        {
            _all.MoveTo(to);
            var all = new LogCounts(before.Cases + _counts.Cases, before.Events + _counts.Events);
            _counts = default;
            return all;
        }
    }
}
