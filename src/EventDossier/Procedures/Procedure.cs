using EventDossier.Deadlines;
using EventDossier.Store;

namespace EventDossier.Procedures;

/// <summary>A version of a procedure was published. The versions of one procedure are the versions of its stream.</summary>
/// <param name="OccurredAt">From when dossiers are received under it.</param>
/// <param name="Basis">The decision that it rests on.</param>
public sealed record ProcedurePublished(DateTimeOffset OccurredAt, string Code, string Name, string Agency, Limit Limit, string? Basis);

/// <summary>A procedure: every version that was published, by the moment from which it holds.</summary>
public static class Procedure
{
    public const string StreamType = "procedure";

    public static string Stream(string code) => $"/procedure/{code}";

    /// <summary>The version in force at a moment and its number, or null before the first.</summary>
    public static (ProcedurePublished Published, long Version)? InForce(IEnumerable<StoredEvent> events, DateTimeOffset at) =>
        events.Select(e => ((ProcedurePublished)e.Event, e.Version))
            .Where(v => v.Item1.OccurredAt <= at)
            .OrderBy(v => v.Item1.OccurredAt).ThenBy(v => v.Version)
            .Select(v => ((ProcedurePublished, long)?)v)
            .LastOrDefault();
}
