using System.Text.RegularExpressions;

namespace EventDossier.Tests.Conventions;

public sealed partial class SourceConventions
{
    [Fact]
    public void Nothing_outside_the_Marten_edition_mentions_its_libraries()
    {
        var mentions =
            from file in Directory.EnumerateFiles(Repository.Path("src"), "*.*", SearchOption.AllDirectories)
            where file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith(".csproj", StringComparison.Ordinal)
            let path = Path.GetRelativePath(Repository.Root, file)
            where !path.StartsWith("src/EventDossier.Marten/", StringComparison.Ordinal) && !Built().IsMatch(path)
            from line in File.ReadLines(file).Index()
            where !line.Item.TrimStart().StartsWith("//", StringComparison.Ordinal) && OfTheMartenEdition().IsMatch(line.Item)
            select $"{path}:{line.Index + 1}: {line.Item.Trim()}";

        mentions.ShouldBeEmpty("Marten, Wolverine and Hangfire are visible in one project alone");
    }

    [Fact]
    public void The_Marten_edition_is_no_more_than_an_adapter()
    {
        var lines = Directory.EnumerateFiles(Repository.Path("src", "EventDossier.Marten"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !Built().IsMatch(file)).SelectMany(File.ReadLines).ToList();

        lines.Count.ShouldBeInRange(100, 400);
        lines.Where(line => line.Length > 120).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("using Marten;")]
    [InlineData("global using Wolverine.Attributes;")]
    [InlineData("    private Hangfire.IBackgroundJobClient jobs;")]
    [InlineData("<PackageReference Include=\"JasperFx.Events\" />")]
    [InlineData("IDocumentSession session")]
    public void What_a_mention_is(string line) => OfTheMartenEdition().IsMatch(line).ShouldBeTrue();

    [Fact]
    public void Migrations_are_numbered_files_in_the_order_of_their_numbers()
    {
        var names = Directory.EnumerateFiles(Repository.Path("ops", "sql")).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal).ToList();

        names.ShouldNotBeEmpty();
        names.ShouldAllBe(name => MigrationName().IsMatch(name));
        names.Select(name => name[..3]).ShouldBeUnique();
        typeof(ProductEvents).Assembly.GetManifestResourceNames().Where(n => n.StartsWith("sql/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).ShouldBe(names.Select(name => $"sql/{name}"));
    }

    [Fact]
    public void The_top_of_the_repository_holds_what_everyone_looks_for_and_dotfiles() =>
        Directory.EnumerateFileSystemEntries(Repository.Root).Select(e => Path.GetFileName(e)!).Where(e => !e.StartsWith('.'))
            .ShouldBeSubsetOf(["src", "tests", "docs", "ops", "README.md", "EventDossier.sln"]);

    // A using, a package, a qualified name, or a type that is known by its own name.
    [GeneratedRegex(
        """(using\s+(static\s+)?|Include="|\b)(Marten|Wolverine(Fx)?|Hangfire|JasperFx|Weasel)(;|"|\.[A-Z])|\bI(DocumentSession|DocumentStore|QuerySession|MessageBus|BackgroundJobClient)\b""",
        RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OfTheMartenEdition();

    [GeneratedRegex("/(bin|obj)/", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Built();

    [GeneratedRegex(@"^\d{3}(-[a-z0-9]+)+\.sql$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MigrationName();
}
