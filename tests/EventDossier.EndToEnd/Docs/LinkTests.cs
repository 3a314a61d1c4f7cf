using System.CommandLine;
using System.Text.RegularExpressions;
using EventDossier.Cli;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Docs;

/// <summary>What the documents point at is there: files, headings, and verbs of the command.</summary>
public sealed partial class LinkTests
{
    private static readonly string Root = TestDatabase.RepositoryRoot;
    private static readonly IReadOnlyList<Command> AllVerbs = [.. Verbs.All()];

    public static TheoryData<string> Documents() =>
    [
        "README.md",
        .. Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Root, file)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_relative_link_leads_somewhere(string document)
    {
        var text = File.ReadAllText(Path.Combine(Root, document));
        Link().Matches(text).Select(match => match.Groups["to"].Value)
            .Where(to => !to.Contains("://", StringComparison.Ordinal) && !Resolves(document, to))
            .ShouldBeEmpty($"dead links in {document}");
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_verb_that_is_named_exists(string document)
    {
        var text = File.ReadAllText(Path.Combine(Root, document));
        Named().Matches(text).Select(match => match.Groups["words"].Value).Where(words => !IsVerb(words)).Distinct()
            .ShouldBeEmpty($"verbs in {document} that the command does not have");
    }

    [Fact]
    public void Every_decision_stands_in_the_index()
    {
        var folder = Path.Combine(Root, "docs", "adr");
        var index = File.ReadAllText(Path.Combine(folder, "README.md"));
        Directory.EnumerateFiles(folder, "0*.md").Select(file => Path.GetFileName(file)).Where(name => !index.Contains($"({name})", StringComparison.Ordinal))
            .ShouldBeEmpty("decisions that docs/adr/README.md lacks");
    }

    private static bool Resolves(string document, string to)
    {
        var (path, heading) = to.Split('#') is [var p, var h] ? (p, h) : (to, null);
        var target = path == "" ? Path.Combine(Root, document) : Path.GetFullPath(Path.Combine(Root, Path.GetDirectoryName(document)!, path));
        if (!File.Exists(target) && !Directory.Exists(target)) return false;
        return heading is null || Heading().Matches(File.ReadAllText(target)).Any(match => AnchorOf(match.Groups["text"].Value) == heading);
    }

    /// <summary>As repositories are shown: lower case, blanks to hyphens, other signs dropped.</summary>
    private static string AnchorOf(string heading) =>
        string.Concat(heading.Trim().ToLowerInvariant().Replace(' ', '-').Where(c => char.IsLetterOrDigit(c) || c is '-' or '_'));

    private static bool IsVerb(string words)
    {
        IEnumerable<Command> here = AllVerbs;
        foreach (var word in words.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var verb = here.FirstOrDefault(v => v.Name == word);
            if (verb is null) return false;
            if (verb.Subcommands.Count == 0) return true;
            here = verb.Subcommands;
        }
        return true;
    }

    [GeneratedRegex(@"\]\((?<to>[^)\s]+)\)", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (?<text>.+)$", RegexOptions.Multiline | RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Heading();

    /// <summary>In code: at the beginning of a line or of a span, after a prompt, a pipe, or inside <c>$( )</c>.</summary>
    [GeneratedRegex(@"(?:`|^(?: {4})?(?:\$ )?|\$\(|[|&] ?)dossier (?<words>[a-z]+(?:-[a-z]+)*(?: [a-z]+(?:-[a-z]+)*)*)", RegexOptions.Multiline | RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Named();
}
