namespace EventDossier.Exports;

/// <summary>
/// One dossier as a case of a process log: what every writer writes and the release gate coarsens. It never holds
/// personal data, that of the staff included.
/// </summary>
/// <param name="Key">The dossier's code, or what a release puts in its place.</param>
/// <param name="Attributes">In the order of <see cref="DataDictionary.OfCases"/>.</param>
/// <param name="Events">By legal time; of equal times, in the order of the dossier's stream, which every file
/// keeps.</param>
public sealed record ProcessCase(
    string Key, IReadOnlyList<ProcessAttribute> Attributes, IReadOnlyList<ProcessEvent> Events)
{
    /// <summary>They were made of one another and differ in their keys alone: a writer need spell but one of
    /// them.</summary>
    internal bool IsTwinOf(ProcessCase? other) =>
        ReferenceEquals(Attributes, other?.Attributes) && ReferenceEquals(Events, other?.Events);
}

/// <summary>Files that ask for its key have the case's and its number there, from 1:
/// <c>H49.12-260424-0001/3</c>.</summary>
/// <param name="Activity">A step's own name, else the stored name of the event.</param>
/// <param name="Lifecycle">A transition of XES's standard lifecycle.</param>
/// <param name="At">Legal time.</param>
/// <param name="Attributes">In the order of <see cref="DataDictionary.OfEvents"/>.</param>
public sealed record ProcessEvent(
    string Activity, string Lifecycle, DateTimeOffset At, IReadOnlyList<ProcessAttribute> Attributes);

/// <param name="Name">Of <see cref="DataDictionary"/>; writers know no other.</param>
/// <param name="Value">string, long, decimal, bool or DateTimeOffset.</param>
public readonly record struct ProcessAttribute(string Name, object Value);
