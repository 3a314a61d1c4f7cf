using System.Text.RegularExpressions;
using EventDossier.Cli.Bench;

namespace EventDossier.EndToEnd.Pages;

/// <summary>What <c>bench pages</c> asks for, beside what the server answers to.</summary>
public sealed class BenchPagesTests
{
    [Fact]
    public async Task Every_page_is_measured_as_a_role_that_it_is_for_or_stands_among_the_unmeasured_with_its_reason()
    {
        var routes = (await PageRoutes.OfAsync()).Where(r => r.Method == "GET").ToList();
        var measured = PagesBench.Pages.SelectMany(p => p.Paths.Select(path => (p.Role, Path: path.Split('?')[0]))).Select(p => (p.Role, p.Path, Route: RouteOf(routes, p.Path))).ToList();
        measured.Where(m => m.Route is null).Select(m => m.Path).ShouldBeEmpty("no such page");
        measured.Where(m => m.Route!.For != "everybody" && !m.Route.For.Split(", ").Contains(m.Role)).Select(m => $"{m.Role} {m.Path}").ShouldBeEmpty("not for that role");
        routes.Select(r => r.Path).Except(measured.Select(m => m.Route!.Path)).ShouldBe(PagesBench.Unmeasured.Keys, ignoreOrder: true);
    }

    /// <summary>The one with the fewest blanks, as the server chooses.</summary>
    private static PageRoutes.Route? RouteOf(IEnumerable<PageRoutes.Route> routes, string path) => routes
        .Where(r => Regex.IsMatch(path, $"^{Regex.Replace(r.Path, @"\{[^}]+\}", "[^/]+", RegexOptions.None, TimeSpan.FromSeconds(1))}$", RegexOptions.None, TimeSpan.FromSeconds(1)))
        .MinBy(r => r.Path.Count(c => c == '{'));
}
