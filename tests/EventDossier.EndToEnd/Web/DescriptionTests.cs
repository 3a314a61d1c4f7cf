using System.Text.Json.Nodes;
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

    private async Task<JsonNode> DescriptionAsync() => (await server.SendAsync(null, new(HttpMethod.Get, "/openapi/v1.json"))).Json!;

    private static IEnumerable<(string Method, string Path, JsonNode Operation)> Operations(JsonNode description) =>
        from path in description["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select (operation.Key.ToUpperInvariant(), path.Key, operation.Value!);

    [Fact]
    public async Task Every_operation_says_what_it_takes_and_answers_with_an_example_that_fits()
    {
        var description = await DescriptionAsync();
        var ids = new HashSet<string>();
        foreach (var (method, path, operation) in Operations(description))
        {
            var what = $"{method} {path}";
            ids.Add(operation["operationId"].ShouldNotBeNull(what).ToString()).ShouldBeTrue($"{what}: its id is another's too");
            foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
                parameter!["example"].ShouldNotBeNull($"{what}: {parameter["name"]}");
            if (operation["requestBody"]?["content"]?["application/json"] is { } body)
                Fits(description, body["schema"]!, body["example"].ShouldNotBeNull(what), $"{what} body");
            var responses = operation["responses"]!.AsObject();
            responses["default"]?["content"]?["application/problem+json"]?["example"].ShouldNotBeNull(what);
            var content = responses.First(r => r.Key != "default").Value!["content"].ShouldNotBeNull(what).AsObject();
            if (content["application/json"] is { } answer)
                Fits(description, answer["schema"].ShouldNotBeNull(what), answer["example"].ShouldNotBeNull(what), $"{what} answer");
        }
    }

    [Fact]
    public async Task Every_example_of_an_act_is_a_body_that_its_route_takes()
    {
        foreach (var (method, path, operation) in Operations(await DescriptionAsync()))
        {
            if (method != "POST" || operation["requestBody"]?["content"]?["application/json"]?["example"] is not { } example || path.StartsWith("/api/record", StringComparison.Ordinal))
                continue;
            var answer = await server.PostAsync(WebServer.Director, path.Replace("{code}", "H49.12-200101-9999", StringComparison.Ordinal), example);
            answer.Code.ShouldNotBeOneOf("bad-field", "bad-json", "bad-query", "bad-request", "internal-error");
        }
    }

    [Fact]
    public async Task What_the_server_answers_fits_its_description()
    {
        var description = await DescriptionAsync();
        var code = await server.ReceiveAsync(officer: "described", applicant: new { name = "Hà Văn Tả", identityNumber = "022091000333" });
        var head = (await server.PostAsync(WebServer.Director, $"/api/dossiers/{code}/request-supplement", new { items = new[] { "bản vẽ" }, deliveredBy = "counter" }))["position"];
        await StoreTests.Centre.UntilAsync(async () => (await server.GetAsync(WebServer.Director, $"/api/record/dossiers/{code}?event=1")).Status == 200, "the dossier's leaf");
        var director = WebServer.Token("tt-giamdoc-1", ["director", Role.Clerk, Role.Administrator]);
        var looked = 0;
        foreach (var (method, path, operation) in Operations(description))
        {
            if (method != "GET" || operation["responses"]!["200"]?["content"]?["application/json"]?["schema"] is not { } schema)
                continue;
            var address = path.Replace("{code}", path.Contains("procedures", StringComparison.Ordinal) ? WebServer.Building : code, StringComparison.Ordinal);
            foreach (var query in (string[])["", $"?after={head}&names=true", "?index=0&from=1&to=2", "?period=2026&list=pendingInTime", "?period=2026&by=month", "?officer=described"])
            {
                var answer = await server.GetAsync(director, address + query);
                if (answer.Status != 200)
                    continue;
                Fits(description, schema, answer.Json, $"{path}{query}");
                looked++;
            }
        }
        looked.ShouldBeGreaterThan(60);
    }

    /// <summary>The part of JSON Schema that the description makes use of.</summary>
    private static void Fits(JsonNode description, JsonNode schema, JsonNode? value, string where)
    {
        if (schema["$ref"]?.ToString() is { } reference)
        {
            Fits(description, description["components"]!["schemas"]![reference.Split('/')[^1]].ShouldNotBeNull(reference), value, where);
            return;
        }
        foreach (var either in (string[])["anyOf", "oneOf"])
        {
            if (schema[either] is not JsonArray options)
                continue;
            var faults = options.Select(option => Xunit.Record.Exception(() => Fits(description, option!, value, where))?.Message).ToList();
            faults.ShouldContain((string?)null, $"{where}: {string.Join("; ", faults)}");
            return;
        }
        if (schema["type"] is { } type)
        {
            var kinds = type is JsonArray several ? several.Select(t => t!.ToString()).ToList() : [type.ToString()];
            kinds.ShouldContain(value?.GetValueKind() switch
            {
                null => "null",
                System.Text.Json.JsonValueKind.String => "string",
                System.Text.Json.JsonValueKind.Number => kinds.Contains("integer") && long.TryParse(value.ToJsonString(), out _) ? "integer" : "number",
                System.Text.Json.JsonValueKind.Array => "array",
                System.Text.Json.JsonValueKind.Object => "object",
                _ => "boolean",
            }, $"{where}: {value?.ToJsonString()}");
        }
        if (schema["enum"] is JsonArray words)
            words.Select(w => w?.ToString()).ShouldContain(value?.ToString(), where);
        if (value is JsonArray items && schema["items"] is { } item)
        {
            foreach (var (i, one) in items.Index())
                Fits(description, item, one, $"{where}[{i}]");
        }
        if (value is not JsonObject fields || schema["properties"] is not JsonObject known)
            return;
        foreach (var required in schema["required"]?.AsArray() ?? [])
            fields.ContainsKey(required!.ToString()).ShouldBeTrue($"{where}: {required} is missing");
        foreach (var (name, field) in fields)
            Fits(description, known[name].ShouldNotBeNull($"{where}: {name} is not described"), field, $"{where}.{name}");
    }
}
