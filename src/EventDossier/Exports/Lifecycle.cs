namespace EventDossier.Exports;

/// <summary>The transitions of the standard lifecycle of IEEE 1849; tools leave out what they don't know.</summary>
public static class Lifecycle
{
    public const string Start = "start", Complete = "complete", Unknown = "unknown";

    public static IReadOnlyList<string> All { get; } =
    [
        "schedule", "assign", "withdraw", "reassign", Start, "suspend", "resume", "pi_abort", "ate_abort", Complete,
        "autoskip", "manualskip", Unknown,
    ];

    /// <summary>As an older system spelled it; none means complete.</summary>
    public static string Of(string? transition) => transition is null ? Complete
        : All.FirstOrDefault(known => known.Equals(transition, StringComparison.OrdinalIgnoreCase)) ?? Unknown;
}
