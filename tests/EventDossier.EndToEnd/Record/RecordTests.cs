using System.Text.Json;
using System.Text.Json.Nodes;
using EventDossier.Record;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Record;

/// <summary>The public log on the command line: what it prints is accepted by Go's <c>note</c> and <c>tlog</c>, unchanged, and by its own check without a database.</summary>
public sealed class RecordTests : IAsyncLifetime
{
    private const string Code = "H49.12-260424-0001";
    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-record-").FullName;
    private TestDatabase database = null!;

    public async Task InitializeAsync()
    {
        database = await TestDatabase.CreateMigratedAsync();
        var sample = Path.Combine(TestDatabase.RepositoryRoot, "docs", "samples", "service-centre");
        (await Dossier.RunAsync(database, "import", sample + ".csv", "--map", sample + ".map.json")).Exit.ShouldBe(0);
    }

    public async Task DisposeAsync()
    {
        await database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<string> KeptAsync(string name, params string[] verb)
    {
        var run = await Dossier.RunAsync(database, verb);
        run.Exit.ShouldBe(0, run.Error);
        var file = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(file, run.Output);
        return file;
    }

    [Fact]
    public async Task Go_accepts_checkpoints_and_proofs_unchanged_and_no_other()
    {
        (await Dossier.RunAsync(database, "checkpoint")).Error.ShouldContain("nothing is sealed yet");
        var checkpoint = await KeptAsync("checkpoint", "checkpoint", "--wait");
        var size = long.Parse((await File.ReadAllLinesAsync(checkpoint))[1]);
        size.ShouldBe(371);

        foreach (var index in (long[])[255, size - 1])
            (await Go.CheckAsync("proof", await KeptAsync("leaf", "proof", "--index", $"{index}", "--json"))).Said.ShouldStartWith($"leaf {index} of ");
        var ofCode = await KeptAsync("code", "proof", Code, "--json");
        (await Go.CheckAsync("proof", ofCode)).Exit.ShouldBe(0);
        foreach (var from in (long[])[200, 256])
            (await Go.CheckAsync("proof", await KeptAsync("growth", "proof", "--from", $"{from}", "--json"))).Said.ShouldStartWith($"grew from {from} to ");

        var forged = JsonNode.Parse(await File.ReadAllTextAsync(ofCode))!;
        forged["index"] = forged["index"]!.GetValue<long>() + 1;
        await File.WriteAllTextAsync(ofCode, forged.ToJsonString());
        (await Go.CheckAsync("proof", ofCode)).Exit.ShouldBe(1, "Go looks at what it is given");
        (await Dossier.RunAsync("proof", "check", ofCode)).Error.ShouldContain("does not stand in the tree");
    }

    [Fact]
    public async Task A_whole_history_is_proved_to_who_holds_the_slip_and_nothing_but_the_files()
    {
        (await Dossier.RunAsync(database, "seal", "--once")).Exit.ShouldBe(0);
        var vkey = JsonNode.Parse((await Dossier.RunAsync(database, "record", "keys", "--json")).Output)![0]!["vkey"]!.ToString();
        var secret = (await Dossier.RunAsync(database, "proof", Code, "--secret")).Output.Trim();
        var all = await KeptAsync("all", "proof", Code, "--all", "--json");
        var one = await KeptAsync("one.tlog-proof", "proof", Code, "--version", "3");

        foreach (var file in (string[])[all, one])
        {
            var check = await Dossier.RunAsync(["proof", "check", file, "--vkey", vkey, "--secret", secret], ("ConnectionStrings__EventDossier", "Host=127.0.0.1;Port=1"));
            check.Exit.ShouldBe(0, check.Error);
            check.Output.ShouldContain(Code);
            check.Output.ShouldContain("not witnessed");
        }
        JsonNode.Parse(await File.ReadAllTextAsync(all))!.AsArray().Select(proof => proof!["opening"]!["event"]!["version"]!.GetValue<int>()).ShouldBe(Enumerable.Range(1, 10));
        (await Dossier.RunAsync("proof", "check", one, "--vkey", vkey, "--secret", $"{secret[..^1]}{(secret[^1] == '0' ? '1' : '0')}")).Error.ShouldContain("not made of that secret");
        (await Dossier.RunAsync("proof", "check", one, "--vkey", $"{NoteSigner.New("another.example").Key}")).Error.ShouldContain("not signed");
    }

    [Fact]
    public async Task A_witness_signs_what_Go_verifies_and_a_rotated_key_leaves_old_proofs_good()
    {
        var witness = new NoteSigner("witness.example/w1", new byte[32], NoteKey.Signs.Cosignature);
        var file = await KeptAsync("checkpoint", "checkpoint", "--wait");
        var ours = SignedCheckpoint.Parse(await File.ReadAllTextAsync(file), file);
        await File.WriteAllTextAsync(file, new SignedNote(ours.Note.Text, [.. ours.Note.Signatures, witness.Sign(ours.Note.Text, TestDatabase.Time.GetUtcNow())]).ToString());
        (await Dossier.RunAsync(database, "checkpoint", "cosign", file, "--witness", $"{witness.Key}")).Exit.ShouldBe(0);
        var old = await KeptAsync("old", "proof", "--index", "7", "--json");

        (await Dossier.RunAsync(database, "record", "rotate")).Exit.ShouldBe(0);
        var after = await Dossier.RunAsync(database, "checkpoint", "--wait", "--json");
        after.Error.ShouldContain("not witnessed");
        JsonDocument.Parse(after.Output).RootElement.GetProperty("size").GetInt64().ShouldBeGreaterThan(ours.Checkpoint.Size);
        var witnessed = await KeptAsync("witnessed", "checkpoint", "--witnessed");
        (await Go.CheckAsync("witness", witnessed, $"{witness.Key}")).Said.ShouldStartWith("witnessed at ");
        (await Go.CheckAsync("proof", old)).Exit.ShouldBe(0);
        (await Go.CheckAsync("proof", await KeptAsync("new", "proof", "--from", $"{ours.Checkpoint.Size}", "--json"))).Exit.ShouldBe(0);
        (await Dossier.RunAsync(database, "verify", "--tree", "--checkpoint", witnessed)).Exit.ShouldBe(0);
    }
}
