using System.Text.Json.Serialization;
using EventDossier.Deadlines;
using EventDossier.Store;

namespace EventDossier.Procedures;

/// <summary>A version of a procedure was published. The versions of one procedure are the versions of its stream.</summary>
/// <param name="OccurredAt">From when dossiers are received under it.</param>
/// <param name="Agency">Competent for it.</param>
/// <param name="Limit">The committed one, which the centre promises and which binds.</param>
/// <param name="Basis">The decision that the committed limit rests on.</param>
public sealed record ProcedurePublished(DateTimeOffset OccurredAt, string Code, string Name, string Agency, Limit Limit, string? Basis)
{
    /// <summary>What the general rule allows.</summary>
    public Limit? GeneralLimit { get; init; }

    public string? GeneralBasis { get; init; }

    /// <summary>Absent in JSON for <see cref="SupplementRule.Pause"/>, as in events from before there was a choice.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public SupplementRule SupplementRule { get; init; }

    public IReadOnlyList<ProcedureStep>? Steps { get; init; }

    public IReadOnlyList<string>? Documents { get; init; }

    /// <summary>In đồng. Null: not known, or not one figure.</summary>
    public long? Fee { get; init; }

    public ServiceGrade? Grade { get; init; }

    /// <summary>How a dossier may come in; null: in every way.</summary>
    public IReadOnlyList<string>? Channels { get; init; }

    /// <summary>Whether its dossiers go into the public log.</summary>
    public bool? Publishable { get; init; }

    /// <summary>How long the file is kept after the result was returned.</summary>
    public int? RetentionYears { get; init; }

    /// <summary>Which stages lie with other systems; null: all are ours.</summary>
    public Owners? Owners { get; init; }
}

/// <summary>
/// The systems, by name, in which stages of a dossier are decided: of a ministry, of the tax authority, of the police.
/// Such a stage is tracked here and not decided again. Null: it is ours.
/// </summary>
/// <param name="Intake">Until it is received or refused.</param>
/// <param name="Handling">From receipt to decision.</param>
/// <param name="Return">From decision to returned result.</param>
public sealed record Owners(string? Intake = null, string? Handling = null, string? Return = null)
{
    public string? Of(OwnedStage stage) => stage switch
    {
        OwnedStage.Intake => Intake, OwnedStage.Handling => Handling, _ => Return,
    };
}

/// <summary>The parts of a dossier's life that can lie with different systems.</summary>
public enum OwnedStage { Intake, Handling, Return }

/// <param name="Unit">Who does it, if not the competent agency.</param>
/// <param name="BudgetHours">Working hours. A budget of the house: the steps' sum never replaces the limit.</param>
public sealed record ProcedureStep(string Name, string? Unit, int BudgetHours);

/// <summary>How much of it can be done online.</summary>
public enum ServiceGrade
{
    /// <summary>All of it: nobody needs to come (toàn trình).</summary>
    Full,

    /// <summary>A part (một phần).</summary>
    Partial,

    /// <summary>One can read about it.</summary>
    Information,
}

/// <summary>What may be asked for. A dossier keeps the version that was in force at its receipt.</summary>
public static class Procedure
{
    public const string StreamType = "procedure";
    public const string StreamPrefix = "/procedure/";

    /// <param name="Number">Of the stream.</param>
    public sealed record Version(ProcedurePublished Published, long Number);

    public static string Stream(string code) => StreamPrefix + code;

    /// <summary>The version in force at a moment: the latest to have come into force, and of two on one day the later published.</summary>
    public static Version? InForce(IEnumerable<StoredEvent> events, DateTimeOffset at) => InForce(Versions(events), at);

    public static Version? InForce(IEnumerable<Version> versions, DateTimeOffset at) => versions
        .Where(v => v.Published.OccurredAt <= at)
        .OrderBy(v => v.Published.OccurredAt).ThenBy(v => v.Number)
        .LastOrDefault();

    public static IEnumerable<Version> Versions(IEnumerable<StoredEvent> events) => events.Select(e => new Version((ProcedurePublished)e.Event, e.Version));
}
