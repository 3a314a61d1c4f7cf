using EventDossier.Dossiers;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Web;

/// <summary>The server's own backups: made when one is due, and told by whoever watches it.</summary>
public sealed class BackupJobTests : IAsyncLifetime
{
    private readonly string _shelf = Directory.CreateTempSubdirectory("eventdossier-shelf-").FullName;
    private WebServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = new() { Settings = [("Backup__Folder", _shelf)] };
        await _server.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_shelf, recursive: true);
    }

    [Fact]
    public async Task The_job_makes_one_when_it_is_due_and_health_tells_what_is_promised_and_does_not_hold()
    {
        // It looks by itself every minute, and may just have done so.
        (await FaultAsync()).ShouldBeOneOf($"there is no backup in {_shelf}", "no restore was rehearsed yet");
        await _server.ReceiveAsync();
        var administrator = WebServer.Token("admin", [Role.Administrator]);
        (await _server.PostAsync(administrator, "/api/jobs/backup/runs")).Status.ShouldBe(202);
        await Centre.UntilAsync(async () => await FaultAsync() == "no restore was rehearsed yet", "there is one");
        await Centre.UntilAsync(async () => (await _server.GetAsync(administrator, "/api/jobs"))["jobs"]!.AsArray().Single(j => j!["name"]!.ToString() == "backup")!["runs"]!.AsArray()
            .Any(run => $"{run!["summary"]}".Contains("0 removed", StringComparison.Ordinal)), "its history tells of it");
        Directory.EnumerateDirectories(_shelf).ShouldHaveSingleItem();
        (await _server.GetAsync(null, "/health/ready")).Status.ShouldBe(200, "work goes on meanwhile");
    }

    private async Task<string?> FaultAsync() =>
        (await _server.GetAsync(null, "/health/ready"))["checks"]!.AsArray().Single(c => c!["name"]!.ToString() == "backups")!["detail"]!["fault"]?.ToString();
}
