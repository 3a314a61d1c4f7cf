using EventDossier.Dossiers;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Web;

/// <summary>What the server says of itself is what it does.</summary>
[Collection(OneServer.Name)]
public sealed class DescriptionTests(WebServer server)
{
    [Fact]
    public async Task The_page_of_routes_is_what_the_routes_make_today()
    {
        using var process = WebServer.Launch([], ["routes"]);
        var made = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, await process.StandardError.ReadToEndAsync());
        (await File.ReadAllTextAsync(Path.Combine(TestDatabase.RepositoryRoot, "docs", "reference", "routes.md")))
            .ShouldBe(made, "the code has moved on; update the page: dossier-web routes > docs/reference/routes.md");
    }

    [Fact]
    public async Task The_description_names_every_act_with_its_body_and_every_route_of_the_page()
    {
        var paths = (await server.SendAsync(null, new(HttpMethod.Get, "/openapi/v1.json")))["paths"]!.AsObject();
        foreach (var kind in Acts.All.Where(k => !k.Rule.Begins))
        {
            var post = paths[$"/api/dossiers/{{code}}/{kind.Rule.Name}"].ShouldNotBeNull(kind.Rule.Name)["post"]!;
            if (kind.Request == typeof(AttachDocument))
                continue;
            var schema = post["requestBody"]!["content"]!["application/json"]!["schema"]!;
            foreach (var parameter in kind.Constructor.GetParameters())
                schema["properties"]![System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!)].ShouldNotBeNull($"{kind.Rule.Name}: {parameter.Name}");
        }
        var page = await File.ReadAllTextAsync(Path.Combine(TestDatabase.RepositoryRoot, "docs", "reference", "routes.md"));
        foreach (var (path, operations) in paths)
        {
            foreach (var (method, _) in operations!.AsObject())
                page.ShouldContain($"`{method.ToUpperInvariant()} {path}`");
        }
    }
}
