using System.Text;

namespace EventDossier.Import;

/// <summary>A file that can't be read on. Never leaves this folder: <see cref="LogScan.Cases"/> turns it into faults.</summary>
internal sealed class LogFault(IReadOnlyList<Fault> faults) : Exception(faults[0].Reason)
{
    public LogFault(string place, string reason) : this([new Fault(place, null, reason)]) { }

    public IReadOnlyList<Fault> Faults => faults;

    /// <summary>The first sentence of a library's message, on one line.</summary>
    public static string OneLine(string message)
    {
        var end = message.IndexOfAny(['\r', '\n']);
        return SourceText.Plain(end < 0 ? message : message.AsSpan(0, end), 200);
    }
}

/// <summary>What one pass over a file shares: the rules, the way out for faults, and what it learns on its way.</summary>
internal sealed class LogPass(CaseRules rules, Action<Fault> report)
{
    public CaseRules Rules => rules;
    public Timestamps Times { get; } = new(rules.Zone, rules.Map?.DateFormats ?? []);
    public LogHeader Header { get; set; } = LogHeader.Empty;
    public bool AnyFault { get; private set; }

    public void Report(Fault fault)
    {
        AnyFault = true;
        report(fault);
    }
}

/// <summary>The faults of one case. The case may learn its id after its faults, so they wait. At most 1,000 are told.</summary>
internal sealed class CaseFaults
{
    private const int Most = 1000;
    private readonly List<(string Place, string Reason)> _faults = [];
    private int _count;

    public (string Place, string Reason)? First => _faults.Count > 0 ? _faults[0] : null;
    public bool Any => _count > 0;

    public void Add(string place, string reason)
    {
        if (++_count <= Most) _faults.Add((place, reason));
    }

    public void ReportTo(LogPass pass, string caseId, string casePlace)
    {
        var id = SourceText.Plain(caseId, SourceText.MaxId);
        foreach (var (place, reason) in _faults) pass.Report(new Fault(place, id, reason));
        if (_count > Most) pass.Report(new Fault(casePlace, id, $"{_count - Most} more faults in this case"));
    }
}

/// <summary>Ids that were seen, 16 bytes of hash each: a file may have millions.</summary>
internal sealed class SeenIds
{
    private readonly Dictionary<UInt128, int> _ids = [];

    public int Count => _ids.Count;

    /// <returns>The number of the id in order of first appearance, and whether it is new.</returns>
    public int Number(string id, out bool isNew)
    {
        Span<byte> hash = stackalloc byte[32];
        System.Security.Cryptography.SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(id.AsSpan()), hash);
        var key = System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash);
        ref var number = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_ids, key, out var exists);
        if (!exists) number = _ids.Count - 1;
        isNew = !exists;
        return number;
    }
}
