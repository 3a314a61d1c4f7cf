using System.Text.Json.Nodes;
using EventDossier.StoreTests;
using Xunit.Abstractions;

namespace EventDossier.EndToEnd.Drills;

/// <summary>
/// The machine is gone. What is left is the last backup, the two custodians' shares, and a checkpoint that somebody kept; from these a centre on a fresh folder stands again, with nothing missing that was published, and whatever a backup lacks is named.
/// </summary>
[Collection(Drill.OneAtATime)]
public sealed class RestoreDrill(ITestOutputHelper told) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ed-restore-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string There(string name) => Path.Combine(_folder, name);

    [Fact]
    public async Task From_backups_and_shares_alone_a_centre_stands_again_and_what_a_backup_lacks_is_named()
    {
        var (old, shelf, checkpoint, later) = (There("old"), There("shelf"), There("checkpoint"), There("later"));
        await DoAsync(old, "db", "start");
        await DoAsync(old, "migrate");
        await DoAsync(old, "simulate", "--dossiers", $"{40 * Drill.Rounds(inTests: 1)}", "--from", "2026-03-02", "--to", "2026-05-01");
        await DoAsync(old, "keys", "split", There("share1"), There("share2"));
        await File.WriteAllTextAsync(checkpoint, (await DoAsync(old, "checkpoint", "--wait")).Output);
        var backup = (await JsonAsync(old, "backups", "make"))["made"]!.ToString();
        // Work goes on after the last backup; somebody keeps the checkpoint that it is published with.
        await DoAsync(old, "receive", "--procedure", "1.004756");
        await File.WriteAllTextAsync(later, (await DoAsync(old, "checkpoint", "--wait")).Output);

        // The rehearsal, as somebody runs it beside the centre that stands.
        var rehearsed = await JsonAsync(old, "backups", "rehearse", "--checkpoint", checkpoint);
        (rehearsed["checkpoints"]!.GetValue<int>(), rehearsed["findings"]!.AsArray().Count).ShouldBe((2, 0));
        rehearsed["steps"]!.AsArray().Select(s => s!["name"]!.ToString()).ShouldBe(["events cluster", "keys cluster", "restore", "verify"]);
        (await JsonAsync(old, "backups", "list"))["fault"].ShouldBeNull("what is promised holds");

        // And in earnest.
        await DoAsync(old, "db", "stop");
        Directory.Move(old, There("gone"));
        var fresh = There("fresh");
        var began = TestDatabase.Time.GetTimestamp();
        foreach (var step in (string[][])[["keys", "join", There("share1"), There("share2")], ["restore", backup], ["verify", "--checkpoint", checkpoint]])
        {
            var run = await DoAsync(fresh, step);
            told.WriteLine($"{TestDatabase.Time.GetElapsedTime(began).TotalSeconds,7:0.0} s  dossier {string.Join(' ', step)}: {run.Output.Trim().Split('\n')[^1]}");
        }
        var lost = await RunAsync(fresh, "verify", "--checkpoint", later);
        lost.Exit.ShouldBe(1);
        lost.Output.ShouldContain(later, customMessage: "work that no backup has is named by who kept its checkpoint");

        // A backup that was cut short is none.
        var dump = Path.Combine(backup, "events", "events.dump");
        var bytes = await File.ReadAllBytesAsync(dump);
        await File.WriteAllBytesAsync(dump, bytes[..(bytes.Length / 2)]);
        (await RunAsync(fresh, "restore", backup)).ShouldSatisfyAllConditions(r => r.Exit.ShouldBe(1), r => r.Error.ShouldContain($"events.dump in {Path.GetDirectoryName(dump)} is not what was backed up"));

        async Task<JsonNode> JsonAsync(string data, params string[] arguments) => JsonNode.Parse((await DoAsync(data, [.. arguments, "--json"])).Output)!;

        async Task<Dossier> DoAsync(string data, params string[] arguments)
        {
            var run = await RunAsync(data, arguments);
            run.Exit.ShouldBe(0, $"{string.Join(' ', arguments)}: {run.Output}{run.Error}");
            return run;
        }

        Task<Dossier> RunAsync(string data, params string[] arguments) =>
            Dossier.RunAsync([.. arguments, "--sample", "--data", data], ("Backup__Folder", shelf));
    }
}
