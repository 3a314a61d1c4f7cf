using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using Microsoft.OpenApi;

namespace EventDossier.Web;

/// <summary>
/// The body of an act: the parameters of its record, and beside them <c>at</c>, <c>approvedBy</c>, <c>role</c> and <c>authority</c>. An applicant is told in clear, and sealed before
/// the act is made. A name that the act does not know is a fault, for a misspelt one would be left out unseen.
/// </summary>
internal sealed class ActBody
{
    public const int MostBytes = 64 << 10;
    public const int MostItems = 500;

    private static readonly JsonDocumentOptions _strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };
    public static IReadOnlyList<string> OfAnApplicant => _ofAnApplicant;

    private static readonly string[] _ofAnApplicant = ["name", "identityNumber", "address", "phone", "mail"];
    private static readonly (string Name, string Description)[] _besides =
        [("at", "Legal time, if not now"), ("approvedBy", "Who allows it to be dated back further"), ("role", "As what, if one holds several"), ("authority", "Post or delegation it is done under")];

    private readonly JsonObject _fields;
    private readonly Acts.Kind _kind;

    private ActBody(JsonObject fields, Acts.Kind kind) => (_fields, _kind) = (fields, kind);

    public DateTimeOffset? At => Text("at") is { } text ? Moment("at", text) : null;
    public string? ApprovedBy => Text("approvedBy");
    public string? Role => Text("role");
    public string? Authority => Text("authority");

    /// <summary>Something in it is to be sealed.</summary>
    public bool IsPersonal => Parameters(_kind).Any(p => p.ParameterType == typeof(Sealed) && _fields.ContainsKey(Name(p)));

    /// <exception cref="UserError"><c>bad-json</c>, <c>bad-field</c></exception>
    public static async Task<ActBody> ReadAsync(HttpRequest request, Acts.Kind kind, CancellationToken cancel)
    {
        return request.ContentLength == 0 || (request.ContentLength is null && request.ContentType is null) ? new([], kind) : Of(await ObjectAsync(request, cancel), kind);
    }

    /// <summary>Of many dossiers: <c>{"items": [{"code": …, and what the act asks for}]}</c>. Made whole before the first is done: a fault in one is a fault of all.</summary>
    /// <exception cref="UserError"><c>bad-json</c>, <c>bad-field</c></exception>
    public static async Task<IReadOnlyList<(string Code, ActBody Body, object Act)>> ReadManyAsync(HttpRequest request, Acts.Kind kind, CancellationToken cancel)
    {
        var body = await ObjectAsync(request, cancel);
        if (body.Count != 1 || body["items"] is not JsonArray { Count: > 0 and <= MostItems } items)
            throw new UserError("bad-field", $"$.items: a list of 1 to {MostItems} objects, and nothing beside it");
        var many = new List<(string, ActBody, object)>();
        foreach (var (i, item) in items.Index())
        {
            if (item is not JsonObject fields || fields["code"] is not { } code)
                throw new UserError("bad-field", $"$.items[{i}].code: missing");
            try
            {
                var told = Text("code", code);
                fields.Remove("code");
                var one = Of(fields, kind);
                many.Add((told, one, await one.MakeAsync(null, cancel)));
            }
            catch (UserError e)
            {
                throw new UserError(e.Code, e.Message.Replace("$.", $"$.items[{i}].", StringComparison.Ordinal));
            }
        }
        return many;
    }

    private static async Task<JsonObject> ObjectAsync(HttpRequest request, CancellationToken cancel) => JsonObject.Create(await ElementAsync(request, cancel))!;

    /// <summary>The object that a body is.</summary>
    /// <exception cref="UserError"><c>bad-json</c></exception>
    internal static async Task<JsonElement> ElementAsync(HttpRequest request, CancellationToken cancel)
    {
        if (!request.HasJsonContentType())
            throw new BadHttpRequestException("the body is to be application/json", 415);
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, _strict, cancel);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw new UserError("bad-json", "$: an object is wanted");
        }
        catch (JsonException e)
        {
            throw new UserError("bad-json", $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {e.Message.Split(" LineNumber:")[0].TrimEnd('.')}");
        }
    }

    private static ActBody Of(JsonObject fields, Acts.Kind kind)
    {
        var known = Parameters(kind).Select(Name).Concat(_besides.Select(b => b.Name)).ToList();
        return fields.Select(field => field.Key).FirstOrDefault(name => !known.Contains(name)) is { } unknown
            ? throw new UserError("bad-field", $"$.{unknown}: {kind.Rule.Name} takes {string.Join(", ", known)}")
            : new(fields, kind);
    }

    /// <summary>Of a form: a field for each parameter, those of an applicant as <c>applicant.name</c>, a list a line each; what is left empty is not said.</summary>
    public static ActBody Of(IFormCollection form, Acts.Kind kind)
    {
        var fields = new JsonObject();
        foreach (var parameter in Parameters(kind))
        {
            var (name, type) = (Name(parameter), Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType);
            if (type == typeof(Sealed) && IsApplicant(parameter))
            {
                var parts = _ofAnApplicant.Select(part => (part, Told: Told(form, $"{name}.{part}"))).Where(part => part.Told is not null).ToList();
                if (parts.Count > 0)
                    fields[name] = new JsonObject(parts.Select(part => KeyValuePair.Create<string, JsonNode?>(part.part, part.Told)));
            }
            else if (Told(form, name) is { } told)
            {
                fields[name] = type == typeof(IReadOnlyList<string>)
                    ? new JsonArray([.. told.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => (JsonNode)line)])
                    : (type == typeof(int) || type == typeof(long)) && long.TryParse(told, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                        ? JsonNode.Parse($"{number}") : told;
            }
        }
        foreach (var (name, _) in _besides)
        {
            if (Told(form, name) is { } told)
                fields[name] = told;
        }
        return new(fields, kind);

        static string? Told(IFormCollection form, string name) => form[name].ToString().Trim() is { Length: > 0 } told ? told : null;
    }

    /// <summary>The act itself, what is personal in it sealed.</summary>
    /// <param name="sealer">Null for an act in which nothing is personal.</param>
    public async Task<object> MakeAsync(Sealer? sealer, CancellationToken cancel)
    {
        var values = new List<object?>();
        foreach (var parameter in Parameters(_kind))
        {
            var (name, type) = (Name(parameter), Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType);
            if (_fields[name] is not { } value)
            {
                values.Add(!parameter.HasDefaultValue ? throw Bad(name, "missing")
                    : parameter.DefaultValue is int number && type.IsEnum ? Enum.ToObject(type, number) : parameter.DefaultValue);
            }
            else if (type == typeof(Sealed))
            {
                values.Add(IsApplicant(parameter) ? await sealer!.SealAsync(ApplicantOf(name, value), cancel) : await sealer!.SealAsync(Text(name, value), cancel));
            }
            else
            {
                values.Add(Value(name, type, value));
            }
        }
        return _kind.Constructor.Invoke([.. values]);
    }

    private string? Text(string name) => _fields[name] is { } value ? Text(name, value) : null;

    private static object Value(string name, Type type, JsonNode value) => type switch
    {
        { IsEnum: true } => Enum.GetNames(type).FirstOrDefault(word => JsonNamingPolicy.CamelCase.ConvertName(word) == Text(name, value)) is { } word
            ? Enum.Parse(type, word) : throw Bad(name, $"one of {string.Join(", ", Words(type))}"),
        _ when type == typeof(DateTimeOffset) => Moment(name, Text(name, value)),
        _ when type == typeof(long) => value.GetValueKind() == JsonValueKind.Number && value.AsValue().TryGetValue<long>(out var number) ? number : throw Bad(name, "a whole number"),
        _ when type == typeof(int) => value.GetValueKind() == JsonValueKind.Number && value.AsValue().TryGetValue<int>(out var number) ? number : throw Bad(name, "a whole number"),
        _ when type == typeof(IReadOnlyList<string>) => value is JsonArray list
            ? list.Select((item, i) => item is null ? throw Bad($"{name}[{i}]", "a text") : Text($"{name}[{i}]", item)).ToList() : throw Bad(name, "a list of texts"),
        _ when type == typeof(string) => Text(name, value),
        _ => throw new InvalidOperationException($"a parameter of type {type} is not known to the routes"),
    };

    private static Applicant ApplicantOf(string name, JsonNode value)
    {
        if (value is not JsonObject fields || fields.Select(f => f.Key).FirstOrDefault(key => !_ofAnApplicant.Contains(key)) is not null)
            throw Bad(name, $"an object of {string.Join(", ", _ofAnApplicant)}");
        string? Part(string part) => fields[part] is { } text ? Text($"{name}.{part}", text) : null;
        return new(Part("name") ?? throw Bad($"{name}.name", "missing"))
        {
            IdentityNumber = Part("identityNumber"), Address = Part("address"), Phone = Part("phone"), Mail = Part("mail"),
        };
    }

    private static string Text(string name, JsonNode value) => value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : throw Bad(name, "a text");

    private static DateTimeOffset Moment(string name, string text) => CentreTime.Read(text) ?? throw Bad(name, "a time such as 2026-05-06T17:00:00+07:00");

    private static UserError Bad(string name, string wanted) => new("bad-field", $"$.{name}: {wanted}");

    public static ParameterInfo[] Parameters(Acts.Kind kind) => kind.Constructor.GetParameters();

    public static string Name(ParameterInfo parameter) => JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!);

    private static bool IsApplicant(ParameterInfo parameter) => parameter.Name == "Applicant";

    private static IEnumerable<string> Words(Type type) => Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName);

    /// <summary>Of many dossiers.</summary>
    public static OpenApiSchema SchemaOfMany(Acts.Kind kind)
    {
        var item = Schema(kind);
        item.Properties!.Add("code", Of(JsonSchemaType.String, "The dossier"));
        item.Required!.Add("code");
        return new()
        {
            Type = JsonSchemaType.Object, AdditionalPropertiesAllowed = false, Required = new HashSet<string> { "items" },
            Properties = new Dictionary<string, IOpenApiSchema> { ["items"] = new OpenApiSchema { Type = JsonSchemaType.Array, MinItems = 1, MaxItems = MostItems, Items = item } },
        };
    }

    /// <summary>For the description of the routes.</summary>
    public static OpenApiSchema Schema(Acts.Kind kind) => new()
    {
        Type = JsonSchemaType.Object,
        AdditionalPropertiesAllowed = false,
        Required = Parameters(kind).Where(p => !p.HasDefaultValue).Select(Name).ToHashSet(),
        Properties = Parameters(kind).Select(p => (Name(p), Schema(p)))
            .Concat(_besides.Select(b => (b.Name, Schema: Of(JsonSchemaType.String, b.Description, b.Name == "at" ? "date-time" : null))))
            .ToDictionary(p => p.Item1, IOpenApiSchema (p) => p.Item2),
    };

    /// <summary>Names and meanings of what a body may hold, for the page of routes.</summary>
    public static IEnumerable<(string Name, string Description, bool Required)> Fields(Acts.Kind kind) =>
        Parameters(kind).Select(p => (Name(p), p.GetCustomAttribute<DescriptionAttribute>()!.Description, !p.HasDefaultValue));

    private static OpenApiSchema Schema(ParameterInfo parameter)
    {
        var (type, description) = (Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType, parameter.GetCustomAttribute<DescriptionAttribute>()!.Description);
        if (type == typeof(Sealed) && IsApplicant(parameter))
        {
            return new()
            {
                Type = JsonSchemaType.Object, Description = description, AdditionalPropertiesAllowed = false, Required = new HashSet<string> { "name" },
                Properties = _ofAnApplicant.ToDictionary(part => part, IOpenApiSchema (part) => Of(JsonSchemaType.String, part)),
            };
        }
        var schema = type switch
        {
            _ when type == typeof(long) || type == typeof(int) => Of(JsonSchemaType.Integer, description, type == typeof(long) ? "int64" : "int32"),
            _ when type == typeof(IReadOnlyList<string>) => Of(JsonSchemaType.Array, description),
            _ => Of(JsonSchemaType.String, description, type == typeof(DateTimeOffset) ? "date-time" : null),
        };
        if (schema.Type == JsonSchemaType.Array)
            schema.Items = Of(JsonSchemaType.String, null);
        if (type.IsEnum)
            schema.Enum = [.. Words(type).Select(word => (JsonNode)word)];
        return schema;
    }

    private static OpenApiSchema Of(JsonSchemaType type, string? description, string? format = null) => new() { Type = type, Description = description, Format = format };
}
