namespace EventDossier.Tests;

/// <summary>Published data files beside the repository; only tests read them.</summary>
internal static class Shared
{
    public static string Path(params ReadOnlySpan<string> parts)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(System.IO.Path.Combine(root.FullName, "EventDossier.sln"))) root = root.Parent;
        return System.IO.Path.Combine([root!.Parent!.FullName, "shared", "data", .. parts]);
    }
}
