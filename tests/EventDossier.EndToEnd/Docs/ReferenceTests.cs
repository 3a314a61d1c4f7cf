using System.Text.RegularExpressions;
using EventDossier.Dossiers;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Docs;

/// <summary>The reference pages say what the code does: those made from it are made again, the others are held to its source text.</summary>
public sealed partial class ReferenceTests
{
    private static readonly string Pages = Path.Combine(TestDatabase.RepositoryRoot, "docs", "reference");

    [Theory]
    [InlineData("acts")]
    [InlineData("verbs")]
    [InlineData("settings")]
    [InlineData("events")]
    [InlineData("metrics")]
    [InlineData("process-log")]
    public async Task A_page_made_from_the_code_is_what_the_code_makes_today(string page)
    {
        var made = await Dossier.RunAsync("reference", page);
        made.Exit.ShouldBe(0, made.Error);
        (await File.ReadAllTextAsync(Path.Combine(Pages, page + ".md"))).ShouldBe(
            made.Output, $"the code has moved on; update the page: dossier reference {page} > docs/reference/{page}.md");
    }

    [Fact]
    public void Every_setting_that_the_source_reads_stands_on_the_page()
    {
        var page = File.ReadAllText(Path.Combine(Pages, "settings.md"));
        var read = Source("src", "tests").SelectMany(text => Setting().Matches(text)).Select(match => match.Groups["name"].Value.Replace(":", "__", StringComparison.Ordinal)).Distinct().ToList();
        read.ShouldContain("EVENTDOSSIER_DATA");
        read.Where(name => !page.Contains($"`{name}`", StringComparison.Ordinal)).ShouldBeEmpty("settings that docs/reference/settings.md lacks (add them in ReferenceVerbs.cs)");
    }

    [Fact]
    public void No_setting_is_read_under_a_name_that_cannot_be_seen()
    {
        Source("src").SelectMany(text => HiddenSetting().Matches(text)).Select(match => match.Value).ShouldBeEmpty("name the variable where it is read, so that the page can be held to it");
    }

    [Fact]
    public void Nothing_is_measured_that_the_page_of_metrics_could_not_know_of() =>
        Sources("src").Where(file => Path.GetFileName(file) != "Metrics.cs").Where(file => MakesInstrument().IsMatch(File.ReadAllText(file))).ShouldBeEmpty("instruments stand in Metrics.cs, from which docs/reference/metrics.md is made");

    [Fact]
    public void The_page_of_codes_lists_every_code_of_the_source_and_no_other()
    {
        var inSource = Source("src").SelectMany(text => Code().Matches(text)).Select(match => match.Groups["code"].Value).ToHashSet();
        inSource.ShouldContain("no-such-dossier");
        inSource.UnionWith(Acts.CommonRefusals.Concat(Acts.All.SelectMany(act => act.Rule.Refusals)));
        var onPage = Listed().Matches(File.ReadAllText(Path.Combine(Pages, "codes.md"))).Select(match => match.Groups["code"].Value).ToHashSet();
        onPage.Order().ShouldBe(inSource.Order(), "docs/reference/codes.md against the UserErrors, refusals and findings in src");
    }

    [Fact]
    public void Every_check_of_the_machine_has_a_page_in_the_runbook()
    {
        var folder = Path.Combine(TestDatabase.RepositoryRoot, "docs", "runbook");
        var index = File.ReadAllText(Path.Combine(folder, "README.md"));
        var checks = HealthCheck().Matches(File.ReadAllText(Path.Combine(TestDatabase.RepositoryRoot, "src", "EventDossier.Web", "HealthRoutes.cs"))).Select(match => match.Groups["name"].Value.Trim()).Distinct().ToList();
        checks.Count.ShouldBeGreaterThan(5);
        foreach (var check in checks)
        {
            index.ShouldContain($"]({check.Replace(' ', '-')}.md)", customMessage: check);
            File.ReadAllText(Path.Combine(folder, $"{check.Replace(' ', '-')}.md")).ShouldStartWith($"# `{check}");
        }
    }

    [Fact]
    public void The_page_of_imports_names_every_key_of_a_mapping()
    {
        var page = File.ReadAllText(Path.Combine(Pages, "import.md"));
        var keys = Enum.GetNames<Import.Fact>().Select(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName)
            .Concat(MappingKey().Matches(File.ReadAllText(Path.Combine(TestDatabase.RepositoryRoot, "src", "EventDossier", "Import", "ImportMapping.cs"))).Select(match => match.Groups["key"].Value))
            .ToList();
        keys.ShouldContain("caseType");
        keys.Where(key => !page.Contains($"`{key}`", StringComparison.Ordinal)).ShouldBeEmpty("mapping keys that docs/reference/import.md lacks");
    }

    private static IEnumerable<string> Source(params string[] folders) => Sources(folders).Select(File.ReadAllText);

    private static IEnumerable<string> Sources(params string[] folders) => folders
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(TestDatabase.RepositoryRoot, folder), "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    [GeneratedRegex(@"new Meter\(|\.Create(Observable)?(Counter|UpDownCounter|Gauge|Histogram)\b", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex MakesInstrument();

    [GeneratedRegex("""(?:GetEnvironmentVariable|GetConnectionString|GetSection|GetValue<\w+>|[cC]onfiguration)[(\[]"(?<name>[^"]+)"[)\],]""", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Setting();

    [GeneratedRegex("""GetEnvironmentVariable\((?!")[^)]*\)|GetEnvironmentVariables\(""", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex HiddenSetting();

    /// <summary>The first word of a user's error, a refusal or a finding, or the word after an exit code.</summary>
    [GeneratedRegex("""(?:(?:UserError|Refusal|Refuse|Find)\(|\((?:[1-3]|[45]\d\d), |new\((?="[a-z-]+",\s+(?:\$"|message)))"(?<code>[a-z]+(?:[-_][a-z]+)*)["]""", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Code();

    [GeneratedRegex("""Add\(\$?"(?<name>[a-z ]+)""", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex HealthCheck();

    [GeneratedRegex(@"^\| `(?<code>[^`]+)` \|", RegexOptions.Multiline | RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Listed();

    [GeneratedRegex("""case "(?<key>\w+)":""", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex MappingKey();
}
