using EventDossier.Dossiers;
using Microsoft.OpenApi;

namespace EventDossier.Web;

/// <summary><c>/openapi/v1.json</c>: the routes as the framework finds them, and the bodies of acts from their records.</summary>
internal static class Description
{
    /// <summary>What a query parameter means, wherever it stands.</summary>
    public static IReadOnlyDictionary<string, string> Meanings { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["search"] = "Beginnings of words of code, procedure, agency, unit, officer, channel",
        ["agency"] = "Only of this agency",
        ["unit"] = "Only of this unit",
        ["officer"] = "Only of this officer",
        ["stage"] = "Only at this stage",
        ["names"] = "true: with `names`, the applicants' by dossier (null: erased), of the dossiers whose applicants you may know; `withoutNames` tells that the key store can't be reached",
        ["asOf"] = "Only what had happened by then (legal time); of the board, late at that moment",
        ["knownAt"] = "Only what was recorded by then",
        ["version"] = "Only the first so many events",
        ["position"] = "Only the log up to this position",
        ["at"] = "In force at this moment",
        ["from"] = "Of a history, only what differs since this moment: a version, a legal time, `@` and a recorded time, or both: `2026-05-06@2026-05-07`; of the process, only dossiers begun then or later; of the public log, a size that it had, from 1 on",
        ["to"] = "Of a history, up to this moment, which may be the earlier; of the process, only dossiers begun before it",
        ["procedure"] = "Only dossiers of this procedure",
        ["lang"] = "en or vi",
        ["period"] = "2026, 2026-Q1 or 2026-10; the current year unless given",
        ["person"] = "Only what is told to this person",
        ["level"] = "l0, warning, apologyDuty, l1, l2 or l3",
        ["acknowledged"] = "true or false",
        ["list"] = "Tells the dossiers that one of the figures is made of",
        ["reason"] = "Why it is read, for the access log",
        ["code"] = "Only of this dossier",
        ["actor"] = "Only what this person did",
        ["index"] = "A leaf of the public log, from 0 on",
        ["event"] = "Only the event of this version",
        ["witnessed"] = "true: the newest that a witness has cosigned",
        ["past"] = "true: imported dossiers are lived through by when things happened, and owe alerts from their receipt on",
        ["cursor"] = "The next of the page before",
        ["limit"] = "How many at most, 50 unless given",
        ["after"] = "A position that a write was answered with: waits until this has been taken in, or answers 503 views-behind",
    };

    /// <summary>What a route takes in its query.</summary>
    public sealed record Query(IReadOnlyList<string> Names);

    /// <summary>What a route takes in its body, where that is no act.</summary>
    public sealed record Body(IReadOnlyList<(string Name, string Meaning)> Fields);

    /// <summary>Names what a route takes in its query.</summary>
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder route, params string[] names) => route.WithMetadata(new Query(names));

    public static void AddDescription(this WebApplicationBuilder builder) => builder.Services.AddOpenApi(options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new() { Title = "EventDossier", Version = "v1", Description = "Dossiers from receipt to returned result, as events." };
            document.Servers = [];
            document.Components ??= new();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                ["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" },
            };
            document.Security = [new() { [new("bearer", document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            operation.Parameters ??= [];
            foreach (var name in metadata.OfType<Query>().SelectMany(q => q.Names))
                operation.Parameters.Add(Parameter(name, ParameterLocation.Query, Meanings[name]));
            if (metadata.OfType<Acts.Kind>().SingleOrDefault() is { } kind)
            {
                operation.Parameters.Add(Parameter("Idempotency-Key", ParameterLocation.Header, "The same key is the same command; with another body 422 key-reused"));
                operation.Parameters.Add(Parameter("If-Match", ParameterLocation.Header, "The version last seen, as an ETag gave it; 412 version-mismatch if there is a newer one"));
                operation.RequestBody = new OpenApiRequestBody
                {
                    Content = kind.Request == typeof(AttachDocument)
                        ? new Dictionary<string, OpenApiMediaType> { ["*/*"] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } } }
                        : new Dictionary<string, OpenApiMediaType> { ["application/json"] = new OpenApiMediaType { Schema = ActBody.Schema(kind) } },
                };
                operation.Description = $"For {string.Join(", ", kind.Rule.By)}. Refusals: {string.Join(", ", kind.Rule.Refusals.Concat(Acts.CommonRefusals))}.";
            }
            if (metadata.OfType<ActRoutes.Many>().SingleOrDefault() is { Kind: var of })
            {
                operation.Parameters.Add(Parameter("Idempotency-Key", ParameterLocation.Header, "With the same key, each item is the same command by its place"));
                operation.RequestBody = new OpenApiRequestBody { Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new OpenApiMediaType { Schema = ActBody.SchemaOfMany(of) } } };
            }
            if (metadata.OfType<Body>().SingleOrDefault() is { Fields: var fields })
            {
                var schema = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object, AdditionalPropertiesAllowed = false,
                    Properties = fields.ToDictionary(f => f.Name, IOpenApiSchema (f) => new OpenApiSchema { Description = f.Meaning }),
                };
                operation.RequestBody = new OpenApiRequestBody { Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new OpenApiMediaType { Schema = schema } } };
            }
            return Task.CompletedTask;
        });
    });

    private static OpenApiParameter Parameter(string name, ParameterLocation where, string description) =>
        new() { Name = name, In = where, Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
}
