using System.Collections;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventDossier.Dossiers;
using EventDossier.Record;
using EventDossier.Store;

namespace EventDossier.Audit;

/// <summary>Something in a pack that is not as it was made.</summary>
/// <param name="Place">File, and line or byte where one can be named.</param>
public sealed record PackFinding(string Place, string What);

/// <param name="Proved">How many of the dossier's events the public log has, by the pack's proofs.</param>
/// <param name="Vkey">Of the log; null where nothing was sealed.</param>
/// <param name="KeyKnown">Whether that key was known to the checker, or is the pack's own word.</param>
/// <param name="Slots">What an agency or a time stamping authority put in.</param>
/// <param name="Signatures">Of these, what was verified by certificates that the checker gave, and holds.</param>
/// <param name="Notices">What could not be looked at, and why.</param>
public sealed record PackReport(
    string? Code, long Events, long Proved, bool Names, long? TreeSize, string? Vkey, bool KeyKnown, IReadOnlyList<string> Slots, IReadOnlyList<PackSignature> Signatures, IReadOnlyList<string> Notices, IReadOnlyList<PackFinding> Findings);

/// <summary>Checks an evidence pack with nothing but itself: no database, no network.</summary>
public static class PackCheck
{
    public const int MostBytes = PackZip.MostBytes;

    /// <param name="log">The log's key, if it is known from elsewhere.</param>
    /// <param name="trust">By which a signature and a time stamp are verified; then they must be there.</param>
    /// <exception cref="UserError"><c>bad-pack</c>: the file is no pack at all, or its zip is not as a pack's is.</exception>
    public static PackReport Check(byte[] zip, NoteKey? log = null, PackTrust? trust = null)
    {
        var files = PackZip.Read(zip).ToDictionary(file => file.Name, file => file.Bytes);
        var (findings, notices) = (new List<PackFinding>(), new List<string>());
        void Find(string place, string what) => findings.Add(new(place, what));

        if (!files.TryGetValue(EvidencePack.Manifest, out var manifest))
            throw new UserError("bad-pack", "it has no manifest.json");
        var contents = Contents(manifest) ?? throw new UserError("bad-pack", $"{EvidencePack.Manifest} is no manifest of a pack");
        if (contents.Format != EvidencePack.Format)
            throw new UserError("bad-pack", $"its format is {contents.Format}, and this program knows {EvidencePack.Format}");
        foreach (var file in contents.Files)
        {
            if (!files.TryGetValue(file.Name, out var bytes))
                Find(file.Name, "the manifest names it, and it is not there");
            else if (EvidencePack.Hash(bytes) is var hash && (hash != file.Sha256 || bytes.Length != file.Size))
                Find(file.Name, $"its SHA-256 is {hash}, and the manifest has {file.Sha256}");
        }
        foreach (var name in files.Keys.Where(name => name != EvidencePack.Manifest && !EvidencePack.Slots.Contains(name) && contents.Files.All(file => file.Name != name)))
            Find(name, "it does not belong to the pack");

        var pack = Read(files, contents, Find);
        if (pack is not null)
        {
            CheckEvents(pack, Find);
            Compare(pack, files, contents, Find, notices);
        }
        var (proved, vkey) = pack is null ? (0, null) : CheckProofs(pack, log, Find, notices);
        return new(contents.Code, pack?.Events.Count ?? 0, proved, contents.Names, contents.TreeSize, vkey, log is not null, [.. EvidencePack.Slots.Where(files.ContainsKey)], trust is null ? [] : CheckSlots(files, manifest, trust, Find, notices), notices, findings);
    }

    private static List<PackSignature> CheckSlots(Dictionary<string, byte[]> files, byte[] manifest, PackTrust trust, Action<string, string> find, List<string> notices)
    {
        var hold = new List<PackSignature>();
        if (trust.Signature is { } forSignature)
            Check(EvidencePack.Signature, slot => PackSignature.OfSignature(slot, manifest, forSignature, trust.Now));
        if (trust.Timestamp is { } forTimestamp)
            Check(EvidencePack.Timestamp, slot => [PackSignature.OfTimestamp(slot, manifest, forTimestamp)]);
        foreach (var over in hold.Where(s => s.Until < trust.Now))
            notices.Add($"{over.Slot}: the certificate of {over.By} ended at {over.Until:O}; it is judged as of {(over.Slot == EvidencePack.Timestamp ? "the moment of the stamp" : "the moment that the signature itself tells")}");
        return hold;

        void Check(string name, Func<byte[], IReadOnlyList<PackSignature>> verify)
        {
            if (!files.TryGetValue(name, out var slot))
            {
                find(name, "it was to be verified, and is not there");
                return;
            }
            try
            {
                hold.AddRange(verify(slot));
            }
            catch (CryptographicException fault)
            {
                find(name, $"it does not hold: {fault.Message}");
            }
        }
    }

    private static EvidencePack.Contents? Contents(byte[] manifest)
    {
        try
        {
            return JsonSerializer.Deserialize<EvidencePack.Contents>(manifest, EvidencePack.Json) is { Code: not null, Files: not null, Maker: not null } contents
                && contents.Files.All(file => file is { Name: not null, Sha256: not null }) ? contents : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Null where a part can't be read; that is a finding.</summary>
    private static EvidencePack? Read(Dictionary<string, byte[]> files, EvidencePack.Contents contents, Action<string, string> find)
    {
        var events = Part(EvidencePack.EventsFile, EvidencePack.Parse);
        var rules = Part(EvidencePack.RulesFile, EvidencePack.Parse);
        var proofs = Part(EvidencePack.ProofsFile, bytes => JsonSerializer.Deserialize<List<InclusionProof>>(bytes, ProofFile.Json));
        var checkpoint = files.TryGetValue(EvidencePack.CheckpointFile, out var note) ? Encoding.UTF8.GetString(note) : null;
        if (checkpoint is not null && (SignedNote.Parse(checkpoint) is not { } signed || Checkpoint.Parse(signed.Text) is null))
        {
            find(EvidencePack.CheckpointFile, "it is no checkpoint");
            return null;
        }
        var names = contents.Names ? Part(EvidencePack.NamesFile, bytes => JsonSerializer.Deserialize<List<EvidencePack.Opened>>(bytes, EvidencePack.Json)) : null;
        if (events is null || rules is null || proofs is null || (contents.Names && names is null))
            return null;
        if (events.Count == 0)
        {
            find(EvidencePack.EventsFile, "there is no event");
            return null;
        }
        try
        {
            return new(contents.Code, events, rules, proofs, checkpoint, names);
        }
        catch (Exception fault) when (fault is InvalidOperationException or InvalidCastException or ArgumentException)
        {
            find(EvidencePack.EventsFile, $"the events do not fold: {fault.Message}");
            return null;
        }

        T? Part<T>(string name, Func<byte[], T?> parse) where T : class
        {
            if (!files.TryGetValue(name, out var bytes))
                return null; // The manifest's hash of it tells.
            try
            {
                return parse(bytes) is { } part && (part is not IEnumerable many || !many.Cast<object?>().Contains(null)) ? part : throw new FormatException("null stands where something is wanted");
            }
            catch (Exception fault) when (fault is FormatException or JsonException)
            {
                find(name, fault.Message);
                return null;
            }
        }
    }

    /// <summary>The dossier's events are all there from the first on, and each has the id that its command gives it.</summary>
    private static void CheckEvents(EvidencePack pack, Action<string, string> find)
    {
        var command = (Id: Guid.Empty, First: 0L);
        foreach (var (i, e) in pack.Events.Index())
        {
            var place = $"{EvidencePack.EventsFile} line {i + 1}";
            if (e.Stream != pack.Code)
                find(place, $"it is of {e.Stream}, not of {pack.Code}");
            if (e.Version != i + 1)
                find(place, $"version {i + 1} is missing; {e.Version} stands in its place");
            if (i > 0 && e.Position <= pack.Events[i - 1].Position)
                find(place, "it stands in the log before the event that it follows");
            var id = e.Metadata.CommandId;
            if (id != command.Id)
                command = (id, e.Version);
            if (id != Guid.Empty && e.Id != Uuid.V5(id, (int)(e.Version - command.First)))
                find(place, "its id is not the one that its command gives it");
        }
    }

    /// <summary>Page, fold, due date and manifest are made again.</summary>
    private static void Compare(EvidencePack pack, Dictionary<string, byte[]> files, EvidencePack.Contents contents, Action<string, string> find, List<string> notices)
    {
        var again = pack.Files().ToDictionary(file => file.Name, file => file.Bytes);
        foreach (var name in again.Keys)
        {
            // A hash that differs is told already, and the manifest's own differences follow from others.
            if (!files.TryGetValue(name, out var bytes))
                find(name, "it is missing");
            else if (again[name].AsSpan().CommonPrefixLength(bytes) is var same && (same != bytes.Length || same != again[name].Length))
            {
                if (contents.Maker == EvidencePack.Maker || !EvidencePack.Derived.Contains(name))
                    find($"{name} byte {same}", "it is not what the pack's events, rules and proofs give");
                else if (name != EvidencePack.Manifest)
                    notices.Add($"{name} was made by {contents.Maker} and would look otherwise here ({EvidencePack.Maker}): whether it tells what the events tell was not checked");
            }
        }
    }

    private static (int Proved, string? Vkey) CheckProofs(EvidencePack pack, NoteKey? log, Action<string, string> find, List<string> notices)
    {
        if (pack.Checkpoint is null)
            return (0, null);
        string? vkey = null;
        var proved = 0;
        foreach (var (i, proof) in pack.Proofs.Index())
        {
            var place = $"{EvidencePack.ProofsFile} number {i + 1}";
            if (proof.Checkpoint != pack.Checkpoint)
                find(place, "it is of another checkpoint than the pack's");
            try
            {
                vkey = ProofFile.Check(JsonSerializer.Serialize(proof, ProofFile.Json), log, [])[0].Vkey;
            }
            catch (UserError fault)
            {
                find(place, fault.Message);
            }
        }
        foreach (var (file, events) in ((string, IReadOnlyList<StoredEvent>)[])[(EvidencePack.EventsFile, pack.Events), (EvidencePack.RulesFile, pack.Rules)])
        {
            foreach (var (i, e) in events.Index())
            {
                if (pack.ProofOf(e) is not { } proof)
                    notices.Add($"{file} line {i + 1} is not proved to stand in the public log");
                else if (CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(proof.Opening!.Event.GetRawText())).AsSpan().SequenceEqual(EvidencePack.Lines([e]).AsSpan()[..^1]))
                    proved += events == pack.Events ? 1 : 0;
                else
                    find($"{file} line {i + 1}", "it is not the event that stands in the public log");
            }
        }
        return (proved, vkey);
    }

    /// <summary>The pack with a signature over its manifest, or a time stamp, in its slot.</summary>
    /// <exception cref="UserError"><c>bad-pack</c></exception>
    public static byte[] Attach(byte[] zip, byte[]? signature, byte[]? timestamp)
    {
        var files = PackZip.Read(zip).ToList();
        foreach (var (name, bytes) in ((string, byte[]?)[])[(EvidencePack.Signature, signature), (EvidencePack.Timestamp, timestamp)])
        {
            if (bytes is null)
                continue;
            files.RemoveAll(file => file.Name == name);
            files.Add((name, bytes));
        }
        return PackZip.Write(files);
    }
}
