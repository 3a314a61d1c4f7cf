using System.Text;
using System.Text.Json;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Drills;

[Collection(Drill.OneAtATime)]
public sealed class KillImportDrill : IDisposable
{
    private const int Cases = 2_000;
    private readonly string folder = Directory.CreateTempSubdirectory("eventdossier-drill-").FullName;
    private readonly Random random = new(20260424);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task An_import_killed_at_any_moment_and_run_again_brings_every_case_once()
    {
        var (log, activities) = await WriteLogAsync();
        for (var round = 0; round < Drill.Rounds(inTests: 1); round++)
        {
            await using var database = await TestDatabase.CreateAsync();
            (await Dossier.RunAsync(database, "migrate")).Exit.ShouldBe(0);
            await KillAnywhereAsync(database, log);
            await KillWhileItWritesAsync(database, log);
            var before = await StreamsAsync(database);

            var whole = await ImportAsync(database, log);
            (whole.Added, whole.AlreadyThere).ShouldBe((Cases - before, before));
            var again = await ImportAsync(database, log);
            (again.Added, again.AlreadyThere).ShouldBe((0, Cases));

            (await StreamsAsync(database)).ShouldBe(Cases);
            (await Drill.AskAsync<long>(database.ConnectionString, "SELECT count(*) FROM dossier.mt_events WHERE type = 'activity_imported'")).ShouldBe(activities);
            (await Drill.AskAsync<long>(database.ConnectionString, "SELECT count(DISTINCT (stream_id, data->>'instance')) FROM dossier.mt_events WHERE type = 'activity_imported'")).ShouldBe(activities);
            (await Drill.AskAsync<long>(database.ConnectionString, "SELECT count(*) FROM dossier.mt_events WHERE type = 'log_imported'")).ShouldBe(1);
            await Drill.VerifyAsync(Dossier.On(database));
        }
    }

    private async Task KillAnywhereAsync(TestDatabase database, string log)
    {
        using var import = Dossier.Start(["import", log], Dossier.On(database));
        await Drill.KillAfterAsync(import, TimeSpan.FromMilliseconds(random.Next(1_500)));
    }

    private async Task KillWhileItWritesAsync(TestDatabase database, string log)
    {
        var enough = random.Next(1, Cases);
        using var import = Dossier.Start(["import", log], Dossier.On(database));
        await Drill.UntilAsync($"{enough} dossiers", async () => import.HasExited || await StreamsAsync(database) >= enough);
        await Drill.KillAfterAsync(import, TimeSpan.FromMilliseconds(random.Next(20)));
    }

    private static Task<long> StreamsAsync(TestDatabase database) =>
        Drill.AskAsync<long>(database.ConnectionString, "SELECT count(*) FROM dossier.mt_streams WHERE type = 'dossier'");

    private static async Task<(long Added, long AlreadyThere)> ImportAsync(TestDatabase database, string log)
    {
        var import = await Dossier.RunAsync(database, "import", log, "--json");
        import.Exit.ShouldBe(0, import.Error);
        var report = JsonDocument.Parse(import.Output).RootElement;
        return (report.GetProperty("added").GetInt64(), report.GetProperty("alreadyThere").GetInt64());
    }

    /// <summary>The same file every time; how many activities it holds.</summary>
    private async Task<(string Path, long Activities)> WriteLogAsync()
    {
        var begin = new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.FromHours(7));
        var (text, activities) = (new StringBuilder("case:concept:name,concept:name,concept:instance,org:resource,time:timestamp\n"), 0);
        for (var c = 0; c < Cases; c++)
        {
            for (var a = 0; a < 3 + (c % 11); a++, activities++)
                text.Append($"DRILL-{c:00000},step {a},task {a},officer {(c + a) % 17},{begin.AddMinutes((c * 7) + (a * 45)):yyyy-MM-ddTHH:mm:sszzz}\n");
        }
        var path = Path.Combine(folder, "drill.csv");
        await File.WriteAllTextAsync(path, text.ToString());
        return (path, activities);
    }
}
