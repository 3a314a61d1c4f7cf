namespace EventDossier.Exports;

/// <summary>One dossier as a case of a process log: what every writer writes and the release gate coarsens. It never holds personal data.</summary>
/// <param name="Key">The dossier's code, or what a release puts in its place.</param>
/// <param name="Events">In the order of the dossier's stream; equal times keep that order in every file.</param>
public sealed record ProcessCase(string Key, IReadOnlyList<ProcessAttribute> Attributes, IReadOnlyList<ProcessEvent> Events);

/// <param name="Key">Unique in the log.</param>
/// <param name="Lifecycle">A transition of XES's standard lifecycle.</param>
/// <param name="At">Legal time.</param>
public sealed record ProcessEvent(string Key, string Activity, string Lifecycle, DateTimeOffset At, IReadOnlyList<ProcessAttribute> Attributes);

/// <param name="Name">Of the data dictionary; an attribute of an imported log keeps its own.</param>
/// <param name="Value">string, long, decimal, bool or DateTimeOffset.</param>
public readonly record struct ProcessAttribute(string Name, object Value);
