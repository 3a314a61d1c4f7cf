using System.CommandLine;
using EventDossier.Dossiers;
using EventDossier.Record;
using EventDossier.Store;

namespace EventDossier.Cli;

/// <summary><c>seal</c>, <c>checkpoint</c>, <c>proof</c> and <c>record</c>: the public log.</summary>
internal static class RecordVerbs
{
    private static readonly Option<bool> Once = new("--once") { Description = "Only what the log holds now" };
    private static readonly Option<bool> AcceptLoss = new("--accept-loss") { Description = "Go on although leaves that were published are gone. Who kept their checkpoint can prove that they were there" };
    private static readonly Option<bool> Wait = new("--wait") { Description = "First seal what the log holds now" };
    private static readonly Option<bool> Witnessed = new("--witnessed") { Description = "The newest that a witness has cosigned" };
    private static readonly Argument<string> CheckpointFile = new("FILE") { Description = "The checkpoint as the witness gave it back" };
    private static readonly Option<string[]> Witness = new("--witness") { Description = "Verifier key of a witness; again for more of them", HelpName = "VKEY" };
    private static readonly Argument<string?> Code = new("CODE") { Description = "Code of a dossier, or another stream's name", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<long?> Index = new("--index") { Description = "A leaf by its number, from 0 on, instead of a dossier", HelpName = "N" };
    private static readonly Option<long?> From = new("--from") { Description = "That the tree grew from so many leaves to what it is now", HelpName = "SIZE" };
    private static readonly Option<long?> Version = new("--version") { Description = "Which event of the dossier; its last sealed one unless given", HelpName = "V" };
    private static readonly Option<bool> All = new("--all") { Description = "Every sealed event of the dossier, as one JSON document" };
    private static readonly Option<bool> Secret = new("--secret") { Description = "Only the dossier's secret, for its slip: whoever has it can match every event of the dossier to the public log" };
    private static readonly Argument<string> ProofName = new("FILE") { Description = "What dossier proof printed, as JSON or not" };
    private static readonly Option<string?> Vkey = new("--vkey") { Description = "The log's verifier key, as it was published elsewhere", HelpName = "VKEY" };
    private static readonly Option<string?> Leaf = new("--leaf") { Description = "File of the leaf's bytes, where the proof does not hold them", HelpName = "FILE" };
    private static readonly Option<string?> OfSlip = new("--secret") { Description = "The dossier's secret, as its slip has it", HelpName = "HEX" };
    private static readonly Option<bool> Lost = new("--lost") { Description = "The key is lost, and can't vouch for the next one" };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("seal", "Seals events in the public log until it is stopped; the server does it too") { Once, AcceptLoss }.Does(SealAsync),
        new Command("checkpoint", "What the public log is now, signed")
        {
            Wait, Witnessed,
            new Command("witness", "Asks the witnesses that EVENTDOSSIER_WITNESSES names to sign it, and adds what they sign (exit 1 if one did not); the server does it too").Does(WitnessAsync),
            new Command("cosign", "Adds the signatures of witnesses to a checkpoint") { CheckpointFile, Witness }.Does(CosignAsync),
        }.Does(CheckpointAsync),
        new Command("proof", "That an event stands in the public log, or that the log only grew")
        {
            Code, Index, From, Version, All, Secret,
            new Command("check", "Checks a proof, with no database") { ProofName, Vkey, Witness, Leaf, OfSlip }.Does(CheckAsync),
        }.Does(ProofAsync),
        new Command("record", "The keys that sign the public log")
        {
            new Command("keys", "Every verifier key it had, the one in force last").Does(KeysAsync),
            new Command("rotate", "Another key signs from now on; the former one vouches for it and is destroyed") { Lost }.Does(RotateAsync),
        },
    ];

    private static string KeyFile(Run run) => RecordKeys.FileIn(Cluster.DataFolder(run.Data), run.Sample);

    private static async Task<int> SealAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        if (run.Arguments.GetValue(AcceptLoss) && RecordSealer.AcceptLoss(KeyFile(run), run.Time.GetUtcNow()) is { } aside)
            await Console.Error.WriteLineAsync($"the last published checkpoint lies in {aside}");
        var sealer = new RecordSealer(open.Database, KeyFile(run));
        if (!run.Arguments.GetValue(Once))
        {
            run.Output.Line("sealing; Ctrl-C ends it");
            run.Output.Flush();
            await sealer.RunAsync(run.Cancel);
            return 0;
        }
        using var progress = run.Progress("events");
        var size = (await sealer.CatchUpAsync(done => progress.Report(done), run.Cancel))?.Checkpoint.Size ?? 0;
        run.Output.Answer(new { size }, () => run.Output.Line($"{(size == 1 ? "1 leaf" : $"{size:N0} leaves")}"));
        return 0;
    }

    private static async Task<int> CheckpointAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        if (run.Arguments.GetValue(Wait))
            await new RecordSealer(open.Database, KeyFile(run)).CatchUpAsync(cancel: run.Cancel);
        var (checkpoint, key) = await new RecordProofs(open.Database, KeyFile(run)).CurrentAsync(run.Arguments.GetValue(Witnessed), run.Cancel);
        await TellAsync(run, checkpoint, key);
        return 0;
    }

    private static async Task<int> WitnessAsync(Run run)
    {
        var configured = EventDossier.Record.Witness.Configured;
        if (configured.Count == 0)
            throw new UserError("bad-setting", "EVENTDOSSIER_WITNESSES names no witness");
        await using var open = await OpenDatabase.OfAsync(run);
        using var witnesses = new Witnesses(open.Database, new RecordProofs(open.Database, KeyFile(run)), configured, TimeSpan.Zero);
        var answers = await witnesses.AskAsync(run.Cancel);
        run.Output.Answer(answers, () =>
        {
            foreach (var answer in answers)
                run.Output.Line(answer.Fault ?? $"{answer.Witness} has signed {answer.Size:N0} leaves");
        });
        return answers.All(a => a.Fault is null) ? 0 : 1;
    }

    private static async Task<int> CosignAsync(Run run)
    {
        var file = run.Arguments.GetValue(CheckpointFile)!;
        var witnesses = WitnessKeys(run);
        if (witnesses.Count == 0)
            throw new WrongUseException("cosign takes the verifier key of each witness with --witness");
        await using var open = await OpenDatabase.OfAsync(run);
        var proofs = new RecordProofs(open.Database, KeyFile(run));
        var cosigned = await proofs.CosignAsync(SignedCheckpoint.Parse(await File.ReadAllTextAsync(file, run.Cancel), file), witnesses, run.Cancel);
        await TellAsync(run, cosigned, (await proofs.CurrentAsync(cancel: run.Cancel)).Key);
        return 0;
    }

    /// <summary>The note itself, so that it can be kept in a file; what is to be said of it goes elsewhere.</summary>
    private static async Task TellAsync(Run run, SignedCheckpoint checkpoint, NoteKey key)
    {
        run.Output.Answer(
            new { vkey = $"{key}", checkpoint = $"{checkpoint}", checkpoint.Checkpoint.Size, root = checkpoint.Checkpoint.Root, checkpoint.Witnesses },
            () => Print(run, $"{checkpoint}"));
        run.Output.Flush();
        await Console.Error.WriteLineAsync(checkpoint.Witnesses.Count == 0 ? "not witnessed" : $"witnessed by {string.Join(", ", checkpoint.Witnesses)}");
    }

    private static async Task<int> ProofAsync(Run run)
    {
        var (code, index, from) = (run.Arguments.GetValue(Code), run.Arguments.GetValue(Index), run.Arguments.GetValue(From));
        if ((code is null ? 0 : 1) + (index is null ? 0 : 1) + (from is null ? 0 : 1) != 1)
            throw new WrongUseException("proof takes one of a dossier's code, --index and --from");
        await using var open = await OpenDatabase.OfAsync(run);
        var proofs = new RecordProofs(open.Database, KeyFile(run));
        if (from is { } size)
        {
            var grown = await proofs.OfGrowthAsync(size, run.Cancel);
            run.Output.Answer(grown, () =>
            {
                foreach (var hash in grown.Proof)
                    run.Output.Line(Convert.ToBase64String(hash));
            });
            return 0;
        }
        if (index is { } leaf)
        {
            var proof = await proofs.OfLeafAsync(leaf, run.Cancel);
            run.Output.Answer(proof, () => Print(run, proof.ToTlogProof()));
            return 0;
        }
        var events = await History.ReadAsync(open.Database.Log, code!, new(), run.Cancel);
        if (run.Arguments.GetValue(Secret))
        {
            var secret = Convert.ToHexStringLower(await new RecordTree(open.Database.App).SecretAsync(events[0].Stream, run.Cancel));
            run.Output.Answer(new { secret }, () => run.Output.Line(secret));
            return 0;
        }
        var all = run.Arguments.GetValue(All);
        var found = await proofs.OfEventsAsync(events, all ? null : run.Arguments.GetValue(Version) ?? await LastSealedAsync(open.Database, events, run.Cancel), run.Cancel);
        if (all)
            run.Output.Answer(found, () => Print(run, System.Text.Json.JsonSerializer.Serialize(found, Output.Options) + "\n"));
        else
            run.Output.Answer(found[0], () => Print(run, found[0].ToTlogProof()));
        return 0;
    }

    private static async Task<long> LastSealedAsync(Database database, IReadOnlyList<StoredEvent> events, CancellationToken cancel)
    {
        var tree = new RecordTree(database.App);
        foreach (var e in events.Reverse())
        {
            if (await tree.FindAsync(e.Stream, e.Version, cancel) is not null)
                return e.Version;
        }
        throw new UserError("not-sealed", "none of its events is sealed yet");
    }

    private static async Task<int> CheckAsync(Run run)
    {
        var log = run.Arguments.GetValue(Vkey) is { } vkey ? Key(vkey, Vkey.Name) : null;
        var leaf = run.Arguments.GetValue(Leaf) is { } file ? await File.ReadAllBytesAsync(file, run.Cancel) : null;
        var found = ProofFile.Check(await File.ReadAllTextAsync(run.Arguments.GetValue(ProofName)!, run.Cancel), log, WitnessKeys(run), leaf, SecretOf(run));
        run.Output.Answer(found, () =>
        {
            foreach (var proof in found)
            {
                run.Output.Line(proof.From is { } old ? $"the tree of {old} leaves grew to {proof.Size}, and nothing before was changed" : $"leaf {proof.Index} stands in the tree of {proof.Size}");
                if (proof.Event is { } e)
                    run.Output.Line($"  {e.GetRawText()}");
            }
            run.Output.Line($"signed by {found[0].Vkey}{(found[0].KeyKnown ? "" : ", which is the proof's own word: compare it with what the centre publishes")}");
            run.Output.Line(found[0].Witnesses.Count == 0 ? "not witnessed" : $"witnessed by {string.Join(", ", found[0].Witnesses)}");
        });
        return 0;
    }

    private static async Task<int> KeysAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var keys = await RecordKeys.LoadAsync(open.Database, run.Cancel);
        run.Output.Answer(keys.All.Select(k => new { vkey = $"{k.Key}", k.At, k.Vouched }), () => run.Output.Table(
            ["since", "vouched for", "key"], keys.All.Select((k, i) => new[] { Moments.Show(k.At), i == 0 ? "the first" : k.Vouched ? "yes" : "NO", $"{k.Key}" })));
        return 0;
    }

    private static async Task<int> RotateAsync(Run run)
    {
        await using var open = await OpenDatabase.OfAsync(run);
        var key = await RecordKeys.RotateAsync(open.Database, KeyFile(run), run.Arguments.GetValue(Lost), run.Cancel);
        run.Output.Answer(new { vkey = $"{key}" }, () => run.Output.Line($"{key}"));
        return 0;
    }

    private static List<NoteKey> WitnessKeys(Run run) => [.. (run.Arguments.GetValue(Witness) ?? []).Select(vkey => Key(vkey, Witness.Name))];

    private static NoteKey Key(string vkey, string option) => NoteKey.Parse(vkey) ?? throw new WrongUseException($"{option}: '{vkey}' is no verifier key");

    private static byte[]? SecretOf(Run run)
    {
        try
        {
            return run.Arguments.GetValue(OfSlip) is { } hex ? Convert.FromHexString(hex) : null;
        }
        catch (FormatException)
        {
            throw new WrongUseException($"{OfSlip.Name}: hexadecimal digits are wanted");
        }
    }

    /// <summary>Line by line, as it stands.</summary>
    private static void Print(Run run, string text)
    {
        foreach (var line in text[..^1].Split('\n'))
            run.Output.Line(line);
    }
}
