using EventDossier.Deadlines;
using EventDossier.Store;

namespace EventDossier.Procedures;

/// <summary>A version of a procedure was published. The versions of one procedure are the versions of its stream.</summary>
/// <param name="OccurredAt">From when dossiers are received under it.</param>
/// <param name="Basis">The decision that it rests on.</param>
public sealed record ProcedurePublished(DateTimeOffset OccurredAt, string Code, string Name, string Agency, Limit Limit, string? Basis);

/// <summary>What may be asked for. A dossier keeps the version that was in force at its receipt.</summary>
public static class Procedure
{
    public const string StreamType = "procedure";

    /// <param name="Number">Of the stream.</param>
    public sealed record Version(ProcedurePublished Published, long Number);

    public static string Stream(string code) => $"/procedure/{code}";

    /// <summary>The version in force at a moment: the latest to have come into force, and of two on one day the later published.</summary>
    public static Version? InForce(IEnumerable<StoredEvent> events, DateTimeOffset at) => events
        .Select(e => new Version((ProcedurePublished)e.Event, e.Version))
        .Where(v => v.Published.OccurredAt <= at)
        .OrderBy(v => v.Published.OccurredAt).ThenBy(v => v.Number)
        .LastOrDefault();
}
