using System.CommandLine;
using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Cli;

/// <summary>
/// Every act, for scripts. A verb is made from the act's rule and an option from each parameter of its request. The actor is the system's user;
/// <c>--key</c> makes a repeated call the same command.
/// </summary>
internal static class ActVerbs
{
    private static readonly Option<string?> Role = new("--role") { Description = "As what; the first of those that may, unless given", HelpName = "ROLE" };
    private static readonly Option<string?> Authority = new("--authority") { Description = "Post or delegation it is done under", HelpName = "TEXT" };
    private static readonly Option<string?> Key = new("--key") { Description = "Idempotency key: the same key is the same command", HelpName = "KEY" };
    private static readonly Option<string?> At = new("--at") { Description = "Legal time, if not now", HelpName = "TIME" };
    private static readonly Option<string?> ApprovedBy = new("--approved-by") { Description = "Who allows it to be dated back further", HelpName = "NAME" };
    private static readonly Argument<string> Code = new("CODE") { Description = "The dossier" };

    static ActVerbs() => Role.AcceptOnlyFromAmong([.. Dossiers.Role.All]);

    public static IEnumerable<Command> Commands() => Acts.All.Select(Verb);

    /// <summary>The system's user, as one of the roles that may.</summary>
    public static CommandMetadata Who(Guid command, string role, string? authority = null) => new(command, $"os:{Environment.UserName}", role, authority);

    private static Command Verb(Acts.Kind kind)
    {
        var verb = new Command(kind.Rule.Name, kind.Rule.Summary);
        if (!kind.Rule.Begins)
            verb.Add(Code);
        var parameters = kind.Request.GetConstructors().Single(c => c.GetParameters() is not [{ ParameterType: var type }] || type != kind.Request).GetParameters()
            .Select(p => new Parameter(p)).ToList();
        foreach (Option option in (IEnumerable<Option>)[.. parameters.Select(p => p.Option), At, ApprovedBy, Role, Authority, Key])
            verb.Add(option);
        return verb.Does(async run =>
        {
            await using var open = await OpenDatabase.OfAsync(run);
            var now = Moments.Now(run);
            var who = Who(NewCommand(run), run.Arguments.GetValue(Role) ?? kind.Rule.By[0], run.Arguments.GetValue(Authority)) with { Request = Request(run) };
            var context = new ActContext(now, who, Moments.Parse(run, At) ?? now, run.Arguments.GetValue(ApprovedBy));
            var act = Activator.CreateInstance(kind.Request, [.. parameters.Select(p => p.Value(run))])!;
            var result = await kind.DoAsync(new Desk(open.Database), kind.Rule.Begins ? null : run.Arguments.GetValue(Code), act, context, run.Cancel);
            if (result.Refusal is { } refusal)
                return run.Output.Fail(1, refusal.Code, refusal.Reason);
            await open.CatchUpAsync(run.Cancel);
            run.Output.Answer(new { result.Code, result.Version, result.Position }, () => run.Output.Line($"{result.Code} version {result.Version}"));
            return 0;
        });
    }

    /// <summary>What was asked for: the words of the command line but for the key.</summary>
    private static string? Request(Run run) => run.Arguments.GetValue(Key) is not { } key ? null : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
        System.Text.Encoding.UTF8.GetBytes(string.Join('\n', run.Arguments.Tokens.Select(t => t.Value).Where(t => t != key)))))[..32];

    private static Guid NewCommand(Run run)
    {
#pragma warning disable RS0030 // Composition: here a new command gets its id.
        return run.Arguments.GetValue(Key) is { } key
            ? Uuid.V5(new Guid("5d6a6f2b-2f64-5b0e-8f0f-3a1a2f9f5c11"), $"{Environment.UserName}\n{key}")
            : Guid.NewGuid();
#pragma warning restore RS0030
    }

    /// <summary>A parameter of a request, as an option: <c>AnswerBy</c> is <c>--answer-by TIME</c>.</summary>
    private sealed class Parameter
    {
        private readonly ParameterInfo _parameter;
        private readonly Type _type;

        public Parameter(ParameterInfo parameter)
        {
            (_parameter, _type) = (parameter, Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType);
            Option = new($"--{JsonNamingPolicy.KebabCaseLower.ConvertName(parameter.Name!)}")
            {
                Description = parameter.GetCustomAttribute<DescriptionAttribute>()!.Description,
                HelpName = _type.IsEnum ? string.Join('|', Words(_type)) : _type == typeof(DateTimeOffset) ? "TIME" : IsNumber ? "N" : "TEXT",
                Required = !parameter.HasDefaultValue,
                Arity = IsList ? ArgumentArity.OneOrMore : ArgumentArity.ExactlyOne,
            };
            if (_type.IsEnum)
                Option.AcceptOnlyFromAmong([.. Words(_type)]);
        }

        public Option<string[]?> Option { get; }

        private bool IsNumber => _type == typeof(int) || _type == typeof(long);

        private bool IsList => _type == typeof(IReadOnlyList<string>);

        public object? Value(Run run)
        {
            if (run.Arguments.GetValue(Option) is not { Length: > 0 } texts)
                return _parameter.HasDefaultValue ? _parameter.DefaultValue is int number && _type.IsEnum ? Enum.ToObject(_type, number) : _parameter.DefaultValue : null;
            var text = texts[^1];
            return _type switch
            {
                _ when IsList => texts,
                { IsEnum: true } => Enum.Parse(_type, text, ignoreCase: true),
                _ when _type == typeof(DateTimeOffset) => Moments.Parse(text, Option.Name),
                _ when IsNumber => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && (_type == typeof(long) || number is >= int.MinValue and <= int.MaxValue)
                    ? Convert.ChangeType(number, _type, CultureInfo.InvariantCulture)
                    : throw new WrongUseException($"{Option.Name}: '{text}' is not a whole number"),
                _ => text,
            };
        }

        private static IEnumerable<string> Words(Type type) => Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName);
    }
}
