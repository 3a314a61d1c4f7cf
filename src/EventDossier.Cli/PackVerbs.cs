using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventDossier.Applicants;
using EventDossier.Audit;
using EventDossier.Record;

namespace EventDossier.Cli;

/// <summary><c>pack</c>: what is known of a dossier, for somebody who trusts neither the centre nor its machine.</summary>
internal static class PackVerbs
{
    private static readonly Argument<string> Code = new("CODE") { Description = "The dossier" };
    private static readonly Option<string> Out = new("--out") { Description = "The zip to be made", HelpName = "FILE", Required = true };
    private static readonly Option<bool> Names = new("--names") { Description = "With what is personal in clear, which the access log keeps" };
    private static readonly Argument<string> Pack = new("FILE") { Description = "The pack" };
    private static readonly Option<string?> Vkey = new("--vkey") { Description = "The log's verifier key, as it was published elsewhere", HelpName = "VKEY" };
    private static readonly Option<string[]> SignatureCa = new("--signature-ca") { Description = "Verifies the agency's signature by the certificates in this file (PEM); again for more of them", HelpName = "FILE" };
    private static readonly Option<string[]> TimestampCa = new("--timestamp-ca") { Description = "Verifies the time stamp by the certificates in this file (PEM); again for more of them", HelpName = "FILE" };
    private static readonly Option<string?> Signature = new("--signature") { Description = "A detached CMS signature over the pack's manifest.json", HelpName = "FILE" };
    private static readonly Option<string?> Timestamp = new("--timestamp") { Description = "An RFC 3161 time stamp of the pack's manifest.json", HelpName = "FILE" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("pack", "A zip of a dossier's events, slips, due date and proofs, with a page to be read and printed")
        {
            Code, Out, Names, DossierVerbs.Why, ActVerbs.ReadAs,
            new Command("check", "Checks a pack with neither database nor network (exit 1 on a finding)") { Pack, Vkey, SignatureCa, TimestampCa }.Does(CheckAsync),
            new Command("attach", "Puts an agency's signature or a time stamp into its slot") { Pack, Signature, Timestamp }.Does(AttachAsync),
        }.Does(MakeAsync),
    ];

    private static async Task<int> MakeAsync(Run run)
    {
        var path = run.Arguments.GetValue(Out)!;
        await using var open = await OpenDatabase.OfAsync(run);
        await using var keys = new KeysOnDemand(run, open.Database);
        var reader = run.Arguments.GetValue(Names)
            ? (new PersonalData(open.Database, keys.OpenAsync), ActVerbs.Reader(run, "pack", run.Arguments.GetValue(DossierVerbs.Why)))
            : default((PersonalData, Reader)?);
        var zip = (await EvidencePack.OfAsync(open.Database, run.Arguments.GetValue(Code)!, reader, run.Cancel)).ToZip();
        await File.WriteAllBytesAsync(path, zip, run.Cancel);
        var report = PackCheck.Check(zip);
        run.Output.Answer(new { path, zip.Length, report }, () => Tell(run, report, $"{path}: {zip.Length:N0} bytes"));
        return 0;
    }

    private static async Task<int> CheckAsync(Run run)
    {
        var path = run.Arguments.GetValue(Pack)!;
        var log = run.Arguments.GetValue(Vkey) is { } vkey ? NoteKey.Parse(vkey) ?? throw new WrongUseException($"{Vkey.Name}: '{vkey}' is no verifier key") : null;
        var trust = (Certificates(run, SignatureCa), Certificates(run, TimestampCa)) is (var signature, var timestamp) && (signature ?? timestamp) is not null
            ? new PackTrust(signature, timestamp, run.Time.GetUtcNow()) : null;
        var report = PackCheck.Check(await ReadAsync(path, run.Cancel), log, trust);
        run.Output.Answer(report, () => Tell(run, report, path));
        return report.Findings.Count == 0 ? 0 : 1;
    }

    private static async Task<int> AttachAsync(Run run)
    {
        var path = run.Arguments.GetValue(Pack)!;
        if ((run.Arguments.GetValue(Signature) ?? run.Arguments.GetValue(Timestamp)) is null)
            throw new WrongUseException("attach takes --signature, --timestamp, or both");
        var zip = PackCheck.Attach(await ReadAsync(path, run.Cancel), await FileAsync(Signature), await FileAsync(Timestamp));
        await File.WriteAllBytesAsync(path, zip, run.Cancel);
        var report = PackCheck.Check(zip);
        run.Output.Answer(report, () => Tell(run, report, path));
        return report.Findings.Count == 0 ? 0 : 1;

        async Task<byte[]?> FileAsync(Option<string?> option) => run.Arguments.GetValue(option) is { } file ? await File.ReadAllBytesAsync(file, run.Cancel) : null;
    }

    /// <summary>Null where none is given.</summary>
    private static X509Certificate2Collection? Certificates(Run run, Option<string[]> option)
    {
        if (run.Arguments.GetValue(option) is not { Length: > 0 } files)
            return null;
        var certificates = new X509Certificate2Collection();
        foreach (var file in files)
        {
            var before = certificates.Count;
            try
            {
                certificates.ImportFromPemFile(file);
            }
            catch (CryptographicException e)
            {
                throw new UserError("bad-certificate", $"{file}: {e.Message}");
            }
            if (certificates.Count == before)
                throw new UserError("bad-certificate", $"{file}: no certificate in PEM");
        }
        return certificates;
    }

    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancel) => new FileInfo(path) is { Exists: true, Length: > PackCheck.MostBytes }
        ? throw new UserError("bad-pack", $"{path} is larger than any pack: {PackCheck.MostBytes >> 20} MiB at most")
        : await File.ReadAllBytesAsync(path, cancel);

    private static void Tell(Run run, PackReport report, string head)
    {
        run.Output.Line(head);
        foreach (var finding in report.Findings)
            run.Output.Line($"{finding.Place}: {finding.What}");
        foreach (var notice in report.Notices)
            run.Output.Line(notice);
        run.Output.Line($"{report.Code}: {Output.Count(report.Events, "event")}, {report.Proved} of them proved{(report.TreeSize is { } size ? $" to stand in the public log of {size}" : ": nothing is sealed yet")}");
        if (report.Vkey is { } vkey)
            run.Output.Line($"signed by {vkey}{(report.KeyKnown ? "" : ", which is the pack's own word: compare it with what the centre publishes")}");
        foreach (var signature in report.Signatures)
        {
            run.Output.Line($"{signature.Slot} holds: {(signature.Slot == EvidencePack.Timestamp ? $"the manifest was there at {signature.At:O}, by" : $"signed {(signature.At is { } at ? $"at {at:O} by its own word, " : "")}by")} {signature.By}, certified by {signature.Issuer}; "
                + "whether the certificate was revoked was not asked");
        }
        foreach (var slot in report.Slots.Where(name => report.Signatures.All(s => s.Slot != name) && report.Findings.All(f => f.Place != name)))
            run.Output.Line($"{slot} is there, and was not verified: give {(slot == EvidencePack.Signature ? SignatureCa : TimestampCa).Name}");
        run.Output.Line(report.Findings.Count == 0 ? "nothing found" : Output.Count(report.Findings.Count, "finding"));
    }
}
