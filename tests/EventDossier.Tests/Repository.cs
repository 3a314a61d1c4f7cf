namespace EventDossier.Tests;

/// <summary>The repository that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Path(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "EventDossier.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"no EventDossier.sln above {AppContext.BaseDirectory}");
        return folder.FullName;
    }
}
