using System.Diagnostics;
using System.Text.RegularExpressions;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Docs;

/// <summary>What can be told of <c>ops/container</c> where no containers run.</summary>
public sealed partial class ContainerTests : IDisposable
{
    private static readonly string Container = Path.Combine(TestDatabase.RepositoryRoot, "ops", "container");
    private static readonly IReadOnlyList<(string Path, string Value)> Compose = Read(File.ReadAllLines(Path.Combine(Container, "compose.yaml")));
    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-container-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_services_that_a_centre_needs_are_there_and_each_volume_is_declared()
    {
        Compose.Select(e => e.Path.Split('/')).Where(p => p is ["services", _, "image"]).Select(p => p[1]).ShouldBe(["events", "keys", "migrate", "server", "backup"]);
        var volumes = Compose.Select(e => e.Path.Split('/')).Where(p => p is ["volumes", _]).Select(p => p[1]).ToList();
        Mounts().Where(m => !m.StartsWith('.')).Distinct().ShouldBe(volumes, ignoreOrder: true);
        Compose.Where(e => e.Path.EndsWith("/healthcheck/test", StringComparison.Ordinal)).Count().ShouldBe(3, "both databases and the server");
    }

    [Fact]
    public void Every_setting_it_gives_our_programs_is_one_of_the_reference()
    {
        var page = File.ReadAllText(Path.Combine(TestDatabase.RepositoryRoot, "docs", "reference", "settings.md"));
        var given = Compose.Select(e => e.Path.Split('/')).Where(p => p is ["services", _, "environment", _]).Select(p => p[3]).ToList();
        given.ShouldContain("Backup__Folder");
        given.Where(name => !name.StartsWith("POSTGRES_", StringComparison.Ordinal) && !page.Contains($"`{name}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Nobody_but_this_machine_reaches_a_port_and_no_password_stands_in_a_file()
    {
        Compose.Where(e => e.Path.EndsWith("/ports/-", StringComparison.Ordinal)).Select(e => e.Value).ShouldBe(["127.0.0.1:5080:5080"]);
        foreach (var file in Directory.GetFiles(Container).Where(f => Path.GetFileName(f) != "settings.env"))
            Password().Matches(File.ReadAllText(file)).Select(m => $"{Path.GetFileName(file)}: {m.Value}").ShouldBeEmpty();
        Compose.Where(e => e.Path is "services/server/cap_drop" or "services/backup/cap_drop" or "services/migrate/cap_drop").Select(e => e.Value).Distinct().ShouldBe(["[\"ALL\"]"]);
        File.ReadAllText(Path.Combine(Container, "Containerfile")).ShouldContain("\nUSER eventdossier\n");
    }

    [Fact]
    public async Task Every_file_it_mounts_is_there_once_prepare_ran_and_what_prepare_made_it_makes_no_second_time()
    {
        await PrepareAsync();
        File.WriteAllText(Path.Combine(_folder, "settings.env"), "Public__Url=https://hoso.example.vn\n");
        var made = Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).ToDictionary(f => f, File.ReadAllText);
        await PrepareAsync();
        Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).ToDictionary(f => f, File.ReadAllText).ShouldBe(made);

        Mounts().Where(m => m.StartsWith('.')).Where(m => !Path.Exists(Path.Combine(_folder, m)) && !Path.Exists(Path.Combine(Container, m))).ShouldBeEmpty();
        made.Keys.ShouldContain(Path.Combine(_folder, "settings.env"), "named by env_file");
        var secrets = made.Where(f => f.Key.Contains("/secrets/", StringComparison.Ordinal)).ToList();
        var passwords = secrets.SelectMany(f => Made().Matches(f.Value).Select(m => m.Value)).ToList();
        passwords.Distinct().Count().ShouldBe(5, "two superusers, owner, application and the keys' owner each have their own");
        File.GetUnixFileMode(Path.Combine(_folder, "secrets")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // The scripts that make the logins read the passwords as prepare writes them.
        foreach (var name in (string[])["owner", "server"])
            secrets.Single(f => f.Key.EndsWith($"{name}/ConnectionStrings__EventDossier", StringComparison.Ordinal)).Value.ShouldContain(name == "owner" ? "Username=centre_owner;" : "Username=centre_app;");
    }

    private async Task PrepareAsync()
    {
        using var run = Process.Start(new ProcessStartInfo(Path.Combine(Container, "prepare"), [_folder]) { RedirectStandardError = true, UseShellExecute = false })!;
        var error = await run.StandardError.ReadToEndAsync();
        await run.WaitForExitAsync();
        run.ExitCode.ShouldBe(0, error);
    }

    /// <summary>What stands before the colon of each mount, and the files of settings.</summary>
    private static IEnumerable<string> Mounts() => Compose.Where(e => e.Path.StartsWith("services/", StringComparison.Ordinal) && e.Path.EndsWith("/volumes/-", StringComparison.Ordinal)).Select(e => e.Value.Split(':')[0]);

    /// <summary>Of the YAML that the file is written in: mappings and lists by two blanks, one thing a line, each key once.</summary>
    private static List<(string Path, string Value)> Read(IEnumerable<string> lines)
    {
        var (entries, at) = (new List<(string, string)>(), new List<string>());
        foreach (var line in lines.Where(l => l.Trim() is { Length: > 0 } text && text[0] != '#'))
        {
            var match = Line().Match(line);
            match.Success.ShouldBeTrue($"not understood: {line}");
            var depth = match.Groups["blanks"].Length / 2;
            depth.ShouldBeLessThanOrEqualTo(at.Count, $"too far in: {line}");
            at.RemoveRange(depth, at.Count - depth);
            at.Add(match.Groups["item"].Success ? "-" : match.Groups["key"].Value);
            var path = string.Join('/', at);
            if (!match.Groups["item"].Success)
                entries.Select(e => e.Item1).ShouldNotContain(path, $"twice: {line}");
            entries.Add((path, match.Groups["value"].Value.Trim().Trim('"')));
        }
        return entries;
    }

    [GeneratedRegex("""^(?<blanks>(  )*)((?<item>- )|(?<key>[A-Za-z_][A-Za-z0-9_-]*):( |$))(?<value>.*)$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Line();

    [GeneratedRegex("""(?i)password\w*\s*(=|:(?!'))\s*["']?[a-z0-9]{4,}""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Password();

    [GeneratedRegex("[0-9a-f]{48}", RegexOptions.None, 1000)]
    private static partial Regex Made();
}
