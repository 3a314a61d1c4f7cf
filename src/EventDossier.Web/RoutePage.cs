using System.Text;
using EventDossier.Dossiers;

namespace EventDossier.Web;

/// <summary><c>docs/reference/routes.md</c>, from the routes themselves.</summary>
internal static class RoutePage
{
    public static string Make()
    {
        var routes = Server.Routes().Select(route => (
            Method: route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods[0] ?? "GET", Path: "/" + route.RoutePattern.RawText!.Trim('/').Replace("{**", "{", StringComparison.Ordinal), route.Metadata)).ToList();
        var page = new StringBuilder("""
            # Routes

            <!-- Made by: dossier-web routes > docs/reference/routes.md -->

            The server binds to `http://127.0.0.1:5080` unless `--urls` or `ASPNETCORE_URLS` says otherwise; put a proxy with TLS before it. `--sample` serves the database of samples,
            `--data DIR` names the data folder. The same is told to programs at `/openapi/v1.json`.

            **Signing in.** `Authorization: Bearer TOKEN`, a JWT of the provider or key that the [settings](settings.md) name. Claims: `sub`, who acts; `roles`; `units`, codes of units, else
            those of the posts that the organisation knows `sub` to hold; `applicant`, of a citizen. Nobody acts as somebody else: what a request says of its sender is not looked at.

            **Writing.** The body is a JSON object of the fields below; beside them any act takes `at` (legal time), `approvedBy`, `role` and `authority`. `Idempotency-Key` makes a repeated
            request the same command of the same sender; `If-Match` names the version last seen. The answer has the dossier's `ETag`, and in its body `code`, `version` and `position`.

            **Reading.** A list is told in pages: `{"items": […], "next": "…"}`; ask again with `cursor=` that next. `after=POSITION` waits, five seconds at most, until what a write
            was answered with has been taken in. Times are RFC 3339 with their offset; without one they are the centre's.

            **Errors** are `application/problem+json` with a stable `code`, [all of them here](codes.md). A refused act is 409, but for `not-allowed` 403, `no-such-dossier` 404,
            `version-mismatch` 412, `key-reused` 422 and `busy` 503. Nothing of a request that was answered with an error was written.

            **Pages** are for browsers: a cookie after signing in at `/sign-in`, and in each form a token that was made for it. They take no bearer token, and what stands above no cookie.

            **Rights.** How far each role reaches: its own, its units' (with the divisions below them and what they took over), or all.


            """);
        page.AppendLine($"| | {string.Join(" | ", Rights.Roles)} |").AppendLine($"|---|{string.Concat(Rights.Roles.Select(_ => "---|"))}");
        foreach (var (resource, reaches) in Rights.Table)
            page.AppendLine($"| {resource} | {string.Join(" | ", reaches.Select(reach => reach == Reach.Nothing ? "" : reach.ToString().ToLowerInvariant()))} |");
        page.AppendLine("\nAn act is for the roles that it names, on the dossiers that they reach; `director` acts as a supervisor does.");
        foreach (var group in routes.GroupBy(route => route.Metadata.GetMetadata<Microsoft.AspNetCore.Http.Metadata.ITagsMetadata>()!.Tags[0]))
        {
            page.AppendLine($"\n## {char.ToUpperInvariant(group.Key[0])}{group.Key[1..]}");
            foreach (var (method, path, metadata) in group)
            {
                page.AppendLine($"\n`{method} {path}`  ").AppendLine(metadata.GetMetadata<Microsoft.AspNetCore.Http.Metadata.IEndpointSummaryMetadata>()!.Summary);
                if (metadata.GetMetadata<Acts.Kind>() is { } kind)
                    Tell(page, kind);
                else if (metadata.GetMetadata<ActRoutes.Many>() is { Kind: var many })
                    page.AppendLine($"The body is `{{\"items\": […]}}`, at most {ActBody.MostItems} objects with the `code` of a dossier and the fields of `{many.Rule.Name}`; the answer has an item for each, in order, with its `version` and `position` or its `refusal`.");
                else if (metadata.GetMetadata<Pages.PageRoute>() is { } entry)
                    page.AppendLine($"For {(entry is { Right: null, Act: null } ? "everybody" : string.Join(", ", Rights.Roles.Where(role => entry.IsFor(new("", [role], [], null)))))}");
                else if (metadata.GetMetadata<Description.Query>() is { } query)
                    page.AppendLine($"Query: {string.Join(", ", query.Names.Select(name => $"`{name}`"))}");
                if (metadata.GetMetadata<Description.Body>() is { Fields: var fields })
                    Tell(page, fields.Select(f => (f.Name, f.Meaning, Required: false)));
            }
        }
        page.AppendLine("\n## Query parameters\n").AppendLine("| name | means |").AppendLine("|---|---|");
        foreach (var (name, meaning) in Description.Meanings)
            page.AppendLine($"| `{name}` | {meaning} |");
        return page.ToString();
    }

    private static void Tell(StringBuilder page, Acts.Kind kind)
    {
        page.AppendLine($"For {string.Join(", ", kind.Rule.By)}. Refusals: {string.Join(", ", kind.Rule.Refusals.Select(code => $"`{code}`"))}");
        if (kind.Request == typeof(AttachDocument))
        {
            page.AppendLine("\nThe body is the document itself, its type the header's; `kind` stands in the query. 50 MiB at most.");
            return;
        }
        if (ActBody.Fields(kind).ToList() is { Count: > 0 } fields)
            Tell(page, fields);
    }

    private static void Tell(StringBuilder page, IEnumerable<(string Name, string Meaning, bool Required)> fields)
    {
        page.AppendLine("\n| field | |").AppendLine("|---|---|");
        foreach (var (name, description, required) in fields)
            page.AppendLine($"| `{name}`{(required ? "" : " (optional)")} | {description} |");
    }
}
