using System.CommandLine;
using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using EventDossier.Applicants;
using EventDossier.Documents;
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
    internal static readonly Option<string?> ReadAs = new("--role") { Description = "As what it is read, for the access log; administrator unless given", HelpName = "ROLE" };
    private static readonly Option<string?> Authority = new("--authority") { Description = "Post or delegation it is done under", HelpName = "TEXT" };
    internal static readonly Option<string?> Key = new("--key") { Description = "Idempotency key: the same key is the same command", HelpName = "KEY" };
    private static readonly Option<string?> At = new("--at") { Description = "Legal time, if not now", HelpName = "TIME" };
    private static readonly Option<string?> ApprovedBy = new("--approved-by") { Description = "Who allows it to be dated back further", HelpName = "NAME" };
    private static readonly Argument<string> Code = new("CODE") { Description = "The dossier" };
    private static readonly Argument<string[]> Codes = new("CODE") { Description = "The dossiers, each answered on its own", Arity = ArgumentArity.OneOrMore };

    static ActVerbs()
    {
        foreach (var role in (Option<string?>[])[Role, ReadAs])
            role.AcceptOnlyFromAmong([.. Dossiers.Role.All]);
    }

    public static IEnumerable<Command> Commands() => Acts.All.Select(kind => kind.Request == typeof(AttachDocument) ? Attach(kind) : Verb(kind));

    /// <summary>The system's user, as one of the roles that may.</summary>
    public static CommandMetadata Who(Guid command, string role, string? authority = null) => new(command, $"os:{Environment.UserName}", role, authority);

    private static Command Verb(Acts.Kind kind)
    {
        var parameters = kind.Constructor.GetParameters().Select(p => new Parameter(p)).ToList();
        return Verb(kind, [.. parameters.SelectMany(p => p.Options)], async (run, _, sealer) =>
        {
            var values = new List<object?>();
            foreach (var parameter in parameters)
                values.Add(await parameter.ValueAsync(run, sealer));
            return kind.Constructor.Invoke([.. values]);
        });
    }

    /// <summary>The document is stored first: nothing ever names a file that is not there.</summary>
    private static Command Attach(Acts.Kind kind)
    {
        var what = new Option<string>("--kind") { Description = "What it is, in the words of the procedure's list", HelpName = "TEXT", Required = true };
        var file = new Option<FileInfo>("--file") { Description = "The document", HelpName = "FILE", Required = true };
        var mediaType = new Option<string>("--media-type") { Description = "Media type", HelpName = "TYPE", DefaultValueFactory = _ => "application/octet-stream" };
        return Verb(kind, [what, file, mediaType], async (run, database, sealer) =>
        {
            await using var stream = run.Arguments.GetValue(file)!.OpenRead();
            var folder = new DocumentFolder(DocumentFolder.FolderIn(Cluster.DataFolder(run.Data), database.IsSample), await sealer.KeysAsync());
            var stored = await folder.StoreAsync(await sealer.ApplicantAsync(run.Cancel), stream, run.Cancel);
            return new AttachDocument(run.Arguments.GetValue(what)!, stored.Sha256, stored.Size, run.Arguments.GetValue(mediaType)!);
        });
    }

    private static Command Verb(Acts.Kind kind, IReadOnlyList<Option> options, Func<Run, Database, Sealer, Task<object>> request)
    {
        var verb = new Command(kind.Rule.Name, kind.Rule.Summary);
        if (!kind.Rule.Begins)
            verb.Add(kind.Rule.InBatches ? Codes : Code);
        foreach (var option in (IEnumerable<Option>)[.. options, At, ApprovedBy, Role, Authority, Key])
            verb.Add(option);
        return verb.Does(async run =>
        {
            await using var open = await OpenDatabase.OfAsync(run);
            if (kind.Rule.InBatches && run.Arguments.GetValue(Codes) is { Length: > 1 } codes)
                return await DoManyAsync(run, kind, codes, await request(run, open.Database, new(open.Database, () => throw new InvalidOperationException("nothing of it is sealed"), null, Guid.Empty)), open);
            var (now, code, command) = (Moments.Now(run), kind.Rule.Begins ? null : kind.Rule.InBatches ? run.Arguments.GetValue(Codes)![0] : run.Arguments.GetValue(Code), NewCommand(run));
            await using var keys = new KeysOnDemand(run, open.Database);
            var act = await request(run, open.Database, new(open.Database, keys.OpenAsync, code, command));
            var result = await kind.DoAsync(new Desk(open.Database), code, act, Context(run, kind, act, command, now), run.Cancel);
            if (result.Refusal is { } refusal)
                return run.Output.Fail(1, refusal.Code, refusal.Reason);
            await open.CatchUpAsync(run.Cancel);
            run.Output.Answer(new { result.Code, result.Version, result.Position }, () => run.Output.Line($"{result.Code} version {result.Version}"));
            return 0;
        });
    }

    private static ActContext Context(Run run, Acts.Kind kind, object act, Guid command, DateTimeOffset now) => new(
        now, Who(command, run.Arguments.GetValue(Role) ?? kind.Rule.By[0], run.Arguments.GetValue(Authority)) with { Request = Request(run, kind, act) },
        Moments.Parse(run, At) ?? now, run.Arguments.GetValue(ApprovedBy));

    /// <summary>The same on each; exit 1 if any refused. Under a key each is a command of its own, so that a call that was cut off is made again as it was.</summary>
    private static async Task<int> DoManyAsync(Run run, Acts.Kind kind, string[] codes, object act, OpenDatabase open)
    {
        var (desk, now) = (new Desk(open.Database), Moments.Now(run));
        var results = await Task.WhenAll(codes.Distinct().Select(code => kind.DoAsync(desk, code, act, Context(run, kind, act, NewCommand(run, code), now), run.Cancel)));
        await open.CatchUpAsync(run.Cancel);
        run.Output.Answer(results.Select(r => new { r.Code, r.Version, r.Position, refusal = r.Refusal }), () =>
        {
            foreach (var result in results)
                run.Output.Line(result.Refusal is { } refusal ? $"{result.Code} {refusal.Code}: {refusal.Reason}" : $"{result.Code} version {result.Version}");
        });
        return results.Any(r => r.Refusal is not null) ? 1 : 0;
    }

    private static string? Request(Run run, Acts.Kind kind, object act) => run.Arguments.GetValue(Key) is null ? null : kind.Fingerprint(
        act, run.Arguments.GetValue(At), run.Arguments.GetValue(ApprovedBy), run.Arguments.GetValue(Role), run.Arguments.GetValue(Authority));

    /// <summary>What was asked for: the words of the command line but for the key.</summary>
    internal static string? Request(Run run) => run.Arguments.GetValue(Key) is not { } key ? null : CommandMetadata.RequestOf([.. run.Arguments.Tokens.Select(t => t.Value).Where(t => t != key)]);

    /// <summary>The system's user, about to read what is personal. Each time is a time of its own.</summary>
    internal static Reader Reader(Run run, string verb, string? reason = null)
    {
#pragma warning disable RS0030 // Composition: here a request gets its id.
        return new(Guid.NewGuid(), $"os:{Environment.UserName}", run.Arguments.GetValue(ReadAs) ?? Dossiers.Role.Administrator, verb, reason);
#pragma warning restore RS0030
    }

    /// <param name="part">Which of several under one key.</param>
    internal static Guid NewCommand(Run run, string? part = null)
    {
#pragma warning disable RS0030 // Composition: here a new command gets its id.
        return run.Arguments.GetValue(Key) is { } key
            ? CommandMetadata.IdOf(Environment.UserName, part is null ? key : $"{key}\n{part}")
            : Guid.NewGuid();
#pragma warning restore RS0030
    }

    /// <summary>A parameter of a request, as an option: <c>AnswerBy</c> is <c>--answer-by TIME</c>; an applicant is five of them.</summary>
    private sealed class Parameter
    {
        private static readonly string[] _ofAnApplicant = ["name", "number", "address", "phone", "mail"];

        private readonly ParameterInfo _parameter;
        private readonly Type _type;
        private readonly bool _isApplicant;

        public Parameter(ParameterInfo parameter)
        {
            (_parameter, _type) = (parameter, Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType);
            _isApplicant = _type == typeof(Sealed) && parameter.Name == "Applicant";
            var (name, description) = ($"--{JsonNamingPolicy.KebabCaseLower.ConvertName(parameter.Name!)}", parameter.GetCustomAttribute<DescriptionAttribute>()!.Description);
            Options = _isApplicant
                ? [.. _ofAnApplicant.Select((part, i) => Make($"{name}-{part}", $"{description}: {part}", required: i == 0 && !parameter.HasDefaultValue))]
                : [Make(name, description, !parameter.HasDefaultValue)];
        }

        public IReadOnlyList<Option<string[]?>> Options { get; }

        private bool IsNumber => _type == typeof(int) || _type == typeof(long);

        private bool IsList => _type == typeof(IReadOnlyList<string>);

        public async Task<object?> ValueAsync(Run run, Sealer sealer)
        {
            if (_isApplicant)
            {
                string? Part(int i) => run.Arguments.GetValue(Options[i]) is [.., var last] ? last : null;
                if (Part(0) is { } name)
                    return await sealer.SealAsync(new Applicant(name) { IdentityNumber = Part(1), Address = Part(2), Phone = Part(3), Mail = Part(4) }, run.Cancel);
                return Enumerable.Range(1, 4).Any(i => Part(i) is not null) ? throw new WrongUseException($"{Options[0].Name} is missing: an applicant has a name") : null;
            }
            if (run.Arguments.GetValue(Options[0]) is not { Length: > 0 } texts)
                return !_parameter.HasDefaultValue ? null : _parameter.DefaultValue is int number && _type.IsEnum ? Enum.ToObject(_type, number) : _parameter.DefaultValue;
            return _type == typeof(Sealed) ? await sealer.SealAsync(texts[^1], run.Cancel) : Value(texts);
        }

        private object Value(string[] texts)
        {
            var text = texts[^1];
            return _type switch
            {
                _ when IsList => texts,
                { IsEnum: true } => Enum.Parse(_type, text, ignoreCase: true),
                _ when _type == typeof(DateTimeOffset) => Moments.Parse(text, Options[0].Name),
                _ when IsNumber => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && (_type == typeof(long) || number is >= int.MinValue and <= int.MaxValue)
                    ? Convert.ChangeType(number, _type, CultureInfo.InvariantCulture)
                    : throw new WrongUseException($"{Options[0].Name}: '{text}' is not a whole number"),
                _ => text,
            };
        }

        private Option<string[]?> Make(string name, string description, bool required)
        {
            var option = new Option<string[]?>(name)
            {
                Description = description,
                HelpName = _type.IsEnum ? string.Join('|', Words(_type)) : _type == typeof(DateTimeOffset) ? "TIME" : IsNumber ? "N" : "TEXT",
                Required = required,
                // One word each; a parameter that is no list takes the last.
                Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false,
            };
            if (_type.IsEnum)
                option.AcceptOnlyFromAmong([.. Words(_type)]);
            return option;
        }

        private static IEnumerable<string> Words(Type type) => Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName);
    }
}
