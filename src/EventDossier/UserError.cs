namespace EventDossier;

/// <summary>Bad input or a refusal that ends a verb with exit code 1 and one line.</summary>
/// <param name="code">Stable, kebab-case, for programs: <c>no-such-dossier</c>.</param>
/// <param name="message">For people: what and where, one line, no full stop.</param>
public sealed class UserError(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
