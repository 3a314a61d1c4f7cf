using System.Text.RegularExpressions;

namespace EventDossier.Store;

/// <summary>Where PostgreSQL's server programs stand on this machine.</summary>
/// <param name="Folder">Holds <c>initdb</c>, <c>pg_ctl</c> and <c>postgres</c>.</param>
internal sealed partial record ClusterBinaries(string Folder, int Major)
{
    public const int OldestMajor = 15;

    public string this[string program] => Path.Combine(Folder, program);

    /// <summary>
    /// The first on PATH, else the highest version under the distributions' versioned folders. <c>EVENTDOSSIER_PG_BIN</c>
    /// names the only folder to look in.
    /// </summary>
    /// <param name="major">The version that an existing cluster was made by; no other can open it.</param>
    /// <exception cref="DatabaseUnreachableException">None is installed; says which package to install.</exception>
    public static async Task<ClusterBinaries> FindAsync(int? major)
    {
        List<ClusterBinaries> found = [];
        foreach (var folder in Folders().Distinct(StringComparer.Ordinal))
        {
            if (!File.Exists(Path.Combine(folder, "initdb")) || !File.Exists(Path.Combine(folder, "pg_ctl"))) continue;
            var (exit, output) = await ClusterProcess.RunAsync(Path.Combine(folder, "postgres"), ["--version"]);
            if (exit == 0 && Version().Match(output) is { Success: true } match) found.Add(new(folder, int.Parse(match.Groups["major"].Value)));
        }

        return found.Find(b => major is null ? b.Major >= OldestMajor : b.Major == major)
            ?? throw new DatabaseUnreachableException(major is null
                ? $"no PostgreSQL server programs of version {OldestMajor} or later on PATH, under /usr/lib/postgresql or /usr/pgsql-*: "
                  + "install postgresql (Debian, Ubuntu) or postgresql-server, or set ConnectionStrings__EventDossier"
                : $"the cluster was made by PostgreSQL {major}, whose server programs are not here: install postgresql-{major}");
    }

    /// <summary>A client program such as <c>pg_dump</c>, looked for in the same places: a machine whose databases stand elsewhere has no others.</summary>
    /// <exception cref="UserError"><c>tool-missing</c>.</exception>
    public static async Task<string> ToolAsync(string tool)
    {
        foreach (var program in Folders(tool).Select(folder => Path.Combine(folder, tool)).Where(File.Exists))
        {
            var (exit, output) = await ClusterProcess.RunAsync(program, ["--version"]);
            if (exit == 0 && Version().Match(output) is { Success: true } match && int.Parse(match.Groups["major"].Value) >= OldestMajor)
                return program;
        }
        throw new UserError("tool-missing", $"no {tool} of version {OldestMajor} or later is installed: install postgresql-client, as new as the server");
    }

    private static IEnumerable<string> Folders(string wanted = "pg_ctl")
    {
        if (Environment.GetEnvironmentVariable("EVENTDOSSIER_PG_BIN") is { Length: > 0 } only) return [only];
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => new FileInfo(Path.Combine(folder, wanted)))
            .Where(program => program.Exists)
            // A link on PATH points into the folder that has them all.
            .Select(program => Path.GetDirectoryName(program.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? program.FullName)!);
        return onPath.Concat(Versioned("/usr/lib/postgresql", "*", "bin").Concat(Versioned("/usr", "pgsql-*", "bin"))
            .OrderByDescending(folder => int.TryParse(Digits().Match(folder).Value, out var version) ? version : 0));
    }

    private static IEnumerable<string> Versioned(string parent, string pattern, string below) =>
        Directory.Exists(parent) ? Directory.EnumerateDirectories(parent, pattern).Select(folder => Path.Combine(folder, below)) : [];

    [GeneratedRegex(@"\(PostgreSQL\) (?<major>\d+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Version();

    [GeneratedRegex(@"\d+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Digits();
}
