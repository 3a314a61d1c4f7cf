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
    string Key, IReadOnlyList<ProcessAttribute> Attributes, IReadOnlyList<ProcessEvent> Events);

/// <param name="Key">The case's and the event's number in it, from 1: <c>H49.12-260424-0001/3</c>.</param>
/// <param name="Activity">A step's own name, else the stored name of the event.</param>
/// <param name="Lifecycle">A transition of XES's standard lifecycle.</param>
/// <param name="At">Legal time.</param>
/// <param name="Attributes">In the order of <see cref="DataDictionary.OfEvents"/>.</param>
public sealed record ProcessEvent(
    string Key, string Activity, string Lifecycle, DateTimeOffset At, IReadOnlyList<ProcessAttribute> Attributes);

/// <param name="Name">Of <see cref="DataDictionary"/>; writers know no other.</param>
/// <param name="Value">string, long, decimal, bool or DateTimeOffset.</param>
public readonly record struct ProcessAttribute(string Name, object Value);
