namespace EventDossier.Web.Pages;

/// <summary>How a field is asked for.</summary>
public enum FieldShape { Text, Lines, Number, Date, Moment, Choice, File, Hidden }

/// <param name="Name">As the act's body has it.</param>
/// <param name="Choices">Of a choice all there are; else suggestions.</param>
public sealed record FormField(string Name, string Label, FieldShape Shape, bool Required, IReadOnlyList<(string Value, string Text)> Choices)
{
    /// <summary>Seldom wanted: it is folded away.</summary>
    public bool Beside { get; init; }

    /// <summary>Where the keyboard begins.</summary>
    public bool Focus { get; init; }
}

/// <summary>A form with what was entered and what came of it.</summary>
/// <param name="Act">Name of the act, or of what else is asked for.</param>
/// <param name="Action">Where it is sent.</param>
/// <param name="Version">Of the dossier as the visitor saw it; null where there is none yet.</param>
/// <param name="Key">Of idempotency; null for a new one.</param>
public sealed record FormModel(string Act, string Action, long? Version, string? Key, IReadOnlyList<FormField> Fields)
{
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();

    /// <summary>What was wrong, by the name of the field.</summary>
    public IReadOnlyDictionary<string, string> Faults { get; init; } = new Dictionary<string, string>();

    /// <summary>What was wrong with all of it.</summary>
    public string? Fault { get; init; }

    /// <summary>What others did meanwhile.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];
}
