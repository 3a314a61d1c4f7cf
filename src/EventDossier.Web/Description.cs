using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace EventDossier.Web;

/// <summary><c>/openapi/v1.json</c>: the routes as the framework finds them, and the bodies of acts from their records.</summary>
internal static class Description
{
    /// <summary>What a query parameter means, wherever it stands.</summary>
    public static IReadOnlyDictionary<string, string> Meanings { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["block"] = "Name of the block of numbers",
        ["search"] = "Beginnings of words of code, procedure, agency, unit, officer, channel",
        ["all"] = "true: those too that are over",
        ["agency"] = "Only of this agency",
        ["unit"] = "Only of this unit",
        ["officer"] = "Only of this officer",
        ["stage"] = "Only at this stage",
        ["state"] = "waiting, printing, sent, void or dead",
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
        ["day"] = "A day such as 2026-05-06; today unless given",
        ["period"] = "2026, 2026-Q1 or 2026-10; the current year unless given",
        ["person"] = "Only what is told to this person",
        ["level"] = "l0, warning, apologyDuty, l1, l2 or l3",
        ["acknowledged"] = "true or false",
        ["by"] = "What figures are divided by: agency, procedure, channel or month; each dossier is in one row",
        ["list"] = "Tells the dossiers that one of the figures is made of",
        ["reason"] = "Why it is read, for the access log",
        ["code"] = "Only of this dossier",
        ["actor"] = "Only what this person did",
        ["index"] = "A leaf of the public log, from 0 on",
        ["event"] = "Only the event of this version",
        ["witnessed"] = "true: the newest that a witness has cosigned",
        ["past"] = "true: imported dossiers are lived through by when things happened, and owe alerts from their receipt on",
        ["provision"] = "The transitional provision under which the open dossiers are taken along; without it each keeps its version",
        ["change"] = "What changes: the route's summary names all",
        ["cursor"] = "The next of the page before",
        ["limit"] = "How many at most, 50 unless given",
        ["after"] = "A position that a write was answered with: waits until this has been taken in, or answers 503 views-behind",
    };

    /// <summary>What a route takes in its query.</summary>
    public sealed record Query(IReadOnlyList<string> Names);

    /// <summary>What a route takes in its body, where that is no act.</summary>
    public sealed record JsonBody(IReadOnlyList<(string Name, string Meaning)> Fields);

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
        // Rows there are of many kinds.
        options.CreateSchemaReferenceId = info => OpenApiOptions.CreateDefaultSchemaReferenceId(info) is null ? null : NameOf(info.Type);
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(Limit))
                (schema.Type, schema.Description, schema.Examples) = (JsonSchemaType.String, "A time limit: 5 days (working days), 16 hours, same day, 30 calendar days, 2 months", ["5 days"]);
            // The framework takes what only can be read for never null.
            MayBeNull(schema, context.JsonTypeInfo.Properties.Where(p => p is { Set: null, IsGetNullable: true }));
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(async (operation, context, cancel) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            operation.OperationId ??= Id(context.Description.HttpMethod!, context.Description.RelativePath!);
            operation.Parameters ??= [];
            foreach (var parameter in operation.Parameters.OfType<OpenApiParameter>())
                (parameter.Description, parameter.Example) = (parameter.Description ?? Meanings.GetValueOrDefault(parameter.Name!), Examples.Asked[parameter.Name!]);
            foreach (var name in metadata.OfType<Query>().SelectMany(q => q.Names))
                operation.Parameters.Add(Parameter(name, ParameterLocation.Query, Meanings[name], Examples.Asked[name]));
            if (metadata.OfType<Acts.Kind>().SingleOrDefault() is { } kind)
            {
                operation.Parameters.Add(Parameter("Idempotency-Key", ParameterLocation.Header, "The same key is the same command; with another body 422 key-reused", "7f1c0b52"));
                operation.Parameters.Add(Parameter("If-Match", ParameterLocation.Header, "The version last seen, as an ETag gave it; 412 version-mismatch if there is a newer one", "\"3\""));
                operation.RequestBody = kind.Request == typeof(AttachDocument)
                    ? Taken("*/*", new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" }, null) : Taken(Answers.Json, ActBody.Schema(kind), Examples.Body(kind));
                operation.Description = $"For {string.Join(", ", kind.Rule.By)}. Refusals: {string.Join(", ", kind.Rule.Refusals.Concat(Acts.CommonRefusals))}.";
            }
            if (metadata.OfType<ActRoutes.Many>().SingleOrDefault() is { Kind: var of })
            {
                operation.Parameters.Add(Parameter("Idempotency-Key", ParameterLocation.Header, "With the same key, each item is the same command by its place", "7f1c0b52"));
                operation.RequestBody = Taken(Answers.Json, ActBody.SchemaOfMany(of), new JsonObject { ["items"] = new JsonArray(Examples.Body(of, withCode: true)) });
            }
            if (metadata.OfType<JsonBody>().SingleOrDefault() is { Fields: var fields })
            {
                var schema = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object, AdditionalPropertiesAllowed = false,
                    Properties = fields.ToDictionary(f => f.Name, IOpenApiSchema (f) => new OpenApiSchema { Description = f.Meaning }),
                };
                operation.RequestBody = Taken(Answers.Json, schema, null);
            }
            var json = context.ApplicationServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
            if (metadata.OfType<Needed>().SingleOrDefault() is { } needed && operation.RequestBody?.Content is { } taken && taken.TryGetValue(Answers.Json, out var body))
                body.Example = JsonSerializer.SerializeToNode(needed.Example(), json);
            if (metadata.OfType<Answers>().SingleOrDefault() is { } answers)
                await DescribeAsync(operation, answers, metadata.OfType<Acts.Kind>().Any(), context, json, cancel);
        });
    });

    private static void MayBeNull(OpenApiSchema schema, IEnumerable<System.Text.Json.Serialization.Metadata.JsonPropertyInfo> properties)
    {
        foreach (var property in properties)
        {
            if (schema.Properties is { } all && all.TryGetValue(property.Name, out var told) && told.OneOf is not { Count: > 0 } && told.Type?.HasFlag(JsonSchemaType.Null) is not true)
                all[property.Name] = new OpenApiSchema { OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, told] };
        }
    }

    private static async Task DescribeAsync(OpenApiOperation operation, Answers answers, bool isAct, OpenApiOperationTransformerContext context, JsonSerializerOptions json, CancellationToken cancel)
    {
        var status = answers.Status.ToString(CultureInfo.InvariantCulture);
        var schema = (operation.Responses ??= []).TryGetValue(status, out var found) && found.Content is { } content && content.TryGetValue(Answers.Json, out var media) ? media.Schema : null;
        if (answers.Or is { } or)
        {
            // What is asked for here the framework leaves half done.
            var other = await context.GetOrCreateSchemaAsync(or, null, cancel);
            MayBeNull(other, json.GetTypeInfo(or).Properties.Where(p => p.IsGetNullable));
            schema = new OpenApiSchema { AnyOf = [schema!, other] };
        }
        operation.Responses.Clear();
        operation.Responses[status] = new OpenApiResponse
        {
            Description = ReasonPhrases.GetReasonPhrase(answers.Status),
            Headers = isAct ? new Dictionary<string, IOpenApiHeader> { ["ETag"] = new OpenApiHeader { Description = "The dossier's version", Schema = new OpenApiSchema { Type = JsonSchemaType.String } } } : null,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [answers.MediaType] = new()
                {
                    Schema = schema ?? new OpenApiSchema { Type = JsonSchemaType.String, Format = answers.MediaType.StartsWith("text/", StringComparison.Ordinal) ? null : "binary" },
                    Example = answers.Example is null ? null : JsonSerializer.SerializeToNode(answers.Example(), json),
                },
            },
        };
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = "What went wrong, by RFC 9457, with a stable code",
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/problem+json"] = new()
                {
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object, Required = new HashSet<string> { "title", "status", "detail", "code" },
                        Properties = new Dictionary<string, IOpenApiSchema>
                        {
                            ["title"] = new OpenApiSchema { Type = JsonSchemaType.String }, ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
                            ["detail"] = new OpenApiSchema { Type = JsonSchemaType.String }, ["code"] = new OpenApiSchema { Type = JsonSchemaType.String },
                        },
                    },
                    Example = new JsonObject { ["title"] = "Not Found", ["status"] = 404, ["detail"] = $"there is no dossier {Examples.Code}", ["code"] = "no-such-dossier" },
                },
            },
        };
    }

    /// <summary>For clients that are generated: <c>get-dossiers-code-history</c>.</summary>
    private static string Id(string method, string path) =>
        string.Join('-', path.Split('/', '{', '}', '.', '*', '_').Where(part => part is not ("" or "api")).Prepend(method.ToLowerInvariant()));

    private static string NameOf(Type type) =>
        (type.DeclaringType is { } of ? NameOf(of) : "") + type.Name.Split('`')[0] + (type.IsGenericType ? $"Of{string.Join("And", type.GetGenericArguments().Select(NameOf))}" : "");

    private static OpenApiRequestBody Taken(string mediaType, OpenApiSchema schema, JsonNode? example) =>
        new() { Content = new Dictionary<string, OpenApiMediaType> { [mediaType] = new OpenApiMediaType { Schema = schema, Example = example } } };

    private static OpenApiParameter Parameter(string name, ParameterLocation where, string description, string example) =>
        new() { Name = name, In = where, Description = description, Example = example, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
}
