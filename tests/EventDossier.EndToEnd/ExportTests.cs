using System.IO.Compression;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd;

/// <summary>The process log as somebody at a terminal gets it.</summary>
public sealed class ExportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-export-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_imported_log_is_exported_marked_as_not_for_publication_and_the_same_again_up_to_a_position()
    {
        await using var database = await TestDatabase.CreateMigratedAsync();
        (await Dossier.RunAsync(database, "import", Path.Combine(TestDatabase.RepositoryRoot, "..", "shared", "data", "logs", "running-example.xes"))).Exit.ShouldBe(0);

        var (xes, again, csv) = (Path.Combine(_folder, "log.xes.gz"), Path.Combine(_folder, "again.xes.gz"), Path.Combine(_folder, "log.csv"));
        var told = await ExportAsync(database, "xes", xes);
        (told["cases"]!.GetValue<int>(), told["events"]!.GetValue<int>(), told["use"]!.ToString()).ShouldBe((6, 42, "internal use, not for publication"));
        told["bytes"]!.GetValue<long>().ShouldBe(new FileInfo(xes).Length);
        await using (var packed = new GZipStream(File.OpenRead(xes), CompressionMode.Decompress))
        {
            var traces = (await XDocument.LoadAsync(packed, default, default)).Root!.Elements().Where(e => e.Name.LocalName == "trace").ToList();
            traces.ShouldAllBe(t => t.Elements().Any(a => (string?)a.Attribute("key") == "use" && (string?)a.Attribute("value") == "internal use, not for publication"));
            traces.Count.ShouldBe(6);
        }
        (await Dossier.RunAsync(database, "import", Path.Combine(TestDatabase.RepositoryRoot, "..", "shared", "data", "logs", "ocel20_example.sqlite"))).Exit.ShouldBe(0);
        (await ExportAsync(database, "xes", again, "--position", $"{told["position"]}"))["sha256"]!.ToString().ShouldBe(told["sha256"]!.ToString());

        (await ExportAsync(database, "csv", csv))["cases"]!.GetValue<int>().ShouldBe(8);
        Directory.EnumerateFiles(_folder).Select(file => Path.GetFileName(file)).ShouldBe(["log.xes.gz", "again.xes.gz", "log.csv", "log.csv-metadata.json"], ignoreOrder: true);
    }

    [Fact]
    public async Task What_cannot_be_written_is_told_and_leaves_nothing()
    {
        await using var database = await TestDatabase.CreateMigratedAsync();
        var run = await Dossier.RunAsync(database, "export", "csv", "-o", Path.Combine(_folder, "absent", "log.csv"), "--json");
        (run.Exit, JsonNode.Parse(run.Error)!["error"]!["code"]!.ToString()).ShouldBe((1, "file"));
        Directory.EnumerateFileSystemEntries(_folder).ShouldBeEmpty();
    }

    private static async Task<JsonNode> ExportAsync(TestDatabase database, string format, string file, params string[] more)
    {
        var run = await Dossier.RunAsync(database, ["export", format, "-o", file, "--json", .. more]);
        run.Exit.ShouldBe(0, run.Error);
        return JsonNode.Parse(run.Output)!;
    }
}
