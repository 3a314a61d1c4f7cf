using System.Text.Json.Nodes;
using EventDossier.EndToEnd.Portal;
using EventDossier.StoreTests;
using Npgsql;

namespace EventDossier.EndToEnd;

/// <summary>The look at a machine before it is relied on: each fault is told by its name, and what is well is not.</summary>
public sealed class DoctorTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-doctor-").FullName;
    private TestDatabase _events = null!, _keys = null!;

    public async Task InitializeAsync() => (_events, _keys) = (await TestDatabase.CreateMigratedAsync(), await TestDatabase.CreateAsync());

    public async Task DisposeAsync()
    {
        await _events.DisposeAsync();
        await _keys.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Each_fault_of_a_machine_is_told_by_its_name()
    {
        var key = Path.Combine(_folder, "master.key");
        await File.WriteAllTextAsync(key, new string('a', 64));
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (string, string)[] good = [("Jwt__Key", Convert.ToBase64String(new byte[32])), ("EVENTDOSSIER_MASTER_KEY_FILE", key)];

        // The tests' own server doesn't flush, and holds both databases.
        (await WrongAsync(good)).ShouldBe(["durability", "key store"]);
        (await WrongAsync([("EVENTDOSSIER_MASTER_KEY_FILE", key)])).ShouldContain("sign-in");
        (await WrongAsync([.. good, ("SignIn__Development", "true")])).ShouldContain("production");
        (await WrongAsync([.. good, ("ASPNETCORE_ENVIRONMENT", "Development")])).ShouldContain("production");
        (await WrongAsync([.. good, ("Public__Url", "http://hoso.example.vn")])).ShouldContain("production");
        (await WrongAsync([.. good, ("Delivery__Webhook__Secret", "short")])).ShouldContain("settings");
        (await WrongAsync([.. good, ("Delivery__Smtp__Host", "127.0.0.1"), ("Delivery__Smtp__Port", "1"), ("Delivery__Smtp__From", "a@b.example")])).ShouldContain("mail");
        (await WrongAsync([.. good, ("ConnectionStrings__Keys", _events.ConnectionString)])).ShouldContain("key store");
        (await WrongAsync([.. good, ("ConnectionStrings__EventDossier", "Host=127.0.0.1;Port=1;Database=x;Username=x")])).ShouldContain("database");
        (await WrongAsync([.. good, ("Backup__Folder", Path.Combine(_folder, "none"))])).ShouldContain("backups");
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        (await WrongAsync(good)).ShouldContain("master key");
        File.Delete(key);
        (await WrongAsync(good)).ShouldContain("master key");
        Directory.EnumerateFileSystemEntries(_folder).ShouldBeEmpty("it changes nothing");
    }

    [Fact]
    public async Task A_signing_key_that_the_public_log_knows_and_this_machine_lacks_is_told()
    {
        (await WrongAsync([])).ShouldNotContain("signing key", "the server makes the first one");
        (await DossierAsync([], "organisation", "import", Path.Combine(TestDatabase.RepositoryRoot, "src", "EventDossier", "Simulation", "organisation.json"))).Exit.ShouldBe(0);
        (await DossierAsync([], "checkpoint", "--wait")).Exit.ShouldBe(0);
        (await WrongAsync([])).ShouldNotContain("signing key");
        // As on a fresh machine after a restore.
        (string, string) elsewhere = ("EVENTDOSSIER_SIGNING_KEY_FILE", Path.Combine(_folder, "elsewhere"));
        (await WrongAsync([elsewhere])).ShouldContain("signing key");
        File.Copy(TestDatabase.SigningKeyFile(new NpgsqlConnectionStringBuilder(_events.ConnectionString).Database!), elsewhere.Item2);
        (await WrongAsync([elsewhere])).ShouldNotContain("signing key");
        (await DossierAsync([], "record", "rotate")).Exit.ShouldBe(0);
        (await WrongAsync([elsewhere])).ShouldContain("signing key", "the log is signed by another since");
    }

    [Fact]
    public async Task The_portal_is_asked_whether_it_lets_us_in()
    {
        await using var portal = await StandIn.StartAsync();
        (await WrongAsync(portal.Settings)).ShouldNotContain("portal");
        (await WrongAsync([.. portal.Settings, ("Portal__Secret", "wrong")])).ShouldContain("portal");
    }

    private async Task<List<string>> WrongAsync((string, string)[] settings)
    {
        var run = await DossierAsync(settings, "doctor", "--json");
        var wrong = JsonNode.Parse(run.Output)!.AsArray().Where(c => c!["well"] is JsonValue well && !well.GetValue<bool>()).Select(c => $"{c!["name"]}").ToList();
        run.Exit.ShouldBe(wrong.Count == 0 ? 0 : 1, run.Error);
        return wrong;
    }

    private Task<Dossier> DossierAsync((string, string)[] settings, params string[] arguments) => Dossier.RunAsync([.. arguments, "--data", _folder],
        [("ConnectionStrings__EventDossier", _events.ConnectionString), ("ConnectionStrings__Keys", _keys.ConnectionString), .. settings]);
}
