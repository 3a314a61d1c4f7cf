using System.Text.RegularExpressions;
using EventDossier.Dossiers;
using EventDossier.EndToEnd.Web;

namespace EventDossier.EndToEnd.Pages;

/// <summary>The pages, as the server itself lists them.</summary>
public static partial class PageRoutes
{
    /// <summary>Roles that sign in, and somebody of the imagined centre who has each; without a role, nobody.</summary>
    public static readonly (string? Role, string Person)[] People =
    [
        (Role.Clerk, "tt-giamdoc-1"), (Role.Officer, "xd-thamdinh-2"), (Role.Supervisor, "xd-thamdinh-truong"), ("director", "tt-giamdoc-1"), (Role.Auditor, "tt-giamdoc-1"),
        (Role.TransparencyOfficer, "tt-giamdoc-1"), (Role.Administrator, "tt-giamdoc-1"), (Role.Citizen, "tt-giamdoc-1"), (null, ""),
    ];

    /// <param name="For">Roles, or <c>everybody</c>.</param>
    public sealed record Route(string Method, string Path, string For);

    public static async Task<IReadOnlyList<Route>> OfAsync()
    {
        using var routes = WebServer.Launch([], ["routes"]);
        var pages = PageRoute().Matches(await routes.StandardOutput.ReadToEndAsync())
            .Select(m => new Route(m.Groups["method"].Value, m.Groups["path"].Value, m.Groups["for"].Value)).ToList();
        await routes.WaitForExitAsync();
        return pages;
    }

    /// <summary>An address of a route, with something in the place of each of its blanks.</summary>
    public static string Filled(string route, string code) => route
        .Replace("{code}", route.StartsWith("/procedures/", StringComparison.Ordinal) ? Browser.Procedure : code, StringComparison.Ordinal)
        .Replace("{act}", "complete-step", StringComparison.Ordinal).Replace("{slip}", "06", StringComparison.Ordinal).Replace("{change}", "appoint", StringComparison.Ordinal)
        .Replace("{id}", $"{Guid.Empty}", StringComparison.Ordinal) + (route == "/calendar/preview" ? "?decision=[]&task=x" : "");

    [GeneratedRegex(@"^`(?<method>GET|POST) (?<path>/[^`]*)`  \n[^\n]*\nFor (?<for>[^.\n]*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex PageRoute();
}
