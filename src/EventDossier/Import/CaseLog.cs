using EventDossier.Deadlines;

namespace EventDossier.Import;

/// <summary>One case of a foreign log, read and mapped, ready to become a dossier.</summary>
/// <param name="Id">The case id as the file has it; it becomes the dossier code.</param>
/// <param name="Place">Where it stands in the file: <c>line 1798</c>, <c>row 2</c>, <c>object PR1</c>.</param>
/// <param name="Facts">What the mapping recognised among the case's attributes.</param>
/// <param name="Attributes">Every other attribute of the case, in the file's order.</param>
/// <param name="Activities">In the file's order, which is the order they are kept in.</param>
/// <param name="Objects">Objects of an object-centric log that belong to the case; empty for the other formats.</param>
public sealed record ImportedCase(
    string Id,
    string Place,
    CaseFacts Facts,
    IReadOnlyList<SourceAttribute> Attributes,
    IReadOnlyList<ImportedActivity> Activities,
    IReadOnlyList<SourceObject> Objects);

/// <summary>Facts of a case that the product has a name for. Times have an offset and whole milliseconds.</summary>
/// <param name="Limit">A time limit as text, e.g. <c>5 days</c>; the due date is then computed, unless <paramref name="PromisedDue"/> is given.</param>
/// <param name="Aliases">Older codes, apart by semicolons.</param>
/// <param name="Used">Working time used, in the older system's words.</param>
public sealed record CaseFacts(
    DateTimeOffset? ReceivedAt = null,
    DateTimeOffset? PromisedDue = null,
    DateTimeOffset? PlannedEnd = null,
    DateTimeOffset? FinishedAt = null,
    string? Channel = null,
    string? Agency = null,
    string? Unit = null,
    string? Officer = null,
    string? Procedure = null,
    string? Limit = null,
    string? Aliases = null,
    string? Used = null)
{
    /// <summary>Null where the mapping names no activities that let the clock stand.</summary>
    public IReadOnlyList<Pause>? Pauses { get; init; }
}

/// <param name="Transition">XES lifecycle transition, as the file has it.</param>
/// <param name="Instance">XES concept:instance, or the event's id in an OCEL.</param>
public sealed record ImportedActivity(
    string Name,
    DateTimeOffset At,
    string? Transition,
    string? Instance,
    string? Resource,
    string? Group,
    IReadOnlyList<SourceAttribute> Attributes,
    IReadOnlyList<SourceRelation> Relations,
    string Place);

/// <summary>An attribute as its file spells it: no number is rounded, no date reformatted.</summary>
/// <param name="Type">string, date, int, float, boolean, id, list or container.</param>
/// <param name="Value">The spelling in the file; null for a list or container without a value.</param>
/// <param name="At">When the value began to hold, for an attribute of an OCEL object.</param>
public sealed record SourceAttribute(
    string Key, string Type, string? Value, IReadOnlyList<SourceAttribute>? Children = null, string? At = null);

/// <summary>An object of an OCEL.</summary>
public sealed record SourceObject(
    string Id, string Type, IReadOnlyList<SourceAttribute> Attributes, IReadOnlyList<SourceRelation> Relations);

public sealed record SourceRelation(string ObjectId, string Qualifier);

/// <summary>
/// Something wrong in a file. <paramref name="CaseId"/> is null where no case can be blamed: then nothing can be skipped. It is empty where what is left
/// out has no id of its own: a trace without a name, an event of an OCEL that reaches no case. It is made printable, so it may differ from the file's.
/// </summary>
/// <param name="Place"><c>line 12</c>, <c>line 12, column 7</c>, <c>row 3, column time:timestamp</c>, <c>table event</c>.</param>
public sealed record Fault(string Place, string? CaseId, string Reason);
